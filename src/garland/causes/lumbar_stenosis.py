"""Lumbar spinal stenosis: several roots, usually both sides, slowly.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/lumbar_stenosis.yaml
"""

from __future__ import annotations

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, root_weights, spread_over_roots
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of lumbar stenosis in N patients."""
    p = part("causes/lumbar_stenosis")
    centre = p.centre + p.centre_sd * chance["place"][:, 0]
    weights = root_weights(centre, lognormal(chance["place"][:, 1], p, "width"))
    sensory = lognormal(chance["sensory"], p, "sensory_ratio")[:, None]
    where = spread_over_roots(weights, {"ventral-root": 1.0})
    where = where + sensory * spread_over_roots(weights, {"dorsal-root": 1.0})
    return focal(chance, p, where, split=False)
