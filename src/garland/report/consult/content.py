"""Doubts, the plan of tests and the explanation of a consult, in words for the terminal and the page."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from garland.inference.record_doubts import Doubts, PriorSensitivity
from garland.inference.result import CauseCase, Exclusion, Explanation, Weight
from garland.inference.test_selection import PlannedTest, TestPlan
from garland.report.common import pages
from garland.report.common.terminal import NUMBER, heading, indented, lean_table
from garland.report.common.words import in_words, percent_fine, shift_in_percent
from garland.report.consult import bars
from garland.report.consult.selection import BITS_SHOWN, NO_TEST

HEADING = "How far to trust this answer"
NO_DOUBT = "Nothing in the record looks exchanged, mistyped or in a wrong unit."
_ROWS = 6
_ROW = Markup(
    '<tr><th scope="row">{}</th><td class="number" data-label="answer">{}</td>'
    '<td class="number" data-label="range">{} to {}</td></tr>'
)
_TABLE = Markup(
    '<table class="cards"><thead><tr><th scope="col">Cause</th><th scope="col" class="number">Answer</th>'
    '<th scope="col" class="number">Range over priors</th></tr></thead><tbody>{}</tbody></table>'
)


def _doubt_lines(doubts: Doubts) -> tuple[tuple[bool, str], ...]:
    """Return what is to be said, a line each, and whether it is a warning."""
    warnings = doubts.suspicion.messages
    lines = [(True, in_words(message)) for message in warnings] or [(False, NO_DOUBT)]
    if doubts.cover:
        lines.append((True, in_words(doubts.cover.message)))
    if doubts.besides and doubts.besides.before > 0.0:
        lines.append((False, in_words(doubts.besides.message)))
    lines.append((False, doubts.sensitivity.message))
    return tuple(lines)


def _range_words(sensitivity: PriorSensitivity) -> str:
    """Return what the range of a cause is a range over."""
    factor = f"{sensitivity.factor:g} times"
    return f"each cause {factor} rarer to {factor} commoner, in every setting"


def _print_doubts(doubts: Doubts, console: Console) -> None:
    """Print doubts about the record, a second disease, and the range of each cause over priors."""
    heading(HEADING, console)
    grid = Table.grid(padding=(0, 1, 0, 0))
    for warning, line in _doubt_lines(doubts):
        mark = Text("!", style="bold yellow") if warning else Text("·", style="dim")
        grid.add_row(mark, Text(line))
    indented(grid, console)
    table = lean_table(("cause", {}), ("answer", NUMBER), ("range", NUMBER))
    for title, answer, low, high in _ranges(doubts.sensitivity):
        table.add_row(Text(title), answer, f"{low} to {high}")
    indented(table, console)
    indented(f"Range: {_range_words(doubts.sensitivity)}.", console, "dim")


def _doubts_html(doubts: Doubts) -> Markup:
    """Return the same as a section of the page; all texts are escaped."""
    items = Markup("").join(
        Markup('<li class="{}">{}</li>').format("warning" if warning else "plain", line)
        for warning, line in _doubt_lines(doubts)
    )
    rows = Markup("").join(_ROW.format(*row) for row in _ranges(doubts.sensitivity))
    return Markup(
        '<section aria-labelledby="trust"><h2 id="trust">{}</h2><ul class="doubts">{}</ul>{}'
        '<p class="quiet">Range: {}.</p></section>'
    ).format(HEADING, items, _TABLE.format(rows), _range_words(doubts.sensitivity))


def _ranges(sensitivity: PriorSensitivity) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (row.title, percent_fine(row.probability), percent_fine(row.low), percent_fine(row.high))
        for row in sensitivity.causes[:_ROWS]
    )


SHOWN = 5
"""Tests of the ranking that are told [-]."""


def _readable_plan(plan: TestPlan) -> TestPlan:
    """Return the plan with identifiers turned into words, for readers."""

    def one(test: PlannedTest) -> PlannedTest:
        return replace(test, label=in_words(test.label), says=shift_in_percent(in_words(test.says)))

    return replace(plan, ranking=tuple(map(one, plan.ranking)), chosen=tuple(map(one, plan.chosen)))


def _telling(plan: TestPlan) -> tuple[PlannedTest, ...]:
    """Return the first tests of the ranking that would tell something."""
    return tuple(test for test in plan.ranking if test.bits >= BITS_SHOWN)[:SHOWN]


def _print_plan(plan: TestPlan, console: Console) -> None:
    """Print the verdict on stopping, the best set, and the most telling tests one by one."""
    plan = _readable_plan(plan)
    heading("What to test next", console)
    if plan.stop:
        indented(plan.stop, console, "bold")
    if plan.chosen:
        head = f"Best set: {plan.bits:.2f} of {plan.unknown_bits:.2f} bit not known, {_cost(plan)} in all."
        indented(head, console)
        indented(_set(plan), console)
        indented(plan.end, console, "dim")
    shown = _telling(plan)
    if shown:
        words = "Each by itself (each result with the cause it speaks for: probability now → then):"
        indented(words, console, above=1)
    elif not plan.stop:
        indented(NO_TEST, console)
    for rank, test in enumerate(shown, start=1):
        line = Text(f"{rank}. ").append(test.label, style="bold").append(f" · {test.bits:.2f} bit")
        line.append(f" · {_cost(test)} · {test.bits_per_minute:.3f} bit/min", style="dim")
        indented(line, console)
        indented(test.says, console, left=5)


def _set(plan: TestPlan) -> Table:
    costs = [(head, NUMBER) for head in ("adds (bit)", "min", "needle", "discomfort")]
    table = lean_table(("", {}), "test", *costs)
    for rank, test in enumerate(plan.chosen, start=1):
        cost = (f"{test.minutes:g}", f"{test.insertions:g}", f"{test.discomfort:g}")
        table.add_row(f"{rank}.", Text(test.label), f"{test.added_bits:.2f}", *cost)
    return table


def _cost(of: PlannedTest | TestPlan) -> str:
    needle = f", {of.insertions:g} insertion{'s' * (of.insertions != 1)}" if of.insertions else ""
    return f"{of.minutes:g} min{needle}, discomfort {of.discomfort:g}"


def _render_plan(plan: TestPlan) -> str:
    """Return the plan as a section of an HTML page; all its texts are escaped."""
    plan = _readable_plan(plan)
    page = pages.page_template("tests.html.j2", (), (bars._information_bar,))
    return page.render(plan=plan, shown=_telling(plan), nothing=NO_TEST)


CAUSES_SHOWN, WEIGHTS_SHOWN = 5, 6
CAUSE_SHOWN = 0.01
RARE_BITS = 2.0
"""How much rarer an alternative must have been beforehand to be told [bit]."""
ROUGH = "≈"
"""Mark of a number that rests on few simulated patients."""
ROUGH_WORDS = "rests on fewer than fifty effective SIMULATED patients"
STATUSES = ("not yet excluded", "unlikely", "excluded")
NOTHING_WOULD = "No single other result would change the leading cause or move the causes much."


class _StatusGroup(NamedTuple):
    """Alternatives of one status."""

    status: str
    title: str
    rows: tuple[Exclusion, ...]


def _shown_causes(explanation: Explanation) -> tuple[CauseCase, ...]:
    """Return the causes worth a sentence: at least one in a hundred, two at least and five at most."""
    return tuple(
        cause
        for rank, cause in enumerate(explanation.causes[:CAUSES_SHOWN])
        if rank < 2 or cause.probability >= CAUSE_SHOWN
    )


def _weights(cause: CauseCase) -> tuple[Weight, ...]:
    """Return the weightiest findings for and against a cause, from most for to most against it."""
    pros, cons = cause.speaks_for[:WEIGHTS_SHOWN], cause.against[:WEIGHTS_SHOWN]
    return (*pros, *reversed(cons))


def _by_status(explanation: Explanation) -> tuple[_StatusGroup, ...]:
    """Return the alternatives grouped by how far they are excluded; empty groups are left out."""
    groups = (
        _StatusGroup(
            status, status.capitalize(), tuple(r for r in explanation.exclusions if r.status == status)
        )
        for status in STATUSES
    )
    return tuple(group for group in groups if group.rows)


def _plain_noun(words: str) -> str:
    """Return a finding without its article, for a table: ``absent right knee jerk``."""
    for article in ("the ", "a ", "an "):
        if words.startswith(article):
            return words.removeprefix(article)
    return words


def _against_words(row: Exclusion) -> str:
    """Return what speaks most against an alternative, its rarity included, as a cell of a table."""
    found = _plain_noun(row.by) if row.by else "no finding by itself"
    if row.rarity_bits < RARE_BITS:
        return found
    return f"{found} ({2.0**row.rarity_bits:.0f} times rarer beforehand)"


def _test_words(row: Exclusion) -> str:
    """Return the test that tells an alternative from the leader, with the result that speaks for it."""
    return f"{_plain_noun(row.test)}: {row.result}" if row.test else ""


def _rough_mark(rough: bool) -> str:
    """Return the mark of a rough number, with a space before it, or nothing."""
    return f" {ROUGH}" if rough else ""


def _unseen_words(explanation: Explanation) -> str:
    """Return which causes were not looked at one by one, as a sentence; empty if none."""
    titles = explanation.not_looked_at
    if not titles:
        return ""
    share = percent_fine(explanation.not_looked_at_probability)
    return f"Not looked at one by one, together {share}: {', '.join(titles)}."
