"""The likelihood of one observation equals its closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm
from small_cases import at, finite

from garland.findings import N_FINDINGS, Address, column, noise_sd
from garland.inference.likelihood import by_observation, log_presentation
from garland.inference.observations import (
    ENTRY_SIZES,
    INF,
    Observation,
    arrays,
    odd_share,
    padded_size,
    sided,
    unsided,
)

KNEE = at("movement_strength", "knee-extension")
SURAL = at("snap", "sural")
SHARE = odd_share()
ODD_INTERVAL, ODD_DENSITY = 0.3, 0.25


def seen(where: tuple[Address, ...], low: float, high: float, **more: float) -> Observation:
    return Observation("label", "kind", "text", where, low, high, **more)


def likelihood(observation: Observation, *expected: float, size: int = 64) -> float:
    """Return the likelihood of an observation of a patient with these expected values."""
    vector = np.zeros((1, N_FINDINGS), np.float32)
    for address, value in zip(observation.where, expected, strict=True):
        vector[0, column(address)] = value
    return float(np.exp(np.asarray(by_observation(vector, arrays((observation,), size)))[0, 0]))


def inside(low: float, high: float, expected: float, where: tuple[Address, ...] = KNEE) -> float:
    sd = noise_sd()[column(where[0])]
    return float(norm.cdf((high - expected) / sd) - norm.cdf((low - expected) / sd))


@pytest.mark.parametrize(("low", "high"), [(2.5, 3.5), (-INF, 1.0), (4.67, INF), (3.83, 4.67)])
@pytest.mark.parametrize("expected", [0.0, 2.9, 4.2, 5.0])
def test_an_interval_is_as_likely_as_the_normal_law_says(low: float, high: float, expected: float):
    closed = (1.0 - SHARE) * inside(low, high, expected) + SHARE * ODD_INTERVAL
    assert likelihood(seen(KNEE, low, high), expected) == pytest.approx(closed, rel=1e-4)


@pytest.mark.parametrize("value", [0.5, 1.8, 3.0])
def test_a_number_is_as_likely_as_the_normal_density_says(value: float):
    sd = noise_sd()[column(SURAL[0])]
    closed = (1.0 - SHARE) * norm.pdf(value, 2.0, sd) + SHARE * ODD_DENSITY
    assert likelihood(seen(SURAL, value, value), 2.0) == pytest.approx(closed, rel=1e-4)


def test_an_absent_response_may_come_from_a_healthy_nerve():
    low, high, absent = -INF, 0.0, 0.2
    p = inside(low, high, 3.0, SURAL)
    closed = (1.0 - SHARE) * (absent + (1.0 - absent) * p) + SHARE * ODD_INTERVAL
    assert likelihood(seen(SURAL, low, high, absent_in_health=absent), 3.0) == pytest.approx(closed, rel=1e-4)


def test_a_statement_on_any_of_many_is_the_mean_over_them():
    both = sided("reflex", "unstated", "knee")
    p = [inside(-INF, 0.45, expected, both) for expected in (0.1, 2.0)]
    closed = (1.0 - SHARE) * np.mean(p) + SHARE * ODD_INTERVAL
    assert likelihood(seen(both, -INF, 0.45), 0.1, 2.0) == pytest.approx(closed, rel=1e-4)


def test_a_statement_on_every_one_of_many_is_their_product():
    both = sided("reflex", "unstated", "knee")
    p = [inside(1.4, 2.9, expected, both) for expected in (1.0, 2.0)]
    closed = (1.0 - SHARE) * np.prod(p) + SHARE * ODD_INTERVAL
    assert likelihood(seen(both, 1.4, 2.9, every=True), 1.0, 2.0) == pytest.approx(closed, rel=1e-4)


@pytest.mark.parametrize(("low", "odd"), [(INF, ODD_INTERVAL), (40.0, ODD_DENSITY)])
def test_no_single_finding_can_rule_a_patient_out(low: float, odd: float):
    high = INF if low == INF else low
    observation = seen(KNEE, 90.0, INF) if low == INF else seen(SURAL, low, high)
    assert likelihood(observation, 0.0) == pytest.approx(SHARE * odd, rel=1e-3)


def test_the_tail_far_below_or_above_is_the_same():
    down = likelihood(seen(KNEE, 3.0, 4.0), 3.5 - 4.0)
    up = likelihood(seen(KNEE, 3.0, 4.0), 3.5 + 4.0)
    assert down == pytest.approx(up, rel=1e-5)


@pytest.mark.parametrize("size", ENTRY_SIZES)
def test_padding_changes_nothing(size: int):
    rows = (seen(KNEE, 2.5, 3.5), seen(sided("reflex", "unstated", "knee"), 1.4, 2.9, every=True))
    vector = np.full((3, N_FINDINGS), 2.0, np.float32)
    exact = np.asarray(by_observation(vector, arrays(rows, 3)))[:, :2]
    padded = np.asarray(by_observation(vector, arrays(rows, size)))
    np.testing.assert_allclose(padded[:, :2], exact, rtol=1e-5)
    assert finite(padded)
    assert not arrays(rows, size).weight[2:].any()


@pytest.mark.parametrize(("entries", "size"), [(0, 64), (64, 64), (65, 256), (1000, 1024), (1025, 2048)])
def test_arrays_are_padded_to_the_next_size(entries: int, size: int):
    assert padded_size(entries) == size


def test_the_order_of_observations_changes_nothing():
    rows = (seen(KNEE, 2.5, 3.5), seen(SURAL, 1.0, 1.0))
    vector = np.full((1, N_FINDINGS), 1.5, np.float32)
    one = np.asarray(by_observation(vector, arrays(rows, 64)))[0, :2]
    two = np.asarray(by_observation(vector, arrays(rows[::-1], 64)))[0, :2]
    np.testing.assert_allclose(one, two[::-1], rtol=1e-6)


def test_a_side_left_out_stands_for_either():
    assert [address.side for address in sided("reflex", "unstated", "knee")] == [0, 1]
    assert [address.side for address in sided("reflex", "right", "knee")] == [1]
    assert unsided("walking", "walking") == (Address("walking", None, "walking"),)


def test_a_day_that_is_not_known_speaks_for_no_cause():
    assert log_presentation(0, None) == 0.0


def test_the_typical_day_speaks_most_for_its_cause():
    days = (1.0, 10.0, 60.0, 400.0, 4000.0)
    slow, quick = ([log_presentation(cause, day) for day in days] for cause in (2, 24))
    assert days[int(np.argmax(slow))] > days[int(np.argmax(quick))]
    assert math.isfinite(min(slow + quick))
