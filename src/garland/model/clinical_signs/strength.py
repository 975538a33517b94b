"""Strength of muscles and movements on the MRC scale, wasting and twitching.

Trusted  strength 0-100 % of the person's own.   Numbers  evidence/parameters/bedside/strength.yaml
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.muscle import Muscle
from garland.model.axons.paths import product
from garland.model.diseases.lesion_process import LesionProcess

_ANATOMY = load()


def force(muscle: Muscle, lesion_process: LesionProcess) -> jax.Array:
    """Return the force each muscle can be made to give, relative to the person's own, (N, 2, M) [0..1]."""
    reachable = muscle.conducting / jnp.maximum(muscle.axons, 1e-6)
    given = jnp.exp(-lesion_process.effort_loss)[..., None]
    return muscle.innervated * reachable * (1.0 - muscle.diseased) * given


def mrc_grade(share: jax.Array) -> jax.Array:
    """Return the MRC grade of a force on a continuous scale."""
    limits = part("bedside/strength").table("mrc_force_limits")
    names = ("1", "2", "3", "4-", "4", "4+", "5")
    grades = (0.5, 1.5, 2.5, 3.5, 3.835, 4.165, 4.67)
    at = np.log(np.array([1e-4, *(limits[name] for name in names), 1.0], np.float32))
    rise = np.diff(np.array([0.0, *grades, 5.4], np.float32)) / np.diff(at)
    share_ln = jnp.log(jnp.clip(share, 1e-4, 1.0))
    # One straight piece after the other: a search for the right piece does not vectorise.
    pieces = zip(at[:-1], at[1:], rise, strict=True)
    return sum((slope * (jnp.clip(share_ln, low, high) - low) for low, high, slope in pieces), jnp.zeros(()))


def movement_force(muscle_force: jax.Array) -> jax.Array:
    """Return the force of each movement from its muscles, (N, 2, M) to (N, 2, V) [0..1]."""
    return product(muscle_force, _ANATOMY.movement_weights)


def wasting(muscle: Muscle) -> jax.Array:
    """Return how clearly each muscle looks wasted, in standard deviations of the judgement, (N, 2, M) [-]."""
    p = part("fibres/muscle")
    return (muscle.bulk_lost - p.value("visible_wasting_share")) / p.value("visible_wasting_spread")


def twitching(muscle: Muscle, lesion_process: LesionProcess) -> jax.Array:
    """Return how clearly fasciculation shows in each muscle, as a normal score, shape (N, 2, M) [-]."""
    p = part("bedside/strength")
    sick = jnp.sqrt(jnp.clip(1.0 - muscle.conducting, 0.0, 1.0))
    excitable = p.value("twitching_per_excitability") * lesion_process.fasciculation[:, None, None]
    return p.value("twitching_base") + excitable * sick
