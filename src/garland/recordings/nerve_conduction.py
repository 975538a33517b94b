"""Motor and sensory nerve conduction: amplitude, latency, velocity.

Reads    fibres, person, chance, anatomy.   Feeds  findings.
Trusted  adults, limb skin about 34 degrees.
Numbers  evidence/parameters/recordings/reference_limits.yaml, conduction.yaml

Axon loss lowers amplitude once the stump has degenerated, and slows a little because the fastest fibres go;
demyelination slows; block and fresh cuts lower only what is stimulated above them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import Part, part
from garland.fibres.injury import length_share
from garland.fibres.muscle import Muscle, cohorts_of
from garland.fibres.population import Fibres
from garland.fibres.regrowth import rate_mm_per_day, regrown_share
from garland.person import Person

_ANATOMY = load()
REFERENCE_AGE_YEARS: float = part("recordings/reference_limits").group("reference-person").age_years
"""Age at which the healthy values hold [a]."""
SMALLEST_LN = -6.0
"""Floor of the logarithm of an amplitude relative to health: nothing at all [-]."""


class Reference(NamedTuple):
    """Healthy values of a list of studies; every field of shape (studies,).

    Attributes
    ----------
    amplitude_ln, amplitude_sd_ln, amplitude_age_slope : ndarray
        Mean and spread of log amplitude at the reference age [ln(mV) or ln(uV)] and its change per year [1/a].
    latency_ms, velocity_m_s : ndarray
        Mean distal latency [ms] and velocity [m/s].
    detectable_ln : ndarray
        Smallest amplitude called a response [ln(mV) or ln(uV)].
    absent_in_health : ndarray
        Probability that no response is obtained in a healthy person [0..1].
    """

    amplitude_ln: np.ndarray
    amplitude_sd_ln: np.ndarray
    amplitude_age_slope: np.ndarray
    latency_ms: np.ndarray
    velocity_m_s: np.ndarray
    detectable_ln: np.ndarray
    absent_in_health: np.ndarray


def reference(studies: tuple[str, ...]) -> Reference:
    """Return the healthy values of the named studies, in their order (EvidenceError if one has none)."""
    limits = part("recordings/reference_limits")

    def one(group: Part) -> tuple[float, ...]:
        slope = group.amplitude_age_slope_ln_per_year if "amplitude_age_slope_ln_per_year" in group else 0.0
        return (
            group.amplitude_ln,
            group.spread("amplitude_ln"),
            slope,
            group.latency_ms,
            group.velocity_m_s,
            math.log(group.detectable),
            group.absent_in_health,
        )

    return Reference(*np.array([one(limits.group(name)) for name in studies], np.float32).T)


MOTOR = reference(_ANATOMY.motor_study_ids)
SENSORY = reference(_ANATOMY.sensory_study_ids)


def common_sd_ln(sd_ln: np.ndarray) -> np.ndarray:
    """Return the part of the spread of amplitude that both sides of a person share, same shape [ln]."""
    within = part("recordings/conduction").side_sd_ln
    return np.sqrt(np.maximum(sd_ln**2 - within**2, 0.1**2)).astype(np.float32)


def healthy_velocity(person: Person, chance: Chance, typical: np.ndarray) -> jax.Array:
    """Return each person's healthy velocity in each study, shape (N, studies) [m/s]."""
    p = part("recordings/conduction")
    own = p.velocity_personal_sd * chance["velocity"] + p.velocity_per_cm * (person.height_cm - 170.0)
    return jnp.asarray(typical)[None, :] + own[:, None]


def _mean_over_sites(site_value: jax.Array, incidence: np.ndarray) -> jax.Array:
    """Return the mean of a site value over the sites of each stretch: (N, 2, S) by (..., S) to (N, 2, ...)."""
    flat = incidence.reshape(-1, incidence.shape[-1])
    mean = flat / np.maximum(flat.sum(axis=1, keepdims=True), 1.0)
    return (site_value @ jnp.asarray(mean.T)).reshape(*site_value.shape[:2], *incidence.shape[:-1])


def _sum_over_sites(site_value: jax.Array, incidence: np.ndarray) -> jax.Array:
    """Return the sum of a site value over the sites of each stretch: (N, 2, S) by (..., S) to (N, 2, ...)."""
    flat = incidence.reshape(-1, incidence.shape[-1])
    return (site_value @ jnp.asarray(flat.T)).reshape(*site_value.shape[:2], *incidence.shape[:-1])


class MotorConduction(NamedTuple):
    """Expected motor studies; axes: patient, side, study, stimulation point (distal first).

    Attributes
    ----------
    amplitude_ln, drop_ln : jax.Array
        Log amplitude [ln(mV)], and its fall from the distal point [ln].
    latency_ms, velocity_m_s : jax.Array
        Latency from the distal point, shape (N, 2, K) [ms]; velocity of each stretch, (N, 2, K, 3) [m/s].
    """

    amplitude_ln: jax.Array
    drop_ln: jax.Array
    latency_ms: jax.Array
    velocity_m_s: jax.Array


def motor_conduction(person: Person, chance: Chance, fibres: Fibres, muscle: Muscle) -> MotorConduction:
    """Return the expected motor conduction studies of N patients."""
    p = part("recordings/conduction")
    a = _ANATOMY
    index = jnp.asarray(a.motor_study_muscle)
    length = jnp.asarray(np.asarray(_mean_length())[a.motor_study_muscle])
    reach = length_share(length, person.height_cm, fibres.distal_power)[:, None, :]
    excitable = fibres.motor_left[:, :, 1][..., index]
    regrown = (muscle.axons - fibres.motor_left[:, :, 0])[..., index]
    carried = jnp.minimum(excitable + regrown + muscle.adopted[..., index], 1.0)
    answering = carried * (1.0 - muscle.diseased[..., index]) * jnp.exp(-fibres.distal_block[..., None] * reach)
    healthy = MOTOR.amplitude_ln + MOTOR.amplitude_age_slope * (person.age_years[:, None] - REFERENCE_AGE_YEARS)
    own = healthy + chance["motor_amplitude"] * common_sd_ln(MOTOR.amplitude_sd_ln)
    distal = own[:, None, :] + jnp.maximum(jnp.log(jnp.maximum(answering, 1e-6)), SMALLEST_LN)

    above_first = a.point_incidence - a.point_incidence[:, :1]
    fresh = fibres.site_loss_now - fibres.site_loss_settled
    drop = -_sum_over_sites(fibres.site_block + fresh, np.maximum(above_first, 0.0))
    fast = 1.0 - p.fast_fibre_slowing * (1.0 - carried) ** 2
    velocity = healthy_velocity(person, chance, MOTOR.velocity_m_s)[:, None, :, None]
    velocity = velocity * fast[..., None] / (1.0 + _mean_over_sites(fibres.site_slowing, a.segment_incidence))
    terminal = _mean_over_sites(fibres.site_slowing, a.segment_incidence[:, 0])
    slower = 1.0 + terminal + fibres.distal_slowing[..., None] * reach
    return MotorConduction(
        amplitude_ln=distal[..., None] + jnp.maximum(drop, SMALLEST_LN),
        drop_ln=jnp.maximum(drop, SMALLEST_LN),
        latency_ms=MOTOR.latency_ms * slower / fast,
        velocity_m_s=velocity / (1.0 + 0.7 * fibres.distal_slowing[..., None] * reach)[..., None],
    )


def _mean_length() -> np.ndarray:
    """Return the mean length of the axons of each muscle, shape (M,) [mm]."""
    a = _ANATOMY
    total = np.zeros(len(a.muscles))
    np.add.at(total, a.motor_muscle, a.motor_share[1] * a.motor_length_mm)
    return total.astype(np.float32)


def _mean_skin_length() -> np.ndarray:
    """Return the mean length of the axons of each skin nerve, shape (T,) [mm]."""
    a = _ANATOMY
    total = np.zeros(len(a.skin_nerves))
    np.add.at(total, a.skin_nerve, a.skin_share[1] * a.skin_length_mm)
    return total.astype(np.float32)


class SensoryConduction(NamedTuple):
    """Expected sensory studies, every field of shape (N, 2, J).

    Attributes
    ----------
    amplitude_ln : jax.Array
        Log amplitude, baseline to peak [ln(uV)].
    latency_ms, velocity_m_s : jax.Array
        Latency [ms] and velocity [m/s].
    """

    amplitude_ln: jax.Array
    latency_ms: jax.Array
    velocity_m_s: jax.Array


def sensory_conduction(person: Person, chance: Chance, insults: Insults, fibres: Fibres) -> SensoryConduction:
    """Return the expected sensory conduction studies of N patients: what lies beyond the ganglion decides."""
    p = part("recordings/conduction")
    a = _ANATOMY
    nerve = jnp.asarray(a.sensory_study_nerve)
    cut = cohorts_of(fibres.skin_left)
    rate = rate_mm_per_day(chance)[:, None, None, None]
    success = insults.regrowth_success[:, None, None, None]
    age = fibres.ages_day[:, None, :, None]
    back = (cut * regrown_share(age, fibres.skin_stump_mm[:, :, None, :], rate, success)).sum(axis=2)
    intact = fibres.skin_left[:, :, 2]
    answering = jnp.minimum(intact + p.regrown_sensory_weight * back, 1.0)[..., nerve]
    length = jnp.asarray(np.asarray(_mean_skin_length())[a.sensory_study_nerve])
    reach = length_share(length, person.height_cm, fibres.distal_power)[:, None, :]
    slow = _mean_over_sites(fibres.site_slowing, a.sensory_study_incidence)
    slow = slow + fibres.distal_slowing[..., None] * reach
    # Slowed fibres answer at different times and cancel each other.
    dispersed = -p.dispersion_ln_per_slowing * slow - fibres.distal_block[..., None] * reach
    healthy = SENSORY.amplitude_ln + SENSORY.amplitude_age_slope * (person.age_years[:, None] - REFERENCE_AGE_YEARS)
    own = healthy + chance["sensory_amplitude"] * common_sd_ln(SENSORY.amplitude_sd_ln)
    fast = 1.0 - p.fast_fibre_slowing * (1.0 - answering) ** 2
    velocity = healthy_velocity(person, chance, SENSORY.velocity_m_s)[:, None, :] * fast / (1.0 + slow)
    relative = jnp.log(jnp.maximum(answering, 1e-6)) + dispersed
    return SensoryConduction(
        amplitude_ln=own[:, None, :] + jnp.maximum(relative, SMALLEST_LN),
        latency_ms=SENSORY.latency_ms * (1.0 + slow) / fast,
        velocity_m_s=velocity,
    )
