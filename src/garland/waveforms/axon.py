"""One myelinated fibre: its sizes, how fast it conducts, and the current along it.

Looked up in tables that ``simulators/make_templates.py`` computed once, compartment by compartment, with the
double-cable model of McIntyre, Richardson and Grill. A spike is stored as the axial current past eleven
places of one internode: what flows out between two places is the difference of their currents, so that the
sources of a fibre sum to zero by construction. Trusted for 2-16 um (drawn on to 20 um) and 20-40 Cel.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

import garland.evidence
from garland._types import Float64s
from garland.errors import OutOfRange
from garland.evidence import part

_TEMPLATES = Path(garland.evidence.__file__).parent / "traces" / "mrg.npz"
_THIN_UM, _TABLED_UM, _THICK_UM = 2.0, 16.0, 20.0
_COLD_C, _HOT_C = 20.0, 40.0
_UM_PER_MM = 1000.0
_NODE_UM, _MYSA_UM, _STIN = 1.0, 3.0, 6


class _Geometry(NamedTuple):
    """Sizes of one fibre.

    Attributes
    ----------
    internode_mm : float
        From node to node [mm].
    node_um, axon_um : float
        Diameter of the axon at the node and in the internode [um].
    flut_um : float
        Length of the compartment beside the paranode (FLUT) [um].
    lamellae : float
        Number of myelin lamellae.
    """

    internode_mm: float
    node_um: float
    axon_um: float
    flut_um: float
    lamellae: float


class _Spike(NamedTuple):
    """The axial current of a conducted spike past each boundary between the compartments of one internode.

    Attributes
    ----------
    times_ms : ndarray
        Time since the spike passed the node of this internode, uneven steps, shape (T,) [ms].
    axial_na : ndarray
        Current towards the fibre's end, shape (11, T) [nA].
    """

    times_ms: Float64s
    axial_na: Float64s


def _geometry(diameter_um: float) -> _Geometry:
    """Return the sizes of a fibre."""
    _within(diameter_um, _THIN_UM, _THICK_UM, "diameter_um")
    # The parabola of internodal length turns over at 16.6 um: thicker fibres are those of 16 um, enlarged.
    d, grown = min(diameter_um, _TABLED_UM), max(diameter_um / _TABLED_UM, 1.0)
    p = part("traces/axon")
    limit = p.value("internode_bend_um")
    internode = np.polyval(p.row("internode_thick" if d >= limit else "internode_thin"), d)
    node, axon, flut = (np.polyval(p.row(name), d) * grown for name in ("node", "axon", "flut"))
    # Whole lamellae, as the published sizes have them.
    lamellae = float(np.floor(np.polyval(p.row("lamellae"), d)))
    return _Geometry(float(internode) * grown / _UM_PER_MM, float(node), float(axon), float(flut), lamellae)


def _boundaries_mm(diameter_um: float) -> tuple[Float64s, Float64s]:
    """Return the middles of the compartments before and after each boundary of `_Spike`, from the node.

    Two of shape (11,): from five compartments before the node to six after it [mm].
    """
    g = _geometry(diameter_um)
    stin = (g.internode_mm * _UM_PER_MM - _NODE_UM - 2.0 * (_MYSA_UM + g.flut_um)) / _STIN
    after = [_NODE_UM / 2.0, _MYSA_UM, g.flut_um] + [stin] * _STIN
    ends = np.cumsum(after)
    middles = np.append(0.0, (ends[:-1] + ends[1:]) / 2.0) / _UM_PER_MM
    # Eleven boundaries from the middle of one internode to that of the next: a whole period, node inside.
    places = np.concatenate([-middles[5:0:-1], middles[:7]])
    return places[:-1], places[1:]


def _velocity_m_s(diameter_um: ArrayLike, temperature_c: float = 37.0) -> Float64s:
    """Return the conduction velocity of a healthy fibre.

    Velocity, shape of `diameter_um`; within 1 % of the model it was tabled from [m/s].
    """
    d = np.asarray(diameter_um, float)
    _within(d, _THIN_UM, _THICK_UM, "diameter_um")
    _within(temperature_c, _COLD_C, _HOT_C, "temperature_c")
    known, speeds = _speeds()
    # Straight in diameter and in temperature between the tables; both curves are nearly straight there.
    columns = zip(*speeds.values(), strict=True)
    at = np.array([np.interp(temperature_c, list(speeds), column) for column in columns])
    # The velocity of thick fibres is nearly proportional to diameter, so that its last slope serves beyond.
    beyond = np.maximum(d - known[-1], 0.0) * (at[-1] - at[-2]) / (known[-1] - known[-2])
    return np.asarray(np.interp(d, known, at) + beyond, float)


@lru_cache(maxsize=1)
def _speeds() -> tuple[Float64s, Mapping[float, tuple[float, ...]]]:
    """Return the tabled diameters and, by temperature, their velocities."""
    p = part("traces/axon")
    rows = {float(name.split("_")[1]): p.row(name) for name in p.names if name.startswith("velocity_")}
    return np.array(p.row("tabled_um")), MappingProxyType(dict(sorted(rows.items())))


class _Table(NamedTuple):
    diameter_um: Float64s
    temperature_c: Float64s
    units: Float64s
    trough_ms: Float64s
    current_na: Float64s


@lru_cache(maxsize=1)
def _table() -> _Table:
    with np.load(_TEMPLATES) as file:
        # Stored as 16-bit numbers with a gain for each fibre: a quarter of the size, far finer than the
        # model.
        current = np.asarray(file["current"] * file["gain_na"][..., None, None], float)
        return _Table(file["diameter_um"], file["temperature_c"], file["units"], file["trough_ms"], current)


def _tabled_um() -> Float64s:
    """Return the diameters whose spike is stored, shape (D,) [um]."""
    return _table().diameter_um


@lru_cache(maxsize=64)
def _spikes(temperature_c: float) -> tuple[_Spike, ...]:
    """Return the spike of a fibre of every tabled diameter."""
    _within(temperature_c, _COLD_C, _HOT_C, "temperature_c")
    table = _table()
    known = table.temperature_c
    warmer = min(int(np.searchsorted(known, temperature_c, side="right")), len(known) - 1)
    pair = slice(warmer - 1, warmer + 1)
    share = (temperature_c - known[warmer - 1]) / np.ptp(known[pair])
    weights = np.array([1.0 - share, share])
    # Rates rise by a factor per degree, so that times are mixed by their logs.
    trough = np.exp(weights @ np.log(table.trough_ms[pair]))
    # Spikes stand on a clock in units of the time to their trough: two temperatures then overlie feature by
    # feature, and can be mixed sample by sample without blurring the trough.
    current = np.tensordot(weights, table.current_na[pair], 1)
    return tuple(_Spike(table.units * unit, each) for unit, each in zip(trough, current, strict=True))


def _within(value: ArrayLike, low: float, high: float, name: str) -> None:
    found = np.asarray(value, float)
    if not np.all((found >= low - 1e-9) & (found <= high + 1e-9)):
        distance = np.abs(found - (low + high) / 2.0)
        # What is not a number is named first, then what lies farthest outside.
        worst = found.flat[int(np.argmax(np.where(np.isfinite(found), distance, np.inf)))]
        raise OutOfRange(f"{name}: {worst:g} is outside {low:g}-{high:g}")
