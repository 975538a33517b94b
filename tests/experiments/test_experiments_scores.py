"""Scores against forecasters whose figures are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from experiments import scores
from garland.errors import InputError

N = 20000


def _coins(stated: float, true: float, seed: int = 0) -> tuple[scores.Floats, scores.Ints]:
    """Return forecasts of a coin stated to fall on 0 with one probability that does with another."""
    p = np.tile([stated, 1.0 - stated], (N, 1))
    return p, (np.random.default_rng(seed).random(N) >= true).astype(np.int64)


def test_a_calibrated_forecaster_shows_the_noise_floor_and_no_debiased_error() -> None:
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(5), 4000)
    truth = np.array([rng.choice(5, p=row) for row in p])
    floor = scores.noise_floor(p, scores.calibration_error)
    assert scores.calibration_error(p, truth) < 1.5 * floor.upper
    assert 0.0 < floor.mean < floor.upper < 0.03
    assert scores.debiased_error(p, truth) < 0.02
    assert scores.classwise_error(p, truth) < 0.02


def test_an_overconfident_forecaster_is_off_by_the_gap() -> None:
    p, truth = _coins(0.9, 0.7)
    assert scores.calibration_error(p, truth, 1) == pytest.approx(0.2, abs=0.01)
    assert scores.debiased_error(p, truth) == pytest.approx(0.2, abs=0.01)
    assert scores.classwise_error(p, truth, 1) == pytest.approx(0.2, abs=0.01)


def test_brier_and_log_score_of_a_coin_are_those_of_the_formula() -> None:
    p, truth = _coins(0.8, 0.8)
    assert scores.brier(p, truth) == pytest.approx(2.0 * 0.8 * 0.2, abs=0.01)
    assert scores.log_score(p, truth) == pytest.approx(-0.8 * np.log(0.8) - 0.2 * np.log(0.2), abs=0.01)


def test_the_log_score_of_an_impossible_truth_stays_finite() -> None:
    assert scores.log_score(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(27.63, abs=0.01)


def test_top_k_counts_ties_in_part() -> None:
    p = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2]])
    assert scores.top(p, np.array([1, 1]), 1) == pytest.approx(0.25)
    assert scores.top(p, np.array([1, 1]), 2) == 1.0
    assert scores.top(p, np.array([2, 2]), 3) == 1.0


def test_the_reliability_diagram_holds_every_patient_and_its_intervals_hold_the_share() -> None:
    p, truth = _coins(0.7, 0.7)
    bins = scores.reliability(p, truth)
    assert sum(one.patients for one in bins) == N
    assert len(bins) == scores.BINS
    assert all(one.low < one.observed < one.high and one.stated == pytest.approx(0.7) for one in bins)


def test_the_ranked_score_punishes_a_miss_by_its_distance() -> None:
    sure = np.array([[1.0, 0.0, 0.0, 0.0]])
    near, far = (scores.ranked_probability(sure, np.array([truth])) for truth in (1, 3))
    assert (near, far) == (1.0, 3.0)
    assert scores.ranked_probability(sure, np.array([0])) == 0.0


def test_the_continuous_ranked_score_of_a_normal_is_that_of_the_formula() -> None:
    draws = np.random.default_rng(0).standard_normal(200000)
    assert scores.continuous_ranked(draws, 0.0) == pytest.approx(0.2337, abs=0.005)
    assert scores.continuous_ranked(np.full(5, 2.0), 5.0) == 3.0


def test_confusion_sums_the_probabilities_of_a_group_first() -> None:
    p = np.array([[0.4, 0.3, 0.3]])
    assert scores.confusion(p, np.array([1]))[1, 0] == 1
    assert scores.confusion(p, np.array([1]), (0, 1, 1))[1, 1] == 1


def test_the_list_holds_the_mass_asked_for() -> None:
    p = np.array([[0.9, 0.05, 0.05], [0.5, 0.3, 0.2]])
    assert scores.list_length(p) == 2.5
    assert scores.list_length(p, 0.5) == 1.0


@pytest.mark.parametrize(
    ("p", "truth", "why"),
    [
        ([[0.5, 0.5]], [0, 1], "does not belong to"),
        ([[0.5, 0.4]], [0], "summing to one"),
        ([[0.5, 0.5]], [2], "is none of 2 columns"),
    ],
)
def test_probabilities_that_cannot_be_are_refused(p: list[list[float]], truth: list[int], why: str) -> None:
    with pytest.raises(InputError, match=why):
        scores.checked(np.array(p), np.array(truth))
