"""Where a response stands: baseline, noise, and the negative phases that belong to it.

Baseline and limits are found in turn, each from the other, on a curve smoothed for the search alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from garland.evidence import part
from garland.signals import curve
from garland.signals.trace import Floats, Trace

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
def _rules(kind: str) -> _Rules:
    """Return the rules for ``motor`` or ``sensory``."""
    p = part("signals/markers").group(kind)
    told = {name: p.value(name) for name in _Rules._fields if name != "sensory"}
    return _Rules(**told, sensory=kind == "sensory")


@lru_cache(maxsize=1)
def _shares() -> dict[str, float]:
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
    return _shares()["response_noise"]


def _found_in(fine: Trace, rule: _Rules) -> _Found | None:
    """Return baseline, noise and components of the response; None where nothing stands out.

    The search starts from the level at which the trace lingers; where a long response leaves no such level,
    from that at the beginning.
    """
    per_ms = fine.rate_hz / 1000.0
    smooth = curve._smoothed(fine.samples_uv, rule.detect_ms * per_ms, 2)
    edge = round(rule.detect_ms * per_ms)
    starts = (curve._commonest(smooth), float(smooth[edge : 2 * edge + 2].mean()))
    return next((found for start in starts if (found := _found_from(start, fine, smooth, rule))), None)


def _found_from(baseline: float, fine: Trace, smooth: Floats, rule: _Rules) -> _Found | None:
    """Return the response found from a first guess of the baseline, its parts from one another in turn."""
    per_ms = fine.rate_hz / 1000.0
    lag, edge = round(rule.lag_ms * per_ms), round(rule.detect_ms * per_ms)
    noise = curve._noise_sd(smooth, lag)
    parts: list[tuple[int, int]] = []
    for _ in range(ROUNDS):
        parts = _components(baseline - smooth, noise, rule.gap_ms * per_ms, edge)
        if not parts or (limits := _limits_of(baseline - smooth, parts)).low <= 0.0:
            return None
        baseline = _baseline(fine.samples_uv, limits, rule, per_ms)
        noise = curve._noise_sd(smooth, lag, _quiet_beside(len(smooth), parts))
    peak = max(float((baseline - smooth)[i:j].max()) for i, j in parts)
    return _Found(baseline, noise, parts) if peak >= _response_noise() * noise else None


def _components(up: Floats, noise: float, gap: float, edge: int) -> list[tuple[int, int]]:
    """Return first and last + 1 sample of each negative phase of the response, in order."""
    first = _after_artefact(up, edge)
    last = len(up) - _after_artefact(up[::-1], edge)
    top = float(up[first:last].max()) if first < last else 0.0
    if top <= 0.0:
        return []
    above = np.concatenate([[False], up[first:last] > _shares()["level_low"] * top, [False]])
    edges = np.flatnonzero(above[1:] != above[:-1]) + first
    phases = [(int(i), int(j)) for i, j in edges.reshape(-1, 2)]
    least = max(_shares()["component_share"] * top, _shares()["component_noise"] * noise)
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


def _after_artefact(up: Floats, first: int) -> int:
    """Return the first sample past a wave that is largest where the search begins: the tail of the artefact.

    Given the mirrored curve, the same at the other end: a wave whose peak the sweep does not hold.
    """
    while first < len(up) - 1 and int(np.argmax(up[first:])) == 0:
        rising = np.flatnonzero(np.diff(up[first:]) > 0.0)
        if len(rising) == 0:
            return len(up)
        first += int(rising[0]) + 1
    return first


def _quiet_beside(n: int, parts: list[tuple[int, int]]) -> Floats:
    """Return 1 where the curve is clear of the response and what follows it, shape (n,)."""
    first, last = parts[0][0], parts[-1][1]
    wide = last - first
    quiet = np.ones(n)
    quiet[max(first - wide, 0) : last + 2 * wide] = 0.0
    return quiet


class _Limits(NamedTuple):
    """Limits of the negative phase on one curve [samples]: lower level, take-off, first peak, end."""

    low: float
    take_off: float
    first_peak: float
    end: float


def _limits_of(up: Floats, parts: list[tuple[int, int]]) -> _Limits:
    """Return the limits of the negative phases `parts` together; `up` is negative up, shape (n,) [uV]."""
    low, take_off, first_peak = _limb(up, *parts[0])
    n = len(up)
    mirrored = _limb(up[::-1], n - parts[-1][1], n - parts[-1][0])
    return _Limits(low, take_off, first_peak, n - 1 - mirrored[1])


def _limb(up: Floats, first: int, last: int) -> tuple[float, float, float]:
    """Return lower level, foot and first half of the peak of the limb that rises into a phase [samples]."""
    share = _shares()
    inside = up[first:last]
    top = float(inside.max())
    half = first + int(np.argmax(inside >= 0.5 * top))
    peak = first + int(np.argmax(inside))
    high = curve._last_below(up, share["level_high"] * top, half)
    low = curve._last_below(up, share["level_low"] * top, half if high is None else int(high) + 1)
    if high is None or low is None:
        return 0.0, 0.0, float(peak)
    step = (high - low) * share["level_low"] / (share["level_high"] - share["level_low"])
    half_exact = curve._last_below(up, 0.5 * top, half + 1)
    rise = 1.6 * ((half if half_exact is None else half_exact) - low)
    return low, max(low - min(step, share["foot_most"] * rise), 0.0), low + rise


def _baseline(samples: Floats, limits: _Limits, rule: _Rules, per_ms: float) -> float:
    """Return the level just before the response [uV], clear of an initial positive phase."""
    room = limits.low
    gap = min(rule.before * (limits.first_peak - limits.low), 0.6 * room)
    width = min(rule.baseline_ms * per_ms, room - gap)
    if width < 2.0:
        return curve._commonest(samples)
    return curve._mean_before(samples, limits.low - gap - width, limits.low - gap)
