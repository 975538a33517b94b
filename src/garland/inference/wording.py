"""Expected findings in the words of the field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from garland.evidence.findings import FindingKind
from garland.inference.lesions import _weighted_quantiles
from garland.inference.observations import Observation
from garland.inference.review import _View
from garland.model.findings import FINDINGS, column, noise_sd


def _expected_words(seen: _View, observation: Observation, visit: int) -> str:
    """Return what a cause expects of a finding, with its 80 % range."""
    columns = [column(address) for address in observation.where]
    values = seen.expected[visit][:, columns].mean(axis=1)
    low, middle, high = _weighted_quantiles(values, seen.weights, (0.1, 0.5, 0.9))
    kind = FINDINGS[observation.where[0].field]
    if kind.printed:
        return str(kind.printed.get("before", "")) + _span(
            *(_word(kind, value) for value in (low, middle, high))
        )
    if kind.kind == "fall":
        return _numbers(100.0 * (1.0 - np.exp([high, middle, low])), kind.unit)
    if kind.kind == "level":
        away = 1.28 * noise_sd()[columns].mean()
        return _numbers(np.exp([middle - away, middle, middle + away]), "")
    if kind.log or kind.kind == "ratio":
        return _numbers(np.exp([low, middle, high]), kind.unit)
    return f"{_probability(values, seen.weights, float(noise_sd()[columns].mean())):.0%} of patients"


def _probability(values: NDArray[np.float32], weights: NDArray[np.float64], noise: float) -> float:
    drawn = values + noise * np.random.default_rng(0).standard_normal(len(values))
    return float((drawn > 0) @ weights)


def _word(kind: FindingKind, value: float) -> str:
    """Return the first of the printed words whose limit the value does not reach; the last has none."""
    return next(str(word) for word, limit in kind.printed["words"] if limit is None or value < limit)


def _span(low: str, middle: str, high: str) -> str:
    return middle if low == high else f"{middle} ({low} to {high})"


def _numbers(values: NDArray[np.float64], unit: str) -> str:
    low, middle, high = (f"{value:.3g}" for value in values)
    return f"{middle} ({low} to {high}) {unit}".strip()
