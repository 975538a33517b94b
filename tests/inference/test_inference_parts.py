"""Next test, review, lesion map and wording, on patients made for the purpose."""

from __future__ import annotations

import numpy as np
import pytest
from small_cases import at, small_case

from garland.anatomy.tree import load
from garland.inference.candidate_tests import _Item, _open_items
from garland.inference.encode_case import _encode_case
from garland.inference.likelihood import _Problem
from garland.inference.observations import INF, _arrays, _Observation
from garland.inference.phrases import _expected_words
from garland.inference.predictive import (
    _left_out,
    _lesion_map,
    _predictive_p_value,
    _PredictiveSample,
    _tail,
    _unexplained,
)
from garland.inference.test_selection import _plan, _results_of
from garland.model.diseases import DISEASES
from garland.model.findings import N_FINDINGS, SIDED, UNSIDED, Address, column, noise_sd
from garland.statistics import weighted_quantiles as _weighted_quantiles

PATIENTS = 200
KNEE = Address("movement_strength", 0, "knee-extension")
A = load()


def view(expected: dict[Address, float] | None = None, log_p: np.ndarray | None = None) -> _PredictiveSample:
    """Return equal patients of one cause with a few expected findings; the rest is zero."""
    shown = np.zeros((PATIENTS, N_FINDINGS), np.float32)
    for address, value in (expected or {}).items():
        shown[:, column(address)] = value
    rows = np.zeros((PATIENTS, 64)) if log_p is None else log_p
    lost = np.zeros((PATIENTS, 2, len(A.sites)), np.float32)
    return _PredictiveSample(np.full(PATIENTS, 1.0 / PATIENTS), (rows,), (shown,), lost)


def certain(*causes: int) -> np.ndarray:
    probability = np.zeros(len(DISEASES))
    probability[list(causes)] = 1.0 / len(causes)
    return probability


def test_a_weighted_quantile_of_equal_weights_is_the_plain_one():
    values = np.arange(101, dtype=np.float32)
    low, middle, high = _weighted_quantiles(values, np.full(101, 1 / 101), (0.1, 0.5, 0.9))
    assert (low, middle, high) == pytest.approx((10.0, 50.0, 90.0), abs=1.0)


def test_a_value_of_no_weight_is_never_a_quantile():
    values, weights = np.array([-9.0, 1.0, 2.0], np.float32), np.array([0.0, 0.5, 0.5])
    assert min(_weighted_quantiles(values, weights, (0.01, 0.5, 0.99))) == 1.0


def test_the_lesion_map_is_the_mean_over_causes():
    one, two = view(), view()
    two.at_sites[:, 1, 3] = 0.6
    rows = {(row.site, row.side): row for row in _lesion_map({0: one, 1: two}, certain(0, 1))}
    affected = rows[A.sites[3], "right"]
    assert affected.mean == pytest.approx(0.3)
    assert affected.involved == pytest.approx(0.5)
    assert affected.low <= affected.mean <= affected.high
    assert rows[A.sites[3], "left"].mean == 0.0
    assert len(rows) == 2 * len(A.sites)


def test_what_was_tested_is_not_proposed_again():
    assert KNEE in {item.where for item in _open_items(set(), 60.0)}
    assert KNEE not in {item.where for item in _open_items({KNEE}, 60.0)}


def test_tests_come_in_order_of_what_they_tell():
    apart = {KNEE: 4.0, Address("reflex", 1, "ankle"): 1.0}
    bits = [test.bits for test in _plan({0: view(), 1: view(apart)}, certain(0, 1), set()).ranking]
    assert bits == sorted(bits, reverse=True)
    assert min(bits) >= 0.0


def test_a_result_near_its_cut_is_split_evenly():
    item = _Item("x", "examination", KNEE, (3.0,), ("weak", "strong"))
    np.testing.assert_allclose(_results_of(view({KNEE: 3.0}), item, noise_sd()), 0.5, atol=1e-6)


def test_a_finding_left_out_has_the_harmonic_mean_of_its_likelihoods():
    log_p = np.log(np.linspace(0.1, 0.9, PATIENTS))[:, None] * np.ones((1, 64))
    exact = -np.log(np.mean(1.0 / np.linspace(0.1, 0.9, PATIENTS)))
    np.testing.assert_allclose(_left_out(view(log_p=log_p), 0), exact, rtol=1e-6)


def strong(value: float) -> _Observation:
    return _Observation("strength", "examination", "", (KNEE,), value - 0.5, value + 0.5)


def snap(value: float) -> _Observation:
    return _Observation("SNAP", "nerve conduction", "", at("snap", "sural"), value, value)


def seen(observation: _Observation, log_p: float) -> tuple[_PredictiveSample, _Observation]:
    return view(log_p=np.full((PATIENTS, 20), log_p)), observation


@pytest.mark.parametrize("log_p", [-0.01, -1.0, -6.0])
@pytest.mark.parametrize("observation", [strong(3.0), snap(2.0)], ids=["grade", "number"])
def test_a_tail_is_a_probability(observation: _Observation, log_p: float):
    of, finding = seen(observation, log_p)
    assert 0.0 <= _tail(of, 0, finding, 0, 0.4) <= 1.0


@pytest.mark.parametrize("observation", [strong(3.0), snap(2.0)], ids=["grade", "number"])
def test_an_odder_finding_has_a_smaller_tail(observation: _Observation):
    near, far = (_tail(*(seen(observation, log_p)[0], 0, observation, 0, 0.4)) for log_p in (-1.0, -5.0))
    assert far < near


def test_a_number_two_standard_deviations_away_has_a_tail_of_a_twentieth():
    noise = 0.4
    log_p = -0.5 * 1.96**2 - np.log(noise * np.sqrt(2.0 * np.pi))
    assert _tail(view(log_p=np.full((PATIENTS, 20), log_p)), 0, snap(2.0), 0, noise) == pytest.approx(
        0.05, abs=1e-3
    )


def fit_of(log_p: float) -> float:
    """Return the fit of 20 grades that all have this log likelihood."""
    items = SIDED["muscle_strength"][:20]
    rows = tuple(
        _Observation("x", "examination", "", at("muscle_strength", item), 2.5, 3.5) for item in items
    )
    reading = _encode_case(small_case())
    problem = _Problem(reading.person, reading.timings, (_arrays(rows),))
    seen_as = view(log_p=np.full((PATIENTS, 20), log_p))
    return _predictive_p_value(seen_as, problem, np.random.default_rng(0))


def test_findings_that_were_likely_fit():
    assert fit_of(-0.1) > 0.3


def test_findings_that_were_all_unlikely_fit_no_cause():
    assert _unexplained(fit_of(-3.0))


def test_the_verdict_turns_at_one_in_fifty():
    assert _unexplained(0.019)
    assert not _unexplained(0.021)


@pytest.mark.parametrize("field", [*SIDED, *UNSIDED])
def test_every_kind_of_finding_has_words(field: str):
    items = {**SIDED, **UNSIDED}[field]
    where = at(field, items[0], 0 if field in SIDED else None)
    words = _expected_words(view({where[0]: 1.0}), _Observation("x", "", "", where, -INF, 1.0), 0)
    assert words.strip()
    assert "nan" not in words


@pytest.mark.parametrize(
    ("field", "item", "value", "words"),
    [
        ("movement_strength", "knee-extension", 5.0, "MRC 5"),
        ("movement_strength", "knee-extension", 3.7, "MRC 4-"),
        ("reflex", "knee", 0.1, "absent"),
        ("fibrillation", "soleus", 2.0, "2+"),
        ("nerve_feeling", "sural", 0.0, "normal"),
        ("snap", "sural", float(np.log(10.0)), "10 (10 to 10) µV"),
        ("cmap_drop", "fibular-extensor-digitorum-brevis@1", float(np.log(0.5)), "50 (50 to 50) %"),
        ("motor_velocity", "fibular-extensor-digitorum-brevis@1", float(np.log(45.0)), "45 (45 to 45) m/s"),
        ("motor_latency", "fibular-extensor-digitorum-brevis", float(np.log(4.0)), "4 (4 to 4) ms"),
        ("h_response", "soleus", 40.0, "100% of patients"),
    ],
)
def test_an_expected_finding_is_told_in_the_words_of_the_field(
    field: str, item: str, value: float, words: str
):
    where = at(field, item)
    assert _expected_words(view({where[0]: value}), _Observation("x", "", "", where, -INF, 1.0), 0) == words


def test_the_tempo_is_told_in_days():
    where = at("progression", "ln-days", None)
    words = _expected_words(
        view({where[0]: float(np.log(20.0))}), _Observation("x", "", "", where, -INF, 1.0), 0
    )
    assert words == "20 (20 to 20) days"


def test_what_is_expected_is_told_of_the_visit_at_which_it_was_looked_for():
    first, last = view({KNEE: 2.0}), view({KNEE: 5.0})
    both = _PredictiveSample(first.weights, (), (*first.expected, *last.expected), first.at_sites)
    assert [_expected_words(both, strong(3.0), visit) for visit in (0, 1)] == ["MRC 2", "MRC 5"]


def test_the_same_test_of_the_other_side_is_not_proposed_too():
    apart = {Address("reflex", side, "knee"): 2.0 for side in (0, 1)}
    labels = [test.label for test in _plan({0: view(), 1: view(apart)}, certain(0, 1), set()).ranking]
    assert sum(label.endswith("knee") for label in labels) == 1
