"""Limits of interim looks: how much error may be spent by when, and the test statistic that spends it.

Lan and DeMets' spending functions of the O'Brien-Fleming and Pocock kind. The limits follow from the joint
normal law of the statistics at the looks, worked out look by look on a grid (Armitage, McPherson and Rowe).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_POINTS = 161
_WIDEST = 8.5


def _spent(fraction: float, alpha: float, spending: str) -> float:
    """Return how much of the two-sided error may be spent by a share of the information [0..1]."""
    from scipy.stats import norm

    if spending == "obrien-fleming":
        return float(4.0 * norm.sf(norm.isf(alpha / 4.0) / math.sqrt(fraction)))
    if spending == "pocock":
        return alpha * math.log1p((math.e - 1.0) * fraction)
    raise ValueError(f"no spending function is called {spending!r}")


@lru_cache(maxsize=64)
def limits(fractions: tuple[float, ...], alpha: float, spending: str) -> tuple[float, ...]:
    """Return the absolute z at which a trial stops at each look.

    One limit for each look [standard deviations]; at a single look that of an ordinary test.
    """
    from scipy.stats import norm

    found: list[float] = []
    density: tuple[Floats, Floats] | None = None
    before = 0.0
    for step, fraction in enumerate(fractions):
        now = _spent(fraction, alpha, spending)
        error, before = now - before, now
        if density is None:
            found.append(float(norm.isf(error / 2.0)))
        else:
            found.append(_limit(error, density, fractions[step - 1], fraction))
        density = _carried(density, found[-1], fractions, step)
    return tuple(found)


def _limit(error: float, density: tuple[Floats, Floats], last: float, now: float) -> float:
    """Return the absolute z that a look passes with a chance of `error`."""
    from scipy.optimize import brentq

    return float(brentq(lambda z: _beyond(z, *density, last, now) - error, 0.0, _WIDEST))


def _beyond(limit: float, place: Floats, mass: Floats, last: float, now: float) -> float:
    """Return the chance of going on until now and passing a limit now [0..1]."""
    from scipy.stats import norm

    spread = math.sqrt(now - last)
    edge = limit * math.sqrt(now)
    tails = norm.sf((edge - place) / spread) + norm.cdf((-edge - place) / spread)
    return float((mass * tails).sum())


@lru_cache(maxsize=1)
def _grid() -> tuple[Floats, Floats]:
    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    return points, weights


def _carried(
    density: tuple[Floats, Floats] | None, limit: float, fractions: Sequence[float], step: int
) -> tuple[Floats, Floats]:
    """Return where the score (z times the root of the information) may be while the trial goes on.

    A grid of Gauss-Legendre points inside the limits, with the chance that each stands for.
    """
    from scipy.stats import norm

    now = fractions[step]
    edge = min(limit, _WIDEST) * math.sqrt(now)
    points, weights = _grid()
    place = edge * points
    if density is None:
        height = norm.pdf(place, scale=math.sqrt(now))
    else:
        spread = math.sqrt(now - fractions[step - 1])
        height = (density[1] * norm.pdf(place[:, None] - density[0], scale=spread)).sum(axis=1)
    return place, np.asarray(height * weights * edge, np.float64)
