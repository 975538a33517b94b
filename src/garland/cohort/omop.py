"""A cohort as comma-separated tables in the shape of the OMOP common data model, version 5.4.

Dates are invented: the first symptom of each patient, or the start of a county, is the first of January 2000.
Tables are streamed part by part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from garland.cohort.exported import SIMULATED, _CsvFile, _whole_folder
from garland.cohort.measures import AMPLITUDES, _Measure
from garland.cohort.omop_tables import COLUMNS, CONCEPTS, README, UNITS
from garland.cohort.opened import _Opened, _read_table
from garland.cohort.tables import PEOPLE
from garland.units import DAYS_PER_YEAR

START = np.datetime64("2000-01-01", "D")
"""The invented day from which all days count."""
_TRAITS = ("weight_kg", "height_cm", "hba1c_percent", "triglycerides_mg_dl", "bmi_kg_m2")
"""Numbers about people that become measurements of their first day."""
_HAPPENED = ("autoimmune", "stroke")
Floats = NDArray[np.float64]
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
            if name.endswith("_concept_id") and name not in given and name not in _OPTIONAL:
                given[name] = 0
        self.files[table].add(given)


_OPTIONAL = ("operator_concept_id", "value_as_concept_id", "qualifier_concept_id",
             "meas_event_field_concept_id", "obs_event_field_concept_id", "cause_concept_id",
             "cause_source_concept_id",
             "admitted_from_concept_id", "discharged_to_concept_id", "condition_status_concept_id",
             "route_concept_id")  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """The people of one part: their numbers, and the days on which things begin and end, (P,)."""

    people: Any
    ids: NDArray[np.int64]
    begins: Days
    ends: Days

    def floats(self, name: str) -> Floats:
        """Return a column of people as floats; booleans as 0 and 1."""
        return np.asarray(self.people.column(name).to_numpy(zero_copy_only=False), np.float64)


def export_omop(cohort: _Opened, out: Path, tell: Callable[[str], None] | None = None) -> None:
    """Write the tables, ``concepts.csv`` and ``README.md``."""
    say, spec = tell or (lambda _: None), cohort.spec
    with _whole_folder(out) as folder, _opened_files(folder) as files:
        export = _Export(cohort, files)
        for number in range(spec.parts):
            visits = _read_table(cohort.file("visits", number), ["patient", "visit", "day"])
            part = _part(export, number, visits)
            _write_people(export, part)
            _write_conditions(export, part)
            _write_traits(export, part)
            _write_drugs(export, part)
            _write_visits(export, number, visits)
            say(f"{spec.name}: OMOP, {number + 1} of {spec.parts} parts")
        _write_about(export, folder)


@contextmanager
def _opened_files(folder: Path) -> Iterator[dict[str, _CsvFile]]:
    files = {name: _CsvFile(folder / f"{name}.csv", columns) for name, columns in COLUMNS.items()}
    try:
        yield files
    finally:
        for file in files.values():
            file.close()


def _dates(export: _Export, visit: Floats, day: Floats) -> Days:
    """Return the date of each visit: a county is seen on set days, patients on days of their illness."""
    spec = export.cohort.spec
    if spec.people.source == "county":
        day = np.asarray(spec.visits)[visit.astype(int)]
    return _date(day)


def _date(day: Floats) -> Days:
    return START + np.floor(day).astype("timedelta64[D]")


def _part(export: _Export, number: int, visits: Any) -> _Part:
    """Return the people of a part with their first and last day in the tables."""
    people = _read_table(export.cohort.file("people", number))
    ids = people.column("patient").to_numpy()
    first = int(ids[0])
    if export.cohort.spec.people.source == "county":
        last = DAYS_PER_YEAR * people.column("followed_years").to_numpy().astype(np.float64)
        return _Part(people, ids, _date(np.zeros(ids.size)), _date(last))
    who = visits.column("patient").to_numpy() - first
    day = visits.column("day").to_numpy().astype(np.float64)
    low, high = np.full(ids.size, np.inf), np.full(ids.size, -np.inf)
    np.minimum.at(low, who, day)
    np.maximum.at(high, who, day)
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
    export: _Export, part: _Part, who: NDArray[np.intp], day: Floats, words: Any, concept: int = 0
) -> None:
    export.add(
        "condition_occurrence", who.size, person_id=part.ids[who], condition_concept_id=concept,
        condition_start_date=_date(day[who]), condition_source_value=words[who],
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
    export: _Export, unit: str, name: str, who: Any, when: Any, values: Floats, **more: Any
) -> None:
    export.add(
        "measurement", values.size, person_id=who, measurement_date=when,
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


def _write_visits(export: _Export, number: int, visits: Any) -> None:
    """Write the visits of a part, then its measures column by column."""
    who, visit = visits.column("patient").to_numpy(), visits.column("visit").to_numpy().astype(np.float64)
    when = _dates(export, visit, visits.column("day").to_numpy().astype(np.float64))
    first = export.used.get("visit_occurrence", 0) + 1
    ids = np.arange(first, first + who.size)
    export.add(
        "visit_occurrence", who.size, person_id=who, visit_start_date=when, visit_end_date=when,
        visit_concept_id=CONCEPTS["visit"].number, visit_source_value=_numbered(visit),
    )  # fmt: skip
    for one in export.cohort.spec.columns:
        table = _read_table(export.cohort.file("visits", number), [one.name])
        values = np.asarray(table.column(one.name).to_numpy(zero_copy_only=False), np.float64)
        at = np.flatnonzero(np.isfinite(values))
        _write_measure(export, one, (who[at], when[at], ids[at]), values[at])


def _numbered(visit: Floats) -> list[str]:
    return [f"visit-{int(number):03d}" for number in visit]


def _write_measure(export: _Export, one: _Measure, where: tuple[Any, Any, Any], values: Floats) -> None:
    """Write one column: findings as measurements, signs and daily life as observations."""
    who, when, visit = where
    if one.address is None or one.way == "yes":
        export.add(
            "observation", values.size, person_id=who, observation_date=when,
            value_as_number=values.astype(np.float32),
            visit_occurrence_id=visit, observation_source_value=one.name, unit_source_value=one.unit,
            unit_concept_id=UNITS.get(one.unit, 0),
        )  # fmt: skip
        return
    silent = (values == 0.0) & (one.address.field in AMPLITUDES)
    words = np.where(silent, "no response", "") if silent.any() else None
    more = {} if words is None else {"value_source_value": words}
    _measurement(export, one.unit, one.name, who, when, values, visit_occurrence_id=visit, **more)


def _write_about(export: _Export, folder: Path) -> None:
    about = _CsvFile(folder / "concepts.csv", ("concept_id", "concept_name", "vocabulary", "used_for"))
    for used_for, one in CONCEPTS.items():
        about.add({"concept_id": [one.number], "concept_name": one.name, "vocabulary": one.vocabulary,
                   "used_for": used_for})  # fmt: skip
    about.close()
    spec = export.cohort.spec
    rows = "\n".join(f"| {name} | {file.rows:,} |" for name, file in export.files.items())
    words = README.format(
        simulated=SIMULATED, name=spec.name, size=f"{spec.size:,}", seed=spec.seed, start=START, rows=rows
    )
    (folder / "README.md").write_text(words, encoding="utf-8")
