"""A small cohort, and the same with some keys changed."""

from __future__ import annotations

from typing import Any

from garland.cohorts.spec import CohortSpec
from garland.records.reading import parse_spec

SMALL: dict[str, Any] = {
    "garland_cohort": 1,
    "name": "small",
    "seed": 7,
    "size": 200,
    "part_size": 64,
    "people": {"source": "referral"},
    "visits": [0, 90],
    "measures": [
        "snap/sural",
        "sensory_velocity/sural",
        "reflex/knee",
        "cmap/tibial",
        "movement_strength/knee-extension",
    ],
    "missing": 0.1,
}


def small_spec(**changed: Any) -> CohortSpec:
    """Return a small cohort with some keys changed."""
    return parse_spec(CohortSpec, {**SMALL, **changed}, "cohort")
