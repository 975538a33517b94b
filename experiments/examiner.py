"""What an examiner writes of one patient: the noise, the slip, and the scale cut into words and grades.

A finding is its expected value and one number of chance. It is written as the word whose cell of the scale it
falls into, or as a number; a small share is written by slip, with the weight that inference gives to slips.
Every finding has its own chance, drawn once a patient, so that two levels of information share it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from garland.evidence import part
from garland.inference.observations import (
    INF,
    Words,
    _arrays,
    _contamination_rate,
    _Observation,
    written_cells,
)
from garland.model.findings import N_FINDINGS, Address, column, noise_sd

Floats = NDArray[np.float64]

STRENGTH, REFLEX, SENSATION = (
    written_cells("muscle_strength"),
    written_cells("reflex"),
    written_cells("region_feeling"),
)
SPONTANEOUS, RECRUITMENT = written_cells("fibrillation"), written_cells("recruitment")
SIZE, LENGTH = written_cells("muap_amplitude"), written_cells("muap_duration")
WALKING, TEMPO = written_cells("walking"), written_cells("progression")
"""Words of a scale from low to high, each with the upper end of its cell."""


@cache
def _noise() -> Floats:
    return noise_sd().astype(np.float64)


@cache
def slip_weights() -> tuple[float, float]:
    """Return the weight inference gives to one word by slip [-], and the density of a number [-]."""
    where = (Address("history", None, "pain"),)
    word, value = (_Observation("", "", "", where, 0.0, high) for high in (INF, 0.0))
    return float(_arrays((word,)).contamination[0]), float(_arrays((value,)).contamination[0])


def slip_share(weight: float) -> float:
    """Return how often a finding is written by slip, where all that can be written by slip weighs
    `weight`.
    """
    share = _contamination_rate() * weight
    return share / (1.0 - _contamination_rate() + share)


class Chart:
    """One patient as met by an examiner; every finding is the same whenever it is asked for.

    Parameters
    ----------
    expected : ndarray
        Expected findings, (N_FINDINGS,).
    seed : int
        Seed of the patient.
    """

    def __init__(self, expected: NDArray[np.float32], seed: int) -> None:
        rng = np.random.default_rng([seed, 2])
        self._expected = expected.astype(np.float64)
        self._found = self._expected + _noise() * rng.standard_normal(N_FINDINGS)
        self._slip, self._pick, self._lack = rng.random((3, N_FINDINGS))
        self.slips: list[Address] = []
        """What was written by slip."""

    def found(self, field: str, side: int | None, item: str) -> float:
        """Return what this examiner finds, before it is written, on the scale of the finding."""
        return float(self._found[column(Address(field, side, item))])

    def word(self, words: Words, field: str, side: int | None, item: str) -> int | str:
        """Return the word that is written."""
        at = column(Address(field, side, item))
        if self._slip[at] < slip_share(len(words) * slip_weights()[0]):
            self.slips.append(Address(field, side, item))
            return words[int(self._pick[at] * len(words))][0]
        return next(word for word, upper in words if self._found[at] < upper)

    def yes(self, field: str, side: int | None, item: str) -> bool:
        """Return whether a sign, complaint or item of the history is written as present."""
        return self.word((("no", 0.0), ("yes", INF)), field, side, item) == "yes"

    def one_of(self, named: Mapping[str, str]) -> str | None:
        """Return which of several items of the history is named; None where another one is."""
        at = [column(Address("history", None, item)) for item in named.values()]
        luck = self._pick[at[0]]
        if self._slip[at[0]] < slip_share(len(named) * slip_weights()[0]):
            self.slips.append(Address("history", None, next(iter(named.values()))))
            return list(named)[int(luck * len(named))]
        share = ndtr(self._expected[at])
        upper = np.cumsum(share / max(share.sum(), 1.0))
        return next((word for word, end in zip(named, upper, strict=True) if luck < end), None)

    def number(
        self,
        address: Address,
        healthy: float,
        most: tuple[float, float],
        least: float = -INF,
        lack: float = 0.0,
    ) -> float | None:
        """Return the number that is written; None where no response is obtained."""
        at, half = column(address), 0.5 * part("trust/clinic").value("slip_width")
        low, high = max(healthy - half, least, math.log(most[0])), min(healthy + half, math.log(most[1]))
        word, density = slip_weights()
        weights = word * (least > -INF), density * (high - low)
        if self._slip[at] < slip_share(sum(weights)):
            self.slips.append(address)
            luck = self._pick[at] * sum(weights) - weights[0]
            return None if luck < 0.0 else _written(low + luck / density, most)
        if self._lack[at] < lack or self._found[at] <= least:
            return None
        return _written(float(self._found[at]), most)


def _written(value: float, most: tuple[float, float]) -> float:
    """Return a number of the log scale as a report prints it: three figures, within what a record takes."""
    return float(f"{min(max(math.exp(value), most[0]), most[1]):.3g}")
