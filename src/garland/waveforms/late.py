"""F waves and the H reflex: impulses that turn back at the cord.

Trusted  supramaximal stimuli for F waves, threshold to supramaximal for the H reflex.

An F wave is the impulse of a few axons that runs up to the cord, is turned back by the motor neuron and comes
down again: latency of the M wave, twice the way to the cord, and the time of turning. The way is set so that
the shortest of the responses is, on average, what the state says. In the H reflex afferents excite motor
neurons, small ones first; a motor axon that the stimulus itself excites sends an impulse upwards, which meets
the reflex on its way and both are lost, so that the H reflex gives way to the M wave.
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.reference_values import REFERENCE_AGE_YEARS
from garland.signals.markers import motor_response
from garland.signals.trace import Trace
from garland.waveforms.amplifier import _artefact_uv, _digitised, _filtered, _noise, _settings
from garland.waveforms.motor import (
    PERIOD,
    Spectra,
    _delays_ms,
    _healthy_muscle,
    _HealthyMuscle,
    _motor_rate_hz,
    _spectra,
    _summed_units,
    _unit_spectra,
)
from garland.waveforms.motor_units import _diseased_units, _even_order, _MotorUnits, _passing
from garland.waveforms.state import LateState, MotorState

INTENSITIES = (0.15, 0.2, 0.23, 0.26, 0.3, 0.34, 0.38, 0.42, 0.46, 0.5, 0.55, 0.62, 0.7, 0.85, 1.0)
"""Stimuli of an H reflex recruitment curve, relative to one that excites all motor axons [-]."""
_HALVINGS = 40
"""Halvings of the interval in which the way to the cord is sought [-]."""
_SUREST = 0.8
"""No unit sends an F wave more often than this [-]."""
_EARLY_MS, _TAKE_OFF_SAMPLES = 20.0, 2000
"""Where a wave is put to see when it takes off [ms], and how much of the sweep is looked at."""
_LONGEST_MS = 150.0
"""No way to the cord and back takes longer [ms]."""


def record_f_waves(
    motor_state: MotorState,
    late_state: LateState,
    rng: np.random.Generator,
    *,
    stimuli: int = 20,
    age_years: float = REFERENCE_AGE_YEARS,
) -> tuple[Trace, ...]:
    """Record what follows each of some supramaximal stimuli at the distal point, at high gain.

    K sweeps of 150 ms [uV]; the M wave fills the amplifier and is cut. There are no F waves with an
    excitability of zero or below, or where nothing conducts.
    """
    if stimuli < 1:
        raise InputError("stimuli", stimuli, "is less than one", "give at least one stimulus")
    muscle, units, direct = _patient(motor_state, age_years, rng)
    spectra = _spectra(muscle, motor_state)
    sweeps = np.zeros((stimuli, PERIOD))
    if len(direct):
        counts = muscle.fibres * units.fibres
        sweeps = np.repeat(_summed_units(spectra, units.shape, direct, counts[None]), stimuli, axis=0)
        latents = _f_probability(units, motor_state, late_state, rng)
        if late_state.f_latency_ms is not None and latents.any():
            rise = _unit_rise_ms(motor_state.muscle, muscle.diameter_um)[units.shape]
            relative = _way_back(units, late_state)
            way = _way_ms((direct + rise, relative), latents, stimuli, late_state.f_latency_ms)
            answers = _answering(latents, stimuli, rng)
            later = direct + part("traces/motor").value("f_turn_ms") + 2.0 * way * relative
            sweeps = sweeps + _summed_units(spectra, units.shape, later, answers * counts)
    cut, name = part("traces/motor").value("f_cut_uv"), motor_state.study
    return tuple(
        _finished(sweep, f"{name} F wave {k + 1}", (rng, 1.0), cut) for k, sweep in enumerate(sweeps)
    )


def _patient(
    state: MotorState, age_years: float, rng: np.random.Generator
) -> tuple[_HealthyMuscle, _MotorUnits, Float64s]:
    """Return the healthy muscle, the units left, and when they answer from the distal point [ms]."""
    muscle = _healthy_muscle(state, age_years, rng, 1)
    units = _diseased_units(muscle.units, state, rng)
    direct = _delays_ms(muscle, units, state, 1)[0] if units.fibres.sum() > 0.0 else np.zeros(0)
    return muscle, units, direct


def _connected(state: MotorState) -> float:
    """Return the share of motor axons connected to the muscle, above zero [0..1]."""
    return max(state.intact + state.regrown, 1e-9)


@lru_cache(maxsize=64)
def _unit_rise_ms(muscle: str, diameter_um: float) -> Float64s:
    """Return how long after its delay each unit potential of a muscle takes off, shape (SHAPES,) [ms]."""
    spectra, late = _unit_spectra(muscle, diameter_um), _EARLY_MS
    count = len(spectra)
    sweeps = _summed_units(spectra, np.arange(count), np.full(count, late), 1e4 * np.eye(count))
    found = [motor_response(Trace(one[:_TAKE_OFF_SAMPLES], _motor_rate_hz())) for one in sweeps]
    return np.array([0.0 if one is None else one.onset_ms - late for one in found])


def _way_back(units: _MotorUnits, late_state: LateState) -> Float64s:
    """Return the time of each unit to the cord relative to that of the mean healthy axon, shape (U,) [-]."""
    thin = np.where(units.regrown > 0.0, part("traces/motor").value("regrown_velocity"), 1.0)
    return np.asarray((1.0 + late_state.slowing * units.slowing) / (units.velocity * thin))


def _f_probability(
    units: _MotorUnits, motor_state: MotorState, late_state: LateState, rng: np.random.Generator
) -> Float64s:
    """Return how likely each unit sends an F wave after one stimulus, shape (U,) [0..1]."""
    p = part("traces/motor")
    count = len(units.fibres)
    conducting = min(late_state.conducting / _connected(motor_state), 1.0)
    reaching = _passing(np.ones(count), _even_order(count, rng), conducting)
    weight = np.asarray(reaching * units.fibres ** p.value("f_size_power"))
    total = float(weight.sum())
    if late_state.excitability <= 0.0 or total <= 0.0:
        return np.zeros(count)
    ease = (late_state.excitability / p.value("f_excitability")) ** 0.5
    mean = p.value("f_units_per_stimulus") * late_state.conducting * ease
    return np.asarray(np.minimum(mean * weight / total, _SUREST))


def _answering(latents: Float64s, stimuli: int, rng: np.random.Generator) -> Float64s:
    """Return which units send an F wave after which stimulus, shape (K, U); after one at least."""
    answers = rng.random((stimuli, len(latents))) < latents
    if not answers.any():
        answers[rng.integers(stimuli), rng.choice(len(latents), p=latents / latents.sum())] = True
    return answers.astype(float)


def _way_ms(times: tuple[Float64s, Float64s], latents: Float64s, stimuli: int, wanted_ms: float) -> float:
    """Return the time to the cord at which the shortest of all responses is, on average, the one wanted [ms].

    `times` are when the M wave of each unit takes off [ms], and its way relative to the mean.
    """
    direct, relative = times
    turn = part("traces/motor").value("f_turn_ms")
    ever = 1.0 - (1.0 - latents) ** stimuli
    low, high = 0.0, _LONGEST_MS
    for _ in range(_HALVINGS):
        way = 0.5 * (low + high)
        latency = direct + turn + 2.0 * way * relative
        order = np.argsort(latency)
        before = np.cumprod(np.append(1.0, 1.0 - ever[order]))
        shortest = float((before[:-1] - before[1:]) @ latency[order]) / max(1.0 - float(before[-1]), 1e-12)
        low, high = (way, high) if shortest < wanted_ms else (low, way)
    return 0.5 * (low + high)


def _finished(
    sweep_uv: Float64s, label: str, latents: tuple[np.random.Generator, float], cut_uv: float
) -> Trace:
    """Return a sweep behind an amplifier that is full at a voltage; `latents`: generator and intensity."""
    rng, intensity = latents
    chosen = _settings("late")
    count = round(chosen.sweep_ms * chosen.rate_hz / 1000.0)
    clean = _filtered(Trace(sweep_uv[:count], chosen.rate_hz), chosen.low_hz, chosen.high_hz)
    added = _noise(count, chosen.rate_hz, rng, "late") + _artefact_uv(clean.times_ms, rng, "late", intensity)
    full = np.clip(clean.samples_uv + added, -cut_uv, cut_uv)
    return _digitised(Trace(full, chosen.rate_hz, 0.0, label), "late")


def record_h_reflex(
    motor_state: MotorState,
    late_state: LateState,
    rng: np.random.Generator,
    *,
    intensities: tuple[float, ...] = INTENSITIES,
    age_years: float = REFERENCE_AGE_YEARS,
) -> tuple[Trace, ...]:
    """Record a recruitment curve of the H reflex.

    K sweeps of 150 ms [uV]. There is no H reflex with an excitability of zero or below.
    """
    if not intensities:
        raise InputError("intensities", intensities, "is empty", "give at least one stimulus")
    muscle, units, direct = _patient(motor_state, age_years, rng)
    spectra = _spectra(muscle, motor_state)
    sweeps = np.zeros((len(intensities), PERIOD))
    if len(direct):
        counts = muscle.fibres * units.fibres
        conducting = late_state.conducting / _connected(motor_state)
        excited, reflex = _recruited(units, (late_state.excitability, conducting), intensities, rng)
        sweeps = _summed_units(spectra, units.shape, direct, excited * counts)
        if late_state.h_latency_ms is not None and reflex.any():
            later = direct + _reflex_ms(units, late_state, float(direct.mean()), rng)
            largest = reflex[int(np.argmax(reflex @ counts))]
            later += late_state.h_latency_ms - _take_off(spectra, (units, later), largest * counts)
            sweeps = sweeps + _summed_units(spectra, units.shape, later, reflex * counts)
    whole = _settings("late").range_uv
    return tuple(
        _finished(sweep, f"{motor_state.study} H reflex {k + 1}", (rng, strength), whole)
        for k, (sweep, strength) in enumerate(zip(sweeps, intensities, strict=True))
    )


def _recruited(
    units: _MotorUnits,
    reflex_arc: tuple[float, float],
    intensities: tuple[float, ...],
    rng: np.random.Generator,
) -> tuple[Float64s, Float64s]:
    """Return which units answer directly and which through the reflex at each stimulus.

    Two arrays of 0 and 1, shape (K, U); no unit does both.
    """
    p = part("traces/motor")
    excitability, conducting = reflex_arc
    strength = np.asarray(intensities, float)[:, None]
    excited = units.threshold <= strength
    count = len(units.fibres)
    afferent, unit = p.table("afferent_threshold"), NormalDist()
    scores = np.log(np.maximum(strength[:, 0], 1e-6) / afferent["median"]) / afferent["sd_ln"]
    felt = np.array([unit.cdf(float(score)) for score in scores])
    ease = excitability / p.value("h_excitability")
    reach = p.value("h_share") * float(np.clip(0.15 + 0.85 * ease, 0.0, 1.0 / p.value("h_share")))
    # Small units, hard to excite from outside, are the first that the reflex calls.
    outside = units.threshold * np.exp(0.1 * rng.standard_normal(count))
    called = np.argsort(np.argsort(-outside)) / max(count, 1)
    reflex = (called < reach * min(conducting, 1.0) * felt[:, None]) & ~excited
    if excitability <= 0.0:
        reflex = np.zeros_like(reflex)
    return excited.astype(float), reflex.astype(float)


def _reflex_ms(
    units: _MotorUnits, late_state: LateState, direct_ms: float, rng: np.random.Generator
) -> Float64s:
    """Return how much later than its M wave each unit answers, but for a common delay, shape (U,) [ms]."""
    way = 0.5 * max((late_state.h_latency_ms or 0.0) - direct_ms, 0.0)
    synapse = part("traces/motor").value("h_spread_ms") * rng.standard_normal(len(units.fibres))
    relative = _way_back(units, late_state)
    return np.asarray(way * (relative - relative.mean()) + synapse)


def _take_off(spectra: Spectra, answers: tuple[_MotorUnits, Float64s], counts: Float64s) -> float:
    """Return when a wave of some units takes off [ms]; `answers`: units and when they answer."""
    units, delay = answers
    room = _EARLY_MS - float(delay.min())
    wave = _summed_units(spectra, units.shape, delay + room, counts[None])[0]
    chosen = _settings("late")
    scale = 1e3 / max(float(np.abs(wave).max()), 1e-12)
    sweep = Trace(scale * wave[:_TAKE_OFF_SAMPLES], chosen.rate_hz)
    response = motor_response(_filtered(sweep, chosen.low_hz, chosen.high_hz))
    return (_EARLY_MS if response is None else response.onset_ms) - room
