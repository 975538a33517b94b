"""Pulses whose amplitude, area and times are known in closed form, and noise as an amplifier makes it."""

from __future__ import annotations

import numpy as np

from garland._types import Float64s
from garland.signals.trace import Trace

FOOT_SD = 2.4427
"""Where a line through 10 % and 30 % of a Gaussian meets zero [standard deviations before the peak]."""


def clock(rate_hz: float, sweep_ms: float, start_ms: float = 0.0) -> Float64s:
    return start_ms + np.arange(round(sweep_ms * rate_hz / 1000.0)) * 1000.0 / rate_hz


def half_sine(
    onset_ms: float, width_ms: float, size_uv: float, rate_hz: float = 25e3, sweep_ms: float = 50.0
) -> Trace:
    t = clock(rate_hz, sweep_ms)
    inside = (t > onset_ms) & (t < onset_ms + width_ms)
    return Trace(-size_uv * np.where(inside, np.sin(np.pi * (t - onset_ms) / width_ms), 0.0), rate_hz)


def gaussian(
    peak_ms: float, sd_ms: float, size_uv: float, rate_hz: float = 50e3, sweep_ms: float = 20.0
) -> Trace:
    t = clock(rate_hz, sweep_ms)
    return Trace(-size_uv * np.exp(-0.5 * ((t - peak_ms) / sd_ms) ** 2), rate_hz)


def triphasic(t: Float64s, onset_ms: float, size_uv: float, positive: float = 0.35) -> Float64s:
    def hump(at: float, sd: float) -> Float64s:
        return np.exp(-0.5 * ((t - at) / sd) ** 2)

    wave = positive * hump(onset_ms, 0.22) - hump(onset_ms + 0.55, 0.25) + 0.25 * hump(onset_ms + 1.25, 0.4)
    return size_uv * wave / -wave.min()


def muscle(t: Float64s, onset_ms: float, size_uv: float) -> Float64s:
    """A CMAP: abrupt onset, negative phase of 6 ms, positive phase."""
    rise, late = np.clip((t - onset_ms) / 1.6, 0, None), np.clip((t - onset_ms - 5.0) / 4, 0, None)
    return size_uv * (-(rise**1.6) * np.exp(1.6 * (1 - rise)) + 0.35 * late**2 * np.exp(2 * (1 - late)))


def noise(rng: np.random.Generator, n: int, rate_hz: float, low_hz: float, high_hz: float) -> Float64s:
    """Noise of unit standard deviation between two frequencies, first order below and second above."""
    f = np.fft.rfftfreq(n, 1 / rate_hz)
    gain = (f / low_hz) / np.sqrt(1 + (f / low_hz) ** 2) / np.sqrt(1 + (f / high_hz) ** 4)
    return np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * gain, n) / np.sqrt(np.mean(gain**2))
