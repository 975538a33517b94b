"""Oxygen in the nerve: what the capillaries bring, less what the way into the tissue costs.

Tissue oxygen is where supply meets use, a closed form fitted to the full solution. The drop from capillary to
the middle of its tissue cylinder is Krogh's; it grows quickly as capillaries close, and below 25 % open the
middle of the tissue has no oxygen. Trusted for open capillaries of 25-100 %, lumen 0.75-1, unevenness
0.95-3.2 and watershed 0.6-1.2.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.vessels.wall import Wall

_CM_PER_MM = 0.1
_SECONDS_PER_MINUTE = 60.0
_GRAMS_PER_100_G = 100.0
_GRAMS_PER_ML = 1.05
"""Density of soft tissue: use is told by weight, diffusion goes by volume."""
_SURE = 0.9999
_FEWEST_OPEN = 0.02
_LEAST_FLOW_LN = math.log(0.08)
"""Below this relative flow the fit is not used further; nerve has no oxygen left there."""


def _drop(open_share: jax.Array, open_ln: jax.Array) -> jax.Array:
    """Return Krogh's drop from the share of capillaries open and its log [mmHg]."""
    p = part("vessels/oxygen")
    use = p.value("oxygen_use_ml_100g_min") / _GRAMS_PER_100_G * _GRAMS_PER_ML / _SECONDS_PER_MINUTE
    scale = use / (4.0 * p.value("diffusion_cm2_s") * p.value("solubility_ml_ml_mmhg"))
    radius2 = _CM_PER_MM**2 / (math.pi * p.value("capillaries_per_mm2"))
    capillary2 = (p.value("capillary_radius_um") * 1e-4) ** 2
    # Share and its log both come in: callers have both, and a logarithm at every site is dear.
    bend = math.log(radius2 / capillary2) - 1.0
    return scale * radius2 * (bend - open_ln) / open_share + scale * capillary2


def watershed_weights() -> NDArray[np.float32]:
    """Return the weight of blood flow at each lesion site, shape (S,) [-]: low where supply areas meet."""
    p, anatomy = part("vessels/oxygen"), load()
    by_part, by_site = p.table("watershed_part_weights"), p.table("watershed_site_weights")
    named = zip(anatomy.sites, anatomy.site_parts, strict=True)
    return np.array([by_site.get(site, by_part[kind]) for site, kind in named], np.float32)


def tissue_oxygen_mmhg(
    wall: Wall, vessel_lesion: jax.Array, watershed: jax.Array | NDArray[np.float32] | float = 1.0
) -> jax.Array:
    """Return the oxygen pressure in the middle of the endoneurium.

    Oxygen pressure [mmHg], shape of `vessel_lesion`, not below zero; within 1.5 mmHg of the full solution
    over the range of trust.
    """
    kept_ln = jnp.log1p(-jnp.minimum(vessel_lesion, _SURE))
    # Cut off only here. Inside, pressure runs on below zero: the edge of an attack is found on its slope.
    return jnp.maximum(_supply_mmhg(wall, kept_ln, watershed), 0.0)


def _supply_mmhg(
    wall: Wall, kept_ln: jax.Array, watershed: jax.Array | NDArray[np.float32] | float = 1.0
) -> jax.Array:
    """Return oxygen pressure where inflammation leaves exp(`kept_ln`) of the capillaries, (N, ...) [mmHg].

    Below zero the middle of the tissue has none, and the more so the further out oxygen fails.
    """
    p = part("vessels/oxygen")
    # Everything that shares out flow multiplies, and is added as logs: gentle slopes for inference, and
    # no overflow.
    even = part("vessels/wall").value("unevenness_healthy")
    tail = (1,) * (kept_ln.ndim - 1)

    def per_patient(value: jax.Array) -> jax.Array:
        return value.reshape(-1, *tail)

    # Krogh's drop goes as one over the share open; below this share oxygen is long gone and only numbers
    # grow.
    open_ln = jnp.maximum(per_patient(jnp.log(wall.open_share)) + kept_ln, math.log(_FEWEST_OPEN))
    open_share = jnp.exp(open_ln)
    vessel_lesion = jnp.clip(1.0 - open_share / per_patient(wall.open_share), 0.0, 1.0)
    lumen_ln, weight_ln = per_patient(jnp.log(wall.lumen)), jnp.log(watershed)
    # Flow goes with the fourth power of the radius (Poiseuille), that is the square of the luminal area.
    flow_ln = jnp.maximum(open_ln + (2.0 * lumen_ln + weight_ln), _LEAST_FLOW_LN)
    uneven = per_patient(wall.unevenness) - even + p.value("unevenness_per_lesion") * vessel_lesion
    uneven = jnp.clip(uneven, 0.0, p.value("unevenness_most") - even)
    # The fitted balance holds the drop of health already: only what is further is taken off.
    further = _drop(open_share, open_ln) - _drop(jnp.float32(1.0), jnp.float32(0.0))
    # Transit time is volume over flow, (open x area) / (open x area^2 x weight): what is open cancels.
    return _balance_mmhg(flow_ln, -(lumen_ln + weight_ln), uneven) - further


def _balance_mmhg(flow_ln: jax.Array, transit_ln: jax.Array, uneven: jax.Array) -> jax.Array:
    """Return the oxygen pressure at which supply meets use, by the fitted form [mmHg]."""
    p = part("vessels/oxygen")
    c = p.table("oxygen_fit")
    alone = transit_ln * (c["transit"] + c["transit2"] * transit_ln + c["transit-uneven"] * uneven)
    alone += c["level"] + uneven * (c["uneven"] + c["uneven2"] * uneven)
    once = c["flow"] + c["flow-transit"] * transit_ln
    once += uneven * (c["flow-uneven"] + c["flow-uneven2"] * uneven)
    twice = c["flow2"] + c["flow2-uneven"] * uneven + c["flow3"] * flow_ln
    # Nested, so that each site costs few products.
    z = alone + flow_ln * (once + flow_ln * twice)
    # Under a logistic curve no polynomial can leave the range of pressures, even outside the fitted states.
    return p.value("healthy_mmhg") * (1.0 + math.exp(-c["level"])) / (1.0 + jnp.exp(-z))


def vulnerability(hba1c_percent: jax.Array) -> jax.Array:
    """Return how much more an ischaemic diabetic nerve suffers: 1 up to HbA1c 6 %, rising to a limit [-]."""
    p = part("vessels/oxygen")
    excess = jnp.clip((hba1c_percent - 6.0) / 4.0, 0.0, 1.0)
    return 1.0 / (1.0 - p.value("diabetic_vulnerability") * excess)
