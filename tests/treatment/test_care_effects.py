"""Immunotherapy, therapy, glucose and pressure: none where nothing is given, wide where nothing is known."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.evidence import part
from garland.model.latents import draw
from garland.model.treatment.glucose import pressure_ratio, risk, time_course, treatment_induced
from garland.model.treatment.schedule import (
    FOREVER_DAY,
    Dose,
    Treatments,
    _acting,
    given_days,
    no_care,
    saturating,
)
from garland.model.treatment.untried import chair_gain, hold, pain_hold, walking_gain

CHANCE = draw(jax.random.key(7), 2000)


def dose(amount: float, start: float = 20.0, stop: float = 104.0) -> Dose:
    return Dose(jnp.float32(amount), jnp.float32(start), jnp.float32(stop))


PULSES = no_care()._replace(methylprednisolone=dose(1.0))
TRAINING = no_care()._replace(physical_therapy=dose(3.0, 14.0, FOREVER_DAY))


def test_a_treatment_has_been_given_for_the_days_between_its_first_and_last():
    days = given_days(dose(1.0), jnp.asarray([0.0, 20.0, 50.0, 104.0, 300.0]))
    np.testing.assert_allclose(days, [0.0, 0.0, 30.0, 84.0, 84.0])


def test_a_treatment_builds_up_and_fades_and_does_nothing_at_dose_zero():
    share = np.asarray(_acting(dose(1.0), jnp.asarray([20.0, 30.0, 104.0, 120.0]), 7.0, 10.0))
    assert share[0] == 0.0
    assert share[1] < share[2] > share[3] > 0.0
    assert float(_acting(dose(0.0), jnp.float32(80.0), 7.0, 10.0)) == 0.0


def test_a_saturating_dose_is_one_at_the_usual_and_nothing_at_zero():
    assert float(saturating(jnp.float32(0.0), 0.3, 1.0)) == 0.0
    assert float(saturating(jnp.float32(1.0), 0.3, 1.0)) == pytest.approx(1.0)
    assert float(saturating(jnp.float32(100.0), 0.3, 1.0)) < 1.3


@pytest.mark.parametrize("treatment", [None, no_care(), no_care()._replace(methylprednisolone=dose(0.0))])
def test_without_immunotherapy_nothing_is_held(treatment: Treatments | None):
    held = hold(treatment, CHANCE)
    np.testing.assert_array_equal(held.effect, 0.0)
    np.testing.assert_array_equal(held.start_day, FOREVER_DAY)
    np.testing.assert_array_equal(held.stop_day, FOREVER_DAY)
    np.testing.assert_array_equal(pain_hold(treatment, CHANCE, 60.0), 0.0)


def test_the_effect_of_immunotherapy_is_wide_around_almost_none_and_may_harm():
    effect = np.asarray(hold(PULSES, CHANCE).effect)
    assert -0.05 < np.median(effect) < 0.15
    assert 0.3 < (effect > 0).mean() < 0.7
    assert np.quantile(effect, 0.975) > 0.35
    assert np.quantile(effect, 0.025) < -0.35
    assert effect.max() < 1.0


def test_the_hold_lasts_from_the_first_start_to_the_last_stop_and_a_carry_over():
    treatment = PULSES._replace(immunoglobulin=dose(2.0, 60.0, 150.0))
    held = hold(treatment, CHANCE)
    assert float(held.start_day[0]) == 20.0
    assert float(held.stop_day[0]) == 150.0 + part("care/immunotherapy").value("carry_over_day")


def test_small_effects_of_two_drugs_combine_as_independent_shares():
    both = PULSES._replace(immunoglobulin=dose(2.0))
    other = no_care()._replace(immunoglobulin=dose(2.0))
    one, two = np.asarray(hold(PULSES, CHANCE).effect), np.asarray(hold(other, CHANCE).effect)
    small = np.abs(one) + np.abs(two) < 0.2
    expected = 1.0 - (1.0 - one) * (1.0 - two)
    np.testing.assert_allclose(np.asarray(hold(both, CHANCE).effect)[small], expected[small], atol=0.01)


def test_more_of_a_drug_moves_the_effect_further_from_none():
    some, more = (hold(no_care()._replace(prednisone=dose(mg)), CHANCE).effect for mg in (10.0, 60.0))
    assert (np.abs(np.asarray(more)) >= np.abs(np.asarray(some))).all()


def test_pain_is_held_while_treated_and_let_go_after():
    strength = [
        float(np.abs(np.asarray(pain_hold(PULSES, CHANCE, day))).mean()) for day in (20, 30, 104, 200)
    ]
    assert strength[0] == 0.0
    assert strength[1] < strength[2] > strength[3]
    assert strength[3] < 0.01
    assert float(np.asarray(pain_hold(PULSES, CHANCE, 100.0)).max()) < 1.0


@pytest.mark.parametrize("gain", [walking_gain, chair_gain])
def test_therapy_gains_are_none_without_it_and_wide_around_almost_none_with_it(gain):
    for treatment in (None, no_care()):
        np.testing.assert_array_equal(gain(treatment, CHANCE, 200.0), 0.0)
    np.testing.assert_array_equal(gain(TRAINING, CHANCE, 14.0), 0.0)
    gained = np.asarray(gain(TRAINING, CHANCE, 300.0))
    assert 0.0 < gained.mean() < gained.std()
    assert (gained < 0).mean() > 0.2


@pytest.mark.parametrize(("low", "high", "least", "most"), [(2.0, 3.0, 0.15, 0.27), (4.0, 8.0, 0.8, 1.0)])
def test_the_risk_of_a_fast_fall_is_the_remembered_one(low: float, high: float, least: float, most: float):
    assert least <= float(risk(jnp.linspace(low, high, 101)).mean()) <= most


def test_without_a_fall_nothing_is_induced():
    assert float(risk(0.0)) == 0.0
    for field in treatment_induced(0.0, CHANCE):
        np.testing.assert_array_equal(field, 0.0)


def test_people_are_affected_as_often_as_the_risk_says():
    for fall in (2.5, 3.5, 5.0):
        pain = np.asarray(treatment_induced(fall, CHANCE).pain)
        assert (pain > 2.0).mean() == pytest.approx(float(risk(fall)), abs=0.09)


def test_pain_follows_the_fall_as_closely_as_published():
    fall = 2.0 + np.random.default_rng(2).exponential(2.0, 2000)
    pain = np.asarray(treatment_induced(jnp.asarray(fall, jnp.float32), CHANCE).pain)
    ill = pain > 2.0
    low, high = part("care/glucose").number("pain_correlation").trusted
    assert low <= np.corrcoef(fall[ill], pain[ill])[0, 1] <= high


def test_autonomic_failure_is_as_frequent_as_published_where_pain_is_severe():
    got = treatment_induced(6.0, CHANCE)
    severe = np.asarray(got.pain) > 7.0
    share = part("care/glucose").value("autonomic_share")
    assert np.asarray(got.autonomic)[severe].mean() == pytest.approx(share, abs=0.1)
    assert float(got.autonomic.max()) <= 1.0
    assert (np.asarray(got.small_fibre) >= 0.0).all()


def test_a_faster_fall_never_hurts_less():
    pain = np.stack([np.asarray(treatment_induced(fall, CHANCE).pain) for fall in np.linspace(0.0, 8.0, 30)])
    assert (np.diff(pain, axis=0) >= -1e-4).all()


def test_induced_neuropathy_is_up_within_eight_weeks_and_mostly_gone_by_eighteen_months():
    course = np.asarray(time_course(jnp.asarray([-5.0, 0.0, 56.0, 548.0])))
    assert course[:2].tolist() == [0.0, 0.0]
    assert course[2] > 0.9
    assert course[3] < 0.35
    assert float(time_course(jnp.linspace(0.0, 700.0, 1401)).max()) == pytest.approx(1.0, abs=1e-3)


def test_pressure_wears_vessels_as_before_in_the_median_person():
    treatment = no_care()._replace(pressure=dose(10.0, 0.0, FOREVER_DAY))
    ratio = np.asarray(pressure_ratio(treatment, CHANCE, 100.0))
    assert np.median(ratio) == pytest.approx(1.0, abs=0.01)
    assert ratio.std() > 0.05
    for none in (None, no_care()):
        np.testing.assert_array_equal(pressure_ratio(none, CHANCE, 100.0), 1.0)


def test_every_effect_is_the_same_compiled():
    compiled = jax.jit(lambda day: (pain_hold(PULSES, CHANCE, day), walking_gain(TRAINING, CHANCE, day)))(
        50.0
    )
    np.testing.assert_allclose(compiled[0], pain_hold(PULSES, CHANCE, 50.0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(compiled[1], walking_gain(TRAINING, CHANCE, 50.0), rtol=1e-5, atol=1e-6)
