"""Why a consult answers as it does, in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from garland.inference.explained import Exclusion, Explanation
from garland.report import explain_values as v
from garland.report.selection import percent, percent_fine

_STYLES = {"not yet excluded": "yellow", "unlikely": "", "excluded": "dim"}
_ROWS_OF_EXCLUDED = 8


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Print what speaks for and against the causes, what would change the answer, and what is excluded."""
    _heading(f"Why ({v.ROUGH} {v.ROUGH_WORDS})", console)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    for cause in v.shown_causes(explanation):
        told = Text(cause.sentence).append(v.rough_mark(cause.rough), style="dim")
        table.add_row(Text(percent(cause.probability), style="bold cyan"), told)
    console.print(Padding(table, (0, 0, 0, 2)))
    _what_if(explanation, console)
    _exclusions(explanation, console)


def _what_if(explanation: Explanation, console: Console) -> None:
    """Print the other results that would change the answer."""
    _heading("Had a finding come out otherwise", console)
    table = Table.grid(padding=(0, 1, 0, 0))
    for row in explanation.counterfactuals:
        told = Text(row.sentence).append(v.rough_mark(row.rough), style="dim")
        mark = Text("→", style="bold yellow") if row.changes_leader else Text("·", style="dim")
        table.add_row(mark, told)
    console.print(Padding(table, (0, 0, 0, 2)))
    if not explanation.counterfactuals:
        console.print(Padding(Text(v.NOTHING_WOULD), (0, 0, 0, 2)))


def _exclusions(explanation: Explanation, console: Console) -> None:
    """Print the alternatives, what excludes them, and the test that would tell the others."""
    if not explanation.exclusions:
        return
    _heading("Diagnosis of exclusion", console)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("alternative", "", "most against it", "bits", "test to tell: result for it"):
        right = title in ("", "bits")
        table.add_column(title, justify="right" if right else "left", no_wrap=right, overflow="fold")
    for group in v.by_status(explanation):
        table.add_row(Text(group.title, style="bold underline"))
        shown = group.rows[:_ROWS_OF_EXCLUDED] if group.status == "excluded" else group.rows
        for row in shown:
            table.add_row(*_excluded(row))
        if len(shown) < len(group.rows):
            table.add_row(Text(f"{len(group.rows) - len(shown)} more", style="dim"))
    console.print(Padding(table, (0, 0, 0, 2)))
    if unseen := len(explanation.not_looked_at):
        share = percent_fine(explanation.not_looked_at_probability)
        console.print(
            Padding(
                Text(f"{unseen} other{'s' if unseen > 1 else ''} not looked at, {share}.", style="dim"),
                (0, 0, 0, 2),
            )
        )


def _excluded(row: Exclusion) -> tuple[Text, ...]:
    """Return one alternative as a row."""
    bits = f"{row.bits:.1f}{v.rough_mark(row.rough)}" if row.by else ""
    return (
        Text(row.title, style=_STYLES[row.status]),
        Text(percent_fine(row.probability)),
        Text(v.against_words(row), style="" if row.by else "dim"),
        Text(bits),
        Text(v.test_words(row)),
    )


def _heading(words: str, console: Console) -> None:
    console.print()
    console.print(Text(words, style="bold underline"))
