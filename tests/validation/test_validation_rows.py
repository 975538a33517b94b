"""The published rows: complete, honest about their source, and refused where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from garland.errors import EvidenceError
from garland.validation.measures import MEASURES
from garland.validation.rows import StudyRow, _read_studies, study_rows
from garland.validation.run import COHORTS
from garland.validation.statistics import _judge, _tolerated, _undecided, _wilson

GOOD = {
    "quantity": "pain",
    "theme": "signs",
    "population": "62 episodes",
    "ascertainment": "community",
    "count": 57,
    "n": 62,
    "unit": "%",
    "where": "abstract",
    "standing": "measured",
    "use": "check",
    "cause": "radiculoplexus",
    "left_out": "a test",
}


def read(folder: Path, source: str = "Pinto2021", **changes: object) -> tuple[StudyRow, ...]:
    """Write one row with some keys changed (None takes a key away) and read it."""
    row = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    home = folder / "a_study"
    home.mkdir(exist_ok=True)
    lines = [f"    {key}: {value!r}" for key, value in row.items()]
    text = f"source: {source}\nrows:\n  a-row:\n" + "\n".join(lines).replace("'", '"')
    (home / "rows.yaml").write_text(text, encoding="utf-8")
    return _read_studies(folder)


def test_a_share_gets_its_value_and_its_wilson_interval_from_the_count(tmp_path: Path):
    row = read(tmp_path)[0]
    assert row.value == pytest.approx(91.94, abs=0.01)
    assert row.interval == pytest.approx((82.47, 96.51), abs=0.01)
    assert row.interval_kind == "wilson"


def test_a_value_without_an_interval_gets_15_percent(tmp_path: Path):
    row = read(tmp_path, count=None, value=22, unit="1")[0]
    assert (row.interval, row.interval_kind) == (None, "tolerance")
    assert row.band == pytest.approx((18.7, 25.3))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"where": None}, "has no where"),
        ({"simulate": {"cohort": "mayo", "measure": "pain"}}, "needs either simulate or left_out"),
        ({"theme": "sings"}, "theme 'sings' is unknown; did you mean signs"),
        ({"use": "test"}, "use 'test' is unknown"),
        ({"cause": "gb"}, "cause 'gb' is unknown; did you mean gbs"),
        ({"papers": "third"}, "papers 'third' is unknown"),
        ({"quality": "bad"}, "quality 'bad' is unknown"),
        ({"ascertainment": "clinic"}, "ascertainment 'clinic' is unknown"),
        ({"value": 5}, "needs either count"),
        ({"count": 63}, "count 63 of n 62 is not a share"),
        ({"unit": "1"}, "a count has the unit %"),
        ({"count": None, "value": 9, "interval": {"low": 1, "high": 2}}, "lies outside its interval"),
        ({"standing": "certain"}, "standing 'certain' is unknown"),
        ({"source": "Pinto2012"}, "source 'Pinto2012' is not in references.yaml"),
        ({"source": "Dyck2006"}, "nobody has read Dyck2006"),
        ({"standing": "recalled", "use": "calibration"}, "may not be used for calibration"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused(tmp_path: Path, changes: dict[str, object], says: str):
    with pytest.raises(EvidenceError, match=says):
        read(tmp_path, **changes)


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path):
    (tmp_path / "a_study").mkdir()
    (tmp_path / "a_study" / "rows.yaml").write_text("- one\n", encoding="utf-8")
    with pytest.raises(EvidenceError, match="is not a mapping of names"):
        _read_studies(tmp_path)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path):
    read(tmp_path)
    (tmp_path / "b_study").mkdir()
    text = (tmp_path / "a_study" / "rows.yaml").read_text(encoding="utf-8")
    (tmp_path / "b_study" / "rows.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError, match="row 'a-row' stands twice"):
        _read_studies(tmp_path)


def test_every_row_asks_a_cohort_that_exists_or_says_why_it_is_left_out():
    for row in study_rows():
        assert row.left_out or (row.question and row.question.cohort in COHORTS), row.id


def test_every_measure_of_a_followed_cohort_exists():
    others = ("county", "analgesics", "glucose-fall")
    asked = [row.question for row in study_rows() if row.question and row.question.cohort not in others]
    assert {question.measure for question in asked} <= set(MEASURES)


def test_every_measure_is_asked_for_by_some_row():
    asked = {row.question.measure for row in study_rows() if row.question}
    assert set(MEASURES) <= asked


def test_nothing_remembered_sets_the_model():
    assert not [row.id for row in study_rows() if row.standing == "recalled" and row.use == "calibration"]


def test_the_wilson_interval_stays_within_0_and_100_at_its_ends():
    assert _wilson(0, 10) == pytest.approx((0.0, 27.75), abs=0.01)
    assert _wilson(10, 10) == pytest.approx((72.25, 100.0), abs=0.01)


def test_a_number_is_judged_by_the_interval_first_and_by_15_percent_after():
    assert _judge(4.0, 7.9, (4.0, 15.0)) == "inside"
    assert _judge(3.0, 3.2, (3.1, 3.3)) == "near"
    assert _judge(2.0, 3.2, (3.1, 3.3)) == "outside"
    assert _judge(float("nan"), 3.2, None) == "outside"
    assert _tolerated(-2.0) == pytest.approx((-2.3, -1.7))


def test_a_number_within_two_errors_of_the_edge_is_undecided():
    assert _undecided(25.0, 0.5, 22.0, None)
    assert not _undecided(22.0, 0.5, 22.0, None)
