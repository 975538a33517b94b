"""Protein of the cerebrospinal fluid over time.

Diabetes raises it slowly with its years. Fresh damage and block of roots open the barrier between blood and
nerve; protein leaks in and clears over months.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.state import AxonState
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person

_ANATOMY = load()
_AT_ROOTS = np.asarray([name in ("root", "ganglion") for name in _ANATOMY.site_parts], np.float32)


def _leak_share(
    since_day: jax.Array,
    span_day: jax.Array,
    clear_day: jax.Array | float,
    gradual: jax.Array | float = 0.0,
) -> jax.Array:
    """Return the leak left by damage that began a while ago, per unit of damage.

    Damage per day convolved with exponential closing [0..1], exact for long spans; where closing is slower
    than twice the span, what is done counts from its mean day, which errs by less than 0.01.
    """
    rate = jnp.maximum(span_day / clear_day, 1e-6)
    x = jnp.clip(since_day / span_day, 0.0, 1.0)
    grown = (1.0 - gradual) * _early(x, rate) + gradual * _even(x, rate)
    return grown * jnp.exp(-jnp.maximum(since_day - span_day, 0.0) / clear_day)


def _early(x: jax.Array, rate: jax.Array) -> jax.Array:
    """Return what is left of damage at a rate 2 (1 - y) up to x, closing with `rate`, broadcast [0..1]."""
    done = x * (2.0 - x)
    mean = x * (1.0 - 2.0 * x / 3.0) / (2.0 - x)
    steep = jnp.maximum(rate, 0.5)
    exact = 2.0 * ((1.0 - x) - jnp.exp(-steep * x) - jnp.expm1(-steep * x) / steep) / steep
    return jnp.where(rate < 0.5, done * jnp.exp(-rate * (x - mean)), exact)


def _even(x: jax.Array, rate: jax.Array) -> jax.Array:
    """Return the same for damage at a rate 6 y (1 - y), broadcast [0..1]."""
    done = x * x * (3.0 - 2.0 * x)
    mean = x * (2.0 - 1.5 * x) / (3.0 - 2.0 * x)
    steep = jnp.maximum(rate, 0.5)
    slope = (6.0 + 12.0 / steep) / steep
    exact = slope * jnp.expm1(-steep * x) / steep + slope * x - 6.0 * x * x / steep
    return jnp.where(rate < 0.5, done * jnp.exp(-rate * (x - mean)), exact)


def _leak(lesion_process: LesionProcess, fibres: AxonState, day: jax.Array) -> jax.Array:
    """Return how far the roots leak on a day, shape (N,) [-]."""
    p = part("recordings/laboratory")
    span = jnp.maximum(lesion_process.span_day, 0.5)[:, None, None]
    since = day[:, None, None] - lesion_process.start_day
    again = since - lesion_process.again_day[:, None, None]
    clear = p.value("leak_clears_day")
    ratio = lesion_process.again_ratio[:, None, None]
    gradual = lesion_process.gradual[:, None, None]
    course = _leak_share(since, span, clear, gradual) + ratio * _leak_share(again, span, clear, gradual)
    fresh = lesion_process.axon_loss * course
    opened = fresh + p.value("leak_per_block") * (fibres.site_block + fibres.site_slowing)
    return (opened * _AT_ROOTS).sum(axis=(1, 2))


def csf_protein_mg_dl(
    person: Person, latents: Latents, lesion_process: LesionProcess, fibres: AxonState, day: jax.Array
) -> jax.Array:
    """Return the protein of the cerebrospinal fluid on a day.

    Shape (N,) [mg/dL]; trusted from 20 to 300.
    """
    p = part("recordings/laboratory")
    years = jnp.minimum(person.diabetes_years, p.value("diabetes_years_most"))
    diabetic = person.diabetes * (p.value("diabetes_ln") + p.value("diabetes_ln_per_year") * years)
    leak = _leak(lesion_process, fibres, day)
    opened = p.value("leak_most_ln") * -jnp.expm1(-leak / p.value("leak_scale"))
    own = p.value("personal_sd_ln") * latents["csf"]
    return p.value("healthy_mg_dl") * jnp.exp(diabetic + opened + own)
