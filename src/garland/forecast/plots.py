"""The quantities a course is plotted by: which fields of a life, with title, unit and group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from garland.anatomy.tree import load
from garland.model.outcomes import NERVES, Outcomes

_A = load()
Floats = NDArray[np.float64]
Take = Callable[[Outcomes], Floats]

SIDES = ("left", "right")
MOVEMENTS = (
    "hip-flexion",
    "knee-extension",
    "hip-adduction",
    "hip-abduction",
    "knee-flexion",
    "ankle-dorsiflexion",
)
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

    def take(life: Outcomes) -> Floats:
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


PLOTS: tuple[_Plot, ...] = (
    _one("pain_nrs", "pain", "NRS", "pain"),
    _one("allodynia", "touch hurts (allodynia)", "probability", "pain", True),
    *(_indexed("movement_grade", name, _A.movement(name), "MRC", "strength") for name in MOVEMENTS),
    _Plot(
        "walking",
        "walking",
        "probability",
        "walking",
        (
            ("alone", _field("walks_alone")),
            ("with aid", _field("walks_with_aid")),
            ("wheelchair", _field("wheelchair")),
        ),
        True,
    ),
    _one("chair_rise", "rising from a chair without arms", "probability", "walking", True),
    _one("nis", "neuropathy impairment score", "points", "scales"),
    _one("mrs", "modified Rankin scale", "points", "scales"),
    _one("weight_kg", "weight", "kg", "weight"),
    _Plot(
        "damage",
        "immune attack, and small vessels shut at the worst site",
        "share",
        "vessels",
        (("attack", _field("attack")), ("vessels shut", _field("vessels_shut"))),
    ),
    _one("oxygen_mmhg", "lowest oxygen in nerve", "mmHg", "vessels"),
    *(_indexed("nerve_axons", name, place, "share", "nerves") for place, name in enumerate(NERVES)),
    _sided("knee_jerk", "knee jerk", "grade", "signs"),
    _sided("fibrillating_quadriceps", "quadriceps fibres that fibrillate", "share", "signs"),
    _sided("thigh_bulk_lost", "thigh bulk lost", "share", "signs"),
    _one("autonomic", "autonomic symptoms", "probability", "signs", True),
    _one("hba1c_percent", "HbA1c", "%", "laboratory"),
    _one("csf_protein_mg_dl", "CSF protein", "mg/dL", "laboratory"),
    _one("alive", "alive", "probability", "survival", True),
)
"""Every plot, in the order in which a page shows them."""
