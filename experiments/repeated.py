"""Whether an answer repeats: the same full study asked with several seeds, and how long each answer takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.virtual_patients import LEVELS, case_at, draw
from garland.inference.consult import Asked, _posterior_of, consult_in_full, remember_compiled_programs
from garland.inference.encode_case import _encode_case

SEEDS = (1, 2, 3, 4)
"""Seeds with which every study is answered."""
WITHIN = 0.02
"""By how much a probability may differ from its mean over seeds [-]."""
_DIGITS = 5


def job(seed: int) -> dict[str, Any]:
    """Return what a virtual patient's full study is answered with every seed, and what that takes."""
    remember_compiled_programs()
    case = case_at(draw([seed])[0], LEVELS[-1])
    row: dict[str, Any] = {key: [] for key in ("seconds", "evaluated", "effective", "error")}
    stated = []
    for one in SEEDS:
        began = time.perf_counter()
        _, problem, _, found = _posterior_of(case, Asked(seed=one))
        row["seconds"].append(round(time.perf_counter() - began, 3))
        row["evaluated"].append(problem.evaluated)
        row["effective"].append(round(found.clouds[found.order[0]].effective, 1))
        row["error"].append(round(float(found.error.max()), _DIGITS))
        stated.append(found.probability)
    began = time.perf_counter()
    consult_in_full(case)
    row["consult_seconds"] = round(time.perf_counter() - began, 3)
    row["findings"] = sum(len(visit) for visit in _encode_case(case).visits)
    return {**row, "away": round(float(np.abs(np.array(stated) - np.mean(stated, axis=0)).max()), _DIGITS)}


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return medians and 95th percentiles over studies."""
    kept = rows[1:] if len(rows) > 1 else rows
    stated = {"studies": float(len(kept)), "findings": float(np.median([row["findings"] for row in kept]))}
    for key in ("seconds", "consult_seconds", "evaluated", "effective", "error", "away"):
        values = np.concatenate([np.atleast_1d(row[key]) for row in kept])
        stated |= {f"{key}_median": float(np.median(values)), f"{key}_95": float(np.quantile(values, 0.95))}
    one_second = np.mean([np.asarray(row["seconds"]) <= 1.0 for row in kept])
    within = np.mean([row["away"] <= WITHIN for row in kept])
    return {**stated, "answered_in_1_s": float(one_second), "within_0.02": float(within)}
