"""A case as the model sees it: the person, when each visit was, and what was observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tables import HIGHEST_CM, LOWEST_CM
from garland.inference.encode_examination import _encode_examination, _encode_imaging, _encode_laboratory
from garland.inference.encode_history import _encode_history
from garland.inference.encode_recordings import _ConductionEncoder, _encode_needle
from garland.inference.ignored_fields import _telling, _unread
from garland.inference.likelihood import _AS_DRAWN, Timing, _Arrival, _timings
from garland.inference.observations import SIDES, _Observation
from garland.inference.reporting import _arrival_of_real, _as_reported, _left_unsaid
from garland.model.patient import Person
from garland.records import Case
from garland.records.case import Visit
from garland.reference_values import REFERENCE_HEIGHT_CM

_NEWLY_FOUND_YEARS = 1.0
_NO_SIDE = (None, "unstated")
_NO_SIDE_TOLD = "side: none is stated; the right stands for it in this answer"
TRUSTED: dict[str, tuple[float, float, str]] = {
    "age_years": (16.0, 100.0, "age [years]"),
    "height_cm": (LOWEST_CM, HIGHEST_CM, "height [cm]"),
    "diabetes_years": (0.0, 60.0, "duration of diabetes [years]"),
    "hba1c_percent": (4.0, 15.0, "HbA1c [%]"),
    "triglycerides_mg_dl": (30.0, 1000.0, "triglycerides [mg/dL]"),
}
"""What the model's stations are trusted with: lowest, highest, and words for the quantity."""


@dataclass(frozen=True)
class EncodedCase:
    """A case as the model sees it.

    Attributes
    ----------
    person : Person
        Scalars; NaN where the record is silent.
    visits : tuple of tuple of Observation
        What was observed at each visit; the history counts at the first.
    timings : tuple of Timing
        When each visit was.
    silent : tuple of tuple of Observation
        What each visit leaves out beside what it says; see `reporting`.
    real : bool
        Whether the patient is not known to be one of the model; see `reporting`.
    first_day : float or None
        Recorded day of the first visit [d].
    not_used : tuple of str
        What the record holds and the model does not use.
    """

    person: Person
    visits: tuple[tuple[_Observation, ...], ...]
    timings: tuple[Timing, ...]
    first_day: float | None
    not_used: tuple[str, ...]
    silent: tuple[tuple[_Observation, ...], ...] = ()
    real: bool = False

    @property
    def arrival(self) -> _Arrival:
        """How far the day of coming counts."""
        return _arrival_of_real() if self.real else _AS_DRAWN

    @property
    def weighed(self) -> tuple[tuple[_Observation, ...], ...]:
        """All that counts, by visit: what was written, then what was left out."""
        silent = self.silent or ((),) * len(self.visits)
        return tuple((*said, *unsaid) for said, unsaid in zip(self.visits, silent, strict=True))


def _person_of(case: Case) -> Person:
    """Return the person of a case as scalars, NaN where the record is silent."""
    person, diabetes = case.person, case.diabetes
    nan = float("nan")
    hba1c = diabetes.hba1c_percent
    if hba1c is None and isinstance(case.visits[0].laboratory.hba1c_percent, int | float):
        hba1c = float(case.visits[0].laboratory.hba1c_percent)
    known = nan if diabetes.type is None else float(diabetes.type != "none")
    if np.isnan(known) and hba1c is not None and hba1c >= 6.5:
        known = 1.0
    weight = person.weight_kg
    if weight is None and person.bmi_kg_m2 is not None and person.height_cm is not None:
        weight = person.bmi_kg_m2 * (person.height_cm / 100.0) ** 2
    triglycerides = case.lipids.triglycerides_mg_dl
    years = diabetes.duration_years
    if years is None and diabetes.type == "newly-found":
        years = _NEWLY_FOUND_YEARS

    def value(x: float | None) -> jax.Array:
        return jnp.asarray(nan if x is None else x, jnp.float32)

    return Person(
        age_years=value(person.age_years),
        male=value(None if person.sex is None else float(person.sex == "male")),
        height_cm=value(person.height_cm),
        weight_kg=value(weight),
        diabetes=value(known),
        diabetes_years=value(0.0 if known == 0.0 else years),
        hba1c_percent=value(hba1c),
        triglycerides_mg_dl=value(triglycerides if isinstance(triglycerides, int | float) else None),
    )


def _trusted(person: Person) -> tuple[Person, tuple[str, ...]]:
    """Return a person within what the model is trusted with, and a note on everything brought there."""
    taken, notes = {}, []
    for name, (low, high, words) in TRUSTED.items():
        given = getattr(person, name)
        taken[name] = jnp.clip(given, low, high)
        if bool(taken[name] != given) and not bool(jnp.isnan(given)):
            end = f"{float(taken[name]):g}, where the range of the model ends"
            notes.append(f"{words} {float(given):g}: taken as {end}")
    return person._replace(**taken), tuple(notes)


def _encode_case(case: Case, notes: bool = True) -> EncodedCase:
    """Return a case as the model sees it; without notes on what it does not use, which take most of the time,
    if none are wanted. Of a virtual patient all counts in full, and what is left out means nothing.
    """
    person, beyond = _trusted(_person_of(case))
    when = _timings(case)
    age = 60.0 if np.isnan(person.age_years) else float(person.age_years)
    height = REFERENCE_HEIGHT_CM if np.isnan(person.height_cm) else float(person.height_cm)
    reader = _ConductionEncoder(age, height)
    visits = [tuple(_telling(_visit(visit, reader))) for visit in case.visits]
    visits[0] = tuple(_telling(chain(_encode_history(case), visits[0])))
    meant, why = _side_meant(case, visits)
    if meant is not None:
        whole = [tuple(_on_side(found, meant) for found in visit) for visit in visits]
        # An answer about a side nobody named must say so.
        beyond = (*beyond, why) if why and whole != visits else beyond
        visits = whole
    first = None if np.isnan(when[0].first_day) else when[0].first_day
    unread = _unread(case, reader) if notes else ()
    if case.simulated:
        return EncodedCase(person, tuple(visits), when, first, (*beyond, *unread))
    visits, silent = _as_reported(visits), _left_unsaid(visits)
    known = (person, tuple(visits), when, first, (*beyond, *unread))
    return EncodedCase(*known, silent=tuple(silent), real=True)


def _sides_of(found: _Observation) -> set[int]:
    return {address.side for address in found.where if address.side is not None}


def _side_meant(case: Case, visits: Sequence[tuple[_Observation, ...]]) -> tuple[int | None, str]:
    """Return which side a record means where it leaves a side out, one for all of it, and a note if any.

    It is the side of the complaint, or the only one of which anything is told. Where none is told at all the
    right stands for either, since left and right are alike. None where both sides are spoken of.
    """
    complaints = (case.history.pain, case.history.weakness, case.history.paraesthesia)
    named = {complaint.side for complaint in complaints if complaint.side not in _NO_SIDE}
    if len(named) == 1 and (side := next(iter(named))) in SIDES:
        return SIDES.index(str(side)), ""
    spoken = {side for visit in visits for found in visit for side in _told(found)}
    if not spoken:
        return SIDES.index("right"), _NO_SIDE_TOLD
    return (spoken.pop() if len(spoken) == 1 and not named else None), ""


def _told(found: _Observation) -> set[int]:
    sides = _sides_of(found)
    return sides if len(sides) == 1 else set()


def _on_side(found: _Observation, side: int) -> _Observation:
    """Return a finding of either side as one of this side; any other as it is."""
    if found.every or len(_sides_of(found)) < len(SIDES):
        return found
    return replace(found, where=tuple(a for a in found.where if a.side == side))


def _visit(visit: Visit, reader: _ConductionEncoder) -> list[_Observation]:
    return [
        *_encode_examination(visit.examination),
        *reader.conduction(visit.nerve_conduction),
        *_encode_needle(visit.needle),
        *_encode_laboratory(visit.laboratory),
        *chain.from_iterable(_encode_imaging(study) for study in visit.imaging),
    ]
