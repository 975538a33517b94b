"""What a course report shows, in which order and in which words; shared by the text and the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from garland.forecasts.records import GROUPS, Arm, Band, CourseReport, Milestone, Series, Statement
from garland.report.common.words import in_words, percent
from garland.units import DAYS_PER_MONTH

TABLE_MONTHS = (0, 1, 2, 3, 6, 12, 18, 24, 36)
DAYS_SPELT_OUT = 60.0
MRC_TOP = 5.0

SECTIONS = (
    ("Pain and weight", ("pain", "weight")),
    ("Strength", ("strength",)),
    ("Walking and scales", ("walking", "scales")),
    ("Vessels and immune attack", ("vessels",)),
    ("Axons still connected, by nerve", ("nerves",)),
    ("Signs, laboratory and survival", ("signs", "laboratory", "survival")),
)
"""Sections of plots with their groups; groups that stand in none follow in a section of their own."""

DECIMALS = {"MRC": 1, "NRS": 1, "points": 0, "grade": 1, "kg": 0, "mmHg": 0, "mg/dL": 0}

TABLE = (
    ("pain_nrs", "", "pain, 0–10"),
    ("nis", "", "NIS, points"),
    ("walking", "alone", "walks without aid"),
    ("walking", "wheelchair", "wheelchair"),
    ("movement_grade:knee-extension", "right", "knee extension, right"),
    ("movement_grade:knee-extension", "left", "knee extension, left"),
    ("weight_kg", "", "weight, kg"),
)
"""Rows of the table of values: key of the series, label of its band, words."""


class _CourseRow(NamedTuple):
    """A row of the table: words, unit, and the band of each arm, None where an arm has none."""

    words: str
    unit: str
    bands: tuple[Band | None, ...]


class _StatementRow(NamedTuple):
    """A question and the answer of each arm, None where an arm has none."""

    words: str
    answers: tuple[Statement | None, ...]


class _MilestoneRow(NamedTuple):
    """An event and its date in each arm, None where an arm does not know it."""

    words: str
    dates: tuple[Milestone | None, ...]


class _Tile(NamedTuple):
    """A quantity in short: words, and the value with its range in each arm."""

    words: str
    values: tuple[tuple[str, str], ...]


def _letter(index: int) -> str:
    """Return the letter of an arm: ``A`` for the first."""
    return chr(ord("A") + index)


def value_words(value: float, unit: str) -> str:
    """Return a value with the decimals of its unit; shares and probabilities [0..1] in per cent."""
    if unit in ("share", "probability"):
        return percent(value)
    if unit == "MRC":
        value = min(value, MRC_TOP)
    return f"{value:.{DECIMALS.get(unit, 1)}f}"


def _range_words(low: float, high: float, unit: str) -> str:
    """Return a range such as ``2.1–6.3`` or, of shares, ``45–77``."""
    if unit in ("share", "probability"):
        return f"{100 * low:.0f}–{100 * high:.0f}"
    return f"{value_words(low, unit)}–{value_words(high, unit)}"


def _arm_title(arm: Arm) -> str:
    """Return the name of an arm for a reader."""
    return "no treatment" if arm.name == "none" else in_words(arm.name)


def _zero_day(report: CourseReport) -> float:
    """Return the day from which months count: that of the visit in a forecast, else the first symptom [d]."""
    return report.today_day if report.kind == "forecast" and report.today_day is not None else 0.0


def _start_day(report: CourseReport) -> float:
    """Return the first day that is plotted [d]."""
    firsts = [band.days[0] for arm in report.arms for series in arm.series for _, band in series.bands]
    return min(firsts, default=0.0)


def _clock_words(report: CourseReport) -> str:
    """Return what the months of the report count."""
    if _zero_day(report) > 0.0 or report.kind == "forecast":
        return "months from the visit"
    return "months since the first symptom"


def _month_day(report: CourseReport, month: float) -> float:
    """Return the day since the first symptom of a month of the report [d]."""
    return _zero_day(report) + month * DAYS_PER_MONTH


def _day_words(day: float) -> str:
    """Return a day in words: ``day 16`` in the first two months, then ``month 13``."""
    return f"day {day:.0f}" if day < DAYS_SPELT_OUT else f"month {day / DAYS_PER_MONTH:.0f}"


def _table_months(report: CourseReport) -> tuple[int, ...]:
    """Return the months of the table that the report reaches; half a month short still counts."""
    last = (report.until_day - _zero_day(report)) / DAYS_PER_MONTH + 0.5
    return tuple(month for month in TABLE_MONTHS if month <= last)


def _sections(report: CourseReport) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (title, keys of the series) of each section of plots, in order; empty ones are left out."""
    groups: dict[str, list[str]] = {group: [] for group in GROUPS}
    for arm in report.arms:
        for series in arm.series:
            keys = groups.setdefault(series.group, [])
            if series.key not in keys:
                keys.append(series.key)
    known = {group for _, members in SECTIONS for group in members}
    others = tuple((group.capitalize(), (group,)) for group in groups if group not in known)
    made = ((title, tuple(key for g in members for key in groups[g])) for title, members in SECTIONS + others)
    return tuple((title, keys) for title, keys in made if keys)


def _with_key(report: CourseReport, key: str) -> tuple[tuple[int, Series], ...]:
    """Return the series of a key with the index of the arm it belongs to."""
    found = ((index, arm.find(key)) for index, arm in enumerate(report.arms))
    return tuple((index, series) for index, series in found if series is not None)


def _course_rows(report: CourseReport) -> tuple[_CourseRow, ...]:
    """Return the rows of the table of values that any arm can fill."""
    rows = []
    for key, label, words in TABLE:
        bands = tuple(_band(arm, key, label) for arm in report.arms)
        if any(bands):
            rows.append(_CourseRow(words, next(s.unit for _, s in _with_key(report, key)), bands))
    return tuple(rows)


def _statement_rows(report: CourseReport) -> tuple[_StatementRow, ...]:
    """Return the statements that have a probability, arms side by side, in order of first appearance."""
    answers = [
        {statement.key or statement.words: statement for statement in arm.statements} for arm in report.arms
    ]
    words = {key: s.words for arm in reversed(answers) for key, s in arm.items() if s.probability is not None}
    order = dict.fromkeys(key for arm in answers for key in arm if key in words)
    return tuple(_StatementRow(words[key], tuple(arm.get(key) for arm in answers)) for key in order)


def _plain_statements(report: CourseReport) -> tuple[tuple[tuple[int, ...], tuple[str, ...]], ...]:
    """Return the statements without a probability as (indices of arms, sentences): all arms, then each."""
    said: dict[str, tuple[int, ...]] = {}
    for index, arm in enumerate(report.arms):
        for statement in arm.statements:
            if statement.probability is None:
                said[statement.words] = (*said.get(statement.words, ()), index)
    everyone = tuple(range(len(report.arms)))
    groups = (everyone, *(((index,) for index in everyone) if len(everyone) > 1 else ()))
    found = []
    for group in groups:
        fits = (
            words for words, by in said.items() if group[0] in by and (by == everyone) == (group == everyone)
        )
        found.append((group, tuple(fits)))
    return tuple((group, lines) for group, lines in found if lines)


def _chance_words(statement: Statement) -> str:
    """Return a statement's probability with its 80 % interval, such as ``62 % (45–77)``."""
    if statement.probability is None:
        return "–"
    words = percent(statement.probability)
    if statement.low is None or statement.high is None:
        return words
    return f"{words} ({_range_words(statement.low, statement.high, 'probability')})"


def _milestone_rows(report: CourseReport) -> tuple[_MilestoneRow, ...]:
    """Return the events, arms side by side, in order of first appearance."""
    dates = [{milestone.key: milestone for milestone in arm.milestones} for arm in report.arms]
    words = {key: m.words for arm in reversed(dates) for key, m in arm.items()}
    order = dict.fromkeys(key for arm in dates for key in arm)
    return tuple(_MilestoneRow(words[key], tuple(arm.get(key) for arm in dates)) for key in order)


def _milestone_words(milestone: Milestone | None, zero: float = 0.0) -> str:
    """Return when an event comes, such as ``month 13 (8–18)``, ``day 16, NIS 41`` or ``not by the end``."""
    if milestone is None:
        return "–"
    if milestone.day is None:
        words = "not by the end" if not milestone.probability else "not dated"
    elif zero and milestone.day <= zero:
        words = "by the visit"
    else:
        words = _day_words(milestone.day - zero) + _spread(milestone, zero)
    return f"{words}, {milestone.note}" if milestone.note else words


def _milestone_share(milestone: Milestone | None) -> str:
    """Return the share in whom an event comes by the end, in per cent, or nothing."""
    return percent(milestone.probability) if milestone and milestone.probability is not None else ""


def _headline_month(report: CourseReport) -> int:
    """Return the month the headline speaks of: a year, or the last one."""
    return min(12, max(_table_months(report)))


def _tiles(report: CourseReport) -> tuple[_Tile, ...]:
    """Return four quantities in short: pain, walking, the weaker knee, and the impairment score."""
    day = _month_day(report, _headline_month(report))
    rows = {row.words: row for row in _course_rows(report)}
    knees = [rows[words] for words in (TABLE[4][2], TABLE[5][2]) if words in rows]
    weaker = min(knees, key=lambda row: _lowest(row.bands), default=None)
    chosen = (rows.get(TABLE[0][2]), rows.get(TABLE[2][2]), weaker, rows.get(TABLE[1][2]))
    return tuple(
        _Tile(row.words, tuple(_band_words(band, day, row.unit) for band in row.bands))
        for row in chosen
        if row
    )


def _band_words(band: Band | None, day: float, unit: str) -> tuple[str, str]:
    """Return the middle and, where the band has width, the 80 % range of a band at a day."""
    if band is None:
        return "–", ""
    width = _range_words(band.at(day, "low80"), band.at(day, "high80"), unit) if band.has_width else ""
    return value_words(band.at(day), unit), width


def _any_width(report: CourseReport) -> bool:
    """Whether any plotted band has a width, so that bands need words."""
    return any(band.has_width for arm in report.arms for series in arm.series for _, band in series.bands)


def _band(arm: Arm, key: str, label: str) -> Band | None:
    """Return a band of an arm, or None."""
    series = arm.find(key)
    return next((band for name, band in series.bands if name == label), None) if series else None


def _spread(milestone: Milestone, zero: float) -> str:
    """Return the 80 % interval of a date in the unit of its words, with brackets."""
    low, high, day = milestone.low_day, milestone.high_day, (milestone.day or 0.0) - zero
    if low is None or high is None or low == high:
        return ""
    scale = 1.0 if day < DAYS_SPELT_OUT else DAYS_PER_MONTH
    return f" ({max(low - zero, 0.0) / scale:.0f}–{(high - zero) / scale:.0f})"


def _lowest(bands: Iterable[Band | None]) -> float:
    """Return the lowest middle of bands."""
    return min(min(band.middle) for band in bands if band)
