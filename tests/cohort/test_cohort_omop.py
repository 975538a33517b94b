"""Exports of a cohort as CSV and in the shape of OMOP: every row is in the tables, and every key exists."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_cohorts import county_spec, made

from garland.cohorts import export
from garland.cohorts.export import COLUMNS, CONCEPTS, _whole_folder, export_csv, export_omop
from garland.cohorts.folder import _Opened
from garland.cohorts.spec import CohortSpec
from garland.errors import InputError


@pytest.fixture(scope="module")
def cohort(small: CohortSpec, tmp_path_factory: pytest.TempPathFactory) -> _Opened:
    """The small cohort, told to have had pregabalin: exports read care from the spec."""
    made_cohort = made(small, tmp_path_factory.mktemp("small") / "cohort")
    treatment = ("pregabalin 300 mg/d from day 10", "prednisone 40 mg/d from day 0 for 4 wk")
    return replace(made_cohort, spec=small.model_copy(update={"care": treatment}))


@pytest.fixture(scope="module")
def omop(cohort: _Opened, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "omop"
    export_omop(cohort, out)
    return out


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> _Opened:
    spec = county_spec(size=2000, part_size=1000)
    return made(spec, tmp_path_factory.mktemp("county") / "cohort")


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""], low_memory=False)


def whole(cohort: _Opened, name: str) -> pd.DataFrame:
    return pd.concat([each.to_pandas() for each in cohort.tables(name)], ignore_index=True)


def test_every_table_has_the_columns_of_the_model_in_their_order(omop: Path):
    for name, columns in COLUMNS.items():
        assert tuple(table(omop, name).columns) == columns


def test_ids_are_unique_and_every_key_exists(omop: Path):
    people, visits = (
        set(table(omop, "person").person_id),
        set(table(omop, "visit_occurrence").visit_occurrence_id),
    )
    assert len(people) == 200
    for name in COLUMNS:
        rows = table(omop, name)
        assert set(rows.person_id) <= people
        if f"{name}_id" in rows:
            assert rows[f"{name}_id"].is_unique
        if "visit_occurrence_id" in rows and name != "visit_occurrence":
            assert set(rows.visit_occurrence_id.dropna()) <= visits


def test_no_concept_is_used_that_is_not_listed(omop: Path):
    listed = {0, *table(omop, "concepts").concept_id}
    assert listed - {0} == {one.number for one in CONCEPTS.values()}
    for name in COLUMNS:
        rows = table(omop, name)
        for column in rows.columns[rows.columns.str.endswith("concept_id")]:
            assert set(rows[column].dropna()) <= listed, (name, column)


def test_people_have_the_sex_and_the_year_of_birth_of_the_cohort(cohort: _Opened, omop: Path):
    people, persons = whole(cohort, "people"), table(omop, "person")
    assert list(persons.gender_concept_id) == list(np.where(people.sex == "male", 8507, 8532))
    assert list(persons.year_of_birth) == list(2000 - np.floor(people.age_years).astype(int))


def test_findings_are_measurements_with_their_value_day_and_unit(cohort: _Opened, omop: Path):
    visits, stated = whole(cohort, "visits"), table(omop, "measurement")
    name = "snap_left_sural_uv"
    one = stated[stated.measurement_source_value == name].sort_values(["person_id", "measurement_date"])
    known = visits[visits[name].notna()].sort_values(["patient", "day"])
    assert np.allclose(one.value_as_number, known[name], rtol=1e-6)
    dates = pd.Timestamp("2000-01-01") + pd.to_timedelta(np.floor(known.day), unit="D")
    assert list(pd.to_datetime(one.measurement_date)) == list(dates)
    assert set(one.unit_source_value) == {"uV"}
    silent = one.value_source_value == "no response"
    assert list(silent) == list(known[name] == 0.0)
    assert silent.any()


def test_illness_and_diabetes_are_conditions(cohort: _Opened, omop: Path):
    people, stated = whole(cohort, "people"), table(omop, "condition_occurrence")
    ill = stated[stated.condition_concept_id == 0]
    assert dict(ill.condition_source_value.value_counts()) == dict(
        people.cause[people.cause != "none"].astype(str).value_counts()
    )
    assert (stated.condition_concept_id == 201820).sum() == people.diabetes.sum()


def test_care_is_told_as_exposures_within_the_visits(omop: Path):
    stated, seen = table(omop, "drug_exposure"), table(omop, "observation_period").set_index("person_id")
    assert set(stated.drug_source_value) == {"pregabalin", "prednisone"}
    first = seen.observation_period_start_date[stated.person_id]
    late = (
        pd.to_datetime(stated.drug_exposure_start_date).to_numpy() - pd.to_datetime(first).to_numpy()
    ).astype("timedelta64[D]")
    assert set(zip(stated.drug_source_value, late.astype(int), strict=True)) == {
        ("pregabalin", 10),
        ("prednisone", 0),
    }
    assert (
        stated.drug_exposure_end_date <= seen.observation_period_end_date[stated.person_id].to_numpy()
    ).all()


def test_a_county_has_deaths_and_onsets_on_their_days(county: _Opened, tmp_path: Path):
    export_omop(county, tmp_path / "omop")
    people = whole(county, "people")
    dead = people.followed_years < 30 - 1e-6
    deaths = table(tmp_path / "omop", "death")
    assert list(deaths.person_id) == list(people.patient[dead])
    days = (pd.to_datetime(deaths.death_date) - pd.Timestamp("2000-01-01")).dt.days
    assert np.allclose(days, 365.25 * people.followed_years[dead], atol=1.0)
    stated = table(tmp_path / "omop", "condition_occurrence")
    assert (
        stated.condition_source_value == "distal-polyneuropathy"
    ).sum() == people.neuropathy_year.notna().sum()
    assert (stated.condition_source_value == "diabetes").sum() == people.diabetes_year.notna().sum()
    assert table(tmp_path / "omop", "visit_occurrence").empty
    history = table(tmp_path / "omop", "observation")
    assert (history.observation_source_value == "history_of_stroke").sum() == people.stroke.sum()


def test_the_readme_says_simulated_and_what_is_invented(omop: Path):
    words = (omop / "README.md").read_text(encoding="utf-8")
    assert "SIMULATED" in words
    assert "Dates are invented" in words
    assert f"| measurement | {len(table(omop, 'measurement')):,} |" in words


def test_plain_csv_holds_both_tables_and_their_units(cohort: _Opened, tmp_path: Path):
    export_csv(cohort, tmp_path / "csv")
    for name in ("people", "visits"):
        stated, known = table(tmp_path / "csv", name), whole(cohort, name)
        assert list(stated.columns) == list(known.columns)
        numbers = known.select_dtypes("number").columns
        assert np.allclose(stated[numbers], known[numbers], rtol=1e-6, equal_nan=True)
    about = table(tmp_path / "csv", "columns").set_index("column")
    assert about.unit["snap_left_sural_uv"] == "uV"
    assert "SIMULATED" in (tmp_path / "csv" / "README.md").read_text(encoding="utf-8")


def test_an_export_that_is_broken_off_leaves_nothing(
    cohort: _Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fails(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(export._CsvFile, "add", fails)
    with pytest.raises(KeyboardInterrupt):
        export_csv(cohort, tmp_path / "csv")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_or_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds something else"), _whole_folder(tmp_path / "full"):
        raise AssertionError
    with (
        pytest.raises(InputError, match="cannot be written"),
        _whole_folder(tmp_path / "full" / "note" / "below"),
    ):
        raise AssertionError
    (tmp_path / "empty").mkdir()
    with _whole_folder(tmp_path / "empty") as half:
        (half / "a").write_text("b", encoding="utf-8")
    assert (tmp_path / "empty" / "a").read_text(encoding="utf-8") == "b"
