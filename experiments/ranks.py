"""Ranks of the truth among posterior draws, and whether they are uniform as they must be.

If patients are drawn from the prior and findings from the model, the rank of the true value among L draws of
its posterior is uniform on 0..L, whatever the quantity (simulation-based calibration: Talts and others 2018;
Modrak and others 2023). Ranks heaped at both ends mean a posterior too narrow, in the middle one too wide, to
one side a bias.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from garland.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BINS = 16
LEVEL = 0.01
"""Level of the tests, after correction for their number [-]."""


def thinned(weights: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Return indices of `count` equal draws from weighted particles, systematic, in random order."""
    ends = np.cumsum(np.asarray(weights, np.float64))
    at = (rng.random() + np.arange(count)) / count * ends[-1]
    return rng.permutation(np.minimum(np.searchsorted(ends, at, side="right"), len(ends) - 1))


def rank(truth: float, draws: Floats, rng: np.random.Generator) -> int:
    """Return how many of L draws lie below the truth, equal ones counted by dice, 0..L [-]."""
    below, equal = int((draws < truth).sum()), int((draws == truth).sum())
    return below + int(rng.integers(equal + 1))


@dataclass(frozen=True)
class Uniformity:
    """Whether the ranks of one quantity are uniform.

    Attributes
    ----------
    name : str
        The quantity.
    patients : int
        How many ranks [-].
    chi_square_p, kolmogorov_p : float
        Probability of ranks as uneven as these, by bins and by the largest gap [0..1].
    corrected_p : float
        The smaller of the two, corrected (Holm) for all tests of all quantities together [0..1].
    mean : float
        Mean rank as a share: 0.5 without bias [0..1].
    ends : float
        Share of ranks in the outer tenths on both sides: 0.2 where the spread is right [0..1].
    """

    name: str
    patients: int
    chi_square_p: float
    kolmogorov_p: float
    corrected_p: float
    mean: float
    ends: float

    @property
    def rejected(self) -> bool:
        """Whether uniformity is rejected at `LEVEL`."""
        return self.corrected_p < LEVEL


def shares(ranks: Sequence[int], draws: int, seed: int = 0) -> Floats:
    """Return ranks 0..L spread evenly over [0..1] by dice, (N,): uniform if the ranks are."""
    given = np.asarray(ranks, np.int64)
    if len(given) and (given.min() < 0 or given.max() > draws):
        raise InputError("ranks", int(given.max()), f"lies outside 0 to {draws}", "give the number of draws")
    return np.asarray((given + np.random.default_rng(seed).random(len(given))) / (draws + 1.0))


def histogram(ranks: Sequence[int], draws: int, bins: int = BINS) -> Ints:
    """Return how many ranks fall into each of equal bins, (bins,)."""
    return np.histogram(shares(ranks, draws), bins, (0.0, 1.0))[0].astype(np.int64)


def uniformity(ranks: Mapping[str, Sequence[int]], draws: int, bins: int = BINS) -> tuple[Uniformity, ...]:
    """Return the tests of every quantity, corrected for their number."""
    from scipy.stats import chisquare, kstest

    stated = {
        name: shares(given, draws, number) for number, (name, given) in enumerate(ranks.items()) if given
    }
    raw = [
        (float(chisquare(np.histogram(u, bins, (0.0, 1.0))[0]).pvalue), float(kstest(u, "uniform").pvalue))
        for u in stated.values()
    ]
    corrected = holm([p for pair in raw for p in pair])
    return tuple(
        Uniformity(
            name, len(u), *pair, min(corrected[2 * i], corrected[2 * i + 1]), float(u.mean()),
            float(((u < 0.1) | (u > 0.9)).mean()),
        )
        for i, ((name, u), pair) in enumerate(zip(stated.items(), raw, strict=True))
    )  # fmt: skip


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number by Holm's method, in the order given [0..1]."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected, reached = [0.0] * len(p_values), 0.0
    for place, i in enumerate(order):
        reached = max(reached, min(1.0, (len(p_values) - place) * p_values[i]))
        corrected[i] = reached
    return corrected


@dataclass(frozen=True)
class Envelope:
    """Where the share of ranks up to each point stays in 95 of 100 calibrated experiments.

    Attributes
    ----------
    at, low, high : tuple of float
        Points of [0..1], and the band of the empirical distribution there, for the whole curve at once.
    """

    at: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def envelope(patients: int, points: int = 50, coverage: float = 0.95, repeats: int = 2000) -> Envelope:
    """Return the simultaneous band of the empirical distribution of uniform ranks."""
    rng = np.random.default_rng(0)
    at = np.arange(1, points) / points
    counts = rng.multinomial(patients, np.full(points, 1.0 / points), repeats)
    curves = np.cumsum(counts, axis=1)[:, :-1] / patients
    sd = np.sqrt(at * (1.0 - at) / patients)
    reach = float(np.quantile((np.abs(curves - at) / sd).max(axis=1), coverage))
    low, high = np.clip(at - reach * sd, 0.0, 1.0), np.clip(at + reach * sd, 0.0, 1.0)
    return Envelope(*(tuple(map(float, row)) for row in (at, low, high)))
