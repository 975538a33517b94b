"""Numbers that no patient has, and the unit in which they would be ordinary.

What cannot be written down at all is refused when a record is read; this is about what can be, and is odd.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from garland.evidence import part
from garland.inference.doubted import _UnitDoubt
from garland.records import Case

_OTHER_UNITS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "height_cm": (("inches", 2.54, 0.0), ("decimetres", 10.0, 0.0), ("millimetres", 0.1, 0.0)),
    "weight_kg": (("pounds", 0.45359, 0.0),),
    "hba1c_percent": (("mmol/mol", 0.0915, 2.15),),
    "fasting_glucose_mg_dl": (("mmol/L", 18.02, 0.0),),
    "two_hour_glucose_mg_dl": (("mmol/L", 18.02, 0.0),),
    "triglycerides_mg_dl": (("mmol/L", 88.57, 0.0),),
    "ldl_mg_dl": (("mmol/L", 38.67, 0.0),),
    "hdl_mg_dl": (("mmol/L", 38.67, 0.0),),
    "csf_protein_mg_dl": (("g/L", 100.0, 0.0), ("mg/L", 0.1, 0.0)),
    "ck_u_l": (("ukat/L", 60.0, 0.0),),
    "amplitude_uv": (("mV", 1000.0, 0.0), ("nV", 0.001, 0.0)),
    "amplitude_mv": (("V", 1000.0, 0.0),),
    "velocity_m_s": (("cm/ms", 10.0, 0.0),),
}
"""Units that are mistaken for the one asked for: value in it, times the second, plus the third."""


def _unit_doubts(case: Case) -> tuple[_UnitDoubt, ...]:
    """Return the numbers of a record that are implausible in their unit."""
    return tuple(doubt for where, key, value in _numbers(case) if (doubt := _doubt(where, key, value)))


def _numbers(case: Case) -> Iterator[tuple[str, str, float]]:
    """Yield where a number stands, its key and its value."""
    tops: list[tuple[str, Any]] = [
        ("person", case.person), ("diabetes", case.diabetes), ("lipids", case.lipids),
    ]  # fmt: skip
    for number, visit in enumerate(case.visits):
        here = f"visits[{number}]"
        tops.append((f"{here}.laboratory", visit.laboratory))
        tops += [
            (f"{here}.nerve_conduction.results[{row}]", result)
            for row, result in enumerate(visit.nerve_conduction.results)
        ]
    for where, holder in tops:
        for key in _OTHER_UNITS:
            value = getattr(holder, key, None)
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield f"{where}.{key}", key, float(value)


def _doubt(where: str, key: str, value: float) -> _UnitDoubt | None:
    p = part("inference/suspicion")
    low, high = p.table("least_plausible")[key], p.table("most_plausible")[key]
    if low <= value <= high or (value == 0.0 and key.startswith("amplitude")):
        return None
    unit = key.partition("_")[2].replace("_", "/")
    for name, factor, shift in _OTHER_UNITS[key]:
        meant = factor * value + shift
        if low <= meant <= high:
            message = f"{where}: {value:g} is implausible; {value:g} {name} would be {meant:.3g} ({key})."
            return _UnitDoubt(where, value, name, meant, message)
    for factor in (10.0, 0.1):
        if low <= factor * value <= high:
            meant = factor * value
            message = f"{where}: {value:g} is implausible; is it {meant:.3g}, the decimal point slipped?"
            return _UnitDoubt(where, value, "", meant, message)
    message = f"{where}: {value:g} lies outside {low:g} to {high:g} ({unit}); check value and unit."
    return _UnitDoubt(where, value, "", None, message)
