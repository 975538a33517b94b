"""The published cases say what their sources say, and nothing else."""

from __future__ import annotations

import re

import pytest

from garland.errors import InputError
from garland.records import accepted_causes, shipped_case, shipped_cases

DISEASES = {
    "01": ("lrpn",),
    "03": ("dlrpn",),
    "04": ("dlrpn",),
    "05": ("dlrpn",),
    "10": ("radiculopathy-s1",),
    "12": ("radiculopathy-l4",),
    "13": ("radiculopathy-s2", "radiculopathy-s1", "cauda-equina"),
    "14": ("femoral",),
    "16": ("femoral", "plexopathy-haematoma"),
    "18": ("femoral",),
    "21": ("plexopathy-haematoma", "plexopathy-neoplastic", "plexopathy-compressive"),
    "23": ("plexopathy-compressive", "plexopathy-haematoma", "plexopathy-neoplastic"),
    "25": ("sciatic",),
    "27": ("sciatic",),
    "29": ("sciatic",),
    "32": ("fibular",),
    "34": ("fibular",),
    "36": ("fibular",),
    "39": ("gbs", "cidp"),
    "41": ("hereditary-demyelinating", "cidp", "myopathy"),
    "42": ("myopathy",),
    "44": ("motor-neuron-disease",),
    "46": ("vasculitic",),
    "48": ("lateral-femoral-cutaneous",),
}


MORE = [name.split("-")[0] for name, _ in shipped_cases()][len(DISEASES) :]


def test_there_are_a_hundred_published_cases_in_the_order_of_their_numbers() -> None:
    numbers = [int(name.split("-")[0]) for name, _ in shipped_cases()]
    assert numbers == sorted(numbers)
    assert len(numbers) == 100
    assert numbers[: len(DISEASES)] == [int(number) for number in DISEASES]


@pytest.mark.parametrize("number", MORE)
def test_a_further_case_names_its_source_and_its_diagnosis(number: str) -> None:
    published = shipped_case(number).published
    assert published is not None
    assert published.source.citation
    assert published.diagnosis
    assert len(set(accepted_causes(number))) == len(accepted_causes(number))


@pytest.mark.parametrize("number", DISEASES)
def test_a_published_case_names_its_source_and_the_causes_that_count_as_right(number: str) -> None:
    published = shipped_case(number).published
    assert published is not None
    assert published.source.citation
    assert published.source.url
    assert published.diagnosis_seen_in_text is True
    assert accepted_causes(number) == DISEASES[number]


@pytest.mark.parametrize("number", DISEASES)
def test_the_age_and_sex_of_a_published_case_agree_with_its_name(number: str) -> None:
    case = shipped_case(number)
    found = re.search(r"-(\d+)([mf])$", case.id)
    assert found is not None
    assert case.person.age_years == int(found[1])
    assert case.person.sex == {"m": "male", "f": "female"}[found[2]]


def test_an_unknown_case_is_one_error_that_points_to_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 44-als-59m"):
        accepted_causes("44-als-59f")
    with pytest.raises(InputError, match="is not one of the published cases"):
        shipped_case("99")


def test_the_painless_case_denies_pain_and_has_a_small_saphenous_snap_on_the_weak_side() -> None:
    case = shipped_case("01")
    assert case.history.pain.present is False
    first, second = case.visits
    assert (first.day_since_onset, second.day_since_onset) == (7, 8)
    rows = {row.side: row.amplitude_uv for row in second.nerve_conduction.results if row.study == "saphenous"}
    assert rows == {"left": 1.93, "right": 4.2}
    assert second.nerve_conduction.results[2].h_result == "absent"


def test_the_lumbar_polyradiculopathy_says_that_all_other_movements_on_the_right_are_strong() -> None:
    visit = shipped_case("03").visits[0]
    assert visit.examination.strength.right == {
        "knee-extension": "4-",
        "hip-adduction": "4-",
        "hip-flexion": 4,
        "others": 5,
    }
    assert visit.examination.strength.left is None
    assert visit.examination.sensation.others == "normal"
    assert visit.day_since_onset is None
    assert len(visit.published_impression) == 2


def test_diabetes_newly_found_with_an_enhancing_root_and_psoas() -> None:
    case = shipped_case("04")
    assert case.diabetes.type == "newly-found"
    assert (case.diabetes.fasting_glucose_mg_dl, case.diabetes.two_hour_glucose_mg_dl) == (119, 277)
    visit = case.visits[0]
    assert visit.day_since_onset == 14
    assert visit.imaging[0].findings == ("root-enhancement", "psoas-enhancement")
    assert visit.imaging[0].roots == ("l3",)
    assert visit.examination.strength.right == {"knee-extension": "mild-weakness"}
    assert visit.examination.wasting.both == {"others": False}
    assert {row.fibrillations for row in visit.needle.results} == {"widespread"}


def test_the_diabetic_with_the_high_hba1c() -> None:
    case = shipped_case("05")
    assert (case.diabetes.type, case.diabetes.duration_years, case.diabetes.hba1c_percent) == (
        "type-2",
        0.5,
        10.8,
    )
    assert case.person.bmi_kg_m2 == 34
    assert case.visits[0].examination.strength.right == {"hip": "4+", "knee": 5, "ankle": 5}


def test_the_s1_root_has_its_laboratory_limits_and_two_h_reflexes() -> None:
    table = shipped_case("10").visits[0].nerve_conduction
    assert table.laboratory_limits is not None
    assert table.laboratory_limits["soleus-h-reflex"].h_latency_ms_max == 34
    h_rows = {row.side: row.h_latency_ms for row in table.results if row.study == "soleus-h-reflex"}
    assert h_rows == {"right": 32.6, "left": 34.3}
    head = next(row for row in table.results if row.stimulate == "fibular-head")
    assert (head.latency_ms, head.amplitude_mv, head.velocity_m_s) == (9.5, 7, 42)


def test_a_sign_that_came_later_stands_in_a_later_visit_without_a_day() -> None:
    first, later = shipped_case("12").visits
    assert first.examination.sensation.results == ()
    assert later.day_since_onset is None
    assert later.examination.sensation.results[0].region == "leg-medial"
    assert first.imaging[0].levels == ("l3-l4",)


def test_a_femoral_cmap_without_its_recording_site_speaks_of_both_femoral_studies() -> None:
    rows = shipped_case("14").visits[0].nerve_conduction.results
    assert rows[0].studies == ("femoral-rectus-femoris", "femoral-vastus-medialis")
    assert [row.amplitude_mv for row in rows[:2]] == [3.4, 12.5]
    assert rows[2].amplitude_uv == "absent"


def test_haematomas_tell_of_trauma_and_of_anticoagulation() -> None:
    assert shipped_case("16").history.trauma is True
    assert shipped_case("16").visits[0].examination.strength.both == {"knee-extension": "0 to 1"}
    assert shipped_case("21").history.anticoagulant is True
    assert shipped_case("21").visits[0].laboratory.inr == 9.27


def test_no_unit_fires_in_any_femoral_muscle() -> None:
    row = shipped_case("18").visits[0].needle.results[-1]
    assert (row.group, row.recruitment) == ("femoral-innervated", "none")
    assert "vastus-lateralis" in row.muscles


def test_childbirth_injection_and_spinal_surgery_are_told() -> None:
    assert shipped_case("23").history.childbirth is True
    assert shipped_case("27").history.injection is True
    assert shipped_case("48").history.surgery == "spine"
    assert shipped_case("48").visits[0].other_tests[0].result == "abnormal"


def test_the_block_at_the_fibular_head_is_a_drop_over_a_segment() -> None:
    case = shipped_case("32")
    row = case.visits[0].nerve_conduction.results[0]
    assert (row.segment, row.velocity_m_s, row.amplitude_drop_percent) == ("across-fibular-head", 30, 91)
    assert case.visits[0].nerve_conduction.others == "normal"
    assert (case.history.weight_loss_kg, case.history.leg_crossing) == (16, True)


def test_statements_on_groups_of_studies_are_kept_as_statements_on_groups() -> None:
    hereditary = shipped_case("41").visits[0].nerve_conduction.results
    assert [row.study for row in hereditary] == ["arm-motor", "leg-motor", "all-sensory"]
    assert "sural" in hereditary[2].studies
    assert shipped_case("13").visits[0].nerve_conduction.results[0].study == "leg"
    assert shipped_case("41").history.age_at_onset_years == 20


def test_a_side_that_the_source_does_not_give_is_unstated() -> None:
    sides = [row.side for row in shipped_case("39").visits[0].nerve_conduction.results]
    assert sides == ["left", "left"] + ["unstated"] * 6


def test_the_motor_neuron_case_has_brisk_reflexes_twitching_and_an_uncle() -> None:
    case = shipped_case("44")
    examination = case.visits[0].examination
    assert examination.reflexes.both == {"others": 3}
    assert examination.hoffmann.unstated == "positive"
    assert examination.fasciculations.unstated == {"tongue": True, "deltoid": True, "pectoralis-major": True}
    assert case.history.family_history == "motor-neuron-disease"
    assert case.visits[0].laboratory.biopsy == "denervation"
    assert case.visits[0].laboratory.ck_u_l == 232


def test_the_vasculitic_case_is_told_in_the_order_of_its_lesions() -> None:
    visits = shipped_case("46").visits
    assert [visit.day_since_onset for visit in visits] == [4, 9, 15, None, 270]
    early, late = visits[1].needle.results[0], visits[2].needle.results[0]
    assert (early.fibrillations, late.fibrillations) == ("none", "abundant")
    assert visits[1].nerve_conduction.results[-1].result == "normal"
    assert visits[0].examination.strength.right == {"abductor-pollicis-brevis": 3, "opponens-pollicis": 3}
    assert all(visit.laboratory.biopsy is None for visit in visits)
