"""Two diseases at once: hazards add up, nothing is lost twice, a second one that does nothing is none."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from forward_model import (
    N,
    Seen,
    _course,
    _days,
    _insults,
    average_chance,
    drawn_chance,
    healthy_person,
    patients,
    person,
)

from garland.model.axons.muscle import cohorts_of
from garland.model.diseases import index_of
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.findings import SIDED
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.simulate import with_both
from tests.compiling import single

YOUNG = healthy_person(age_years=30.0)
"""Somebody whom neither age nor diabetes has cost any fibre."""
PAIRS = [
    ("femoral", "lateral-femoral-cutaneous", 0.0),
    ("radiculopathy-l5", "radiculopathy-s1", 0.0),
    ("sciatic", "distal-polyneuropathy", -2000.0),
    ("lrpn", "lumbar-stenosis", -2000.0),
    ("gbs", "hereditary-demyelinating", -2000.0),
    ("myopathy", "cidp", -700.0),
]
BY_NAME = "first, second, began"


def both(first: str, second: str, began: float, day: float = 90.0, latents: Latents | None = None) -> Seen:
    """Return N patients with two diseases, whose lesions hang on the same chance."""
    latents = drawn_chance() if latents is None else latents
    return laid(first, _insults(YOUNG, jnp.asarray(index_of(second)), latents), began, day, latents)


def laid(
    first: str, lesions: tuple[Person, LesionProcess], began: float, day: float, latents: Latents
) -> Seen:
    """Return N patients with a disease and the lesions of another one."""
    own, cause = jnp.full((N,), began, jnp.float32), index_of(first)
    one = _insults(YOUNG, jnp.asarray(cause), latents)
    whole, process = with_both(one, lesions, (cause, cause), own)
    course, vector = _course(whole, process, latents, _days(day), jnp.asarray(cause))
    return Seen(course, np.asarray(vector))


def of_lesions(seen: Seen) -> np.ndarray:
    """Return what depends on the lesions: every finding that has a side."""
    sided = sum(2 * len(items) for items in SIDED.values())
    return seen.vector[:, :sided]


@pytest.mark.parametrize("cause", ["femoral", "dlrpn", "gbs", "myopathy", "motor-neuron-disease"])
@pytest.mark.parametrize("began", [0.0, -2000.0])
def test_a_second_disease_that_does_nothing_changes_nothing(cause: str, began: float):
    nothing = (person(), single(_no_damage(N)))
    with_nothing = of_lesions(laid(cause, nothing, began, 90.0, drawn_chance()))
    np.testing.assert_allclose(with_nothing, of_lesions(patients(cause, 90.0, YOUNG)), rtol=1e-4, atol=2e-3)


@pytest.mark.parametrize(BY_NAME, PAIRS)
def test_hazards_of_two_diseases_add_up_at_every_site(first: str, second: str, began: float):
    together = both(first, second, began).course.fibres
    one, other = (patients(first, 90.0, YOUNG), patients(second, 90.0 - began, YOUNG))
    for field in ("site_loss_now", "site_block", "site_slowing"):
        expected = getattr(one.course.fibres, field) + getattr(other.course.fibres, field)
        np.testing.assert_allclose(getattr(together, field), expected, rtol=2e-3, atol=1e-4)


@pytest.mark.parametrize(BY_NAME, PAIRS)
def test_two_diseases_never_leave_more_than_either_alone(first: str, second: str, began: float):
    together = both(first, second, began).course.fibres
    alone = (patients(first, 90.0, YOUNG).course.fibres, patients(second, 90.0 - began, YOUNG).course.fibres)
    for field in ("motor_surviving", "sensory_surviving"):
        left = np.asarray(getattr(together, field)[:, :, 0])
        for fibres in alone:
            assert (left <= np.asarray(getattr(fibres, field)[:, :, 0]) + 2e-3).all(), field


@pytest.mark.parametrize(BY_NAME, PAIRS)
def test_cut_axons_and_axons_left_still_add_up_to_one(first: str, second: str, began: float):
    course = both(first, second, began).course
    for left in (course.fibres.motor_surviving, course.fibres.sensory_surviving):
        total = np.asarray(cohorts_of(left).sum(axis=2) + left[:, :, 0])
        np.testing.assert_allclose(total, 1.0, atol=1e-4)
    muscle = course.muscle
    np.testing.assert_allclose(muscle.axons + muscle.adopted + muscle.denervated, 1.0, atol=2e-3)


def test_which_disease_comes_first_is_of_no_matter_where_both_begin_at_once():
    names = "femoral", "lateral-femoral-cutaneous"
    one, other = both(*names, 0.0), both(*names[::-1], 0.0)
    np.testing.assert_allclose(of_lesions(one), of_lesions(other), atol=0.08)
    assert float(np.abs(of_lesions(one) - of_lesions(other)).mean()) < 2e-3


def test_muscle_put_out_of_work_by_two_diseases_is_out_of_work_once():
    seen, one = both("myopathy", "inclusion-body-myositis", 0.0), patients("myopathy", 90.0, YOUNG)
    other = patients("inclusion-body-myositis", 90.0, YOUNG)
    expected = 1.0 - (1.0 - one.course.muscle.diseased) * (1.0 - other.course.muscle.diseased)
    np.testing.assert_allclose(seen.course.muscle.diseased, expected, atol=2e-3)


def test_a_disease_of_long_before_dates_no_cut_of_the_new_one():
    """Ages of cohorts are those of the new disease where the other one began years before."""
    alone = patients("femoral", 30.0, YOUNG, latents=average_chance()).course.fibres.ages_day
    beside = both("femoral", "distal-polyneuropathy", -2000.0, 30.0, average_chance()).course.fibres.ages_day
    np.testing.assert_allclose(beside, alone, rtol=1e-5)


@pytest.mark.parametrize("day", [20.0, 90.0, 400.0])
def test_findings_of_two_diseases_move_smoothly_with_the_day(day: float):
    names = "radiculopathy-l5", "lumbar-stenosis"
    one, later = (of_lesions(both(*names, -2000.0, at)) for at in (day, day + 0.5))
    assert float(np.abs(later - one).max()) < 1.0
