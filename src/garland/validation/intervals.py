"""Published intervals and the verdict on a simulated number.

Trusted  counts within 0..n.   Numbers  none: a tolerance of 15 % stands for the interval nobody published.
"""

from __future__ import annotations

import math
from typing import Literal

Verdict = Literal["inside", "near", "outside", "left-out"]
"""Inside the published interval, within the tolerance, neither, or not simulated."""

TOLERANCE = 0.15
"""Relative distance from a published value that still counts as near [-]."""
_Z = 1.959964


def _wilson(count: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share.

    Low and high [%].
    """
    share, z = count / n, _Z
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if count == 0 else 100 * (centre - half)
    high = 100.0 if count == n else 100 * (centre + half)
    return low, high


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
