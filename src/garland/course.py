"""The spine: from a cause to what a patient feels and an examiner finds, station by station, in order.

causes -> vessels -> anatomy -> fibres -> bedside and recordings. No science of its own. Inference, virtual
patients and cohorts all call `expected`; nothing else may hold a second copy of the disease.

Reads    every station before it.   Feeds  inference.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import jax
import jax.numpy as jnp
from jax.experimental.layout import Layout, with_layout_constraint

from garland.bedside import pain, reflexes, sensation, strength, walking
from garland.care.schedule import Care
from garland.causes import CAUSES
from garland.causes.insults import Insults
from garland.causes.tables import LABORATORY, cause_tables
from garland.causes.treatment_induced import with_treatment_induced
from garland.chance import Chance
from garland.evidence import part
from garland.fibres.muscle import Muscle, muscle_state
from garland.fibres.paths import computed_once
from garland.fibres.population import Fibres, population
from garland.findings import LOGARITHMIC, SIDED, UNSIDED
from garland.person import Person, complete
from garland.recordings.late_responses import late_responses
from garland.recordings.needle import needle
from garland.recordings.nerve_conduction import motor_conduction, sensory_conduction

COMPILER: dict[str, str | int] = {
    "xla_disable_hlo_passes": "dot-merger,cse_barrier_expander",
    "xla_cpu_prefer_vector_width": 512,
}
"""How to compile the model: `jax.jit(expected, compiler_options=COMPILER)`. The numbers are the same without.

XLA otherwise drops the barriers of `fibres.paths.computed_once` before it fuses loops, and then works out
the same exponentials once for every path; and it joins products that share a side, in a slower layout. The
options are for processors; on other devices leave them out.
"""


class Course(NamedTuple):
    """One day in the course of N patients who share a cause."""

    person: Person
    insults: Insults
    fibres: Fibres
    muscle: Muscle
    chance: Chance
    day: jax.Array
    cause: jax.Array
    care: Care | None


def run(
    person: Person, cause: jax.Array | int, chance: Chance, day: jax.Array, care: Care | None = None
) -> Course:
    """Return the state of N patients on a day.

    Parameters
    ----------
    person : Person
        What is known; NaN where unknown.
    cause : jax.Array or int
        Index into `CAUSES`, a scalar: the patients of one call share their cause.
    chance : Chance
        Chance of N patients: all randomness there is.
    day : jax.Array
        Days since the first symptom, shape (N,) [d].
    care : Care, optional
        What is given; None gives nothing and is the same as `no_care()`.
    """
    by_cause = jnp.asarray([float("nan") if c.diabetes is None else c.diabetes for c in CAUSES])
    whole = complete(person, chance, by_cause[cause])
    insults = insults_of(cause, whole, chance)
    if care is not None:
        insults = with_treatment_induced(insults, whole, chance, day, care)
    fibres = population(whole, chance, insults, day, care)
    muscle = muscle_state(chance, insults, fibres, day)
    return Course(whole, insults, fibres, muscle, chance, day, jnp.asarray(cause), care)


def insults_of(cause: jax.Array | int, person: Person, chance: Chance) -> Insults:
    """Return what the cause does to N completed persons; a plain number compiles that cause alone."""
    if isinstance(cause, int):
        return CAUSES[cause].insult(person, chance)
    # New functions on each call: a compiled branch is kept by identity, with the numbers it was traced with.
    branches = [lambda *given, of=c.insult: of(*given) for c in CAUSES]
    return cast(Insults, jax.lax.switch(cause, branches, person, chance))


def findings(course: Course) -> jax.Array:
    """Return what every test would show on average, (N, N_FINDINGS), in the order of `findings.SIDED`."""
    fields = {**_bedside(course), **_recordings(course), **_by_cause(course)}
    for name in LOGARITHMIC:
        fields[name] = jnp.log(fields[name])
    return _joined(fields)


def _joined(fields: dict[str, jax.Array]) -> jax.Array:
    """Return the fields side by side, (N, N_FINDINGS), laid out in memory with patients last until here."""
    ordered = [fields[name] for name in (*SIDED, *UNSIDED)]
    rows = [jnp.moveaxis(field, 0, -1).reshape(-1, field.shape[0]) for field in ordered]
    every = with_layout_constraint(jnp.concatenate(rows), Layout((0, 1)))  # type: ignore[no-untyped-call]
    return computed_once(every)[0].T


def expected(
    person: Person, cause: jax.Array | int, chance: Chance, day: jax.Array, care: Care | None = None
) -> jax.Array:
    """Return the expected findings of N patients on a day, shape (N, N_FINDINGS); see `run`."""
    return findings(run(person, cause, chance, day, care))


def _bedside(c: Course) -> dict[str, jax.Array]:
    force = strength.force(c.muscle, c.insults)
    movement = strength.mrc_grade(strength.movement_force(force))
    large, small = c.fibres.skin_felt, c.fibres.skin_felt_small
    stretch = jax.scipy.stats.norm.ppf(jnp.clip(c.insults.stretch, 0.01, 0.99))
    return {
        "movement_strength": movement,
        "muscle_strength": strength.mrc_grade(force),
        "reflex": reflexes.reflex_grade(c.person, c.chance, c.insults, c.fibres, c.muscle),
        "plantar": reflexes.extensor_plantar(c.insults),
        "nerve_feeling": sensation.nerve_loss(large, c.chance),
        "nerve_feeling_small": sensation.nerve_loss(small, c.chance),
        "dermatome_feeling": sensation.dermatome_loss(large),
        "dermatome_feeling_small": sensation.dermatome_loss(small),
        "region_feeling": sensation.region_loss(small),
        "region_pain": pain.region_pain(c.chance, c.insults, c.fibres, c.day),
        "region_numbness": sensation.numbness(c.fibres),
        "wasting": strength.wasting(c.muscle),
        "twitching": strength.twitching(c.muscle, c.insults),
        "stretch": stretch,
        "walking": walking.walking_grade(movement),
    }


def _recordings(c: Course) -> dict[str, jax.Array]:
    motor = motor_conduction(c.person, c.chance, c.fibres, c.muscle)
    sensory = sensory_conduction(c.person, c.chance, c.fibres)
    late = late_responses(c.person, c.chance, c.fibres, c.muscle)
    return {
        "cmap": motor.amplitude_ln,
        "cmap_drop": motor.drop_ln,
        "motor_latency": motor.latency_ms,
        "motor_velocity": motor.velocity_m_s,
        "snap": sensory.amplitude_ln,
        "sensory_latency": sensory.latency_ms,
        "sensory_velocity": sensory.velocity_m_s,
        "f_latency": late.f_latency_ms,
        "f_response": late.f_response,
        "h_latency": late.h_latency_ms,
        "h_response": late.h_response,
        **needle(c.person, c.insults, c.muscle)._asdict(),
    }


def _by_cause(c: Course) -> dict[str, jax.Array]:
    tables = cause_tables()
    n = c.day.shape[0]

    def row(table: object) -> jax.Array:
        return jnp.broadcast_to(jnp.asarray(table)[c.cause], (n, jnp.asarray(table).shape[1]))

    laboratory = row(tables.laboratory)
    csf = jnp.asarray([float(name == "csf_protein") for name in LABORATORY])
    diabetic = part("causes/baseline").csf_protein_diabetes * c.person.diabetes
    return {
        "progression": jnp.log(jnp.maximum(c.insults.span_day, 0.5))[:, None],
        "history": row(tables.history),
        "imaging": row(tables.imaging),
        "compression": row(tables.compression),
        "laboratory": laboratory + diabetic[:, None] * csf,
    }
