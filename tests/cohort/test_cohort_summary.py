"""The summary of a cohort against its tables read whole, and what cannot be read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_cohorts import county_spec, made

from garland import __version__
from garland.cohorts import summary as summaries
from garland.cohorts.counts import (
    BINS,
    QUANTILES,
    _counted_grades,
    _counted_numbers,
    _quantiles,
    _scale_between,
    _shown_bins,
)
from garland.cohorts.folder import _Folder, _Opened, opened
from garland.cohorts.spec import CohortSpec
from garland.cohorts.summary import CohortSummary, MeasureSummary, _summarised, _write_summary
from garland.errors import InputError
from garland.executors import Workers, completed
from garland.progress import listening

HERE = Workers(1)
SILENT = np.zeros(5, bool)


@pytest.fixture(scope="module")
def cohort(small: CohortSpec, tmp_path_factory: pytest.TempPathFactory) -> _Opened:
    return made(small, tmp_path_factory.mktemp("small") / "cohort")


@pytest.fixture(scope="module")
def summary(cohort: _Opened) -> CohortSummary:
    return _summarised(cohort, HERE)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> _Opened:
    return made(county_spec(), tmp_path_factory.mktemp("county") / "cohort")


@pytest.fixture(scope="module")
def county_summary(county: _Opened) -> CohortSummary:
    return _summarised(county, HERE)


def whole(cohort: _Opened, table: str) -> pd.DataFrame:
    return pd.concat([each.to_pandas() for each in cohort.tables(table)])


def measure(summary: CohortSummary, name: str) -> MeasureSummary:
    return next(one for one in (*summary.measures, *summary.numbers) if one.name == name)


def test_people_are_counted_by_cause_sex_age_and_diabetes(cohort: _Opened, summary: CohortSummary):
    people = whole(cohort, "people")
    assert summary.people == len(people) == 200
    assert {one.name: one.count for one in summary.causes} == dict(
        people.cause.value_counts().loc[lambda n: n > 0]
    )
    assert sum(summary.men) == (people.sex == "male").sum()
    assert (
        summary.women[list(summary.age_edges).index(50.0)]
        == ((people.sex == "female") & people.age_years.between(50, 55, inclusive="left")).sum()
    )
    assert summary.diabetes_share == pytest.approx(people.diabetes.mean())
    assert summary.hba1c[1].mean == pytest.approx(people.hba1c_percent[people.diabetes].mean(), rel=1e-6)


def test_numbers_of_a_visit_agree_with_the_table(cohort: _Opened, summary: CohortSummary):
    visits = whole(cohort, "visits")
    for name in ("snap_left_sural_uv", "sensory_velocity_right_sural_m_s", "day"):
        for at, one in enumerate(measure(summary, name).visits):
            values = visits.loc[visits.visit == at, name]
            stated = values[values > 0]
            assert one.rows == len(values)
            assert sum(one.counts) == len(stated)
            assert one.mean == pytest.approx(stated.mean(), rel=1e-5)
            assert one.sd == pytest.approx(stated.std(), rel=1e-5)
            assert np.allclose(one.quantiles, stated.quantile(QUANTILES), rtol=0.06)


def test_no_response_is_told_apart_from_what_was_not_done(cohort: _Opened, summary: CohortSummary):
    visits = whole(cohort, "visits")
    first = visits[visits.visit == 0]
    snap, velocity = first.snap_left_sural_uv, first.sensory_velocity_left_sural_m_s
    one = measure(summary, "snap_left_sural_uv").visits[0]
    assert (one.missing, one.no_response) == (snap.isna().sum(), (snap == 0.0).sum())
    assert one.recorded + one.missing == one.rows
    other = measure(summary, "sensory_velocity_left_sural_m_s").visits[0]
    assert other.no_response == (velocity.isna() & (snap == 0.0)).sum() > 0
    assert other.missing == (velocity.isna() & (snap != 0.0)).sum()


def test_grades_are_counted_one_by_one(cohort: _Opened, summary: CohortSummary):
    visits = whole(cohort, "visits")
    one = measure(summary, "movement_strength_left_knee_extension_mrc")
    last = visits.loc[visits.visit == 1, one.name].astype(float).round(3).value_counts()
    found = {
        round(edge, 3): n for edge, n in zip(one.visits[1].edges, one.visits[1].counts, strict=True) if n
    }
    assert found == dict(last)
    assert one.kind == "grade"


def test_a_summary_is_the_same_in_whatever_order_parts_are_counted(
    cohort: _Opened, summary: CohortSummary, monkeypatch: pytest.MonkeyPatch
):
    def backwards(*given: Any) -> list[Any]:
        return list(completed(*given))[::-1]

    monkeypatch.setattr(summaries, "completed", backwards)
    assert _summarised(cohort, HERE) == summary


def test_a_summary_is_written_with_its_page(cohort: _Opened):
    stated: list[str] = []
    with listening(lambda stage, share: stated.append(stage)):
        summary = _write_summary(_Folder(cohort.path, cohort.spec), HERE, lambda one: f"<p>{one.name}")
    read = json.loads((cohort.path / "summary.json").read_text(encoding="utf-8"))
    assert read["simulated"] is True
    assert read["measures"][1]["name"] == summary.measures[1].name
    assert (cohort.path / "summary.html").read_text(encoding="utf-8") == "<p>small"
    assert any("4 of 4 parts" in words for words in stated)


def test_cases_of_a_county_are_those_of_its_table(county: _Opened, county_summary: CohortSummary):
    people = whole(county, "people")
    stated = county_summary.county
    assert stated is not None
    assert stated.counted.crude.cases == people.onset_year.notna().sum()
    assert stated.counted.men.value == pytest.approx((people.sex[people.onset_year.notna()] == "male").mean())
    assert stated.survivors == (people.followed_years >= 30 - 1e-6).sum()
    ill = people.age_years[people.onset_year.notna()] + people.onset_year.dropna()
    assert stated.counted.age.median == pytest.approx(ill.median(), abs=3.0)
    assert stated.polyneuropathy[0].at_start.value == pytest.approx((people.neuropathy_year <= 0).mean())


def test_what_a_programme_saves_is_counted_person_by_person(county: _Opened, county_summary: CohortSummary):
    people = whole(county, "people")
    assert county_summary.county is not None
    for one in county_summary.county.saved:
        now, before = people[f"{one.outcome}_year"], people[f"{one.outcome}_year_without"]
        assert one.without == (before > 0).sum()
        assert one.with_programme == (now > 0).sum()
        assert one.prevented == (before.notna() & now.isna()).sum()
        assert one.later == ((now > before) & (before > 0)).sum()
        assert one.caused == (now.notna() & before.isna()).sum()
        assert one.low <= one.reduction <= one.high
    nerves = county_summary.county.saved[1]
    assert nerves.prevented > 0


def test_curves_end_at_the_share_that_fell_ill(county: _Opened, county_summary: CohortSummary):
    people = whole(county, "people")
    stated = county_summary.county
    assert stated is not None
    curves = {(curve.outcome, curve.world): curve for curve in stated.curves}
    assert curves["onset", "without"].share[-1] == pytest.approx(people.onset_year_without.notna().mean())
    assert curves["neuropathy", "with"].share[0] == 0.0
    assert all(np.all(np.diff(curve.share) >= 0.0) for curve in stated.curves)
    assert all(np.all(np.array(curve.low) <= curve.share) for curve in stated.curves)


def test_a_county_without_a_programme_saves_nothing(tmp_path: Path):
    plain = {"source": "county", "span_years": 5}
    stated = _summarised(made(county_spec(size=500, people=plain), tmp_path / "plain"), HERE).county
    assert stated is not None
    assert (stated.saved, stated.programme, len(stated.curves)) == ((), "none", 2)


def test_a_county_of_other_code_is_refused(county: _Opened, tmp_path: Path):
    other = tmp_path / "other"
    shutil.copytree(county.path, other)
    manifest = json.loads((other / "run.json").read_text(encoding="utf-8"))
    manifest["spec"]["seed"] = manifest["seed"] = 6
    (other / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match=r"has \d+ cases, the same spec now makes"):
        _summarised(opened(other), HERE)


def test_bins_hold_every_value_and_their_quantiles_are_near():
    values = np.random.default_rng(1).lognormal(1.0, 1.0, 5000)
    for logarithmic in (False, True):
        scale = _scale_between(float(values.min()), float(values.max()), logarithmic)
        counts = _counted_numbers(values, scale, np.zeros(values.size, bool))
        assert counts.bins.sum() == values.size
        width = (values.max() - values.min()) / BINS
        near = {"rtol": 0.03} if logarithmic else {"atol": width}
        assert np.allclose(_quantiles(counts, scale), np.quantile(values, QUANTILES), **near)
        assert sum(_shown_bins(counts, scale)[1]) == values.size


def test_counts_of_halves_add_up_to_those_of_the_whole():
    values = np.array([1.0, 2.0, np.nan, 4.0, 0.0])
    silent = values == 0.0
    scale = _scale_between(0.0, 4.0, False)
    halves = [_counted_numbers(values[at], scale, silent[at]) for at in (slice(0, 2), slice(2, 5))]
    both, whole = halves[0] + halves[1], _counted_numbers(values, scale, silent)
    assert (both.rows, both.recorded, both.silent, both.measured) == (5, 4, 1, 3)
    assert np.array_equal(both.bins, whole.bins)
    assert both.sd == pytest.approx(np.std([1.0, 2.0, 4.0], ddof=1))


def test_a_column_of_nothing_or_of_one_value_has_bins_too():
    nothing = _scale_between(float("nan"), float("nan"), True)
    assert np.isnan(_quantiles(_counted_numbers(np.full(5, np.nan), nothing, SILENT), nothing)).all()
    for logarithmic in (False, True):
        one = _scale_between(2.0, 2.0, logarithmic)
        counts = _counted_numbers(np.full(5, 2.0), one, SILENT)
        assert counts.measured == 5
        assert _quantiles(counts, one)[2] == pytest.approx(2.0, rel=0.02)
    assert np.isnan(_counted_grades(np.array([3.0]), np.array([0.0, 3.0])).sd)


def test_a_folder_without_a_cohort_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="holds no cohort"):
        opened(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        opened(tmp_path / "nowhere")


def test_an_unfinished_an_incomplete_and_an_older_cohort_are_refused(county: _Opened, tmp_path: Path):
    copy = tmp_path / "copy"
    shutil.copytree(county.path, copy)
    manifest = json.loads((copy / "run.json").read_text(encoding="utf-8"))

    def stated(**changed: object) -> Path:
        (copy / "run.json").write_text(json.dumps({**manifest, **changed}), encoding="utf-8")
        return copy

    with pytest.raises(InputError, match="is not finished; run garland cohort"):
        opened(stated(finished=False))
    with pytest.raises(InputError, match=f"was made by version 0.0.1, this is {__version__}"):
        opened(stated(version="0.0.1"), same_version=True)
    assert opened(stated(version="0.0.1")).spec == county.spec
    with pytest.raises(InputError, match="name"):
        opened(stated(spec={**manifest["spec"], "name": "No Name"}))
    stated()
    (copy / "visits" / "part-00001.parquet").unlink()
    with pytest.raises(InputError, match=r"part-00001.parquet' is missing"):
        opened(copy)


def test_a_damaged_file_is_named(county: _Opened, tmp_path: Path):
    copy = tmp_path / "copy"
    shutil.copytree(county.path, copy)
    (copy / "people" / "part-00001.parquet").write_bytes(b"no table")
    with pytest.raises(InputError, match=r"part-00001.parquet' cannot be read"):
        list(opened(copy).tables("people"))
    with pytest.raises(InputError, match=r"part-00001.parquet' cannot be read"):
        _summarised(opened(copy), HERE)
