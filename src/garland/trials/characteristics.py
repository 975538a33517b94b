"""What a design can see: true effect, power, error, bias and the size it needs.

Nobody is lost and no visit is missed. Each patient is compared with itself, so that an arm that gives what
the control gives has an effect of exactly none.

Closed forms know neither losses nor interim looks; that of lifelines counts findings on the right side only.
Simulated power rises with the root of the size; one number, the effect in standard errors per root of a
patient, is fitted to all sizes, and gives the one sought.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from garland.evidence import part
from garland.progress import stretch
from garland.statistics import binomial_interval
from garland.trials.analysis import BETTER, NO_LOSSES, _cox, _luck, _Result, _result, _seen, limits
from garland.trials.potential_outcomes import MEASURES, _Bank
from garland.trials.replicate import _repeat, _Trials, _Workshop
from garland.trials.spec import NULL, TrialSpec

OWN = {
    "nis-gain": "nis",
    "pain-responder": "pain_nrs",
    "walks-alone": "walks_alone",
    "nis-change": "nis",
}
"""Measure in which patients are compared with themselves, by outcome."""


@dataclass(frozen=True)
class _Exact:
    """What the arm compared truly does, against the control, in the patients of the bank.

    Attributes
    ----------
    effect : float
        On the scale of the outcome: log hazard ratio of a gain [-], difference of shares [-], or difference
        of the change of the NIS [points]; exactly 0 where both arms give the same.
    treated, control : float
        Share with a gain or a response by the end [0..1], or mean change [points], in each arm.
    spread : float
        Standard deviation of the outcome about what entry foretells, for a change [points]; else 0.
    own_day : float
        Day on which patients are compared with themselves [d].
    own_low, own_middle, own_high : float
        10th, 50th and 90th centile of the difference in one patient, of the measure behind the outcome
        (`OWN`): true NIS [points], true pain [NRS], or the probability of walking alone [0..1].
    clearly_better, clearly_worse : float
        Share of patients who differ by `clear_difference` or more [0..1].
    """

    effect: float
    treated: float
    control: float
    spread: float
    own_day: float
    own_low: float
    own_middle: float
    own_high: float
    clearly_better: float
    clearly_worse: float


def _exact(spec: TrialSpec, bank: _Bank, truth: str) -> _Exact:
    """Return the exact effect under a truth."""
    one, other = (_outcome_of_all(spec, bank, truth, arm) for arm in (spec.compared_arm, spec.control_arm))
    day = spec.outcome.day or float(bank.days[-1])
    at = bank.day_index(day)
    measure = OWN[spec.outcome.what]
    own = bank.life(measure, truth, spec.compared_arm)[at] - bank.life(measure, truth, spec.control_arm)[at]
    low, middle, high = (float(value) for value in np.percentile(own, (10.0, 50.0, 90.0)))
    gained = own if measure == "walks_alone" else -own
    clear = clear_difference(spec)
    timed = spec.outcome.what == "nis-gain"
    means = [float((found.event if timed else found.value).mean()) for found in (one, other)]
    effect = _log_ratio(one, other) if timed else float((one.value - other.value).mean())
    return _Exact(
        effect=effect,
        treated=means[0],
        control=means[1],
        spread=_residual(one, other) if spec.outcome.what == "nis-change" else 0.0,
        own_day=day,
        own_low=low,
        own_middle=middle,
        own_high=high,
        clearly_better=float((gained >= clear).mean()),
        clearly_worse=float((gained <= -clear).mean()),
    )


def clear_difference(spec: TrialSpec) -> float:
    """Return the difference that counts as clearly better or worse for one patient [unit of the measure]."""
    return part("trial/conduct").table("clear_difference")[OWN[spec.outcome.what]]


def _outcome_of_all(spec: TrialSpec, bank: _Bank, truth: str, arm: str) -> _Result:
    """Return the outcome of every patient of the bank under one arm; luck is the same in every arm.

    Walking alone is returned as its probability, so that it needs no luck.
    """
    rng = np.random.default_rng([spec.seed, 44])
    happens = _luck(bank.days, np.full(bank.size, np.inf), NO_LOSSES, rng)
    lives = {name: bank.life(name, truth, arm) for name in MEASURES}
    found = _result(_seen(bank.days, lives, happens), spec.outcome)
    if spec.outcome.what != "walks-alone":
        return found
    return found._replace(value=lives["walks_alone"][bank.day_index(spec.outcome.day or 0.0)])


def _log_ratio(one: _Result, other: _Result) -> float:
    """Return the log hazard ratio with every patient in both arms [-]."""
    if np.array_equal(one.value, other.value) and np.array_equal(one.event, other.event):
        return 0.0
    value = np.concatenate([one.value, other.value])
    event = np.concatenate([one.event, other.event])
    group = np.repeat([True, False], len(one.value))
    return _cox(value, event, group)[0]


def _residual(*arms: _Result) -> float:
    """Return the spread of a change about the line on its entry, over both arms [points]."""
    left = []
    for found in arms:
        slope, start = np.polyfit(found.entry, found.value, 1)
        left.append(found.value - start - slope * found.entry)
    return float(np.std(left))


LARGEST = 1e6
"""Size beyond which no number is given [patients]."""
_LEVEL = 0.95


class _Point(NamedTuple):
    """Power at one size: patients of a trial, trials, how many of them find a difference [-]."""

    n: int
    trials: int
    rejected: int


class _Needed(NamedTuple):
    """Patients needed for the target power: middle, and 95 % interval; infinite where none would do [-]."""

    n: float
    low: float
    high: float


def _closed_power(spec: TrialSpec, true: _Exact, n: int) -> float:
    """Return the power of a trial of n patients by a closed form [0..1]."""
    from lifelines.statistics import power_under_cph
    from statsmodels.stats.power import NormalIndPower, TTestIndPower

    one, ratio = _sides(spec, n)
    if true.effect == 0.0 or not math.isfinite(true.effect):
        return spec.alpha
    if spec.outcome.what == "nis-gain":
        return float(
            power_under_cph(one, ratio * one, true.treated, true.control, math.exp(true.effect), spec.alpha)
        )
    solver = TTestIndPower() if spec.outcome.what == "nis-change" else NormalIndPower()
    return float(
        solver.power(effect_size=_standardised(spec, true), nobs1=one, alpha=spec.alpha, ratio=ratio)
    )


def _closed_size(spec: TrialSpec, true: _Exact) -> float:
    """Return the patients needed for the target power by a closed form; infinite without an effect [-]."""
    from lifelines.statistics import sample_size_necessary_under_cph
    from statsmodels.stats.power import NormalIndPower, TTestIndPower

    _, ratio = _sides(spec, spec.patients)
    if true.effect == 0.0 or not math.isfinite(true.effect):
        return math.inf
    if spec.outcome.what == "nis-gain":
        sides = sample_size_necessary_under_cph(
            spec.target_power, 1.0 / ratio, true.treated, true.control, math.exp(true.effect), spec.alpha
        )
        return _bounded(float(sum(sides)))
    solver = TTestIndPower() if spec.outcome.what == "nis-change" else NormalIndPower()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = solver.solve_power(
            effect_size=abs(_standardised(spec, true)), alpha=spec.alpha, power=spec.target_power, ratio=ratio
        )
    return _bounded(float(np.max(one)) * (1.0 + ratio))


def _bounded(n: float) -> float:
    return n if n <= LARGEST else math.inf


def _sides(spec: TrialSpec, n: int) -> tuple[float, float]:
    """Return the patients of the arm compared, and those of the control for each of them [-]."""
    one, other = (spec.allocation[arm] for arm in (spec.compared_arm, spec.control_arm))
    return n * one / sum(spec.allocation.values()), other / one


def _standardised(spec: TrialSpec, true: _Exact) -> float:
    """Return the effect in units of its spread: Cohen's h of two shares, or d of two means [-]."""
    from statsmodels.stats.proportion import proportion_effectsize

    if spec.outcome.what == "nis-change":
        return true.effect / true.spread
    return float(proportion_effectsize(true.treated, true.control))


def _drift(points: Sequence[_Point], bound: float) -> tuple[float, float, float]:
    """Return the effect in standard errors per root of a patient, with its 95 % interval by likelihood.

    Middle, low and high [1/root patients]; low is 0 where the data do not exclude that.
    """
    from scipy.optimize import brentq, minimize_scalar
    from scipy.stats import chi2

    def lost(by: float) -> float:
        return -_likelihood(points, by, bound)

    widest = 10.0 / math.sqrt(min(point.n for point in points))
    found = minimize_scalar(lost, bounds=(0.0, widest), method="bounded", options={"xatol": 1e-7})
    best, least = float(found.x), float(found.fun)
    allowed = least + 0.5 * float(chi2.ppf(_LEVEL, 1))

    def beyond(by: float) -> float:
        return lost(by) - allowed

    low = 0.0 if beyond(0.0) <= 0.0 else float(brentq(beyond, 0.0, best))
    high = float(brentq(beyond, best, widest)) if beyond(widest) > 0.0 else widest
    return best, low, high


def _likelihood(points: Sequence[_Point], by: float, bound: float) -> float:
    """Return the log likelihood of the rejections for a drift."""
    from scipy.stats import binom

    power = [_power_of(by, point.n, bound) for point in points]
    rows = zip(points, power, strict=True)
    return float(sum(binom.logpmf(point.rejected, point.trials, share) for point, share in rows))


def _power_of(by: float, n: float, bound: float) -> float:
    """Return the power at n patients of a drift [1/root patients] against a bound of |z| [0..1]."""
    from scipy.stats import norm

    score = by * math.sqrt(n)
    return float(np.clip(norm.sf(bound - score) + norm.cdf(-bound - score), 1e-12, 1.0 - 1e-12))


def _needed(spec: TrialSpec, points: Sequence[_Point]) -> _Needed:
    """Return the patients needed for the target power, from simulated power at several sizes."""
    from scipy.stats import norm

    bound = limits(spec.looks.fractions, spec.alpha, spec.looks.spending)[-1]
    reach = bound + float(norm.ppf(spec.target_power))
    sizes = [(reach / by) ** 2 if by > 0.0 else math.inf for by in _drift(points, bound)]
    middle, high, low = (_bounded(size) for size in sizes)
    return _Needed(middle, low, high)


@dataclass(frozen=True)
class SimulatedShare:
    """A share of trials with its 95 % binomial interval (Clopper and Pearson) [0..1]; n of them [-]."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class _Estimates:
    """How estimates scatter about the exact effect, over the trials that give one.

    Attributes
    ----------
    count : int
        Trials with an estimate [-].
    mean, error : float
        Mean estimate and its Monte Carlo standard error [unit of the outcome].
    bias : float
        Mean estimate less the exact effect [same unit].
    low, lower, middle, upper, high : float
        2.5th, 25th, 50th, 75th and 97.5th centile [same unit].
    se : float
        Mean standard error that the trials report [same unit].
    coverage : Share
        Share of intervals that hold the exact effect.
    """

    count: int
    mean: float
    error: float
    bias: float
    low: float
    lower: float
    middle: float
    upper: float
    high: float
    se: float
    coverage: SimulatedShare


@dataclass(frozen=True)
class CurvePoint:
    """Simulated power at one size [patients], and the power of the closed form there [0..1]."""

    n: int
    power: SimulatedShare
    closed: float


@dataclass(frozen=True)
class Characteristics:
    """What a design can do if treatment truly does so and so.

    Attributes
    ----------
    truth : str
        Name of the truth.
    exact : Exact
        What treatment truly does.
    power : Share
        Share of trials that find a difference, either way; under no difference the error of the first kind.
    wrong_way : Share
        Share of trials that find the control better.
    estimates : Estimates or None
        None where no trial gave an estimate.
    stopped_early : Share
        Share of trials that end before the last look.
    mean_patients : float
        Patients when the trial ends, on average [-].
    detectable : float or None
        Effect that the target power needs at this size, by the trials' standard errors [unit of the outcome].
    curve : tuple of CurvePoint
        Power by size; empty under no difference.
    needed : Needed or None
        Patients for the target power, from the curve.
    closed_size : float
        The same by a closed form, without losses and looks; infinite where no size would do.
    """

    truth: str
    exact: _Exact
    power: SimulatedShare
    wrong_way: SimulatedShare
    estimates: _Estimates | None
    stopped_early: SimulatedShare
    mean_patients: float
    detectable: float | None
    curve: tuple[CurvePoint, ...]
    needed: _Needed | None
    closed_size: float


def _share(hits: int, n: int) -> SimulatedShare:
    """Return a share of n with its 95 % binomial interval (Clopper and Pearson)."""
    return SimulatedShare(hits / n, *binomial_interval(hits, n), n)


def _characteristics(shop: _Workshop, bank: _Bank, truth: str) -> Characteristics:
    """Carry out all trials of a truth and say what the design can do."""
    spec = shop.spec
    true = _exact(spec, bank, truth)
    with stretch(0.0, 0.4):
        made = _repeat(shop, truth, spec.patients, spec.trials, estimate=True)
    curve = () if truth == NULL else _curve(shop, truth, true, made)
    points = [_Point(at.n, at.power.n, round(at.power.value * at.power.n)) for at in curve]
    wrong = (made.rejects > 0) & (made.z < 0)
    return Characteristics(
        truth=truth,
        exact=true,
        power=_share(int(made.rejects.sum()), len(made.rejects)),
        wrong_way=_share(int(wrong.sum()), len(wrong)),
        estimates=_estimates(made, true),
        stopped_early=_share(int((made.look < len(spec.looks.fractions) - 1).sum()), len(made.look)),
        mean_patients=float(made.patients.mean()),
        detectable=_detectable(spec, made),
        curve=curve,
        needed=_needed(spec, points) if points else None,
        closed_size=_closed_size(spec, true),
    )


def _sizes_of(spec: TrialSpec) -> tuple[int, ...]:
    """Return the sizes of the power curve, rising [patients]: as written, else around the size planned."""
    around = [round(spec.patients * by) for by in (0.5, 1, 2, 4, 8)]
    least = math.ceil(4 * len(spec.arms) / spec.looks.fractions[0])
    given = spec.sizes or [n for n in around if least <= n <= spec.bank]
    return tuple(sorted({*given, spec.patients}))


def _curve(shop: _Workshop, truth: str, true: _Exact, at_size: _Trials) -> tuple[CurvePoint, ...]:
    spec, found = shop.spec, list[CurvePoint]()
    sizes = _sizes_of(spec)
    for done, n in enumerate(sizes):
        with stretch(0.4 + 0.6 * done / len(sizes), 0.4 + 0.6 * (done + 1) / len(sizes)):
            made = at_size if n == spec.patients else _repeat(shop, truth, n, spec.trials, estimate=False)
        found.append(
            CurvePoint(n, _share(int(made.rejects.sum()), spec.trials), _closed_power(spec, true, n))
        )
    return tuple(found)


def _estimates(made: _Trials, true: _Exact) -> _Estimates | None:
    given = np.isfinite(made.effect) & np.isfinite(made.se)
    effect, low, high = made.effect[given], made.low[given], made.high[given]
    if not len(effect):
        return None
    covered = int(((low <= true.effect) & (true.effect <= high)).sum())
    centiles = [float(value) for value in np.percentile(effect, (2.5, 25.0, 50.0, 75.0, 97.5))]
    spread = float(effect.std(ddof=1)) if len(effect) > 1 else math.nan
    mean = float(effect.mean())
    return _Estimates(
        count=len(effect),
        mean=mean,
        error=spread / math.sqrt(len(effect)),
        bias=mean - true.effect,
        low=centiles[0],
        lower=centiles[1],
        middle=centiles[2],
        upper=centiles[3],
        high=centiles[4],
        se=float(made.se[given].mean()),
        coverage=_share(covered, len(effect)),
    )


def _detectable(spec: TrialSpec, made: _Trials) -> float | None:
    from scipy.stats import norm

    errors = made.se[np.isfinite(made.se)]
    if not len(errors):
        return None
    bound = limits(spec.looks.fractions, spec.alpha, spec.looks.spending)[-1]
    reach = (bound + float(norm.ppf(spec.target_power))) * float(np.median(errors))
    return BETTER[spec.outcome.what] * reach
