"""The plan of tests, in the terminal and as a section of a page."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from jinja2 import Template
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from garland.inference.test_selection import PlannedTest, TestPlan
from garland.report import bars, pages
from garland.report.selection import BITS_SHOWN, NO_TEST
from garland.report.words import in_words, shift_in_percent

SHOWN = 5
"""Tests of the ranking that are told [-]."""


def readable_plan(plan: TestPlan) -> TestPlan:
    """Return the plan with identifiers turned into words, for readers."""

    def one(test: PlannedTest) -> PlannedTest:
        return replace(test, label=in_words(test.label), says=shift_in_percent(in_words(test.says)))

    return replace(plan, ranking=tuple(map(one, plan.ranking)), chosen=tuple(map(one, plan.chosen)))


def telling(plan: TestPlan) -> tuple[PlannedTest, ...]:
    """Return the first tests of the ranking that would tell something."""
    return tuple(test for test in plan.ranking if test.bits >= BITS_SHOWN)[:SHOWN]


def print_plan(plan: TestPlan, console: Console) -> None:
    """Print the verdict on stopping, the best set, and the most telling tests one by one."""
    plan = readable_plan(plan)
    console.print()
    console.print(Text("What to test next", style="bold underline"))
    if plan.stop:
        console.print(Padding(Text(plan.stop, style="bold"), (0, 0, 0, 2)))
    if plan.chosen:
        head = f"Best set: {plan.bits:.2f} of {plan.unknown_bits:.2f} bit not known, {_cost(plan)} in all."
        console.print(Padding(Text(head), (0, 0, 0, 2)))
        console.print(Padding(_set(plan), (0, 0, 0, 2)))
        console.print(Padding(Text(plan.end, style="dim"), (0, 0, 0, 2)))
    shown = telling(plan)
    if shown:
        words = "Each by itself (each result with the cause it speaks for: probability now → then):"
        console.print(Padding(Text(words), (1, 0, 0, 2)))
    elif not plan.stop:
        console.print(Padding(Text(NO_TEST), (0, 0, 0, 2)))
    for rank, test in enumerate(shown, start=1):
        line = Text(f"{rank}. ").append(test.label, style="bold").append(f" · {test.bits:.2f} bit")
        line.append(f" · {_cost(test)} · {test.bits_per_minute:.3f} bit/min", style="dim")
        console.print(Padding(line, (0, 0, 0, 2)))
        console.print(Padding(Text(test.says), (0, 0, 0, 5)))


def _set(plan: TestPlan) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    table.add_column("test", overflow="fold")
    for heading in ("adds (bit)", "min", "needle", "discomfort"):
        table.add_column(heading, justify="right", no_wrap=True)
    for rank, test in enumerate(plan.chosen, start=1):
        cost = (f"{test.minutes:g}", f"{test.insertions:g}", f"{test.discomfort:g}")
        table.add_row(f"{rank}.", Text(test.label), f"{test.added_bits:.2f}", *cost)
    return table


def _cost(of: PlannedTest | TestPlan) -> str:
    needle = f", {of.insertions:g} insertion{'s' * (of.insertions != 1)}" if of.insertions else ""
    return f"{of.minutes:g} min{needle}, discomfort {of.discomfort:g}"


def render_plan(plan: TestPlan) -> str:
    """Return the plan as a section of an HTML page; all its texts are escaped."""
    plan = readable_plan(plan)
    return _template().render(plan=plan, shown=telling(plan), nothing=NO_TEST)


@cache
def _template() -> Template:
    return pages.world(bars.information_bar, style="").get_template("tests.html.j2")
