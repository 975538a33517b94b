"""What grades and words mean on the scales of the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from garland.evidence.findings import NO, YES, Interval
from garland.model.findings import FINDINGS
from garland.records import mrc_range

__all__ = ["INF", "NO", "YES", "Interval", "Words", "cells", "strength", "words_of", "written_cells"]

INF = math.inf
_PLUS_STEP = 1.0 / 3.0
_STRENGTH = FINDINGS["movement_strength"]
Words = tuple[tuple[int | str, float], ...]


def strength(grade: int | str) -> Interval | None:
    """Return the interval of an MRC grade, range or word; None for ``not-done``."""
    ends = mrc_range(grade)
    if ends is None:
        return _STRENGTH.words.get(str(grade))
    plain = str(grade).isdigit() or " to " in str(grade)
    margin = 0.5 if plain else _PLUS_STEP / 2.0
    low = -INF if ends[0] == 0 else ends[0] - margin
    high = INF if ends[1] >= 5 else ends[1] + margin
    return (_STRENGTH.words["normal"][0] if ends[0] >= 5 else low), high


def words_of(field: str) -> dict[str, Interval]:
    """Return the declared words of a field with their intervals on its scale."""
    return dict(FINDINGS[field].words)


def cells(intervals: Mapping[int | str, Interval]) -> Words:
    """Return words, from low to high, with the upper ends of their cells, which share the scale out.

    Where the intervals of two words overlap, or leave a gap, their cells meet in the middle.
    """
    ends = [
        high if low == -INF else 0.5 * (low + high)
        for (low, _), (_, high) in zip([*intervals.values()][1:], intervals.values(), strict=False)
    ]
    return tuple(zip(intervals, (*ends, INF), strict=True))


@cache
def written_cells(field: str) -> Words:
    """Return what an examiner writes of a field, from low to high, each with the upper end of its cell."""
    kind = FINDINGS[field]
    graded = kind.part == "strength"
    return cells({w: (strength(w) if graded else kind.words[str(w)]) or (-INF, INF) for w in kind.written})
