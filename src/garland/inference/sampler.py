"""Tempered sequential Monte Carlo over the chance of one cause.

Reads    likelihood, chance.   Feeds  inference.posterior.

Patients are drawn from the cause, then drawn towards the findings step by step: weighed by a power of the
likelihood, resampled, and moved by Crank-Nicolson steps about a Gaussian fitted to the patients, corrected so
that the standard normal stays the prior exactly. Many are drawn at first and fewer kept: a first look is
cheap and finds rare fits. Patients are kept in independent groups, so that the spread between groups tells
the Monte Carlo error of the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.chance import SIZE, place_of
from garland.inference.likelihood import visit_log_likelihood
from garland.inference.observations import Arrays
from garland.inference.timing import Timing
from garland.person import Person

GROUP = 256
"""Patients in one group [-]."""
CHUNK = 2 * GROUP
"""Patients evaluated in one call: small enough for the processor's cache, the same for every case [-]."""
_KEEP_EFFECTIVE = 0.5
_INFORMED_MEAN = 0.2
_INFORMED_SD = 0.85
_SHARE_MOVED = (1.0, 1.0, 0.3, 0.1)
_SHARE_OF_SITES_MOVED = (1.0, 0.0, 0.1, 0.02)
_LENGTH = (0.5, 1.0, 2.0, 4.0)
"""Kinds of moves: how many entries of a patient move, how many of those of single sites, and how far [-]."""
_AT_SITES = np.zeros(SIZE, bool)
_AT_SITES[place_of("site")] = True
Floats = NDArray[np.float32]


@dataclass
class Problem:
    """What was found in one patient, ready for the model.

    Attributes
    ----------
    person : Person
        Scalars, NaN where unknown.
    timings : tuple of Timing
        When each visit was.
    seen : tuple of Arrays
        Observations of each visit; visits without any are left out.
    evaluated : int
        Virtual patients evaluated so far [-].
    """

    person: Person
    timings: tuple[Timing, ...]
    seen: tuple[Arrays, ...]
    evaluated: int = 0

    def log_likelihood(self, cause: int, vectors: jax.Array) -> jax.Array:
        """Return the log likelihood of patients of a cause, (N, SIZE) to (N,); N is a multiple of `CHUNK`."""
        one_visit = visit_log_likelihood()
        index = np.int32(cause)
        parts = []
        for start in range(0, vectors.shape[0], CHUNK):
            chunk = vectors[start : start + CHUNK]
            total = jnp.zeros(chunk.shape[0], jnp.float32)
            for timing, seen in zip(self.timings, self.seen, strict=True):
                total = total + one_visit(self.person, index, chunk, timing, seen)
            parts.append(total)
        self.evaluated += vectors.shape[0] * len(self.seen)
        return parts[0] if len(parts) == 1 else jnp.concatenate(parts)


@dataclass
class Cloud:
    """Virtual patients of one cause, drawn towards the findings.

    Attributes
    ----------
    cause : int
        Index of the cause.
    vectors : (N, SIZE)
        Their chance.
    log_likelihood : (N,)
        Log likelihood of the findings.
    log_evidence : (groups,)
        Log marginal likelihood by group [nat].
    power : float
        Power of the likelihood reached: 1 at the end, less if the cause was given up as hopeless [0..1].
    steps : int
        Tempering steps taken [-].
    """

    cause: int
    vectors: jax.Array
    log_likelihood: Floats
    log_evidence: NDArray[np.float64]
    power: float = 0.0
    steps: int = 0
    step_size: float = field(default=0.8)

    @property
    def ceiling(self) -> float:
        """A value the log evidence will hardly exceed: the best patient so far for all that is left [nat]."""
        left = 1.0 - self.power
        return float(_log_mean(self.log_evidence) + left * float(self.log_likelihood.max()))


def _log_mean(values: NDArray[np.float64]) -> float:
    top = float(np.max(values))
    return top + float(np.log(np.mean(np.exp(values - top))))


def log_evidence(cloud: Cloud) -> tuple[float, float]:
    """Return the log evidence of a cause and its standard error over groups.

    Parameters
    ----------
    cloud : Cloud
        Patients of one cause. Where tempering stopped early, the rest is estimated by weighing.

    Returns
    -------
    tuple of float
        Log evidence and standard error [nat].
    """
    groups = len(cloud.log_evidence)
    left = (1.0 - cloud.power) * cloud.log_likelihood.reshape(groups, -1).astype(np.float64)
    total = cloud.log_evidence + np.array([_log_mean(row) for row in left])
    mean = _log_mean(total)
    relative = np.exp(total - mean)
    error = float(np.std(relative, ddof=1) / np.sqrt(groups)) if groups > 1 else 1.0
    return mean, error


def draw_cloud(problem: Problem, cause: int, key: jax.Array, n: int, groups: int = 2) -> Cloud:
    """Draw `n` patients of a cause from chance alone and weigh them.

    Parameters
    ----------
    problem : Problem
        What was found.
    cause : int
        Index of the cause.
    key : jax.Array
        Random key.
    n : int
        Number of patients, a multiple of `CHUNK` [-].
    groups : int
        Independent groups they are split into; a multiple of two [-].

    Returns
    -------
    Cloud
        Patients of power 0.
    """
    vectors = _normal(key, n)
    likelihood = np.asarray(problem.log_likelihood(cause, vectors))
    return Cloud(cause, vectors, likelihood, np.zeros(groups))


def temper(problem: Problem, cloud: Cloud, key: jax.Array, floor: float, moves: int) -> Cloud:
    """Draw a cloud towards the findings until the whole likelihood counts, or the cause is hopeless.

    Parameters
    ----------
    problem : Problem
        What was found.
    cloud : Cloud
        Patients drawn by `draw_cloud`; replaced step by step.
    key : jax.Array
        Random key.
    floor : float
        Log evidence below which the cause cannot matter; a cloud whose ceiling falls below is left [nat].
    moves : int
        Moves of every patient after each step [-].

    Returns
    -------
    Cloud
        Equally weighted patients given the findings.
    """
    while cloud.power < 1.0 and cloud.ceiling > floor:
        key, pick, move = jax.random.split(key, 3)
        rise = _next_rise(cloud)
        weights = (rise * cloud.log_likelihood).reshape(len(cloud.log_evidence), -1).astype(np.float64)
        gained = np.array([_log_mean(row) for row in weights])
        chosen = _resample(weights, pick)
        cloud = Cloud(
            cloud.cause,
            cloud.vectors[jnp.asarray(chosen)],
            cloud.log_likelihood[chosen],
            cloud.log_evidence + gained,
            min(cloud.power + rise, 1.0),
            cloud.steps + 1,
            cloud.step_size,
        )
        cloud = _rejuvenate(problem, cloud, move, moves)
    return cloud


def _next_rise(cloud: Cloud) -> float:
    """Return by how much the power can rise while half as many patients stay effective as are kept."""
    left = 1.0 - cloud.power
    likelihood = cloud.log_likelihood.astype(np.float64)
    kept = len(cloud.log_evidence) * GROUP

    def effective(rise: float) -> float:
        w = np.exp(rise * (likelihood - likelihood.max()))
        return float(w.sum() ** 2 / (w * w).sum() / kept)

    if effective(left) >= _KEEP_EFFECTIVE:
        return left
    low, high = 0.0, left
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= _KEEP_EFFECTIVE else (low, middle)
    return max(low, 1e-4)


def _resample(weights: NDArray[np.float64], key: jax.Array) -> NDArray[np.int64]:
    """Return indices of `GROUP` patients per group, drawn systematically in proportion to weight."""
    groups, size = weights.shape
    offsets = np.asarray(jax.random.uniform(key, (groups,)))
    chosen = []
    for group in range(groups):
        share = np.exp(weights[group] - weights[group].max())
        ladder = np.cumsum(share) / share.sum()
        rungs = (np.arange(GROUP) + offsets[group]) / GROUP
        chosen.append(np.minimum(np.searchsorted(ladder, rungs), size - 1) + group * size)
    return np.concatenate(chosen)


def _rejuvenate(problem: Problem, cloud: Cloud, key: jax.Array, moves: int) -> Cloud:
    """Move every patient a few times, adapting the length of the steps."""
    vectors, likelihood, step = cloud.vectors, jnp.asarray(cloud.log_likelihood), cloud.step_size
    for _ in range(moves):
        key, propose, decide = jax.random.split(key, 3)
        proposal, correction = _propose()(propose, vectors, jnp.float32(step))
        proposed = problem.log_likelihood(cloud.cause, proposal)
        gain = cloud.power * (proposed - likelihood) + correction
        vectors, likelihood, accepted = _accept()(decide, vectors, likelihood, proposal, proposed, gain)
        step = float(np.clip(step * np.exp(0.8 * (float(accepted) - 0.3)), 0.05, 1.0))
    cloud.vectors, cloud.log_likelihood, cloud.step_size = vectors, np.asarray(likelihood), step
    return cloud


def _normal(key: jax.Array, n: int) -> jax.Array:
    return _normal_compiled()(key, n)  # type: ignore[no-any-return]


@cache
def _normal_compiled() -> Any:
    return jax.jit(lambda key, n: jax.random.normal(key, (n, SIZE), jnp.float32), static_argnums=1)


@cache
def _propose() -> Any:
    def propose(key: jax.Array, vectors: jax.Array, step: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Move all entries a little, some of them further, or a few of them anywhere.

        Steps keep the Gaussian fitted to the patients; the second result is the log ratio of prior to it,
        after against before, which makes the prior the law that is kept.
        """
        which, entries, noise = jax.random.split(key, 3)
        n = vectors.shape[0]
        mean, sd = _fitted(vectors)
        mode = jax.random.randint(which, (n, 1), 0, len(_SHARE_MOVED))
        of_sites, of_rest = jnp.asarray(_SHARE_OF_SITES_MOVED)[mode], jnp.asarray(_SHARE_MOVED)[mode]
        share = jnp.where(_AT_SITES, of_sites, of_rest)
        length = jnp.minimum(step * jnp.asarray(_LENGTH)[mode], 1.0)
        moved = jax.random.uniform(entries, vectors.shape) < share
        fresh = mean + jnp.sqrt(1.0 - length**2) * (vectors - mean)
        fresh = fresh + length * sd * jax.random.normal(noise, vectors.shape)
        proposal = jnp.where(moved, fresh, vectors)

        def excess(x: jax.Array) -> jax.Array:
            return (0.5 * ((x - mean) / sd) ** 2 - 0.5 * x**2).sum(axis=1)

        return proposal, excess(proposal) - excess(vectors)

    return jax.jit(propose)


def _fitted(vectors: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return mean and spread of every entry where the findings speak of it, else those of the prior."""
    mean, sd = vectors.mean(axis=0), vectors.std(axis=0)
    informed = (jnp.abs(mean) > _INFORMED_MEAN) | (sd < _INFORMED_SD)
    return jnp.where(informed, mean, 0.0), jnp.where(informed, jnp.clip(sd, 0.25, 1.2), 1.0)


@cache
def _accept() -> Any:
    def accept(
        key: jax.Array, old: jax.Array, old_ll: jax.Array, new: jax.Array, new_ll: jax.Array, gain: jax.Array
    ) -> tuple[jax.Array, jax.Array, jax.Array]:
        yes = jnp.log(jax.random.uniform(key, old_ll.shape)) < gain
        return jnp.where(yes[:, None], new, old), jnp.where(yes, new_ll, old_ll), yes.mean()

    return jax.jit(accept)
