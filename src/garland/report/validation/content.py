"""What a validation says, in words and positions: for the terminal and for the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from garland.validation.rows import CAUSES, PAPERS, USES, VERDICT_WORDS, Report, RowResult, StudyRow

MARKS: Mapping[str, str] = MappingProxyType({"inside": "✓", "near": "≈", "outside": "✗", "left-out": "–"})
"""Sign of each verdict."""
USE_WORDS = {"calibration": "set with", "check": "check"}
"""Whether the model was set with a row, or is tested by it."""
NARROW = "\u00a0"
"""A space that does not break."""
_UNITS = {"a": "years", "d": "days", "1/100000/a": "per 100,000 a year", "points of 10": "points"}
SOURCE_WORDS = {"recalled": "remembered, not read", "derived": "computed from what was read"}


@dataclass(frozen=True)
class _Total:
    """One line of totals: title, rows asked, rows that agree, and the counts in words."""

    title: str
    asked: int
    agree: int
    words: str


def _totals(report: Report) -> tuple[_Total, ...]:
    """Return the totals of the rows the model was set with, and of those that test it."""
    titles = {"calibration": "Rows the model was set with", "check": "Rows that test it"}
    made = []
    for use, title in titles.items():
        count = report.count(use)
        words = f"{count.inside} inside the interval, {count.near} within 15{NARROW}%, "
        words += f"{count.outside} outside"
        made.append(_Total(title, count.asked, count.agree, words))
    return tuple(made)


AGREEMENT_HEADS = tuple(f"{papers}\n{USE_WORDS[use]}" for papers in PAPERS.values() for use in USES)
"""Heads of the table of agreement, after the cause."""


def _agreement(report: Report) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return how many rows agree of how many asked, by cause and in all, for each set of papers and use."""

    def cells(cause: str | None) -> tuple[str, ...]:
        counts = [report.count(use, cause, papers) for papers in PAPERS for use in USES]
        return tuple(f"{count.agree} of {count.asked}" if count.asked else "–" for count in counts)

    return (*((CAUSES[cause], cells(cause)) for cause in report.causes()), ("all", cells(None)))


def _asked(rows: tuple[RowResult, ...]) -> tuple[RowResult, ...]:
    """Return the rows the model was asked."""
    return tuple(row for row in rows if row.verdict != "left-out")


def _left_out(report: Report) -> tuple[tuple[str, tuple[StudyRow, ...]], ...]:
    """Return the rows that were not asked, by the reason."""
    reasons: dict[str, list[StudyRow]] = {}
    for result in report.results:
        if result.row.left_out:
            reasons.setdefault(result.row.left_out, []).append(result.row)
    return tuple((reason, tuple(rows)) for reason, rows in reasons.items())


def _number(value: float) -> str:
    """Return a number with three digits that count; ``never`` where it does not come."""
    if math.isnan(value):
        return "nobody"
    if math.isinf(value):
        return "never"
    size = abs(value)
    places = 0 if size >= 99.5 or value == round(value) else 1 if size >= 9.95 else 2
    return f"{value:.{places}f}".replace("-", "−")


def _unit(row: StudyRow) -> str:
    """Return the unit of a row in words with a space before it; nothing for a pure number."""
    return "" if row.unit == "1" else NARROW + _UNITS.get(row.unit, row.unit)


def _published(row: StudyRow) -> str:
    """Return the published value with its interval, or ``±15 %`` where there is none."""
    return f"{_number(row.value)}{_unit(row)} ({_interval(row)})"


def _interval(row: StudyRow) -> str:
    """Return the interval of a row in its unit, or ``±15 %``."""
    if row.interval is None:
        return f"±15{NARROW}%"
    low, high = (_number(edge) for edge in row.interval)
    return f"{low}–{high}" if "−" not in low else f"{low} to {high}"


def _sample(row: StudyRow) -> str:
    """Return the size of a row's sample: ``57 of 62``, ``n = 62``, or nothing."""
    if row.count is not None:
        return f"{row.count} of {row.n}"
    return f"n = {row.n}" if row.n is not None else ""


def _simulated(result: RowResult) -> str:
    """Return the simulated number with its Monte Carlo error."""
    if result.simulated is None or result.error is None:
        return "not asked"
    if not math.isfinite(result.simulated):
        return _number(result.simulated)
    places = 0 if abs(result.simulated) >= 99.5 else 1 if abs(result.simulated) >= 9.95 else 2
    if result.error > 0.0:
        places = min(max(places, -math.floor(math.log10(result.error))), 3)
    return f"{result.simulated:.{places}f} ± {result.error:.{places}f}".replace("-", "−")


def _verdict(result: RowResult) -> str:
    """Return the verdict in words; ``, undecided`` where the Monte Carlo error could change agreement."""
    return VERDICT_WORDS[result.verdict] + (", undecided" if result.unsure else "")


def _remarks(row: StudyRow) -> str:
    """Return where a row stands: population, sample, source, how sure its number is, and what to know."""
    parts = [row.population, _sample(row), row.source.citation.split(",")[0]]
    if row.standing in SOURCE_WORDS and row.count is None:
        parts.append(SOURCE_WORDS[row.standing])
    return "; ".join(part for part in (*parts, row.note) if part)
