"""Walking: alone, with an aid, or not at all.

Reads    bedside.strength, anatomy.   Feeds  findings.   Numbers  evidence/parameters/bedside/walking.yaml
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.anatomy.tree import load
from garland.evidence import part

_ANATOMY = load()
_CARRYING = ("knee-extension", "hip-flexion", "hip-extension", "hip-abduction", "ankle-dorsiflexion")


def walking_grade(movement_grade: jax.Array) -> jax.Array:
    """Return walking on one scale, shape (N, 1): above 2 alone, 1 to 2 with an aid, below 1 not [-].

    Parameters
    ----------
    movement_grade : jax.Array
        MRC grade of every movement, shape (N, 2, V) [0..5.4].
    """
    p = part("bedside/walking")
    index = jnp.asarray([_ANATOMY.movement(name) for name in _CARRYING])
    legs = movement_grade[:, :, index].mean(axis=2)
    worse, better = legs.min(axis=1), legs.max(axis=1)
    share = p.value("worse_leg_share")
    carried = share * worse + (1.0 - share) * better
    return (2.0 + (carried - p.value("aid_below_grade")) / p.value("grade_per_step"))[:, None]
