"""The course of a patient, or a forecast, as one self-contained HTML page: no script, no network."""

from __future__ import annotations

from markupsafe import Markup

from garland.forecasts.records import CourseReport
from garland.report.common import pages
from garland.report.course import content as values
from garland.report.course import figures


def render_course(report: CourseReport) -> str:
    """Render a course or a forecast as one HTML page."""
    drawings = (figures._chance_bar, figures._arm_sample, figures._band_sample, figures._timeline)
    return pages.page_template("course.html.j2", ("style.css", "course.css"), drawings).render(
        r=report,
        v=pages.template_names(values),
        several=len(report.arms) > 1,
        many=len(report.arms) > figures.MOST_WIDTHS,
        clock=values._clock_words(report),
        zero=values._zero_day(report),
        past=values._start_day(report) < values._zero_day(report),
        widths=values._any_width(report),
        sections=[_section(report, *section) for section in values._sections(report)],
        statements=values._statement_rows(report),
        plain=values._plain_statements(report),
        milestones=values._milestone_rows(report),
        tiles=values._tiles(report),
        month=values._headline_month(report),
        rows=values._course_rows(report),
        months=values._table_months(report),
    )


def _section(report: CourseReport, title: str, keys: tuple[str, ...]) -> dict[str, object]:
    """Return what the template needs of a section: its title, its plots, and what never changes."""
    plots, still = figures._plots(report, keys)
    drawn = [
        {
            "title": plot.title,
            "unit": plot.unit,
            "panels": [Markup(panel) for panel in plot.panels],
            "says": plot.says,
        }
        for plot in plots
    ]
    return {"title": title, "plots": drawn, "still": still}
