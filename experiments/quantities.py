"""What the rank of the truth is taken of: quantities of a patient, and their draws from a posterior.

A quantity may be any function of the patient and the findings. Losses are told for the worse side, and the
difference of sides by itself, so that no quantity needs to know which side is ill.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.ranks import thinned
from experiments.virtual_patients import Shown, Virtual, shown
from garland.anatomy.tree import load
from garland.inference.likelihood import UNKNOWN, Timing, _by_observation, _Problem
from garland.inference.observations import _Arrays
from garland.inference.posterior import Posterior
from garland.model.diseases import DISEASES
from garland.model.findings import Address, column
from garland.model.patient import Person

_A = load()
Floats = NDArray[np.float64]
SITES = (
    "ventral-root-l4", "dorsal-root-l5", "spinal-nerve-l3", "spinal-nerve-s1", "lumbar-plexus-posterior",
    "lumbosacral-trunk", "sacral-plexus-posterior", "femoral-inguinal", "sciatic-fibular-division",
    "common-fibular", "tibial-ankle", "sural",
)  # fmt: skip
"""Sites whose loss is ranked one by one."""
LATER_DAYS = (90.0, 180.0, 365.0)
"""Days after the visit on which walking is looked at [d]."""
_ALONE = 2.0
_DECIMALS = 4
_FAMILIES = tuple(dict.fromkeys(cause.family for cause in DISEASES))
FAMILY_OF = tuple(_FAMILIES.index(cause.family) for cause in DISEASES)
"""Family of each cause, as a number."""


class Draws(NamedTuple):
    """Patients drawn from a posterior.

    Attributes
    ----------
    cause : (L,)
        Index of the cause of each.
    vectors : (L, SIZE)
        Their chance [-].
    """

    cause: NDArray[np.int64]
    vectors: NDArray[np.float32]


def draws_from(posterior: Posterior, count: int, rng: np.random.Generator) -> Draws:
    """Return equally weighted patients from a posterior over causes and chance."""
    cause = np.sort(thinned(posterior.probability, count, rng))
    vectors = [
        posterior.clouds[c].vectors[thinned(posterior.clouds[c].weights, int(n), rng)]
        for c, n in zip(*np.unique(cause, return_counts=True), strict=True)
    ]
    return Draws(cause, np.concatenate(vectors))


def of_draws(problem: _Problem, posterior: Posterior, draws: Draws) -> dict[str, Floats]:
    """Return every quantity of the draws, (L,) each."""
    timing = problem.timings[0]
    parts = [
        _of_shown(problem.person, int(cause), draws.vectors[draws.cause == cause], timing, problem.seen[0])
        for cause in np.unique(draws.cause)
    ]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return rows | _of_cause(draws.cause, posterior)


def of_truth(patient: Virtual, problem: _Problem, posterior: Posterior) -> dict[str, float]:
    """Return every quantity of the patient in truth."""
    vector = patient.vector[None, :]
    rows = _of_shown(patient.person, patient.cause, vector, UNKNOWN, problem.seen[0])
    rows |= _of_cause(np.array([patient.cause]), posterior)
    return {name: float(value[0]) for name, value in rows.items()}


def _of_cause(cause: NDArray[np.int64], posterior: Posterior) -> dict[str, Floats]:
    return {
        "cause": cause.astype(np.float64),
        "family": np.asarray(FAMILY_OF, np.float64)[cause],
        "probability of the cause": posterior.probability[cause],
    }


def _of_shown(
    person: Person, cause: int, vectors: NDArray[np.float32], timing: Timing, seen: _Arrays
) -> dict[str, Floats]:
    now = shown(person, cause, vectors, timing)
    # Patients without a lesion are alike but for rounding: they must count as equal.
    lost = np.round(now.at_sites.astype(np.float64), _DECIMALS)
    worse = lost.max(axis=1)
    rows = {f"loss, {site}": worse[:, _A.sites.index(site)] for site in SITES}
    every = lost.mean(axis=2)
    rows["loss, mean of the worse side"] = every.max(axis=1)
    rows["loss, left less right"] = every[:, 0] - every[:, 1]
    rows["ln day"] = np.log(now.day.astype(np.float64))
    rows["log likelihood"] = np.round(_by_observation(now.expected, seen).sum(axis=1), _DECIMALS)
    later = [shown(person, cause, vectors, timing._replace(later_day=day)) for day in LATER_DAYS]
    return rows | _walking([now, *later])


def _walking(states: list[Shown]) -> dict[str, Floats]:
    """Return the walking grade after a year, and the days until the patient walks alone (inf: not in a year).

    Between the days looked at, the grade changes evenly.
    """
    at = column(Address("walking", None, "walking"))
    grade = np.stack([state.expected[:, at].astype(np.float64) for state in states])
    days = np.array([0.0, *LATER_DAYS])
    first = np.full(grade.shape[1], np.inf)
    for i in range(len(days) - 1, 0, -1):
        rise = np.maximum(grade[i] - grade[i - 1], 1e-9)
        crossed = (grade[i] >= _ALONE) & (grade[i - 1] < _ALONE)
        reached = days[i - 1] + (days[i] - days[i - 1]) * (_ALONE - grade[i - 1]) / rise
        first = np.where(crossed, reached, first)
    first = np.where(grade[0] >= _ALONE, 0.0, first)
    return {
        "walking after a year": np.round(grade[-1], _DECIMALS),
        "days to walking alone": np.round(first, 1),
    }
