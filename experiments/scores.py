"""How good probabilities are: sharpness, calibration and what of either is chance.

Everywhere `p` is (N, C), rows summing to one, and `truth` (N,) holds indices. The headline figure of
calibration is `calibration_error`, that of the leading probability in equally filled bins. It is never zero:
with N patients a perfect forecaster shows the noise floor, which therefore stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from garland.errors import InputError
from garland.scores import BINS, Bin, Floor, _equal_bins, calibration_gap, reliability_bins

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_LEAST = 1e-12


def checked(p: Floats, truth: Ints) -> tuple[Floats, Ints]:
    """Return probabilities and truths as arrays."""
    p, truth = np.asarray(p, np.float64), np.asarray(truth, np.int64)
    if p.ndim != 2 or truth.shape != p.shape[:1] or not len(truth):
        raise InputError("p", p.shape, f"does not belong to {truth.shape} truths", "give (N, C) and (N,)")
    worst = float(np.abs(p.sum(axis=1) - 1.0).max())
    if not worst < 1e-4 or p.min() < 0.0:
        raise InputError("p", worst, "is how far a row is from summing to one", "normalise the rows")
    if truth.min() < 0 or truth.max() >= p.shape[1]:
        raise InputError("truth", int(truth.max()), f"is none of {p.shape[1]} columns", "count from 0")
    return p, truth


def top(p: Floats, truth: Ints, k: int = 1) -> float:
    """Return how often the truth is among the `k` most probable, ties counted in part [0..1]."""
    own = p[np.arange(len(truth)), truth][:, None]
    above, level = (p > own).sum(axis=1), (p == own).sum(axis=1)
    return float(np.clip((k - above) / level, 0.0, 1.0).mean())


def brier(p: Floats, truth: Ints) -> float:
    """Return the mean squared distance from the truth, summed over columns [0..2]."""
    return float(((p - np.eye(p.shape[1])[truth]) ** 2).sum(axis=1).mean())


def log_score(p: Floats, truth: Ints) -> float:
    """Return the mean negative log probability of the truth [nat]; probabilities count as at least 1e-12."""
    return float(-np.log(np.maximum(p[np.arange(len(truth)), truth], _LEAST)).mean())


def calibration_error(p: Floats, truth: Ints, bins: int = BINS) -> float:
    """Return the expected calibration error of the leading probability; the headline figure.

    Mean over patients of how far, within a bin, the mean probability lies from the share of hits [0..1].
    """
    return calibration_gap(p.max(axis=1), (p.argmax(axis=1) == truth).astype(float), bins)


def classwise_error(p: Floats, truth: Ints, bins: int = BINS) -> float:
    """Return the calibration error of all columns: each column's own, averaged over columns [0..1].

    Smaller than the headline by nature: most probabilities are near zero. Times C, it is the mean distance
    summed over causes.
    """
    every = np.eye(p.shape[1])[truth]
    return float(np.mean([calibration_gap(p[:, c], every[:, c], bins) for c in range(p.shape[1])]))


def debiased_error(p: Floats, truth: Ints, bins: int = BINS) -> float:
    """Return the root mean squared calibration error of the leading probability with its bias taken off.

    From each bin's squared gap the variance of its share of hits is taken (Kumar, Liang and Ma 2019,
    recalled), so that a perfect forecaster shows zero on average; below zero counts as zero [0..1].
    """
    value, hit = p.max(axis=1), (p.argmax(axis=1) == truth).astype(float)
    total = 0.0
    for part in _equal_bins(value, bins):
        n, share = len(part), hit[part].mean()
        variance = share * (1.0 - share) / max(n - 1, 1)
        total += n * ((value[part].mean() - share) ** 2 - variance)
    return float(np.sqrt(max(total / len(value), 0.0)))


def noise_floor(
    p: Floats, score: Callable[[Floats, Ints], float], seed: int = 0, repeats: int = 200
) -> Floor:
    """Return the score that these very probabilities would have if they were true."""
    rng = np.random.default_rng(seed)
    ends = np.cumsum(p, axis=1)
    ends /= ends[:, -1:]
    values = [
        score(p, (rng.random((len(p), 1)) > ends).sum(axis=1).clip(max=p.shape[1] - 1))
        for _ in range(repeats)
    ]
    return Floor(float(np.mean(values)), float(np.quantile(values, 0.95)))


def reliability(p: Floats, truth: Ints, bins: int = BINS) -> tuple[Bin, ...]:
    """Return the reliability diagram of the leading probability, bins from low to high."""
    return reliability_bins(p.max(axis=1), (p.argmax(axis=1) == truth).astype(float), bins)


def ranked_probability(p: Floats, truth: Ints) -> float:
    """Return the mean ranked probability score of ordered columns: squared gaps of the sums [0..C-1]."""
    reached = np.arange(p.shape[1])[None, :] >= truth[:, None]
    return float(((np.cumsum(p, axis=1) - reached) ** 2)[:, :-1].sum(axis=1).mean())


def continuous_ranked(draws: Floats, truth: float) -> float:
    """Return the continuous ranked probability score of equal draws (L,), in the unit of the quantity.

    The mean distance of the draws from the truth, less half their mean distance from each other.
    """
    draws = np.sort(np.asarray(draws, np.float64))
    n = len(draws)
    apart = 2.0 * float(((2.0 * np.arange(n) - n + 1.0) * draws).sum()) / (n * n)
    return float(np.abs(draws - truth).mean() - 0.5 * apart)


def confusion(p: Floats, truth: Ints, group: Sequence[int] | None = None) -> Ints:
    """Return how often each truth (rows) was answered with each leader (columns)."""
    of = np.arange(p.shape[1]) if group is None else np.asarray(group, np.int64)
    count = int(of.max()) + 1
    summed = p @ np.eye(count)[of]
    table = np.zeros((count, count), np.int64)
    np.add.at(table, (of[truth], summed.argmax(axis=1)), 1)
    return table


def list_length(p: Floats, mass: float = 0.95) -> float:
    """Return how many columns, most probable first, it takes on average to hold `mass` [-]."""
    ordered = np.cumsum(-np.sort(-p, axis=1), axis=1)
    return float(((ordered < mass - 1e-9).sum(axis=1) + 1).mean())
