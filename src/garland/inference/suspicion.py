"""What in a record is doubted: exchanged sides, wrong entries, wrong units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from garland.inference.altered import Floats, pooled
from garland.inference.doubted import Suspicion
from garland.inference.entries import entry_doubts
from garland.inference.problem import Problem
from garland.inference.review import View
from garland.inference.sides import Visits, healthy_findings, side_doubt
from garland.inference.units import unit_doubts
from garland.records import Case


def suspect(problem: Problem, visits: Visits, views: Mapping[int, View], probability: Floats) -> Suspicion:
    """Return what findings make doubtful; for numbers of the record itself see `with_units`."""
    if not views:
        return Suspicion()
    seen = pooled(views, probability)
    sides = side_doubt(seen, visits, healthy_findings(problem, 0))
    doubted = {(one.visit, one.kind) for one in sides.parts} if sides else set()
    entries = entry_doubts(seen, visits, [arrays.odd.astype(np.float64) for arrays in problem.seen])
    return Suspicion(sides, tuple(e for e in entries if (e.visit, e.kind) not in doubted))


def with_units(found: Suspicion, case: Case) -> Suspicion:
    """Return the doubts with those about units of the record itself."""
    return replace(found, units=unit_doubts(case))
