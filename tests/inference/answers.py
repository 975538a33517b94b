"""A consult with the patients behind it, and how likely they make a further finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from garland.inference.encode_case import _encode_case
from garland.inference.likelihood import _Problem
from garland.inference.observations import _arrays
from garland.inference.posterior import Posterior
from garland.inference.result import Consult
from garland.model.diseases import index_of
from garland.records import Case


@dataclass(frozen=True)
class Answer:
    """A consult with what it rests on."""

    consult: Consult
    problem: _Problem
    posterior: Posterior

    def probability(self, name: str) -> float:
        """Return the probability of a cause."""
        return next(cause.probability for cause in self.consult.causes if cause.name == name)

    def error(self, name: str) -> float:
        """Return the printed Monte Carlo error of a cause."""
        return next(cause.monte_carlo_error for cause in self.consult.causes if cause.name == name)


Ask = Callable[..., Answer]


def more_likely(
    answer: Answer, before: Case, after: Case, causes: Iterable[str]
) -> dict[str, tuple[float, float]]:
    """Return the likelihood of what `after` adds to `before`, by cause, with its relative error."""
    known = {(o.where, o.low, o.high) for o in _encode_case(before).visits[0]}
    added = tuple(o for o in _encode_case(after).visits[0] if (o.where, o.low, o.high) not in known)
    assert added, "nothing was added"
    packed = _arrays(added)
    problem = _Problem(answer.problem.person, answer.problem.timings, (packed,))
    stated = {}
    for name in causes:
        cloud = answer.posterior.clouds[index_of(name)]
        log_p, _ = problem.log_likelihood(cloud.cause, cloud.vectors)
        weight, p = cloud.weights, np.exp(log_p)
        mean = float(weight @ p)
        stated[name] = mean, float(np.sqrt(weight**2 @ (p - mean) ** 2) / mean)
    return stated
