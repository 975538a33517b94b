"""Statistics of weighted patients with their Monte Carlo error, and the verdict on a simulated number.

The error is that of a delete-a-group jackknife over `GROUPS` groups of patients; where nobody published an
interval, 15 % either way stand for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.statistics import binomial_interval, weighted_quantiles

GROUPS = 20
"""Groups of the jackknife [-]."""


class _Simulated(NamedTuple):
    """A simulated number and its Monte Carlo error, in the question's unit; NaN where nobody qualified."""

    value: float
    error: float


def _estimate(statistic: Callable[[NDArray[np.intp]], float], n: int) -> _Simulated:
    """Return a statistic of n patients and its jackknife error."""
    every = np.arange(n)
    groups = min(GROUPS, n)
    left = np.array([statistic(every[every % groups != group]) for group in range(groups)])
    spread = np.sqrt((groups - 1) / groups * ((left - left.mean()) ** 2).sum())
    return _Simulated(float(statistic(every)), float(spread))


def _weighted_mean(values: Float64s, weights: Float64s) -> float:
    """Return the mean of values with weights, both (K,); NaN where all weights are zero."""
    total = weights.sum()
    return float(values @ weights / total) if total > 0 else float("nan")


def _weighted_quantile(values: Float64s, weights: Float64s, share: float) -> float:
    """Return a quantile [0..1] of values with weights, both (K,); NaN where all weights are zero."""
    return float(weighted_quantiles(values, weights, (share,), "hazen")[0])


def _mean(values: Float64s, weights: Float64s) -> _Simulated:
    """Return the weighted mean of values, both (N,), with its error."""
    return _estimate(lambda at: _weighted_mean(values[at], weights[at]), len(values))


def _weighted_median(values: Float64s, weights: Float64s) -> _Simulated:
    """Return the weighted median of values, both (N,), with its error."""
    return _estimate(lambda at: _weighted_quantile(values[at], weights[at], 0.5), len(values))


def _percent(probability: NDArray[np.bool_] | Float64s, weights: Float64s) -> _Simulated:
    """Return a weighted share of patients who qualify, or of their probabilities, both (N,) [%]."""
    return _mean(100.0 * np.asarray(probability, np.float64), weights)


Verdict = Literal["inside", "near", "outside", "left-out"]
"""Inside the published interval, within the tolerance, neither, or not simulated."""

TOLERANCE = 0.15
"""Relative distance from a published value that still counts as near [-]."""


def _wilson(count: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share.

    Low and high [%].
    """
    low, high = binomial_interval(count, n, "wilson")
    return 100.0 * low, 100.0 * high


def _tolerated(value: float) -> tuple[float, float]:
    """Return the band of 15 % about a published value, in its unit."""
    reach = TOLERANCE * abs(value)
    return value - reach, value + reach


def _judge(simulated: float, value: float, interval: tuple[float, float] | None) -> Verdict:
    """Compare a simulated number with a published one."""
    if interval is not None and interval[0] <= simulated <= interval[1]:
        return "inside"
    low, high = _tolerated(value)
    return "near" if low <= simulated <= high else "outside"


def _undecided(simulated: float, error: float, value: float, interval: tuple[float, float] | None) -> bool:
    """Tell whether two Monte Carlo errors either way would turn agreement into disagreement or back."""
    moved = (simulated - 2 * error, simulated, simulated + 2 * error)
    return len({_judge(number, value, interval) == "outside" for number in moved}) > 1
