"""Patients of a cause given the findings: what they show, where their lesions lie, and findings altered
by slips.

What a finding says is told by leaving it out: the probability that a cause, knowing all other findings, gives
to this one. A finding thus counts for what it adds, not for what the others have said already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from garland._types import Float64s
from garland.anatomy.tree import load
from garland.inference.likelihood import _by_observation, _Problem, _seen_in_full
from garland.inference.observations import SIDES, _arrays, _Observation
from garland.inference.result import SiteLoss
from garland.inference.smc import Particles, _some
from garland.model.findings import Address
from garland.statistics import weighted_quantiles

_SURPRISE = 0.02
"""Posterior predictive probability below which the findings as a whole fit no cause [-].

Of 59 published patients whose cause led, 4 fall below it; below 0.05 there are 15.
"""


@dataclass(frozen=True)
class _PredictiveSample:
    """Patients of one cause given the findings, seen in full at every visit.

    Attributes
    ----------
    weights : (N,)
        Weight of each patient, summing to one [-].
    by_observation : tuple of (N, O)
        Log likelihood of each observation as it counts, by visit.
    expected : tuple of (N, F)
        Expected findings, by visit.
    at_sites : (N, 2, S)
        Share of axons cut or blocked at each site at the last visit [0..1].
    vectors : (N, N_LATENTS)
        Their chance; empty where patients of several causes are taken together.
    power : tuple of (O,)
        The power to which each likelihood counts, by visit; empty where all count in full [0..1].
    """

    weights: Float64s
    by_observation: tuple[Float64s, ...]
    expected: tuple[NDArray[np.float32], ...]
    at_sites: NDArray[np.float32]
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    power: tuple[Float64s, ...] = ()

    def log_probability(self, visit: int) -> Float64s:
        """Return the log probability of each observation of a visit in full, (N, O) [nat]."""
        return self.by_observation[visit] / (self.power[visit] if self.power else 1.0)

    def without(self, visit: int, index: int) -> Float64s:
        """Return the weights of patients that know all observations but one, shape (N,), summing to one."""
        counted = self.by_observation[visit][:, index]
        weights = self.weights * np.exp(counted.min() - counted)
        return np.asarray(weights / weights.sum())


def _view(problem: _Problem, cloud: Particles, patients: int) -> _PredictiveSample:
    """Return up to `patients` of a cloud in full, drawn by their weights."""
    index, weights = _some(cloud, min(patients, len(cloud.vectors)))
    vectors = cloud.vectors[index]
    rows, shows, at_sites = _seen_in_full(problem, cloud.cause, vectors)
    powers = tuple(seen.power for seen in problem.seen)
    return _PredictiveSample(weights, tuple(rows), tuple(shows), at_sites, vectors, powers)


def _left_out(seen: _PredictiveSample, visit: int) -> Float64s:
    """Return the log probability a cause gives to each observation from all the others, as far as it counts,
    shape (O,) [nat].
    """
    log_p = seen.by_observation[visit]
    top = (-log_p).max(axis=0)
    inverse = seen.weights @ np.exp(-log_p - top)
    return np.asarray(-(np.log(inverse) + top))


def _all_left_out(seen: _PredictiveSample, problem: _Problem) -> float:
    """Return the log probability a cause gives to all that the record leaves out from what it says [nat]."""
    rows = zip(seen.by_observation, problem.seen, strict=True)
    together = sum((log_p[:, found.silent].sum(axis=1) for log_p, found in rows), np.zeros(len(seen.weights)))
    return -float(_log_mean(-together, seen.weights))


def _tail(seen: _PredictiveSample, visit: int, observation: _Observation, index: int, noise: float) -> float:
    """Return how probable a finding as odd as this one is under a cause that knows the others [0..1]."""
    weights = seen.without(visit, index)
    log_p = seen.log_probability(visit)[:, index]
    if not observation.measured:
        return min(float(weights @ np.exp(log_p)), 1.0)
    density = np.exp(np.minimum(log_p + np.log(noise * np.sqrt(2.0 * np.pi)), 0.0))
    # A density this share of its height lies at this many standard deviations.
    away = np.sqrt(np.maximum(-2.0 * np.log(np.maximum(density, 1e-12)), 0.0))
    beyond = np.asarray(2.0 * _upper_tail(away))
    return float(np.clip(weights @ beyond, 0.0, 1.0))


def _upper_tail(z: Float64s) -> Float64s:
    from scipy.special import ndtr

    return np.asarray(ndtr(-z))


def _predictive_p_value(seen: _PredictiveSample, problem: _Problem, rng: np.random.Generator) -> float:
    """Return how often patients of a cause would show findings as odd as these.

    Posterior predictive probability [0..1]. Each observation of each patient is drawn again: within its
    interval or not, or at another distance from the expected value. What a record leaves out is not asked.
    """
    observed, drawn = np.zeros(len(seen.weights)), np.zeros(len(seen.weights))
    for visit, found in enumerate(problem.seen):
        written = ~found.silent
        log_p, power = seen.log_probability(visit)[:, written], found.power[written]
        number = found.measured[: len(written)][written]
        peak = -np.log(found.sd[: len(written)][written] * np.sqrt(2.0 * np.pi))
        p = np.exp(np.minimum(log_p, -1e-6))
        # What counts less is taken to scatter more, in the patients drawn again as in the real one.
        as_seen, otherwise = p**power, (1.0 - p) ** power
        same = rng.random(p.shape) < as_seen / (as_seen + otherwise)
        again = np.where(same, log_p, np.log1p(-np.minimum(p, 1.0 - 1e-6)))
        fresh = peak[None, :] - 0.5 * rng.standard_normal(p.shape) ** 2 / power
        observed += (power * log_p).sum(axis=1)
        drawn += (power * np.where(number[None, :], fresh, again)).sum(axis=1)
    return float(seen.weights @ (drawn <= observed))


def _unexplained(p_value: float) -> bool:
    """Tell whether a posterior predictive probability means that no cause explains the findings."""
    return p_value < _SURPRISE


_OTHER = {"left": "right", "right": "left"}


def _mirrored(observation: _Observation) -> _Observation:
    """Return a finding as if left and right had been exchanged; what has no side stays as it is."""
    where = tuple(_across(address) for address in observation.where)
    words = [_OTHER.get(word, word) for word in observation.label.split(" ")]
    return replace(observation, where=where, label=" ".join(words))


def _across(address: Address) -> Address:
    return address if address.side is None else address._replace(side=1 - address.side)


def _side_of(observation: _Observation) -> int | None:
    """Return the one side a finding speaks of (0 left, 1 right), None where it speaks of none or of both."""
    sides = {address.side for address in observation.where}
    return sides.pop() if len(sides) == 1 else None


def _shifted(observation: _Observation, ln: float) -> _Observation:
    """Return a measured value moved by `ln` on the logarithmic scale of its unit."""
    return replace(observation, low=observation.low + ln, high=observation.high + ln)


def _as_counted(expected: NDArray[np.float32], observations: Sequence[_Observation]) -> Float64s:
    """Return the log likelihood of findings for patients as it counts, shape (N, O) [nat]."""
    return _by_observation(expected, _arrays(tuple(observations)))


def _log_probability(expected: NDArray[np.float32], observations: Sequence[_Observation]) -> Float64s:
    """Return the log probability (numbers: density) of findings for patients, slips counted.

    Shape (N, O) [nat].
    """
    return _as_counted(expected, [replace(o, power=1.0) for o in observations])


def _pooled(views: Mapping[int, _PredictiveSample], probability: Float64s) -> _PredictiveSample:
    """Return the patients of all causes in view together, each cause by its probability."""
    seen = list(views.values())
    weights = np.concatenate([one.weights * max(probability[c], 1e-12) for c, one in views.items()])
    visits = range(len(seen[0].expected))
    return _PredictiveSample(
        weights / weights.sum(),
        tuple(np.concatenate([one.by_observation[v] for one in seen]) for v in visits),
        tuple(np.concatenate([one.expected[v] for one in seen]) for v in visits),
        np.concatenate([one.at_sites for one in seen]),
        power=seen[0].power,
    )


def _log_mean(values: Float64s, weights: Float64s) -> Float64s:
    """Return the log of the weighted mean of exp(values) over patients, (N, ...) to (...) [nat]."""
    return np.asarray(logsumexp(values, axis=0, b=weights.reshape(-1, *(1,) * (values.ndim - 1))))


_A = load()
_PARTS = {"ganglion": "root", "ramus": "root"}
_INVOLVED = 0.1


def _lesion_map(
    views: dict[int, _PredictiveSample], probability: NDArray[np.float64]
) -> tuple[SiteLoss, ...]:
    """Return the loss at every site and side with its 80 % interval."""
    share = {cause: probability[cause] for cause in views}
    total = sum(share.values())
    losses = np.concatenate([seen.at_sites for seen in views.values()])
    weights = np.concatenate([seen.weights * share[cause] / total for cause, seen in views.items()])
    rows = []
    for index, site in enumerate(_A.sites):
        for side, name in enumerate(SIDES):
            values = losses[:, side, index]
            low, high = map(float, weighted_quantiles(values, weights, (0.1, 0.9)))
            part = _PARTS.get(_A.site_parts[index], _A.site_parts[index])
            rows.append(
                SiteLoss(
                    site,
                    f"{name} {_A.site_labels[index]}",
                    part,
                    name,
                    float(values @ weights),
                    low,
                    high,
                    float((values > _INVOLVED) @ weights),
                )
            )
    return tuple(rows)
