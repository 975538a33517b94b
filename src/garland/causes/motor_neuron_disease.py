"""Motor neuron disease: anterior horn cells die from one region outwards; sensation is spared.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/motor_neuron_disease.yaml
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from garland.anatomy.tree import load
from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import Part, part
from garland.patterns import first_side, lognormal
from garland.person import Person

_ANATOMY = load()
_CORD = ("bulbar", "C5", "C6", "C7", "C8", "T1", "Th", "L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3")


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of motor neuron disease in N patients."""
    p = part("causes/motor_neuron_disease")
    n = chance.vector.shape[0]
    index = jnp.asarray([_ANATOMY.site(f"cord-{segment}") for segment in _CORD])
    patchy = jnp.exp(p.patchiness_ln * chance.site[:, :, index])
    severity = lognormal(chance["severity"], p, "severity_hazard")[:, None, None]
    hazard = severity * _struck(chance, p) * patchy
    loss = jnp.zeros_like(chance.site).at[:, :, index].set(hazard)
    lead = lognormal(chance["spread"][:, 1], p, "lead_day")
    upper = jax.nn.sigmoid(p.upper_motor_slope * chance["spread"][:, 2] + p.upper_motor_shift)
    return no_damage(n)._replace(
        axon_loss=loss,
        start_day=-lead[:, None, None] * jnp.ones_like(loss),
        span_day=lognormal(chance["progression"], p, "span_day"),
        upper_motor=upper * p.upper_motor * p.upper_motor_most,
        fasciculation=jnp.full((n,), p.fasciculation, jnp.float32),
        regrowth_success=jnp.full((n,), p.regrowth_success, jnp.float32),
    )


def _struck(chance: Chance, p: Part) -> jax.Array:
    """Return how much each segment of the cord is struck on each side, shape (N, 2, len(_CORD)) [-]."""
    place = chance["place"]
    legs = place[:, 0] < norm.ppf(p.lumbar_onset_share)
    in_legs = p.leg_centre + p.spread("leg_centre") * place[:, 1]
    elsewhere = p.arm_centre + p.spread("arm_centre") * place[:, 1]
    centre = jnp.where(legs, in_legs, elsewhere)[:, None]
    width = lognormal(place[:, 2], p, "width")[:, None]
    at = jnp.arange(len(_CORD), dtype=jnp.float32)
    near = jnp.exp(-0.5 * ((at - centre) / width) ** 2)
    far = jnp.minimum(lognormal(chance["spread"][:, 0], p, "distant_ratio"), 1.0)
    weight = jnp.maximum(near, far[:, None])
    first = first_side(chance)
    ratio = jnp.minimum(lognormal(chance["other_delay"], p, "other_side_ratio"), 1.0)[:, None]
    return (first + (1.0 - first) * ratio)[:, :, None] * weight[:, None, :]
