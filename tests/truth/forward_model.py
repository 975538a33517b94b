"""One compiled model for all truth tests: patients of every cause, and lesions laid by hand.

Everything runs on one number of patients, so that the model is compiled once per process. The side where a
disease began is the left one, unless a test asks otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.anatomy.tree import load
from garland.model.diseases import index_of
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.findings import Address, column
from garland.model.latents import BLOCKS, N_LATENTS, Latents, draw, place_of
from garland.model.patient import Person, unknown_person
from garland.model.simulate import COMPILER, PatientState, expected_findings, lesions_of, state_with_lesions
from garland.reference_values import REFERENCE_AGE_YEARS
from tests.compiling import FEW_CALLS, kept_for_all, single

N = 200
"""Patients per call; also the number of days of one time course."""
LEFT, RIGHT = 0, 1
ANATOMY = load()
SIDE_NAMES = ("left", "right")


class Seen(NamedTuple):
    """What the model says about N patients: the course and the vector of expected findings."""

    course: PatientState
    vector: NDArray[np.float32]

    def __call__(self, field: str, item: str, side: int | None = LEFT) -> NDArray[np.float32]:
        """Return one finding of every patient, on the left unless asked otherwise, shape (N,)."""
        return self.vector[:, column(Address(field, side, item))]


def person(**known: float) -> Person:
    """Return a person of whom only these fields are known."""
    given = {name: jnp.asarray(value, jnp.float32) for name, value in known.items()}
    return unknown_person()._replace(**given)


def healthy_person(**known: float) -> Person:
    """Return a person of the reference age and height without diabetes."""
    usual = {
        "age_years": REFERENCE_AGE_YEARS,
        "male": 1.0,
        "height_cm": 170.0,
        "weight_kg": 75.0,
        "diabetes": 0.0,
        "diabetes_years": 0.0,
        "hba1c_percent": 5.5,
        "triglycerides_mg_dl": 120.0,
    }
    return person(**(usual | known))


def average_chance() -> Latents:
    """Return N times the patient in whom every number of chance is zero, but who falls ill on the left."""
    return with_block(Latents(jnp.zeros((N, N_LATENTS), jnp.float32)), "side", -1.0)


def with_block(latents: Latents, name: str, value: float) -> Latents:
    """Return the chance with one block set to a value."""
    return Latents(latents.vector.at[:, place_of(name)].set(value))


@cache
def drawn_chance() -> Latents:
    """Return N drawn patients who fall ill on the left."""
    return with_block(draw(jax.random.key(1994), N), "side", -0.8)


def _day(
    whole: Person, lesion_process: LesionProcess, latents: Latents, day: jax.Array, cause: jax.Array
) -> tuple[PatientState, jax.Array]:
    course = state_with_lesions(whole, lesion_process, cause, latents, day)
    return course, expected_findings(course)


_insults = kept_for_all(lesions_of, FEW_CALLS)
_course = kept_for_all(_day, COMPILER)


def _days(day: float | NDArray[np.float32]) -> jax.Array:
    return jnp.broadcast_to(jnp.asarray(day, jnp.float32), (N,))


def patients(
    cause: str,
    day: float | NDArray[np.float32],
    known: Person | None = None,
    latents: Latents | None = None,
) -> Seen:
    """Return N patients with a cause on a day; drawn patients unless a chance is given."""
    latents = drawn_chance() if latents is None else latents
    index = jnp.asarray(index_of(cause))
    whole, lesion_process = _insults(unknown_person() if known is None else known, index, latents)
    course, vector = _course(whole, lesion_process, latents, _days(day), index)
    return Seen(course, np.asarray(vector))


def made(
    lesion_process: LesionProcess, day: float | NDArray[np.float32], known: Person | None = None
) -> Seen:
    """Return what given insults do to the average patient, on one day or on N days."""
    latents, index = average_chance(), jnp.asarray(index_of("none"))
    whole, _ = _insults(healthy_person() if known is None else known, index, latents)
    course, vector = _course(whole, single(lesion_process), latents, _days(day), index)
    return Seen(course, np.asarray(vector))


def at_sites(hazards: Mapping[str, float]) -> jax.Array:
    """Return hazards at named sites of the left side, shape (N, 2, S)."""
    row = np.zeros((N, 2, len(ANATOMY.sites)), np.float32)
    for name, hazard in hazards.items():
        row[:, LEFT, ANATOMY.site(name)] = hazard
    return jnp.asarray(row)


def cut(*sites: str, day: float | NDArray[np.float32], hazard: float = 8.0) -> Seen:
    """Return the average patient some days after nerves were cut on the left within half a day."""
    loss = at_sites(dict.fromkeys(sites, hazard))
    return made(_no_damage(N)._replace(axon_loss=loss, span_day=jnp.full((N,), 0.5)), day)


def blocked(*sites: str, day: float = 10.0, hazard: float = 3.0) -> Seen:
    """Return the average patient some days after conduction was blocked at sites of the left side."""
    return made(_no_damage(N)._replace(block=at_sites(dict.fromkeys(sites, hazard))), day)


def untouched(day: float = 30.0) -> Seen:
    """Return the average patient without any damage."""
    return made(_no_damage(N), day)


def mirrored(latents: Latents) -> Latents:
    """Return the latents of the mirror-image patients: sides swapped, all else equal, same shape."""
    vector = latents.vector
    for name, block in BLOCKS.items():
        if block.sided:
            half = vector[:, place_of(name)].reshape(vector.shape[0], 2, block.size // 2)
            swapped = half[:, ::-1].reshape(vector.shape[0], block.size)
            vector = vector.at[:, place_of(name)].set(swapped)
    return Latents(vector.at[:, place_of("side")].multiply(-1.0))
