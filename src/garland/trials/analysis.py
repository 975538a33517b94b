"""Outcomes of a trial, their analysis, and its interim looks.

Leaving and missing a visit depend on chance alone; missing values are handled by one rule for each outcome
(`RULES`). Effects are those of the arm compared against the control: the log hazard ratio of a gain, the
difference of two shares, the difference of the change in points; `z` is above 0 where the arm compared does
better. The limits of looks follow from the joint normal law of the statistics, look by look on a grid
(Armitage, McPherson and Rowe).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from garland._types import Bools, Float64s
from garland.evidence import part
from garland.trials.spec import Outcome
from garland.units import DAYS_PER_YEAR

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

    nis_error: Float64s
    pain_error: Float64s
    walk_level: Float64s
    attends: Bools
    stays_day: Float64s


class _Seen(NamedTuple):
    """What the visits of n patients show; NaN where nothing was seen.

    Attributes
    ----------
    days : (D,)
        Days after randomisation [d].
    nis, pain_nrs, walks : (D, n)
        Measured NIS [points], pain [NRS], and whether the patient walks alone (1 or 0).
    """

    days: Float64s
    nis: Float64s
    pain_nrs: Float64s
    walks: Float64s


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

    value: Float64s
    event: Bools
    entry: Float64s
    known: Bools


class _Losses(NamedTuple):
    """Share of patients who leave within a year, and of visits missed [0..1]."""

    drop_out_per_year: float
    missed_visits: float


NO_LOSSES = _Losses(0.0, 0.0)


def _luck(days: Float64s, death_day: Float64s, losses: _Losses, rng: np.random.Generator) -> _Luck:
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


def _seen(days: Float64s, lives: Mapping[str, Float64s], luck: _Luck) -> _Seen:
    """Return what the visits show."""
    nis = np.maximum(lives["nis"] + luck.nis_error, 0.0)
    pain = np.clip(lives["pain_nrs"] + luck.pain_error, 0.0, 10.0)
    walks = (lives["walks_alone"] > luck.walk_level).astype(np.float64)
    there = luck.attends
    return _Seen(days, *[np.where(there, field, np.nan) for field in (nis, pain, walks)])


def _result(visits: _Seen, outcome: Outcome) -> _Result:
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


def _last(values: Float64s) -> Float64s:
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


BETTER = {"nis-gain": 1.0, "pain-responder": 1.0, "walks-alone": 1.0, "nis-change": -1.0}
"""Sign of an effect that is good for patients."""


class _Estimate(NamedTuple):
    """What one analysis finds; NaN where the data give no estimate.

    Attributes
    ----------
    z : float
        Test statistic as a normal score, above 0 where the arm compared does better [-].
    effect, se, low, high : float
        Effect, its standard error, and its confidence interval [unit of the outcome].
    """

    z: float
    effect: float = math.nan
    se: float = math.nan
    low: float = math.nan
    high: float = math.nan


class OutcomeCurve(NamedTuple):
    """A Kaplan-Meier curve of gains with its 95 % band: days (K,) [d]; shares with a gain (K,) [0..1]."""

    days: Float64s
    share: Float64s
    low: Float64s
    high: Float64s


def _analyse(found: _Result, treated: Bools, what: str, alpha: float, estimate: bool = True) -> _Estimate:
    """Analyse the primary outcome of the two arms."""
    kept = found.known
    value, group = found.value[kept], treated[kept]
    if min(group.sum(), (~group).sum()) < 2:
        return _Estimate(0.0)
    if what == "nis-gain":
        return _times(value, found.event[kept], group, alpha, estimate)
    if what == "nis-change":
        return _changes(value, found.entry[kept], group, alpha)
    return _shares(value, group, alpha)


def _times(value: Float64s, event: Bools, group: Bools, alpha: float, estimate: bool) -> _Estimate:
    from statsmodels.duration.survfunc import survdiff

    if not event.any():
        return _Estimate(0.0)
    statistic, _ = survdiff(value, event.astype(np.int64), group.astype(np.int64))
    sign = 1.0 if _observed_less_expected(value, event, group) > 0 else -1.0
    z = sign * math.sqrt(max(float(statistic), 0.0)) if math.isfinite(statistic) else 0.0
    if not estimate or not event[group].any() or not event[~group].any():
        return _Estimate(z)
    log_ratio, se = _cox(value, event, group)
    return _Estimate(z, log_ratio, se, *_interval(log_ratio, se, alpha))


def _observed_less_expected(value: Float64s, event: Bools, group: Bools) -> float:
    """Return the events of a group beyond those expected of it: the sign of a log-rank test [-]."""
    times = np.unique(value[event])
    at_risk = value[None, :] >= times[:, None]
    now = (value[None, :] == times[:, None]) & event
    share = (at_risk & group).sum(axis=1) / at_risk.sum(axis=1)
    return float((now & group).sum() - (now.sum(axis=1) * share).sum())


def _cox(value: Float64s, event: Bools, group: Bools) -> tuple[float, float]:
    """Return the log hazard ratio of a group against the others and its standard error, by lifelines."""
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    table = pd.DataFrame({"day": value, "event": event.astype(int), "group": group.astype(float)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitted = CoxPHFitter().fit(table, "day", "event")
        except (ConvergenceError, ValueError):
            return math.nan, math.nan
    return float(fitted.params_["group"]), float(fitted.standard_errors_["group"])


def _kaplan_meier(value: Float64s, event: Bools) -> OutcomeCurve:
    """Return the share of patients who have gained, by day, with its 95 % band, by lifelines."""
    from lifelines import KaplanMeierFitter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = KaplanMeierFitter().fit(value, event)
    band = 1.0 - fitted.confidence_interval_.to_numpy(np.float64)
    days = fitted.survival_function_.index.to_numpy(np.float64)
    share = 1.0 - fitted.survival_function_.to_numpy(np.float64)[:, 0]
    return OutcomeCurve(days, share, np.nan_to_num(band[:, 1]), np.nan_to_num(band[:, 0]))


def _shares(value: Float64s, group: Bools, alpha: float) -> _Estimate:
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    hits = np.array([value[group].sum(), value[~group].sum()])
    sizes = np.array([group.sum(), (~group).sum()], np.float64)
    shares = hits / sizes
    effect = float(shares[0] - shares[1])
    se = float(np.sqrt((shares * (1.0 - shares) / sizes).sum()))
    z = float(proportions_ztest(hits, sizes)[0]) if 0.0 < hits.sum() < sizes.sum() else 0.0
    low, high = confint_proportions_2indep(
        hits[0], sizes[0], hits[1], sizes[1], method="newcomb", alpha=alpha
    )
    return _Estimate(z, effect, se, float(low), float(high))


def _changes(value: Float64s, entry: Float64s, group: Bools, alpha: float) -> _Estimate:
    import statsmodels.api as sm
    from scipy.stats import norm

    design = np.column_stack([np.ones(len(value)), group, entry - entry.mean()]).astype(np.float64)
    if len(value) <= design.shape[1]:
        return _Estimate(0.0)
    fitted = sm.OLS(value, design).fit()
    low, high = fitted.conf_int(alpha)[1]
    effect = float(fitted.params[1])
    z = -math.copysign(float(norm.isf(fitted.pvalues[1] / 2.0)), effect) if effect else 0.0
    return _Estimate(z, effect, float(fitted.bse[1]), float(low), float(high))


def _interval(effect: float, se: float, alpha: float) -> tuple[float, float]:
    from scipy.stats import norm

    reach = float(norm.isf(alpha / 2.0)) * se
    return effect - reach, effect + reach


_POINTS = 161
_WIDEST = 8.5


def _spent(fraction: float, alpha: float, spending: str) -> float:
    """Return how much of the two-sided error may be spent by a share of the information [0..1]."""
    from scipy.stats import norm

    if spending == "obrien-fleming":
        return float(4.0 * norm.sf(norm.isf(alpha / 4.0) / math.sqrt(fraction)))
    if spending == "pocock":
        return alpha * math.log1p((math.e - 1.0) * fraction)
    raise ValueError(f"no spending function is called {spending!r}")


@lru_cache(maxsize=64)
def limits(fractions: tuple[float, ...], alpha: float, spending: str) -> tuple[float, ...]:
    """Return the absolute z at which a trial stops at each look.

    One limit for each look [standard deviations]; at a single look that of an ordinary test.
    """
    from scipy.stats import norm

    found: list[float] = []
    density: tuple[Float64s, Float64s] | None = None
    before = 0.0
    for step, fraction in enumerate(fractions):
        now = _spent(fraction, alpha, spending)
        error, before = now - before, now
        if density is None:
            found.append(float(norm.isf(error / 2.0)))
        else:
            found.append(_limit(error, density, fractions[step - 1], fraction))
        density = _carried(density, found[-1], fractions, step)
    return tuple(found)


def _limit(error: float, density: tuple[Float64s, Float64s], last: float, now: float) -> float:
    """Return the absolute z that a look passes with a chance of `error`."""
    from scipy.optimize import brentq

    return float(brentq(lambda z: _beyond(z, *density, last, now) - error, 0.0, _WIDEST))


def _beyond(limit: float, place: Float64s, mass: Float64s, last: float, now: float) -> float:
    """Return the chance of going on until now and passing a limit now [0..1]."""
    from scipy.stats import norm

    spread = math.sqrt(now - last)
    edge = limit * math.sqrt(now)
    tails = norm.sf((edge - place) / spread) + norm.cdf((-edge - place) / spread)
    return float((mass * tails).sum())


@lru_cache(maxsize=1)
def _grid() -> tuple[Float64s, Float64s]:
    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    return points, weights


def _carried(
    density: tuple[Float64s, Float64s] | None, limit: float, fractions: Sequence[float], step: int
) -> tuple[Float64s, Float64s]:
    """Return where the score (z times the root of the information) may be while the trial goes on.

    A grid of Gauss-Legendre points inside the limits, with the chance that each stands for.
    """
    from scipy.stats import norm

    now = fractions[step]
    edge = min(limit, _WIDEST) * math.sqrt(now)
    points, weights = _grid()
    place = edge * points
    if density is None:
        height = norm.pdf(place, scale=math.sqrt(now))
    else:
        spread = math.sqrt(now - fractions[step - 1])
        height = (density[1] * norm.pdf(place[:, None] - density[0], scale=spread)).sum(axis=1)
    return place, np.asarray(height * weights * edge, np.float64)
