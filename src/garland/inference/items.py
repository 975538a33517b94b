"""What could still be tested: items with their results, and tests that give several items at once.

A test is what is done in one go: one muscle under the needle gives recruitment, fibrillation, fasciculation
and the size of units; one conduction study gives amplitude, latency and velocity; one scan several findings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from garland.anatomy.tree import load
from garland.evidence import part
from garland.inference.costs import Cost, _cost_of
from garland.inference.observations import SIDES
from garland.model.electrodiagnosis.healthy import MOTOR, REFERENCE_AGE_YEARS, SENSORY
from garland.model.findings import Address, healthy_amplitude

_A = load()
_CENTILE = 1.88
"""Standard deviations to the 97th centile: a result beyond it is called abnormal [-]."""
_BLOCK_LN = math.log(0.5)
"""Fall of the amplitude along a nerve that is called a block [ln]."""
_YES = (0.0,)
REFERENCE_HEIGHT_CM = 170.0
"""Height taken where none is known [cm]."""


@dataclass(frozen=True)
class Item:
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
class OpenTest:
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
    items: tuple[Item, ...]
    hidden: int
    cost: Cost

    @property
    def place(self) -> str:
        """The test without its side: one muscle or one nerve counts once, whatever the side."""
        return re.sub(r"\b(left|right) ?", "", self.label).removesuffix(", ")


def open_tests(
    tested: Set[Address],
    age_years: float,
    height_cm: float = REFERENCE_HEIGHT_CM,
    muscles: tuple[str, ...] = _A.groups["screen"],
) -> tuple[OpenTest, ...]:
    """Return the tests that a laboratory or clinic could still do, in the order of a consultation."""
    every = (*_bedside(), *_conduction(age_years, height_cm), *_needle(muscles), *_once())
    return tuple(left for test in every if (left := _left_open(test, tested)) is not None)


def _open_items(tested: Set[Address], age_years: float) -> Iterator[Item]:
    """Yield the items of the open tests."""
    for test in open_tests(tested, age_years):
        yield from test.items


def _left_open(test: OpenTest, tested: Set[Address]) -> OpenTest | None:
    """Return the test with the items not yet known, None if it was done."""
    if any(item.where in tested and item.where not in _ANYWHERE for item in test.items):
        return None
    items = tuple(item for item in test.items if item.where not in tested)
    return OpenTest(test.label, test.kind, items, test.hidden, test.cost) if items else None


def _single(label: str, cost: Cost, where: Address, cuts: tuple[float, ...], results: str) -> OpenTest:
    """Return a test at the bedside that gives one item; `results` is parted by slashes."""
    kind = "examination"
    return OpenTest(label, kind, (Item(label, kind, where, cuts, tuple(results.split("/"))),), 0, cost)


def _bedside() -> Iterator[OpenTest]:
    for side, name in enumerate(SIDES):
        cost = _cost_of("strength")
        for movement in _A.movements[:12]:
            where = Address("movement_strength", side, movement)
            yield _single(f"strength, {name} {movement}", cost, where, (3.5, 4.67), "below 4-/4- to 4+/5")
        cost = _cost_of("reflex")
        for reflex in ("knee", "ankle", "adductor"):
            where = Address("reflex", side, reflex)
            words = "absent/reduced/normal/brisk"
            yield _single(f"reflex, {name} {reflex}", cost, where, (0.45, 1.5, 2.8), words)
        cost = _cost_of("sensation")
        for skin in ("l2", "l3", "l4", "l5", "s1", "s2"):
            where = Address("dermatome_feeling_small", side, skin)
            label = f"sensation, {name} {skin.upper()}"
            yield _single(label, cost, where, (0.6, 1.8), "normal/reduced/absent")
        where = Address("plantar", side, "extensor")
        yield _single(f"plantar response, {name}", _cost_of("plantar"), where, _YES, "flexor/extensor")
        for sign in ("straight-leg-raise", "femoral-stretch"):
            where = Address("stretch", side, sign)
            yield _single(f"{sign}, {name}", _cost_of("stretch"), where, _YES, "negative/positive")


def _needle(muscles: tuple[str, ...]) -> Iterator[OpenTest]:
    kind = "needle"
    looked_for = (
        ("recruitment", (-5.35, -3.0, -0.75), ("none", "single units", "reduced", "normal")),
        ("fibrillation", (0.5, 2.5), ("none", "1-2+", "3-4+")),
        ("fasciculation", _YES, ("none", "present")),
        ("muap_amplitude", (-0.38, 0.4), ("small units", "normal", "large units")),
    )
    for side, name in enumerate(SIDES):
        for muscle in muscles:
            label = f"needle, {name} {muscle}"
            items = tuple(
                Item(f"{label}: {_WORDS.get(field, field)}", kind, Address(field, side, muscle), cuts, words)
                for field, cuts, words in looked_for
            )
            yield OpenTest(label, kind, items, 1, _cost_of("needle", muscle))


_WORDS = {"muap_amplitude": "size of units"}
_KIND = "nerve conduction"


def _conduction(age_years: float, height_cm: float) -> Iterator[OpenTest]:
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
            yield OpenTest(label, _KIND, items, 1, _cost_of("sensory", study))
        for letter, ids in (("f", _A.f_ids), ("h", _A.h_ids)):
            for nerve in ids:
                yield _late(letter, nerve, side, name, limits)


def _motor(study: str, side: int, name: str, limits: _Limits) -> OpenTest:
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
        items.append(Item(f"{label}: amplitude{to}", _KIND, drop, (_BLOCK_LN,), words))
        items.append(_timed(label, "velocity" + to, segment, limits))
    return OpenTest(label, _KIND, tuple(items), len(items) - 1, _cost_of("motor", study))


def _late(letter: str, nerve: str, side: int, name: str, limits: _Limits) -> OpenTest:
    """Return F waves or an H reflex: whether there is a response, and its latency."""
    label = f"{'F waves' if letter == 'f' else 'H reflex'}, {name} {nerve}"
    where = Address(f"{letter}_response", side, nerve)
    items = (
        Item(f"{label}: response", _KIND, where, _YES, ("absent", "present")),
        _timed(label, "latency", Address(f"{letter}_latency", side, nerve), limits),
    )
    return OpenTest(label, _KIND, items, 1, _cost_of("f_waves" if letter == "f" else "h_reflexes", nerve))


@dataclass(frozen=True)
class _Limits:
    """Healthy limits of a person: age [a], height [cm]."""

    age_years: float
    height_cm: float

    def amplitude(self, where: Address) -> tuple[float, float, float]:
        """Return the mean, the smallest response and the lower limit of normal [ln(mV) or ln(uV)]."""
        mean, sd, smallest = healthy_amplitude(where.field, where.item, self.age_years)
        return mean, smallest, max(mean - _CENTILE * sd, smallest + 0.1)

    def time(self, where: Address) -> tuple[float, float]:
        """Return the logs of the mean and of the limit: a latency beyond it is long, a velocity slow."""
        taller, older = self.height_cm - REFERENCE_HEIGHT_CM, self.age_years - REFERENCE_AGE_YEARS
        study, velocity = where.item.split("@")[0], where.field.endswith("velocity")
        if where.field in ("f_latency", "h_latency"):
            own = part("recordings/reference_limits").group(f"{where.field[0]}-{study}")
            name = where.field + "_ms"
            mean = own.value(name) + own.value(f"{name}_per_cm") * taller
            mean += own.value(f"{name}_per_year") * older
            sd = own.spread(name)
        else:
            motor = where.field.startswith("motor")
            healthy = MOTOR if motor else SENSORY
            index = (_A.motor_study_ids if motor else _A.sensory_study_ids).index(study)
            if velocity:
                mean = healthy.velocity_m_s[index] + healthy.velocity_height_slope[index] * taller
                mean, sd = mean + healthy.velocity_age_slope[index] * older, healthy.velocity_sd[index]
            else:
                mean = healthy.latency_ms[index] + healthy.latency_height_slope[index] * taller
                sd = mean * healthy.latency_sd_ln[index]
        limit = mean - _CENTILE * sd if velocity else mean + _CENTILE * sd
        return math.log(mean), math.log(limit)


def _amplitude(label: str, where: Address, limits: _Limits) -> Item:
    study = where.item.split("@")[0]
    absent = part("recordings/reference_limits").group(study).value("absent_in_health")
    words = ("absent", "reduced", "normal")
    mean, *cuts = limits.amplitude(where)
    return Item(f"{label}: amplitude", _KIND, where, tuple(cuts), words, absent, mean)


def _timed(label: str, what: str, where: Address, limits: _Limits) -> Item:
    words = ("slow", "normal") if where.field.endswith("velocity") else ("normal", "prolonged")
    mean, limit = limits.time(where)
    return Item(f"{label}: {what}", _KIND, where, (limit,), words, healthy=mean)


_SCANS = {
    "MRI of the lumbar spine": ("root_compression", "root_enhancement"),
    "MRI of the plexus": ("plexus_enhancement", "mass", "haematoma"),
    "MRI of the thigh": ("muscle_oedema", "muscle_infarction"),
}
_ANYWHERE = frozenset(Address("imaging", None, name) for name in ("mass", "haematoma"))
"""Findings that a scan of any region reports: knowing them does not mean that this region was scanned."""
_ROOTS = ("l2", "l3", "l4", "l5", "s1")


def _once() -> Iterator[OpenTest]:
    kind, csf = "laboratory", "CSF"
    protein, cells, ck, esr = (
        Address("laboratory", None, name) for name in ("csf_protein", "csf_cells", "ck", "esr")
    )
    items = (
        Item(f"{csf}: protein", kind, protein, (4.1, 4.6), ("normal", "raised", "above 100 mg/dL")),
        Item(f"{csf}: cells", kind, cells, (math.log(5.0),), ("normal", "raised")),
    )
    yield OpenTest(csf, kind, items, 0, _cost_of("csf"))
    raised = ("normal", "raised", "above 1000 U/L")
    yield OpenTest("CK", kind, (Item("CK", kind, ck, (5.5, 6.9), raised),), 0, _cost_of("blood"))
    yield OpenTest("ESR", kind, (Item("ESR", kind, esr, (3.4,), ("normal", "raised")),), 0, _cost_of("blood"))
    for label, found in _SCANS.items():
        wheres = [Address("imaging", None, name) for name in found]
        if "root_compression" in found:
            wheres += [Address("compression", None, root) for root in _ROOTS]
        yield OpenTest(label, "imaging", tuple(_seen(label, w) for w in wheres), 0, _cost_of("mri"))


def _seen(label: str, where: Address) -> Item:
    words = where.item.replace("_", " ")
    if where.field == "compression":
        words = f"compressed {where.item.upper()}"
    return Item(f"{label}: {words}", "imaging", where, _YES, ("not seen", "seen"))
