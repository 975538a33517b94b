"""A virtual patient: one seed, one patient, whatever the care."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from garland.errors import InputError
from garland.forecasts.milestones import KEYS
from garland.forecasts.patient import PatientSpec, _diabetes_of, checked, patient
from garland.forecasts.records import Arm, CourseReport

START = 70.0


@cache
def followed(*arms: str, seed: int = 1, months: float = 12.0) -> CourseReport:
    return patient("dlrpn", arms, seed=seed, months=months)


def curves(arm: Arm) -> dict[tuple[str, str], tuple[float, ...]]:
    return {(s.key, label): band.middle for s in arm.series for label, band in s.bands}


def test_the_same_seed_gives_the_same_patient():
    first, again = (patient("dlrpn", ("usual",), seed=1, months=6) for _ in range(2))
    assert json.dumps(first.as_dict()) == json.dumps(again.as_dict())


def test_another_seed_gives_another_patient():
    assert followed(seed=1).person != followed(seed=2).person


def test_no_treatment_stands_first():
    assert [arm.name for arm in followed("pregabalin").arms] == ["no treatment", "pregabalin"]


@pytest.mark.parametrize(
    "plan",
    [
        "pregabalin 0 mg/d from day 10",
        "methylprednisolone 0 g/wk from day 10",
        "physical therapy 0/wk from day 10",
    ],
)
def test_a_dose_of_nothing_is_no_treatment(plan: str):
    none, nothing = followed(plan).arms
    for key, values in curves(none).items():
        assert curves(nothing)[key] == pytest.approx(values, abs=1e-4), key


def test_care_that_begins_after_the_end_is_no_treatment():
    none, late = followed("pregabalin 300 mg/d from day 900; immunoglobulin 2 g/kg/4wk from day 900").arms
    for key, values in curves(none).items():
        assert curves(late)[key] == pytest.approx(values, abs=1e-4), key
    assert none.milestones == late.milestones


def test_before_care_begins_all_arms_are_alike_and_then_they_part():
    none, treated = followed(f"duloxetine 60 mg/d from day {START:.0f}").arms
    days = none.series[0].bands[0][1].days
    before = sum(day <= START for day in days)
    for key, values in curves(none).items():
        assert curves(treated)[key][:before] == pytest.approx(values[:before], abs=1e-4), key
    assert curves(treated)["pain_nrs", ""] != pytest.approx(curves(none)["pain_nrs", ""], abs=0.1)


def test_a_named_plan_begins_on_the_day_on_which_the_patient_comes():
    report = followed("pregabalin")
    day = report.cause_lines[0].split("day ")[1].split(";")[0]
    assert f"from day {day}." in report.arms[1].words[0]


def test_a_named_plan_with_a_day_begins_on_that_day():
    assert "from day 45." in followed("pregabalin from day 45").arms[1].words[0]


def test_a_plan_is_read_from_a_file(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text("treatments:\n  - gabapentin 1800 mg/d from day 20\n", encoding="utf-8")
    assert [arm.name for arm in followed(str(file)).arms] == ["no treatment", "mine"]


def test_walking_alone_with_an_aid_and_not_at_all_add_up_to_one():
    (walking,) = [series for series in followed().arms[0].series if series.key == "walking"]
    for total in zip(*(band.middle for _, band in walking.bands), strict=True):
        assert sum(total) == pytest.approx(1.0, abs=1e-4)


def test_the_course_is_cut_at_the_months_asked_for():
    assert 6 * 30.4375 <= followed(months=6).until_day < 6 * 30.4375 + 7


def test_all_arms_tell_the_same_events_in_the_same_order():
    for arm in followed("usual").arms:
        assert tuple(event.key for event in arm.milestones) == KEYS


def test_pain_comes_before_weakness():
    day = {event.key: event.day for event in followed().arms[0].milestones}
    assert day["first-pain"] is not None
    assert day["first-weakness"] is not None
    assert day["first-pain"] < day["first-weakness"]


def test_what_is_fixed_of_the_person_stays_as_it_is():
    spec = PatientSpec(
        age_years=61, male=True, height_cm=182, weight_kg=90, diabetes_years=7, hba1c_percent=7.7
    )
    stated = dict(patient(spec, months=1).person)
    expected = {"age": "61 years", "sex": "man", "height": "182 cm", "weight": "90 kg", "HbA1c": "7.7 %"}
    assert stated["diabetes"] == "for 7 years"
    assert expected.items() <= stated.items()


def test_a_high_hba1c_or_a_duration_means_diabetes():
    assert _diabetes_of(PatientSpec(hba1c_percent=6.5)) is True
    assert _diabetes_of(PatientSpec(diabetes_years=3)) is True
    assert _diabetes_of(PatientSpec(hba1c_percent=5.4)) is None


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (PatientSpec(cause="dlprn"), "did you mean dlrpn"),
        (PatientSpec(age_years=7), "lies outside 18 to 100 years"),
        (PatientSpec(height_cm=float("nan")), "lies outside 120 to 220 cm"),
        (PatientSpec(age_years=50, diabetes_years=60), "is longer than the person's life"),
        (
            PatientSpec(cause="lrpn", diabetes=True),
            "is excluded by .*; use --no-diabetes or ask for --cause dlrpn",
        ),
        (PatientSpec(cause="lrpn", hba1c_percent=8), "is excluded by"),
        (PatientSpec(diabetes=False), "contradicts .*; use --diabetes or ask for --cause lrpn"),
        (PatientSpec(cause="femoral", diabetes=False, hba1c_percent=8), "means diabetes"),
        (PatientSpec(cause="femoral", diabetes=False, diabetes_years=3), "needs diabetes"),
    ],
)
def test_a_person_who_cannot_be_is_refused(spec: PatientSpec, words: str):
    with pytest.raises(InputError, match=words):
        checked(spec)


@pytest.mark.parametrize("months", [0.0, 121.0, float("nan")])
def test_a_course_of_no_or_endless_time_is_refused(months: float):
    with pytest.raises(InputError, match="lies outside 1 to 120"):
        patient(months=months)


def test_a_plan_asked_for_twice_is_refused():
    with pytest.raises(InputError, match="is asked for twice"):
        patient("dlrpn", ("pregabalin", "pregabalin"))


def test_a_plan_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="pregabalin"):
        patient("dlrpn", ("pregabalinn",))
