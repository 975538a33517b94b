"""Two diseases at once: a distal polyneuropathy besides, and which findings a second cause would explain.

Diabetes wears the longest fibres under every cause. So a polyneuropathy besides the leading cause is no
hypothesis of its own: it is read off the patients that explain the findings. Two focal diseases are not
carried as hypotheses; where no single cause fits, the pair of causes is told that leaves the least over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.inference.doubted import _Besides, _Cover
from garland.inference.lesions import _weighted_quantiles
from garland.inference.observations import Observation
from garland.inference.problem import Problem
from garland.inference.review import _left_out, _View
from garland.inference.timing import Timing, day_of
from garland.model.axons.injury import background_hazard
from garland.model.diseases import DISEASES, index_of
from garland.model.latents import Latents
from garland.model.patient import Person, complete
from garland.model.vessels.glycaemia import worn_years
from garland.units import DAYS_PER_YEAR

Floats = NDArray[np.float64]
_POLYNEUROPATHY = "polyneuropathy"
_WITHOUT_AGE_YEARS = 50.0
"""An age at which age has cost nothing yet: what is left is diabetes' own part [a]."""


class Patients(NamedTuple):
    """Patients of one cause: index of the cause, chance (N, SIZE), weights (N,) that sum to one."""

    cause: int
    vectors: NDArray[np.float32]
    weights: Floats


def diabetic_loss(person: Person, cause: int, vectors: NDArray[np.float32], timing: Timing) -> Floats:
    """Return the hazard that diabetes alone has put on the longest fibres of patients, shape (N,) [-]."""
    told = DISEASES[cause].diabetes
    diabetes = np.float32(np.nan if told is None else told)
    return np.asarray(_loss()(person, np.int32(cause), diabetes, jnp.asarray(vectors), timing), np.float64)


@cache
def _loss() -> Any:
    def loss(
        person: Person, cause: jax.Array, diabetes: jax.Array, vectors: jax.Array, timing: Timing
    ) -> jax.Array:
        latents = Latents(vectors)
        whole = complete(person, latents, diabetes)
        day = day_of(timing, cause, latents)
        # What age takes is counted from 60 on, and people grow older while they are ill.
        young = whole._replace(age_years=_WITHOUT_AGE_YEARS - day / DAYS_PER_YEAR)
        return background_hazard(young, latents, worn_years(whole, None, day), day)

    return jax.jit(loss)


def polyneuropathy_besides(problem: Problem, patients: Patients, seed: int) -> _Besides | None:
    """Return how probable a distal polyneuropathy is besides a cause; None where the cause is one."""
    cause = DISEASES[patients.cause]
    if cause.family == _POLYNEUROPATHY:
        return None
    limit = part("population/polyneuropathy").value("neuropathy_hazard")
    timing = problem.timings[-1]
    now = diabetic_loss(problem.person, patients.cause, patients.vectors, timing)
    fresh = np.random.default_rng(seed).standard_normal(patients.vectors.shape, np.float32)
    before = float((diabetic_loss(problem.person, patients.cause, fresh, timing) > limit).mean())
    probability = float(patients.weights @ (now > limit))
    lost = 1.0 - np.exp(-now)
    low, high = _weighted_quantiles(lost, patients.weights, (0.1, 0.9))
    message = _besides_words(probability, before)
    return _Besides(
        cause.name, cause.title, probability, before, float(patients.weights @ lost), low, high, message
    )


def _besides_words(probability: float, before: float) -> str:
    title = DISEASES[index_of("distal-polyneuropathy")].title
    how = ("unlikely", "possible", "probable", "almost certain")
    word = how[int(np.searchsorted((0.2, 0.5, 0.95), probability))]
    return f"Besides: {title}, {word} ({probability:.2f}; {before:.2f} before the findings)."


def cover(
    views: Mapping[int, _View], order: Sequence[int], visits: Sequence[tuple[Observation, ...]]
) -> _Cover | None:
    """Return the two causes that leave the least unexplained, None if a second one adds nothing."""
    first = order[0]
    family = DISEASES[first].family
    others = [c for c in order if c in views and c != first and DISEASES[c].family != family]
    if first not in views or not others:
        return None
    fits = {c: _fits(views[c], visits) for c in (first, *others)}
    gains = {c: float(np.maximum(fits[c] - fits[first], 0.0).sum()) for c in others}
    second = max(others, key=lambda c: gains[c])
    bits = gains[second] / float(np.log(2.0))
    if bits < part("inference/together").value("second_cause_bits"):
        return None
    labels = [o.label for visit in visits for o in visit]
    return _cover(first, second, fits, labels, bits)


def _fits(seen: _View, visits: Sequence[tuple[Observation, ...]]) -> Floats:
    """Return the log probability of every finding from all others, shape (all findings,) [nat]."""
    return np.concatenate([_left_out(seen, v)[: len(visit)] for v, visit in enumerate(visits)])


def _cover(first: int, second: int, fits: Mapping[int, Floats], labels: list[str], bits: float) -> _Cover:
    p = part("inference/together")
    a, b = fits[first], fits[second]
    lost = np.maximum(a, b) < np.log(p.value("unexplained_below"))
    better = (b - a > p.value("better_by")) & ~lost
    mine = (a - b > p.value("better_by")) & ~lost

    def named(which: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(labels[i] for i in np.flatnonzero(which))

    one, two = DISEASES[first].title, DISEASES[second].title
    message = f"Two diseases at once? {one[0].upper()}{one[1:]} leaves {int(better.sum())} findings"
    message += f" that {two} would explain: {'; '.join(named(better)[:4])}."
    return _Cover(one, two, named(mine), named(better), named(lost), bits, message)
