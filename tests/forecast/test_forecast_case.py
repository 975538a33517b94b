"""The forecast of a real case: bands in order, probabilities that add up, honest words on treatment."""

from __future__ import annotations

import json
import re
from functools import cache

import numpy as np
import pytest

from garland.errors import InputError
from garland.forecasts.forecast import ForecastOptions, forecast
from garland.forecasts.records import Arm, CourseReport, Statement
from garland.forecasts.sentences import QUESTIONS
from garland.records import shipped_case

pytestmark = pytest.mark.slow

FEW = ForecastOptions(months=36, particles=512, members=64)
EDGES = ("low80", "low50", "middle", "high50", "high80")


@cache
def stated() -> CourseReport:
    arms = ("pregabalin", "methylprednisolone", "pregabalin 300 mg/d from day 5000")
    return forecast(shipped_case("04"), arms, FEW)


def by_key(arm: Arm) -> dict[str, Statement]:
    return {statement.key: statement for statement in arm.statements}


def test_the_bands_are_in_order():
    for arm in stated().arms:
        for series in arm.series:
            for _, band in series.bands:
                edges = np.array([getattr(band, edge) for edge in EDGES])
                assert (np.diff(edges, axis=0) >= 0).all(), series.key


def test_every_probability_lies_within_its_interval():
    for arm in stated().arms:
        for said in arm.statements:
            if said.probability is not None:
                assert said.low is not None
                assert said.high is not None
                assert 0 <= said.low <= said.probability <= said.high <= 1


def test_walking_alone_with_an_aid_and_not_at_all_add_up_to_one():
    walking = stated().arms[0].find("walking")
    assert walking is not None
    for total in zip(*(band.middle for _, band in walking.bands), strict=True):
        assert sum(total) == pytest.approx(1.0, abs=1e-4)


def test_the_statements_come_by_question_and_then_by_time():
    keys = [question.key for question in QUESTIONS]
    said = [s for s in stated().arms[0].statements if s.probability is not None]
    places = [(keys.index(s.key.rpartition("-")[0]), s.day or 0.0) for s in said]
    assert places == sorted(places)


def test_days_go_on_from_today():
    report = stated()
    assert report.today_day is not None
    assert report.arms[0].series[0].bands[0][1].days[0] == report.today_day
    assert report.until_day >= report.today_day + 36 * 30.4


def test_an_analgesic_eases_pain():
    none, treated = stated().arms[:2]
    assert by_key(treated)["pain-mild-3"].probability > by_key(none)["pain-mild-3"].probability
    assert "pain at 3 months lower by" in by_key(treated)["change-pain-3"].words


def test_whether_methylprednisolone_helps_is_told_as_unknown():
    words = [statement.words for statement in stated().arms[2].statements]
    assert any("methylprednisolone helps in radiculoplexus neuropathy is not known" in line for line in words)
    assert not any(re.search(r"(lower|higher) by 0(\.0)? ", line) for line in words)


def test_care_that_begins_after_the_end_changes_nothing():
    none, late = stated().arms[0], stated().arms[3]
    assert [by_key(late)[key] for key in by_key(none)] == list(none.statements)
    for one, other in zip(none.series, late.series, strict=True):
        assert one == other


def test_the_same_seed_gives_the_same_forecast():
    again = forecast(shipped_case("04"), ("pregabalin",), FEW)
    first = stated()
    assert json.dumps(again.as_dict()["arms"][:2]) == json.dumps(first.as_dict()["arms"][:2])


def test_causes_whose_course_was_never_checked_are_named():
    followed = len(stated().cause_lines)
    named = sum("of the forecast" in note for note in stated().notes)
    assert named >= followed - 2


def test_a_forecast_of_no_time_is_refused_before_any_work():
    with pytest.raises(InputError, match="lies outside 1 to 120"):
        forecast(shipped_case("04"), None, ForecastOptions(months=0))
