"""How sure a forecast is: bands over virtual patients, and an interval about every probability.

A band tells how patients who fit the findings differ. The interval of a probability tells something else: how
far the probability itself might move if more were known. Three things may move it. The average patient may
regrow, sprout, hurt or answer to treatment otherwise than assumed: if the mean of an entry z of chance over
all patients moves by d, the mean of q over the patients who fit the findings moves by d Cov(q, z), because
patients then count exp(d z - d^2/2) times as much. The sampler's independent groups differ. And the
probabilities of causes are known within their Monte Carlo error. The three are taken as independent, and as
normal on the logit scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.model.latents import place_of

Floats = NDArray[np.float64]

UNSURE = (
    "severity",
    "spread",
    "progression",
    "wallerian",
    "regrowth_rate",
    "regrowth_success",
    "sprouting",
    "pain",
    "sensitisation",
    "weight_loss",
    "analgesic",
    "immunotherapy",
    "therapy",
)
"""Blocks of chance whose mean over all patients is not known."""

_Z80, _Z50 = 1.2816, 0.6745
"""Half widths of the central 80 % and 50 % of a normal distribution [-]."""

_CERTAIN = 1e-3
"""A probability nearer to 0 or 1 than this is treated as this near [-]."""


@dataclass(frozen=True)
class _Members:
    """Virtual patients behind a forecast.

    Attributes
    ----------
    vectors : (N, SIZE)
        Their chance.
    cause, group : (N,)
        Index of the cause, and number of the independent sampler group, unique over causes.
    weight : (N,)
        Weight, summing to one [-].
    """

    vectors: NDArray[np.float32]
    cause: NDArray[np.int64]
    group: NDArray[np.int64]
    weight: Floats


def quantiles(values: Floats, weight: Floats, shares: tuple[float, ...]) -> Floats:
    """Return weighted quantiles along the last axis."""
    order = np.argsort(values, axis=-1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=-1)
    ladder = np.cumsum(weight[order], axis=-1)
    last = values.shape[-1] - 1
    found = []
    for share in shares:
        place = np.minimum((ladder < share - 1e-12).sum(axis=-1, keepdims=True), last)
        found.append(np.take_along_axis(ranked, place, axis=-1)[..., 0])
    return np.stack(found)


def _mean_with_interval(values: Floats, members: _Members, error: Floats) -> Floats:
    """Return the mean over patients with its 50 % and 80 % intervals.

    Shape (5, ...): 10 %, 25 %, mean, 75 %, 90 %, in rising order [0..1].
    """
    flat = np.asarray(values, np.float64).reshape(-1, values.shape[-1])
    middle = np.clip(flat @ members.weight, 0.0, 1.0)
    variance = _assumed(flat, members) + _sampled(flat, members, error)
    inside = np.clip(middle, _CERTAIN, 1.0 - _CERTAIN)
    score = np.log(inside / (1.0 - inside))
    sd = np.sqrt(variance) / (inside * (1.0 - inside))
    edges = [1.0 / (1.0 + np.exp(-(score + z * sd))) for z in (-_Z80, -_Z50, _Z50, _Z80)]
    low, high = np.minimum(edges[:2], middle), np.maximum(edges[2:], middle)
    return np.stack([*low, middle, *high]).reshape(5, *values.shape[:-1])


def _assumed(values: Floats, members: _Members) -> Floats:
    """Return the variance of each mean from what is assumed about the average patient, (Q, N) to (Q,)."""
    z = np.concatenate([members.vectors[:, place_of(name)] for name in UNSURE], axis=1).astype(np.float64)
    weight = members.weight
    apart = values - (values @ weight)[:, None]
    slope = (apart * weight) @ (z - weight @ z)
    # A covariance of nothing with nothing is not nought in a finite number of patients.
    noise = (apart**2 @ weight)[:, None] * ((z - weight @ z) ** 2 * weight[:, None] ** 2).sum(axis=0)
    sd = part("forecast/uncertainty").value("population_mean_sd")
    return np.asarray(sd**2 * np.maximum(slope**2 - noise, 0.0).sum(axis=1))


def _sampled(values: Floats, members: _Members, error: Floats) -> Floats:
    """Return the variance of each mean from sampling patients and weighing causes, (Q, N) to (Q,)."""
    total = np.zeros(len(values))
    overall = values @ members.weight
    for cause in np.unique(members.cause):
        own = members.cause == cause
        share = members.weight[own].sum()
        mean = values[:, own] @ members.weight[own] / share
        groups = np.unique(members.group[own])
        by_group = np.stack([values[:, own & (members.group == g)].mean(axis=1) for g in groups])
        scatter = by_group.var(axis=0, ddof=1) / len(groups) if len(groups) > 1 else np.zeros(len(values))
        total += share**2 * scatter + float(error[cause]) ** 2 * (mean - overall) ** 2
    return total
