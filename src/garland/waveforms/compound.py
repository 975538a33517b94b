"""The potential of all fibres of a nerve at electrodes, in microvolts.

A point source of current I in a homogeneous medium raises the potential by I / (4 pi sigma r); where tissue
conducts better along the fibres, distance across counts for more, and a surface that no current leaves,
such as skin, doubles it. The current A(t - z/v) that runs along a fibre past z is weighed by the slope of
the lead field G: the potential is the integral of G'(z) A(t - z/v) over the fibre, so that the total source
current is zero at every instant. Nodes of many fibres lie anywhere, and A is averaged over the internode.
Trusted for diameters of 2-20 um, straight fibres, from 1 mm away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import irfft, next_fast_len, rfft

from garland._types import Float64s, Ints
from garland.errors import InputError
from garland.evidence import part
from garland.waveforms.axon import (
    _boundaries_mm,
    _spikes,
    _tabled_um,
    _velocity_m_s,
)

_NEAREST_MM = 1e-3


class _Medium(NamedTuple):
    """What conducts between fibre and electrode.

    Attributes
    ----------
    across_s_m, along_s_m : float
        Conductivity across and along the fibres [S/m].
    surface : bool
        Whether the electrode lies on a surface that no current leaves: potentials double.
    """

    across_s_m: float
    along_s_m: float
    surface: bool = False


class _Electrode(NamedTuple):
    """One point electrode.

    Attributes
    ----------
    along_mm : float
        Place along the fibres, from where the spikes set out [mm].
    depth_mm : float
        Distance from the axis of the fibres [mm], above 0.
    sign : float
        1 for the active electrode, -1 for the reference.
    """

    along_mm: float
    depth_mm: float
    sign: float = 1.0


def _tissue(surface: bool = True) -> _Medium:
    """Return the tissue around a nerve, the same in all directions."""
    sigma = part("traces/axon").value("tissue_s_m")
    return _Medium(sigma, sigma, surface)


def _lead_field_uv_na(along_mm: ArrayLike, depth_mm: ArrayLike, medium: _Medium) -> Float64s:
    """Return the potential at an electrode per unit of current from a point.

    Potential per current, broadcast shape [uV/nA].
    """
    depth = np.asarray(depth_mm, float)
    if min(medium.across_s_m, medium.along_s_m) <= 0.0:
        raise InputError("medium", medium[:2], "is not above 0 S/m both ways", "give conductivities above 0")
    if np.any(depth < _NEAREST_MM):
        nearest = float(depth.min())
        raise InputError("depth_mm", nearest, "is below 0.001 mm", "move the electrode away from the fibre")
    stretch = medium.along_s_m / medium.across_s_m
    reach = np.sqrt(np.square(np.asarray(along_mm, float)) + stretch * depth**2)
    gain = 2.0 if medium.surface else 1.0
    return np.asarray(gain / (4.0 * math.pi * medium.across_s_m * reach), float)


# A hair above 0.01 ms, or rounding would refine a clock of just that step once more.
_STEP_MS = 0.0101
"""Times are refined to steps no longer than this."""
_CLASS_RATIO = 1.08
"""Ratio of the velocities of neighbouring classes."""


class _Bundle(NamedTuple):
    """Fibres of a nerve, each field of shape (F,).

    Attributes
    ----------
    diameter_um : ndarray
        Diameter with myelin, 2-20 [um].
    velocity_m_s : ndarray
        Conduction velocity; it may differ from the diameter's own [m/s].
    weight : ndarray
        How many such fibres conduct [-].
    start_ms : ndarray
        When the spike sets out at 0 mm [ms].
    """

    diameter_um: Float64s
    velocity_m_s: Float64s
    weight: Float64s
    start_ms: Float64s


class _Clock(NamedTuple):
    """Inner time steps: the first [ms], their length [ms], and how many."""

    start_ms: float
    step_ms: float
    steps: int


class _Course(NamedTuple):
    """One electrode beside the course of the fibres."""

    electrode: _Electrode
    length_mm: float
    medium: _Medium


class _Spans(NamedTuple):
    """Steps of a waveform before and after arrival at the electrode, and the size of the transform."""

    before: int
    after: int
    size: int


def _compound_uv(
    times_ms: Float64s,
    bundle: _Bundle,
    electrodes: Sequence[_Electrode],
    length_mm: float,
    temperature_c: float = 34.0,
    medium: _Medium | None = None,
) -> Float64s:
    """Return the compound potential of many fibres between electrodes.

    Potential, shape (n,) [uV].
    """
    clock, fine = _clock(times_ms)
    _checked(bundle)
    total = np.zeros(clock.steps)
    if not np.any(bundle.weight):
        return total[::fine]
    speeds = _classes(bundle.velocity_m_s)
    for electrode in electrodes:
        course = _Course(electrode, length_mm, medium or _tissue())
        total += electrode.sign * _seen(course, clock, bundle, speeds, temperature_c)
    return total[::fine]


def _field(course: _Course, place_mm: Float64s) -> Float64s:
    """Return the lead field at places along the fibre; beyond its ends that of the ends [uV/nA]."""
    # The field is held beyond the ends, so that its slope is zero there: nothing is sourced past the fibre.
    along = np.clip(place_mm, 0.0, course.length_mm) - course.electrode.along_mm
    return _lead_field_uv_na(along, course.electrode.depth_mm, course.medium)


def _clock(times_ms: Float64s) -> tuple[_Clock, int]:
    """Return the inner clock and how many of its steps make one step of `times_ms`."""
    steps = np.diff(times_ms)
    if len(steps) < 1 or steps.min() <= 0.0 or np.ptp(steps) > 1e-6 * steps.max() + 1e-9:
        raise InputError("times_ms", len(times_ms), "times do not rise in even steps", "space them evenly")
    step = float(times_ms[-1] - times_ms[0]) / len(steps)
    fine = math.ceil(step / _STEP_MS)
    return _Clock(float(times_ms[0]), step / fine, len(steps) * fine + 1), fine


def _checked(bundle: _Bundle) -> None:
    """Refuse fields of different shapes and velocities that are not above zero."""
    shapes = {np.shape(field) for field in bundle}
    if len(shapes) > 1 or len(next(iter(shapes))) != 1:
        raise InputError("bundle", sorted(shapes), "fields differ in shape", "give one value for each fibre")
    if not np.all(bundle.velocity_m_s > 0.0):
        slowest = float(np.min(bundle.velocity_m_s))
        raise InputError("velocity_m_s", slowest, "is not above 0 m/s", "leave out blocked fibres")


def _strength(slowing: Float64s | float) -> Float64s:
    """Return how much more axial current a fibre carries that is slowed so many times [-]."""
    return np.asarray(slowing ** part("traces/axon").value("slowed_current_power"), float)


def _classes(velocity_m_s: Float64s) -> Float64s:
    """Return the velocities of the classes of waveform, shape (M,), at least two [m/s]."""
    # The hair above the highest puts the fastest fibre inside the last class, not on its edge.
    low, high = float(np.min(velocity_m_s)), float(np.max(velocity_m_s)) * (1.0 + 1e-6)
    return np.geomspace(low, high, 2 + int(math.log(high / low) / math.log(_CLASS_RATIO)))


def _seen(
    course: _Course, clock: _Clock, bundle: _Bundle, speeds: Float64s, temperature_c: float
) -> Float64s:
    """Return the potential of all fibres at one electrode on the inner clock [uV]."""
    # Arrivals, waveform and slope of the field are convolved class by class: the cost is that of the classes
    # that occur, whatever the number of fibres.
    currents, lead = _mean_currents(temperature_c, clock.step_ms)
    spans = _spans(course, clock, speeds, currents.shape[1], lead)
    pairs, counts = _histogram(course, clock, bundle, speeds, spans, temperature_c)
    speed, kind = np.divmod(pairs, len(currents))
    used, place = np.unique(kind, return_inverse=True)
    waves = np.zeros((len(used), spans.size))
    waves[:, np.arange(-lead, currents.shape[1] - lead) % spans.size] = currents[used]
    met, where = np.unique(speed, return_inverse=True)
    fields = rfft(_slopes(course, clock, speeds[met], spans), axis=1)
    spectrum = (rfft(counts, axis=1) * rfft(waves, axis=1)[place] * fields[where]).sum(axis=0)
    return np.asarray(irfft(spectrum, spans.size)[: clock.steps], float)


def _spans(course: _Course, clock: _Clock, speeds: Float64s, wave: int, lead: int) -> _Spans:
    whole, slowest = clock.steps * clock.step_ms, float(speeds[0])
    along = course.electrode.along_mm
    before = min(whole, max(along, 0.0) / slowest) / clock.step_ms + lead
    after = min(whole, max(course.length_mm - along, 0.0) / slowest) / clock.step_ms + wave
    spans = math.ceil(before), math.ceil(after)
    # Room for what comes before and after, so that nothing that is kept has wrapped round.
    return _Spans(*spans, next_fast_len(clock.steps + sum(spans) + 2, True))


def _slopes(course: _Course, clock: _Clock, speeds: Float64s, spans: _Spans) -> Float64s:
    """Return how the lead field changes over each step of a travelling spike, shape (M, size) [uV/nA]."""
    steps = np.arange(-spans.before, spans.after + 1)
    edges = (np.append(steps, steps[-1] + 1) - 0.5) * clock.step_ms
    field = _field(course, course.electrode.along_mm + speeds[:, None] * edges)
    slopes = np.zeros((len(speeds), spans.size))
    # Differences between the edges of steps, not a derivative: they sum to the field at the ends exactly, so
    # that the total source current is zero whatever the step.
    slopes[:, steps % spans.size] = np.diff(field, axis=1)
    return slopes


def _histogram(
    course: _Course, clock: _Clock, bundle: _Bundle, speeds: Float64s, spans: _Spans, temperature_c: float
) -> tuple[Ints, Float64s]:
    """Return the classes that occur, velocity times kinds plus kind, (K,), and their arrivals, (K, size)."""
    known = _tabled_um()
    own = _velocity_m_s(bundle.diameter_um, temperature_c)
    weight = bundle.weight * _strength(own / bundle.velocity_m_s)
    # Beyond the tabled diameters the waveform stays and the current grows with the fibre.
    weight = weight * np.maximum(bundle.diameter_um / known[-1], 1.0)
    arrival = bundle.start_ms + course.electrode.along_mm / bundle.velocity_m_s
    kind, thicker = _between(bundle.diameter_um, known)
    speed, faster = _between(bundle.velocity_m_s, speeds)
    # Each fibre is shared between the four classes around it: the potential then changes smoothly with its
    # velocity, as the search for the nerve of a person by secants needs.
    corners = [(m, j) for m in (0, 1) for j in (0, 1)]
    pair = np.concatenate([(speed + m) * len(known) + kind + j for m, j in corners])
    share = np.concatenate([np.abs(1 - m - faster) * np.abs(1 - j - thicker) * weight for m, j in corners])
    taken = share > 0.0
    pairs, row = np.unique(pair[taken], return_inverse=True)
    bins = np.tile((arrival - clock.start_ms) / clock.step_ms, len(corners))[taken]
    limits = -spans.after, clock.steps + spans.before, spans.size
    return pairs, _binned(bins, share[taken], row, limits, len(pairs))


def _between(values: Float64s, known: Float64s) -> tuple[Ints, Float64s]:
    """Return the index of the known value below each value, and its share on the way to the next [0..1]."""
    below = np.clip(np.searchsorted(known, values, side="right") - 1, 0, len(known) - 2)
    return below, np.clip((values - known[below]) / (known[below + 1] - known[below]), 0.0, 1.0)


def _binned(bins: Float64s, weight: Float64s, row: Ints, limits: tuple[int, int, int], rows: int) -> Float64s:
    """Return weights shared between the two nearest bins, wrapped to a transform, shape (rows, size)."""
    first, last, size = limits
    lower = np.floor(bins)
    inside = (lower >= first) & (lower < last - 1)
    later, lower = (bins - lower)[inside], lower[inside].astype(int)
    row, weight = row[inside], weight[inside]
    # Shared between two bins: rounded to one, every arrival would be off by up to half a step.
    flat = np.concatenate([row * size + lower % size, row * size + (lower + 1) % size])
    shared = np.concatenate([weight * (1.0 - later), weight * later])
    return np.bincount(flat, shared, rows * size).astype(float).reshape(rows, size)


@lru_cache(maxsize=16)
def _mean_currents(temperature_c: float, step_ms: float) -> tuple[Float64s, int]:
    """Return the axial current averaged over an internode, (D, T) [nA], and the steps before its arrival."""
    spikes = _spikes(temperature_c)
    lead = math.ceil(-min(spike.times_ms[0] for spike in spikes) / step_ms) + 1
    tail = math.ceil(max(spike.times_ms[-1] for spike in spikes) / step_ms) + 1
    times = np.arange(-lead, tail) * step_ms
    means = []
    for diameter, spike in zip(_tabled_um(), spikes, strict=True):
        before, after = _boundaries_mm(float(diameter))
        delay = (before + after) / 2.0 / float(_velocity_m_s(diameter, temperature_c))
        share = (after - before) / (after - before).sum()
        each = [
            # Each boundary is put back onto the clock of the node before the mean is taken.
            np.interp(times + d, spike.times_ms, current, 0.0, 0.0)
            for d, current in zip(delay, spike.axial_na, strict=True)
        ]
        means.append(share @ np.array(each))
    return np.array(means), lead
