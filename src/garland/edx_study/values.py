"""What one test gives as numbers: measured off the traces, or expected of the model on average.

Both ways fill the same records, so that a table, a case and a comparison are written once. NaN is what is not
obtained or not told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from garland.anatomy.tree import load
from garland.reference_values import mean_and_spread
from garland.signals.interference_pattern import interference
from garland.signals.late import FWaves, HReflex
from garland.signals.markers import Response, motor_response, sensory_response
from garland.signals.muap import motor_units, summarise_units
from garland.signals.spontaneous_activity import spontaneous
from garland.signals.trace import Trace
from garland.waveforms.state import MotorState

_A = load()
NAN = math.nan
Parts = Sequence[tuple[str, float, float]]
_LATEST_F_MS = 145.0
"""Latest time at which an F wave is looked for [ms]."""
_EARLY, _LATE = 0.75, 1.8
"""How early and late F waves are looked for, relative to the usual latency [-]."""
_SLOW = 1.4
"""Rise of the distal latency from which a nerve is taken to be slow all the way [-]."""
_M_WAVE_LENGTHS = 3.0
"""How long an M wave lasts, in lengths of its negative phase [-]."""


class _SensoryValues(NamedTuple):
    """Onset and peak [ms], amplitudes [uV], velocity [m/s]."""

    onset_ms: float = NAN
    peak_ms: float = NAN
    amplitude_uv: float = NAN
    peak_to_peak_uv: float = NAN
    velocity_m_s: float = NAN


class _MotorValues(NamedTuple):
    """By point, distal first: latency [ms], amplitude [mV], area [mV ms], duration [ms], velocity [m/s]."""

    latency_ms: tuple[float, ...]
    amplitude_mv: tuple[float, ...]
    area_mv_ms: tuple[float, ...]
    duration_ms: tuple[float, ...]
    velocity_m_s: tuple[float, ...]


class _FValues(NamedTuple):
    """Shortest and mean latency, their spread [ms], persistence [%]."""

    shortest_ms: float = NAN
    mean_ms: float = NAN
    chronodispersion_ms: float = NAN
    persistence_percent: float = 0.0


class _HValues(NamedTuple):
    """Latency [ms], largest H and M [mV]."""

    latency_ms: float = NAN
    amplitude_mv: float = 0.0
    m_amplitude_mv: float = NAN


class _NeedleValues(NamedTuple):
    """What the needle found in one muscle.

    Attributes
    ----------
    insertional : str
        ``normal``, ``increased`` or ``reduced``.
    fibrillations, positive_waves : int
        Grade 0-4 [-].
    fasciculations, myokymia, complex_repetitive : bool
        Whether they were met.
    amplitude_uv, duration_ms, polyphasic_percent : float
        Means over motor units [uV], [ms], and share with more than four phases [%].
    units : int
        How many motor units were measured [-].
    recruitment : str
        Word of the scale of records.
    """

    insertional: str = "normal"
    fibrillations: int = 0
    positive_waves: int = 0
    fasciculations: bool = False
    myokymia: bool = False
    complex_repetitive: bool = False
    amplitude_uv: float = NAN
    duration_ms: float = NAN
    polyphasic_percent: float = NAN
    units: int = 0
    recruitment: str = "normal"


def _sensory_measured(trace: Trace, distance_mm: float) -> _SensoryValues:
    """Return what is read off a sensory trace over `distance_mm`."""
    found = sensory_response(trace)
    if found is None:
        return _SensoryValues()
    return _SensoryValues(
        found.onset_ms, found.peak_ms, found.amplitude_uv, found.peak_to_peak_uv, distance_mm / found.onset_ms
    )


def _motor_measured(found: Sequence[Response | None], state: MotorState) -> _MotorValues:
    """Return what the responses from every point of a motor study tell."""
    onset = tuple(NAN if one is None else one.onset_ms for one in found)
    speed = tuple(
        state.distances_mm[i] / (onset[i] - onset[i - 1]) if onset[i] > onset[i - 1] else NAN
        for i in range(1, len(onset))
    )
    return _MotorValues(
        onset,
        tuple(0.0 if one is None else one.amplitude_uv / 1000.0 for one in found),
        tuple(0.0 if one is None else one.area_uv_ms / 1000.0 for one in found),
        tuple(NAN if one is None else one.duration_ms for one in found),
        (NAN, *speed),
    )


def _f_window_ms(item: str, body: tuple[float, float], m_wave: Trace) -> tuple[float, float]:
    """Return where F waves are looked for at an age and height: about the usual latency, later if slow."""
    mean, _ = mean_and_spread(f"{item}-f-wave", "f-latency", *body)
    found = motor_response(m_wave)
    if found is None:
        return _EARLY * mean, _LATE * mean
    study = _A.motor_study_ids[_A.f_motor_study[_A.f_ids.index(item)]]
    slower = found.onset_ms / mean_and_spread(study, "latency", *body)[0]
    slower = slower if slower > _SLOW else 1.0
    over = found.onset_ms + _M_WAVE_LENGTHS * found.duration_ms
    latest = min(_LATE * mean * slower, _LATEST_F_MS)
    return min(max(_EARLY * mean * slower**0.5, over), latest - 10.0), latest


def _f_measured(found: FWaves) -> _FValues:
    """Return what a series of F waves tells."""
    if found.shortest_ms is None:
        return _FValues()
    mean, spread = found.mean_ms, found.chronodispersion_ms
    return _FValues(
        found.shortest_ms,
        NAN if mean is None else mean,
        NAN if spread is None else spread,
        found.persistence_percent,
    )


def _h_measured(found: HReflex | None) -> _HValues:
    """Return what a series of H reflexes at rising intensity tells."""
    if found is None:
        return _HValues()
    return _HValues(found.latency_ms, found.amplitude_uv / 1000.0, found.m_amplitude_uv / 1000.0)


def _needle_measured(trace: Trace, parts: Parts) -> _NeedleValues:
    """Return what is read off one needle recording whose parts are named rest, weak and full."""
    by_name: dict[str, list[Trace]] = {"rest": [], "weak": [], "full": []}
    for name, begin, end in parts:
        by_name[name].append(trace.between(begin, end))
    resting = spontaneous(by_name["rest"])
    units = motor_units(by_name["weak"])
    summary = summarise_units(units)
    pull = interference(by_name["full"][0], by_name["weak"], units)
    return _NeedleValues(
        insertional=resting.insertional,
        fibrillations=resting.fibrillation,
        positive_waves=resting.positive_waves,
        fasciculations=resting.fasciculations,
        myokymia=resting.myokymia,
        complex_repetitive=resting.complex_repetitive,
        amplitude_uv=summary.amplitude_uv,
        duration_ms=summary.duration_ms,
        polyphasic_percent=100.0 * summary.polyphasic,
        units=summary.units,
        # A unit that was measured in weak effort is one that can be called on.
        recruitment="single-unit" if pull.word == "none" and summary.units else pull.word,
    )
