"""Patterns that several causes share: one side or both, one focus, many foci, length, roots."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import norm

from garland.anatomy.tree import load
from garland.evidence import Part
from garland.model.latents import Latents

_ANATOMY = load()
Scalar = float | jax.Array
"""A number of the evidence, or the one of a cause that is told only when the program runs."""
ROOTS = ("L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3")


def sites(weights: Mapping[str, float]) -> jax.Array:
    """Return weights per site, shape (S,), zero where not named."""
    row = np.zeros(len(_ANATOMY.sites), np.float32)
    for name, weight in weights.items():
        row[_ANATOMY.site(name)] = weight
    return jnp.asarray(row)


def muscles(weights: Mapping[str, float]) -> jax.Array:
    """Return weights per muscle, shape (M,), zero where not named (InputError if unknown) [-]."""
    row = np.zeros(len(_ANATOMY.muscles), np.float32)
    for name, weight in weights.items():
        row[_ANATOMY.muscle(name)] = weight
    return jnp.asarray(row)


def irritation(latents: Latents, part: Part) -> jax.Array:
    """Return how much fibrillation diseased fibres make, alike in every muscle, shape (N, 2, M) [-]."""
    own = lognormal(latents["spread"][:, 0], part, "irritation")
    return own[:, None, None] * jnp.ones((1, 2, len(_ANATOMY.muscles)))


def sites_by_part(*parts: str) -> jax.Array:
    """Return 1 at every site of these parts (cord, root, ganglion, plexus, nerve ...), shape (S,) [-]."""
    return jnp.asarray([float(part in parts) for part in _ANATOMY.site_parts], jnp.float32)


def lognormal(z: jax.Array, part: Part, name: str) -> jax.Array:
    """Return a lognormal quantity of the evidence, driven by standard normal `z`, same shape as `z`."""
    return part.value(name) * jnp.exp(part.spread(name) * z)


def first_side(latents: Latents) -> jax.Array:
    """Return 1 on the side where it began, 0 on the other, shape (N, 2) [-]."""
    right = (latents["side"] > 0).astype(jnp.float32)
    return jnp.stack([1.0 - right, right], axis=1)


def sides(latents: Latents, part: Part) -> jax.Array:
    """Return how much each side is struck: 1 where it began, a share or none on the other.

    Shape (N, 2) [-].
    """
    first = first_side(latents)
    affected = latents["bilateral"] > -norm.ppf(part.bilateral_share)
    other = jnp.where(affected, lognormal(latents["other_delay"], part, "other_side_ratio"), 0.0)
    return first + (1.0 - first) * jnp.minimum(other, 1.2)[:, None]


def multifocal(latents: Latents, spread_ln: float) -> jax.Array:
    """Return lognormal patchiness with mean 1 per side and site, shape (N, 2, S) [-]."""
    return jnp.exp(spread_ln * latents.site - 0.5 * spread_ln**2)


def root_weights(centre: jax.Array, width: jax.Array) -> jax.Array:
    """Return how much each root L1..S3 is struck around `centre` (0 = L1), shape (N, 8) [0..1]."""
    at = jnp.arange(len(ROOTS), dtype=jnp.float32)
    return jnp.exp(-0.5 * ((at[None, :] - centre[:, None]) / width[:, None]) ** 2)


def spread_over_roots(weights: jax.Array, kinds: Mapping[str, float]) -> jax.Array:
    """Place root weights (N, 8) on the sites of the named kinds (``ventral-root`` ...), shape (N, S) [-]."""
    table = np.zeros((len(ROOTS), len(_ANATOMY.sites)), np.float32)
    for row, root in enumerate(ROOTS):
        for kind, weight in kinds.items():
            table[row, _ANATOMY.site(f"{kind}-{root}")] = weight
    return weights @ jnp.asarray(table)


def second_attack(
    latents: Latents, share: Scalar, ratio: Scalar, first_day: Scalar, last_day: Scalar
) -> tuple[jax.Array, jax.Array]:
    """Return the day of a second attack, evenly in a window, and its damage relative to the first.

    A `share` of patients has one, in the others the damage is zero; shapes (N,) [d] and [-].
    """
    whether, when = latents["relapse"][:, 0], latents["relapse"][:, 1]
    day = first_day + (last_day - first_day) * norm.cdf(when)
    return day, (whether > -norm.ppf(share)).astype(jnp.float32) * ratio


def symmetric(latents: Latents, asymmetry_ln: float) -> jax.Array:
    """Return nearly equal weights of the two sides, shape (N, 2) [-]."""
    tilt = asymmetry_ln * (2.0 * first_side(latents) - 1.0) * jnp.abs(latents["side"])[:, None]
    return jnp.exp(tilt)
