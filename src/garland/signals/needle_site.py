"""What one place of a muscle at rest holds: trains of single fibres, motor units, complex discharges.

Discharges are sorted by shape; each shape is a source. A short one is a muscle fibre: a train of
fibrillation, or of positive waves if no sharp negative spike follows the positive one. A long one is a motor
unit: it fasciculates, or is myokymic if it fires in groups. What repeats exactly is a complex repetitive
discharge. Discharges that cease soon after the needle has moved were set off by it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import fft

from garland._types import Float64s, Ints
from garland.evidence import part
from garland.signals.muap import _measure_potential
from garland.signals.spikes import (
    _apart_in_time,
    _averaged,
    _find_spikes,
    _largest_first,
    _noise_uv,
    _peaks_of,
    _regularity,
    _rest_of,
    _Spikes,
    _windows,
)
from garland.signals.trace import Trace


class _Site(NamedTuple):
    """One place at rest.

    Attributes
    ----------
    trains, positive : float
        Trains of single fibres, and those that are positive waves [-].
    sizes_uv, rates_hz : tuple of float
        Of the trains that could be told apart: peak to peak [uV], rate [Hz], 0 where too few.
    fasciculations : int
        Discharges of motor units, now and then [-].
    myokymia, complex_repetitive : bool
        Whether met.
    noise_uv : float
        Standard deviation of the sharpened noise between discharges [uV].
    set_off_ms : float
        Time of the last discharge that the needle's movement set off, since it moved; 0 without [ms].
    """

    trains: float
    positive: float
    sizes_uv: tuple[float, ...]
    rates_hz: tuple[float, ...]
    fasciculations: int
    myokymia: bool
    complex_repetitive: bool
    noise_uv: float
    set_off_ms: float


class _Source_(NamedTuple):
    """A source and what its shape says.

    Attributes
    ----------
    at : ndarray
        Sample numbers of discharges, shape (D,).
    duration_ms : float
        Of its mean, as a motor unit potential [ms].
    width_ms : float
        Spread of its energy in time [ms].
    size_uv : float
        Peak to peak [uV].
    positive_wave : bool
        Whether it is a positive wave.
    """

    at: Ints
    duration_ms: float
    width_ms: float
    size_uv: float
    positive_wave: bool


EMPTY = _Site(0.0, 0.0, (), (), 0, False, False, np.inf, 0.0)
_REACH_MS = 10.0
_LONG_MS = (14.0, 26.0)
"""What is averaged of a source, before and after its spike [ms]."""


def _look_at_site(graded: Trace, moved_ms: float) -> _Site:
    """Return what one place at rest holds."""
    p = part("signals/needle")
    if graded.duration_ms < p.value("least_area_ms"):
        return EMPTY
    rate = graded.rate_hz
    result = _find_spikes(graded, 2, int(p.value("most_trains")))
    since = graded.start_ms - moved_ms
    late = (p.value("set_off_ms") - since) * rate / 1000.0
    every = _shapes_of(result, graded)
    least = max(
        p.value("least_train_uv"), p.value("least_train_share") * max((k.size_uv for k in every), default=0.0)
    )
    every = [kind for kind in every if kind.size_uv >= least]
    moved = [_set_off(kind, late, rate) for kind in every]
    kinds = [kind for kind, off in zip(every, moved, strict=True) if not off]
    units = [kind for kind in kinds if _is_unit(kind)]
    quiet_uv = _noise_uv(result.sharp, rate, p.value("quiet_share"))
    complex_ = _likeness_later(result.sharp, quiet_uv, rate) > p.value("repeat_likeness")
    trains = [kind for kind in kinds if not _is_unit(kind)]
    count, dense = _train_count(
        len(trains), result.peaks[result.peaks >= late], graded.duration_ms - late * 1000.0 / rate
    )
    grouped = not complex_ and not dense and any(_grouped_unit(kind, late, rate) for kind in kinds)
    irregular = [k for k in units if not _regularity(k.at, rate)[1] < p.value("uneven")]
    sizeable = [k for k in irregular if k.size_uv >= p.value("lone_unit_uv")]
    hidden = complex_ or grouped or dense
    lone = 0 if hidden else sum(len(k.at) for k in sizeable) + _lone_units(result, graded, late)
    ends = [
        since + kind.at[kind.at < late][-1] * 1000.0 / rate
        for kind, off in zip(every, moved, strict=True)
        if off
    ]
    return _Site(
        trains=0.0 if complex_ else count,
        positive=0.0
        if complex_
        else count * sum(kind.positive_wave for kind in trains) / max(len(trains), 1),
        sizes_uv=tuple(kind.size_uv for kind in trains),
        rates_hz=tuple(_regularity(kind.at, rate)[0] for kind in trains),
        fasciculations=lone,
        myokymia=grouped,
        complex_repetitive=complex_,
        noise_uv=quiet_uv,
        set_off_ms=max(ends, default=0.0),
    )


def _set_off(kind: _Source_, late: float, rate_hz: float) -> bool:
    """Tell whether a source was set off by the needle: quick at first, ceasing soon."""
    early = kind.at[kind.at < late]
    if len(early) == 0 or len(kind.at) - len(early) > 1:
        return False
    span = (early[-1] - early[0]) / rate_hz
    quick = span * part("signals/needle").value("set_off_hz") <= len(early) - 1
    return bool(quick or len(early) == len(kind.at) == 2)


def _is_unit(kind: _Source_) -> bool:
    """Tell whether a source is as long as a motor unit; a positive wave must be broad as well."""
    p = part("signals/needle")
    broad = kind.width_ms > p.value("unit_width_ms")
    return broad or (kind.duration_ms > p.value("unit_duration_ms") and not kind.positive_wave)


def _grouped_unit(kind: _Source_, late: float, rate_hz: float) -> bool:
    """Tell whether a source is a motor unit that fires in groups."""
    p = part("signals/needle")
    long = kind.duration_ms > p.value("unit_duration_ms") or kind.width_ms > p.value("unit_width_ms")
    return long and kind.size_uv >= p.value("lone_unit_uv") and _in_groups(kind.at[kind.at >= late], rate_hz)


def _likeness_later(sharp: Float64s, noise: float, rate_hz: float) -> float:
    """Return how exactly a recording repeats itself at a fixed time, twice over [-1..1]."""
    p = part("signals/needle")
    first, last = (int(ms * rate_hz / 1000.0) for ms in p.row("repeat_ms"))
    n = len(sharp)
    last = min(last, n // 3)
    if last <= first:
        return 0.0
    cut = np.clip(sharp, -8.0 * noise, 8.0 * noise)
    size = fft.next_fast_len(2 * n, True)
    with_itself = fft.irfft(np.abs(fft.rfft(cut, size)) ** 2, size)[:n]
    so_far = np.append(0.0, np.cumsum(cut**2))
    lag = np.arange(n)
    size = np.sqrt(np.maximum(so_far[n - lag] * (so_far[n] - so_far[lag]), 1e-12))
    alike = with_itself / size
    best = first + int(alike[first:last].argmax())
    slack = int(0.0005 * rate_hz)
    return float(min(alike[best], alike[2 * best - slack : 2 * best + slack + 1].max()))


def _in_groups(at: Ints, rate_hz: float) -> bool:
    """Tell whether a source fires in groups with silence between them."""
    p = part("signals/needle")
    if len(at) < 3:
        return False
    gaps = np.diff(at) * (1000.0 / rate_hz)
    cuts = np.flatnonzero(gaps > p.value("group_gap_ms"))
    starts, ends = np.append(0, cuts + 1), np.append(cuts, len(at) - 1)
    sizes = ends - starts + 1
    lengths = (at[ends] - at[starts]) * (1000.0 / rate_hz)
    groups = (sizes >= 3) & (lengths < p.value("group_longest_ms"))
    return bool(sizes[groups].sum() >= 0.7 * len(at))


def _shapes_of(result: _Spikes, graded: Trace) -> list[_Source_]:
    """Return sources that stand for themselves, with what their shapes say, largest first."""
    rate = graded.rate_hz
    heads = [source.at for source in _apart_in_time(result.sources, rate)]
    if not heads:
        return []
    raw = graded.samples_uv - np.median(graded.samples_uv)
    before, after = (int(ms * rate / 1000.0) for ms in _LONG_MS)
    reach = int(_REACH_MS * rate / 1000.0)
    slow, _, _ = _averaged(raw, heads, before, after)
    sharp, _, _ = _averaged(result.sharp, heads, reach, reach)
    kinds = []
    for at, mean, spike in zip(heads, slow, sharp, strict=True):
        noise = result.noise_uv / np.sqrt(len(at))
        shape = _measure_potential(Trace(mean, rate), 2.0 * noise)
        width = _width_ms(spike, noise, rate)
        wave = _positive_wave(mean[before - reach : before + reach], rate)
        kinds.append(_Source_(at, shape.duration_ms, width, shape.amplitude_uv, wave))
    return kinds


def _width_ms(sharp: Float64s, noise_uv: float, rate_hz: float) -> float:
    """Return the spread of the energy of a discharge in time: its standard deviation [ms]."""
    energy = np.where(np.abs(sharp) > max(4.0 * noise_uv, 0.05 * np.abs(sharp).max()), sharp**2, 0.0)
    total = energy.sum()
    if total <= 0.0:
        return 0.0
    at = np.arange(len(sharp)) * (1000.0 / rate_hz)
    middle = (energy * at).sum() / total
    return float(np.sqrt((energy * (at - middle) ** 2).sum() / total))


def _positive_wave(shape: Float64s, rate_hz: float) -> bool:
    """Tell whether a discharge is a positive wave: positive first, then no sharp negative spike."""
    p = part("signals/needle")
    third = len(shape) // 3
    top = third + int(shape[third : 2 * third].argmax())
    after = shape[top:]
    depth = -float(after.min())
    if depth < p.value("wave_negative_share") * float(shape[top]):
        return True
    lasting = np.count_nonzero(after < -0.5 * depth) * 1000.0 / rate_hz
    return bool(lasting > p.value("wave_negative_ms"))


def _train_count(sorted_out: int, peaks: Ints, lasts_ms: float) -> tuple[float, bool]:
    """Return how many trains run at a place, and whether they are too many to be told apart."""
    p = part("signals/needle")
    seen = len(peaks) / max(lasts_ms, 1.0)
    true_hz = 1000.0 * seen / max(1.0 - seen * p.value("hidden_ms"), 0.2)
    by_rate = true_hz / p.value("train_rate_hz")
    few, many = p.row("trains_hidden")
    weight = min(max((by_rate - few) / (many - few), 0.0), 1.0)
    return (1.0 - weight) * sorted_out + weight * by_rate, weight > 0.0


def _lone_units(result: _Spikes, graded: Trace, first: float) -> int:
    """Return how many discharges stand alone and are as long as a motor unit."""
    p = part("signals/needle")
    rate = graded.rate_hz
    before, after = (int(ms * rate / 1000.0) for ms in _LONG_MS)
    floor = max(p.value("lone_peak_uv"), p.value("peak_over_noise") * result.noise_uv)
    sharp = _rest_of(result.sharp, [source.at for source in result.sources], rate)
    peaks = _peaks_of(sharp, floor, after)
    peaks = peaks[peaks >= first]
    if not len(peaks):
        return 0
    raw = graded.samples_uv - np.median(graded.samples_uv)
    residual = _rest_of(raw, [source.at for source in _largest_first(result.sources)], rate)
    reach = int(_REACH_MS * rate / 1000.0)
    count = 0
    for at in peaks:
        one = np.array([at])
        mean = _windows(residual, one, before, after)[0]
        shape = _measure_potential(Trace(mean, rate), 2.0 * result.noise_uv)
        width = _width_ms(_windows(sharp, one, reach, reach)[0], result.noise_uv, rate)
        wave = _positive_wave(mean[before - reach : before + reach], rate)
        large = shape.amplitude_uv >= p.value("lone_unit_uv")
        count += large and _is_unit(_Source_(one, shape.duration_ms, width, shape.amplitude_uv, wave))
    return count
