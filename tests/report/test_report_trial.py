"""A trial as a page and in the terminal."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from fixture_trial import REPORT, WITHOUT_ESTIMATES, report
from rich.console import Console
from test_report_html import svgs, walk, words

from garland.report.trial import content as v
from garland.report.trial.figures import _estimate_plot, _power_plot, _trial_curves
from garland.report.trial.html import _eligibility_words, _randomisation_words, render_trial
from garland.report.trial.text import print_trial
from garland.trials.characteristics import SimulatedShare, _Needed

OUTCOMES = {
    "nis-gain": {"what": "nis-gain"},
    "pain-responder": {"what": "pain-responder", "day": 84},
    "walks-alone": {"what": "walks-alone", "day": 182},
    "nis-change": {"what": "nis-change", "day": 182},
}
NASTY = "<script>alert('x')</script> {{ 7 * 7 }}"


def printed(made: object, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_trial(made, console)  # type: ignore[arg-type]
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", OUTCOMES)
def test_the_page_is_well_formed_and_so_is_each_of_its_drawings(what: str):
    html = render_trial(report(outcome=OUTCOMES[what]))
    walk(html)
    for drawing in svgs(html):
        ElementTree.fromstring(drawing)


def test_the_page_says_that_it_is_simulated_and_what_was_assumed():
    stated = words(render_trial(REPORT))
    for sentence in ("SIMULATED", "Not a medical device", "not evidence that a treatment works", "8,000",
                     *REPORT.assumptions):  # fmt: skip
        assert sentence in stated


def test_names_from_a_spec_are_escaped():
    html = render_trial(report(description=NASTY))
    assert "<script>" not in html
    assert "{{ 7 * 7 }}" in words(html)


def test_every_truth_has_its_power_and_its_size_on_page_and_terminal():
    for stated in (words(render_trial(REPORT)), printed(REPORT)):
        for one in REPORT.others:
            assert v._share_words(one.power) in stated
        assert "4,900 (4,700 to 5,100)" in " ".join(stated.split())


def test_a_size_without_an_upper_limit_is_told_by_its_lower_one():
    small, large = REPORT.others
    assert v._needed_words(small) == "over 4,700"
    assert v._needed_words(large) == "4,900 (4,700 to 5,100)"
    assert v._needed_words(replace(small, needed=_Needed(math.inf, math.inf, math.inf))) == "over 1,000,000"


def test_looks_appear_where_there_are_any():
    looked = report(looks={"fractions": [0.5, 1.0], "spending": "pocock"})
    assert "|z| ≥ 2.16" in words(render_trial(looked))
    assert "Looks" not in words(render_trial(REPORT))


def test_a_design_without_estimates_is_still_told():
    assert "–" in words(render_trial(WITHOUT_ESTIMATES))
    assert "–" in printed(WITHOUT_ESTIMATES)


def test_a_report_without_other_truths_is_still_told():
    alone = replace(REPORT, characteristics=REPORT.characteristics[:1])
    assert "Error of the first kind" in words(render_trial(alone))
    assert "Error of the first kind" in printed(alone)


def test_a_kaplan_meier_curve_is_drawn_in_steps_and_a_mean_in_straight_lines():
    stepped = _trial_curves(REPORT).split('class="curve c0" d="M')[1].split('"')[0]
    straight = _trial_curves(report(outcome=OUTCOMES["walks-alone"])).split('class="curve c0" d="M')[1]
    assert len(stepped.split()) == 7
    assert len(straight.split('"')[0].split()) == 4


def test_drawings_tell_their_numbers_to_who_does_not_see_them():
    assert "large 8.0 % with 40, 11 % with 75, 29 % with 300" in _power_plot(REPORT)
    assert "exact effect 1.23" in _estimate_plot(REPORT.characteristics[2], REPORT)


def test_eligibility_and_randomisation_are_told_in_words():
    rule = {
        "diabetes": True,
        "least_nis": 10,
        "least_pain_nrs": 4,
        "walking": "needs-help",
        "recruited": "referral",
    }
    made = report(eligibility=rule, randomisation={"method": "stratified", "strata": ["age", "sex"]})
    stated = _eligibility_words(made)
    for piece in ("with diabetes", "NIS 10 or more", "pain 4 or more", "needs help", "referral centre"):
        assert piece in stated
    assert _randomisation_words(made) == "permuted blocks of 4 within age by sex, 1 to 1"
    assert _randomisation_words(report(randomisation={"method": "simple"})) == "each patient alone, 1 to 1"


@pytest.mark.parametrize(
    ("what", "effect", "stated"),
    [
        ("nis-gain", math.log(1.25), "1.25"),
        ("nis-change", -2.0, "−2.0 points"),
        ("walks-alone", 0.123, "+12.3 percentage points"),
        ("walks-alone", math.nan, "–"),
        ("nis-gain", None, "–"),
    ],
)
def test_effects_are_told_on_the_scale_that_people_read(what: str, effect: float | None, stated: str):
    assert v._effect_words(what, effect) == stated


def test_sizes_are_rounded_as_far_as_they_are_known():
    assert [v._sizes_words(n) for n in (93.2, 187.0, 4858.0, math.inf)] == [
        "93",
        "190",
        "4,900",
        "over 1,000,000",
    ]


def test_an_error_of_the_first_kind_that_is_off_is_called_so():
    off = replace(REPORT.null, power=SimulatedShare(0.2, 0.17, 0.23, 1000))
    stated = v._error_words(replace(REPORT, characteristics=(off, *REPORT.others)))
    assert "not what was planned" in stated
    assert "as planned" in v._error_words(REPORT)
