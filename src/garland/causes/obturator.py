"""Obturator neuropathy: adductors and the medial thigh.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/obturator.yaml
"""

from __future__ import annotations

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import sites
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of obturator neuropathy in N patients."""
    p = part("causes/obturator")
    return focal(chance, p, sites({"obturator": 1.0}))
