"""The primary analysis of a trial: log-rank and Cox, two proportions, or a change adjusted for entry.

Effects are those of the arm compared against the control: the log hazard ratio of a gain, the difference of
two shares, the difference of the change in points. `z` is above 0 where the arm compared does better.
"""

from __future__ import annotations

import math
import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.trial.outcomes import _Result

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
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


class Curve(NamedTuple):
    """A Kaplan-Meier curve of gains with its 95 % band: days (K,) [d]; shares with a gain (K,) [0..1]."""

    days: Floats
    share: Floats
    low: Floats
    high: Floats


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


def _times(value: Floats, event: Bools, group: Bools, alpha: float, estimate: bool) -> _Estimate:
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


def _observed_less_expected(value: Floats, event: Bools, group: Bools) -> float:
    """Return the events of a group beyond those expected of it: the sign of a log-rank test [-]."""
    times = np.unique(value[event])
    at_risk = value[None, :] >= times[:, None]
    now = (value[None, :] == times[:, None]) & event
    share = (at_risk & group).sum(axis=1) / at_risk.sum(axis=1)
    return float((now & group).sum() - (now.sum(axis=1) * share).sum())


def _cox(value: Floats, event: Bools, group: Bools) -> tuple[float, float]:
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


def _kaplan_meier(value: Floats, event: Bools) -> Curve:
    """Return the share of patients who have gained, by day, with its 95 % band, by lifelines."""
    from lifelines import KaplanMeierFitter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = KaplanMeierFitter().fit(value, event)
    band = 1.0 - fitted.confidence_interval_.to_numpy(np.float64)
    days = fitted.survival_function_.index.to_numpy(np.float64)
    share = 1.0 - fitted.survival_function_.to_numpy(np.float64)[:, 0]
    return Curve(days, share, np.nan_to_num(band[:, 1]), np.nan_to_num(band[:, 0]))


def _shares(value: Floats, group: Bools, alpha: float) -> _Estimate:
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


def _changes(value: Floats, entry: Floats, group: Bools, alpha: float) -> _Estimate:
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
