"""What a measure is made of: quantities of a cohort, and the share, mean, median or centile asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from garland._types import Float64s
from garland.validation.cohorts import _Cohort
from garland.validation.statistics import (
    _estimate,
    _mean,
    _percent,
    _Simulated,
    _weighted_median,
    _weighted_quantile,
)

Measure = Callable[[_Cohort], _Simulated]
Values = Callable[[_Cohort], Any]


def _among(cohort: _Cohort, among: Values | None) -> Float64s:
    """Return the weights of those who are asked about, (N,)."""
    return cohort.weight if among is None else np.asarray(cohort.weight * among(cohort), np.float64)


def _share(values: Values, among: Values | None = None) -> Measure:
    """Return what asks for the share of a cohort for whom something holds, among all or among some [%]."""
    return lambda c: _percent(np.asarray(values(c)), _among(c, among))


def _median(values: Values, among: Values | None = None) -> Measure:
    """Return what asks for the median of a quantity, among all or among some."""
    return lambda c: _weighted_median(np.asarray(values(c), np.float64), _among(c, among))


def _average(values: Values, among: Values | None = None) -> Measure:
    """Return what asks for the mean of a quantity, among all or among those who have it (NaN: has not)."""

    def mean(cohort: _Cohort) -> _Simulated:
        found = np.asarray(values(cohort), np.float64)
        return _mean(np.nan_to_num(found), _among(cohort, among) * np.isfinite(found))

    return mean


def _centile(values: Values, share: float, among: Values | None = None) -> Measure:
    """Return what asks for a centile [0..1] of a quantity, among all or among those who have it."""

    def centile(cohort: _Cohort) -> _Simulated:
        found = np.asarray(values(cohort), np.float64)
        weights = _among(cohort, among) * np.isfinite(found)
        found = np.nan_to_num(found)
        return _estimate(lambda at: _weighted_quantile(found[at], weights[at], share), cohort.n)

    return centile


def _spread(values: Values, means: float = 0.0, spreads: float = 1.0) -> Measure:
    """Return what asks for some means and some standard deviations of a quantity together."""

    def spread(cohort: _Cohort) -> _Simulated:
        found = np.asarray(values(cohort), np.float64)
        there = np.isfinite(found) & (cohort.weight > 0.0)

        def both(at: np.ndarray) -> float:
            kept = found[at][there[at]]
            return float(means * kept.mean() + spreads * kept.std()) if len(kept) else float("nan")

        return _estimate(both, cohort.n)

    return spread


def _lived(cohort: _Cohort, name: str, moment: str = "seen", added: float = 0.0) -> Float64s:
    """Return an outcome of every patient on a day; see `model.outcomes`."""
    return np.asarray(getattr(cohort.scene(moment, added).outcomes, name), np.float64)


def _on(name: str, moment: str = "seen", added: float = 0.0) -> Values:
    """Return an outcome as a quantity to ask about."""
    return lambda cohort: _lived(cohort, name, moment, added)


def _person(name: str) -> Values:
    """Return what is known of the person as a quantity to ask about."""
    return lambda cohort: np.asarray(getattr(cohort.scene().person, name), np.float64)


def _within(values: Values, low: float, high: float) -> Values:
    """Return whether a quantity lies between two values, both included."""

    def inside(cohort: _Cohort) -> Any:
        found = values(cohort)
        return (found >= low) & (found <= high)

    return inside


def _without(values: Values) -> Values:
    """Return whether something does not hold."""
    return lambda cohort: ~np.asarray(values(cohort), bool)


def _together(*every: Values) -> Values:
    """Return whether several things hold at once."""
    return lambda cohort: np.logical_and.reduce([np.asarray(one(cohort), bool) for one in every])


def _worse_side(cohort: _Cohort, field: np.ndarray) -> np.ndarray:
    """Return the value on the side that is struck harder, (N, 2) to (N,)."""
    side = np.asarray(cohort.scene().affected_hazard).argmax(axis=1)
    return np.asarray(field[np.arange(len(side)), side])


def _other_side(cohort: _Cohort, field: np.ndarray) -> np.ndarray:
    """Return the value on the side that is struck less, (N, 2) to (N,)."""
    return _worse_side(cohort, field[:, ::-1])
