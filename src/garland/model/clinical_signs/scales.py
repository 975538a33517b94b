"""Scales of impairment and disability: Neuropathy Impairment Score and modified Rankin scale.

Trusted  grades on the scales of these parts.   Numbers  evidence/parameters/bedside/scales.yaml

The score adds points of 24 muscle groups, 5 reflexes and 8 modes of feeling per side: 0 in health, 244 at
worst, 88 for the lower limbs alone. An examiner scores only what the hand feels: from grade 5 on nothing.
Between the middles of two grades points run straight, so that the score moves smoothly from day to day.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.pathways import Floats
from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.clinical_signs.walking import _Walks
from garland.model.patient import Person

_ANATOMY = load()

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


def _sum_of(table: tuple[str, ...], names: tuple[str, ...]) -> Floats:
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
