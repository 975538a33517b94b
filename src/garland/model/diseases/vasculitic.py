"""Vasculitic neuropathy: one nerve after another, arms and legs, with pain."""

from __future__ import annotations

import jax.numpy as jnp

from garland.evidence import part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal, sites, sites_by_part

_SHORT = (
    "femoral-pelvic", "femoral-inguinal", "obturator", "superior-gluteal", "inferior-gluteal", "axillary",
    "pectoral",
)  # fmt: skip


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of vasculitic neuropathy in N patients."""
    p = part("causes/vasculitic")
    n = latents.vector.shape[0]
    # Few nerves are struck hard and many hardly at all.
    affected = jnp.exp(p.nerve_spread_ln * latents.site - p.nerve_spread_ln)
    severity = lognormal(latents["severity"], p, "severity_hazard")[:, None, None]
    # Long nerves are struck where the beds of two arteries meet, in the middle of the thigh and of the arm.
    short = (1.0 - p.short_nerve_ratio) * sites(dict.fromkeys(_SHORT, 1.0))
    where = sites_by_part("nerve") - short + p.root_ratio * sites_by_part("root", "plexus")
    stagger = lognormal(latents["place"][:, 0], p, "stagger_day")[:, None, None]
    order = jnp.maximum(0.0, p.stagger_score - latents.site)
    loss = jnp.minimum(severity * affected * where, p.hazard_most)
    return _no_damage(n)._replace(
        axon_loss=loss,
        block=p.block_ratio * loss,
        start_day=stagger * order,
        distal_loss=lognormal(latents["spread"][:, 0], p, "distal_hazard")[:, None] * jnp.ones((1, 2)),
        distal_power=lognormal(latents["place"][:, 1], p, "length_power"),
        span_day=lognormal(latents["progression"], p, "span_day"),
        regrowth_success=jnp.full((n,), p.regrowth_success, jnp.float32),
        pain_drive=p.pain_drive * jnp.ones((n, 2)),
    )
