"""What a muscle does by itself: insertional activity, end plates, fibrillation, discharges of units.

A denervated fibre fires by itself, like a clock that runs down. Where the needle does not hinder it, it is
seen as a fibrillation, an ordinary fibre potential beginning positive; where it ends at the needle, as a
positive wave. Old fibres are thin and their potentials small. How many fire near the needle follows from
the grade; they are spread over the places as evenly as whole numbers allow, so that little is left to
chance.
"""

from __future__ import annotations

import numpy as np

from garland._types import Float32s, Float64s, Ints
from garland.evidence import part
from garland.signals.spontaneous_activity import trains_for_grade
from garland.waveforms.effort import _laid
from garland.waveforms.muscle_fibre import RATE_HZ, STEP_MS, WINDOW, _bank_rows, _diameters_um, _fibre_bank
from garland.waveforms.needle_units import LENGTH, _draw_units, _phased, _Recipe
from garland.waveforms.state import NeedleState

_BEFORE = 60
"""Samples kept before the peak of a fibre potential."""


def _trains_at_places(grade: float, places: int, rng: np.random.Generator) -> Ints:
    """Draw how many fibres fire near the needle at each place, shape (places,)."""
    whole = int(np.floor(places * trains_for_grade(grade) + 0.5))
    steps = whole * np.arange(places + 1) // max(places, 1)
    return np.asarray(rng.permutation(np.diff(steps)), np.int64)


def _amplitude_uv(lesion_age_day: float) -> float:
    """Return the mean amplitude of fibrillations by age of the lesion, peak to peak [uV]."""
    p = part("traces/needle")
    days, sizes = p.row("fibrillation_days"), p.row("fibrillation_uv")
    return float(np.exp(np.interp(lesion_age_day, days, np.log(sizes))))


def _fibre_waves(count: int, end_plate_mm: float, rng: np.random.Generator) -> Float32s:
    """Draw potentials of thin single fibres near the needle, peak to peak 1, shape (count, LENGTH) [-]."""
    beside = rng.uniform(0.05, 0.4, count)
    thin = _diameters_um()[rng.integers(0, 3, count)]
    made = _fibre_bank(end_plate_mm).reshape(-1, WINDOW)[
        _bank_rows(beside, rng.uniform(-0.3, 0.3, count), thin)
    ]
    start = np.clip(np.abs(made).argmax(axis=1) - _BEFORE, 0, WINDOW - 160)
    cut = np.take_along_axis(made, start[:, None] + np.arange(160), axis=1)
    fade = np.minimum(1.0, np.minimum(np.arange(160), np.arange(160)[::-1]) / 24.0)
    wave = np.zeros((count, LENGTH), np.float32)
    wave[:, :160] = cut * fade
    return np.asarray(wave / np.maximum(np.ptp(wave, axis=1, keepdims=True), 1e-9), np.float32)


def _positive_waves(count: int, rng: np.random.Generator) -> Float32s:
    """Draw positive waves, peak to peak 1, shape (count, LENGTH) [-]: sharp, then low and long."""
    p = part("traces/needle").table("positive_wave")
    time = STEP_MS * np.arange(LENGTH)[None, :]
    sharp = p["sharp_ms"] * np.exp(0.2 * rng.standard_normal((count, 1)))
    slow = p["slow_ms"] * np.exp(0.2 * rng.standard_normal((count, 1)))
    wave = time / sharp * np.exp(1.0 - time / sharp) - p["share"] * (time / slow) * np.exp(1.0 - time / slow)
    return np.asarray(wave / np.ptp(wave, axis=1, keepdims=True), np.float32)


def _train_times(count: int, samples: int, rng: np.random.Generator) -> tuple[Float64s, Ints]:
    """Draw the discharges of regular trains that slow down, some of them to their end.

    When [samples] and which train, each shape (E,).
    """
    p = part("traces/needle")
    rate = p.table("fibrillation_rate_hz")
    mean = np.log(rate["mean"]) - rate["sd_ln"] ** 2 / 2.0
    own = np.clip(np.exp(mean + rate["sd_ln"] * rng.standard_normal(count)), rate["least"], rate["most"])
    most = int(samples / RATE_HZ * rate["most"]) + 3
    ends = rng.random(count) < p.value("train_ends")
    stop = np.where(ends, rng.uniform(0.6, 1.0, count), 2.0) * samples
    steps = np.arange(most) / (own[:, None] * samples / RATE_HZ)
    slower = 1.0 + p.value("train_slows") * steps + np.where(ends[:, None], steps**4, 0.0)
    gap = slower * np.maximum(1.0 + p.value("train_cv") * rng.standard_normal((count, most)), 0.5)
    gap[:, 0] *= rng.random(count)
    when = np.cumsum(gap, axis=1) / own[:, None] * RATE_HZ
    inside = when < np.minimum(samples, stop)[:, None]
    train = np.broadcast_to(np.arange(count)[:, None], when.shape)
    return when[inside], np.asarray(train[inside], np.int64)


def _fibrillations(
    state: NeedleState, count: int, samples: int, end_plate_mm: float, rng: np.random.Generator
) -> Float64s:
    """Return trains of fibrillations and positive waves, shape (samples,) [uV]."""
    if count == 0:
        return np.zeros(samples)
    p = part("traces/needle")
    spread = p.value("fibrillation_sd_ln")
    size = _amplitude_uv(state.lesion_age_day) * np.exp(spread * rng.standard_normal(count) - spread**2 / 2.0)
    size = np.maximum(size, p.value("fibrillation_least_uv"))
    positive = rng.random(count) < p.value("positive_share")
    wave = np.where(positive[:, None], _positive_waves(count, rng), _fibre_waves(count, end_plate_mm, rng))
    when, which = _train_times(count, samples, rng)
    return _laid(samples, when, which, _phased(np.asarray(wave * size[:, None], np.float32)))


def _insertion(samples: int, lasts_ms: float, end_plate_mm: float, rng: np.random.Generator) -> Float64s:
    """Return the burst that movement of the needle sets off, shape (samples,) [uV]."""
    p = part("traces/needle").table("insertion")
    dense = int(p["per_s"] * min(lasts_ms, p["dense_ms"]) / 1000.0)
    thin = int(max(lasts_ms - p["dense_ms"], 0.0) / p["thin_every_ms"])
    kinds = 10 + thin
    wave = np.concatenate([_positive_waves(5, rng), _fibre_waves(kinds - 5, end_plate_mm, rng)])
    size = p["size_uv"] * np.exp(0.5 * rng.standard_normal((kinds, 1)))
    size[10:] *= p["thin_share"]
    early = rng.random(dense) * min(lasts_ms, p["dense_ms"])
    late = p["dense_ms"] + p["thin_every_ms"] * (np.arange(thin) + 0.7 * rng.random(thin))
    which = np.concatenate([rng.integers(0, 10, dense), 10 + np.arange(thin)])
    return _laid(
        samples, np.concatenate([early, late]) / STEP_MS, which, _phased(np.asarray(wave * size, np.float32))
    )


def _end_plate(samples: int, rng: np.random.Generator) -> Float64s:
    """Return end-plate noise with irregular spikes that begin negative, shape (samples,) [uV]."""
    p = part("traces/needle").table("end_plate")
    seconds = samples / RATE_HZ
    tiny = STEP_MS * np.arange(LENGTH)[None, :]
    small = -p["noise_uv"] * tiny / 0.4 * np.exp(1.0 - tiny / 0.4)
    spike = -p["spike_uv"] * (
        np.exp(-(((tiny - 1.5) / 0.25) ** 2)) - 0.6 * np.exp(-(((tiny - 2.3) / 0.45) ** 2))
    )
    waves = _phased(np.asarray(np.concatenate([small, spike]), np.float32))
    many, few = int(p["noise_per_s"] * seconds), rng.poisson(p["spikes_per_s"] * seconds)
    when = rng.random(many + few) * samples
    return _laid(samples, when, np.repeat([0, 1], [many, few]), waves)


def _fasciculations(
    chosen: _Recipe, place: tuple[int, float], count: int, rng: np.random.Generator
) -> Float64s:
    """Return whole motor units that fire now and then, shape (samples,) [uV]."""
    samples, end_plate_mm = place
    units = _draw_units(chosen, max(count, 1), end_plate_mm, rng, near=0.6, loose=False)
    first = part("traces/needle").value("quiet_ms") / STEP_MS
    when = rng.uniform(first, max(samples - LENGTH, first + 1.0), count) - 0.25 * LENGTH
    return _laid(samples, when, rng.integers(0, max(count, 1), count), units.steady)


def _myokymia(chosen: _Recipe, place: tuple[int, float], rng: np.random.Generator) -> Float64s:
    """Return one unit that fires in groups, again and again, shape (samples,) [uV]; see `_fasciculations`."""
    p = part("traces/needle").table("myokymia")
    samples, end_plate_mm = place
    unit = _draw_units(chosen, 1, end_plate_mm, rng, near=0.5, loose=False)
    groups = int(samples / RATE_HZ * p["groups_per_s"]) + 2
    pause = (1.0 + 0.08 * rng.standard_normal(groups)) / p["groups_per_s"]
    begin = np.cumsum(pause) - pause[0] * (0.2 + 0.8 * rng.random())
    inside = np.cumsum(np.maximum(1.0 + 0.1 * rng.standard_normal((groups, int(p["most"]))), 0.5), axis=1)
    rate = p["rate_hz"] * np.exp(0.2 * rng.standard_normal())
    number = rng.integers(int(p["least"]), int(p["most"]) + 1, groups)
    when = (begin[:, None] + inside / rate)[np.arange(int(p["most"])) < number[:, None]] * RATE_HZ
    return _laid(samples, when, np.zeros(len(when), np.int64), unit.steady)


def _complex_repetitive(samples: int, end_plate_mm: float, rng: np.random.Generator) -> Float64s:
    """Return fibres that set one another off in a ring: begins and ends at once, (samples,) [uV]."""
    p = part("traces/needle").table("complex_repetitive")
    fibres = int(rng.integers(int(p["least"]), int(p["most"]) + 1))
    size = p["size_uv"] * np.exp(0.6 * rng.standard_normal((fibres, 1)))
    wave = _phased(np.asarray(_fibre_waves(fibres, end_plate_mm, rng) * size, np.float32))
    rate = float(np.clip(p["rate_hz"] * np.exp(0.5 * rng.standard_normal()), 5.0, 100.0))
    ring = np.sort(rng.random(fibres)) * min(p["ring_ms"], 600.0 / rate)
    begin, end = rng.uniform(0.2, 0.3) * samples, rng.uniform(0.85, 1.1) * samples
    turn = np.arange(begin, min(end, samples), RATE_HZ / rate)
    when = (
        turn[:, None]
        + ring / STEP_MS
        + p["jitter_us"] / 1000.0 / STEP_MS * rng.standard_normal((len(turn), fibres))
    )
    which = np.broadcast_to(np.arange(fibres), when.shape)
    return _laid(samples, when.ravel(), which.ravel(), wave)
