"""Motor neuron disease: anterior horn cells die from one region outwards; sensation is spared."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from garland.anatomy.tree import load
from garland.evidence import Part, part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import first_side, lognormal

_ANATOMY = load()
_CORD = ("bulbar", "C5", "C6", "C7", "C8", "T1", "Th", "L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3")


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of motor neuron disease in N patients."""
    p = part("causes/motor_neuron_disease")
    n = latents.vector.shape[0]
    index = jnp.asarray([_ANATOMY.site(f"cord-{segment}") for segment in _CORD])
    patchy = jnp.exp(p.patchiness_ln * latents.site[:, :, index])
    severity = lognormal(latents["severity"], p, "severity_hazard")[:, None, None]
    weight, away = _affected(latents, p)
    hazard = severity * weight * patchy
    loss = jnp.zeros_like(latents.site).at[:, :, index].set(hazard)
    # The motor neurons of the thumb die before those of the little finger in the same segments (split hand).
    c8_t1 = jnp.asarray([_CORD.index("C8"), _CORD.index("T1")])
    thumb, thenar = _ANATOMY.site("median-wrist"), lognormal(latents["place"][:, 3], p, "thenar_further")
    loss = loss.at[:, :, thumb].set(thenar[:, None] * hazard[:, :, c8_t1].mean(axis=2))
    lead = lognormal(latents["spread"][:, 1], p, "lead_day")[:, None, None]
    begin = p.day_per_segment * away + p.other_side_day * (1.0 - first_side(latents))[:, :, None] - lead
    start = jnp.zeros_like(loss).at[:, :, index].set(begin)
    start = start.at[:, :, thumb].set(begin[:, :, c8_t1].mean(axis=2))
    upper = jax.nn.sigmoid(p.upper_motor_slope * latents["spread"][:, 2] + p.upper_motor_shift)
    return _no_damage(n)._replace(
        axon_loss=loss,
        start_day=start,
        span_day=lognormal(latents["progression"], p, "span_day"),
        upper_motor=upper * p.upper_motor * p.upper_motor_most,
        sensory_ratio=jnp.zeros((n,), jnp.float32),
        fasciculation=jnp.full((n,), p.fasciculation, jnp.float32),
        regrowth_success=jnp.full((n,), p.regrowth_success, jnp.float32),
    )


def _affected(latents: Latents, p: Part) -> tuple[jax.Array, jax.Array]:
    """Return how much each segment of the cord is struck on each side, and how far from the first it lies.

    Shapes (N, 2, len(_CORD)) [-] and (N, 1, len(_CORD)) [segments].
    """
    place = latents["place"]
    legs = place[:, 0] < norm.ppf(p.lumbar_onset_share)
    in_legs = p.leg_centre + p.spread("leg_centre") * place[:, 1]
    elsewhere = p.arm_centre + p.spread("arm_centre") * place[:, 1]
    centre = jnp.where(legs, in_legs, elsewhere)[:, None]
    width = lognormal(place[:, 2], p, "width")[:, None]
    at = jnp.arange(len(_CORD), dtype=jnp.float32)
    near = jnp.exp(-0.5 * ((at - centre) / width) ** 2)
    far = jnp.minimum(lognormal(latents["spread"][:, 0], p, "distant_ratio"), 1.0)
    bulbar = jnp.asarray([float(segment == "bulbar") for segment in _CORD])
    luck = latents.site[:, :, _ANATOMY.site("cord-bulbar")].sum(axis=1) / math.sqrt(2.0)
    tongue = jnp.minimum(lognormal(luck, p, "bulbar_ratio"), 1.0)[:, None]
    weight = jnp.maximum(near, far[:, None]) * (1.0 - bulbar * (1.0 - tongue))
    first = first_side(latents)
    ratio = jnp.minimum(lognormal(latents["other_delay"], p, "other_side_ratio"), 1.0)[:, None]
    affected = (first + (1.0 - first) * ratio)[:, :, None] * weight[:, None, :]
    return affected, jnp.abs(at - centre)[:, None, :]
