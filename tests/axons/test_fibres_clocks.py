"""The clocks of cut axons: degeneration, fibrillation, regrowth, sprouting, block."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.evidence import part
from garland.model.axons.degeneration import (
    COHORTS,
    LATE_COHORTS,
    OLD_AGE_DAY,
    _cohort_ages,
    _cohort_limits,
    _Cutting,
    _fibrillating_share,
)
from garland.model.axons.injury import (
    _block_course,
    _Clock,
    _clock,
    _progress,
    _share_done,
    background_hazard,
    length_share,
)
from garland.model.axons.regeneration import _Growth, _growth, _ready_share, _regrown_share, _room
from garland.model.axons.state import _time_of_cutting
from garland.model.diseases.lesion_process import N_SITES, _no_damage
from garland.model.latents import N_LATENTS, Latents, draw
from garland.model.patient import complete, unknown_person
from garland.model.vessels.glycaemia import worn_years

AVERAGE = Latents(jnp.zeros((1, N_LATENTS)))
MANY = draw(jax.random.key(2), 500)
DAYS = jnp.linspace(0.0, 900.0, 901)
GROWS = _Growth(jnp.asarray(1.5), jnp.asarray(1.0))
NEVER = 1e6
SECOND = 3 + LATE_COHORTS // 2
"""Last limit of a second attack; the first has those after it."""


def cutting(first: tuple[float, float], again: tuple[float, float] = (NEVER, NEVER), n: int = 1) -> _Cutting:
    """Return attacks that cut axons between two days on both sides of n patients."""
    return _Cutting(*[jnp.full((n, 2), day, jnp.float32) for day in (*first, *again)])


def limits_of(latents: Latents, day: float, when: _Cutting) -> np.ndarray:
    """Return the limits of the cohorts on a day, (N, 2, COHORTS)."""
    return np.asarray(_cohort_limits(latents, jnp.full(latents.vector.shape[0], day), when))


@pytest.mark.parametrize("again", [(NEVER, NEVER), (180.0, 210.0)])
@pytest.mark.parametrize("day", [0.0, 5.0, 30.0, 170.0, 200.0, 260.0, 900.0, 20000.0])
def test_the_limits_of_the_cohorts_rise_and_hold_their_ages(day: float, again: tuple[float, float]):
    when = cutting((-10.0, 40.0), again, 500)
    limits = limits_of(MANY, day, when)
    ages = np.asarray(_cohort_ages(jnp.asarray(limits), jnp.full(500, day), when))
    assert limits.shape == ages.shape == (500, 2, COHORTS)
    assert (limits[..., 0] == 0.0).all()
    assert (np.diff(limits[..., :3], axis=-1) > 0).all()
    assert (np.diff(limits, axis=-1) >= -1e-5 * limits[..., 1:]).all()
    oldest, youngest = day + 10.0, max(day - (again[1] if again[0] < day else 40.0), 0.0)
    held = (np.diff(limits, axis=-1) > 1.0) & (limits[..., :-1] < oldest) & (limits[..., 1:] > youngest)
    assert (ages[..., :-1] > limits[..., :-1])[held].all()
    assert (ages[..., :-1] < np.minimum(limits[..., 1:], oldest + 0.5))[held].all()
    assert (ages[..., -1] == np.maximum(limits[..., -1], OLD_AGE_DAY)).all()


def test_the_nerve_response_outlasts_the_muscle_response_by_two_to_three_days():
    limits = limits_of(AVERAGE, 60.0, cutting((0.0, 30.0)))[0, 0]
    assert 4.0 <= limits[1] <= 5.0
    assert 2.0 <= limits[2] - limits[1] <= 3.0


def test_the_events_of_the_clock_are_limits_on_every_day_and_after_a_relapse():
    p = part("fibres/degeneration")
    pace = np.exp(p.spread("motor_response_lost_day") * np.asarray(MANY["wallerian"]))
    nerve = p.nerve_response_lost_day * pace
    for day in (1.0, 30.0, 200.0, 3000.0):
        limits = limits_of(MANY, day, cutting((0.0, 30.0), (180.0, 210.0), 500))
        for side in (0, 1):
            np.testing.assert_allclose(limits[:, side, 1], p.motor_response_lost_day * pace, rtol=1e-5)
            np.testing.assert_allclose(limits[:, side, 2], nerve, rtol=1e-5)


def test_the_late_limits_divide_the_time_of_cutting():
    limits = limits_of(AVERAGE, 400.0, cutting((-10.0, 100.0)))[0, 0]
    assert limits[3] == pytest.approx(300.0)
    assert limits[-1] == pytest.approx(410.0, rel=1e-5)
    np.testing.assert_allclose(np.diff(np.log(limits[3:])), np.log(410.0 / 300.0) / LATE_COHORTS, rtol=1e-3)


def test_an_attack_that_goes_on_has_its_youngest_late_cohort_where_the_nerve_falls_silent():
    limits = limits_of(AVERAGE, 50.0, cutting((-10.0, 100.0)))[0, 0]
    assert limits[3] == pytest.approx(limits[2])
    assert limits[-1] == pytest.approx(60.0, rel=1e-5)


def test_axons_cut_at_one_stroke_age_by_half_a_day_in_half_a_day():
    stroke = cutting((0.0, 1e-3))
    ages = []
    for day in np.arange(1.0, 60.0, 0.5):
        limits = limits_of(AVERAGE, float(day), stroke)
        at = np.asarray(_cohort_ages(jnp.asarray(limits), jnp.full(1, day), stroke))[0, 0]
        holds = np.flatnonzero((limits[0, 0, :-1] <= day) & (day <= limits[0, 0, 1:] + 1e-3))
        ages.append(at[holds[0]])
    np.testing.assert_allclose(np.diff(ages), 0.5, atol=0.05)


def test_each_side_has_limits_of_its_own():
    begin, end = jnp.asarray([[0.0, 60.0]]), jnp.asarray([[30.0, 90.0]])
    far = jnp.full((1, 2), NEVER)
    limits = limits_of(AVERAGE, 200.0, _Cutting(begin, end, far, far))[0]
    np.testing.assert_allclose(limits[0, :3], limits[1, :3])
    assert limits[:, 3] == pytest.approx([170.0, 110.0])
    assert limits[:, -1] == pytest.approx([200.0, 140.0], rel=1e-5)


def test_a_second_attack_gets_cohorts_of_its_own_once_it_has_begun():
    twice, once = cutting((0.0, 30.0), (180.0, 210.0)), cutting((0.0, 30.0))
    np.testing.assert_array_equal(limits_of(AVERAGE, 180.0, twice), limits_of(AVERAGE, 180.0, once))
    limits = limits_of(AVERAGE, 300.0, twice)[0, 0]
    assert limits[3] == pytest.approx(90.0)
    assert limits[SECOND] == pytest.approx(120.0, rel=1e-5)
    assert limits[SECOND + 1] == pytest.approx(270.0, rel=1e-5)
    assert limits[-1] == pytest.approx(300.0, rel=1e-5)


def test_second_attacks_of_some_change_nothing_for_the_others():
    day = jnp.asarray([180.0, 300.0])
    pair = Latents(jnp.zeros((2, N_LATENTS)))
    limits = np.asarray(_cohort_limits(pair, day, cutting((0.0, 30.0), (190.0, 220.0), 2)))
    alone = limits_of(AVERAGE, 180.0, cutting((0.0, 30.0)))
    np.testing.assert_allclose(limits[0], alone[0], rtol=1e-5)


def test_the_cohorts_follow_the_affected_sites_of_each_side():
    damage = _no_damage(1)
    loss = jnp.zeros((1, 2, N_SITES)).at[0, 0, 3].set(0.5).at[0, 0, 7].set(0.2).at[0, 0, 9].set(1e-4)
    start = jnp.zeros((1, 2, N_SITES)).at[0, 0, 3].set(-20.0).at[0, 0, 7].set(15.0).at[0, 0, 9].set(900.0)
    affected = damage._replace(axon_loss=loss, start_day=start, span_day=jnp.full(1, 40.0))
    when = _time_of_cutting(affected, _clock(affected))
    assert when.begin_day.tolist() == [[-20.0, 0.0]]
    assert when.end_day.tolist() == [[55.0, 40.0]]
    assert float(when.again_begin_day.min()) > 9e5
    relapsing = affected._replace(again_ratio=jnp.full(1, 0.5), again_day=jnp.full(1, 300.0))
    when = _time_of_cutting(relapsing, _clock(relapsing))
    # Nothing is cut before the second attack hurts, though it reaches the vessels earlier.
    assert when.again_begin_day.tolist() == [[300.0, 300.0]]
    assert when.again_end_day.tolist() == [[355.0, 340.0]]


def test_an_insult_never_takes_anything_back():
    done = np.asarray(_progress(DAYS, jnp.asarray(10.0), jnp.asarray(100.0)))
    assert (np.diff(done) >= 0).all()
    assert done[10] == 0.0
    assert done[60] >= 0.5
    assert done[110] == 1.0


def test_block_grows_like_damage_and_then_clears():
    time = _Clock(jnp.asarray(20.0), jnp.asarray(0.0), jnp.asarray(0.0), None)
    stands = np.asarray(_block_course(DAYS, jnp.asarray(0.0), time, jnp.asarray(45.0)))
    assert stands[20] == pytest.approx(1.0)
    assert stands[65] == pytest.approx(np.exp(-1.0), rel=1e-4)
    assert stands[600] < 0.001


def test_block_comes_again_with_a_second_attack_and_clears_again():
    time = _Clock(jnp.asarray(20.0), jnp.asarray(1.0), jnp.asarray(300.0), jnp.asarray(0.6))
    stands = np.asarray(_block_course(DAYS, jnp.asarray(0.0), time, jnp.asarray(45.0)))
    assert stands[299] < 0.01
    assert stands[320] == pytest.approx(0.6, abs=0.01)
    assert stands[365] == pytest.approx(0.6 * np.exp(-1.0), rel=0.02)
    assert stands[900] < 0.001


def test_a_second_attack_adds_its_share_of_the_damage_of_the_first():
    time = _Clock(jnp.asarray(20.0), jnp.asarray(1.0), jnp.asarray(300.0), jnp.asarray(0.6))
    total = np.asarray(_share_done(DAYS, jnp.asarray(0.0), time))
    assert total[299] == pytest.approx(1.0)
    assert total[900] == pytest.approx(1.6)
    assert (np.diff(total) >= 0).all()


def test_regrowth_over_300_mm_at_one_and_a_half_mm_a_day_arrives_about_day_221():
    arrived = np.asarray(_regrown_share(DAYS, jnp.asarray(300.0), GROWS))
    half = np.interp(0.5 * arrived[-1], arrived, np.asarray(DAYS))
    assert half == pytest.approx(221.0, abs=2.0)


def test_no_axon_has_grown_back_in_the_first_days():
    arrived = _regrown_share(jnp.asarray([0.0, 3.0]), jnp.asarray(20.0), GROWS)
    assert float(arrived.max()) < 1e-4


def test_far_targets_are_reached_later_and_by_fewer():
    far = jnp.asarray([50.0, 200.0, 400.0, 800.0])
    growing = GROWS._replace(success=jnp.asarray(0.8))
    final = np.asarray(_regrown_share(jnp.asarray(5000.0), far, growing))
    assert (np.diff(final) < 0).all()
    assert final.max() <= 0.8
    after_a_year = np.asarray(_regrown_share(jnp.asarray(365.0), far, growing))
    assert (after_a_year <= final + 1e-6).all()


def test_axons_grow_one_to_two_millimetres_a_day():
    rate = np.asarray(_growth(MANY, _no_damage(500)).rate_mm_per_day)
    assert 1.4 < rate.mean() < 1.6
    assert rate.min() > 0.8


def test_fibrillations_come_after_a_week_and_later_with_a_longer_stump():
    days = jnp.arange(0.0, 60.0)
    near, far = (np.asarray(_fibrillating_share(days, jnp.asarray(stump))) for stump in (0.05, 0.9))
    assert near[:8].max() == 0.0
    assert near[14] > 0.5
    assert far[:18].max() == 0.0
    assert far[35] > 0.5


def test_fibrillation_of_lasting_denervation_fades_over_years():
    share = np.asarray(_fibrillating_share(jnp.asarray([60.0, 700.0, 2100.0]), jnp.asarray(0.3)))
    assert share[0] > share[1] > share[2] > 0.0


def test_sprouts_need_three_weeks_and_never_reach_every_fibre():
    ready = np.asarray(_ready_share(jnp.asarray([0.0, 15.0, 60.0, 5000.0])))
    assert ready[:2].max() == 0.0
    assert 0.0 < ready[2] < ready[3] <= part("fibres/sprouting").value("overlap")


def test_a_muscle_without_axons_has_no_room_for_sprouts():
    axons = jnp.asarray([[0.0, 0.2, 0.5]])
    carried = np.asarray(_room(axons, AVERAGE))[0]
    assert carried[0] == 0.0
    assert carried[2] == pytest.approx(2.5 * carried[1])


def test_the_longest_fibre_of_a_tall_person_suffers_most():
    power, heights = jnp.full((2,), 4.0), jnp.asarray([160.0, 190.0])
    share = np.asarray(length_share(jnp.asarray([200.0, 700.0, 1150.0]), heights, power))
    assert (np.diff(share, axis=1) > 0).all()
    assert (share[1] > share[0]).all()


def test_old_loss_grows_with_glucose_with_years_of_diabetes_and_with_age():
    def old(day: float = 0.0, **known: float) -> float:
        usual = {"age_years": 55.0, "diabetes": 1.0, "diabetes_years": 10.0, "hba1c_percent": 7.0}
        given = {name: jnp.asarray(value) for name, value in (usual | known).items()}
        whole = complete(unknown_person()._replace(**given), AVERAGE, jnp.nan)
        when = jnp.full(1, day)
        return float(background_hazard(whole, AVERAGE, worn_years(whole, None, when), when)[0])

    assert old(diabetes=0.0) == 0.0
    assert old() < old(hba1c_percent=9.0)
    assert old() < old(diabetes_years=25.0)
    assert old() < old(age_years=80.0)
    assert old() < old(day=3650.0)
