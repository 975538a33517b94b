"""Common fibular (peroneal) neuropathy at the fibular head: block, axon loss or both.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/fibular.yaml
"""

from __future__ import annotations

import jax.numpy as jnp

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import sites
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of common fibular neuropathy in N patients."""
    p = part("causes/fibular")
    lean = jnp.exp(p.deep_preference_ln * chance["place"][:, 0])[:, None]
    deep = p.deep_ratio * jnp.maximum(lean - 1.0, 0.0)
    return focal(chance, p, sites({"common-fibular": 1.0}) + deep * sites({"deep-fibular": 1.0}))
