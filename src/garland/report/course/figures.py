"""The plots of a course: which curves share a panel, how arms and sides are told apart, samples and bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from garland.forecasts.records import WALKING, Arm, Band, CourseReport, Statement
from garland.report.common.svg import clip, element, figure, text
from garland.report.common.timeplot import (
    LEFT,
    WIDTH,
    Axis,
    Curve,
    Frame,
    axis_for,
    month_axis,
    stacked_plot,
    time_plot,
)
from garland.report.course.content import (
    _arm_title,
    _chance_words,
    _day_words,
    _letter,
    _start_day,
    _with_key,
    _zero_day,
    value_words,
)

FLAT_SHARE = 0.04
FOLDED_GROUPS = ("strength", "nerves", "signs")
STYLES, MOST_WIDTHS = 6, 2
PERIOD_HEIGHT = 34.0
GUTTER = 88.0

UNIT_WORDS = {
    "MRC": "MRC grade",
    "NRS": "score 0–10",
    "share": "share",
    "probability": "probability",
    "grade": "grade 0–4",
}
SIDES = ("right", "left")

Labelled = tuple[int, str, Band]
"""An arm's index, the label of a band, the band."""


class _Plot(NamedTuple):
    """One quantity: its title, its unit, its panels as SVG, and sentences for what needs no panel.

    Where `apart` holds a title for each panel, the panels may stand beside each other.
    """

    title: str
    unit: str
    panels: tuple[str, ...]
    says: tuple[str, ...]
    apart: tuple[str, ...] = ()


def _style(index: int) -> str:
    """Return the class of the colour and dashes of an arm or of a side."""
    return f"c{index % STYLES}"


def _plots(report: CourseReport, keys: Sequence[str]) -> tuple[tuple[_Plot, ...], tuple[str, ...]]:
    """Return the plots of some keys, and the titles of quantities among them that never change."""
    drawn = [_plot(report, key) for key in keys]
    still = tuple(each.title for each in drawn if not each.panels)
    return tuple(part for each in drawn if each.panels for part in _parts(each)), still


def _parts(plot: _Plot) -> tuple[_Plot, ...]:
    """Return a plot, or a plot for each of its panels where they may stand apart."""
    titled = zip(plot.apart, plot.panels, strict=True) if plot.apart else ()
    return tuple(plot._replace(title=title, panels=(panel,)) for title, panel in titled) or (plot,)


def _plot(report: CourseReport, key: str) -> _Plot:
    """Draw one quantity.

    One arm: its sides share a panel. Several arms: a panel for each side, in which the arms lie over each
    other. Chances of walking are stacked, a panel for each arm. A side whose strength, axons or signs never
    change gets a sentence in place of a panel.
    """
    found = _with_key(report, key)
    unit, title, fold = found[0][1].unit, found[0][1].title, found[0][1].group in FOLDED_GROUPS
    bands = sorted(
        ((index, label, band) for index, series in found for label, band in series.bands),
        key=lambda band: SIDES.index(band[1]) if band[1] in SIDES else 0,
    )
    axis = axis_for(key, unit, [band for _, _, band in bands])
    title = title[:1].upper() + title[1:]
    if {label for _, label, _ in bands} == set(WALKING):
        return _walking(report, title, bands, axis)
    if len(report.arms) == 1:
        still = fold and all(_is_flat(band, axis) for _, _, band in bands)
        return _Plot(title, _unit_words(unit), () if still else (_sides(report, title, bands, axis),), ())
    return _faceted(report, title, bands, axis, fold)


def _chance_bar(statement: Statement, index: int) -> str:
    """Draw a probability as a thick tick over its 80 % interval, in the colour of an arm's index."""
    share = clip(statement.probability or 0.0)
    low, high = statement.low, statement.high
    drawn = element("rect", cls="track", x=0, y=6, width=100, height=4)
    if low is not None and high is not None:
        low, high = 100 * clip(low), 100 * clip(high)
        drawn += element(
            "rect", cls=f"chance-range {_style(index)}", x=low, y=3, width=max(high - low, 1.0), height=10
        )
    drawn += element("rect", cls="mean", x=100 * share - 1.0, y=0, width=2.0, height=16)
    words = f"{statement.words}: {_chance_words(statement)}"
    return figure(words, drawn, (0, 0, 100, 16), "bar", stretch=True)


def _arm_sample(index: int, single: bool = False) -> str:
    """Draw a short line in the style of an arm, or without a band where every course is one line."""
    band = "" if single else element("rect", cls=f"band50 {_style(index)}", x=2, y=2, width=40, height=12)
    line = element("path", cls=f"curve {_style(index)}", d="M2,8 h40")
    return element("svg", band + line, "line-sample", viewBox="0 0 44 16", aria_hidden="true")


def _band_sample() -> str:
    """Draw what a band means: the middle, half of patients, four fifths of patients."""
    drawn = element("rect", cls="band80 c0", x=2, y=1, width=40, height=22)
    drawn += element("rect", cls="band50 c0", x=2, y=6, width=40, height=12)
    drawn += element("path", cls="curve c0", d="M2,12 h40")
    return element("svg", drawn, "band-sample", viewBox="0 0 44 24", aria_hidden="true")


def _timeline(report: CourseReport, arm: Arm, index: int) -> str:
    """Draw what is given when, a bar for each treatment; nothing where nothing is given."""
    if not arm.periods:
        return ""
    frame = _frame(report, Axis(0.0, 1.0, (), ""))
    bottom = PERIOD_HEIGHT * len(arm.periods) + 4.0
    drawn, stated = "", []
    for row, period in enumerate(arm.periods):
        stop = report.until_day if period.stop_day is None else period.stop_day
        left, right, top = frame.x(period.start_day), frame.x(stop), PERIOD_HEIGHT * row
        drawn += text("text", period.words, "period-name to-start", x=LEFT, y=top + 14.0)
        drawn += element(
            "rect",
            cls=f"period {_style(index)}",
            x=left,
            y=top + 20.0,
            width=max(right - left, 2.0),
            height=9.0,
        )
        days = (_day_words(day - frame.zero_day) for day in (period.start_day, stop))
        stated.append(f"{period.words} from {' to '.join(days)}")
    drawn += element("path", cls="base", d=f"M{LEFT:.0f},{bottom:.0f} H{frame.right:.0f}")
    words = f"Plan of {_arm_title(arm)}: {'; '.join(stated)}."
    box = (0, 0, WIDTH, bottom + 24.0)
    return figure(words, drawn + month_axis(frame, bottom), box, "timeplot timeline")


def _faceted(report: CourseReport, title: str, bands: Sequence[Labelled], axis: Axis, fold: bool) -> _Plot:
    """Draw a panel for each label, the arms over each other in it."""
    panels, says = [], []
    for label in dict.fromkeys(label for _, label, _ in bands):
        here = [(index, band) for index, name, band in bands if name == label]
        if fold and all(_is_flat(band, axis) for _, band in here):
            value = value_words(here[0][1].middle[-1], axis.unit)
            says.append(f"{label.capitalize() or 'Both'}: stays at {value}.")
        else:
            words = f"{title}, {label}" if label else title
            panels.append(_overlaid(report, words, label if label in SIDES else "", here, axis))
    labels = list(dict.fromkeys(label for _, label, _ in bands))
    apart = () if {*labels} <= {*SIDES, ""} or says else tuple(label.capitalize() for label in labels)
    return _Plot(title, _unit_words(axis.unit), tuple(panels), tuple(says) if panels else (), apart)


def _overlaid(
    report: CourseReport, words: str, label: str, bands: Sequence[tuple[int, Band]], axis: Axis
) -> str:
    """Draw arms over each other: the first with filled bands, a second with edges, more as lines."""
    curves = []
    for index, band in bands:
        width = "filled" if index == 0 else "edges" if len(report.arms) <= MOST_WIDTHS else "none"
        heard = f"{_letter(index)}, {_arm_title(report.arms[index])},"
        curves.append(Curve(_letter(index), heard, band, _style(index), width))
    return time_plot(words, label, curves, _frame(report, axis))


def _sides(report: CourseReport, title: str, bands: Sequence[Labelled], axis: Axis) -> str:
    """Draw the sides, or the one course, of a single arm."""
    curves = [Curve(label, label, band, _style(place)) for place, (_, label, band) in enumerate(bands)]
    return time_plot(title, "", curves, _frame(report, axis))


def _walking(report: CourseReport, title: str, bands: Sequence[Labelled], axis: Axis) -> _Plot:
    """Draw chances of walking stacked for each arm; of many arms the first, then lines of all."""
    arms = sorted({index for index, _, _ in bands})
    many = len(arms) > MOST_WIDTHS
    panels = [_stacked(report, title, bands, axis, index) for index in (arms[:1] if many else arms)]
    titles = [f"{title}, plan {_letter(index)}" for index in arms[: len(panels)]]
    for label in (WALKING[0], WALKING[2]) if many else ():
        here = [(index, band) for index, name, band in bands if name == label]
        titles.append(f"{title}, {label}")
        panels.append(_overlaid(report, titles[-1], "", here, axis))
    return _Plot(title, _unit_words(axis.unit), tuple(panels), (), tuple(titles) if len(arms) > 1 else ())


def _stacked(report: CourseReport, title: str, bands: Sequence[Labelled], axis: Axis, index: int) -> str:
    """Draw the chances of walking in one arm."""
    here = [(label, band) for arm, label, band in bands if arm == index]
    parts = [Curve(label, label, band, f"w{place}") for place, (label, band) in enumerate(here)]
    several = len(report.arms) > 1
    words = f"{title}, {_arm_title(report.arms[index])}" if several else title
    return stacked_plot(words, "", parts, _frame(report, axis))


def _frame(report: CourseReport, axis: Axis) -> Frame:
    """Return the frame of a panel that leaves a gutter for labels at its right."""
    return Frame(axis, WIDTH - GUTTER, _start_day(report), report.until_day, _zero_day(report))


def _unit_words(unit: str) -> str:
    """Return a unit in words."""
    return UNIT_WORDS.get(unit, unit)


def _is_flat(band: Band, axis: Axis) -> bool:
    """Whether a band never leaves a thin strip around its first value."""
    room = FLAT_SHARE * (axis.high - axis.low)
    start = band.middle[0]
    return min(band.low80) > start - room and max(band.high80) < start + room
