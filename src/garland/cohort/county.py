"""The adults of a county over years, seen on set days in health and in illness.

Somebody who is well is seen as of that day; somebody with a radiculoplexus neuropathy as of its first day,
and so many days into it. Chance that both the years and the course hang on is one and the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from garland.cohort.rows import Floats, _as_arrays, _Rows
from garland.cohort.spec import _CohortSpec
from garland.model.diseases import index_of
from garland.model.latents import place_of
from garland.model.patient import Person
from garland.population import programmes
from garland.population.demographics import Population, draw, weight_kg
from garland.population.polyneuropathy import triglycerides_mg_dl
from garland.population.years import DICE, Years, over_years, people_at, roll
from garland.units import DAYS_PER_YEAR

_SHARED = ("hba1c", "background", "triglycerides")
"""Dice of the years that are chance of the course as well."""
_FIRST_DAY = 0.5
_INSIDE = 1e-9


def _county(spec: _CohortSpec, vectors: Floats, rng: np.random.Generator) -> _Rows:
    """Return the people of a part of a county and when each is seen."""
    people, dice = _start(vectors, rng)
    span, programme = spec.people.span_years, spec.programme
    years = over_years(people, span, programme, dice)
    told = _table(people, years, vectors)
    if not programme.does_nothing:
        without = over_years(people, span, programmes.none(), dice)
        told["onset_year_without"] = without.onset_year
        told["neuropathy_year_without"] = without.neuropathy_year
    when = np.asarray(spec.visits, np.float64) / DAYS_PER_YEAR
    who, visit = np.nonzero(when[None, :] <= years.alive_until_year[:, None])
    at, onset = when[visit], years.onset_year[who]
    ill = onset <= at
    some, outcomes = Population(*[f[who] for f in people]), Years(*[f[who] for f in years])
    then = people_at(some, outcomes, np.where(ill, onset, at), programme)
    day = np.where(ill, (at - onset) * DAYS_PER_YEAR, _FIRST_DAY)
    return _Rows(
        told,
        vectors,
        _states(then, vectors[who]),
        None,
        who,
        np.arange(len(who)),
        visit,
        np.where(ill, told["cause"][who], index_of("none")).astype(np.int64),
        np.maximum(day, _FIRST_DAY).astype(np.float32),
    )


def _start(vectors: Floats, rng: np.random.Generator) -> tuple[Population, NDArray[np.float64]]:
    """Return the people of a part at the start, and the dice of their years, (P, len(DICE))."""
    people = draw(len(vectors), rng)
    dice = roll(len(vectors), rng)
    for name in _SHARED:
        same = ndtr(vectors[:, place_of(name).start].astype(np.float64))
        dice[:, DICE.index(name)] = np.clip(same, _INSIDE, 1.0 - _INSIDE)
    return people, dice


def _table(people: Population, years: Years, vectors: Floats) -> dict[str, NDArray[np.float64]]:
    diabetic = years.diabetes_year <= years.onset_year
    ill = np.where(diabetic, index_of("dlrpn"), index_of("lrpn"))
    return {
        **people._asdict(),
        "cause": np.where(np.isfinite(years.onset_year), ill, index_of("none")),
        "weight_kg": weight_kg(people),
        "triglycerides_mg_dl": _fats(people, vectors),
        "onset_year": years.onset_year,
        "neuropathy_year": years.neuropathy_year,
        "diabetes_year": years.diabetes_year,
        "followed_years": years.alive_until_year,
    }


def _fats(people: Population, vectors: Floats) -> NDArray[np.float64]:
    z = vectors[:, place_of("triglycerides").start].astype(np.float64)
    return triglycerides_mg_dl(people.diabetes, z)


def _states(people: Population, vectors: Floats) -> Person:
    """Return people as the course takes them."""
    own = {"weight_kg": weight_kg(people), "triglycerides_mg_dl": _fats(people, vectors)}
    known = {**people._asdict(), **own}
    return _as_arrays({name: np.asarray(known[name], np.float32) for name in Person._fields})
