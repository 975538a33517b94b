"""A study as a Garland case: what was measured, as a laboratory would send it.

Nothing but the study and the header goes in: no history, no examination, nothing the virtual patient knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from garland.anatomy.tree import load
from garland.edx_study.tables import _unit_cell
from garland.edx_study.values import _FValues, _HValues, _MotorValues, _NeedleValues, _SensoryValues
from garland.records import Case, parse_case

_A = load()
Measured = Mapping[tuple[str, str, str], object]


def _case_of(name: str, title: str, day: float, person: Mapping[str, float], measured: Measured) -> Case:
    """Return the case of one study."""
    diabetic = person["diabetes"] > 0.5
    body = {
        "garland_case": 1,
        "id": name,
        "title": title,
        "person": {
            "age_years": round(person["age_years"]),
            "sex": "male" if person["male"] > 0.5 else "female",
            "height_cm": round(person["height_cm"]),
            "weight_kg": round(person["weight_kg"]),
        },
        "diabetes": _diabetes(person) if diabetic else {"type": "none"},
        "visits": [_visit(day, measured)],
    }
    return parse_case(body)


def _diabetes(person: Mapping[str, float]) -> dict[str, Any]:
    years = min(round(person["diabetes_years"], 1), round(person["age_years"]))
    return {
        "type": "unspecified",
        "duration_years": years,
        "hba1c_percent": round(person["hba1c_percent"], 1),
    }


def _visit(day: float, measured: Measured) -> dict[str, Any]:
    rows = [row for key, found in measured.items() for row in _conduction(*key, found)]
    muscles = [
        _needle(name, side, found)
        for (_, name, side), found in measured.items()
        if isinstance(found, _NeedleValues)
    ]
    visit: dict[str, Any] = {"day_since_onset": round(day, 1), "day_precision": "exact"}
    if rows:
        visit["nerve_conduction"] = {"results": rows}
    if muscles:
        visit["needle"] = {"results": muscles}
    return visit


def _conduction(kind: str, name: str, side: str, found: object) -> Iterator[dict[str, Any]]:
    if isinstance(found, _MotorValues):
        yield from _motor(name, side, found)
    elif isinstance(found, _SensoryValues):
        yield {"study": name, "side": side, **_sensory(found)}
    elif isinstance(found, _FValues):
        yield {"study": f"{name}-f-wave", "side": side, **_f_wave(found)}
    elif isinstance(found, _HValues):
        latency = found.latency_ms
        said = {"h_result": "absent"} if math.isnan(latency) else {"h_latency_ms": round(latency, 1)}
        yield {"study": f"{name}-h-reflex", "side": side, **said}


def _sensory(found: _SensoryValues) -> dict[str, Any]:
    if math.isnan(found.amplitude_uv):
        return {"amplitude_uv": "absent"}
    return {
        "amplitude_uv": round(found.amplitude_uv, 2),
        "latency_ms": round(found.onset_ms, 2),
        "velocity_m_s": round(min(found.velocity_m_s, 100.0), 1),
    }


def _f_wave(found: _FValues) -> dict[str, Any]:
    if math.isnan(found.shortest_ms):
        return {"f_result": "absent"}
    said: dict[str, Any] = {"f_latency_ms": round(found.shortest_ms, 1)}
    if not math.isnan(found.persistence_percent):
        said["f_persistence_percent"] = round(found.persistence_percent)
    return said


def _motor(study: str, side: str, found: _MotorValues) -> Iterator[dict[str, Any]]:
    names = _A.point_names[_A.motor_study_ids.index(study)]
    for i, point in enumerate(names[: len(found.amplitude_mv)]):
        row: dict[str, Any] = {"study": study, "side": side, "stimulate": point}
        if not found.amplitude_mv[i]:
            yield {**row, "amplitude_mv": "absent"}
            if i == 0:
                return
            continue
        row["amplitude_mv"] = round(found.amplitude_mv[i], 3)
        if i == 0:
            row["distal_latency_ms"] = round(found.latency_ms[i], 2)
        elif not math.isnan(found.velocity_m_s[i]):
            row["velocity_m_s"] = round(min(max(found.velocity_m_s[i], 1.0), 100.0), 1)
        yield row


def _needle(muscle: str, side: str, found: _NeedleValues) -> dict[str, Any]:
    row: dict[str, Any] = {
        "muscle": muscle,
        "side": side,
        "insertional": found.insertional,
        "fibrillations": found.fibrillations,
        "positive_waves": found.positive_waves,
        "fasciculations": "present" if found.fasciculations else "none",
        "myokymia": "present" if found.myokymia else "none",
        "complex_repetitive_discharges": "present" if found.complex_repetitive else "none",
        "recruitment": found.recruitment,
    }
    if found.units and found.recruitment != "none":
        row["amplitude"] = _size(muscle, "muap-amplitude", found.amplitude_uv)
        row["amplitude_mv"] = round(found.amplitude_uv / 1000.0, 3)
        length = _size(muscle, "muap-duration", found.duration_ms)
        row["duration"] = {"raised": "prolonged", "reduced": "short"}.get(length, length)
        row["duration_ms"] = round(found.duration_ms, 1)
        many = _unit_cell(muscle, "polyphasic", found.polyphasic_percent).mark
        row["polyphasia"] = "increased" if many else "normal"
    return row


def _size(muscle: str, measure: str, value: float) -> str:
    """Return ``raised``, ``reduced`` or ``normal`` against the limits of a muscle."""
    return {"high": "raised", "low": "reduced"}.get(_unit_cell(muscle, measure, value).mark, "normal")
