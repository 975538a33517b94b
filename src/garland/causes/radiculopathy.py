"""Compressive radiculopathy of one root, L1 to S2: before the ganglion, so that the SNAP is spared.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/radiculopathy.yaml
"""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp

from garland.causes.focal import focal
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import ROOTS, lognormal, sides, spread_over_roots
from garland.person import Person


def of_root(root: str) -> Callable[[Person, Chance], Insults]:
    """Return the cause that compresses `root` (``L1`` ... ``S2``), with a share reaching its neighbours."""
    index = ROOTS.index(root)

    def insult(person: Person, chance: Chance) -> Insults:
        p = part("causes/radiculopathy")
        neighbour = jnp.minimum(lognormal(chance["place"][:, 0], p, "neighbour_share"), 0.6)
        up = chance["place"][:, 1] > 0
        at = jnp.arange(len(ROOTS))
        beside = jnp.where(up[:, None], at == index - 1, at == index + 1)
        weights = (at == index) + neighbour[:, None] * beside
        motor = spread_over_roots(weights, {"ventral-root": 1.0})
        sensory = lognormal(chance["sensory"], p, "sensory_ratio")[:, None]
        ganglion = lognormal(chance["spread"][:, 0], p, "ganglion_ratio")[:, None]
        where = motor + sensory * spread_over_roots(weights, {"dorsal-root": 1.0})
        where = where + sensory * ganglion * spread_over_roots(weights, {"ganglion": 1.0})
        side = sides(chance, p)
        low, high = (0.75, 0.05) if index >= ROOTS.index("L5") else (0.25, 0.65)
        stretch = 0.04 + side[:, :, None] * jnp.asarray([low, high])
        struck = focal(chance, p, where, split=False)
        return struck._replace(stretch=jnp.minimum(stretch, 0.95), pain_drive=0.8 * side)

    return insult
