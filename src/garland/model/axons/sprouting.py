"""Collateral sprouting: surviving axons take over orphaned muscle fibres, up to a limit.

Trusted  any share of axons 0..1.   Numbers  evidence/parameters/fibres/sprouting.yaml
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.model.latents import Latents


def _reach() -> float:
    """Return the share of orphaned fibres that surviving units can reach at all [0..1]."""
    return float(part("fibres/sprouting").value("overlap"))


def _ready_share(age_day: jax.Array) -> jax.Array:
    """Return the share of orphaned fibres that sprouts reach and have had time to take, same shape [0..1]."""
    p = part("fibres/sprouting")
    waited = jnp.maximum(age_day - p.value("lag_day"), 0.0)
    return _reach() * (1.0 - jnp.exp(-waited / p.value("time_constant_day")))


def _room(axons: jax.Array, latents: Latents) -> jax.Array:
    """Return how many further fibres the connected axons can carry.

    Share of the muscle's fibres, same shape [0..]; zero where no axon is left: no recovery without axons.
    """
    p = part("fibres/sprouting")
    limit = p.enlargement_limit * jnp.exp(p.spread("enlargement_limit") * latents["sprouting"])
    return (jnp.maximum(limit, 1.5).reshape(-1, *(1,) * (axons.ndim - 1)) - 1.0) * axons
