"""What could still be tested: tests with their items, the results of each, and what each test costs.

A test is what is done in one go: one muscle under the needle gives recruitment, fibrillation, fasciculation
and the size of units; one conduction study gives amplitude, latency and velocity; one scan several findings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from garland.anatomy.tree import load
from garland.errors import EvidenceError, InputError
from garland.evidence import part
from garland.evidence.findings import FindingKind
from garland.evidence.provenance import remembered
from garland.inference.observations import SIDES
from garland.model.findings import FINDINGS, SIDED, Address, study_measure
from garland.reference_values import (
    REFERENCE_HEIGHT_CM,
    absent_in_health,
    limit_ln,
    mean_and_spread,
    smallest_response_ln,
)

_UNLIMITED = float("inf")


class _Cost(NamedTuple):
    """What one test costs, or several together.

    Attributes
    ----------
    minutes : float
        Time [min].
    insertions : float
        Insertions of the EMG needle [-].
    discomfort : float
        Discomfort, 0 to 10 for one test; added up over tests [-].
    """

    minutes: float = 0.0
    insertions: float = 0.0
    discomfort: float = 0.0

    def and_also(self, other: _Cost) -> _Cost:
        """Return the cost of both."""
        return _Cost(*(mine + its for mine, its in zip(self, other, strict=True)))


@remembered
def _cost_of(kind: str, name: str = "") -> _Cost:
    """Return what one test on one side costs."""
    own, shared = part("inference/costs"), part("study/cost")
    discomfort = own.table("discomfort")
    if kind not in discomfort:
        raise EvidenceError(f"inference/costs: no cost of {kind!r}; use one of {', '.join(discomfort)}")
    minutes = {**own.table("minutes"), **shared.table("minutes")}
    single = own.table("discomfort_of_single_tests")
    insertions = shared.value("insertions") if kind == "needle" else 0.0
    return _Cost(minutes[kind], insertions, single.get(name, discomfort[kind]))


@dataclass(frozen=True)
class Budget:
    """What tests may cost in all.

    Attributes
    ----------
    minutes, insertions, discomfort : float
        Time [min], insertions of the needle [-], and discomfort added up over tests [-].
    tests : int
        Number of tests [-].
    """

    minutes: float = _UNLIMITED
    insertions: float = _UNLIMITED
    discomfort: float = _UNLIMITED
    tests: int = 6

    def __post_init__(self) -> None:
        """Refuse a budget that is no number or below zero (InputError)."""
        for name, value in asdict(self).items():
            if not value >= 0.0:
                raise InputError(name, value, "is not a budget", "give a number from 0 on")

    def fits(self, cost: _Cost) -> bool:
        """Tell whether a cost stays within the budget; the number of tests apart."""
        return all(spent <= most + 1e-9 for spent, most in zip(cost, self._limits, strict=True))

    def share(self, cost: _Cost) -> float:
        """Return a cost as a share of what is limited, added up over the limits [-]."""
        limited = [(c, m) for c, m in zip(cost, self._limits, strict=True) if 0.0 < m < _UNLIMITED]
        return sum(c / m for c, m in limited)

    @property
    def limited(self) -> bool:
        """Whether anything but the number of tests is limited."""
        return min(self._limits) < _UNLIMITED

    @property
    def _limits(self) -> _Cost:
        return _Cost(self.minutes, self.insertions, self.discomfort)


_A = load()
_BLOCK_LN = FINDINGS["cmap_drop"].words["present"][1]
"""Fall of the amplitude along a nerve that is called a block [ln]."""
_YES = (0.0,)


@dataclass(frozen=True)
class _Item:
    """One finding that could be had: where it stands, the cuts between its results, and their words.

    Attributes
    ----------
    label, kind : str
        What is looked at, in words, and the modality.
    where : Address
        The finding of the model.
    cuts : tuple of float
        Limits between results on the scale of the finding, rising.
    results : tuple of str
        Words of the results, one more than cuts, from low to high.
    absent_in_health : float
        Probability that a healthy nerve gives the first result, no response [0..1].
    healthy : float or None
        Typical value in health where a number is recorded; None where a word is.
    """

    label: str
    kind: str
    where: Address
    cuts: tuple[float, ...]
    results: tuple[str, ...]
    absent_in_health: float = 0.0
    healthy: float | None = None

    @property
    def what(self) -> str:
        """The part of the label that tells this item from others of its test; empty if it is the only one."""
        return self.label.rpartition(": ")[2] if ": " in self.label else ""


@dataclass(frozen=True)
class _CandidateTest:
    """What is done in one go, and the items it gives.

    Attributes
    ----------
    label, kind : str
        The test in words, and its modality.
    items : tuple of Item
        What it gives.
    hidden : int
        How many of the last items cannot be seen where the first item has its first result (no response, no
        unit) [-].
    cost : Cost
        What it costs.
    """

    label: str
    kind: str
    items: tuple[_Item, ...]
    hidden: int
    cost: _Cost

    @property
    def place(self) -> str:
        """The test without its side: one muscle or one nerve counts once, whatever the side."""
        return re.sub(r"\b(left|right) ?", "", self.label).removesuffix(", ")


def open_tests(
    tested: Set[Address],
    age_years: float,
    height_cm: float = REFERENCE_HEIGHT_CM,
    muscles: tuple[str, ...] = _A.groups["screen"],
) -> tuple[_CandidateTest, ...]:
    """Return the tests that a laboratory or clinic could still do, in the order of a consultation."""
    every = (*_bedside(), *_conduction(age_years, height_cm), *_needle(muscles), *_once())
    return tuple(left for test in every if (left := _still_open(test, tested)) is not None)


def _open_items(tested: Set[Address], age_years: float) -> Iterator[_Item]:
    """Yield the items of the open tests."""
    for test in open_tests(tested, age_years):
        yield from test.items


def _still_open(test: _CandidateTest, tested: Set[Address]) -> _CandidateTest | None:
    """Return the test with the items not yet known, None if it was done."""
    if any(item.where in tested and item.where not in _ANYWHERE for item in test.items):
        return None
    items = tuple(item for item in test.items if item.where not in tested)
    return _CandidateTest(test.label, test.kind, items, test.hidden, test.cost) if items else None


def _tested(group: str | None = None) -> list[FindingKind]:
    """Return the fields that tests of a group give; without a group those of the bedside, one to a test."""
    kinds = [
        f for f in FINDINGS.values() if f.test and ("label" in f.test if group is None else f.group == group)
    ]
    return sorted(kinds, key=lambda f: f.test.get("order", math.inf))


def _bedside() -> Iterator[_CandidateTest]:
    for side, name in enumerate(SIDES):
        for kind in _tested():
            test = kind.test
            for item in test.get("items") or SIDED[kind.name][: test.get("first_items")]:
                label = test["label"].format(side=name, item=item, ITEM=item.upper())
                one = _declared_item(label, "examination", Address(kind.name, side, item), test)
                yield _CandidateTest(label, "examination", (one,), 0, _cost_of(test["cost"]))


def _declared_item(label: str, kind: str, where: Address, test: Mapping[str, Any]) -> _Item:
    return _Item(label, kind, where, tuple(test["cuts"]), tuple(test["results"]))


def _needle(muscles: tuple[str, ...]) -> Iterator[_CandidateTest]:
    for side, name in enumerate(SIDES):
        for muscle in muscles:
            label = f"needle, {name} {muscle}"
            items = []
            for kind in _tested("needle"):
                what = kind.test.get("what", kind.name.replace("_", " "))
                where = Address(kind.name, side, muscle)
                items.append(_declared_item(f"{label}: {what}", "needle", where, kind.test))
            yield _CandidateTest(label, "needle", tuple(items), 1, _cost_of("needle", muscle))


_KIND = "nerve conduction"


def _conduction(age_years: float, height_cm: float) -> Iterator[_CandidateTest]:
    limits = _Limits(age_years, height_cm)
    for side, name in enumerate(SIDES):
        for study in _A.motor_study_ids:
            yield _motor(study, side, name, limits)
        for study in _A.sensory_study_ids:
            label = f"sensory conduction, {name} {study}"
            items = (
                _amplitude(label, Address("snap", side, study), limits),
                _timed(label, "velocity", Address("sensory_velocity", side, study), limits),
            )
            yield _CandidateTest(label, _KIND, items, 1, _cost_of("sensory", study))
        for letter, ids in (("f", _A.f_ids), ("h", _A.h_ids)):
            for nerve in ids:
                yield _late(letter, nerve, side, name, limits)


def _motor(study: str, side: int, name: str, limits: _Limits) -> _CandidateTest:
    """Return a motor study: distal amplitude and latency, and fall and velocity of each stretch."""
    label = f"motor conduction, {name} {study}"
    names = _A.point_names[_A.motor_study_ids.index(study)]
    items = [
        _amplitude(label, Address("cmap", side, f"{study}@0"), limits),
        _timed(label, "latency", Address("motor_latency", side, study), limits),
    ]
    for point, at in enumerate(names[1:], start=1):
        to = f" to {at.replace('-', ' ')}"
        drop = Address("cmap_drop", side, f"{study}@{point}")
        segment = Address("motor_velocity", side, f"{study}@{point}")
        words = ("block", "no block")
        items.append(_Item(f"{label}: amplitude{to}", _KIND, drop, (_BLOCK_LN,), words))
        items.append(_timed(label, "velocity" + to, segment, limits))
    return _CandidateTest(label, _KIND, tuple(items), len(items) - 1, _cost_of("motor", study))


def _late(letter: str, nerve: str, side: int, name: str, limits: _Limits) -> _CandidateTest:
    """Return F waves or an H reflex: whether there is a response, and its latency."""
    label = f"{'F waves' if letter == 'f' else 'H reflex'}, {name} {nerve}"
    where = Address(f"{letter}_response", side, nerve)
    items = (
        _Item(f"{label}: response", _KIND, where, _YES, ("absent", "present")),
        _timed(label, "latency", Address(f"{letter}_latency", side, nerve), limits),
    )
    return _CandidateTest(
        label, _KIND, items, 1, _cost_of("f_waves" if letter == "f" else "h_reflexes", nerve)
    )


class _Limits(NamedTuple):
    """Limits of normal of a person: age [a], height [cm]."""

    age_years: float
    height_cm: float

    def amplitude(self, where: Address) -> tuple[float, float, float]:
        """Return the mean, the smallest response and the lower limit of normal [ln(mV) or ln(uV)]."""
        study = where.item.split("@")[0]
        mean, _ = mean_and_spread(study, "amplitude", *self)
        smallest = smallest_response_ln(study)
        return mean, smallest, max(limit_ln(study, "amplitude", *self), smallest + 0.1)

    def time(self, where: Address) -> tuple[float, float]:
        """Return the logs of the mean and of the limit: a latency beyond it is long, a velocity slow."""
        study, measure, point = study_measure(where)
        mean, _ = mean_and_spread(study, measure, *self)
        return math.log(mean), limit_ln(study, measure, *self, point)


def _amplitude(label: str, where: Address, limits: _Limits) -> _Item:
    study = where.item.split("@")[0]
    absent = absent_in_health(study)
    words = ("absent", "reduced", "normal")
    mean, *cuts = limits.amplitude(where)
    return _Item(f"{label}: amplitude", _KIND, where, tuple(cuts), words, absent, mean)


def _timed(label: str, what: str, where: Address, limits: _Limits) -> _Item:
    words = ("slow", "normal") if where.field.endswith("velocity") else ("normal", "prolonged")
    mean, limit = limits.time(where)
    return _Item(f"{label}: {what}", _KIND, where, (limit,), words, healthy=mean)


_ANYWHERE = frozenset(
    Address(kind.name, None, name)
    for kind in FINDINGS.values()
    for name, one in kind.item.items()
    if one.get("anywhere")
)
"""Findings that a scan of any region reports: knowing them does not mean that this region was scanned."""


def _once() -> Iterator[_CandidateTest]:
    """Yield the tests that have no side: blood, spinal fluid and scans."""
    single = [(k, name, one) for k in FINDINGS.values() for name, one in k.item.items()]
    tests: dict[str, list[_Item]] = {}
    costs: dict[str, str] = {}
    for kind, name, one in sorted(single, key=lambda entry: entry[2].get("test", {}).get("order", 0)):
        if test := one.get("test"):
            item = _declared_item(test["label"], "laboratory", Address(kind.name, None, name), test)
            tests.setdefault(test["of"], []).append(item)
            costs[test["of"]] = test["cost"]
    for label, items in tests.items():
        yield _CandidateTest(label, "laboratory", tuple(items), 0, _cost_of(costs[label]))
    scans: dict[str, list[Address]] = {}
    for kind, name, one in single:
        if "scan" in one:
            scans.setdefault(one["scan"], []).append(Address(kind.name, None, name))
    for label, wheres in scans.items():
        yield _CandidateTest(label, "imaging", tuple(_seen(label, w) for w in wheres), 0, _cost_of("mri"))


def _seen(label: str, where: Address) -> _Item:
    declared = FINDINGS[where.field].item.get(where.item, {})
    words = declared.get("of", where.item).replace("_", " ")
    if where.field == "compression":
        words = f"compressed {where.item.upper()}"
    return _Item(f"{label}: {words}", "imaging", where, _YES, ("not seen", "seen"))
