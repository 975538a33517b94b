"""What a trial sees of its patients: visits with errors of measurement, some missed, some patients lost.

Leaving and missing a visit depend on chance alone, never on the arm or on how a patient does. Missing values
are handled by one rule for each outcome (`RULES`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.trial.parts import _Outcome
from garland.units import DAYS_PER_YEAR

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RULES: Mapping[str, str] = {
    "nis-gain": "who leaves, dies or ends without a gain is censored at the last visit attended",
    "pain-responder": "who is not seen on the day counts as no responder",
    "walks-alone": "who is not seen on the day is taken as at the last visit attended",
    "nis-change": "who is not seen on the day is left out",
}
"""What is done about missing values, by outcome."""


class _Luck(NamedTuple):
    """What happens to n patients by chance alone: the same whatever their arm.

    Attributes
    ----------
    nis_error, pain_error : (D, n)
        Errors of measurement on each day [points, NRS].
    walk_level : (n,)
        Who walks alone: those whose probability is above this level [0..1].
    attends : (D, n)
        Who comes to which visit; everybody is there on day 0.
    stays_day : (n,)
        Day on which a patient leaves or dies [d].
    """

    nis_error: Floats
    pain_error: Floats
    walk_level: Floats
    attends: Bools
    stays_day: Floats


class _Seen(NamedTuple):
    """What the visits of n patients show; NaN where nothing was seen.

    Attributes
    ----------
    days : (D,)
        Days after randomisation [d].
    nis, pain_nrs, walks : (D, n)
        Measured NIS [points], pain [NRS], and whether the patient walks alone (1 or 0).
    """

    days: Floats
    nis: Floats
    pain_nrs: Floats
    walks: Floats


class _Result(NamedTuple):
    """The primary outcome of n patients.

    Attributes
    ----------
    value : (n,)
        Time to the event or to the last visit [d], 1 or 0 for a response, or the change of the NIS [points].
    event : (n,)
        Whether the event came; True for other outcomes.
    entry : (n,)
        Measured NIS at entry, with which changes are adjusted [points].
    known : (n,)
        Who is counted.
    """

    value: Floats
    event: Bools
    entry: Floats
    known: Bools


class _Losses(NamedTuple):
    """Share of patients who leave within a year, and of visits missed [0..1]."""

    drop_out_per_year: float
    missed_visits: float


NO_LOSSES = _Losses(0.0, 0.0)


def _luck(days: Floats, death_day: Floats, losses: _Losses, rng: np.random.Generator) -> _Luck:
    """Draw what happens to n patients by chance alone."""
    shape = (len(days), len(death_day))
    nis_error = part("trial/conduct").value("nis_repeat_sd") * rng.standard_normal(shape)
    pain_error = part("care/analgesics").value("weekly_noise_nrs") * rng.standard_normal(shape)
    level = rng.random(shape[1])
    attends = rng.random(shape) >= losses.missed_visits
    attends[0] = True
    with np.errstate(divide="ignore"):
        left = -np.log(rng.random(shape[1])) / -np.log1p(-losses.drop_out_per_year)
    stays = np.minimum(DAYS_PER_YEAR * left, death_day)
    return _Luck(nis_error, pain_error, level, attends & (days[:, None] <= stays), stays)


def _seen(days: Floats, lives: Mapping[str, Floats], luck: _Luck) -> _Seen:
    """Return what the visits show."""
    nis = np.maximum(lives["nis"] + luck.nis_error, 0.0)
    pain = np.clip(lives["pain_nrs"] + luck.pain_error, 0.0, 10.0)
    walks = (lives["walks_alone"] > luck.walk_level).astype(np.float64)
    there = luck.attends
    return _Seen(days, *[np.where(there, field, np.nan) for field in (nis, pain, walks)])


def _result(visits: _Seen, outcome: _Outcome) -> _Result:
    """Return the primary outcome of each patient."""
    entry = visits.nis[0]
    if outcome.what == "nis-gain":
        return _gain(visits, outcome.points)
    day = int(np.argmin(np.abs(visits.days - (outcome.day or 0.0))))
    every = np.ones(len(entry), bool)
    if outcome.what == "nis-change":
        change = visits.nis[day] - entry
        return _Result(change, every, entry, np.isfinite(change))
    if outcome.what == "pain-responder":
        with np.errstate(invalid="ignore"):
            better = (visits.pain_nrs[day] <= (1.0 - outcome.share) * visits.pain_nrs[0]) & (
                visits.pain_nrs[0] > 0
            )
        return _Result(better.astype(np.float64), every, entry, every)
    return _Result(_last(visits.walks[: day + 1]), every, entry, every)


def _last(values: Floats) -> Floats:
    """Return the last value seen of each patient, (n,), from (D, n)."""
    there = np.isfinite(values)
    last = len(values) - 1 - np.argmax(there[::-1], axis=0)
    return np.asarray(np.take_along_axis(values, last[None], axis=0)[0])


def _gain(visits: _Seen, points: float) -> _Result:
    later = visits.nis[1:]
    with np.errstate(invalid="ignore"):
        gained = later <= visits.nis[0] - points
    event = gained.any(axis=0)
    first = np.where(event, gained.argmax(axis=0), 0)
    attended = np.isfinite(later)
    last = len(later) - 1 - np.argmax(attended[::-1], axis=0)
    end = np.where(attended.any(axis=0), visits.days[1:][last], 0.0)
    value = np.where(event, visits.days[1:][first], end)
    return _Result(value, event, visits.nis[0], np.ones(len(event), bool))
