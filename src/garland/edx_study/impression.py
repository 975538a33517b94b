"""What the tables say together: a summary of what is abnormal, and where that points, in words."""

from __future__ import annotations

from collections.abc import Sequence

from garland.edx_study.readings import (
    _active,
    _distal,
    _few,
    _grown,
    _listed,
    _myopathic,
    _readings,
    _Tables,
)
from garland.edx_study.records import Cell, FRow, HRow, MotorRow, NeedleRow, SensoryRow

Row = MotorRow | SensoryRow | FRow | HRow | NeedleRow


def _impression(tables: _Tables) -> tuple[str, ...]:
    """Return where the pattern points, and what speaks against, in words."""
    lines = tuple(reading.words for reading in _readings(tables))
    return lines or ("No abnormality beyond what one healthy person in thirty shows in any one measure.",)


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
    late = [
        _where(row)
        for row in rows
        if (row.latency_ms if isinstance(row, MotorRow) else row.onset_ms).mark == "high"
    ]
    slow = list(dict.fromkeys(_where(row) for row in every if row.velocity_m_s.mark == "low"))
    fall = list(dict.fromkeys(_where(row) for row in tables.motor if row.drop_percent.mark))
    said = [f"long distal latency: {_listed(late)}"] if late else []
    said += [f"slow: {_listed(slow)}"] if slow else []
    said += [f"fall of amplitude between points of stimulation: {_listed(fall)}"] if fall else []
    return f"Latency and velocity: {'; '.join(said)}." if said else ""


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
