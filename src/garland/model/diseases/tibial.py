"""Tibial neuropathy at the knee or in the tarsal tunnel."""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy.stats import norm

from garland.evidence import part
from garland.model.diseases.focal import _focal
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import sites


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of tibial neuropathy in N patients."""
    p = part("causes/tibial")
    tarsal = (latents["place"][:, 0] < norm.ppf(p.tarsal_share))[:, None]
    where = jnp.where(tarsal, sites({"tibial-ankle": 1.0}), sites({"tibial-popliteal": 1.0}))
    return _focal(latents, p, where)
