"""On which doubtful numbers an answer hangs: the leading probability with each at either end of its range.

Asked of numbers that no study has measured and that act on one finding each: how often a cause leads to an
item of the history, to a finding elsewhere or of imaging, and how often it is met at all. What the patients
behind each cause show is moved by the number alone; nothing is sampled anew. Numbers inside the model come
from `uncertain_numbers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from garland._types import Float64s
from garland.evidence import UNMEASURED, Number, part
from garland.inference.observations import _Observation
from garland.inference.posterior import Posterior
from garland.inference.predictive import _as_counted, _log_mean, _PredictiveSample
from garland.inference.result import DoubtfulNumber
from garland.model.diseases import DISEASES
from garland.model.diseases.prior import frequency_of
from garland.model.diseases.tables import entry_of
from garland.model.findings import column

_MOST, _LEAST_POINTS = 5, 0.02
"""Numbers that are named at most, and the change of the leading probability from which one is [-]."""
_ODDS = 2.0
"""By what factor the odds of a probability may be wrong where no range is filed [-]."""
_LEAST_SHARE = 0.002


class _Range(NamedTuple):
    """One number: where it stands, what it is, its value and the ends of its range."""

    path: str
    number: Number
    value: float
    ends: tuple[float, float]


def _hangs_on(
    used: list[tuple[_Observation, ...]],
    posterior: Posterior,
    views: Mapping[int, _PredictiveSample],
    setting: str,
    inside: Mapping[str, tuple[_Range, NDArray[np.float64]]],
) -> tuple[DoubtfulNumber, ...]:
    """Return the numbers on which the probability of the leading cause hangs most.

    Those `inside` the model come with what either end does to the evidence of each cause, (2, C) [nat].
    """
    ranges = {path: where for path, (where, _) in inside.items()}
    moved = {path: shift for path, (_, shift) in inside.items()}

    def move(where: _Range, cause: int, shift: Float64s) -> None:
        ranges[where.path] = where
        moved.setdefault(where.path, np.zeros((2, len(posterior.probability))))[:, cause] += shift

    for cause, seen in views.items():
        for where, shift in _of_findings(cause, seen, used):
            move(where, cause, shift)
        if (met := _frequency(cause, setting)) is not None:
            move(met, cause, np.log(np.array(met.ends) / met.value))
    lead = posterior.order[0]
    rows = [_row(ranges[path], shift, posterior.probability, lead) for path, shift in moved.items()]
    rows.sort(key=lambda row: -abs(row.high - row.low))
    return tuple(row for row in rows[:_MOST] if abs(row.high - row.low) >= _LEAST_POINTS)


def _row(where: _Range, shift: NDArray[np.float64], probability: Float64s, lead: int) -> DoubtfulNumber:
    within = probability.sum()
    low, high = (float(within * moved[lead] / moved.sum()) for moved in probability * np.exp(shift))
    number = where.number
    return DoubtfulNumber(
        where.path, number.description, number.standing, where.value, *where.ends, low, high
    )


def _of_findings(
    cause: int, seen: _PredictiveSample, used: list[tuple[_Observation, ...]]
) -> Iterator[tuple[_Range, Float64s]]:
    """Yield the numbers behind single findings under a cause, with what either end does to its evidence."""
    for visit, observations in enumerate(used):
        for index, observation in enumerate(observations):
            address = observation.where[0]
            found = entry_of(DISEASES[cause], address.field, address.item)
            if len(observation.where) > 1 or found is None or found[1].standing not in UNMEASURED:
                continue
            where = _range_of(*found)
            at, counted = column(address), seen.by_observation[visit][:, index]
            shifts = []
            for end in where.ends:
                expected = seen.expected[visit].copy()
                expected[:, at] += ndtri(end) - ndtri(where.value)
                again = _as_counted(expected, [observation])[:, 0]
                shifts.append(float(_log_mean(again - counted, seen.weights)))
            yield where, np.array(shifts)


def _range_of(path: str, number: Number, value: float) -> _Range:
    """Return the range of a probability: as filed where it is filed for this number alone, else by odds."""
    low, high = number.trusted
    if low is None or high is None or not isinstance(number.value, float):
        odds = value / (1.0 - value)
        low, high = (o / (1.0 + o) for o in (odds / _ODDS, odds * _ODDS))
    ends = np.clip((low, high), _LEAST_SHARE, 1.0 - _LEAST_SHARE)
    return _Range(path, number, value, (float(ends[0]), float(ends[1])))


def _frequency(cause: int, setting: str) -> _Range | None:
    """Return how often a cause is met in a setting, where nobody has counted it."""
    path, number, value = frequency_of(DISEASES[cause], setting)
    if number.standing not in UNMEASURED:
        return None
    times = part("inference/suspicion").value("prior_factor")
    return _Range(path, number, value, (value / times, value * times))
