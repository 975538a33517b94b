"""Two diseases at once, weighed as hypotheses of their own where one cause leaves too much unexplained.

A pair costs its prior: how often somebody who comes with the first has the second as well. Which pairs could
pay for it is told by laying the effects of two patients over one another, one of each cause; those few are then
sampled like any cause, with the model itself adding up what the two do. What pairs bring goes to the cause that
brings the patient: it is that cause, alone or with another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from scipy.special import logsumexp

from garland._types import Float32s, Float64s
from garland.evidence import part
from garland.inference.laplace import _find_modes
from garland.inference.likelihood import (
    Pair,
    _by_observation,
    _Problem,
    _seen_in_full,
    _shown_in_full,
    second_alone,
)
from garland.inference.observations import _Observation
from garland.inference.posterior import Posterior, _extension, _from_evidence, _side_by_side
from garland.inference.result import TwoDiseases
from garland.inference.smc import GROUP, Particles, _draw_cloud, _log_evidence, _some, _temper
from garland.model.diseases import DISEASES, index_of
from garland.model.findings import hanging_on_the_cause
from garland.model.latents import N_LATENTS, normals
from garland.progress import tell

_FIRSTS, _FAR_BEHIND = 8, 14.0
"""Causes that may be the first of a pair, and how far they may be behind the leading one [-, nat]."""
_LAID_OVER = 64
"""Patients of a second cause that are laid over the best one of the first [-]."""
_GAIN, _OPTIMISM = 1.5, 4.0
"""What a pair laid over must explain better than the first cause alone, and by how much a sampled pair may
exceed that [nat].
"""
_MOST = 4
"""Pairs sampled for one record [-]."""
_WORTH = 0.01
"""Share of all that a pair must promise to be sampled [-]."""
_STARTS, _ROUNDS, _MOVES = 3, 5, 3
_DRAWN, _WEIGHABLE = 512, 0.1
_WANTED_ERROR = 0.02
_CLOSER_LOOKS = 2
_TOLD = 0.05
"""Probability from which two diseases are told [-]."""


@dataclass(frozen=True)
class _Weighed:
    """One pair against the rest.

    Attributes
    ----------
    pair : Pair
        The two.
    share : float
        How often the second is met in patients with the first [0..1].
    cloud : Particles
        Patients with both, given the findings.
    """

    pair: Pair
    share: float
    cloud: Particles


@dataclass(frozen=True)
class WithPairs:
    """A posterior over causes, each alone or with another, and the pairs in it.

    Attributes
    ----------
    posterior : Posterior
        Probabilities; where a pair is likelier than its first cause alone, the patients of that cause have
        both diseases.
    pairs : dict
        Probability of every pair that was weighed, and how often its second is met with its first.
    """

    posterior: Posterior
    pairs: dict[Pair, tuple[float, float]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def _shares() -> dict[Pair, float]:
    """Return how often a second cause is met in patients with a first one, by pair [0..1]."""
    numbers = part("population/two_diseases")
    rows: dict[Pair, float] = {}
    for first, cause in enumerate(DISEASES):
        if cause.name == "none":
            continue
        long = {name: share for name, share in numbers.table("since_long").items() if name != cause.name}
        rows |= {Pair(first, index_of(name), True): share for name, share in long.items()}
        if (together := f"together_with_{cause.name}") in numbers:
            at_once = numbers.table(together).items()
            rows |= {Pair(first, index_of(name), False): share for name, share in at_once}
    return rows


def with_pairs(problem: _Problem, posterior: Posterior, seed: int) -> WithPairs:
    """Return the posterior in which causes may come with another one."""
    if not problem.seen or posterior.failures:
        return WithPairs(posterior)
    worth = _promising(problem, posterior, seed)
    weighed: list[_Weighed] = []
    if worth:
        tell("weighing two diseases at once", 0.9)
    jobs = list(worth.items())

    def sample(number: int) -> None:
        pair, starts = jobs[number]
        weighed.append(_Weighed(pair, _shares()[pair], _sampled(problem, pair, starts, seed)))

    _side_by_side(sample, range(len(jobs)))
    weighed.sort(key=lambda one: one.pair)
    for look in range(_CLOSER_LOOKS):
        found = _joint(posterior, weighed)
        if found.posterior.error.max() < _WANTED_ERROR:
            break
        weighed = _closer(problem, found, weighed, (seed, look))
    return _joint(posterior, weighed)


def _joint(posterior: Posterior, weighed: Iterable[_Weighed]) -> WithPairs:
    """Return the posterior with what pairs add to the evidence of their first causes."""
    every = list(weighed)
    pairs = np.stack([posterior.log_evidence, posterior.evidence_error], axis=1)
    clouds, within = dict(posterior.clouds), {}
    for first in {one.pair.first for one in every}:
        own = [one for one in every if one.pair.first == first]
        rows = [(np.log1p(-sum(one.share for one in own)) + pairs[first, 0], pairs[first, 1])]
        for one in own:
            evidence, error = _log_evidence(one.cloud)
            rows.append((np.log(one.share) + evidence, error))
        total = logsumexp([row[0] for row in rows])
        parts = [float(np.exp(row[0] - total)) for row in rows]
        error = float(np.sqrt(sum((p * row[1]) ** 2 for p, row in zip(parts, rows, strict=True))))
        pairs[first] = total, error
        best = int(np.argmax(parts))
        if best > 0:
            clouds[first] = own[best - 1].cloud
        within |= {one.pair: (parts[1 + at], one.share) for at, one in enumerate(own)}
    with np.errstate(divide="ignore"):
        found = _from_evidence(posterior.prior, np.log(posterior.prior), pairs, clouds)
    shared = {p: (float(found.probability[p.first]) * part_, s) for p, (part_, s) in within.items()}
    return WithPairs(found, shared)


def _closer(
    problem: _Problem, found: WithPairs, weighed: list[_Weighed], stream: tuple[int, int]
) -> list[_Weighed]:
    """Return the pairs with more patients of those whose error matters."""
    seed, look = stream
    own = {p: share * (1.0 - share) for p, (share, _) in found.pairs.items()}
    errors = {one.pair: own[one.pair] * _log_evidence(one.cloud)[1] for one in weighed}
    worst = max(errors.values(), default=0.0)
    rows = list(weighed)

    def extend(at: int) -> None:
        one = rows[at]
        if errors[one.pair] < 0.3 * worst or not worst:
            return
        rng = np.random.default_rng([seed, one.pair.first, one.pair.second, 20 + look])
        rows[at] = replace(one, cloud=_extension(problem, one.cloud, rng, len(one.cloud.vectors)))

    _side_by_side(extend, range(len(rows)))
    return rows


def _sampled(problem: _Problem, pair: Pair, starts: Float32s, seed: int) -> Particles:
    """Return patients with both diseases given the findings."""
    rng = np.random.default_rng([seed, pair.first, pair.second, 11])
    base = _find_modes(problem, pair, starts, _ROUNDS, closely=True)
    cloud = _draw_cloud(problem, pair, rng, _DRAWN, base)
    if cloud.effective > _WEIGHABLE * _DRAWN:
        return cloud
    return _temper(problem, cloud, rng, _DRAWN, _MOVES)


def _promising(problem: _Problem, posterior: Posterior, seed: int) -> dict[Pair, Float32s]:
    """Return the pairs worth sampling, the most promising first, each with patients to begin the search at."""
    behind = posterior.behind
    firsts = [c for c in posterior.order if behind[c] < _FAR_BEHIND and c in posterior.clouds][:_FIRSTS]
    candidates = [pair for pair in _shares() if pair.first in firsts and posterior.prior[pair.second] > 0.0]
    seconds = sorted({pair.second for pair in candidates})
    shown: dict[int, tuple[Float32s, list[Float32s]]] = {}

    def show(cause: int) -> None:
        vectors = _some_of(problem, posterior, cause, seed)
        shown[cause] = vectors, _shown_in_full(problem.person, cause, vectors, problem.timings)[0]

    _side_by_side(show, sorted({*firsts, *seconds, index_of("none")}))
    healthy = [visit.mean(axis=0) for visit in shown[index_of("none")][1]]
    own = {c: sum(rows.sum(axis=1) for rows in _each(problem, shown[c][1])) for c in firsts}
    promise: dict[Pair, tuple[float, Float32s]] = {}
    total = logsumexp(posterior.log_evidence[posterior.prior > 0.0], b=posterior.prior[posterior.prior > 0.0])
    for pair in candidates:
        best = int(np.argmax(own[pair.first]))
        vectors, expected = shown[pair.second]
        over = [
            _laid_over(one[best], other, sound)
            for one, other, sound in zip(shown[pair.first][1], expected, healthy, strict=True)
        ]
        gain = sum(rows.sum(axis=1) for rows in _each(problem, over)) - own[pair.first][best]
        least = np.log(posterior.prior[pair.first] * _shares()[pair]) + posterior.log_evidence[pair.first]
        score = float(least + gain.max() - np.log(len(gain)) / 2.0 + _OPTIMISM - total)
        if gain.max() > _GAIN and score > np.log(_WORTH):
            order = np.argsort(-gain)[: _STARTS]
            start = np.tile(shown[pair.first][0][best], (len(order), 1))
            promise[pair] = score, np.concatenate([start, vectors[order]], axis=1)
    ranked = sorted(promise, key=lambda pair: -promise[pair][0])[:_MOST]
    return {pair: promise[pair][1] for pair in ranked}


def _some_of(problem: _Problem, posterior: Posterior, cause: int, seed: int) -> Float32s:
    """Return patients of a cause, half given the findings and half as they come, (N, N_LATENTS)."""
    cloud = posterior.clouds.get(cause)
    fresh = normals(np.random.default_rng([seed, cause, 31]), _LAID_OVER // 2)
    if cloud is None:
        return fresh
    index, _ = _some(cloud, _LAID_OVER // 2)
    return np.concatenate([cloud.vectors[index], fresh])


def _each(problem: _Problem, expected: list[Float32s]) -> Iterator[Float64s]:
    """Yield the log likelihood of the observations of each visit, (N, O) [nat]."""
    for visit, seen in zip(expected, problem.seen, strict=True):
        yield _by_observation(visit, seen)


def _laid_over(first: Float32s, second: Float32s, healthy: Float32s) -> Float32s:
    """Return about what patients show who have the diseases of both, (F,) and (N, F) to (N, F).

    Departures from health add up on the scale on which a finding is judged; of words about a cause the likelier
    one counts.
    """
    return np.where(hanging_on_the_cause(), np.maximum(first, second), first + second - healthy)


def told_pairs(
    problem: _Problem, found: WithPairs, visits: list[tuple[_Observation, ...]]
) -> tuple[TwoDiseases, ...]:
    """Return the pairs that are probable, and which finding belongs to which of the two."""
    rows = []
    for pair, (probability, share) in sorted(found.pairs.items(), key=lambda item: -item[1][0]):
        cloud = found.posterior.clouds[pair.first]
        if probability < _TOLD or cloud.cause != pair:
            continue
        first, second = DISEASES[pair.first], DISEASES[pair.second]
        by = _belonging(problem, cloud, pair, visits)
        rows.append(
            TwoDiseases(
                (first.name, second.name),
                (first.title, second.title),
                pair.since_long,
                probability,
                share,
                *by,
            )
        )
    return tuple(rows)


def _belonging(
    problem: _Problem, cloud: Particles, pair: Pair, visits: list[tuple[_Observation, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels of the findings that need the first disease, and of those that need the second.

    A finding needs a disease where without it the same patients would make it clearly less probable.
    """
    index, weights = _some(cloud, GROUP)
    vectors = cloud.vectors[index]
    both = _seen_in_full(problem, pair, vectors)[0]
    alone = (
        _seen_in_full(problem, pair.first, np.ascontiguousarray(vectors[:, :N_LATENTS]))[0],
        _seen_in_full(problem, pair.second, second_alone(vectors))[0],
    )
    least = part("inference/together").value("better_by")
    named: tuple[list[str], list[str]] = ([], [])
    for visit, observations in enumerate(visits):
        together = logsumexp(both[visit], axis=0, b=weights[:, None])
        # What is missed when one is taken away needs that one.
        for without, labels in zip(alone, reversed(named), strict=True):
            rest = logsumexp(without[visit], axis=0, b=weights[:, None])
            needs = (together - rest)[: len(observations)] > least
            labels += [o.label for o, needed in zip(observations, needs, strict=True) if needed]
    return tuple(named[0]), tuple(named[1])
