"""What makes a recording doubtful, and what can be mended of it before its markers are set.

Trusted  2 to 100 kHz; one response in each sweep.

A response whose first large phase is positive has its electrodes changed over: it is turned. The tail of the
stimulus artefact and mains hum are fitted to what is clear of the response and taken out. Each is said in
words, so that nobody takes a mended curve for one that was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from garland._types import Float64s
from garland.evidence import part
from garland.signals.markers import (
    Response,
    _after_artefact,
    _commonest,
    _noise_sd,
    _rules_of,
    _smoothed,
    motor_response,
    sensory_response,
)
from garland.signals.trace import Trace

_Reader = Callable[[Trace], Response | None]


class _Fit(NamedTuple):
    """A curve fitted beside the response: the curve, shape (n,) [uV]; what it is, in words."""

    curve: Float64s
    words: str


def _looked_over(
    traces: Sequence[Trace], kind: str, invert: bool
) -> tuple[tuple[Trace, ...], tuple[str, ...]]:
    """Return the traces as they should be measured, and every doubt about them in words."""
    doubts: list[str] = []
    if invert:
        traces = [_turned(trace) for trace in traces]
        doubts.append("Polarity turned as asked.")
    if kind == "needle":
        return tuple(traces), (*doubts, *_coarse(traces[0].rate_hz, kind))
    elsewhere = [word for trace in traces if (word := _stimulus_elsewhere(trace))]
    if kind in ("motor", "sensory"):
        mended = [_mended(trace, kind, invert) for trace in traces]
        traces = [trace for trace, _ in mended]
        doubts += [word for _, words in mended for word in words]
    else:
        silenced = [_without_hum(trace) for trace in traces]
        traces = [trace for trace, _ in silenced]
        if most := max(size for _, size in silenced):
            doubts.append(
                f"Mains hum of up to {most:.3g} uV was fitted and taken out; small late waves are less sure."
            )
    return tuple(traces), (*doubts, *elsewhere[:1], *_coarse(traces[0].rate_hz, kind))


def _turned(trace: Trace) -> Trace:
    return replace(trace, samples_uv=-trace.samples_uv)


def _coarse(rate_hz: float, kind: str) -> tuple[str, ...]:
    """Return a doubt where the samples stand far apart for this kind of recording."""
    if rate_hz >= part("signals/markers").group("checks").table("fine_rate_hz")[kind]:
        return ()
    step = 1000.0 / rate_hz
    what = "amplitudes of sharp potentials, their phases and turns are too small" if kind == "needle" else (
        f"times are known to {0.5 * step:.2g} ms at best and sharp peaks come out too small"
    )  # fmt: skip
    return (f"Sampled every {step:.2g} ms, which is coarse: {what}.",)


def _mended(trace: Trace, kind: str, as_it_is: bool) -> tuple[Trace, list[str]]:
    """Return a sweep turned and cleaned where it must be, and what was done or remains in doubt."""
    name, words = trace.label or "trace", []
    reader: _Reader = sensory_response if kind == "sensory" else motor_response
    trace, cleaned = _without_background(trace, kind, reader)
    words += [f"{name}: {cleaned}"] if cleaned else []
    found = reader(trace)
    if found is not None and not _level_at_first(trace, found, _rules_of(kind).begin_ms):
        words.append(f"{name}: not level where the search begins; the stimulus artefact may reach into it.")
    share = _wrong_way(trace, kind)
    limits = part("signals/markers").group("polarity")
    if share >= limits.table("turned")[kind] and not as_it_is:
        trace = _turned(trace)
        trace, cleaned = _without_background(trace, kind, reader)
        words += [f"{name}: {cleaned}"] if cleaned else []
        words.append(
            f"{name}: looks upside down, the response begins or peaks positive; measured with its polarity "
            "turned. Check which electrode was active."
        )
    elif share >= limits.table("doubtful")[kind]:
        words.append(f"{name}: a large positive phase; the polarity may be turned (--invert turns it).")
    return trace, words


def _wrong_way(trace: Trace, kind: str) -> float:
    """Return how far the response points the wrong way [-].

    Motor: the positive phase that comes first over the largest deflection. Sensory: the largest positive
    deflection over the largest negative one.
    """
    rule = _rules_of(kind)
    seen = trace.between(rule.begin_ms, rule.end_ms)
    per_ms = seen.rate_hz / 1000.0
    smooth = _smoothed(seen.samples_uv, 0.5 * rule.detect_ms * per_ms, 2)
    away = smooth - _commonest(smooth)
    away = away[min(_after_artefact(np.abs(away), round(0.3 * per_ms)), len(away) - 1) :]
    high, low = max(float(away.max()), 0.0), max(float(-away.min()), 0.0)
    if max(high, low) < 8.0 * _noise_sd(smooth, round(rule.lag_ms * per_ms)):
        return 0.0
    if kind == "sensory":
        return high / max(low, 1e-9)
    first = int(np.argmax(-away)) if low > 0.0 else len(away)
    return max(float(away[: first + 1].max()), 0.0) / max(high, low)


def _without_background(trace: Trace, kind: str, reader: _Reader) -> tuple[Trace, str]:
    """Return a sweep less artefact tail and mains hum, and what was taken out in words; else as it is."""
    rule = _rules_of(kind)
    # A tail that was taken for the response hides where the response begins: look again with it fitted away.
    found = reader(trace)
    if (
        found is None
        or found.onset_ms < rule.begin_ms + 1.0
        or not _level_at_first(trace, found, rule.begin_ms)
    ):
        found = reader(_robustly_level(trace, rule.begin_ms)) or found
    if found is None:
        return trace, ""
    fit = _background(trace, found, rule.begin_ms)
    limits = part("signals/markers").group("background")
    inside = (trace.times_ms >= rule.begin_ms) & (trace.times_ms <= rule.end_ms)
    size = float(np.ptp(fit.curve[inside])) if fit else 0.0
    if fit is None or size < max(limits.value("share") * found.amplitude_uv, 3.0 * found.noise_uv):
        return trace, ""
    clean = replace(trace, samples_uv=trace.samples_uv - np.where(inside, fit.curve, 0.0))
    after = reader(clean)
    if after is None:
        return trace, f"{fit.words} of {size:.3g} uV could not be told from the response."
    return clean, f"{fit.words} of {size:.3g} uV was fitted and taken out; the amplitude is less sure."


def _level_at_first(trace: Trace, found: Response, begin_ms: float) -> bool:
    """Tell whether the sweep stands at its baseline where the search begins."""
    first = trace.between(begin_ms, begin_ms + 0.4).samples_uv
    away = abs(float(first.mean()) - found.baseline_uv) if len(first) else 0.0
    share = part("signals/markers").group("background").value("share")
    return away <= max(share * found.amplitude_uv, 4.0 * found.noise_uv)


def _robustly_level(trace: Trace, begin_ms: float) -> Trace:
    """Return a sweep less the dying tail and line that most of its samples follow."""
    t, x = trace.times_ms, trace.samples_uv
    used = t >= begin_ms
    best: tuple[float, Float64s] | None = None
    for tau in (0.4, 0.8, 1.5, 3.0):
        tail = np.exp(-np.maximum(t - begin_ms, 0.0) / tau)
        columns = np.stack([np.ones_like(t), t / max(float(np.ptp(t)), 1.0), tail], axis=1)
        fit, _ = _robust_fit(columns[used], x[used])
        rest = np.abs(x[used] - columns[used] @ fit)
        cost = float(np.minimum(rest, 0.1 * np.ptp(x[used])).mean())
        if best is None or cost < best[0]:
            best = (cost, np.where(used, tail * fit[2], 0.0))
    return replace(trace, samples_uv=x - best[1]) if best is not None else trace


def _background(trace: Trace, found: Response, begin_ms: float) -> _Fit | None:
    """Return the best of a dying tail, hum and both, fitted beside the response; None where none helps."""
    t = trace.times_ms
    width = found.end_ms - found.onset_ms
    clear = (t < found.onset_ms - 0.15 * width) | (t > found.end_ms + 3.0 * width)
    used = clear & (t >= begin_ms)
    if used.sum() < 40 or (used & (t < found.onset_ms)).sum() < 5:
        return None
    line = np.stack([np.ones_like(t), t / max(float(np.ptp(t)), 1.0)], axis=1)
    tails = [np.exp(-np.maximum(t - begin_ms, 0.0) / tau)[:, None] for tau in (0.4, 0.8, 1.5, 3.0, 6.0)]
    hums = [
        np.stack([np.sin(2e-3 * np.pi * hz * t), np.cos(2e-3 * np.pi * hz * t)], axis=1)
        for hz in (50.0, 60.0)
    ]
    tried = [(one, "A tail of the stimulus artefact") for one in tails]
    # Less than one period clear of the response cannot tell hum from a slow wave of the response itself.
    if float(used.sum()) * 1000.0 / trace.rate_hz >= 20.0:
        tried += [(one, "Mains hum") for one in hums]
        tried += [(np.hstack([a, b]), "Artefact tail and mains hum") for a in tails for b in hums]
    plain = _left(line, trace.samples_uv, used)[1]
    best: tuple[float, _Fit] | None = None
    for more, words in tried:
        columns = np.hstack([line, more])
        weights, left = _left(columns, trace.samples_uv, used)
        cost = left * (1.0 + 0.05 * more.shape[1])
        if best is None or cost < best[0]:
            best = (cost, _Fit(np.asarray(more @ weights[2:], float), words))
    helps = part("signals/markers").group("background").value("helps")
    return best[1] if best is not None and best[0] < helps * plain else None


def _left(columns: Float64s, samples: Float64s, used: np.ndarray) -> tuple[Float64s, float]:
    """Return the weights of a fit, shape (k,), and the root mean square of what it leaves [uV]."""
    weights = np.linalg.lstsq(columns[used], samples[used], rcond=None)[0]
    rest = samples[used] - columns[used] @ weights
    return np.asarray(weights, float), float(np.sqrt(np.mean(rest**2)))


_LATE_MS, _PERIODS_MS = 20.0, 50.0
"""Late sweeps are clear of the M wave from here on; hum is told from slow waves in this time or more [ms]."""


def _without_hum(trace: Trace) -> tuple[Trace, float]:
    """Return a late sweep without mains hum, and the height of what was taken out, peak to peak [uV]."""
    t, x = trace.times_ms, trace.samples_uv
    used = t >= _LATE_MS
    if float(used.sum()) * 1000.0 / trace.rate_hz < _PERIODS_MS:
        return trace, 0.0
    slow = np.linspace(-1.0, 1.0, len(t))[:, None] ** np.arange(3)
    plain = _robust_fit(slow[used], x[used])[1]
    best = (np.inf, 0.0, np.zeros_like(x))
    for hz in (50.0, 60.0):
        waves = np.stack([np.sin(2e-3 * np.pi * hz * t), np.cos(2e-3 * np.pi * hz * t)], axis=1)
        weights, left = _robust_fit(np.hstack([slow, waves])[used], x[used])
        best = min(best, (left, 2.0 * float(np.hypot(*weights[3:])), waves @ weights[3:]), key=lambda b: b[0])
    left, size, curve = best
    if left > part("signals/markers").group("background").value("helps") * plain:
        return trace, 0.0
    return replace(trace, samples_uv=x - curve), size


def _robust_fit(columns: Float64s, samples: Float64s) -> tuple[Float64s, float]:
    """Return the weights of a fit to what most samples follow, shape (k,), and the median it leaves [uV]."""
    trust = np.ones(len(samples))
    for _ in range(12):
        fit = np.linalg.lstsq(columns * trust[:, None], samples * trust, rcond=None)[0]
        rest = np.abs(samples - columns @ fit)
        trust = 1.0 / (1.0 + (rest / (3.0 * float(np.median(rest)) + 1e-9)) ** 2)
    return np.asarray(fit, float), float(np.median(rest))


def _stimulus_elsewhere(trace: Trace) -> str:
    """Return a doubt where a wave too sharp for nerve or muscle comes away from time zero."""
    t, x = trace.times_ms, trace.samples_uv
    lag = max(round(1e-4 * trace.rate_hz), 1)
    if len(x) < 8 * lag:
        return ""
    steps = np.abs(x[lag:] - x[:-lag])
    usual = float(np.quantile(steps, 0.95)) + 1e-9
    away = (np.abs(t[lag:]) > 1.0) & (steps > 10.0 * usual)
    if not away.any() or steps[away].max() < 0.3 * steps.max():
        return ""
    at = float(t[:-lag][away][0])
    return (
        f"A wave as sharp as a stimulus comes at {at:.2f} ms, but latencies count from 0 ms: "
        f"say --stimulus-ms {at:.4g} if that was the stimulus."
    )
