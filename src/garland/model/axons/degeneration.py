"""The clock of an axon that has been cut: when its response is lost, when its muscle fibres fibrillate.

Trusted  ages 0 d to 60 years.   Numbers  evidence/parameters/fibres/degeneration.yaml

A patient's axons are sorted by how long ago they were cut. The first limits between these cohorts are the
events of the clock itself, so that the early days are exact. The others divide the time in which this
patient's axons were cut, so that they move on with the days and recovery runs smoothly.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.evidence import part
from garland.model.latents import Latents

LATE_COHORTS = 6
"""Cohorts that divide the time of cutting beyond the early events [-]."""
COHORTS = 3 + LATE_COHORTS + 1
"""Number of cohorts: cut 0 d to the muscle response's loss, to the nerve response's loss, and so on; the last
holds what age and diabetes took before the illness."""
OLD_AGE_DAY = 900.0
"""Age at which what was lost before the illness is looked at, at least [d]."""


class _Cutting(NamedTuple):
    """When axons of N patients are cut by today; every field of shape (N, 2), for the two sides [d].

    Attributes
    ----------
    begin_day, end_day : jax.Array
        First and last day of the first attack.
    again_begin_day, again_end_day : jax.Array
        The same of a second attack; both far ahead if it has not begun.
    """

    begin_day: jax.Array
    end_day: jax.Array
    again_begin_day: jax.Array
    again_end_day: jax.Array


def _cohort_limits(latents: Latents, day: jax.Array, cutting: _Cutting) -> jax.Array:
    """Return the ages at which cohorts begin, shape (N, 2, COHORTS), rising from 0 [d]."""
    p = part("fibres/degeneration")
    pace = jnp.exp(p.spread("motor_response_lost_day") * latents["wallerian"])
    motor = p.motor_response_lost_day * pace
    sensory = p.nerve_response_lost_day * pace
    early = [jnp.broadcast_to(at[:, None], cutting.begin_day.shape) for at in (0.0 * pace, motor, sensory)]
    now, silent = day[:, None], sensory[:, None]
    once = _between(jnp.maximum(now - cutting.end_day, silent), now - cutting.begin_day, LATE_COHORTS)
    own = LATE_COHORTS // 2
    youngest = jnp.maximum(now - cutting.again_end_day, silent)
    second = _between(youngest, now - cutting.again_begin_day, own)
    first = jnp.maximum(now - cutting.end_day, second[-1])
    twice = [*second, *_between(first, now - cutting.begin_day, LATE_COHORTS - own - 1)]
    again = cutting.again_begin_day < now
    late = [jnp.where(again, two, one) for one, two in zip(once, twice, strict=True)]
    return jnp.stack([*early, *late], axis=-1)


def _between(youngest: jax.Array, oldest: jax.Array, cohorts: int) -> list[jax.Array]:
    """Return the limits of some cohorts from the youngest to the oldest age, even on the log scale [d]."""
    wider = jnp.log(jnp.maximum(oldest / youngest, 1.0))
    return [youngest * jnp.exp(wider * float(step)) for step in np.linspace(0.0, 1.0, cohorts + 1)]


def _cohort_ages(limits: jax.Array, day: jax.Array, cutting: _Cutting) -> jax.Array:
    """Return the age at which each cohort is looked at, (N, 2, COHORTS) [d].

    It is the middle, on the log scale, of the ages that a cohort can hold by today. Were it the middle
    between its limits, axons cut at one stroke would age in leaps, passing from one cohort to the next.
    """
    now, begun = day[:, None], cutting.again_begin_day < day[:, None]
    youngest = now - jnp.where(begun, cutting.again_end_day, cutting.end_day)
    oldest = jnp.maximum(now - cutting.begin_day, 0.0)[..., None]
    youngest = jnp.clip(youngest[..., None], 0.0, oldest)
    low, high = (jnp.clip(end, youngest, oldest) for end in (limits[..., :-1], limits[..., 1:]))
    middle = jnp.sqrt((low + 0.5) * high)
    return jnp.concatenate([middle, jnp.maximum(limits[..., -1:], OLD_AGE_DAY)], axis=-1)


def _fibrillating_share(age_day: jax.Array, stump_m: jax.Array) -> jax.Array:
    """Return the share of denervated muscle fibres that fibrillate.

    Share [0..1]: none in the first days, later the longer the stump, fading over years.
    """
    p = part("fibres/degeneration")
    first = p.fibrillation_first_day + p.fibrillation_delay_day_per_m * stump_m
    since = jnp.maximum(age_day - first, 0.0)
    # Exactly none before the first day, then first a few fibres: they do not begin together.
    risen = 1.0 - jnp.exp(-((since / p.fibrillation_rise_day) ** 2))
    return risen * jnp.exp(-since / p.fibrillation_fade_day)
