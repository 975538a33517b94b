"""Meralgia paraesthetica: the lateral femoral cutaneous nerve, sensory only.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/lateral_femoral_cutaneous.yaml
"""

from __future__ import annotations

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import sites
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of meralgia paraesthetica in N patients."""
    p = part("causes/lateral_femoral_cutaneous")
    return focal(chance, p, sites({"lateral-femoral-cutaneous": 1.0}))
