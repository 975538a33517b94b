"""The best set of tests within a budget, built test by test.

Each time the test is taken that adds most to what the others will have told, whatever their results. With a
budget a second set is built by information per share of the budget, and the more telling of the two is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from garland.inference.costs import Budget, Cost
from garland.inference.next_test import _worth
from garland.inference.outcomes import Floats, Singles, TestResults, _after, _Crowd, _entropy, _information

_SHORT_LIST = 40
"""Tests of most information by themselves among which a set is sought [-]."""


def _best_set(
    of: _Crowd, given: TestResults, budget: Budget, least_bits: float = 0.0, seed: int = 0
) -> list[tuple[int, float]]:
    """Return the tests of the best set found within a budget, with the information each adds [bit]."""
    ways = [(False, seed), (True, seed)] if budget.limited else [(False, seed)]
    sets = [list(_greedy(of, given, budget, least_bits, how)) for how in ways]
    return max(sets, key=lambda chosen: sum(added for _, added in chosen))


def _greedy(
    of: _Crowd, given: TestResults, budget: Budget, least_bits: float, how: tuple[bool, int]
) -> Iterator[tuple[int, float]]:
    """Yield the next best test until nothing fits or is worth it; `how`: by information per cost, seed."""
    per_cost, seed = how
    rng = np.random.default_rng(seed)
    price = np.array([max(budget.share(test.cost), 1e-3) if per_cost else 1.0 for test in given.tests])
    within = np.array([budget.fits(test.cost) for test in given.tests], bool)
    alone = np.where(within, _worth(of, given), -1.0)
    short = np.argsort(-alone / price, kind="stable")[:_SHORT_LIST]
    short = short[alone[short] >= 0.0]
    some, price = given.only(short), price[short]
    states, spent, left = of.weights[None, :], Cost(), np.ones(len(short), bool)
    unknown = _entropy(of.probability)
    for done in range(budget.tests):
        allowed = left & np.array([budget.fits(spent.and_also(test.cost)) for test in some.tests], bool)
        gain = _information(of, states, some).sum(axis=0) if done else alone[short]
        score = np.where(allowed & (gain >= least_bits), gain / price, -1.0)
        if not len(score) or score.max() < 0.0:
            return
        best = int(np.argmax(score))
        # Of states that are drawn the sum may scatter beyond what there is to know.
        added = min(float(gain[best]), unknown)
        unknown -= added
        yield int(short[best]), added
        spent, left[best] = spent.and_also(some.tests[best].cost), False
        states = _after(states, some.of(best), rng)


def _joint_information(of: _Crowd, given: TestResults, chosen: Sequence[int]) -> float:
    """Return the information of several tests together about the cause, over all joint results [bit]."""
    states, rng = of.weights[None, :], np.random.default_rng(0)
    for test in chosen:
        states = _after(states, given.of(test), rng, limit=1 << 20)
    mass = of.by_cause(states)
    return _entropy(mass.sum(axis=1)) + _entropy(mass.sum(axis=0)) - _entropy(mass.ravel())


def _look_ahead(of: _Crowd, given: TestResults) -> Floats:
    """Return what each test would tell together with the best test to follow it, shape (T,) [bit].

    The second test may differ with the result of the first. Two tests of which each alone says nothing are
    found in this way, and not by going one step at a time.
    """
    alone, both = _worth(of, given), np.zeros(len(given.tests))
    rng = np.random.default_rng(0)
    for test in range(len(given.tests)):
        states: Singles = _after(of.weights[None, :], given.of(test), rng)
        then = _information(of, states, given)
        then[:, test] = 0.0
        both[test] = alone[test] + then.max(axis=1).sum()
    return both
