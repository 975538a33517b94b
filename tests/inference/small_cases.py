"""Small cases, made of single statements, for the tests of inference."""

from __future__ import annotations

from typing import Any

import numpy as np

from garland.inference.encode_case import EncodedCase, _encode_case
from garland.inference.observations import _Observation
from garland.model.findings import Address
from garland.records import Case, parse_case

FOOT_DROP: dict[str, Any] = {
    "history": {"weakness": {"present": True, "side": "right"}, "pain": {"present": False}},
    "examination": {"strength": {"right": {"ankle-dorsiflexion": 3, "ankle-eversion": 4}}},
    "nerve_conduction": {
        "results": [
            {"study": "fibular-tibialis-anterior", "side": "right", "amplitude_mv": 1.5},
            {"study": "superficial-fibular", "side": "right", "amplitude_uv": "reduced"},
        ]
    },
    "needle": {
        "results": [
            {"muscle": "tibialis-anterior", "side": "right", "fibrillations": 2, "recruitment": "reduced"}
        ]
    },
}
"""A right foot drop of which only the foot was examined."""


def small_case(history: dict[str, Any] | None = None, **visit: Any) -> Case:
    """Return a case of a man of 50, seen on day 30, with one visit."""
    return parse_case(
        {
            "garland_case": 1,
            "id": "small",
            "person": {"age_years": 50, "sex": "male", "height_cm": 175},
            "history": history or {},
            "visits": [{"day_since_onset": 30, **visit}],
        }
    )


def foot_drop(**more: Any) -> Case:
    """Return the foot drop with more statements in parts of its visit."""
    parts = {name: {**part, **more.get(name, {})} for name, part in FOOT_DROP.items()}
    for name, value in more.items():
        parts.setdefault(name, value)
    return small_case(**parts)


def observed(history: dict[str, Any] | None = None, **visit: Any) -> tuple[_Observation, ...]:
    """Return what is observed in a small case."""
    return _encode_case(small_case(history, **visit)).visits[0]


def only(field: str, **visit: Any) -> _Observation:
    """Return the one observation of a field in a small case."""
    (found,) = (o for o in observed(**visit) if o.where[0].field == field)
    return found


def swapped(value: Any) -> Any:
    """Return a case mapping with left and right swapped, in keys and in words."""
    if isinstance(value, dict):
        return {swapped(key): swapped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [swapped(item) for item in value]
    return {"left": "right", "right": "left"}.get(value, value) if isinstance(value, str) else value


def speaks(reading: EncodedCase) -> bool:
    """Tell whether a reading observes something, or says that it does not use something."""
    return any(reading.visits) or bool(reading.not_used)


def at(field: str, item: str, side: int | None = 0) -> tuple[Address, ...]:
    """Return the address of one finding."""
    return (Address(field, side, item),)


def finite(numbers: Any) -> bool:
    """Tell whether all numbers are finite."""
    return bool(np.isfinite(np.asarray(numbers)).all())
