"""Voluntary effort: which motor units are called on, how fast they fire, and the pattern they make.

Units are called on in order of size as drive rises (Henneman); each starts slowly and speeds up. Force is
the sum of twitches, so that a muscle with fewer or weaker fibres needs more drive for the same force: with
few units left these fire fast, with small units many fire early. Pain or a weak drive from the brain holds
all back alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from garland._types import Float32s, Float64s, Ints
from garland.evidence import part
from garland.waveforms.muscle_fibre import RATE_HZ
from garland.waveforms.needle_units import LENGTH, PHASES, _Units
from garland.waveforms.state import NeedleState


class _Called(NamedTuple):
    """Motor units near the needle that fire.

    Attributes
    ----------
    threshold : ndarray
        Drive at which each is called on, rising, shape (U,) [0..1].
    rate_hz : ndarray
        How fast each fires, shape (U,) [Hz].
    """

    threshold: Float64s
    rate_hz: Float64s


def _thresholds(rank: Float64s) -> Float64s:
    """Return the drive at which units are called on, by rank in the pool, same shape [0..1]."""
    wide = part("traces/needle").value("recruitment_range")
    return np.asarray(np.exp(np.log(wide) * (rank - 1.0)) * part("traces/needle").value("last_threshold"))


def _rates_hz(drive: ArrayLike, threshold: Float64s) -> Float64s:
    """Return how fast units fire at a drive, shapes broadcast [Hz]; 0 for those not called on."""
    p = part("traces/needle")
    rate = p.table("rate_hz")
    above = np.maximum(np.asarray(drive) - threshold, 0.0)
    risen = rate["onset"] + (rate["peak"] - rate["onset"]) * above ** p.value("rate_power")
    return np.asarray(np.where(np.asarray(drive) >= threshold, risen, 0.0))


def _force(drive: float, share: float, strength: float) -> float:
    """Return the force of a whole muscle, a healthy one at full drive being 1, up to tetanic fusion [-]."""
    pulled = _pull(np.array([drive, 1.0]))
    return float(share * strength * pulled[0] / pulled[1])


def _pull(drives: Float64s) -> Float64s:
    """Return the summed force of a healthy pool at some drives, shape (D,), in units of its own."""
    p = part("traces/needle")
    rank: Float64s = np.asarray((np.arange(100) + 0.5) / 100.0, np.float64)
    twitch = np.exp(np.log(p.value("twitch_range")) * rank)
    fires = _rates_hz(drives[:, None], _thresholds(rank))
    return np.asarray((twitch * -np.expm1(-((fires / p.value("fusion_hz")) ** 2))).sum(axis=1), float)


def _drive_for(effort: float, share: float, strength: float, most: float = 1.0) -> float:
    """Return the drive that makes a force, or the most there is if it cannot be reached [0..1]."""
    tried = np.geomspace(0.005, 1.0, 60)
    pulled = _pull(tried)
    reached = share * strength * pulled / pulled[-1]
    small = 1e-9
    found = np.interp(np.log(max(effort, small)), np.log(np.maximum(reached, small)), tried)
    return float(min(found, most))


def _strength(state: NeedleState) -> float:
    """Return the force of one motor unit of this muscle over that in health [-]."""
    p = part("traces/needle")
    grown = np.exp(
        max(state.amplitude_ln, 0.0) / part("recordings/needle").value("amplitude_per_enlargement")
    )
    weak = p.value("early_strength") if state.early else 1.0
    return float(grown * max(1.0 - state.diseased, 0.05) * weak)


def _called(state: NeedleState, effort: str, rng: np.random.Generator) -> _Called:
    """Draw the units near the needle that fire."""
    p = part("traces/needle")
    share = float(np.clip(2.0**state.recruitment_log2, 0.0, 1.0))
    count = int(np.floor(p.value("units_near") * share + rng.random()))
    rank = (np.arange(count) + rng.random(count)) / max(count, 1)
    threshold = _thresholds(np.asarray(rank, np.float64))
    drive = state.central
    if effort == "weak":
        wanted = _force(p.value("weak_drive"), 1.0, 1.0)
        second = 1.02 * float(threshold[min(1, count - 1)]) if count else 0.0
        drive = min(max(_drive_for(wanted, share, _strength(state)), second), state.central)
    rate = _rates_hz(drive, threshold) * np.exp(p.value("rate_sd_ln") * rng.standard_normal(count))
    fires = rate > 0.0
    return _Called(threshold[fires], rate[fires])


def _discharges(
    units: _Called, samples: int, ramp_s: float, rng: np.random.Generator
) -> tuple[Float64s, Ints]:
    """Draw the times of discharges.

    When, in samples from the beginning (a fraction too), and which unit, each shape (E,).
    """
    p = part("traces/needle")
    if not len(units.rate_hz):
        return np.zeros(0), np.zeros(0, np.int64)
    seconds = samples / RATE_HZ
    most = int(seconds * units.rate_hz.max() * 1.5) + 4
    shape = (len(units.rate_hz), most)
    even = np.maximum(1.0 + p.value("interval_cv") * rng.standard_normal(shape), 0.4)
    even[:, 0] *= rng.random(shape[0])
    late = ramp_s * units.threshold
    when = (late[:, None] + np.cumsum(even, axis=1) / units.rate_hz[:, None]) * RATE_HZ
    unit = np.broadcast_to(np.arange(shape[0])[:, None], shape)
    inside = when < samples
    return when[inside], np.asarray(unit[inside], np.int64)


def _laid(samples: int, when: Float64s, which: Ints, waves: Float32s) -> Float64s:
    """Return the sum of potentials laid at given times, shape (samples,) [uV]."""
    length = waves.shape[-1]
    here = (when > -length) & (when < samples)
    place = np.floor(when[here])
    phase = np.minimum(((when[here] - place) * PHASES).astype(np.int64), PHASES - 1)
    total = np.zeros(samples + 2 * length)
    for start, wave in zip(
        (place.astype(np.int64) + length).tolist(), waves[which[here], phase], strict=True
    ):
        total[start : start + length] += wave
    return total[length : length + samples]


def _pattern(units: _Units, when: Float64s, which: Ints, samples: int, rng: np.random.Generator) -> Float64s:
    """Return the recording that discharges of motor units make, shape (samples,) [uV]."""
    whole = _laid(samples, when, which, units.steady)
    loose = units.loose.shape[1]
    if not loose or not len(when):
        return whole
    shifted = when[:, None] + units.jitter_ms[which] * rng.standard_normal((len(when), loose)) * (
        RATE_HZ / 1000.0
    )
    passes = rng.random(shifted.shape) >= units.blocked[which]
    row = which[:, None] * loose + np.arange(loose)
    waves = units.loose.reshape(-1, PHASES, LENGTH)
    return whole + _laid(samples, shifted[passes], row[passes], waves)
