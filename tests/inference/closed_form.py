"""Problems of inference whose answer is known in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from garland._types import Float32s, Float64s
from garland.inference.likelihood import _Problem
from garland.model.patient import unknown_person

Weigh = Callable[[Float32s], tuple[Float64s, Float64s]]
SPREAD = 0.2
"""Noise with which an entry of chance is measured [-]."""


def of_residuals(away: Callable[[Float32s], Float64s], constant: float = 0.0) -> Weigh:
    """Return a problem of least squares: the log likelihood is minus half the sum of squares."""

    def log_likelihood(vectors: Float32s) -> tuple[Float64s, Float64s]:
        residual = np.asarray(away(vectors), np.float64)
        return constant - 0.5 * (residual**2).sum(axis=1), residual

    return log_likelihood


def gaussian(entries: int, value: float) -> Weigh:
    """Return some entries of chance, each measured as `value`."""
    height = -entries * math.log(SPREAD * math.sqrt(2.0 * math.pi))
    return of_residuals(lambda vectors: (vectors[:, :entries] - value) / SPREAD, height)


def problem_of(monkeypatch: pytest.MonkeyPatch, log_likelihood: Weigh) -> _Problem:
    """Return a problem whose patients are weighed by a function alone, whatever their cause."""
    monkeypatch.setattr(_Problem, "log_likelihood", lambda self, cause, vectors: log_likelihood(vectors))
    return _Problem(unknown_person(), (), ())
