"""Pain: none without a reason, a course of its own, a residue."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from bedside_patients import ANATOMY, LEFT, RIGHT, cut, driven, fibres, latents, people
from hypothesis import given, settings
from hypothesis import strategies as st

from garland.evidence import part
from garland.model.clinical_signs import pain as pain_module
from garland.model.clinical_signs.pain import _Pain, pain, region_pain
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import N_LATENTS, Latents
from tests.compiling import for_few_calls
from tests.truth import signs_in_full

DAYS = np.array([0.5, 3.0, 7.0, 14.0, 28.0, 60.0, 90.0, 180.0, 365.0, 730.0])
DAY = jnp.asarray(DAYS, jnp.float32)
N = len(DAYS)
THIGH = ANATOMY.region("anterior-thigh")
felt_by = for_few_calls(pain)


def course(lesion_process: LesionProcess, relief: float | None = None, sensitisation: float = 0.0) -> _Pain:
    """Return the pain of one average patient on each of `DAYS`."""
    luck = latents(N, sensitisation=sensitisation)
    return felt_by(luck, lesion_process, fibres(people(N), luck, lesion_process, DAY), DAY, relief or 0.0)


def femoral_cut() -> LesionProcess:
    return cut(N, "femoral-inguinal")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), day=st.floats(0.0, 3000.0))
def test_without_injury_and_drive_nothing_hurts(seed: int, day: float):
    luck = Latents(jnp.asarray(np.random.default_rng(seed).standard_normal((N, N_LATENTS)), jnp.float32))
    whole, days = _no_damage(N), jnp.full((N,), day)
    felt = felt_by(luck, whole, fibres(people(N, age_years=40.0), luck, whole, days), days, 0.0)
    np.testing.assert_allclose(felt.nrs, 0.0, atol=1e-4)
    np.testing.assert_allclose(felt.allodynia, 0.0, atol=1e-4)
    own = part("bedside/pain").value("personal_sd") * luck["pain"][:, None, None]
    np.testing.assert_allclose(felt.score - own, part("bedside/pain").value("base"), atol=1e-3)


def test_the_discharge_of_injured_fibres_peaks_at_two_weeks():
    ages = jnp.linspace(0.0, 200.0, 2001)
    assert float(ages[jnp.argmax(pain_module._ectopic(ages))]) == pytest.approx(14.0, abs=0.2)
    assert float(pain_module._ectopic(jnp.asarray(0.0))) == 0.0
    assert float(pain_module._ectopic(jnp.asarray(84.0))) < 0.1


def test_the_cord_is_most_sensitive_weeks_after_the_discharge_and_forgets_over_months():
    ages = jnp.linspace(0.0, 900.0, 9001)
    sensitive = pain_module._central(ages)
    assert 25.0 < float(ages[jnp.argmax(sensitive)]) < 60.0
    assert float(sensitive.max()) == pytest.approx(1.0, abs=1e-3)
    assert float(pain_module._central(jnp.asarray(365.0))) < 0.1


def test_the_closed_form_of_sensitivity_to_injury_is_the_solution_of_its_equation():
    closed = pain_module._central(jnp.asarray(DAYS, jnp.float32))
    np.testing.assert_allclose(closed, signs_in_full._central_ode(DAYS), atol=1e-3)


@pytest.mark.parametrize("fade", [5.0, 14.0, 30.0, 75.0, 90.0, 300.0])
@pytest.mark.parametrize("span", [1.0, 7.0, 25.0, 90.0])
def test_the_closed_form_of_sensitivity_to_a_drive_is_the_solution_of_its_equation(span: float, fade: float):
    days = np.array([1.0, 5.0, 14.0, 20.0, 30.0, 60.0, 90.0, 120.0, 200.0, 400.0])
    _, sensitive = pain_module._drive(driven(10, 1.0, span, fade), jnp.asarray(days, jnp.float32))
    np.testing.assert_allclose(sensitive[:, LEFT], signs_in_full._drive_ode(days, span, fade), atol=0.006)


def test_a_drive_that_never_ends_stays_at_its_height():
    now, sensitive = pain_module._drive(_no_damage(3), jnp.asarray([60.0, 1000.0, 20000.0]))
    np.testing.assert_allclose(now, 1.0, atol=1e-4)
    np.testing.assert_allclose(sensitive, 1.0, atol=0.03)


def test_the_second_attack_drives_pain_again_by_its_ratio():
    lesion_process = driven(2, 1.0)._replace(
        again_day=jnp.full((2,), 2000.0), again_ratio=jnp.asarray([0.0, 0.6])
    )
    now, _ = pain_module._drive(lesion_process, jnp.full((2,), 2030.0))
    np.testing.assert_allclose(now[:, LEFT], [0.0, 0.6], atol=1e-3)


def test_pain_of_a_cut_nerve_peaks_within_weeks_and_is_nearly_gone_after_a_year():
    felt = np.asarray(course(femoral_cut()).nrs)
    peak = DAYS[felt.argmax()]
    assert 7.0 <= peak <= 60.0
    assert felt[list(DAYS).index(365.0)] < 0.4 * felt.max()
    assert 0.0 < felt[-1] < 0.4 * felt.max()


def test_pain_is_felt_where_the_cut_nerve_leads():
    score = course(femoral_cut()).score[4]
    assert float(score[LEFT, THIGH]) > float(score[LEFT, ANATOMY.region("sole")]) + 0.5
    assert float(score[LEFT, THIGH]) > float(score[RIGHT, THIGH]) + 0.5


def test_a_standing_drive_keeps_injured_fibres_firing():
    standing = femoral_cut()._replace(pain_drive=jnp.asarray([[0.8, 0.0]] * N))
    kept, alone = course(standing), course(femoral_cut())
    fades = [float(felt.score[4, LEFT, THIGH] - felt.score[-1, LEFT, THIGH]) for felt in (kept, alone)]
    assert fades[0] < 0.5 * fades[1]


def test_severe_pain_begins_within_days_and_settles_from_three_months():
    felt = np.asarray(course(driven(N, 2.2, 60.0, 60.0)).nrs)
    assert felt[1] > 4.5
    assert felt[list(DAYS).index(180.0)] < 0.75 * felt.max()
    assert felt[-1] < 0.6


def test_a_person_prone_to_sensitisation_hurts_longer():
    late = list(DAYS).index(180.0)
    nrs = [float(course(femoral_cut(), sensitisation=z).nrs[late]) for z in (-1.5, 0.0, 1.5)]
    assert nrs[0] < nrs[1] < nrs[2]


def test_relief_takes_its_share_of_the_rating():
    whole, eased = course(femoral_cut()), course(femoral_cut(), relief=0.25)
    np.testing.assert_allclose(eased.nrs, 0.75 * whole.nrs, rtol=1e-5)
    assert (np.asarray(eased.score) <= np.asarray(whole.score) + 1e-6).all()


def test_region_pain_is_the_score_without_relief():
    lesion_process, luck = femoral_cut(), latents(N)
    score = region_pain(luck, lesion_process, fibres(people(N), luck, lesion_process, DAY), DAY)
    np.testing.assert_allclose(score, course(lesion_process).score, atol=1e-5)


def test_touch_hurts_only_where_touch_is_still_felt():
    partly, wholly = course(cut(N, "femoral-inguinal", hazard=0.7)), course(femoral_cut())
    at = list(DAYS).index(60.0)
    assert 0.0 < float(partly.allodynia[at]) < 1.0
    assert float(partly.allodynia[at]) > float(wholly.allodynia[at])


def test_ratings_stay_between_nought_and_ten():
    felt = course(driven(N, 50.0))
    assert float(felt.nrs.min()) >= 0.0
    assert float(felt.nrs.max()) <= 10.0
