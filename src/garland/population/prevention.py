"""Prevention: the incidence of radiculoplexus neuropathy if glucose, weight or diabetes were otherwise.

Trusted  what-if only: odds ratios of one county taken for causes.

No trial has tried to prevent this disease. The answer is therefore a spread: every odds ratio is drawn from
its interval and the slope on HbA1c from a wide guess that allows none and harm.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.errors import InputError
from garland.evidence import part
from garland.population.demographics import Population
from garland.population.risk import _default_factors, _Factors, _hba1c_reference, hazard_per_year

Floats = NDArray[np.float64]


class _Prevention(NamedTuple):
    """What is done to everyone.

    Attributes
    ----------
    hba1c_goal_percent : float
        People with diabetes above this HbA1c are brought down to it [%]; NaN changes nothing.
    reach : float
        Share of the way to that goal that is reached [0..1].
    weight_lost : float
        Relative fall of body-mass index in everyone above 25 kg/m2, not below 25 [0..1].
    diabetes_prevented : float
        Share of diabetes that never comes about [0..1].
    """

    hba1c_goal_percent: float = float("nan")
    reach: float = 1.0
    weight_lost: float = 0.0
    diabetes_prevented: float = 0.0


class _Prevented(NamedTuple):
    """Incidence under prevention relative to without.

    Attributes
    ----------
    ratio, low, high : float
        Median and 95 % interval over what is not known [-].
    draws : (D,)
        The ratio of each draw [-].
    """

    ratio: float
    low: float
    high: float
    draws: Floats


def _prevented(people: Population, prevention: _Prevention, draws: int = 200, seed: int = 0) -> _Prevented:
    """Return by how much prevention changes the incidence in these people."""
    for name in ("reach", "weight_lost", "diabetes_prevented"):
        value = getattr(prevention, name)
        if not 0.0 <= value <= 1.0:
            raise InputError(f"prevention.{name}", value, "must lie between 0 and 1", "give a share")
    if draws < 1:
        raise InputError("draws", draws, "must be 1 or more", "give for instance 200")
    better = _changed(people, prevention)
    ratios = [_ratio(people, better, prevention, factors) for factors in _drawn_factors(people, draws, seed)]
    low, middle, high = np.quantile(ratios, [0.025, 0.5, 0.975])
    return _Prevented(float(middle), float(low), float(high), np.asarray(ratios))


def _changed(people: Population, prevention: _Prevention) -> Population:
    """Return the same people with the HbA1c and weight that prevention leaves them; diabetes stays."""
    excess = np.maximum(people.hba1c_percent - prevention.hba1c_goal_percent, 0.0)
    fall = np.where(people.diabetes > 0.5, np.nan_to_num(excess) * prevention.reach, 0.0)
    lighter = np.maximum(people.bmi_kg_m2 * (1.0 - prevention.weight_lost), 25.0)
    bmi = np.minimum(people.bmi_kg_m2, lighter)
    return people._replace(hba1c_percent=people.hba1c_percent - fall, bmi_kg_m2=bmi)


def _drawn_factors(people: Population, draws: int, seed: int) -> list[_Factors]:
    """Return factors drawn from what is known of them; each leaves the mean HbA1c factor of today at 1."""
    p, rng = part("population/risk"), np.random.default_rng(seed)
    names = ("diabetes_ratio", "autoimmune_ratio", "stroke_ratio", "bmi_ratio")
    found = []
    for row in rng.standard_normal((draws, len(names) + 1)):
        ratios = {
            name: p.value(name) * np.exp(p.spread(name) * z) for name, z in zip(names, row[1:], strict=True)
        }
        slope = p.value("hba1c_log_ratio") + p.spread("hba1c_log_ratio") * row[0]
        own = {**ratios, "hba1c_log_ratio": slope, "hba1c_reference_percent": _hba1c_reference(people, slope)}
        found.append(_default_factors()._replace(**own))
    return found


def _ratio(people: Population, better: Population, prevention: _Prevention, factors: _Factors) -> float:
    with_diabetes = hazard_per_year(better, factors)
    never = better._replace(diabetes=np.zeros_like(better.diabetes))
    spared = prevention.diabetes_prevented * better.diabetes
    after = (1.0 - spared) * with_diabetes + spared * hazard_per_year(never, factors)
    return float(after.mean() / hazard_per_year(people, factors).mean())
