"""Femoral neuropathy: above the branches to iliopsoas, or below them."""

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
    """Return the damage of femoral neuropathy in N patients."""
    p = part("causes/femoral")
    above = (latents["place"][:, 0] < norm.ppf(p.proximal_share))[:, None]
    where = jnp.where(above, sites({"femoral-pelvic": 1.0}), sites({"femoral-inguinal": 1.0}))
    return _focal(latents, p, where)
