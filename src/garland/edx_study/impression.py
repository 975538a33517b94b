"""What the tables say together: a summary of what is abnormal, and where that points.

The words come from the tables alone, as from a reader who was told nothing of the patient. They name places
and patterns, never a cause: causes are weighed by a consult, which knows how common they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from garland.anatomy.tree import load
from garland.edx_study.records import Cell, FRow, HRow, MotorRow, NeedleRow, SensoryRow
from garland.evidence import part

_A = load()
_OFTEN_LACKING = 0.08
"""Share of healthy people without a response from which its absence on both sides says nothing [0..1]."""
Row = MotorRow | SensoryRow | FRow | HRow | NeedleRow


@dataclass(frozen=True)
class _Tables:
    """The tables of a study that words are drawn from."""

    motor: tuple[MotorRow, ...] = ()
    sensory: tuple[SensoryRow, ...] = ()
    f_waves: tuple[FRow, ...] = ()
    h_reflexes: tuple[HRow, ...] = ()
    needle: tuple[NeedleRow, ...] = ()


def _active(row: NeedleRow) -> bool:
    """Return whether a muscle shows denervation now."""
    return bool(row.fibrillations.weight or row.positive_waves.weight)


def _chronic(row: NeedleRow) -> bool:
    """Return whether motor units are lost or enlarged."""
    lost = row.recruitment.weight and row.recruitment.word != "early"
    return bool(lost or "high" in (row.amplitude_uv.mark, row.duration_ms.mark))


def _myopathic(row: NeedleRow) -> bool:
    """Return whether units are small, short or called early."""
    return row.recruitment.word == "early" or "low" in (row.amplitude_uv.mark, row.duration_ms.mark)


def _summary(tables: _Tables) -> tuple[str, ...]:
    """Return what is abnormal, kind by kind, in words."""
    lines = [
        _shown_of("Sensory responses", [(_where(row), row.amplitude_uv) for row in tables.sensory]),
        _shown_of("Motor responses", [(_where(row), row.amplitude_mv) for row in _distal(tables.motor)]),
        _slow(tables),
        _late(tables),
        _denervation(tables.needle),
        _units(tables.needle),
    ]
    return tuple(line for line in lines if line)


def _where(row: Row) -> str:
    return f"{row.side} {row.label}"


def _distal(rows: Sequence[MotorRow]) -> list[MotorRow]:
    seen: dict[tuple[str, str], MotorRow] = {}
    for row in rows:
        seen.setdefault((row.study, row.side), row)
    return list(seen.values())


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} and {every[-1]}"


def _shown_of(what: str, cells: list[tuple[str, Cell]]) -> str:
    if not cells:
        return ""
    absent = [name for name, cell in cells if cell.mark == "absent"]
    low = [name for name, cell in cells if cell.mark == "low"]
    said = [f"absent: {_listed(absent)}"] if absent else []
    said += [f"low: {_listed(low)}"] if low else []
    if not said:
        return f"{what}: within limits in all {len(cells)} studies."
    return f"{what}: {'; '.join(said)}."


def _slow(tables: _Tables) -> str:
    rows: list[MotorRow | SensoryRow] = [*_distal(tables.motor), *tables.sensory]
    every: list[MotorRow | SensoryRow] = [*tables.motor, *tables.sensory]
    late = [_where(row) for row in rows if _time(row).mark == "high"]
    slow = list(dict.fromkeys(_where(row) for row in every if row.velocity_m_s.mark == "low"))
    fall = list(dict.fromkeys(_where(row) for row in tables.motor if row.drop_percent.mark))
    said = [f"long distal latency: {_listed(late)}"] if late else []
    said += [f"slow: {_listed(slow)}"] if slow else []
    said += [f"fall of amplitude between points of stimulation: {_listed(fall)}"] if fall else []
    return f"Latency and velocity: {'; '.join(said)}." if said else ""


def _time(row: MotorRow | SensoryRow) -> Cell:
    return row.latency_ms if isinstance(row, MotorRow) else row.onset_ms


def _late(tables: _Tables) -> str:
    cells: list[tuple[FRow | HRow, Cell]] = [(row, row.shortest_ms) for row in tables.f_waves]
    cells += [(row, row.latency_ms) for row in tables.h_reflexes]
    odd = [
        f"{_where(row)} {'absent' if cell.mark == 'absent' else 'late'}" for row, cell in cells if cell.mark
    ]
    if not odd:
        return "Late responses: within limits." if tables.f_waves or tables.h_reflexes else ""
    return f"Late responses: {_listed(odd)}."


def _denervation(rows: Sequence[NeedleRow]) -> str:
    if not rows:
        return ""
    there = [f"{row.side} {row.label} ({row.fibrillations.word})" for row in rows if _active(row)]
    if not there:
        return f"Needle at rest: no fibrillations or positive waves in {len(rows)} muscles."
    return f"Needle at rest: fibrillations or positive waves in {_listed(there)}."


def _units(rows: Sequence[NeedleRow]) -> str:
    few = [_where(row) for row in rows if row.recruitment.weight and row.recruitment.word != "early"]
    large = [_where(row) for row in rows if "high" in (row.amplitude_uv.mark, row.duration_ms.mark)]
    small = [_where(row) for row in rows if _myopathic(row)]
    said = [f"reduced recruitment in {_listed(few)}"] if few else []
    said += [f"large or long units in {_listed(large)}"] if large else []
    said += [f"small or short units, or early recruitment, in {_listed(small)}"] if small else []
    if not said:
        return "Motor units: within limits." if rows else ""
    return f"Motor units: {'; '.join(said)}."


def _impression(tables: _Tables) -> tuple[str, ...]:
    """Return where the pattern points, and what speaks against, in words."""
    sick = [row for row in tables.needle if _active(row) or _chronic(row)]
    small = [row for row in tables.needle if _myopathic(row) and not _chronic(row)]
    low = [
        row for row in tables.sensory if row.amplitude_uv.mark in ("low", "absent") and _telling(row, tables)
    ]
    lines = [*_demyelinating(tables)]
    if small and len(small) > len([row for row in sick if _chronic(row)]):
        lines.append("Motor units are small or short in more muscles than are neurogenic: myopathic pattern.")
    elif sick:
        lines += [_place(sick, low, tables), *_time_of(sick)]
    elif low:
        lines.append(_sensory_only(low))
    if not lines:
        return ("No abnormality beyond what one healthy person in thirty shows in any one measure.",)
    return tuple(line for line in lines if line)


def _telling(row: SensoryRow, tables: _Tables) -> bool:
    """Return whether a low response says anything: one that many healthy people lack must differ by side."""
    if part("recordings/reference_limits").group(row.study).value("absent_in_health") < _OFTEN_LACKING:
        return True
    other = [one for one in tables.sensory if one.study == row.study and one.side != row.side]
    return not other or any(not one.amplitude_uv.mark for one in other)


def _demyelinating(tables: _Tables) -> list[str]:
    far = [row for row in tables.motor if row.velocity_m_s.weight >= 2 or row.latency_ms.weight >= 3]
    nerves = {row.study for row in far}
    if len(nerves) < 2:
        return []
    return [f"Conduction is slowed far beyond what loss of axons explains in {len(nerves)} motor nerves."]


def _place(sick: Sequence[NeedleRow], low: Sequence[SensoryRow], tables: _Tables) -> str:
    """Return which of root, plexus and nerve fits the muscles, the paraspinals and the SNAPs."""
    limb = [row for row in sick if row.nerve != "dorsal-ramus"]
    paraspinal = [row for row in sick if row.nerve == "dorsal-ramus" and _active(row)]
    nerves = {row.nerve for row in limb}
    sides = sorted({row.side for row in sick})
    both = " on both sides" if len(sides) == 2 else f" on the {sides[0]}"
    spared = [row for row in tables.sensory if not row.amplitude_uv.mark]
    if not limb:
        return f"Paraspinal denervation alone{both}: a lesion of roots or of dorsal rami, or diabetes."
    where = f"Axons are lost to muscles of {_listed(_roots(limb))}{both}, through {_nerves(nerves)}"
    if len(nerves) == 1 and not paraspinal:
        beside = "with" if low else "without"
        return f"{where}, {beside} loss of sensory responses, paraspinals spared: a lesion of that nerve."
    if paraspinal and low:
        return (
            f"{where}; paraspinals and sensory responses both involved: roots with plexus or nerves together."
        )
    if paraspinal:
        spared_too = " and sensory responses are spared" if spared else ""
        return f"{where}; paraspinals are involved{spared_too}: roots, or motor neurons."
    if low:
        return f"{where}; paraspinals spared, sensory responses low: plexus, or several nerves."
    return f"{where}; paraspinals and sensory responses spared: roots, plexus, motor neurons not told apart."


def _roots(rows: Sequence[NeedleRow]) -> list[str]:
    named = {root for row in rows for root in row.roots.split()}
    ordered = [root.upper() for root in _A.segments if root.upper() in named]
    return [ordered[0]] if len(ordered) == 1 else [f"{ordered[0]} to {ordered[-1]}"]


def _nerves(nerves: set[str]) -> str:
    said = sorted(name.replace("-", " ") for name in nerves)
    return f"the {said[0]} nerve" if len(said) == 1 else f"{len(said)} nerves ({', '.join(said)})"


def _time_of(sick: Sequence[NeedleRow]) -> list[str]:
    fresh, old = (
        any(_active(row) for row in sick),
        any("high" in (r.amplitude_uv.mark, r.duration_ms.mark) for r in sick),
    )
    if fresh and old:
        return ["Denervation goes on, and surviving units have grown: weeks to many months old."]
    if fresh:
        return [
            "Denervation without enlarged units: weeks to a few months old, or too severe to be made good."
        ]
    if old:
        return ["Enlarged units without denervation at rest: an old lesion, made good."]
    return ["Few units are called and nothing fibrillates: early loss, block, or little effort."]


def _sensory_only(low: Sequence[SensoryRow]) -> str:
    both = {row.study for row in low if row.side == "left"} & {
        row.study for row in low if row.side == "right"
    }
    if both:
        return "Sensory responses are low on both sides and muscles are spared: a sensory polyneuropathy."
    where = _listed(_where(row) for row in low)
    return f"Sensory responses alone are low ({where}): a lesion beyond the ganglion."
