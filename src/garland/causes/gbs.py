"""Guillain-Barre syndrome: acute slowing and block of roots, nerves and terminals.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/gbs.yaml
"""

from __future__ import annotations

import jax.numpy as jnp

from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, multifocal, sites_by_part, symmetric
from garland.person import Person

_DEMYELINATED = ("root", "plexus", "nerve")


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of Guillain-Barre syndrome in N patients."""
    p = part("causes/gbs")
    both = symmetric(chance, p.asymmetry_ln)
    where = both[:, :, None] * sites_by_part(*_DEMYELINATED) * multifocal(chance, p.patchiness_ln)
    slowing = lognormal(chance["slowing"], p, "slowing")[:, None, None]
    block = lognormal(chance["block"], p, "block_hazard")[:, None, None]
    loss = lognormal(chance["severity"], p, "severity_hazard")
    n = chance.vector.shape[0]
    return no_damage(n)._replace(
        slowing=slowing * where,
        block=block / p.path_sites * where,
        axon_loss=p.loss_along_share * loss[:, None, None] / p.path_sites * where,
        distal_loss=(1.0 - p.loss_along_share) * loss[:, None] * both,
        distal_slowing=lognormal(chance["spread"][:, 0], p, "distal_slowing")[:, None] * both,
        distal_block=lognormal(chance["spread"][:, 1], p, "distal_block")[:, None] * both,
        distal_power=lognormal(chance["place"][:, 0], p, "length_power"),
        span_day=lognormal(chance["progression"], p, "span_day"),
        block_recovery_day=jnp.full((n,), p.block_recovery_day, jnp.float32),
        pain_drive=p.pain_drive * both,
    )
