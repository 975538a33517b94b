"""From findings to probabilities of causes: every cause weighed by its evidence and its prior.

Reads    sampler, causes.prior.   Feeds  inference.consult.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.causes import CAUSES
from garland.chance import SIZE
from garland.inference.likelihood import log_presentation
from garland.inference.sampler import CHUNK, GROUP, Cloud, Problem, draw_cloud, log_evidence, temper

_HOPELESS = float(np.log(1e-3))
_WORTH_REFINING = 0.01
_CONTESTED = 0.15
_CLOSER_LOOK, _GLANCE = 24, 16
"""Patients drawn for each one kept, for causes in contest and for those that merely matter [-]."""
_FIRST_MOVES, _GLANCE_MOVES, _MOVES = 2, 5, 12


@dataclass(frozen=True)
class Posterior:
    """Probabilities of causes after the findings.

    Attributes
    ----------
    prior, probability, error : (C,)
        Before and after the findings, and the Monte Carlo standard error [-].
    log_evidence : (C,)
        Log marginal likelihood of the findings [nat].
    clouds : tuple of Cloud
        Virtual patients of each cause given the findings.
    """

    prior: NDArray[np.float64]
    probability: NDArray[np.float64]
    error: NDArray[np.float64]
    log_evidence: NDArray[np.float64]
    clouds: tuple[Cloud, ...]

    @property
    def order(self) -> list[int]:
        """Causes from the most to the least probable."""
        return [int(i) for i in np.argsort(-self.probability, kind="stable")]

    @property
    def temperatures(self) -> int:
        """Tempering steps taken for the leading cause [-]."""
        return self.clouds[self.order[0]].steps


def infer(
    problem: Problem, prior: NDArray[np.float64], first_day: float | None, seed: int, particles: int
) -> Posterior:
    """Return the posterior over causes.

    Parameters
    ----------
    problem : Problem
        What was found.
    prior : ndarray
        Probability of each cause before the findings, shape (C,) [-].
    first_day : float or None
        Recorded day of the first visit [d]; how soon patients come speaks for some causes.
    seed : int
        Same seed, same answer.
    particles : int
        Patients kept of each cause that matters, a multiple of `CHUNK` [-].
    """
    key = jax.random.key(seed)
    with np.errstate(divide="ignore"):
        offset = np.log(prior) + np.array([log_presentation(i, first_day) for i in range(len(CAUSES))])
    if not problem.seen:
        return _without_findings(prior, offset, key)
    clouds = [draw_cloud(problem, i, jax.random.fold_in(key, i), CHUNK) for i in range(len(CAUSES))]
    first = np.array([log_evidence(cloud)[0] for cloud in clouds]) + offset
    best = -np.inf
    for i in np.argsort(-first):
        if np.isfinite(offset[i]):
            own = jax.random.fold_in(key, 100 + int(i))
            clouds[i] = temper(problem, clouds[i], own, best + _HOPELESS - offset[i], _FIRST_MOVES)
            best = max(best, log_evidence(clouds[i])[0] + offset[i])
    rough = _summary(clouds, offset)[0]
    for i in np.flatnonzero(rough > _WORTH_REFINING):
        own = jax.random.fold_in(key, 1000 + int(i))
        contested = _CONTESTED < rough[i] < 1.0 - _CONTESTED
        plan = (particles, _CLOSER_LOOK, _MOVES) if contested else (CHUNK, _GLANCE, _GLANCE_MOVES)
        kept, drawn, moves = plan
        cloud = draw_cloud(problem, int(i), own, drawn * kept, kept // GROUP)
        clouds[i] = temper(problem, cloud, jax.random.fold_in(own, 1), -np.inf, moves)
    probability, error, evidence = _summary(clouds, offset)
    return Posterior(prior, probability, error, evidence, tuple(clouds))


def _summary(
    clouds: list[Cloud], offset: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return probability, Monte Carlo error and log evidence of each cause, each of shape (C,)."""
    pairs = np.array([log_evidence(cloud) for cloud in clouds])
    score = pairs[:, 0] + offset
    weight = np.exp(score - score.max())
    probability = weight / weight.sum()
    slope = probability[:, None] * (np.eye(len(clouds)) - probability[None, :])
    error = np.sqrt((slope**2 * pairs[None, :, 1] ** 2).sum(axis=1))
    return probability, error, pairs[:, 0]


def _without_findings(prior: NDArray[np.float64], offset: NDArray[np.float64], key: jax.Array) -> Posterior:
    """Return the posterior of a case without a single finding: the prior, and patients drawn from it."""
    score = np.exp(offset - offset.max())
    vectors = jax.random.normal(key, (CHUNK, SIZE), jnp.float32)
    zero = np.zeros(CHUNK, np.float32)
    clouds = tuple(Cloud(i, vectors, zero, np.zeros(2), 1.0) for i in range(len(CAUSES)))
    nothing = np.zeros(len(CAUSES))
    return Posterior(prior, score / score.sum(), nothing, nothing, clouds)
