"""Neoplastic plexopathy: pain first, relentless, more often the lower plexus.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/plexopathy_neoplastic.yaml
"""

from __future__ import annotations

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.causes.plexopathy import plexus_weights
from garland.chance import Chance
from garland.evidence import part
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of neoplastic plexopathy in N patients."""
    p = part("causes/plexopathy_neoplastic")
    return focal(chance, p, plexus_weights(chance, p))
