"""What is counted in the two files of one part; counts of parts add up to those of the cohort.

Each column is read, counted and let go before the next, so that memory depends on neither size nor measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from garland.cohort.histogram import (
    Floats,
    _counted_grades,
    _counted_numbers,
    _Counts,
    _Scale,
    _scale_between,
)
from garland.cohort.lives import _counted_lives, _LifeCounts
from garland.cohort.measures import AMPLITUDES, _grades_of, _Measure, _measure_of
from garland.cohort.opened import _Opened, _read_table, _reading
from garland.cohort.spec import _CohortSpec
from garland.cohort.tables import PEOPLE
from garland.model.diseases import DISEASES

AGES = (15.0, *(float(age) for age in range(20, 100, 5)), 130.0)
"""Edges of the bands of age in the pyramid [a]."""
SEXES = ("female", "male")
DAY = _Measure("day", "d", "day since the first symptom; since the start where there is no illness", "plain")
_APART = ("patient", "cause", "sex", "diabetes", "autoimmune", "stroke")
NUMBERS = tuple(name for name in PEOPLE if name not in _APART)
"""Columns of people that are numbers."""
Scales = Mapping[str, _Scale]


@dataclass(frozen=True)
class _PartCounts:
    """Counts of one or more parts.

    Attributes
    ----------
    causes : ndarray
        People with each cause, (C,).
    ages : ndarray
        People by sex (women, men) and band of age, (2, A).
    diabetes : int
        People with diabetes.
    hba1c : tuple of Counts
        HbA1c without and with diabetes.
    people : dict of str to Counts
        Numbers of the table of people, by column.
    visits : tuple of dict of str to Counts
        Measures of each visit, by column.
    lives : LifeCounts or None
        What a county lived through.
    """

    causes: NDArray[np.int64]
    ages: NDArray[np.int64]
    diabetes: int
    hba1c: tuple[_Counts, _Counts]
    people: dict[str, _Counts]
    visits: tuple[dict[str, _Counts], ...]
    lives: _LifeCounts | None

    def __add__(self, other: _PartCounts) -> _PartCounts:
        """Return the counts of both together."""
        return _PartCounts(
            self.causes + other.causes,
            self.ages + other.ages,
            self.diabetes + other.diabetes,
            (self.hba1c[0] + other.hba1c[0], self.hba1c[1] + other.hba1c[1]),
            _joined(self.people, other.people),
            tuple(_joined(one, more) for one, more in zip(self.visits, other.visits, strict=True)),
            self.lives + other.lives if self.lives and other.lives else None,
        )


def _joined(one: Mapping[str, _Counts], more: Mapping[str, _Counts]) -> dict[str, _Counts]:
    return {name: one[name] + more[name] for name in one}


def _scales_of(cohort: _Opened) -> dict[str, _Scale]:
    """Return the bins of every column of numbers, from the footers of all files."""
    found: dict[str, tuple[float, float]] = {}
    for part in range(cohort.spec.parts):
        for table in ("people", "visits"):
            for name, low, high in _ends(cohort, table, part):
                before = found.get(name, (low, high))
                found[name] = min(low, before[0]), max(high, before[1])
    logs = {"day", "seen_day", *(one.name for one in cohort.spec.columns if one.way == "ln")}
    nothing = (float("nan"), float("nan"))
    names = {*NUMBERS, DAY.name, *(one.name for one in cohort.spec.columns)}
    return {name: _scale_between(*found.get(name, nothing), name in logs) for name in names}


def _ends(cohort: _Opened, table: str, part: int) -> list[tuple[str, float, float]]:
    """Return name, smallest and largest value of the columns of numbers of one file."""
    with _reading(cohort.file(table, part)):
        about = pq.read_metadata(cohort.file(table, part))
    found = []
    for group in range(about.num_row_groups):
        row_group = about.row_group(group)
        for number in range(about.num_columns):
            column = row_group.column(number)
            told = column.statistics
            if told is not None and told.has_min_max and isinstance(told.min, int | float):
                found.append((f"{column.path_in_schema}", float(told.min), float(told.max)))
    return found


def _counts_of(cohort: _Opened, scales: Scales, part: int) -> _PartCounts:
    """Return the counts of one part."""
    people = _read_table(cohort.file("people", part))
    sick = _floats(people, "diabetes") > 0.5
    hba1c = _floats(people, "hba1c_percent")
    nobody = np.zeros(hba1c.size, bool)
    scale = scales["hba1c_percent"]
    numbers = [name for name in NUMBERS if name in people.column_names]
    return _PartCounts(
        _of_words(people, "cause", [cause.name for cause in DISEASES]),
        _pyramid(people),
        int(sick.sum()),
        tuple(_counted_numbers(hba1c[sick == has], scale, nobody[sick == has]) for has in (False, True)),  # type: ignore[arg-type]
        {name: _counted_numbers(_floats(people, name), scales[name], nobody) for name in numbers},
        _visits(cohort.spec, cohort, scales, part),
        _counted_lives(cohort.spec, people) if cohort.spec.people.source == "county" else None,
    )


def _floats(table: Any, name: str) -> Floats:
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False), np.float64)


def _of_words(table: Any, name: str, words: list[str]) -> NDArray[np.int64]:
    counted = {row["values"]: row["counts"] for row in table.column(name).value_counts().to_pylist()}
    return np.array([counted.get(word, 0) for word in words], np.int64)


def _pyramid(people: Any) -> NDArray[np.int64]:
    ages, sexes = _floats(people, "age_years"), people.column("sex").to_numpy(zero_copy_only=False)
    counts = [np.histogram(ages[sexes == sex], np.array(AGES))[0] for sex in SEXES]
    return np.array(counts, np.int64)


def _visits(spec: _CohortSpec, cohort: _Opened, scales: Scales, part: int) -> tuple[dict[str, _Counts], ...]:
    """Return the counts of every visit and measure, one column read at a time."""
    path = cohort.file("visits", part)
    with _reading(path), pq.ParquetFile(path) as file:
        visit = _column(file, "visit").astype(np.int64)
        rows = [np.flatnonzero(visit == number) for number in range(len(spec.visits))]
        found: list[dict[str, _Counts]] = [{} for _ in rows]
        for one in (DAY, *spec.columns):
            values = _column(file, one.name)
            silent = _silent(one, values, file)
            for number, own in enumerate(rows):
                found[number][one.name] = _counted(one, values[own], silent[own], scales)
    return tuple(found)


def _column(file: Any, name: str) -> Floats:
    return _floats(file.read([name], use_threads=False), name)


def _counted(one: _Measure, values: Floats, silent: NDArray[np.bool_], scales: Scales) -> _Counts:
    """Return the counts of one measure in some rows."""
    if grades := _steps_of(one):
        return _counted_grades(values, np.array(grades))
    return _counted_numbers(values, scales[one.name], silent)


def _steps_of(one: _Measure) -> tuple[float, ...]:
    """Return the grades of a measure, rising; empty where it is a number."""
    if one.way == "yes":
        return (0.0, 1.0)
    return tuple(sorted(_grades_of(one.address.field))) if one.way == "grade" and one.address else ()


def _silent(one: _Measure, values: Floats, file: Any) -> NDArray[np.bool_]:
    """Tell where there is no response: an amplitude of 0, or nothing beside a response recorded as 0."""
    if one.address is not None and one.address.field in AMPLITUDES:
        return np.asarray(values == 0.0)
    if one.response is not None:
        name = _measure_of(one.response).name
        if name in file.schema_arrow.names:
            return np.asarray(np.isnan(values) & (_column(file, name) == 0.0))
    return np.zeros(values.size, bool)
