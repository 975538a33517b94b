"""Cauda equina syndrome: lower lumbar and sacral roots of both sides, and the sphincters.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/cauda_equina.yaml
"""

from __future__ import annotations

import jax.numpy as jnp

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, root_weights, sides, spread_over_roots
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of cauda equina syndrome in N patients."""
    p = part("causes/cauda_equina")
    centre = p.centre + p.centre_sd * chance["place"][:, 0]
    weights = root_weights(centre, lognormal(chance["place"][:, 1], p, "width"))
    sensory = lognormal(chance["sensory"], p, "sensory_ratio")[:, None]
    where = spread_over_roots(weights, {"ventral-root": 1.0})
    where = where + sensory * spread_over_roots(weights, {"dorsal-root": 1.0})
    side = sides(chance, p)
    stretch = 0.04 + side[:, :, None] * jnp.asarray([0.5, 0.05])
    struck = focal(chance, p, where, split=False)
    return struck._replace(stretch=jnp.minimum(stretch, 0.95), pain_drive=0.6 * side)
