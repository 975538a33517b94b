"""Prevention: the incidence if glucose, weight or diabetes were otherwise, once or by programmes over years.

No trial has tried to prevent this disease, so the answer is a spread: every odds ratio is drawn from its
interval and the slope on HbA1c from a wide guess that allows none and harm. Lipids and pressure do nothing to
it: in Olmsted County both lost their odds ratio beside diabetes and weight.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.population.demographics import Population
from garland.population.risk import _default_factors, _Factors, _hba1c_reference, hazard_per_year


class Prevention(NamedTuple):
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
    draws: Float64s


def prevented(people: Population, prevention: Prevention, draws: int = 200, seed: int = 0) -> _Prevented:
    """Return by how much prevention changes the incidence in these people.

    Parameters
    ----------
    people : Population
        Adults, as `garland.population.demographics.sample_adults` draws them.
    prevention : Prevention
        What is done to everyone.
    draws : int
        Draws of the odds ratios within their intervals [-].
    seed : int
        Seed of those draws.

    Raises
    ------
    InputError
        A share lies outside 0 to 1, or there are no draws.
    """
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


def _changed(people: Population, prevention: Prevention) -> Population:
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


def _ratio(people: Population, better: Population, prevention: Prevention, factors: _Factors) -> float:
    with_diabetes = hazard_per_year(better, factors)
    never = better._replace(diabetes=np.zeros_like(better.diabetes))
    spared = prevention.diabetes_prevented * better.diabetes
    after = (1.0 - spared) * with_diabetes + spared * hazard_per_year(never, factors)
    return float(after.mean() / hazard_per_year(people, factors).mean())


_SHARES = ("reach", "weight_lost", "diabetes_prevented", "triglycerides_lowered")
_HBA1C = (4.0, 15.0)
_PRESSURE = (0.0, 60.0)
TOGETHER = "all-together"
"""Name of the programme that does what all the others do."""


class Programme(NamedTuple):
    """What is done to a county, for good, from its first year on; as it stands by default, nothing.

    Attributes
    ----------
    hba1c_goal_percent : float
        People with diabetes above this HbA1c are brought towards it [%]; NaN changes nothing.
    reach : float
        Share of the way to that goal that is reached [0..1].
    weight_lost : float
        Relative fall of body-mass index in everyone above 25 kg/m2, not below 25 [0..1].
    diabetes_prevented : float
        Share by which the hazard of new diabetes falls [0..1].
    triglycerides_lowered : float
        Relative fall of triglycerides in people with diabetes [0..1].
    pressure_lowered_mmhg : float
        Fall of systolic pressure in people with diabetes [mmHg].
    start_year : float
        When it begins, in years since the start [a].
    """

    hba1c_goal_percent: float = float("nan")
    reach: float = 1.0
    weight_lost: float = 0.0
    diabetes_prevented: float = 0.0
    triglycerides_lowered: float = 0.0
    pressure_lowered_mmhg: float = 0.0
    start_year: float = 0.0

    @property
    def does_nothing(self) -> bool:
        """Whether nobody is any different under it."""
        lowers = self.weight_lost, self.diabetes_prevented, self.triglycerides_lowered
        glucose = not math.isnan(self.hba1c_goal_percent) and self.reach > 0.0
        return not (glucose or any(lowers) or self.pressure_lowered_mmhg)


def none() -> Programme:
    """Return the programme that does nothing."""
    return Programme()


def _shipped() -> dict[str, Programme]:
    """Return the programmes of the evidence by name, the last doing what all the others do."""
    evidence = part("population/programmes")
    groups = {name: evidence.group(name) for name in evidence.group_names}
    fields = {name: {number: group.value(number) for number in group} for name, group in groups.items()}
    found = {name: Programme(**given) for name, given in fields.items()}
    every = {number: value for given in fields.values() for number, value in given.items()}
    return {**found, TOGETHER: Programme(**every)}


def named(name: str) -> Programme:
    """Return a programme of the evidence."""
    known = {"none": none(), **_shipped()}
    if name not in known:
        raise InputError("programme", name, "is not a programme", did_you_mean(name, known))
    return known[name]


def _checked(programme: Programme) -> Programme:
    """Return the programme if each of its numbers can be used."""
    for name in _SHARES:
        _within(programme, name, 0.0, 1.0)
    if not math.isnan(programme.hba1c_goal_percent):
        _within(programme, "hba1c_goal_percent", *_HBA1C)
    _within(programme, "pressure_lowered_mmhg", *_PRESSURE)
    _within(programme, "start_year", 0.0, math.inf)
    return programme


def _under(people: Population, programme: Programme) -> Population:
    """Return the same people with the HbA1c and weight that the programme leaves them."""
    return _changed(people, Prevention(*programme[:4]))


def _concerned(people: Population, programme: Programme) -> NDArray[np.bool_]:
    """Tell who is treated: those whom something in the programme concerns today, shape (N,).

    Glucose concerns people with diabetes above its goal, weight everyone above 25 kg/m2, prevention of
    diabetes everyone without it, lipids and pressure everyone with diabetes.
    """
    ill = people.diabetes > 0.5
    better = _under(people, programme)
    treated = (better.hba1c_percent < people.hba1c_percent) | (better.bmi_kg_m2 < people.bmi_kg_m2)
    if programme.diabetes_prevented > 0.0:
        treated |= ~ill
    if programme.triglycerides_lowered > 0.0 or programme.pressure_lowered_mmhg > 0.0:
        treated |= ill
    return treated


def _within(programme: Programme, name: str, low: float, high: float) -> None:
    value = getattr(programme, name)
    if not low <= value <= high:
        rule = f"must lie between {low:g} and {high:g}" if math.isfinite(high) else f"must be {low:g} or more"
        raise InputError(f"programme.{name}", value, rule, "give a number in that range")
