"""Walking, and the scales of impairment and disability.

The score adds points of 24 muscle groups, 5 reflexes and 8 modes of feeling per side: 0 in health, 244 at
worst, 88 for the lower limbs alone. An examiner scores only what the hand feels: from grade 5 on nothing.
Between the middles of two grades points run straight, so that the score moves smoothly from day to day.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import norm

from garland._types import Float32s
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


LOWER_LIMB_GROUPS = {
    "hip flexion": "hip-flexion",
    "hip extension": "hip-extension",
    "knee flexion": "knee-flexion",
    "knee extension": "knee-extension",
    "ankle dorsiflexion": "ankle-dorsiflexion",
    "ankle plantarflexion": "ankle-plantarflexion",
    "toe extension": "toe-extension",
    "toe flexion": "toe-flexion",
}
"""Muscle groups of the lower limb and the movement of the model that stands for each."""
UPPER_LIMB_GROUPS = {
    "shoulder abduction": "shoulder-abduction",
    "elbow flexion": "elbow-flexion",
    "brachioradialis": "elbow-flexion",
    "elbow extension": "elbow-extension",
    "wrist flexion": "finger-flexion",
    "wrist extension": "elbow-extension",
    "finger flexion": "finger-flexion",
    "finger spread": "finger-abduction",
    "thumb abduction": "thumb-abduction",
}
"""Muscle groups of the upper limb; those without a movement of their own go with a neighbour."""
LOWER_LIMB_REFLEXES = ("knee", "ankle")
UPPER_LIMB_REFLEXES = ("biceps", "triceps", "biceps")
"""Biceps, triceps and brachioradialis; the last shares the roots of the first."""
TOE_NERVES = ("superficial-fibular", "medial-plantar")
FINGER_NERVES = ("median-digit-2",)
LARGE_FIBRE_MODES = 3
"""Touch, vibration and joint position go by large fibres, pinprick by small ones."""


class _Impairment(NamedTuple):
    """Neuropathy Impairment Score of N patients and its parts, every field of shape (N,).

    Attributes
    ----------
    nis : jax.Array
        Whole score, both sides [0..244].
    nis_lower_limbs : jax.Array
        The part of the lower limbs (NIS-LL) [0..88].
    weakness_points, reflex_points, feeling_points : jax.Array
        What weakness [0..192], reflexes [0..20] and feeling [0..32] add to `nis`.
    """

    nis: jax.Array
    nis_lower_limbs: jax.Array
    weakness_points: jax.Array
    reflex_points: jax.Array
    feeling_points: jax.Array


def _points(value: jax.Array, name: str) -> jax.Array:
    """Return points by straight lines between the knots of a scale: `<name>_at` and `<name>_points`."""
    p = part("bedside/scales")
    return jnp.interp(value, jnp.asarray(p.row(f"{name}_at")), jnp.asarray(p.row(f"{name}_points")))


def _weakness_points(movement_grade: jax.Array) -> jax.Array:
    """Return the points of weakness of an MRC grade (continuous, 5.4 full force), same shape [0..4]."""
    return _points(movement_grade, "weakness")


def _reflex_points(reflex_grade: jax.Array) -> jax.Array:
    """Return the points of a tendon reflex of a grade 0 to 4, same shape: 1 reduced, 2 absent [0..2]."""
    return _points(reflex_grade, "reflex")


def _feeling_points(loss: jax.Array) -> jax.Array:
    """Return the points of one mode of feeling from its loss (-ln of what is felt), same shape [0..2]."""
    return _points(loss, "feeling")


def _ankle_allowance(person: Person) -> jax.Array:
    """Return the points of a weak ankle jerk that age excuses, (N,) [0..2]: one from 50, two from 70."""
    p = part("bedside/scales")
    first, second = p.value("allowance_first_years"), p.value("allowance_second_years")
    return (person.age_years >= first) * 1.0 + (person.age_years >= second) * 1.0


def _sum_of(table: tuple[str, ...], names: tuple[str, ...]) -> Float32s:
    weights = np.zeros(len(table), np.float32)
    for name in names:
        weights[table.index(name)] += 1.0
    return weights


def _reflexes(person: Person, reflex_grade: jax.Array, names: tuple[str, ...]) -> jax.Array:
    points = _reflex_points(reflex_grade)
    ankle = _sum_of(_ANATOMY.reflexes, ("ankle",))
    excused = jnp.maximum(points - _ankle_allowance(person)[:, None, None] * ankle, 0.0)
    return (excused @ _sum_of(_ANATOMY.reflexes, names)).sum(axis=1)


def _feeling(large: jax.Array, small: jax.Array, nerves: tuple[str, ...]) -> jax.Array:
    weights = _sum_of(_ANATOMY.skin_nerves, nerves) / len(nerves)
    points = LARGE_FIBRE_MODES * _feeling_points(large @ weights) + _feeling_points(small @ weights)
    return points.sum(axis=1)


def nis(
    person: Person,
    movement_grade: jax.Array,
    reflex_grade: jax.Array,
    large: jax.Array,
    small: jax.Array,
) -> _Impairment:
    """Return the Neuropathy Impairment Score of N patients."""
    weak = _weakness_points(movement_grade).sum(axis=1)
    legs = weak @ _sum_of(_ANATOMY.movements, tuple(LOWER_LIMB_GROUPS.values()))
    arms = weak @ _sum_of(_ANATOMY.movements, tuple(UPPER_LIMB_GROUPS.values()))
    leg_jerks = _reflexes(person, reflex_grade, LOWER_LIMB_REFLEXES)
    arm_jerks = _reflexes(person, reflex_grade, UPPER_LIMB_REFLEXES)
    toes, fingers = _feeling(large, small, TOE_NERVES), _feeling(large, small, FINGER_NERVES)
    return _Impairment(
        nis=legs + arms + leg_jerks + arm_jerks + toes + fingers,
        nis_lower_limbs=legs + leg_jerks + toes,
        weakness_points=legs + arms,
        reflex_points=leg_jerks + arm_jerks,
        feeling_points=toes + fingers,
    )


def mrs(walks: _Walks, weakness: jax.Array, pain_nrs: jax.Array) -> jax.Array:
    """Return the expected grade on the modified Rankin scale."""
    p = part("bedside/scales")
    burden = weakness / p.value("rankin_weakness_scale") + pain_nrs / p.value("rankin_pain_scale")
    alone = 3.0 * -jnp.expm1(-burden)
    bedridden = jnp.clip(weakness / p.value("rankin_bedridden_points") - 1.0, 0.0, 1.0)
    return walks.walks_alone * alone + walks.walks_with_aid * 3.0 + walks.wheelchair * (4.0 + bedridden)
