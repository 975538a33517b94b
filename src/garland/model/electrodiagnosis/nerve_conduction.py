"""Motor and sensory nerve conduction: amplitude, latency, velocity.

Trusted  adults, limb skin about 34 degrees.

The whole published spread of healthy values has two parts: what differs between sides and sessions, which is
noise, and what is the person's own, which both sides share.

Axon loss lowers amplitude once the stump has degenerated, and slows a little because the fastest fibres go;
demyelination slows; block and fresh cuts lower only what is stimulated above them. Where fibres arrive apart
their potentials cancel: the closed forms for that answer for `recordings.traces`, which sums fibre by fibre.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.injury import length_share
from garland.model.axons.muscle import Muscle
from garland.model.axons.paths import product
from garland.model.axons.state import MOTOR_LENGTH_MM, SKIN_LENGTH_MM, AxonState
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.reference_values import REFERENCE_AGE_YEARS, REFERENCE_HEIGHT_CM, HealthyStudies, healthy_studies

_ANATOMY = load()
SMALLEST_LN = -6.0
"""Floor of the logarithm of an amplitude relative to health: nothing at all [-]."""


def _common_sd_ln(healthy: HealthyStudies) -> np.ndarray:
    """Return the part of the spread of amplitude that both sides of a person share, (studies,) [ln].

    It holds the person's own amplitude and the habits of the laboratory, whose means differ from series to
    series.
    """
    between = part("recordings/conduction").value("laboratory_sd_ln")
    own = np.maximum(healthy.amplitude_sd_ln**2 - healthy.side_sd_ln**2, 0.1**2)
    return np.asarray(np.sqrt(own + between**2), np.float32)


def _healthy_amplitude(person: Person, deviation: jax.Array, healthy: HealthyStudies) -> jax.Array:
    """Return each person's own healthy amplitude in each study, shape (N, studies) [ln(mV) or ln(uV)]."""
    older = person.age_years[:, None] - REFERENCE_AGE_YEARS
    return jnp.asarray(healthy.mean_amplitude_ln(older) + deviation * _common_sd_ln(healthy))


def _healthy_velocity(person: Person, latents: Latents, healthy: HealthyStudies) -> jax.Array:
    """Return each person's healthy velocity in each study, shape (N, studies) [m/s]."""
    older, taller = person.age_years - REFERENCE_AGE_YEARS, person.height_cm - REFERENCE_HEIGHT_CM
    own = _velocity_own_sd(healthy) * latents["velocity"][:, None]
    return jnp.asarray(healthy.mean_velocity_m_s(older[:, None], taller[:, None]) + own)


def _velocity_own_sd(healthy: HealthyStudies) -> np.ndarray:
    """Return the spread of velocity that is the person's own: not of height or of measuring [m/s]."""
    repeat = healthy.velocity_repeat_ln * healthy.velocity_m_s
    own = np.sqrt(np.maximum(healthy.velocity_sd_at_one_height**2 - repeat**2, 1.0))
    return np.asarray(own, np.float32)


def _healthy_latency(person: Person, latents: Latents, healthy: HealthyStudies) -> jax.Array:
    """Return each person's healthy distal motor latency, (N, studies) [ms]: long where nerves are slow."""
    own = np.sqrt(np.maximum(healthy.latency_sd_ln**2 - healthy.latency_repeat_ln**2, 0.0))
    taller = person.height_cm[:, None] - REFERENCE_HEIGHT_CM
    slow = jnp.exp(-jnp.asarray(own, jnp.float32) * latents["velocity"][:, None])
    return jnp.asarray(healthy.mean_latency_ms(taller) * slow)


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


class MotorNerve(NamedTuple):
    """What motor studies are made of; axes: patient, side, study, and stretch of nerve (distal first).

    Attributes
    ----------
    healthy_ln, healthy_velocity_m_s, healthy_latency_ms : jax.Array
        This person's own log amplitude [ln(mV)], velocity [m/s] and distal latency [ms] in health, (N, K).
    intact, regrown, adopted : jax.Array
        Share of muscle fibres that answer by axons never cut, regrown ones and sprouts, (N, 2, K) [0..1].
    diseased, passed : jax.Array
        Share of muscle fibres out of work; share of axons that pass their terminals, (N, 2, K) [0..1].
    drop_ln : jax.Array
        Log of the share of axons that answer from each point too, (N, 2, K, 3) [ln].
    fast : jax.Array
        Velocity of what is left relative to health, (N, 2, K) [0..1].
    terminal_slowing, slowing : jax.Array
        Relative rise of the distal latency, (N, 2, K), and of the time over each stretch, (N, 2, K, 3) [-].
    """

    healthy_ln: jax.Array
    healthy_velocity_m_s: jax.Array
    healthy_latency_ms: jax.Array
    intact: jax.Array
    regrown: jax.Array
    adopted: jax.Array
    diseased: jax.Array
    passed: jax.Array
    drop_ln: jax.Array
    fast: jax.Array
    terminal_slowing: jax.Array
    slowing: jax.Array


class _MotorConduction(NamedTuple):
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


def motor_nerve(person: Person, latents: Latents, fibres: AxonState, muscle: Muscle) -> MotorNerve:
    """Return what the motor studies of N patients are made of."""
    p = part("recordings/conduction")
    a = _ANATOMY
    index = jnp.asarray(a.motor_study_muscle)
    length = jnp.asarray(MOTOR_LENGTH_MM[a.motor_study_muscle])
    reach = length_share(length, person.height_cm, fibres.distal_power)[:, None, :]
    terminal = fibres.distal_slowing[..., None] * reach
    intact = fibres.motor_surviving[:, :, 1][..., index]
    regrown = (muscle.axons - fibres.motor_surviving[:, :, 0])[..., index]
    regrown = jnp.minimum(regrown, 1.0 - intact)
    adopted = jnp.minimum(muscle.adopted[..., index], 1.0 - intact - regrown)
    carried = intact + regrown + adopted

    above_first = a.point_incidence - a.point_incidence[:, :1]
    fresh = fibres.site_loss_now - fibres.site_loss_settled
    drop = -_sum_over_sites(fibres.site_block + fresh, np.maximum(above_first, 0.0))
    slowing = _slowing_of_stretches(fibres.site_slowing, a.segment_incidence, _MOTOR_NERVE)
    healthy = healthy_studies("motor")
    return MotorNerve(
        healthy_ln=_healthy_amplitude(person, latents["motor_amplitude"], healthy),
        healthy_velocity_m_s=_healthy_velocity(person, latents, healthy),
        healthy_latency_ms=_healthy_latency(person, latents, healthy),
        intact=intact,
        regrown=regrown,
        adopted=adopted,
        diseased=muscle.diseased[..., index],
        passed=jnp.exp(-fibres.distal_block[..., None] * reach),
        drop_ln=jnp.maximum(drop, SMALLEST_LN),
        fast=1.0 - p.fast_fibre_slowing * (1.0 - carried) ** 2,
        terminal_slowing=p.latency_in_nerve * slowing[..., 0] + terminal,
        slowing=(1.0 + slowing) * (1.0 + 0.7 * terminal)[..., None] - 1.0,
    )


def motor_conduction(person: Person, latents: Latents, fibres: AxonState, muscle: Muscle) -> _MotorConduction:
    """Return the expected motor conduction studies of N patients; arguments as in `motor_nerve`."""
    p = part("recordings/conduction")
    nerve = motor_nerve(person, latents, fibres, muscle)
    carried = nerve.intact + nerve.regrown + nerve.adopted
    answering = carried * (1.0 - nerve.diseased) * nerve.passed
    relative = jnp.maximum(jnp.log(jnp.maximum(answering, 1e-6)), SMALLEST_LN)
    spread = _dispersed(nerve)
    distal = nerve.healthy_ln[:, None, :] + relative + spread[..., 0]
    drop = nerve.drop_ln + (spread - spread[..., :1])
    thin = nerve.regrown / jnp.maximum(nerve.intact + nerve.regrown, 1e-6)
    velocity = nerve.healthy_velocity_m_s[:, None, :] * nerve.fast * (1.0 - p.regrown_motor_slowing * thin**2)
    latency = nerve.healthy_latency_ms[:, None, :] * (1.0 + nerve.terminal_slowing) / nerve.fast
    return _MotorConduction(
        amplitude_ln=distal[..., None] + drop,
        drop_ln=drop,
        latency_ms=latency * (1.0 + p.regrown_motor_latency * thin),
        velocity_m_s=velocity[..., None] / (1.0 + nerve.slowing),
    )


def _dispersed(nerve: MotorNerve) -> jax.Array:
    """Return the change of log amplitude by units that arrive apart, (N, 2, K, 3), 0 in health distally [ln].

    Arrival times spread with conduction time, with what demyelination adds to it, and in the terminals; three
    spreads add as squares, and a CMAP falls with a power of their sum.
    """
    p = part("recordings/conduction")
    healthy_ms = (jnp.asarray(_ANATOMY.segment_mm) / nerve.healthy_velocity_m_s[..., None])[:, None]
    slowing = nerve.slowing.at[..., 0].set(nerve.terminal_slowing)
    fast = nerve.fast[..., None]
    whole = jnp.cumsum(healthy_ms * (1.0 + slowing), axis=-1) / fast
    beyond = jnp.cumsum((healthy_ms * slowing)[..., 1:], axis=-1)
    added = jnp.concatenate([jnp.zeros_like(fast), beyond], axis=-1)
    added = (added + (nerve.healthy_latency_ms[:, None, :] * nerve.terminal_slowing)[..., None]) / fast
    ends = (1.0 + nerve.terminal_slowing[..., None]) / fast
    now = (
        (p.spread_per_ms * whole) ** 2
        + (p.spread_per_slow_ms * added) ** 2
        + (p.spread_of_terminals * ends) ** 2
    )
    health = (p.spread_per_ms * healthy_ms[..., :1]) ** 2 + p.spread_of_terminals**2
    return jnp.asarray(-p.spread_power * jnp.log((1.0 + now) / (1.0 + health)))


class SensoryNerve(NamedTuple):
    """What sensory studies are made of, fields (N, 2, J) unless said.

    Attributes
    ----------
    healthy_ln, healthy_velocity_m_s : jax.Array
        This person's own log amplitude [ln(uV)] and velocity [m/s] in health, shape (N, J).
    intact, regrown : jax.Array
        Share of fibres never cut, and grown back [0..1]; together at most one.
    passed : jax.Array
        Share of fibres that conduct [0..1].
    fast : jax.Array
        Velocity of what is left relative to health [0..1].
    slowing : jax.Array
        Relative rise of conduction time [-].
    """

    healthy_ln: jax.Array
    healthy_velocity_m_s: jax.Array
    intact: jax.Array
    regrown: jax.Array
    passed: jax.Array
    fast: jax.Array
    slowing: jax.Array


class _SensoryConduction(NamedTuple):
    """Expected sensory studies, every field of shape (N, 2, J).

    Attributes
    ----------
    amplitude_ln : jax.Array
        Log amplitude, baseline to peak [ln(uV)].
    latency_ms, velocity_m_s : jax.Array
        Onset latency [ms] and the velocity that it gives over the distance of the study [m/s].
    """

    amplitude_ln: jax.Array
    latency_ms: jax.Array
    velocity_m_s: jax.Array


def sensory_nerve(person: Person, latents: Latents, fibres: AxonState) -> SensoryNerve:
    """Return what the sensory studies of N patients are made of: what lies beyond the ganglion decides."""
    p = part("recordings/conduction")
    a = _ANATOMY
    nerve = a.sensory_study_nerve
    intact = fibres.sensory_surviving[:, :, 2][..., nerve]
    regrown = jnp.minimum(fibres.sensory_regrown[..., nerve], (1.0 - intact) / p.regrown_sensory_weight)
    answering = intact + p.regrown_sensory_weight * regrown
    length = jnp.asarray(SKIN_LENGTH_MM[nerve])
    reach = length_share(length, person.height_cm, fibres.distal_power)[:, None, :]
    slow = _slowing_of_stretches(fibres.site_slowing, a.sensory_study_incidence, _SENSORY_NERVE)
    healthy = healthy_studies("sensory")
    return SensoryNerve(
        healthy_ln=_healthy_amplitude(person, latents["sensory_amplitude"], healthy),
        healthy_velocity_m_s=_healthy_velocity(person, latents, healthy),
        intact=intact,
        regrown=regrown,
        passed=jnp.exp(-fibres.distal_block_sensory[..., None] * reach),
        fast=1.0 - p.fast_fibre_slowing * (1.0 - answering) ** 2,
        slowing=slow + fibres.distal_slowing_sensory[..., None] * reach,
    )


def sensory_conduction(person: Person, latents: Latents, fibres: AxonState) -> _SensoryConduction:
    """Return the expected sensory conduction studies of N patients; arguments as in `sensory_nerve`."""
    p = part("recordings/conduction")
    nerve = sensory_nerve(person, latents, fibres)
    answering = nerve.intact + p.regrown_sensory_weight * nerve.regrown
    # Slowed fibres answer at different times and cancel each other; once apart, more slowing matters less.
    far = jnp.maximum(nerve.slowing - p.dispersion_bends_at, 0.0)
    dispersed = p.dispersion_relief_ln * far - p.dispersion_ln_per_slowing * nerve.slowing
    relative = jnp.log(jnp.maximum(answering * nerve.passed, 1e-6)) + dispersed
    velocity = nerve.healthy_velocity_m_s[:, None, :] * nerve.fast / (1.0 + nerve.slowing)
    return _SensoryConduction(
        amplitude_ln=nerve.healthy_ln[:, None, :] + jnp.maximum(relative, SMALLEST_LN),
        latency_ms=jnp.asarray(_ANATOMY.sensory_study_mm) / velocity,
        velocity_m_s=velocity,
    )
