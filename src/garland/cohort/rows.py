"""The people of one part of a cohort, and one row for every time somebody is seen.

Everything is drawn from the seed of the cohort and the number of the part, so that a part is the same whoever
makes it, and in whatever order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.cohort.spec import _CohortSpec
from garland.errors import InputError
from garland.forecast.simulate import broadcast, later
from garland.inference.timing import UNKNOWN, Timing, day_of
from garland.model.diseases import DISEASES
from garland.model.diseases.prior import prior
from garland.model.latents import Latents, normals
from garland.model.patient import Person, complete, unknown_person
from garland.model.treatment.plan import from_plan
from garland.model.treatment.schedule import Treatments
from garland.population.referral import referred

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


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
    vectors: Floats
    states: Person
    treatment: Treatments | None
    who: Ints
    state: Ints
    visit: Ints
    cause: Ints
    day: Floats


def _dice(spec: _CohortSpec, part: int, stream: int) -> np.random.Generator:
    """Return the source of chance of one part: 0 who people are, 1 what is recorded of them."""
    return np.random.default_rng([spec.seed, part, stream])


def _chance_of(spec: _CohortSpec, part: int) -> tuple[Floats, np.random.Generator]:
    """Return the chance of the people of a part, (P, SIZE) [-], and the source of all else about them."""
    rng = _dice(spec, part, 0)
    return normals(rng, spec.people_of(part)), rng


def _rows_of(spec: _CohortSpec, part: int) -> _Rows:
    """Return the people of a part and when each is seen."""
    vectors, rng = _chance_of(spec, part)
    if spec.people.source == "county":
        from garland.cohort.county import _county

        return _county(spec, vectors, rng)
    return _referral(spec, vectors, rng)


def _mix_of(spec: _CohortSpec) -> NDArray[np.float64]:
    """Return the share of each cause among those who are referred, (C,); it sums to one [-]."""
    mix = np.asarray(prior(unknown_person(), spec.people.setting), np.float64)
    if spec.people.causes:
        wanted = [cause.name in spec.people.causes for cause in DISEASES]
        mix = np.where(wanted, mix, 0.0)
    if mix.sum() <= 0.0:
        rule = f"are never met in the setting {spec.people.setting}"
        raise InputError("people.causes", list(spec.people.causes), rule, "name another cause or setting")
    return np.asarray(mix / mix.sum())


def _referral(spec: _CohortSpec, vectors: Floats, rng: np.random.Generator) -> _Rows:
    n = len(vectors)
    come = referred(_mix_of(spec), rng.random((n, 4)))
    whole = complete(come.known, Latents(jnp.asarray(vectors)), float("nan"))
    first = _first_days(spec, come.cause, vectors)
    after = np.asarray(spec.visits, np.float32)
    who = np.repeat(np.arange(n), len(after))
    day = (first[:, None] + after[None, :]).ravel()
    visit = np.tile(np.arange(len(after)), n)
    states = {name: np.asarray(field) for name, field in whole._asdict().items()}
    return _Rows(
        {**states, "cause": come.cause, "seen_day": first},
        vectors,
        _as_arrays(states),
        later(broadcast(from_plan(spec.plan), n), first) if spec.plan else None,
        who,
        who,
        visit,
        come.cause[who],
        day,
    )


def _as_arrays(fields: Mapping[str, Floats]) -> Person:
    """Return a person of NumPy fields: the model takes either kind of array."""
    return Person(**{name: fields[name] for name in Person._fields})  # type: ignore[arg-type]


def _first_days(spec: _CohortSpec, cause: Ints, vectors: Floats) -> Floats:
    """Return the day of the first visit of each patient, (P,) [d]."""
    told = spec.people.first_visit_day
    when = UNKNOWN if told is None else Timing(told, 0.0, 0.0, 0.0)
    return np.asarray(day_of(when, jnp.asarray(cause), Latents(jnp.asarray(vectors))))
