"""The board of published cases by cause and by information, in the terminal and as a page."""

from __future__ import annotations

import io
import json
import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console
from test_report_html import NASTY, svgs, walk, words

from garland.inference.result import NOTICE
from garland.io import plain
from garland.records.case import AMOUNTS
from garland.report.common.svg import RELIABILITY_SIZE, reliability_diagram
from garland.report.consult.cases import CaseScore, CasesReport, _mean_interval, _share_of, board_of
from garland.report.consult.cases_html import _share_strip, render_cases
from garland.report.consult.cases_text import print_cases
from garland.scores import Bin

BEDSIDE = ("history", "examination", "laboratory")


def case(number: int, rank: int | None = 1, **stated: object) -> CaseScore:
    """Return a case of femoral neuropathy, right with 80 % after 5 %."""
    one = CaseScore(
        f"{number:02d}-case", "A case", "femoral nerve injury", ("femoral",), rank, 0.8, "Femoral",
        0.8, 2.0, prior=0.05, leading_name="femoral", cause="Femoral", family="mononeuropathy", findings=9,
        kinds=BEDSIDE,
    )  # fmt: skip
    return replace(one, **stated)  # type: ignore[arg-type]


def outside(number: int, **stated: object) -> CaseScore:
    of_none = {
        "accepted": (),
        "cause": "",
        "family": "",
        "published": "zoster",
        "probability": 0.0,
        "prior": 0.0,
    }
    return case(number, None, **of_none, **stated)


FEW = (
    *(case(number) for number in range(5)),
    case(5, 2, cause="Tibial", probability=0.1, kinds=(*BEDSIDE, "imaging"), findings=7),
    case(6, 5, cause="Obturator", probability=0.02, kinds=(*BEDSIDE, "needle", "imaging"), findings=16),
    case(7, 1, cause="CIDP", family="polyneuropathy", kinds=(*BEDSIDE, "nerve conduction"), findings=40),
    outside(8, flagged=True),
    outside(9, leading_name="none-of-these"),
    outside(10),
    case(11, None, answered=False, cause="", family="", findings=0, kinds=(), note="no findings recorded"),
)


def report(rows: tuple[CaseScore, ...] = FEW, amounts: tuple[str, ...] = AMOUNTS[-1:]) -> CasesReport:
    board = board_of(rows)
    return CasesReport(
        "emg-laboratory", 3, "1.2.3", dict.fromkeys(amounts, rows), dict.fromkeys(amounts, board)
    )


def printed(found: CasesReport, width: int) -> str:
    out = io.StringIO()
    print_cases(found, Console(file=out, width=width))
    return out.getvalue()


def test_a_cause_with_enough_cases_stands_alone_and_the_others_of_its_family_together():
    named = {one.name: (one.first.count, one.first.of) for one in board_of(FEW).by_cause}
    assert named == {"Femoral": (5, 5), "mononeuropathy, the other causes": (0, 2), "CIDP": (1, 1)}
    shrunk = board_of(FEW[1:]).by_cause
    assert [one.name for one in shrunk] == ["mononeuropathy, all causes", "CIDP"]


def test_every_answered_case_of_the_list_is_in_one_group_of_each_kind():
    board = board_of(FEW)
    for groups in (board.by_cause, board.by_findings, board.by_kinds):
        assert sum(one.first.of for one in groups) == board.listed
        assert sum(one.first.count for one in groups) == board.first
        total = sum(one.gain * one.first.of for one in groups)
        assert total / board.listed == pytest.approx(board.gain.value)


def test_cases_are_parted_by_the_number_and_by_the_kinds_of_their_findings():
    board = board_of(FEW)
    assert [(one.name, one.first.of) for one in board.by_findings] == [
        ("up to 7 findings", 1), ("8 to 15 findings", 5), ("more than 15 findings", 2)
    ]  # fmt: skip
    assert [one.first.of for one in board.by_kinds] == [5, 1, 1, 1]


def test_the_gain_is_the_log_score_less_that_of_the_prior_with_an_interval():
    board = board_of(FEW)
    assert board.gain.value == pytest.approx(board.log_score - board.prior_log_score)
    assert board.gain.low < board.gain.value < board.gain.high
    assert case(1).gain == pytest.approx(math.log(0.8 / 0.05))
    assert case(1, probability=0.0).gain == pytest.approx(math.log(1e-6 / 0.05))


def test_the_interval_of_a_mean_is_near_the_normal_one_where_that_holds():
    values = np.random.default_rng(1).normal(2.0, 1.5, 200)
    found = _mean_interval(values.tolist())
    half = 1.96 * values.std(ddof=1) / math.sqrt(200)
    assert found.low == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.15 * half)


def test_none_of_these_in_the_lead_counts_as_said_to_be_outside():
    board = board_of(FEW)
    assert (board.flagged_outside.count, board.flagged_outside.of) == (2, 3)
    assert [row.right for row in FEW[8:11]] == [True, True, False]
    assert board_of((case(1, 2, leading_name="none-of-these"),)).flagged_wrong.count == 1


def test_the_json_holds_groups_and_whether_a_case_is_said_to_be_outside():
    given = json.loads(json.dumps(plain(report().as_dict(), named=False), allow_nan=False))
    assert set(given) == {"board", "cases"}
    assert given["board"]["by_cause"][0]["first"]["of"] == 5
    assert [row["said_outside"] for row in given["cases"][8:11]] == [True, True, False]
    assert list(report(amounts=AMOUNTS).as_dict()) == list(AMOUNTS)


@pytest.mark.parametrize("width", [80, 120])
def test_the_board_prints_groups_the_gain_and_what_it_is_for(width: int):
    stated = printed(report(amounts=AMOUNTS), width)
    assert max(map(len, stated.splitlines())) <= width
    for heading in (
        "By cause",
        "By amount of information",
        "Stated probability",
        "By how much of the record",
    ):
        assert f"\n{heading}" in stated
    assert "gain +" in stated
    assert "5 of 5 (57 to 100 %)" in stated
    assert NOTICE in re.sub(r"\s+", " ", stated)


@pytest.mark.parametrize("rows", [FEW, FEW[:1], FEW[8:9], FEW[-1:], ()])
@pytest.mark.parametrize("amounts", [AMOUNTS, AMOUNTS[-1:]])
def test_the_page_is_well_formed_whatever_cases_there_are(
    rows: tuple[CaseScore, ...], amounts: tuple[str, ...]
):
    html = render_cases(report(rows, amounts))
    walk(html)
    for drawing in svgs(html):
        ElementTree.fromstring(drawing)
    assert "nan" not in words(html)
    assert not re.search(
        r"https?:|url\(|@import|\bsrc=|<script|<link|<iframe", html.replace("http://www.w3.org", "")
    )


def test_the_page_says_what_the_terminal_says():
    html = words(render_cases(report()))
    board = board_of(FEW)
    assert html.count(NOTICE) == 2
    assert f"{board.first} of {board.listed}" in html
    for one in (*board.by_cause, *board.by_findings, *board.by_kinds):
        assert one.name in html
    assert "no answer" in html
    assert "By how much of the record" not in html
    assert "By how much of the record" in words(render_cases(report(amounts=AMOUNTS)))


def test_the_page_takes_names_as_words():
    rows = tuple(replace(row, published=NASTY, leading=NASTY, cause=NASTY, note=NASTY) for row in FEW)
    html = render_cases(report(rows))
    walk(html)
    assert "<script" not in html
    assert "49" not in re.findall(r"\{\{.*?\}\}", html)


def test_a_strip_says_its_share_and_keeps_within_its_box():
    drawn = _share_strip(_share_of(0, 3))
    assert "0 of 3 (0 to 56 %)" in drawn
    circle = ElementTree.fromstring(drawn).find("{http://www.w3.org/2000/svg}circle")
    assert circle is not None
    assert float(circle.get("cx", "")) >= float(circle.get("r", ""))
    assert "<circle" not in _share_strip(_share_of(0, 0))


def test_a_reliability_diagram_keeps_within_its_box():
    bins = (Bin(9, 0.0, 0.0, 0.0, 0.3), Bin(9, 1.0, 1.0, 0.7, 1.0))
    drawn = ElementTree.fromstring(reliability_diagram(bins, "title", "below", left=50.0))
    width, height = RELIABILITY_SIZE
    for one in drawn.iter("circle"):
        assert 50.0 < float(one.get("cx", "")) < 50.0 + width
        assert 0.0 < float(one.get("cy", "")) < height
    assert "stated 1.00, came true 1.00 of 9 patients" in "".join(drawn.itertext())
