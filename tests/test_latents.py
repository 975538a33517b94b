"""Latents: independent standard normals with names."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from garland.model.latents import BLOCKS, N_LATENTS, Latents, draw, place_of
from tests.truth.forward_model import mirrored


@pytest.fixture(scope="module")
def latents() -> Latents:
    return draw(jax.random.key(3), 400)


def test_the_blocks_cover_the_vector_once():
    covered = np.zeros(N_LATENTS, int)
    for name in BLOCKS:
        covered[place_of(name)] += 1
    assert (covered == 1).all()


def test_chance_is_standard_normal_before_any_finding(latents: Latents):
    vector = np.asarray(latents.vector)
    assert abs(vector.mean()) < 0.02
    assert abs(vector.std() - 1.0) < 0.02


def test_the_same_key_gives_the_same_patients(latents: Latents):
    np.testing.assert_array_equal(latents.vector, draw(jax.random.key(3), 400).vector)


def test_a_block_of_one_number_has_one_number_per_patient(latents: Latents):
    assert latents["severity"].shape == (400,)
    assert latents["place"].shape == (400, BLOCKS["place"].size)


def test_the_sites_of_chance_are_sorted_by_side(latents: Latents):
    np.testing.assert_array_equal(latents.site.reshape(400, -1), latents["site"])


def test_the_mirror_image_of_the_mirror_image_is_the_patient(latents: Latents):
    np.testing.assert_array_equal(mirrored(mirrored(latents)).vector, latents.vector)


def test_the_mirror_swaps_sides_and_nothing_else(latents: Latents):
    other = mirrored(latents)
    np.testing.assert_array_equal(other.site, latents.site[:, ::-1])
    np.testing.assert_array_equal(other["side"], -latents["side"])
    for name in (name for name, block in BLOCKS.items() if not block.sided and name != "side"):
        np.testing.assert_array_equal(other[name], latents[name])
