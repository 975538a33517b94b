"""What was found in one patient, as a question to the model: how likely is it in these virtual patients?"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from garland.inference.likelihood import visit
from garland.inference.observations import Arrays
from garland.inference.timing import UNKNOWN, Timing, coming
from garland.model.patient import Person

CHUNK = 64
"""Patients evaluated in one call: few enough for the processor's cache, the same for every case [-]."""
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass
class Problem:
    """What was found in one patient, ready for the model.

    Attributes
    ----------
    person : Person
        Scalars, NaN where unknown.
    timings : tuple of Timing
        When each visit was.
    seen : tuple of Arrays
        Observations of each visit; visits without any are left out.
    came : Timing
        When the patient first came, which speaks for some causes.
    evaluated : int
        Virtual patients evaluated so far [-].
    """

    person: Person
    timings: tuple[Timing, ...]
    seen: tuple[Arrays, ...]
    came: Timing = UNKNOWN
    evaluated: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def weigh(self, cause: int, vectors: Floats) -> tuple[Doubles, Doubles]:
        """Return the log likelihood of N patients of a cause and the residuals behind it.

        Log likelihood, shape (N,) [nat], and residuals, shape (N, R) [-].
        """
        total, away = coming(self.came, cause, vectors)
        columns = [away[:, None]]
        for timing, seen in zip(self.timings, self.seen, strict=True):
            rows = [
                (each @ seen.weight, residual)
                for each, residual, _, _ in _in_chunks(self.person, cause, vectors, timing, seen)
            ]
            total = total + np.concatenate([row[0] for row in rows])
            columns.append(np.concatenate([row[1] for row in rows]))
        with self._lock:
            self.evaluated += len(vectors) * max(len(self.seen), 1)
        return total, np.concatenate(columns, axis=1)


def _in_chunks(
    person: Person, cause: int, vectors: Floats, timing: Timing, seen: Arrays
) -> list[tuple[NDArray[np.float32], ...]]:
    """Return what N patients show at one visit, `CHUNK` patients at a time."""
    rows = []
    for start in range(0, len(vectors), CHUNK):
        chunk = vectors[start : start + CHUNK]
        filled = np.zeros((CHUNK, vectors.shape[1]), np.float32)
        filled[: len(chunk)] = chunk
        shown = visit()(person, np.int32(cause), filled, timing, seen)
        rows.append(tuple(np.asarray(field)[: len(chunk)] for field in shown))
    return rows
