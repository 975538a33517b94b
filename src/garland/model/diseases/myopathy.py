"""Inflammatory or necrotising myopathy: proximal muscles of both sides, nerves spared."""

from __future__ import annotations

import jax.numpy as jnp

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import irritation, lognormal, muscles, symmetric

_ANATOMY = load()


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of an inflammatory or necrotising myopathy in N patients."""
    p = part("causes/myopathy")
    distal = lognormal(latents["place"][:, 0], p, "distal_ratio")[:, None, None]
    pattern = jnp.maximum(muscles(p.muscle_weights), distal)
    patchy = jnp.exp(p.patchiness_ln * latents.site[:, :, : len(_ANATOMY.muscles)])
    severity = lognormal(latents["severity"], p, "severity")[:, None, None]
    hazard = severity * symmetric(latents, p.asymmetry_ln)[:, :, None] * pattern * patchy
    return _no_damage(latents.vector.shape[0])._replace(
        muscle_loss=1.0 - jnp.exp(-hazard),
        muscle_irritation=irritation(latents, p) * (p.limb_irritation + muscles(p.irritation_further)),
        span_day=lognormal(latents["progression"], p, "span_day"),
    )
