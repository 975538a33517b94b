"""The command ``garland export``: each shape written, and one clear line for what cannot be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from garland.cohorts.folder import run as make
from garland.cohorts.spec import CohortSpec
from garland.executors import Workers
from garland.records.reading import parse_spec

Run = Callable[..., tuple[int, str, str]]
COUNTY = {
    "garland_cohort": 1,
    "name": "county",
    "size": 300,
    "part_size": 150,
    "people": {"source": "county", "span_years": 10},
    "visits": [],
}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "county"
    make(parse_spec(CohortSpec, COUNTY, "cohort"), path, Workers(1))
    return path


@pytest.mark.parametrize(("shape", "file"), [("csv", "people.csv"), ("omop", "person.csv")])
def test_a_cohort_is_written_in_each_shape(run: Run, cohort: Path, tmp_path: Path, shape: str, file: str):
    code, shown, _ = run("export", str(cohort), "--to", shape, "--out", str(tmp_path / "out"))
    assert code == 0
    assert "SIMULATED" in shown
    assert len((tmp_path / "out" / file).read_text(encoding="utf-8").splitlines()) == 301


@pytest.mark.parametrize(
    ("words", "stated"),
    [
        (("--to", "fhir"), "--to: 'fhir' is not a shape of an export; use one of bids, csv, omop"),
        (("--to", "csv", "--patients", "3"), "--patients: 3 has no meaning for csv"),
        (("--to", "omop", "--protocol", "femoral"), "--protocol: 'femoral' has no meaning for omop"),
        (("--to", "bids"), "FOLDER: 'county' has no visit to record at"),
        (("--to", "bids", "--patients", "301"), "--patients: 301 lies outside 1 to 300"),
        (("--to", "bids", "--patients", "0"), "--patients: 0 lies outside 1 to 300"),
    ],
)
def test_what_cannot_be_exported_is_told_in_one_line(
    run: Run, cohort: Path, tmp_path: Path, words: tuple[str, ...], stated: str
):
    code, _, problem = run("export", str(cohort), "--out", str(tmp_path / "out"), *words)
    assert code == 2
    assert stated in problem
    assert problem.strip().count("\n") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_cohort_or_not_finished_is_told(run: Run, cohort: Path, tmp_path: Path):
    code, _, problem = run("export", str(tmp_path), "--to", "csv", "--out", str(tmp_path / "out"))
    assert (code, "holds no cohort" in problem) == (2, True)
    copy = tmp_path / "copy"
    shutil.copytree(cohort, copy)
    manifest = json.loads((copy / "run.json").read_text(encoding="utf-8"))
    (copy / "run.json").write_text(json.dumps({**manifest, "finished": False}), encoding="utf-8")
    code, _, problem = run("export", str(copy), "--to", "csv", "--out", str(tmp_path / "out"))
    assert (code, "is not finished" in problem) == (2, True)


def test_a_folder_that_cannot_be_written_is_told(run: Run, cohort: Path, tmp_path: Path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for out, why in ((tmp_path / "file" / "out", "cannot be written"), (tmp_path, "holds something else")):
        code, _, problem = run("export", str(cohort), "--to", "omop", "--out", str(out))
        assert (code, why in problem) == (2, True)
