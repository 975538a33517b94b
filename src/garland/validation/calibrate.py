"""The calibration rows under other numbers: what an optimiser needs, without the optimiser.

Rows used as a check are never answered here, so that nothing can be set with them by accident.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from garland.validation.results import RowResult
from garland.validation.rows import StudyRow, study_rows
from garland.validation.run import _measure_cohort

_WORST = 10.0


def _calibration_rows(cohorts: Iterable[str] | None = None) -> tuple[StudyRow, ...]:
    """Return the rows the model may be set with, of some cohorts or of all."""
    wanted = None if cohorts is None else set(cohorts)
    return tuple(
        row
        for row in study_rows()
        if row.use == "calibration" and row.question and (wanted is None or row.question.cohort in wanted)
    )


def _evaluate(
    numbers: Mapping[str, Any], n: int = 1024, seed: int = 0, cohorts: Iterable[str] | None = None
) -> tuple[RowResult, ...]:
    """Answer the calibration rows with other numbers than the evidence holds."""
    rows = _calibration_rows(cohorts)
    names = dict.fromkeys(row.question.cohort for row in rows if row.question)
    told = [_measure_cohort(name, n, seed, numbers, rows) for name in names]
    found = {key: answer for answers in told for key, answer in answers.items()}
    return tuple(RowResult(row, found[row.id].value, found[row.id].error) for row in rows)


def distance(result: RowResult) -> float:
    """Return how far an answer lies from what was published, in half-widths of its band [-].

    1 is the edge of the interval, or 15 % where there is none; never above 10, so that one row cannot
    outweigh all others. A row without an answer counts 10.
    """
    if result.simulated is None or not math.isfinite(result.simulated):
        return _WORST
    value = result.row.value
    low, high = result.row.band
    half = value - low if result.simulated < value else high - value
    return min(abs(result.simulated - value) / max(half, 1e-3 * max(abs(value), 1.0)), _WORST)


def _reach(result: RowResult) -> float:
    """Return `distance` with its sign: positive where the model says more than was published [-]."""
    if result.simulated is None or not math.isfinite(result.simulated):
        return _WORST
    return math.copysign(distance(result), result.simulated - result.row.value)


def misfit(results: Iterable[RowResult]) -> float:
    """Return the mean squared `distance` of some answers [-]; below 1 most lie within their bands."""
    squares = [distance(result) ** 2 for result in results]
    return sum(squares) / max(len(squares), 1)
