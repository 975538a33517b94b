"""Cursors on a motor or sensory response, set as an EMG machine sets them.

Trusted  10 to 100 kHz; stimulus at 0 ms; active minus reference, so that the response goes negative.

The negative peak is the largest deflection away from the level just before the response. The take-off is
where a line through 10 % and 30 % of the rising limb meets that level, the end the same on the falling limb:
a half sine is marked at its ends, a Gaussian where it stands at 5 % of its peak. A sensory response that
begins positive is marked at its positive peak. Smoothing widens with noise and vanishes without it. The
definitions do not depend on the noise, so that a small response is not marked late for being small.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from garland.errors import InputError
from garland.evidence import part
from garland.signals import curve
from garland.signals.search import (
    _Found,
    _found_in,
    _Limits,
    _limits_of,
    _quiet_beside,
    _Rules,
    _rules,
    _shares,
)
from garland.signals.trace import Floats, Trace

FEWEST_SAMPLES = 32


class Response(NamedTuple):
    """A response and its cursors; no response is None.

    Attributes
    ----------
    onset_ms, peak_ms, end_ms : float
        Onset, negative peak, end of the negative phase, after the stimulus [ms]. The onset of a sensory
        response is its initial positive peak where there is one.
    amplitude_uv : float
        Baseline to negative peak, a positive number [uV].
    peak_to_peak_uv : float
        Negative peak to the larger of the positive peaks beside it [uV].
    area_uv_ms : float
        Area of the negative phase [uV.ms]; of a dispersed response the sum over its negative phases, positive
        ones left out.
    duration_ms : float
        From take-off to end of the negative phase, pauses included [ms].
    initial_positive : bool
        Whether a positive deflection comes first: in a motor study the active electrode is off the
        end-plates.
    baseline_uv, noise_uv : float
        Level before the response and standard deviation of the noise [uV].
    """

    onset_ms: float
    peak_ms: float
    end_ms: float
    amplitude_uv: float
    peak_to_peak_uv: float
    area_uv_ms: float
    duration_ms: float
    initial_positive: bool
    baseline_uv: float
    noise_uv: float


def motor_response(
    trace: Trace, begin_ms: float | None = None, end_ms: float | None = None
) -> Response | None:
    """Set the cursors of a compound muscle action potential (CMAP).

    None where nothing stands out from noise, or nothing larger than the smallest response (NR).
    """
    return _measured(trace, _rules("motor"), begin_ms, end_ms)


def sensory_response(
    trace: Trace, begin_ms: float | None = None, end_ms: float | None = None
) -> Response | None:
    """Set the cursors of a sensory nerve action potential (SNAP).

    None where nothing stands out from noise, or nothing larger than the smallest response (NR).
    """
    return _measured(trace, _rules("sensory"), begin_ms, end_ms)


def _measured(trace: Trace, rule: _Rules, begin_ms: float | None, end_ms: float | None) -> Response | None:
    window = trace.between(
        rule.begin_ms if begin_ms is None else begin_ms, rule.end_ms if end_ms is None else end_ms
    )
    _check(trace, window)
    factor = int(np.ceil(_shares()["fine_khz"] * 1000.0 / window.rate_hz - 1e-9))
    fine = Trace(
        curve._refined(window.samples_uv, factor),
        window.rate_hz * max(factor, 1),
        window.start_ms,
        window.label,
    )
    found = _found_in(fine, rule)
    return None if found is None else _marked(fine, found, rule)


def _check(trace: Trace, window: Trace) -> None:
    label = trace.label or "trace"
    if not np.isfinite(trace.samples_uv).all():
        raise InputError(label, "NaN", "is not a number that was recorded", "cut the trace or repair it")
    if len(window.samples_uv) < FEWEST_SAMPLES:
        end = trace.start_ms + trace.duration_ms
        raise InputError(label, f"{end:.3g} ms", "ends before a response can come", "give a longer sweep")


def _marked(fine: Trace, found: _Found, rule: _Rules) -> Response | None:
    """Return the cursors, set on curves smoothed as little as the noise allows."""
    per_ms = fine.rate_hz / 1000.0
    raw = found.baseline - fine.samples_uv
    main = max(found.components, key=lambda phase: float(raw[phase[0] : phase[1]].max()))
    wide, top = _half_width(raw, curve._smoothed(raw, rule.detect_ms * per_ms, 2), main)
    lag, quiet = round(rule.lag_ms * per_ms), _quiet_beside(len(raw), found.components)
    ratio = curve._noise_sd(raw, lag, quiet) / top
    most = rule.detect_ms * per_ms
    edges = curve._smoothed(raw, min(wide * _width("edge_width", ratio), most), 2)
    width = min(wide * _width("peak_width", ratio), 2.0 * most)
    broad, peaks = curve._smoothed(raw, width, 2), curve._smoothed(raw, width, 4)
    place, _ = curve._vertex(broad, main[0] + int(np.argmax(broad[main[0] : main[1]])))
    amplitude = curve._at(peaks, place)
    limits = _limits_of(edges, found.components)
    if amplitude < rule.smallest_uv or limits.low <= 0.0:
        return None
    onset, positive = _positive_first(
        broad, limits, rule.positive_share * amplitude, curve._noise_sd(broad, lag, quiet)
    )
    after = limits.end + (limits.end - limits.take_off)
    before = max(int(3.0 * limits.low - 2.0 * limits.first_peak), 0)
    lowest = peaks[before : int(after) + 1].min()

    def at(where: float) -> float:
        return fine.start_ms + where / per_ms

    return Response(
        onset_ms=at(onset if rule.sensory else limits.take_off),
        peak_ms=at(place),
        end_ms=at(limits.end),
        amplitude_uv=amplitude,
        peak_to_peak_uv=amplitude + max(-float(lowest), 0.0),
        area_uv_ms=curve._area_between(np.maximum(edges, 0.0), limits.take_off, limits.end) / per_ms,
        duration_ms=(limits.end - limits.take_off) / per_ms,
        initial_positive=positive,
        baseline_uv=found.baseline,
        noise_uv=ratio * top,
    )


def _width(name: str, ratio: float) -> float:
    """Return a smoothing width relative to the width at half peak, for a noise-to-peak ratio."""
    least, rise, most = part("signals/markers").row(name)
    return min(least + rise * ratio, most)


def _half_width(raw: Floats, smooth: Floats, main: tuple[int, int]) -> tuple[float, float]:
    """Return width at half peak [samples] and height of the main phase, on the smoothed curve."""
    inside = smooth[main[0] : main[1]]
    peak = main[0] + int(np.argmax(inside))
    top = float(smooth[peak])
    left = curve._last_below(smooth, 0.5 * top, peak)
    right = curve._last_below(smooth[::-1], 0.5 * top, len(raw) - 1 - peak)
    begin = main[0] if left is None else left
    end = main[1] if right is None else len(raw) - 1 - right
    return max(end - begin, 1.0), top


def _positive_first(peaks: Floats, limits: _Limits, least: float, noise: float) -> tuple[float, bool]:
    """Return the onset [samples], drawn to the initial positive peak as far as there is one, and whether."""
    rise = limits.first_peak - limits.low
    first = max(int(limits.low - 2.0 * rise), 0)
    before = -peaks[first : int(limits.low) + 1]
    if len(before) < 3:
        return limits.take_off, False
    place, height = curve._vertex(before, int(np.argmax(before)))
    threshold = max(least, _shares()["positive_noise"] * noise)
    surely = float(np.clip((height / threshold - 0.75) / 0.5, 0.0, 1.0)) if threshold > 0.0 else 1.0
    surely = surely * surely * (3.0 - 2.0 * surely)
    clear = surely >= 0.5 and height >= _shares()["component_noise"] * noise
    return limits.take_off + surely * (first + place - limits.take_off), clear


def _velocity_m_s(
    distance_mm: float, proximal: Response | None, distal: Response | None = None
) -> float | None:
    """Return the velocity between two points, or from the stimulus where there is only one [m/s]."""
    if not distance_mm > 0.0:
        raise InputError("distance_mm", distance_mm, "is not above zero", "measure it along the nerve [mm]")
    if proximal is None:
        return None
    taken = proximal.onset_ms - (0.0 if distal is None else distal.onset_ms)
    return distance_mm / taken if taken > 0.0 else None


def _drop_percent(distal: float, proximal: float) -> float:
    """Return by how much amplitude or area falls from distal to proximal [%]; a rise is negative."""
    if not distal > 0.0:
        raise InputError("distal", distal, "is not above zero", "without a distal response there is no drop")
    return 100.0 * (1.0 - proximal / distal)


def _temporal_dispersion_percent(distal: Response, proximal: Response) -> float:
    """Return by how much the negative phase is longer from the proximal point [%]."""
    return 100.0 * (proximal.duration_ms / distal.duration_ms - 1.0)


def _block_percent(distal: Response, proximal: Response | None) -> float:
    """Return the drop of the negative area from distal to proximal [%]: block, dispersion set aside."""
    return _drop_percent(distal.area_uv_ms, 0.0 if proximal is None else proximal.area_uv_ms)
