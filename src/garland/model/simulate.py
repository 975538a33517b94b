"""The spine: from a cause to what a patient feels and an examiner finds, station by station, in order.

causes -> vessels -> anatomy -> fibres -> bedside and recordings. No science of its own. Inference, virtual
patients and cohorts all call `expected`; nothing else may hold a second copy of the disease.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental.layout import Layout, with_layout_constraint

from garland.errors import EvidenceError
from garland.evidence import part
from garland.model.axons.muscle import Muscle, muscle_state
from garland.model.axons.paths import materialise
from garland.model.axons.state import AxonState, axon_state
from garland.model.clinical_signs import examination, pain, scales
from garland.model.diseases import DISEASES, index_of
from garland.model.diseases.course import on_day, with_course
from garland.model.diseases.lesion_process import Beside, LesionProcess, as_examined
from garland.model.diseases.tables import HISTORY, LABORATORY, cause_tables
from garland.model.diseases.treatment_induced import with_treatment_induced
from garland.model.electrodiagnosis.late_responses import late_responses
from garland.model.electrodiagnosis.needle import needle
from garland.model.electrodiagnosis.nerve_conduction import motor_conduction, sensory_conduction
from garland.model.findings import FINDINGS, LOGARITHMIC
from garland.model.latents import Latents
from garland.model.patient import Person, complete
from garland.model.treatment.curative import with_cure
from garland.model.treatment.schedule import Treatments

COMPILER: dict[str, str | int] = {
    "xla_disable_hlo_passes": "dot-merger,cse_barrier_expander",
    "xla_cpu_prefer_vector_width": 512,
}
"""How to compile the model: `jax.jit(expected, compiler_options=COMPILER)`. The numbers are the same without.

XLA otherwise drops the barriers of `fibres.paths.computed_once` before it fuses loops, and then works out
the same exponentials once for every path; and it joins products that share a side, in a slower layout. The
options are for processors; on other devices leave them out.
"""


class PatientState(NamedTuple):
    """One day in the course of N patients who share a cause."""

    person: Person
    lesion_process: LesionProcess
    fibres: AxonState
    muscle: Muscle
    latents: Latents
    day: jax.Array
    cause: jax.Array
    treatment: Treatments | None


def state_on_day(
    person: Person,
    cause: jax.Array | int,
    latents: Latents,
    day: jax.Array,
    treatment: Treatments | None = None,
) -> PatientState:
    """Return the state of N patients on a day."""
    whole, lesion_process = lesions_of(person, cause, latents)
    return state_with_lesions(whole, lesion_process, cause, latents, day, treatment)


def lesions_of(person: Person, cause: jax.Array | int, latents: Latents) -> tuple[Person, LesionProcess]:
    """Return N persons, whole, and what a cause does to them: no day and no care has a part in it yet."""
    by_cause = jnp.asarray([float("nan") if c.diabetes is None else c.diabetes for c in DISEASES])
    whole = complete(person, latents, by_cause[cause])
    return whole, with_course(_lesion_process_of(cause, whole, latents), latents, cause)


def with_both(
    first: tuple[Person, LesionProcess],
    second: tuple[Person, LesionProcess],
    causes: tuple[int, int],
    began_day: jax.Array,
) -> tuple[Person, LesionProcess]:
    """Return N persons who have two diseases at once, from what `lesions_of` gives of each.

    The second began on the day `began_day` (N,) of the clock of the first [d]. A person has diabetes or not
    as the first disease wants it, or else as the second does.
    """
    wants = [DISEASES[cause].diabetes for cause in causes]
    whole = second[0] if wants[0] is None and wants[1] is not None else first[0]
    return whole, first[1]._replace(beside=Beside(second[1], began_day, jnp.int32(causes[1])))


def state_with_lesions(
    whole: Person,
    lesion_process: LesionProcess,
    cause: jax.Array | int,
    latents: Latents,
    day: jax.Array,
    treatment: Treatments | None = None,
) -> PatientState:
    """Return the state on a day of N patients whom a cause has struck; see `lesions_of`."""
    lesion_process = on_day(lesion_process, day)
    if treatment is not None:
        lesion_process = with_cure(lesion_process, day, treatment)
        lesion_process = with_treatment_induced(lesion_process, whole, latents, day, treatment)
    fibres = axon_state(whole, latents, lesion_process, day, treatment)
    muscle = muscle_state(latents, lesion_process, fibres, day)
    met = as_examined(lesion_process)
    return PatientState(whole, met, fibres, muscle, latents, day, jnp.asarray(cause), treatment)


def _lesion_process_of(cause: jax.Array | int, person: Person, latents: Latents) -> LesionProcess:
    """Return what the cause does to N completed persons; a plain number compiles that cause alone."""
    if isinstance(cause, int):
        return DISEASES[cause].lesion_process(person, latents)
    # New functions on each call: a compiled branch is kept by identity, with the numbers it was traced with.
    branches = [lambda *given, of=c.lesion_process: of(*given) for c in DISEASES]
    return cast(LesionProcess, jax.lax.switch(cause, branches, person, latents))


def expected_findings(state: PatientState) -> jax.Array:
    """Return what every test would show on average, (N, N_FINDINGS), in the order of `findings.SIDED`."""
    return _joined(_collected(state))


def _collected(state: PatientState) -> dict[str, jax.Array]:
    """Return what the formulas give, by field; a declaration without formula, or the reverse, is an error."""
    fields = {name: value for formulas in _FORMULAS for name, value in formulas(state).items()}
    for name in FINDINGS.keys() - fields.keys():
        raise EvidenceError(
            f"findings/{FINDINGS[name].group}.{name}: has no formula; write one in garland.model"
        )
    for name in fields.keys() - FINDINGS.keys():
        raise EvidenceError(f"{name}: has a formula and no declaration; declare it in evidence/findings")
    for name in LOGARITHMIC:
        fields[name] = jnp.log(fields[name])
    return fields


def _joined(fields: dict[str, jax.Array]) -> jax.Array:
    """Return the fields side by side, (N, N_FINDINGS), laid out in memory with patients last until here."""
    ordered = [fields[name] for name in FINDINGS]
    rows = [jnp.moveaxis(field, 0, -1).reshape(-1, field.shape[0]) for field in ordered]
    every = with_layout_constraint(jnp.concatenate(rows), Layout((0, 1)))  # type: ignore[no-untyped-call]
    return materialise(every)[0].T


def _bedside(c: PatientState) -> dict[str, jax.Array]:
    force = examination.force(c.muscle, c.lesion_process)
    movement = examination.mrc_grade(examination.movement_force(force))
    large, small = c.fibres.sensory_conducting, c.fibres.sensory_conducting_small
    stretch = jax.scipy.stats.norm.ppf(jnp.clip(c.lesion_process.stretch, 0.01, 0.99))
    return {
        "movement_strength": movement,
        "muscle_strength": examination.mrc_grade(force),
        "reflex": examination.reflex_grade(c.person, c.latents, c.lesion_process, c.fibres, c.muscle),
        "plantar": examination.extensor_plantar(c.lesion_process),
        "nerve_feeling": examination.nerve_loss(large, c.latents),
        "nerve_feeling_small": examination.nerve_loss(small, c.latents),
        "dermatome_feeling": examination.dermatome_loss(large),
        "dermatome_feeling_small": examination.dermatome_loss(small),
        "region_feeling": examination.region_loss(small),
        "region_pain": pain.region_pain(c.latents, c.lesion_process, c.fibres, c.day),
        "region_numbness": examination.numbness(c.fibres),
        "wasting": examination.wasting(c.muscle),
        "twitching": examination.twitching(c.muscle, c.lesion_process),
        "stretch": stretch,
        "walking": scales.walking_grade(movement),
    }


def _recordings(c: PatientState) -> dict[str, jax.Array]:
    motor = motor_conduction(c.person, c.latents, c.fibres, c.muscle)
    sensory = sensory_conduction(c.person, c.latents, c.fibres)
    late = late_responses(c.person, c.latents, c.fibres, c.muscle)
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
        **needle(c.person, c.lesion_process, c.muscle)._asdict(),
    }


_NEVER = -9.0
"""Normal score of what is never so [-]."""


_OF_WOMEN = np.array([name == "childbirth" for name in HISTORY])


def _asked_of(person: Person) -> jax.Array:
    """Return which items of the history can be so of N persons, (N, H)."""
    return jnp.logical_not(_OF_WOMEN & (person.male > 0.5)[:, None])


def _by_cause(c: PatientState) -> dict[str, jax.Array]:
    tables = cause_tables()
    n = c.day.shape[0]
    beside = c.lesion_process.beside
    causes = [c.cause] if beside is None else [c.cause, beside.cause]

    def row_of(table: object, cause: jax.Array) -> jax.Array:
        return jnp.broadcast_to(jnp.asarray(table)[cause], (n, jnp.asarray(table).shape[1]))

    def row(table: object) -> jax.Array:
        # What one of two diseases brings is there, whatever the other brings.
        return functools.reduce(jnp.maximum, [row_of(table, cause) for cause in causes])

    laboratory = _farthest(
        [
            row_of(tables.laboratory, cause)
            + row_of(tables.laboratory_spread, cause) * c.latents["laboratory"]
            for cause in causes
        ],
        row_of(tables.laboratory, jnp.asarray(index_of("none"))) if beside is not None else None,
    )
    csf = jnp.asarray([float(name == "csf_protein") for name in LABORATORY])
    diabetic = part("causes/baseline").csf_protein_diabetes * c.person.diabetes
    # Whatever somebody with diabetes comes for, a polyneuropathy may be there besides.
    background = jnp.where(c.person.diabetes[:, None] > 0.5, tables.conclusion_diabetes, _NEVER)
    return {
        "progression": jnp.log(jnp.maximum(c.lesion_process.span_day, 0.5))[:, None],
        "history": jnp.where(_asked_of(c.person), row(tables.history), _NEVER),
        "elsewhere": row(tables.elsewhere),
        "imaging": row(tables.imaging),
        "compression": row(tables.compression),
        "pes_cavus": row(tables.pes_cavus),
        "conclusion": jnp.maximum(row(tables.conclusion), background),
        "laboratory": laboratory + diabetic[:, None] * csf,
    }


def _farthest(rows: list[jax.Array], healthy: jax.Array | None) -> jax.Array:
    """Return of two diseases' values those that are farther from health, the first where there is but one."""
    if healthy is None:
        return rows[0]
    first, second = rows
    return jnp.where(jnp.abs(second - healthy) > jnp.abs(first - healthy), second, first)


_FORMULAS: list[Callable[[PatientState], dict[str, jax.Array]]] = [_bedside, _recordings, _by_cause]
"""Where the expected values of the declared findings are worked out, by name."""
