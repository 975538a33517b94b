"""Regrowth of cut axons towards their targets.

Reads    fibres.degeneration (how long ago), anatomy (how far).   Feeds  fibres.muscle, recordings.
Trusted  0-2000 mm.   Numbers  evidence/parameters/fibres/regrowth.yaml
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from garland.chance import Chance
from garland.evidence import part
from garland.fibres.paths import computed_once


def rate_mm_per_day(chance: Chance) -> jax.Array:
    """Return the speed of regrowth of each patient, shape (N,) [mm/d]."""
    p = part("fibres/regrowth")
    deviation = p.spread("rate_mm_per_day") * jnp.clip(chance["regrowth_rate"], -3.0, 3.0)
    return p.value("rate_mm_per_day") + deviation


def regrown_share(
    age_day: jax.Array, distance_mm: jax.Array, rate: jax.Array, success: jax.Array
) -> jax.Array:
    """Return the share of a cohort of cut axons that has reached its target.

    Parameters
    ----------
    age_day : jax.Array
        Days since the cut [d].
    distance_mm : jax.Array
        From the cut to the target [mm], broadcastable with `age_day`.
    rate : jax.Array
        Speed of regrowth [mm/d], broadcastable.
    success : jax.Array
        Share that would arrive if the way were short [0..1], broadcastable.

    Returns
    -------
    jax.Array
        Share [0..1]. Near targets are reached first; far ones late and by fewer, since waiting stumps and
        axons lose their power to grow.
    """
    p = part("fibres/regrowth")
    needed = p.value("lag_day") + distance_mm / rate
    floor = p.value("stump_floor")
    waiting = floor + (1.0 - floor) * jnp.exp(-needed / p.value("stump_time_constant_day"))
    able = success * waiting * jnp.exp(-needed / p.value("success_time_constant_day"))
    per_spread = 1.0 / (math.sqrt(2.0) * p.value("arrival_spread") * needed)
    needed, per_spread, able = computed_once(needed, per_spread, able)
    # Normal, not logistic: a logistic tail would give a cut muscle strength within days.
    return able * jnp.maximum(0.5 + 0.5 * jax.lax.erf((age_day - needed) * per_spread), 0.0)
