"""One day in the lives of simulated patients, as NumPy arrays: the only door to the forward model here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.evidence import part, replaced
from garland.model.electrodiagnosis.needle import needle
from garland.model.electrodiagnosis.nerve_conduction import motor_conduction
from garland.model.latents import Latents
from garland.model.outcomes import Outcomes, outcomes
from garland.model.patient import Person
from garland.model.simulate import COMPILER, PatientState, state_on_day
from garland.model.treatment.schedule import Treatments

BATCH = 512
"""Patients of one call of the compiled model [-]."""


class _Scene(NamedTuple):
    """One day of N patients.

    Attributes
    ----------
    outcomes : Outcomes
        What the patients live through on that day; see there for the fields.
    person : Person
        Who they are, nothing unknown.
    cmap_ln : (N, 2, K, 3)
        Logarithm of every CMAP [ln mV].
    fibrillation : (N, 2, M)
        Fibrillation on the 0-4 scale [-].
    struck_hazard : (N, 2)
        Hazard of axon loss at the worst site of each side, when all is done [-].
    struck_day, done_day : (N, 2)
        Day on which damage begins and is complete at the worst site of each side [d].
    again_day, again_ratio : (N,)
        Day of a relapse and its damage relative to the first [d, -].
    """

    outcomes: Outcomes
    person: Person
    cmap_ln: Any
    fibrillation: Any
    struck_hazard: Any
    struck_day: Any
    done_day: Any
    again_day: Any
    again_ratio: Any


def _scene(
    numbers: Mapping[str, Any],
    person: Person,
    cause: jax.Array,
    latents: Latents,
    day: jax.Array,
    treatment: Treatments,
) -> _Scene:
    """Return one day of N patients who share a cause; pure, for compiling."""
    with replaced(numbers):
        course = state_on_day(person, cause, latents, day, treatment)
        return _Scene(outcomes(course), course.person, *_recorded(course), *_story(course))


def _recorded(course: PatientState) -> tuple[jax.Array, jax.Array]:
    motor = motor_conduction(course.person, course.latents, course.fibres, course.muscle)
    return motor.amplitude_ln, needle(course.person, course.lesion_process, course.muscle).fibrillation


def _story(course: PatientState) -> tuple[jax.Array, ...]:
    """Return when and how hard each side is struck, and the relapse."""
    lesion_process = course.lesion_process
    worst = lesion_process.axon_loss.argmax(axis=2)[..., None]
    start = jnp.take_along_axis(lesion_process.start_day, worst, axis=2)[..., 0]
    done = start + lesion_process.span_day[:, None]
    return (
        lesion_process.axon_loss.max(axis=2),
        start,
        done,
        lesion_process.again_day,
        lesion_process.again_ratio,
    )


@cache
def _compiled() -> Any:
    return jax.jit(_scene, compiler_options=COMPILER)


def _scene_of(
    numbers: Mapping[str, Any],
    person: Person,
    cause: int,
    latents: Latents,
    day: np.ndarray,
    treatment: Treatments,
) -> _Scene:
    """Return one day of any number of patients, in batches of one size so that one compilation serves all."""
    n = len(day)
    whole = (*_rows((person, treatment), n), latents, jnp.asarray(day, jnp.float32))
    padded = -(-n // BATCH) * BATCH
    wide = jax.tree.map(lambda field: jnp.take(field, jnp.arange(padded) % n, axis=0), whole)
    parts = []
    for start in range(0, padded, BATCH):
        who, care_of, luck, when = jax.tree.map(lambda field: field[start : start + BATCH], wide)  # noqa: B023
        made = _compiled()(dict(numbers), who, jnp.int32(cause), luck, when, care_of)
        parts.append(jax.tree.map(np.asarray, made))
    return _joined(parts, n)


def _joined(scenes: list[_Scene], n: int | None = None) -> _Scene:
    """Return several groups of patients as one, cut to the first `n` if given."""
    return jax.tree.map(lambda *fields: np.concatenate(fields)[:n], *scenes)  # type: ignore[no-any-return]


def _rows(tree: Any, n: int) -> Any:
    """Return a tree of scalars and (n,) arrays with every field of shape (n,)."""
    return jax.tree.map(lambda field: jnp.broadcast_to(jnp.asarray(field, jnp.float32), (n,)), tree)


def _limit(name: str) -> float:
    """Return a line drawn by `validation/ascertainment`, in its unit."""
    return part("validation/ascertainment").value(name)
