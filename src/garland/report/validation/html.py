"""The validation as one self-contained HTML page: no script, no network, light and dark, phone and paper."""

from __future__ import annotations

import math

from garland.report.common import pages
from garland.report.common.svg import element, figure
from garland.report.validation import content as values
from garland.validation.rows import Report, RowResult

WIDTH, HEIGHT = 240.0, 22.0
LEFT, RIGHT, MIDDLE = 70.0, 170.0, 11.0
_EDGE = 9.0


def render_validation(report: Report) -> str:
    """Render a validation as one HTML page."""
    groups = [(title, values._asked(rows)) for title, rows in report.groups()]
    drawings = (_row_plot, _legend_plot)
    return pages.page_template("validate.html.j2", ("style.css", "validate.css"), drawings).render(
        r=report,
        v=pages.template_names(values),
        groups=[(title, rows) for title, rows in groups if rows],
        totals=values._totals(report),
        agreement=values._agreement(report),
        left_out=values._left_out(report),
        count=report.count(),
    )


def _row_plot(result: RowResult) -> str:
    """Draw one row: the published interval as a bar of fixed length, the simulated number as a dot."""
    words = (
        f"{values._published(result.row)}; simulated {values._simulated(result)}: {values._verdict(result)}"
    )
    low, high = result.row.band
    hollow = " hollow" if result.row.interval is None else ""
    bar = element("rect", cls=f"span{hollow}", x=LEFT, y=5.0, width=RIGHT - LEFT, height=12.0, rx=2.0)
    tick = _at(result.row.value, low, high)
    parts = element("line", cls="ground", x1=0.0, x2=WIDTH, y1=MIDDLE, y2=MIDDLE) + bar
    parts += element("line", cls="tick", x1=tick, x2=tick, y1=3.0, y2=19.0)
    return figure(words, parts + _dot(result, low, high), (0, 0, WIDTH, HEIGHT), "row-plot")


def _at(value: float, low: float, high: float) -> float:
    """Return the place of a value on the drawing, not held within it."""
    span = high - low
    return LEFT + (RIGHT - LEFT) * ((value - low) / span if span > 0 else 0.5)


def _dot(result: RowResult, low: float, high: float) -> str:
    stated, error = result.simulated, result.error
    if stated is None or error is None or math.isnan(stated):
        return ""
    place = _at(stated, low, high) if math.isfinite(stated) else math.copysign(math.inf, stated)
    if not _EDGE <= place <= WIDTH - _EDGE:
        return _arrow(place > WIDTH / 2, result.verdict)
    ends = [min(max(_at(stated + reach, low, high), 1.0), WIDTH - 1.0) for reach in (-2 * error, 2 * error)]
    whisker = element("line", cls=f"reach {result.verdict}", x1=ends[0], x2=ends[1], y1=MIDDLE, y2=MIDDLE)
    return whisker + element("circle", cls=f"told {result.verdict}", cx=place, cy=MIDDLE, r=4.5)


def _arrow(right: bool, verdict: str) -> str:
    tip, back = (WIDTH - 1.0, WIDTH - 10.0) if right else (1.0, 10.0)
    corners = f"{tip},{MIDDLE} {back},{MIDDLE - 5.0} {back},{MIDDLE + 5.0}"
    return element("polygon", cls=f"told {verdict}", points=corners)


def _legend_plot(verdict: str) -> str:
    """Draw the sign of a verdict: a dot in its colour."""
    dot = element("circle", cls=f"told {verdict}", cx=8.0, cy=8.0, r=5.0)
    return figure(verdict, dot, (0, 0, 16, 16), "verdict-sample")
