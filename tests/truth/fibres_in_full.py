"""Single fibres compartment by compartment, and what loss of myelin does to the velocity of one."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import irfft, next_fast_len, rfft

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.waveforms import muscle_fibre
from garland.waveforms.axon import (
    _TABLED_UM,
    _THICK_UM,
    _THIN_UM,
    _boundaries_mm,
    _geometry,
    _Spike,
    _spikes,
    _tabled_um,
    _velocity_m_s,
    _within,
)
from garland.waveforms.compound import (
    _binned,
    _Bundle,
    _checked,
    _Clock,
    _clock,
    _Course,
    _Electrode,
    _field,
    _Medium,
    _strength,
    _tissue,
)
from garland.waveforms.muscle_fibre import _axial_current_na, _shape


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


def _single_fibre_uv(
    times_ms: Float64s,
    diameter_um: float,
    electrode: _Electrode,
    length_mm: float,
    temperature_c: float = 37.0,
    medium: _Medium | None = None,
    velocity_m_s: float | None = None,
) -> Float64s:
    """Return the potential of one fibre, summed over its compartments; its first node lies at 0 mm.

    Potential, shape (n,) [uV]; within 20 % of the full solution from 0.1 to 10 mm away.
    """
    clock, fine = _clock(times_ms)
    own = float(_velocity_m_s(diameter_um, temperature_c))
    speed = own if velocity_m_s is None else velocity_m_s
    _checked(_Bundle(*(np.array([value]) for value in (diameter_um, speed, 1.0, 0.0))))
    gain = electrode.sign * float(_strength(own / speed))
    course = _Course(electrode, length_mm, medium or _tissue())
    spike = _spike(diameter_um, temperature_c)
    return gain * _by_compartments(course, clock, diameter_um, speed, spike)[::fine]


def _intracellular_mv(z_mm: ArrayLike) -> Float64s:
    """Return the potential inside the fibre.

    Same shape [mV], at rest -90.
    """
    return _shape(z_mm, 0) - part("traces/muscle_fibre").table("potential_mv")["resting"]


def _current_per_mm(z_mm: ArrayLike, diameter_um: ArrayLike) -> Float64s:
    """Return the current that leaves the fibre through its membrane, far from its ends.

    Positive outwards [nA/mm]; its integral over the fibre is zero.
    """
    section = np.pi * np.asarray(diameter_um, float) ** 2 / 4.0
    return np.asarray(1e-3 * part("traces/muscle_fibre").value("inside_s_m") * section * _shape(z_mm, 2))


def _sources_na(
    time_ms: float, edges_mm: Float64s, diameter_um: float, ends_mm: tuple[float, float]
) -> Float64s:
    """Return the current that each piece of a fibre sends into the muscle at one time.

    Shape (S,) [nA]: what axial current enters a piece and does not leave it, with the start at the end plate
    and the ends at the tendons; the sum is zero where the pieces cover the fibre.
    """
    behind = float(muscle_fibre._velocity_m_s(diameter_um)) * time_ms - np.abs(edges_mm)
    inside = (edges_mm > ends_mm[0]) & (edges_mm < ends_mm[1])
    axial = np.where(inside, np.sign(edges_mm) * _axial_current_na(behind, diameter_um), 0.0)
    return np.asarray(axial[:-1] - axial[1:])


def _by_compartments(
    course: _Course, clock: _Clock, diameter_um: float, speed: float, spike: _Spike
) -> Float64s:
    """Return the potential of one fibre on the inner clock, boundary by boundary [uV]."""
    internode = _geometry(diameter_um).internode_mm
    nodes = np.arange(math.floor(course.length_mm / internode + 1e-9) + 1, dtype=float)
    first, last = (math.floor(spike.times_ms[at] / clock.step_ms) for at in (0, -1))
    steps = np.arange(first, last + 1)
    size = next_fast_len(clock.steps + len(steps) + 2, True)
    bins = (nodes * internode / speed - clock.start_ms) / clock.step_ms
    limits = -len(steps), clock.steps, size
    total = np.zeros(size // 2 + 1, complex)
    boundaries = zip(*_boundaries_mm(diameter_um), spike.axial_na, strict=True)
    for before, after, current in boundaries:
        rise = _field(course, nodes * internode + after) - _field(course, nodes * internode + before)
        comb = _binned(bins, rise, np.zeros(len(nodes), int), limits, 1)[0]
        wave = np.zeros(size)
        wave[steps % size] = np.interp(steps * clock.step_ms, spike.times_ms, current, 0.0, 0.0)
        total += rfft(comb) * rfft(wave)
    return np.asarray(irfft(total, size)[: clock.steps], float)


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
