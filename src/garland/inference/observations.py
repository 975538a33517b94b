"""What was found, on the scales of the model: a value, or the interval that a grade or word stands for.

Reads    findings.   Feeds  inference.likelihood, inference.review.

Every finding becomes one observation. Where a record does not say which of several items was tested (a
group of muscles, a side left out), the observation names them all, and its likelihood is the mean over them.
A statement about many items at once (``others: normal``) is one observation too: all of them hold, or the
statement was a slip.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.findings import Address, column, noise_sd

SIDES = ("left", "right")
INF = math.inf


@dataclass(frozen=True)
class Observation:
    """One finding.

    Attributes
    ----------
    label, kind : str
        What was examined, in words, and the modality.
    text : str
        The record's own words.
    where : tuple of Address
        The findings of the model it may be about; more than one where the record leaves it open.
    low, high : float
        Interval on the scale of the finding; equal for a measured value.
    every : bool
        Whether it says something of every item of `where`; otherwise of any one of them.
    absent_in_health : float
        Probability that a healthy nerve gives no response; counts only for an absent response [0..1].
    """

    label: str
    kind: str
    text: str
    where: tuple[Address, ...]
    low: float
    high: float
    every: bool = False
    absent_in_health: float = 0.0

    @property
    def measured(self) -> bool:
        """Whether a number was recorded rather than a grade or word."""
        return self.low == self.high


class Arrays(NamedTuple):
    """Observations of one visit as arrays: E entries (finding of the model), O observations, padded.

    Attributes
    ----------
    column, low, high, sd, absent : (E,)
        Position in the expected vector; interval on its scale; noise; chance of no response in health.
    member, every : (E, O)
        Share of each entry in its observation, and 1 where an observation speaks of every entry;
        padding is zero.
    measured : (E,)
        1 where a number was recorded.
    odd : (O,)
        Likelihood of an observation made by mistake [-] or, for numbers, its density.
    weight : (O,)
        1 for an observation, 0 for padding.
    """

    column: NDArray[np.int32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    sd: NDArray[np.float32]
    absent: NDArray[np.float32]
    member: NDArray[np.float32]
    every: NDArray[np.float32]
    measured: NDArray[np.float32]
    odd: NDArray[np.float32]
    weight: NDArray[np.float32]


ENTRY_SIZES = (64, 256, 1024)
"""Sizes to which the arrays are padded, so that every case runs in one of few compiled programs."""
_ODD_INTERVAL = 0.3
_ODD_DENSITY = 0.25


def padded_size(entries: int) -> int:
    """Return the size to which this number of entries is padded."""
    return next((size for size in ENTRY_SIZES if entries <= size), 1 << (entries - 1).bit_length())


def arrays(observations: tuple[Observation, ...], size: int) -> Arrays:
    """Return the observations of one visit as padded arrays.

    Parameters
    ----------
    observations : tuple of Observation
        What was found.
    size : int
        Number of entries and of observations to pad to; at least the number of entries.
    """
    sd = noise_sd()
    rows = [(o, i, address) for o, obs in enumerate(observations) for i, address in enumerate(obs.where)]
    columns = np.zeros(size, np.int32)
    low, high = np.full(size, -INF, np.float32), np.full(size, INF, np.float32)
    spread, absent, measured = (
        np.ones(size, np.float32),
        np.zeros(size, np.float32),
        np.zeros(size, np.float32),
    )
    member, every = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    weight = np.zeros(size, np.float32)
    odd = np.full(size, _ODD_INTERVAL, np.float32)
    for row, (o, _, address) in enumerate(rows):
        obs = observations[o]
        columns[row] = column(address)
        spread[row] = sd[columns[row]]
        low[row], high[row] = obs.low, obs.high
        measured[row], absent[row] = float(obs.measured), obs.absent_in_health
        member[row, o] = 0.0 if obs.every else 1.0 / len(obs.where)
        every[row, o] = float(obs.every)
        weight[o] = 1.0
        odd[o] = _ODD_DENSITY if obs.measured else _ODD_INTERVAL
    return Arrays(columns, low, high, spread, absent, member, every, measured, odd, weight)


def odd_share() -> float:
    """Return the share of findings recorded wrongly or for a reason outside the model [0..1]."""
    return part("recordings/noise").value("odd_share")


def sided(field: str, side: str, items: tuple[str, ...] | str) -> tuple[Address, ...]:
    """Return addresses of items on a side; a side left out (``unstated``) stands for either.

    Parameters
    ----------
    field : str
        Field of the expected findings.
    side : str
        ``left``, ``right`` or ``unstated``.
    items : tuple of str or str
        Items of the field.
    """
    names = (items,) if isinstance(items, str) else items
    which = SIDES if side == "unstated" else (side,)
    return tuple(Address(field, SIDES.index(s), name) for s in which for name in names)


def unsided(field: str, item: str) -> tuple[Address, ...]:
    """Return the address of an item that has no side."""
    return (Address(field, None, item),)
