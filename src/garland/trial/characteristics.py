"""Operating characteristics of a design under one truth: power, bias, coverage, stopping, size needed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from garland.trial.analysis import BETTER
from garland.trial.bank import _Bank
from garland.trial.looks import limits
from garland.trial.many import _repeat, _Trials, _Workshop
from garland.trial.size import _closed_power, _closed_size, _Needed, _needed, _Point
from garland.trial.spec import NULL, _TrialSpec
from garland.trial.truth import _Exact, _exact


@dataclass(frozen=True)
class Share:
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
    coverage: Share


@dataclass(frozen=True)
class CurvePoint:
    """Simulated power at one size [patients], and the power of the closed form there [0..1]."""

    n: int
    power: Share
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
    power: Share
    wrong_way: Share
    estimates: _Estimates | None
    stopped_early: Share
    mean_patients: float
    detectable: float | None
    curve: tuple[CurvePoint, ...]
    needed: _Needed | None
    closed_size: float


def _share(hits: int, n: int) -> Share:
    """Return a share of n with its 95 % binomial interval (Clopper and Pearson)."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(hits, n, method="beta")
    return Share(hits / n, float(np.nan_to_num(low)), float(np.nan_to_num(high, nan=1.0)), n)


def _characteristics(shop: _Workshop, bank: _Bank, truth: str) -> Characteristics:
    """Carry out all trials of a truth and say what the design can do."""
    spec = shop.spec
    true = _exact(spec, bank, truth)
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


def _sizes_of(spec: _TrialSpec) -> tuple[int, ...]:
    """Return the sizes of the power curve, rising [patients]: as written, else around the size planned."""
    around = [round(spec.patients * by) for by in (0.5, 1, 2, 4, 8)]
    least = math.ceil(4 * len(spec.arms) / spec.looks.fractions[0])
    given = spec.sizes or [n for n in around if least <= n <= spec.bank]
    return tuple(sorted({*given, spec.patients}))


def _curve(shop: _Workshop, truth: str, true: _Exact, at_size: _Trials) -> tuple[CurvePoint, ...]:
    spec, found = shop.spec, []
    for n in _sizes_of(spec):
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


def _detectable(spec: _TrialSpec, made: _Trials) -> float | None:
    from scipy.stats import norm

    errors = made.se[np.isfinite(made.se)]
    if not len(errors):
        return None
    bound = limits(spec.looks.fractions, spec.alpha, spec.looks.spending)[-1]
    reach = (bound + float(norm.ppf(spec.target_power))) * float(np.median(errors))
    return BETTER[spec.outcome.what] * reach
