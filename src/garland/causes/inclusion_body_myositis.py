"""Inclusion body myositis: quadriceps and finger flexors, slowly, one side ahead.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/inclusion_body_myositis.yaml
"""

from __future__ import annotations

import jax.numpy as jnp

from garland.anatomy.tree import load
from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import first_side, lognormal, muscles
from garland.person import Person

_ANATOMY = load()


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of inclusion body myositis in N patients."""
    p = part("causes/inclusion_body_myositis")
    ahead = jnp.exp(p.asymmetry_ln * (2.0 * first_side(chance) - 1.0))
    patchy = jnp.exp(p.patchiness_ln * chance.site[:, :, : len(_ANATOMY.muscles)])
    severity = lognormal(chance["severity"], p, "severity")[:, None, None]
    pattern = jnp.maximum(muscles(p.muscle_weights), p.other_muscles)
    hazard = severity * ahead[:, :, None] * pattern * patchy
    return no_damage(chance.vector.shape[0])._replace(
        muscle_loss=1.0 - jnp.exp(-hazard),
        muscle_irritation=lognormal(chance["spread"][:, 0], p, "irritation"),
        span_day=lognormal(chance["progression"], p, "span_day"),
    )
