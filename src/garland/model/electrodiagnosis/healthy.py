"""Healthy values of every conduction study, and each person's own.

Trusted  adults, limb skin about 34 degrees.

The whole published spread has two parts: what differs between sides and sessions, which is noise, and what
is the person's own, which both sides share.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.evidence import Part, part
from garland.model.latents import Latents
from garland.model.patient import Person

_ANATOMY = load()
REFERENCE_AGE_YEARS: float = part("recordings/reference_limits").group("reference-person").age_years
"""Age at which the healthy values hold [a]."""


class _Reference(NamedTuple):
    """Healthy values of a list of studies; every field of shape (studies,).

    Attributes
    ----------
    amplitude_ln, amplitude_sd_ln, amplitude_age_slope : ndarray
        Mean and spread of log amplitude at the reference age [ln(mV) or ln(uV)], and its change per year
        [1/a].
    side_sd_ln : ndarray
        Part of the spread of log amplitude that differs between sides and sessions [ln].
    latency_ms, latency_sd_ln, latency_repeat_ln, latency_height_slope : ndarray
        Mean distal latency [ms], its spread, the part that differs between sides and sessions [ln], and its
        change with height [ms/cm].
    velocity_m_s, velocity_sd, velocity_repeat_ln, velocity_age_slope, velocity_height_slope : ndarray
        Mean velocity and its spread [m/s], the part that differs between sides and sessions [ln]; its change
        per year [m/s/a] and per cm [m/s/cm].
    detectable_ln : ndarray
        Smallest amplitude called a response [ln(mV) or ln(uV)].
    absent_in_health : ndarray
        Probability that no response is obtained in a healthy person [0..1].
    """

    amplitude_ln: np.ndarray
    amplitude_sd_ln: np.ndarray
    amplitude_age_slope: np.ndarray
    side_sd_ln: np.ndarray
    latency_ms: np.ndarray
    latency_sd_ln: np.ndarray
    latency_repeat_ln: np.ndarray
    latency_height_slope: np.ndarray
    velocity_m_s: np.ndarray
    velocity_sd: np.ndarray
    velocity_repeat_ln: np.ndarray
    velocity_age_slope: np.ndarray
    velocity_height_slope: np.ndarray
    detectable_ln: np.ndarray
    absent_in_health: np.ndarray


def _reference(studies: tuple[str, ...]) -> _Reference:
    """Return the healthy values of the named studies, in their order (EvidenceError if one has none)."""
    limits, p = part("recordings/reference_limits"), part("recordings/conduction")

    def one(group: Part) -> tuple[float, ...]:
        def known(name: str, otherwise: float) -> float:
            return group.value(name) if name in group else otherwise

        latency_repeat = known("latency_repeat_ln", p.value("latency_cv"))
        # Sensory velocity is read off the onset over a fixed distance: one repeats as well as the other.
        sensory = group.number("amplitude_ln").unit == "ln(uV)"
        return (
            group.amplitude_ln,
            group.spread("amplitude_ln"),
            known("amplitude_age_slope_ln_per_year", 0.0),
            known("side_sd_ln", p.value("side_sd_ln")),
            group.latency_ms,
            group.spread("latency_ms") / group.latency_ms,
            latency_repeat,
            known("latency_height_slope_ms_per_cm", 0.0),
            group.velocity_m_s,
            group.spread("velocity_m_s"),
            latency_repeat if sensory else known("velocity_repeat_cv", p.value("velocity_cv")),
            known("velocity_age_slope_m_s_per_year", 0.0),
            known("velocity_height_slope_m_s_per_cm", p.value("velocity_per_cm")),
            math.log(group.detectable),
            group.absent_in_health,
        )

    return _Reference(*np.array([one(limits.group(name)) for name in studies], np.float32).T)


MOTOR = _reference(_ANATOMY.motor_study_ids)
SENSORY = _reference(_ANATOMY.sensory_study_ids)


def _common_sd_ln(healthy: _Reference) -> np.ndarray:
    """Return the part of the spread of amplitude that both sides of a person share, (studies,) [ln].

    It holds the person's own amplitude and the habits of the laboratory, whose means differ from series to
    series.
    """
    between = part("recordings/conduction").value("laboratory_sd_ln")
    own = np.maximum(healthy.amplitude_sd_ln**2 - healthy.side_sd_ln**2, 0.1**2)
    return np.asarray(np.sqrt(own + between**2), np.float32)


def _healthy_amplitude(person: Person, deviation: jax.Array, healthy: _Reference) -> jax.Array:
    """Return each person's own healthy amplitude in each study, shape (N, studies) [ln(mV) or ln(uV)]."""
    older = person.age_years[:, None] - REFERENCE_AGE_YEARS
    typical = jnp.asarray(healthy.amplitude_ln) + healthy.amplitude_age_slope * older
    return typical + deviation * _common_sd_ln(healthy)


def _healthy_velocity(person: Person, latents: Latents, healthy: _Reference) -> jax.Array:
    """Return each person's healthy velocity in each study, shape (N, studies) [m/s]."""
    taller, older = person.height_cm - 170.0, person.age_years - REFERENCE_AGE_YEARS
    by_height = jnp.asarray(healthy.velocity_height_slope) * taller[:, None]
    by_age = jnp.asarray(healthy.velocity_age_slope) * older[:, None]
    own = jnp.asarray(_velocity_own_sd(healthy)) * latents["velocity"][:, None]
    return jnp.asarray(healthy.velocity_m_s)[None, :] + by_height + by_age + own


def _velocity_own_sd(healthy: _Reference) -> np.ndarray:
    """Return the spread of velocity that is the person's own: not of height or of measuring [m/s]."""
    repeat = healthy.velocity_repeat_ln * healthy.velocity_m_s
    height = healthy.velocity_height_slope * part("recordings/conduction").value("height_sd_cm")
    own = np.sqrt(np.maximum(healthy.velocity_sd**2 - repeat**2 - height**2, 1.0))
    return np.asarray(own, np.float32)


def _healthy_latency(person: Person, latents: Latents, healthy: _Reference) -> jax.Array:
    """Return each person's healthy distal motor latency, (N, studies) [ms]: long where nerves are slow."""
    own = np.sqrt(np.maximum(healthy.latency_sd_ln**2 - healthy.latency_repeat_ln**2, 0.0))
    by_height = jnp.asarray(healthy.latency_height_slope) * (person.height_cm[:, None] - 170.0)
    slow = jnp.exp(-jnp.asarray(own, jnp.float32) * latents["velocity"][:, None])
    return (jnp.asarray(healthy.latency_ms) + by_height) * slow
