"""A sampled curve read between its samples: smoothing, crossings, vertices, noise.

Smoothing fits a polynomial to the neighbourhood of each sample, with weights that fall to nothing at its
edge: it leaves peaks in place, and its result changes smoothly with its width. A width below one sample
leaves the curve as it is.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from garland.signals.trace import Floats

MEDIAN_TO_SD = 1.4826
"""Standard deviation of normal noise over its median absolute deviation."""


def _refined(samples: Floats, factor: int) -> Floats:
    """Interpolate by the polynomial through six neighbours, shape (n,) to ((n - 1) * factor + 1,)."""
    if factor <= 1 or len(samples) < 6:
        return samples
    padded = np.concatenate([_beyond(samples[:3])[::-1], samples, _beyond(samples[:-4:-1])])
    n = len(samples)
    neighbours = np.stack([padded[k : k + n - 1] for k in range(1, 7)], axis=1)
    inside = neighbours @ _lagrange(factor).T
    return np.append(inside.ravel(), samples[-1])


def _beyond(ends: Floats) -> Floats:
    """Continue a curve from its last samples (3,), mirrored through the end point, shape (3,)."""
    return np.asarray(2.0 * ends[0] - np.array([ends[1], ends[2], ends[2]]), float)


@lru_cache(maxsize=32)
def _lagrange(factor: int) -> Floats:
    """Return weights of six neighbours at -2..3 for `factor` places in 0..1, shape (factor, 6)."""
    places = np.arange(factor) / factor
    nodes = np.arange(-2, 4)
    weights = np.ones((factor, 6))
    for j, node in enumerate(nodes):
        for other in nodes[nodes != node]:
            weights[:, j] *= (places - other) / (node - other)
    return weights


def _smoothed(samples: Floats, half_width: float, order: int) -> Floats:
    """Smooth by a local polynomial, same shape."""
    width = min(half_width, len(samples) / 3.0)
    reach = int(np.ceil(width)) - 1
    if 2 * reach + 1 <= order + 1:
        return samples
    kernel = _kernel(width, reach, order)
    left = 2.0 * samples[0] - samples[reach:0:-1]
    right = 2.0 * samples[-1] - samples[-2 : -reach - 2 : -1]
    return np.convolve(np.concatenate([left, samples, right]), kernel, mode="valid")


def _kernel(width: float, reach: int, order: int) -> Floats:
    """Return the weights of the value at the centre of a local polynomial, shape (2 reach + 1,)."""
    places = np.arange(-reach, reach + 1) / width
    weights = (1.0 - places**2) ** 2
    powers = places[:, None] ** np.arange(0, order + 1, 2)
    moments = (powers * weights[:, None]).T @ powers
    first = np.linalg.solve(moments, np.eye(len(moments))[0])
    return np.asarray(weights * (powers @ first), float)


def _vertex(values: Floats, index: int) -> tuple[float, float]:
    """Return place [samples] and value of the extremum at or beside a sample, by a parabola through three."""
    if index <= 0 or index >= len(values) - 1:
        return float(index), float(values[index])
    before, here, after = (float(x) for x in values[index - 1 : index + 2])
    bend = before - 2.0 * here + after
    if bend == 0.0:
        return float(index), here
    step = float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
    return index + step, here - 0.25 * (before - after) * step


def _at(values: Floats, place: float) -> float:
    """Return the value at a place [samples] that need not be a sample, by a parabola through three."""
    middle = int(np.clip(round(place), 1, len(values) - 2))
    before, here, after = (float(x) for x in values[middle - 1 : middle + 2])
    step = place - middle
    return here + 0.5 * step * (after - before) + 0.5 * step * step * (before - 2.0 * here + after)


def _last_below(values: Floats, level: float, before: int) -> float | None:
    """Return where the curve last rises through a level before a sample [samples]; None if it never does."""
    under = np.flatnonzero(values[:before] < level)
    if len(under) == 0:
        return None
    last = int(under[-1])
    rise = float(values[last + 1] - values[last])
    return last + (level - float(values[last])) / rise if rise > 0.0 else float(last)


def _commonest(values: Floats) -> float:
    """Return the level at which a curve lingers: the mean of its densest quarter."""
    ordered = np.sort(values)
    k = max(len(ordered) // 4, 1)
    narrowest = int(np.argmin(ordered[k:] - ordered[:-k]))
    return float(ordered[narrowest : narrowest + k + 1].mean())


def _mean_before(values: Floats, begin: float, end: float) -> float:
    """Return the mean between two places [samples], weighed from nothing at the first up to the second."""
    places = np.arange(len(values))
    weights = np.clip(end - places + 0.5, 0.0, 1.0) * np.maximum(places - begin, 0.0)
    total = float(weights.sum())
    return float(weights @ values) / total if total > 0.0 else float("nan")


def _area_between(values: Floats, begin: float, end: float) -> float:
    """Return the integral between two places [samples], which need not be samples, by trapezoids."""
    whole = np.concatenate([[0.0], np.cumsum(0.5 * (values[1:] + values[:-1]))])
    return _primitive(values, whole, end) - _primitive(values, whole, begin)


def _primitive(values: Floats, whole: Floats, place: float) -> float:
    first = int(np.clip(np.floor(place), 0, len(values) - 2))
    part = float(np.clip(place - first, 0.0, 1.0))
    return float(whole[first] + part * (values[first] + 0.5 * part * (values[first + 1] - values[first])))


def _noise_sd(values: Floats, lag: int, quiet: Floats | None = None) -> float:
    """Return the standard deviation of noise, told from slow drift by differences."""
    step = max(min(lag, len(values) // 4), 1)
    differences = np.abs(values[step:] - values[:-step])
    if quiet is not None:
        both = (quiet[step:] * quiet[:-step]) > 0
        if both.sum() >= 20:
            differences = differences[both]
    return float(MEDIAN_TO_SD * np.median(differences) / np.sqrt(2.0))
