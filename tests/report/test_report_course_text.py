"""The course and the forecast in the terminal, and the records behind them."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from fixture_course import DAYS, FORECAST, PATIENT, SIX, THREE
from rich.console import Console

from garland.forecasts.records import Band, CourseReport
from garland.report.course.text import _sparkline, print_course


def printed(report: CourseReport, width: int = 80) -> str:
    out = io.StringIO()
    print_course(report, Console(file=out, width=width))
    return out.getvalue()


@pytest.mark.parametrize("report", [PATIENT, FORECAST, THREE, SIX])
@pytest.mark.parametrize("width", [80, 100, 130])
def test_no_line_is_wider_than_the_console_and_no_value_is_cut(report, width):
    lines = printed(report, width).splitlines()
    assert max(map(len, lines)) <= width
    assert not any("…" in line for line in lines)


@pytest.mark.parametrize("report", [PATIENT, FORECAST])
def test_the_text_says_simulated_version_seed_and_what_it_is_not_for(report):
    said = printed(report)
    assert "SIMULATED by Garland 0.3.0, seed 7" in said
    assert said.count("Not a medical device") == 2


def test_the_course_stands_at_the_months_of_the_table():
    lines = printed(PATIENT).splitlines()
    months = next(place for place, line in enumerate(lines) if line.startswith("The course")) + 1
    assert lines[months].split() == ["0", "1", "2", "3", "6", "12", "18", "24", "36"]
    assert lines[months + 1].split()[-1] == "0.8"


def test_statements_of_a_forecast_stand_side_by_side():
    line = next(line for line in printed(FORECAST).splitlines() if "walks without aid at 12 months" in line)
    assert "62 % (45–77)" in line
    assert "68 % (51–83)" in line


def test_ranges_are_printed_where_there_is_room():
    assert "80 % interval; months from the visit" in printed(FORECAST, 130)
    assert "The course (median; months from the visit)" in printed(FORECAST, 80)


def test_plans_with_the_same_values_share_a_line():
    lines = [line for line in printed(SIX).splitlines() if line.startswith("weight, kg")]
    assert len(lines) == 1
    assert " all " in lines[0]


def test_a_sparkline_runs_from_the_lowest_to_the_highest_block():
    assert _sparkline(Band.line((0.0, 7.0), (0.0, 7.0)), range(8), 0.0, 7.0) == "▁▂▃▄▅▆▇█"


def test_markup_in_a_title_is_printed_as_it_is():
    assert "[bold]x[/bold]" in printed(replace(PATIENT, title="[bold]x[/bold]"))


def test_a_report_goes_to_json_and_back():
    stated = json.loads(json.dumps(FORECAST.as_dict()))
    assert stated["simulated"] is True
    assert stated["arms"][1]["series"][0]["bands"][0][1]["days"] == list(DAYS)


def test_a_band_is_read_between_its_days_and_held_beyond_them():
    band = Band.line((0.0, 10.0), (1.0, 3.0))
    assert band.at(5.0) == 2.0
    assert band.at(-1.0) == 1.0
    assert band.at(99.0) == 3.0
    assert not band.has_width


def test_a_band_refuses_other_lengths():
    with pytest.raises(ValueError, match="Band.middle has 1 values for 2 days"):
        Band.line((0.0, 1.0), (1.0,))


def test_a_band_refuses_days_that_do_not_rise():
    with pytest.raises(ValueError, match=r"Band\.days do not rise"):
        Band.line((1.0, 1.0), (1.0, 2.0))


def test_a_band_refuses_values_that_are_not_finite():
    with pytest.raises(ValueError, match="holds a value that is not finite"):
        Band.line((0.0, 1.0), (1.0, float("nan")))
