"""The patients behind a forecast, where they start, and how far its numbers may move.

A band tells how patients who fit the findings differ. The interval of a probability tells something else: how
far the probability itself might move if more were known. Three things may move it. The average patient may
regrow, sprout, hurt or answer to treatment otherwise than assumed: if the mean of an entry z of chance over
all patients moves by d, the mean of q over the patients who fit the findings moves by d Cov(q, z), because
patients then count exp(d z - d^2/2) times as much. The sampler's independent groups differ. And the
probabilities of causes are known within their Monte Carlo error. The three are taken as independent, and as
normal on the logit scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter

import jax
import numpy as np
from numpy.typing import ArrayLike, NDArray

from garland._types import Float64s
from garland.evidence import part
from garland.evidence.treatments import treatment_latents
from garland.forecasts.simulate import _joined, _lives_beside, _stacked, broadcast, later
from garland.inference.encode_case import EncodedCase
from garland.inference.laplace import systematic
from garland.inference.likelihood import day_of
from garland.inference.posterior import Posterior
from garland.inference.smc import Particles
from garland.model.latents import Latents, place_of
from garland.model.outcomes import SYMPTOMATIC, Outcomes
from garland.model.patient import Person
from garland.model.treatment.schedule import Treatments
from garland.programs import Compiled
from garland.statistics import weighted_quantiles

UNSURE = (
    "severity", "spread", "progression", "wallerian", "regrowth_rate", "regrowth_success", "sprouting",
    "pain", "sensitisation", "weight_loss", *treatment_latents(mean_unknown=True),
)  # fmt: skip
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
    vectors : (N, N_LATENTS)
        Their chance.
    cause, group : (N,)
        Index of the cause, and number of the independent sampler group, unique over causes.
    weight : (N,)
        Weight, summing to one [-].
    """

    vectors: NDArray[np.float32]
    cause: NDArray[np.int64]
    group: NDArray[np.int64]
    weight: Float64s


def _quantiles(values: Float64s, weight: Float64s, shares: tuple[float, ...]) -> Float64s:
    """Return weighted quantiles along the last axis; a share reached but for rounding counts as reached."""
    return weighted_quantiles(values, weight, shares, tolerance=1e-12)


def _mean_with_interval(values: Float64s, members: _Members, error: Float64s) -> Float64s:
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


def _assumed(values: Float64s, members: _Members) -> Float64s:
    """Return the variance of each mean from what is assumed about the average patient, (Q, N) to (Q,)."""
    z = np.concatenate([members.vectors[:, place_of(name)] for name in UNSURE], axis=1).astype(np.float64)
    weight = members.weight
    apart = values - (values @ weight)[:, None]
    slope = (apart * weight) @ (z - weight @ z)
    # A covariance of nothing with nothing is not nought in a finite number of patients.
    noise = (apart**2 @ weight)[:, None] * ((z - weight @ z) ** 2 * weight[:, None] ** 2).sum(axis=0)
    sd = part("forecast/uncertainty").value("population_mean_sd")
    return np.asarray(sd**2 * np.maximum(slope**2 - noise, 0.0).sum(axis=1))


def _sampled(values: Float64s, members: _Members, error: Float64s) -> Float64s:
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


CHUNK = 64
"""Patients followed in one call, the same for every case [-]."""

WORTH_FOLLOWING = 0.01
"""Probability from which a cause is followed [-]."""


def _members_of(posterior: Posterior, total: int, seed: int) -> _Members:
    """Return patients of the causes with a probability above 1 %."""
    rng = np.random.default_rng(seed)
    followed = np.flatnonzero(posterior.probability > WORTH_FOLLOWING)
    probability = posterior.probability[followed] / posterior.probability[followed].sum()
    vectors, cause, group, weight = [], [], [], []
    for c, p in zip(followed, probability, strict=True):
        cloud = posterior.clouds[int(c)]
        n = max(-(-round(p * total) // CHUNK), 1) * CHUNK
        index, of = _drawn(cloud, n, rng)
        vectors.append(np.asarray(cloud.vectors)[index])
        cause.append(np.full(n, c))
        group.append(of + 10_000 * int(c))
        weight.append(np.full(n, p / n))
    return _Members(*(np.concatenate(rows) for rows in (vectors, cause, group, weight)))


def _drawn(cloud: Particles, n: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return indices of `n` patients of a cloud, drawn systematically by weight, and the group of each."""
    index = systematic(cloud.weights, n, rng)
    return index, index // (len(cloud.vectors) // len(cloud.log_evidence))


def _followed_causes(members: _Members) -> tuple[tuple[int, float], ...]:
    """Return each cause that is followed with its share, the greatest first."""
    share = np.bincount(members.cause, members.weight)
    return tuple((int(c), float(share[c])) for c in np.argsort(-share, kind="stable") if share[c] > 0.0)


MEMBERS = 768
"""About how many patients a forecast follows [-]."""


@dataclass(frozen=True)
class _Start:
    """The members, what is known of the person, and today.

    Attributes
    ----------
    members : Members
        Patients who fit the findings, N of them.
    person : Person
        Scalars, NaN where unknown.
    error : (C,)
        Monte Carlo standard error of the probability of each cause [-].
    today : (N,)
        Day of the last visit of each member, since the first symptom [d].
    ahead : (D,)
        Days from today on that are asked for [d].
    """

    members: _Members
    person: Person
    error: Float64s
    today: Float64s
    ahead: Float64s

    @property
    def today_day(self) -> float:
        """Day since the first symptom of the median patient [d]."""
        return float(round(float(_quantiles(self.today, self.members.weight, (0.5,))[0])))

    @property
    def days(self) -> Float64s:
        """Days since the first symptom of the median patient, (D,) [d]."""
        return self.today_day + self.ahead


def _start_of(reading: EncodedCase, posterior: Posterior, ahead: ArrayLike, total: int, seed: int) -> _Start:
    """Return the patients who fit a case, as they are on the day of its last visit."""
    members = _members_of(posterior, total, seed)
    chunks = [slice(at, at + CHUNK) for at in range(0, len(members.weight), CHUNK)]
    cause = members.cause.astype(np.int32)
    days = [_days()(reading.timings[-1], cause[chunk], members.vectors[chunk]) for chunk in chunks]
    today = np.concatenate(days).astype(np.float64)
    return _Start(members, reading.person, posterior.error, today, np.asarray(ahead, np.float64))


@cache
def _days() -> Compiled:
    return Compiled(lambda timing, cause, vector: day_of(timing, cause, Latents(vector)), name="days")


_TOGETHER = 3
"""Cares that differ in symptoms alone and are followed in one call, the same for every forecast [-]."""


def _followed(start: _Start, cares: Sequence[Treatments]) -> list[Outcomes]:
    """Return the lives of all members from today on under each care, axes day and member."""
    n = len(start.members.weight)
    found: dict[int, Outcomes] = {}
    for alike in _alike(cares):
        padded = (alike * _TOGETHER)[:_TOGETHER]
        given = _stacked([later(broadcast(cares[i], n), start.today) for i in padded])
        chunks = []
        for at in range(0, n, CHUNK):
            chunk = slice(at, at + CHUNK)
            days = start.today[None, chunk] + start.ahead[:, None]
            some = jax.tree.map(itemgetter((slice(None), chunk)), given)
            cause = int(start.members.cause[at])
            chunks.append(_lives_beside(start.person, cause, start.members.vectors[chunk], days, some))
        found |= dict(zip(alike, map(_joined, zip(*chunks, strict=True)), strict=False))
    return [found[i] for i in range(len(cares))]


def _alike(cares: Sequence[Treatments]) -> Iterator[list[int]]:
    """Yield groups of cares, by place, that differ in symptoms alone, `_TOGETHER` at most in each."""
    groups: dict[bytes, list[int]] = {}
    for i, care in enumerate(cares):
        shared = [getattr(care, name) for name in care._fields if name not in SYMPTOMATIC]
        groups.setdefault(np.array(jax.tree.leaves(shared), np.float32).tobytes(), []).append(i)
    for group in groups.values():
        yield from (group[at : at + _TOGETHER] for at in range(0, len(group), _TOGETHER))
