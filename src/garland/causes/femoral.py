"""Femoral neuropathy: above the branches to iliopsoas, or below them.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/femoral.yaml
"""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy.stats import norm

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import sites
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of femoral neuropathy in N patients."""
    p = part("causes/femoral")
    above = (chance["place"][:, 0] < norm.ppf(p.proximal_share))[:, None]
    where = jnp.where(above, sites({"femoral-pelvic": 1.0}), sites({"femoral-inguinal": 1.0}))
    return focal(chance, p, where)
