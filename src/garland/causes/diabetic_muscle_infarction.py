"""Diabetic muscle infarction: thigh muscles of one side, suddenly, with pain and swelling.

Reads    person, chance.   Feeds  fibres.
Numbers  evidence/parameters/causes/diabetic_muscle_infarction.yaml
"""

from __future__ import annotations

import jax.numpy as jnp

from garland.anatomy.tree import load
from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, muscles, sides
from garland.person import Person

_ANATOMY = load()


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of diabetic muscle infarction in N patients."""
    p = part("causes/diabetic_muscle_infarction")
    front = (chance["place"][:, 0] < p.front_score)[:, None, None]
    pattern = jnp.where(front, muscles(p.front_muscles), muscles(p.back_muscles))
    patchy = jnp.exp(p.patchiness_ln * chance.site[:, :, : len(_ANATOMY.muscles)])
    severity = lognormal(chance["severity"], p, "severity")[:, None, None]
    side = sides(chance, p)
    return no_damage(chance.vector.shape[0])._replace(
        muscle_loss=1.0 - jnp.exp(-severity * side[:, :, None] * pattern * patchy),
        muscle_irritation=lognormal(chance["spread"][:, 0], p, "irritation"),
        span_day=lognormal(chance["progression"], p, "span_day"),
        pain_drive=p.pain_drive * side,
    )
