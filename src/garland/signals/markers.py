"""Cursors on a motor or sensory response, set as an EMG machine sets them.

Trusted  10 to 100 kHz; stimulus at 0 ms; active minus reference, so that the response goes negative.

The negative peak is the largest deflection away from the level just before the response. The take-off is
where a line through 10 % and 30 % of the rising limb meets that level, the end the same on the falling limb:
a half sine is marked at its ends, a Gaussian where it stands at 5 % of its peak. A sensory response that
begins positive is marked at its positive peak. Smoothing widens with noise and vanishes without it. The
definitions do not depend on the noise, so that a small response is not marked late for being small.

The module has three parts: a curve read between its samples, the search for the response, the cursors.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.signals.trace import Trace

MEDIAN_TO_SD = 1.4826
"""Standard deviation of normal noise over its median absolute deviation."""


def _refined(samples: Float64s, factor: int) -> Float64s:
    """Interpolate by the polynomial through six neighbours, shape (n,) to ((n - 1) * factor + 1,)."""
    if factor <= 1 or len(samples) < 6:
        return samples
    padded = np.concatenate([_beyond(samples[:3])[::-1], samples, _beyond(samples[:-4:-1])])
    n = len(samples)
    neighbours = np.stack([padded[k : k + n - 1] for k in range(1, 7)], axis=1)
    inside = neighbours @ _lagrange(factor).T
    return np.append(inside.ravel(), samples[-1])


def _beyond(ends: Float64s) -> Float64s:
    """Continue a curve from its last samples (3,), mirrored through the end point, shape (3,)."""
    return np.asarray(2.0 * ends[0] - np.array([ends[1], ends[2], ends[2]]), float)


@lru_cache(maxsize=32)
def _lagrange(factor: int) -> Float64s:
    """Return weights of six neighbours at -2..3 for `factor` places in 0..1, shape (factor, 6)."""
    places = np.arange(factor) / factor
    nodes = np.arange(-2, 4)
    weights = np.ones((factor, 6))
    for j, node in enumerate(nodes):
        for other in nodes[nodes != node]:
            weights[:, j] *= (places - other) / (node - other)
    return weights


def _smoothed(samples: Float64s, half_width: float, order: int) -> Float64s:
    """Smooth by a local polynomial, same shape."""
    width = min(half_width, len(samples) / 3.0)
    reach = int(np.ceil(width)) - 1
    if 2 * reach + 1 <= order + 1:
        return samples
    kernel = _kernel(width, reach, order)
    left = 2.0 * samples[0] - samples[reach:0:-1]
    right = 2.0 * samples[-1] - samples[-2 : -reach - 2 : -1]
    return np.convolve(np.concatenate([left, samples, right]), kernel, mode="valid")


def _kernel(width: float, reach: int, order: int) -> Float64s:
    """Return the weights of the value at the centre of a local polynomial, shape (2 reach + 1,)."""
    places = np.arange(-reach, reach + 1) / width
    weights = (1.0 - places**2) ** 2
    powers = places[:, None] ** np.arange(0, order + 1, 2)
    moments = (powers * weights[:, None]).T @ powers
    first = np.linalg.solve(moments, np.eye(len(moments))[0])
    return np.asarray(weights * (powers @ first), float)


def _vertex(values: Float64s, index: int) -> tuple[float, float]:
    """Return place [samples] and value of the extremum at or beside a sample, by a parabola through three."""
    if index <= 0 or index >= len(values) - 1:
        return float(index), float(values[index])
    before, here, after = (float(x) for x in values[index - 1 : index + 2])
    bend = before - 2.0 * here + after
    if bend == 0.0:
        return float(index), here
    step = float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
    return index + step, here - 0.25 * (before - after) * step


def _value_at(values: Float64s, place: float) -> float:
    """Return the value at a place [samples] that need not be a sample, by a parabola through three."""
    middle = int(np.clip(round(place), 1, len(values) - 2))
    before, here, after = (float(x) for x in values[middle - 1 : middle + 2])
    step = place - middle
    return here + 0.5 * step * (after - before) + 0.5 * step * step * (before - 2.0 * here + after)


def _last_below(values: Float64s, level: float, before: int) -> float | None:
    """Return where the curve last rises through a level before a sample [samples]; None if it never does."""
    under = np.flatnonzero(values[:before] < level)
    if len(under) == 0:
        return None
    last = int(under[-1])
    rise = float(values[last + 1] - values[last])
    return last + (level - float(values[last])) / rise if rise > 0.0 else float(last)


def _commonest(values: Float64s) -> float:
    """Return the level at which a curve lingers: the mean of its densest quarter."""
    ordered = np.sort(values)
    k = max(len(ordered) // 4, 1)
    narrowest = int(np.argmin(ordered[k:] - ordered[:-k]))
    return float(ordered[narrowest : narrowest + k + 1].mean())


def _mean_before(values: Float64s, begin: float, end: float) -> float:
    """Return the mean between two places [samples], weighed from nothing at the first up to the second."""
    places = np.arange(len(values))
    weights = np.clip(end - places + 0.5, 0.0, 1.0) * np.maximum(places - begin, 0.0)
    total = float(weights.sum())
    return float(weights @ values) / total if total > 0.0 else float("nan")


def _area_between(values: Float64s, begin: float, end: float) -> float:
    """Return the integral between two places [samples], which need not be samples, by trapezoids."""
    whole = np.concatenate([[0.0], np.cumsum(0.5 * (values[1:] + values[:-1]))])
    return _primitive(values, whole, end) - _primitive(values, whole, begin)


def _primitive(values: Float64s, whole: Float64s, place: float) -> float:
    first = int(np.clip(np.floor(place), 0, len(values) - 2))
    part = float(np.clip(place - first, 0.0, 1.0))
    return float(whole[first] + part * (values[first] + 0.5 * part * (values[first + 1] - values[first])))


def _noise_sd(values: Float64s, lag: int, quiet: Float64s | None = None) -> float:
    """Return the standard deviation of noise, told from slow drift by differences."""
    step = max(min(lag, len(values) // 4), 1)
    differences = np.abs(values[step:] - values[:-step])
    if quiet is not None:
        both = (quiet[step:] * quiet[:-step]) > 0
        if both.sum() >= 20:
            differences = differences[both]
    return float(MEDIAN_TO_SD * np.median(differences) / np.sqrt(2.0))


ROUNDS = 4
"""How often baseline and limits of the response are found anew, each from the other."""


class _Rules(NamedTuple):
    """How one kind of response is looked for; see the evidence file."""

    begin_ms: float
    end_ms: float
    detect_ms: float
    baseline_ms: float
    before: float
    lag_ms: float
    gap_ms: float
    positive_share: float
    smallest_uv: float
    sensory: bool


class _Found(NamedTuple):
    """Where a response stands on the smoothed curve: baseline, noise [uV], components [samples]."""

    baseline: float
    noise: float
    components: list[tuple[int, int]]


@lru_cache(maxsize=8)
def _rules_of(kind: str) -> _Rules:
    """Return the rules for ``motor`` or ``sensory``."""
    p = part("signals/markers").group(kind)
    values = {name: p.value(name) for name in _Rules._fields if name != "sensory"}
    return _Rules(**values, sensory=kind == "sensory")


@lru_cache(maxsize=1)
def _shared_rules() -> dict[str, float]:
    """Return the rules that all kinds of response share, by name."""
    p = part("signals/markers")
    names = (
        "level_low",
        "level_high",
        "foot_most",
        "component_share",
        "component_noise",
        "response_noise",
        "positive_noise",
        "fine_khz",
    )
    return {name: p.value(name) for name in names}


def _response_noise() -> float:
    """Return how many standard deviations of smoothed noise a response must reach [-]."""
    return _shared_rules()["response_noise"]


def _detect_response(fine: Trace, rule: _Rules) -> _Found | None:
    """Return baseline, noise and components of the response; None where nothing stands out.

    The search starts from the level at which the trace lingers; where a long response leaves no such level,
    from that at the beginning.
    """
    per_ms = fine.rate_hz / 1000.0
    smooth = _smoothed(fine.samples_uv, rule.detect_ms * per_ms, 2)
    edge = round(rule.detect_ms * per_ms)
    starts = (_commonest(smooth), float(smooth[edge : 2 * edge + 2].mean()))
    return next((found for start in starts if (found := _detect_from(start, fine, smooth, rule))), None)


def _detect_from(baseline: float, fine: Trace, smooth: Float64s, rule: _Rules) -> _Found | None:
    """Return the response found from a first guess of the baseline, its parts from one another in turn."""
    per_ms = fine.rate_hz / 1000.0
    lag, edge = round(rule.lag_ms * per_ms), round(rule.detect_ms * per_ms)
    noise = _noise_sd(smooth, lag)
    parts: list[tuple[int, int]] = []
    for _ in range(ROUNDS):
        parts = _components(baseline - smooth, noise, rule.gap_ms * per_ms, edge)
        if not parts or (limits := _phase_limits(baseline - smooth, parts)).low <= 0.0:
            return None
        baseline = _level_before(fine.samples_uv, limits, rule, per_ms)
        noise = _noise_sd(smooth, lag, _quiet_beside(len(smooth), parts))
    peak = max(float((baseline - smooth)[i:j].max()) for i, j in parts)
    return _Found(baseline, noise, parts) if peak >= _response_noise() * noise else None


def _components(up: Float64s, noise: float, gap: float, edge: int) -> list[tuple[int, int]]:
    """Return first and last + 1 sample of each negative phase of the response, in order."""
    first = _after_artefact(up, edge)
    last = len(up) - _after_artefact(up[::-1], edge)
    top = float(up[first:last].max()) if first < last else 0.0
    if top <= 0.0:
        return []
    above = np.concatenate([[False], up[first:last] > _shared_rules()["level_low"] * top, [False]])
    edges = np.flatnonzero(above[1:] != above[:-1]) + first
    phases = [(int(i), int(j)) for i, j in edges.reshape(-1, 2)]
    least = max(_shared_rules()["component_share"] * top, _shared_rules()["component_noise"] * noise)
    tops = [float(up[i:j].max()) for i, j in phases]
    main = int(np.argmax(tops))
    kept = [phases[main]]
    large = [phase for phase, peak in zip(phases, tops, strict=True) if peak >= least]
    for i, j in reversed([phase for phase in large if phase < phases[main]]):
        if kept[0][0] - j <= gap and i > first:
            kept.insert(0, (i, j))
    for i, j in [phase for phase in large if phase > phases[main]]:
        if i - kept[-1][1] <= gap:
            kept.append((i, j))
    return kept


def _after_artefact(up: Float64s, first: int) -> int:
    """Return the first sample past a wave that is largest where the search begins: the tail of the artefact.

    Given the mirrored curve, the same at the other end: a wave whose peak the sweep does not hold.
    """
    while first < len(up) - 1 and int(np.argmax(up[first:])) == 0:
        rising = np.flatnonzero(np.diff(up[first:]) > 0.0)
        if len(rising) == 0:
            return len(up)
        first += int(rising[0]) + 1
    return first


def _quiet_beside(n: int, parts: list[tuple[int, int]]) -> Float64s:
    """Return 1 where the curve is clear of the response and what follows it, shape (n,)."""
    first, last = parts[0][0], parts[-1][1]
    wide = last - first
    quiet = np.ones(n)
    quiet[max(first - wide, 0) : last + 2 * wide] = 0.0
    return quiet


class _PhaseLimits(NamedTuple):
    """Limits of the negative phase on one curve [samples]: lower level, take-off, first peak, end."""

    low: float
    take_off: float
    first_peak: float
    end: float


def _phase_limits(up: Float64s, parts: list[tuple[int, int]]) -> _PhaseLimits:
    """Return the limits of the negative phases `parts` together; `up` is negative up, shape (n,) [uV]."""
    low, take_off, first_peak = _limb(up, *parts[0])
    n = len(up)
    mirrored = _limb(up[::-1], n - parts[-1][1], n - parts[-1][0])
    return _PhaseLimits(low, take_off, first_peak, n - 1 - mirrored[1])


def _limb(up: Float64s, first: int, last: int) -> tuple[float, float, float]:
    """Return lower level, foot and first half of the peak of the limb that rises into a phase [samples]."""
    share = _shared_rules()
    inside = up[first:last]
    top = float(inside.max())
    half = first + int(np.argmax(inside >= 0.5 * top))
    peak = first + int(np.argmax(inside))
    high = _last_below(up, share["level_high"] * top, half)
    low = _last_below(up, share["level_low"] * top, half if high is None else int(high) + 1)
    if high is None or low is None:
        return 0.0, 0.0, float(peak)
    step = (high - low) * share["level_low"] / (share["level_high"] - share["level_low"])
    half_exact = _last_below(up, 0.5 * top, half + 1)
    rise = 1.6 * ((half if half_exact is None else half_exact) - low)
    return low, max(low - min(step, share["foot_most"] * rise), 0.0), low + rise


def _level_before(samples: Float64s, limits: _PhaseLimits, rule: _Rules, per_ms: float) -> float:
    """Return the level just before the response [uV], clear of an initial positive phase."""
    room = limits.low
    gap = min(rule.before * (limits.first_peak - limits.low), 0.6 * room)
    width = min(rule.baseline_ms * per_ms, room - gap)
    if width < 2.0:
        return _commonest(samples)
    return _mean_before(samples, limits.low - gap - width, limits.low - gap)


FEWEST_SAMPLES = 32
SHORTEST_MS, FEWEST_SLOW = 5.0, 12
"""Fewer samples do where they are slow: a window this long [ms], of this many samples."""


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
    return _measured(trace, _rules_of("motor"), begin_ms, end_ms)


def sensory_response(
    trace: Trace, begin_ms: float | None = None, end_ms: float | None = None
) -> Response | None:
    """Set the cursors of a sensory nerve action potential (SNAP).

    None where nothing stands out from noise, or nothing larger than the smallest response (NR).
    """
    return _measured(trace, _rules_of("sensory"), begin_ms, end_ms)


def _measured(trace: Trace, rule: _Rules, begin_ms: float | None, end_ms: float | None) -> Response | None:
    window = trace.between(
        rule.begin_ms if begin_ms is None else begin_ms, rule.end_ms if end_ms is None else end_ms
    )
    _check(trace, window)
    factor = int(np.ceil(_shared_rules()["fine_khz"] * 1000.0 / window.rate_hz - 1e-9))
    fine = Trace(
        _refined(window.samples_uv, factor),
        window.rate_hz * max(factor, 1),
        window.start_ms,
        window.label,
    )
    found = _detect_response(fine, rule)
    return None if found is None else _marked(fine, found, rule)


def _check(trace: Trace, window: Trace) -> None:
    label = trace.label or "trace"
    if not np.isfinite(trace.samples_uv).all():
        raise InputError(label, "NaN", "is not a number that was recorded", "cut the trace or repair it")
    short = window.duration_ms < SHORTEST_MS or len(window.samples_uv) < FEWEST_SLOW
    if len(window.samples_uv) < FEWEST_SAMPLES and short:
        end = trace.start_ms + trace.duration_ms
        raise InputError(label, f"{end:.3g} ms", "ends before a response can come", "give a longer sweep")


def _marked(fine: Trace, found: _Found, rule: _Rules) -> Response | None:
    """Return the cursors, set on curves smoothed as little as the noise allows."""
    per_ms = fine.rate_hz / 1000.0
    raw = found.baseline - fine.samples_uv
    main = max(found.components, key=lambda phase: float(raw[phase[0] : phase[1]].max()))
    wide, top = _half_width(raw, _smoothed(raw, rule.detect_ms * per_ms, 2), main)
    lag, quiet = round(rule.lag_ms * per_ms), _quiet_beside(len(raw), found.components)
    ratio = _noise_sd(raw, lag, quiet) / top
    most = rule.detect_ms * per_ms
    edges = _smoothed(raw, min(wide * _width("edge_width", ratio), most), 2)
    width = min(wide * _width("peak_width", ratio), 2.0 * most)
    broad, peaks = _smoothed(raw, width, 2), _smoothed(raw, width, 4)
    place, _ = _vertex(broad, main[0] + int(np.argmax(broad[main[0] : main[1]])))
    amplitude = _value_at(peaks, place)
    limits = _phase_limits(edges, found.components)
    if amplitude < rule.smallest_uv or limits.low <= 0.0:
        return None
    onset, positive = _positive_first(
        broad, limits, rule.positive_share * amplitude, _noise_sd(broad, lag, quiet)
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
        area_uv_ms=_area_between(np.maximum(edges, 0.0), limits.take_off, limits.end) / per_ms,
        duration_ms=(limits.end - limits.take_off) / per_ms,
        initial_positive=positive,
        baseline_uv=found.baseline,
        noise_uv=ratio * top,
    )


def _width(name: str, ratio: float) -> float:
    """Return a smoothing width relative to the width at half peak, for a noise-to-peak ratio."""
    least, rise, most = part("signals/markers").row(name)
    return min(least + rise * ratio, most)


def _half_width(raw: Float64s, smooth: Float64s, main: tuple[int, int]) -> tuple[float, float]:
    """Return width at half peak [samples] and height of the main phase, on the smoothed curve."""
    inside = smooth[main[0] : main[1]]
    peak = main[0] + int(np.argmax(inside))
    top = float(smooth[peak])
    left = _last_below(smooth, 0.5 * top, peak)
    right = _last_below(smooth[::-1], 0.5 * top, len(raw) - 1 - peak)
    begin = main[0] if left is None else left
    end = main[1] if right is None else len(raw) - 1 - right
    return max(end - begin, 1.0), top


def _positive_first(peaks: Float64s, limits: _PhaseLimits, least: float, noise: float) -> tuple[float, bool]:
    """Return the onset [samples], drawn to the initial positive peak as far as there is one, and whether."""
    rise = limits.first_peak - limits.low
    first = max(int(limits.low - 2.0 * rise), 0)
    before = -peaks[first : int(limits.low) + 1]
    if len(before) < 3:
        return limits.take_off, False
    place, height = _vertex(before, int(np.argmax(before)))
    threshold = max(least, _shared_rules()["positive_noise"] * noise)
    surely = float(np.clip((height / threshold - 0.75) / 0.5, 0.0, 1.0)) if threshold > 0.0 else 1.0
    surely = surely * surely * (3.0 - 2.0 * surely)
    clear = surely >= 0.5 and height >= _shared_rules()["component_noise"] * noise
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
