"""One myelinated fibre: its sizes, how fast it conducts, the current along it, and what loss of myelin does.

Trusted  diameters 2-16 um (drawn on to 20 um), 20-40 Cel; with thin myelin 6-14 um, 30-38 Cel, 1-20
internodes (beyond, the nearest of these; channels as in health).

Everything here was computed once, compartment by compartment, with the double-cable model of McIntyre,
Richardson and Grill, by ``simulators/make_templates.py``; here it is only looked up. A spike is stored as the
axial current past eleven places of one internode: what flows out of the fibre between two places is the
difference of their currents, so that the sources of a fibre sum to zero by construction. Loss of myelin is
tabled with fewer lamellae, over the whole fibre or over a few internodes between whole ones. The longer the
stretch and the warmer it is, the more myelin a spike needs to pass.
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
from garland.errors import InputError, OutOfRange
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
    d, grown = min(diameter_um, _TABLED_UM), max(diameter_um / _TABLED_UM, 1.0)
    p = part("traces/axon")
    limit = p.value("internode_bend_um")
    internode = np.polyval(p.row("internode_thick" if d >= limit else "internode_thin"), d)
    node, axon, flut = (np.polyval(p.row(name), d) * grown for name in ("node", "axon", "flut"))
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
    columns = zip(*speeds.values(), strict=True)
    at = np.array([np.interp(temperature_c, list(speeds), column) for column in columns])
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
    trough = np.exp(weights @ np.log(table.trough_ms[pair]))
    current = np.tensordot(weights, table.current_na[pair], 1)
    return tuple(_Spike(table.units * unit, each) for unit, each in zip(trough, current, strict=True))


def _spike(diameter_um: float, temperature_c: float = 37.0) -> _Spike:
    """Return the spike of one fibre."""
    _within(diameter_um, _THIN_UM, _THICK_UM, "diameter_um")
    known, every = _tabled_um(), _spikes(temperature_c)
    at = min(int(np.searchsorted(known, diameter_um, side="right")), len(known) - 1)
    share = min((diameter_um - known[at - 1]) / (known[at] - known[at - 1]), 1.0)
    below, above = every[at - 1], every[at]
    times = below.times_ms * (1.0 - share) + above.times_ms * share
    grown = max(diameter_um / _TABLED_UM, 1.0)
    return _Spike(times, ((1.0 - share) * below.axial_na + share * above.axial_na) * grown)


def _within(value: ArrayLike, low: float, high: float, name: str) -> None:
    found = np.asarray(value, float)
    if not np.all((found >= low - 1e-9) & (found <= high + 1e-9)):
        distance = np.abs(found - (low + high) / 2.0)
        worst = found.flat[int(np.argmax(np.where(np.isfinite(found), distance, np.inf)))]
        raise OutOfRange(f"{name}: {worst:g} is outside {low:g}-{high:g}")


_LEAST = 1e-6
_THINNED_UM = 10.0
_UNIT = 0.2
"""Delay of a thin internode, in conduction times of a whole one, above which its log is interpolated."""


class _Curves(NamedTuple):
    """Logs of numbers by temperature (axis 0), diameter or count (axis 1) and share of myelin (axis 2)."""

    temperature_c: Float64s
    other: Float64s
    shares_ln: Float64s
    values: Float64s
    block_ln: Float64s


@lru_cache(maxsize=2)
def _curves(kind: str) -> _Curves:
    """Return the curves named ``<kind>_<temperature>_<diameter or count>``; shares rise along the last."""
    p = part("traces/axon")
    shares = np.log(p.row("myelin_shares" if kind == "diffuse" else "focal_shares"))[::-1]
    keys = [name.split("_")[1:] for name in p.names if name.startswith(f"{kind}_") and name[-1].isdigit()]
    temperatures, others = (sorted({float(key[axis]) for key in keys}) for axis in (0, 1))
    rows = np.array([[p.row(f"{kind}_{t:g}_{o:g}") for o in others] for t in temperatures])[..., ::-1]
    dead = rows <= 0.0 if kind == "diffuse" else rows < 0.0
    first = dead.sum(axis=-1)
    below = shares[np.maximum(first - 1, 0)]
    block = np.where(first > 0, (below + shares[first]) / 2.0, shares[0] - 0.5)
    alive = np.where(dead, np.nan, rows)
    logs = np.log(alive) if kind == "diffuse" else np.log1p(alive / (_UNIT * np.array(others)[:, None]))
    return _Curves(np.array(temperatures), np.array(others), shares, logs, block)


def _demyelinated(
    share_of_myelin: ArrayLike, diameter_um: ArrayLike, temperature_c: float = 34.0
) -> Float64s:
    """Return the velocity of a fibre thinly myelinated all along, relative to its own; 0 where it is blocked.

    Relative velocity, broadcast shape [0..1]; within 5 % of the model down to 0.1 of the myelin.
    """
    share, diameter = np.broadcast_arrays(_share_ln(share_of_myelin), np.asarray(diameter_um, float))
    curves = _curves("diffuse")
    speed = _looked_up(curves, share, diameter, temperature_c)
    return np.where(share > _blocked_ln(curves, diameter, temperature_c), np.exp(speed), 0.0)


def _focal_delay_ms(
    share_of_myelin: ArrayLike, internodes: ArrayLike, diameter_um: ArrayLike, temperature_c: float = 34.0
) -> Float64s:
    """Return how much later a spike arrives for a stretch of thin myelin; infinite if it is blocked.

    Delay, broadcast shape [ms].
    """
    counts = np.asarray(internodes, float)
    if not np.all(counts >= 1.0):
        raise InputError("internodes", float(counts.min()), "is below 1", "count the stretch's internodes")
    given = _share_ln(share_of_myelin), counts, np.asarray(diameter_um, float)
    share, count, diameter = np.broadcast_arrays(*given)
    curves = _curves("focal")
    delay = np.expm1(_looked_up(curves, share, count, temperature_c)) * _UNIT * count
    spacing = np.vectorize(lambda d: _geometry(float(d)).internode_mm, otypes=[float])(diameter)
    own = spacing / _velocity_m_s(diameter, temperature_c)
    factor, shift = _of_size(share, diameter, temperature_c)
    return np.where(share > _blocked_ln(curves, count, temperature_c) + shift, delay * own * factor, np.inf)


def _of_size(share_ln: Float64s, diameter_um: Float64s, temperature_c: float) -> tuple[Float64s, Float64s]:
    """Return delay relative to a tabled fibre [-] and how much more myelin block needs [log]."""
    curves, tabled = _curves("diffuse"), np.full_like(diameter_um, _THINNED_UM)
    slower, usual = (
        np.maximum(np.expm1(-_looked_up(curves, share_ln, d, temperature_c)), _LEAST)
        for d in (diameter_um, tabled)
    )
    block, usual_block = (_blocked_ln(curves, d, temperature_c) for d in (diameter_um, tabled))
    return np.sqrt(slower / usual), block - usual_block


def _share_ln(share_of_myelin: ArrayLike) -> Float64s:
    share = np.asarray(share_of_myelin, float)
    if not np.all((share >= 0.0) & (share <= 1.0)):
        worst = float(share.flat[int(np.argmax(np.abs(share - 0.5)))])
        raise InputError("share_of_myelin", worst, "is outside 0-1", "give the share of lamellae left")
    return np.asarray(np.log(np.maximum(share, _LEAST)), float)


def _looked_up(curves: _Curves, share_ln: Float64s, other: Float64s, temperature_c: float) -> Float64s:
    """Return the log of the tabled value, shape of `share_ln`; past a curve's end it goes on straight."""
    every = np.array([[_straight(share_ln, curves.shares_ln, row) for row in rows] for rows in curves.values])
    return _mixed(curves, every, other, temperature_c)


def _blocked_ln(curves: _Curves, other: Float64s, temperature_c: float) -> Float64s:
    shape = curves.block_ln.shape
    every = np.broadcast_to(curves.block_ln.reshape(*shape, *[1] * other.ndim), (*shape, *other.shape))
    return _mixed(curves, every, other, temperature_c)


def _mixed(curves: _Curves, every: Float64s, other: Float64s, temperature_c: float) -> Float64s:
    """Return values (T, O, ...) mixed for one temperature and, by its log, for each `other`, shape (...)."""
    at = np.interp(temperature_c, curves.temperature_c, np.arange(len(curves.temperature_c)))
    low = min(int(at), len(curves.temperature_c) - 2)
    warm = every[low] * (low + 1 - at) + every[low + 1] * (at - low)
    place = np.interp(np.log(other), np.log(curves.other), np.arange(len(curves.other)))
    lower = np.minimum(place.astype(int), len(curves.other) - 2)
    below = np.take_along_axis(warm, lower[None], 0)[0]
    above = np.take_along_axis(warm, lower[None] + 1, 0)[0]
    return np.asarray(below + (above - below) * (place - lower), float)


def _straight(x: Float64s, known: Float64s, row: Float64s) -> Float64s:
    """Return a row, NaN where blocked, at `x`: straight between its points and beyond the lowest of them."""
    alive = np.flatnonzero(np.isfinite(row))
    lower, slope = alive[0], (row[alive[1]] - row[alive[0]]) / (known[alive[1]] - known[alive[0]])
    inside = np.interp(x, known[alive], row[alive])
    return np.where(x < known[lower], row[lower] + slope * (x - known[lower]), inside)
