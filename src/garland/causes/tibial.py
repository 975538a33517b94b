"""Tibial neuropathy at the knee or in the tarsal tunnel.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/tibial.yaml
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
    """Return the damage of tibial neuropathy in N patients."""
    p = part("causes/tibial")
    tarsal = (chance["place"][:, 0] < norm.ppf(p.tarsal_share))[:, None]
    where = jnp.where(tarsal, sites({"tibial-ankle": 1.0}), sites({"tibial-popliteal": 1.0}))
    return focal(chance, p, where)
