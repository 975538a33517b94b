"""Small finished cohorts that tests read: made once a module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from garland.cohorts.folder import _Opened, opened, run
from garland.cohorts.spec import CohortSpec
from garland.executors import Workers
from garland.records.reading import parse_spec

COUNTY: dict[str, Any] = {
    "garland_cohort": 1,
    "name": "few",
    "seed": 5,
    "size": 6000,
    "part_size": 2500,
    "people": {"source": "county", "span_years": 30, "programme": "all-together"},
    "visits": [],
}


def made(spec: CohortSpec, path: Path) -> _Opened:
    """Make a cohort in this process and open it."""
    run(spec, path, Workers(1))
    return opened(path)


def county_spec(**changed: Any) -> CohortSpec:
    """Return a county without visits, with some keys changed."""
    return parse_spec(CohortSpec, {**COUNTY, **changed}, "cohort")
