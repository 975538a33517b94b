"""Validation and calibration in the terminal, at 80 columns or more."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from garland.report.common.terminal import FIRM, NUMBER, indented, lean_table, right
from garland.report.validation import content as v
from garland.validation.calibrate import Fit, distance, misfit
from garland.validation.rows import Report, RowResult


def print_fit(found: Fit, console: Console) -> None:
    """Print the numbers that could move, and the rows they were to meet."""
    console.print(Text("Calibration: assumed numbers against published rows", style="bold"))
    console.print(_numbers(found))
    console.print(_rows(found))
    before, after = misfit(found.before), misfit(found.after)
    console.print(f"misfit {before:.2f} before, {after:.2f} after", highlight=False)


def _numbers(found: Fit) -> Table:
    table = lean_table(("number", {}), *right("before", "after", "range of trust"))
    for free in found.free:
        after = found.values[free.address]
        table.add_row(free.address, f"{free.start:.4g}", f"{after:.4g}", f"{free.low:g} to {free.high:g}")
    return table


def _rows(found: Fit) -> Table:
    table = lean_table(("", {}), ("row", {}), *right("published", "before", "after"))
    for old, new in zip(found.before, found.after, strict=True):
        mark = "✓" if distance(new) <= 1.0 else "✗"
        stated = (f"{x:.3g}" if x is not None else "–" for x in (old.row.value, old.simulated, new.simulated))
        table.add_row(mark, old.row.id, *stated)
    return table


_STYLES = {"inside": "green", "near": "cyan", "outside": "yellow", "left-out": "dim"}
_WIDE = 110


def print_report(report: Report, console: Console) -> None:
    """Print published rows beside simulated ones, by theme, with the totals above and below."""
    console.print(Text("Published cohorts beside SIMULATED ones", style="bold"))
    _totals(report, console)
    console.print(_agreement(report))
    console.print(_table(report, console.width >= _WIDE))
    _left_out(report, console)
    _basis(report, console)


def _totals(report: Report, console: Console) -> None:
    for total in v._totals(report):
        words = Text(f"{total.title}: ")
        words.append(f"{total.agree} of {total.asked}", style="bold")
        console.print(words.append(f" agree ({total.words})"))


def _agreement(report: Report) -> Table:
    """Return how many rows agree by cause, for each set of papers and use."""
    heads = [head.replace(" papers", "\npapers") for head in v.AGREEMENT_HEADS]
    table = lean_table(("about", {"overflow": "fold", "min_width": 29}), *right(*heads))
    for cause, cells in v._agreement(report):
        table.add_row(cause, *cells, style="bold" if cause == "all" else "")
    return table


def _table(report: Report, wide: bool) -> Table:
    broad: dict[str, Any] = {"overflow": "fold", "ratio": 3}
    table = lean_table(("", FIRM), ("quantity", broad), *([("in whom", broad)] if wide else []),
                       ("published", {**broad, "ratio": 2, "min_width": 17}), ("simulated", NUMBER),
                       ("use", FIRM))  # fmt: skip
    for title, rows in report.groups():
        shown = v._asked(rows)
        if shown:
            table.add_row("", Text(f"\n{title}", style="bold underline"))
        for result in shown:
            table.add_row(*_cells(result, wide))
    return table


def _cells(result: RowResult, wide: bool) -> list[Text]:
    row, style = result.row, _STYLES[result.verdict]
    cells = [Text(v.MARKS[result.verdict] + ("?" if result.unsure else ""), style=style), Text(row.quantity)]
    if wide:
        cells.append(Text(v._remarks(row), style="dim"))
    cells.append(Text(v._published(row), style="dim" if row.standing == "recalled" else ""))
    cells += [Text(v._simulated(result), style=style), Text(v.USE_WORDS[row.use], style="dim")]
    return cells


def _left_out(report: Report, console: Console) -> None:
    count = report.count().left_out
    if not count:
        return
    console.print(Text(f"\nNot asked of the model: {count} rows", style="bold"))
    for reason, rows in v._left_out(report):
        indented(f"{reason}: {', '.join(row.quantity for row in rows)}", console, "dim")


def _basis(report: Report, console: Console) -> None:
    console.print(Text("\nAssumed, to ask the model the same question", style="bold"))
    for words in report.assumptions:
        indented(words, console, "dim")
    signs = "✓ inside the interval  ≈ within 15 %  ✗ outside  ? undecided (Monte Carlo); dim: remembered"
    console.print(Text(f"\n{signs}"))
    stated = (
        f"{report.n} patients in each cohort, seed {report.seed}, {report.seconds:.0f} s, {report.version}"
    )
    console.print(Text(stated, style="dim"))
    console.print(Text(report.notice))
