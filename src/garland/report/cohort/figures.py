"""Drawings of a cohort: shares, age pyramid, histograms, courses, rates by age and cumulative incidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from garland.cohorts.summary import (
    CauseShare,
    CohortSummary,
    CountySummary,
    MeasureSummary,
    Spread,
)
from garland.forecasts.records import Band
from garland.report.cohort import content as v
from garland.report.common import timeplot
from garland.report.common.svg import clip, element, figure, text
from garland.report.common.timeplot import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, Frame

RIGHT, COURSE_RIGHT = 330.0, 276.0
_MIDDLE, _SIDE = 170.0, 138.0
_ROW = 13.0


def _share_bar(one: CauseShare, largest: float) -> str:
    """Draw the share of one cause as a bar, the largest share filling it."""
    width = 100.0 * clip(one.share / largest if largest > 0.0 else 0.0)
    drawn = element("rect", cls="track", x=0.0, y=3.0, width=100.0, height=10.0)
    drawn += element("rect", cls="fill", x=0.0, y=3.0, width=width, height=10.0)
    return figure(f"{one.title}: {v._percent(one.share)}", drawn, (0, 0, 100, 16), "bar", True)


def _pyramid(summary: CohortSummary) -> str:
    """Draw the ages of women (left) and men (right)."""
    bands = list(pairwise(summary.age_edges))
    seen = [at for at, pair in enumerate(zip(summary.women, summary.men, strict=True)) if any(pair)]
    first, last = (seen[0], seen[-1]) if seen else (0, 0)
    most = max(*summary.women, *summary.men, 1)
    drawn, height = "", _ROW * (last - first + 1)
    for row, at in enumerate(range(last, first - 1, -1)):
        y = 20.0 + _ROW * row
        low, high = bands[at]
        name = f"{low:.0f}+" if at == len(bands) - 1 else f"{low:.0f}–{high - 1:.0f}"
        drawn += text("text", name, "tick", x=_MIDDLE, y=y + 10.0)
        for count, side, css in ((summary.women[at], -1, "women"), (summary.men[at], 1, "men")):
            width = (_SIDE - 4.0) * count / most
            x = _MIDDLE + 24.0 if side > 0 else _MIDDLE - 24.0 - width
            drawn += element("rect", cls=css, x=x, y=y, width=width, height=_ROW - 2.0)
    drawn += text("text", f"women {sum(summary.women):,}", "side to-end", x=_MIDDLE - 26.0, y=13.0)
    drawn += text("text", f"men {sum(summary.men):,}", "side to-start", x=_MIDDLE + 26.0, y=13.0)
    words = f"Ages: {sum(summary.women)} women and {sum(summary.men)} men"
    return figure(words, drawn, (0, 0, WIDTH, height + 24.0), "timeplot")


def _histogram(groups: Sequence[tuple[str, Spread]], unit: str, logarithmic: bool = False) -> str:
    """Draw histograms over one another, each as its share of its own group."""
    stated = [(name, one) for name, one in groups if sum(one.counts)]
    edges = groups[0][1].edges
    drawn, ends = _axis(edges, unit, logarithmic), []
    most = max((max(one.counts) / sum(one.counts) for _, one in stated), default=1.0)
    for place, (name, one) in enumerate(stated):
        shares = [count / sum(one.counts) / most for count in one.counts]
        drawn += element("path", cls=f"hist c{place}", d=_outline(shares))
        ends.append(f"{name} median {v._spread_words(one)}".strip())
    return figure("; ".join(ends) or "nothing", drawn, (0, 0, WIDTH, HEIGHT), "timeplot")


def _outline(shares: Sequence[float]) -> str:
    step = (RIGHT - LEFT) / len(shares)
    path = f"M{LEFT:.1f},{BOTTOM:.1f}"
    for at, share in enumerate(shares):
        y = BOTTOM - (BOTTOM - TOP) * share
        path += f" L{LEFT + step * at:.1f},{y:.1f} H{LEFT + step * (at + 1):.1f}"
    return f"{path} L{RIGHT:.1f},{BOTTOM:.1f} Z"


def _axis(edges: Sequence[float], unit: str, logarithmic: bool) -> str:
    """Draw the base line with five ticks, where bins begin."""
    drawn = element("path", cls="base", d=f"M{LEFT:.0f},{BOTTOM:.0f} H{RIGHT:.0f}")
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        value = edges[round(share * (len(edges) - 1))]
        x = LEFT + (RIGHT - LEFT) * share
        css = {0.0: "tick to-start", 1.0: "tick to-end"}.get(share, "tick")
        drawn += element("path", cls="base", d=f"M{x:.1f},{BOTTOM:.0f} v4")
        drawn += text("text", v._number(value, 2 if logarithmic else 3), css, x=x, y=BOTTOM + 17.0)
    return drawn + text("text", v._unit_words(unit), "tick to-end", x=RIGHT, y=BOTTOM + 28.0)


def _sparkline(one: Spread, kind: str) -> str:
    """Draw the histogram of one column small: bins of a number, or a bar for each grade."""
    most = max((*one.counts, 1))
    width = 100.0 / max(len(one.counts), 1)
    gap = 0.0 if kind == "number" else 0.15 * width
    bars = [
        f"M{width * at + gap:.1f},20 V{20.0 - 18.0 * count / most:.1f} H{width * (at + 1) - gap:.1f} V20 Z"
        for at, count in enumerate(one.counts)
        if count
    ]
    words = v._spread_words(one) if kind == "number" else v._grade_words(one)
    drawn = element("path", cls="axis", d="M0,19.6 H100 V20.4 H0 Z")
    if bars:
        drawn += element("path", cls="fill", d=" ".join(bars))
    return figure(words, drawn, (0, 0, 100, 21), "bar spark", True)


def _course(measure: MeasureSummary, days: Sequence[float]) -> str:
    """Draw a measure over visits: the median, half of all people, and the middle 80 %."""
    stated = [(d, one.quantiles) for d, one in zip(days, measure.visits, strict=True) if _finite(one)]
    low, lower, middle, upper, high = zip(*(each for _, each in stated), strict=True)
    band = Band(tuple(d for d, _ in stated), middle, lower, upper, low, high)
    unit = "share" if measure.unit == "1" and min(low) >= 0.0 and max(high) <= 1.0 else measure.unit
    axis = timeplot.axis_for(
        "", {"{0..10}": "NRS", "{0..5}": "points", "{0..244}": "points"}.get(unit, unit), [band]
    )
    frame = Frame(axis, COURSE_RIGHT, band.days[0], band.days[-1], band.days[0])
    return timeplot.time_plot(measure.description, "", [timeplot.Curve("", "median", band, "c0")], frame)


def _drawable(measure: MeasureSummary) -> bool:
    """Tell whether a measure has a course: numbers at two visits or more."""
    return measure.kind == "number" and sum(_finite(one) for one in measure.visits) > 1


def _finite(one: Spread) -> bool:
    return bool(one.quantiles) and all(math.isfinite(value) for value in one.quantiles)


def _rates_plot(county: CountySummary) -> str:
    """Draw the incidence by band of age for women and men, with exact intervals."""
    bands = county.counted.bands
    ages = sorted({(band.from_years, band.to_years) for band in bands})
    top = max([band.rate.per_100000_year for band in bands if band.rate.person_years > 0] + [1.0])
    highs = [b.rate.high for b in bands if math.isfinite(b.rate.high) and b.rate.high < 3.0 * top]
    axis = _from_zero(max(highs, default=top))
    frame = Frame(axis, RIGHT, 0.0, float(len(ages)), 0.0)
    drawn = timeplot.level_lines(frame, lambda tick: f"{tick:g}")
    for at, (low, high) in enumerate(ages):
        name = f"{low:.0f}+" if high > 100.0 else f"{low:.0f}–"
        drawn += text("text", name, "tick", x=frame.x(at + 0.5), y=BOTTOM + 17.0)
    for band in bands:
        if math.isfinite(band.rate.per_100000_year):
            sex = 0 if band.sex == "female" else 1
            x = frame.x(ages.index((band.from_years, band.to_years)) + 0.38 + 0.24 * sex)
            edge = f"M{x:.1f},{frame.y(band.rate.low):.1f} V{frame.y(band.rate.high):.1f}"
            drawn += element("path", cls=f"edge solid c{sex}", d=edge)
            drawn += element("circle", cls=f"mark m{sex}", cx=x, cy=frame.y(band.rate.per_100000_year), r=3.2)
    drawn += text("text", "per 100,000 a year", "tick to-start", x=LEFT - 34.0, y=12.0)
    drawn += text("text", "age, years", "tick to-end", x=RIGHT, y=BOTTOM + 28.0)
    return figure("Incidence by age and sex", drawn, (0, 0, WIDTH, HEIGHT), "timeplot")


def _risk_plot(county: CountySummary, outcome: str) -> str:
    """Draw the share who have fallen ill over the years, with and without the programme."""
    curves = [curve for curve in county.curves if curve.outcome == outcome]
    axis = _from_zero(100.0 * max(max(curve.high) for curve in curves))
    frame = Frame(axis, RIGHT - 12.0, 0.0, county.span_years, 0.0)
    drawn = timeplot.level_lines(frame, lambda tick: f"{tick:g} %")
    for year in _ticks(county.span_years):
        drawn += text("text", f"{year:g}", "tick", x=frame.x(year), y=BOTTOM + 17.0)
    for place, curve in enumerate(curves):
        edges = (_places(county.years, edge, frame) for edge in (curve.high, curve.low))
        drawn += element("path", cls=f"band50 c{place}", d=timeplot.area_words(*edges))
    for place, curve in enumerate(curves):
        line = timeplot.path_words(_places(county.years, curve.share, frame))
        drawn += element("path", cls=f"curve c{place}", d=f"M{line}")
    drawn += text("text", "years", "tick to-end", x=RIGHT - 12.0, y=BOTTOM + 28.0)
    words = "; ".join(f"{curve.world} {v._percent(curve.share[-1])}" for curve in curves)
    return figure(f"Fallen ill by the end: {words}", drawn, (0, 0, WIDTH, HEIGHT), "timeplot")


def _ticks(span: float) -> tuple[float, ...]:
    """Return round years from 0 to the end of the span."""
    return tuple(tick for tick in _from_zero(span).ticks if tick <= span)


def _from_zero(high: float) -> timeplot.Axis:
    """Return an axis from zero with round ticks."""
    return timeplot.axis_for("", "points", [Band.line((0.0, 1.0), (0.0, high))])


def _places(years: Sequence[float], shares: Sequence[float], frame: Frame) -> list[tuple[float, float]]:
    return [(frame.x(year), frame.y(100.0 * share)) for year, share in zip(years, shares, strict=True)]
