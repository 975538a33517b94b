"""Radiation plexopathy: late, slow, often both sides, myokymia.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/plexopathy_radiation.yaml
"""

from __future__ import annotations

import jax.numpy as jnp

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.causes.plexopathy import plexus_weights
from garland.chance import Chance
from garland.evidence import part
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of radiation plexopathy in N patients."""
    p = part("causes/plexopathy_radiation")
    twitch = jnp.full((chance.vector.shape[0],), p.myokymia, jnp.float32)
    return focal(chance, p, plexus_weights(chance, p))._replace(myokymia=twitch)
