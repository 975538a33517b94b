"""How likely the findings of a patient are in virtual patients, the day of the visit among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from numpy.typing import NDArray

from garland._types import Float32s, Float64s
from garland.evidence import part
from garland.evidence.provenance import Compiled, remembered
from garland.inference.observations import _Arrays, _contamination_rate
from garland.model.diseases import DISEASES
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.simulate import COMPILER, PatientState, expected_findings, state_on_day
from garland.records import Case

PRECISION_LN = {"exact": 0.03, "about": 0.25, "rough": 0.5}
"""Spread of the true day about the recorded one, on the log scale [-]."""
_LATER_SHARE = 0.5
_SOONEST_DAY = 0.5
_ODDEST = 4.0
_ROOT_2PI = 2.5066283


class Timing(NamedTuple):
    """When one visit took place.

    Attributes
    ----------
    first_day : float
        Recorded day of the first visit [d], NaN if unknown.
    precision_ln : float
        Spread of the true day about it on the log scale [-].
    later_day : float
        Days from the first visit to this one [d].
    later_share : float
        The same as a share of the first day, where only the order is known [-].
    """

    first_day: float
    precision_ln: float
    later_day: float
    later_share: float


UNKNOWN = Timing(float("nan"), 1.0, 0.0, 0.0)
"""The first visit of somebody of whom no day is recorded: drawn from how soon patients come."""


class _Presentation(NamedTuple):
    """When patients with each cause first come, every field of shape (C,).

    Median [d], spread [ln], day before which nobody comes [d], and how far a slow illness is seen late
    [0..1].
    """

    median_day: Float32s
    sd_ln: Float32s
    earliest_day: Float32s
    follows: Float32s


@remembered
def _presentation() -> _Presentation:
    rows = [part(f"causes/{cause.evidence}") for cause in DISEASES]
    others = ("presentation_earliest_day", "presentation_follows_progression")
    tables = (
        [row.value("presentation_day") for row in rows],
        [row.spread("presentation_day") for row in rows],
        *([row.value(name) if name in row else 0.0 for row in rows] for name in others),
    )
    return _Presentation(*[np.array(table, np.float32) for table in tables])


def day_of(timing: Timing, cause: jax.Array, latents: Latents) -> jax.Array:
    """Return the day of the visit for N patients.

    Days since the first symptom, shape (N,) [d].
    """
    median, sd, earliest, follows = (jnp.asarray(table)[cause] for table in _presentation())
    z = latents["presentation"]
    slow = follows * latents["progression"] + jnp.sqrt(1.0 - follows**2) * z
    drawn = earliest + (median - earliest) * jnp.exp(sd * slow)
    stated = timing.first_day * jnp.exp(timing.precision_ln * z)
    first = jnp.where(jnp.isnan(timing.first_day), drawn, jnp.nan_to_num(stated))
    return jnp.maximum(first, 0.5) * (1.0 + timing.later_share) + timing.later_day


def _coming(timing: Timing, cause: int, vectors: Float32s) -> tuple[Float64s, Float64s]:
    """Return how likely patients of a cause first come on the recorded day, and by how much they miss it."""
    if np.isnan(timing.first_day):
        return np.zeros(len(vectors)), np.zeros(len(vectors))
    median, sd, earliest, follows = (float(table[cause]) for table in _presentation())
    latents = Latents(vectors)  # type: ignore[arg-type]
    progression, stated = np.asarray(latents["progression"]), np.asarray(latents["presentation"])
    day = np.maximum(timing.first_day * np.exp(timing.precision_ln * stated), 0.5)
    since = np.maximum(day - earliest, _SOONEST_DAY)
    own_sd = sd * np.sqrt(1.0 - follows**2)
    away = (np.log(since / (median - earliest)) - sd * follows * progression) / own_sd
    away = np.clip(away, -_ODDEST, _ODDEST)
    return -0.5 * away**2 - np.log(own_sd * _ROOT_2PI) + np.log(day / since), away


def _timings(case: Case) -> tuple[Timing, ...]:
    """Return when each visit of a case took place, as far as the record says."""
    days = [visit.day_since_onset for visit in case.visits]
    first = days[0]
    if first is None and case.history.age_at_onset_years is not None and case.person.age_years is not None:
        first = max(365.0 * (case.person.age_years - case.history.age_at_onset_years), 1.0)
    precision = PRECISION_LN.get(case.visits[0].day_precision or "about", 0.15)
    rows: list[Timing] = []
    later, unknown = 0.0, 0
    for day in days:
        if day is not None and first is not None:
            later, unknown = max(day - first, later), 0
        elif day is None and rows:
            unknown += 1
        rows.append(
            Timing(float("nan") if first is None else float(first), precision, later, _LATER_SHARE * unknown)
        )
    return tuple(rows)


_HALF_LOG_2PI = 0.9189385
_FAR = 1e6
_TINY = 1e-9
_ONE_THREAD: dict[str, str | int | bool] = {"xla_cpu_multi_thread_eigen": False}
"""Several causes are worked on at once: products shared out over processors as well make each wait."""


def _by_observation(expected: jax.Array, seen: _Arrays) -> jax.Array:
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


def _with_slips(entries: jax.Array, seen: _Arrays) -> jax.Array:
    """Return the log likelihood of each observation from that of its entries, (..., E) to (..., O)."""
    held = seen.summed(entries * seen.share)
    if len(seen.more):
        together = jnp.exp(seen.summed(jnp.log(jnp.maximum(entries, 1e-12))))
        held = jnp.where(seen.every > 0.5, together, held)
    share = _contamination_rate()
    return jnp.log((1.0 - share) * held + share * seen.contamination)


def _residuals(expected: jax.Array, each: jax.Array, seen: _Arrays) -> jax.Array:
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


def _visit(person: Person, cause: jax.Array, vector: jax.Array, timing: Timing, seen: _Arrays) -> _Shown:
    latents = Latents(vector)
    course: PatientState = state_on_day(person, cause, latents, day_of(timing, cause, latents))
    expected = expected_findings(course)
    each = _by_observation(expected, seen)
    lost = 1.0 - jnp.exp(-(course.fibres.site_loss_now + course.fibres.site_block))
    return _Shown(each, _residuals(expected, each, seen), expected, lost)


@cache
def _compiled_visit() -> Compiled:
    """Return the compiled visit: `_Shown` of person, cause, vectors (N, N_LATENTS), timing and seen."""
    return Compiled(_visit, compiler_options={**COMPILER, **_ONE_THREAD})


CHUNK = 64
"""Patients evaluated in one call: few enough for the processor's cache, the same for every case [-]."""


@dataclass
class _Problem:
    """What was found in one patient, ready for the model.

    Attributes
    ----------
    person : Person
        Scalars, NaN where unknown.
    timings : tuple of Timing
        When each visit was.
    seen : tuple of Arrays
        Observations of each visit; visits without any are left out.
    came : Timing
        When the patient first came, which speaks for some causes.
    evaluated : int
        Virtual patients evaluated so far [-].
    """

    person: Person
    timings: tuple[Timing, ...]
    seen: tuple[_Arrays, ...]
    came: Timing = UNKNOWN
    evaluated: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def log_likelihood(self, cause: int, vectors: Float32s) -> tuple[Float64s, Float64s]:
        """Return the log likelihood of N patients of a cause and the residuals behind it.

        Log likelihood, shape (N,) [nat], and residuals, shape (N, R) [-].
        """
        total, away = _coming(self.came, cause, vectors)
        columns = [away[:, None]]
        for timing, seen in zip(self.timings, self.seen, strict=True):
            rows = [
                (each @ seen.weight, residual)
                for each, residual, _, _ in _in_chunks(self.person, cause, vectors, timing, seen)
            ]
            total = total + np.concatenate([row[0] for row in rows])
            columns.append(np.concatenate([row[1] for row in rows]))
        with self._lock:
            self.evaluated += len(vectors) * max(len(self.seen), 1)
        return total, np.concatenate(columns, axis=1)


def _in_chunks(
    person: Person, cause: int, vectors: Float32s, timing: Timing, seen: _Arrays
) -> list[tuple[NDArray[np.float32], ...]]:
    """Return what N patients show at one visit, `CHUNK` patients at a time."""
    rows = []
    for start in range(0, len(vectors), CHUNK):
        chunk = vectors[start : start + CHUNK]
        filled = np.zeros((CHUNK, vectors.shape[1]), np.float32)
        filled[: len(chunk)] = chunk
        shown = _compiled_visit()(person, np.int32(cause), filled, timing, seen)
        rows.append(tuple(np.asarray(field)[: len(chunk)] for field in shown))
    return rows
