"""One part of a cohort: what is recorded of its people, as the bytes of two files.

The noise is that of inference, without slips of the pen: a cohort is written by careful people. Quantities of
daily life are written as modelled, without error of measurement.

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

from garland._types import Float32s
from garland.cohorts.measures import AMPLITUDES, LIVED, _grades_of, _Measure, _measure_of, _words_of
from garland.cohorts.spec import CohortSpec
from garland.cohorts.tables import _people_bytes, _visits_bytes
from garland.cohorts.visits import _generator_of, _Rows, _rows_of
from garland.inference.consult import remember_compiled_programs
from garland.model.findings import column, noise_sd
from garland.model.latents import Latents
from garland.model.outcomes import outcomes
from garland.model.patient import Person
from garland.model.simulate import COMPILER, expected_findings, state_on_day
from garland.model.treatment.schedule import Treatments
from garland.programs import Compiled
from garland.reference_values import smallest_response_ln


def _with_responses(columns: tuple[_Measure, ...]) -> tuple[_Measure, ...]:
    """Return the measures with the responses that some of them hang on, each once."""
    needed = [_measure_of(one.response) for one in columns if one.response is not None]
    return tuple({one.name: one for one in (*columns, *needed)}.values())


def _recorded(
    asked: tuple[_Measure, ...], shown: Float32s, lives: Float32s, rng: np.random.Generator, missing: float
) -> dict[str, Float32s]:
    """Return what is written in each column, NaN where nothing is."""
    findings = [one for one in asked if one.address is not None]
    sd = noise_sd()
    values: dict[str, Float32s] = {}
    responds: dict[str, NDArray[np.bool_]] = {}
    for at, one in enumerate(findings):
        assert one.address is not None
        noisy = shown[:, at] + sd[column(one.address)] * rng.standard_normal(len(shown), np.float32)
        values[one.name] = _written(one, noisy)
        if one.address.field in AMPLITUDES:
            lack = rng.random(len(shown), np.float32) < one.absent_in_health
            responds[one.name] = (noisy > smallest_response_ln(one.address.item.split("@")[0])) & ~lack
            values[one.name] = np.where(responds[one.name], values[one.name], np.float32(0.0))
        elif one.address.field.endswith("_response"):
            responds[one.name] = values[one.name] > 0.5
    for one in findings:
        if one.response is not None:
            there = responds[_measure_of(one.response).name]
            values[one.name] = np.where(there, values[one.name], np.float32(np.nan))
    values |= {one.life: lives[:, LIVED.index(one.life)].copy() for one in asked if one.life}
    if missing > 0.0:
        for one in asked:
            values[one.name][rng.random(len(values[one.name]), np.float32) < missing] = np.nan
    return values


def _written(one: _Measure, noisy: Float32s) -> Float32s:
    """Return values on the scale of the record, NumPy float32, (R,)."""
    assert one.address is not None
    if one.way == "ln":
        return np.exp(noisy)
    if one.way == "fall":
        return np.float32(100.0) * -np.expm1(noisy)
    if one.way == "yes":
        return (noisy > 0.0).astype(np.float32)
    words = _words_of(one.address.field)
    assert words is not None
    ends = np.array([upper for _, upper in words[:-1]], np.float32)
    grades = np.array(_grades_of(one.address.field), np.float32)
    return np.asarray(grades[np.searchsorted(ends, noisy, side="right")])


BATCH = 64
"""Patients in one call of the compiled model [-]."""
_ONE_THREAD: dict[str, str | int | bool] = {"xla_cpu_multi_thread_eigen": False}
"""Products shared out over processors could differ in the last digit from run to run."""


class _Part(NamedTuple):
    """The two files of a part."""

    people: bytes
    visits: bytes


def _make(spec: CohortSpec, part: int) -> _Part:
    """Return one part of a cohort."""
    remember_compiled_programs()
    rows = _rows_of(spec, part)
    columns = spec.columns
    asked = _with_responses(columns)
    shown, life = _shown(rows, asked)
    values = _recorded(asked, shown, life, _generator_of(spec, part, 1), spec.missing)
    first = part * spec.part_size
    wanted = {measure.name: values[measure.name] for measure in columns}
    return _Part(_people_bytes(spec, rows, first), _visits_bytes(spec, rows, first, wanted))


def _shown(rows: _Rows, asked: tuple[_Measure, ...]) -> tuple[Float32s, Float32s]:
    """Return the expected findings (R, K) and the quantities of daily life (R, L) of every row."""
    addresses = [measure.address for measure in asked if measure.address is not None]
    life = any(measure.life for measure in asked)
    columns = [column(address) for address in addresses]
    shown = np.empty((len(rows.person_row), len(addresses)), np.float32)
    lives = np.empty((len(rows.person_row), len(LIVED) if life else 0), np.float32)
    for cause in np.unique(rows.cause):
        own = np.flatnonzero(rows.cause == cause)
        for at, kept in _batches(own):
            found, more = _visit(life)(*_inputs(rows, int(cause), at))
            shown[at[:kept]] = np.asarray(found)[:kept, columns]
            lives[at[:kept]] = np.asarray(more)[:kept]
    return shown, lives


def _batches(own: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Yield rows of one cause in batches, the last one filled up, and how many of each count."""
    for start in range(0, len(own), BATCH):
        chunk = own[start : start + BATCH]
        yield np.resize(chunk, BATCH), len(chunk)


def _inputs(rows: _Rows, cause: int, at: NDArray[np.int64]) -> tuple[Any, ...]:
    """Return person, cause, chance, day and care of some rows."""
    person_row, state = rows.person_row[at], rows.state[at]
    person = Person(*[field[state] for field in rows.states])
    treatment = (
        None
        if rows.treatment is None
        else jax.tree.map(lambda field: np.asarray(field)[person_row], rows.treatment)
    )
    return person, np.int32(cause), rows.vectors[person_row], rows.day[at], treatment


@cache
def _visit(life: bool) -> Compiled:
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

    name = "cohort-life" if life else "cohort"
    return Compiled(visit, name=name, compiler_options={**COMPILER, **_ONE_THREAD})
