"""How good stated probabilities are: what was stated beside what came true, and what of the gap is chance.

`stated` and `came` are (N,): the probability of an answer [0..1] and whether it was right. The calibration
error is never zero: with N patients a perfect forecaster shows some, which therefore stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from garland._types import Float64s, Ints
from garland.statistics import binomial_interval

BINS = 10
"""Bins of a reliability diagram, equally filled [-]."""


@dataclass(frozen=True)
class Bin:
    """One bin of a reliability diagram.

    Attributes
    ----------
    patients : int
        How many [-].
    stated, observed : float
        Mean probability and share of hits [0..1].
    low, high : float
        95 % interval of the share of hits (Wilson) [0..1].
    """

    patients: int
    stated: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True)
class Floor:
    """What a perfectly calibrated forecaster shows: mean, and the value 19 of 20 such stay below."""

    mean: float
    upper: float


def _equal_bins(value: Float64s, bins: int = BINS) -> list[Ints]:
    """Return the members of equally filled bins, from low to high."""
    order = np.argsort(value, kind="stable")
    return [part for part in np.array_split(order, min(bins, len(order))) if len(part)]


def calibration_gap(stated: Float64s, came: Float64s, bins: int = BINS) -> float:
    """Return how far, within a bin, the mean probability lies from the share of hits, over all [0..1]."""
    gaps = [len(part) * abs(stated[part].mean() - came[part].mean()) for part in _equal_bins(stated, bins)]
    return float(sum(gaps) / max(len(stated), 1))


def perfect_gap(stated: Float64s, bins: int = BINS, seed: int = 0, repeats: int = 2000) -> Floor:
    """Return the calibration error that these very probabilities would show if they were true."""
    if not len(stated):
        return Floor(0.0, 0.0)
    rng = np.random.default_rng(seed)
    drawn = (rng.random((repeats, len(stated))) < stated).astype(np.float64)
    values = [calibration_gap(stated, came, bins) for came in drawn]
    return Floor(float(np.mean(values)), float(np.quantile(values, 0.95)))


def reliability_bins(stated: Float64s, came: Float64s, bins: int = BINS) -> tuple[Bin, ...]:
    """Return the reliability diagram of some answers, bins from low to high."""
    found = []
    for part in _equal_bins(stated, bins):
        low, high = binomial_interval(came[part].sum(), len(part), "wilson")
        found.append(Bin(len(part), float(stated[part].mean()), float(came[part].mean()), low, high))
    return tuple(found)
