"""Discharges of a needle recording: found, and sorted by shape into sources.

A recording is first sharpened by a band pass, so that slow and distant activity fades. Peaks well above its
noise are discharges; those of one shape are one source; the mean of a source is its template. Templates are
then looked for everywhere, the best fitting first, each taken out of the signal where it is found, so that a
discharge hidden under another is still met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import maximum_filter1d

from garland._types import Float64s, Ints
from garland.evidence import part
from garland.signals.trace import Trace

_GAUSS_MEDIAN = 0.6745


class _Source(NamedTuple):
    """Discharges that look alike.

    Attributes
    ----------
    at : ndarray
        Sample numbers of the discharges in order, shape (D,) [-].
    template : ndarray
        Mean of the sharpened discharges, shape (L,) [uV].
    """

    at: Ints
    template: Float64s


def _sharpened(trace: Trace, low_hz: float | None = None, high_hz: float | None = None) -> Float64s:
    """Return the recording through a band pass without phase shift, shape (n,) [uV]."""
    p = part("signals/needle")
    low = p.value("sharp_low_hz") if low_hz is None else low_hz
    high = p.value("sharp_high_hz") if high_hz is None else high_hz
    return _band_passed(trace, low, high)


@lru_cache(maxsize=8)
def _band_passed(trace: Trace, low_hz: float, high_hz: float) -> Float64s:
    """Return `_sharpened`, made once for the several that look at one recording; read-only."""
    n = len(trace.samples_uv)
    if n == 0:
        return np.zeros(0)
    # 20 ms of zeros: a circular filter would fold the end of the recording onto its beginning.
    size = fft.next_fast_len(n + int(trace.rate_hz * 0.02), True)
    spectrum = fft.rfft(trace.samples_uv - _median(trace.samples_uv), size)
    sharp = fft.irfft(spectrum * _band(size, trace.rate_hz, low_hz, high_hz), size)[:n]
    sharp.setflags(write=False)
    return np.asarray(sharp, float)


@lru_cache(maxsize=32)
def _band(size: int, rate_hz: float, low_hz: float, high_hz: float) -> Float64s:
    """Return what the band pass leaves of each frequency, shape (size // 2 + 1,) [0..1]."""
    hz = np.fft.rfftfreq(size, 1.0 / rate_hz)
    above = (hz / low_hz) ** 4
    # Magnitudes only. A filter with phase would shift sharp and dull discharges by different times.
    return np.asarray(above / (1.0 + above) / (1.0 + (hz / high_hz) ** 4), float)


def _median(values: Float64s) -> Float64s:
    """Return the median along the last axis, as NumPy does, which takes ten times as long for few values."""
    count = values.shape[-1]
    ordered = np.sort(values)
    return np.asarray(0.5 * (ordered[..., (count - 1) // 2] + ordered[..., count // 2]), float)


def _noise_uv(sharp: Float64s, rate_hz: float, quiet: float = 0.2) -> float:
    """Return the standard deviation of the noise between discharges [uV]."""
    width = max(int(0.01 * rate_hz), 8)
    blocks = len(sharp) // width
    least = part("signals/needle").value("least_noise_uv")
    if blocks == 0:
        return least
    # A low quantile over blocks: in full effort most blocks hold discharges, and the median of all is no
    # noise.
    sizes = _median(np.abs(sharp[: blocks * width].reshape(blocks, width))) / _GAUSS_MEDIAN
    return max(float(np.quantile(sizes, quiet)), least)


def _peaks_of(sharp: Float64s, floor_uv: float, apart: int) -> Ints:
    """Return the sample numbers of peaks of either sign above `floor_uv`, at least `apart` samples apart."""
    if len(sharp) == 0:
        return np.zeros(0, np.int64)
    size = np.abs(sharp)
    # Neighbours of one height both pass the filter for maxima; of these the first is kept below.
    top = (size >= floor_uv) & (size >= maximum_filter1d(size, 2 * apart + 1, mode="constant"))
    at = np.flatnonzero(top)
    return at[np.diff(at, prepend=-2 * apart) > apart]


def _windows(samples: Float64s, at: Ints, before: int, after: int) -> Float64s:
    """Return the samples about each moment, shape (E, before + after); beyond the ends zero."""
    inside = np.clip(at, 0, max(len(samples) - 1, 0))
    return sliding_window_view(np.pad(samples, (before, after)), before + after)[inside]


def _regularity(at: Ints, rate_hz: float) -> tuple[float, float]:
    """Return the rate [1/s] and the coefficient of variation of intervals of a source; gaps are multiples."""
    if len(at) < 3:
        return 0.0, np.inf
    gaps = np.diff(at) / rate_hz
    usual = float(_median(gaps))
    # A gap that holds a missed discharge is divided by its whole number: to miss is not to fire unevenly.
    single = gaps / np.maximum(np.round(gaps / usual), 1.0)
    return float(1.0 / _median(single)), float(single.std() / single.mean())


def _linked(at: Ints, other: Ints, rate_hz: float) -> NDArray[np.bool_]:
    """Tell which discharges of one source stand at one fixed time from those of another, shape (D,)."""
    p = part("signals/needle")
    reach, jitter = (p.value(name) * rate_hz / 1000.0 for name in ("linked_ms", "linked_jitter_ms"))
    gaps = at[:, None] - other[None, :]
    near = np.sort(gaps[np.abs(gaps) <= reach])
    if len(near) == 0:
        return np.zeros(len(at), bool)
    # The densest stretch of sorted gaps: bins of a histogram would part a tight cluster at their edges.
    together = np.searchsorted(near, near + 2.0 * jitter, side="right") - np.arange(len(near))
    first = int(together.argmax())
    if together[first] < max(p.value("linked_share") * min(len(at), len(other)), 3.0):
        return np.zeros(len(at), bool)
    same = (gaps >= near[first]) & (gaps <= near[first] + 2.0 * jitter)
    return np.asarray(same.any(axis=1), bool)


def _apart_in_time(sources: Sequence[_Source], rate_hz: float) -> list[_Source]:
    """Return sources, largest first, without what stands at a fixed time from a larger one: a part of it."""
    share = part("signals/needle").value("linked_share")
    kept: list[_Source] = []
    for source in _largest_first(sources):
        at = source.at
        for other in kept:
            parts = _linked(at, other.at, rate_hz)
            at = at[:0] if parts.sum() >= share * max(len(at), 1) else at[~parts]
        if len(at):
            kept.append(_Source(at, source.template))
    return kept


def _largest_first(sources: Sequence[_Source]) -> list[_Source]:
    """Return sources by the energy of their template."""
    return sorted(sources, key=lambda source: -float((source.template**2).sum()))


_LONG_MS = (10.0, 16.0)
"""What is taken out of a recording about a discharge, before and after [ms]."""
_ROUNDS = 3
"""Times that sources are averaged, each time with the others taken out as they were found before."""
_STEP = 2
"""Every second sample is enough to compare shapes."""


class _Spikes(NamedTuple):
    """What was found in one recording.

    Attributes
    ----------
    sharp : ndarray
        The sharpened recording, shape (n,) [uV].
    noise_uv : float
        Standard deviation of its noise [uV].
    peaks : ndarray
        Sample numbers of all discharges, shape (E,) [-].
    sources : tuple of Source
        As they were found.
    """

    sharp: Float64s
    noise_uv: float
    peaks: Ints
    sources: tuple[_Source, ...]


def _unlike(pieces: Float64s, noise_uv_: float, shifts: int) -> tuple[Float64s, Ints]:
    """Return how unlike any two pieces are when best aligned, and by how many samples one must move.

    Energy of the difference beyond noise over the larger energy, shape (E, E) [-]; shift [samples]: piece j
    moved by [i, j] to the right fits piece i.
    """
    tried = np.arange(-(shifts // _STEP) * _STEP, shifts + 1, _STEP)
    wide = np.pad(pieces.astype(np.float32), ((0, 0), (shifts, shifts)))
    moved = sliding_window_view(wide, pieces.shape[1], axis=1)[:, shifts - tried, ::_STEP]
    few = pieces[:, ::_STEP].astype(np.float32)
    # A product of matrices for each piece: a loop over pairs is many times slower, and one product of all
    # would be given to threads, which cost more than so small a sum.
    alike = (np.ascontiguousarray(moved) @ few.T).swapaxes(0, 1)
    best, top = alike.argmax(0).T, alike.max(0).T
    energy = (few**2).sum(1)
    # Two records of one shape still differ by the noise of both; left in, it would part the small units.
    gap = energy[:, None] + energy[None, :] - 2.0 * top - 2.0 * few.shape[1] * noise_uv_**2
    larger = np.maximum(energy[:, None], energy[None, :])
    return np.asarray(np.maximum(gap, 0.0) / np.maximum(larger, 1e-9), float), tried[best]


def _grouped(near: NDArray[np.bool_], least: int) -> Iterator[tuple[int, Ints]]:
    """Yield groups of `least` or more pieces, the fullest first: one piece, and those near it."""
    waiting, counts = np.ones(len(near), bool), near.sum(1)
    while counts.max() >= least:
        middle = int(counts.argmax())
        members = np.flatnonzero(near[middle] & waiting)
        yield middle, members
        waiting[members] = False
        counts = np.where(waiting, counts - near[:, members].sum(1), 0)


def _sorted_by_shape(
    pieces: Float64s, at: Ints, noise_rate: tuple[float, float], shifts: int, least: int
) -> list[tuple[Ints, Ints]]:
    """Return groups of `least` or more alike pieces, members and their shifts, each shape (D,).

    A group that does not fire regularly is sorted again more strictly.
    """
    p = part("signals/needle")
    noise, rate = noise_rate
    unlikeness, uneven = p.value("unlikeness"), p.value("uneven")
    far, shift = _unlike(pieces, noise, shifts)
    waiting = [(np.arange(len(at)), np.zeros(len(at), np.int64))]
    done: list[tuple[Ints, Ints]] = []
    for _ in range(int(p.value("sortings"))):
        again: list[tuple[Ints, Ints]] = []
        for rows, _by in waiting:
            for middle, members in _grouped(far[np.ix_(rows, rows)] <= unlikeness, least):
                one = (rows[members], shift[rows[middle], rows[members]])
                # One unit fires evenly whatever its shape. Only groups that do not are sorted again, at half
                # the tolerance: a strict tolerance from the start would split a unit that fatigues or
                # jiggles.
                mixed = len(members) > least and _regularity(at[one[0]], rate)[1] > uneven
                (again if mixed else done).append(one)
        waiting, unlikeness = again, unlikeness / 2.0
    return done + waiting


def _find_spikes(trace: Trace, least: int = 2, most: int = 12) -> _Spikes:
    """Find the discharges of a recording and sort them by shape."""
    p = part("signals/needle")
    rate = trace.rate_hz
    sharp = _sharpened(trace)
    noise = _noise_uv(sharp, rate)
    apart = int(p.value("apart_ms") * rate / 1000.0)
    peaks = _peaks_of(sharp, p.value("peak_over_noise") * noise, apart)
    sources: list[_Source] = []
    residual, at = sharp, peaks
    # Shapes met three times come first: what is met twice is often two others superposed, and only shows as
    # itself once those are taken out.
    for count in (max(least, 3), least):
        if sources:
            residual = _rest_of(sharp, [source.at for source in sources], rate)
            at = _peaks_of(residual, p.value("peak_over_noise") * noise, apart)
        if len(at) >= count and len(sources) < most:
            templates = _templates_of(residual, at, noise, rate, count)[: most - len(sources)]
            found = _found_again(residual, templates, noise, rate)
            sources += [source for source in found if len(source.at) >= count]
    return _Spikes(sharp, noise, peaks, tuple(sources))


def _reach(rate_hz: float) -> tuple[int, int]:
    """Return how many samples of a discharge are compared before and after its moment."""
    p = part("signals/needle")
    return int(p.value("shape_before_ms") * rate_hz / 1000.0), int(
        p.value("shape_after_ms") * rate_hz / 1000.0
    )


def _templates_of(sharp: Float64s, peaks: Ints, noise: float, rate_hz: float, least: int) -> list[Float64s]:
    """Return the mean discharge of each group of alike peaks, largest first, each shape (L,) [uV]."""
    p = part("signals/needle")
    before, after = _reach(rate_hz)
    largest = np.sort(np.argsort(-np.abs(sharp[peaks]), kind="stable")[: int(p.value("most_sorted"))])
    chosen = peaks[largest]
    pieces = _windows(sharp, chosen, before, after)
    shifts = max(int(p.value("align_ms") * rate_hz / 1000.0), 1)
    groups = _sorted_by_shape(pieces, chosen, (noise, rate_hz), shifts, least)
    made = [_windows(sharp, chosen[rows] - by, before, after).mean(0) for rows, by in groups]
    return sorted(made, key=lambda template: -float((template**2).sum()))


def _rest_of(samples: Float64s, ats: Sequence[Ints], rate_hz: float) -> Float64s:
    """Return what is left of a recording when sources are taken out far beyond their spikes, shape (n,)
    [uV].
    """
    before, after = (int(ms * rate_hz / 1000.0) for ms in _LONG_MS)
    return _averaged(samples, ats, before, after)[2]


def _found_again(
    sharp: Float64s, templates: list[Float64s], noise: float, rate_hz: float
) -> tuple[_Source, ...]:
    """Return where templates fit, each taken out of the signal where it fits best, best fit first."""
    if not templates:
        return ()
    p = part("signals/needle")
    before = _reach(rate_hz)[0]
    stack = np.stack(templates)
    length = stack.shape[1]
    energy = (stack**2).sum(1)
    alike = _matches(stack, np.append(sharp, np.zeros(length)))[:, : max(len(sharp) - before, 1)]
    cross = _cross(stack)
    wait = int(p.value("refractory_ms") * rate_hz / 1000.0)
    # How much less energy is left if a template is taken out here: twice the match less its own energy.
    gain = 2.0 * alike - energy[:, None]
    # Nine variances of noise, or a template of little energy would be fitted to noise alone.
    allowed = np.maximum(p.value("least_fit") * energy, 9.0 * noise**2)
    # Half of what is asked: taking out a neighbour may raise a place, and the rest need not be searched.
    place, kind = np.nonzero((gain >= 0.5 * allowed[:, None]).T)
    likely, worth = gain[kind, place], allowed[kind]
    found: list[list[int]] = [[] for _ in templates]
    for _ in range(int(p.value("most_discharges")) if len(place) else 0):
        enough = np.where(likely >= worth, likely, -np.inf)
        best = int(enough.argmax())
        if enough[best] == -np.inf:
            break
        k, at = int(kind[best]), int(place[best])
        found[k].append(at + before)
        reach = slice(*np.searchsorted(place, (at - length + 1, at + length)))
        # Matches are brought up to date by the overlap of templates; to filter anew after each find is too
        # slow.
        likely[reach] -= 2.0 * cross[k, kind[reach], place[reach] - at + length - 1]
        # Without this wait a poor fit is mended by a second copy of the same template beside the first.
        near = slice(*np.searchsorted(place, (at - wait, at + wait + 1)))
        likely[near][kind[near] == k] = -np.inf
    return tuple(_Source(np.sort(np.array(f, np.int64)), t) for f, t in zip(found, templates, strict=True))


def _matches(stack: Float64s, samples: Float64s) -> Float64s:
    """Return <template k, samples from n on> for all k and n that hold it, shape (K, n - L + 1)."""
    # Short stretches that overlap by a template: one transform of the whole recording is slower by far.
    length = stack.shape[1]
    size = fft.next_fast_len(4 * length, True)
    step, count = size - length + 1, len(samples) - length + 1
    padded = np.append(samples, np.zeros(-count % step))
    spectra = fft.rfft(sliding_window_view(padded, size)[::step])
    alike = fft.irfft(spectra * np.conj(fft.rfft(stack, size))[:, None], size)
    return np.asarray(alike[..., :step].reshape(len(stack), -1)[:, :count], float)


def _cross(stack: Float64s) -> Float64s:
    """Return <template j moved by s, template k> for all k, j and s = 1-L..L-1, shape (K, K, 2L - 1)."""
    length = stack.shape[1]
    size = fft.next_fast_len(2 * length, True)
    spectra = fft.rfft(stack, size)
    circular = fft.irfft(spectra[:, None] * np.conj(spectra), size)
    return np.concatenate([circular[..., size - length + 1 :], circular[..., :length]], axis=-1)


def _averaged(
    raw: Float64s, ats: Sequence[Ints], before: int, after: int
) -> tuple[list[Float64s], list[Float64s], Float64s]:
    """Return the average of each unit with the others taken out, its single discharges, and what is left.

    U averages, shape (L,) [uV]; U sets of single discharges, shape (D, L) [uV]; the rest of the recording,
    shape (n,) [uV].
    """
    length = before + after
    averages = [np.zeros(length) for _ in ats]
    rests = [np.zeros((0, length)) for _ in ats]
    residual = np.pad(raw, (before, after))
    # Faded in and out: a level left at the ends would leave steps in what remains of the recording.
    ramp = np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.1 * before)
    for _ in range(_ROUNDS):
        for k, at in enumerate(ats):
            for first in at:
                residual[first : first + length] += averages[k]
            rests[k] = residual[at[:, None] + np.arange(length)]
            level = _median(rests[k][:, : before // 2 : 6])[:, None]
            averages[k] = _middle_mean(rests[k] - level) * np.minimum(ramp, 1.0)
            for first in at:
                residual[first : first + length] -= averages[k]
    return averages, rests, residual[before : before + len(raw)]


def _middle_mean(pieces: Float64s) -> Float64s:
    """Return the mean of the middle half of the values at each sample, shape (L,)."""
    # As safe from a superposed discharge as a median, with less noise.
    cut = len(pieces) // 4
    ordered = np.sort(pieces, axis=0)
    return np.asarray(ordered[cut : len(pieces) - cut].mean(0), float)
