"""Discharges in a needle recording: sharpening, noise, peaks, and how regularly a source fires."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from garland.evidence import part
from garland.signals.trace import Floats, Trace

Ints = NDArray[np.int64]
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
    template: Floats


def _sharpened(trace: Trace, low_hz: float | None = None, high_hz: float | None = None) -> Floats:
    """Return the recording through a band pass without phase shift, shape (n,) [uV]."""
    p = part("signals/needle")
    low = p.value("sharp_low_hz") if low_hz is None else low_hz
    high = p.value("sharp_high_hz") if high_hz is None else high_hz
    n = len(trace.samples_uv)
    if n == 0:
        return np.zeros(0)
    size = 1 << int(np.ceil(np.log2(n + trace.rate_hz * 0.02)))
    spectrum = np.fft.rfft(trace.samples_uv - np.median(trace.samples_uv), size)
    hz = np.fft.rfftfreq(size, 1.0 / trace.rate_hz)
    above = (hz / low) ** 4
    spectrum *= above / (1.0 + above) / (1.0 + (hz / high) ** 4)
    return np.asarray(np.fft.irfft(spectrum, size)[:n], float)


def _noise_uv(sharp: Floats, rate_hz: float, quiet: float = 0.2) -> float:
    """Return the standard deviation of the noise between discharges [uV]."""
    width = max(int(0.01 * rate_hz), 8)
    blocks = len(sharp) // width
    least = part("signals/needle").value("least_noise_uv")
    if blocks == 0:
        return least
    sizes = np.median(np.abs(sharp[: blocks * width].reshape(blocks, width)), axis=1) / _GAUSS_MEDIAN
    return max(float(np.quantile(sizes, quiet)), least)


def _peaks_of(sharp: Floats, floor_uv: float, apart: int) -> Ints:
    """Return the sample numbers of peaks of either sign above `floor_uv`, at least `apart` samples apart."""
    if len(sharp) == 0:
        return np.zeros(0, np.int64)
    size = np.abs(sharp)
    top = (size >= floor_uv) & (size >= maximum_filter1d(size, 2 * apart + 1, mode="constant"))
    at = np.flatnonzero(top)
    return at[np.diff(at, prepend=-2 * apart) > apart]


def _windows(samples: Floats, at: Ints, before: int, after: int) -> Floats:
    """Return the samples about each moment, shape (E, before + after); beyond the ends zero."""
    padded = np.concatenate([np.zeros(before), samples, np.zeros(after)])
    inside = np.clip(at, 0, max(len(samples) - 1, 0))
    return np.asarray(padded[inside[:, None] + np.arange(before + after)[None, :]], float)


def _regularity(at: Ints, rate_hz: float) -> tuple[float, float]:
    """Return the rate [1/s] and the coefficient of variation of intervals of a source; gaps are multiples."""
    if len(at) < 3:
        return 0.0, np.inf
    gaps = np.diff(at) / rate_hz
    usual = float(np.median(gaps))
    single = gaps / np.maximum(np.round(gaps / usual), 1.0)
    return float(1.0 / np.median(single)), float(single.std() / single.mean())


def _linked(at: Ints, other: Ints, rate_hz: float) -> NDArray[np.bool_]:
    """Tell which discharges of one source stand at one fixed time from those of another, shape (D,)."""
    p = part("signals/needle")
    reach, jitter = (p.value(name) * rate_hz / 1000.0 for name in ("linked_ms", "linked_jitter_ms"))
    gaps = at[:, None] - other[None, :]
    near = np.sort(gaps[np.abs(gaps) <= reach])
    if len(near) == 0:
        return np.zeros(len(at), bool)
    together = np.searchsorted(near, near + 2.0 * jitter, side="right") - np.arange(len(near))
    first = int(together.argmax())
    if together[first] < max(p.value("linked_share") * min(len(at), len(other)), 3.0):
        return np.zeros(len(at), bool)
    same = (gaps >= near[first]) & (gaps <= near[first] + 2.0 * jitter)
    return np.asarray(same.any(axis=1), bool)


def _apart_in_time(sources: Sequence[_Source], rate_hz: float) -> list[_Source]:
    """Return sources without discharges that stand at a fixed time from a larger one: parts of that unit."""
    share = part("signals/needle").value("linked_share")
    kept: list[_Source] = []
    for source in sources:
        at = source.at
        for other in kept:
            parts = _linked(at, other.at, rate_hz)
            at = at[:0] if parts.sum() >= share * max(len(at), 1) else at[~parts]
        if len(at):
            kept.append(_Source(at, source.template))
    return kept
