"""Cohorts asked as the studies were: the whole path with few patients, and its refusals."""

from __future__ import annotations

import numpy as np
import pytest

from garland.errors import InputError
from garland.progress import listening
from garland.validation.calibrate import _calibration_rows, _evaluate, distance, misfit
from garland.validation.cohorts import _involved, _make_cohort
from garland.validation.rows import RowResult, StudyRow, _Question, study_rows
from garland.validation.run import _assumptions, _measure_cohort, validate
from garland.validation.trials import _drug_measure, _glucose_measure


def row(name: str) -> StudyRow:
    return next(row for row in study_rows() if row.id == name)


@pytest.fixture(scope="module")
def report():
    stated: list[str] = []
    with listening(lambda stage, share: stated.append(stage)):
        made = validate(seed=3, n=120)
    assert any(stage.startswith("cohort 1 of ") for stage in stated)
    return made


@pytest.mark.slow
def test_every_asked_row_gets_an_answer(report):
    for result in report.results:
        assert (result.simulated is None) == (result.row.left_out is not None), result.row.id


@pytest.mark.slow
def test_the_totals_count_every_row_once(report):
    both = [report.count("calibration"), report.count("check")]
    assert sum(one.asked + one.left_out for one in both) == len(report.results)


@pytest.mark.slow
def test_the_report_as_plain_values_holds_every_row(report):
    plain = report.as_dict()
    assert [entry["id"] for entry in plain["rows"]] == [result.row.id for result in report.results]
    assert plain["simulated"] is True


@pytest.mark.slow
def test_patients_of_a_referral_centre_are_worse_off_than_those_of_a_county():
    county, centre = _make_cohort("olmsted", 300, 0), _make_cohort("mayo", 300, 0)
    nis = [np.average(cohort.scene().outcomes.nis, weights=cohort.weight) for cohort in (county, centre)]
    assert nis[1] > nis[0] + 5.0


@pytest.mark.slow
def test_patients_selected_for_both_sides_have_both_sides_affected():
    cohort = _make_cohort("bilateral", 300, 0)
    assert _involved(cohort.scene())[cohort.weight > 0].all()


@pytest.mark.slow
def test_controls_have_the_age_of_the_cases_and_no_disease():
    cases = _make_cohort("olmsted", 200, 0)
    controls = cases.controls()
    assert np.allclose(controls.scene().person.age_years, cases.scene().person.age_years)
    assert controls.scene().affected_hazard.max() < 0.01
    assert controls.scene().person.diabetes.mean() < 0.45


@pytest.mark.slow
def test_the_same_seed_gives_the_same_cohort():
    first, second = (_measure_cohort("diabetic", 200, 5) for _ in range(2))
    assert first == second


def test_rapid_falls_of_glucose_answer_without_a_course():
    stated = _measure_cohort("glucose-fall", 2000, 0)
    assert 0 < stated["gibbons-2015-small"].value < stated["gibbons-2015-large"].value <= 100


def test_a_larger_dose_helps_more_people():
    low, high = (_drug_measure(f"pregabalin-{dose}-50", 2000, 0).value for dose in (150, 600))
    assert low < high


def test_placebo_is_the_placebo_arm_of_every_trial():
    assert _drug_measure("placebo-mean", 1000, 0).value < 0.0


def test_calibration_rows_are_never_checks():
    assert {row.use for row in _calibration_rows()} == {"calibration"}


def test_other_numbers_change_the_answers_and_are_put_back():
    before = _evaluate({}, 1000, 0, ["glucose-fall"])
    other = _evaluate({"care/glucose.autonomic_share": 0.1}, 1000, 0, ["glucose-fall"])
    assert [result.row.id for result in before] == ["gibbons-2010-autonomic"]
    assert other[0].simulated < before[0].simulated
    assert _evaluate({}, 1000, 0, ["glucose-fall"]) == before


def test_distance_is_one_at_the_edge_of_the_band_and_bounded():
    nis = row("pinto-2021-nis")
    assert distance(RowResult(nis, 22.0, 0.1)) == 0.0
    assert distance(RowResult(nis, 22.0 * 1.15, 0.1)) == pytest.approx(1.0)
    assert distance(RowResult(nis, 1e6, 0.1)) == distance(RowResult(nis, None, None)) == 10.0
    assert misfit([RowResult(nis, 22.0 * 1.15, 0.1), RowResult(nis, 22.0, 0.1)]) == pytest.approx(0.5)


def test_what_was_assumed_is_told_with_its_range():
    assert any("last follow-up: 1100 d, trusted 365 to 2900" in words for words in _assumptions())


def test_too_few_patients_are_refused():
    with pytest.raises(InputError, match="too few patients"):
        validate(n=10)


def test_an_unknown_cohort_is_refused():
    with pytest.raises(InputError, match="did you mean olmsted"):
        _measure_cohort("olmstead", 200, 0)
    with pytest.raises(InputError, match="is not a cohort of the validation"):
        _make_cohort("county", 200, 0)


def test_an_unknown_measure_is_refused():
    from dataclasses import replace

    odd = replace(row("ng-2019-incidence"), question=_Question("county", "incidents"))
    with pytest.raises(InputError, match="is not a measure of this cohort; did you mean incidence"):
        _measure_cohort("county", 200, 0, rows=[odd])


def test_an_unknown_question_to_a_trial_is_refused():
    with pytest.raises(InputError, match="asks no known question of a trial"):
        _drug_measure("pregabalin-300-nnt", 200, 0)
    with pytest.raises(InputError, match="asks nothing known of a fall of glucose"):
        _glucose_measure("risk-1-2", 200, 0)
