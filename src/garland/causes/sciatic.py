"""Sciatic neuropathy at the buttock or thigh, the fibular division more than the tibial in half.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/sciatic.yaml
"""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy.stats import norm

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, sides, sites
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of sciatic neuropathy in N patients."""
    p = part("causes/sciatic")
    ratio = lognormal(chance["place"][:, 0], p, "tibial_ratio")
    # Where no division is preferred, both suffer alike.
    prefers = chance["place"][:, 1] < norm.ppf(p.fibular_preference)
    tibial = jnp.where(prefers, jnp.minimum(ratio, 1.0), jnp.exp(0.3 * chance["place"][:, 0]))[:, None]
    where = sites({"sciatic-fibular-division": 1.0}) + tibial * sites({"sciatic-tibial-division": 1.0})
    where = where + 0.6 * sites({"posterior-femoral-cutaneous": 1.0}) * (chance["place"][:, 2] > 1.0)[:, None]
    return focal(chance, p, where)._replace(pain_drive=0.3 * sides(chance, p))
