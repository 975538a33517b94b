"""Hereditary demyelinating neuropathy: uniform slowing from youth, axons lost by length, no block."""

from __future__ import annotations

import jax.numpy as jnp

from garland.evidence import part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal, sites_by_part, symmetric


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of hereditary demyelinating neuropathy in N patients."""
    p = part("causes/hereditary_demyelinating")
    both = symmetric(latents, p.asymmetry_ln)
    slowing = lognormal(latents["slowing"], p, "slowing")
    n = latents.vector.shape[0]
    return _no_damage(n)._replace(
        slowing=slowing[:, None, None] * jnp.ones((1, 2, 1)) * sites_by_part("root", "plexus", "nerve"),
        # Slowing is there from birth, whatever the day of the first symptom; terminals slow with their nerve.
        start_day=jnp.full(latents.site.shape, p.slowing_start_day, jnp.float32),
        distal_loss=lognormal(latents["severity"], p, "severity_hazard")[:, None] * both,
        distal_power=lognormal(latents["place"][:, 0], p, "length_power"),
        span_day=lognormal(latents["progression"], p, "span_day"),
        regrowth_success=jnp.full((n,), p.regrowth_success, jnp.float32),
    )
