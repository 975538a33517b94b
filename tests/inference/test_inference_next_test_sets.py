"""The best set of tests against brute force, looking ahead, and when to stop, on patients made for it."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from information_in_full import _joint_information, _look_ahead
from test_inference_next_test import even, named, view

from garland.errors import InputError
from garland.inference.candidate_tests import Budget, _CandidateTest, open_tests
from garland.inference.test_selection import (
    Rule,
    _after,
    _best_set,
    _Crowd,
    _crowd,
    _entropy,
    _leader,
    _plan,
    _results_of_tests,
    _TestResults,
    _why_stop,
    _worth,
)
from garland.model.diseases import DISEASES
from garland.model.findings import N_FINDINGS, Address, column

MOVES = (
    "hip-flexion",
    "knee-extension",
    "ankle-dorsiflexion",
    "toe-extension",
    "ankle-inversion",
    "knee-flexion",
)
AT = tuple(Address("movement_strength", 0, move) for move in MOVES)


def strength(*moves: str) -> tuple[_CandidateTest, ...]:
    return tuple(named(f"strength, left {move}") for move in moves)


def four_causes(seed: int = 0) -> tuple[_Crowd, _TestResults]:
    """Return four causes that differ at random in six movements, and the tests of these."""
    rng = np.random.default_rng(seed)
    views = {c: view({a: list(rng.uniform(2.5, 5.5) + rng.normal(0, 0.4, 64)) for a in AT}) for c in range(4)}
    of = _crowd(views, even(0, 1, 2, 3))
    return of, _results_of_tests(strength(*MOVES), of.expected)


def by_hand(of: _Crowd, given: _TestResults, chosen: tuple[int, ...]) -> float:
    """Return the information of several tests by the definition: a sum over all their results."""
    total = 0.0
    for results in np.ndindex(*(len(given.of(t)) for t in chosen)):
        rows = of.weights.astype(float)
        for test, result in zip(chosen, results, strict=True):
            rows = rows * given.of(test)[result]
        joint = np.array([rows[part].sum() for part in of.slices])
        total += float((joint * np.log2(joint / joint.sum() / of.probability)).sum())
    return total


@pytest.mark.parametrize("chosen", [(0,), (1, 4), (0, 2, 5)])
def test_joint_information_is_what_its_definition_says(chosen: tuple[int, ...]):
    of, given = four_causes()
    assert _joint_information(of, given, chosen) == pytest.approx(by_hand(of, given, chosen), abs=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_the_set_of_three_comes_near_the_best_of_all_sets_of_three(seed: int):
    of, given = four_causes(seed)
    best = max(_joint_information(of, given, trio) for trio in combinations(range(len(MOVES)), 3))
    found = _best_set(of, given, Budget(tests=3))
    mine = _joint_information(of, given, [test for test, _ in found])
    assert mine >= 0.97 * best
    assert sum(bits for _, bits in found) == pytest.approx(mine, abs=0.02)


def test_a_pair_within_a_budget_comes_near_the_best_affordable_pair():
    of, given = four_causes(2)
    priced = (
        replace(t, cost=t.cost._replace(minutes=1.0 + 2.0 * (i % 2))) for i, t in enumerate(given.tests)
    )
    dear = replace(given, tests=tuple(priced))
    budget = Budget(minutes=4.0, tests=2)
    affordable = [p for p in combinations(range(6), 2) if sum(dear.tests[t].cost.minutes for t in p) <= 4.0]
    best = max(_joint_information(of, dear, pair) for pair in affordable)
    found = [test for test, _ in _best_set(of, dear, budget)]
    assert sum(dear.tests[t].cost.minutes for t in found) <= 4.0
    assert _joint_information(of, dear, found) >= 0.9 * best


def test_two_cheap_tests_beat_the_one_dear_test_that_tells_a_little_more():
    views = {
        0: view({}),
        1: view({AT[0]: [5.6], AT[2]: [4.1]}),
        2: view({AT[1]: [5.6], AT[2]: [5.6]}),
        3: view({AT[0]: [5.6], AT[1]: [5.6], AT[2]: [5.6]}),
    }
    of = _crowd(views, even(0, 1, 2, 3))
    tests = strength(*MOVES[:3])
    dear = (*tests[:2], replace(tests[2], cost=tests[2].cost._replace(minutes=3.0)))
    cheap = (replace(t, cost=t.cost._replace(minutes=1.0)) for t in dear[:2])
    given = _results_of_tests((*cheap, dear[2]), of.expected)
    assert int(np.argmax(_worth(of, given))) == 2
    assert {test for test, _ in _best_set(of, given, Budget(minutes=3.0))} == {0, 1}


def test_a_second_look_at_the_same_thing_adds_little():
    twin = Address("movement_strength", 1, "knee-extension")
    of = _crowd({0: view({}), 1: view({AT[1]: [6.0], twin: [6.0], AT[0]: [3.6]})}, even(0, 1))
    tests = (*strength(*MOVES[:2]), named("strength, right knee-extension"))
    found = _best_set(of, _results_of_tests(tests, of.expected), Budget(tests=3))
    assert found[1][1] < 0.2 * found[0][1]


def test_no_budget_buys_no_test():
    of, given = four_causes()
    assert _best_set(of, given, Budget(tests=0)) == _best_set(of, given, Budget(minutes=0.1)) == []


def two_that_only_tell_together() -> tuple[_Crowd, _TestResults]:
    """Return two causes: in one both movements are weak or both strong, in the other only one of them."""
    alike = view({AT[0]: [0.0, 6.0], AT[1]: [0.0, 6.0]})
    other = view({AT[0]: [0.0, 6.0], AT[1]: [6.0, 0.0]})
    for one, value in ((alike, 4.4), (other, 4.9)):
        one.expected[0][:, column(AT[2])] = value
    of = _crowd({0: alike, 1: other}, even(0, 1))
    return of, _results_of_tests(strength(*MOVES[:3]), of.expected)


def test_looking_two_steps_ahead_finds_a_pair_that_tells_only_together():
    of, given = two_that_only_tell_together()
    alone, ahead = _worth(of, given), _look_ahead(of, given)
    assert alone[:2].max() < 0.01
    assert int(np.argmax(alone)) == 2
    assert int(np.argmax(ahead)) in (0, 1)
    assert ahead.max() > 0.7


def test_looking_ahead_agrees_with_one_step_where_tests_only_repeat_each_other():
    of, given = four_causes(1)
    ahead = _look_ahead(of, given)
    assert ahead[int(np.argmax(_worth(of, given)))] >= 0.97 * ahead.max()
    assert (ahead >= _worth(of, given)).all()


def test_states_that_are_drawn_keep_all_the_mass_and_the_information():
    of, given = four_causes(3)
    rng, drawn, full = np.random.default_rng(0), of.weights[None, :], of.weights[None, :]
    for test in range(5):
        drawn = _after(drawn, given.of(test), rng, limit=128)
        full = _after(full, given.of(test), rng, limit=1000)
    assert len(drawn) == 128 < len(full)
    assert drawn.sum() == pytest.approx(1.0, abs=1e-3)
    left = [_entropy((m := of.by_cause(s)).ravel()) - _entropy(m.sum(axis=0)) for s in (drawn, full)]
    assert left[0] == pytest.approx(left[1], abs=0.05)


def test_a_set_is_chosen_alike_each_time():
    of, given = four_causes()
    assert _best_set(of, given, Budget()) == _best_set(of, given, Budget())


def made(probability: np.ndarray, **options: object):
    views = {0: view({}), 1: view({AT[1]: [40.0]}), 2: view({AT[0]: [4.2]})}
    return _plan(views, probability, set(), **options)  # type: ignore[arg-type]


def test_a_plan_ranks_chooses_and_adds_up():
    found = made(even(0, 1, 2))
    assert found.ranking[0].label == "strength, left knee-extension"
    assert [t.bits for t in found.ranking] == sorted((t.bits for t in found.ranking), reverse=True)
    assert found.stop == ""
    assert found.bits == pytest.approx(sum(t.added_bits for t in found.chosen))
    assert found.minutes == pytest.approx(sum(t.minutes for t in found.chosen))
    assert 0.0 < found.bits <= found.unknown_bits == pytest.approx(np.log2(3.0), abs=1e-4)
    assert found.ranking[0].bits_per_minute == pytest.approx(found.ranking[0].bits / 0.25)
    assert found.ranking[0].bits_per_discomfort is None


def test_a_plan_is_plain_values():
    json.dumps(made(even(0, 1)).as_dict(), allow_nan=False)


def test_a_plan_ends_with_the_number_of_tests_asked_for():
    one = made(even(0, 1, 2), budget=Budget(tests=1))
    assert len(one.chosen) == 1
    assert "holds the 1 test asked" in one.end


def test_a_plan_ends_when_nothing_would_add_to_it():
    assert "No further test would add 0.02 bit" in made(even(0, 1)).end


def test_testing_stops_once_a_cause_is_certain():
    sure = np.zeros(len(DISEASES))
    sure[:2] = 0.95, 0.05
    found = made(sure)
    assert found.chosen == ()
    assert found.ranking
    assert "has reached 95 %" in found.stop
    assert made(sure, rule=Rule(certainty=0.99)).stop == ""


def test_testing_stops_once_the_family_is_certain_if_that_is_asked_for():
    roots = [i for i, cause in enumerate(DISEASES) if cause.family == "radiculopathy"][:2]
    probability = np.zeros(len(DISEASES))
    probability[roots] = 0.5
    assert _leader(probability)[1] == 0.5
    assert _leader(probability, by_family=True) == ("the family radiculopathy", 1.0)
    assert _why_stop(probability, 1.0, Rule()) == ""
    assert "the family radiculopathy has reached" in _why_stop(probability, 1.0, Rule(by_family=True))


def test_testing_stops_once_no_test_tells_enough():
    assert "no open test within the budget" in made(even(0, 1), budget=Budget(minutes=0.0)).stop
    assert "no open test" in _why_stop(even(0, 1), 0.01, Rule())


def test_testing_stops_once_the_budget_is_spent():
    assert "the budget is spent" in _why_stop(even(0, 1), 1.0, Rule(), spent=True)


@pytest.mark.parametrize("wrong", [0.0, 1.5, float("nan")])
def test_a_certainty_that_is_no_share_is_refused(wrong: float):
    with pytest.raises(InputError, match="is not a certainty"):
        Rule(certainty=wrong)


def test_less_than_no_information_is_refused():
    with pytest.raises(InputError, match="is not an amount of information"):
        Rule(least_bits=-0.1)


def test_every_patient_and_every_open_test_is_ranked_in_a_moment():
    rng = np.random.default_rng(0)
    shown = rng.normal(0.0, 1.5, (2, 64, N_FINDINGS)).astype(np.float32)
    views = {c: replace(view({}), expected=(shown[c],)) for c in range(2)}
    of = _crowd(views, even(0, 1))
    bits = _worth(of, _results_of_tests(open_tests(set(), 60.0), of.expected))
    assert ((bits >= 0.0) & (bits <= 1.0)).all()
