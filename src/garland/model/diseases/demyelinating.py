"""What inflammatory demyelination does, acute or chronic: slowing and block, near and far, arms and legs."""

from __future__ import annotations

import jax.numpy as jnp

from garland.evidence import Part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patterns import lognormal, multifocal, sites, sites_by_part, symmetric

_DEMYELINATED = ("root", "plexus", "nerve")
_WRIST = ("median-wrist", "ulnar-wrist")


def _demyelination(latents: Latents, part: Part, roots_further: float = 0.0) -> LesionProcess:
    """Return slowing, block and secondary axon loss of N patients on both sides.

    The wrist and motor terminals are struck more than the rest, roots by `roots_further`; sensory terminals,
    and with them the sural response, are spared for long.
    """
    n = latents.vector.shape[0]
    both = symmetric(latents, part.asymmetry_ln)
    weights = sites_by_part(*_DEMYELINATED) + part.tunnels_further * sites(dict.fromkeys(_WRIST, 1.0))
    weights = weights + roots_further * sites_by_part("root")
    where = both[:, :, None] * weights * multifocal(latents, part.patchiness_ln)
    slowing = lognormal(latents["slowing"], part, "slowing")[:, None, None]
    block = lognormal(latents["block"], part, "block_hazard")[:, None, None]
    loss = lognormal(latents["severity"], part, "severity_hazard")
    return _no_damage(n)._replace(
        slowing=slowing * where,
        block=block / part.path_sites * where,
        axon_loss=part.loss_along_share * loss[:, None, None] / part.path_sites * where,
        distal_loss=(1.0 - part.loss_along_share) * loss[:, None] * both,
        distal_slowing=lognormal(latents["spread"][:, 0], part, "distal_slowing")[:, None] * both,
        distal_block=lognormal(latents["spread"][:, 1], part, "distal_block")[:, None] * both,
        distal_power=lognormal(latents["place"][:, 0], part, "length_power"),
        sensory_terminals=jnp.full((n,), part.sensory_terminals, jnp.float32),
        span_day=lognormal(latents["progression"], part, "span_day"),
        regrowth_success=jnp.full((n,), part.regrowth_success, jnp.float32),
    )
