"""From force to grade, from fibres to feeling, from grades to walking."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from garland.anatomy.tree import load
from garland.model.clinical_signs.examination import (
    dermatome_loss,
    movement_force,
    mrc_grade,
    nerve_loss,
    region_loss,
)
from garland.model.clinical_signs.scales import walking_grade
from garland.model.latents import N_LATENTS, Latents

A = load()
AVERAGE = Latents(jnp.zeros((1, N_LATENTS)))


def test_full_force_is_grade_five_and_no_force_grade_zero():
    assert float(mrc_grade(jnp.asarray(1.0))) > 5.0
    assert float(mrc_grade(jnp.asarray(0.0))) == 0.0


def test_grade_three_is_about_five_per_cent_of_full_force():
    assert 2.5 < float(mrc_grade(jnp.asarray(0.048))) < 3.5


def test_half_of_full_force_is_still_grade_four():
    assert 3.5 < float(mrc_grade(jnp.asarray(0.45))) < 4.67


def test_more_force_never_means_a_lower_grade():
    grades = np.asarray(mrc_grade(jnp.linspace(0.0, 1.0, 400)))
    assert (np.diff(grades) >= 0).all()


def test_a_movement_has_the_force_of_its_muscles():
    whole = jnp.ones((1, 2, len(A.muscles)))
    np.testing.assert_allclose(movement_force(whole), 1.0, rtol=1e-5)
    no_deltoid = whole.at[0, 0, A.muscle("deltoid")].set(0.0)
    left = movement_force(no_deltoid)[0, 0, A.movement("shoulder-abduction")]
    assert float(left) == pytest.approx(0.0, abs=1e-6)


def test_whole_fibres_feel_everything_and_lost_fibres_nothing():
    fibres = len(A.skin_nerve)
    for loss_of in (dermatome_loss, region_loss, lambda felt: nerve_loss(felt, AVERAGE)):
        np.testing.assert_allclose(loss_of(jnp.ones((1, 2, fibres))), 0.0, atol=1e-4)
        assert float(loss_of(jnp.zeros((1, 2, fibres))).min()) > 3.0


def test_strong_legs_walk_alone_and_paralysed_legs_do_not_walk():
    strong = jnp.full((1, 2, len(A.movements)), 5.4)
    assert float(walking_grade(strong)[0, 0]) > 2.0
    assert float(walking_grade(0.2 * strong)[0, 0]) < 1.0


def test_the_worse_leg_counts_more_for_walking():
    strong = jnp.full((1, 2, len(A.movements)), 5.4)
    one_bad = strong.at[:, 0].set(2.0)
    both_half = strong.at[:].set(0.5 * (5.4 + 2.0))
    assert float(walking_grade(one_bad)[0, 0]) < float(walking_grade(both_half)[0, 0])


def test_walking_does_not_depend_on_which_leg_is_weak():
    strong = jnp.full((1, 2, len(A.movements)), 5.4)
    left, right = strong.at[:, 0].set(3.0), strong.at[:, 1].set(3.0)
    assert float(walking_grade(left)[0, 0]) == pytest.approx(float(walking_grade(right)[0, 0]))
