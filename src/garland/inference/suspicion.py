"""What in a record is doubted: exchanged sides, wrong entries, wrong units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from garland.inference.altered import Floats, pooled
from garland.inference.doubted import Suspicion
from garland.inference.entries import _entry_doubts
from garland.inference.problem import Problem
from garland.inference.review import _View
from garland.inference.sides import Visits, _side_doubt, healthy_findings
from garland.inference.units import _unit_doubts
from garland.records import Case


def suspect(problem: Problem, visits: Visits, views: Mapping[int, _View], probability: Floats) -> Suspicion:
    """Return what findings make doubtful; for numbers of the record itself see `_with_units`."""
    if not views:
        return Suspicion()
    seen = pooled(views, probability)
    sides = _side_doubt(seen, visits, healthy_findings(problem, 0))
    doubted = {(one.visit, one.kind) for one in sides.parts} if sides else set()
    entries = _entry_doubts(
        seen, visits, [arrays.contamination.astype(np.float64) for arrays in problem.seen]
    )
    return Suspicion(sides, tuple(e for e in entries if (e.visit, e.kind) not in doubted))


def _with_units(found: Suspicion, case: Case) -> Suspicion:
    """Return the doubts with those about units of the record itself."""
    return replace(found, units=_unit_doubts(case))
