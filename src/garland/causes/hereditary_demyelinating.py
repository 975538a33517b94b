"""Hereditary demyelinating neuropathy: uniform slowing from youth, axons lost by length, no block.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/hereditary_demyelinating.yaml
"""

from __future__ import annotations

import jax.numpy as jnp

from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, sites_by_part, symmetric
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of hereditary demyelinating neuropathy in N patients."""
    p = part("causes/hereditary_demyelinating")
    both = symmetric(chance, p.asymmetry_ln)
    slowing = lognormal(chance["slowing"], p, "slowing")
    n = chance.vector.shape[0]
    return no_damage(n)._replace(
        slowing=slowing[:, None, None] * jnp.ones((1, 2, 1)) * sites_by_part("root", "plexus", "nerve"),
        # Slowing is there from birth, whatever the day of the first symptom; terminals slow with their nerve.
        start_day=jnp.full(chance.site.shape, p.slowing_start_day, jnp.float32),
        distal_loss=lognormal(chance["severity"], p, "severity_hazard")[:, None] * both,
        distal_power=lognormal(chance["place"][:, 0], p, "length_power"),
        span_day=lognormal(chance["progression"], p, "span_day"),
        block_recovery_day=jnp.full((n,), p.block_recovery_day, jnp.float32),
        regrowth_success=jnp.full((n,), p.regrowth_success, jnp.float32),
    )
