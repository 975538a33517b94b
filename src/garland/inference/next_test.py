"""The next best test: what each item not yet tested would tell about the cause.

Reads    review (patients of each cause in full), findings.   Feeds  inference.consult.

For every open item the patients of all causes say how often each result would come. The expected
information is the mutual information between cause and result, in bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from garland.anatomy.tree import load
from garland.causes import CAUSES
from garland.findings import Address, column, healthy_amplitude, noise_sd
from garland.inference.observations import SIDES
from garland.inference.result import NextTest
from garland.inference.review import View

_A = load()
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Item:
    """One thing that could be tested: where it stands, the cuts between its results, and their words."""

    label: str
    kind: str
    where: Address
    cuts: tuple[float, ...]
    results: tuple[str, ...]


def open_items(tested: set[Address], age_years: float) -> Iterator[Item]:
    """Yield the items that a laboratory or clinic could still test.

    Parameters
    ----------
    tested : set of Address
        Findings already recorded; an item counts as tested if any result of it is known.
    age_years : float
        Age, for healthy limits [a].
    """
    for item in (*_bedside(), *_needle(), *_conduction(age_years), *_once()):
        if item.where not in tested:
            yield item


def _bedside() -> Iterator[Item]:
    for side, name in enumerate(SIDES):
        for movement in _A.movements[:12]:
            where = Address("movement_strength", side, movement)
            yield Item(
                f"strength, {name} {movement}",
                "examination",
                where,
                (3.5, 4.67),
                ("below 4-", "4- to 4+", "5"),
            )
        for reflex in ("knee", "ankle", "adductor"):
            where = Address("reflex", side, reflex)
            yield Item(
                f"reflex, {name} {reflex}",
                "examination",
                where,
                (0.45, 1.5, 2.8),
                ("absent", "reduced", "normal", "brisk"),
            )
        for dermatome in ("l2", "l3", "l4", "l5", "s1", "s2"):
            where = Address("dermatome_feeling_small", side, dermatome)
            label = f"sensation, {name} {dermatome.upper()}"
            yield Item(label, "examination", where, (0.6, 1.8), ("normal", "reduced", "absent"))
        yield Item(
            f"plantar response, {name}",
            "examination",
            Address("plantar", side, "extensor"),
            (0.0,),
            ("flexor", "extensor"),
        )
        for sign in ("straight-leg-raise", "femoral-stretch"):
            yield Item(
                f"{sign}, {name}",
                "examination",
                Address("stretch", side, sign),
                (0.0,),
                ("negative", "positive"),
            )


def _needle() -> Iterator[Item]:
    for side, name in enumerate(SIDES):
        for muscle in _A.groups["screen"]:
            where = Address("fibrillation", side, muscle)
            label = f"needle, {name} {muscle}: fibrillation"
            yield Item(label, "needle", where, (0.5, 2.5), ("none", "1-2+", "3-4+"))
            where = Address("recruitment", side, muscle)
            label = f"needle, {name} {muscle}: recruitment"
            yield Item(label, "needle", where, (-2.5, -0.8), ("single units", "reduced", "normal"))


def _conduction(age_years: float) -> Iterator[Item]:
    for side, name in enumerate(SIDES):
        for study in (*_A.motor_study_ids, *_A.sensory_study_ids):
            motor = study in _A.motor_study_ids
            field, item = ("cmap", f"{study}@0") if motor else ("snap", study)
            mean, sd, smallest = healthy_amplitude(field, item, age_years)
            lower = max(mean - 1.88 * sd, smallest + 0.1)
            label = f"{'CMAP' if motor else 'SNAP'}, {name} {study}"
            where = Address(field, side, item)
            yield Item(label, "nerve conduction", where, (smallest, lower), ("absent", "reduced", "normal"))
        for h in _A.h_ids:
            where = Address("h_response", side, h)
            yield Item(f"H reflex, {name} {h}", "nerve conduction", where, (0.0,), ("absent", "present"))


def _once() -> Iterator[Item]:
    yield Item(
        "CSF protein",
        "laboratory",
        Address("laboratory", None, "csf_protein"),
        (4.1, 4.6),
        ("normal", "raised", "above 100 mg/dL"),
    )
    yield Item(
        "CK",
        "laboratory",
        Address("laboratory", None, "ck"),
        (5.5, 6.9),
        ("normal", "raised", "above 1000 U/L"),
    )
    yield Item("ESR", "laboratory", Address("laboratory", None, "esr"), (3.4,), ("normal", "raised"))
    for finding in ("root_compression", "plexus_enhancement", "mass", "haematoma", "muscle_oedema"):
        words = finding.replace("_", " ")
        yield Item(
            f"MRI: {words}", "imaging", Address("imaging", None, finding), (0.0,), ("not seen", "seen")
        )


def results_of(seen: View, item: Item, noise: NDArray[np.float32]) -> Floats:
    """Return how probable each result of an item is under one cause, shape (results,), summing to one.

    Parameters
    ----------
    seen : View
        Patients of the cause given the findings.
    item : Item
        What would be tested.
    noise : ndarray
        Noise of every finding, as `findings.noise_sd` gives it.
    """
    index = column(item.where)
    below = ndtr((np.asarray(item.cuts)[None, :] - seen.expected[-1][:, index : index + 1]) / noise[index])
    steps = np.diff(
        np.concatenate([np.zeros((len(below), 1)), below, np.ones((len(below), 1))], axis=1), axis=1
    )
    return np.asarray(seen.weights @ steps)


def best_tests(
    views: dict[int, View], probability: Floats, tested: set[Address], age_years: float, count: int = 5
) -> tuple[NextTest, ...]:
    """Return the open items of most expected information.

    Parameters
    ----------
    views : dict
        Patients of the causes that matter, by index of cause.
    probability : (C,)
        Probability of every cause [-].
    tested : set of Address
        Findings already recorded.
    age_years : float
        Age, for healthy limits [a].
    count : int
        How many to return [-].
    """
    noise = noise_sd()
    causes = list(views)
    weight = probability[causes] / probability[causes].sum()
    rows = []
    for item in open_items(tested, age_years):
        table = np.array([results_of(views[c], item, noise) for c in causes])
        rows.append((_information(table, weight), item, table))
    rows.sort(key=lambda row: -row[0])
    chosen: dict[str, tuple[float, Item, Floats]] = {}
    for row in rows:
        chosen.setdefault(_test_of(row[1]), row)
    return tuple(
        NextTest(item.label, item.kind, float(bits), _sentence(item, table, weight, causes))
        for bits, item, table in list(chosen.values())[:count]
    )


def _test_of(item: Item) -> str:
    """Return the test an item belongs to: one muscle or one nerve counts once, whatever the side."""
    plain = item.label.split(":")[0] if item.kind == "needle" else item.label
    return plain.replace("left ", "").replace("right ", "").replace(", left", "").replace(", right", "")


def _information(table: Floats, weight: Floats) -> float:
    """Return the mutual information between cause and result [bit]."""
    mean = weight @ table
    ratio = np.log2(np.maximum(table, 1e-12) / np.maximum(mean, 1e-12)[None, :])
    return float(weight @ (table * ratio).sum(axis=1))


def _sentence(item: Item, table: Floats, weight: Floats, causes: list[int]) -> str:
    """Return which result points where: the two results that move a cause most."""
    after = table * weight[:, None] / np.maximum(weight @ table, 1e-12)[None, :]
    parts = []
    for result in range(len(item.results)):
        if (weight @ table)[result] < 0.02:
            continue
        gain = after[:, result] - weight
        best = int(np.argmax(gain))
        title = CAUSES[causes[best]].title
        parts.append(
            (
                float(gain[best]),
                f"{item.results[result]}: {title} {weight[best]:.2f} → {after[best, result]:.2f}",
            )
        )
    parts.sort(key=lambda part: -part[0])
    return "; ".join(text for _, text in parts[:2])
