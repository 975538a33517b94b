"""The illness as its patients and their doctors tell it: one sentence of the textbook, one test."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from forward_model import ANATOMY, N, person, with_block

from garland.forecasts.simulate import life
from garland.model.diseases import index_of
from garland.model.latents import Latents, draw
from garland.model.outcomes import NERVES, Outcomes
from garland.model.patient import Person
from garland.model.treatment.schedule import FOREVER_DAY, Dose, GlucoseTarget, Treatments, no_care

DAYS = np.concatenate([np.arange(0.0, 63.0, 3.0), np.arange(63.0, 1100.0, 15.0)]).astype(np.float32)
FULL_GRADE = 4.67
"""Border of MRC 5 on the continuous scale: below it a hand feels weakness."""
KNEE, HIP, FOOT = (ANATOMY.movement(m) for m in ("knee-extension", "hip-flexion", "ankle-dorsiflexion"))
LEFT, RIGHT = 0, 1
SECOND_SIDE = 1.0


def lives(cause: str, known: Person, latents: Latents, treatment: Treatments | None = None) -> Outcomes:
    return life(known, index_of(cause), latents.vector, DAYS, no_care() if treatment is None else treatment)


@cache
def chances() -> Latents:
    """Return N drawn patients who fall ill on the left."""
    return with_block(draw(jax.random.key(1890), N), "side", -0.8)


def typical() -> Person:
    return person(age_years=66.0, male=1.0, diabetes=1.0, diabetes_years=8.0, hba1c_percent=7.5)


@pytest.fixture(scope="module")
def course() -> Outcomes:
    return lives("dlrpn", typical(), chances())


def at(day: float) -> int:
    return int(np.argmin(np.abs(DAYS - day)))


def first_day(happens: np.ndarray) -> np.ndarray:
    """Return the first day on which something happens in each patient, NaN where it never does."""
    return np.where(happens.any(axis=0), DAYS[happens.argmax(axis=0)], np.nan)


def weak(course: Outcomes, movement: int, side: int = LEFT) -> np.ndarray:
    return course.movement_grade[:, :, side, movement] < FULL_GRADE


def given(**doses: Any) -> Treatments:
    return no_care()._replace(**doses)


def dose(amount: float, start: float = 30.0, stop: float = FOREVER_DAY) -> Dose:
    return Dose(jnp.float32(amount), jnp.float32(start), jnp.float32(stop))


# What damages the nerves


def test_the_attack_takes_oxygen_from_the_nerve_and_gives_it_back(course: Outcomes):
    oxygen = np.median(course.oxygen_mmhg, axis=1)
    assert oxygen[at(40)] < 0.7 * oxygen[0]
    assert oxygen[-1] > 0.9 * oxygen[0]


def test_years_of_high_glucose_leave_less_oxygen_before_any_attack():
    good, bad = (
        lives("dlrpn", person(diabetes=1.0, diabetes_years=15.0, hba1c_percent=h), chances()).oxygen_mmhg[0]
        for h in (6.5, 10.0)
    )
    assert (bad < good - 1.0).all()


def test_the_twin_without_diabetes_suffers_the_same_attack_on_healthy_vessels():
    twin = lives("lrpn", person(age_years=66.0, male=1.0, diabetes=0.0), chances())
    assert np.median(twin.attack.max(axis=0)) > 0.95
    assert np.median(twin.nis.max(axis=0)) > 5.0


# Course


def test_pain_comes_before_weakness(course: Outcomes):
    pain = first_day(course.pain_nrs >= 1.0)
    weakness = first_day(weak(course, KNEE) | weak(course, HIP))
    both = ~np.isnan(pain) & ~np.isnan(weakness)
    assert both.mean() > 0.6
    assert (pain[both] <= weakness[both]).mean() > 0.9
    assert np.median(weakness[both] - pain[both]) >= 6.0


def test_it_begins_on_one_side(course: Outcomes):
    first, second = (weak(course, KNEE, side)[at(30)] for side in (LEFT, RIGHT))
    assert first.mean() > 4.0 * max(second.mean(), 0.02)


def test_it_may_cross_to_the_other_side_but_not_in_everybody(course: Outcomes):
    crossed = (weak(course, KNEE, RIGHT) | weak(course, HIP, RIGHT)).any(axis=0)
    assert 0.15 < crossed.mean() < 0.8


def test_thigh_and_hip_are_weaker_than_the_foot(course: Outcomes):
    worst = course.movement_grade.min(axis=0)[:, LEFT]
    assert np.median(np.minimum(worst[:, KNEE], worst[:, HIP])) < np.median(worst[:, FOOT]) - 0.4


def test_distal_muscles_are_struck_in_some(course: Outcomes):
    assert 0.05 < weak(course, FOOT).any(axis=0).mean() < 0.95


def test_wasting_follows_weakness(course: Outcomes):
    weakness, wasting = first_day(weak(course, KNEE)), first_day(course.thigh_bulk_lost[:, :, LEFT] > 0.25)
    both = ~np.isnan(weakness) & ~np.isnan(wasting)
    assert both.any()
    assert (wasting[both] > weakness[both]).all()


def test_sick_thighs_twitch_more_than_healthy_ones(course: Outcomes):
    affected = course.nerve_axons[at(90), :, LEFT, NERVES.index("femoral")] < 0.7
    twitching = course.twitching[at(90), :, LEFT]
    assert affected.any()
    assert twitching[affected].mean() > twitching[~affected].mean() + 0.2


def test_the_knee_jerk_goes_where_the_quadriceps_loses_its_nerve(course: Outcomes):
    day = at(90)
    axons, jerk = course.nerve_axons[day, :, LEFT, NERVES.index("femoral")], course.knee_jerk[day, :, LEFT]
    assert jerk[axons < 0.3].mean() < 0.3
    assert jerk[axons > 0.6].mean() > jerk[axons < 0.3].mean() + 0.5


def test_the_quadriceps_does_not_fibrillate_in_the_first_days_and_does_later(course: Outcomes):
    affected = course.nerve_axons[at(90), :, LEFT, NERVES.index("femoral")] < 0.7
    new = course.fibrillating_quadriceps[:, :, LEFT] - course.fibrillating_quadriceps[0, :, LEFT]
    # In one or two of a hundred the first roots were cut long before anything was felt.
    early = new[DAYS < 7.0].max(axis=0)
    assert (early < 1e-3).mean() > 0.975
    assert early.max() < 0.05
    assert new[at(90), affected].mean() > 0.03


def test_weight_is_lost_over_months_and_comes_back_over_a_year_or_two(course: Outcomes):
    lost = np.median(course.weight_lost_kg, axis=1)
    peak = DAYS[lost.argmax()]
    assert 45.0 < peak < 270.0
    assert lost.max() > 3.0
    assert lost[-1] < 0.4 * lost.max()
    whole = course.weight_kg + course.weight_lost_kg
    assert np.allclose(whole, whole[0], atol=1e-2)


def test_the_spinal_fluid_protein_rises_and_settles(course: Outcomes):
    protein = np.median(course.csf_protein_mg_dl, axis=1)
    assert protein.max() > protein[0] + 10.0
    assert protein[-1] < protein.max() - 8.0


def test_it_is_monophasic_it_worsens_and_then_improves(course: Outcomes):
    latents = chances()
    one_wave = (np.asarray(latents["relapse"])[:, 0] < 0.5) & (np.asarray(latents["bilateral"]) < -0.7)
    once = course.nis[:, one_wave]
    worst = DAYS[once.argmax(axis=0)]
    assert 10.0 < np.median(worst) < 240.0
    assert (once[-1] <= once.max(axis=0) + 1e-3).all()
    typical_course = np.median(once, axis=1)
    peak = int(typical_course.argmax())
    assert (np.diff(typical_course[: peak + 1]) > -0.8).all()
    assert (np.diff(typical_course[peak:]) < 0.8).all()


def test_most_improve_and_few_recover_fully(course: Outcomes):
    worst, last = course.nis.max(axis=0), course.nis[-1]
    ill = worst >= 10.0
    assert (last[ill] < worst[ill]).mean() > 0.9
    assert (last[ill] < 2.0).mean() < 0.35


def test_proximal_muscles_recover_before_distal_ones(course: Outcomes):
    early = course.movement_grade[at(90), :, LEFT]
    affected = (early[:, KNEE] < 3.5) & (early[:, FOOT] < 3.5)
    assert affected.any()
    gain = course.movement_grade[at(365), affected, LEFT] - course.movement_grade[at(90), affected, LEFT]
    assert gain[:, KNEE].mean() > gain[:, FOOT].mean()


def test_pain_settles_within_the_year_while_weakness_lasts(course: Outcomes):
    early, late = course.pain_nrs[at(45)], course.pain_nrs[at(365)]
    assert np.median(late) < 0.6 * np.median(early)
    assert weak(course, KNEE)[at(365)].mean() > 0.1


def test_walking_is_worst_in_the_first_year_and_returns_for_most(course: Outcomes):
    chair = course.wheelchair.mean(axis=1)
    assert chair[at(120)] > chair[0] + 0.05
    assert chair[-1] < 0.6 * chair.max()
    assert np.allclose(course.walks_alone + course.walks_with_aid + course.wheelchair, 1.0, atol=1e-5)


def test_who_cannot_straighten_the_knees_cannot_rise_from_a_chair(course: Outcomes):
    day = at(90)
    both = course.movement_grade[day, :, :, KNEE].max(axis=1)
    assert course.chair_rise[day, both < 3.5].mean() < 0.3 if (both < 3.5).any() else True
    assert course.chair_rise[day, both > 5.0].mean() > 0.5


def test_relapse_is_rare_and_brings_the_illness_back():
    whole = chances()
    twice = Latents(with_block(whole, "relapse", 0.0).vector)
    again = Latents(with_block(whole, "relapse", 0.0).vector)
    place = jnp.asarray([3.0, -3.0])  # certain, and as early as it comes
    from garland.model.latents import place_of

    again = Latents(again.vector.at[:, place_of("relapse")].set(place))
    once, more = lives("dlrpn", typical(), twice), lives("dlrpn", typical(), again)
    assert (more.nis[at(400)] >= once.nis[at(400)] - 1e-3).mean() > 0.99
    # Where the first attack still goes on, it has only half of the cohorts to itself.
    assert (more.nis[at(400)] >= 0.97 * once.nis[at(400)]).all()
    assert np.median(more.nis[at(400)]) > np.median(once.nis[at(400)]) + 2.0
    assert np.allclose(more.nis[at(150)], once.nis[at(150)])


def test_the_illness_itself_does_not_shorten_life(course: Outcomes):
    other = lives("none", typical(), chances())
    assert np.allclose(course.alive, other.alive, atol=1e-6)
    assert (np.diff(course.alive, axis=0) <= 1e-7).all()


# Care


@pytest.mark.parametrize(
    ("drug", "amount"),
    [("gabapentin", 3600.0), ("pregabalin", 600.0), ("duloxetine", 60.0), ("amitriptyline", 75.0)],
)
def test_drugs_for_neuropathic_pain_ease_pain_and_mend_no_nerve(course: Outcomes, drug: str, amount: float):
    treated = lives("dlrpn", typical(), chances(), given(**{drug: dose(amount)}))
    assert treated.pain_nrs[at(90)].mean() < course.pain_nrs[at(90)].mean() - 0.3
    assert np.array_equal(treated.nerve_axons, course.nerve_axons)


def test_nothing_changes_before_treatment_begins(course: Outcomes):
    doses = {"pregabalin": 300.0, "methylprednisolone": 1.0, "physical_therapy": 3.0}
    treatment = given(**{drug: dose(amount, 60.0) for drug, amount in doses.items()})
    treated = lives("dlrpn", typical(), chances(), treatment)
    for before, after in zip(course, treated, strict=True):
        assert np.allclose(before[DAYS <= 60.0], after[DAYS <= 60.0], atol=1e-4)


def test_care_with_no_dose_is_no_care(course: Outcomes):
    nothing = given(**{name: dose(0.0) for name in Treatments._fields if name != "glucose"})
    treated = lives("dlrpn", typical(), chances(), nothing)
    for without, zero in zip(course, treated, strict=True):
        assert np.allclose(without, zero, atol=1e-4)


@pytest.mark.parametrize("drug", ["methylprednisolone", "immunoglobulin"])
def test_of_immunotherapy_the_model_does_not_know_whether_it_helps(course: Outcomes, drug: str):
    treated = lives("dlrpn", typical(), chances(), given(**{drug: dose(1.0, 10.0, 94.0)}))
    change = treated.nis.max(axis=0) - course.nis.max(axis=0)
    assert (change > 0.05).mean() > 0.1
    assert (change < -0.05).mean() > 0.1


def test_late_treatment_of_the_attack_changes_nothing(course: Outcomes):
    late = lives("dlrpn", typical(), chances(), given(methylprednisolone=dose(1.0, 900.0, 1000.0)))
    done = np.asarray(chances()["progression"]) < 0.5
    single = np.asarray(chances()["relapse"])[:, 0] < 0.5
    assert np.allclose(late.nis[-1, done & single], course.nis[-1, done & single], atol=0.3)


def test_glucose_lowered_too_fast_brings_pain_and_slowly_lowered_does_not():
    poor = person(age_years=60.0, diabetes=1.0, diabetes_years=10.0, hba1c_percent=12.0)

    def to_six(over: float) -> Treatments:
        target = GlucoseTarget(jnp.float32(6.0), jnp.float32(200.0), jnp.float32(over))
        return given(glucose=target)

    free, slow, fast = (lives("dlrpn", poor, chances(), c) for c in (no_care(), to_six(700.0), to_six(10.0)))
    day = at(330)
    assert fast.pain_nrs[day].mean() > free.pain_nrs[day].mean() + 1.0
    assert slow.pain_nrs[day].mean() < free.pain_nrs[day].mean() + 0.5
    assert (fast.hba1c_percent[-1] < 6.6).all()


def test_no_pain_without_injury():
    nobody = lives("none", person(age_years=50.0, diabetes=0.0), Latents(chances().vector * 0.0))
    assert (nobody.pain_nrs[-1] < 8.0).all()
