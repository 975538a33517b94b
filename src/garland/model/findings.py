"""Every finding Garland can expect, in one order: the door between the model and inference.

A finding has an expected value on a continuous scale and a noise; what is recorded is that value, or the
interval of the scale that a grade or a word stands for. Both directions use it: draw the noise and cut the
scale for a virtual patient, or ask how likely the interval is for a real one.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from garland.anatomy.tree import load
from garland.errors import EvidenceError, InputError, did_you_mean
from garland.evidence import part
from garland.evidence.findings import FindingKind, declared_findings
from garland.model.diseases.tables import (
    COMPRESSED_ROOTS,
    CONCLUSIONS,
    ELSEWHERE,
    HISTORY,
    IMAGING,
    LABORATORY,
)
from garland.reference_values import healthy_late, healthy_studies

_A = load()
_LISTS: dict[str, tuple[str, ...]] = {
    "points": tuple(f"{study}@{number}" for study in _A.motor_study_ids for number in range(3)),
    "history": HISTORY,
    "laboratory": LABORATORY,
    "imaging": IMAGING,
    "compression": COMPRESSED_ROOTS,
    "conclusions": CONCLUSIONS,
    "elsewhere": ELSEWHERE,
}
"""Lists of items that are not of the anatomy."""

FINDINGS: dict[str, FindingKind] = {name: f for name, f in declared_findings().items() if f.modelled}
"""Every field with an expected value, in the order of the vector of findings."""


def _item_names(kind: FindingKind) -> tuple[str, ...]:
    """Return the items of a field: those it lists, or those of the list it names."""
    if not isinstance(kind.items, str):
        return tuple(kind.items)
    found = _LISTS[kind.items] if kind.items in _LISTS else getattr(_A, kind.items, None)
    if found is None:
        place = f"findings/{kind.group}.{kind.name}"
        raise EvidenceError(
            f"{place}: items {kind.items!r} is not a list of the anatomy; name one or list them"
        )
    return tuple(found)


SIDED: dict[str, tuple[str, ...]] = {name: _item_names(f) for name, f in FINDINGS.items() if f.sided}
"""Fields with a value per side, and the names of their items."""

UNSIDED: dict[str, tuple[str, ...]] = {name: _item_names(f) for name, f in FINDINGS.items() if not f.sided}
"""Fields with one value per patient, and the names of their items."""

_OFFSETS: dict[str, int] = {}
_n = 0
for _field, _items in {**SIDED, **UNSIDED}.items():
    _OFFSETS[_field] = _n
    _n += len(_items) * (2 if _field in SIDED else 1)

N_FINDINGS: int = _n
"""Number of findings in one expected vector [-]."""


class Address(NamedTuple):
    """Where a finding stands: field, side (0 left, 1 right, None without side) and item."""

    field: str
    side: int | None
    item: str


def column(address: Address) -> int:
    """Return the position of a finding in the expected vector."""
    every = {**SIDED, **UNSIDED}
    if address.field not in every:
        raise InputError(
            "field", address.field, "is not a kind of finding", did_you_mean(address.field, every)
        )
    items = every[address.field]
    if address.item not in items:
        remedy = did_you_mean(address.item, items)
        raise InputError(address.field, address.item, "is not a finding of the model", remedy)
    index = items.index(address.item)
    if address.field in SIDED:
        index += len(items) * int(address.side or 0)
    return _OFFSETS[address.field] + index


@cache
def hanging_on_the_cause() -> np.ndarray:
    """Return which findings are there or not by the cause alone, whatever the lesion, (N_FINDINGS,)."""
    found = np.zeros(N_FINDINGS, bool)
    for field, items in UNSIDED.items():
        if FINDINGS[field].kind == "presence":
            found[_OFFSETS[field] : _OFFSETS[field] + len(items)] = True
    return found


def noise_sd() -> np.ndarray:
    """Return the noise of one observation of every finding, (N_FINDINGS,), on the scale of the finding."""
    table = part("recordings/noise").sd
    sd = np.zeros(N_FINDINGS, np.float32)
    for field, items in {**SIDED, **UNSIDED}.items():
        start, size = _OFFSETS[field], len(items) * (2 if field in SIDED else 1)
        if FINDINGS[field].noise == "by item":
            spread = part("causes/baseline").laboratory_sd
            value: float | list[float] | np.ndarray = [spread[name] for name in items]
        elif FINDINGS[field].noise == "by study":
            value = np.tile(_study_noise(FINDINGS[field]), 2)
        else:
            value = table[field]
        sd[start : start + size] = value
    return sd


def _study_noise(kind: FindingKind) -> np.ndarray:
    """Return the noise of each item of a conduction study on one side [ln]."""
    if kind.kind == "fall":
        return np.full(len(_LISTS["points"]), part("recordings/conduction").drop_sd_ln)
    if kind.part == "late":
        return np.asarray(healthy_late(kind.name[0]).repeat_ln)
    healthy = healthy_studies("sensory" if kind.part == "sensory" else "motor")
    if kind.kind == "amplitude":
        spread = healthy.side_sd_ln
    else:
        spread = healthy.latency_repeat_ln if kind.unit == "ms" else healthy.velocity_repeat_ln
    return np.repeat(spread, 3) if kind.items == "points" else np.asarray(spread)


def session_noise(latents: np.ndarray) -> np.ndarray:
    """Return how the findings of one session depart from the average, same shape, on the scale of each."""
    noise = noise_sd() * latents
    start = _OFFSETS["cmap_drop"]
    points = slice(start, start + 2 * len(_LISTS["points"]))
    own = (noise[..., points] / np.sqrt(2.0)).reshape(*noise.shape[:-1], -1, 3)
    noise[..., points] = (own - own[..., :1]).reshape(*noise.shape[:-1], -1)
    return np.asarray(noise)


LOGARITHMIC = tuple(name for name, f in FINDINGS.items() if f.formula == "value")
"""Fields whose expected value is kept as a natural logarithm, so that noise is relative."""


def study_measure(where: Address) -> tuple[str, str, str | None]:
    """Return the study, the measure and the point of stimulation that reference values know a finding by."""
    study, _, number = where.item.partition("@")
    kind = FINDINGS[where.field]
    if kind.part == "late":
        return study + {"f": "-f-wave", "h": "-h-reflex"}[kind.name[0]], kind.name.replace("_", "-"), None
    measure = {"amplitude": "amplitude", "fall": "drop"}.get(kind.kind) or kind.name.rpartition("_")[2]
    point = _A.point_names[_A.motor_study_ids.index(study)][int(number)] if number else None
    return study, measure, point
