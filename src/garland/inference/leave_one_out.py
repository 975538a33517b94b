"""What findings add for a cause: each left out in turn, alone or with others that say the same.

A cause that knows all findings but some gives these the probability ``1 / E[1 / p(findings | patient)]``, the
mean taken over its patients given all findings. The odds of a cause against all others rise by exactly what
these probabilities say: the others are mixed as they would stand without the findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from garland._types import Bools, Float64s
from garland.inference.predictive import _PredictiveSample

ENOUGH, TOO_FEW = 50.0, 10.0
"""Effective patients below which a number is called rough, and below which it is not told [-]."""
_COUNTS = 0.1
"""Share of the other causes from which one of them makes a comparison rough [-]."""


@dataclass(frozen=True)
class _Patients:
    """Patients of one cause, with all visits side by side.

    Attributes
    ----------
    cause : int
        Index of the cause.
    log_probability : float
        Log probability of the cause given the findings [ln].
    log_weights : (N,)
        Log weights, their exponentials summing to one [ln].
    log_p : (N, O)
        Log likelihood of every observation of all visits [nat].
    expected : tuple of (N, F)
        Expected findings, by visit.
    """

    cause: int
    log_probability: float
    log_weights: Float64s
    log_p: Float64s
    expected: tuple[NDArray[np.float32], ...]


def _gather(
    views: Mapping[int, _PredictiveSample], probability: Float64s, counts: tuple[int, ...]
) -> list[_Patients]:
    """Return the patients of every possible cause, the most probable first."""
    chosen = sorted((c for c in views if probability[c] > 0.0), key=lambda c: -probability[c])
    rows = []
    for cause in chosen:
        seen = views[cause]
        log_p = np.concatenate([p[:, :n] for p, n in zip(seen.by_observation, counts, strict=True)], axis=1)
        log_weights = np.log(np.maximum(seen.weights, 1e-300))
        rows.append(_Patients(cause, float(np.log(probability[cause])), log_weights, log_p, seen.expected))
    return rows


def _weigh(log_weights: Float64s) -> tuple[Float64s, Float64s]:
    """Return the log of the sum of weights (N, K), and the effective number of patients, by column."""
    top = log_weights.max(axis=0)
    weights = np.exp(log_weights - top)
    total = weights.sum(axis=0)
    return np.asarray(np.log(total) + top), np.asarray(total**2 / np.einsum("nk,nk->k", weights, weights))


@dataclass(frozen=True)
class _Weighed:
    """Log probabilities under one cause, each a mean over its patients weighed anew.

    Attributes
    ----------
    log_value : (K,)
        Log probability, or log ratio of two [nat].
    effective : (K,)
        Effective patients behind each [-].
    """

    log_value: Float64s
    effective: Float64s

    @property
    def rough(self) -> Bools:
        """Whether each rests on fewer than `ENOUGH` patients, (K,)."""
        return np.asarray(self.effective < ENOUGH)

    @property
    def too_few(self) -> Bools:
        """Whether each rests on so few patients that even its sign is open, (K,)."""
        return np.asarray(self.effective < TOO_FEW)


def _leave_out(patients: _Patients, sets: Float64s) -> _Weighed:
    """Return the probability a cause gives to sets of findings that it does not know."""
    together = patients.log_p @ sets
    log_share, count = _weigh(patients.log_weights[:, None] - together)
    return _Weighed(-log_share, count)


def _change(patients: _Patients, found: NDArray[np.intp], log_other: Float64s) -> _Weighed:
    """Return how much better or worse a cause would explain other results."""
    old = patients.log_p[:, found]
    log_new, count = _weigh(patients.log_weights[:, None] - old + log_other)
    return _Weighed(log_new, count)


class _Bits(NamedTuple):
    """What sets of findings add for each cause.

    Attributes
    ----------
    gained : (C, K)
        Rise of the log odds of each cause against all others [bit].
    rough, too_few : (C, K)
        Whether its own patients, or those of causes that make up a tenth of the others, are few or too few.
    """

    gained: Float64s
    rough: Bools
    too_few: Bools


def _bits(causes: list[_Patients], left: list[_Weighed]) -> _Bits:
    """Return by how much sets of findings raise the log odds of each cause against all others."""
    now = np.array([c.log_probability for c in causes])
    without = now[:, None] - np.stack([one.log_value for one in left])
    few = {"rough": np.stack([one.rough for one in left]), "too_few": np.stack([one.too_few for one in left])}
    gained = np.empty_like(without)
    flags = {name: np.empty_like(own) for name, own in few.items()}
    for row in range(len(causes)):
        others = np.arange(len(causes)) != row
        log_others, log_now = logsumexp(without[others], axis=0), logsumexp(now[others])
        gained[row] = (now[row] - log_now - without[row] + log_others) / np.log(2.0)
        share = np.maximum(np.exp(without[others] - log_others), np.exp(now[others] - log_now)[:, None])
        for name, own in few.items():
            flags[name][row] = own[row] | (own[others] & (share > _COUNTS)).any(axis=0)
    return _Bits(gained, **flags)
