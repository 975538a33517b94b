"""What is believed of one patient while tests come in one by one.

The virtual patients behind a first answer are kept, with the probability of every result of every test. Each
new result changes their weights; where too few of a cause stay effective they are drawn anew in proportion to
weight and moved about, given everything that is known. No answer is worked out from scratch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import jax
import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.inference.candidate_tests import _CandidateTest
from garland.inference.consult import _problem_of
from garland.inference.encode_case import EncodedCase
from garland.inference.laplace import _MixtureProposal, systematic
from garland.inference.likelihood import _by_observation, _Problem
from garland.inference.observations import _arrays, _Observation
from garland.inference.posterior import _infer
from garland.inference.predictive import _view
from garland.inference.smc import Particles, _rejuvenate
from garland.inference.test_selection import _mutual, _results_of_tests, _TestResults
from garland.model.diseases import DISEASES

PATIENTS = 512
"""Virtual patients of each cause [-]."""
CAUSES_KEPT = 12
"""Causes that are followed, the most probable ones at the start [-]."""
_FLOOR = 60.0
"""Effective patients of a cause below which they are drawn anew [-]."""
_MATTERS = 0.03
"""Probability from which a cause is worth drawing anew [-]."""
_MOVES = 3
_ALIVE = 1e-4
"""Probability below which a cause does not bear on what to test next [-]."""
_RESULTS_A_TEST = 8
_ROOM = 256
"""Room for findings, the same from the first to the last, so that one compiled program serves all [-]."""


@dataclass(frozen=True)
class Swarm:
    """Weighted virtual patients of one cause.

    Attributes
    ----------
    cause : int
        Index of the cause.
    vectors : (N, SIZE)
        Their chance.
    mass : (N,)
        Probability of each; over all swarms of a belief they sum to one [-].
    expected : (N, F)
        Their expected findings.
    lost : float
        Loss on the right side less that on the left, summed over sites and averaged over patients [-].
    given : TestResults
        Results of every test under each of them.
    """

    cause: int
    vectors: NDArray[np.float32]
    mass: Float64s
    expected: jax.Array
    lost: float
    given: _TestResults

    @property
    def effective(self) -> float:
        """Effective number of patients [-]."""
        return float(self.mass.sum() ** 2 / np.maximum((self.mass**2).sum(), 1e-300))


@dataclass(frozen=True)
class Belief:
    """What is known of one patient and what follows from it.

    Attributes
    ----------
    reading : EncodedCase
        The record at the start; of one visit.
    known : tuple of Observation
        Everything observed so far.
    tests : tuple of CandidateTest
        What could be done.
    swarms : tuple of Swarm
        Virtual patients of the causes followed.
    redrawn : int
        How often patients of a cause were drawn anew [-].
    """

    reading: EncodedCase
    known: tuple[_Observation, ...]
    tests: tuple[_CandidateTest, ...]
    swarms: tuple[Swarm, ...]
    redrawn: int = 0

    @property
    def probability(self) -> Float64s:
        """Probability of every cause, shape (C,) [-]."""
        p = np.zeros(len(DISEASES))
        p[[swarm.cause for swarm in self.swarms]] = [swarm.mass.sum() for swarm in self.swarms]
        return p

    @property
    def worse_side(self) -> int:
        """The side with more loss, 0 left or 1 right."""
        return int(sum(swarm.mass.sum() * swarm.lost for swarm in self.swarms) > 0.0)

    def bits(self) -> Float64s:
        """Return the expected information of each test about the cause, shape (T,) [bit]."""
        alive = [swarm for swarm in self.swarms if swarm.mass.sum() > _ALIVE]
        shown = [swarm.given.joint @ swarm.mass.astype(np.float32) for swarm in alive]
        joint = np.asarray(shown, np.float64)[:, None, :]
        return np.asarray(_mutual(joint, self.swarms[0].given.starts[:-1])[0])


def _problem(reading: EncodedCase, known: tuple[_Observation, ...]) -> _Problem:
    """Return what was observed at the one visit of a record."""
    return _problem_of(replace(reading, visits=(known,)))[0]


def first_belief(
    reading: EncodedCase, before: Float64s, seed: int, tests: Sequence[_CandidateTest]
) -> Belief:
    """Return what is believed before the first test."""
    known = reading.visits[0]
    problem = _problem(reading, known)
    posterior = _infer(problem, before, seed, PATIENTS)
    kept = posterior.order[:CAUSES_KEPT]
    total = posterior.probability[kept].sum()
    swarms = tuple(
        _swarm(problem, posterior.clouds[c], posterior.probability[c] / total, tests) for c in kept
    )
    return Belief(reading, known, tuple(tests), swarms)


def _swarm(problem: _Problem, cloud: Particles, probability: float, tests: Sequence[_CandidateTest]) -> Swarm:
    """Return the patients of one cause in full, with their results of the tests."""
    seen = _view(problem, cloud, PATIENTS)
    expected = seen.expected[-1]
    sides = seen.weights @ seen.at_sites.sum(axis=2)
    return Swarm(
        cloud.cause,
        seen.vectors,
        probability * seen.weights,
        expected,
        float(sides[1] - sides[0]),
        _results_of_tests(tests, expected),
    )


def learned(belief: Belief, results: tuple[_Observation, ...], seed: int) -> Belief:
    """Return what is believed once a test gave its results."""
    seen = _arrays(results)
    log_p = [_by_observation(swarm.expected, seen).sum(axis=1) for swarm in belief.swarms]
    top = max(float(row.max()) for row in log_p)
    mass = [swarm.mass * np.exp(row - top) for swarm, row in zip(belief.swarms, log_p, strict=True)]
    total = sum(row.sum() for row in mass)
    swarms = tuple(replace(swarm, mass=row / total) for swarm, row in zip(belief.swarms, mass, strict=True))
    return _refreshed(replace(belief, known=(*belief.known, *results), swarms=swarms), seed)


def _refreshed(belief: Belief, seed: int) -> Belief:
    """Return the same belief with the patients of worn-out causes drawn anew."""
    worn = [s.mass.sum() > _MATTERS and s.effective < _FLOOR for s in belief.swarms]
    if not any(worn):
        return belief
    problem = _problem(belief.reading, belief.known)
    swarms = tuple(
        _redrawn(problem, swarm, seed, belief.tests) if old else swarm
        for swarm, old in zip(belief.swarms, worn, strict=True)
    )
    return replace(belief, swarms=swarms, redrawn=belief.redrawn + int(sum(worn)))


def _redrawn(problem: _Problem, swarm: Swarm, seed: int, tests: Sequence[_CandidateTest]) -> Swarm:
    """Return as many patients drawn in proportion to weight, and moved given all that is known."""
    rng = np.random.default_rng([seed, swarm.cause])
    vectors = swarm.vectors[systematic(swarm.mass, len(swarm.mass), rng)]
    likelihood, _ = problem.log_likelihood(swarm.cause, vectors)
    cloud = Particles(swarm.cause, _MixtureProposal(), vectors, likelihood, likelihood, np.zeros(1), 1.0)
    _rejuvenate(problem, cloud, rng, _MOVES)
    return _swarm(problem, cloud, float(swarm.mass.sum()), tests)
