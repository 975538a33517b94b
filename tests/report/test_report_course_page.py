"""The course and the forecast as a page."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from fixture_course import DAYS, FORECAST, PATIENT, SIX, THREE
from test_report_html import contrast, svgs, walk, words

from garland.errors import InputError
from garland.forecasts.records import WALKING, Band, CourseReport, Series
from garland.report.common import pages
from garland.report.common.timeplot import BOTTOM, TOP, WIDTH, Axis, Frame, _month_ticks, axis_for
from garland.report.course import content as values
from garland.report.course.figures import _plot, _plots
from garland.report.course.html import render_course

NASTY = "<script>alert('x')</script> & \"quotes\" {{ 7 * 7 }}"
REPORTS = {"patient": PATIENT, "forecast": FORECAST, "three": THREE, "six": SIX}


def bare(report: CourseReport) -> CourseReport:
    arm = replace(report.arms[0], series=(), statements=(), milestones=())
    return replace(report, arms=(arm,), assumed=(), notes=(), cause_lines=(), person=())


def with_series(report: CourseReport, *series: Series) -> CourseReport:
    return replace(report, arms=tuple(replace(arm, series=series) for arm in report.arms))


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_is_well_formed_and_so_is_each_of_its_plots(name):
    html = render_course(REPORTS[name])
    walk(html)
    for drawing in svgs(html):
        ElementTree.fromstring(drawing)


def test_a_report_without_courses_still_makes_a_page():
    html = render_course(bare(PATIENT))
    walk(html)
    assert "No numbers were listed" in words(html)


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_loads_nothing_from_anywhere(name):
    html = render_course(REPORTS[name]).replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\(|@import|\bsrc=|<script|<link|<iframe", html)


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_says_simulated_version_seed_and_what_it_is_not_for(name):
    said = words(render_course(REPORTS[name]))
    assert "SIMULATED by Garland 0.3.0, seed 7." in said
    assert said.count("Not a medical device") == 2


def test_every_text_of_the_report_is_escaped():
    arm = FORECAST.arms[0]
    series = tuple(replace(one, title=NASTY) for one in arm.series)
    statements = tuple(replace(one, words=NASTY + one.key) for one in arm.statements)
    arm = replace(arm, name=NASTY, words=(NASTY,), evidence=NASTY, series=series, statements=statements)
    html = render_course(
        replace(
            FORECAST,
            title=NASTY,
            cause=NASTY,
            cause_lines=(NASTY,),
            arms=(arm,),
            assumed=(NASTY,),
            notes=(NASTY,),
        )
    )
    walk(html)
    assert "<script" not in html
    assert "{{ 7 * 7 }}" in words(html)


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_drawn_outside_its_plot(name):
    for drawing in svgs(render_course(REPORTS[name])):
        if "timeplot" not in drawing:
            continue
        for path in re.findall(r'class="(?:curve|band|stack)[^"]*" d="([^"]*)"', drawing):
            places = re.findall(r"([\d.]+),([\d.]+)", path)
            assert all(0 <= float(x) <= WIDTH and TOP - 0.1 <= float(y) <= BOTTOM + 0.1 for x, y in places)


@pytest.mark.parametrize("name", REPORTS)
def test_labels_at_the_ends_of_lines_do_not_touch(name):
    for drawing in svgs(render_course(REPORTS[name])):
        heights = [
            float(y) for y in re.findall(r'<text class="end to-start" x="[\d.]+" y="([\d.]+)"', drawing)
        ]
        assert all(later - first > 12.0 for first, later in pairwise(heights))


def test_left_and_right_differ_by_dashes_and_words():
    drawn = _plot(PATIENT, "movement_grade:knee-extension").panels[0]
    assert 'class="curve c0"' in drawn
    assert 'class="curve c1"' in drawn
    assert ".curve.c1{stroke-dasharray" in pages.read_page_part("course.css")
    assert ">right</tspan>" in drawn
    assert ">left</tspan>" in drawn


def test_the_right_side_comes_first_whatever_the_order_of_the_record():
    series = PATIENT.arms[0].find("knee_jerk")
    assert series is not None
    turned = with_series(PATIENT, replace(series, bands=series.bands[::-1]))
    assert _plot(turned, "knee_jerk") == _plot(with_series(PATIENT, series), "knee_jerk")


def test_several_plans_get_a_panel_for_each_side():
    drawn = _plot(FORECAST, "movement_grade:knee-extension")
    assert len(drawn.panels) == 2
    assert 'aria-label="Knee extension, right: A, no treatment,' in drawn.panels[0]


def test_a_side_that_never_changes_gets_a_sentence():
    flat = Band.line(DAYS, [5.0] * len(DAYS))
    series = FORECAST.arms[0].find("movement_grade:knee-extension")
    assert series is not None
    report = with_series(FORECAST, replace(series, bands=(series.bands[0], ("left", flat))))
    drawn = _plot(report, series.key)
    assert len(drawn.panels) == 1
    assert drawn.says == ("Left: stays at 5.0.",)


def test_a_quantity_that_never_changes_is_only_named():
    drawn, still = _plots(PATIENT, ("movement_grade:hip-flexion", "movement_grade:ankle-plantarflexion"))
    assert [one.title for one in drawn] == ["Hip flexion"]
    assert still == ("Ankle plantarflexion",)


def test_of_many_plans_only_the_first_has_bands():
    drawn = _plot(SIX, "pain_nrs").panels[0]
    assert len(re.findall('class="band80', drawn)) == 1
    assert len(re.findall('class="curve c', drawn)) == 6


def test_plans_whose_last_value_reads_alike_share_a_label():
    assert ">all</tspan>" in _plot(SIX, "weight_kg").panels[0]


def test_chances_of_walking_are_stacked_for_each_plan_and_named():
    for report, count in ((PATIENT, 1), (FORECAST, 2), (SIX, 3)):
        drawn = _plot(report, "walking").panels
        assert len(drawn) == count
        assert all(f">{name}<" in drawn[0] for name in WALKING)


def test_a_forecast_counts_months_from_the_visit_and_marks_it():
    html = render_course(FORECAST)
    assert "months from the visit, which is 2.3 months after the first symptom" in words(html)
    assert 'class="today"' in html
    assert 'class="today"' not in render_course(SIX)
    assert 'class="today"' not in render_course(PATIENT)


def test_ticks_of_three_years_stand_at_the_usual_months():
    axis = Axis(0.0, 1.0, (0.0, 1.0), "share")
    assert _month_ticks(Frame(axis, WIDTH - 88, 0.0, 1096.0, 0.0)) == (0, 3, 6, 12, 24, 36)
    assert _month_ticks(Frame(axis, WIDTH - 88, 0.0, 91.0, 0.0)) == (0, 1, 2, 3)
    assert _month_ticks(Frame(axis, WIDTH - 88, 0.0, 365.0, 0.0)) == (0, 3, 6, 9, 12)
    assert _month_ticks(Frame(axis, WIDTH - 88, 0.0, 1461.0, 365.0)) == (-12, -6, 0, 6, 12, 24, 36)


def test_an_axis_holds_its_bands_between_round_ticks():
    axis = axis_for("weight_kg", "kg", [Band.line((0.0, 1.0), (71.2, 84.0))])
    assert axis.low <= 71.2
    assert axis.high >= 84.0
    assert axis.ticks == (70.0, 75.0, 80.0, 85.0)


def test_a_constant_quantity_gets_an_axis_of_some_span():
    axis = axis_for("hba1c_percent", "%", [Band.line((0.0, 1.0), (7.0, 7.0))])
    assert axis.high - axis.low >= 2.0


def test_small_shares_are_drawn_larger():
    assert axis_for("x", "share", [Band.line((0.0, 1.0), (0.0, 0.3))]).high == 0.5


def test_a_course_that_hardly_moves_still_has_an_axis_with_a_width():
    axis = axis_for("axons", "points", [Band.line((0.0, 1.0), (0.0, 3e-8))])
    assert axis.high > axis.low == 0.0


def test_statements_stand_side_by_side_and_a_missing_one_is_a_dash():
    rows = values._statement_rows(FORECAST)
    assert [values._chance_words(one) for one in rows[1].answers if one] == ["62 % (45–77)", "68 % (51–83)"]
    short = replace(FORECAST.arms[1], statements=())
    rows = values._statement_rows(replace(FORECAST, arms=(FORECAST.arms[0], short)))
    assert rows[0].answers[1] is None
    walk(render_course(replace(FORECAST, arms=(FORECAST.arms[0], short))))


def test_what_all_plans_say_is_said_once_and_the_rest_plan_by_plan():
    said = values._plain_statements(SIX)
    assert said[0] == ((0, 1, 2, 3, 4, 5), ("Recovery goes on beyond the last day shown.",))
    assert said[1][0] == (1,)
    assert len(said) == 6


def test_milestones_are_dated_from_the_visit_in_a_forecast():
    dates = {row.words: row.dates[0] for row in values._milestone_rows(FORECAST)}
    zero = values._zero_day(FORECAST)
    assert values._milestone_words(dates["first pain"], zero) == "by the visit"
    assert values._milestone_words(dates["pain below 3 for good"], zero) == "month 11 (6–16)"
    assert values._milestone_words(None) == "–"


def test_a_group_unknown_to_the_page_follows_in_a_section_of_its_own():
    extra = Series("x", "something else", "points", "novel", (("", Band.line(DAYS, DAYS)),))
    arm = replace(PATIENT.arms[0], series=(*PATIENT.arms[0].series, extra))
    assert values._sections(replace(PATIENT, arms=(arm,)))[-1] == ("Novel", ("x",))


@pytest.mark.parametrize("theme", [0, 1, 2])
def test_the_colours_of_plans_keep_their_contrast(theme):
    roots = re.findall(r":root\{(.*?)\}", pages.read_page_part("style.css"), re.DOTALL)
    own = re.findall(r":root\{(.*?)\}", pages.read_page_part("course.css"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+):(#\w+)", roots[theme] + ";" + own[theme]))
    for index in range(6):
        assert contrast(colours[f"c{index}"], colours["card"]) >= 4.5, index
    for area in ("w0", "w1", "w2", "past"):
        assert contrast(colours["ink"], colours[area]) >= 4.5, area


def test_tables_have_scoped_heads_and_plots_have_names():
    tags = walk(render_course(SIX)).tags
    assert all("scope" in attributes for tag, attributes in tags if tag == "th")
    for tag, attributes in tags:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or attributes["aria-label"]


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    pages.write_page("page", tmp_path / "course.html")
    assert [path.name for path in tmp_path.iterdir()] == ["course.html"]
    with pytest.raises(InputError, match="stands in a folder that does not exist"):
        pages.write_page("page", tmp_path / "nowhere" / "course.html")
