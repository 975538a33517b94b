"""How likely the findings are, given what each virtual patient would show.

Reads    observations (arrays), course.   Feeds  inference.sampler, inference.review.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtr

from garland.causes import CAUSES
from garland.chance import Chance
from garland.course import COMPILER, Course, findings, run
from garland.evidence import part
from garland.inference.observations import Arrays, odd_share
from garland.inference.timing import Timing, day_of
from garland.person import Person

_HALF_LOG_2PI = 0.9189385


def by_observation(expected: jax.Array, seen: Arrays) -> jax.Array:
    """Return the log likelihood of each observation, shape (N, O).

    Parameters
    ----------
    expected : jax.Array
        Expected findings of N patients, shape (N, N_FINDINGS).
    seen : Arrays
        Observations of one visit.

    Returns
    -------
    jax.Array
        Natural logarithm of probability (words, grades) or density (numbers). A small share of findings is
        recorded wrongly, so that no single one can decide everything.
    """
    at = expected[:, seen.column]
    below = (seen.low - at) / seen.sd
    above = (seen.high - at) / seen.sd
    # The tail is taken on the side where it is exact.
    flip = below > 0.0
    inside = ndtr(jnp.where(flip, -below, above)) - ndtr(jnp.where(flip, -above, below))
    inside = jnp.maximum(inside, 0.0) * (1.0 - seen.absent) + seen.absent
    density = jnp.exp(-0.5 * jnp.minimum(below * below, 160.0) - _HALF_LOG_2PI) / seen.sd
    each = jnp.where(seen.measured > 0.5, density, inside)
    together = jnp.exp(jnp.log(jnp.maximum(each, 1e-12)) @ seen.every) * (seen.every.sum(axis=0) > 0)
    share = odd_share()
    return jnp.log((1.0 - share) * (each @ seen.member + together) + share * seen.odd)


def _visit(person: Person, cause: jax.Array, vector: jax.Array, timing: Timing, seen: Arrays) -> jax.Array:
    chance = Chance(vector)
    course = run(person, cause, chance, day_of(timing, cause, chance))
    return by_observation(findings(course), seen) @ seen.weight


@cache
def visit_log_likelihood() -> Any:
    """Return the compiled log likelihood (N,): of person, cause, vector (N, SIZE), timing, seen."""
    return jax.jit(_visit, compiler_options=COMPILER)


def _visit_in_full(
    person: Person, cause: jax.Array, vector: jax.Array, timing: Timing, seen: Arrays
) -> tuple[jax.Array, jax.Array, jax.Array]:
    chance = Chance(vector)
    course: Course = run(person, cause, chance, day_of(timing, cause, chance))
    expected = findings(course)
    at_sites = 1.0 - jnp.exp(-(course.fibres.site_loss_now + course.fibres.site_block))
    return by_observation(expected, seen), expected, at_sites


@cache
def visit_in_full() -> Any:
    """Return the compiled full view of one visit.

    It gives the log likelihood by observation (N, O), the expected findings (N, F), loss at sites (N, 2, S).
    """
    return jax.jit(_visit_in_full, compiler_options=COMPILER)


def log_presentation(cause_index: int, day: float | None) -> float:
    """Return the log density of first coming on this day under a cause, 0 if the day is unknown [ln]."""
    if day is None:
        return 0.0
    own = part(f"causes/{CAUSES[cause_index].evidence}")
    sd = own.spread("presentation_day")
    z = (jnp.log(max(day, 0.5)) - jnp.log(own.value("presentation_day"))) / sd
    return float(-0.5 * min(float(z) ** 2, 16.0) - jnp.log(sd))
