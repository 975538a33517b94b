"""Limits of interim looks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from garland.trials.analysis import _spent, limits

FIFTHS = (0.2, 0.4, 0.6, 0.8, 1.0)
PUBLISHED = {
    "obrien-fleming": (4.877, 3.357, 2.680, 2.290, 2.031),
    "pocock": (2.438, 2.427, 2.410, 2.397, 2.386),
}
"""Two-sided limits at 0.05 and five equal looks, as tables of spending functions give them (recalled)."""


@pytest.mark.parametrize("spending", PUBLISHED)
def test_limits_of_five_looks_are_those_of_the_tables(spending: str):
    assert limits(FIFTHS, 0.05, spending) == pytest.approx(PUBLISHED[spending], abs=0.001)


@pytest.mark.parametrize("spending", PUBLISHED)
def test_a_single_look_is_an_ordinary_test(spending: str):
    assert limits((1.0,), 0.05, spending) == pytest.approx((norm.isf(0.025),), abs=1e-9)


@pytest.mark.parametrize("spending", PUBLISHED)
def test_walks_without_drift_pass_the_limits_as_often_as_the_error_says(spending: str):
    fractions = (0.3, 0.7, 1.0)
    steps = np.sqrt(np.diff((0.0, *fractions)))
    walk = np.cumsum(np.random.default_rng(0).standard_normal((200_000, 3)) * steps, axis=1)
    z = walk / np.sqrt(fractions)
    passed = (np.abs(z) >= limits(fractions, 0.05, spending)).any(axis=1).mean()
    assert passed == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 200_000))


def test_all_error_is_spent_at_the_end_and_little_at_first():
    for spending in PUBLISHED:
        assert _spent(1.0, 0.05, spending) == pytest.approx(0.05)
    assert _spent(0.2, 0.05, "obrien-fleming") < 1e-5 < _spent(0.2, 0.05, "pocock")


def test_an_unknown_spending_is_refused():
    with pytest.raises(ValueError, match="no spending function is called 'all'"):
        _spent(0.5, 0.05, "all")
