"""Radiculoplexus neuropathy: a microvasculitis that starves roots, plexus and nerves of hip and thigh.

Reads    person, chance, vessels.   Feeds  fibres.
Numbers  evidence/parameters/causes/dlrpn.yaml, lrpn.yaml; evidence/parameters/vessels/*.yaml

The diabetic form and its non-diabetic twin share the attack; diabetes adds worn vessels and vulnerable
fibres.
"""

from __future__ import annotations

import jax.numpy as jnp

from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import Part, part
from garland.patterns import lognormal
from garland.person import Person
from garland.vessels.inflammation import attack
from garland.vessels.oxygen import block_hazard, injury_hazard, tissue_oxygen_mmhg, vulnerability
from garland.vessels.wall import worn_wall


def dlrpn(person: Person, chance: Chance) -> Insults:
    """Return the damage of diabetic lumbosacral radiculoplexus neuropathy in N patients."""
    return _radiculoplexus(person, chance, part("causes/dlrpn"), "seed_root_diabetic")


def lrpn(person: Person, chance: Chance) -> Insults:
    """Return the damage of lumbosacral radiculoplexus neuropathy without diabetes in N patients."""
    return _radiculoplexus(person, chance, part("causes/lrpn"), "seed_root_other")


def _radiculoplexus(person: Person, chance: Chance, cause: Part, seed_name: str) -> Insults:
    n = chance.vector.shape[0]
    wave = attack(chance, cause, seed_name)
    wall, sick = worn_wall(person), vulnerability(person.hba1c_percent)[:, None, None]
    oxygen = tissue_oxygen_mmhg(wall, wave.lesion)
    # What worn vessels starve without an attack is the background neuropathy, counted in fibres.injury.
    rest = tissue_oxygen_mmhg(wall, jnp.zeros((n, 1, 1)))
    loss = injury_hazard(oxygen, sick) - injury_hazard(rest, sick)
    pain = wave.lesion.max(axis=2)
    return no_damage(n)._replace(
        axon_loss=loss,
        block=block_hazard(oxygen) - block_hazard(rest),
        start_day=wave.start_day,
        span_day=wave.span_day,
        sensory_ratio=lognormal(chance["sensory"], cause, "sensory_share"),
        regrowth_success=jnp.full((n,), 0.8, jnp.float32),
        fasciculation=jnp.full((n,), 0.25, jnp.float32),
        pain_drive=1.2 * pain,
        stretch=jnp.stack([0.04 + 0.25 * pain, 0.04 + 0.4 * pain], axis=2),
    )
