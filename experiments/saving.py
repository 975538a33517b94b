"""How many tests the next best test saves against a protocol from a textbook.

A virtual patient comes with history and examination. One laboratory does, each time, the test that tells most
about the cause; another follows the protocol for the disease that leads after the examination, in its order.
Both stop when a cause reaches the certainty asked for, or after as many tests as the protocol holds. Both
choose among nerve conduction and needle alone, see the same results and draw the same conclusions from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from experiments.belief import Belief, first_belief, learned
from experiments.examiner import Chart
from experiments.virtual_patients import case_at, draw
from garland.edx_study.laboratory import _ordered
from garland.edx_study.protocol import load_protocol, protocol_names
from garland.inference.candidate_tests import _CandidateTest, _Cost, _Item, open_tests
from garland.inference.consult import remember_compiled_programs
from garland.inference.encode_case import _encode_case
from garland.inference.observations import INF, _Observation
from garland.model.diseases import DISEASES
from garland.model.diseases.prior import prior
from garland.model.findings import Address
from garland.reference_values import REFERENCE_HEIGHT_CM

CERTAINTY = 0.9
"""Probability of a cause that ends the testing [-]."""
SETTING = "emg-laboratory"
_START = "examination"
ARMS = ("adaptive", "protocol")
"""``adaptive`` goes by information, ``adaptive-by-minute`` by that per minute, ``protocol`` by the list."""
_BY_FAMILY = {
    "radiculopathy": "lumbosacral-radiculopathy",
    "radiculoplexus": "lumbosacral-plexus",
    "plexopathy": "lumbosacral-plexus",
    "polyneuropathy": "polyneuropathy",
    "motor neuron": "motor-neuron-disease",
    "muscle": "myopathy",
}
_BY_CAUSE = {"femoral": "femoral", "sciatic": "sciatic", "tibial": "sciatic", "fibular": "fibular-neuropathy"}
_OTHERWISE = "lumbosacral-plexus"
_RANGE = {"cmap": (1e-3, 60.0), "snap": (1e-3, 300.0), "latency": (0.3, 200.0), "velocity": (1.0, 100.0)}
"""Smallest and largest number that a record takes: mV, uV, ms, m/s."""
_FIRST_ITEM: dict[str, Callable[[str, int], Address]] = {
    "motor": lambda name, side: Address("cmap", side, f"{name}@0"),
    "sensory": lambda name, side: Address("snap", side, name),
    "f": lambda name, side: Address("f_response", side, name),
    "h": lambda name, side: Address("h_response", side, name),
    "needle": lambda name, side: Address("recruitment", side, name),
}


@dataclass(frozen=True)
class Trail:
    """One laboratory's way through one patient.

    Attributes
    ----------
    tests : int
        Tests done until it stopped [-].
    minutes, insertions, discomfort : float
        What they cost [min], [-], [-].
    reached : bool
        Whether a cause reached the certainty asked for.
    leader : str
        Name of the leading cause at the end.
    right : bool
        Whether it is the true one.
    certainty : float
        Its probability [-].
    truth : float
        Probability of the true cause at the end [-].
    redrawn : int
        How often virtual patients had to be drawn anew [-].
    path : tuple of float
        Probability of the leading cause before the first test and after each [-].
    """

    tests: int
    minutes: float
    insertions: float
    discomfort: float
    reached: bool
    leader: str
    right: bool
    certainty: float
    truth: float
    redrawn: int
    path: tuple[float, ...]


def job(seed: int, arms: Sequence[str] = ARMS) -> dict[str, Any]:
    """Return how each laboratory fared with one virtual patient, as plain values."""
    remember_compiled_programs()
    patient = draw([seed], SETTING)[0]
    reading = _encode_case(case_at(patient, _START))
    age, height = float(reading.person.age_years), float(reading.person.height_cm)
    tests = laboratory_tests(age, REFERENCE_HEIGHT_CM if math.isnan(height) else height)
    start = first_belief(reading, prior(reading.person, SETTING), seed, tests)
    plan = protocol_for(start)
    listed = in_order(plan, start.worse_side, tests)
    row: dict[str, Any] = {
        "seed": seed,
        "cause": DISEASES[patient.cause].name,
        "list": plan,
        "listed": len(listed),
        "start": float(start.probability.max()),
    }
    chart = Chart(patient.expected, seed)
    for arm in arms:
        way = iter(listed) if arm == "protocol" else None
        chosen = _chooser(arm, way)
        row[arm] = asdict(follow(start, chosen, chart, len(listed), patient.cause))
    return row


def laboratory_tests(age_years: float, height_cm: float) -> tuple[_CandidateTest, ...]:
    """Return every test that an EMG laboratory does: conduction, and the muscles of all protocols."""
    plans = [load_protocol(name) for name in protocol_names() if name != "full"]
    muscles = tuple(dict.fromkeys(item.name for plan in plans for item in plan.needle))
    every = open_tests(set(), age_years, height_cm, muscles)
    return tuple(test for test in every if test.kind in ("nerve conduction", "needle"))


def protocol_for(belief: Belief) -> str:
    """Return the name of the protocol for the disease that leads; health calls for none."""
    diseases = belief.probability * [cause.name != "none" for cause in DISEASES]
    cause = DISEASES[int(np.argmax(diseases))]
    return _BY_CAUSE.get(cause.name) or _BY_FAMILY.get(cause.family, _OTHERWISE)


def in_order(plan: str, worse_side: int, tests: Sequence[_CandidateTest]) -> list[int]:
    """Return the tests of a protocol in its order, as indices."""
    at = {test.items[0].where: index for index, test in enumerate(tests)}
    steps = _ordered(load_protocol(plan), worse_side)
    return [at[_FIRST_ITEM[kind](name, side)] for kind, name, side in steps]


Chooser = Callable[[Belief, set[int]], int]


def _chooser(arm: str, way: Iterator[int] | None) -> Chooser:
    """Return what an arm does next, given what is believed and which tests are done."""

    def choose(belief: Belief, done: set[int]) -> int:
        if way is not None:
            return next(way)
        bits = belief.bits()
        if arm == "adaptive-by-minute":
            bits = bits / np.array([test.cost.minutes for test in belief.tests])
        bits[list(done)] = -1.0
        return int(np.argmax(bits))

    return choose


def follow(belief: Belief, choose: Chooser, chart: Chart, most: int, truth: int) -> Trail:
    """Return how one laboratory comes to its end."""
    done: set[int] = set()
    cost, path = _Cost(), [float(belief.probability.max())]
    while path[-1] < CERTAINTY and len(done) < most:
        test = choose(belief, done)
        done.add(test)
        cost = cost.and_also(belief.tests[test].cost)
        belief = learned(belief, reveal(belief.tests[test], chart), 1000 * len(done) + test)
        path.append(float(belief.probability.max()))
    p = belief.probability
    leader = int(np.argmax(p))
    return Trail(
        len(done),
        *cost,
        reached=path[-1] >= CERTAINTY,
        leader=DISEASES[leader].name,
        right=leader == truth,
        certainty=path[-1],
        truth=float(p[truth]),
        redrawn=belief.redrawn,
        path=tuple(round(x, 3) for x in path),
    )


def reveal(test: _CandidateTest, chart: Chart) -> tuple[_Observation, ...]:
    """Return what a test shows in a patient: numbers where a laboratory gives them, else grades and words."""
    found: list[_Observation] = []
    for number, item in enumerate(test.items):
        if number >= len(test.items) - test.hidden and found[0].text == test.items[0].results[0]:
            break
        found.append(_observed(item, chart))
    return tuple(found)


def _observed(item: _Item, chart: Chart) -> _Observation:
    where, absent = item.where, item.absent_in_health
    if item.healthy is None:
        edges = (-INF, *item.cuts, INF)
        words = tuple(zip(item.results, edges[1:], strict=True))
        word = str(chart.word(words, *where))
        at = item.results.index(word)
        return _Observation(item.label, item.kind, word, (where,), edges[at], edges[at + 1])
    amplitude = where.field in ("cmap", "snap")
    most = _RANGE[where.field if amplitude else where.field.rpartition("_")[2]]
    least = item.cuts[0] if amplitude else -INF
    value = chart.number(where, item.healthy, most, least, absent)
    if value is None:
        word = item.results[0]
        return _Observation(item.label, item.kind, word, (where,), -INF, least, absent_in_health=absent)
    log = math.log(value)
    return _Observation(item.label, item.kind, f"{value:g}", (where,), log, log)
