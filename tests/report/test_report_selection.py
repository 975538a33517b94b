"""What a report shows and in which words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fixture_consult import BASIS, CONSULT, FINDINGS, LESIONS

from garland.report.common.words import percent, percent_fine, signed
from garland.report.consult import selection as s


def test_causes_under_one_in_a_hundred_are_summed():
    folded = s._fold_causes(CONSULT)
    assert [cause.name for cause in folded.shown][-1] == "radiculopathy-l4"
    assert folded.rest_count == 4
    assert folded.rest_probability == pytest.approx(0.0099)


def test_the_runner_up_is_shown_even_when_it_is_rare():
    causes = (replace(CONSULT.causes[0], probability=0.999), replace(CONSULT.causes[1], probability=0.001))
    assert len(s._fold_causes(replace(CONSULT, causes=causes)).shown) == 2


def test_a_site_is_listed_with_both_sides_when_one_is_involved():
    rows = {row.site: row for group in s._lesion_groups(LESIONS) for row in group.rows}
    assert rows["obturator"].left is not None
    assert "common-fibular" not in rows
    assert "spinal-nerve-L5" not in rows
    assert [group.part for group in s._lesion_groups(LESIONS)] == ["root", "plexus", "nerve"]


def test_a_part_without_a_known_name_is_listed_last():
    odd = replace(LESIONS[0], site="brain", part="brain")
    assert [group.title for group in s._lesion_groups((odd, *LESIONS))][-1] == "Brain"


@pytest.mark.parametrize(
    "label", ["right femoral nerve", "Right femoral nerve", "femoral nerve, right", "femoral nerve (left)"]
)
def test_the_side_is_taken_off_a_label_because_it_has_its_own_column(label):
    assert s._plain_label(replace(LESIONS[0], label=label)) == "femoral nerve"


def test_findings_come_in_the_order_of_a_consultation():
    of_every_kind = (
        *FINDINGS,
        *(replace(FINDINGS[0], kind=kind) for kind in ("other findings", "conclusion")),
    )
    assert [group.kind for group in s._finding_groups(reversed(of_every_kind))] == list(s.KINDS)


def test_the_strongest_findings_for_and_against_are_found():
    assert [finding.bits for finding in s._strongest(FINDINGS, 1)] == [4.6, 3.4, 2.1]
    assert [finding.bits for finding in s._strongest(FINDINGS, -1, 2)] == [-1.4, -0.8]


def test_weights_are_told_by_signs_words_and_numbers():
    assert [s._weight_mark(bits) for bits in (4.0, 1.5, 0.3, 0.05, -0.3, -1.5, -4.0)] == [
        "+++", "++", "+", "·", "−", "−−", "−−−",
    ]  # fmt: skip
    assert s._weight_words(4.0) == "speaks strongly for"
    assert s._weight_words(-0.3) == "speaks slightly against"
    assert s._weight_words(0.0) == "tells little"
    assert [signed(value) for value in (1.84, -0.36, 0.04, -0.04)] == ["+1.8", "−0.4", "0.0", "0.0"]


def test_shares_that_are_not_quite_none_or_all_say_so():
    assert [percent(share) for share in (0.0, 0.001, 0.42, 0.999, 1.0)] == [
        "0 %",
        "<1 %",
        "42 %",
        ">99 %",
        "100 %",
    ]
    assert [percent_fine(share) for share in (0.0, 0.0001, 0.862, 0.99999)] == [
        "0.0 %",
        "<0.1 %",
        "86.2 %",
        ">99.9 %",
    ]
    assert [s._one_in(tail) for tail in (0.025, 0.0)] == ["1 in 40", "under 1 in 10,000"]


def test_what_an_answer_rests_on_is_counted_and_grouped_by_file():
    odd = replace(BASIS[0], standing="guessed", path="loose")
    assert s._standing_counts((*BASIS, odd))[-1] == ("guessed", 1)
    assert [name for name, _entries in s._unmeasured(BASIS, "assumed")] == [
        "causes/dlrpn", "vessels/inflammation", "bedside/pain",
    ]  # fmt: skip
    assert [s._split_path(path) for path in ("a/b.c", "a/b/c", "c")] == [
        ("a/b", "c"),
        ("a/b", "c"),
        ("", "c"),
    ]
    assert "Seddon1943, abstract" in s._sources(BASIS)
    assert "from memory" not in s._sources(BASIS)


def test_findings_of_several_visits_are_grouped_by_visit_first():
    later = tuple(replace(finding, visit=1) for finding in FINDINGS[:2])
    titles = [group.title for group in s._finding_groups((*later, *FINDINGS))]
    assert titles[0] == "visit 1: history"
    assert titles[-1] == f"visit 2: {FINDINGS[0].kind}"
    assert not any("visit" in group.title for group in s._finding_groups(FINDINGS))


def test_a_predictive_probability_of_nearly_none_says_so():
    assert [s._p_value(share) for share in (0.0842, 0.0)] == ["p = 0.084", "p < 0.001"]


def test_few_sites_are_left_as_they_are():
    groups = s._lesion_groups(LESIONS)
    assert s._shortened(groups) == groups
    assert s._spread_words(LESIONS) == ""


def test_a_shipped_case_goes_by_its_number():
    assert s._case_number("04-diabetic-amyotrophy-jkna-56m") == "04"
    assert s._case_number("case-a") == "case-a"
