"""Ischaemia without shortcuts: the dose hour by hour, and damage added up fascicle by fascicle."""

from __future__ import annotations

import math
from statistics import NormalDist

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.model.vessels.ischaemia import _SURE, IschaemicDamage, _normal_share, _outside_oxygen_mmhg
from garland.model.vessels.oxygen import _drop, _supply_mmhg
from garland.model.vessels.wall import Wall


def _dose_at_rest(deficit: jax.Array) -> jax.Array:
    """Return the dose of ischaemia under a lasting deficit, same shape [-]."""
    p = part("vessels/ischaemia")
    return deficit**2 * (p.value("repair_hours") / p.value("injury_hours"))


def _dose_course(deficit: NDArray[np.float64], hours: float, begin: float = 0.0) -> NDArray[np.float64]:
    """Return the dose of ischaemia hour by hour: the full solution behind `_dose_at_rest`.

    Dose at the end of each step, shape of `_deficit` [-]; exact for a deficit that is steady over a step.
    """
    p = part("vessels/ischaemia")
    kept = math.exp(-hours / p.value("repair_hours"))
    at_rest = np.asarray(deficit) ** 2 * (p.value("repair_hours") / p.value("injury_hours"))
    dose, course = np.full(at_rest.shape[1:], begin), np.empty_like(at_rest)
    for step, target in enumerate(at_rest):
        dose = target + (dose - target) * kept
        course[step] = dose
    return course


def _ischaemic_damage_in_full(
    wall: Wall,
    vessel_lesion: jax.Array,
    vulnerability: jax.Array,
    watershed: jax.Array | NDArray[np.float32] | float = 1.0,
    fascicles: int = 200,
) -> IschaemicDamage:
    """Return what `ischaemic_damage` returns, added up over many fascicles one by one."""
    p = part("vessels/ischaemia")
    sick = jnp.asarray(vulnerability).reshape(-1, *(1,) * (vessel_lesion.ndim - 1))
    spread = p.value("fascicle_spread_ln")
    kept_ln, outside = jnp.log1p(-jnp.minimum(vessel_lesion, _SURE)), _outside_oxygen_mmhg()
    cut, hurt = jnp.zeros_like(vessel_lesion), jnp.zeros_like(vessel_lesion)
    for group in range(fascicles):
        affected = math.exp(spread * NormalDist().inv_cdf((group + 0.5) / fascicles) - 0.5 * spread**2)
        core = _supply_mmhg(wall, affected * kept_ln, watershed)
        for zone, share in p.table("zone_share").items():
            zone_cut, zone_hurt = _shares(_deficit(core + outside[zone]), sick)
            cut, hurt = cut + share / fascicles * zone_cut, hurt + share / fascicles * zone_hurt
    whole = 1.0 - _SURE * cut
    return IschaemicDamage(-jnp.log(whole), jnp.log(whole / (1.0 - _SURE * hurt)))


def _krogh_drop_mmhg(capillaries_per_mm2: jax.Array | float) -> jax.Array:
    """Return the oxygen drop from capillary to mid-tissue.

    Drop [mmHg], same shape: M/4K (R^2 ln(R^2/r^2) - R^2 + r^2) for the tissue radius R of that density.
    """
    share = jnp.asarray(capillaries_per_mm2) / part("vessels/oxygen").value("capillaries_per_mm2")
    return _drop(share, jnp.log(share))


def _deficit(oxygen_mmhg: jax.Array) -> jax.Array:
    """Return the want of oxygen [0..1]: 0 down to the critical pressure [mmHg], 1 without oxygen."""
    return jnp.clip(1.0 - oxygen_mmhg / part("vessels/oxygen").value("critical_mmhg"), 0.0, 1.0)


def _shares(
    deficit: jax.Array, vulnerability: jax.Array, dose: jax.Array | None = None
) -> tuple[jax.Array, jax.Array]:
    """Return which share of fibres is cut, and which is cut or blocked.

    Shares [0..1], shape of `_deficit`.
    """
    p = part("vessels/ischaemia")
    if dose is None:
        scale = jnp.log(p.value("repair_hours") / p.value("injury_hours"))
        dose_ln = 2.0 * jnp.log(jnp.maximum(deficit, _LEAST_DEFICIT)) + scale
    else:
        dose_ln = jnp.log(jnp.maximum(dose, _LEAST_DEFICIT**2))
    sharpness = 1.0 / p.value("threshold_sd_ln")
    cut = _normal_share((dose_ln - jnp.log(p.value("cut_dose")) + jnp.log(vulnerability)) * sharpness)
    hurt = _normal_share((dose_ln - jnp.log(p.value("block_dose"))) * sharpness)
    return cut, jnp.maximum(cut, hurt)


_LEAST_DEFICIT = 1e-3
