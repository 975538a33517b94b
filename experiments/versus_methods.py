"""Ways to the posterior of one full study: Garland's sampler, weighing alone, and a long reference run.

All answer the same `Study` with an `Answer`, so that they can be held against each other.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.oracle_sites import LEVEL_EDGES, N_LEVELS, level, merged
from experiments.virtual_patients import LEVELS, case_at, draw
from garland.inference.consult import _problem_of
from garland.inference.encode_case import _encode_case
from garland.inference.laplace import _MixtureProposal
from garland.inference.likelihood import _Problem
from garland.inference.observations import _Observation
from garland.inference.posterior import _infer
from garland.inference.predictive import _view
from garland.inference.smc import Particles, _draw_cloud, _log_evidence, _temper
from garland.model.diseases import DISEASES
from garland.model.diseases.prior import prior
from garland.model.latents import N_LATENTS, normals
from garland.model.patient import Person

Doubles = NDArray[np.float64]
_CONTESTED = 0.03
_DRAWN = 8
"""Patients drawn from chance for each one kept, in a long run [-]."""
CHUNK = 512
"""Patients drawn at a time in weighing [-]."""
_MATTERS = 0.01
"""Probability from which the patients of a cause count for the sites [-]."""


class Study(NamedTuple):
    """One virtual patient's full study.

    Attributes
    ----------
    seed, cause : int
        Seed, and the true cause.
    person : Person
        As recorded; scalars, NaN where unknown.
    observations : tuple of Observation
        What was found at the one visit.
    problem : Problem
        The same for the sampler.
    before, offset : (C,)
        Prior of the causes, and its logarithm [-].
    first_day, precision_ln : float or None, float
        Recorded day [d] and its spread on the log scale [-].
    """

    seed: int
    cause: int
    person: Person
    observations: tuple[_Observation, ...]
    problem: _Problem
    before: Doubles
    offset: Doubles
    first_day: float | None
    precision_ln: float


@dataclass(frozen=True)
class Answer:
    """What a method says of a study.

    Attributes
    ----------
    probability : (C,)
        Probability of each cause [-].
    sites : (2, G, L)
        Law of the level of each merged site, by side [-].
    involved : (2, S) or None
        Probability that more than a tenth is lost at each site of the anatomy [-].
    seconds : float
        Time taken [s].
    evaluated : int
        Virtual patients evaluated [-].
    """

    probability: Doubles
    sites: Doubles
    involved: Doubles | None
    seconds: float
    evaluated: int


@dataclass(frozen=True)
class Effort:
    """How long a reference run is.

    Attributes
    ----------
    first_look : int
        Patients drawn of every cause, beside a run of the sampler, a multiple of `sampler.GROUP` [-].
    contested, settled : int
        Patients kept of each cause in contest, and of one that is nearly sure or merely can matter;
        multiples of `sampler.GROUP`. Eight times as many are drawn [-].
    moves : int
        Moves of each patient after each step [-].
    hopeless : float
        Probability below which a cause is left after the first look [-].
    """

    first_look: int = 1024
    contested: int = 4096
    settled: int = 1024
    moves: int = 6
    hopeless: float = 2e-3


STANDARD = Effort()


def full_study(seed: int) -> Study:
    """Return the full study of a virtual patient."""
    patient = draw([seed])[0]
    reading = _encode_case(case_at(patient, LEVELS[-1]))
    found = reading.visits[0]
    before = prior(reading.person, "emg-laboratory")
    with np.errstate(divide="ignore"):
        offset = np.log(before)
    problem, _ = _problem_of(reading)
    when = reading.timings[0].precision_ln
    return Study(seed, patient.cause, reading.person, found, problem, before, offset, reading.first_day, when)


def by_sampler(study: Study, seed: int, particles: int) -> Answer:
    """Return the answer of Garland's sampler."""
    problem, start = _fresh(study), time.perf_counter()
    found = _infer(problem, study.before, seed, particles)
    seconds, evaluated = time.perf_counter() - start, problem.evaluated
    return _answer(study, found.clouds, found.probability, seconds, evaluated)


def by_weighing(study: Study, seed: int, evaluations: int) -> Answer:
    """Return the answer of plain importance sampling: patients drawn from chance, weighed by the findings."""
    problem, start = _fresh(study), time.perf_counter()
    causes = [int(c) for c in np.flatnonzero(np.isfinite(study.offset))]
    chunks = -(-evaluations // (len(causes) * CHUNK))
    clouds, score = {}, np.full(len(DISEASES), -np.inf)
    for cause in causes:
        clouds[cause], evidence = _weighed(problem, cause, [seed, cause, 3], chunks)
        score[cause] = evidence + study.offset[cause]
    seconds, evaluated = time.perf_counter() - start, problem.evaluated
    return _answer(study, clouds, _normalised(score), seconds, evaluated)


def _weighed(problem: _Problem, cause: int, seed: list[int], chunks: int) -> tuple[Particles, float]:
    """Return `CHUNK` patients of a cause, resampled by weight as they come, and the log evidence."""
    rng = np.random.default_rng(seed)
    pool, pool_ll, mass = np.zeros((0, N_LATENTS), np.float32), np.zeros(0), -np.inf
    for _ in range(chunks):
        vectors = normals(rng, CHUNK)
        ll, _ = problem.log_likelihood(cause, vectors)
        weights = np.concatenate([np.full(len(pool), mass - np.log(CHUNK)), ll])
        mass = float(np.logaddexp.reduce(weights))
        chosen = rng.choice(len(weights), CHUNK, p=_normalised(weights))
        pool = np.concatenate([pool, vectors])[chosen]
        pool_ll = np.concatenate([pool_ll, ll])[chosen]
    cloud = Particles(cause, _MixtureProposal(), pool, pool_ll, pool_ll, np.zeros(1), 1.0)
    return cloud, mass - float(np.log(chunks * CHUNK))


def by_long_run(study: Study, seed: int, effort: Effort = STANDARD) -> Answer:
    """Return the answer of a long run of the slow sampler: every cause that can matter in full."""
    problem, start = _fresh(study), time.perf_counter()
    clouds, score = _pilot_run(problem, study, seed, effort)
    rough = _normalised(score)
    for cause in map(int, np.flatnonzero(rough > effort.hopeless)):
        rng = np.random.default_rng([seed, cause, 17])
        close = _CONTESTED < rough[cause] < 1.0 - _CONTESTED
        kept = effort.contested if close else effort.settled
        drawn = _draw_cloud(problem, cause, rng, _DRAWN * kept)
        clouds[cause] = _temper(problem, drawn, rng, kept, effort.moves)
        score[cause] = _log_evidence(clouds[cause])[0] + study.offset[cause]
    probability = _normalised(score)
    seconds, evaluated = time.perf_counter() - start, problem.evaluated
    return _answer(study, clouds, probability, seconds, evaluated)


def _pilot_run(
    problem: _Problem, study: Study, seed: int, effort: Effort
) -> tuple[dict[int, Particles], Doubles]:
    """Return first patients and score of every cause, the higher of what the sampler and weighing say."""
    found = _infer(problem, study.before, seed + 1_000_000, effort.settled)
    clouds, score = dict(found.clouds), found.log_evidence + study.offset
    for cause in clouds:
        rng = np.random.default_rng([seed, cause, 13])
        cloud = _draw_cloud(problem, cause, rng, effort.first_look)
        score[cause] = max(score[cause], _log_evidence(cloud)[0] + study.offset[cause])
    return clouds, score


def _fresh(study: Study) -> _Problem:
    """Return the problem with nothing evaluated yet."""
    return _Problem(study.problem.person, study.problem.timings, study.problem.seen, study.problem.came)


def _normalised(score: Doubles) -> Doubles:
    weight = np.exp(score - score.max())
    return np.asarray(weight / weight.sum())


def _answer(
    study: Study, clouds: Mapping[int, Particles], probability: Doubles, seconds: float, evaluated: int
) -> Answer:
    """Return an answer with the laws of the sites, mixed over the causes that matter."""
    involved, sites, total = 0.0, 0.0, 0.0
    for cause in np.flatnonzero(probability > min(_MATTERS, 0.5 * float(probability.max()))):
        cloud = clouds[int(cause)]
        seen = _view(study.problem, cloud, cloud.vectors.shape[0])
        share = float(probability[cause])
        involved = involved + share * np.einsum("n,nxs->xs", seen.weights, seen.at_sites > LEVEL_EDGES[0])
        levels = np.eye(N_LEVELS)[level(merged(seen.at_sites))]
        sites = sites + share * np.einsum("n,nxgl->xgl", seen.weights, levels)
        total += share
    return Answer(probability, np.asarray(sites) / total, np.asarray(involved) / total, seconds, evaluated)
