"""A lesion of given sites that strikes at once: compression, injury, bleeding.

Reads    patterns, insults.   Feeds  the focal causes (roots, nerves, plexus).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland import evidence
from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import Part
from garland.patterns import lognormal, multifocal, sides


def focal(
    chance: Chance, part: Part, where: jax.Array, patchy_ln: float = 0.35, split: bool = True
) -> Insults:
    """Return a lesion of given sites that strikes at once and then heals as nerve heals.

    Parameters
    ----------
    chance : Chance
        Chance of N patients.
    part : Part
        Numbers: `severity_hazard`, `block_hazard`, `focal_slowing`, `bilateral_share`, `other_side_ratio`,
        `span_day`, `regrowth_success`.
    where : jax.Array
        Weight per site, shape (S,) or (N, S) [-].
    patchy_ln : float
        Spread between the named sites on the log scale [-].
    split : bool
        Whether sensory and motor fascicles of one site may be struck unlike; roots are split by site.

    Returns
    -------
    Insults
        Damage of N patients.
    """
    n = chance.vector.shape[0]
    weights = jnp.broadcast_to(where, (n, where.shape[-1]))[:, None, :]
    struck = sides(chance, part)[:, :, None] * weights * multifocal(chance, patchy_ln)
    loss = struck * lognormal(chance["severity"], part, "severity_hazard")[:, None, None]
    block = struck * lognormal(chance["block"], part, "block_hazard")[:, None, None]
    fascicles = evidence.part("fibres/injury").value("fascicle_spread_ln")
    slow = struck * lognormal(chance["slowing"], part, "focal_slowing")[:, None, None]
    return no_damage(n)._replace(
        axon_loss=loss,
        block=block,
        slowing=slow,
        span_day=lognormal(chance["progression"], part, "span_day"),
        sensory_ratio=jnp.exp(fascicles * split * chance["sensory"]),
        regrowth_success=jnp.full((n,), part.regrowth_success, jnp.float32),
    )
