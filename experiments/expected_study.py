"""What the model expects of a study on paper, in the records that hold what is measured off its traces."""

from __future__ import annotations

import math

import numpy as np

from garland.edx_study.session import EdxSession
from garland.edx_study.values import (
    _LATEST_F_MS,
    NAN,
    _FValues,
    _HValues,
    _MotorValues,
    _NeedleValues,
    _SensoryValues,
)
from garland.reference_values import limits_of_muscle
from garland.signals.interference_pattern import _word_of
from garland.waveforms.state import LateState, NeedleState


def _sensory_expected(bench: EdxSession, study: str, side: int) -> _SensoryValues:
    """Return what the model expects of a sensory study; peaks are not told."""
    amplitude = math.exp(bench.found("snap", study, side))
    state = bench.sensory(study, side)
    if amplitude < bench.smallest(study) or state.passed == 0.0:
        return _SensoryValues()
    speed = math.exp(bench.found("sensory_velocity", study, side))
    return _SensoryValues(onset_ms=state.distance_mm / speed, amplitude_uv=amplitude, velocity_m_s=speed)


def _motor_expected(bench: EdxSession, study: str, side: int) -> _MotorValues:
    """Return what the model expects of a motor study; area and duration are not told."""
    state = bench.motor(study, side)
    points = range(len(state.distances_mm))
    nothing = (NAN,) * len(points)
    distal = math.exp(bench.found("cmap", f"{study}@0", side))
    if distal < bench.smallest(study) or state.passed == 0.0:
        return _MotorValues(nothing, (0.0,) * len(points), nothing, nothing, nothing)
    speed = [math.exp(bench.found("motor_velocity", f"{study}@{i}", side)) for i in points]
    latency = [math.exp(bench.found("motor_latency", study, side))]
    for i in points[1:]:
        latency.append(latency[-1] + state.distances_mm[i] / speed[i])
    sizes = tuple(
        distal * math.exp(min(bench.found("cmap_drop", f"{study}@{i}", side), 0.0)) if i else distal
        for i in points
    )
    return _MotorValues(tuple(latency), sizes, nothing, nothing, (NAN, *speed[1:]))


def _f_expected(state: LateState) -> _FValues:
    """Return what the model expects of F waves."""
    if state.excitability <= 0.0 or state.f_latency_ms is None or state.f_latency_ms > _LATEST_F_MS:
        return _FValues()
    return _FValues(shortest_ms=state.f_latency_ms, persistence_percent=NAN)


def _h_expected(state: LateState) -> _HValues:
    """Return what the model expects of an H reflex."""
    if state.excitability <= 0.0 or state.h_latency_ms is None:
        return _HValues()
    return _HValues(state.h_latency_ms, NAN)


def _needle_expected(state: NeedleState) -> _NeedleValues:
    """Return what the model expects the needle to find; motor units relative to the middle of the limits."""
    word = "early" if state.early else _word_of(state.recruitment_log2)
    grade = int(np.clip(round(state.fibrillation), 0, 4))
    silent = word == "none"
    upper = max((one.value for one in limits_of_muscle(state.muscle, "polyphasic")), default=30.0)
    return _NeedleValues(
        fibrillations=grade,
        positive_waves=grade,
        fasciculations=state.fasciculations,
        myokymia=state.myokymia,
        complex_repetitive=state.complex_repetitive,
        amplitude_uv=_middle(state.muscle, "muap-amplitude") * math.exp(state.amplitude_ln),
        duration_ms=_middle(state.muscle, "muap-duration") * math.exp(state.duration_ln),
        polyphasic_percent=(1.5 if state.polyphasic else 0.4) * upper,
        units=0 if silent else 20,
        recruitment=word,
    )


def _middle(muscle: str, measure: str) -> float:
    limits = [one.value for one in limits_of_muscle(muscle, measure)]
    return sum(limits) / len(limits) if limits else NAN
