"""A plan of tests: each open test by what it tells and costs, the best set within a budget, when to stop."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from garland.errors import InputError
from garland.inference.costs import Budget, Cost
from garland.inference.items import REFERENCE_HEIGHT_CM, open_tests
from garland.inference.next_test import _one_side_each, _sentence, _worth
from garland.inference.outcomes import Floats, TestResults, _Crowd, _crowd, _entropy, outcomes
from garland.inference.result import NextTest
from garland.inference.review import _View
from garland.inference.sets_of_tests import _best_set
from garland.model.diseases import DISEASES
from garland.model.findings import Address


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
            raise InputError("certainty", self.certainty, "is no certainty", "give a share such as 0.9")
        if not self.least_bits >= 0.0:
            raise InputError("least_bits", self.least_bits, "is no information", "give a number from 0 on")


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
    views: dict[int, _View],
    probability: Floats,
    tested: Set[Address],
    body: tuple[float, float] = (60.0, REFERENCE_HEIGHT_CM),
    budget: Budget | None = None,
    rule: Rule | None = None,
    ranked: int = 10,
) -> TestPlan:
    """Return what to test next, alone and as a set, and whether to stop."""
    budget, rule = budget or Budget(), rule or Rule()
    of = _crowd(views, probability)
    given = outcomes(open_tests(tested, *body), of.expected)
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


def _sum(costs: Sequence[Cost]) -> Cost:
    whole = Cost()
    for cost in costs:
        whole = whole.and_also(cost)
    return whole


def _end(done: int, budget: Budget, rule: Rule) -> str:
    if done >= budget.tests:
        return f"The set holds the {budget.tests} test{'s' * (budget.tests != 1)} asked for."
    more = " that the budget still allows" if budget.limited else ""
    return f"No further test{more} would add {rule.least_bits:g} bit."


def _why_stop(probability: Floats, most_bits: float, rule: Rule, spent: bool = False) -> str:
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


def _leader(probability: Floats, by_family: bool = False) -> tuple[str, float]:
    """Return the leading cause, or family of causes, in words with its probability [0..1]."""
    if not by_family:
        first = int(np.argmax(probability))
        return DISEASES[first].title, float(probability[first])
    together: dict[str, float] = {}
    for cause, p in zip(DISEASES, probability, strict=True):
        together[cause.family] = together.get(cause.family, 0.0) + float(p)
    name = max(together, key=lambda family: together[family])
    return f"the family {name}", together[name]


def _ranking(of: _Crowd, given: TestResults, bits: Floats, count: int) -> tuple[PlannedTest, ...]:
    """Return the most telling tests, one side of each."""
    best = _one_side_each(given, bits)[:count]
    return tuple(_planned(of, given, t, float(bits[t]), float(bits[t])) for t in best)


def _planned(of: _Crowd, given: TestResults, test: int, bits: float, added: float) -> PlannedTest:
    what = given.tests[test]
    cost = what.cost
    per_discomfort = bits / cost.discomfort if cost.discomfort > 0.0 else None
    per_minute = bits / max(cost.minutes, 1e-9)
    says = _sentence(of, given, test)
    return PlannedTest(what.label, what.kind, bits, added, *cost, per_minute, per_discomfort, says)
