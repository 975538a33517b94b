"""Healthy people of the model against published limits."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from experiments.reference_check import _check, _Healthy, _healthy_people, _interval, _Row, _table
from garland.evidence import part
from garland.model.findings import Address, column
from garland.reference_values import limit_of


@functools.cache
def people() -> _Healthy:
    return _healthy_people(2000, seed=3)


@functools.cache
def rows() -> dict[tuple[str, str], _Row]:
    return {(row.study, row.measure): row for row in _check(people())}


@pytest.mark.parametrize(
    ("study", "measure"),
    [
        ("fibular-extensor-digitorum-brevis", "amplitude"),
        ("fibular-extensor-digitorum-brevis", "latency"),
        ("fibular-extensor-digitorum-brevis", "velocity"),
        ("fibular-tibialis-anterior", "amplitude"),
        ("tibial-abductor-hallucis", "latency"),
        ("tibial-abductor-hallucis", "velocity"),
        ("median-abductor-pollicis-brevis", "velocity"),
        ("ulnar-abductor-digiti-minimi", "velocity"),
        ("sural", "amplitude"),
        ("sural", "velocity"),
        ("superficial-fibular", "amplitude"),
        ("median-digit-2", "amplitude"),
        ("ulnar-digit-5", "amplitude"),
    ],
)
def test_two_to_five_in_a_hundred_healthy_people_fall_outside_a_limit(study: str, measure: str):
    row = rows()[study, measure]
    assert row.as_published, f"{100 * row.share:.1f} % outside ({100 * row.low:.1f}-{100 * row.high:.1f})"


def test_a_little_less_than_two_in_a_hundred_fall_below_the_tibial_cmap():
    assert 0.008 < rows()["tibial-abductor-hallucis", "amplitude"].share < 0.03


def test_people_are_of_the_ages_and_sexes_of_the_published_series():
    ages = people().age_years
    assert ages.min() >= 19.0
    assert ages.max() <= 80.0
    assert np.mean(ages < 40.0) == pytest.approx(0.45, abs=0.04)
    assert np.mean(people().height_cm) == pytest.approx(167.6, abs=0.8)


def test_the_laboratory_is_held_still():
    ln = people().findings[:, column(Address("snap", 0, "superficial-fibular"))]
    group = part("recordings/reference_limits").group("superficial-fibular")
    ageless = ln - group.value("amplitude_age_slope_ln_per_year") * (people().age_years - 50.0)
    assert ageless.std() == pytest.approx(group.spread("amplitude_ln"), rel=0.06)


def test_the_share_outside_is_counted_against_each_persons_own_stratum():
    row = rows()["tibial-abductor-hallucis", "velocity"]
    ln = people().findings[:, column(Address("motor_velocity", 0, "tibial-abductor-hallucis@1"))]
    outside = 0
    for age, height, speed in zip(people().age_years, people().height_cm, np.exp(ln), strict=True):
        limit = limit_of("tibial-ah", "velocity", age, height)
        outside += limit is not None and speed < limit.value
    assert row.outside == outside


def test_remembered_limits_are_not_checked():
    assert ("tibial-abductor-hallucis", "drop-popliteal") not in rows()
    assert ("fibular-extensor-digitorum-brevis", "drop-popliteal") in rows()


def test_measures_the_model_does_not_have_are_not_checked():
    assert not {measure for _, measure in rows()} & {"duration", "peak-latency", "persistence"}


@pytest.mark.parametrize(("outside", "low", "high"), [(0, 0.0, 0.0019), (60, 0.0234, 0.0384)])
def test_the_interval_is_that_of_wilson(outside: int, low: float, high: float):
    assert _interval(outside, 2000) == pytest.approx((low, high), abs=2e-4)


def test_a_row_is_as_published_when_its_interval_meets_two_to_five_per_cent():
    rare = _Row("sural", "latency", "x", 2000, 5, 0.0025, *_interval(5, 2000))
    usual = _Row("sural", "latency", "x", 2000, 60, 0.03, *_interval(60, 2000))
    assert (rare.as_published, usual.as_published) == (False, True)
    assert "1 of 2 limits as published" in _table((rare, usual))
