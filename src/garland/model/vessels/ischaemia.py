"""Ischaemia as a dose: how long fibres go how short of oxygen, and which of them it blocks or cuts.

Trusted  attacks of two weeks (height of the dose within 9 %) or longer (four weeks: 3 %).

The dose of ischaemia rises with the square of the want of oxygen and is made good within a day or so. An
attack lasts weeks, so the forward model takes the dose at rest. Fibres differ in what they bear: thresholds
are lognormal. Oxygen from outside the fascicle spares its rim.
"""

from __future__ import annotations

import math
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
    beyond it is then a normal tail.

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


def _outside_oxygen_mmhg() -> dict[str, float]:
    """Return the oxygen that each zone of a fascicle gets from outside it, by zone [mmHg]."""
    p = part("vessels/ischaemia")
    reach, depth = p.value("outside_reach_um"), p.table("zone_depth_um")
    return {zone: p.value("outside_mmhg") * math.exp(-deep / reach) for zone, deep in depth.items()}


def _normal_share(score: jax.Array) -> jax.Array:
    return 0.5 + 0.5 * jax.lax.erf(score * math.sqrt(0.5))
