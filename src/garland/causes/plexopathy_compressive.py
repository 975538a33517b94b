"""Compressive or traumatic plexopathy: childbirth on the lumbosacral trunk, surgery, fracture.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/plexopathy_compressive.yaml
"""

from __future__ import annotations

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.causes.plexopathy import plexus_weights
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, sites
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of compressive plexopathy in N patients."""
    p = part("causes/plexopathy_compressive")
    where = plexus_weights(chance, p)
    trunk = lognormal(chance["place"][:, 3], p, "trunk_lean")[:, None]
    where = where + trunk * sites({"lumbosacral-trunk": 1.0})
    return focal(chance, p, where)
