"""What the patient lives: weight, getting about, scales, autonomic symptoms, survival."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from bedside_patients import ANATOMY, LEFT, cut, fibres, latents, people

from garland.evidence import part
from garland.model.clinical_signs.scales import (
    _ankle_allowance,
    _feeling_points,
    _knee_force_percent,
    _reflex_points,
    _Walks,
    _weakness_points,
    chair_rise,
    mrs,
    nis,
    walking_chances,
)
from garland.model.clinical_signs.systemic import (
    DAYS_PER_YEAR,
    _lost_share,
    alive,
    autonomic_chance,
    death_day,
    death_hazard_per_year,
    weight_lost_kg,
)
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import draw
from garland.model.patient import Person
from tests.truth.signs_in_full import _weight_lost_ode_kg

MOVEMENTS, REFLEXES, NERVES = len(ANATOMY.movements), len(ANATOMY.reflexes), len(ANATOMY.skin_nerves)
WHOLE = jnp.full((1, 2, MOVEMENTS), 5.4)
BRISK = jnp.full((1, 2, REFLEXES), 2.15)
FELT = jnp.zeros((1, 2, NERVES))


def ill(n: int, illness: float = 1.0, **fields: jnp.ndarray) -> LesionProcess:
    return _no_damage(n)._replace(illness=jnp.full((n,), illness), **fields)


# weight


def test_weight_is_lowest_at_about_four_months_and_back_after_two_years():
    days = jnp.arange(0.0, 1500.0)
    share = _lost_share(days)
    assert 100 < int(jnp.argmax(share)) < 140
    assert float(share.max()) == pytest.approx(1.0, abs=1e-3)
    assert 0.4 < float(share[365]) < 0.7
    assert float(share[730]) < 0.2
    assert float(_lost_share(jnp.asarray(-5.0))) == 0.0


def test_the_closed_form_of_weight_is_the_solution_of_its_equation():
    days = np.array([5.0, 30.0, 60.0, 120.0, 240.0, 500.0, 1000.0])
    person, luck, lesion_process = people(7), latents(7), ill(7)
    closed = weight_lost_kg(person, luck, lesion_process, jnp.asarray(days, jnp.float32))
    np.testing.assert_allclose(closed, _weight_lost_ode_kg(person, luck, lesion_process, days), atol=0.02)


def test_full_illness_costs_what_the_referral_series_reports():
    n = 2000
    drawn = np.random.default_rng(11).standard_normal(n)
    diabetic = people(n, diabetes=1.0)
    lost = weight_lost_kg(diabetic, latents(n, weight_loss=list(drawn)), ill(n), jnp.full((n,), 150.0))
    assert 11.0 < float(jnp.median(lost)) < 16.0
    assert 0.71 < float((lost > 4.5).mean()) < 0.92


def test_nobody_loses_more_than_the_greatest_share_of_weight():
    lost = weight_lost_kg(people(1), latents(1, weight_loss=4.0), ill(1), jnp.asarray([120.0]))
    assert float(lost[0]) <= part("bedside/weight").value("most_share") * 80.0


def test_without_illness_and_pain_no_weight_is_lost():
    assert float(weight_lost_kg(people(1), latents(1), _no_damage(1), jnp.asarray([120.0]))[0]) == 0.0


def test_a_relapse_costs_weight_again():
    lesion_process = ill(2, again_day=jnp.full((2,), 2000.0), again_ratio=jnp.asarray([0.0, 0.7]))
    lost = weight_lost_kg(people(2), latents(2), lesion_process, jnp.full((2,), 2120.0))
    assert float(lost[1]) > float(lost[0]) + 3.0


# getting about


def test_the_three_ways_of_getting_about_add_up_to_one():
    walks = walking_chances(jnp.linspace(-3.0, 6.0, 50))
    np.testing.assert_allclose(sum(walks), 1.0, atol=1e-5)
    assert (np.diff(walks.walks_alone) >= 0).all()
    assert (np.diff(walks.wheelchair) <= 0).all()


def test_on_the_border_between_two_ways_each_has_half():
    walks = walking_chances(jnp.asarray([2.0, 1.0]))
    assert float(walks.walks_alone[0]) == pytest.approx(0.5)
    assert float(walks.wheelchair[1]) == pytest.approx(0.5)


def rise(force: float, person: Person | None = None, gain: float = 0.0) -> float:
    return float(chair_rise(people(1) if person is None else person, jnp.full((1, 2), force), gain)[0])


def test_half_rise_from_a_chair_at_the_published_force():
    needed = 46.3 / float(_knee_force_percent(people(1))[0])
    assert rise(needed) == pytest.approx(0.5, abs=1e-3)


def test_one_per_cent_more_force_multiplies_the_odds_of_rising_by_1_197():
    percent = float(_knee_force_percent(people(1))[0])
    odds = [p / (1.0 - p) for p in (rise(46.3 / percent), rise(47.3 / percent))]
    assert odds[1] / odds[0] == pytest.approx(1.197, abs=2e-3)


def test_a_healthy_old_person_rises_and_one_without_quadriceps_does_not():
    assert rise(1.0, people(1, age_years=75.0, male=0.0, height_cm=160.0, weight_kg=65.0)) > 0.9
    assert rise(0.0) < 0.01


def test_age_and_surplus_weight_cost_force_and_therapy_helps():
    usual = float(_knee_force_percent(people(1))[0])
    assert float(_knee_force_percent(people(1, age_years=80.0))[0]) < usual
    assert float(_knee_force_percent(people(1, weight_kg=120.0))[0]) < usual
    assert rise(0.4, gain=0.5) > rise(0.4)


# Neuropathy Impairment Score, worked by hand


def score(
    person: Person | None = None,
    movement: jnp.ndarray = WHOLE,
    reflex: jnp.ndarray = BRISK,
    large: jnp.ndarray = FELT,
    small: jnp.ndarray = FELT,
) -> dict[str, float]:
    found = nis(people(1, age_years=40.0) if person is None else person, movement, reflex, large, small)
    return {name: float(value[0]) for name, value in found._asdict().items()}


def weak(**grades: float) -> jnp.ndarray:
    grade = WHOLE
    for name, value in grades.items():
        grade = grade.at[0, LEFT, ANATOMY.movement(name.replace("_", "-"))].set(value)
    return grade


def test_health_scores_nothing():
    assert set(score().values()) == {0.0}


@pytest.mark.parametrize(
    ("grade", "points"),
    [(0, 4), (1, 3.75), (2, 3.5), (3, 3.25), (3.667, 3), (4, 2), (4.417, 1), (4.67, 0), (5, 0), (5.4, 0)],
)
def test_each_grade_of_strength_has_its_points(grade: float, points: float):
    assert float(_weakness_points(jnp.asarray(grade))) == pytest.approx(points, abs=1e-3)


@pytest.mark.parametrize(("grade", "points"), [(0.0, 2), (1.0, 1), (1.5, 0), (2.15, 0), (4.0, 0)])
def test_each_grade_of_reflex_has_its_points(grade: float, points: float):
    assert float(_reflex_points(jnp.asarray(grade))) == pytest.approx(points, abs=1e-5)


@pytest.mark.parametrize(("loss", "points"), [(0.0, 0), (0.5, 0), (1.1, 1), (2.0, 2), (3.9, 2)])
def test_each_loss_of_feeling_has_its_points(loss: float, points: float):
    assert float(_feeling_points(jnp.asarray(loss))) == pytest.approx(points, abs=1e-5)


def test_a_weak_thigh_scores_as_worked_by_hand():
    # hip flexion 4 (2), knee extension 3 (3.25), knee jerk absent (2), nothing else: 7.25.
    reflex = BRISK.at[0, LEFT, ANATOMY.reflex("knee")].set(0.0)
    found = score(movement=weak(hip_flexion=4.0, knee_extension=3.0), reflex=reflex)
    assert found["nis"] == pytest.approx(7.25)
    assert found["nis_lower_limbs"] == pytest.approx(7.25)
    assert found["weakness_points"] == pytest.approx(5.25)
    assert found["reflex_points"] == pytest.approx(2.0)


def test_a_numb_toe_scores_touch_vibration_position_and_pinprick():
    toes = [ANATOMY.skin_nerves.index(name) for name in ("superficial-fibular", "medial-plantar")]
    large = FELT.at[0, LEFT, jnp.asarray(toes)].set(3.0)
    assert score(large=large)["feeling_points"] == pytest.approx(6.0)
    assert score(large=large, small=large)["nis_lower_limbs"] == pytest.approx(8.0)


def test_a_weak_elbow_counts_twice_because_brachioradialis_goes_with_it():
    found = score(movement=weak(elbow_flexion=3.0))
    assert found["nis"] == pytest.approx(6.5)
    assert found["nis_lower_limbs"] == 0.0


def test_legs_without_any_function_score_88():
    legs = ("hip-flexion", "hip-extension", "knee-flexion", "knee-extension", "ankle-dorsiflexion")
    feet = ("ankle-plantarflexion", "toe-extension", "toe-flexion")
    grade = WHOLE
    for name in (*legs, *feet):
        grade = grade.at[:, :, ANATOMY.movement(name)].set(0.0)
    found = score(movement=grade, reflex=0.0 * BRISK, large=FELT + 9.0, small=FELT + 9.0)
    assert found["nis_lower_limbs"] == pytest.approx(88.0)
    assert found["reflex_points"] == pytest.approx(20.0)
    assert found["feeling_points"] == pytest.approx(32.0)


@pytest.mark.parametrize(("age", "points"), [(40.0, 2.0), (50.0, 1.0), (69.0, 1.0), (70.0, 0.0)])
def test_age_excuses_an_absent_ankle_jerk_but_not_a_knee_jerk(age: float, points: float):
    person = people(1, age_years=age)
    assert float(_ankle_allowance(person)[0]) == 2.0 - points
    ankle = BRISK.at[0, LEFT, ANATOMY.reflex("ankle")].set(0.0)
    knee = BRISK.at[0, LEFT, ANATOMY.reflex("knee")].set(0.0)
    assert score(person, reflex=ankle)["nis"] == pytest.approx(points)
    assert score(person, reflex=knee)["nis"] == pytest.approx(2.0)


# modified Rankin scale, worked by hand


def rankin(alone: float, aid: float, chair: float, weakness: float = 0.0, nrs: float = 0.0) -> float:
    walks = _Walks(*[jnp.asarray([share]) for share in (alone, aid, chair)])
    return float(mrs(walks, jnp.asarray([weakness]), jnp.asarray([nrs]))[0])


def test_the_grades_of_disability_are_those_worked_by_hand():
    assert rankin(1.0, 0.0, 0.0) == 0.0
    assert rankin(0.0, 1.0, 0.0, 20.0) == pytest.approx(3.0)
    assert rankin(0.0, 0.0, 1.0, 40.0) == pytest.approx(4.0)
    assert rankin(0.0, 0.0, 1.0, 192.0) == pytest.approx(5.0)
    assert rankin(0.5, 0.25, 0.25) == pytest.approx(0.25 * 3.0 + 0.25 * 4.0)


def test_weakness_and_pain_disable_who_walks_alone_by_less_than_an_aid_does():
    mild, worse = rankin(1.0, 0.0, 0.0, 4.0), rankin(1.0, 0.0, 0.0, 20.0, 7.0)
    assert 0.5 < mild < 1.5
    assert 2.0 < worse < 3.0


# autonomic symptoms


def test_lost_small_fibres_and_diabetes_bring_autonomic_symptoms():
    day, whole = jnp.asarray([200.0]), _no_damage(1)
    affected = cut(1, "lumbar-plexus-posterior", "sacral-plexus-posterior")._replace(illness=jnp.ones(1))

    def likely(person: Person, lesion_process: LesionProcess) -> float:
        return float(
            autonomic_chance(
                person, latents(1), lesion_process, fibres(person, latents(1), lesion_process, day)
            )[0]
        )

    healthy, diabetic = people(1), people(1, diabetes=1.0, diabetes_years=10.0, hba1c_percent=8.0)
    assert likely(healthy, whole) < 0.1
    assert likely(healthy, whole) < likely(diabetic, whole) < likely(diabetic, affected) < 1.0


# survival


def test_survival_is_the_integral_of_its_hazard():
    person = people(1)
    steps = np.linspace(0.0, 20.0, 4001)
    hazard = [float(death_hazard_per_year(person, float(t))[0]) for t in steps[::40]]
    spent = np.trapezoid(np.asarray(hazard), steps[::40])
    at = jnp.asarray([20.0 * DAYS_PER_YEAR])
    assert float(alive(person, _no_damage(1), at)[0]) == pytest.approx(np.exp(-spent), rel=2e-3)


def test_everybody_lives_on_the_first_day_and_men_and_diabetics_die_sooner():
    later = jnp.asarray([10.0 * DAYS_PER_YEAR])
    assert float(alive(people(1), _no_damage(1), jnp.asarray([0.0]))[0]) == 1.0
    woman, man = alive(people(1, male=0.0), _no_damage(1), later), alive(people(1), _no_damage(1), later)
    assert float(alive(people(1, diabetes=1.0), _no_damage(1), later)[0]) < float(man[0]) < float(woman[0])
    assert float(alive(people(1, age_years=80.0), _no_damage(1), later)[0]) < float(man[0])


def test_half_of_men_of_sixty_live_about_22_years_more():
    years = float(death_day(people(1), _no_damage(1), latents(1))[0]) / DAYS_PER_YEAR
    assert 19.0 < years < 25.0


def test_the_day_of_death_follows_the_same_law_as_survival():
    n = 4000
    died = death_day(people(n), _no_damage(n), draw(jax.random.key(8), n))
    share = float((died > 15.0 * DAYS_PER_YEAR).mean())
    expected = float(alive(people(1), _no_damage(1), jnp.asarray([15.0 * DAYS_PER_YEAR]))[0])
    assert share == pytest.approx(expected, abs=0.03)
