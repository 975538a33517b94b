"""Bundles give the sums that a slow loop over every site of every path gives."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from garland.anatomy.tree import load
from garland.model.axons import state
from garland.model.axons.paths import _Bundle, _by_level
from garland.model.axons.state import MOTOR_LENGTH_MM, SKIN_LENGTH_MM, plexus_shares

A = load()
MOTOR = (A.motor_muscle, A.motor_share, A.motor_incidence, A.motor_distance_mm, A.motor_length_mm)
SKIN = (A.skin_nerve, A.skin_share, A.skin_incidence_postganglionic, A.skin_distance_mm, A.skin_length_mm)
ARC = (A.arc_reflex, A.arc_share, A.arc_incidence, A.arc_distance_mm, A.arc_length_mm)
KINDS = [
    pytest.param(state._MOTOR, MOTOR, id="motor"),
    pytest.param(state._SKIN, SKIN, id="skin"),
    pytest.param(state._ARC, ARC, id="arc"),
]
HAZARD = np.random.default_rng(4).gamma(0.3, 0.5, len(A.sites)).astype(np.float32)


def left_by_loop(target: np.ndarray, share: np.ndarray, incidence: np.ndarray) -> np.ndarray:
    """Return what is left of each target, path by path and site by site, shape (T,)."""
    left = np.zeros(target.max() + 1)
    for path, at in enumerate(target):
        hazard = 0.0
        for site in range(len(A.sites)):
            if incidence[site, path]:
                hazard += HAZARD[site]
        left[at] += share[path] * np.exp(-hazard)
    return left


@pytest.mark.parametrize(("paths", "arrays"), KINDS)
@pytest.mark.parametrize("plexus", [0, 1, 2])
def test_hazards_along_bundles_equal_the_plain_sum_over_sites(paths: _Bundle, arrays: tuple, plexus: int):
    target, share, incidence, _, _ = arrays
    along = paths.along(_by_level(jnp.asarray(HAZARD)[:, None]))
    left = paths.to_targets(jnp.exp(-along) * paths.share[plexus][:, None])[:, 0]
    np.testing.assert_allclose(left, left_by_loop(target, share[plexus], incidence), rtol=1e-4)


@pytest.mark.parametrize(("paths", "arrays"), KINDS)
def test_the_shares_of_the_paths_of_a_target_sum_to_one_in_every_plexus(paths: _Bundle, arrays: tuple):
    for plexus in range(3):
        total = np.asarray(paths.to_targets(jnp.asarray(paths.share[plexus])[:, None]))[:, 0]
        np.testing.assert_allclose(total, 1.0, rtol=1e-5)


@pytest.mark.parametrize(("paths", "arrays"), KINDS)
def test_mean_distances_equal_the_plain_mean_over_paths(paths: _Bundle, arrays: tuple):
    target, share, incidence, distance, _ = arrays
    expected = np.zeros_like(paths.distance_mm)
    for path, at in enumerate(target):
        expected[:, at] += share[1][path] * incidence[:, path] * distance[:, path]
    np.testing.assert_allclose(paths.distance_mm, expected, rtol=1e-4)


def test_mean_lengths_lie_between_the_shortest_and_the_longest_path():
    for mean, target, length in (
        (MOTOR_LENGTH_MM, A.motor_muscle, A.motor_length_mm),
        (SKIN_LENGTH_MM, A.skin_nerve, A.skin_length_mm),
    ):
        for one, value in enumerate(mean):
            assert length[target == one].min() - 1e-2 <= value <= length[target == one].max() + 1e-2


def test_shares_of_the_plexus_are_a_mixture_of_its_three_types():
    z = jnp.asarray([[-4.0, 0.0], [4.0, 1.1]])
    share = np.asarray(plexus_shares(A.motor_share, z))
    np.testing.assert_allclose(share[0, 0], A.motor_share[0], atol=1e-4)
    np.testing.assert_allclose(share[0, 1], A.motor_share[1], atol=2e-3)
    np.testing.assert_allclose(share[1, 0], A.motor_share[2], atol=1e-4)
    total = np.zeros((2, 2, len(A.muscles)))
    np.add.at(total, (slice(None), slice(None), A.motor_muscle), share)
    np.testing.assert_allclose(total, 1.0, rtol=1e-5)


def test_about_a_quarter_of_people_have_a_prefixed_or_postfixed_plexus():
    z = np.random.default_rng(1).standard_normal((4000, 1))
    normal = np.asarray(plexus_shares(np.asarray([[0.0], [1.0], [0.0]], np.float32), jnp.asarray(z)))
    assert 0.24 < 1.0 - normal.mean() < 0.31
