"""Feeling by skin nerve, dermatome and region, for large and small fibres; numbness.

A loss is told as the negative logarithm of the share of fibres that still report: 0 in health.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.paths import product
from garland.model.axons.state import AxonState, plexus_shares
from garland.model.latents import Latents

_ANATOMY = load()


def _loss(felt: jax.Array) -> jax.Array:
    return -jnp.log(jnp.maximum(felt, 0.02))


def nerve_loss(felt: jax.Array, latents: Latents) -> jax.Array:
    """Return the loss of feeling in each skin nerve's territory, (N, 2, Q) to (N, 2, T) [-]."""
    share = plexus_shares(_ANATOMY.skin_share, latents["plexus_type"])
    total = np.zeros((len(_ANATOMY.skin_nerve), len(_ANATOMY.skin_nerves)), np.float32)
    total[np.arange(len(_ANATOMY.skin_nerve)), _ANATOMY.skin_nerve] = 1.0
    return _loss(product(felt * share, total))


def dermatome_loss(felt: jax.Array) -> jax.Array:
    """Return the loss of feeling in each dermatome, (N, 2, Q) to (N, 2, D) [-]."""
    return _loss(product(felt, _ANATOMY.dermatome_weights))


def region_loss(felt: jax.Array) -> jax.Array:
    """Return the loss of feeling in each region of the body, (N, 2, Q) to (N, 2, G) [-]."""
    return _loss(product(felt, _ANATOMY.region_weights))


def numbness(fibres: AxonState) -> jax.Array:
    """Return how likely each region is called numb or tingling, as a normal score, shape (N, 2, G) [-]."""
    p = part("bedside/sensation")
    felt = jnp.minimum(fibres.sensory_conducting, fibres.sensory_conducting_small)
    hurt = 1.0 - product(felt, _ANATOMY.region_weights)
    return p.value("numbness_base") + p.value("numbness_gain") * jnp.sqrt(jnp.clip(hurt, 0.0, 1.0))
