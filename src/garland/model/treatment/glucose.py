"""Care of glucose and pressure: the neuropathy that a fast fall of glucose brings, and what pressure may do.

Trusted  falls of HbA1c of 0-10 points within three months.   Numbers  evidence/parameters/care/glucose.yaml

What slow control does to background neuropathy follows from the wear of vessels (vessels.glycaemia) and from
nothing else; no trial tells whether it prevents a radiculoplexus neuropathy.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.model.latents import Latents
from garland.model.treatment.schedule import Treatments, given_days


class TreatmentInduced(NamedTuple):
    """Treatment-induced neuropathy at its height; fields (N,).

    Attributes
    ----------
    pain : jax.Array
        Pain [NRS, 0..10].
    small_fibre : jax.Array
        Hazard of small-fibre loss at the longest fibre [-].
    autonomic : jax.Array
        Probability of autonomic failure [0..1].
    """

    pain: jax.Array
    small_fibre: jax.Array
    autonomic: jax.Array


def risk(fall_percent: jax.Array | float) -> jax.Array:
    """Return the probability of treatment-induced neuropathy after a fall of HbA1c, same shape [0..1]."""
    fall = jnp.asarray(fall_percent, jnp.float32)
    return jax.scipy.stats.norm.cdf(_liability(fall)) * _counted(fall)


def treatment_induced(fall_percent: jax.Array | float, latents: Latents) -> TreatmentInduced:
    """Return the treatment-induced neuropathy that a fall of HbA1c brings to each person."""
    p = part("care/glucose")
    fall = jnp.broadcast_to(jnp.asarray(fall_percent, jnp.float32), latents["treatment_induced"].shape)
    excess = _liability(fall) + latents["treatment_induced"]
    affected = jax.nn.sigmoid(excess / p.value("width_score")) * _counted(fall)
    line = p.value("pain_base_nrs") + p.value("pain_per_percent_nrs") * fall
    pain = affected * jnp.clip(line + p.value("pain_sd_nrs") * latents["pain"], 0.0, 10.0)
    autonomic = jnp.minimum(p.value("autonomic_share") * pain / p.value("autonomic_pain_nrs"), 1.0)
    return TreatmentInduced(pain, p.value("small_fibre_per_nrs") * pain, autonomic)


def time_course(days_since_fall: jax.Array | float) -> jax.Array:
    """Return how much of the height of treatment-induced neuropathy is present, same shape [0..1]."""
    p = part("care/glucose")
    rise, fade = p.value("onset_day"), p.value("fade_day")
    since = jnp.maximum(jnp.asarray(days_since_fall, jnp.float32), 0.0)
    peak_day = rise * jnp.log1p(fade / rise)
    peak = -jnp.expm1(-peak_day / rise) * jnp.exp(-peak_day / fade)
    return -jnp.expm1(-since / rise) * jnp.exp(-since / fade) / peak


def pressure_ratio(treatment: Treatments | None, latents: Latents, day: jax.Array | float) -> jax.Array:
    """Return the mean factor on the wear of vessels since day 0 by treating blood pressure, shape (N,) [-].

    Its median is 1 and its spread wide, since no trial looked; it shares its draw with the gain from therapy
    (block ``therapy``), as both are pure ignorance. Exactly 1 where pressure is left alone.
    """
    shape = (latents.vector.shape[0],)
    if treatment is None:
        return jnp.ones(shape, jnp.float32)
    now = jnp.asarray(day)
    share = jnp.clip(given_days(treatment.pressure, now) / jnp.maximum(now, 1.0), 0.0, 1.0)
    tens = treatment.pressure.amount / 10.0
    return 1.0 + share * jnp.expm1(-part("care/glucose").value("pressure_sd_ln") * tens * latents["therapy"])


def _liability(fall: jax.Array) -> jax.Array:
    """Normal score of the risk, linear in the fall through its two known points."""
    p = part("care/glucose")
    low, high = p.value("fall_at_fifth_percent"), p.value("fall_at_four_fifths_percent")
    fifth = 0.8416
    return fifth * (2.0 * (fall - low) / (high - low) - 1.0)


def _counted(fall: jax.Array) -> jax.Array:
    return jnp.clip(fall / part("care/glucose").value("fall_counted_percent"), 0.0, 1.0)
