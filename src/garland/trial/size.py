"""How many patients a trial needs: by closed forms of the libraries, and from simulated power.

Closed forms know neither losses nor interim looks; that of lifelines counts findings on the right side only.
Simulated power rises with the root of the size; one number, the effect in standard errors per root of a
patient, is fitted to all sizes, and gives the one sought.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.trial.looks import limits
from garland.trial.spec import _TrialSpec
from garland.trial.truth import _Exact

Floats = NDArray[np.float64]
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


def _closed_power(spec: _TrialSpec, true: _Exact, n: int) -> float:
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


def _closed_size(spec: _TrialSpec, true: _Exact) -> float:
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


def _sides(spec: _TrialSpec, n: int) -> tuple[float, float]:
    """Return the patients of the arm compared, and those of the control for each of them [-]."""
    one, other = (spec.allocation[arm] for arm in (spec.compared_arm, spec.control_arm))
    return n * one / sum(spec.allocation.values()), other / one


def _standardised(spec: _TrialSpec, true: _Exact) -> float:
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


def _needed(spec: _TrialSpec, points: Sequence[_Point]) -> _Needed:
    """Return the patients needed for the target power, from simulated power at several sizes."""
    from scipy.stats import norm

    bound = limits(spec.looks.fractions, spec.alpha, spec.looks.spending)[-1]
    reach = bound + float(norm.ppf(spec.target_power))
    sizes = [(reach / by) ** 2 if by > 0.0 else math.inf for by in _drift(points, bound)]
    middle, high, low = (_bounded(size) for size in sizes)
    return _Needed(middle, low, high)
