"""Courses of many patients over many days, compiled once and called in chunks of one size.

Reads    lived, care.   Feeds  forecast.patient, forecast.forecast.   Numbers  none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from garland.care.schedule import Care
from garland.chance import Chance
from garland.course import COMPILER
from garland.lived import Lived, over_days
from garland.person import Person
from garland.units import DAYS_PER_MONTH


def life(
    person: Person, cause: int, vectors: ArrayLike, days: ArrayLike, care: Care, few: bool = False
) -> Lived:
    """Return the lives of N patients of one cause over D days.

    Parameters
    ----------
    person : Person
        Scalars or (N,); NaN where unknown.
    cause : int
        Index of the cause.
    vectors : array
        Chance, shape (N, SIZE).
    days : array
        Days since the first symptom, shape (D, N) [d].
    care : Care
        Scalars or (N,), days counted from the first symptom.
    few : bool
        Whether there are few patients: the program is then compiled in half the time, for this cause alone,
        and runs at a fifth of the speed.

    Returns
    -------
    Lived
        Axes day, patient, then those of `Lived`; still being computed when this returns.
    """
    chance = jnp.asarray(vectors, jnp.float32)
    n = chance.shape[0]
    when = jnp.asarray(days, jnp.float32)
    which: Any = cause if few else np.int32(cause)
    lived: Lived = _compiled(few)(broadcast(person, n), which, chance, when, broadcast(care, n))
    return lived


@cache
def _compiled(few: bool) -> Any:
    def course(person: Person, cause: jax.Array, vector: jax.Array, days: jax.Array, care: Care) -> Lived:
        return over_days(person, cause, Chance(vector), days, care)

    options = {"xla_backend_optimization_level": 0} if few else COMPILER
    on_processor = jax.default_backend() == "cpu"
    static = (1,) if few else ()
    return jax.jit(course, static_argnums=static, compiler_options=options if on_processor else None)


def joined(lives: Sequence[Lived]) -> Lived:
    """Return lives side by side as NumPy arrays, patients on the second axis.

    Parameters
    ----------
    lives : sequence of Lived
        Over the same days.
    """
    rows = zip(*lives, strict=True)
    return Lived._make(np.concatenate([np.asarray(field) for field in fields], axis=1) for fields in rows)


def broadcast(record: Any, n: int) -> Any:
    """Return a record of scalars or (N,) arrays, nested or not, with every field of shape (n,) float32."""
    return jax.tree.map(lambda field: jnp.broadcast_to(jnp.asarray(field, jnp.float32), (n,)), record)


def later(care: Care, day: ArrayLike) -> Care:
    """Return care with every day counted from `day` instead of from the first symptom.

    Parameters
    ----------
    care : Care
        Its days count from the day it is planned on.
    day : array
        That day, since the first symptom, shape () or (N,) [d].
    """
    by = jnp.asarray(day, jnp.float32)

    def shifted(given: Any) -> Any:
        days = {
            name: getattr(given, name) + by for name in given._fields if name in ("start_day", "stop_day")
        }
        return given._replace(**days)

    return Care._make(shifted(given) for given in care)


def stacked(cares: list[Care]) -> Care:
    """Return one care of N patients from N cares of one patient each."""
    rows = jax.tree.map(lambda *fields: jnp.stack([jnp.asarray(f, jnp.float32) for f in fields]), *cares)
    return Care(*rows)


def weekly(months: float) -> NDArray[np.float64]:
    """Return a day for every week, from the first symptom to at least `months` later, (D,) [d]."""
    return np.arange(0.0, DAYS_PER_MONTH * months + 7.0, 7.0)


def spaced(months: float) -> NDArray[np.float64]:
    """Return days from today on, close at first and then wider, (D,) [d]; whole months are among them.

    Parameters
    ----------
    months : float
        How far ahead, at least so far [months].
    """
    steps = ((0.0, 1.0, 0.25), (1.0, 3.0, 0.5), (3.0, 12.0, 1.0), (12.0, 24.0, 2.0), (24.0, 180.0, 3.0))
    every = np.concatenate([np.arange(*step) for step in steps])
    return DAYS_PER_MONTH * np.asarray(every[: int(np.searchsorted(every, months)) + 1])
