"""What holds for every consult, on the case of diabetic amyotrophy that is the demonstration."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from answers import Answer, Ask, more_likely
from small_cases import swapped

from garland.errors import InputError
from garland.evidence import part
from garland.inference.consult import consult
from garland.inference.encode_case import _person_of
from garland.inference.outside import NAME
from garland.inference.result import NOTICE
from garland.model.diseases import DISEASES
from garland.model.diseases.prior import prior
from garland.records import Case, parse_case, shipped_case
from garland.records.reading import _case_mapping as case_mapping

SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def demo() -> Case:
    return shipped_case("04")


@pytest.fixture(scope="module")
def answers(ask: Ask, demo: Case) -> list[Answer]:
    return [ask(demo, seed=seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def mirrored(ask: Ask, demo: Case) -> list[Answer]:
    return [ask(parse_case(swapped(case_mapping(demo))), seed=seed) for seed in SEEDS[:2]]


def bare(**more: Any) -> Case:
    return parse_case({"garland_case": 1, "id": "x", "visits": [{}], **more})


def names() -> list[str]:
    return [cause.name for cause in DISEASES]


def by_name(answer: Answer) -> np.ndarray:
    return np.array([answer.probability(name) for name in names()])


def errors(answer: Answer) -> np.ndarray:
    return np.array([answer.error(name) for name in names()])


PERSON = {"age_years": 66, "sex": "female", "height_cm": 160}


@pytest.mark.parametrize(
    "case",
    [bare(), bare(person=PERSON), bare(person=PERSON, diabetes={"type": "type-2", "duration_years": 9})],
    ids=["nothing", "a person", "a person with diabetes"],
)
def test_without_findings_the_answer_is_the_prior(ask: Ask, case: Case):
    answer = ask(case)
    within = 1.0 - answer.probability(NAME)
    assert answer.probability(NAME) == pytest.approx(part("inference/outside").value("share"))
    np.testing.assert_allclose(by_name(answer), within * prior(_person_of(case)), rtol=1e-9)
    assert not errors(answer).any()
    assert answer.consult.findings == answer.consult.lesions == answer.consult.next_tests == ()
    assert answer.consult.fit.fits


def test_without_findings_given_frequencies_are_the_prior(ask: Ask):
    answer = ask(bare(), frequencies={name: float(name in ("femoral", "gbs")) for name in names()})
    assert answer.probability("femoral") == pytest.approx(0.5)
    assert answer.probability("gbs") == pytest.approx(0.5)


def test_an_unknown_setting_is_refused_with_the_nearest(demo: Case):
    with pytest.raises(InputError, match=r"setting: 'emg-labratory' .* did you mean emg-laboratory\?"):
        consult(demo, setting="emg-labratory")


def test_an_unknown_cause_among_the_frequencies_is_refused_with_the_nearest(demo: Case):
    with pytest.raises(InputError, match=r"'femorel' is not a modelled cause; did you mean femoral\?"):
        consult(demo, frequencies={"femorel": 1.0})


def test_the_probabilities_sum_to_one(answers: list[Answer]):
    for answer in answers:
        assert by_name(answer).sum() + answer.probability(NAME) == pytest.approx(1.0, abs=1e-9)
        assert sum(cause.prior for cause in answer.consult.causes) == pytest.approx(1.0, abs=1e-9)


def test_causes_come_from_the_most_to_the_least_probable(answers: list[Answer]):
    rows = answers[0].consult.causes
    assert all(a.probability >= b.probability for a, b in itertools.pairwise(rows))
    assert {cause.name for cause in rows} == {*names(), NAME}


def test_another_seed_moves_no_cause_by_more_than_a_twentieth(answers: list[Answer]):
    rows = np.array([by_name(answer) for answer in answers])
    moved = np.ptp(rows, axis=0)
    worst = int(np.argmax(moved))
    assert moved[worst] <= 0.05, f"{names()[worst]}: {rows[:, worst].round(3)}"


def test_the_printed_error_covers_the_spread_between_seeds(answers: list[Answer]):
    rows = np.array([by_name(answer) for answer in answers])
    printed = np.sqrt(np.mean([errors(answer) ** 2 for answer in answers], axis=0))
    assert (rows.std(axis=0, ddof=1) <= 3.0 * printed + 0.005).all()


def test_the_mirror_image_has_the_same_causes(answers: list[Answer], mirrored: list[Answer]):
    rows = np.array([by_name(answer) for answer in answers])
    spread = rows.std(axis=0, ddof=1)
    printed = sum(np.mean([errors(a) ** 2 for a in each], axis=0) for each in (answers, mirrored))
    error = np.sqrt(printed + spread**2)
    away = np.abs(np.mean([by_name(answer) for answer in mirrored], axis=0) - rows.mean(axis=0))
    worst = int(np.argmax(away - 3.0 * error))
    assert (away <= 3.0 * error + 0.01).all(), names()[worst]


def test_the_mirror_image_has_the_mirrored_lesion_map(answers: list[Answer], mirrored: list[Answer]):
    def losses(answer: Answer) -> dict[tuple[str, str], float]:
        return {(row.site, row.side): row.mean for row in answer.consult.lesions}

    reflected, each = ([losses(answer) for answer in one] for one in (mirrored, answers))
    for site, side in reflected[0]:
        other = [row[site, swapped(side)] for row in each]
        found = np.mean([row[site, side] for row in reflected])
        assert found == pytest.approx(np.mean(other), abs=0.06 + 3.0 * np.std(other)), site


def test_the_lesion_lies_on_the_side_that_is_weak(answers: list[Answer]):
    loss = dict.fromkeys(("left", "right"), 0.0)
    for row in answers[0].consult.lesions:
        loss[row.side] += row.mean
    assert loss["right"] > 2.0 * loss["left"]


def test_intervals_of_the_lesion_map_are_ordered(answers: list[Answer]):
    for row in answers[0].consult.lesions:
        assert 0.0 <= row.low <= row.high <= 1.0
        assert 0.0 <= row.mean <= 1.0
        assert 0.0 <= row.involved <= 1.0 + 1e-9
        assert row.low - 1e-6 <= row.mean or row.involved < 0.2


def test_every_finding_is_told_as_recorded_and_as_expected(answers: list[Answer]):
    rows = answers[0].consult.findings
    assert len(rows) == sum((~seen.silent).sum() for seen in answers[0].problem.seen)
    for row in rows:
        assert row.observed
        assert row.expected
        assert math.isfinite(row.bits)
        assert 0.0 <= row.tail <= 1.0


def test_the_next_tests_are_new_and_in_order_of_what_they_tell(answers: list[Answer]):
    tests = answers[0].consult.next_tests
    bits = [test.bits for test in tests]
    assert tests
    assert bits == sorted(bits, reverse=True)
    assert 0.0 <= min(bits) <= max(bits) <= math.log2(len(DISEASES))
    tested = {
        ("fibrillation", "rectus-femoris"),
        ("strength", "right knee-extension"),
        ("reflex", "right knee"),
    }
    for what, where in tested:
        assert not any(what in test.label and test.label.endswith(where) for test in tests)
    assert not any(test.label == "SNAP, right saphenous" for test in tests)


def test_the_demonstration_fits_and_says_what_it_rests_on(answers: list[Answer]):
    stated = answers[0].consult
    assert stated.fit.fits
    assert stated.basis
    assert {basis.standing for basis in stated.basis} <= {"recalled", "assumed"}
    assert stated.notice == NOTICE
    assert "fasting glucose [mg/dL] 119" in stated.not_used
    assert stated.diagnostics.patients > 10_000
    assert stated.diagnostics.effective_sample > 100


def test_an_answer_is_plain_values(answers: list[Answer]):
    stated = answers[0].consult.as_dict()
    assert stated["causes"][0]["name"] == answers[0].consult.causes[0].name
    assert set(stated) == set(answers[0].consult.__dataclass_fields__)


CONTRADICTION: dict[str, Any] = {
    "examination": {
        "strength": {"both": {"knee-extension": 0, "hip-flexion": 5}, "left": {"ankle-dorsiflexion": 5}},
        "reflexes": {"both": {"knee": "brisk", "ankle": "absent"}},
        "sensation": {"results": [{"side": "both", "dermatome": "l3", "result": "normal"}]},
    },
    "nerve_conduction": {
        "results": [
            {"study": "sural", "side": "both", "amplitude_uv": "absent"},
            {"study": "superficial-fibular", "side": "both", "amplitude_uv": 25},
            {"study": "femoral-rectus-femoris", "side": "both", "amplitude_mv": 14},
            {"study": "tibial-abductor-hallucis", "side": "left", "velocity_m_s": 15},
            {"study": "fibular-extensor-digitorum-brevis", "side": "left", "velocity_m_s": 55},
        ]
    },
    "needle": {
        "results": [
            {"muscle": name, "side": "both", "recruitment": word, "fibrillations": grade}
            for name, word, grade in (
                ("vastus-lateralis", "normal", 0),
                ("rectus-femoris", "single-unit", 4),
                ("vastus-medialis", "normal", 0),
            )
        ]
    },
}


def test_findings_that_contradict_each_other_fit_no_cause(ask: Ask):
    case = bare(person=PERSON, visits=[{"day_since_onset": 60, **CONTRADICTION}])
    stated = ask(case, particles=512).consult
    assert not stated.fit.fits
    assert "No modelled cause explains these findings well" in stated.fit.message
    assert stated.fit.clashes


def with_normal_others(case: Case) -> Case:
    """Return the demonstration with all the rest said to be normal."""
    plain = case_mapping(case)
    (visit,) = plain["visits"]
    visit["examination"]["strength"]["right"]["others"] = "normal"
    visit["examination"]["strength"]["left"] = {"others": "normal"}
    visit["needle"]["others"] = visit["nerve_conduction"]["others"] = "normal"
    return parse_case(plain)


def test_normal_others_never_raise_a_widespread_cause(answers: list[Answer], demo: Case):
    listed = [cause for cause in answers[0].consult.causes if cause.name != NAME]
    before = {cause.name: cause.probability for cause in listed[:8]}
    stated = more_likely(answers[0], demo, with_normal_others(demo), before)
    total = sum(p * stated[name][0] for name, p in before.items())
    for name in before.keys() & {
        "gbs",
        "cidp",
        "distal-polyneuropathy",
        "motor-neuron-disease",
        "vasculitic",
    }:
        after, error = before[name] * stated[name][0] / total, stated[name][1]
        assert after <= before[name] + 3.0 * (answers[0].error(name) + after * error), name
