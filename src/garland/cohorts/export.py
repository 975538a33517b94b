"""A finished cohort as CSV or as tables shaped like those of OMOP.

Dates are invented: the first symptom of each patient, or the start of a county, is the first of January 2000.
Tables are streamed part by part.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import csv

from garland._types import Float64s
from garland.cohorts.folder import TABLES, Columns, _floats, _Opened, _read_table, _writing
from garland.cohorts.measures import AMPLITUDES, _Measure
from garland.cohorts.tables import PEOPLE
from garland.errors import InputError
from garland.evidence import read_yaml
from garland.evidence.library import ROOT
from garland.io import whole_folder
from garland.progress import tell
from garland.units import DAYS_PER_YEAR

SIMULATED = "SIMULATED: nothing here was measured in a person. Not a medical device."


@contextmanager
def _whole_folder(out: Path) -> Iterator[Path]:
    """Yield a folder to write into, which gets the name `out` once all is written."""
    with _writing(out):
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise InputError("--out", str(out), "holds something else", "name an empty or a new folder")
        with whole_folder(out) as half:
            yield half


class _CsvFile:
    """A file of comma-separated values that grows table by table; nothing is empty.

    Parameters
    ----------
    path : Path
        File to write.
    columns : tuple of str
        Its columns, in order; the header is written even where no row follows.
    """

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self._stream = path.open("wb")
        self._stream.write((",".join(columns) + "\n").encode())
        self.columns, self.rows = columns, 0

    def add(self, given: dict[str, Any]) -> None:
        """Append rows; columns that are not given stay empty."""
        n = next(len(value) for value in given.values() if _is_column(value))
        filled = [_filled(given.get(name), n) for name in self.columns]
        table = pa.table(filled, names=list(self.columns))
        plain = csv.WriteOptions(include_header=False, quoting_style="needed")
        csv.write_csv(table, self._stream, plain)
        self.rows += n

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def _is_column(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str)


def _filled(value: Any, n: int) -> Any:
    if value is None:
        return pa.nulls(n, pa.string())
    if _is_column(value):
        return value if isinstance(value, pa.Array | pa.ChunkedArray) else pa.array(value, from_pandas=True)
    return pa.array([value] * n) if n < 2 else pa.repeat(value, n)


def _write_json(path: Path, stated: dict[str, Any]) -> None:
    """Write a mapping as JSON."""
    path.write_text(json.dumps(stated, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_readme(folder: Path, kind: str, **stated: Any) -> None:
    """Write what the reader of an export of one kind must know."""
    words = read_yaml(ROOT / "exports" / f"{kind}.yaml")["readme"].format(simulated=SIMULATED, **stated)
    (folder / "README.md").write_text(words, encoding="utf-8")


def export_csv(cohort: _Opened, out: Path) -> None:
    """Write ``people.csv``, ``visits.csv`` and ``columns.csv``."""
    spec = cohort.spec
    with _whole_folder(out) as folder:
        about = _CsvFile(folder / "columns.csv", ("table", "column", "unit", "description"))
        for at, table in enumerate(TABLES):
            schema = pq.read_schema(cohort.file(table, 0))
            stated = [field.metadata for field in schema]
            units = [[kept[key].decode() for kept in stated] for key in (b"unit", b"description")]
            about.add({"table": table, "column": schema.names, "unit": units[0], "description": units[1]})
            file = _CsvFile(folder / f"{table}.csv", tuple(schema.names))
            for part, rows in enumerate(cohort.tables(table)):
                if rows.num_rows:
                    file.add({name: rows.column(name) for name in schema.names})
                share = (at + (part + 1) / spec.parts) / len(TABLES)
                tell(f"{spec.name}: {table}, {part + 1:,} of {spec.parts:,} parts", share)
            file.close()
        about.close()
        _write_readme(folder, "csv", name=spec.name, size=f"{spec.size:,}", seed=spec.seed)


class _Concept(NamedTuple):
    """A standard concept: its id, its name and the vocabulary it comes from."""

    number: int
    name: str
    vocabulary: str


_OMOP = read_yaml(ROOT / "exports" / "omop.yaml")
CONCEPTS = {used_for: _Concept(**one) for used_for, one in _OMOP["concepts"].items()}
"""Standard concepts by what they are used for; everything else has concept 0 and a source value."""
UNITS = {unit: CONCEPTS[unit].number for unit in ("kg", "cm", "%", "mg/dL")}
"""Standard concepts of units."""

COLUMNS: dict[str, tuple[str, ...]] = {name: tuple(columns) for name, columns in _OMOP["columns"].items()}
"""Columns of each table in the order of OMOP 5.4."""

START = np.datetime64("2000-01-01", "D")
"""The invented day from which all days count."""
_TRAITS = ("weight_kg", "height_cm", "hba1c_percent", "triglycerides_mg_dl", "bmi_kg_m2")
"""Numbers about people that become measurements of their first day."""
_HAPPENED = ("autoimmune", "stroke")
Days = NDArray[np.datetime64]


@dataclass
class _Export:
    """The open files of one export, and the numbers that rows have been given so far."""

    cohort: _Opened
    files: dict[str, _CsvFile]
    used: dict[str, int] = field(default_factory=dict)

    def add(self, table: str, n: int, **given: Any) -> None:
        """Append n rows to a table; its own id counts on."""
        if n == 0:
            return
        first = self.used.get(table, 0) + 1
        key = f"{table}_id"
        if key in COLUMNS[table] and key not in given:
            given[key] = np.arange(first, first + n)
            self.used[table] = first + n - 1
        for name in COLUMNS[table]:
            if name.endswith("_concept_id") and name not in given and name not in _OMOP["may_be_empty"]:
                given[name] = 0
        self.files[table].add(given)


@dataclass(frozen=True)
class _Part:
    """The people of one part: their numbers, and the days on which things begin and end, (P,)."""

    people: Any
    ids: NDArray[np.int64]
    begins: Days
    ends: Days

    def floats(self, name: str) -> Float64s:
        """Return a column of people as floats; booleans as 0 and 1."""
        return _floats(self.people, name)


def export_omop(cohort: _Opened, out: Path) -> None:
    """Write the tables, ``concepts.csv`` and ``README.md``."""
    spec = cohort.spec
    with _whole_folder(out) as folder, _opened_files(folder) as files:
        export = _Export(cohort, files)
        for number in range(spec.parts):
            with cohort.columns("visits", number) as visits:
                part = _part(export, number, visits)
                for write in (_write_people, _write_conditions, _write_traits, _write_drugs):
                    write(export, part)
                _write_visits(export, visits)
            done = number + 1
            tell(f"{spec.name}: OMOP, {done:,} of {spec.parts:,} parts", done / spec.parts)
        _write_about(export, folder)


@contextmanager
def _opened_files(folder: Path) -> Iterator[dict[str, _CsvFile]]:
    files = {name: _CsvFile(folder / f"{name}.csv", columns) for name, columns in COLUMNS.items()}
    try:
        yield files
    finally:
        for file in files.values():
            file.close()


def _dates(export: _Export, visit: Float64s, day: Float64s) -> Days:
    """Return the date of each visit: a county is seen on set days, patients on days of their illness."""
    spec = export.cohort.spec
    if spec.people.source == "county":
        day = np.asarray(spec.visits)[visit.astype(int)]
    return _date(day)


def _date(day: Float64s) -> Days:
    return START + np.floor(day).astype("timedelta64[D]")


def _part(export: _Export, number: int, visits: Columns) -> _Part:
    """Return the people of a part with their first and last day in the tables."""
    people = _read_table(export.cohort.file("people", number))
    ids = people.column("patient").to_numpy()
    if export.cohort.spec.people.source == "county":
        last = DAYS_PER_YEAR * _floats(people, "followed_years")
        return _Part(people, ids, _date(np.zeros(ids.size)), _date(last))
    person_row, day = visits("patient").astype(np.int64) - int(ids[0]), visits("day")
    low, high = np.full(ids.size, np.inf), np.full(ids.size, -np.inf)
    np.minimum.at(low, person_row, day)
    np.maximum.at(high, person_row, day)
    return _Part(people, ids, _date(low), _date(high))


def _write_people(export: _Export, part: _Part) -> None:
    male = np.asarray(part.people.column("sex").to_pylist()) == "male"
    born = (START.astype("datetime64[Y]").astype(int) + 1970 - np.floor(part.floats("age_years"))).astype(int)
    export.add(
        "person", part.ids.size, person_id=part.ids, year_of_birth=born,
        gender_concept_id=np.where(male, CONCEPTS["male"].number, CONCEPTS["female"].number),
        person_source_value=part.ids.astype(str), gender_source_value=np.where(male, "male", "female"),
    )  # fmt: skip
    export.add(
        "observation_period", part.ids.size, person_id=part.ids,
        observation_period_start_date=part.begins, observation_period_end_date=part.ends,
    )  # fmt: skip
    spec = export.cohort.spec
    if spec.people.source == "county":
        dead = part.floats("followed_years") < spec.people.span_years - 1e-6
        export.add("death", int(dead.sum()), person_id=part.ids[dead], death_date=part.ends[dead])


def _write_conditions(export: _Export, part: _Part) -> None:
    """Write the illness, diabetes and distal polyneuropathy, each with the day on which it began."""
    cause = np.asarray(part.people.column("cause").to_pylist())
    county = export.cohort.spec.people.source == "county"
    onset = DAYS_PER_YEAR * part.floats("onset_year") if county else np.zeros(cause.size)
    _condition(export, part, np.flatnonzero(cause != "none"), onset, cause)
    sick = np.flatnonzero(part.floats("diabetes") > 0.5)
    since = -DAYS_PER_YEAR * part.floats("diabetes_years")
    _condition(export, part, sick, since, np.full(cause.size, "diabetes"), CONCEPTS["diabetes"].number)
    if county:
        later = DAYS_PER_YEAR * part.floats("diabetes_year")
        new = np.flatnonzero(later > 0.0)
        _condition(export, part, new, later, np.full(cause.size, "diabetes"), CONCEPTS["diabetes"].number)
        nerves = DAYS_PER_YEAR * part.floats("neuropathy_year")
        words = np.full(cause.size, "distal-polyneuropathy")
        _condition(export, part, np.flatnonzero(np.isfinite(nerves)), nerves, words)


def _condition(
    export: _Export, part: _Part, person_row: NDArray[np.intp], day: Float64s, words: Any, concept: int = 0
) -> None:
    export.add(
        "condition_occurrence", person_row.size, person_id=part.ids[person_row], condition_concept_id=concept,
        condition_start_date=_date(day[person_row]), condition_source_value=words[person_row],
    )  # fmt: skip


def _write_traits(export: _Export, part: _Part) -> None:
    """Write what was known of people on their first day."""
    for name in _TRAITS:
        if name in part.people.column_names:
            values = part.floats(name)
            there = np.flatnonzero(np.isfinite(values))
            _measurement(export, PEOPLE[name][0], name, part.ids[there], part.begins[there], values[there])
    for name in _HAPPENED:
        if name in part.people.column_names:
            yes = part.floats(name) > 0.5
            export.add(
                "observation", int(yes.sum()), person_id=part.ids[yes], observation_date=part.begins[yes],
                observation_source_value=f"history_of_{name}", value_as_string="yes",
            )  # fmt: skip


def _measurement(
    export: _Export, unit: str, name: str, person_row: Any, when: Any, values: Float64s, **more: Any
) -> None:
    export.add(
        "measurement", values.size, person_id=person_row, measurement_date=when,
        value_as_number=values.astype(np.float32),
        measurement_concept_id=CONCEPTS[name].number if name in CONCEPTS else 0,
        measurement_source_value=name, unit_source_value=unit, unit_concept_id=UNITS.get(unit, 0), **more,
    )  # fmt: skip


def _write_drugs(export: _Export, part: _Part) -> None:
    plan, spec = export.cohort.spec.plan, export.cohort.spec
    if plan is None:
        return
    for one, words in zip(plan.treatments, spec.care, strict=False):
        first = part.begins + np.timedelta64(int(one.start_day), "D")
        last = part.ends if one.stop_day is None else part.begins + np.timedelta64(int(one.stop_day), "D")
        given = first <= part.ends
        export.add(
            "drug_exposure", int(given.sum()), person_id=part.ids[given],
            drug_exposure_start_date=first[given],
            drug_exposure_end_date=np.minimum(last, part.ends)[given], drug_source_value=one.what,
            quantity=float(one.amount), dose_unit_source_value=one.unit, sig=words,
        )  # fmt: skip


def _write_visits(export: _Export, visits: Columns) -> None:
    """Write the visits of a part, then its measures column by column."""
    person_row, visit = visits("patient").astype(np.int64), visits("visit")
    when = _dates(export, visit, visits("day"))
    first = export.used.get("visit_occurrence", 0) + 1
    ids = np.arange(first, first + person_row.size)
    export.add(
        "visit_occurrence", person_row.size, person_id=person_row, visit_start_date=when, visit_end_date=when,
        visit_concept_id=CONCEPTS["visit"].number,
        visit_source_value=[f"visit-{int(one):03d}" for one in visit],
    )  # fmt: skip
    for one in export.cohort.spec.columns:
        values = visits(one.name)
        at = np.flatnonzero(np.isfinite(values))
        _write_measure(export, one, (person_row[at], when[at], ids[at]), values[at])


def _write_measure(export: _Export, one: _Measure, where: tuple[Any, Any, Any], values: Float64s) -> None:
    """Write one column: findings as measurements, signs and daily life as observations."""
    person_row, when, visit = where
    if one.address is None or one.way == "yes":
        export.add(
            "observation", values.size, person_id=person_row, observation_date=when,
            value_as_number=values.astype(np.float32),
            visit_occurrence_id=visit, observation_source_value=one.name, unit_source_value=one.unit,
            unit_concept_id=UNITS.get(one.unit, 0),
        )  # fmt: skip
        return
    silent = (values == 0.0) & (one.address.field in AMPLITUDES)
    words = np.where(silent, "no response", "") if silent.any() else None
    more = {} if words is None else {"value_source_value": words}
    _measurement(export, one.unit, one.name, person_row, when, values, visit_occurrence_id=visit, **more)


def _write_about(export: _Export, folder: Path) -> None:
    about = _CsvFile(folder / "concepts.csv", ("concept_id", "concept_name", "vocabulary", "used_for"))
    for used_for, one in CONCEPTS.items():
        about.add({"concept_id": [one.number], "concept_name": one.name, "vocabulary": one.vocabulary,
                   "used_for": used_for})  # fmt: skip
    about.close()
    spec = export.cohort.spec
    rows = "\n".join(f"| {name} | {file.rows:,} |" for name, file in export.files.items())
    _write_readme(
        folder, "omop", name=spec.name, size=f"{spec.size:,}", seed=spec.seed, start=START, rows=rows
    )
