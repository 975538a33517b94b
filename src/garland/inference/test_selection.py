"""What to test next: what every test would show under every virtual patient, and what it tells of the cause.

Given a patient the items of a test err independently, so that the probability of a joint result is a product.
What is known after several tests is kept as states: one for each joint result so far, holding how much of
each patient is left under it. Where there would be too many, some are drawn in proportion to their mass.

The expected information of a test is the mutual information between cause and result [bit]. A set is built
test by test: each time the one is taken that adds most to what the others will have told, whatever their
results. With a budget a second set is built by information per share of the budget; the better one is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from garland._types import Float32s, Float64s
from garland.errors import InputError
from garland.inference.candidate_tests import (
    Budget,
    _CandidateTest,
    _Cost,
    _Item,
    open_tests,
)
from garland.inference.laplace import systematic
from garland.inference.observations import _contamination_rate
from garland.inference.predictive import _PredictiveSample
from garland.inference.result import NextTest
from garland.model.diseases import DISEASES
from garland.model.findings import Address, column, noise_sd
from garland.reference_values import REFERENCE_HEIGHT_CM

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
    weights: Float32s
    expected: Float32s

    @property
    def probability(self) -> Float64s:
        """Probability of each cause, shape (C,) [-]."""
        return self.by_cause(self.weights[None, :])[:, 0]

    def by_cause(self, rows: NDArray[np.floating]) -> Float64s:
        """Return the sum of each row over the patients of each cause, (S, M) to (C, S)."""
        return np.array([rows[:, part].sum(axis=1, dtype=np.float64) for part in self.slices])


def _crowd(views: dict[int, _PredictiveSample], probability: Float64s) -> _Crowd:
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
class _TestResults:
    """Probabilities of the results of tests under every patient.

    Attributes
    ----------
    tests : tuple of CandidateTest
        The tests.
    starts : (T + 1,)
        Where the joint results of each test begin among all K [-].
    joint : (K, M)
        Probability of each joint result under each patient [-].
    single : tuple of tuple of (R, M)
        The same for every item of every test by itself.
    """

    tests: tuple[_CandidateTest, ...]
    starts: NDArray[np.int64]
    joint: Float32s
    single: tuple[tuple[Float32s, ...], ...]

    def of(self, test: int) -> Float32s:
        """Return the joint results of one test, shape (results, M)."""
        return self.joint[self.starts[test] : self.starts[test + 1]]

    def only(self, chosen: Sequence[int] | NDArray[np.int64]) -> _TestResults:
        """Return the outcomes of some of the tests, in the order given."""
        rows = [self.of(test) for test in chosen]
        starts = np.cumsum([0, *(len(row) for row in rows)])
        joint = np.concatenate(rows) if rows else self.joint[:0]
        return _TestResults(
            tuple(self.tests[t] for t in chosen), starts, joint, tuple(self.single[t] for t in chosen)
        )


def _results_of_tests(tests: Sequence[_CandidateTest], expected: Float32s) -> _TestResults:
    """Return what the tests would show under every patient."""
    items = [item for test in tests for item in test.items]
    each = iter(_results(items, expected))
    single = tuple(tuple(next(each) for _ in test.items) for test in tests)
    joint = [_joined(rows, test.hidden) for rows, test in zip(single, tests, strict=True)]
    starts = np.cumsum([0, *(len(rows) for rows in joint)])
    whole = np.concatenate(joint) if joint else np.zeros((0, len(expected)), np.float32)
    return _TestResults(tuple(tests), starts, whole, single)


def _results(items: Sequence[_Item], expected: Float32s, noise: Float32s | None = None) -> list[Float32s]:
    """Return the probability of each result of each item under every patient, a list of (results, M)."""
    if not items:
        return []
    where = np.repeat([column(item.where) for item in items], [len(item.cuts) for item in items])
    cuts = np.concatenate([item.cuts for item in items]).astype(np.float32)
    spread = (noise_sd() if noise is None else noise)[where]
    below = ndtr((cuts[:, None] - expected.T[where]) / spread[:, None])
    share, found, start = np.float32(_contamination_rate()), [], 0
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


def _joined(rows: Sequence[Float32s], hidden: int) -> Float32s:
    """Return the probabilities of joint results from those of the items, shape (results, M)."""
    if not hidden:
        return _product(rows)
    closed = _product([rows[0][:1], *rows[1 : len(rows) - hidden]])
    return np.concatenate([closed, _product([rows[0][1:], *rows[1:]])])


def _product(rows: Sequence[Float32s]) -> Float32s:
    whole = rows[0]
    for more in rows[1:]:
        whole = (whole[:, None, :] * more[None, :, :]).reshape(-1, whole.shape[1])
    return whole


def _shown(of: _Crowd, states: Float32s, rows: Float32s) -> Float64s:
    """Return the probability of cause, state and result together, shape (C, S, K) [-]."""
    parts = [states[:, part] @ rows[:, part].T for part in of.slices]
    return np.asarray(parts, np.float64)


def _information(of: _Crowd, states: Float32s, given: _TestResults) -> Float64s:
    """Return the information of each test about the cause in each state, times its mass, (S, T) [bit]."""
    if not given.tests:
        return np.zeros((len(states), 0))
    return _mutual(_shown(of, states, given.joint), given.starts[:-1])


def _mutual(joint: Float64s, starts: NDArray[np.int64]) -> Float64s:
    """Return the mutual information of cause and result in each state, times its mass, (S, T) [bit]."""
    together = np.add.reduceat(_x_log_x(joint).sum(axis=0), starts, axis=1)
    by_result = np.add.reduceat(_x_log_x(joint.sum(axis=0)), starts, axis=1)
    by_cause = np.add.reduceat(joint, starts, axis=2)
    alone = _x_log_x(by_cause).sum(axis=0) - _x_log_x(by_cause.sum(axis=0))
    return np.asarray(np.maximum(together - by_result - alone, 0.0))


def _x_log_x(x: Float64s) -> Float64s:
    return np.asarray(x * np.log2(np.maximum(x, 1e-300)))


def _entropy(probability: Float64s) -> float:
    """Return how much is not known about the cause [bit]."""
    return float(-_x_log_x(probability).sum())


def _after(states: Float32s, rows: Float32s, rng: np.random.Generator, limit: int = STATES) -> Float32s:
    """Return the states once one more test is done."""
    mass = (states @ rows.T).ravel().astype(np.float64)
    kept = np.flatnonzero(mass > _NEVER)
    scale = np.ones(len(kept))
    if len(kept) > limit:
        kept = systematic(mass, limit, rng)
        scale = mass.sum() / limit / np.maximum(mass[kept], 1e-300)
    state, result = np.divmod(kept, len(rows))
    return np.asarray(states[state] * rows[result] * scale[:, None].astype(np.float32))


_SELDOM = 0.02
"""Results rarer than this are not told [-]."""


def _results_of(seen: _PredictiveSample, item: _Item, noise: NDArray[np.float32]) -> Float64s:
    """Return how probable each result of an item is under one cause, shape (results,), summing to one."""
    (rows,) = _results([item], seen.expected[-1], noise)
    return np.asarray(rows @ seen.weights, np.float64)


def _worth(of: _Crowd, given: _TestResults) -> Float64s:
    """Return the expected information of each test by itself about the cause, shape (T,) [bit]."""
    return np.asarray(_information(of, of.weights[None, :], given)[0])


def _one_side_each(given: _TestResults, bits: Float64s) -> list[int]:
    """Return the tests by what they tell, the most telling first, one side of each, as indices."""
    first: dict[str, int] = {}
    for index in np.argsort(-bits, kind="stable"):
        first.setdefault(given.tests[index].place, int(index))
    return list(first.values())


def _sentence(of: _Crowd, given: _TestResults, test: int) -> str:
    """Return which result points where: the two results that move a cause most, of two causes if possible."""
    parts = sorted(_pointers(of, given, test), key=lambda part: -part[0])
    if not parts:
        return ""
    other = next((part for part in parts if part[1] != parts[0][1]), None)
    second = other or (parts[1] if len(parts) > 1 else None)
    return "; ".join(part[2] for part in (parts[0], second) if part is not None)


def _pointers(of: _Crowd, given: _TestResults, test: int) -> list[tuple[float, int, str]]:
    """Return gain in probability, cause and words of every result that is not too rare."""
    found = []
    before = of.probability
    for item, rows in zip(given.tests[test].items, given.single[test], strict=True):
        together = of.by_cause(rows * of.weights)
        after = together / together.sum(axis=0)
        what = f"{item.what} " if item.what else ""
        for result in np.flatnonzero(together.sum(axis=0) >= _SELDOM):
            gain = after[:, result] - before
            best = int(np.argmax(gain))
            words = f"{DISEASES[of.causes[best]].title} {before[best]:.2f} → {after[best, result]:.2f}"
            found.append((float(gain[best]), best, f"{what}{item.results[result]}: {words}"))
    return found


_SHORT_LIST = 40
"""Tests of most information by themselves among which a set is sought [-]."""


def _best_set(
    of: _Crowd, given: _TestResults, budget: Budget, least_bits: float = 0.0, seed: int = 0
) -> list[tuple[int, float]]:
    """Return the tests of the best set found within a budget, with the information each adds [bit]."""
    ways = [(False, seed), (True, seed)] if budget.limited else [(False, seed)]
    sets = [list(_greedy(of, given, budget, least_bits, how)) for how in ways]
    return max(sets, key=lambda chosen: sum(added for _, added in chosen))


def _greedy(
    of: _Crowd, given: _TestResults, budget: Budget, least_bits: float, how: tuple[bool, int]
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
    states, spent, left = of.weights[None, :], _Cost(), np.ones(len(short), bool)
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


@dataclass(frozen=True)
class Rule:
    """When to stop testing.

    Attributes
    ----------
    certainty : float
        Probability of the leading cause (or family) that is enough [0..1].
    least_bits : float
        Information below which a test is not worth doing [bit].
    by_family : bool
        Whether it is enough to know the family of the cause.
    """

    certainty: float = 0.9
    least_bits: float = 0.02
    by_family: bool = False

    def __post_init__(self) -> None:
        """Refuse a certainty outside 0 to 1 and information below zero (InputError)."""
        if not 0.0 < self.certainty <= 1.0:
            raise InputError("certainty", self.certainty, "is not a certainty", "give a share such as 0.9")
        if not self.least_bits >= 0.0:
            raise InputError(
                "least_bits", self.least_bits, "is not an amount of information", "give a number from 0 on"
            )


@dataclass(frozen=True)
class PlannedTest:
    """One open test: what it tells and what it costs.

    Attributes
    ----------
    label, kind : str
        The test in words, and its modality.
    bits : float
        Expected information about the cause, by itself [bit].
    added_bits : float
        The same on top of the tests before it in the set; equal to `bits` in the ranking [bit].
    minutes, insertions, discomfort : float
        Time [min], needle insertions [-], discomfort from 0 to 10 [-].
    bits_per_minute : float
        Information by itself for its time [bit/min].
    bits_per_discomfort : float or None
        Information by itself for its discomfort; None where it causes none [bit].
    says : str
        Which result points where.
    """

    label: str
    kind: str
    bits: float
    added_bits: float
    minutes: float
    insertions: float
    discomfort: float
    bits_per_minute: float
    bits_per_discomfort: float | None
    says: str


@dataclass(frozen=True)
class TestPlan:
    """What to test next.

    Attributes
    ----------
    ranking : tuple of PlannedTest
        The most telling open tests, one side of each, by information.
    chosen : tuple of PlannedTest
        The best set within the budget, in the order of choice; empty where testing should stop.
    unknown_bits, bits : float
        What is not known about the cause now, and the expected information of the whole set [bit].
    minutes, insertions, discomfort : float
        Cost of the set [min], [-], [-].
    stop : str
        Why to stop testing now; empty while the set is worth doing.
    end : str
        Why the set ends where it ends.
    """

    __test__ = False  # no test for pytest to collect

    ranking: tuple[PlannedTest, ...]
    chosen: tuple[PlannedTest, ...]
    unknown_bits: float
    bits: float
    minutes: float
    insertions: float
    discomfort: float
    stop: str
    end: str

    def next_tests(self, count: int = 5) -> tuple[NextTest, ...]:
        """Return the first tests of the ranking without their costs."""
        return tuple(NextTest(t.label, t.kind, t.bits, t.says) for t in self.ranking[:count])

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain values, ready for JSON."""
        return asdict(self)


def _plan(
    views: dict[int, _PredictiveSample],
    probability: Float64s,
    tested: Set[Address],
    body: tuple[float, float] = (60.0, REFERENCE_HEIGHT_CM),
    budget: Budget | None = None,
    rule: Rule | None = None,
    ranked: int = 10,
) -> TestPlan:
    """Return what to test next, alone and as a set, and whether to stop."""
    budget, rule = budget or Budget(), rule or Rule()
    of = _crowd(views, probability)
    given = _results_of_tests(open_tests(tested, *body), of.expected)
    bits = _worth(of, given)
    within = [budget.fits(test.cost) for test in given.tests]
    most = float(bits[within].max()) if any(within) else 0.0
    stop = _why_stop(probability, most, rule)
    chosen = [] if stop else _best_set(of, given, budget, rule.least_bits)
    costs = [given.tests[t].cost for t, _ in chosen]
    spent = _sum(costs)
    return TestPlan(
        _ranking(of, given, bits, ranked),
        tuple(_planned(of, given, t, float(bits[t]), added) for t, added in chosen),
        _entropy(of.probability),
        sum(added for _, added in chosen),
        *spent,
        stop=stop,
        end="" if stop else _end(len(chosen), budget, rule),
    )


def _sum(costs: Sequence[_Cost]) -> _Cost:
    whole = _Cost()
    for cost in costs:
        whole = whole.and_also(cost)
    return whole


def _end(done: int, budget: Budget, rule: Rule) -> str:
    if done >= budget.tests:
        return f"The set holds the {budget.tests} test{'s' * (budget.tests != 1)} asked for."
    more = " that the budget still allows" if budget.limited else ""
    return f"No further test{more} would add {rule.least_bits:g} bit."


def _why_stop(probability: Float64s, most_bits: float, rule: Rule, spent: bool = False) -> str:
    """Return why to stop testing, or nothing if testing should go on."""
    name, certain = _leader(probability, rule.by_family)
    if certain >= rule.certainty:
        return f"Stop: {name} has reached {100 * certain:.0f} %, of {100 * rule.certainty:.0f} % asked for."
    if spent:
        return f"Stop: the budget is spent; {name} stands at {100 * certain:.0f} %."
    if most_bits < rule.least_bits:
        words = f"Stop: no open test within the budget would tell {rule.least_bits:g} bit or more"
        return f"{words} (the best {most_bits:.3f}); {name} stands at {100 * certain:.0f} %."
    return ""


def _leader(probability: Float64s, by_family: bool = False) -> tuple[str, float]:
    """Return the leading cause, or family of causes, in words with its probability [0..1]."""
    if not by_family:
        first = int(np.argmax(probability))
        return DISEASES[first].title, float(probability[first])
    together: dict[str, float] = {}
    for cause, p in zip(DISEASES, probability, strict=True):
        together[cause.family] = together.get(cause.family, 0.0) + float(p)
    name = max(together, key=lambda family: together[family])
    return f"the family {name}", together[name]


def _ranking(of: _Crowd, given: _TestResults, bits: Float64s, count: int) -> tuple[PlannedTest, ...]:
    """Return the most telling tests, one side of each."""
    best = _one_side_each(given, bits)[:count]
    return tuple(_planned(of, given, t, float(bits[t]), float(bits[t])) for t in best)


def _planned(of: _Crowd, given: _TestResults, test: int, bits: float, added: float) -> PlannedTest:
    what = given.tests[test]
    cost = what.cost
    per_discomfort = bits / cost.discomfort if cost.discomfort > 0.0 else None
    per_minute = bits / max(cost.minutes, 1e-9)
    says = _sentence(of, given, test)
    return PlannedTest(what.label, what.kind, bits, added, *cost, per_minute, per_discomfort, says)
