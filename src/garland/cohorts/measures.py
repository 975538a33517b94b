"""What a cohort records: names of measures, their columns with units, and how a value is written.

A measure is named as ``field``, ``field/item`` or ``field/side/item``, such as ``snap/left/sural``; the start
of an item serves for all that begin so. Or it is a group of an examination, or a quantity of daily life such
as ``nis``. Null means not done. No response is an amplitude of 0, with latency, velocity and fall null.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from garland.anatomy.tree import load
from garland.errors import InputError, did_you_mean
from garland.inference.candidate_tests import open_tests
from garland.inference.observations import Words, written_cells
from garland.model.findings import FINDINGS, SIDED, UNSIDED, Address
from garland.reference_values import absent_in_health

_A = load()
SIDES = ("left", "right")
AMPLITUDES = tuple(name for name, kind in FINDINGS.items() if kind.kind == "amplitude")
"""Fields of amplitude: 0 is written where there is no response."""
LIVED = (
    "pain_nrs", "allodynia", "weight_kg", "weight_lost_kg", "walking_score", "walks_alone", "walks_with_aid",
    "wheelchair", "chair_rise", "nis", "mrs", "attack", "vessels_shut", "oxygen_mmhg", "hba1c_percent",
    "csf_protein_mg_dl", "autonomic", "alive",
)  # fmt: skip
"""Quantities of daily life: those of `lived.Lived` with one value a patient, in its order."""
_LIVED_UNITS = {
    "pain_nrs": "{0..10}", "weight_kg": "kg", "weight_lost_kg": "kg", "nis": "{0..244}", "mrs": "{0..5}",
    "oxygen_mmhg": "mm[Hg]", "hba1c_percent": "%", "csf_protein_mg_dl": "mg/dL", "walking_score": "{score}",
}  # fmt: skip
GROUPS = ("examination", "conduction", "needle", "imaging", "laboratory", "life")
"""Groups of measures: all that a clinic tests of a kind, and ``life``, all quantities of daily life."""
_KINDS = {"conduction": "nerve conduction"}


@dataclass(frozen=True)
class _Measure:
    """One column of a cohort.

    Attributes
    ----------
    name, unit, description : str
        Name of the column, its unit (UCUM where there is one), and what it is in words.
    way : str
        How the value is written: ``ln`` (exponential), ``fall`` (per cent lost), ``grade`` (cell of a scale),
        ``yes`` (above zero) or ``plain`` (a quantity of daily life).
    address : Address or None
        The finding; None for a quantity of daily life.
    life : str
        Name of that quantity, else empty.
    response : Address or None
        The response without which there is nothing to measure.
    absent_in_health : float
        Share of healthy people in whom there is no response [0..1].
    """

    name: str
    unit: str
    description: str
    way: str
    address: Address | None = None
    life: str = ""
    response: Address | None = None
    absent_in_health: float = 0.0


def _measures_of(names: Iterable[str]) -> tuple[_Measure, ...]:
    """Return the columns that some names of measures stand for, each once, in the order given."""
    found: dict[str, _Measure] = {}
    for number, name in enumerate(names):
        for one in _named(name.strip(), f"measures[{number}]"):
            found.setdefault(one.name, one)
    return tuple(found.values())


def _named(name: str, path: str) -> tuple[_Measure, ...]:
    if name in LIVED:
        return (_life(name),)
    if name in GROUPS:
        return _group(name)
    field, *rest = name.split("/")
    every = {**SIDED, **UNSIDED}
    if field not in every:
        raise InputError(path, name, "is not a measure", did_you_mean(field, (*every, *LIVED, *GROUPS)))
    side = rest.pop(0) if rest and rest[0] in SIDES and field in SIDED else None
    if len(rest) > 1:
        raise InputError(path, name, "is not a measure", "write field, field/item or field/side/item")
    here = tuple(a for a in _addresses(field) if side in (None, SIDES[a.side or 0]))
    chosen = tuple(a for a in here if not rest or f"{a.item}-".replace("@", "-").startswith(f"{rest[0]}-"))
    if not chosen:
        raise InputError(path, name, f"is not an item of {field}", did_you_mean(rest[0], every[field]))
    return tuple(_measure_of(address) for address in chosen)


@cache
def _group(name: str) -> tuple[_Measure, ...]:
    if name == "life":
        return tuple(_life(each) for each in LIVED)
    kind = _KINDS.get(name, name)
    return tuple(_measure_of(i.where) for t in open_tests(set(), 60.0) if t.kind == kind for i in t.items)


def _life(name: str) -> _Measure:
    unit = _LIVED_UNITS.get(name, "1")
    return _Measure(name, unit, name.replace("_", " "), "plain", None, name)


def _addresses(field: str) -> tuple[Address, ...]:
    """Return every place of a field that exists: a motor study has as many points as its nerve."""
    items = [i for i in {**SIDED, **UNSIDED}[field] if _exists(field, i)]
    sides = (0, 1) if field in SIDED else (None,)
    return tuple(Address(field, side, item) for side in sides for item in items)


def _exists(field: str, item: str) -> bool:
    study, _, point = item.partition("@")
    if not point:
        return True
    points = _A.point_names[_A.motor_study_ids.index(study)]
    first = 0 if field == "cmap" else 1
    return first <= int(point) < len(points)


@cache
def _measure_of(address: Address) -> _Measure:
    """Return the column of a finding."""
    field, item = address.field, address.item
    study, _, point = item.partition("@")
    place = study
    if point:
        place = f"{study}_{_A.point_names[_A.motor_study_ids.index(study)][int(point)]}"
    side = "" if address.side is None else SIDES[address.side]
    way, ending, unit = _way(field, item)
    parts = [part for part in (field, side, place if item != field else "", ending) if part]
    name = "_".join(parts).replace("-", "_")
    words = " ".join(part for part in (side, place.replace("_", " at "), field.replace("_", " ")) if part)
    amplitude = field in AMPLITUDES
    lack = absent_in_health(study) if amplitude else 0.0
    return _Measure(name, unit, words, way, address, "", _response(address), lack)


def _way(field: str, item: str) -> tuple[str, str, str]:
    """Return how a field is written, the ending of its name and its unit."""
    kind = FINDINGS[field]
    column = kind.column or kind.item.get(item, {}).get("column", {})
    if kind.kind == "fall":
        way = "fall"
    elif kind.log or kind.kind == "ratio":
        way = "ln"
    else:
        way = "grade" if kind.kind == "grade" else "yes"
    return way, column.get("ending", ""), column.get("unit", "{0 no, 1 yes}")


def _words_of(field: str) -> Words | None:
    """Return the words of a graded field with the upper ends of their cells, None for other fields."""
    return written_cells(field) if FINDINGS[field].kind == "grade" else None


def _grades_of(field: str) -> tuple[float, ...]:
    """Return the number that stands for each word of a graded field: the grade itself, or its rank."""
    words = _words_of(field) or ()
    return tuple(float(value) for value in FINDINGS[field].column.get("values", range(len(words))))


def _response(address: Address) -> Address | None:
    """Return the response that a latency, velocity or fall of amplitude belongs to."""
    field = FINDINGS[address.field].needs
    if not field:
        return None
    item = address.item.partition("@")[0]
    return Address(field, address.side, f"{item}@0" if field == "cmap" else item)
