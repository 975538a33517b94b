"""Radiation plexopathy: late, slow, often both sides, myokymia."""

from __future__ import annotations

import jax.numpy as jnp

from garland.evidence import part
from garland.model.diseases.focal import _focal
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.diseases.plexopathy import _plexus_weights
from garland.model.latents import Latents
from garland.model.patient import Person


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of radiation plexopathy in N patients."""
    p = part("causes/plexopathy_radiation")
    twitch = jnp.full((latents.vector.shape[0],), p.myokymia, jnp.float32)
    return _focal(latents, p, _plexus_weights(latents, p))._replace(myokymia=twitch)
