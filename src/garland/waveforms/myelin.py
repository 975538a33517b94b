"""How loss of myelin slows a fibre, and where it stops it.

Trusted  diameters 6-14 um, 30-38 Cel, 1-20 internodes; beyond, the nearest of these; channels as in health.

Tabled from the double-cable model with fewer lamellae, over the whole fibre or over a few internodes between
whole ones. The longer the stretch and the warmer it is, the more myelin a spike needs to pass.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from garland.errors import InputError
from garland.evidence import part
from garland.waveforms import axon

Floats = NDArray[np.float64]

_LEAST = 1e-6
_TABLED_UM = 10.0
_UNIT = 0.2
"""Delay of a thin internode, in conduction times of a whole one, above which its log is interpolated."""


class _Curves(NamedTuple):
    """Logs of numbers by temperature (axis 0), diameter or count (axis 1) and share of myelin (axis 2)."""

    temperature_c: Floats
    other: Floats
    shares_ln: Floats
    values: Floats
    block_ln: Floats


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


def _demyelinated(share_of_myelin: ArrayLike, diameter_um: ArrayLike, temperature_c: float = 34.0) -> Floats:
    """Return the velocity of a fibre thinly myelinated all along, relative to its own; 0 where it is blocked.

    Relative velocity, broadcast shape [0..1]; within 5 % of the model down to 0.1 of the myelin.
    """
    share, diameter = np.broadcast_arrays(_share_ln(share_of_myelin), np.asarray(diameter_um, float))
    curves = _curves("diffuse")
    speed = _looked_up(curves, share, diameter, temperature_c)
    return np.where(share > _blocked_ln(curves, diameter, temperature_c), np.exp(speed), 0.0)


def _focal_delay_ms(
    share_of_myelin: ArrayLike, internodes: ArrayLike, diameter_um: ArrayLike, temperature_c: float = 34.0
) -> Floats:
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
    spacing = np.vectorize(lambda d: axon._geometry(float(d)).internode_mm, otypes=[float])(diameter)
    own = spacing / axon._velocity_m_s(diameter, temperature_c)
    factor, shift = _of_size(share, diameter, temperature_c)
    return np.where(share > _blocked_ln(curves, count, temperature_c) + shift, delay * own * factor, np.inf)


def _of_size(share_ln: Floats, diameter_um: Floats, temperature_c: float) -> tuple[Floats, Floats]:
    """Return delay relative to a tabled fibre [-] and how much more myelin block needs [log]."""
    curves, tabled = _curves("diffuse"), np.full_like(diameter_um, _TABLED_UM)
    slower, usual = (
        np.maximum(np.expm1(-_looked_up(curves, share_ln, d, temperature_c)), _LEAST)
        for d in (diameter_um, tabled)
    )
    block, usual_block = (_blocked_ln(curves, d, temperature_c) for d in (diameter_um, tabled))
    return np.sqrt(slower / usual), block - usual_block


def _share_ln(share_of_myelin: ArrayLike) -> Floats:
    share = np.asarray(share_of_myelin, float)
    if not np.all((share >= 0.0) & (share <= 1.0)):
        worst = float(share.flat[int(np.argmax(np.abs(share - 0.5)))])
        raise InputError("share_of_myelin", worst, "is outside 0-1", "give the share of lamellae left")
    return np.asarray(np.log(np.maximum(share, _LEAST)), float)


def _looked_up(curves: _Curves, share_ln: Floats, other: Floats, temperature_c: float) -> Floats:
    """Return the log of the tabled value, shape of `share_ln`; past a curve's end it goes on straight."""
    every = np.array([[_straight(share_ln, curves.shares_ln, row) for row in rows] for rows in curves.values])
    return _mixed(curves, every, other, temperature_c)


def _blocked_ln(curves: _Curves, other: Floats, temperature_c: float) -> Floats:
    shape = curves.block_ln.shape
    every = np.broadcast_to(curves.block_ln.reshape(*shape, *[1] * other.ndim), (*shape, *other.shape))
    return _mixed(curves, every, other, temperature_c)


def _mixed(curves: _Curves, every: Floats, other: Floats, temperature_c: float) -> Floats:
    """Return values (T, O, ...) mixed for one temperature and, by its log, for each `other`, shape (...)."""
    at = np.interp(temperature_c, curves.temperature_c, np.arange(len(curves.temperature_c)))
    low = min(int(at), len(curves.temperature_c) - 2)
    warm = every[low] * (low + 1 - at) + every[low + 1] * (at - low)
    place = np.interp(np.log(other), np.log(curves.other), np.arange(len(curves.other)))
    left = np.minimum(place.astype(int), len(curves.other) - 2)
    below = np.take_along_axis(warm, left[None], 0)[0]
    above = np.take_along_axis(warm, left[None] + 1, 0)[0]
    return np.asarray(below + (above - below) * (place - left), float)


def _straight(x: Floats, known: Floats, row: Floats) -> Floats:
    """Return a row, NaN where blocked, at `x`: straight between its points and beyond the lowest of them."""
    alive = np.flatnonzero(np.isfinite(row))
    left, slope = alive[0], (row[alive[1]] - row[alive[0]]) / (known[alive[1]] - known[alive[0]])
    inside = np.interp(x, known[alive], row[alive])
    return np.where(x < known[left], row[left] + slope * (x - known[left]), inside)
