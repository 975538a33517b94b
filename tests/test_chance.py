"""Chance: independent standard normals with names."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from garland.chance import BLOCKS, SIDED, SIZE, Chance, draw, mirrored, place_of


@pytest.fixture(scope="module")
def chance() -> Chance:
    return draw(jax.random.key(3), 400)


def test_the_blocks_cover_the_vector_once():
    covered = np.zeros(SIZE, int)
    for name in BLOCKS:
        covered[place_of(name)] += 1
    assert (covered == 1).all()


def test_chance_is_standard_normal_before_any_finding(chance: Chance):
    vector = np.asarray(chance.vector)
    assert abs(vector.mean()) < 0.02
    assert abs(vector.std() - 1.0) < 0.02


def test_the_same_key_gives_the_same_patients(chance: Chance):
    np.testing.assert_array_equal(chance.vector, draw(jax.random.key(3), 400).vector)


def test_a_block_of_one_number_has_one_number_per_patient(chance: Chance):
    assert chance["severity"].shape == (400,)
    assert chance["place"].shape == (400, BLOCKS["place"])


def test_the_sites_of_chance_are_sorted_by_side(chance: Chance):
    np.testing.assert_array_equal(chance.site.reshape(400, -1), chance["site"])


def test_the_mirror_image_of_the_mirror_image_is_the_patient(chance: Chance):
    np.testing.assert_array_equal(mirrored(mirrored(chance)).vector, chance.vector)


def test_the_mirror_swaps_sides_and_nothing_else(chance: Chance):
    other = mirrored(chance)
    np.testing.assert_array_equal(other.site, chance.site[:, ::-1])
    np.testing.assert_array_equal(other["side"], -chance["side"])
    for name in set(BLOCKS) - {*SIDED, "side"}:
        np.testing.assert_array_equal(other[name], chance[name])
