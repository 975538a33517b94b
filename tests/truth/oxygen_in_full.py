"""Oxygen in full: uptake along capillaries with gamma-distributed transit times, tissue balance, Krogh drop.

Trusted  flow 0.1-1.3 of health, unevenness 0.3-4.

The reference solution, NumPy and SciPy in double precision, far too slow for the forward model. Blood gives
oxygen to tissue at a rate set by the difference of pressures; how much it gives depends on how long it
stays, and capillaries differ in that (Jespersen and Ostergaard). Tissue pressure is where supply meets use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from garland._types import Float64s
from garland.evidence import part

PERMEABILITY_RANGE = (20.0, 1000.0)
"""Where the permeability of nerve is looked for [1/s]."""

FITTED_LOSS_MMHG = -3.0
"""States whose oxygen would be further below zero than this do not count in the fit [mmHg]."""

_SECONDS_PER_MINUTE = 60.0
_GRAMS_PER_100_G = 100.0
_GRAMS_PER_ML = 1.05
_UM2_PER_MM2 = 1e6


@dataclass(frozen=True)
class _Bed:
    """A capillary bed in health and the blood in it.

    Attributes
    ----------
    permeability_s : float
        How readily oxygen leaves blood [1/s].
    transit_s : float
        Mean transit time [s].
    flow_ml_100g_min, use_ml_100g_min : float
        Blood flow and largest oxygen use [mL/100 g/min].
    half_use_mmhg : float
        Tissue oxygen pressure at which use is half its largest [mmHg].
    half_saturation_mmhg, hill, capacity, arterial, solubility_mmhg : float
        Haemoglobin: pressure at half saturation [mmHg], slope [-], oxygen bound when full and in arterial
        blood [mL/mL], oxygen dissolved in plasma [mL/mL/mmHg].
    """

    permeability_s: float
    transit_s: float
    flow_ml_100g_min: float
    use_ml_100g_min: float
    half_use_mmhg: float
    half_saturation_mmhg: float
    hill: float
    capacity: float
    arterial: float
    solubility_mmhg: float


@dataclass(frozen=True)
class _State:
    """What has become of the bed, relative to health.

    Attributes
    ----------
    open_share : float
        Share of capillaries open [0..1].
    lumen : float
        Luminal area [0..1].
    unevenness : float
        Transit-time heterogeneity over mean transit time [-].
    watershed : float
        Weight of blood flow at this place [-].
    """

    open_share: float = 1.0
    lumen: float = 1.0
    unevenness: float = 0.95
    watershed: float = 1.0

    @property
    def flow(self) -> float:
        """Blood flow at fixed pressure [-]: nerve does not regulate it."""
        return self.watershed * self.open_share * self.lumen**2

    @property
    def transit(self) -> float:
        """Mean transit time: capillary volume over flow [-]."""
        return self.open_share * self.lumen / self.flow


def _nerve() -> _Bed:
    """Return the capillary bed of healthy human nerve, from evidence."""
    p, q = part("vessels/transit"), part("vessels/oxygen")
    volume = q.value("capillaries_per_mm2") * p.value("luminal_area_um2") / _UM2_PER_MM2
    flow_s = p.value("flow_ml_100g_min") / _GRAMS_PER_100_G * _GRAMS_PER_ML / _SECONDS_PER_MINUTE
    return _Bed(
        permeability_s=p.value("permeability_s"),
        transit_s=volume / flow_s,
        flow_ml_100g_min=p.value("flow_ml_100g_min"),
        use_ml_100g_min=q.value("oxygen_use_ml_100g_min"),
        half_use_mmhg=p.value("half_use_mmhg"),
        half_saturation_mmhg=p.value("half_saturation_mmhg"),
        hill=p.value("hill"),
        capacity=p.value("capacity_ml_ml"),
        arterial=p.value("arterial_ml_ml"),
        solubility_mmhg=p.value("plasma_solubility_ml_ml_mmhg"),
    )


def _blood_mmhg(bound: Float64s, bed: _Bed) -> Float64s:
    """Return the oxygen pressure of blood that has bound so much oxygen [mL/mL], same shape [mmHg]."""
    return np.asarray(bed.half_saturation_mmhg * (bound / (bed.capacity - bound)) ** (1.0 / bed.hill))


def _stay_s(tissue_mmhg: float, bed: _Bed, points: int = 500) -> tuple[Float64s, Float64s]:
    """Return how long blood must stay to come down to a given content, its equation solved for time.

    Content of oxygen from arterial nearly to balance with tissue [mL/mL], and time [s]; shape (points,). One
    content and time 0 where tissue has more oxygen than arterial blood.
    """
    at_rest = bed.capacity / (1.0 + (bed.half_saturation_mmhg / max(tissue_mmhg, 1e-6)) ** bed.hill)
    if at_rest >= bed.arterial:
        return np.array([bed.arterial]), np.zeros(1)
    left = np.logspace(0.0, -8.0, points)
    bound = at_rest + (bed.arterial - at_rest) * left
    drive = np.maximum(_blood_mmhg(bound, bed) - tissue_mmhg, 1e-12)
    slowness = 1.0 / (bed.permeability_s * bed.solubility_mmhg * drive)
    time = np.cumsum(0.5 * (slowness[1:] + slowness[:-1]) * -np.diff(bound))
    return bound, np.concatenate([[0.0], time])


def _extraction(tissue_mmhg: float, transit_s: float, unevenness: float, bed: _Bed) -> float:
    """Return the share of arriving oxygen that leaves blood, transit times being gamma-distributed.

    Extraction [0..1]: the mean over transit times, written as an integral over oxygen given off of the share
    of capillaries in which blood stays long enough to give it.
    """
    from scipy.special import gammaincc

    bound, time = _stay_s(tissue_mmhg, bed)
    longer = gammaincc(unevenness**-2, time / (unevenness**2 * transit_s))
    return float(np.sum(0.5 * (longer[1:] + longer[:-1]) * -np.diff(bound)) / bed.arterial)


def _balance_mmhg(state: _State, bed: _Bed) -> float:
    """Return the oxygen pressure of tissue at which supply meets use [mmHg], Krogh drop apart."""
    flow, transit = bed.flow_ml_100g_min * state.flow, bed.transit_s * state.transit

    def surplus(tissue_mmhg: float) -> float:
        supply = flow * bed.arterial * _extraction(tissue_mmhg, transit, state.unevenness, bed)
        return supply - bed.use_ml_100g_min * tissue_mmhg / (tissue_mmhg + bed.half_use_mmhg)

    most = float(_blood_mmhg(np.array(bed.arterial), bed))
    return _root(surplus, 1e-4, most)


def _further_drop_mmhg(open_share: float) -> float:
    """Return by how much closed capillaries deepen the drop into tissue [mmHg] (Krogh's cylinder)."""
    p = part("vessels/oxygen")
    use = p.value("oxygen_use_ml_100g_min") / _GRAMS_PER_100_G * _GRAMS_PER_ML / _SECONDS_PER_MINUTE
    conductance = p.value("diffusion_cm2_s") * p.value("solubility_ml_ml_mmhg")
    capillary2 = (p.value("capillary_radius_um") * 1e-4) ** 2

    def drop(per_mm2: float) -> float:
        radius2 = 1.0 / (np.pi * per_mm2 * 100.0)
        return float(radius2 * np.log(radius2 / capillary2) - radius2 + capillary2)

    dense = p.value("capillaries_per_mm2")
    return use / (4.0 * conductance) * (drop(dense * open_share) - drop(dense))


def _oxygen_mmhg(state: _State, bed: _Bed | None = None) -> float:
    """Return the oxygen pressure in the middle of the endoneurium, in full.

    Oxygen pressure [mmHg], not below zero.
    """
    return max(_balance_mmhg(state, bed or _nerve()) - _further_drop_mmhg(state.open_share), 0.0)


def _fit_permeability() -> float:
    """Return the permeability at which healthy nerve has its healthy oxygen pressure [1/s].

    The published value belongs to brain. One pressure cannot tell use, flow and permeability apart: use and
    flow are chosen within their ranges so that the permeability found lies within its own.
    """
    bed, state = _nerve(), _State(unevenness=part("vessels/wall").value("unevenness_healthy"))
    healthy = part("vessels/oxygen").value("healthy_mmhg")

    def surplus(permeability_s: float) -> float:
        return _balance_mmhg(state, replace(bed, permeability_s=permeability_s)) - healthy

    return _root(surplus, *PERMEABILITY_RANGE)


def _states() -> list[_State]:
    """Return the states over which the fast form is fitted: corners and inside of its range of trust."""
    return [
        _State(open_share, lumen, unevenness, watershed)
        for open_share in (0.25, 0.32, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
        for lumen in (0.75, 0.85, 1.0)
        for unevenness in (0.95, 1.25, 1.6, 2.0, 2.5, 3.2)
        for watershed in (0.6, 0.8, 1.0, 1.2)
    ]


def _terms(flow_ln: Float64s, transit_ln: Float64s, uneven: Float64s) -> Mapping[str, Float64s]:
    """Return the terms of the fast form.

    Each term by its name in the evidence file [-].
    """
    return {
        "flow": flow_ln,
        "transit": transit_ln,
        "uneven": uneven,
        "flow2": flow_ln**2,
        "flow-transit": flow_ln * transit_ln,
        "flow-uneven": flow_ln * uneven,
        "transit2": transit_ln**2,
        "transit-uneven": transit_ln * uneven,
        "uneven2": uneven**2,
        "flow3": flow_ln**3,
        "flow2-uneven": flow_ln**2 * uneven,
        "flow-uneven2": flow_ln * uneven**2,
    }


def _fit() -> dict[str, float]:
    """Fit the fast form of tissue oxygen to the full solution; deterministic, half a minute at most.

    Coefficients [-] as ``oxygen_fit`` in evidence/parameters/vessels/oxygen.yaml holds them: tissue oxygen
    is the healthy one times ``(1 + exp(-level)) / (1 + exp(-level - sum of coefficient x term))``.
    """
    from scipy.optimize import least_squares

    bed, healthy = _nerve(), part("vessels/oxygen").value("healthy_mmhg")
    even = part("vessels/wall").value("unevenness_healthy")
    every = [(state, _balance_mmhg(state, bed)) for state in _states()]
    kept = [(s, full) for s, full in every if full - _further_drop_mmhg(s.open_share) > FITTED_LOSS_MMHG]
    full = np.array([value for _, value in kept])
    found = np.array([(np.log(s.flow), np.log(s.transit), s.unevenness - even) for s, _ in kept])
    named = _terms(*found.T)
    columns = np.stack(list(named.values()), axis=1)

    def miss(coefficients: Float64s) -> Float64s:
        level = coefficients[0]
        z = level + columns @ coefficients[1:]
        return np.asarray(healthy * (1.0 + np.exp(-level)) / (1.0 + np.exp(-z)) - full)

    first = np.zeros(1 + columns.shape[1])
    first[:4] = (1.5, 2.0, 0.8, -0.7)
    best = least_squares(miss, first).x
    return dict(zip(("level", *named), map(float, best), strict=True))


def _root(surplus: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(surplus, low, high, xtol=1e-5))
