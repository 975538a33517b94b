"""Courses of many patients over many days, compiled once and called in chunks of one size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import jax
import numpy as np
from numpy.typing import ArrayLike, NDArray

from garland._types import Float32s
from garland.model.latents import Latents
from garland.model.outcomes import SYMPTOMATIC, Outcomes, over_days
from garland.model.patient import Person
from garland.model.simulate import COMPILER
from garland.model.treatment.schedule import Treatments
from garland.programs import Compiled
from garland.units import DAYS_PER_MONTH

_PATIENTS_AT_ONCE, _DAYS_AT_ONCE = 64, 128
"""Patients and days in one call, the same for every course: one program serves them all [-]."""


def life(
    person: Person, cause: int, vectors: ArrayLike, days: ArrayLike, treatment: Treatments, few: bool = False
) -> Outcomes:
    """Return the lives of N patients of one cause over D days.

    A `few` patients are followed all at once, by a program of their cause alone.
    """
    latents = np.asarray(vectors, np.float32)
    n = latents.shape[0]
    when = np.asarray(days, np.float32)
    when = np.broadcast_to(when.reshape(len(when), -1), (len(when), n))
    whole = (broadcast(person, n), latents, when.T, broadcast(treatment, n))
    size = n if few else _PATIENTS_AT_ONCE
    parts = []
    for start in range(0, n, size):
        rows = np.arange(start, min(start + size, n))
        known, vector, own, care = jax.tree.map(itemgetter(np.resize(rows, size)), whole)
        found = _on_days(few, known, cause, vector, own.T, care)
        parts.append(Outcomes._make(field[:, : len(rows)] for field in found))
    return _joined(parts)


def _lives_beside(
    person: Person, cause: int, vectors: ArrayLike, days: ArrayLike, cares: Treatments
) -> list[Outcomes]:
    """Return the lives of N patients of one cause under K cares, (K, N), that differ in symptoms alone."""
    latents = np.asarray(vectors, np.float32)
    shared = jax.tree.map(itemgetter(0), cares)
    beside = {name: getattr(cares, name) for name in SYMPTOMATIC}
    known = broadcast(person, len(latents))
    every = _on_days(False, known, cause, latents, np.asarray(days, np.float32), shared, beside)
    return [Outcomes._make(field[:, k] for field in every) for k in range(every[0].shape[1])]


def _on_days(
    few: bool, person: Person, cause: int, vectors: Float32s, days: Float32s, *care: Any
) -> Outcomes:
    """Return the lives of N patients on days (D, N), as many days at a time as the program holds."""
    which: Any = cause if few else np.int32(cause)
    parts = []
    for start in range(0, len(days), _DAYS_AT_ONCE):
        some = days[start : start + _DAYS_AT_ONCE]
        filled = np.zeros((_DAYS_AT_ONCE, days.shape[1]), np.float32)
        filled[: len(some)] = some
        found = _compiled(few)(person, which, vectors, filled, np.int32(len(some)), *care)
        parts.append([np.asarray(field)[: len(some)] for field in found])
    return Outcomes._make(np.concatenate(fields) for fields in zip(*parts, strict=True))


@cache
def _compiled(few: bool) -> Compiled:
    def course(
        person: Person, cause: jax.Array, vector: jax.Array, days: jax.Array, count: jax.Array, *care: Any
    ) -> Outcomes:
        return over_days(person, cause, Latents(vector), days, *care, count=count)

    options = {"xla_backend_optimization_level": 0} if few else COMPILER
    on_processor = jax.default_backend() == "cpu"
    static = (1,) if few else ()
    return Compiled(course, static, name="course", compiler_options=options if on_processor else None)


def _joined(lives: Sequence[Outcomes]) -> Outcomes:
    """Return lives side by side as NumPy arrays, patients on the second axis."""
    rows = zip(*lives, strict=True)
    return Outcomes._make(np.concatenate([np.asarray(field) for field in fields], axis=1) for fields in rows)


def broadcast(record: Any, n: int) -> Any:
    """Return a record of scalars or (N,) arrays, nested or not, with every field of shape (n,) float32."""
    return jax.tree.map(lambda field: np.broadcast_to(np.asarray(field, np.float32), (n,)), record)


def later(treatment: Treatments, day: ArrayLike) -> Treatments:
    """Return care with every day counted from `day` instead of from the first symptom."""
    by = np.asarray(day, np.float32)

    def shifted(given: Any) -> Any:
        days = {
            name: getattr(given, name) + by for name in given._fields if name in ("start_day", "stop_day")
        }
        return given._replace(**days)

    return Treatments(*(shifted(given) for given in treatment))


def _stacked(cares: list[Treatments]) -> Treatments:
    """Return one care of N patients from N cares of one patient each."""
    rows = jax.tree.map(lambda *fields: np.stack([np.asarray(f, np.float32) for f in fields]), *cares)
    return Treatments(*rows)


def _weekly(months: float) -> NDArray[np.float64]:
    """Return a day for every week, from the first symptom to at least `months` later, (D,) [d]."""
    return np.arange(0.0, DAYS_PER_MONTH * months + 7.0, 7.0)


def _spaced(months: float) -> NDArray[np.float64]:
    """Return days from today on, close at first and then wider, (D,) [d]; whole months are among them."""
    steps = ((0.0, 1.0, 0.25), (1.0, 3.0, 0.5), (3.0, 12.0, 1.0), (12.0, 24.0, 2.0), (24.0, 180.0, 3.0))
    every = np.concatenate([np.arange(*step) for step in steps])
    return DAYS_PER_MONTH * np.asarray(every[: int(np.searchsorted(every, months)) + 1])
