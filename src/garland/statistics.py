"""Statistics that several packages share: weighted quantiles, binomial intervals.

Nothing here knows what the numbers mean; libraries do the work where they have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from garland._types import Float64s

QuantileMethod = Literal["inverted_cdf", "hazen"]
"""NumPy's names: the first value whose weights reach the share, or straight lines between mid-weights."""
IntervalMethod = Literal["beta", "wilson"]
"""The names of statsmodels: Clopper and Pearson's exact interval, or Wilson's score interval."""


def weighted_quantiles(
    values: Any,
    weights: Float64s,
    shares: Sequence[float] | Float64s,
    method: QuantileMethod = "inverted_cdf",
    tolerance: float = 0.0,
) -> Float64s:
    """Return quantiles along the last axis: values (..., N), weights (N,), shares (K,) [0..1] to (K, ...).

    NaN where nothing weighs. `inverted_cdf` takes weights that sum to one, and a share reached to within
    `tolerance` as reached: 0.1 added up nine times is less than 0.9.
    """
    values, weights = np.asarray(values), np.asarray(weights, np.float64)
    if method == "hazen":
        values, weights = values[..., weights > 0.0], weights[weights > 0.0]
    if not weights.size:
        return np.full((len(shares), *values.shape[:-1]), np.nan)
    order = np.argsort(values, axis=-1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=-1)
    each = weights[order]
    ladder = np.cumsum(each, axis=-1)
    if method == "hazen":
        middle = (ladder - 0.5 * each) / ladder[..., -1:]
        flat = zip(middle.reshape(-1, weights.size), ranked.reshape(-1, weights.size), strict=True)
        rows = np.stack([np.interp(shares, at, row) for at, row in flat], axis=-1)
        return rows.reshape(len(shares), *values.shape[:-1])
    last = weights.size - 1
    found = []
    for share in shares:
        place = np.minimum((ladder < share - tolerance).sum(axis=-1, keepdims=True), last)
        found.append(np.take_along_axis(ranked, place, axis=-1)[..., 0])
    return np.stack(found)


def binomial_interval(count: Any, n: Any, method: IntervalMethod = "beta") -> tuple[Any, Any]:
    """Return the 95 % interval of a share [0..1], for numbers or arrays of counts; NaN of nobody.

    None of n has 0 as its lower end exactly, all of n has 1 as its upper.
    """
    from statsmodels.stats.proportion import proportion_confint

    count, n = np.asarray(count, np.float64), np.asarray(n, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = proportion_confint(count, n, method=method)
    low = np.where(n > 0, np.where(count > 0, low, 0.0), np.nan)
    high = np.where(n > 0, np.where(count < n, high, 1.0), np.nan)
    return (float(low), float(high)) if low.ndim == 0 else (low, high)
