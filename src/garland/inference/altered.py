"""Findings altered as a slip of the pen alters them, and how probable they would then be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from garland.inference.likelihood import by_observation
from garland.inference.observations import Observation, arrays, padded_size
from garland.inference.review import _View
from garland.model.findings import Address

Floats = NDArray[np.float64]
_OTHER = {"left": "right", "right": "left"}


def mirrored(observation: Observation) -> Observation:
    """Return a finding as if left and right had been exchanged; what has no side stays as it is."""
    where = tuple(_across(address) for address in observation.where)
    words = [_OTHER.get(word, word) for word in observation.label.split(" ")]
    return replace(observation, where=where, label=" ".join(words))


def _across(address: Address) -> Address:
    return address if address.side is None else address._replace(side=1 - address.side)


def side_of(observation: Observation) -> int | None:
    """Return the one side a finding speaks of (0 left, 1 right), None where it speaks of none or of both."""
    sides = {address.side for address in observation.where}
    return sides.pop() if len(sides) == 1 else None


def shifted(observation: Observation, ln: float) -> Observation:
    """Return a measured value moved by `ln` on the logarithmic scale of its unit."""
    return replace(observation, low=observation.low + ln, high=observation.high + ln)


def log_probability(expected: NDArray[np.float32], observations: Sequence[Observation]) -> Floats:
    """Return the log probability (numbers: density) of findings for patients, slips counted.

    Shape (N, O) [nat].
    """
    size = padded_size(len(observations))
    scored = _compiled()(jnp.asarray(expected), arrays(tuple(observations), size))
    return np.asarray(scored, np.float64)[:, : len(observations)]


@cache
def _compiled() -> Any:
    return jax.jit(by_observation)


def pooled(views: Mapping[int, _View], probability: Floats) -> _View:
    """Return the patients of all causes in view together, each cause by its probability."""
    seen = list(views.values())
    weights = np.concatenate([one.weights * max(probability[c], 1e-12) for c, one in views.items()])
    visits = range(len(seen[0].expected))
    return _View(
        weights / weights.sum(),
        tuple(np.concatenate([one.by_observation[v] for one in seen]) for v in visits),
        tuple(np.concatenate([one.expected[v] for one in seen]) for v in visits),
        np.concatenate([one.at_sites for one in seen]),
    )


def _log_mean(values: Floats, weights: Floats) -> Floats:
    """Return the log of the weighted mean of exp(values) over patients, (N, ...) to (...) [nat]."""
    return np.asarray(logsumexp(values, axis=0, b=weights.reshape(-1, *(1,) * (values.ndim - 1))))
