"""The course of a patient, or a forecast, in the terminal, at 80 columns or more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from garland.forecasts.records import Arm, Band, CourseReport, Milestone, Statement
from garland.report.common.terminal import FIRM, NUMBER, bar, dotted_lines, heading, indented, lean_table
from garland.report.common.words import percent
from garland.report.course import content as v

WIDE, SPARKS_FROM, RANGES_UP_TO = 118, 96, 2
SPARKS = "▁▂▃▄▅▆▇█"
SPARK_WIDTH = 14
COLOURS = ("cyan", "yellow", "magenta", "green", "bright_red", "blue")
SPARK_TOPS = {"MRC": 5.0, "NRS": 10.0, "share": 1.0, "probability": 1.0}

_WITH_INTERVALS = 100
"""Columns from which the first of many arms is shown with its intervals."""


def print_course(report: CourseReport, console: Console) -> None:
    """Print a course or a forecast."""
    _headline(report, console)
    _plans(report, console)
    _statements(report, console)
    _milestones(report, console)
    _course(report, console)
    _basis(report, console)


def _sparkline(band: Band, days: Sequence[float], low: float, high: float) -> str:
    """Return a course as one line of blocks."""
    shares = [(band.at(day) - low) / max(high - low, 1e-9) for day in days]
    top = len(SPARKS) - 1
    return "".join(SPARKS[round(min(max(share, 0.0), 1.0) * top)] for share in shares)


def _headline(report: CourseReport, console: Console) -> None:
    """Print who it is, what it is, and how it stands after a year."""
    words = Text(f"{report.title}\n", style="bold")
    person = " · ".join(f"{label} {value}" for label, value in report.person)
    words.append(person, style="not bold dim")
    words.append(f"\n\n{report.cause}", style="bold cyan")
    for line in report.cause_lines:
        words.append(f"\n{line}", style="not bold")
    for index, arm in enumerate(report.arms):
        words.append("\n" if index else f"\n\nAt {v._headline_month(report)} {v._clock_words(report)}:\n")
        if len(report.arms) > 1:
            words.append(f"{v._letter(index)} {v._arm_title(arm)}: ", style=_colour(index))
        stated = (f"{_plain(tile.words)} {_in_brackets(tile.values[index])}" for tile in v._tiles(report))
        words.append("; ".join(stated), style="not bold")
    mark = "SIMULATED. " if report.simulated else ""
    words.append(f"\n\n{mark}{report.notice}", style="bold")
    kind = "forecast" if report.kind == "forecast" else "virtual patient"
    console.print(Panel(words, title=Text(f"Garland {kind}"), box=box.ROUNDED))


def _plans(report: CourseReport, console: Console) -> None:
    """Print each plan with what its effects rest on."""
    heading("Plans compared" if len(report.arms) > 1 else "Plan", console)
    for index, arm in enumerate(report.arms):
        line = _letter(report, index).append(v._arm_title(arm), style="bold")
        indented(line, console)
        for words in (*arm.words, f"Evidence of effect: {arm.evidence}" if arm.evidence else ""):
            if words:
                indented(words, console, "dim", left=4)


def _statements(report: CourseReport, console: Console) -> None:
    """Print what is to be expected, the arms side by side; of many, the first with intervals if wide."""
    rows, plain = v._statement_rows(report), v._plain_statements(report)
    if not rows and not plain:
        return
    many = _is_many(report)
    wide = console.width >= _WITH_INTERVALS
    brackets = "" if many and not wide else ", 80 % interval in brackets"
    heading(f"What is to be expected (probability{brackets})", console)
    table = lean_table(
        "statement", *_arm_heads(report, "probability"), *(() if len(report.arms) > 1 else ("",))
    )
    for row in rows:
        answers = [_answer(answer, many and (i > 0 or not wide)) for i, answer in enumerate(row.answers)]
        first = row.answers[0]
        bars = (Text(bar(first.probability or 0.0, 12), style="cyan"),) if first and len(answers) == 1 else ()
        table.add_row(Text(row.words), *answers, *bars)
    if rows:
        console.print(table)
    for group, lines in plain:
        head = _letter(report, group[0]) if len(group) < len(report.arms) else Text("- ")
        for line in lines:
            indented(head.copy().append(line, style="default"), console)


def _answer(answer: Statement | None, short: bool) -> Text:
    """Return a probability, with its interval unless it is to be short."""
    if answer is None or answer.probability is None:
        return Text("–")
    return Text(percent(answer.probability) if short else v._chance_words(answer))


def _milestones(report: CourseReport, console: Console) -> None:
    """Print the dated events, the arms side by side; of many arms without intervals and shares."""
    rows = v._milestone_rows(report)
    if not rows:
        return
    many, zero = _is_many(report), v._zero_day(report)
    share = ("; medians" if many else "; share in whom it comes") if v._any_width(report) else ""
    heading(f"Milestones (days and {v._clock_words(report)}{share})", console)
    table = lean_table("event", *_arm_heads(report, "when"))
    for row in rows:
        cells = []
        for date in row.dates:
            share = "" if many else v._milestone_share(date)
            words = _median(date, zero) if many else v._milestone_words(date, zero)
            cells.append(Text(words).append(f"  {share}" if share else "", style="dim"))
        table.add_row(Text(row.words), *cells)
    console.print(table)


def _median(date: Milestone | None, zero: float) -> str:
    """Return when an event comes in a few letters."""
    if date is None or date.day is None:
        return "–"
    words = v._milestone_words(replace(date, low_day=None, high_day=None, note=""), zero)
    return words.removeprefix("by the ")


def _course(report: CourseReport, console: Console) -> None:
    """Print the values of the arms at the months of the table."""
    rows, months = v._course_rows(report), v._table_months(report)
    if not rows:
        return
    ranges = v._any_width(report) and console.width >= WIDE and not _is_many(report)
    what = "median, below it the 80 % interval" if ranges else "median" if v._any_width(report) else "value"
    heading(f"The course ({what}; {v._clock_words(report)})", console)
    sparks = console.width >= SPARKS_FROM
    columns = [("", {}), ("", FIRM), *((str(month), NUMBER) for month in months), *([("", FIRM)] * sparks)]
    table = lean_table(*columns, gap=1)
    for row in rows:
        words = row.words
        for cells, group in _alike(report, row, months, ranges):
            spark = (Text(_spark(report, row, row.bands[group[0]], months[-1]), style=_colour(group[0])),)
            table.add_row(Text(words), _letters(report, group), *map(Text, cells), *(spark if sparks else ()))
            words = ""
    console.print(table)


def _alike(
    report: CourseReport, row: v._CourseRow, months: Sequence[int], ranges: bool
) -> list[tuple[tuple[str, ...], list[int]]]:
    """Return the lines of a row: its cells, and the arms that have just these."""
    found: dict[tuple[str, ...], list[int]] = {}
    for index, band in enumerate(row.bands):
        cells = tuple(_cell(report, row, band, month, ranges) for month in months)
        found.setdefault(cells, []).append(index)
    return list(found.items())


def _cell(report: CourseReport, row: v._CourseRow, band: Band | None, month: int, ranges: bool) -> str:
    """Return a value and, if wished, its 80 % range on a line below."""
    value, width = v._band_words(band, v._month_day(report, month), row.unit)
    return f"{value}\n{width}" if ranges and width else value


def _spark(report: CourseReport, row: v._CourseRow, band: Band | None, last: int) -> str:
    """Return the sparkline of a row in one arm, on a scale that all arms share."""
    if band is None:
        return ""
    days = [v._month_day(report, last * place / (SPARK_WIDTH - 1)) for place in range(SPARK_WIDTH)]
    values = [one.at(day) for one in row.bands if one for day in days]
    top = SPARK_TOPS.get(row.unit)
    low = 0.0 if top or row.unit == "points" else min(values)
    return _sparkline(band, days, low, top or max(values))


def _basis(report: CourseReport, console: Console) -> None:
    """Print what the answer rests on, what to bear in mind, version, seed and notice."""
    for title, lines in (("What this rests on", report.assumed), ("To bear in mind", report.notes)):
        dotted_lines(title, lines, console)
    console.print()
    mark = "SIMULATED" if report.simulated else "Told"
    patients = f", {report.patients:,} patients" if report.patients is not None else ""
    console.print(Text(f"{mark} by Garland {report.version}, seed {report.seed}{patients}.", style="dim"))
    console.print(Text(report.notice, style="bold"))


def _plain(words: str) -> str:
    """Return the words of a quantity without its unit."""
    return words.removesuffix(", points").removesuffix(", 0–10")


def _in_brackets(value: tuple[str, str]) -> str:
    """Return a value with its range in brackets."""
    return f"{value[0]} ({value[1]})" if value[1] else value[0]


def _letter(report: CourseReport, index: int) -> Text:
    """Return the letter of an arm with a space after it, or nothing where there is one arm."""
    return Text(f"{v._letter(index)} " if len(report.arms) > 1 else "", style=_colour(index))


def _letters(report: CourseReport, group: Sequence[int]) -> Text:
    """Return the letters of arms, each in its colour, or ``all``."""
    if len(group) == len(report.arms):
        return Text("all" if len(group) > 1 else "")
    return Text.assemble(*((v._letter(index), _colour(index)) for index in group))


def _is_many(report: CourseReport) -> bool:
    """Whether there are too many arms to print intervals of all side by side."""
    return len(report.arms) > RANGES_UP_TO


def _colour(index: int) -> str:
    """Return the colour of an arm."""
    return COLOURS[index % len(COLOURS)]


def _arm_heads(report: CourseReport, alone: str) -> tuple[Text | str, ...]:
    """Return the heads of the arms' columns: letter and name, or only letters where there are many."""
    arms: tuple[Arm, ...] = report.arms
    if len(arms) == 1:
        return (alone,)
    names = not _is_many(report)
    return tuple(
        _letter(report, index).append(v._arm_title(arm) if names else "", style="dim")
        for index, arm in enumerate(arms)
    )
