"""Autonomic symptoms: dizziness on standing, bladder, bowel, sweating."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.paths import product
from garland.model.axons.state import AxonState
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person

_ANATOMY = load()


def autonomic_chance(
    person: Person, latents: Latents, lesion_process: LesionProcess, fibres: AxonState
) -> jax.Array:
    """Return the probability of autonomic symptoms, shape (N,) [0..1].

    Small fibres lost anywhere stand for their autonomic neighbours; systemic illness adds to it while the
    attack lasts, which is read from what is lost; diabetes has its own background.
    """
    p = part("bedside/autonomic")
    small = 1.0 - product(fibres.sensory_conducting_small, _ANATOMY.region_weights)
    lost = jnp.sqrt(jnp.clip(small.mean(axis=(1, 2)), 0.0, 1.0))
    illness = p.value("per_illness") * lesion_process.illness * lost
    score = p.value("base") + p.value("per_loss") * lost + illness
    diabetic = p.value("diabetes_extra") * person.diabetes
    return norm.cdf(score + diabetic + p.value("personal_sd") * latents["autonomic"])
