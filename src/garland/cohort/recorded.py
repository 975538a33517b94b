"""What is written down of what would be shown on average: noise, scales, responses, gaps.

The noise is that of inference, without slips of the pen: a cohort is written by careful people. Quantities of
daily life are written as modelled, without error of measurement.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from garland.cohort.measures import AMPLITUDES, LIVED, _grades_of, _Measure, _measure_of, _words_of
from garland.model.electrodiagnosis.healthy import REFERENCE_AGE_YEARS
from garland.model.findings import column, healthy_amplitude, noise_sd

Floats = NDArray[np.float32]


def _with_responses(columns: tuple[_Measure, ...]) -> tuple[_Measure, ...]:
    """Return the measures with the responses that some of them hang on, each once."""
    needed = [_measure_of(one.response) for one in columns if one.response is not None]
    return tuple({one.name: one for one in (*columns, *needed)}.values())


def _recorded(
    asked: tuple[_Measure, ...], shown: Floats, lives: Floats, rng: np.random.Generator, missing: float
) -> dict[str, Floats]:
    """Return what is written in each column, NaN where nothing is."""
    findings = [one for one in asked if one.address is not None]
    sd = noise_sd()
    values: dict[str, Floats] = {}
    responds: dict[str, NDArray[np.bool_]] = {}
    for at, one in enumerate(findings):
        assert one.address is not None
        noisy = shown[:, at] + sd[column(one.address)] * rng.standard_normal(len(shown), np.float32)
        values[one.name] = _written(one, noisy)
        if one.address.field in AMPLITUDES:
            lack = rng.random(len(shown), np.float32) < one.absent_in_health
            responds[one.name] = (noisy > _smallest(one)) & ~lack
            values[one.name] = np.where(responds[one.name], values[one.name], np.float32(0.0))
        elif one.address.field.endswith("_response"):
            responds[one.name] = values[one.name] > 0.5
    for one in findings:
        if one.response is not None:
            there = responds[_measure_of(one.response).name]
            values[one.name] = np.where(there, values[one.name], np.float32(np.nan))
    values |= {one.life: lives[:, LIVED.index(one.life)].copy() for one in asked if one.life}
    if missing > 0.0:
        for one in asked:
            values[one.name][rng.random(len(values[one.name]), np.float32) < missing] = np.nan
    return values


def _smallest(one: _Measure) -> float:
    """Return the smallest amplitude that is called a response, on the log scale."""
    assert one.address is not None
    return healthy_amplitude(one.address.field, one.address.item, REFERENCE_AGE_YEARS)[2]


def _written(one: _Measure, noisy: Floats) -> Floats:
    """Return values on the scale of the record, NumPy float32, (R,)."""
    assert one.address is not None
    if one.way == "ln":
        return np.exp(noisy)
    if one.way == "fall":
        return np.float32(100.0) * -np.expm1(noisy)
    if one.way == "yes":
        return (noisy > 0.0).astype(np.float32)
    words = _words_of(one.address.field)
    assert words is not None
    ends = np.array([upper for _, upper in words[:-1]], np.float32)
    grades = np.array(_grades_of(one.address.field), np.float32)
    return np.asarray(grades[np.searchsorted(ends, noisy, side="right")])
