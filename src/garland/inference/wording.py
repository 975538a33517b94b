"""Expected findings in the words of the field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from garland.inference.lesions import _weighted_quantiles
from garland.inference.observations import Observation
from garland.inference.review import _View
from garland.model.findings import LOGARITHMIC, Address, column, noise_sd

_MRC = (
    (0.5, "0"),
    (1.5, "1"),
    (2.5, "2"),
    (3.5, "3"),
    (3.835, "4-"),
    (4.165, "4"),
    (4.67, "4+"),
    (np.inf, "5"),
)
_PLUS = ((0.5, "none"), (1.5, "1+"), (2.5, "2+"), (3.5, "3+"), (np.inf, "4+"))
_REFLEX = ((0.45, "absent"), (1.5, "reduced"), (2.8, "normal"), (np.inf, "brisk"))
_FEELING = ((0.6, "normal"), (1.8, "reduced"), (np.inf, "absent"))
_UNITS = (-6.0, "none"), (-3.5, "single units"), (-0.8, "reduced"), (np.inf, "normal")
_WALKING = ((1.0, "wheelchair"), (2.0, "aid"), (np.inf, "alone"))
_GRADED = {
    "movement_strength": ("MRC ", _MRC),
    "muscle_strength": ("MRC ", _MRC),
    "reflex": ("", _REFLEX),
    "fibrillation": ("", _PLUS),
    "recruitment": ("", _UNITS),
    "walking": ("", _WALKING),
}


def _expected_words(seen: _View, observation: Observation, visit: int) -> str:
    """Return what a cause expects of a finding, with its 80 % range."""
    columns = [column(address) for address in observation.where]
    values = seen.expected[visit][:, columns].mean(axis=1)
    low, middle, high = _weighted_quantiles(values, seen.weights, (0.1, 0.5, 0.9))
    address = observation.where[0]
    if address.field in _GRADED:
        return _graded(address, low, middle, high)
    if address.field.endswith(("feeling", "feeling_small")):
        return _span(_word(_FEELING, low), _word(_FEELING, middle), _word(_FEELING, high))
    if address.field in ("cmap", "snap"):
        unit = "mV" if address.field == "cmap" else "µV"
        return _numbers(np.exp([low, middle, high]), unit)
    if address.field == "cmap_drop":
        return _numbers(100.0 * (1.0 - np.exp([high, middle, low])), "%")
    if address.field in LOGARITHMIC:
        return _numbers(np.exp([low, middle, high]), "m/s" if "velocity" in address.field else "ms")
    if address.field == "progression":
        return _numbers(np.exp([low, middle, high]), "days")
    if address.field == "laboratory":
        away = 1.28 * noise_sd()[columns].mean()
        return _numbers(np.exp([middle - away, middle, middle + away]), "")
    if address.field.startswith("muap"):
        return _numbers(np.exp([low, middle, high]), "× normal")
    return f"{_chance(values, seen.weights, float(noise_sd()[columns].mean())):.0%} of patients"


def _chance(values: NDArray[np.float32], weights: NDArray[np.float64], noise: float) -> float:
    drawn = values + noise * np.random.default_rng(0).standard_normal(len(values))
    return float((drawn > 0) @ weights)


def _word(scale: tuple[tuple[float, str], ...], value: float) -> str:
    return next(word for limit, word in scale if value < limit)


def _graded(address: Address, low: float, middle: float, high: float) -> str:
    prefix, scale = _GRADED[address.field]
    return prefix + _span(*(_word(scale, value) for value in (low, middle, high)))


def _span(low: str, middle: str, high: str) -> str:
    return middle if low == high else f"{middle} ({low} to {high})"


def _numbers(values: NDArray[np.float64], unit: str) -> str:
    low, middle, high = (f"{value:.3g}" for value in values)
    return f"{middle} ({low} to {high}) {unit}".strip()
