"""Information of tests over all their joint results: what the search for a set stands for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from garland._types import Float32s, Float64s
from garland.inference.candidate_tests import _CandidateTest
from garland.inference.test_selection import _after, _Crowd, _entropy, _information, _TestResults, _worth


def _joint_results(test: _CandidateTest) -> tuple[tuple[int, ...], ...]:
    """Return the joint results of a test in the order of `Outcomes.joint`: one index an item, -1 if
    unseen.
    """
    sizes = [len(item.results) for item in test.items]
    if not test.hidden:
        return tuple(tuple(int(i) for i in index) for index in np.ndindex(*sizes))
    seen = len(sizes) - test.hidden
    closed = [(0, *index, *(-1,) * test.hidden) for index in np.ndindex(*sizes[1:seen])]
    rest = [(index[0] + 1, *index[1:]) for index in np.ndindex(sizes[0] - 1, *sizes[1:])]
    return tuple(tuple(int(i) for i in index) for index in (*closed, *rest))


def _joint_information(of: _Crowd, given: _TestResults, chosen: Sequence[int]) -> float:
    """Return the information of several tests together about the cause, over all joint results [bit]."""
    states, rng = of.weights[None, :], np.random.default_rng(0)
    for test in chosen:
        states = _after(states, given.of(test), rng, limit=1 << 20)
    mass = of.by_cause(states)
    return _entropy(mass.sum(axis=1)) + _entropy(mass.sum(axis=0)) - _entropy(mass.ravel())


def _look_ahead(of: _Crowd, given: _TestResults) -> Float64s:
    """Return what each test would tell together with the best test to follow it, shape (T,) [bit].

    The second test may differ with the result of the first. Two tests of which each alone says nothing are
    found in this way, and not by going one step at a time.
    """
    alone, both = _worth(of, given), np.zeros(len(given.tests))
    rng = np.random.default_rng(0)
    for test in range(len(given.tests)):
        states: Float32s = _after(of.weights[None, :], given.of(test), rng)
        then = _information(of, states, given)
        then[:, test] = 0.0
        both[test] = alone[test] + then.max(axis=1).sum()
    return both
