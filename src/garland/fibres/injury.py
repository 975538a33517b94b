"""The course of an insult at one site, and what age and diabetes have done to the longest fibres before.

Reads    causes, person, chance.   Feeds  fibres.population, recordings.
Numbers  evidence/parameters/fibres/injury.yaml
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from garland.chance import Chance
from garland.evidence import part
from garland.fibres.paths import computed_once
from garland.patterns import lognormal
from garland.person import Person
from garland.vessels.glycaemia import wear_rate

LONGEST_FIBRE_MM = 1150.0
"""Length of the longest motor fibre, cord to foot, at the reference height [mm]."""


def progress(day: jax.Array, start_day: jax.Array, span_day: jax.Array) -> jax.Array:
    """Return how much of an insult has been done by a day.

    Parameters
    ----------
    day, start_day, span_day : jax.Array
        Day asked for, day of onset and duration [d], broadcastable.

    Returns
    -------
    jax.Array
        Share [0..1], fastest at first and never falling: what is cut stays cut.
    """
    pace = computed_once(1.0 / span_day)[0]
    x = jnp.clip((day - start_day) * pace, 0.0, 1.0)
    return x * (2.0 - x)


def block_course(
    day: jax.Array, start_day: jax.Array, span_day: jax.Array, recovery_day: jax.Array
) -> jax.Array:
    """Return how much of a conduction block stands on a day.

    Parameters
    ----------
    day, start_day, span_day : jax.Array
        Day asked for, day of onset and duration of growth [d], broadcastable.
    recovery_day : jax.Array
        Time constant with which block clears once it has stopped growing [d], broadcastable.

    Returns
    -------
    jax.Array
        Share [0..1]: it grows like damage, then clears.
    """
    after = jnp.maximum(day - start_day - span_day, 0.0)
    return progress(day, start_day, span_day) * jnp.exp(-after / recovery_day)


def length_share(length_mm: jax.Array, height_cm: jax.Array, power: jax.Array) -> jax.Array:
    """Return how much a length-dependent process strikes fibres of a length: 1 at the longest, less before.

    Parameters
    ----------
    length_mm : jax.Array
        Fibre lengths at the reference height of 170 cm, shape (P,) [mm].
    height_cm, power : jax.Array
        Height [cm] and power of length [-], shape (N,). Taller people have longer fibres and suffer more.

    Returns
    -------
    jax.Array
        Shape (N, P) [-].
    """
    taller, power = computed_once(jnp.log(height_cm / 170.0), power)
    relative_ln = jnp.log(length_mm / LONGEST_FIBRE_MM)[:, None] + taller
    return jnp.exp(power * jnp.maximum(relative_ln, math.log(1e-3))).T


def background_hazard(person: Person, chance: Chance) -> jax.Array:
    """Return the old loss of the longest fibres by diabetes and age, under every cause, shape (N,) [-]."""
    p = part("fibres/injury")
    years = person.diabetes_years / p.value("background_half_year")
    start = p.value("background_start")
    grown = start + (1.0 - start) * years * wear_rate(person) / (1.0 + 0.5 * years)
    diabetic = person.diabetes * lognormal(chance["background"], p, "background_hazard") * grown
    decades = jnp.maximum(person.age_years - 60.0, 0.0) / 10.0
    return jnp.minimum(diabetic, 5.0) + p.value("age_hazard_per_decade") * decades
