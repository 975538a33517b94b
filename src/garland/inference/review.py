"""Each finding under the leading cause and the runner-up, and whether any cause explains them all.

What a finding says is told by leaving it out: the probability that a cause, knowing all other findings, gives
to this one. A finding thus counts for what it adds, not for what the others have said already.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from garland.inference.observations import Observation
from garland.inference.problem import Problem, _in_chunks
from garland.inference.sampler import Cloud

Floats = NDArray[np.float64]
_SURPRISE = 0.01
"""Posterior predictive probability below which the findings as a whole fit no cause."""


@dataclass(frozen=True)
class _View:
    """Patients of one cause given the findings, seen in full at every visit.

    Attributes
    ----------
    weights : (N,)
        Weight of each patient, summing to one [-].
    by_observation : tuple of (N, O)
        Log likelihood of each observation, by visit.
    expected : tuple of (N, F)
        Expected findings, by visit.
    at_sites : (N, 2, S)
        Share of axons cut or blocked at each site at the last visit [0..1].
    """

    weights: Floats
    by_observation: tuple[Floats, ...]
    expected: tuple[NDArray[np.float32], ...]
    at_sites: NDArray[np.float32]


def view(problem: Problem, cloud: Cloud, patients: int) -> _View:
    """Return up to `patients` of a cloud in full."""
    keep = min(patients, len(cloud.vectors))
    rows, shows, at_sites = [], [], np.zeros(0, np.float32)
    for timing, seen in zip(problem.timings, problem.seen, strict=True):
        chunks = _in_chunks(problem.person, cloud.cause, cloud.vectors[:keep], timing, seen)
        each, _, shown, at_sites = (np.concatenate(field) for field in zip(*chunks, strict=True))
        rows.append(each.astype(np.float64))
        shows.append(shown)
    weights = np.exp(cloud.log_weights[:keep] - cloud.log_weights[:keep].max())
    return _View(weights / weights.sum(), tuple(rows), tuple(shows), at_sites)


def _left_out(seen: _View, visit: int) -> Floats:
    """Return the log probability a cause gives to each observation from all the others, shape (O,) [nat]."""
    log_p = seen.by_observation[visit]
    top = (-log_p).max(axis=0)
    inverse = seen.weights @ np.exp(-log_p - top)
    return np.asarray(-(np.log(inverse) + top))


def _tail(seen: _View, visit: int, observation: Observation, index: int, noise: float) -> float:
    """Return how probable a finding as odd as this one is under a cause that knows the others [0..1]."""
    if not observation.measured:
        return float(np.exp(min(_left_out(seen, visit)[index], 0.0)))
    log_p = seen.by_observation[visit][:, index]
    weights = seen.weights * np.exp(-(log_p - log_p.min()))
    weights = weights / weights.sum()
    density = np.exp(np.minimum(log_p + np.log(noise * np.sqrt(2.0 * np.pi)), 0.0))
    # A density this share of its height lies at this many standard deviations.
    away = np.sqrt(np.maximum(-2.0 * np.log(np.maximum(density, 1e-12)), 0.0))
    beyond = np.asarray(2.0 * _upper_tail(away))
    return float(np.clip(weights @ beyond, 0.0, 1.0))


def _upper_tail(z: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(-z))


def _predictive_p_value(seen: _View, problem: Problem, rng: np.random.Generator) -> float:
    """Return how often patients of a cause would show findings as odd as these.

    Posterior predictive probability [0..1]. Each observation of each patient is drawn again: within its
    interval or not, or at another distance from the expected value.
    """
    observed, drawn = np.zeros(len(seen.weights)), np.zeros(len(seen.weights))
    for log_p, arrays in zip(seen.by_observation, problem.seen, strict=True):
        weight = arrays.weight.astype(np.float64)
        number = arrays.measured[: len(weight)] > 0.0
        peak = -np.log(arrays.sd[: len(weight)] * np.sqrt(2.0 * np.pi))
        p = np.exp(np.minimum(log_p, -1e-6))
        again = np.where(rng.random(p.shape) < p, log_p, np.log1p(-np.minimum(p, 1.0 - 1e-6)))
        fresh = peak[None, :] - 0.5 * rng.standard_normal(p.shape) ** 2
        observed += log_p @ weight
        drawn += np.where(number[None, :], fresh, again) @ weight
    return float(seen.weights @ (drawn <= observed))


def _unexplained(p_value: float) -> bool:
    """Tell whether a posterior predictive probability means that no cause explains the findings."""
    return p_value < _SURPRISE
