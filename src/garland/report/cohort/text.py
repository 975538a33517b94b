"""A cohort in the terminal, at 80 columns or more."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from garland.cohorts.summary import CohortSummary
from garland.report.cohort import content as v
from garland.report.common.terminal import lean_table

_MOST_CAUSES, _MOST_MEASURES = 8, 10


def print_cohort(summary: CohortSummary, console: Console) -> None:
    """Print who a cohort holds and what was recorded, or for a county who fell ill."""
    console.print(Text(f"{summary.name}: SIMULATED, seed {summary.seed}, {summary.version}", style="bold"))
    console.print(Text(v._lead(summary)))
    if summary.county is not None:
        console.print(Padding(_county(summary), (1, 0)))
        for one in summary.county.saved:
            console.print(Text(v._saved_words(one)))
            console.print(Text(f"{one.needed_words}. {v._doubt_words(one)}\n"))
    else:
        console.print(Padding(_causes(summary), (1, 0)))
    if summary.visits:
        console.print(_measures(summary))
    console.print(Text(summary.notes[0], style="dim"))


def _causes(summary: CohortSummary) -> Table:
    table = lean_table("cause", "people", "share")
    for one in summary.causes[:_MOST_CAUSES]:
        table.add_row(one.title, f"{one.count:,}", v._percent(one.share))
    rest = summary.causes[_MOST_CAUSES:]
    if rest:
        count = sum(one.count for one in rest)
        table.add_row(f"{len(rest)} others", f"{count:,}", v._percent(count / summary.people))
    return table


def _county(summary: CohortSummary) -> Table:
    assert summary.county is not None
    table = lean_table("", "here (95 %)", "published (Ng 2019)")
    for one in v._comparison(summary.county):
        table.add_row(one.what, one.here, one.published)
    return table


def _measures(summary: CohortSummary) -> Table:
    """Return the first measures at the first visit and at the last."""
    last = len(summary.spec["visits"]) - 1
    table = lean_table("measure", "first visit", *(["last visit"] if last else []))
    for one in summary.measures[: _MOST_MEASURES + 1]:
        table.add_row(v._title(one), *[v._words_of(one, at) for at in ((0, last) if last else (0,))])
    rest = len(summary.measures) - _MOST_MEASURES - 1
    if rest > 0:
        table.add_row(f"and {rest} more", *[""] * (2 if last else 1))
    return table
