"""What a finding could have been instead: the results on its scale.

The limits of a normal result are those of the readers: a row that says ``normal`` is read, and its interval
kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from garland.evidence.findings import NO, YES
from garland.evidence.provenance import remembered
from garland.inference.encode_examination import _encode_laboratory
from garland.inference.encode_recordings import _ConductionEncoder
from garland.inference.observations import _Observation
from garland.model.findings import FINDINGS, Address, study_measure
from garland.records.electrodiagnosis import ConductionResult, NerveConduction
from garland.records.laboratory import Laboratory


class _Result(NamedTuple):
    """One result on the scale of a finding: its word, its interval, and whether it is the normal one."""

    word: str
    low: float
    high: float
    normal: bool = False
    absent_in_health: float = 0.0


_YES_OR_NO = (_Result("absent", *NO, normal=True), _Result("present", *YES))


def _results_for(address: Address, age_years: float, height_cm: float) -> tuple[_Result, ...]:
    """Return the results that a finding can have, on its scale."""
    kind, item = FINDINGS[address.field], address.item.partition("@")[0]
    if kind.kind == "amplitude":
        return tuple(_conduction(kind.name, item, word, age_years, height_cm) for word in kind.results)
    if kind.kind == "time":
        words = ("normal", kind.slow)
        return tuple(_conduction(kind.name, item, word, age_years, height_cm) for word in words)
    if kind.kind == "level":
        return tuple(_laboratory(item, word) for word in ("normal", "raised"))
    return (
        tuple(
            _Result(word, *kind.interval(like), normal=word in kind.normal_results)
            for word, like in kind.results.items()
        )
        or _YES_OR_NO
    )


@remembered
def _conduction(field: str, item: str, word: str, age_years: float, height_cm: float) -> _Result:
    """Return the interval that the reader gives to a word on one study."""
    kind = FINDINGS[field]
    study, *_ = study_measure(Address(field, None, item))
    said = {kind.row or "result": word}
    row = ConductionResult.model_validate({"study": study, "side": "left", **said})
    read = _ConductionEncoder(age_years, height_cm).conduction(NerveConduction(results=(row,)))
    found = next(o for o in read if o.where[0].field == field)
    return _Result(word, found.low, found.high, word == "normal", found.absent_in_health)


@remembered
def _laboratory(item: str, word: str) -> _Result:
    (found,) = _encode_laboratory(Laboratory.model_validate({FINDINGS["laboratory"].item[item]["key"]: word}))
    return _Result(word, found.low, found.high, word == "normal")


def _result_of(observation: _Observation, results: Sequence[_Result]) -> _Result:
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


def _alternative(observation: _Observation, result: _Result) -> _Observation:
    """Return the observation as it would stand with another result."""
    return replace(
        observation,
        text=result.word,
        low=result.low,
        high=result.high,
        every=result.normal and len(observation.where) > 1,
        absent_in_health=result.absent_in_health,
    )
