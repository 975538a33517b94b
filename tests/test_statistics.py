"""Quantiles, and intervals agree with closed forms and with the libraries that have them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from garland.statistics import binomial_interval, weighted_quantiles

RNG = np.random.default_rng(5)
SHARES = (0.1, 0.25, 0.5, 0.9)


@pytest.mark.parametrize("method", ["inverted_cdf", "hazen"])
def test_equal_weights_give_the_quantiles_of_numpy(method):
    values = RNG.normal(size=(3, 37))
    ours = weighted_quantiles(values, np.full(37, 1 / 37), SHARES, method)
    np.testing.assert_allclose(ours, np.quantile(values, SHARES, axis=-1, method=method), rtol=1e-12)


def test_weights_count_as_numpy_counts_them():
    values, weights = RNG.normal(size=50), RNG.random(50)
    weights /= weights.sum()
    ours = weighted_quantiles(values, weights, SHARES)
    np.testing.assert_array_equal(ours, np.quantile(values, SHARES, weights=weights, method="inverted_cdf"))


def test_a_share_that_rounding_just_misses_is_reached_within_the_tolerance():
    values, weights = np.arange(6.0), np.full(6, 0.1)
    weights[-1] = 0.5
    assert np.cumsum(weights)[2] > 0.3
    assert weighted_quantiles(values, weights, (np.cumsum(weights)[1] + 1e-15,))[0] == 2.0
    assert weighted_quantiles(values, weights, (np.cumsum(weights)[1] + 1e-15,), tolerance=1e-12)[0] == 1.0


def test_what_weighs_nothing_moves_no_hazen_quantile():
    values, weights = np.array([1.0, 2.0, 9.0]), np.array([0.5, 0.5, 0.0])
    assert weighted_quantiles(values, weights, (0.5,), "hazen")[0] == pytest.approx(1.5)


def test_quantiles_of_nothing_are_not_a_number():
    assert np.isnan(weighted_quantiles(np.array([1.0]), np.array([0.0]), (0.1, 0.5), "hazen")).all()


@pytest.mark.parametrize(("method", "theirs"), [("beta", "exact"), ("wilson", "wilson")])
@pytest.mark.parametrize("count", [0, 1, 17, 40])
def test_intervals_of_a_share_are_those_of_scipy(method, theirs, count):
    other = binomtest(count, 40).proportion_ci(method=theirs)
    np.testing.assert_allclose(binomial_interval(count, 40, method), (other.low, other.high), atol=1e-12)


def test_intervals_of_many_shares_are_those_of_each_and_nobody_has_none():
    low, high = binomial_interval(np.array([0.0, 3.0, 9.0]), 9)
    assert [(a, b) for a, b in zip(low, high, strict=True)] == [binomial_interval(k, 9) for k in (0, 3, 9)]
    assert np.isnan(binomial_interval(0, 0)).all()
