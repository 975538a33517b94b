"""Inflammatory or necrotising myopathy: proximal muscles of both sides, nerves spared.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/myopathy.yaml
"""

from __future__ import annotations

import jax.numpy as jnp

from garland.anatomy.tree import load
from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, muscles, symmetric
from garland.person import Person

_ANATOMY = load()


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of an inflammatory or necrotising myopathy in N patients."""
    p = part("causes/myopathy")
    distal = lognormal(chance["place"][:, 0], p, "distal_ratio")[:, None, None]
    pattern = jnp.maximum(muscles(p.muscle_weights), distal)
    patchy = jnp.exp(p.patchiness_ln * chance.site[:, :, : len(_ANATOMY.muscles)])
    severity = lognormal(chance["severity"], p, "severity")[:, None, None]
    hazard = severity * symmetric(chance, p.asymmetry_ln)[:, :, None] * pattern * patchy
    return no_damage(chance.vector.shape[0])._replace(
        muscle_loss=1.0 - jnp.exp(-hazard),
        muscle_irritation=lognormal(chance["spread"][:, 0], p, "irritation"),
        span_day=lognormal(chance["progression"], p, "span_day"),
    )
