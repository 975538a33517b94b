"""What grades and words mean on the scales of the model."""

from __future__ import annotations

import math
from typing import Final

from garland.records import mrc_range

INF = math.inf
Interval = tuple[float, float]

STRENGTH_WORDS: Final[dict[str, Interval]] = {
    "normal": (4.67, INF),
    "mild-weakness": (3.83, 4.67),
    "moderate-weakness": (2.5, 3.83),
    "severe-weakness": (0.5, 2.5),
    "paralysed": (-INF, 0.5),
    "reduced": (-INF, 4.67),
}
REFLEX_WORDS: Final[dict[str, Interval]] = {
    "absent": (-INF, 0.425),
    "trace": (0.3, 1.0),
    "reduced": (0.425, 1.45),
    "normal": (1.45, 2.8),
    "brisk": (2.8, INF),
    "0": (-INF, 0.425),
    "1": (0.425, 1.45),
    "2": (1.45, 2.65),
    "3": (2.65, 3.45),
    "4": (3.45, INF),
}
SENSATION_WORDS: Final[dict[str, Interval]] = {
    "normal": (-INF, 0.55),
    "reduced": (0.55, 2.0),
    "absent": (2.0, INF),
    "allodynia": (0.2, 2.0),
}
SPONTANEOUS_WORDS: Final[dict[str, Interval]] = {
    "none": (-INF, 0.5),
    "present": (0.5, INF),
    "sparse": (0.5, 1.6),
    "moderate": (1.6, 2.5),
    "abundant": (2.5, INF),
    "widespread": (1.7, INF),
    "0": (-INF, 0.5),
    "1": (0.5, 1.5),
    "2": (1.5, 2.5),
    "3": (2.5, 3.5),
    "4": (3.5, INF),
}
RECRUITMENT_WORDS: Final[dict[str, Interval]] = {
    "normal": (-0.75, INF),
    "mildly-reduced": (-1.6, -0.6),
    "reduced": (-3.0, -0.75),
    "severely-reduced": (-5.35, -3.0),
    "single-unit": (-7.0, -3.0),
    "none": (-INF, -5.35),
}
SIZE_WORDS: Final[dict[str, Interval]] = {
    "normal": (-0.375, 0.4),
    "raised": (0.4, INF),
    "reduced": (-INF, -0.375),
}
LENGTH_WORDS: Final[dict[str, Interval]] = {
    "normal": (-0.19, 0.18),
    "prolonged": (0.18, INF),
    "short": (-INF, -0.19),
}
WALKING_WORDS: Final[dict[str, Interval]] = {
    "normal": (2.0, INF),
    "aid": (1.0, 2.0),
    "wheelchair": (-INF, 1.0),
    "unable": (-INF, 1.0),
}
TEMPO_WORDS: Final[dict[str, Interval]] = {
    "sudden": (-INF, 0.7),
    "acute": (0.7, 2.8),
    "subacute": (2.8, 4.35),
    "chronic": (4.35, INF),
}
YES: Final[Interval] = (0.0, INF)
NO: Final[Interval] = (-INF, 0.0)
_PLUS_STEP = 1.0 / 3.0


def strength(grade: int | str) -> Interval | None:
    """Return the interval of an MRC grade, range or word; None for ``not-done``."""
    ends = mrc_range(grade)
    if ends is None:
        return STRENGTH_WORDS.get(str(grade))
    plain = str(grade).isdigit() or " to " in str(grade)
    margin = 0.5 if plain else _PLUS_STEP / 2.0
    low = -INF if ends[0] == 0 else ends[0] - margin
    high = INF if ends[1] >= 5 else ends[1] + margin
    return (4.67 if ends[0] >= 5 else low), high
