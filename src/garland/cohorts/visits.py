"""The people of one part of a cohort, from a referral or a county, and one row for every time somebody
is seen.

Everything is drawn from the seed of the cohort and the number of the part, so that a part is the same whoever
makes it, and in whatever order.

Somebody who is well is seen as of that day; somebody with a radiculoplexus neuropathy as of its first day,
and so many days into it. Chance that both the years and the course hang on is one and the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from garland._types import Float32s, Ints
from garland.cohorts.spec import CohortSpec
from garland.errors import InputError
from garland.forecasts.simulate import broadcast, later
from garland.inference.likelihood import UNKNOWN, Timing, day_of
from garland.model.diseases import DISEASES, index_of
from garland.model.diseases.prior import prior
from garland.model.latents import Latents, normals, place_of
from garland.model.patient import Person, complete, unknown_person
from garland.model.treatment.schedule import Treatments, from_plan
from garland.population import prevention
from garland.population.demographics import Population, sample_adults, weight_kg
from garland.population.polyneuropathy import triglycerides_mg_dl
from garland.population.referral import referred
from garland.population.years import EVENTS, Years, draw_event_uniforms, over_years, people_at
from garland.units import DAYS_PER_YEAR


@dataclass(frozen=True)
class _Rows:
    """R times that somebody of P people is seen.

    Attributes
    ----------
    people : dict of str to (P,)
        The table of people by column; ``cause`` as index, ``male`` as 1 and 0.
    vectors : (P, N_LATENTS)
        Chance of each person [-].
    states : Person
        People as they are when an illness begins, or when they are seen in health; fields (S,), NumPy.
    treatment : Treatments or None
        Of each person, days since the first symptom; fields (P,).
    who, state, visit, cause : (R,)
        Person within the part, which of the states, number of the visit, index of the cause.
    day : (R,)
        Day since the first symptom [d].
    """

    people: dict[str, NDArray[Any]]
    vectors: Float32s
    states: Person
    treatment: Treatments | None
    person_row: Ints
    state: Ints
    visit: Ints
    cause: Ints
    day: Float32s


def _generator_of(spec: CohortSpec, part: int, stream: int) -> np.random.Generator:
    """Return the source of chance of one part: 0 who people are, 1 what is recorded of them."""
    return np.random.default_rng([spec.seed, part, stream])


def _chance_of(spec: CohortSpec, part: int) -> tuple[Float32s, np.random.Generator]:
    """Return the latents of the people of a part, (P, N_LATENTS) [-], and the source of all else."""
    rng = _generator_of(spec, part, 0)
    return normals(rng, spec.people_of(part)), rng


def _rows_of(spec: CohortSpec, part: int) -> _Rows:
    """Return the people of a part and when each is seen."""
    vectors, rng = _chance_of(spec, part)
    if spec.people.source == "county":
        from garland.cohorts.visits import _county

        return _county(spec, vectors, rng)
    return _referral(spec, vectors, rng)


def _mix_of(spec: CohortSpec) -> NDArray[np.float64]:
    """Return the share of each cause among those who are referred, (C,); it sums to one [-]."""
    mix = np.asarray(prior(unknown_person(), spec.people.setting), np.float64)
    if spec.people.causes:
        wanted = [cause.name in spec.people.causes for cause in DISEASES]
        mix = np.where(wanted, mix, 0.0)
    if mix.sum() <= 0.0:
        rule = f"are never met in the setting {spec.people.setting}"
        raise InputError("people.causes", list(spec.people.causes), rule, "name another cause or setting")
    return np.asarray(mix / mix.sum())


def _referral(spec: CohortSpec, vectors: Float32s, rng: np.random.Generator) -> _Rows:
    n = len(vectors)
    come = referred(_mix_of(spec), rng.random((n, 4)))
    whole = complete(come.known, Latents(jnp.asarray(vectors)), float("nan"))
    first = _first_days(spec, come.cause, vectors)
    after = np.asarray(spec.visits, np.float32)
    person_row = np.repeat(np.arange(n), len(after))
    day = (first[:, None] + after[None, :]).ravel()
    visit = np.tile(np.arange(len(after)), n)
    states = {name: np.asarray(field) for name, field in whole._asdict().items()}
    return _Rows(
        {**states, "cause": come.cause, "seen_day": first},
        vectors,
        _as_arrays(states),
        later(broadcast(from_plan(spec.plan), n), first) if spec.plan else None,
        person_row,
        person_row,
        visit,
        come.cause[person_row],
        day,
    )


def _as_arrays(fields: Mapping[str, Float32s]) -> Person:
    """Return a person of NumPy fields: the model takes either kind of array."""
    return Person(**{name: fields[name] for name in Person._fields})  # type: ignore[arg-type]


def _first_days(spec: CohortSpec, cause: Ints, vectors: Float32s) -> Float32s:
    """Return the day of the first visit of each patient, (P,) [d]."""
    stated = spec.people.first_visit_day
    when = UNKNOWN if stated is None else Timing(stated, 0.0, 0.0, 0.0)
    return np.asarray(day_of(when, jnp.asarray(cause), Latents(jnp.asarray(vectors))))


_SHARED = ("hba1c", "background", "triglycerides")
"""Dice of the years that are chance of the course as well."""
_FIRST_DAY = 0.5
_INSIDE = 1e-9


def _county(spec: CohortSpec, vectors: Float32s, rng: np.random.Generator) -> _Rows:
    """Return the people of a part of a county and when each is seen."""
    people, uniforms = _start(vectors, rng)
    span, programme = spec.people.span_years, spec.programme
    years = over_years(people, span, programme, uniforms)
    stated = _table(people, years, vectors)
    if not programme.does_nothing:
        without = over_years(people, span, prevention.none(), uniforms)
        stated["onset_year_without"] = without.onset_year
        stated["neuropathy_year_without"] = without.neuropathy_year
    when = np.asarray(spec.visits, np.float64) / DAYS_PER_YEAR
    person_row, visit = np.nonzero(when[None, :] <= years.alive_until_year[:, None])
    at, onset = when[visit], years.onset_year[person_row]
    ill = onset <= at
    some, outcomes = Population(*[f[person_row] for f in people]), Years(*[f[person_row] for f in years])
    then = people_at(some, outcomes, np.where(ill, onset, at), programme)
    day = np.where(ill, (at - onset) * DAYS_PER_YEAR, _FIRST_DAY)
    return _Rows(
        stated,
        vectors,
        _states(then, vectors[person_row]),
        None,
        person_row,
        np.arange(len(person_row)),
        visit,
        np.where(ill, stated["cause"][person_row], index_of("none")).astype(np.int64),
        np.maximum(day, _FIRST_DAY).astype(np.float32),
    )


def _start(vectors: Float32s, rng: np.random.Generator) -> tuple[Population, NDArray[np.float64]]:
    """Return the people of a part at the start, and the uniform numbers of their years, (P, len(EVENTS))."""
    people = sample_adults(len(vectors), rng)
    uniforms = draw_event_uniforms(len(vectors), rng)
    for name in _SHARED:
        same = ndtr(vectors[:, place_of(name).start].astype(np.float64))
        uniforms[:, EVENTS.index(name)] = np.clip(same, _INSIDE, 1.0 - _INSIDE)
    return people, uniforms


def _table(people: Population, years: Years, vectors: Float32s) -> dict[str, NDArray[np.float64]]:
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


def _fats(people: Population, vectors: Float32s) -> NDArray[np.float64]:
    z = vectors[:, place_of("triglycerides").start].astype(np.float64)
    return triglycerides_mg_dl(people.diabetes, z)


def _states(people: Population, vectors: Float32s) -> Person:
    """Return people as the course takes them."""
    own = {"weight_kg": weight_kg(people), "triglycerides_mg_dl": _fats(people, vectors)}
    known = {**people._asdict(), **own}
    return _as_arrays({name: np.asarray(known[name], np.float32) for name in Person._fields})
