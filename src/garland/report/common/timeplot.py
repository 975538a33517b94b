"""A plot over months as inline SVG: bands, lines, labels at their ends, the day of the visit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from garland.forecasts.records import Band
from garland.report.common.svg import clip, element, figure, spread_apart, text
from garland.report.course.content import value_words
from garland.units import DAYS_PER_MONTH

WIDTH, HEIGHT = 340.0, 178.0
LEFT, TOP, BOTTOM = 40.0, 24.0, 150.0
LINE_GAP = 13.5
LEAST_TICK_GAP = 17.0
MONTH_TICKS = (0, 3, 6, 12, 24, 36, 48, 60, 84, 120, 180, 240)
SHORT_TICKS = ((3.5, (0, 1, 2, 3)), (6.5, (0, 1, 2, 3, 4, 5, 6)), (12.5, (0, 3, 6, 9, 12)))
NICE_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
FIXED = {
    "mrs": (0.0, 6.0, (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)),
    "knee_jerk": (0.0, 4.0, (0.0, 1.0, 2.0, 3.0, 4.0)),
    "MRC": (0.0, 5.0, (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)),
    "NRS": (0.0, 10.0, (0.0, 2.0, 4.0, 6.0, 8.0, 10.0)),
    "share": (0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0)),
    "probability": (0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0)),
    "small": (0.0, 0.5, (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)),
}
"""Lowest and highest value and ticks of keys and units; ``small``: shares of at most a half."""

LEAST_SPAN = {"kg": 8.0, "%": 2.0, "mg/dL": 20.0}
FROM_ZERO = ("points", "mmHg", "mg/dL")


class Axis(NamedTuple):
    """A vertical axis: lowest and highest value, ticks, and the unit [unit of the values]."""

    low: float
    high: float
    ticks: tuple[float, ...]
    unit: str


class Curve(NamedTuple):
    """A band to draw.

    Its label, the words a reader hears, its class (``c0`` ... for colour and dashes), and how its width is
    drawn: ``filled``, ``edges`` or ``none``.
    """

    label: str
    words: str
    band: Band
    css: str
    width: str = "filled"


class _End(NamedTuple):
    """A label at the end of a curve: its height, the class of its tie, its lines of (words, class)."""

    y: float
    css: str
    lines: tuple[tuple[tuple[str, str], ...], ...]


class Frame(NamedTuple):
    """Where values stand on the drawing.

    The axis, the right edge, the first and last day drawn, and the day from which months count [d].
    """

    axis: Axis
    right: float
    start_day: float
    until_day: float
    zero_day: float

    def x(self, day: float) -> float:
        """Return the horizontal place of a day, held within the plot."""
        share = (day - self.start_day) / (self.until_day - self.start_day)
        return LEFT + (self.right - LEFT) * clip(share)

    def y(self, value: float) -> float:
        """Return the height of a value, held within the plot."""
        share = (value - self.axis.low) / (self.axis.high - self.axis.low)
        return BOTTOM - (BOTTOM - TOP) * clip(share)


def axis_for(key: str, unit: str, bands: Sequence[Band]) -> Axis:
    """Return an axis that holds all bands, with ticks at round values."""
    low = min(min(band.low80) for band in bands)
    high = max(max(band.high80) for band in bands)
    if key in FIXED:
        return Axis(*FIXED[key], unit)
    if unit in FIXED:
        small = unit in ("share", "probability") and high <= 0.5
        return Axis(*FIXED["small" if small else unit], unit)
    low = 0.0 if unit in FROM_ZERO else low
    lacking = max(LEAST_SPAN.get(unit, 0.0) - (high - low), 0.0)
    return _round_axis(low - (lacking / 2 if low else 0.0), high + lacking / 2, unit)


def time_plot(words: str, side: str, curves: Sequence[Curve], frame: Frame) -> str:
    """Draw curves over months."""
    stated = "; ".join(f"{curve.words or 'course'} {_shown_of(curve.band, frame)}" for curve in curves)
    drawn = backdrop(side, frame)
    drawn += "".join(_area(curve, frame) for curve in curves)
    drawn += "".join(_line(curve, frame, "curve-halo") for curve in curves)
    drawn += "".join(_line(curve, frame, "curve") for curve in curves)
    drawn += _today_line(frame) + _ends(curves, frame)
    return figure(f"{words}: {stated}.", drawn, (0, 0, WIDTH, HEIGHT), "timeplot")


def stacked_plot(words: str, side: str, parts: Sequence[Curve], frame: Frame) -> str:
    """Draw probabilities that add up to 1 as areas, the first at the bottom, each with its name inside."""
    stated = "; ".join(f"{part.words} {_shown_of(part.band, frame)}" for part in parts)
    outside: list[_End] = []
    areas, names, below = "", "", [0.0] * len(parts[0].band.days)
    for part in parts:
        above = [low + share for low, share in zip(below, part.band.middle, strict=True)]
        outline = _outline(part.band.days, below, above, frame)
        areas += element("path", text("title", part.words), f"stack {part.css}", d=outline)
        name = _name_inside(part, below, above, frame)
        names += name
        if not name:
            outside.append(_end(part, frame, frame.y((below[-1] + above[-1]) / 2)))
        below = above
    names += _labels(outside, frame)
    drawn = backdrop(side, frame) + areas + _grid(frame) + names + _today_line(frame)
    return figure(f"{words}: {stated}.", drawn, (0, 0, WIDTH, HEIGHT), "timeplot")


def backdrop(side: str, frame: Frame) -> str:
    """Draw what lies behind curves: past, grid, both axes with ticks and words, the side."""
    drawn = ""
    if frame.zero_day > frame.start_day:
        past = frame.x(frame.zero_day) - LEFT
        drawn += element("rect", cls="past", x=LEFT, y=TOP, width=past, height=BOTTOM - TOP)
    drawn += _grid(frame)
    for tick in frame.axis.ticks:
        label = _tick_words(tick, frame.axis)
        drawn += text("text", label, "tick to-end", x=LEFT - 6.0, y=frame.y(tick) + 4.0)
    drawn += element("path", cls="base", d=f"M{LEFT:.0f},{BOTTOM:.0f} H{frame.right:.0f}")
    return drawn + month_axis(frame) + text("text", side, "side to-start", x=frame.right + 11.0, y=12.0)


def month_axis(frame: Frame, bottom: float = BOTTOM) -> str:
    """Draw ticks and words of the months at a height [unit of the drawing]."""
    drawn = ""
    for month in _month_ticks(frame):
        x = frame.x(frame.zero_day + month * DAYS_PER_MONTH)
        drawn += element("path", cls="base", d=f"M{x:.1f},{bottom:.0f} v4")
        drawn += text("text", f"{month}".replace("-", "−"), "tick", x=x, y=bottom + 17.0)
    return drawn + text("text", "months", "tick to-start", x=frame.right + 11.0, y=bottom + 17.0)


def _month_ticks(frame: Frame) -> tuple[int, ...]:
    """Return the months that get a tick, past ones below 0; those too close to a more telling one go."""
    far = LEAST_TICK_GAP * (frame.until_day - frame.start_day) / DAYS_PER_MONTH / (frame.right - LEFT)
    ahead = (frame.until_day - frame.zero_day) / DAYS_PER_MONTH + 0.25
    past = (frame.zero_day - frame.start_day) / DAYS_PER_MONTH + 0.25
    every = next((ticks for limit, ticks in SHORT_TICKS if ahead <= limit), MONTH_TICKS)
    kept = [0]
    for tick in reversed([tick for tick in every if 0 < tick <= ahead]):
        if all(abs(tick - other) >= far for other in kept):
            kept.append(tick)
    for tick in reversed([tick for tick in MONTH_TICKS if 0 < tick <= past]):
        if all(abs(-tick - other) >= 1.3 * far for other in kept):
            kept.append(-tick)
    return tuple(sorted(kept))


def _today_line(frame: Frame) -> str:
    """Draw the day of the visit where a past is drawn before it, else nothing."""
    if frame.zero_day <= frame.start_day:
        return ""
    x = frame.x(frame.zero_day)
    line = element("path", cls="today", d=f"M{x:.1f},{TOP - 4:.0f} V{BOTTOM:.0f}")
    return line + text("text", "visit", "today-name", x=x, y=TOP - 7.0)


def _round_axis(low: float, high: float, unit: str) -> Axis:
    """Return an axis with three to six ticks at round values around a range."""
    span = max(high - low, 1e-4)  # below it, ticks of six decimals would fall together
    size = 10.0 ** math.floor(math.log10(span / 4))
    step = next(nice * size for nice in NICE_STEPS if span / (nice * size) <= 5.0)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(step * place, 6) for place in range(first, max(last, first + 1) + 1))
    return Axis(ticks[0], ticks[-1], ticks, unit)


def _tick_words(tick: float, axis: Axis) -> str:
    """Return the words of a tick: as few decimals as it needs."""
    return value_words(tick, axis.unit) if axis.unit in ("share", "probability") else f"{tick:g}"


def _grid(frame: Frame) -> str:
    """Draw a quiet line at each tick but the lowest."""
    lines = " ".join(
        f"M{LEFT:.0f},{frame.y(tick):.1f} H{frame.right:.0f}"
        for tick in frame.axis.ticks
        if tick > frame.axis.low
    )
    return element("path", cls="grid", d=lines)


def _points(days: Sequence[float], values: Sequence[float], frame: Frame) -> list[tuple[float, float]]:
    """Return places on the drawing, at least one unit apart; what lies after the last day is left out."""
    found: list[tuple[float, float]] = []
    last = len(days) - 1
    for place, (day, value) in enumerate(zip(days, values, strict=True)):
        x = frame.x(day)
        if not found or x - found[-1][0] >= 1.0 or (place == last and x > found[-1][0]):
            found.append((x, frame.y(value)))
    return found


def path_words(points: Iterable[tuple[float, float]]) -> str:
    """Return points as the words of a path without its first letter."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def area_words(there: Iterable[tuple[float, float]], back: Iterable[tuple[float, float]]) -> str:
    """Return the outline of the area between two lines of points, both from left to right."""
    return f"M{path_words(there)} L{path_words([*back][::-1])} Z"


def _outline(days: Sequence[float], low: Sequence[float], high: Sequence[float], frame: Frame) -> str:
    """Return the outline of the area between two courses."""
    return area_words(_points(days, high, frame), _points(days, low, frame))


def level_lines(frame: Frame, words: Callable[[float], str]) -> str:
    """Draw a line and its words at each tick, the lowest as the base of the plot."""
    drawn = ""
    for tick in frame.axis.ticks:
        css, y = "base" if tick == frame.axis.low else "grid", frame.y(tick)
        drawn += element("path", cls=css, d=f"M{LEFT:.0f},{y:.1f} H{frame.right:.0f}")
        drawn += text("text", words(tick), "tick to-end", x=LEFT - 6.0, y=y + 4.0)
    return drawn


def _area(curve: Curve, frame: Frame) -> str:
    """Draw the width of a curve: both bands filled, or the 50 % band with the edges of the 80 % band."""
    band = curve.band
    if not band.has_width or curve.width == "none":
        return ""
    inner = _outline(band.days, band.low50, band.high50, frame)
    drawn = element("path", cls=f"band50 {curve.css} {curve.width}", d=inner)
    if curve.width == "filled":
        outer = _outline(band.days, band.low80, band.high80, frame)
        return element("path", cls=f"band80 {curve.css}", d=outer) + drawn
    for edge in (band.low80, band.high80):
        drawn += element("path", cls=f"edge {curve.css}", d="M" + path_words(_points(band.days, edge, frame)))
    return drawn


def _line(curve: Curve, frame: Frame, kind: str) -> str:
    """Draw the middle of a curve, or the halo below it: halos of all curves lie below all lines."""
    d = "M" + path_words(_points(curve.band.days, curve.band.middle, frame))
    return element("path", cls=f"{kind} {curve.css}", d=d)


def _ends(curves: Sequence[Curve], frame: Frame) -> str:
    """Write label and last value at the end of each curve; letters whose values read alike share one."""
    ends = [_end(curve, frame, frame.y(curve.band.at(frame.until_day))) for curve in curves]
    if all(len(curve.label) == 1 for curve in curves):
        ends = _shared(ends)
    return _labels(ends, frame)


def _end(curve: Curve, frame: Frame, y: float) -> _End:
    """Return the label of a curve at a height: on one line if it is short."""
    css = f"{curve.css} name"
    value = value_words(curve.band.at(frame.until_day), frame.axis.unit)
    pair = ((curve.label, css), (value, css))
    if len(curve.label) <= 5:
        return _End(y, curve.css, (tuple(piece for piece in pair if piece[0]),))
    return _End(y, curve.css, tuple((piece,) for piece in pair))


def _shared(ends: Sequence[_End]) -> list[_End]:
    """Return labels of letters, one for each value."""
    found: dict[str, list[_End]] = {}
    for end in ends:
        found.setdefault(end.lines[0][-1][0], []).append(end)
    made = []
    for value, alike in found.items():
        names = tuple(end.lines[0][0] for end in alike)
        css = alike[0].css if len(alike) == 1 else "plain"
        words = (("all", "plain"),) if len(alike) == len(ends) > 2 else names
        y = sum(end.y for end in alike) / len(alike)
        made.append(_End(y, css, ((*words, (value, f"{css} name")),)))
    return made


def _labels(ends: Sequence[_End], frame: Frame) -> str:
    """Write labels, moved apart where they would touch, each tied to its height."""
    ends = sorted(ends, key=lambda end: end.y)
    gap = LINE_GAP * max((len(end.lines) for end in ends), default=1)
    half = (gap - LINE_GAP) / 2
    heights = spread_apart([end.y for end in ends], gap, TOP + 2.0 + half, BOTTOM - 1.0 - half)
    drawn = ""
    for end, y in zip(ends, heights, strict=True):
        tie = f"M{frame.right:.1f},{end.y:.1f} l8,{y - end.y:.1f}"
        drawn += element("path", cls=f"tie {end.css}", d=tie)
        top = y + 4.2 - LINE_GAP / 2 * (len(end.lines) - 1)
        for row, pieces in enumerate(end.lines):
            last = len(pieces) - 1
            inner = "".join(
                text("tspan", words, css, **({"dx": "4"} if last and place == last else {}))
                for place, (words, css) in enumerate(pieces)
            )
            at = {"x": frame.right + 11.0, "y": top + row * (LINE_GAP - 0.5)}
            drawn += element("text", inner, "end to-start", **at)
    return drawn


def _name_inside(part: Curve, below: Sequence[float], above: Sequence[float], frame: Frame) -> str:
    """Write the name of an area where it has most room over its whole width; nothing if it has none."""
    half = 3.4 * len(part.label) + 3.0
    edges = [
        (frame.x(day), frame.y(high), frame.y(low))
        for day, low, high in zip(part.band.days, below, above, strict=True)
    ]
    best = (0.0, 0.0, 0.0)
    for middle, _, _ in edges:
        if LEFT + half <= middle <= frame.right - half:
            under = [edge for edge in edges if abs(edge[0] - middle) <= half]
            top, bottom = max(edge[1] for edge in under), min(edge[2] for edge in under)
            best = max(best, (bottom - top, middle, (top + bottom) / 2))
    room, x, y = best
    return text("text", part.label, "area-name", x=x, y=y + 4.2) if room >= 15.0 else ""


def _shown_of(band: Band, frame: Frame) -> str:
    """Return the values of a course at the months of the axis, for a reader who does not see it."""
    unit = frame.axis.unit
    months = [month for month in _month_ticks(frame) if month >= 0]
    values = ", ".join(
        value_words(band.at(frame.zero_day + month * DAYS_PER_MONTH), unit) for month in months
    )
    return f"{values} at {', '.join(map(str, months))} months"
