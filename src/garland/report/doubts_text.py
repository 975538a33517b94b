"""How far an answer can be trusted, in the terminal and as a part of the page."""

from __future__ import annotations

from markupsafe import Markup
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from garland.inference.doubted import Doubts, PriorSensitivity
from garland.report.selection import percent_fine
from garland.report.words import in_words

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


def doubt_lines(doubts: Doubts) -> tuple[tuple[bool, str], ...]:
    """Return what is to be said, a line each, and whether it is a warning."""
    warnings = doubts.suspicion.messages
    lines = [(True, in_words(message)) for message in warnings] or [(False, NO_DOUBT)]
    if doubts.cover:
        lines.append((True, in_words(doubts.cover.message)))
    if doubts.besides and doubts.besides.before > 0.0:
        lines.append((False, in_words(doubts.besides.message)))
    lines.append((False, doubts.sensitivity.message))
    return tuple(lines)


def range_words(sensitivity: PriorSensitivity) -> str:
    """Return what the range of a cause is a range over."""
    factor = f"{sensitivity.factor:g} times"
    return f"each cause {factor} rarer to {factor} commoner, in every setting"


def print_doubts(doubts: Doubts, console: Console) -> None:
    """Print doubts about the record, a second disease, and the range of each cause over priors."""
    console.print(Text(f"\n{HEADING}", style="bold underline"))
    grid = Table.grid(padding=(0, 1, 0, 0))
    for warning, line in doubt_lines(doubts):
        mark = Text("!", style="bold yellow") if warning else Text("·", style="dim")
        grid.add_row(mark, Text(line))
    console.print(Padding(grid, (0, 0, 0, 2)))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("cause")
    table.add_column("answer", justify="right", no_wrap=True)
    table.add_column("range", justify="right", no_wrap=True)
    for title, answer, low, high in _ranges(doubts.sensitivity):
        table.add_row(Text(title), answer, f"{low} to {high}")
    console.print(Padding(table, (0, 0, 0, 2)))
    console.print(Padding(Text(f"Range: {range_words(doubts.sensitivity)}.", style="dim"), (0, 0, 0, 2)))


def doubts_html(doubts: Doubts) -> Markup:
    """Return the same as a section of the page; all texts are escaped."""
    items = Markup("").join(
        Markup('<li class="{}">{}</li>').format("warning" if warning else "plain", line)
        for warning, line in doubt_lines(doubts)
    )
    rows = Markup("").join(_ROW.format(*row) for row in _ranges(doubts.sensitivity))
    return Markup(
        '<section aria-labelledby="trust"><h2 id="trust">{}</h2><ul class="doubts">{}</ul>{}'
        '<p class="quiet">Range: {}.</p></section>'
    ).format(HEADING, items, _TABLE.format(rows), range_words(doubts.sensitivity))


def _ranges(sensitivity: PriorSensitivity) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (row.title, percent_fine(row.probability), percent_fine(row.low), percent_fine(row.high))
        for row in sensitivity.causes[:_ROWS]
    )
