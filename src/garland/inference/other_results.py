"""What a finding could have been instead: the results on its scale.

The limits of a normal result are those of the readers: a row that says ``normal`` is read, and its interval
kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.inference.from_laboratory import laboratory
from garland.inference.from_recordings import _Reader
from garland.inference.observations import INF, Observation
from garland.inference.scales import (
    LENGTH_WORDS,
    NO,
    RECRUITMENT_WORDS,
    REFLEX_WORDS,
    SENSATION_WORDS,
    SIZE_WORDS,
    SPONTANEOUS_WORDS,
    STRENGTH_WORDS,
    TEMPO_WORDS,
    WALKING_WORDS,
    YES,
    Interval,
)
from garland.model.findings import Address
from garland.records.conduction import ConductionResult, NerveConduction
from garland.records.laboratory import Laboratory

Floats = NDArray[np.float64]


class _Result(NamedTuple):
    """One result on the scale of a finding: its word, its interval, and whether it is the normal one."""

    word: str
    low: float
    high: float
    normal: bool = False
    absent_in_health: float = 0.0


def _results(words: dict[str, Interval], *chosen: str) -> tuple[_Result, ...]:
    return tuple(_Result(word, *words[word], normal=word in ("normal", "none")) for word in chosen)


_WEAK = (STRENGTH_WORDS["severe-weakness"][0], STRENGTH_WORDS["mild-weakness"][1])
_STRENGTH = (_Result("weak", *_WEAK), _Result("normal", *STRENGTH_WORDS["normal"], normal=True))
_FEELING = _results(SENSATION_WORDS, "normal", "reduced", "absent")
_YES_OR_NO = (_Result("absent", *NO, normal=True), _Result("present", *YES))
_BLOCK = (_Result("present", -INF, math.log(0.5)), _Result("absent", math.log(0.6), INF, normal=True))
_SPONTANEOUS = (
    _Result("absent", *SPONTANEOUS_WORDS["none"], normal=True),
    _Result("present", *SPONTANEOUS_WORDS["present"]),
)
_SIGN = (_Result("negative", *NO, normal=True), _Result("positive", *YES))
_LATE = (_Result("absent", *NO), _Result("preserved", *YES, normal=True))
_FIXED: dict[str, tuple[_Result, ...]] = {
    "movement_strength": _STRENGTH,
    "muscle_strength": _STRENGTH,
    "reflex": _results(REFLEX_WORDS, "absent", "reduced", "normal", "brisk"),
    "nerve_feeling": _FEELING,
    "nerve_feeling_small": _FEELING,
    "dermatome_feeling": _FEELING,
    "dermatome_feeling_small": _FEELING,
    "region_feeling": _FEELING,
    "fibrillation": _SPONTANEOUS,
    "recruitment": (
        _Result("absent", *RECRUITMENT_WORDS["none"]),
        *_results(RECRUITMENT_WORDS, "reduced", "normal"),
    ),
    "muap_amplitude": (
        _Result("small", *SIZE_WORDS["reduced"]),
        _Result("normal", *SIZE_WORDS["normal"], normal=True),
        _Result("large", *SIZE_WORDS["raised"]),
    ),
    "muap_duration": (
        _Result("short", *LENGTH_WORDS["short"]),
        _Result("normal", *LENGTH_WORDS["normal"], normal=True),
        _Result("long", *LENGTH_WORDS["prolonged"]),
    ),
    "plantar": (_Result("flexor", *NO, normal=True), _Result("extensor", *YES)),
    "stretch": _SIGN,
    "cmap_drop": _BLOCK,
    "f_response": _LATE,
    "h_response": _LATE,
    "walking": _results(WALKING_WORDS, "wheelchair", "aid", "normal"),
    "progression": _results(TEMPO_WORDS, "sudden", "acute", "subacute", "chronic"),
}
_LABORATORY = {
    "csf_protein": "csf_protein_mg_dl",
    "csf_cells": "csf_cells_per_ul",
    "esr": "esr_mm_h",
    "crp": "crp_mg_l",
    "ck": "ck_u_l",
}
_TIMES = {
    "motor_latency": "distal_latency_ms",
    "sensory_latency": "distal_latency_ms",
    "motor_velocity": "velocity_m_s",
    "sensory_velocity": "velocity_m_s",
    "f_latency": "f_latency_ms",
    "h_latency": "h_latency_ms",
}


def _results_for(address: Address, age_years: float, height_cm: float) -> tuple[_Result, ...]:
    """Return the results that a finding can have, on its scale."""
    field, item = address.field, address.item.partition("@")[0]
    if field in _FIXED:
        return _FIXED[field]
    if field in ("snap", "cmap"):
        return tuple(_conduction(field, item, word, age_years, height_cm) for word in _AMPLITUDES)
    if field in _TIMES:
        slow = "reduced" if field.endswith("velocity") else "prolonged"
        return tuple(_conduction(field, item, word, age_years, height_cm) for word in ("normal", slow))
    if field == "laboratory":
        return tuple(_laboratory(item, word) for word in ("normal", "raised"))
    return _YES_OR_NO


_AMPLITUDES = ("absent", "reduced", "normal")


@cache
def _conduction(field: str, item: str, word: str, age_years: float, height_cm: float) -> _Result:
    """Return the interval that the reader gives to a word on one study."""
    study = {"f_latency": f"{item}-f-wave", "h_latency": f"{item}-h-reflex"}.get(field, item)
    said = {_TIMES.get(field, "result"): word}
    row = ConductionResult.model_validate({"study": study, "side": "left", **said})
    read = _Reader(age_years, height_cm).conduction(NerveConduction(results=(row,)))
    found = next(o for o in read if o.where[0].field == field)
    return _Result(word, found.low, found.high, word == "normal", found.absent_in_health)


@cache
def _laboratory(item: str, word: str) -> _Result:
    (found,) = laboratory(Laboratory.model_validate({_LABORATORY[item]: word}))
    return _Result(word, found.low, found.high, word == "normal")


def _result_of(observation: Observation, results: Sequence[_Result]) -> _Result:
    """Return the result that an observation comes nearest to."""

    low, high = observation.low, observation.high
    inner = low + _INWARDS if math.isinf(high) else high - _INWARDS if math.isinf(low) else 0.5 * (low + high)

    def apart(result: _Result) -> tuple[float, float, bool]:
        away = max(result.low - inner, inner - result.high, 0.0)
        ends = abs(_clip(low) - _clip(result.low)) + abs(_clip(high) - _clip(result.high))
        return away, ends, not result.normal

    return min(results, key=apart)


_INWARDS = 0.5
"""How far inside an open interval its typical value is taken to lie, on the scale of the finding."""


def _clip(value: float) -> float:
    return max(min(value, 12.0), -12.0)


def _alternative(observation: Observation, result: _Result) -> Observation:
    """Return the observation as it would stand with another result."""
    return replace(
        observation,
        text=result.word,
        low=result.low,
        high=result.high,
        every=result.normal and len(observation.where) > 1,
        absent_in_health=result.absent_in_health,
    )
