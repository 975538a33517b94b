"""HbA1c follows glucose with its memory; wear adds up over years and under care."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from vessel_people import control, dose, someone

from garland.evidence import part
from garland.model.treatment.schedule import Treatments, no_care
from garland.model.vessels.glycaemia import (
    DAYS_PER_YEAR,
    NODES,
    _mean_glucose_of,
    _triglycerides,
    _wear_now,
    glucose,
    wear_rate,
    worn_years,
)
from garland.model.vessels.wall import worn_wall

EVERYTHING = control(
    6.5,
    120.0,
    60.0,
    methylprednisolone=dose(1.0, 20.0, 104.0),
    prednisone=dose(40.0, 90.0, 400.0),
    lipids=dose(0.4, 50.0, 1e6),
)
"""Pulses, then steroids by mouth, then control and lipid care."""


def solved(treatment: Treatments, until_day: float, hba1c: float = 9.0) -> tuple[float, float]:
    """Solve HbA1c [%] and wear since day 0 [a] as an ODE, from the mean glucose the model tells."""
    person, memory = someone(hba1c_percent=hba1c), part("vessels/glycaemia").value("memory_day")

    def slopes(day: float, state: np.ndarray) -> list[float]:
        found = glucose(person, treatment, day)
        stands_for = (float(found.mean_glucose_mg_dl[0]) + 46.7) / 28.7
        lowered = float(_triglycerides(person, treatment, day)[0]) / 150.0
        wear = np.exp(0.462 * (state[0] - 7.0)) * lowered**0.3
        return [(stands_for - state[0]) / memory, wear / DAYS_PER_YEAR]

    steps = solve_ivp(slopes, (0.0, until_day), [hba1c, 0.0], max_step=4.0, rtol=1e-4, method="RK23")
    return float(steps.y[0, -1]), float(steps.y[1, -1])


def test_mean_glucose_is_the_published_line():
    assert float(_mean_glucose_of(jnp.float32(7.0))) == pytest.approx(154.2, abs=0.1)


def test_half_of_hba1c_comes_from_the_last_month_and_a_quarter_from_the_month_before():
    at_once = control(6.0, 0.0, 0.0)
    moved = [9.0 - float(glucose(someone(), at_once, day).hba1c_percent[0]) for day in (30.5, 60.5)]
    assert moved[0] / 3.0 == pytest.approx(0.5, abs=0.02)
    assert moved[1] / 3.0 == pytest.approx(0.75, abs=0.02)


def test_mean_glucose_reaches_its_target_before_hba1c_does():
    then = glucose(someone(), control(6.5, 0.0, 60.0), 60.0)
    assert float(then.mean_glucose_mg_dl[0]) == pytest.approx(28.7 * 6.5 - 46.7, abs=0.1)
    assert float(then.hba1c_percent[0]) > 7.0


@pytest.mark.parametrize("day", [15.0, 110.0, 300.0])
def test_the_closed_forms_agree_with_the_differential_equation(day: float):
    hba1c, years = solved(EVERYTHING, day)
    assert float(glucose(someone(), EVERYTHING, day).hba1c_percent[0]) == pytest.approx(hba1c, abs=0.03)
    worn = float(worn_years(someone(diabetes_years=0.0), EVERYTHING, day)[0])
    assert worn == pytest.approx(years, rel=0.01)


@pytest.mark.parametrize("day", [30.0, 400.0, 1100.0, 7300.0])
def test_twice_the_nodes_change_the_wear_by_less_than_one_per_cent(day: float):
    person = someone(diabetes_years=0.0)
    once = float(worn_years(person, EVERYTHING, day)[0])
    twice = float(worn_years(person, EVERYTHING, day, 2 * NODES)[0])
    assert twice == pytest.approx(once, rel=0.01)


def test_no_care_equals_none():
    for day in (0.0, 500.0):
        for one, other in zip(glucose(someone(), None, day), glucose(someone(), no_care(), day), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6)
        one, other = (worn_years(someone(), treatment, day) for treatment in (None, no_care()))
        np.testing.assert_allclose(one, other, rtol=1e-5)
        walls = (worn_wall(someone(), treatment, day) for treatment in (None, no_care()))
        for one, other in zip(*walls, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5)


def test_wear_before_the_first_symptom_is_the_rate_times_the_years():
    person = someone(diabetes_years=12.0)
    assert float(worn_years(person, EVERYTHING, 0.0)[0]) == pytest.approx(float(12.0 * wear_rate(person)[0]))
    np.testing.assert_allclose(worn_years(person, EVERYTHING, -30.0), worn_years(person, None, 0.0))


def test_good_control_and_lipid_care_slow_the_wear():
    later = 1500.0
    left, lipids = control(jnp.nan, 0.0, 1.0), control(jnp.nan, 0.0, 1.0, lipids=dose(0.4, 0.0, 1e6))
    good = control(6.5, 0.0, 90.0)
    worn = [float(worn_years(someone(), treatment, later)[0]) for treatment in (left, lipids, good)]
    assert worn[0] > worn[1] > worn[2]
    now = [float(_wear_now(someone(), treatment, later)[0]) for treatment in (left, lipids, good)]
    assert now[0] > now[1] > now[2]


def test_without_diabetes_nothing_wears_and_a_target_changes_nothing():
    person = someone(diabetes=0.0, hba1c_percent=5.4)
    target = control(4.5, 0.0, 30.0)
    assert float(worn_years(person, target, 700.0)[0]) == 0.0
    assert float(_wear_now(person, target, 700.0)[0]) == float(_wear_now(person, None, 700.0)[0]) == 0.0
    now = glucose(person, target, 700.0)
    assert float(now.hba1c_percent[0]) == pytest.approx(5.4, abs=1e-5)
    assert float(now.fall_percent[0]) == 0.0


def test_weekly_pulses_raise_glucose_more_in_diabetes_and_the_rise_fades():
    pulses = no_care()._replace(methylprednisolone=dose(1.0, 0.0, 84.0))
    sick, well = someone(hba1c_percent=7.5), someone(diabetes=0.0, hba1c_percent=5.4)
    rises = [
        [
            float((glucose(one, pulses, day).hba1c_percent - one.hba1c_percent)[0])
            for day in (0.0, 84.0, 400.0)
        ]
        for one in (sick, well)
    ]
    assert rises[0][1] > rises[1][1] > 0.05
    assert rises[0][1] < 1.0
    assert rises[0][0] == pytest.approx(0.0, abs=1e-5)
    assert abs(rises[0][2]) < 0.01


def test_more_prednisone_raises_glucose_more():
    rises = []
    for amount in (0.0, 20.0, 60.0):
        treatment = no_care()._replace(prednisone=dose(amount, 0.0, 90.0))
        rises.append(float(glucose(someone(), treatment, 60.0).mean_glucose_mg_dl[0]))
    assert np.diff(rises).min() > 5.0


@pytest.mark.parametrize("over_day", [0.0, 60.0, 200.0, 700.0])
def test_the_steepest_fall_is_the_largest_difference_over_three_months(over_day: float):
    treatment = control(6.0, 100.0, over_day)
    days = jnp.arange(0.0, 1500.0, 2.0)
    course = jax.vmap(lambda day: glucose(someone(), treatment, day).hba1c_percent)(days)[:, 0]
    before = jax.vmap(lambda day: glucose(someone(), treatment, day - 91.0).hba1c_percent)(days)[:, 0]
    falls = np.maximum.accumulate(np.asarray(before - course))
    found = jax.vmap(lambda day: glucose(someone(), treatment, day).fall_percent)(days)[:, 0]
    np.testing.assert_allclose(found, falls, atol=0.01)


def test_a_slow_change_falls_less_in_three_months_than_a_fast_one():
    falls = [
        float(glucose(someone(), control(6.0, 0.0, over), 900.0).fall_percent[0]) for over in (14.0, 365.0)
    ]
    assert falls[0] > 2.0 > falls[1]


def test_glucose_that_rises_has_no_fall():
    assert float(glucose(someone(), control(11.0, 0.0, 30.0), 400.0).fall_percent[0]) == 0.0


def test_days_may_differ_between_patients():
    person = jax.tree.map(lambda x: jnp.broadcast_to(x, (3,)), someone())
    days = jnp.asarray([0.0, 200.0, 900.0])
    together = worn_years(person, EVERYTHING, days), glucose(person, EVERYTHING, days).hba1c_percent
    for index, day in enumerate(days):
        apart = worn_years(someone(), EVERYTHING, day), glucose(someone(), EVERYTHING, day).hba1c_percent
        for one, other in zip(together, apart, strict=True):
            assert float(one[index]) == pytest.approx(float(other[0]), rel=1e-5)


def test_better_control_keeps_more_pericytes_and_less_debris():
    left, good = (worn_wall(someone(), treatment, 3650.0) for treatment in (None, control(6.5, 0.0, 180.0)))
    assert float(good.pericytes[0]) > float(left.pericytes[0])
    assert float(good.debris[0]) < float(left.debris[0])
