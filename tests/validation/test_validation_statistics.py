"""Weighted statistics and their Monte Carlo error, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from garland.validation.statistics import (
    _mean,
    _percent,
    _weighted_mean,
    _weighted_median,
    _weighted_quantile,
)

RNG = np.random.default_rng(0)


def test_the_error_of_a_mean_is_the_spread_over_the_root_of_n():
    stated = _mean(RNG.standard_normal(4000), np.ones(4000))
    assert stated.error == pytest.approx(1.0 / np.sqrt(4000), rel=0.5)


def test_the_error_of_a_median_is_a_quarter_larger_than_that_of_a_mean():
    stated = _weighted_median(RNG.standard_normal(20000), np.ones(20000))
    assert stated.value == pytest.approx(0.0, abs=0.04)
    assert stated.error == pytest.approx(1.2533 / np.sqrt(20000), rel=0.5)


def test_a_weight_of_zero_takes_a_patient_out():
    values, weights = np.array([1.0, 2.0, 3.0, 99.0]), np.array([1.0, 1.0, 1.0, 0.0])
    assert _weighted_mean(values, weights) == pytest.approx(2.0)
    assert _weighted_quantile(values, weights, 0.5) == pytest.approx(2.0)


def test_a_median_with_weights_leans_to_the_heavy_side():
    assert _weighted_quantile(np.array([0.0, 10.0]), np.array([1.0, 9.0]), 0.5) > 5.0


def test_nobody_who_qualifies_gives_no_number():
    stated = _percent(np.array([True, False]), np.zeros(2))
    assert np.isnan(stated.value)
    assert np.isnan(_weighted_median(np.array([1.0, 2.0]), np.zeros(2)).value)


def test_a_share_is_told_in_percent():
    assert _percent(np.array([True, True, False, False]), np.ones(4)).value == pytest.approx(50.0)
