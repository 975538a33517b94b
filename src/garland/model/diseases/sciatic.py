"""Sciatic neuropathy at the buttock or thigh, the fibular division more than the tibial in half."""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy.stats import norm

from garland.evidence import part
from garland.model.diseases.focal import _focal
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal, sites


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of sciatic neuropathy in N patients."""
    p = part("causes/sciatic")
    ratio = lognormal(latents["place"][:, 0], p, "tibial_ratio")
    # Where no division is preferred, both suffer alike.
    prefers = latents["place"][:, 1] < norm.ppf(p.fibular_preference)
    alike = jnp.exp(p.no_preference_ln * latents["place"][:, 0])
    tibial = jnp.where(prefers, jnp.minimum(ratio, 1.0), alike)[:, None]
    posterior = p.posterior_cutaneous_ratio * (latents["place"][:, 2] > p.posterior_cutaneous_score)[:, None]
    where = sites({"sciatic-fibular-division": 1.0}) + tibial * sites({"sciatic-tibial-division": 1.0})
    where = where + posterior * sites({"posterior-femoral-cutaneous": 1.0})
    return _focal(latents, p, where)
