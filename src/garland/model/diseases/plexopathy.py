"""What the lumbosacral plexopathies share: upper or lower plexus, roots nearly spared, SNAPs lost."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.evidence import Part, part
from garland.model.latents import Latents
from garland.model.patterns import lognormal, sites, sites_by_part


def _plexus_weights(latents: Latents, p: Part) -> jax.Array:
    """Return how much each site is struck, shape (N, S) [-]."""
    shared = part("causes/plexopathy")
    lean = p.upper_lean + p.upper_lean_sd * latents["place"][:, 0]
    upper = jax.nn.sigmoid(shared.lean_slope * lean)[:, None]
    near = lognormal(latents["place"][:, 1], p, "nerve_ratio")[:, None]
    roots = lognormal(latents["place"][:, 2], p, "root_ratio")[:, None]
    plexus = upper * sites(shared.upper_plexus) + (1.0 - upper) * sites(shared.lower_plexus)
    nerves = upper * sites(shared.upper_nerves) + (1.0 - upper) * sites(shared.lower_nerves)
    high = {f"spinal-nerve-{root}": 1.0 for root in ("L2", "L3", "L4")}
    low = {f"spinal-nerve-{root}": 1.0 for root in ("L5", "S1", "S2")}
    spinal = upper * sites(high) + (1.0 - upper) * sites(low)
    affected = plexus + near * nerves + roots * spinal
    return jnp.minimum(affected, shared.site_most) * (1.0 - sites_by_part("cord"))
