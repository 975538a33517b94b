"""Late responses: F waves and the H reflex.

Trusted  2 to 100 kHz, sweeps of 40 to 200 ms; stimulus at 0 ms.

A late response is small, may begin with either polarity, and rides on the tail of the M wave. The tail is
fitted by slow waves that the response itself hardly moves; what stands out from the noise then is the
response, and its latency the first departure of its first phase, found as the take-off of a motor response.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.signals.markers import (
    _components,
    _limb,
    _noise_sd,
    _quiet_beside,
    _refined,
    _response_noise,
    _smoothed,
    motor_response,
)
from garland.signals.trace import Trace

ROBUST_ROUNDS = 6
FEWEST_SAMPLES = 64
SLOW_HZ = 5000.0
"""A slower sweep is interpolated to at least this: markers stand between its samples [Hz]."""
TAILS_MS = (1.5, 4.0)
"""Times in which the two waves that die away fall to 1/e [ms]."""
TAIL_ENDS_MS = 20.0
"""A window that opens later is clear of the steep part of the M wave's tail [ms]."""


class FWaves(NamedTuple):
    """F waves of repeated stimuli, K sweeps.

    Attributes
    ----------
    latencies_ms : ndarray
        Latency of each, NaN where there is none, shape (K,) [ms].
    amplitudes_uv : ndarray
        Peak to peak, NaN where there is none, shape (K,) [uV].
    shortest_ms, mean_ms : float or None
        Shortest and mean latency [ms]; None without any F wave.
    chronodispersion_ms : float or None
        Longest less shortest latency [ms].
    persistence_percent : float
        Stimuli followed by an F wave [%].
    """

    latencies_ms: Float64s
    amplitudes_uv: Float64s
    shortest_ms: float | None
    mean_ms: float | None
    chronodispersion_ms: float | None
    persistence_percent: float


class HReflex(NamedTuple):
    """The H reflex over stimuli of rising strength.

    Attributes
    ----------
    latency_ms : float
        Onset of the largest H reflex [ms].
    amplitude_uv, m_amplitude_uv : float
        Largest H and largest M, each peak to peak [uV].
    ratio : float or None
        Largest H over largest M [-]; None where no M wave was seen.
    sweep : int
        Which sweep holds the largest H.
    """

    latency_ms: float
    amplitude_uv: float
    m_amplitude_uv: float
    ratio: float | None
    sweep: int


class _Late(NamedTuple):
    """One late response: onset [ms], peak to peak [uV]."""

    onset_ms: float
    amplitude_uv: float


class _Rules(NamedTuple):
    begin_ms_cm: float
    end_ms_cm: float
    after_m_ms: float
    m_before_ms: float
    detect_ms: float
    lag_ms: float
    gap_ms: float
    smallest_uv: float


@lru_cache(maxsize=4)
def _rules(kind: str) -> _Rules:
    p = part("signals/markers").group(kind)
    return _Rules(*(p.value(name) for name in _Rules._fields))


def measure_f_waves(
    traces: Sequence[Trace],
    height_cm: float | None = None,
    window_ms: tuple[float, float] | None = None,
) -> FWaves:
    """Find the F wave of every sweep."""
    rules = _rules("f-wave")
    window = _window(traces, rules, height_cm, window_ms)
    found = [_late(trace, window, rules) for trace in traces]
    latencies = np.array([np.nan if one is None else one.onset_ms for one in found])
    amplitudes = np.array([np.nan if one is None else one.amplitude_uv for one in found])
    if np.isfinite(latencies).any():
        # What comes far before all the rest is no F wave, and would be the shortest.
        earliest = part("signals/markers").value("stray_f_share") * float(np.nanmedian(latencies))
        stray = latencies < earliest
        latencies, amplitudes = np.where(stray, np.nan, latencies), np.where(stray, np.nan, amplitudes)
    there = latencies[np.isfinite(latencies)]
    persistence = 100.0 * len(there) / len(latencies)
    if len(there) == 0:
        return FWaves(latencies, amplitudes, None, None, None, persistence)
    shortest, longest = float(there.min()), float(there.max())
    return FWaves(latencies, amplitudes, shortest, float(there.mean()), longest - shortest, persistence)


def measure_h_reflex(
    traces: Sequence[Trace],
    height_cm: float | None = None,
    window_ms: tuple[float, float] | None = None,
) -> HReflex | None:
    """Find the largest H reflex and the largest M wave of a series of stimuli."""
    rules = _rules("h-reflex")
    window = _window(traces, rules, height_cm, window_ms)
    found = [(late, k) for k, trace in enumerate(traces) if (late := _late(trace, window, rules)) is not None]
    if not found:
        return None
    largest, index = max(found, key=lambda one: one[0].amplitude_uv)
    direct = [motor_response(trace, end_ms=window[0]) for trace in traces]
    m_most = max((one.peak_to_peak_uv for one in direct if one is not None), default=0.0)
    ratio = largest.amplitude_uv / m_most if m_most > 0.0 else None
    return HReflex(largest.onset_ms, largest.amplitude_uv, m_most, ratio, index)


def _window(
    traces: Sequence[Trace], rules: _Rules, height_cm: float | None, window_ms: tuple[float, float] | None
) -> tuple[float, float]:
    """Return when a late response may begin and end [ms]."""
    if not traces:
        raise InputError("traces", 0, "sweeps cannot hold a late response", "give at least one")
    sweep = min(trace.start_ms + trace.duration_ms for trace in traces)
    if window_ms is not None:
        begin, end = window_ms
    elif height_cm is not None:
        if not 50.0 <= height_cm <= 250.0:
            raise InputError(
                "height_cm", height_cm, "is not a body height", "give it in centimetres, 50 to 250"
            )
        begin, end = rules.begin_ms_cm * height_cm, rules.end_ms_cm * height_cm
    else:
        # An H reflex larger than the M wave would be taken for it, were it let into the search.
        latest = min(0.6 * sweep, rules.m_before_ms)
        ends = [one.end_ms for trace in traces if (one := motor_response(trace, end_ms=latest)) is not None]
        begin, end = (float(np.median(ends)) if ends else 0.0) + rules.after_m_ms, sweep
    if not begin < end:
        raise InputError("window_ms", (begin, end), "is upside down", "write begin before end")
    if begin + FEWEST_SAMPLES * 1000.0 / traces[0].rate_hz > sweep:
        rule = "ends before a late response can come"
        raise InputError("traces", f"sweep of {sweep:.3g} ms", rule, "record 100 ms")
    return begin, min(end, sweep)


def _late(trace: Trace, window_ms: tuple[float, float], rules: _Rules) -> _Late | None:
    """Return the late response of one sweep."""
    if not np.isfinite(trace.samples_uv).all():
        raise InputError(
            trace.label or "trace", "NaN", "is not a number that was recorded", "leave the sweep out"
        )
    if (factor := int(np.ceil(SLOW_HZ / trace.rate_hz))) > 1:
        fine = _refined(trace.samples_uv, factor)
        trace = Trace(fine, trace.rate_hz * factor, trace.start_ms, trace.label)
    per_ms = trace.rate_hz / 1000.0
    edge = round(rules.detect_ms * per_ms)
    piece = trace.between(window_ms[0] - rules.detect_ms, window_ms[1])
    level = _without_tail(piece.samples_uv, per_ms, piece.start_ms < TAIL_ENDS_MS)
    smooth = _smoothed(level, rules.detect_ms * per_ms, 2)
    lag = round(rules.lag_ms * per_ms)
    noise = _noise_sd(smooth, lag)
    either = np.abs(smooth)
    phases = _components(either, noise, rules.gap_ms * per_ms, edge)
    if not phases:
        return None
    noise = _noise_sd(smooth, lag, _quiet_beside(len(smooth), phases))
    phases = _components(either, noise, rules.gap_ms * per_ms, edge)
    first, last = phases[0][0], phases[-1][1]
    # A weak long phase that follows counts no phase of its own, but belongs to the height from peak to peak.
    whole = smooth[first : last + (last - first)]
    size = float(max(whole.max(), 0.0) - min(whole.min(), 0.0))
    if either[first:last].max() < _response_noise() * noise or size < rules.smallest_uv:
        return None
    sign = float(np.sign(smooth[phases[0][0] + int(np.argmax(either[slice(*phases[0])]))]))
    _, take_off, _ = _limb(sign * smooth, *phases[0])
    return _Late(piece.start_ms + take_off / per_ms, size)


def _without_tail(samples: Float64s, per_ms: float, early: bool) -> Float64s:
    """Return a sweep less the tail of what came before it, shape (n,).

    The tail is a cubic, and `early` also two waves that die away from the beginning, fitted to what is not
    the response.
    """
    powers = np.linspace(-1.0, 1.0, len(samples))[:, None] ** np.arange(4)
    if early:
        dying = np.exp(-np.arange(len(samples))[:, None] / (per_ms * np.array(TAILS_MS)))
        powers = np.hstack([powers, dying])
    coarse = slice(None, None, max(len(samples) // 250, 1))
    weights = np.ones(len(samples))[coarse]
    residual = samples
    for _ in range(ROBUST_ROUNDS):
        weighed = powers[coarse] * weights[:, None]
        fit = np.linalg.lstsq(weighed.T @ powers[coarse], weighed.T @ samples[coarse], rcond=None)[0]
        residual = samples - powers @ fit
        scale = 3.0 * float(np.median(np.abs(residual[coarse]))) + 1e-12
        weights = 1.0 / (1.0 + (residual[coarse] / scale) ** 2) ** 2
    return np.asarray(residual, float)
