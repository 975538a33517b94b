"""Oxygen in the nerve: what the capillaries bring, less what the way into the tissue costs.

Reads    vessels.wall, vessels.inflammation.   Feeds  fibres (through the radiculoplexus causes).
Trusted  open capillaries 2-100 %.   Numbers  evidence/parameters/vessels/oxygen.yaml

Supply follows open capillaries, lumen and an extraction that falls as transit becomes uneven. The drop from
the capillary to the middle of its tissue cylinder is Krogh's; it grows quickly as capillaries close.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.vessels.wall import Wall

_CM_PER_MM = 0.1
_SECONDS_PER_MINUTE = 60.0
_GRAMS_PER_100_G = 100.0
_GRAMS_PER_ML = 1.05
"""Density of soft tissue: use is told by weight, diffusion goes by volume."""


def krogh_drop_mmhg(capillaries_per_mm2: jax.Array | float) -> jax.Array:
    """Return the oxygen drop from capillary to mid-tissue.

    Parameters
    ----------
    capillaries_per_mm2 : jax.Array
        Density of open capillaries [1/mm2], any shape.

    Returns
    -------
    jax.Array
        Drop [mmHg], same shape: M/4K (R^2 ln(R^2/r^2) - R^2 + r^2) for the tissue radius R of that density.
    """
    p = part("vessels/oxygen")
    use = p.value("oxygen_use_ml_100g_min") / _GRAMS_PER_100_G * _GRAMS_PER_ML / _SECONDS_PER_MINUTE
    conductance = p.value("diffusion_cm2_s") * p.value("solubility_ml_ml_mmhg")
    radius2 = _CM_PER_MM**2 / (jnp.pi * jnp.asarray(capillaries_per_mm2))
    capillary2 = (p.value("capillary_radius_um") * 1e-4) ** 2
    return use / (4.0 * conductance) * (radius2 * jnp.log(radius2 / capillary2) - radius2 + capillary2)


def extraction(unevenness: jax.Array) -> jax.Array:
    """Return the share of arriving oxygen that tissue can take up, falling with uneven transit [0..1]."""
    p = part("vessels/oxygen")
    even = part("vessels/wall").unevenness_healthy
    slope = (p.extraction_uneven - p.extraction_healthy) / (p.unevenness_uneven - even)
    taken = p.extraction_healthy + slope * (unevenness - even)
    return jnp.maximum(taken, p.value("extraction_floor"))


def tissue_oxygen_mmhg(wall: Wall, vessel_lesion: jax.Array) -> jax.Array:
    """Return the oxygen pressure in the middle of the endoneurium.

    Parameters
    ----------
    wall : Wall
        Capillary wall, fields (N,).
    vessel_lesion : jax.Array
        Share of capillaries shut by inflammation, shape (N, ...) [0..1].

    Returns
    -------
    jax.Array
        Oxygen pressure [mmHg], shape of `vessel_lesion`; not below zero.
    """
    p = part("vessels/oxygen")
    tail = (1,) * (vessel_lesion.ndim - 1)

    def per_patient(value: jax.Array) -> jax.Array:
        return value.reshape(-1, *tail)

    open_share = jnp.maximum(per_patient(wall.open_share) * (1.0 - vessel_lesion), 0.02)
    supply = open_share * per_patient(wall.lumen) * per_patient(extraction(wall.unevenness))
    relative = supply / p.extraction_healthy
    further = krogh_drop_mmhg(p.capillaries_per_mm2 * open_share) - krogh_drop_mmhg(p.capillaries_per_mm2)
    return jnp.maximum(p.healthy_mmhg * relative - further, 0.0)


def injury_hazard(oxygen_mmhg: jax.Array, vulnerability: jax.Array) -> jax.Array:
    """Return the hazard of axotomy that an attack leaves at this lowest oxygen pressure.

    Parameters
    ----------
    oxygen_mmhg : jax.Array
        Lowest oxygen pressure during the attack [mmHg], shape (N, ...).
    vulnerability : jax.Array
        Factor by which diabetes raises the hazard, same shape or broadcastable [-].

    Returns
    -------
    jax.Array
        Hazard [-]; zero above the critical pressure.
    """
    p = part("vessels/oxygen")
    deficit = jnp.maximum(0.0, 1.0 - oxygen_mmhg / p.value("critical_mmhg"))
    return p.value("injury_per_deficit") * deficit**2 * vulnerability


def block_hazard(oxygen_mmhg: jax.Array) -> jax.Array:
    """Return the hazard of reversible conduction block at this oxygen pressure [mmHg], same shape [-]."""
    p = part("vessels/oxygen")
    deficit = jnp.maximum(0.0, 1.0 - oxygen_mmhg / p.value("critical_mmhg"))
    return p.value("block_per_deficit") * deficit


def vulnerability(hba1c_percent: jax.Array) -> jax.Array:
    """Return how much more an ischaemic diabetic nerve suffers: 1 up to HbA1c 6 %, rising to a limit [-]."""
    p = part("vessels/oxygen")
    excess = jnp.clip((hba1c_percent - 6.0) / 4.0, 0.0, 1.0)
    return 1.0 / (1.0 - p.value("diabetic_vulnerability") * excess)
