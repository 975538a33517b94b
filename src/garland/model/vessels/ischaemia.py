"""Ischaemia as a dose: how long fibres go how short of oxygen, and which of them it blocks or cuts.

Trusted  attacks of two weeks (height of the dose within 9 %) or longer (four weeks: 3 %).

The dose of ischaemia rises with the square of the want of oxygen and is made good within a day or so. An
attack lasts weeks, so the forward model takes the dose at rest. Fibres differ in what they bear: thresholds
are lognormal. Oxygen from outside the fascicle spares its rim.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.model.vessels.oxygen import _supply_mmhg
from garland.model.vessels.wall import Wall

_STRENGTH_LN = np.linspace(math.log(0.05), math.log(12.0), 24)
_STRENGTH_STEP = float(_STRENGTH_LN[1] - _STRENGTH_LN[0])
_STRENGTHS = np.exp(_STRENGTH_LN).astype(np.float32)
"""Strengths of attack at which each patient's oxygen is worked out [-]."""
_FLOWS = (0.75, 1.2)
"""Watershed weights at which it is; between them the edge is straight on the log scale [-]."""
_LEAST_STRENGTH = 1e-6
_SURE = 0.999
"""No more than this share is ever counted as cut or blocked: a hazard stays finite."""
_LEAST_DEFICIT = 1e-3


class IschaemicDamage(NamedTuple):
    """What want of oxygen does to nerve fibres of N patients at S sites.

    Attributes
    ----------
    cut : (N, 2, S)
        Hazard of axotomy [-]: exp(-cut) of the axons stay whole.
    blocked : (N, 2, S)
        Hazard of block and demyelination [-]: exp(-blocked) of the whole axons still conduct.
    """

    cut: jax.Array
    blocked: jax.Array


def _deficit(oxygen_mmhg: jax.Array) -> jax.Array:
    """Return the want of oxygen [0..1]: 0 down to the critical pressure [mmHg], 1 without oxygen."""
    return jnp.clip(1.0 - oxygen_mmhg / part("vessels/oxygen").value("critical_mmhg"), 0.0, 1.0)


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


class _Edge(NamedTuple):
    """How hard an attack must be at a place of average flow for half of a fascicle to suffer, (N,) each.

    Attributes
    ----------
    middle_ln, per_flow_ln : jax.Array
        Logarithm of the attack that does it, and its change with the logarithm of the watershed weight [-].
    spread_ln : jax.Array
        Spread between fibres on the same scale [-].
    """

    middle_ln: jax.Array
    per_flow_ln: jax.Array
    spread_ln: jax.Array


def ischaemic_damage(
    wall: Wall,
    vessel_lesion: jax.Array,
    vulnerability: jax.Array,
    watershed: jax.Array | NDArray[np.float32] | float = 1.0,
) -> IschaemicDamage:
    """Return what shut capillaries do to nerve fibres, over all fascicles of a nerve, core and rim.

    An attack that shuts half of the capillaries of a nerve shuts few in some fascicles and nearly all in
    others: its strength a, with exp(-a) of the capillaries left, is lognormal over fascicles. For each
    patient the strength is found at which oxygen falls to what half of the fibres bear; the share of fibres
    beyond it is then a normal tail. `_ischaemic_damage_in_full` adds up fascicle by fascicle.

    Hazards, shape of `vessel_lesion` [-].
    """
    p = part("vessels/ischaemia")
    sick = jnp.broadcast_to(jnp.asarray(vulnerability).reshape(-1), wall.open_share.shape)
    flows = np.array(_FLOWS, np.float32)[:, None]
    curve = _supply_mmhg(wall, -jnp.asarray(_STRENGTHS)[None, None, :], flows)
    between = p.value("fascicle_spread_ln")
    strength = -jnp.log1p(-jnp.minimum(vessel_lesion, _SURE))
    strength_ln = jnp.log(jnp.maximum(strength, _LEAST_STRENGTH)) - 0.5 * between**2
    flow_ln = jnp.log(watershed)

    def beyond(edge: _Edge) -> jax.Array:
        tail = (-1,) + (1,) * (vessel_lesion.ndim - 1)
        steep = jax.lax.rsqrt(between**2 + edge.spread_ln**2).reshape(tail)
        middle = edge.middle_ln.reshape(tail) + edge.per_flow_ln.reshape(tail) * flow_ln
        return _normal_share((strength_ln - middle) * steep)

    cut, hurt = jnp.zeros_like(vessel_lesion), jnp.zeros_like(vessel_lesion)
    outside = _outside_oxygen_mmhg()
    for zone, share in p.table("zone_share").items():
        cut = cut + share * beyond(_edge(curve, p.value("cut_dose") / sick, outside[zone]))
        hurt = hurt + share * beyond(_edge(curve, p.value("block_dose") + 0.0 * sick, outside[zone]))
    whole = 1.0 - _SURE * cut
    return IschaemicDamage(-jnp.log(whole), jnp.log(whole / (1.0 - _SURE * jnp.maximum(cut, hurt))))


def _edge(curve: jax.Array, dose: jax.Array, outside_mmhg: float) -> _Edge:
    """Return the edge for a threshold dose (N,) from oxygen along `_STRENGTHS`, (N, 2 flows, G)."""
    spread = part("vessels/ischaemia").value("threshold_sd_ln")
    doses = [dose * jnp.exp(by * spread) for by in (-1.0, 0.0, 1.0)]
    low, middle, high = (_strength_ln(curve, one, outside_mmhg) for one in doses)
    poor, rich = (math.log(flow) for flow in _FLOWS)
    per_flow = (middle[:, 1] - middle[:, 0]) / (rich - poor)
    return _Edge(middle[:, 0] - per_flow * poor, per_flow, 0.25 * (high - low).sum(axis=1))


def _strength_ln(curve: jax.Array, dose: jax.Array, outside_mmhg: float) -> jax.Array:
    """Return the log of the strength at which a dose is reached, straight between grid points, (N, 2)."""
    p = part("vessels/ischaemia")
    want = jnp.sqrt(dose * p.value("injury_hours") / p.value("repair_hours"))
    target = (part("vessels/oxygen").value("critical_mmhg") * (1.0 - want) - outside_mmhg)[:, None, None]
    fallen = (curve[..., :-1] - target) / jnp.maximum(curve[..., :-1] - curve[..., 1:], 1e-4)
    return jnp.clip(fallen, 0.0, 1.0).sum(axis=-1) * _STRENGTH_STEP + float(_STRENGTH_LN[0])


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


def _outside_oxygen_mmhg() -> dict[str, float]:
    """Return the oxygen that each zone of a fascicle gets from outside it, by zone [mmHg]."""
    p = part("vessels/ischaemia")
    reach, depth = p.value("outside_reach_um"), p.table("zone_depth_um")
    return {zone: p.value("outside_mmhg") * math.exp(-deep / reach) for zone, deep in depth.items()}


def _normal_share(score: jax.Array) -> jax.Array:
    return 0.5 + 0.5 * jax.lax.erf(score * math.sqrt(0.5))
