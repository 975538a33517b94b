"""The clocks of cut axons: degeneration, fibrillation, regrowth, sprouting, block."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.chance import SIZE, Chance, draw
from garland.evidence import part
from garland.fibres.degeneration import COHORTS, cohort_ages, cohort_limits, fibrillating_share
from garland.fibres.injury import background_hazard, block_course, length_share, progress
from garland.fibres.regrowth import rate_mm_per_day, regrown_share
from garland.fibres.sprouting import ready_share, room
from garland.person import complete, unknown_person

AVERAGE = Chance(jnp.zeros((1, SIZE)))
MANY = draw(jax.random.key(2), 500)
DAYS = jnp.linspace(0.0, 900.0, 901)


def test_the_limits_of_the_cohorts_rise_and_hold_their_ages():
    limits = np.asarray(cohort_limits(MANY))
    ages = np.asarray(cohort_ages(jnp.asarray(limits)))
    assert limits.shape == ages.shape == (500, COHORTS)
    assert (np.diff(limits, axis=1) > 0).all()
    assert (ages > limits).all()
    assert (ages[:, :-1] < limits[:, 1:]).all()


def test_the_nerve_response_outlasts_the_muscle_response_by_two_to_three_days():
    limits = np.asarray(cohort_limits(AVERAGE))[0]
    assert 4.0 <= limits[1] <= 5.0
    assert 2.0 <= limits[2] - limits[1] <= 3.0


def test_an_insult_never_takes_anything_back():
    done = np.asarray(progress(DAYS, jnp.asarray(10.0), jnp.asarray(100.0)))
    assert (np.diff(done) >= 0).all()
    assert done[10] == 0.0
    assert done[60] >= 0.5
    assert done[110] == 1.0


def test_block_grows_like_damage_and_then_clears():
    stands = np.asarray(block_course(DAYS, jnp.asarray(0.0), jnp.asarray(20.0), jnp.asarray(45.0)))
    assert stands[20] == pytest.approx(1.0)
    assert stands[65] == pytest.approx(np.exp(-1.0), rel=1e-4)
    assert stands[600] < 0.001


def test_regrowth_over_300_mm_at_one_and_a_half_mm_a_day_arrives_about_day_221():
    arrived = np.asarray(regrown_share(DAYS, jnp.asarray(300.0), jnp.asarray(1.5), jnp.asarray(1.0)))
    half = np.interp(0.5 * arrived[-1], arrived, np.asarray(DAYS))
    assert half == pytest.approx(221.0, abs=2.0)


def test_no_axon_has_grown_back_in_the_first_days():
    arrived = regrown_share(jnp.asarray([0.0, 3.0]), jnp.asarray(20.0), jnp.asarray(1.5), jnp.asarray(1.0))
    assert float(arrived.max()) < 1e-4


def test_far_targets_are_reached_later_and_by_fewer():
    far = jnp.asarray([50.0, 200.0, 400.0, 800.0])
    final = np.asarray(regrown_share(jnp.asarray(5000.0), far, jnp.asarray(1.5), jnp.asarray(0.8)))
    assert (np.diff(final) < 0).all()
    assert final.max() <= 0.8
    after_a_year = np.asarray(regrown_share(jnp.asarray(365.0), far, jnp.asarray(1.5), jnp.asarray(0.8)))
    assert (after_a_year <= final + 1e-6).all()


def test_axons_grow_one_to_two_millimetres_a_day():
    rate = np.asarray(rate_mm_per_day(MANY))
    assert 1.4 < rate.mean() < 1.6
    assert rate.min() > 0.8


def test_fibrillations_come_after_a_week_and_later_with_a_longer_stump():
    days = jnp.arange(0.0, 60.0)
    near, far = (np.asarray(fibrillating_share(days, jnp.asarray(stump))) for stump in (0.05, 0.9))
    assert near[:8].max() == 0.0
    assert near[14] > 0.5
    assert far[:18].max() == 0.0
    assert far[35] > 0.5


def test_fibrillation_of_lasting_denervation_fades_over_years():
    share = np.asarray(fibrillating_share(jnp.asarray([60.0, 700.0, 2100.0]), jnp.asarray(0.3)))
    assert share[0] > share[1] > share[2] > 0.0


def test_sprouts_need_three_weeks_and_never_reach_every_fibre():
    ready = np.asarray(ready_share(jnp.asarray([0.0, 15.0, 60.0, 5000.0])))
    assert ready[:2].max() == 0.0
    assert 0.0 < ready[2] < ready[3] <= part("fibres/sprouting").value("overlap")


def test_a_muscle_without_axons_has_no_room_for_sprouts():
    axons = jnp.asarray([[0.0, 0.2, 0.5]])
    carried = np.asarray(room(axons, AVERAGE))[0]
    assert carried[0] == 0.0
    assert carried[2] == pytest.approx(2.5 * carried[1])


def test_the_longest_fibre_of_a_tall_person_suffers_most():
    power, heights = jnp.full((2,), 4.0), jnp.asarray([160.0, 190.0])
    share = np.asarray(length_share(jnp.asarray([200.0, 700.0, 1150.0]), heights, power))
    assert (np.diff(share, axis=1) > 0).all()
    assert (share[1] > share[0]).all()


def test_old_loss_grows_with_glucose_with_years_of_diabetes_and_with_age():
    def old(**known: float) -> float:
        usual = {"age_years": 55.0, "diabetes": 1.0, "diabetes_years": 10.0, "hba1c_percent": 7.0}
        given = {name: jnp.asarray(value) for name, value in (usual | known).items()}
        whole = complete(unknown_person()._replace(**given), AVERAGE, jnp.nan)
        return float(background_hazard(whole, AVERAGE)[0])

    assert old(diabetes=0.0) == 0.0
    assert old() < old(hba1c_percent=9.0)
    assert old() < old(diabetes_years=25.0)
    assert old() < old(age_years=80.0)
