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
from garland.evidence import part
from garland.patterns import first_side, lognormal
from garland.person import Person

_ANATOMY = load()
_CORD = ("bulbar", "C5", "C6", "C7", "C8", "T1", "Th", "L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3")


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of motor neuron disease in N patients."""
    p = part("causes/motor_neuron_disease")
    n = chance.vector.shape[0]
    legs = chance["place"][:, 0] < norm.ppf(p.lumbar_onset_share)
    centre = jnp.where(legs, 10.5 + 2.0 * chance["place"][:, 1], 3.0 + 1.5 * chance["place"][:, 1])
    width = lognormal(chance["place"][:, 2], p, "width")
    at = jnp.arange(len(_CORD), dtype=jnp.float32)
    near = jnp.exp(-0.5 * ((at - centre[:, None]) / width[:, None]) ** 2)
    far = jnp.minimum(lognormal(chance["spread"][:, 0], p, "distant_ratio"), 1.0)
    weight = jnp.maximum(near, far[:, None])
    first = first_side(chance)
    ratio = jnp.minimum(lognormal(chance["other_delay"], p, "other_side_ratio"), 1.0)[:, None]
    sided = (first + (1.0 - first) * ratio)[:, :, None] * weight[:, None, :]
    index = jnp.asarray([_ANATOMY.site(f"cord-{segment}") for segment in _CORD])
    patchy = jnp.exp(p.patchiness_ln * chance.site[:, :, index])
    hazard = lognormal(chance["severity"], p, "severity_hazard")[:, None, None] * sided * patchy
    loss = jnp.zeros_like(chance.site).at[:, :, index].set(hazard)
    lead = lognormal(chance["spread"][:, 1], p, "lead_day")
    return no_damage(n)._replace(
        axon_loss=loss,
        start_day=-lead[:, None, None] * jnp.ones_like(loss),
        span_day=lognormal(chance["progression"], p, "span_day"),
        upper_motor=jax.nn.sigmoid(2.0 * chance["spread"][:, 2] + 1.0) * p.upper_motor * 1.6,
        fasciculation=jnp.ones((n,), jnp.float32),
        regrowth_success=jnp.zeros((n,), jnp.float32),
    )
