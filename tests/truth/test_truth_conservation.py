"""Nothing is lost twice, nothing comes from nothing."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from forward_model import ANATOMY, LEFT, RIGHT, N, at_sites, cut, made, patients, person, untouched

from garland.model.axons.muscle import cohorts_of
from garland.model.diseases import DISEASES
from garland.model.diseases.lesion_process import _no_damage

ALL_CAUSES = [cause.name for cause in DISEASES]
SHARES = (
    "axons",
    "conducting",
    "innervated",
    "adopted",
    "denervated",
    "fibrillating",
    "bulk_lost",
    "diseased",
)
HAZARDS = ("axon_loss", "block", "slowing", "distal_loss", "distal_slowing", "distal_block", "muscle_loss")
SEVERAL_DAYS = np.resize(np.array([1.0, 6.0, 30.0, 200.0, 900.0], np.float32), N)


@pytest.mark.parametrize("cause", ALL_CAUSES)
def test_cut_axons_and_axons_left_add_up_to_one(cause: str):
    fibres = patients(cause, SEVERAL_DAYS).course.fibres
    for left in (fibres.motor_surviving, fibres.sensory_surviving):
        total = np.asarray(cohorts_of(left).sum(axis=2) + left[:, :, 0])
        np.testing.assert_allclose(total, 1.0, atol=1e-4)


@pytest.mark.parametrize("cause", ALL_CAUSES)
def test_shares_stay_between_nothing_and_everything(cause: str):
    course = patients(cause, SEVERAL_DAYS).course
    shares = {name: getattr(course.muscle, name) for name in SHARES}
    fibres = course.fibres
    shares |= {"conducting fibres": fibres.motor_conducting, "arc": fibres.reflex_afferent}
    shares |= {"felt": fibres.sensory_conducting, "felt small": fibres.sensory_conducting_small}
    for name, share in shares.items():
        assert float(share.min()) >= -1e-5, name
        assert float(share.max()) <= 1.0 + 1e-4, name


@pytest.mark.parametrize("cause", ALL_CAUSES)
def test_every_muscle_fibre_has_a_nerve_or_has_none(cause: str):
    muscle = patients(cause, SEVERAL_DAYS).course.muscle
    np.testing.assert_allclose(muscle.axons + muscle.adopted + muscle.denervated, 1.0, atol=2e-3)


@pytest.mark.parametrize("cause", ALL_CAUSES)
def test_hazards_and_durations_are_never_negative(cause: str):
    lesion_process = patients(cause, 60.0).course.lesion_process
    for name in HAZARDS:
        assert float(getattr(lesion_process, name).min()) >= -1e-5, name
    assert float(lesion_process.span_day.min()) > 0.0
    assert float(lesion_process.stretch.min()) > 0.0
    assert float(lesion_process.stretch.max()) < 1.0


def test_without_axons_no_muscle_fibre_is_innervated_and_no_strength_returns():
    everywhere = at_sites({f"cord-l{level}": 40.0 for level in range(1, 6)})
    dead = _no_damage(N)._replace(axon_loss=everywhere, regrowth_success=jnp.zeros((N,)))
    lost = made(dead, SEVERAL_DAYS)
    muscle = lost.course.muscle
    quadriceps = ANATOMY.muscle("vastus-lateralis")
    late = SEVERAL_DAYS > 1.0
    assert float(muscle.innervated[late, LEFT, quadriceps].max()) < 1e-4
    assert lost("movement_strength", "knee-extension")[late].max() < 0.1


def test_no_fibre_comes_from_nothing():
    whole = untouched(900.0).course
    assert float(whole.muscle.axons.max()) <= 1.0 + 1e-5
    np.testing.assert_allclose(whole.muscle.innervated, 1.0, atol=1e-5)
    np.testing.assert_allclose(whole.muscle.adopted, 0.0, atol=1e-5)


def test_axons_once_cut_are_not_cut_again_further_down():
    once = cut("ventral-root-l5", "ventral-root-s1", day=60.0)
    twice = cut("ventral-root-l5", "ventral-root-s1", "common-fibular", day=60.0)
    at = ANATOMY.muscle("tibialis-anterior")
    before, after = (float(seen.course.fibres.motor_surviving[0, LEFT, 0, at]) for seen in (once, twice))
    assert before > after
    assert float(twice.course.fibres.motor_surviving.min()) >= 0.0


def test_partial_lesions_in_series_multiply():
    one = cut("femoral-pelvic", day=60.0, hazard=0.7).course.fibres.motor_surviving
    other = cut("femoral-inguinal", day=60.0, hazard=0.7).course.fibres.motor_surviving
    both = cut("femoral-pelvic", "femoral-inguinal", day=60.0, hazard=0.7).course.fibres.motor_surviving
    at = ANATOMY.muscle("vastus-medialis")
    np.testing.assert_allclose(both[0, LEFT, 0, at], one[0, LEFT, 0, at] * other[0, LEFT, 0, at], rtol=1e-4)


def test_a_lesion_of_one_side_leaves_the_other_side_alone():
    affected, whole = cut("sacral-plexus-anterior", "lumbar-plexus-posterior", day=60.0), untouched(60.0)
    np.testing.assert_allclose(
        affected.course.muscle.innervated[:, RIGHT], whole.course.muscle.innervated[:, RIGHT], atol=1e-6
    )


def test_axons_lost_in_the_past_stay_lost_unless_they_regrow():
    earlier = patients("dlrpn", 40.0, person(age_years=65.0)).course.fibres.motor_surviving[:, :, 0]
    later = patients("dlrpn", 400.0, person(age_years=65.0)).course.fibres.motor_surviving[:, :, 0]
    assert float((later - earlier).max()) <= 1e-5
