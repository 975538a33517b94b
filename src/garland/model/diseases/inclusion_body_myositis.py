"""Inclusion body myositis: quadriceps and finger flexors, slowly, one side ahead."""

from __future__ import annotations

import jax.numpy as jnp

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import first_side, irritation, lognormal, muscles

_ANATOMY = load()


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of inclusion body myositis in N patients."""
    p = part("causes/inclusion_body_myositis")
    ahead = jnp.exp(p.asymmetry_ln * (2.0 * first_side(latents) - 1.0))
    patchy = jnp.exp(p.patchiness_ln * latents.site[:, :, : len(_ANATOMY.muscles)])
    severity = lognormal(latents["severity"], p, "severity")[:, None, None]
    pattern = jnp.maximum(muscles(p.muscle_weights), p.other_muscles)
    hazard = severity * ahead[:, :, None] * pattern * patchy
    return _no_damage(latents.vector.shape[0])._replace(
        muscle_loss=1.0 - jnp.exp(-hazard),
        muscle_irritation=irritation(latents, p),
        span_day=lognormal(latents["progression"], p, "span_day"),
    )
