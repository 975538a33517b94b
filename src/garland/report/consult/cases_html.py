"""Published cases and what the model made of them as one HTML page: no script, no network, light and dark."""

from __future__ import annotations

from garland.inference.result import NOTICE
from garland.report.common import pages, words
from garland.report.common.svg import RELIABILITY_SIZE, element, figure, reliability_diagram
from garland.report.consult import cases, selection
from garland.report.consult.cases import CaseScore, CasesReport, _Board, _Share

_WIDTH, _HEIGHT, _EDGE = 200.0, 22.0, 6.0


def render_cases(report: CasesReport) -> str:
    """Render published cases and their board as one HTML page."""
    amount = report.fullest
    board = report.boards[amount]
    template = pages.page_template("cases.html.j2", ("style.css", "cases.css"), (_share_strip, _reliability))
    return template.render(
        r=report,
        b=board,
        v=pages.template_names(words, cases, selection),
        notice=NOTICE,
        rows=[(*_mark(row), row) for row in report.rows[amount]],
        boards=list(report.boards.items()) if len(report.boards) > 1 else (),
        first=cases._share_of(board.first, board.listed),
        first_three=cases._share_of(board.first_three, board.listed),
        tables=[
            (cases.BY_CAUSE, "cause", board.by_cause),
            (f"{cases.BY_INFORMATION}: findings", "findings", board.by_findings),
            (f"{cases.BY_INFORMATION}: kinds", "kinds", board.by_kinds),
        ],
        outside=[
            ("right answers", board.flagged_right),
            ("wrong answers", board.flagged_wrong),
            ("cause none of the list", board.flagged_outside),
        ],
    )


def _mark(row: CaseScore) -> tuple[str, str]:
    """Return the sign of a row, and what it says."""
    if not row.answered:
        return "?", "no answer"
    return ("✓", "right") if row.right else ("·", "not right")


def _share_strip(share: _Share) -> str:
    """Draw a share from none to all: a dot, and the 95 % interval as a line through it."""

    def at(value: float) -> float:
        return _EDGE + value * (_WIDTH - 2.0 * _EDGE)

    middle = _HEIGHT / 2.0
    quarters = " ".join(f"M{at(quarter / 4):.1f},3 V{_HEIGHT - 3.0:.1f}" for quarter in range(5))
    drawn = element("path", cls="ground", d=f"{quarters} M{at(0.0):.1f},{middle:.1f} H{at(1.0):.1f}")
    if share.of:
        drawn += element("path", cls="interval", d=f"M{at(share.low):.1f},{middle:.1f} H{at(share.high):.1f}")
        drawn += element("circle", cls="fill", cx=at(share.count / share.of), cy=middle, r=4.5)
    return figure(cases._of(share), drawn, (0, 0, _WIDTH, _HEIGHT), "share-strip")


def _reliability(board: _Board) -> str:
    """Draw what was stated of the first cause against how often it was right."""
    stated = (
        f"stated {words.percent(one.stated)}, right {cases._of(cases._came_true(one))}"
        for one in board.reliability
    )
    below = f"error {board.calibration:.2f}, by chance {board.perfect.mean:.2f}"
    drawn = reliability_diagram(board.reliability, "first cause, 95 % intervals", below)
    return figure("; ".join(stated), drawn, (0.0, 0.0, *RELIABILITY_SIZE), "reliability")
