"""Motor unit potentials of a weak effort: taken apart, averaged and measured.

Duration by criterion: from the main spike outwards as long as the average departs from the baseline by more
than `deflection_uv`, or changes by more than `slope_uv_ms`; a pause longer than `pause_ms` ends it, and what
comes after such a pause is a satellite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from garland._types import Float64s, Ints
from garland.evidence import part
from garland.signals.spikes import _apart_in_time, _averaged, _find_spikes, _regularity
from garland.signals.trace import Trace

_BEFORE_MS, _AFTER_MS = 14.0, 26.0
"""What is averaged about the main spike [ms]."""
_LONGEST_MS = 30e3
"""A longer recording is taken apart in equal pieces: only so many discharges are sorted at once [ms]."""


class _Shape(NamedTuple):
    """Measures of one averaged potential.

    Attributes
    ----------
    amplitude_uv : float
        Peak to peak [uV].
    duration_ms : float
        By the criterion of this module [ms].
    spike_duration_ms : float
        From the first to the last moment beyond a tenth of the amplitude [ms].
    area_uv_ms : float
        Of the rectified potential within its duration [uV ms].
    phases, turns : int
        Parts between crossings of the baseline; changes of direction [-].
    satellite : bool
        Whether a late potential belongs to it.
    onset_ms, end_ms : float
        On the clock of the average [ms].
    """

    amplitude_uv: float
    duration_ms: float
    spike_duration_ms: float
    area_uv_ms: float
    phases: int
    turns: int
    satellite: bool
    onset_ms: float
    end_ms: float


class _Unit(NamedTuple):
    """One motor unit met in one place.

    Attributes
    ----------
    shape : Shape
        Measures of its average.
    rate_hz : float
        Discharges per second [Hz].
    jiggle : float
        Mean size of the change from one discharge to the next over that of the potential itself, noise
        taken off [-].
    discharges : int
        How many were found.
    site : int
        Number of the recording it was found in, from 0.
    average : Trace
        The averaged potential; 0 ms at its largest spike.
    """

    shape: _Shape
    rate_hz: float
    jiggle: float
    discharges: int
    site: int
    average: Trace


class _Summary(NamedTuple):
    """Motor units of a muscle together; not a number where no unit was found.

    Attributes
    ----------
    units : int
        How many were measured.
    amplitude_uv, duration_ms : float
        Means [uV], [ms].
    polyphasic : float
        Share of units with more than four phases [0..1].
    jiggle : float
        Mean [-].
    satellites : float
        Share of units with a satellite [0..1].
    """

    units: int
    amplitude_uv: float
    duration_ms: float
    polyphasic: float
    jiggle: float
    satellites: float


def _reversals(samples: Float64s, least_uv: float) -> Ints:
    """Return the sample numbers at which the signal turns, each turn `least_uv` or more from the next."""
    if len(samples) < 3:
        return np.zeros(0, np.int64)
    slope = np.sign(np.diff(samples))
    corner = np.flatnonzero(slope[1:] != slope[:-1]) + 1
    values, places = samples[corner].tolist(), corner.tolist()
    start = float(samples[0])
    high, high_at, low, low_at, rising = start, 0, start, 0, 0
    found: list[int] = []
    for value, place in zip([*values, float(samples[-1])], [*places, len(samples) - 1], strict=True):
        if value > high:
            high, high_at = value, place
        if value < low:
            low, low_at = value, place
        if rising >= 0 and high - value >= least_uv:
            found.append(high_at)
            low, low_at, rising = value, place, -1
            high, high_at = value, place
        elif rising <= 0 and value - low >= least_uv:
            found.append(low_at)
            high, high_at, rising = value, place, 1
            low, low_at = value, place
    return np.array([at for at in found if 0 < at < len(samples) - 1], np.int64)


def _measure_potential(average: Trace, noise_uv: float = 0.0) -> _Shape:
    """Measure an averaged motor unit potential."""
    p = part("signals/needle")
    rate = average.rate_hz
    v = average.samples_uv - _baseline(average.samples_uv)
    floor = max(p.value("deflection_uv"), 3.0 * noise_uv)
    first, last, late = _extent(v, rate, floor, p.value("slope_uv_ms") + 6.0 * noise_uv)
    inside = v[first : last + 1]
    amplitude = float(np.ptp(inside))
    beyond = np.flatnonzero(np.abs(inside) > 0.1 * amplitude)
    step = 1000.0 / rate
    sizeable = inside[np.abs(inside) > max(floor, p.value("phase_uv"))]
    return _Shape(
        amplitude_uv=amplitude,
        duration_ms=(last - first) * step,
        spike_duration_ms=float(np.ptp(beyond)) * step if len(beyond) else 0.0,
        area_uv_ms=float(np.abs(inside).sum()) * step,
        phases=1 + int(np.count_nonzero(np.diff(np.sign(sizeable)))),
        turns=len(_reversals(inside, max(p.value("turn_within_uv"), 6.0 * noise_uv))),
        satellite=bool(np.ptp(late) > p.value("satellite_share") * amplitude) if len(late) else False,
        onset_ms=average.start_ms + first * step,
        end_ms=average.start_ms + last * step,
    )


def _baseline(samples: Float64s) -> float:
    """Return the level before and after the potential [uV]."""
    edge = max(len(samples) // 12, 1)
    return float(np.median(np.concatenate([samples[:edge], samples[-edge:]])))


def _extent(v: Float64s, rate_hz: float, floor_uv: float, slope_uv_ms: float) -> tuple[int, int, Float64s]:
    """Return the first and last sample of the potential, and what comes after it and a pause, shape (m,)."""
    p = part("signals/needle")
    lag = max(int(0.001 * rate_hz), 1)
    steep = np.zeros(len(v), bool)
    if len(v) > lag:
        rise = np.abs(v[lag:] - v[:-lag]) / (lag * 1000.0 / rate_hz)
        steep[lag // 2 : lag // 2 + len(rise)] = rise > slope_uv_ms
    active = np.flatnonzero((np.abs(v) > floor_uv) | (steep & (np.abs(v) > 0.5 * floor_uv)))
    if len(active) == 0:
        middle = int(np.abs(v).argmax())
        return middle, middle, v[:0]
    pause = int(p.value("pause_ms") * rate_hz / 1000.0)
    breaks = np.flatnonzero(np.diff(active) > pause)
    starts, ends = active[np.append(0, breaks + 1)], active[np.append(breaks, len(active) - 1)]
    sizes = [float(np.ptp(v[a : b + 1])) for a, b in zip(starts, ends, strict=True)]
    main = int(np.argmax(sizes))
    if main + 1 < len(starts):
        return int(starts[main]), int(ends[main]), v[starts[main + 1] : ends[-1] + 1]
    return int(starts[main]), int(ends[main]), v[:0]


def motor_units(sites: Sequence[Trace]) -> tuple[_Unit, ...]:
    """Find and measure the motor units of a weak effort."""
    found: list[_Unit] = []
    for number, site in enumerate(sites):
        pieces = max(int(np.ceil(site.duration_ms / _LONGEST_MS)), 1)
        step = site.duration_ms / pieces
        starts = [site.start_ms + k * step for k in range(pieces)]
        parts = [site] if pieces == 1 else [site.between(at, at + step) for at in starts]
        found += _met_again([_units_of(piece, number) for piece in parts])
    return tuple(found)


def _met_again(parts: Sequence[list[_Unit]]) -> list[_Unit]:
    """Return the units of one place met in pieces of a long recording, each once, largest first.

    Of a unit met several times the piece with most discharges gives the shape; discharges are added up.
    """
    if len(parts) == 1:
        return parts[0]
    groups: list[list[_Unit]] = []
    for unit in sorted((u for units in parts for u in units), key=lambda u: -u.discharges):
        same = next((group for group in groups if _alike(group[0].average, unit.average)), None)
        if same is None:
            groups.append([unit])
        else:
            same.append(unit)
    once = [
        group[0]._replace(
            discharges=sum(u.discharges for u in group), rate_hz=float(np.median([u.rate_hz for u in group]))
        )
        for group in groups
        # What is met in one piece of many is two units superposed more often than a third unit.
        if len(group) >= 2 or len(parts) == 2
    ]
    return sorted(once, key=lambda unit: -unit.shape.amplitude_uv)


def _alike(one: Trace, other: Trace) -> bool:
    """Tell whether two averages, aligned as they fit best, differ by less than the limit of one shape."""
    a, b = one.samples_uv, other.samples_uv
    n = min(len(a), len(b))
    best = float(np.correlate(a[:n], b[:n], "full").max())
    energy = float((a[:n] ** 2).sum()), float((b[:n] ** 2).sum())
    return sum(energy) - 2.0 * best < part("signals/needle").value("unlikeness") * max(energy)


def _units_of(site: Trace, number: int) -> list[_Unit]:
    """Return the units of one place, largest first."""
    p = part("signals/needle")
    least = max(int(np.ceil(p.value("least_rate_hz") * site.duration_ms / 1000.0)), 3)
    result = _find_spikes(site, least)
    sorted_out = [s for s in _apart_in_time(result.sources, site.rate_hz) if len(s.at) >= least]
    kept = [s for s in sorted_out if _regularity(s.at, site.rate_hz)[1] < p.value("uneven_unit")]
    if not kept:
        return []
    before, after = (int(ms * site.rate_hz / 1000.0) for ms in (_BEFORE_MS, _AFTER_MS))
    raw = site.samples_uv - np.median(site.samples_uv)
    averages, rests, _ = _averaged(raw, [s.at for s in kept], before, after)
    units = []
    for source, average, rest in zip(kept, averages, rests, strict=True):
        trace = Trace(average, site.rate_hz, -before * 1000.0 / site.rate_hz, site.label)
        residual_noise = float(np.median(np.abs(rest - average))) / 0.6745 / np.sqrt(len(rest))
        shape = _measure_potential(trace, residual_noise)
        if shape.amplitude_uv >= p.value("least_unit_uv"):
            rate = _regularity(source.at, site.rate_hz)[0]
            units.append(_Unit(shape, rate, _jiggle(trace, shape, rest), len(source.at), number, trace))
    return sorted(units, key=lambda unit: -unit.shape.amplitude_uv)


def _jiggle(average: Trace, shape: _Shape, rest: Float64s) -> float:
    """Return how much the potential changes from discharge to discharge, over its own size [-]."""
    inside = (average.times_ms >= shape.onset_ms) & (average.times_ms <= shape.end_ms)
    outside = average.times_ms < shape.onset_ms - 1.0
    if len(rest) < 3 or not inside.any() or not outside.any():
        return 0.0
    change = np.median(np.abs(np.diff(rest, axis=0)), axis=0)
    beyond = max(float(change[inside].mean() - change[outside].mean()), 0.0)
    return beyond / max(float(np.abs(average.samples_uv[inside]).mean()), 1e-9)


def summarise_units(units: Sequence[_Unit]) -> _Summary:
    """Return the measures of a muscle from its units."""
    if not units:
        return _Summary(0, np.nan, np.nan, np.nan, np.nan, np.nan)
    most = part("signals/needle").value("phases_most")
    return _Summary(
        units=len(units),
        amplitude_uv=float(np.mean([u.shape.amplitude_uv for u in units])),
        duration_ms=float(np.mean([u.shape.duration_ms for u in units])),
        polyphasic=float(np.mean([u.shape.phases > most for u in units])),
        jiggle=float(np.mean([u.jiggle for u in units])),
        satellites=float(np.mean([u.shape.satellite for u in units])),
    )
