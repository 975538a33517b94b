"""The course of an insult at one site, and what age and diabetes have done to the longest fibres before."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.model.axons.paths import materialise
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal
from garland.model.treatment.curative import procedure, share_held
from garland.model.treatment.schedule import Treatments
from garland.model.treatment.untried import Hold, hold
from garland.model.vessels.immunity import damage
from garland.reference_values import REFERENCE_HEIGHT_CM
from garland.units import DAYS_PER_YEAR

LONGEST_FIBRE_MM = 1150.0
"""Length of the longest motor fibre, cord to foot, at the reference height [mm]."""


class _Clock(NamedTuple):
    """How the damage of N patients goes on in time; fields broadcast against sites, patients last.

    Attributes
    ----------
    span_day : jax.Array
        How long damage takes at one site [d].
    gradual : jax.Array
        1 if damage begins slowly, as vessels close one after the other; 0 if it is fastest at first [0..1].
    again_day, again_ratio : jax.Array
        Day of a second attack and its damage relative to the first [d, -]; a ratio of None leaves it out.
    onward_per_day : jax.Array
        Damage added each day once an attack is complete, relative to the whole [1/d].
    hold : Hold or None
        Treatment that holds damage back while it lasts.
    procedure : tuple of jax.Array, or None
        From which day a procedure slows further damage [d], and to which share of its pace [0..1].
    """

    span_day: jax.Array
    gradual: jax.Array
    again_day: jax.Array
    again_ratio: jax.Array | None
    onward_per_day: jax.Array | float = 0.0
    hold: Hold | None = None
    procedure: tuple[jax.Array, jax.Array] | None = None


def _clock(
    lesion_process: LesionProcess,
    latents: Latents | None = None,
    treatment: Treatments | None = None,
    began_day: jax.Array | float = 0.0,
) -> _Clock:
    """Return the clock of these insults under care, fields (N,); it stood at nought on the day `began_day`
    of the clock by which care is given.
    """
    span = jnp.maximum(lesion_process.span_day, 0.5)
    again = lesion_process.again_day, lesion_process.again_ratio
    time = _Clock(span, lesion_process.gradual, *again, lesion_process.onward_per_year / DAYS_PER_YEAR)
    if treatment is None or latents is None:
        return time
    untried = hold(treatment, latents)
    held = 1.0 - (1.0 - untried.effect) * (1.0 - share_held(treatment, lesion_process))
    own = untried._replace(
        effect=held, start_day=untried.start_day - began_day, stop_day=untried.stop_day - began_day
    )
    begun, pace = procedure(treatment, lesion_process)
    return time._replace(hold=own, procedure=(begun - began_day, pace))


def _progress(
    day: jax.Array, start_day: jax.Array, span_day: jax.Array, gradual: jax.Array | float = 0.0
) -> jax.Array:
    """Return how much of an insult has been done by a day.

    Share [0..1], never falling: what is cut stays cut.
    """
    pace, gradual = materialise(1.0 / span_day, jnp.asarray(gradual))
    x = jnp.clip((day - start_day) * pace, 0.0, 1.0)
    at_once = x * (2.0 - x)
    return at_once + gradual * (damage(x) - at_once)


def _share_done(day: jax.Array, start_day: jax.Array, time: _Clock) -> jax.Array:
    """Return how much of all attacks has been done by a day, treatment and relapse counted [0..]."""

    def by(when: jax.Array) -> jax.Array:
        if time.procedure is not None:
            begun, pace = time.procedure
            when = when - (1.0 - pace) * jnp.maximum(when - begun, 0.0)
        first = _progress(when, start_day, time.span_day, time.gradual)
        first = first + time.onward_per_day * jnp.maximum(when - start_day - time.span_day, 0.0)
        if time.again_ratio is None:
            return first
        again = _progress(when - time.again_day, start_day, time.span_day, time.gradual)
        return first + time.again_ratio * again

    if time.hold is None:
        return by(day)
    start, stop = time.hold.start_day, time.hold.stop_day
    return by(day) - time.hold.effect * (by(jnp.clip(day, start, stop)) - by(start))


def _block_course(day: jax.Array, start_day: jax.Array, time: _Clock, recovery_day: jax.Array) -> jax.Array:
    """Return how much of a conduction block stands on a day.

    Share [0..]: it grows like damage, then clears, and again after a second attack.
    """
    once = time._replace(again_ratio=None)

    def standing(when: jax.Array, by: _Clock) -> jax.Array:
        after = jnp.maximum(when - start_day - time.span_day, 0.0)
        return _share_done(when, start_day, by) * jnp.exp(-after / recovery_day)

    first = standing(day, once)
    if time.again_ratio is None:
        return first
    again = once._replace(hold=None, procedure=None)
    return first + time.again_ratio * standing(day - time.again_day, again)


def length_share(length_mm: jax.Array, height_cm: jax.Array, power: jax.Array) -> jax.Array:
    """Return how much a length-dependent process strikes fibres of a length: 1 at the longest, less before.

    Shape (N, P) [-].
    """
    taller, power = materialise(jnp.log(height_cm / REFERENCE_HEIGHT_CM), power)
    relative_ln = jnp.log(length_mm / LONGEST_FIBRE_MM)[:, None] + taller
    return jnp.exp(power * jnp.maximum(relative_ln, math.log(1e-3))).T


def background_hazard(person: Person, latents: Latents, worn_years: jax.Array, day: jax.Array) -> jax.Array:
    """Return the loss of the longest fibres by diabetes and age, under every cause, shape (N,) [-]."""
    p = part("fibres/injury")
    half = p.value("background_half_year")
    years = person.diabetes_years + jnp.maximum(day, 0.0) / DAYS_PER_YEAR
    start = p.value("background_start")
    grown = start + (1.0 - start) * (worn_years / half) / (1.0 + 0.5 * years / half)
    diabetic = person.diabetes * lognormal(latents["background"], p, "background_hazard") * grown
    decades = jnp.maximum(person.age_years + jnp.maximum(day, 0.0) / DAYS_PER_YEAR - 60.0, 0.0) / 10.0
    by_age = lognormal(latents["background"], p, "age_hazard_per_decade") * decades ** p.value("age_power")
    return jnp.minimum(diabetic + by_age, 5.0)
