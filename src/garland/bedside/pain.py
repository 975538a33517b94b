"""Where it hurts.

Reads    fibres.population, causes, anatomy.   Feeds  findings.
Numbers  evidence/parameters/bedside/pain.yaml
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.anatomy.tree import load
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import part
from garland.fibres.paths import product
from garland.fibres.population import Fibres

_ANATOMY = load()


def region_pain(chance: Chance, insults: Insults, fibres: Fibres) -> jax.Array:
    """Return how likely each region hurts, as a normal score, shape (N, 2, G) [-].

    Pain follows injured fibres of the region and the drive of the disease on that side (inflammation,
    pressure); the back follows injured roots.
    """
    p = part("bedside/pain")
    injured = 1.0 - product(fibres.skin_felt_small, _ANATOMY.region_weights)
    hazard = product(fibres.site_loss_now + fibres.site_block, _ANATOMY.region_site_weights)
    roots = 1.0 - jnp.exp(-hazard)
    hurt = jnp.sqrt(jnp.clip(jnp.maximum(injured, roots), 0.0, 1.0))
    trait = p.value("personal_sd") * chance["pain"]
    score = p.value("base") + p.value("per_injury") * hurt
    return score + p.value("per_drive") * insults.pain_drive[..., None] + trait[:, None, None]
