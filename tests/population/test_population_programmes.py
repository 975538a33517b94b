"""Programmes of prevention: which there are, whom they concern, what they cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from garland.errors import InputError
from garland.evidence import part
from garland.population.demographics import sample_adults
from garland.population.prevention import (
    TOGETHER,
    Programme,
    _checked,
    _concerned,
    _shipped,
    _under,
    named,
    none,
)

COUNTY = sample_adults(20_000, 8)
ILL = COUNTY.diabetes > 0.5


def test_four_programmes_and_all_of_them_together_are_there():
    assert list(_shipped()) == ["intensified-glucose", "weight", "lipids", "pressure", TOGETHER]


def test_each_programme_has_its_own_numbers_and_all_together_has_all():
    every, evidence = _shipped()[TOGETHER], part("population/programmes")
    for group in evidence.group_names:
        for name in evidence.group(group):
            value = evidence.group(group).value(name)
            assert getattr(_shipped()[group], name) == value == getattr(every, name)


def test_a_programme_that_does_nothing_says_so():
    assert none().does_nothing
    assert named("none").does_nothing
    assert Programme(hba1c_goal_percent=6.0, reach=0.0).does_nothing
    assert not any(programme.does_nothing for programme in _shipped().values())


def test_nobody_is_concerned_by_nothing():
    assert not _concerned(COUNTY, none()).any()


def test_glucose_concerns_people_with_diabetes_above_the_goal_and_pressure_all_of_them():
    glucose = _concerned(COUNTY, Programme(hba1c_goal_percent=7.0))
    np.testing.assert_array_equal(glucose, ILL & (COUNTY.hba1c_percent > 7.0))
    np.testing.assert_array_equal(_concerned(COUNTY, named("pressure")), ILL)
    np.testing.assert_array_equal(_concerned(COUNTY, named("lipids")), ILL)


def test_weight_concerns_the_heavy_and_prevention_of_diabetes_those_without():
    np.testing.assert_array_equal(_concerned(COUNTY, Programme(weight_lost=0.1)), COUNTY.bmi_kg_m2 > 25.0)
    np.testing.assert_array_equal(_concerned(COUNTY, Programme(diabetes_prevented=0.1)), ~ILL)


def test_glucose_goes_the_share_of_the_way_that_is_reached():
    lower = _under(COUNTY, Programme(hba1c_goal_percent=7.0, reach=0.6))
    high = ILL & (COUNTY.hba1c_percent > 7.0)
    np.testing.assert_allclose(
        lower.hba1c_percent[high], COUNTY.hba1c_percent[high] - 0.6 * (COUNTY.hba1c_percent[high] - 7.0)
    )


def test_an_unknown_programme_is_refused_with_a_hint():
    with pytest.raises(InputError, match="did you mean intensified-glucose"):
        named("intensive-glucose")


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"reach": 1.1}, "between 0 and 1"),
        ({"weight_lost": -0.1}, "between 0 and 1"),
        ({"diabetes_prevented": float("nan")}, "between 0 and 1"),
        ({"triglycerides_lowered": 2.0}, "between 0 and 1"),
        ({"hba1c_goal_percent": 53.0}, "between 4 and 15"),
        ({"pressure_lowered_mmhg": -5.0}, "between 0 and 60"),
        ({"start_year": -1.0}, "must be 0 or more"),
    ],
)
def test_a_programme_that_cannot_be_is_refused(given: dict[str, float], rule: str):
    with pytest.raises(InputError, match=rule):
        _checked(Programme(**given))


def test_a_programme_that_can_be_passes():
    assert _checked(named("weight")) == named("weight")
