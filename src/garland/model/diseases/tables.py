"""What each cause does to history, findings elsewhere, laboratory and imaging, as tables over causes.

A cause lists only what differs from a person without any of the diseases (``baseline``). Numbers measured in
patients carry their own source (``history_pain`` ...) and go before the table of assumptions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtri

from garland.errors import EvidenceError
from garland.evidence import Number, part
from garland.evidence.findings import declared_findings
from garland.evidence.provenance import remembered
from garland.model.diseases import DISEASES, Disease

HISTORY: tuple[str, ...] = tuple(part("causes/baseline").history)
LABORATORY: tuple[str, ...] = tuple(part("causes/baseline").laboratory_healthy)
IMAGING: tuple[str, ...] = tuple(part("causes/baseline").imaging)
COMPRESSED_ROOTS: tuple[str, ...] = tuple(part("causes/baseline").compression)
CONCLUSIONS: tuple[str, ...] = tuple(declared_findings()["conclusion"].item)
ELSEWHERE: tuple[str, ...] = tuple(declared_findings()["elsewhere"].item)


class _CauseTables(NamedTuple):
    """Expected items that depend on the cause alone; the first axis is the cause.

    Attributes
    ----------
    history, elsewhere, imaging, compression, pes_cavus, conclusion : ndarray
        Normal scores of the probability of each item, shape (C, items) [-].
    conclusion_diabetes : ndarray
        The least normal score of each conclusion in diabetes, shape (items,) [-].
    laboratory : ndarray
        Expected natural logarithm of each value in its unit, shape (C, items).
    laboratory_spread : ndarray
        Spread of that expectation between patients of a cause, beside the spread of health, (C, items) [ln].
    """

    history: np.ndarray
    elsewhere: np.ndarray
    imaging: np.ndarray
    compression: np.ndarray
    pes_cavus: np.ndarray
    conclusion: np.ndarray
    conclusion_diabetes: np.ndarray
    laboratory: np.ndarray
    laboratory_spread: np.ndarray


def _entries(cause: Disease, table: str) -> dict[str, tuple[str, Number, float]]:
    """Return by item where its probability stands, the number and the value: measured, else assumed for the
    cause, else the baseline.
    """
    own, base = part(f"causes/{cause.evidence}"), part("causes/baseline")
    found = {name: (f"{base.path}.{table}.{name}", base.number(table), p) for name, p in base[table].items()}
    listed = own.table(table) if table in own else {}
    found |= {name: (f"{own.path}.{table}.{name}", own.number(table), p) for name, p in listed.items()}
    measured = {name: f"{table}_{name}" for name in found if f"{table}_{name}" in own}
    return found | {
        name: (f"{own.path}.{key}", own.number(key), own.value(key)) for name, key in measured.items()
    }


def _probability(cause: Disease, table: str, names: tuple[str, ...]) -> list[float]:
    """Return the probability of each item of a table under a cause."""
    own, entries = part(f"causes/{cause.evidence}"), _entries(cause, table)
    unknown = set(own.table(table) if table in own else {}) - set(names)
    if unknown:
        raise EvidenceError(f"causes/{cause.evidence}.{table}: {sorted(unknown)} not in the baseline")
    return [entries[name][2] for name in names]


_OF_ITS_OWN = ("history", "elsewhere", "imaging")
"""Fields of findings whose probability is one entry of the table of that name."""


def entry_of(cause: Disease, field: str, item: str) -> tuple[str, Number, float] | None:
    """Return where the probability of an item under a cause stands, its number and value; None if nowhere."""
    return _entries(cause, field)[item] if field in _OF_ITS_OWN else None


def _pes_cavus(cause: Disease) -> list[float]:
    own, base = part(f"causes/{cause.evidence}"), part("causes/baseline")
    return [(own if "pes_cavus" in own else base).value("pes_cavus")]


def _compression(cause: Disease) -> list[float]:
    base = part("causes/baseline")
    affected = base.compression_shown
    row = dict(base.compression)
    if cause.root is not None:
        row[cause.root.lower()] = affected
    own = part(f"causes/{cause.evidence}")
    if "compression" in own:
        row |= own.table("compression")
    return [row[root] for root in COMPRESSED_ROOTS]


def _within(names: Sequence[object]) -> Iterator[str]:
    """Yield the names of a list that may hold further lists."""
    for name in names:
        yield from _within(name) if isinstance(name, list) else (str(name),)


def _conclusions(item: str) -> list[float]:
    """Return how probable a conclusion is of each cause, by what is so of it or near."""
    p, declared = part("recordings/conclusions"), declared_findings()["conclusion"].item[item]
    so, near = (set(_within(declared.get(key, []))) for key in ("so", "near"))
    unknown = (so | near) - {cause.name for cause in DISEASES}
    if unknown:
        raise EvidenceError(f"findings/conclusion.{item}: {sorted(unknown)} are not causes")
    own = f"{item}_if_not"
    otherwise = p.value(own if own in p else "named_if_not")
    by_cause = {**dict.fromkeys(near, p.value("named_if_near")), **dict.fromkeys(so, p.value("named_if_so"))}
    return [by_cause.get(cause.name, otherwise) for cause in DISEASES]


def _conclusions_in_diabetes() -> list[float]:
    p = part("recordings/conclusions")
    return [p.value(own) if (own := f"{item}_if_diabetic") in p else 0.0 for item in CONCLUSIONS]


def _laboratory(cause: Disease, table: str) -> list[float]:
    """Return what a cause adds to each laboratory value, or to its spread; nothing where it says nothing."""
    own = part(f"causes/{cause.evidence}")
    listed = own.table(table) if table in own else {}
    return [listed.get(name, 0.0) for name in LABORATORY]


def _scores(probability: Any) -> np.ndarray:
    return np.asarray(ndtri(np.clip(probability, 0.001, 0.999)), np.float32)


@remembered
def cause_tables() -> _CauseTables:
    """Return the tables of every cause, in the order of `DISEASES`."""
    base = part("causes/baseline")
    history = np.array([_probability(cause, "history", HISTORY) for cause in DISEASES])
    elsewhere = np.array([_probability(cause, "elsewhere", ELSEWHERE) for cause in DISEASES])
    imaging = np.array([_probability(cause, "imaging", IMAGING) for cause in DISEASES])
    compression = np.array([_compression(cause) for cause in DISEASES])
    arches = np.array([_pes_cavus(cause) for cause in DISEASES])
    healthy = np.array([base.laboratory_healthy[name] for name in LABORATORY])
    shift, spread = (
        np.array([_laboratory(cause, table) for cause in DISEASES], np.float32)
        for table in ("laboratory", "laboratory_spread")
    )
    concluded = np.array([_conclusions(item) for item in CONCLUSIONS]).T
    diabetic = np.array(_conclusions_in_diabetes())
    return _CauseTables(
        history=_scores(history),
        elsewhere=_scores(elsewhere),
        imaging=_scores(imaging),
        compression=_scores(compression),
        pes_cavus=_scores(arches),
        conclusion=_scores(concluded),
        conclusion_diabetes=_scores(diabetic),
        laboratory=np.asarray(healthy + shift, np.float32),
        laboratory_spread=spread,
    )
