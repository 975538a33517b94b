"""A lesion of given sites that strikes at once: compression, injury, bleeding."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from garland import evidence
from garland.evidence import Part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patterns import lognormal, multifocal, sides

_STRETCH_TESTS = ("straight-leg-raise", "femoral-stretch")


def _focal(latents: Latents, part: Part, where: jax.Array, split: bool = True) -> LesionProcess:
    """Return a lesion of given sites that strikes at once and then heals as nerve heals."""
    n = latents.vector.shape[0]
    weights = jnp.broadcast_to(where, (n, where.shape[-1]))[:, None, :]
    side = sides(latents, part)
    affected = side[:, :, None] * weights * multifocal(latents, part.patchiness_ln)
    loss = affected * lognormal(latents["severity"], part, "severity_hazard")[:, None, None]
    block = affected * lognormal(latents["block"], part, "block_hazard")[:, None, None]
    fascicles = evidence.part("fibres/injury").value("fascicle_spread_ln")
    slow = affected * lognormal(latents["slowing"], part, "focal_slowing")[:, None, None]
    return _no_damage(n)._replace(
        axon_loss=loss,
        block=block,
        slowing=slow,
        span_day=lognormal(latents["progression"], part, "span_day"),
        sensory_ratio=jnp.exp(fascicles * split * latents["sensory"]),
        regrowth_success=jnp.full((n,), part.regrowth_success, jnp.float32),
        pain_drive=part.pain_drive * side,
    )


def _stretch_tests(side: jax.Array, part: Part, gain: Mapping[str, float]) -> jax.Array:
    """Return the probability of positive straight-leg raise and femoral stretch tests, (N, 2, 2) [0..1]."""
    gains = jnp.asarray([gain[test] for test in _STRETCH_TESTS])
    return jnp.minimum(part.stretch_base + side[:, :, None] * gains, part.stretch_most)
