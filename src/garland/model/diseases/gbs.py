"""Guillain-Barre syndrome: acute slowing and block of roots, nerves and terminals.

Roots, the wrist and motor terminals are struck first; sensory terminals, and with them the sural response,
are spared for long.
"""

from __future__ import annotations

import jax.numpy as jnp

from garland.evidence import part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal, multifocal, sites, sites_by_part, symmetric

_DEMYELINATED = ("root", "plexus", "nerve")
_WRIST = ("median-wrist", "ulnar-wrist")


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of Guillain-Barre syndrome in N patients."""
    p = part("causes/gbs")
    both = symmetric(latents, p.asymmetry_ln)
    weights = sites_by_part(*_DEMYELINATED) + p.tunnels_further * sites(dict.fromkeys(_WRIST, 1.0))
    weights = weights + p.roots_further * sites_by_part("root")
    where = both[:, :, None] * weights * multifocal(latents, p.patchiness_ln)
    slowing = lognormal(latents["slowing"], p, "slowing")[:, None, None]
    block = lognormal(latents["block"], p, "block_hazard")[:, None, None]
    loss = lognormal(latents["severity"], p, "severity_hazard")
    n = latents.vector.shape[0]
    return _no_damage(n)._replace(
        slowing=slowing * where,
        block=block / p.path_sites * where,
        axon_loss=p.loss_along_share * loss[:, None, None] / p.path_sites * where,
        distal_loss=(1.0 - p.loss_along_share) * loss[:, None] * both,
        distal_slowing=lognormal(latents["spread"][:, 0], p, "distal_slowing")[:, None] * both,
        distal_block=lognormal(latents["spread"][:, 1], p, "distal_block")[:, None] * both,
        distal_power=lognormal(latents["place"][:, 0], p, "length_power"),
        sensory_terminals=jnp.full((n,), p.sensory_terminals, jnp.float32),
        span_day=lognormal(latents["progression"], p, "span_day"),
        regrowth_success=jnp.full((n,), p.regrowth_success, jnp.float32),
        block_recovery_day=jnp.full((n,), p.block_recovery_day, jnp.float32),
        pain_drive=p.pain_drive * both,
    )
