"""Counts of a cohort that add up over its parts: histograms, grades, and the lives of a county.

The ends of bins come from the footers of the files, so that no value falls outside. Counts, mean and spread
are exact; quantiles are read off the bins, exact to one bin of `BINS` (on a logarithmic scale where the
column is written from logarithms). Everyone of a county is followed until death or the end of the span, so
that the share who have fallen ill by a day is a plain share, with death as the other way out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from garland._types import Float64s, Ints
from garland.cohorts.folder import Columns, _floats, _Opened, _read_table, _reading
from garland.cohorts.measures import AMPLITUDES, _grades_of, _Measure, _measure_of
from garland.cohorts.spec import CohortSpec
from garland.cohorts.tables import PEOPLE
from garland.model.diseases import DISEASES

BINS = 240
"""Bins of a column of numbers [-]."""
SHOWN = 24
"""Bins that are kept in the summary [-]; a divisor of `BINS`."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_DECADES = 1e-5
_FEWEST = 1e-9


@dataclass(frozen=True)
class _Scale:
    """Bins of a column.

    Attributes
    ----------
    low, high : float
        Ends; where `logarithmic`, what is below `low` (no response) is counted apart.
    logarithmic : bool
        Whether bins are even on the logarithmic scale.
    """

    low: float
    high: float
    logarithmic: bool = False

    @property
    def edges(self) -> Float64s:
        """Edges of the bins, (BINS + 1,)."""
        if self.logarithmic:
            return np.geomspace(self.low, self.high, BINS + 1)
        return np.linspace(self.low, self.high, BINS + 1)

    def place(self, values: Float64s) -> NDArray[np.intp]:
        """Return the bin of each value within the ends."""
        if self.logarithmic:
            share = np.log(values / self.low) / np.log(self.high / self.low)
        else:
            share = (values - self.low) / (self.high - self.low)
        found: NDArray[np.intp] = np.clip((BINS * share).astype(np.intp), 0, BINS - 1)
        return found


def _scale_between(low: float, high: float, logarithmic: bool) -> _Scale:
    """Return bins that hold a column."""
    if not np.isfinite(low) or not np.isfinite(high):
        return _Scale(0.0, 1.0)
    if logarithmic and high > 0.0:
        low = max(low, high * _DECADES)
        return _Scale(low, high if high > low else low * 1.01, True)
    return _Scale(low, high if high > low else low + max(abs(low), 1.0) * 1e-6)


def _both(one: Any, other: Any) -> Any:
    """Return the counts of both together, whatever holds them; None where a part has none."""
    if one is None or other is None:
        return None
    if isinstance(one, dict):
        return {name: _both(each, other[name]) for name, each in one.items()}
    if isinstance(one, tuple):
        return tuple(_both(*pair) for pair in zip(one, other, strict=True))
    return one + other


class _Additive:
    """Counts of parts that add up field by field."""

    def __add__(self, other: Self) -> Self:
        """Return the counts of both together."""
        names = self.__dataclass_fields__  # type: ignore[attr-defined]
        return type(self)(*[_both(getattr(self, name), getattr(other, name)) for name in names])


@dataclass(frozen=True)
class _Counts(_Additive):
    """What is known of one column in some rows; counts of parts add up.

    Attributes
    ----------
    rows, recorded, silent : int
        Rows, rows with a value, and rows with no response (an amplitude of 0, or what hangs on one) [-].
    total, squares : float
        Sum and sum of squares of the values, no responses left out.
    bins : ndarray
        Values in each bin, (BINS,); in each grade where the column is one of grades.
    """

    rows: int
    recorded: int
    silent: int
    total: float
    squares: float
    bins: NDArray[np.int64]

    @property
    def measured(self) -> int:
        """Values that are no missing response [-]."""
        return int(self.bins.sum())

    @property
    def mean(self) -> float:
        """Mean; NaN of nothing."""
        return self.total / self.measured if self.measured else float("nan")

    @property
    def sd(self) -> float:
        """Standard deviation; NaN of fewer than two."""
        n = self.measured
        if n < 2:
            return float("nan")
        return float(np.sqrt(max(self.squares - self.total**2 / n, 0.0) / (n - 1)))


def _counted_numbers(values: Float64s, scale: _Scale, silent: NDArray[np.bool_]) -> _Counts:
    """Count a column of numbers."""
    there = ~np.isnan(values)
    present = values[there & ~silent]
    bins = np.bincount(scale.place(present), minlength=BINS).astype(np.int64)
    recorded = int((there | silent).sum())
    return _Counts(
        values.size, recorded, int(silent.sum()), float(present.sum()), float((present**2).sum()), bins
    )


def _counted_grades(values: Float64s, grades: Float64s) -> _Counts:
    """Count a column of grades."""
    present = values[~np.isnan(values)]
    nearest = np.abs(present[:, None] - grades[None, :]).argmin(axis=1)
    bins = np.bincount(nearest, minlength=grades.size).astype(np.int64)
    return _Counts(values.size, present.size, 0, float(present.sum()), float((present**2).sum()), bins)


def _quantiles(counts: _Counts, scale: _Scale) -> tuple[float, ...]:
    """Return the `QUANTILES` of a column of numbers, within a bin by straight lines; NaN of nothing."""
    if not counts.measured:
        return (float("nan"),) * len(QUANTILES)
    below = np.concatenate([[0.0], np.cumsum(counts.bins)])
    rising = below + _FEWEST * np.arange(BINS + 1)
    found = np.interp(np.array(QUANTILES) * counts.measured, rising, scale.edges)
    return tuple(float(value) for value in found)


def _shown_bins(counts: _Counts, scale: _Scale) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return edges and counts of `SHOWN` wider bins."""
    edges = scale.edges[:: BINS // SHOWN]
    wide = counts.bins.reshape(SHOWN, -1).sum(axis=1)
    return tuple(float(edge) for edge in edges), tuple(int(count) for count in wide)


STEPS = 64
"""Steps of the curves over the span [-]."""
OUTCOMES = ("onset", "neuropathy")
WORLDS = ("with", "without")
CHANGES = ("prevented", "later", "same", "earlier", "caused")
"""What a programme can do to a case."""


@dataclass(frozen=True)
class _LifeCounts(_Additive):
    """Counts of a county, with its programme and, where there is one, without.

    Attributes
    ----------
    people, survivors : int
        At the start, and alive at the end [-].
    fallen : ndarray
        New cases by the end of each step, by world and outcome, (2, 2, STEPS + 1).
    at_start : int
        People with distal polyneuropathy at the start.
    at_end : ndarray
        Survivors with it, by world, (2,).
    free_years : ndarray
        Years lived without it, by world, (2,) [a].
    changed : ndarray
        By outcome, how many cases are prevented, later, the same, earlier, or caused, (2, 5).
    """

    people: int
    survivors: int
    fallen: Ints
    at_start: int
    at_end: Ints
    free_years: Float64s
    changed: Ints


def _steps(spec: CohortSpec) -> Float64s:
    """Return the ends of the steps of the curves, (STEPS + 1,) [a]."""
    return np.linspace(0.0, spec.people.span_years, STEPS + 1)


def _counted_lives(spec: CohortSpec, people: Any) -> _LifeCounts:
    """Return the counts of one table of people."""
    followed = _years(people, "followed_years", np.nan)
    years = [[_of_world(people, f"{what}_year", world) for what in OUTCOMES] for world in WORLDS]
    survives = followed >= spec.people.span_years - 1e-6
    nerves = [world[1] for world in years]
    return _LifeCounts(
        people=followed.size,
        survivors=int(survives.sum()),
        fallen=np.array([[_fallen(one, spec) for one in world] for world in years], np.int64),
        at_start=int((nerves[0] <= 0.0).sum()),
        at_end=np.array([int((np.isfinite(one) & survives).sum()) for one in nerves], np.int64),
        free_years=np.array([float(np.minimum(one, followed).sum()) for one in nerves]),
        changed=np.array([_changed(*pair) for pair in zip(*years, strict=True)], np.int64),
    )


def _of_world(people: Any, name: str, world: str) -> Float64s:
    other = f"{name}_without"
    return _years(people, other if world == "without" and other in people.column_names else name, np.inf)


def _years(people: Any, name: str, never: float) -> Float64s:
    values = _floats(people, name)
    return np.where(np.isnan(values), never, values)


def _fallen(when: Float64s, spec: CohortSpec) -> Ints:
    """Return how many have newly fallen ill by each step, (STEPS + 1,)."""
    new = np.sort(when[(when > 0.0) & np.isfinite(when)])
    return np.searchsorted(new, _steps(spec) + 1e-6, side="right").astype(np.int64)


def _changed(now: Float64s, before: Float64s) -> list[int]:
    """Return what a programme did to the new cases, in the order of `CHANGES`."""
    both = np.isfinite(now) & np.isfinite(before) & (before > 0.0)
    return [
        int((np.isfinite(before) & ~np.isfinite(now)).sum()),
        int((both & (now > before)).sum()),
        int((both & (now == before)).sum()),
        int((both & (now < before)).sum()),
        int((np.isfinite(now) & ~np.isfinite(before)).sum()),
    ]


AGES = (15.0, *(float(age) for age in range(20, 100, 5)), 130.0)
"""Edges of the bands of age in the pyramid [a]."""
SEXES = ("female", "male")
DAY = _Measure("day", "d", "day since the first symptom; since the start where there is no illness", "plain")
_APART = ("patient", "cause", "sex", "diabetes", "autoimmune", "stroke")
NUMBERS = tuple(name for name in PEOPLE if name not in _APART)
"""Columns of people that are numbers."""
Scales = Mapping[str, _Scale]


@dataclass(frozen=True)
class _PartCounts(_Additive):
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
            present = column.statistics
            if present is not None and present.has_min_max and isinstance(present.min, int | float):
                found.append((f"{column.path_in_schema}", float(present.min), float(present.max)))
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


def _of_words(table: Any, name: str, words: list[str]) -> NDArray[np.int64]:
    counted = {row["values"]: row["counts"] for row in table.column(name).value_counts().to_pylist()}
    return np.array([counted.get(word, 0) for word in words], np.int64)


def _pyramid(people: Any) -> NDArray[np.int64]:
    ages, sexes = _floats(people, "age_years"), people.column("sex").to_numpy(zero_copy_only=False)
    counts = [np.histogram(ages[sexes == sex], np.array(AGES))[0] for sex in SEXES]
    return np.array(counts, np.int64)


def _visits(spec: CohortSpec, cohort: _Opened, scales: Scales, part: int) -> tuple[dict[str, _Counts], ...]:
    """Return the counts of every visit and measure, one column read at a time."""
    with cohort.columns("visits", part) as read:
        visit = read("visit").astype(np.int64)
        rows = [np.flatnonzero(visit == number) for number in range(len(spec.visits))]
        found: list[dict[str, _Counts]] = [{} for _ in rows]
        for one in (DAY, *spec.columns):
            values = read(one.name)
            silent = _silent(one, values, read, spec)
            for number, own in enumerate(rows):
                found[number][one.name] = _counted(one, values[own], silent[own], scales)
    return tuple(found)


def _counted(one: _Measure, values: Float64s, silent: NDArray[np.bool_], scales: Scales) -> _Counts:
    """Return the counts of one measure in some rows."""
    if grades := _steps_of(one):
        return _counted_grades(values, np.array(grades))
    return _counted_numbers(values, scales[one.name], silent)


def _steps_of(one: _Measure) -> tuple[float, ...]:
    """Return the grades of a measure, rising; empty where it is a number."""
    if one.way == "yes":
        return (0.0, 1.0)
    return tuple(sorted(_grades_of(one.address.field))) if one.way == "grade" and one.address else ()


def _silent(one: _Measure, values: Float64s, read: Columns, spec: CohortSpec) -> NDArray[np.bool_]:
    """Tell where there is no response: an amplitude of 0, or nothing beside a response recorded as 0."""
    if one.address is not None and one.address.field in AMPLITUDES:
        return np.asarray(values == 0.0)
    if one.response is not None:
        name = _measure_of(one.response).name
        if any(name == column.name for column in spec.columns):
            return np.asarray(np.isnan(values) & (read(name) == 0.0))
    return np.zeros(values.size, bool)
