"""Plexopathy from bleeding into psoas or iliacus: femoral alone, or femoral with obturator.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/plexopathy_haematoma.yaml
"""

from __future__ import annotations

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.causes.plexopathy import plexus_weights
from garland.chance import Chance
from garland.evidence import part
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of plexopathy from a haematoma in N patients."""
    p = part("causes/plexopathy_haematoma")
    return focal(chance, p, plexus_weights(chance, p))
