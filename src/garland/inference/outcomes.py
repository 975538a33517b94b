"""What every test would show under every virtual patient, and what that tells about the cause.

Given a patient the items of a test err independently, so that the probability of a joint result is a product.
What is known after several tests is kept as states: one for each joint result so far, holding how much of
each patient is left under it. Where there would be too many, some are drawn in proportion to their mass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from garland.inference.gaussians import systematic
from garland.inference.items import Item, OpenTest
from garland.inference.observations import odd_share
from garland.inference.review import _View
from garland.model.findings import column, noise_sd

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
STATES = 128
"""Joint results that are followed at most; beyond, as many are drawn [-]."""
_NEVER = 1e-9


@dataclass(frozen=True)
class _Crowd:
    """Patients of all causes that matter, side by side.

    Attributes
    ----------
    causes : tuple of int
        Their causes, in order.
    slices : tuple of slice
        Where the patients of each cause stand.
    weights : (M,)
        Probability of each patient: of its cause, times its share of it; sums to one [-].
    expected : (M, F)
        Expected findings.
    """

    causes: tuple[int, ...]
    slices: tuple[slice, ...]
    weights: Singles
    expected: Singles

    @property
    def probability(self) -> Floats:
        """Probability of each cause, shape (C,) [-]."""
        return self.by_cause(self.weights[None, :])[:, 0]

    def by_cause(self, rows: NDArray[np.floating]) -> Floats:
        """Return the sum of each row over the patients of each cause, (S, M) to (C, S)."""
        return np.array([rows[:, part].sum(axis=1, dtype=np.float64) for part in self.slices])


def _crowd(views: dict[int, _View], probability: Floats) -> _Crowd:
    """Return the patients of several causes as one crowd."""
    causes = tuple(views)
    share = probability[list(causes)] / probability[list(causes)].sum()
    ends = np.cumsum([0, *(len(views[c].weights) for c in causes)])
    return _Crowd(
        causes,
        tuple(slice(int(a), int(b)) for a, b in pairwise(ends)),
        np.concatenate([p * views[c].weights for c, p in zip(causes, share, strict=True)]).astype(np.float32),
        np.concatenate([views[c].expected[-1] for c in causes]),
    )


@dataclass(frozen=True)
class TestResults:
    """Probabilities of the results of tests under every patient.

    Attributes
    ----------
    tests : tuple of OpenTest
        The tests.
    starts : (T + 1,)
        Where the joint results of each test begin among all K [-].
    joint : (K, M)
        Probability of each joint result under each patient [-].
    single : tuple of tuple of (R, M)
        The same for every item of every test by itself.
    """

    tests: tuple[OpenTest, ...]
    starts: NDArray[np.int64]
    joint: Singles
    single: tuple[tuple[Singles, ...], ...]

    def of(self, test: int) -> Singles:
        """Return the joint results of one test, shape (results, M)."""
        return self.joint[self.starts[test] : self.starts[test + 1]]

    def only(self, chosen: Sequence[int] | NDArray[np.int64]) -> TestResults:
        """Return the outcomes of some of the tests, in the order given."""
        rows = [self.of(test) for test in chosen]
        starts = np.cumsum([0, *(len(row) for row in rows)])
        joint = np.concatenate(rows) if rows else self.joint[:0]
        return TestResults(
            tuple(self.tests[t] for t in chosen), starts, joint, tuple(self.single[t] for t in chosen)
        )


def outcomes(tests: Sequence[OpenTest], expected: Singles) -> TestResults:
    """Return what the tests would show under every patient."""
    items = [item for test in tests for item in test.items]
    each = iter(_results(items, expected))
    single = tuple(tuple(next(each) for _ in test.items) for test in tests)
    joint = [_joined(rows, test.hidden) for rows, test in zip(single, tests, strict=True)]
    starts = np.cumsum([0, *(len(rows) for rows in joint)])
    whole = np.concatenate(joint) if joint else np.zeros((0, len(expected)), np.float32)
    return TestResults(tuple(tests), starts, whole, single)


def _results(items: Sequence[Item], expected: Singles, noise: Singles | None = None) -> list[Singles]:
    """Return the probability of each result of each item under every patient, a list of (results, M)."""
    if not items:
        return []
    where = np.repeat([column(item.where) for item in items], [len(item.cuts) for item in items])
    cuts = np.concatenate([item.cuts for item in items]).astype(np.float32)
    spread = (noise_sd() if noise is None else noise)[where]
    below = ndtr((cuts[:, None] - expected.T[where]) / spread[:, None])
    share, found, start = np.float32(odd_share()), [], 0
    for item in items:
        many = len(item.results)
        edges = below[start : start + many - 1]
        rows = np.empty((many, below.shape[1]), np.float32)
        rows[0], rows[-1] = edges[0], 1.0 - edges[-1]
        np.subtract(edges[1:], edges[:-1], out=rows[1:-1])
        if item.absent_in_health:
            rows *= np.float32(1.0 - item.absent_in_health)
            rows[0] += np.float32(item.absent_in_health)
        rows *= 1.0 - share
        rows += share / many
        found.append(rows)
        start += many - 1
    return found


def _joint_results(test: OpenTest) -> tuple[tuple[int, ...], ...]:
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


def _joined(rows: Sequence[Singles], hidden: int) -> Singles:
    """Return the probabilities of joint results from those of the items, shape (results, M)."""
    if not hidden:
        return _product(rows)
    closed = _product([rows[0][:1], *rows[1 : len(rows) - hidden]])
    return np.concatenate([closed, _product([rows[0][1:], *rows[1:]])])


def _product(rows: Sequence[Singles]) -> Singles:
    whole = rows[0]
    for more in rows[1:]:
        whole = (whole[:, None, :] * more[None, :, :]).reshape(-1, whole.shape[1])
    return whole


def _shown(of: _Crowd, states: Singles, rows: Singles) -> Floats:
    """Return the probability of cause, state and result together, shape (C, S, K) [-]."""
    parts = [states[:, part] @ rows[:, part].T for part in of.slices]
    return np.asarray(parts, np.float64)


def _information(of: _Crowd, states: Singles, given: TestResults) -> Floats:
    """Return the information of each test about the cause in each state, times its mass, (S, T) [bit]."""
    if not given.tests:
        return np.zeros((len(states), 0))
    return mutual(_shown(of, states, given.joint), given.starts[:-1])


def mutual(joint: Floats, starts: NDArray[np.int64]) -> Floats:
    """Return the mutual information of cause and result in each state, times its mass, (S, T) [bit]."""
    together = np.add.reduceat(_x_log_x(joint).sum(axis=0), starts, axis=1)
    by_result = np.add.reduceat(_x_log_x(joint.sum(axis=0)), starts, axis=1)
    by_cause = np.add.reduceat(joint, starts, axis=2)
    alone = _x_log_x(by_cause).sum(axis=0) - _x_log_x(by_cause.sum(axis=0))
    return np.asarray(np.maximum(together - by_result - alone, 0.0))


def _x_log_x(x: Floats) -> Floats:
    return np.asarray(x * np.log2(np.maximum(x, 1e-300)))


def _entropy(probability: Floats) -> float:
    """Return how much is not known about the cause [bit]."""
    return float(-_x_log_x(probability).sum())


def _after(states: Singles, rows: Singles, rng: np.random.Generator, limit: int = STATES) -> Singles:
    """Return the states once one more test is done."""
    mass = (states @ rows.T).ravel().astype(np.float64)
    kept = np.flatnonzero(mass > _NEVER)
    scale = np.ones(len(kept))
    if len(kept) > limit:
        kept = systematic(mass, limit, rng)
        scale = mass.sum() / limit / np.maximum(mass[kept], 1e-300)
    state, result = np.divmod(kept, len(rows))
    return np.asarray(states[state] * rows[result] * scale[:, None].astype(np.float32))
