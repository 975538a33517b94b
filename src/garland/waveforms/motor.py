"""Compound muscle action potentials (CMAP), motor unit by motor unit.

Trusted  supramaximal to threshold stimuli, skin from 20 to 40 degrees, answers within 160 ms; electrode over
the end-plates, reference beyond the tendon.

The potential of a unit is the mean over its fibres: end-plates scatter along the muscle, branches differ in
length. It is made of the potentials of single fibres under an electrode on the surface of muscle (twice that
of endless muscle) less that at the reference. Sums are taken on spectra, where a delay is a turn of phase and
need not be whole samples.

The healthy muscle of this person is found first: how many fibres, what delay beyond the nerve, and which
velocity of the mean axon in each stretch make the healthy trace measure exactly what the state says. Then
disease strikes units. Slowing and loss are stated for the first axons to arrive, which is what a latency is
measured on; the others spread behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from garland._types import Float64s, Ints
from garland.errors import InputError
from garland.evidence import part
from garland.signals.markers import motor_response
from garland.signals.trace import Trace
from garland.waveforms.amplifier import _artefact_uv, _digitised, _filtered, _noise, _settings
from garland.waveforms.motor_units import SHAPES, _diseased_units, _even_normals, _healthy_units, _MotorUnits
from garland.waveforms.muscle_fibre import _potential_uv
from garland.waveforms.state import MotorState

Spectra = NDArray[np.complex128]

PERIOD = 4096
"""Samples after which a spectrum repeats: later answers would come round again [-]."""
HIGHEST_HZ = 2000.0
"""Above this a surface potential holds nothing [Hz]."""
_FIBRE_SAMPLES = 900
"""Samples that hold the potential of one fibre, to its end at the tendon."""
_BLOCK = 32
"""Phases are multiplied out from coarse and fine steps of so many [-]."""
_NODES = np.array([-(3.0**0.5), 0.0, 3.0**0.5]), np.array([1.0, 4.0, 1.0]) / 6.0
"""Three places and weights that stand for a standard normal spread."""


def _motor_rate_hz() -> float:
    """Return the sampling rate of motor studies and late responses [Hz]."""
    return _settings("motor").rate_hz


def _frequencies_hz() -> Float64s:
    """Return the frequencies of the spectra, shape (F,) [Hz]."""
    step = _motor_rate_hz() / PERIOD
    return np.asarray(step * np.arange(int(HIGHEST_HZ / step) + 1), float)


def _per_muscle(name: str, muscle: str) -> float:
    table = part("traces/motor").table(name)
    return table.get(muscle, table["any"])


@lru_cache(maxsize=64)
def _unit_spectra(muscle: str, diameter_um: float, temperature_c: float = 34.0) -> Spectra:
    """Return the spectra of the unit potentials of a muscle, per muscle fibre.

    Shape (SHAPES, F) [uV].
    """
    p = part("traces/motor")
    latents = _even_normals(SHAPES, 4)
    depth = _per_muscle("depth_mm", muscle) * np.exp(p.value("depth_cv") * latents[0])
    half = _per_muscle("half_length_mm", muscle)
    length = half * np.exp(p.value("half_length_cv") * latents[1])
    diameter = diameter_um + p.spread("fibre_diameter_um") * latents[2]
    spread = p.table("end_plate_sd_mm")
    nodes, weights = _NODES
    plate = (spread["units"] * latents[3])[:, None] + spread["fibres"] * nodes
    plate = np.clip(plate, -0.8 * length[:, None], 0.8 * length[:, None]).ravel()
    wide = [np.repeat(x, len(nodes)) for x in (depth, diameter, length)]
    warm = 1.0 + p.value("muscle_velocity_per_degree") * (temperature_c - 34.0)
    times = (_FIBRE_SAMPLES, 1000.0 / _motor_rate_hz() * max(warm, 0.2))
    beyond = length.max() + p.value("reference_beyond_mm")
    ends = (wide[2] + plate, wide[2] - plate)
    active = _potential_uv(times, -plate, wide[0], wide[1], ends)
    away = _potential_uv(times, beyond - plate, wide[0], wide[1], ends)
    fibre = 2.0 * (active - away).reshape(SHAPES, len(nodes), -1)
    whole = np.einsum("e,ket->kt", weights, fibre)
    turn = 2e-3 * np.pi * _frequencies_hz()
    blur = np.exp(-0.5 * (p.value("branch_sd_ms") * turn) ** 2)
    return np.asarray(fft.rfft(whole, PERIOD, axis=-1)[:, : len(turn)] * blur)


def _delay_spectra(delay_ms: Float64s) -> Spectra:
    """Return the spectra of unit impulses at the given times, shape (U,) to (U, F)."""
    count = len(_frequencies_hz())
    turn = -2e-3j * np.pi * _motor_rate_hz() / PERIOD * delay_ms[:, None]
    fine = np.exp(turn * np.arange(_BLOCK))
    coarse = np.exp(turn * (_BLOCK * np.arange(-(-count // _BLOCK))))
    return np.asarray((coarse[:, :, None] * fine[:, None, :]).reshape(len(delay_ms), -1)[:, :count])


def _summed_units(spectra: Spectra, shape: Ints, delay_ms: Float64s, fibres: Float64s) -> Float64s:
    """Return sums of unit potentials.

    Shape (S, PERIOD) [uV], from the stimulus on.
    """
    total = np.zeros((len(fibres), spectra.shape[1]), complex)
    heard = np.flatnonzero((fibres > 0.0).any(axis=0))
    if not len(heard):
        return np.zeros((len(fibres), PERIOD))
    waves = _delay_spectra(delay_ms[heard])
    for kind in range(SHAPES):
        own = shape[heard] == kind
        if own.any():
            # Not a matrix product: its threads cost more than so small a sum.
            total += np.einsum("su,uf->sf", fibres[:, heard[own]].astype(complex), waves[own]) * spectra[kind]
    return np.asarray(fft.irfft(total, PERIOD, axis=-1))


_ROUNDS = 6
"""Most rounds of finding the healthy muscle; three are usual."""
_CLOSE_MS = 2e-4
"""An onset this near to what it should be is there [ms]."""
_CLEAR_UV = 5000.0
"""A healthy response is measured at this size, whatever its own, so that none is too small [uV]."""
_HALVINGS = 24
"""Halvings of the interval in which the beginning of a response is sought [-]."""
_COLDEST_C, _WARMEST_C = 20.0, 40.0


@dataclass(frozen=True, eq=False)
class _HealthyMuscle:
    """The healthy muscle of one person, as one study sees it.

    Attributes
    ----------
    units : MotorUnits
        Its motor units.
    fibres : float
        Muscle fibres within reach of the electrode that explain the amplitude [-].
    base_ms : float
        Latency beyond conduction in the nerve: end of the nerve, end-plate, muscle [ms].
    stretch_ms : tuple of float
        Conduction time of the mean axon over each stretch, distal first [ms].
    diameter_um : float
        Mean diameter of the muscle fibres [um].
    """

    units: _MotorUnits
    fibres: float
    base_ms: float
    stretch_ms: tuple[float, ...]
    diameter_um: float


def _check(state: MotorState) -> None:
    points = len(state.distances_mm)
    for name in ("velocities_m_s", "through", "slowing"):
        if len(getattr(state, name)) != points:
            raise InputError(
                f"{state.study}.{name}",
                getattr(state, name),
                f"must have one value for each of {points} stimulation points",
                "give as many values as distances_mm",
            )
    if not state.amplitude_mv > 0.0:
        raise InputError(
            f"{state.study}.amplitude_mv",
            state.amplitude_mv,
            "is not above zero",
            "give the amplitude in health [mV]",
        )
    if not _COLDEST_C <= state.temperature_c <= _WARMEST_C:
        raise InputError(
            f"{state.study}.temperature_c",
            state.temperature_c,
            f"is outside {_COLDEST_C:g} to {_WARMEST_C:g} degrees",
            "give the skin temperature in Celsius",
        )


def _fibre_diameter_um(age_years: float) -> float:
    """Return the mean diameter of muscle fibres at an age, in steps of a micrometre [um]."""
    p = part("traces/motor")
    reference = part("recordings/reference_limits").group("reference-person").value("age_years")
    older = float(np.clip(age_years - reference, 0.0, 60.0))
    return float(round(p.value("fibre_diameter_um") * (1.0 - p.value("fibre_thinning_per_year") * older)))


def _nerve_warmth(temperature_c: float) -> float:
    """Return the conduction velocity of axons relative to that at 34 degrees [-]."""
    table = part("traces/motor").table("velocity_by_temperature")
    return float(np.interp(temperature_c, [float(key) for key in table], list(table.values())))


def _measured(samples_uv: Float64s, kind: str) -> Trace:
    chosen = _settings(kind)
    count = round(chosen.sweep_ms * chosen.rate_hz / 1000.0)
    return _filtered(Trace(samples_uv[:count], _motor_rate_hz()), chosen.low_hz, chosen.high_hz)


def _onset(spectra: Spectra, units: _MotorUnits, delay_ms: Float64s, fibres: float) -> tuple[float, float]:
    """Return onset [ms] and amplitude [uV] of the healthy response."""
    sweep = _summed_units(spectra, units.shape, delay_ms, fibres * units.fibres[None])[0]
    scale = _CLEAR_UV / float(np.abs(sweep).max())
    response = motor_response(_measured(scale * sweep, "motor"))
    if response is None:
        raise InputError(
            "latency_ms",
            round(float(delay_ms.min()), 3),
            "leaves no room for a response",
            "give a healthy latency between 1.5 and 40 ms",
        )
    return response.onset_ms, response.amplitude_uv / scale


def _healthy_muscle(
    state: MotorState, age_years: float, rng: np.random.Generator, points: int | None = None
) -> _HealthyMuscle:
    """Find the healthy muscle whose traces measure what the state says of health."""
    _check(state)
    count = len(state.distances_mm) if points is None else points
    units = _healthy_units(state.muscle, rng, len(state.distances_mm))
    diameter = _fibre_diameter_um(age_years)
    spectra = _unit_spectra(state.muscle, diameter)
    stretch = [d / v for d, v in zip(state.distances_mm, state.velocities_m_s, strict=True)]
    spread = units.terminal_ms + stretch[0] / units.velocity
    base = state.latency_ms - float(np.mean(spread))
    fibres = 1e3 * state.amplitude_mv / 0.5
    for _ in range(_ROUNDS):
        onset, height = _onset(spectra, units, base + spread, fibres)
        base += state.latency_ms - onset
        fibres *= 1e3 * state.amplitude_mv / height
        if abs(onset - state.latency_ms) < _CLOSE_MS:
            break
    want, delay = state.latency_ms, base + spread
    for k in range(1, count):
        want += stretch[k]
        stretch[k] = _settled(spectra, units, delay, (stretch[k], want, fibres))
        delay = delay + stretch[k] / units.velocity
    return _HealthyMuscle(units, fibres, base, tuple(stretch), diameter)


def _settled(spectra: Spectra, units: _MotorUnits, delay: Float64s, aim: tuple[float, float, float]) -> float:
    """Return the time of the mean axon over a stretch [ms]; `aim`: first guess, onset wanted [ms], fibres."""
    time, want, fibres = aim
    slope = 1.0 / float(np.quantile(units.velocity, 0.9))
    for _ in range(_ROUNDS):
        onset, _ = _onset(spectra, units, delay + time / units.velocity, fibres)
        time += (want - onset) / slope
        if abs(want - onset) < _CLOSE_MS:
            break
    return time


def _first_ms(delay_ms: Float64s, weights: Float64s) -> float:
    """Return when a response is called to begin: when the first few fibres have answered [ms]."""
    p = part("traces/motor")
    foot, wanted = p.value("foot_ms"), p.value("first_share") * float(weights.sum())
    early, late = float(delay_ms.min()) - 20.0 * foot, float(delay_ms.max()) + 20.0 * foot
    for _ in range(_HALVINGS):
        middle = 0.5 * (early + late)
        if weights @ (1.0 + np.tanh((middle - delay_ms) / (2.0 * foot))) < 2.0 * wanted:
            early = middle
        else:
            late = middle
    return 0.5 * (early + late)


def _delays_ms(muscle: _HealthyMuscle, units: _MotorUnits, state: MotorState, points: int) -> Float64s:
    """Return when each unit answers from each stimulation point.

    Shape (P, U) [ms]. The first share of fibres is slower by ``(1 + slowing) / fast`` over each stretch;
    regrown axons come later for being thin.
    """
    thin = np.where(units.regrown > 0.0, part("traces/motor").value("regrown_velocity"), 1.0)
    health = muscle.units
    cold = 1.0 / _nerve_warmth(state.temperature_c)
    well = ill = late = np.zeros(1)
    last = want = 0.0
    rows = []
    for k, (time, slowing) in enumerate(zip(muscle.stretch_ms[:points], state.slowing, strict=False)):
        fixed = 1.0 if k == 0 else 0.0
        factor = (1.0 + slowing) / state.fast
        well = well + fixed * (muscle.base_ms + health.terminal_ms) + time / health.velocity
        slower = cold * (1.0 + slowing * units.slowing) / state.fast
        ill = ill + slower * (fixed * (muscle.base_ms + units.terminal_ms) + time / units.velocity)
        late = late + slower * time / units.velocity * (1.0 / thin - 1.0)
        begin = _first_ms(well, health.fibres)
        taken = state.latency_ms if k == 0 else begin - last
        want, last = want + begin - last + (cold * factor - 1.0) * taken, begin
        ill = ill + (want - _first_ms(ill, units.fibres))
        rows.append(ill + late)
    return np.stack(rows)


def _spectra(muscle: _HealthyMuscle, state: MotorState) -> Spectra:
    """Return the spectra of unit potentials at the patient's temperature, in steps of half a degree."""
    return _unit_spectra(state.muscle, muscle.diameter_um, round(2.0 * state.temperature_c) / 2.0)


def _response(
    muscle: _HealthyMuscle, units: _MotorUnits, state: MotorState, points: range, intensity: float
) -> list[Trace]:
    """Return the noise-free traces from some stimulation points."""
    spectra = _spectra(muscle, state)
    excited = muscle.fibres * units.fibres * (units.threshold <= intensity)
    if not units.fibres.sum() > 0.0:
        silent = np.zeros(PERIOD)
        return [_measured(silent, "motor") for _ in points]
    delay = _delays_ms(muscle, units, state, points.stop)
    return [
        _measured(
            _summed_units(spectra, units.shape, delay[p], (excited * units.answers[p])[None])[0], "motor"
        )
        for p in points
    ]


def _finished(trace: Trace, rng: np.random.Generator, intensity: float) -> Trace:
    """Return a trace with noise and stimulus artefact, as the converter writes it."""
    times = trace.times_ms
    added = _noise(len(times), trace.rate_hz, rng, "motor") + _artefact_uv(times, rng, "motor", intensity)
    return _digitised(replace(trace, samples_uv=trace.samples_uv + added), "motor")


def record_cmap(
    state: MotorState,
    age_years: float,
    rng: np.random.Generator,
    *,
    point: int = 0,
    noisy: bool = True,
    intensity: float = 1.0,
) -> Trace:
    """Record the CMAP from one stimulation point.

    Parameters
    ----------
    state : MotorState
        Nerve and muscle.
    age_years : float
        Age [a].
    rng : numpy.random.Generator
        Units, which of them are hit, and noise; the same units for the same seed, whatever the point.
    point : int
        Stimulation point, 0 is the most distal.
    noisy : bool
        With noise of the amplifier and stimulus artefact, or without.
    intensity : float
        Stimulus relative to one that excites all axons of this nerve [-].

    Returns
    -------
    Trace
        50 ms from the stimulus on, behind the filters [uV].

    Raises
    ------
    InputError
        The state is not of one shape, or there is no such point.
    """
    if not 0 <= point < len(state.distances_mm):
        raise InputError(
            "point",
            point,
            f"is not one of {len(state.distances_mm)} stimulation points",
            "count from 0, distal first",
        )
    return _recorded(state, age_years, rng, range(point, point + 1), noisy, intensity)[0]


def record_cmaps(
    state: MotorState,
    age_years: float,
    rng: np.random.Generator,
    *,
    noisy: bool = True,
    intensity: float = 1.0,
) -> tuple[Trace, ...]:
    """Record the CMAP from every stimulation point."""
    return _recorded(state, age_years, rng, range(len(state.distances_mm)), noisy, intensity)


def _recorded(
    state: MotorState,
    age_years: float,
    rng: np.random.Generator,
    points: range,
    noisy: bool,
    intensity: float,
) -> tuple[Trace, ...]:
    muscle = _healthy_muscle(state, age_years, rng, points.stop)
    units = _diseased_units(muscle.units, state, rng)
    clean = _response(muscle, units, state, points, intensity)
    named = [replace(one, label=f"{state.study} point {p + 1}") for p, one in zip(points, clean, strict=True)]
    return tuple(_finished(one, rng, intensity) for one in named) if noisy else tuple(named)
