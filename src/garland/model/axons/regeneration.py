"""Regrowth of cut axons, and the sprouts of those that are left."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.model.axons.paths import materialise
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents


class _Growth(NamedTuple):
    """How the axons of N patients grow, fields of shape (N,).

    Attributes
    ----------
    rate_mm_per_day : jax.Array
        Speed of regrowth [mm/d].
    success : jax.Array
        Share of cut axons that would find their way back if it were short [0..1].
    """

    rate_mm_per_day: jax.Array
    success: jax.Array


def _growth(latents: Latents, lesion_process: LesionProcess) -> _Growth:
    """Return speed and success of regrowth of N patients."""
    p = part("fibres/regrowth")
    deviation = p.spread("rate_mm_per_day") * jnp.clip(latents["regrowth_rate"], -3.0, 3.0)
    luck = jnp.exp(p.value("success_sd_ln") * latents["regrowth_success"])
    success = jnp.clip(lesion_process.regrowth_success * luck, 0.0, 0.98)
    return _Growth(p.value("rate_mm_per_day") + deviation, success)


def _regrown_share(age_day: jax.Array, distance_mm: jax.Array, growing: _Growth) -> jax.Array:
    """Return the share of a cohort of cut axons that has reached its target.

    Share [0..1]. Near targets are reached first; far ones late and by fewer, since waiting stumps and axons
    lose their power to grow, and end plates that wait too long are lost for good.
    """
    p = part("fibres/regrowth")
    needed = p.value("lag_day") + distance_mm / growing.rate_mm_per_day
    floor = p.value("stump_floor")
    waiting = floor + (1.0 - floor) * jnp.exp(-needed / p.value("stump_time_constant_day"))
    slower = needed / p.value("success_time_constant_day")
    too_late = (needed / p.value("end_plate_day")) ** p.value("end_plate_power")
    able = growing.success * waiting * jnp.exp(-(slower + too_late))
    needed_ln, able = materialise(jnp.log(needed), able)
    # On the log scale: none comes within days, and some come years late.
    late = (jnp.log(jnp.maximum(age_day, 0.1)) - needed_ln) / (math.sqrt(2.0) * p.value("arrival_spread"))
    return able * jnp.maximum(0.5 + 0.5 * jax.lax.erf(late), 0.0)


def _reach() -> float:
    """Return the share of orphaned fibres that surviving units can reach at all [0..1]."""
    return float(part("fibres/sprouting").value("overlap"))


def _ready_share(age_day: jax.Array) -> jax.Array:
    """Return the share of orphaned fibres that sprouts reach and have had time to take, same shape [0..1]."""
    p = part("fibres/sprouting")
    waited = jnp.maximum(age_day - p.value("lag_day"), 0.0)
    return _reach() * (1.0 - jnp.exp(-waited / p.value("time_constant_day")))


def _room(axons: jax.Array, latents: Latents) -> jax.Array:
    """Return how many further fibres the connected axons can carry.

    Share of the muscle's fibres, same shape [0..]; zero where no axon is left: no recovery without axons.
    """
    p = part("fibres/sprouting")
    limit = p.enlargement_limit * jnp.exp(p.spread("enlargement_limit") * latents["sprouting"])
    return (jnp.maximum(limit, 1.5).reshape(-1, *(1,) * (axons.ndim - 1)) - 1.0) * axons
