"""Counting a column without keeping it: fixed bins between its ends, so that memory stays flat in size.

The ends come from the footers of the files, so that no value falls outside. Counts, mean and spread are
exact; quantiles are read off the bins, exact to one bin of `BINS` between the ends (on a logarithmic scale,
where the column is written from logarithms).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 240
"""Bins of a column of numbers [-]."""
SHOWN = 24
"""Bins that are kept in the summary [-]; a divisor of `BINS`."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_DECADES = 1e-5
_FEWEST = 1e-9


@dataclass(frozen=True)
class _Scale:
    """Bins of a column.

    Attributes
    ----------
    low, high : float
        Ends; where `logarithmic`, what is below `low` (no response) is counted apart.
    logarithmic : bool
        Whether bins are even on the logarithmic scale.
    """

    low: float
    high: float
    logarithmic: bool = False

    @property
    def edges(self) -> Floats:
        """Edges of the bins, (BINS + 1,)."""
        if self.logarithmic:
            return np.geomspace(self.low, self.high, BINS + 1)
        return np.linspace(self.low, self.high, BINS + 1)

    def place(self, values: Floats) -> NDArray[np.intp]:
        """Return the bin of each value within the ends."""
        if self.logarithmic:
            share = np.log(values / self.low) / np.log(self.high / self.low)
        else:
            share = (values - self.low) / (self.high - self.low)
        found: NDArray[np.intp] = np.clip((BINS * share).astype(np.intp), 0, BINS - 1)
        return found


def _scale_between(low: float, high: float, logarithmic: bool) -> _Scale:
    """Return bins that hold a column."""
    if not np.isfinite(low) or not np.isfinite(high):
        return _Scale(0.0, 1.0)
    if logarithmic and high > 0.0:
        low = max(low, high * _DECADES)
        return _Scale(low, high if high > low else low * 1.01, True)
    return _Scale(low, high if high > low else low + max(abs(low), 1.0) * 1e-6)


@dataclass(frozen=True)
class _Counts:
    """What is known of one column in some rows; counts of parts add up.

    Attributes
    ----------
    rows, recorded, silent : int
        Rows, rows with a value, and rows with no response (an amplitude of 0, or what hangs on one) [-].
    total, squares : float
        Sum and sum of squares of the values, no responses left out.
    bins : ndarray
        Values in each bin, (BINS,); in each grade where the column is one of grades.
    """

    rows: int
    recorded: int
    silent: int
    total: float
    squares: float
    bins: NDArray[np.int64]

    def __add__(self, other: _Counts) -> _Counts:
        """Return the counts of both together."""
        return _Counts(
            self.rows + other.rows,
            self.recorded + other.recorded,
            self.silent + other.silent,
            self.total + other.total,
            self.squares + other.squares,
            self.bins + other.bins,
        )

    @property
    def measured(self) -> int:
        """Values that are no missing response [-]."""
        return int(self.bins.sum())

    @property
    def mean(self) -> float:
        """Mean; NaN of nothing."""
        return self.total / self.measured if self.measured else float("nan")

    @property
    def sd(self) -> float:
        """Standard deviation; NaN of fewer than two."""
        n = self.measured
        if n < 2:
            return float("nan")
        return float(np.sqrt(max(self.squares - self.total**2 / n, 0.0) / (n - 1)))


def _counted_numbers(values: Floats, scale: _Scale, silent: NDArray[np.bool_]) -> _Counts:
    """Count a column of numbers."""
    there = ~np.isnan(values)
    told = values[there & ~silent]
    bins = np.bincount(scale.place(told), minlength=BINS).astype(np.int64)
    recorded = int((there | silent).sum())
    return _Counts(values.size, recorded, int(silent.sum()), float(told.sum()), float((told**2).sum()), bins)


def _counted_grades(values: Floats, grades: Floats) -> _Counts:
    """Count a column of grades."""
    told = values[~np.isnan(values)]
    nearest = np.abs(told[:, None] - grades[None, :]).argmin(axis=1)
    bins = np.bincount(nearest, minlength=grades.size).astype(np.int64)
    return _Counts(values.size, told.size, 0, float(told.sum()), float((told**2).sum()), bins)


def _quantiles(counts: _Counts, scale: _Scale) -> tuple[float, ...]:
    """Return the `QUANTILES` of a column of numbers, within a bin by straight lines; NaN of nothing."""
    if not counts.measured:
        return (float("nan"),) * len(QUANTILES)
    below = np.concatenate([[0.0], np.cumsum(counts.bins)])
    rising = below + _FEWEST * np.arange(BINS + 1)
    found = np.interp(np.array(QUANTILES) * counts.measured, rising, scale.edges)
    return tuple(float(value) for value in found)


def _shown_bins(counts: _Counts, scale: _Scale) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return edges and counts of `SHOWN` wider bins."""
    edges = scale.edges[:: BINS // SHOWN]
    wide = counts.bins.reshape(SHOWN, -1).sum(axis=1)
    return tuple(float(edge) for edge in edges), tuple(int(count) for count in wide)
