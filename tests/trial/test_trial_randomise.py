"""Randomisation: balance, ratio, strata."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import bank

from garland.trials.replicate import _blocked, _simple, _strata_of, _stratified


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_every_whole_block_is_exactly_balanced():
    arms = _blocked(600, (2, 1), 6, rng()).reshape(-1, 6)
    assert ((arms == 0).sum(axis=1) == 4).all()
    assert len({tuple(block) for block in arms}) > 10


def test_a_block_that_is_cut_off_is_the_beginning_of_a_whole_one():
    assert np.array_equal(_blocked(7, (1, 1), 4, rng())[:4], _blocked(8, (1, 1), 4, rng())[:4])
    assert len(_blocked(7, (1, 1), 4, rng())) == 7


def test_simple_randomisation_holds_the_allocation_on_average_and_not_exactly():
    counts = [(_simple(90, (2, 1), rng(seed)) == 0).sum() for seed in range(400)]
    assert np.mean(counts) == pytest.approx(60.0, abs=4 * np.sqrt(20.0 / 400))
    assert np.std(counts) == pytest.approx(np.sqrt(90 * 2 / 9), rel=0.15)


def test_stratified_randomisation_is_balanced_within_each_stratum():
    strata = rng(3).integers(0, 4, 200)
    arms = _stratified(strata, (1, 1), 4, rng())
    for stratum in range(4):
        own = arms[strata == stratum]
        assert abs((own == 0).sum() - (own == 1).sum()) <= 2


def test_strata_are_numbered_by_all_their_combinations():
    made = bank(400)
    entry = {name: field[0, 0, 0] for name, field in made.lives.items()}
    found = _strata_of(("sex", "nis"), made.people, entry)
    assert np.array_equal(found, 2 * (made.people["male"] > 0.5) + (entry["nis"] >= 40.0))
    assert set(_strata_of(("diabetes", "age", "walking"), made.people, entry)) <= set(range(8))


def test_a_block_that_does_not_divide_is_refused():
    with pytest.raises(ValueError, match="a block of 5 does not divide by 2 parts"):
        _blocked(10, (1, 1), 5, rng())
