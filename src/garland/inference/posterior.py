"""From findings to probabilities of causes: every cause weighed by its evidence and its prior.

Every cause gets a first look: some patients drawn from chance, the best of them led to the maximum, and some
more drawn from there. Causes that may matter get a second look, with more starts and more patients, until
their numbers can be trusted; the others keep the first estimate, and what they could have added is told.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from garland._types import Float32s
from garland.inference.laplace import _diverse_starts, _find_modes, _learnt, systematic
from garland.inference.likelihood import _Hypothesis, _Problem
from garland.inference.smc import GROUP, Particles, _draw_cloud, _joined, _log_evidence, _temper
from garland.model.diseases import DISEASES
from garland.progress import tell

_WORTH_KNOWING, _WORTH_A_SECOND_LOOK = 0.05, 0.004
"""Probability, or error of a probability, from which a cause gets a second look [-]."""
_FIRST_LOOK, _SECOND_LOOK = 128, 512
_FIRST_STARTS, _STARTS = 2, 4
_FIRST_ROUNDS, _ROUNDS = 3, 5
_MOVES = 3
_WEIGHABLE = 0.1
"""Share of effective patients above which weighing those drawn from the modes is better than tempering.

Tempering costs ten times the patients and then leaves as much error as weighing ten times as many.
"""
_EASY = 0.25
"""Share of effective patients above which chance alone serves as the base."""
TOLERATED_ERROR = 0.05
"""Monte Carlo error of a probability above which there is no answer [-]."""
WANTED_ERROR = (0.015, 0.015, 0.02, TOLERATED_ERROR)
"""Monte Carlo error of a probability below which no further look is taken, after the first closer look, the
second, ... [-]: every look costs twice the one before and takes away a third of the error at best.
"""
LEAST_EFFECTIVE = 50.0
"""Effective patients of the leading cause below which there is no answer [-]."""
_WORTH_A_CLOSER_LOOK = 0.3
"""Share of the greatest contribution to the error from which a cause is looked at again."""
_DOUBTFUL = ((5.0, 16.0), (24.0, 8.0))
"""Effective patients of a first look that are too few if the cause is less than so far behind [-, nat].

Of 160 first looks drawn to the end, those with fewer than five rose by up to 10 nat, the others by 3.
"""
_CONTESTED, _MISSED = 16.0, 2.0
"""How far behind a cause gets a second first look, begun elsewhere, and what gain makes that one count [nat].

Two first looks in fourteen had missed the maximum of the leading cause of one record by 12 nat.
"""
_APART = 8
_FEW_GROUPS, _HIDDEN = 4, 0.25
"""Groups up to which their agreement is not trusted, and the error of their evidence then [-, nat]."""
_SETTLING_MOVES = 2
_MATTERS, _ENOUGH_AGAINST = 0.01, 8.0
"""Probability from which a cause is shown from `LEAST_EFFECTIVE` patients, and how many do for the others,
which are only explained away [-].
"""
_WORKERS = min(os.cpu_count() or 1, 8)


@dataclass(frozen=True)
class Posterior:
    """Probabilities of causes after the findings.

    Attributes
    ----------
    prior, probability, error : (C,)
        Before and after the findings, and the Monte Carlo standard error [-].
    log_evidence, evidence_error : (C,)
        Log marginal likelihood of the findings, and its Monte Carlo standard error [nat].
    clouds : dict of Particles
        Virtual patients of each possible cause given the findings, by index of cause.
    """

    prior: NDArray[np.float64]
    probability: NDArray[np.float64]
    error: NDArray[np.float64]
    log_evidence: NDArray[np.float64]
    evidence_error: NDArray[np.float64]
    clouds: dict[int, Particles]

    @property
    def order(self) -> list[int]:
        """Causes from the most to the least probable."""
        return [int(i) for i in np.argsort(-self.probability, kind="stable")]

    @property
    def mattering(self) -> list[int]:
        """Causes worth showing, the most probable first: the two leading ones, and all that are probable."""
        return [c for rank, c in enumerate(self.order) if rank < 2 or self.probability[c] > _MATTERS]

    @property
    def behind(self) -> NDArray[np.float64]:
        """How far every cause is behind the leading one, shape (C,) [nat]."""
        with np.errstate(divide="ignore"):
            score = np.log(self.probability)
        return np.asarray(score.max() - score)

    @property
    def own_error(self) -> NDArray[np.float64]:
        """What the error of each cause's own evidence does to its probability, shape (C,) [-]."""
        return self.probability * (1.0 - self.probability) * self.evidence_error

    @property
    def failures(self) -> tuple[str, ...]:
        """What keeps this from being an answer, in words; empty where nothing does."""
        found = []
        worst = int(np.argmax(self.error))
        if not np.isfinite(self.probability).all():
            found.append("no cause could have produced the findings")
        elif self.error[worst] > TOLERATED_ERROR:
            name = DISEASES[worst].title
            found.append(
                f"the probability of {name} still varies by {100.0 * self.error[worst]:.0f} points between "
                "independent groups of virtual patients"
            )
        if self.clouds[self.order[0]].effective < LEAST_EFFECTIVE:
            found.append("too few virtual patients explain the findings")
        return tuple(found)

    @property
    def log_evidence_within(self) -> float:
        """Log evidence of all causes of the list together, weighed by their prior [nat]."""
        known = np.isfinite(self.log_evidence) & (self.prior > 0.0)
        return float(np.logaddexp.reduce(self.log_evidence[known] + np.log(self.prior[known])))

    @property
    def error_within(self) -> float:
        """Monte Carlo error of that [nat]."""
        known = self.probability > 0.0
        return float(np.sqrt(((self.probability * self.evidence_error)[known] ** 2).sum()))

    @property
    def evidence(self) -> NDArray[np.float64]:
        """Log evidence of every cause and its error, shape (C, 2) [nat]."""
        return np.stack([self.log_evidence, self.evidence_error], axis=1)

    def where(self, evidence: NDArray[np.float64], clouds: dict[int, Particles] | None = None) -> Posterior:
        """Return the posterior of the same prior where the evidence is another one, (C, 2) [nat]."""
        with np.errstate(divide="ignore"):
            offset = np.log(self.prior)
        return _from_evidence(self.prior, offset, evidence, self.clouds if clouds is None else clouds)

    def beside(self, outside: float) -> Posterior:
        """Return the posterior where the cause is none of the list with some probability [0..1]."""
        within = 1.0 - outside
        return replace(self, probability=self.probability * within, error=self.error * within)

    @property
    def temperatures(self) -> int:
        """Tempering steps taken for the leading cause [-]."""
        return self.clouds[self.order[0]].steps


def _infer(problem: _Problem, prior: NDArray[np.float64], seed: int, particles: int) -> Posterior:
    """Return the posterior over causes."""
    *_, settled = _inferring(problem, prior, seed, particles)
    return settled


def _inferring(
    problem: _Problem,
    prior: NDArray[np.float64],
    seed: int,
    particles: int,
    likely: Sequence[int] = (),
) -> Iterator[Posterior]:
    """Yield the posterior over causes after every round, likely causes looked at first; the last is settled.

    In which order causes are looked at moves nothing but what is yielded before the last.
    """
    with np.errstate(divide="ignore"):
        offset = np.log(prior)
    possible = [int(i) for i in np.flatnonzero(np.isfinite(offset))]
    clouds: dict[int, Particles] = {}
    looks = dict.fromkeys(possible, 0)

    def first(cause: int) -> None:
        clouds[cause] = _pilot_run(problem, cause, np.random.default_rng([seed, cause, 1]))
        tell(f"first looks: {len(clouds)} of {len(possible)} causes", 0.2 * len(clouds) / len(possible))

    def apart(cause: int) -> None:
        other = _pilot_run(problem, cause, np.random.default_rng([seed, cause, _APART]))
        # A maximum that one of two searches missed is not told by the error of the other.
        if _log_evidence(other)[0] > _log_evidence(clouds[cause])[0] + _MISSED:
            clouds[cause] = other

    def closer(cause: int) -> None:
        looks[cause] += 1
        tell(f"closer look {looks[cause]}: {DISEASES[cause].title}", _share_done(looks))
        rng = np.random.default_rng([seed, cause, 1 + looks[cause]])
        if looks[cause] == 1:
            clouds[cause] = _refinement(problem, clouds[cause], rng, _SECOND_LOOK)
        else:
            more = (particles << (looks[cause] - 2)) - len(clouds[cause].vectors)
            clouds[cause] = _extension(problem, clouds[cause], rng, max(more, len(clouds[cause].vectors)))

    if ahead := [c for c in likely if c in looks]:
        _side_by_side(first, ahead)
        yield _summary(prior, offset, clouds)
    _side_by_side(first, [c for c in possible if c not in clouds])
    _side_by_side(apart, _contested(_summary(prior, offset, clouds)))
    _to_the_end(problem, clouds, _perhaps(_summary(prior, offset, clouds)), (seed, 9))
    rough = _summary(prior, offset, clouds)
    yield rough
    matters = (rough.probability > _WORTH_KNOWING) | (rough.own_error > _WORTH_A_SECOND_LOOK)
    _side_by_side(closer, np.flatnonzero(matters))
    for good_enough in WANTED_ERROR:
        found = _summary(prior, offset, clouds)
        own = _own_error(found)
        if max(found.error.max(), own.max()) < good_enough:
            break
        yield found
        _side_by_side(closer, np.flatnonzero(own >= _WORTH_A_CLOSER_LOOK * own.max()))
    yield _summary(prior, offset, clouds)


def _share_done(looks: dict[int, int]) -> float:
    """Return about which share of an answer is done when a closer look begins; how many come is not known."""
    latest = max(looks.values())
    begun = sum(look == latest for look in looks.values())
    return 0.9 - 0.7 * 0.5**latest * (1.0 + 0.7**begun)


def _own_error(found: Posterior) -> NDArray[np.float64]:
    """Return what each cause's evidence may do to its probability, shape (C,) [-].

    Few groups drawn to the posterior may agree by accident while all miss what one in ten would have found.
    """
    few = [
        c
        for c, cloud in found.clouds.items()
        if cloud.inverse_temperature == 1.0 and 1 < len(cloud.log_evidence) <= _FEW_GROUPS and cloud.steps > 1
    ]
    own = found.own_error
    own[few] = np.maximum(own[few], (found.probability * (1.0 - found.probability))[few] * _HIDDEN)
    return own


def _contested(rough: Posterior) -> list[int]:
    """Return causes that a search begun elsewhere could bring back among the leading ones."""
    behind = rough.behind
    return [c for c in rough.clouds if behind[c] < _CONTESTED]


def _perhaps(rough: Posterior) -> list[int]:
    """Return causes whose first estimate rests on so few patients that it may be far too low."""
    behind = rough.behind
    return [
        c
        for c, cloud in rough.clouds.items()
        if any(cloud.effective < few and behind[c] < far for few, far in _DOUBTFUL)
    ]


def _complete_tempering(
    problem: _Problem, posterior: Posterior, causes: Iterable[int], seed: int
) -> Posterior:
    """Return a posterior in which the patients of more causes are drawn to the end; its numbers stay."""
    clouds = dict(posterior.clouds)
    wanted = {c: LEAST_EFFECTIVE if c in posterior.mattering else _ENOUGH_AGAINST for c in causes}
    few = [c for c, enough in wanted.items() if c in clouds and clouds[c].effective < enough]
    _to_the_end(problem, clouds, few, (seed, 3))
    return replace(posterior, clouds=clouds)


def _to_the_end(
    problem: _Problem, clouds: dict[int, Particles], causes: Iterable[int], stream: tuple[int, int]
) -> None:
    """Draw the patients of some causes to the posterior, in place, as few as a group of each."""
    seed, number = stream

    def draw(cause: int) -> None:
        rng = np.random.default_rng([seed, cause, number])
        clouds[cause] = _temper(problem, clouds[cause], rng, GROUP, _SETTLING_MOVES)

    _side_by_side(draw, causes)


def _side_by_side(do: Callable[[int], None], causes: Iterable[int]) -> None:
    """Work on several causes at once; the model leaves the interpreter free while it computes.

    The matrices of one cause are small: were each to be shared out over all processors as well, they would
    wait for one another.
    """
    with _libraries().limit(limits=1, user_api="blas"), ThreadPoolExecutor(_WORKERS) as pool:
        # What a thread reads of the evidence counts as read for the answer that started it.
        for job in [pool.submit(copy_context().run, do, int(cause)) for cause in causes]:
            job.result()


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def _pilot_run(problem: _Problem, cause: int, rng: np.random.Generator) -> Particles:
    cloud = _draw_cloud(problem, cause, rng, _FIRST_LOOK)
    if cloud.effective > _EASY * _FIRST_LOOK:
        return cloud
    starts = _diverse_starts(problem, cause, cloud.vectors, cloud.log_weights, _FIRST_STARTS)
    base = _find_modes(problem, cause, starts, _FIRST_ROUNDS)
    return _draw_cloud(problem, cause, rng, _FIRST_LOOK, base)


def _refinement(problem: _Problem, before: Particles, rng: np.random.Generator, kept: int) -> Particles:
    """Return more patients of a cause: from chance where that is good enough, else from its modes."""
    if not before.base.parts:
        cloud = _draw_cloud(problem, before.cause, rng, kept)
        if cloud.effective > _EASY * kept:
            return cloud
    fresh = _draw_cloud(problem, before.cause, rng, _FIRST_LOOK)
    vectors = np.concatenate([before.vectors, fresh.vectors])
    score = np.concatenate([before.log_likelihood, fresh.log_likelihood])
    starts = _diverse_starts(problem, before.cause, vectors, score, _STARTS)
    return _from_modes(problem, before.cause, rng, starts, kept)


def _from_modes(
    problem: _Problem, cause: _Hypothesis, rng: np.random.Generator, starts: Float32s, kept: int
) -> Particles:
    """Return patients of a cause, or of two, drawn from the modes that a search from some starts finds."""
    base = _find_modes(problem, cause, starts, _ROUNDS, closely=True)
    cloud = _draw_cloud(problem, cause, rng, kept, base)
    if cloud.effective > _WEIGHABLE * kept:
        return cloud
    return _temper(problem, cloud, rng, kept, _MOVES)


def _extension(problem: _Problem, before: Particles, rng: np.random.Generator, more: int) -> Particles:
    """Return the patients of a cause with more of them; drawn to the end, they teach a better base first."""
    if before.inverse_temperature < 1.0:
        every = _joined(before, _draw_cloud(problem, before.cause, rng, more, before.base))
        if every.effective > _WEIGHABLE * len(every.vectors):
            return every
        # A few patients outweigh all others: the base misses where they stand.
        return _temper(problem, every, rng, len(every.vectors), _MOVES)
    drawn = systematic(before.weights, len(before.vectors), rng)
    base = _learnt(before.vectors[drawn], before.base)
    cloud = _draw_cloud(problem, before.cause, rng, more, base)
    if cloud.effective > _WEIGHABLE * more:
        return cloud
    return _joined(before, _temper(problem, cloud, rng, more, _MOVES))


def _summary(
    prior: NDArray[np.float64], offset: NDArray[np.float64], clouds: dict[int, Particles]
) -> Posterior:
    """Return probability, Monte Carlo error and log evidence of each cause."""
    pairs = [_log_evidence(clouds[c]) if c in clouds else (-np.inf, 0.0) for c in range(len(offset))]
    return _from_evidence(prior, offset, np.array(pairs), clouds)


def _from_evidence(
    prior: NDArray[np.float64],
    offset: NDArray[np.float64],
    pairs: NDArray[np.float64],
    clouds: dict[int, Particles],
) -> Posterior:
    """Return the posterior over causes from the log evidence of each and its error, (C, 2) [nat]."""
    score = pairs[:, 0] + offset
    weight = np.exp(score - score.max())
    probability = weight / weight.sum()
    slope = probability[:, None] * (np.eye(len(offset)) - probability[None, :])
    error = np.sqrt((slope**2 * pairs[None, :, 1] ** 2).sum(axis=1))
    return Posterior(prior, probability, error, pairs[:, 0], pairs[:, 1], dict(clouds))
