"""Known needle signals in closed form: potentials laid at known times over known noise."""

from __future__ import annotations

import numpy as np

from garland._types import Float64s
from garland.signals.trace import Trace

RATE_HZ = 24000.0


def bell(time_ms: Float64s, middle_ms: float, width_ms: float) -> Float64s:
    return np.asarray(np.exp(-0.5 * ((time_ms - middle_ms) / width_ms) ** 2))


def fibre(size_uv: float = 300.0, width_ms: float = 0.25) -> Float64s:
    """A fibrillation: positive, sharply negative, slowly positive; peak to peak `size_uv`."""
    time = np.arange(-4.0, 6.0, 1000.0 / RATE_HZ)
    wave = 0.5 * bell(time, -2.4 * width_ms, width_ms) - bell(time, 0.0, width_ms)
    wave += 0.3 * bell(time, 3.0 * width_ms, 2.0 * width_ms)
    return np.asarray(wave * size_uv / np.ptp(wave))


def wave(size_uv: float = 300.0) -> Float64s:
    """A positive wave: sharp and positive, then low and long."""
    time = np.arange(0.0, 25.0, 1000.0 / RATE_HZ)
    shape = time / 0.6 * np.exp(1.0 - time / 0.6) - 0.25 * time / 4.0 * np.exp(1.0 - time / 4.0)
    return np.asarray(shape * bell(time, 0.0, 12.0) * size_uv / np.ptp(shape))


def unit(size_uv: float = 600.0, spikes_ms: tuple[float, ...] = (0.0,), slow: float = 0.12) -> Float64s:
    """A motor unit: one or more spikes on a slow potential of some 10 ms; peak to peak `size_uv`."""
    time = np.arange(-14.0, 26.0, 1000.0 / RATE_HZ)
    shape = sum(0.4 * bell(time, at - 0.9, 0.4) - bell(time, at, 0.35) for at in spikes_ms)
    shape = shape + slow * (bell(time, -2.5, 1.2) - bell(time, 1.5, 2.0) + 0.5 * bell(time, 5.0, 1.2))
    return np.asarray(shape * size_uv / np.ptp(shape))


def train(rate_hz: float, seconds: float, uneven: float, rng: np.random.Generator) -> Float64s:
    """Times of discharges at a rate, intervals varying by `uneven` [s]."""
    gaps = np.maximum(1.0 + uneven * rng.standard_normal(int(seconds * rate_hz * 2) + 4), 0.3) / rate_hz
    gaps[0] *= rng.random()
    times = np.cumsum(gaps)
    return np.asarray(times[times < seconds])


def recording(
    parts: list[tuple[Float64s, Float64s]], seconds: float, rng: np.random.Generator, noise_uv: float = 2.5
) -> Trace:
    """Potentials laid at their times [s], over white noise."""
    samples = noise_uv * rng.standard_normal(round(seconds * RATE_HZ))
    for potential, times in parts:
        for at in np.rint(np.asarray(times) * RATE_HZ).astype(int):
            piece = potential[: max(len(samples) - at, 0)]
            samples[at : at + len(piece)] += piece
    return Trace(samples, RATE_HZ)
