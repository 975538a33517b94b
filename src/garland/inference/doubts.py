"""How far an answer can be trusted: the record, the prior, and the assumption of one disease, questioned."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from garland.inference.doubted import Doubts, Suspicion
from garland.inference.posterior import Posterior
from garland.inference.problem import Problem
from garland.inference.review import _View
from garland.inference.sensitivity import _sensitivity
from garland.inference.sides import Visits
from garland.inference.suspicion import _with_units, suspect
from garland.inference.together import Patients, cover, polyneuropathy_besides
from garland.records import Case


def _doubts(
    case: Case,
    problem: Problem,
    visits: Visits,
    posterior: Posterior,
    views: Mapping[int, _View],
    setting: str,
    fits: bool,
) -> Doubts:
    """Return how far an answer can be trusted."""
    ranges = _sensitivity(posterior, problem.person, setting)
    if not views:
        return Doubts(_with_units(Suspicion(), case), ranges)
    lead = posterior.order[0]
    weights = views[lead].weights
    patients = Patients(lead, np.asarray(posterior.clouds[lead].vectors[: len(weights)]), weights)
    found = _with_units(suspect(problem, visits, views, posterior.probability), case)
    second = None if fits else cover(views, posterior.order, visits)
    return Doubts(found, ranges, polyneuropathy_besides(problem, patients, 0), second)
