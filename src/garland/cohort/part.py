"""One part of a cohort: its people lived through the model, recorded, and written as two tables.

The part is a pure function of the spec and its number: same bytes wherever it is made with the same version
of Garland, its libraries and a like processor.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.cohort.measures import LIVED, _Measure
from garland.cohort.recorded import _recorded, _with_responses
from garland.cohort.rows import _dice, _Rows, _rows_of
from garland.cohort.spec import _CohortSpec
from garland.cohort.tables import _people_bytes, _visits_bytes
from garland.inference.consult import remember_compiled_programs
from garland.model.findings import column
from garland.model.latents import Latents
from garland.model.outcomes import outcomes
from garland.model.patient import Person
from garland.model.simulate import COMPILER, expected_findings, state_on_day
from garland.model.treatment.schedule import Treatments

Floats = NDArray[np.float32]
BATCHES = (512, 64)
"""Patients in one call of the compiled model: many while there are many, few for the rest [-]."""
_ONE_THREAD: dict[str, str | int | bool] = {"xla_cpu_multi_thread_eigen": False}
"""Products shared out over processors could differ in the last digit from run to run."""


class _Part(NamedTuple):
    """The two files of a part."""

    people: bytes
    visits: bytes


def _make(spec: _CohortSpec, part: int) -> _Part:
    """Return one part of a cohort."""
    remember_compiled_programs()
    rows = _rows_of(spec, part)
    columns = spec.columns
    asked = _with_responses(columns)
    shown, life = _shown(rows, asked)
    values = _recorded(asked, shown, life, _dice(spec, part, 1), spec.missing)
    first = part * spec.part_size
    wanted = {measure.name: values[measure.name] for measure in columns}
    return _Part(_people_bytes(spec, rows, first), _visits_bytes(spec, rows, first, wanted))


def _shown(rows: _Rows, asked: tuple[_Measure, ...]) -> tuple[Floats, Floats]:
    """Return the expected findings (R, K) and the quantities of daily life (R, L) of every row."""
    addresses = [measure.address for measure in asked if measure.address is not None]
    life = any(measure.life for measure in asked)
    columns = [column(address) for address in addresses]
    shown = np.empty((len(rows.who), len(addresses)), np.float32)
    lives = np.empty((len(rows.who), len(LIVED) if life else 0), np.float32)
    for cause in np.unique(rows.cause):
        own = np.flatnonzero(rows.cause == cause)
        for at, kept in _batches(own):
            found, more = _visit(life)(*_inputs(rows, int(cause), at))
            shown[at[:kept]] = np.asarray(found)[:kept, columns]
            lives[at[:kept]] = np.asarray(more)[:kept]
    return shown, lives


def _batches(own: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Yield rows of one cause in batches, the last of each size filled up, and how many of each count."""
    many, few = BATCHES
    start = 0
    while start < len(own):
        size = many if len(own) - start >= many else few
        chunk = own[start : start + size]
        yield np.resize(chunk, size), len(chunk)
        start += size


def _inputs(rows: _Rows, cause: int, at: NDArray[np.int64]) -> tuple[Any, ...]:
    """Return person, cause, chance, day and care of some rows."""
    who, state = rows.who[at], rows.state[at]
    person = Person(*[field[state] for field in rows.states])
    treatment = (
        None if rows.treatment is None else jax.tree.map(lambda field: np.asarray(field)[who], rows.treatment)
    )
    return person, np.int32(cause), rows.vectors[who], rows.day[at], treatment


@cache
def _visit(life: bool) -> Any:
    """Return the compiled visit: of person, cause, chance, day and care, all findings and daily life.

    All findings are returned: taking some of them inside would make the compiler work out each one anew.
    """

    def visit(
        person: Person, cause: jax.Array, vector: jax.Array, day: jax.Array, treatment: Treatments | None
    ) -> tuple[jax.Array, jax.Array]:
        course = state_on_day(person, cause, Latents(vector), day, treatment)
        found = expected_findings(course)
        if not life:
            return found, jnp.zeros((len(day), 0))
        lives = outcomes(course)
        return found, jnp.stack([getattr(lives, name) for name in LIVED], axis=1)

    return jax.jit(visit, compiler_options={**COMPILER, **_ONE_THREAD})
