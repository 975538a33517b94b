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
from garland.fibres.muscle import Muscle
from garland.fibres.paths import product
from garland.fibres.population import MOTOR_LENGTH_MM, SKIN_LENGTH_MM, Fibres
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
        Mean and spread of log amplitude at the reference age [ln(mV) or ln(uV)], and its change per year
        [1/a].
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
    """Return the part of the spread of amplitude that both sides of a person share, same shape [ln].

    It holds the person's own amplitude and the habits of the laboratory, whose means differ from series to
    series.
    """
    p = part("recordings/conduction")
    within, between = p.value("side_sd_ln"), p.value("laboratory_sd_ln")
    return np.asarray(np.sqrt(np.maximum(sd_ln**2 - within**2, 0.1**2) + between**2), np.float32)


def healthy_amplitude(person: Person, deviation: jax.Array, healthy: Reference) -> jax.Array:
    """Return each person's own healthy amplitude in each study, shape (N, studies) [ln(mV) or ln(uV)]."""
    older = person.age_years[:, None] - REFERENCE_AGE_YEARS
    typical = jnp.asarray(healthy.amplitude_ln) + healthy.amplitude_age_slope * older
    return typical + deviation * common_sd_ln(healthy.amplitude_sd_ln)


def healthy_velocity(person: Person, chance: Chance, healthy: Reference) -> jax.Array:
    """Return each person's healthy velocity in each study, shape (N, studies) [m/s]."""
    p = part("recordings/conduction")
    taller = person.height_cm - 170.0
    own = p.value("velocity_personal_sd") * chance["velocity"] + p.value("velocity_per_cm") * taller
    return jnp.asarray(healthy.velocity_m_s)[None, :] + own[:, None]


def _mean_over_sites(site_value: jax.Array, incidence: np.ndarray) -> jax.Array:
    """Return the mean of a site value over each stretch: (N, 2, S) by (..., S) to (N, 2, ...)."""
    flat = incidence.reshape(-1, incidence.shape[-1])
    mean = flat / np.maximum(flat.sum(axis=1, keepdims=True), 1.0)
    return product(site_value, mean.T).reshape(*site_value.shape[:2], *incidence.shape[:-1])


def _sum_over_sites(site_value: jax.Array, incidence: np.ndarray) -> jax.Array:
    """Return the sum of a site value over each stretch: (N, 2, S) by (..., S) to (N, 2, ...)."""
    flat = incidence.reshape(-1, incidence.shape[-1])
    return product(site_value, flat.T).reshape(*site_value.shape[:2], *incidence.shape[:-1])


def _slowing_of_stretches(site_slowing: jax.Array, incidence: np.ndarray, nerve: np.ndarray) -> jax.Array:
    """Return the slowing of each stretch, (N, 2, S) by (K, ..., S) to (N, 2, K, ...).

    A stretch without a lesion site of its own is as slow as the least slow site of its nerve (`nerve`, shape
    (K, S)): disease of the whole nerve shows there, a lesion elsewhere on it does not.
    """
    slowing = _mean_over_sites(site_slowing, incidence)
    bare = np.asarray(incidence.sum(axis=-1) == 0)
    for study in np.flatnonzero(bare.reshape(len(bare), -1).any(axis=1) & nerve.any(axis=1)):
        least = site_slowing[..., np.flatnonzero(nerve[study])].min(axis=-1)
        own = slowing[:, :, study]
        least = least.reshape(*least.shape, *(1,) * (own.ndim - 2))
        slowing = slowing.at[:, :, study].set(jnp.where(bare[study], least, own))
    return slowing


def _nerve_of(target: np.ndarray, target_of_path: np.ndarray, incidence: np.ndarray) -> np.ndarray:
    """Return the nerve sites on the way to each target, roots and plexus left out, shape (targets, S)."""
    nerve = np.array([part == "nerve" for part in _ANATOMY.site_parts])
    return np.stack([incidence[:, target_of_path == one].any(axis=1) & nerve for one in target])


_MOTOR_NERVE = _nerve_of(_ANATOMY.motor_study_muscle, _ANATOMY.motor_muscle, _ANATOMY.motor_incidence)
_SENSORY_NERVE = _nerve_of(
    _ANATOMY.sensory_study_nerve, _ANATOMY.skin_nerve, _ANATOMY.skin_incidence_postganglionic
)


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
    """Return the expected motor conduction studies of N patients.

    Parameters
    ----------
    person : Person
        Completed person; age and height set what is healthy.
    chance : Chance
        Chance of N patients.
    fibres : Fibres
        Axons left, block and slowing.
    muscle : Muscle
        Regrown axons, sprouts, and disease of muscle itself.

    Returns
    -------
    MotorConduction
        Log amplitude [ln(mV)], latency [ms], velocity [m/s].
    """
    p = part("recordings/conduction")
    a = _ANATOMY
    index = jnp.asarray(a.motor_study_muscle)
    length = jnp.asarray(MOTOR_LENGTH_MM[a.motor_study_muscle])
    reach = length_share(length, person.height_cm, fibres.distal_power)[:, None, :]
    excitable = fibres.motor_left[:, :, 1][..., index]
    regrown = (muscle.axons - fibres.motor_left[:, :, 0])[..., index]
    carried = jnp.minimum(excitable + regrown + muscle.adopted[..., index], 1.0)
    passed = jnp.exp(-fibres.distal_block[..., None] * reach)
    answering = carried * (1.0 - muscle.diseased[..., index]) * passed
    own = healthy_amplitude(person, chance["motor_amplitude"], MOTOR)
    distal = own[:, None, :] + jnp.maximum(jnp.log(jnp.maximum(answering, 1e-6)), SMALLEST_LN)

    above_first = a.point_incidence - a.point_incidence[:, :1]
    fresh = fibres.site_loss_now - fibres.site_loss_settled
    drop = -_sum_over_sites(fibres.site_block + fresh, np.maximum(above_first, 0.0))
    fast = 1.0 - p.fast_fibre_slowing * (1.0 - carried) ** 2
    velocity = healthy_velocity(person, chance, MOTOR)[:, None, :, None]
    slowing = _slowing_of_stretches(fibres.site_slowing, a.segment_incidence, _MOTOR_NERVE)
    velocity = velocity * fast[..., None] / (1.0 + slowing)
    slower = 1.0 + slowing[..., 0] + fibres.distal_slowing[..., None] * reach
    return MotorConduction(
        amplitude_ln=distal[..., None] + jnp.maximum(drop, SMALLEST_LN),
        drop_ln=jnp.maximum(drop, SMALLEST_LN),
        latency_ms=MOTOR.latency_ms * slower / fast,
        velocity_m_s=velocity / (1.0 + 0.7 * fibres.distal_slowing[..., None] * reach)[..., None],
    )


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
    regrown = p.regrown_sensory_weight * fibres.skin_back
    answering = jnp.minimum(fibres.skin_left[:, :, 2] + regrown, 1.0)[..., a.sensory_study_nerve]
    length = jnp.asarray(SKIN_LENGTH_MM[a.sensory_study_nerve])
    reach = length_share(length, person.height_cm, fibres.distal_power)[:, None, :]
    slow = _slowing_of_stretches(fibres.site_slowing, a.sensory_study_incidence, _SENSORY_NERVE)
    slow = slow + fibres.distal_slowing[..., None] * reach
    # Slowed fibres answer at different times and cancel each other.
    dispersed = -p.dispersion_ln_per_slowing * slow - fibres.distal_block[..., None] * reach
    own = healthy_amplitude(person, chance["sensory_amplitude"], SENSORY)
    fast = 1.0 - p.fast_fibre_slowing * (1.0 - answering) ** 2
    velocity = healthy_velocity(person, chance, SENSORY)[:, None, :] * fast / (1.0 + slow)
    relative = jnp.log(jnp.maximum(answering, 1e-6)) + dispersed
    return SensoryConduction(
        amplitude_ln=own[:, None, :] + jnp.maximum(relative, SMALLEST_LN),
        latency_ms=SENSORY.latency_ms * (1.0 + slow) / fast,
        velocity_m_s=velocity,
    )
