"""When things happen: milestones, and the series that are plotted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from garland._types import Bools, Float64s
from garland.anatomy.tree import load
from garland.evidence.findings import declared_findings
from garland.model.outcomes import NERVES, Outcomes

_A = load()

WEAK_BELOW: float = declared_findings()["movement_strength"].words["normal"][0]
"""MRC grade below which a movement counts as weak: less than 5- [-]."""

PAIN_FROM, MILD_BELOW, LOST_BELOW, LIKELY = 1.0, 3.0, 0.5, 0.5
_A_KILOGRAM = 1.0
_PROXIMAL = tuple(_A.movement(name) for name in ("knee-extension", "hip-flexion"))
_KNEE = _PROXIMAL[0]


@dataclass(frozen=True)
class _Event:
    """When one event comes in N patients.

    Attributes
    ----------
    key, words : str
        Identifier and words.
    place : (N,)
        Index of the sampled day on which it comes; -1 where it never does.
    note : tuple of str
        What to add, by patient.
    """

    key: str
    words: str
    place: NDArray[np.int64]
    note: tuple[str, ...]


def _alive(life: Outcomes) -> Float64s:
    """Return the probability of being alive, given life on the first of the days, (D, N) [0..1]."""
    probability = np.asarray(life.alive, np.float64)
    return np.asarray(probability / np.maximum(probability[:1], 1e-9))


def _first(is_so: Bools) -> NDArray[np.int64]:
    """Return the first index at which a condition (D, N) holds, (N,); -1 where it never does."""
    return np.where(is_so.any(axis=0), is_so.argmax(axis=0), -1)


def _after(is_so: Bools, start: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first index after `start` at which a condition holds; -1 where never or `start` is -1."""
    days = np.arange(is_so.shape[0])[:, None]
    return np.where(start >= 0, _first(is_so & (days > start)), -1)


def _proximal_grade(life: Outcomes) -> Float64s:
    """Return the lower grade of knee extension and hip flexion, (D, N, 2) MRC [0..5.4]."""
    grades = np.asarray(life.movement_grade, np.float64)[:, :, :, list(_PROXIMAL)]
    return np.asarray(grades.min(axis=3))


def _lost_jerk(life: Outcomes) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[str, ...]]:
    """Return when the knee jerk is lost, when it is back on that side, and notes."""
    grade = np.asarray(life.knee_jerk, np.float64)
    by_side = np.stack([_first(grade[:, :, side] < LOST_BELOW) for side in (0, 1)])
    never = grade.shape[0]
    side = np.where(by_side < 0, never, by_side).argmin(axis=0)
    chosen = np.take_along_axis(grade, side[None, :, None], axis=2)[:, :, 0]
    lost = np.take_along_axis(by_side, side[None], axis=0)[0]
    notes = tuple("absent from the first" if at == 0 else ("left", "right")[s]
                  for at, s in zip(lost, side, strict=True))  # fmt: skip
    return lost, _after(chosen >= LOST_BELOW, lost), notes


def _notes(text: str, values: Float64s) -> tuple[str, ...]:
    return tuple(text.format(value) for value in values)


def _at(values: Float64s, place: NDArray[np.int64]) -> Float64s:
    return np.asarray(np.take_along_axis(values, np.maximum(place, 0)[None], axis=0)[0])


def _of_pain(life: Outcomes) -> list[_Event]:
    pain = np.asarray(life.pain_nrs, np.float64)
    none = ("",) * pain.shape[1]
    worst = np.where(pain.max(axis=0) >= PAIN_FROM, pain.argmax(axis=0), -1)
    bad = np.where(_at(pain, worst) >= MILD_BELOW, worst, -1)
    return [
        _Event("first-pain", "first pain", _first(pain >= PAIN_FROM), none),
        _Event("worst-pain", "worst pain", worst, _notes("NRS {:.1f}", _at(pain, worst))),
        _Event("pain-below-3", "pain below 3 of 10", _after(pain < MILD_BELOW, bad), none),
    ]


def _of_strength(life: Outcomes) -> list[_Event]:
    by_side = _proximal_grade(life)
    weak = by_side < WEAK_BELOW
    none = ("",) * weak.shape[1]
    starts = np.stack([_first(weak[:, :, side]) for side in (0, 1)])
    later = np.where((starts >= 0).all(axis=0), starts.max(axis=0), -1)
    first = _first(np.asarray(weak.any(axis=2)))
    leg = by_side.min(axis=0).argmin(axis=1)
    worse = np.take_along_axis(by_side, leg[None, :, None], axis=2)[:, :, 0]
    worst = np.where(first >= 0, worse.argmin(axis=0), -1)
    knee = np.asarray(life.movement_grade, np.float64)[:, :, :, _KNEE].min(axis=2)
    side = tuple(("left", "right")[i] for i in _starts_side(starts, leg))
    return [
        _Event("first-weakness", "first weakness of thigh or hip", first, side),
        _Event("other-side", "other side weak too", later, none),
        _Event("worst-strength", "weakest thigh", worst, _notes("knee MRC {:.1f}", _at(knee, worst))),
        _Event(
            "strength-back",
            "thigh and hip at full strength",
            _after(~np.asarray(weak.any(axis=2)), worst),
            none,
        ),
    ]


def _starts_side(starts: NDArray[np.int64], weaker: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the side on which an event comes first, (2, N) to (N,): 0 left, 1 right; the weaker if at
    once.
    """
    late = np.where(starts < 0, np.iinfo(np.int64).max, starts)
    return np.asarray(np.where(late[0] == late[1], weaker, late.argmin(axis=0)))


def _of_life(life: Outcomes) -> list[_Event]:
    alone, chair = np.asarray(life.walks_alone), np.asarray(life.wheelchair)
    nis, lost = np.asarray(life.nis, np.float64), np.asarray(life.weight_lost_kg, np.float64)
    none = ("",) * alone.shape[1]
    aid = _first(alone < LIKELY)
    worst = np.where(nis.max(axis=0) >= 1.0, nis.argmax(axis=0), -1)
    lightest = np.where(lost.max(axis=0) >= _A_KILOGRAM, lost.argmax(axis=0), -1)
    gone, back, where = _lost_jerk(life)
    return [
        _Event("knee-jerk-lost", "knee jerk lost", gone, where),
        _Event("knee-jerk-back", "that knee jerk back", back, none),
        _Event("walking-aid", "walking aid needed", aid, none),
        _Event("wheelchair", "wheelchair needed", _first(chair >= LIKELY), none),
        _Event("walks-alone", "walking without aid again", _after(alone >= LIKELY, aid), none),
        _Event("worst-nis", "highest impairment score", worst, _notes("NIS {:.0f}", _at(nis, worst))),
        _Event("lightest", "lowest weight", lightest, _notes("{:.0f} kg lost", _at(lost, lightest))),
    ]


KEYS = (
    "first-pain", "worst-pain", "first-weakness", "other-side", "knee-jerk-lost", "walking-aid", "wheelchair",
    "worst-strength", "worst-nis", "lightest", "pain-below-3", "walks-alone", "knee-jerk-back",
    "strength-back",
)  # fmt: skip
"""Events in the order in which they are listed."""


def _events(life: Outcomes) -> tuple[_Event, ...]:
    """Return every event of N patients, in the order of `KEYS`."""
    found: list[_Event] = []
    readers: tuple[Callable[[Outcomes], list[_Event]], ...] = (_of_pain, _of_strength, _of_life)
    for read in readers:
        found += read(life)
    return tuple(sorted(found, key=lambda event: KEYS.index(event.key)))


def _outlook(life: Outcomes) -> tuple[_Event, ...]:
    """Return what is settled and when, for N patients followed from the middle of a course.

    A state is settled from the first sampled day after which it never ceases to hold: day 0 where it holds
    throughout, never where it does not hold at the end.
    """
    weak = _proximal_grade(life) < WEAK_BELOW
    none = ("",) * weak.shape[1]
    both = _first(np.asarray((np.cumsum(weak, axis=0) > 0).all(axis=2)))
    states = (
        ("pain-below-3", "pain below 3 of 10 for good", np.asarray(life.pain_nrs) < MILD_BELOW),
        ("walks-alone", "likely to walk without aid from then on", np.asarray(life.walks_alone) >= LIKELY),
        ("knee-jerk-back", "both knee jerks present", (np.asarray(life.knee_jerk) >= LOST_BELOW).all(axis=2)),
        ("strength-back", "thigh and hip at full strength", ~weak.any(axis=2)),
    )
    settled = tuple(_Event(key, words, _settled(np.asarray(holds)), none) for key, words, holds in states)
    return (_Event("other-side", "both thighs or hips have been weak", both, none), *settled)


def _settled(holds: Bools) -> NDArray[np.int64]:
    """Return the first index from which a condition (D, N) holds to the end, (N,); -1 where it does not."""
    days = holds.shape[0]
    trailing = np.cumprod(holds[::-1], axis=0).sum(axis=0)
    return np.where(trailing > 0, days - trailing, -1)


Take = Callable[[Outcomes], Float64s]

SIDES = ("left", "right")
MOVEMENTS = (
    "hip-flexion", "knee-extension", "hip-adduction", "hip-abduction", "knee-flexion", "ankle-dorsiflexion",
)  # fmt: skip
"""Movements that are plotted, from the hip down."""

FULL_GRADE = 5.0
"""Top of the MRC scale; the model's grade runs a little beyond."""


@dataclass(frozen=True)
class _Plot:
    """One plot of a course.

    Attributes
    ----------
    key, title, unit, group : str
        As in `records.Series`.
    lines : tuple of (str, callable)
        Label, and the function that takes the line's values (D, N) from a life.
    is_probability : bool
        True where the values are probabilities, to be averaged over patients.
    """

    key: str
    title: str
    unit: str
    group: str
    lines: tuple[tuple[str, Take], ...]
    is_probability: bool = False


def _field(name: str, top: float | None = None, *index: int) -> Take:
    """Return what takes a field, or one entry on its last axes, as (D, N)."""

    def take(life: Outcomes) -> Float64s:
        values = np.asarray(getattr(life, name), np.float64)
        for place in index:
            values = values[:, :, place]
        return values if top is None else np.minimum(values, top)

    return take


def _one(key: str, title: str, unit: str, group: str, is_probability: bool = False) -> _Plot:
    return _Plot(key, title, unit, group, (("", _field(key)),), is_probability)


def _sided(key: str, title: str, unit: str, group: str) -> _Plot:
    return _Plot(key, title, unit, group, tuple((name, _field(key, None, i)) for i, name in enumerate(SIDES)))


def _indexed(field: str, name: str, place: int, unit: str, group: str) -> _Plot:
    top = FULL_GRADE if unit == "MRC" else None
    title = name.replace("-", " ") + (" nerve" if group == "nerves" else "")
    lines = tuple((side, _field(field, top, i, place)) for i, side in enumerate(SIDES))
    return _Plot(f"{field}:{name}", title, unit, group, lines)


_WALKING = (
    ("alone", _field("walks_alone")), ("with aid", _field("walks_with_aid")),
    ("wheelchair", _field("wheelchair")),
)  # fmt: skip
_DAMAGE = (("attack", _field("attack")), ("vessels shut", _field("vessels_shut")))
PLOTS: tuple[_Plot, ...] = (
    _one("pain_nrs", "pain", "NRS", "pain"),
    _one("allodynia", "touch hurts (allodynia)", "probability", "pain", True),
    *(_indexed("movement_grade", name, _A.movement(name), "MRC", "strength") for name in MOVEMENTS),
    _Plot("walking", "walking", "probability", "walking", _WALKING, True),
    _one("chair_rise", "rising from a chair without arms", "probability", "walking", True),
    _one("nis", "neuropathy impairment score", "points", "scales"),
    _one("mrs", "modified Rankin scale", "points", "scales"),
    _one("weight_kg", "weight", "kg", "weight"),
    _Plot("damage", "immune attack, and small vessels shut at the worst site", "share", "vessels", _DAMAGE),
    _one("oxygen_mmhg", "lowest oxygen in nerve", "mmHg", "vessels"),
    *(_indexed("nerve_axons", name, place, "share", "nerves") for place, name in enumerate(NERVES)),
    _sided("knee_jerk", "knee jerk", "grade", "signs"),
    _sided("fibrillating_quadriceps", "quadriceps fibres that fibrillate", "share", "signs"),
    _sided("thigh_bulk_lost", "thigh bulk lost", "share", "signs"),
    _one("autonomic", "autonomic symptoms", "probability", "signs", True),
    _one("hba1c_percent", "HbA1c", "%", "laboratory"),
    _one("csf_protein_mg_dl", "CSF protein", "mg/dL", "laboratory"),
    _Plot("alive", "alive", "probability", "survival", (("", _alive),), True),
)
"""Every plot, in the order in which a page shows them."""
