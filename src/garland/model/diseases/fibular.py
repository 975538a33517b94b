"""Common fibular (peroneal) neuropathy at the fibular head: block, axon loss or both."""

from __future__ import annotations

import jax.numpy as jnp

from garland.evidence import part
from garland.model.diseases.focal import _focal
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import sites


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of common fibular neuropathy in N patients."""
    p = part("causes/fibular")
    lean = jnp.exp(p.deep_preference_ln * latents["place"][:, 0])[:, None]
    deep = p.deep_ratio * jnp.maximum(lean - 1.0, 0.0)
    return _focal(latents, p, sites({"common-fibular": 1.0}) + deep * sites({"deep-fibular": 1.0}))
