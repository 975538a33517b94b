"""What the lumbosacral plexopathies share: upper or lower plexus, roots nearly spared, SNAPs lost.

Reads    chance.
Feeds    plexopathy_neoplastic, plexopathy_radiation, plexopathy_haematoma, plexopathy_compressive.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.chance import Chance
from garland.evidence import Part
from garland.patterns import lognormal, sites, sites_by_part

_UPPER = {"upper-lumbar-plexus": 0.5, "lumbar-plexus-posterior": 1.0, "lumbar-plexus-anterior": 0.9}
_LOWER = {"lumbosacral-trunk": 1.0, "sacral-plexus-posterior": 0.9, "sacral-plexus-anterior": 0.9}
_NEAR_UPPER = {"femoral-pelvic": 1.0, "obturator": 0.6, "lateral-femoral-cutaneous": 0.6}
_NEAR_LOWER = {"sciatic-fibular-division": 1.0, "sciatic-tibial-division": 1.0, "superior-gluteal": 0.5}


def plexus_weights(chance: Chance, p: Part) -> jax.Array:
    """Return how much each site is struck, shape (N, S) [-].

    Parameters
    ----------
    chance : Chance
        Chance of N patients.
    p : Part
        Numbers: `upper_lean`, `upper_lean_sd`, `nerve_ratio`, `root_ratio`.
    """
    lean = p.upper_lean + p.upper_lean_sd * chance["place"][:, 0]
    upper = jax.nn.sigmoid(2.0 * lean)[:, None]
    near = lognormal(chance["place"][:, 1], p, "nerve_ratio")[:, None]
    roots = lognormal(chance["place"][:, 2], p, "root_ratio")[:, None]
    plexus = upper * sites(_UPPER) + (1.0 - upper) * sites(_LOWER)
    nerves = upper * sites(_NEAR_UPPER) + (1.0 - upper) * sites(_NEAR_LOWER)
    high = {f"spinal-nerve-{root}": 1.0 for root in ("L2", "L3", "L4")}
    low = {f"spinal-nerve-{root}": 1.0 for root in ("L5", "S1", "S2")}
    spinal = upper * sites(high) + (1.0 - upper) * sites(low)
    return jnp.minimum(plexus + near * nerves + roots * spinal, 2.0) * (1.0 - sites_by_part("cord"))
