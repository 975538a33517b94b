"""A forecast: the patients who fit a case's findings, followed on from today under several plans of care.

Today is the day of the last visit. It is not the same in all patients: where the record does not say how long
the illness has lasted, each has a day of its own. All are set side by side on the days since today; the page
counts from the first symptom of the median patient. Care starts today: the days of a plan count from today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from garland import __version__
from garland._types import Float64s
from garland.errors import InputError
from garland.evidence.provenance import numbers_read
from garland.forecasts.arms import _ArmPlan, _arms_of
from garland.forecasts.members import (
    MEMBERS,
    _followed,
    _followed_causes,
    _mean_with_interval,
    _Members,
    _quantiles,
    _Start,
    _start_of,
)
from garland.forecasts.milestones import PLOTS, _Event, _outlook, _Plot
from garland.forecasts.patient import _check_months
from garland.forecasts.records import Arm, Band, CourseReport, Milestone, Series, Statement
from garland.forecasts.sentences import _answers, _course_caveat, _differences, assumed_lines, person_lines
from garland.forecasts.simulate import _spaced
from garland.inference.consult import Asked, FullConsult, consult_in_full
from garland.model.diseases import DISEASES
from garland.model.outcomes import Outcomes
from garland.progress import stretch, tell
from garland.records import Case

_HOW_TO_READ = (
    "Care starts today, and days of a plan count from today; earlier treatment is not taken into account.",
    "What a drug takes of pain includes the placebo response that it had in trials.",
    "Bands of measures show how patients who fit the findings differ.",
    "The interval after a probability (80 %) shows how far it might move if the average patient were known.",
    "Regrowth, severity, pain and the answer to treatment count in it, and how exact the sampling is.",
    "The range after a difference holds eight patients in ten, each compared with itself.",
    "Strength, pain and walking are told as for a survivor; survival is told apart.",
)


@dataclass(frozen=True)
class ForecastOptions:
    """How a forecast is made.

    Attributes
    ----------
    setting : str
        Where the patient is met; sets how common each cause is.
    seed : int
        Same seed, same answer.
    months : float
        How far ahead [months].
    particles : int or None
        Virtual patients per cause in the consult; None: as many as it needs [-].
    members : int
        About how many of them are followed [-].
    """

    setting: str = "emg-laboratory"
    seed: int = 0
    months: float = 36.0
    particles: int | None = None
    members: int = MEMBERS


def forecast(
    case: Case,
    arms: Sequence[str] | None = None,
    options: ForecastOptions | None = None,
    **named: Any,
) -> CourseReport:
    """Tell how a case will go, without further treatment and in every arm.

    Parameters
    ----------
    case : Case
        The record.
    arms : sequence of str, optional
        Named arms, plans in words, or paths of YAML files; None: `_default_arms`. Days count from today.
    options : ForecastOptions, optional
        Setting, seed, months ahead, how many patients.
    **named
        Options one by one, such as ``months=12`` or ``seed=3``.

    Returns
    -------
    CourseReport
        Arm ``none`` first. Bands are over patients; intervals of probabilities as told in
        `forecast.uncertainty`.

    Raises
    ------
    InputError
        If the setting is unknown, the months lie outside 1 to 120, an arm cannot be read, or the causes of
        the case could not be found.
    """
    options = replace(options or ForecastOptions(), **named)
    _check_months(options.months)
    plans = None if arms is None else _arms_of(arms, 0.0)
    with numbers_read() as read:
        with stretch(0.0, 0.7):
            full = consult_in_full(case, Asked(options.setting, options.seed, options.particles))
        if not full.answer.diagnostics.passed:
            why = "; ".join(full.answer.diagnostics.failures)
            rule = f"has no causes to rest on: {why}"
            raise InputError(case.id, "no answer", rule, "ask with another seed")
        start = _started(full, options)
        plans = plans if plans is not None else _arms_of(_default_arms(full, start.members), 0.0)
        tell(f"following {len(start.members.weight)} patients in {len(plans)} arms", 0.7)
        lives = _followed(start, [plan.treatment for plan in plans])
        tell("summing up", 0.98)
        in_arms = tuple(_arm(start, plan, one, lives[0]) for plan, one in zip(plans, lives, strict=True))
    return _report(case, full, start, in_arms, read, options)


def _default_arms(full: FullConsult, members: _Members) -> tuple[str, ...]:
    """Return the arms of a forecast if none are asked for; slow glucose control where there is diabetes."""
    known = float(full.reading.person.diabetes)
    by_cause = np.array([DISEASES[c].diabetes == 1.0 for c in members.cause], np.float64)
    diabetic = float(by_cause @ members.weight) > 0.5 if np.isnan(known) else known > 0.5
    usual = ("pregabalin", "therapy", "methylprednisolone", "immunoglobulin")
    return (*usual, "glucose-slow") if diabetic else usual


def _started(full: FullConsult, options: ForecastOptions) -> _Start:
    """Return the members of a consulted case as they are today."""
    ahead = _spaced(options.months)
    return _start_of(full.reading, full.posterior, ahead, options.members, options.seed)


def _arm(start: _Start, plan: _ArmPlan, one: Outcomes, base: Outcomes) -> Arm:
    said = _answers(one, start.ahead, start.members, start.error)
    if one is not base:
        said += tuple(Statement(words, key=f"unknown-{i}") for i, words in enumerate(plan.not_known))
        said += _differences(one, base, start.ahead, start.members, start.error)
    shifted = tuple(_dated(s, start.today_day) for s in said)
    milestones = tuple(_milestone(start, event) for event in _outlook(one))
    series = tuple(_series(start, plot, one) for plot in PLOTS)
    return Arm(plan.name, plan.words, plan.evidence, series, shifted, milestones)


def _dated(said: Statement, today_day: float) -> Statement:
    return said if said.day is None else replace(said, day=said.day + today_day)


def _series(start: _Start, plot: _Plot, one: Outcomes) -> Series:
    bands = tuple((label, _band(start, take(one), plot.is_probability)) for label, take in plot.lines)
    return Series(plot.key, plot.title, plot.unit, plot.group, bands)


def _band(start: _Start, values: Float64s, is_probability: bool) -> Band:
    """Return the band of values (D, N): quantiles over patients, or the mean of probabilities."""
    if is_probability:
        low80, low50, middle, high50, high80 = _mean_with_interval(values, start.members, start.error)
    else:
        shares = (0.1, 0.25, 0.5, 0.75, 0.9)
        low80, low50, middle, high50, high80 = _quantiles(values, start.members.weight, shares)
    return Band(*(tuple(x.tolist()) for x in (start.days, middle, low50, high50, low80, high80)))


def _milestone(start: _Start, event: _Event) -> Milestone:
    """Return when an event comes: share of patients, and the days among those in whom it does."""
    weight = np.where(event.place >= 0, start.members.weight, 0.0)
    share = float(weight.sum())
    if share <= 0.0:
        return Milestone(event.key, event.words, probability=0.0)
    when = start.days[np.maximum(event.place, 0)]
    low, middle, high = (float(x) for x in _quantiles(when, weight / share, (0.1, 0.5, 0.9)))
    return Milestone(event.key, event.words, middle, low, high, min(share, 1.0))


def _report(
    case: Case,
    full: FullConsult,
    start: _Start,
    arms: tuple[Arm, ...],
    read: Iterable[str],
    options: ForecastOptions,
) -> CourseReport:
    shares = _followed_causes(start.members)
    lead = DISEASES[shares[0][0]].title
    percent = [(DISEASES[c].title, 100.0 * float(full.posterior.probability[c])) for c, _ in shares]
    return CourseReport(
        title=f"Forecast: {case.title or case.id}",
        kind="forecast",
        person=person_lines(start.person),
        cause=lead,
        cause_lines=tuple(f"{title}: {p:.0f} %" for title, p in percent),
        seed=options.seed,
        version=__version__,
        arms=arms,
        until_day=float(start.days[-1]),
        today_day=start.today_day,
        assumed=assumed_lines([c for c, _ in shares], read),
        notes=_notes(full, start, shares),
        patients=len(start.members.weight),
    )


def _notes(full: FullConsult, start: _Start, shares: tuple[tuple[int, float], ...]) -> tuple[str, ...]:
    early, late = (float(x) for x in _quantiles(start.today, start.members.weight, (0.1, 0.9)))
    today = f"{early:.0f} to {late:.0f} days after the first symptom (80 %)"
    notes = [f"Today is the day of the last visit, {today}.", *_HOW_TO_READ]
    if not full.answer.fit.fits:
        notes.append(full.answer.fit.message + " The forecast then rests on causes that do not fit.")
    for cause, share in shares:
        if said := _course_caveat(cause):
            notes.append(f"{DISEASES[cause].title} ({100.0 * share:.0f} % of the forecast): {said}.")
    return tuple(notes)
