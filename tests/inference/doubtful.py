"""Patients and records made for tests of doubt: a lesion of the right thigh, seen by hand and by needle."""

from __future__ import annotations

import numpy as np
from small_cases import at

from garland.anatomy.tree import load
from garland.inference.observations import INF, _declared_words, _Observation
from garland.inference.predictive import _log_probability, _PredictiveSample
from garland.model.findings import N_FINDINGS, Address, column

PATIENTS = 200
LEFT, RIGHT = 0, 1
NAMES = ("left", "right")
MOVEMENTS = ("knee-extension", "hip-flexion", "hip-adduction")
MUSCLES = ("vastus-lateralis", "rectus-femoris", "iliopsoas")
Record = list[tuple[_Observation, ...]]


def shows(worse: int | None, patients: int = PATIENTS) -> np.ndarray:
    """Return what patients with a lesion of one thigh, or none, show."""
    expected = np.zeros((patients, N_FINDINGS), np.float32)
    for side in (LEFT, RIGHT):
        for movement in MOVEMENTS:
            expected[:, column(Address("movement_strength", side, movement))] = 3.0 if side == worse else 5.2
        for muscle in MUSCLES:
            expected[:, column(Address("fibrillation", side, muscle))] = 2.0 if side == worse else -0.5
    for study, value in (("sural", 2.3), ("superficial-fibular", 2.0)):
        for side in (LEFT, RIGHT):
            expected[:, column(Address("snap", side, study))] = value
    return expected


def by_hand(worse: int) -> tuple[_Observation, ...]:
    """Return an examination that finds one thigh weak."""
    return tuple(
        _Observation(
            f"strength, {NAMES[side]} {movement}", "examination", "MRC 3" if side == worse else "MRC 5",
            at("movement_strength", movement, side),
            *((2.5, 3.5) if side == worse else _declared_words("movement_strength")["normal"]),
        )
        for side in (LEFT, RIGHT)
        for movement in MOVEMENTS
    )  # fmt: skip


def by_needle(worse: int) -> tuple[_Observation, ...]:
    """Return a needle study that finds one thigh denervated."""
    return tuple(
        _Observation(
            f"fibrillation, {NAMES[side]} {muscle}", "needle", "2" if side == worse else "0",
            at("fibrillation", muscle, side), *_declared_words("fibrillation")["2" if side == worse else "0"],
        )
        for side in (LEFT, RIGHT)
        for muscle in MUSCLES
    )  # fmt: skip


def sural(microvolt: float, side: int = RIGHT) -> _Observation:
    """Return a sural response of an amplitude."""
    value = float(np.log(microvolt))
    where = at("snap", "sural", side)
    return _Observation(
        f"{NAMES[side]} sural, SNAP amplitude", "nerve conduction", f"{microvolt:g} uV", where, value, value
    )


def pain() -> _Observation:
    """Return a finding without a side."""
    return _Observation("pain", "history", "yes", at("history", "pain", None), 0.0, INF)


def seen(expected: np.ndarray, record: Record) -> _PredictiveSample:
    """Return patients who show `expected`, weighed by how well they explain the record."""
    rows = tuple(_log_probability(expected, visit) for visit in record)
    score = sum(row.sum(axis=1) for row in rows)
    weights = np.exp(score - np.max(score))
    lost = np.zeros((len(expected), 2, len(load().sites)), np.float32)
    return _PredictiveSample(weights / weights.sum(), rows, tuple(expected for _ in record), lost)
