"""The plan of tests as a reader sees it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from garland.inference.test_selection import PlannedTest, TestPlan
from garland.report.consult.content import _print_plan, _render_plan

SAYS = "fibrillation 3-4+: femoral <neuropathy> 0.20 → 0.80"
NEEDLE = PlannedTest("needle, left vastus-lateralis", "needle", 0.9, 0.7, 3, 1, 4, 0.3, 0.225, SAYS)
HAND = PlannedTest("strength, left knee-extension", "examination", 0.4, 0.2, 0.25, 0, 0, 1.6, None, "")
DULL = replace(HAND, label="reflex, left ankle", bits=0.001, bits_per_minute=0.004)
PLAN = TestPlan((NEEDLE, HAND, DULL), (NEEDLE, HAND), 2.0, 0.9, 3.25, 1, 4, "", "The set ends here.")
STOPPED = replace(PLAN, chosen=(), stop="Stop: enough.", end="")


def printed(plan: TestPlan, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    _print_plan(plan, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def page(plan: TestPlan) -> str:
    return _render_plan(plan)


@pytest.mark.parametrize("show", [printed, page])
def test_the_set_is_told_with_what_it_adds_and_costs(show):
    stated = show(PLAN)
    for words in ("0.90 of 2.00 bit", "3.25 min, 1 insertion, discomfort 4", "0.70", "The set ends here."):
        assert words in stated


@pytest.mark.parametrize("show", [printed, page])
def test_identifiers_and_shares_are_told_in_words(show):
    stated = show(PLAN)
    assert "vastus lateralis" in stated
    assert "20 → 80 %" in stated
    assert "vastus-lateralis" not in stated


@pytest.mark.parametrize("show", [printed, page])
def test_a_test_that_tells_nothing_is_not_told(show):
    assert "ankle" not in show(PLAN)


@pytest.mark.parametrize("show", [printed, page])
def test_where_testing_should_stop_the_reason_comes_and_no_set(show):
    stated = show(STOPPED)
    assert "Stop: enough." in stated
    assert "Best set" not in stated


@pytest.mark.parametrize("show", [printed, page])
def test_without_any_telling_test_this_is_said(show):
    assert "No open test" in show(replace(PLAN, ranking=(DULL,), chosen=()))


def test_texts_of_the_page_are_escaped():
    assert "<neuropathy>" not in page(PLAN)
    assert "&lt;neuropathy&gt;" in page(PLAN)


def test_no_line_is_wider_than_the_terminal():
    assert max(len(line) for line in printed(PLAN).splitlines()) <= 80
