"""Published cases and what the model made of them, in the terminal: the table, the board, groups of cases."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from garland.inference.result import NOTICE
from garland.report.common.terminal import heading
from garland.report.common.words import percent
from garland.report.consult import selection as s
from garland.report.consult.cases import (
    BY_CAUSE,
    BY_INFORMATION,
    CaseScore,
    CasesReport,
    _Board,
    _came_true,
    _gain_words,
    _Group,
    _of,
    _signed_score,
    _sure_shares,
    _times_words,
)
from garland.report.consult.text import _table


def print_cases(report: CasesReport, console: Console) -> None:
    """Print each case, the board, groups of cases, and what less of the record gives."""
    amount = report.fullest
    _print_table(report.rows[amount], console)
    _print_board(report.boards[amount], console)
    if len(report.rows) > 1:
        _print_amounts(report, console)
    console.print(Text(f"\n{NOTICE}", style="bold"))


def _print_amounts(report: CasesReport, console: Console) -> None:
    """Print how the model did by how much of the record it was given."""
    heading("By how much of the record was given", console)
    table = _table("known", ("first", "right"), ("first three", "right"), ("mean p", "right"))
    for amount, board in report.boards.items():
        numbers = f"{board.first} of {board.listed}", str(board.first_three), percent(board.mean_probability)
        table.add_row(Text(amount), *(Text(number) for number in numbers))
    console.print(table)


def _print_table(rows: Sequence[CaseScore], console: Console) -> None:
    """Print one line for each case."""
    table = _table(
        "",
        "case",
        "published",
        ("rank", "right"),
        ("p", "right"),
        "the model's first",
        ("p", "right"),
        ("s", "right"),
    )
    for row in rows:
        answered, outside = row.answered, row.outside
        mark, style = ("?", "yellow") if not answered else ("✓", "green") if row.right else ("·", "")
        table.add_row(
            Text(mark, style=style),
            Text(s._case_number(row.case_id), style=style, overflow="fold"),
            Text(row.published).append(f" ({row.note})" if row.note else "", style="dim"),
            Text("none" if outside else str(row.rank) if answered else "–"),
            Text(percent(row.probability) if answered and not outside else "–"),
            Text((row.leading + (" (nothing fits)" if row.flagged else "")) if answered else "no answer"),
            Text(percent(row.leading_probability) if answered else "–"),
            Text(f"{row.seconds:.1f}"),
        )
    console.print(table)


def _print_board(board: _Board, console: Console) -> None:
    """Print what the rows come to."""
    words = f"{board.first} of {board.listed} first (✓), {board.first_three} among the first three; "
    words += (
        f"mean probability of the published cause {percent(board.mean_probability)}; {board.seconds:.0f} s"
    )
    if board.answered < board.cases:
        words += f"; {board.cases - board.answered} without an answer (?)"
    console.print(Text(words))
    if not board.listed:
        return
    perfect = f"{board.perfect.mean:.2f}, in 19 of 20 below {board.perfect.upper:.2f}"
    flagged = f"right answers {_of(board.flagged_right)}, wrong ones {_of(board.flagged_wrong)}"
    scores = f"{_signed_score(board.log_score)} (of the prior {_signed_score(board.prior_log_score)})"
    lines = [
        f"log score {scores}: gain {_gain_words(board.gain)}, {_times_words(board.gain)}",
        f"calibration error {board.calibration:.2f}; a perfect forecaster with as many cases {perfect}",
        *(f"right where above {sure}: {_of(share)}" for sure, share in _sure_shares(board)),
        f"said to fit nothing: {flagged}, causes not in the list {_of(board.flagged_outside)}",
    ]
    for line in lines:
        console.print(Text(line))
    _print_reliability(board, console)
    _print_groups(BY_CAUSE, board.by_cause, console)
    _print_groups(BY_INFORMATION, (*board.by_findings, *board.by_kinds), console)


def _print_reliability(board: _Board, console: Console) -> None:
    """Print what was stated beside what came true."""
    heading("Stated probability of the first cause, and how often it was right", console)
    table = _table(("stated", "right"), ("right", "right"))
    for one in board.reliability:
        table.add_row(Text(percent(one.stated)), Text(_of(_came_true(one))))
    console.print(table)


def _print_groups(title: str, groups: Sequence[_Group], console: Console) -> None:
    """Print one line for each group of cases."""
    heading(title, console)
    heads = ("first", "first 3", "mean p", "score", "gain")
    table = _table("cases", *((head, "right") for head in heads))
    for one in groups:
        numbers = (
            _of(one.first),
            str(one.first_three.count),
            percent(one.mean_probability),
            _signed_score(one.log_score),
            _signed_score(one.gain),
        )
        table.add_row(Text(one.name), *(Text(number) for number in numbers))
    console.print(table)
