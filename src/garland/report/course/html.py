"""The course of a patient, or a forecast, as one self-contained HTML page: no script, no network."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Template
from markupsafe import Markup

from garland.forecast.records import CourseReport
from garland.report.common import pages
from garland.report.course import content as values
from garland.report.course import figures as figures


def render(report: CourseReport) -> str:
    """Render a course or a forecast as one HTML page."""
    return _template().render(
        r=report,
        v=values,
        several=len(report.arms) > 1,
        many=len(report.arms) > figures.MOST_WIDTHS,
        clock=values.clock_words(report),
        zero=values.zero_day(report),
        past=values.start_day(report) < values.zero_day(report),
        widths=values.any_width(report),
        sections=[_section(report, *section) for section in values.sections(report)],
        statements=values.statement_rows(report),
        plain=values.plain_statements(report),
        milestones=values.milestone_rows(report),
        tiles=values.tiles(report),
        month=values.headline_month(report),
        rows=values.course_rows(report),
        months=values.table_months(report),
    )


def _section(report: CourseReport, title: str, keys: tuple[str, ...]) -> dict[str, object]:
    """Return what the template needs of a section: its title, its plots, and what never changes."""
    plots, still = figures.plots(report, keys)
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


@lru_cache(maxsize=1)
def _template() -> Template:
    """Return the page's template with style and drawing functions at hand."""
    drawings = (figures.chance_bar, figures.arm_sample, figures.band_sample, figures.timeline)
    style = pages.read("style.css") + pages.read("course.css")
    return pages.world(*drawings, style=style).get_template("course.html.j2")
