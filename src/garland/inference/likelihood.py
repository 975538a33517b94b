"""How likely the findings are, given what each virtual patient would show."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtr

from garland.inference.observations import Arrays, contamination_rate
from garland.inference.timing import Timing, day_of
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.simulate import COMPILER, PatientState, expected_findings, state_on_day

_HALF_LOG_2PI = 0.9189385
_FAR = 1e6
_TINY = 1e-9
_ONE_THREAD: dict[str, str | int | bool] = {"xla_cpu_multi_thread_eigen": False}
"""Several causes are worked on at once: products shared out over processors as well make each wait."""


def by_observation(expected: jax.Array, seen: Arrays) -> jax.Array:
    """Return the log likelihood of each observation, shape (N, O)."""
    at = expected[:, seen.column]
    below = (seen.low - at) / seen.sd
    above = (seen.high - at) / seen.sd
    # The tail is taken on the side where it is exact.
    flip = below > 0.0
    inside = ndtr(jnp.where(flip, -below, above)) - ndtr(jnp.where(flip, -above, below))
    inside = jnp.maximum(inside, 0.0) * (1.0 - seen.absent) + seen.absent
    density = jnp.exp(-0.5 * jnp.minimum(below * below, 160.0) - _HALF_LOG_2PI) / seen.sd
    each = jnp.where(seen.measured > 0.5, density, inside)
    return _with_slips(each, seen)


def _with_slips(entries: jax.Array, seen: Arrays) -> jax.Array:
    """Return the log likelihood of each observation from that of its entries, (..., E) to (..., O)."""
    held = seen.summed(entries * seen.share)
    if len(seen.more):
        together = jnp.exp(seen.summed(jnp.log(jnp.maximum(entries, 1e-12))))
        held = jnp.where(seen.every > 0.5, together, held)
    share = contamination_rate()
    return jnp.log((1.0 - share) * held + share * seen.contamination)


def _residuals(expected: jax.Array, each: jax.Array, seen: Arrays) -> jax.Array:
    """Return how far every observation is from its best: the signed root of twice the log likelihood
    missed.
    """
    at = expected[:, seen.column]
    within = 2.0 * ndtr(0.5 * (seen.high - seen.low) / seen.sd) - 1.0
    peak = jnp.where(seen.measured > 0.5, jnp.exp(-_HALF_LOG_2PI) / seen.sd, within)
    best = _with_slips(peak, seen)
    # A word without an upper end is exceeded by nothing; the centre decides the sign alone.
    low, high = jnp.clip(seen.low, -_FAR, _FAR), jnp.clip(seen.high, -_FAR, _FAR)
    side = seen.summed(jnp.sign(at - 0.5 * (low + high)))
    missed = jnp.sqrt(2.0 * jnp.maximum(best - each, 0.0) + _TINY)
    return jnp.where(side < 0.0, -missed, missed) * seen.weight


class _Shown(NamedTuple):
    """What N virtual patients of one cause show at one visit.

    Attributes
    ----------
    each, residual : (N, O)
        Log likelihood of every observation [nat], and its signed residual [-].
    expected : (N, F)
        Expected findings.
    at_sites : (N, 2, S)
        Share of axons cut or blocked at each site [0..1].
    """

    each: jax.Array
    residual: jax.Array
    expected: jax.Array
    at_sites: jax.Array


def _visit(person: Person, cause: jax.Array, vector: jax.Array, timing: Timing, seen: Arrays) -> _Shown:
    latents = Latents(vector)
    course: PatientState = state_on_day(person, cause, latents, day_of(timing, cause, latents))
    expected = expected_findings(course)
    each = by_observation(expected, seen)
    lost = 1.0 - jnp.exp(-(course.fibres.site_loss_now + course.fibres.site_block))
    return _Shown(each, _residuals(expected, each, seen), expected, lost)


@cache
def visit() -> Any:
    """Return the compiled visit: of person, cause, vectors (N, SIZE), timing and seen, what is `_Shown`."""
    return jax.jit(_visit, compiler_options={**COMPILER, **_ONE_THREAD})
