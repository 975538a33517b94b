"""The clock of an axon that has been cut: when its response is lost, when its muscle fibres fibrillate.

Reads    chance.   Feeds  fibres.population, recordings.
Trusted  ages 0 d to 60 years.   Numbers  evidence/parameters/fibres/degeneration.yaml

A patient's axons are sorted by how long ago they were cut. The limits between these cohorts are the events of
the clock itself, so that the early days are exact; beyond them the cohorts only need to be fine enough for
slow change.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.chance import Chance
from garland.evidence import part

LATE_AGES_DAY = (15.0, 24.0, 45.0, 100.0, 220.0, 500.0)
"""Limits of the cohorts that do not depend on a person's own Wallerian clock [d]."""
COHORTS = 3 + len(LATE_AGES_DAY)
"""Number of cohorts: cut 0 d to the muscle response's loss, to the nerve response's loss, and so on."""
OLDEST_AGE_DAY = 900.0
"""Age at which the oldest cohort is looked at [d]."""


def cohort_limits(chance: Chance) -> jax.Array:
    """Return the ages at which cohorts begin, shape (N, COHORTS), rising from 0 [d].

    The second and third are the days after which muscle and nerve responses are lost in this person.
    """
    p = part("fibres/degeneration")
    pace = jnp.exp(p.spread("motor_response_lost_day") * chance["wallerian"])
    zero = jnp.zeros_like(pace)
    motor = p.motor_response_lost_day * pace
    sensory = p.nerve_response_lost_day * pace
    late = [jnp.full_like(pace, age) for age in LATE_AGES_DAY]
    return jnp.stack([zero, motor, jnp.minimum(sensory, 14.5), *late], axis=1)


def cohort_ages(limits: jax.Array) -> jax.Array:
    """Return the age at which each cohort is looked at, (N, COHORTS): the middle, on the log scale [d]."""
    end = jnp.full_like(limits[:, :1], OLDEST_AGE_DAY**2 / LATE_AGES_DAY[-1])
    older = jnp.concatenate([limits[:, 1:], end], axis=1)
    return jnp.sqrt((limits + 0.5) * older)


def fibrillating_share(age_day: jax.Array, stump_m: jax.Array) -> jax.Array:
    """Return the share of denervated muscle fibres that fibrillate.

    Parameters
    ----------
    age_day : jax.Array
        Days since the axon was cut [d].
    stump_m : jax.Array
        Length of the stump from the cut to the muscle [m], broadcastable.

    Returns
    -------
    jax.Array
        Share [0..1]: none in the first days, later the longer the stump, fading over years.
    """
    p = part("fibres/degeneration")
    first = p.fibrillation_first_day + p.fibrillation_delay_day_per_m * stump_m
    since = jnp.maximum(age_day - first, 0.0)
    # Exactly none before the first day: the needle finds even a hundredth of all fibres.
    return (1.0 - jnp.exp(-since / p.fibrillation_rise_day)) * jnp.exp(-since / p.fibrillation_fade_day)
