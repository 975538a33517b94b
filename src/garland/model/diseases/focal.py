"""A lesion of given sites that strikes at once: compression, injury, bleeding.

Reads    patterns, insults.   Feeds  the focal causes (roots, nerves, plexus).
"""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from garland import evidence
from garland.evidence import Part
from garland.model.diseases.lesion_process import LesionProcess, no_damage
from garland.model.latents import Latents
from garland.model.patterns import lognormal, multifocal, sides

_STRETCH_TESTS = ("straight-leg-raise", "femoral-stretch")


def focal(latents: Latents, part: Part, where: jax.Array, split: bool = True) -> LesionProcess:
    """Return a lesion of given sites that strikes at once and then heals as nerve heals.

    Parameters
    ----------
    latents : Latents
        Chance of N patients.
    part : Part
        Numbers: `severity_hazard`, `block_hazard`, `focal_slowing`, `bilateral_share`, `other_side_ratio`,
        `patchiness_ln` (between the named sites), `span_day`, `regrowth_success`, `pain_drive`.
    where : jax.Array
        Weight per site, shape (S,) or (N, S) [-].
    split : bool
        Whether sensory and motor fascicles of one site may be struck unlike; roots are split by site.

    Returns
    -------
    Insults
        Damage of N patients.
    """
    n = latents.vector.shape[0]
    weights = jnp.broadcast_to(where, (n, where.shape[-1]))[:, None, :]
    side = sides(latents, part)
    struck = side[:, :, None] * weights * multifocal(latents, part.patchiness_ln)
    loss = struck * lognormal(latents["severity"], part, "severity_hazard")[:, None, None]
    block = struck * lognormal(latents["block"], part, "block_hazard")[:, None, None]
    fascicles = evidence.part("fibres/injury").value("fascicle_spread_ln")
    slow = struck * lognormal(latents["slowing"], part, "focal_slowing")[:, None, None]
    return no_damage(n)._replace(
        axon_loss=loss,
        block=block,
        slowing=slow,
        span_day=lognormal(latents["progression"], part, "span_day"),
        sensory_ratio=jnp.exp(fascicles * split * latents["sensory"]),
        regrowth_success=jnp.full((n,), part.regrowth_success, jnp.float32),
        pain_drive=part.pain_drive * side,
    )


def stretch_tests(side: jax.Array, part: Part, gain: Mapping[str, float]) -> jax.Array:
    """Return the probability of positive straight-leg raise and femoral stretch tests, (N, 2, 2) [0..1].

    Parameters
    ----------
    side : jax.Array
        How much each side is struck, shape (N, 2) [-].
    part : Part
        Numbers: `stretch_base`, `stretch_most`.
    gain : mapping
        Name of the test to its further probability on a side struck in full [-].
    """
    gains = jnp.asarray([gain[test] for test in _STRETCH_TESTS])
    return jnp.minimum(part.stretch_base + side[:, :, None] * gains, part.stretch_most)
