"""From the course of one patient to what each nerve and muscle is like in one session.

A session departs from what the patient's tests show on average by the noise that inference expects: a number
of chance for every finding, of the same spread. Without a session the states give the expected measures.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from garland._types import Float64s
from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.muscle import cohorts_of
from garland.model.electrodiagnosis.nerve_conduction import (
    MotorNerve,
    SensoryNerve,
    motor_nerve,
    sensory_nerve,
)
from garland.model.findings import N_FINDINGS, Address, column, session_noise
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.simulate import PatientState, expected_findings, state_on_day
from garland.programs import Compiled
from garland.reference_values import absent_in_health, smallest_response_ln
from garland.waveforms.state import LateState, MotorState, NeedleState, SensoryState

_A = load()
SIDES = ("left", "right")


class _EdxState(NamedTuple):
    """N patients on one day, as far as a laboratory can see them; patients are the first axis of every field.

    Attributes
    ----------
    person : Person
        Completed.
    motor, sensory : MotorNerve, SensoryNerve
        What conduction studies are made of.
    conducting, axons, innervated : (N, 2, M)
        Share of motor units that conduct, that are connected, and of muscle fibres with a nerve [0..1].
    young, diseased : (N, 2, M)
        Share of muscle fibres lately reinnervated, and out of work from disease of muscle [0..1].
    lesion_age_day : (N, 2, M)
        Mean age of the denervation [d].
    affected_axons : (N, 2)
        Axons lost and blocked at all sites of a side, summed [-].
    expected : (N, N_FINDINGS)
        Every finding on average.
    """

    person: Any
    motor: MotorNerve
    sensory: SensoryNerve
    conducting: Any
    axons: Any
    innervated: Any
    young: Any
    diseased: Any
    lesion_age_day: Any
    affected_axons: Any
    expected: Any


def _state_of(course: PatientState) -> _EdxState:
    """Return what a laboratory sees of N patients on the day of their course."""
    c = course
    cut = cohorts_of(c.fibres.motor_surviving)
    age = c.fibres.ages_day[..., None]
    mean_age = (cut * age).sum(axis=2) / jnp.maximum(cut.sum(axis=2), 1e-6)
    return _EdxState(
        person=c.person,
        motor=motor_nerve(c.person, c.latents, c.fibres, c.muscle),
        sensory=sensory_nerve(c.person, c.latents, c.fibres),
        conducting=c.muscle.conducting,
        axons=c.muscle.axons,
        innervated=c.muscle.innervated,
        young=c.muscle.young,
        diseased=c.muscle.diseased,
        lesion_age_day=mean_age,
        affected_axons=(c.fibres.site_loss_now + c.fibres.site_block).sum(axis=2),
        expected=expected_findings(c),
    )


def edx_state(
    person: Person, cause: int, latents: Latents, day: ArrayLike, treatment: Any = None
) -> _EdxState:
    """Return `_state_of` of the course of N patients who share a cause, as NumPy."""
    found = _compiled()(person, np.int32(cause), latents.vector, day, treatment)
    return jax.tree.map(np.asarray, found)  # type: ignore[no-any-return]


@functools.cache
def _compiled() -> Compiled:
    def look(
        person: Person, cause: jax.Array, vector: jax.Array, day: jax.Array, treatment: Any
    ) -> _EdxState:
        return _state_of(state_on_day(person, cause, Latents(vector), day, treatment))

    on_processor = jax.default_backend() == "cpu"
    options = {"xla_backend_optimization_level": 0} if on_processor else None
    return Compiled(look, name="study", compiler_options=options)


class _Departure(NamedTuple):
    """How one session departs from the average.

    Attributes
    ----------
    departs : ndarray
        By finding, on the scale of the finding, (N_FINDINGS,).
    luck : ndarray
        By finding, (N_FINDINGS,) [0..1]: a response that one healthy person in five lacks is not obtained
        where this is below 0.2.
    """

    departs: Float64s
    luck: Float64s


def draw_departure(rng: np.random.Generator) -> _Departure:
    """Return a session drawn with the noise that inference expects; that of temperature is among it."""
    return _Departure(session_noise(rng.standard_normal(N_FINDINGS)), rng.random(N_FINDINGS))


@functools.cache
def _left_to_session(field: str) -> float:
    """Return how much of a field's noise is the session's own, where reading a trace brings the rest."""
    read, whole = part("study/session").table("read_off_trace_sd"), part("recordings/noise").table("sd")
    return math.sqrt(max(1.0 - (read[field] / whole[field]) ** 2, 0.0)) if field in read else 1.0


@dataclass(frozen=True)
class EdxSession:
    """One patient on the couch: states of nerves and muscles on demand.

    Parameters
    ----------
    seen : Seen
        One or more patients.
    patient : int
        Which of them.
    session : Session or None
        How this session departs; None for an average one.
    temperature_c : float
        Skin temperature [Cel]: what it does beyond 34 degrees comes on top.
    on_paper : bool
        True where findings are told as numbers and no trace is read, so that the session brings all noise.
    """

    seen: _EdxState
    patient: int = 0
    session: _Departure | None = None
    temperature_c: float = 34.0
    on_paper: bool = False

    def found(self, field: str, item: str, side: int) -> float:
        """Return one finding in this session, on its own scale."""
        at = column(Address(field, side, item))
        return float(self.seen.expected[self.patient, at]) + self.noise(field, item, side)

    def noise(self, field: str, item: str, side: int) -> float:
        """Return how far one finding departs in this session, on its own scale."""
        at = column(Address(field, side, item))
        if self.session is None:
            return 0.0
        return float(self.session.departs[at]) * (1.0 if self.on_paper else _left_to_session(field))

    def obtained(self, field: str, item: str, study: str, side: int) -> bool:
        """Return whether a response that some healthy people lack is there in this session."""
        if self.session is None:
            return True
        return bool(self.session.luck[column(Address(field, side, item))] >= absent_in_health(study))

    def smallest(self, study: str) -> float:
        """Return the smallest amplitude called a response [mV] or [uV]."""
        return math.exp(smallest_response_ln(study))

    def person(self, name: str) -> float:
        """Return one field of the person."""
        return float(np.asarray(getattr(self.seen.person, name))[self.patient])

    def worse_side(self) -> int:
        """Return the side that lost more axons, 0 left and 1 right."""
        return int(np.argmax(self.seen.affected_axons[self.patient]))

    def sensory(self, study: str, side: int) -> SensoryState:
        """Return a sensory nerve."""
        j, n = _A.sensory_study_ids.index(study), self.patient
        nerve = self.seen.sensory
        intact = _share(nerve.intact[n, side, j])
        speed = nerve.healthy_velocity_m_s[n, j] * math.exp(self.noise("sensory_velocity", study, side))
        return SensoryState(
            study=study,
            distance_mm=float(_A.sensory_study_mm[j]),
            amplitude_uv=math.exp(float(nerve.healthy_ln[n, j]) + self.noise("snap", study, side)),
            velocity_m_s=float(speed),
            intact=intact,
            regrown=_share(nerve.regrown[n, side, j], 1.0 - intact),
            passed=_share(nerve.passed[n, side, j]) * self.obtained("snap", study, study, side),
            slowing=float(nerve.slowing[n, side, j]),
            fast=float(nerve.fast[n, side, j]),
            temperature_c=self.temperature_c,
        )

    def motor(self, study: str, side: int) -> MotorState:
        """Return a motor nerve and its muscle."""
        k, n = _A.motor_study_ids.index(study), self.patient
        nerve, points = self.seen.motor, _A.motor_studies[k].points
        own_latency = float(nerve.healthy_latency_ms[n, k])
        intact = _share(nerve.intact[n, side, k])
        regrown = _share(nerve.regrown[n, side, k], 1.0 - intact)
        muscle = _A.motor_studies[k].muscle
        items = [f"{study}@{i}" for i in range(len(points))]
        drops = [float(drop) for drop in nerve.drop_ln[n, side, k, : len(items)]]
        speeds = [
            float(nerve.healthy_velocity_m_s[n, k]) * math.exp(self.noise("motor_velocity", item, side))
            for item in items
        ]
        return MotorState(
            study=study,
            muscle=muscle,
            distances_mm=tuple(float(p.distance_mm) for p in points),
            amplitude_mv=math.exp(float(nerve.healthy_ln[n, k]) + self.noise("cmap", items[0], side)),
            latency_ms=own_latency * math.exp(self.noise("motor_latency", study, side)),
            velocities_m_s=tuple(speeds),
            intact=intact,
            regrown=regrown,
            adopted=_share(nerve.adopted[n, side, k], 1.0 - intact - regrown),
            diseased=_share(nerve.diseased[n, side, k]),
            passed=_share(nerve.passed[n, side, k]) * self.obtained("cmap", items[0], study, side),
            through=tuple(math.exp(drop - drops[0]) for drop in drops),
            slowing=(
                float(nerve.terminal_slowing[n, side, k]),
                *(float(nerve.slowing[n, side, k, i]) for i in range(1, len(points))),
            ),
            fast=float(nerve.fast[n, side, k]),
            temperature_c=self.temperature_c,
        )

    def gains(self, study: str, side: int) -> tuple[float, ...]:
        """Return how much larger each point's CMAP is in this session than its nerve makes it, 1 distally."""
        count = len(_A.motor_studies[_A.motor_study_ids.index(study)].points)
        return (1.0, *(math.exp(self.noise("cmap_drop", f"{study}@{i}", side)) for i in range(1, count)))

    def f_wave(self, item: str, side: int) -> LateState:
        """Return the way of an F wave; `item` as in the findings, such as ``tibial``."""
        return self._late("f", item, side, _A.f_muscle[_A.f_ids.index(item)])

    def h_reflex(self, item: str, side: int) -> LateState:
        """Return the way of an H reflex; `item` as in the findings, such as ``soleus``."""
        return self._late("h", item, side, _A.h_muscle[_A.h_ids.index(item)])

    def _late(self, kind: str, item: str, side: int, muscle: int) -> LateState:
        latency = {f"{kind}_latency_ms": math.exp(self.found(f"{kind}_latency", item, side))}
        conducting = float(self.seen.conducting[self.patient, side, muscle])
        return LateState(
            **latency, excitability=self.found(f"{kind}_response", item, side), conducting=conducting
        )

    def h_muscle(self, item: str, side: int) -> MotorState:
        """Return the muscle of an H reflex, stimulated where the reflex is."""
        p, n = part("study/session"), self.patient
        m = _A.h_muscle[_A.h_ids.index(item)]
        axons = _share(self.seen.axons[n, side, m])
        return MotorState(
            study=f"{item}-h-reflex",
            muscle=_A.muscles[m],
            distances_mm=(p.h_distance_mm,),
            amplitude_mv=p.h_m_amplitude_mv,
            latency_ms=p.h_m_latency_ms,
            velocities_m_s=(p.h_velocity_m_s,),
            intact=axons,
            adopted=_share(self.seen.innervated[n, side, m] - axons, 1.0 - axons),
            diseased=_share(self.seen.diseased[n, side, m]),
            temperature_c=self.temperature_c,
        )

    def needle(self, muscle: str, side: int, rng: np.random.Generator) -> NeedleState:
        """Return a muscle under the needle; `rng` decides only about complex repetitive discharges."""
        p = part("study/session")
        m, n = _A.muscles.index(muscle), self.patient
        grade = self.found("fibrillation", muscle, side)
        age = float(self.seen.lesion_age_day[n, side, m])
        diseased = float(self.seen.diseased[n, side, m])
        old = age > p.complex_repetitive_after_day or diseased > 0.1
        share = p.complex_repetitive_share if grade >= 0.5 and old else 0.0
        return NeedleState(
            muscle=muscle,
            age_years=self.person("age_years"),
            fibrillation=grade,
            lesion_age_day=age,
            fasciculations=self.found("fasciculation", muscle, side) > 0.0,
            myokymia=self.found("myokymia", muscle, side) > 0.0,
            complex_repetitive=bool(rng.random() < share),
            amplitude_ln=self.found("muap_amplitude", muscle, side),
            duration_ln=self.found("muap_duration", muscle, side),
            polyphasic=self.found("polyphasia", muscle, side) > 0.0,
            early=self.found("early_recruitment", muscle, side) > 0.0,
            recruitment_log2=self.found("recruitment", muscle, side),
            young=float(self.seen.young[n, side, m]),
            diseased=diseased,
        )


def _share(value: Any, most: float = 1.0) -> float:
    """Return a share as a number between 0 and `most`: single precision may leave it a hair outside."""
    return min(max(float(value), 0.0), max(most, 0.0))
