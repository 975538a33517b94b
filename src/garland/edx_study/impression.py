"""What the tables say together: a summary of what is abnormal, and where that points.

The words come from the tables alone, as from a reader who was told nothing of the patient. They name places
and patterns, never a cause: causes are weighed by a consult, which knows how common they are. Each side is
read for itself, muscle by muscle, and what the tables do not tell apart is left open: a wrong word on site,
side or process is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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
    return _few(row) or _grown(row)


def _few(row: NeedleRow) -> bool:
    """Return whether too few units are called."""
    return row.recruitment.weight > 0 and row.recruitment.word != "early"


def _grown(row: NeedleRow) -> bool:
    """Return whether units are large or long."""
    return "high" in (row.amplitude_uv.mark, row.duration_ms.mark)


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
    few = [_where(row) for row in rows if _few(row)]
    large = [_where(row) for row in rows if _grown(row)]
    small = [_where(row) for row in rows if _myopathic(row)]
    said = [f"reduced recruitment in {_listed(few)}"] if few else []
    said += [f"large or long units in {_listed(large)}"] if large else []
    said += [f"small or short units, or early recruitment, in {_listed(small)}"] if small else []
    if not said:
        return "Motor units: within limits." if rows else ""
    return f"Motor units: {'; '.join(said)}."


@dataclass(frozen=True)
class _Reading:
    """What the tables say of one side, or of the whole person; empty words where they say nothing.

    Attributes
    ----------
    side : str
        ``left``, ``right`` or ``both``.
    site : str
        ``root``, ``plexus``, ``roots and plexus``, ``nerve``, ``beyond the ganglion``, ``neurons``,
        ``polyneuropathy`` or ``muscle``.
    process : tuple of str
        ``axonal``, ``demyelinating``, ``block`` or ``muscle``, as far as they are shown.
    age : str
        ``fresh``, ``going on`` or ``old``.
    words : str
        All of it as a sentence.
    """

    side: str
    site: str
    process: tuple[str, ...]
    age: str
    words: str


def _impression(tables: _Tables) -> tuple[str, ...]:
    """Return where the pattern points, and what speaks against, in words."""
    lines = tuple(reading.words for reading in _readings(tables))
    return lines or ("No abnormality beyond what one healthy person in thirty shows in any one measure.",)


def _readings(tables: _Tables) -> list[_Reading]:
    """Return what the tables say: first of the whole person, then of each side."""
    general = _demyelinating(tables) or _myopathic_pattern(tables) or _diffuse(tables)
    if general is not None:
        return [general]
    found = [reading for side in ("left", "right") if (reading := _of_side(tables, side)) is not None]
    if len({one.words.replace(one.side, "") for one in found}) < len(found):
        return [replace(found[0], side="both", words=found[0].words.replace("On the left", "On both sides"))]
    return found


def _telling(row: SensoryRow, tables: _Tables) -> bool:
    """Return whether a low response says anything: one that many healthy people lack must differ by side."""
    if part("recordings/reference_limits").group(row.study).value("absent_in_health") < _OFTEN_LACKING:
        return True
    other = [one for one in tables.sensory if one.study == row.study and one.side != row.side]
    return not other or any(not one.amplitude_uv.mark for one in other)


def _demyelinating(tables: _Tables) -> _Reading | None:
    """Return the reading of nerves slowed more than loss of axons explains, away from narrow places."""
    nerves = {
        row.study
        for row in tables.motor
        if not _narrow(row) and (row.velocity_m_s.weight >= 2 or row.latency_ms.weight >= 3)
    }
    blocked = any(row.drop_percent.weight >= 2 and not _narrow(row) for row in tables.motor)
    if len(nerves) < 2:
        return None
    lost = [row for row in tables.needle if _active(row)]
    process = ("demyelinating", *(("axonal",) if len(lost) > 1 else ()))
    words = f"Conduction is slowed far beyond what loss of axons explains in {len(nerves)} motor nerves"
    if blocked:
        words += ", and amplitude falls between points of stimulation: block or dispersion"
    words += ": a demyelinating polyneuropathy"
    words += "; muscles at rest show loss of axons too." if len(lost) > 1 else "."
    return _Reading("both", "polyneuropathy", process, "", words)


def _narrow(row: MotorRow) -> bool:
    """Return whether this stretch crosses a place where healthy and diabetic nerves are often slow."""
    return any(row.study.startswith(nerve) and row.point == point for nerve, point in _NARROW)


def _myopathic_pattern(tables: _Tables) -> _Reading | None:
    small = [row for row in tables.needle if _myopathic(row) and not _chronic(row)]
    chronic = [row for row in tables.needle if _chronic(row)]
    if len(small) < _SOME or len(small) <= 2 * len(chronic):
        return None
    fresh = [row for row in small if _active(row)]
    irritable = ", with fibrillation" if fresh else ""
    words = (
        f"Units are small or short, or called early, in {len(small)} muscles{irritable}: disease of muscle."
    )
    return _Reading("both", "muscle", ("muscle",), "", words)


def _diffuse(tables: _Tables) -> _Reading | None:
    """Return the reading of long nerves on both sides, or of motor neurons in several regions."""
    sick = [row for side in ("left", "right") for row in _sick_of(tables, side)]
    low = [row for row in tables.sensory if row.amplitude_uv.mark in ("low", "absent")]
    spared = [row for row in tables.sensory if not row.amplitude_uv.mark]
    regions = {_region(row) for row in sick}
    if len(regions) >= 2 and {row.side for row in sick} == {"left", "right"} and spared and not low:
        words = "Motor axons are lost in several regions on both sides and sensory responses are spared: "
        return _Reading("both", "neurons", ("axonal",), _age(sick), words + "motor neurons, or many roots.")
    both = {row.study for row in low if row.side == "left"} & {
        row.study for row in low if row.side == "right"
    }
    legs = [row for row in sick if row.muscle in _DISTAL_LEG]
    if both & _LONGEST and len(legs) >= _MOSTLY * len(sick):
        many = "Sensory responses of the feet are low on both sides"
        muscles = " and muscles below the knee have lost axons" if sick else " and muscles are spared"
        return _Reading(
            "both", "polyneuropathy", ("axonal",), _age(sick), f"{many}{muscles}: an axonal polyneuropathy."
        )
    return None


def _of_side(tables: _Tables, side: str) -> _Reading | None:
    """Return the reading of one side."""
    own = [row for row in tables.needle if row.side == side]
    sick = _sick_of(tables, side)
    low = [
        row
        for row in tables.sensory
        if row.side == side
        and row.amplitude_uv.weight >= _CLEAR
        and row.amplitude_uv.mark in ("low", "absent")
        and _telling(row, tables)
    ]
    if not sick:
        few = [row for row in own if _few(row) and row.recruitment.weight >= _CLEAR]
        return _sensory_only(low, side) if low else _unexplained(few, tables, side)
    site, where = _site(sick, own, low, tables)
    nerves = {row.nerve for row in sick if row.nerve != "dorsal-ramus"}
    through = f", through {_nerves(nerves)}" if nerves else ""
    roots = _listed(_roots([row for row in sick if row.nerve != "dorsal-ramus"] or sick))
    words = f"On the {side} axons are lost to muscles of {roots}{through}; {where}. {_AGES[_age(sick)]}"
    return _Reading(side, site, ("axonal",), _age(sick), words.strip())


def _sick_of(tables: _Tables, side: str) -> list[NeedleRow]:
    """Return the muscles of a side that have lost axons.

    Of fifty measures in health one or two lie beyond their limit: a muscle of which one thing is mildly odd
    counts where its neighbours are sick as well.
    """
    own = [row for row in tables.needle if row.side == side and _neurogenic(row)]
    return [row for row in own if _clear(row) or sum(_share_roots([row], [one]) for one in own) > _SOME]


def _clear(row: NeedleRow) -> bool:
    """Return whether a muscle is surely sick: much spontaneous activity, or some and too few units."""
    return max(row.fibrillations.weight, row.positive_waves.weight) >= _CLEAR or _few(row)


def _neurogenic(row: NeedleRow) -> bool:
    """Return whether a muscle has lost axons: it is silent in block, whatever recruitment says."""
    return _active(row) or (_few(row) and row.amplitude_uv.mark == row.duration_ms.mark == "high")


def _region(row: NeedleRow) -> str:
    """Return the region of the body that a muscle lies in."""
    if row.muscle == "paraspinal-thoracic":
        return "trunk"
    return next((name for name in ("arm", "bulbar-muscles") if row.muscle in _A.groups[name]), "leg")


def _site(
    sick: Sequence[NeedleRow], own: Sequence[NeedleRow], low: Sequence[SensoryRow], tables: _Tables
) -> tuple[str, str]:
    """Return which of root, plexus and nerve fits the muscles, the paraspinals and the SNAPs of a side."""
    limb = [row for row in sick if row.nerve != "dorsal-ramus"]
    back = [row for row in own if row.nerve == "dorsal-ramus"]
    paraspinal = [row for row in sick if row.nerve == "dorsal-ramus"]
    trunk = _trunk({row.nerve for row in limb})
    side = own[0].side
    spared = [row for row in tables.sensory if row.side == side and not row.amplitude_uv.mark]
    if not limb:
        return "", "paraspinal muscles alone: roots, dorsal rami, or what diabetes does"
    many = len(limb) > 1
    if paraspinal and low:
        said = "paraspinals and sensory responses are both involved: roots"
        return ("roots and plexus" if many else ""), f"{said} with plexus or nerves"
    if paraspinal and spared:
        said = "paraspinals are involved and sensory responses are spared: roots"
        if not _roots_in_common(limb):
            return "", f"{said}, motor neurons or muscle"
        return ("root" if many else ""), f"{said}, or motor neurons"
    if paraspinal:
        return "", "paraspinals are involved: roots at least; no sensory response was measured"
    others = [row for row in own if row.nerve != "dorsal-ramus" and _trunk({row.nerve, trunk}) != trunk]
    beside = [row for row in others if not _neurogenic(row)]
    if trunk and many and beside and _share_roots(limb, beside):
        return (
            "nerve",
            f"muscles of the same roots by other nerves are spared: a lesion of {_nerves({trunk})}",
        )
    if not trunk and low and back:
        return "plexus", "paraspinals are spared and sensory responses low: plexus, or several nerves"
    return "", "roots, plexus and nerves are not told apart"


def _trunk(nerves: set[str]) -> str:
    """Return the smallest nerve that all these belong to; empty where they have none in common."""
    if len(nerves) == 1:
        return next(iter(nerves))
    return next((trunk for trunk, branches in _BRANCHES.items() if nerves <= branches | {trunk}), "")


def _roots_in_common(limb: Sequence[NeedleRow]) -> set[str]:
    """Return the roots that all sick muscles have."""
    return set.intersection(*({*row.roots.split()} for row in limb))


def _share_roots(some: Sequence[NeedleRow], others: Sequence[NeedleRow]) -> bool:
    """Return whether spared muscles have a root in common with the sick ones."""
    return bool(
        {root for row in some for root in row.roots.split()}
        & {root for row in others for root in row.roots.split()}
    )


def _age(sick: Sequence[NeedleRow]) -> str:
    """Return how old the loss is; one large unit or one muscle dates nothing."""
    fresh = [row for row in sick if _active(row)]
    grown = [row for row in sick if _grown(row)]
    if len(fresh) >= 2 and len(grown) >= 2:
        return "going on"
    if len(fresh) >= 2 and not grown:
        return "fresh"
    if len(grown) >= 2 and not fresh:
        return "old"
    return ""


def _unexplained(few: Sequence[NeedleRow], tables: _Tables, side: str) -> _Reading | None:
    """Return the reading of muscles in which few units are called though no axon loss shows."""
    if not few:
        return None
    names = _listed(row.label for row in few)
    fall = [row for row in tables.motor if row.side == side and row.drop_percent.weight >= _CLEAR]
    nerves = {row.study.partition("-")[0] for row in fall}
    if fall and all(any(nerve in row.nerve for nerve in nerves) for row in few):
        where = _listed(dict.fromkeys(row.label for row in fall))
        words = f"On the {side} few units are called in {names} and amplitude falls along {where}: block."
        return _Reading(side, "nerve", ("block",), "", words)
    words = f"On the {side} few units are called in {names} and nothing fibrillates: early, block, or effort."
    return _Reading(side, "", (), "", words)


def _roots(rows: Sequence[NeedleRow]) -> list[str]:
    """Return the span of roots of some muscles, region by region: a leg is not joined to an arm."""
    named = {root.upper() for row in rows for root in row.roots.split()}
    spans = []
    for letters in ("CT", "LS"):
        own = [root.upper() for root in _A.segments if root.upper() in named and root[:1].upper() in letters]
        if own:
            spans.append(own[0] if len(own) == 1 else f"{own[0]} to {own[-1]}")
    return spans or ["the head"]


def _nerves(nerves: set[str]) -> str:
    said = sorted(name.replace("-", " ") for name in nerves)
    return f"the {said[0]} nerve" if len(said) == 1 else f"{len(said)} nerves ({', '.join(said)})"


def _sensory_only(low: Sequence[SensoryRow], side: str) -> _Reading:
    where = _listed(row.label for row in low)
    words = f"On the {side} sensory responses alone are low ({where}): a lesion beyond the ganglion."
    return _Reading(side, "beyond the ganglion", ("axonal",), "", words)


_SOME = 3
"""Muscles that make a pattern."""
_CLEAR, _MOSTLY = 2, 0.8
"""Weight of a cell from which it is no accident [-]; share of sick muscles that makes a rule [0..1]."""
_FIBULAR = {"deep-fibular", "superficial-fibular"}
_BRANCHES = {
    "common-fibular": _FIBULAR,
    "sciatic": {*_FIBULAR, "common-fibular", "tibial", "sciatic-fibular", "sciatic-tibial"},
}
_NARROW = (("fibular", "popliteal"), ("ulnar", "above-elbow"), ("median", "wrist"))
_LONGEST = {"sural", "superficial-fibular", "medial-plantar"}
_DISTAL_LEG = frozenset(_A.groups["distal-leg"])
_AGES = {
    "": "",
    "fresh": "Denervation without enlarged units: weeks to a few months old, or too severe to be made good.",
    "going on": "Denervation goes on, and surviving units have grown: many weeks to many months old.",
    "old": "Enlarged units without denervation at rest: an old lesion, made good.",
}
