"""Compressive radiculopathy of one root, L1 to S2: before the ganglion, so that the SNAP is spared.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/radiculopathy.yaml
"""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp

from garland.causes.focal import focal, stretch_tests
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
        neighbour = jnp.minimum(lognormal(chance["place"][:, 0], p, "neighbour_share"), p.neighbour_most)
        up = chance["place"][:, 1] > 0
        at = jnp.arange(len(ROOTS))
        beside = jnp.where(up[:, None], at == index - 1, at == index + 1)
        weights = (at == index) + neighbour[:, None] * beside
        motor = spread_over_roots(weights, {"ventral-root": 1.0})
        sensory = lognormal(chance["sensory"], p, "sensory_ratio")[:, None]
        ganglion = lognormal(chance["spread"][:, 0], p, "ganglion_ratio")[:, None]
        where = motor + sensory * spread_over_roots(weights, {"dorsal-root": 1.0})
        where = where + sensory * ganglion * spread_over_roots(weights, {"ganglion": 1.0})
        gain = p.stretch_gain_low if index >= ROOTS.index("L5") else p.stretch_gain_high
        stretch = stretch_tests(sides(chance, p), p, gain)
        return focal(chance, p, where, split=False)._replace(stretch=stretch)

    return insult
