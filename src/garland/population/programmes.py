"""Programmes of prevention: what is done to the adults of a county from a year on.

Trusted  what-if only.   Numbers  evidence/parameters/population/programmes.yaml

Nobody knows whether any of them prevents a radiculoplexus neuropathy. Lipids and pressure do nothing to it
here: in Olmsted County both lost their odds ratio beside diabetes and weight. Pressure also has no known
effect on distal polyneuropathy; only the doubt about it is counted.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.population.demographics import Population
from garland.population.prevention import _changed, _Prevention

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
        raise InputError("programme", name, "is no programme", did_you_mean(name, known))
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
    return _changed(people, _Prevention(*programme[:4]))


def _concerned(people: Population, programme: Programme) -> NDArray[np.bool_]:
    """Tell who is treated: those whom something in the programme concerns today, shape (N,).

    Glucose concerns people with diabetes above its goal, weight everyone above 25 kg/m2, prevention of
    diabetes everyone without it, lipids and pressure everyone with diabetes.
    """
    ill = people.diabetes > 0.5
    better = _under(people, programme)
    who = (better.hba1c_percent < people.hba1c_percent) | (better.bmi_kg_m2 < people.bmi_kg_m2)
    if programme.diabetes_prevented > 0.0:
        who |= ~ill
    if programme.triglycerides_lowered > 0.0 or programme.pressure_lowered_mmhg > 0.0:
        who |= ill
    return who


def _within(programme: Programme, name: str, low: float, high: float) -> None:
    value = getattr(programme, name)
    if not low <= value <= high:
        rule = f"must lie between {low:g} and {high:g}" if math.isfinite(high) else f"must be {low:g} or more"
        raise InputError(f"programme.{name}", value, rule, "give a number in that range")
