"""Walking: alone, with an aid, or not at all; rising from a chair."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.patient import Person

_ANATOMY = load()
_CARRYING = ("knee-extension", "hip-flexion", "hip-extension", "hip-abduction", "ankle-dorsiflexion")
_ALONE, _WITH_AID = 2.0, 1.0


class _Walks(NamedTuple):
    """How a patient gets about; the three probabilities add up to one.

    Attributes
    ----------
    walks_alone, walks_with_aid, wheelchair : jax.Array
        Probability of walking alone, of walking with an aid, and of not walking, shape (N,) [0..1].
    """

    walks_alone: jax.Array
    walks_with_aid: jax.Array
    wheelchair: jax.Array


def walking_grade(movement_grade: jax.Array) -> jax.Array:
    """Return walking on one scale, shape (N, 1): above 2 alone, 1 to 2 with an aid, below 1 not [-]."""
    p = part("bedside/walking")
    index = jnp.asarray([_ANATOMY.movement(name) for name in _CARRYING])
    legs = movement_grade[:, :, index].mean(axis=2)
    worse, better = legs.min(axis=1), legs.max(axis=1)
    share = p.value("worse_leg_share")
    carried = share * worse + (1.0 - share) * better
    return (_ALONE + (carried - p.value("aid_below_grade")) / p.value("grade_per_step"))[:, None]


def walking_chances(score: jax.Array) -> _Walks:
    """Return how likely each way of getting about is, from the score (N,) of `walking_grade`.

    The spread about the score is that of the finding `walking`, so that a patient and an inference agree.
    """
    sd = part("recordings/noise").table("sd")["walking"]
    alone, not_at_all = norm.cdf((score - _ALONE) / sd), norm.cdf((_WITH_AID - score) / sd)
    return _Walks(alone, jnp.maximum(1.0 - alone - not_at_all, 0.0), not_at_all)


def _knee_force_percent(person: Person) -> jax.Array:
    """Return the healthy isometric force of both knee extensors, in per cent of body weight, shape (N,) [%].

    Trusted from 20 to 90 years. A heavier body has more muscle, but less of it for its weight.
    """
    p = part("bedside/walking")
    young = p.value("knee_force_woman_percent") + person.male * p.value("knee_force_man_extra_percent")
    decades = jnp.maximum(person.age_years - 30.0, 0.0) / 10.0
    usual_kg = part("person").value("bmi_kg_m2") * (person.height_cm / 100.0) ** 2
    heavier = (usual_kg / person.weight_kg) ** p.value("knee_force_mass_power")
    return young * jnp.maximum(1.0 - p.value("knee_force_loss_per_decade") * decades, 0.2) * heavier


def chair_rise(person: Person, knee_extension_force: jax.Array, gain: jax.Array | float = 0.0) -> jax.Array:
    """Return the probability of rising from a chair without help.

    Shape (N,) [0..1]: logistic in the force of both knees relative to body weight (Bohannon 2009), which was
    measured in 31 frail old people.
    """
    p = part("bedside/walking")
    percent = _knee_force_percent(person) * knee_extension_force.mean(axis=1) + gain
    slope = math.log(p.value("chair_odds_ratio_per_percent"))
    return jax.nn.sigmoid(slope * (percent - p.value("chair_needs_percent")))
