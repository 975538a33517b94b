"""The consult and the table of cases in the terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from consult_variants import empty, everywhere, misfit, nothing_to_test, widespread
from fixture_consult import CONSULT
from rich.console import Console

from garland.inference.result import Consult
from garland.report.consult.cases import CaseScore, CasesReport, board_of
from garland.report.consult.cases_text import print_cases
from garland.report.consult.selection import NO_FINDINGS, NO_SITE, NO_TEST, _is_shown
from garland.report.consult.text import _bits_strip, _interval_strip, bar, print_consult
from garland.scores import calibration_gap, perfect_gap

ROWS = (
    CaseScore("case-a", "a", "diabetic amyotrophy", ("dlrpn",), 1, 0.86, "DLRPN", 0.86, 6.8),
    CaseScore(
        "case-b", "b", "L4 radiculopathy", ("radiculopathy-l4",), 2, 0.31, "L3", 0.55, 5.1, "no numbers"
    ),
    CaseScore(
        "case-c",
        "c",
        "Guillain–Barré syndrome",
        ("gbs",),
        None,
        0.0,
        "",
        0.0,
        0.1,
        "[red]error",
        answered=False,
    ),
)


def printed(result: Consult, width: int = 120) -> str:
    out = io.StringIO()
    print_consult(result, Console(file=out, width=width))
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("change", [lambda c: c, empty, everywhere, misfit, widespread])
def test_no_line_is_wider_than_the_console(width, change):
    assert max(map(len, printed(change(CONSULT), width).splitlines())) <= width


@pytest.mark.parametrize("width", [80, 120])
def test_the_print_holds_the_numbers_of_causes_losses_and_findings(width):
    stated = printed(CONSULT, width)
    assert "86 % ± 1.4" in stated
    assert "(runner-up)" in stated
    assert "4 others, together" in stated
    for loss in filter(_is_shown, CONSULT.lesions):
        assert f"{100 * loss.mean:.0f} %  {100 * loss.low:.0f}–{100 * loss.high:.0f}" in stated
    for finding in CONSULT.findings:
        assert f"{abs(finding.bits):.1f}" in stated
    assert re.search(r"◆\s+1\s+in\s+32", stated)
    assert stated.count(CONSULT.notice) == 2


def test_the_print_counts_what_the_answer_rests_on_and_says_where_the_list_is():
    stated = printed(CONSULT)
    assert "5 measured, 1 derived, 3 recalled, 4 assumed numbers." in stated
    assert "by station: causes 3, vessels 2" in stated
    assert "garland sources" in stated
    assert "seed 7: 184,320 SIMULATED patients" in stated


def test_without_findings_the_print_says_that_the_answer_is_the_prior():
    stated = printed(empty(CONSULT))
    assert NO_FINDINGS in stated
    for heading in ("Findings", "What to test next", "Not used", "What this rests on", "Fit", "Where axons"):
        assert f"\n{heading}" not in stated


def test_a_loss_without_a_place_is_said_to_be_diffuse():
    assert NO_SITE in printed(replace(CONSULT, lesions=()))


def test_tests_that_tell_nothing_are_not_listed():
    stated = printed(nothing_to_test(CONSULT))
    assert NO_TEST in stated
    assert all(test.says[:30] not in stated for test in CONSULT.next_tests)


def test_a_widespread_loss_is_shortened_to_the_worst_sites_of_each_part():
    stated = printed(everywhere(CONSULT))
    assert "Widespread, on both sides" in stated
    assert "24 more, 35–36 %" in stated


def test_a_misfit_is_told_in_the_headline():
    assert "Nothing modelled fits" in printed(misfit(CONSULT)).split("Causes")[0]
    assert "nothing fits." in printed(misfit(CONSULT))


def test_brackets_in_a_title_are_words_and_not_markup():
    assert "[bold]pain[/nonsense]" in printed(replace(CONSULT, title="[bold]pain[/nonsense]"))


def test_a_site_reported_on_one_side_only_says_so():
    one = tuple(loss for loss in CONSULT.lesions if loss.side == "right")
    assert "not reported" in printed(replace(CONSULT, lesions=one))


def test_the_visit_is_named_only_where_there_are_several():
    later = replace(CONSULT, findings=(*CONSULT.findings, replace(CONSULT.findings[0], visit=1)))
    assert "visit 2: " in printed(later)
    assert "visit 1" not in printed(CONSULT)


def test_bars_and_strips_fill_their_width():
    assert [bar(share, 4) for share in (-1.0, 0.0, 0.5, 1.0, 2.0)] == ["    ", "    ", "██  ", "████", "████"]
    assert _bits_strip(9.0, 3) == "   │███"
    assert _bits_strip(-9.0, 3) == "███│   "
    assert _bits_strip(0.0, 3) == "   │   "
    loss = replace(CONSULT.lesions[0], mean=0.5, low=0.25, high=1.0)
    assert _interval_strip(loss, 8) == "··━━●━━━"


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_of_cases_lists_each_case_and_counts_the_right_ones(width):
    out = io.StringIO()
    report = CasesReport("emg-laboratory", 0, "0", {"everything": ROWS}, {"everything": board_of(ROWS)})
    print_cases(report, Console(file=out, width=width))
    stated = out.getvalue()
    assert max(map(len, stated.splitlines())) <= width
    for row in ROWS:
        assert row.case_id in stated
    assert "[red]error" in stated
    assert "1 of 2 first (✓), 2 among the first three" in stated
    assert "1 without an answer (?)" in stated


def test_the_summary_of_no_cases_is_zero():
    assert board_of(()).mean_probability == 0.0
    assert board_of(ROWS).mean_probability == pytest.approx(0.585)


def test_the_board_keeps_causes_that_are_not_in_the_list_apart():
    outside = CaseScore("case-d", "d", "porphyria", (), None, 0.0, "GBS", 0.9, 3.0, flagged=True)
    board = board_of((*ROWS, outside))
    assert (board.cases, board.answered, board.listed, board.outside) == (4, 3, 2, 1)
    assert (board.flagged_outside.count, board.flagged_outside.of) == (1, 1)
    assert board.log_score == pytest.approx((np.log(0.86) + np.log(0.31)) / 2)
    assert (board.sure[0].count, board.sure[0].of) == (1, 1)
    # Two answers, one right: the error is that of each alone, for each is a bin.
    assert board.calibration == pytest.approx((0.14 + 0.55) / 2)


def test_a_perfect_forecaster_is_within_the_band_of_the_perfect():
    rng = np.random.default_rng(0)
    stated = rng.uniform(0.3, 1.0, 400)
    inside = [
        calibration_gap(stated, (rng.random(400) < stated).astype(float)) < perfect_gap(stated).upper
        for _ in range(20)
    ]
    assert sum(inside) >= 17
    assert calibration_gap(stated, np.zeros(400)) > perfect_gap(stated).upper
