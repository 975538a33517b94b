"""Virtual patients from a stated referral mix, drawn by the laws that inference assumes, and their records.

Trusted  adults of 18 to 90 years.

The cause comes from the mix, age, sex and diabetes from the cause, all else from chance; what a laboratory
would find is what the one forward path expects. A record therefore is a draw from the joint distribution
whose posterior inference claims to give, which is what makes its calibration testable.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from experiments import clinic
from garland.inference.encode_case import TRUSTED
from garland.inference.likelihood import UNKNOWN, Timing, day_of
from garland.model.diseases.prior import prior
from garland.model.latents import Latents, normals
from garland.model.patient import Person, complete, unknown_person
from garland.model.simulate import COMPILER, expected_findings, state_on_day
from garland.population.referral import Referred, referred
from garland.records import Case

LEVELS = clinic.LEVELS
"""Amounts of information, each holding the ones before it; the last is the full study."""
BATCH = 32
"""Patients in one call of the compiled model [-]."""
_DECIMALS = {
    "height_cm": 0,
    "weight_kg": 0,
    "diabetes_years": 1,
    "hba1c_percent": 1,
    "triglycerides_mg_dl": 0,
}


class Virtual(NamedTuple):
    """One virtual patient on the day of coming.

    Attributes
    ----------
    seed, cause : int
        Seed, and index into `DISEASES`.
    person : Person
        Complete, as a record would round it; scalars.
    vector : (N_LATENTS,)
        Chance [-].
    day : float
        Days since the first symptom [d].
    expected : (N_FINDINGS,)
        Every finding on average.
    at_sites : (2, S)
        Share of axons cut or blocked at each site [0..1].
    """

    seed: int
    cause: int
    person: Person
    vector: NDArray[np.float32]
    day: float
    expected: NDArray[np.float32]
    at_sites: NDArray[np.float32]


class Shown(NamedTuple):
    """What N patients of one cause show: day (N,) [d], expected (N, F), loss at sites (N, 2, S) [0..1]."""

    day: NDArray[np.float32]
    expected: NDArray[np.float32]
    at_sites: NDArray[np.float32]


@cache
def _compiled() -> Any:
    def shown(person: Person, cause: jax.Array, vector: jax.Array, timing: Timing) -> Shown:
        latents = Latents(vector)
        day = day_of(timing, cause, latents)
        course = state_on_day(person, cause, latents, day)
        lost = 1.0 - jnp.exp(-(course.fibres.site_loss_now + course.fibres.site_block))
        return Shown(day, expected_findings(course), lost)  # type: ignore[arg-type]

    return jax.jit(shown, compiler_options=COMPILER)


def shown(person: Person, cause: int, vectors: NDArray[np.float32], timing: Timing = UNKNOWN) -> Shown:
    """Return what patients of one cause show; one compiled program serves every cause and number."""
    n, parts = len(vectors), []
    fields = [np.broadcast_to(np.asarray(field, np.float32), (n,)) for field in person]
    when: Any = Timing(*[np.float32(value) for value in timing])  # type: ignore[arg-type]
    for start in range(0, n, BATCH):
        rows = np.arange(start, start + BATCH) % n if n < start + BATCH else np.arange(start, start + BATCH)
        batch = _person([field[rows] for field in fields])
        found = _compiled()(batch, np.int32(cause), np.asarray(vectors)[rows], when)
        parts.append([np.asarray(one)[: n - start] for one in found])
    return Shown(*[np.concatenate(column) for column in zip(*parts, strict=True)])


def someone(seed: int, mix: NDArray[np.float64]) -> tuple[int, float, float, float]:
    """Return cause, age [a], male and diabetes of one patient of a mix; same seed and mix, same patient."""
    one = referred(mix, np.random.default_rng([seed, 0]).random((1, 4)))
    return int(one.cause[0]), float(one.age_years[0]), float(one.male[0]), float(one.diabetes[0])


def draw(seeds: Sequence[int], setting: str = "emg-laboratory") -> list[Virtual]:
    """Return virtual patients in the order of their seeds; same seed and setting, same patient."""
    mix = prior(unknown_person(), setting)
    rows = [someone(seed, mix) for seed in seeds]
    vectors = np.concatenate([normals(np.random.default_rng([seed, 1]), 1) for seed in seeds])
    causes = np.array([cause for cause, *_ in rows])
    come = Referred(causes, *np.array(rows, np.float64)[:, 1:].T)
    whole = _as_recorded(complete(come.known, Latents(jnp.asarray(vectors)), float("nan")))
    made: dict[int, Virtual] = {}
    for cause in np.unique(causes):
        at = [int(i) for i in np.flatnonzero(causes == cause)]
        found = shown(_person([field[at] for field in whole]), int(cause), vectors[at])
        for row, i in enumerate(at):
            person = _person([field[i] for field in whole])
            made[i] = Virtual(
                seeds[i], int(cause), person, vectors[i],
                float(found.day[row]), found.expected[row], found.at_sites[row],
            )  # fmt: skip
    return [made[i] for i in range(len(rows))]


def _person(fields: Sequence[Any]) -> Person:
    """Return persons of NumPy fields: the model takes either kind of array."""
    return Person(*fields)


def _as_recorded(person: Person) -> Person:
    """Return the persons as a record would round them and inference takes them, fields (N,)."""
    rows = []
    for name, value in person._asdict().items():
        low, high, _ = TRUSTED.get(name, (-np.inf, np.inf, ""))
        rows.append(np.clip(np.round(np.asarray(value), _DECIMALS.get(name, 0)), low, high))
    return _person(rows)


def case_at(patient: Virtual, level: str) -> Case:
    """Return what a clinic would have recorded of a patient up to a level of information."""
    person = {field: float(value) for field, value in zip(Person._fields, patient.person, strict=True)}
    return clinic.record(
        f"virtual-{patient.seed}", person, patient.day, patient.expected, patient.seed, level
    )
