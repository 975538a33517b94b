"""Two diseases at once, weighed as hypotheses of their own where one cause leaves too much unexplained.

A pair costs its prior: how often somebody who comes with the first has the second as well. Which pairs could
pay for it is told by laying the effects of two patients over one another, one of each cause; those few are
then sampled like any cause, with the model itself adding up what the two do. What pairs bring goes to the
cause that brings the patient: it is that cause, alone or with another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from garland._types import Float32s, Float64s
from garland.evidence import part
from garland.evidence.provenance import remembered
from garland.inference.laplace import _find_modes
from garland.inference.likelihood import (
    _by_observation,
    _Pair,
    _Problem,
    _second_alone,
    _seen_in_full,
    _shown_in_full,
)
from garland.inference.observations import _Observation
from garland.inference.outside import _pool_of
from garland.inference.posterior import (
    _FIRST_ROUNDS,
    _SECOND_LOOK,
    _WORTH_A_CLOSER_LOOK,
    Posterior,
    _extension,
    _from_modes,
    _side_by_side,
)
from garland.inference.result import TwoDiseases
from garland.inference.smc import GROUP, Particles, _draw_cloud, _log_evidence, _some
from garland.model.diseases import DISEASES, index_of
from garland.model.findings import hanging_on_the_cause
from garland.model.latents import N_LATENTS, normals
from garland.progress import tell

_NOBODY = index_of("none")
_UNDER, _FAR_BEHIND, _CLOSE_BEHIND = 8, 14.0, 3.0
"""Causes over whose best patient others are laid: how many, and how far they may be behind the leading one to
be the first of a pair, or the second [-, nat].
"""
_LAID_OVER = 64
"""Patients of a cause that are laid over the best one of another [-]."""
_GAIN, _OPTIMISM = 1.5, 4.0
"""What a pair laid over must explain better than the first cause alone, and by how much a sampled pair may
exceed that [nat].
"""
_MOST = 4
"""Pairs sampled for one record [-]."""
_WORTH = 0.01
"""Share of all that a pair must promise to be sampled [-]."""
_MISSED = 4.0
"""By how much a first look may miss the evidence of a pair [nat]."""
_STARTS = 3
_WANTED_ERROR = 0.02
_CLOSER_LOOKS = 2
_TOLD = 0.05
"""Probability from which two diseases are told [-]."""


@dataclass(frozen=True)
class _Weighed:
    """One pair against the rest.

    Attributes
    ----------
    pair : _Pair
        The two.
    share : float
        How often the second is met in patients with the first [0..1].
    cloud : Particles
        Patients with both, given the findings.
    """

    pair: _Pair
    share: float
    cloud: Particles


@dataclass(frozen=True)
class _WithPairs:
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
    pairs: dict[_Pair, tuple[float, float]] = field(default_factory=dict)

    def beside(self, posterior: Posterior) -> _WithPairs:
        """Return the same pairs where the probabilities of causes are others."""
        before, after = self.posterior.probability, posterior.probability
        ratio = np.divide(after, before, out=np.ones_like(after), where=before > 0.0)
        pairs = {pair: (p * float(ratio[pair.first]), share) for pair, (p, share) in self.pairs.items()}
        return _WithPairs(posterior, pairs)


_ONE_DISEASE = ("radiculopathy", "muscle")
"""Families of which an older member is no second disease: a root in an old stenosis, a chronic myopathy."""


def _is_one_disease(first: int, second: int) -> bool:
    """Tell whether a second cause that was there before is only the first one, earlier."""
    family = DISEASES[first].family
    return first == second or (family == DISEASES[second].family and family in _ONE_DISEASE)


@remembered
def _shares() -> dict[_Pair, float]:
    """Return how often a second cause is met in patients with a first one, by pair [0..1]."""
    numbers = part("population/two_diseases")
    rows: dict[_Pair, float] = {}
    for first, cause in enumerate(DISEASES):
        if cause.name == "none":
            continue
        long = {_Pair(first, index_of(name), True): p for name, p in numbers.table("since_long").items()}
        rows |= {pair: share for pair, share in long.items() if not _is_one_disease(*pair[:2])}
        if (together := f"together_with_{cause.name}") in numbers:
            at_once = numbers.table(together).items()
            rows |= {_Pair(first, index_of(name), False): share for name, share in at_once}
    return rows


def _with_pairs(problem: _Problem, posterior: Posterior, seed: int) -> _WithPairs:
    """Return the posterior in which causes may come with another one."""
    if not problem.seen or posterior.failures:
        return _WithPairs(posterior)
    worth = _promising(problem, posterior, seed)
    weighed: list[_Weighed] = []
    if worth:
        tell("weighing two diseases at once", 0.9)
    jobs = list(worth.items())

    def sample(number: int) -> None:
        pair, starts = jobs[number]
        cloud = _looked_at(problem, pair, starts, seed)
        least = np.log(posterior.prior[pair.first] * _shares()[pair]) + _log_evidence(cloud)[0]
        if least - posterior.log_evidence_within > np.log(_WORTH) - _MISSED:
            weighed.append(_Weighed(pair, _shares()[pair], _sampled(problem, cloud, seed)))

    _side_by_side(sample, range(len(jobs)))
    weighed.sort(key=lambda one: one.pair)
    for look in range(_CLOSER_LOOKS):
        found = _joint(posterior, weighed)
        if found.posterior.error.max() < _WANTED_ERROR:
            break
        weighed = _closer(problem, found, weighed, (seed, look))
    found = _joint(posterior, weighed)
    # A pair that could not be sampled well enough must not take away the answer that there is without it.
    return found if not found.posterior.failures else _WithPairs(posterior)


def _joint(posterior: Posterior, weighed: Iterable[_Weighed]) -> _WithPairs:
    """Return the posterior with what pairs add to the evidence of their first causes."""
    every = list(weighed)
    pairs = posterior.evidence
    clouds = dict(posterior.clouds)
    within: dict[_Pair, tuple[float, float]] = {}
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
    found = posterior.where(pairs, clouds)
    shared = {p: (float(found.probability[p.first]) * part_, s) for p, (part_, s) in within.items()}
    return _WithPairs(found, shared)


def _closer(
    problem: _Problem, found: _WithPairs, weighed: list[_Weighed], stream: tuple[int, int]
) -> list[_Weighed]:
    """Return the pairs with more patients of those whose error matters."""
    seed, look = stream
    own = {p: share * (1.0 - share) for p, (share, _) in found.pairs.items()}
    errors = {one.pair: own[one.pair] * _log_evidence(one.cloud)[1] for one in weighed}
    worst = max(errors.values(), default=0.0)
    rows = list(weighed)

    def extend(at: int) -> None:
        one = rows[at]
        if errors[one.pair] < _WORTH_A_CLOSER_LOOK * worst or not worst:
            return
        rng = np.random.default_rng([seed, one.pair.first, one.pair.second, 20 + look])
        rows[at] = replace(one, cloud=_extension(problem, one.cloud, rng, len(one.cloud.vectors)))

    _side_by_side(extend, range(len(rows)))
    return rows


def _looked_at(problem: _Problem, pair: _Pair, starts: Float32s, seed: int) -> Particles:
    """Return a few patients with both diseases, drawn from the most probable ones."""
    rng = np.random.default_rng([seed, pair.first, pair.second, 11])
    return _draw_cloud(problem, pair, rng, GROUP, _find_modes(problem, pair, starts, _FIRST_ROUNDS))


def _sampled(problem: _Problem, before: Particles, seed: int) -> Particles:
    """Return patients with both diseases given the findings, begun at the best of a few."""
    pair = before.cause
    assert isinstance(pair, _Pair)
    rng = np.random.default_rng([seed, pair.first, pair.second, 12])
    starts = before.vectors[np.argsort(-before.log_weights)[:_STARTS]]
    return _from_modes(problem, pair, rng, starts, _SECOND_LOOK)


class _Patients(NamedTuple):
    """Patients of one cause: their chance, what they show by visit, how that fits the record (N,) [nat]."""

    vectors: Float32s
    expected: list[Float32s]
    fit: Float64s

    @property
    def best(self) -> int:
        """The one who fits best."""
        return int(np.argmax(self.fit))


def _promising(problem: _Problem, posterior: Posterior, seed: int) -> dict[_Pair, Float32s]:
    """Return the pairs worth sampling, the most promising first, each with patients to begin at."""
    behind = posterior.behind
    under = [c for c in posterior.order if behind[c] < _FAR_BEHIND and c in posterior.clouds][:_UNDER]
    leading = [c for c in under if behind[c] < _CLOSE_BEHIND]
    # Either may be the one that explains most: the one that brings the patient, or the one there before.
    candidates = [pair for pair in _shares() if pair.first in under or pair.second in leading]
    candidates = [pair for pair in candidates if min(posterior.prior[[pair.first, pair.second]]) > 0.0]
    known: dict[int, _Patients] = {}

    def show(cause: int) -> None:
        vectors = _some_of(posterior, cause, seed)
        expected = _shown_in_full(problem.person, cause, vectors, problem.timings)[0]
        known[cause] = _Patients(vectors, expected, _fit_of(problem, expected))

    _side_by_side(show, under)
    common = _pool_of(problem)
    healthy = [visit[_NOBODY].mean(axis=0) for visit in common]
    worth = []
    for pair in candidates:
        bases = [c for c, able in ((pair.first, under), (pair.second, leading)) if c in able]
        # Patients as they come cost nothing here: they stand ready for what lies outside the list.
        drawn = {c: [visit[pair.first + pair.second - c] for visit in common] for c in bases}
        gain = max(_gain(problem, known[c], drawn[c], healthy).max() for c in bases)
        worth += [(pair, bases)] if gain > _GAIN else []
    _side_by_side(show, sorted({cause for pair, _ in worth for cause in pair[:2]} - known.keys()))
    found: dict[_Pair, tuple[float, Float32s]] = {}
    for pair, bases in worth:
        promises = [_promise(problem, posterior, known, pair, pair[:2].index(c), healthy) for c in bases]
        best = max(promises, key=lambda one: one[0])
        if best[0] > np.log(_WORTH):
            found[pair] = best
    ranked = sorted(found, key=lambda pair: -found[pair][0])[:_MOST]
    return {pair: found[pair][1] for pair in ranked}


def _gain(problem: _Problem, under: _Patients, over: list[Float32s], healthy: list[Float32s]) -> Float64s:
    """Return how much better a record is explained where patients are laid over the best one, (N,) [nat]."""
    visits = zip(under.expected, over, healthy, strict=True)
    laid = [_laid_over(one[under.best], other, sound) for one, other, sound in visits]
    return np.asarray(_fit_of(problem, laid) - under.fit[under.best])


def _promise(
    problem: _Problem,
    posterior: Posterior,
    known: dict[int, _Patients],
    pair: _Pair,
    at: int,
    healthy: list[Float32s],
) -> tuple[float, Float32s]:
    """Return the log of the share of all that a pair may have, and the patients who promise it.

    The patients of one cause are laid over the best one of the other, which stands `at` place 0 or 1.
    """
    under, over = known[pair[at]], known[pair[1 - at]]
    gain = _gain(problem, under, over.expected, healthy)
    before = np.log(posterior.prior[pair.first] * _shares()[pair]) - posterior.log_evidence_within
    luck = _OPTIMISM - 0.5 * np.log(len(gain))
    order = np.argsort(-gain)[:_STARTS]
    beneath = np.tile(under.vectors[under.best], (len(order), 1))
    both = (beneath, over.vectors[order]) if at == 0 else (over.vectors[order], beneath)
    promise = before + posterior.log_evidence[pair[at]] + gain.max() + luck
    return float(promise) if gain.max() > _GAIN else -np.inf, np.concatenate(both, axis=1)


def _fit_of(problem: _Problem, expected: list[Float32s]) -> Float64s:
    """Return the log likelihood of a record where patients show this at each visit, (N,) [nat]."""
    visits = zip(expected, problem.seen, strict=True)
    return np.asarray(sum(_by_observation(visit, seen).sum(axis=1) for visit, seen in visits))


def _some_of(posterior: Posterior, cause: int, seed: int) -> Float32s:
    """Return patients of a cause, half given the findings and half as they come, (N, N_LATENTS)."""
    cloud = posterior.clouds.get(cause)
    fresh = normals(np.random.default_rng([seed, cause, 31]), _LAID_OVER // 2)
    if cloud is None:
        return fresh
    index, _ = _some(cloud, _LAID_OVER // 2)
    return np.concatenate([cloud.vectors[index], fresh])


def _laid_over(first: Float32s, second: Float32s, healthy: Float32s) -> Float32s:
    """Return about what patients show who have the diseases of both, (F,) and (N, F) to (N, F).

    Departures from health add up on the scale on which a finding is judged; of words about a cause the
    likelier one counts.
    """
    return np.where(hanging_on_the_cause(), np.maximum(first, second), first + second - healthy)


def _shown_pairs(
    problem: _Problem, found: _WithPairs, visits: list[tuple[_Observation, ...]]
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


def _by_then(problem: _Problem, pair: _Pair) -> _Problem:
    """Return a record on the clock of the second disease, which has lasted for some time already."""
    if not pair.since_long:
        return problem
    lasting = part("population/two_diseases").value("lasting")
    later = tuple(when._replace(later_day=when.later_day + lasting) for when in problem.timings)
    return replace(problem, timings=later)


def _belonging(
    problem: _Problem, cloud: Particles, pair: _Pair, visits: list[tuple[_Observation, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels of the findings that need the first disease, and of those that need the second.

    A finding needs a disease where without it the same patients would make it clearly less probable.
    """
    index, weights = _some(cloud, GROUP)
    vectors = cloud.vectors[index]
    both = _seen_in_full(problem, pair, vectors)[0]
    alone = (
        _seen_in_full(problem, pair.first, np.ascontiguousarray(vectors[:, :N_LATENTS]))[0],
        _seen_in_full(_by_then(problem, pair), pair.second, _second_alone(vectors))[0],
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
