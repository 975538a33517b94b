"""The likelihood of one observation equals its closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from small_cases import at

from garland.evidence.findings import NO, YES
from garland.inference.likelihood import _by_observation, _residuals
from garland.inference.observations import (
    INF,
    _arrays,
    _contamination_rate,
    _Observation,
    _sided,
    _unsided,
)
from garland.model.diseases import DISEASES
from garland.model.diseases.tables import entry_of
from garland.model.findings import N_FINDINGS, Address, column, noise_sd

KNEE = at("movement_strength", "knee-extension")
SURAL = at("snap", "sural")
SHARE = _contamination_rate()
ODD_INTERVAL, ODD_DENSITY = 0.3, 0.25


def seen(where: tuple[Address, ...], low: float, high: float, **more: float) -> _Observation:
    return _Observation("label", "kind", "text", where, low, high, **more)


def likelihood(observation: _Observation, *expected: float, size: int = 64) -> float:
    """Return the likelihood of an observation of a patient with these expected values."""
    vector = np.zeros((1, N_FINDINGS), np.float32)
    for address, value in zip(observation.where, expected, strict=True):
        vector[0, column(address)] = value
    return float(np.exp(np.asarray(_by_observation(vector, _arrays((observation,))))[0, 0]))


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
    both = _sided("reflex", "unstated", "knee")
    p = [inside(-INF, 0.45, expected, both) for expected in (0.1, 2.0)]
    closed = (1.0 - SHARE) * np.mean(p) + SHARE * ODD_INTERVAL
    assert likelihood(seen(both, -INF, 0.45), 0.1, 2.0) == pytest.approx(closed, rel=1e-4)


def test_a_statement_on_every_one_of_many_is_their_product():
    both = _sided("reflex", "unstated", "knee")
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


def test_the_order_of_observations_changes_nothing():
    rows = (seen(KNEE, 2.5, 3.5), seen(SURAL, 1.0, 1.0))
    vector = np.full((1, N_FINDINGS), 1.5, np.float32)
    one = np.asarray(_by_observation(vector, _arrays(rows)))[0, :2]
    two = np.asarray(_by_observation(vector, _arrays(rows[::-1])))[0, :2]
    np.testing.assert_allclose(one, two[::-1], rtol=1e-6)


def test_a_side_left_out_stands_for_either():
    assert [address.side for address in _sided("reflex", "unstated", "knee")] == [0, 1]
    assert [address.side for address in _sided("reflex", "right", "knee")] == [1]
    assert _unsided("walking", "walking") == (Address("walking", None, "walking"),)


def missed(observation: _Observation, *expected: float) -> tuple[float, float]:
    """Return log likelihood and residual of a patient with these expected values."""
    vector = np.zeros((1, N_FINDINGS), np.float32)
    for address, value in zip(observation.where, expected, strict=True):
        vector[0, column(address)] = value
    packed = _arrays((observation,))
    each = _by_observation(vector, packed)
    away = _residuals(vector[:, packed.column].astype(float), each, packed)
    return float(each[0, 0]), float(away[0, 0])


BOTH = _sided("reflex", "unstated", "knee")
KINDS = {
    "grade": (seen(KNEE, 2.5, 3.5), (0.0,), (3.0,)),
    "open word": (seen(KNEE, -INF, 1.0), (4.0,), (-30.0,)),
    "number": (seen(SURAL, 1.0, 1.0), (1.7,), (1.0,)),
    "any of two": (seen(BOTH, 0.9, 1.1), (3.0, 2.0), (1.0, 1.0)),
    "every one of two": (seen(BOTH, 1.4, 2.9, every=True), (0.2, 2.0), (2.15, 2.15)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_half_the_square_of_a_residual_is_the_log_likelihood_missed(kind: str):
    observation, away, best = KINDS[kind]
    (found, residual), (most, least) = missed(observation, *away), missed(observation, *best)
    assert 0.5 * residual**2 == pytest.approx(most - found, rel=1e-3, abs=1e-4)
    assert least == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_more_likely_than_the_best_of_a_finding(kind: str):
    observation, _, best = KINDS[kind]
    most = missed(observation, *best)[0]
    for shift in (-2.0, -0.3, 0.1, 1.0):
        assert missed(observation, *(value + shift for value in best))[0] <= most + 1e-5


@pytest.mark.parametrize("away", [-3.0, -0.5, 0.0, 1.0, 2.5])
def test_the_residual_of_a_number_is_its_distance_where_there_are_no_slips(
    monkeypatch: pytest.MonkeyPatch, away: float
):
    monkeypatch.setattr("garland.inference.observations._contamination_rate", lambda: 1e-9)
    expected = 2.0 + away * float(noise_sd()[column(SURAL[0])])
    assert missed(seen(SURAL, 2.0, 2.0), expected)[1] == pytest.approx(away, abs=2e-3)


@pytest.mark.parametrize(
    "observation", [seen(KNEE, 2.5, 3.5), seen(SURAL, 2.0, 2.0)], ids=["grade", "number"]
)
def test_a_residual_is_negative_below_and_positive_above(observation: _Observation):
    centre = 0.5 * (observation.low + observation.high)
    below, above = (missed(observation, centre + shift)[1] for shift in (-2.0, 2.0))
    assert below < 0.0 < above
    assert above == pytest.approx(-below, rel=1e-3)


@pytest.mark.parametrize(("low", "high", "sign"), [(-INF, 1.0, 1.0), (4.67, INF, -1.0)])
def test_the_residual_of_an_open_word_points_away_from_its_end(low: float, high: float, sign: float):
    assert sign * missed(seen(KNEE, low, high), 2.8)[1] > 1.0


def test_a_residual_is_never_more_than_a_slip_explains():
    assert abs(missed(seen(SURAL, 40.0, 40.0), 0.0)[1]) < 4.5


def test_a_slip_of_what_hangs_on_the_cause_is_as_likely_as_the_thing_is_common():
    where = _unsided("imaging", "haematoma_spine")
    common = np.mean([entry_of(cause, "imaging", "haematoma_spine")[2] for cause in DISEASES])
    there, absent = (_arrays((seen(where, *ends),)).contamination[0] for ends in (YES, NO))
    assert there == pytest.approx(common, rel=0.2)
    assert there + absent == pytest.approx(1.0)
    assert there < 0.02


def test_a_slip_of_a_grade_may_be_any_grade():
    assert _arrays((seen(KNEE, 2.5, 3.5),)).contamination[0] == pytest.approx(ODD_INTERVAL)
