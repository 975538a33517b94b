"""What open tests tell and cost, on patients made for the purpose."""

from __future__ import annotations

import numpy as np
import pytest
from information_in_full import _joint_results

from garland.anatomy.tree import load
from garland.edx_study.protocol import LISTS
from garland.errors import EvidenceError, InputError
from garland.evidence import part
from garland.inference.candidate_tests import (
    Budget,
    _CandidateTest,
    _Cost,
    _cost_of,
    _Item,
    _open_items,
    open_tests,
)
from garland.inference.observations import _contamination_rate
from garland.inference.predictive import _PredictiveSample
from garland.inference.test_selection import (
    _crowd,
    _plan,
    _results,
    _results_of,
    _results_of_tests,
    _sentence,
    _worth,
)
from garland.model.diseases import DISEASES
from garland.model.findings import N_FINDINGS, Address, column, noise_sd

A = load()
KNEE = Address("movement_strength", 0, "knee-extension")
VASTUS = Address("fibrillation", 0, "vastus-lateralis")


def view(rows: dict[Address, list[float]], patients: int = 64) -> _PredictiveSample:
    """Return equal patients of one cause; the values of a finding are dealt out in turn, the rest is zero."""
    shown = np.zeros((patients, N_FINDINGS), np.float32)
    for address, values in rows.items():
        shown[:, column(address)] = np.resize(values, patients)
    lost = np.zeros((patients, 2, len(A.sites)), np.float32)
    return _PredictiveSample(np.full(patients, 1.0 / patients), (np.zeros((patients, 64)),), (shown,), lost)


def even(*causes: int) -> np.ndarray:
    probability = np.zeros(len(DISEASES))
    probability[list(causes)] = 1.0 / len(causes)
    return probability


def named(label: str, tests: tuple[_CandidateTest, ...] | None = None) -> _CandidateTest:
    (found,) = (test for test in tests or open_tests(set(), 60.0) if test.label == label)
    return found


def test_every_item_of_every_test_stands_in_the_model_and_has_a_word_for_each_result():
    for item in _open_items(set(), 60.0):
        assert column(item.where) < N_FINDINGS
        assert len(item.results) == len(item.cuts) + 1
        assert list(item.cuts) == sorted(item.cuts)


def test_no_two_tests_give_the_same_finding():
    items = list(_open_items(set(), 60.0))
    assert len({item.where for item in items}) == len({item.label for item in items}) == len(items)


def test_every_kind_of_test_is_among_the_open_ones():
    words = " ".join(test.label for test in open_tests(set(), 60.0))
    for kind in ("strength", "reflex", "sensation", "plantar", "motor conduction", "sensory conduction",
                 "F waves", "H reflex", "needle", "CSF", "CK", "ESR", "MRI of the plexus"):  # fmt: skip
        assert kind in words


def test_one_muscle_under_the_needle_gives_recruitment_fibrillation_and_size_of_units():
    assert {"recruitment", "fibrillation", "size of units"} <= {
        item.what for item in named("needle, left vastus-lateralis").items
    }


def test_one_motor_study_gives_amplitude_latency_and_velocity():
    words = {item.what for item in named("motor conduction, left fibular-extensor-digitorum-brevis").items}
    assert {"amplitude", "latency", "velocity to fibular head", "amplitude to popliteal"} <= words


def test_a_muscle_of_which_one_item_is_known_is_done():
    assert "needle, left vastus-lateralis" not in {t.label for t in open_tests({VASTUS}, 60.0)}


def test_a_scan_of_the_spine_leaves_the_plexus_to_be_scanned_for_what_is_not_known():
    known = {Address("imaging", None, name) for name in ("root_compression", "mass", "haematoma")}
    tests = open_tests(known, 60.0)
    assert "MRI of the lumbar spine" not in {test.label for test in tests}
    assert [item.where.item for item in named("MRI of the plexus", tests).items] == ["plexus_enhancement"]


def test_a_taller_person_may_have_later_f_waves():
    short, tall = (
        named("F waves, left tibial", open_tests(set(), 60.0, height)).items[1].cuts[0]
        for height in (150, 190)
    )
    assert tall > short


def test_the_limits_of_times_lie_on_the_sick_side_of_the_healthy_mean():
    timed = [i for i in _open_items(set(), 50.0) if i.where.field.endswith(("latency", "velocity"))]
    assert timed
    for item in timed:
        slow = item.where.field.endswith("velocity")
        assert (item.cuts[0] < item.healthy) if slow else (item.cuts[0] > item.healthy), item.label


def test_the_side_is_no_part_of_the_place_of_a_test():
    tests = open_tests(set(), 60.0)
    assert named("needle, left vastus-lateralis").place == named("needle, right vastus-lateralis").place
    assert named("plantar response, left").place == named("plantar response, right").place
    assert len({test.place for test in tests}) < len(tests)


def test_results_of_an_item_sum_to_one_under_every_patient():
    items = list(_open_items(set(), 60.0))
    shown = np.random.default_rng(0).normal(1.0, 2.0, (16, N_FINDINGS)).astype(np.float32)
    for rows in _results(items, shown):
        np.testing.assert_allclose(rows.sum(axis=0), 1.0, atol=1e-5)
        assert rows.min() > 0.0


def test_joint_results_sum_to_one_and_agree_with_the_items_one_by_one():
    tests = open_tests(set(), 60.0)
    shown = np.random.default_rng(1).normal(0.0, 1.0, (4, N_FINDINGS)).astype(np.float32)
    given = _results_of_tests(tests, shown)
    for index, test in enumerate(tests):
        codes, rows = np.array(_joint_results(test)), given.of(index)
        assert len(codes) == len(rows)
        np.testing.assert_allclose(rows.sum(axis=0), 1.0, atol=1e-5)
        for which, item in enumerate(test.items[: len(test.items) - test.hidden]):
            for result in range(len(item.results)):
                total = rows[codes[:, which] == result].sum(axis=0)
                np.testing.assert_allclose(total, given.single[index][which][result], atol=1e-5)


def test_without_a_response_nothing_else_of_a_study_is_seen():
    test = named("motor conduction, left tibial-abductor-hallucis")
    closed = [codes for codes in _joint_results(test) if codes[0] == 0]
    assert closed == [(0, *(-1,) * (len(test.items) - 1))]


def test_a_muscle_without_units_still_tells_of_fibrillation_but_not_of_their_size():
    test = named("needle, left vastus-lateralis")
    closed = [codes for codes in _joint_results(test) if codes[0] == 0]
    assert {codes[-1] for codes in closed} == {-1}
    assert len({codes[1] for codes in closed}) == 3


def test_a_result_recorded_by_slip_is_never_ruled_out():
    item = _Item("x", "examination", KNEE, (3.5, 4.67), ("weak", "less weak", "strong"))
    (rows,) = _results([item], view({KNEE: [40.0]}).expected[-1])
    np.testing.assert_allclose(rows[0], _contamination_rate() / 3.0, rtol=1e-3)


def test_a_nerve_may_give_no_response_in_health():
    sural = named("sensory conduction, left sural").items[0]
    (rows,) = _results([sural], view({sural.where: [sural.healthy]}).expected[-1])
    least = part("recordings/reference_limits").group("sural").value("absent_in_health")
    assert rows[0, 0] >= least


def test_the_results_of_a_test_under_one_cause_sum_to_one():
    for item in _open_items(set(), 60.0):
        assert _results_of(view({KNEE: [4.0]}), item, noise_sd()).sum() == pytest.approx(1.0, abs=1e-5)


def test_a_test_that_parts_two_causes_is_worth_a_bit_less_what_slips_cost():
    best = _plan({0: view({}), 1: view({KNEE: [40.0]})}, even(0, 1), set()).ranking
    assert best[0].label == "strength, left knee-extension"
    assert 0.85 < best[0].bits < 1.0
    assert best[1].bits == pytest.approx(0.0, abs=1e-9)


def test_the_muscle_as_a_whole_tells_more_than_fibrillation_alone():
    size = Address("muap_amplitude", 0, "vastus-lateralis")
    views = {0: view({}), 1: view({VASTUS: [1.2], size: [0.5]})}
    of = _crowd(views, even(0, 1))
    whole = named("needle, left vastus-lateralis")
    part_only = _CandidateTest("f", "needle", (whole.items[1],), 0, whole.cost)
    both, one = _worth(of, _results_of_tests((whole, part_only), of.expected))
    assert both > 1.2 * one


def test_the_sentence_names_what_was_seen_and_the_causes_it_points_to():
    of = _crowd({0: view({}), 1: view({VASTUS: [3.5]})}, even(0, 1))
    stated = _sentence(of, _results_of_tests((named("needle, left vastus-lateralis"),), of.expected), 0)
    assert "fibrillation 3-4+" in stated
    assert DISEASES[0].title in stated
    assert DISEASES[1].title in stated


def test_tests_cost_what_protocols_say_they_cost():
    table = part("study/cost").table("minutes")
    for kind in LISTS:
        assert _cost_of(kind).minutes == table[kind]
    assert _cost_of("needle").insertions == part("study/cost").value("insertions")
    assert _cost_of("strength").insertions == 0.0


def test_the_sole_hurts_more_than_the_thigh():
    assert (
        _cost_of("needle", "abductor-hallucis").discomfort > _cost_of("needle", "vastus-lateralis").discomfort
    )


def test_every_test_that_hurts_more_than_its_kind_is_one_of_the_model():
    names = part("inference/costs").table("discomfort_of_single_tests")
    assert set(names) <= {*A.muscles, *A.motor_study_ids, *A.sensory_study_ids}


def test_a_kind_of_test_without_a_cost_is_refused():
    with pytest.raises(EvidenceError, match="no cost of 'biopsy'"):
        _cost_of("biopsy")


def test_a_budget_knows_what_fits_and_what_share_it_takes():
    budget = Budget(minutes=10.0, insertions=2)
    assert budget.limited
    assert budget.fits(_Cost(10.0, 2.0, 99.0))
    assert not budget.fits(_Cost(10.0, 3.0, 0.0))
    assert budget.share(_Cost(5.0, 1.0, 7.0)) == pytest.approx(1.0)
    assert not Budget(tests=3).limited


@pytest.mark.parametrize("wrong", [{"minutes": -1.0}, {"insertions": float("nan")}, {"tests": -2}])
def test_a_budget_below_zero_is_refused(wrong: dict[str, float]):
    with pytest.raises(InputError, match="is not a budget"):
        Budget(**wrong)
