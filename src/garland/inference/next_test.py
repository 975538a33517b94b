"""The next best test: what each open test would tell about the cause, and which result points where.

For every open test the patients of all causes say how often each joint result would come. The expected
information is the mutual information between cause and result, in bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from garland.inference.items import Item
from garland.inference.outcomes import Floats, TestResults, _Crowd, _information, _results
from garland.inference.review import _View
from garland.model.diseases import DISEASES

_SELDOM = 0.02
"""Results rarer than this are not told [-]."""


def _results_of(seen: _View, item: Item, noise: NDArray[np.float32]) -> Floats:
    """Return how probable each result of an item is under one cause, shape (results,), summing to one."""
    (rows,) = _results([item], seen.expected[-1], noise)
    return np.asarray(rows @ seen.weights, np.float64)


def _worth(of: _Crowd, given: TestResults) -> Floats:
    """Return the expected information of each test by itself about the cause, shape (T,) [bit]."""
    return np.asarray(_information(of, of.weights[None, :], given)[0])


def _one_side_each(given: TestResults, bits: Floats) -> list[int]:
    """Return the tests by what they tell, the most telling first, one side of each, as indices."""
    first: dict[str, int] = {}
    for index in np.argsort(-bits, kind="stable"):
        first.setdefault(given.tests[index].place, int(index))
    return list(first.values())


def _sentence(of: _Crowd, given: TestResults, test: int) -> str:
    """Return which result points where: the two results that move a cause most, of two causes if possible."""
    parts = sorted(_pointers(of, given, test), key=lambda part: -part[0])
    if not parts:
        return ""
    other = next((part for part in parts if part[1] != parts[0][1]), None)
    second = other or (parts[1] if len(parts) > 1 else None)
    return "; ".join(part[2] for part in (parts[0], second) if part is not None)


def _pointers(of: _Crowd, given: TestResults, test: int) -> list[tuple[float, int, str]]:
    """Return gain in probability, cause and words of every result that is not too rare."""
    found = []
    before = of.probability
    for item, rows in zip(given.tests[test].items, given.single[test], strict=True):
        together = of.by_cause(rows * of.weights)
        after = together / together.sum(axis=0)
        what = f"{item.what} " if item.what else ""
        for result in np.flatnonzero(together.sum(axis=0) >= _SELDOM):
            gain = after[:, result] - before
            best = int(np.argmax(gain))
            words = f"{DISEASES[of.causes[best]].title} {before[best]:.2f} → {after[best, result]:.2f}"
            found.append((float(gain[best]), best, f"{what}{item.results[result]}: {words}"))
    return found
