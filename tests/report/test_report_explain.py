"""The explanation of a consult in the terminal and on the page."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from fixture_explanation import EXPLANATION, GONE, KEEPS, L3, OPEN, TURNS, explained
from rich.console import Console

from garland.inference.result import Consult
from garland.report.consult import content as v
from garland.report.consult.html import render_consult
from garland.report.consult.text import print_consult

NASTY = "<script>alert('x')</script> {{ 7 * 7 }}"


def printed(result: Consult, width: int = 100) -> str:
    out = io.StringIO()
    print_consult(result, Console(file=out, width=width))
    return out.getvalue()


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text).replace("&nbsp;", " "))


@pytest.mark.parametrize("width", [80, 120])
def test_the_print_tells_for_and_against_what_would_change_and_what_is_excluded(width):
    stated = plain(printed(explained(), width))
    for words in (
        "for it, the needle signs",
        "Had the right saphenous SNAP been absent",
        "Diagnosis of exclusion",
    ):
        assert words in stated
    assert "1 other not looked at, <0.1 %." in stated
    assert max(map(len, printed(explained(), width).splitlines())) <= width


def test_the_page_tells_for_and_against_what_would_change_and_what_is_excluded():
    html = render_consult(explained())
    stated = plain(html)
    for cause in EXPLANATION.causes:
        assert cause.sentence in stated
    for row in EXPLANATION.counterfactuals:
        assert row.sentence in stated
    assert "Chance: 31" in stated
    assert "right saphenous SNAP: normal" in stated
    assert "no finding by itself (7 times rarer beforehand)" in stated
    assert "Not looked at one by one, together <0.1 %: tibial neuropathy." in stated.replace("&lt;", "<")
    assert html.index('id="why"') < html.index('id="exclusion"') < html.index('id="map"')


def test_rough_numbers_are_marked_and_the_mark_is_explained():
    stated = plain(render_consult(explained()))
    assert f"+2.6 {v.ROUGH}" in stated
    assert f"2.2 {v.ROUGH}" in stated
    assert v.ROUGH_WORDS in stated
    smooth = replace(
        EXPLANATION, causes=(L3,), counterfactuals=(TURNS,), exclusions=(replace(OPEN, rough=False),)
    )
    assert plain(render_consult(explained(smooth))).count(v.ROUGH) == 1


def test_a_consult_without_an_explanation_prints_as_before():
    for stated in (printed(explained(None)), render_consult(explained(None))):
        assert "Diagnosis of exclusion" not in stated
        assert "come out otherwise" not in stated


def test_no_other_result_that_matters_is_said_in_words():
    bare = replace(EXPLANATION, counterfactuals=())
    assert v.NOTHING_WOULD in plain(printed(explained(bare)))
    assert v.NOTHING_WOULD in plain(render_consult(explained(bare)))


def test_an_explanation_without_alternatives_has_no_table_of_them():
    alone = replace(EXPLANATION, exclusions=(), not_looked_at=())
    assert "Diagnosis of exclusion" not in printed(explained(alone))
    assert "Diagnosis of exclusion" not in render_consult(explained(alone))


def test_every_text_of_an_explanation_is_escaped():
    dirty = replace(
        EXPLANATION,
        causes=(replace(EXPLANATION.causes[0], title=NASTY, sentence=NASTY),),
        counterfactuals=(replace(KEEPS, sentence=NASTY),),
        exclusions=(replace(OPEN, title=NASTY, by=NASTY, test=NASTY, result=NASTY),),
        not_looked_at=(NASTY,),
    )
    assert "<script" not in render_consult(explained(dirty))
    assert "7 * 7" in render_consult(explained(dirty))


def test_at_most_five_causes_and_no_improbable_third_are_told():
    many = tuple(replace(L3, name=str(k), probability=0.05) for k in range(9))
    assert len(v._shown_causes(replace(EXPLANATION, causes=many))) == 5
    rare = tuple(replace(L3, probability=p) for p in (0.995, 0.003, 0.002))
    assert len(v._shown_causes(replace(EXPLANATION, causes=rare))) == 2


def test_alternatives_are_grouped_from_open_to_excluded():
    groups = v._by_status(
        replace(EXPLANATION, exclusions=(GONE, OPEN, replace(OPEN, status="not yet excluded")))
    )
    assert [group.title for group in groups] == ["Not yet excluded", "Unlikely", "Excluded"]


def test_many_excluded_alternatives_are_counted_in_the_terminal():
    many = replace(EXPLANATION, exclusions=tuple(replace(GONE, title=f"cause {k}") for k in range(11)))
    assert "3 more" in printed(explained(many))
    assert "cause 10" in render_consult(explained(many))
