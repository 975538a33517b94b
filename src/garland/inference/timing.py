"""The day of a visit: known, known roughly, or drawn from how soon patients with each cause come."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.model.diseases import DISEASES
from garland.model.latents import Latents
from garland.records import Case

PRECISION_LN = {"exact": 0.03, "about": 0.25, "rough": 0.5}
"""Spread of the true day about the recorded one, on the log scale [-]."""
_LATER_SHARE = 0.5
_SOONEST_DAY = 0.5
_ODDEST = 4.0
_ROOT_2PI = 2.5066283
Floats = NDArray[np.float32]
FloatsOut = NDArray[np.float64]


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

    median_day: Floats
    sd_ln: Floats
    earliest_day: Floats
    follows: Floats


@cache
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
    told = timing.first_day * jnp.exp(timing.precision_ln * z)
    first = jnp.where(jnp.isnan(timing.first_day), drawn, jnp.nan_to_num(told))
    return jnp.maximum(first, 0.5) * (1.0 + timing.later_share) + timing.later_day


def coming(timing: Timing, cause: int, vectors: Floats) -> tuple[FloatsOut, FloatsOut]:
    """Return how likely patients of a cause first come on the recorded day, and by how much they miss it."""
    if np.isnan(timing.first_day):
        return np.zeros(len(vectors)), np.zeros(len(vectors))
    median, sd, earliest, follows = (float(table[cause]) for table in _presentation())
    latents = Latents(vectors)  # type: ignore[arg-type]
    progression, told = np.asarray(latents["progression"]), np.asarray(latents["presentation"])
    day = np.maximum(timing.first_day * np.exp(timing.precision_ln * told), 0.5)
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
