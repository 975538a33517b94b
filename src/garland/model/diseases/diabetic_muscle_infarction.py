"""Diabetic muscle infarction: thigh muscles of one side, suddenly, with pain and swelling."""

from __future__ import annotations

import jax.numpy as jnp

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import irritation, lognormal, muscles, sides

_ANATOMY = load()


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of diabetic muscle infarction in N patients."""
    p = part("causes/diabetic_muscle_infarction")
    front = (latents["place"][:, 0] < p.front_score)[:, None, None]
    pattern = jnp.where(front, muscles(p.front_muscles), muscles(p.back_muscles))
    patchy = jnp.exp(p.patchiness_ln * latents.site[:, :, : len(_ANATOMY.muscles)])
    severity = lognormal(latents["severity"], p, "severity")[:, None, None]
    side = sides(latents, p)
    return _no_damage(latents.vector.shape[0])._replace(
        muscle_loss=1.0 - jnp.exp(-severity * side[:, :, None] * pattern * patchy),
        muscle_irritation=irritation(latents, p),
        span_day=lognormal(latents["progression"], p, "span_day"),
        pain_drive=p.pain_drive * side,
    )
