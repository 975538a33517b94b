"""A case is read as it is written: person, days, observations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from case_strategies import MAPPING
from hypothesis import HealthCheck, given, settings
from small_cases import at, observed, only, small_case

from garland.errors import InputError
from garland.inference.encode_case import _encode_case, _person_of
from garland.inference.observations import _arrays
from garland.model.diseases import DISEASES
from garland.model.diseases.tables import IMAGING, cause_tables
from garland.model.findings import N_FINDINGS, Address, column
from garland.records import accepted_causes, parse_case, shipped_case, shipped_cases

CASES = [name for name, _ in shipped_cases()]


def bare(**more: Any) -> dict[str, Any]:
    return {"garland_case": 1, "id": "x", "visits": [{}], **more}


def test_what_is_not_written_is_not_known():
    assert all(math.isnan(float(value)) for value in _person_of(parse_case(bare())))


def test_the_person_is_read_as_written():
    person = _person_of(parse_case(bare(person={"age_years": 61, "sex": "female", "height_cm": 160})))
    assert (float(person.age_years), float(person.male), float(person.height_cm)) == (61.0, 0.0, 160.0)


def test_weight_follows_from_body_mass_index_and_height():
    person = _person_of(parse_case(bare(person={"height_cm": 200, "bmi_kg_m2": 25})))
    assert float(person.weight_kg) == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("diabetes", "known"), [({"hba1c_percent": 8}, 1.0), ({"type": "none"}, 0.0), ({"type": "type-2"}, 1.0)]
)
def test_diabetes_is_known_from_its_type_or_from_hba1c(diabetes: dict[str, Any], known: float):
    assert float(_person_of(parse_case(bare(diabetes=diabetes))).diabetes) == known


def test_a_low_hba1c_alone_leaves_diabetes_open():
    assert math.isnan(float(_person_of(parse_case(bare(diabetes={"hba1c_percent": 5.8}))).diabetes))


def test_hba1c_of_the_first_visit_counts():
    case = parse_case(bare(visits=[{"laboratory": {"hba1c_percent": 9.0}}]))
    assert float(_person_of(case).hba1c_percent) == pytest.approx(9.0)
    assert _encode_case(case).not_used == ()


def test_diabetes_that_was_just_found_is_young():
    assert float(_person_of(parse_case(bare(diabetes={"type": "newly-found"}))).diabetes_years) == 1.0
    assert float(_person_of(parse_case(bare(diabetes={"type": "none"}))).diabetes_years) == 0.0


def test_days_of_visits_are_kept():
    days = [{"day_since_onset": 10}, {"day_since_onset": 40}, {}]
    first, second, third = _encode_case(parse_case(bare(visits=days))).timings
    assert (first.first_day, first.later_day) == (10.0, 0.0)
    assert second.later_day == 30.0
    assert third.later_day == 30.0
    assert third.later_share > second.later_share == 0.0


def test_a_day_that_is_not_written_is_not_known():
    assert _encode_case(parse_case(bare())).first_day is None
    assert math.isnan(_encode_case(parse_case(bare())).timings[0].first_day)


def test_age_at_onset_gives_the_day():
    case = bare(person={"age_years": 50}, history={"age_at_onset_years": 48})
    assert _encode_case(parse_case(case)).first_day == pytest.approx(730.0)


def test_a_day_known_exactly_is_spread_less():
    spread = [
        _encode_case(parse_case(bare(visits=[{"day_since_onset": 9, "day_precision": word}])))
        .timings[0]
        .precision_ln
        for word in ("exact", "about", "rough")
    ]
    assert spread == sorted(spread)


def test_a_statement_made_twice_counts_once():
    rows = [{"muscle": "soleus", "side": "left", "fibrillations": 2}] * 2
    assert len(observed(needle={"results": rows})) == 1


def test_a_grade_of_a_movement_is_one_observation_there():
    found = observed(examination={"strength": {"right": {"knee-extension": 3}}})
    assert [o.where for o in found] == [at("movement_strength", "knee-extension", 1)]
    assert (found[0].low, found[0].high) == (2.5, 3.5)


def test_both_sides_are_two_observations():
    found = observed(examination={"reflexes": {"both": {"knee": "absent"}}})
    assert [o.where[0].side for o in found] == [0, 1]


WEAK_FOOT = {"strength": {"unstated": {"ankle-dorsiflexion": 2}}, "reflexes": {"unstated": {"ankle": 1}}}


def sides_of(history: dict[str, Any] | None = None, **visit: Any) -> list[list[int | None]]:
    return [[a.side for a in o.where] for o in observed(history, **visit) if o.kind == "examination"]


def test_a_side_left_out_is_that_of_the_complaint():
    for side, index in (("left", 0), ("right", 1)):
        complaint = {"weakness": {"present": True, "side": side}}
        assert sides_of(complaint, examination=WEAK_FOOT) == [[index], [index]]


def test_a_side_left_out_is_the_only_one_of_which_anything_is_told():
    told = WEAK_FOOT | {"straight_leg_raise": {"left": "positive"}}
    assert all(sides == [0] for sides in sides_of(examination=told))


def test_where_no_side_is_told_the_right_stands_for_it_and_the_answer_says_so():
    case = small_case(examination=WEAK_FOOT)
    assert sides_of(examination=WEAK_FOOT) == [[1], [1]]
    assert any("the right stands for it" in note for note in _encode_case(case).not_used)


def test_where_both_sides_are_spoken_of_a_side_left_out_is_one_observation_about_either():
    both = WEAK_FOOT | {"straight_leg_raise": {"left": "positive", "right": "negative"}}
    assert [0, 1] in sides_of(examination=both)


def test_a_side_that_is_meant_is_mirrored_with_the_complaint():
    mirrored = [
        sides_of({"pain": {"present": True, "side": s}}, examination=WEAK_FOOT) for s in ("left", "right")
    ]
    assert [[1 - side for side in where] for where in mirrored[0]] == mirrored[1]


def test_a_group_of_muscles_is_one_observation_about_any_of_them():
    row = {"group": "quadriceps", "side": "left", "fibrillations": 2}
    found = only("fibrillation", needle={"results": [row]})
    assert len(found.where) == 3
    assert not found.every


@pytest.mark.parametrize(
    "visit",
    [
        {"examination": {"strength": {"left": {"others": "normal"}}}},
        {"examination": {"sensation": {"others": "normal"}}},
    ],
)
def test_normal_others_are_one_statement_about_every_one_of_them(visit: dict[str, Any]):
    (found,) = observed(**visit)
    assert found.every
    assert len(found.where) > 3


def test_normal_others_leave_out_what_is_named():
    found = observed(examination={"strength": {"left": {"knee-extension": 3, "others": "normal"}}})
    rest = next(o for o in found if o.every)
    assert Address("movement_strength", 0, "knee-extension") not in rest.where


def test_the_fall_between_two_points_is_what_speaks():
    study = {"study": "fibular-extensor-digitorum-brevis", "side": "left"}
    rows = [{**study, "stimulate": "ankle", "amplitude_mv": 4.0}]
    rows += [{**study, "stimulate": "fibular-head", "amplitude_mv": 1.0}]
    found = only("cmap_drop", nerve_conduction={"results": rows})
    assert found.low == pytest.approx(math.log(0.25))


def test_an_amplitude_is_on_the_log_scale():
    found = only(
        "snap", nerve_conduction={"results": [{"study": "sural", "side": "left", "amplitude_uv": 10}]}
    )
    assert found.low == found.high == pytest.approx(math.log(10.0))
    assert found.measured


@pytest.mark.parametrize(("nerve", "usual"), [("femoral", 3.8), ("femoral-vastus-medialis", 6.0)])
def test_a_femoral_latency_of_no_told_distance_fits_health_wherever_it_was_recorded(nerve: str, usual: float):
    rows = [{"study": nerve, "side": "left", "distal_latency_ms": told} for told in (5.6, 12.0)]
    normal, slow = (only("motor_latency", nerve_conduction={"results": [row]}) for row in rows)
    assert normal.low < math.log(usual) < normal.high
    assert math.log(usual) < slow.low
    assert normal.text == "5.6 ms"


def test_a_latency_at_the_one_distance_in_use_is_read_as_the_number_it_is():
    row = {"study": "tibial-abductor-hallucis", "side": "left", "distal_latency_ms": 5.6}
    assert only("motor_latency", nerve_conduction={"results": [row]}).measured


def test_imaging_of_the_spine_that_names_no_mass_says_there_is_none():
    found = observed(imaging=[{"modality": "mri", "region": "pelvis", "findings": ["normal"]}])
    assert {a.item for o in found for a in o.where if o.high == 0.0} >= {"mass", "haematoma"}


@pytest.mark.parametrize(
    ("region", "items"),
    [
        ("pelvis", ["mass"]),
        (None, ["mass"]),
        ("hip", ["mass_thigh"]),
        ("knee", ["mass_knee"]),
        ("lumbar-spine", ["mass_spine"]),
        ("nerve", ["mass", "mass_thigh", "mass_knee", "mass_spine"]),
    ],
)
def test_a_mass_is_where_it_was_scanned(region: str | None, items: list[str]):
    for key, end in (("findings", 0.0), ("not_seen", -math.inf)):
        study = {"modality": "ultrasound", key: ["mass"]} | ({"region": region} if region else {})
        (found,) = observed(imaging=[study])
        assert [a.item for a in found.where] == items
        assert found.low == end


def test_a_mass_at_the_knee_speaks_for_the_nerve_there_and_not_for_a_growth_in_the_pelvis():
    table, names = cause_tables().imaging, [cause.name for cause in DISEASES]
    knee, deep = (table[:, IMAGING.index(item)] for item in ("mass_knee", "mass"))
    fibular, pelvic = names.index("fibular"), names.index("plexopathy-neoplastic")
    assert knee[fibular] > knee[pelvic] + 1.0
    assert deep[pelvic] > deep[fibular] + 2.0


def test_high_arches_speak_for_a_hereditary_neuropathy():
    (there,), (none,) = (observed(examination={"pes_cavus": value}) for value in (True, False))
    assert (there.low, none.high) == (0.0, 0.0)
    assert _encode_case(small_case(examination={"pes_cavus": True})).not_used == ()
    scores = cause_tables().pes_cavus[:, 0]
    assert DISEASES[int(np.argmax(scores))].name == "hereditary-demyelinating"


def test_a_disc_names_the_root_it_presses():
    study = {"modality": "mri", "region": "lumbar-spine", "findings": ["disc-herniation"], "roots": ["l4"]}
    assert only("compression", imaging=[study]).where == at("compression", "l4", None)


@pytest.mark.parametrize("name", CASES)
def test_every_shipped_case_becomes_arrays(name: str):
    reading = _encode_case(shipped_case(name))
    for visit in reading.visits:
        packed = _arrays(visit)
        assert packed.every.shape == (len(visit),)
        assert ((packed.column >= 0) & (packed.column < N_FINDINGS)).all()
        assert (packed.low <= packed.high).all()
        assert (packed.sd > 0).all()
        shares = packed.summed(packed.share)
        np.testing.assert_allclose(shares, 1.0, rtol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_the_accepted_causes_of_every_shipped_case_are_modelled(name: str):
    assert set(accepted_causes(name)) <= {cause.name for cause in DISEASES}


def test_fourteen_of_the_shipped_cases_have_a_cause_that_is_none_of_the_list():
    assert sum(not accepted_causes(name) for name in CASES) == 14


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MAPPING)
def test_whatever_a_valid_case_holds_can_be_read(mapping: dict[str, Any]):
    for visit in mapping["visits"]:
        visit.pop("day_since_onset", None)
    try:
        case = parse_case(mapping)
    except InputError:
        return
    reading = _encode_case(case)
    assert len(reading.visits) == len(reading.timings) == len(case.visits)
    for visit in reading.visits:
        for observation in visit:
            assert observation.low <= observation.high
            assert all(0 <= column(address) < N_FINDINGS for address in observation.where)
    assert all(note.strip() for note in reading.not_used)


def test_what_a_small_case_does_not_use_is_named():
    case = small_case({"drugs": ["gabapentin"]}, other_tests=[{"test": "MEP", "result": "late"}])
    assert _encode_case(case).not_used == ("drugs gabapentin", "MEP (late)")


def anticoagulation(history: dict[str, Any], **visit: Any) -> list[tuple[str, bool]]:
    return [(o.text, o.low == 0.0) for o in observed(history, **visit) if o.where[0].item == "anticoagulant"]


def test_a_drug_or_an_inr_stands_for_anticoagulation_once():
    inr = {"laboratory": {"inr": 3.4}}
    assert anticoagulation({"drugs": ["Warfarin", "aspirin"]}, **inr) == [("Warfarin", True)]
    assert anticoagulation({}, **inr) == [("INR 3.4", True)]
    assert anticoagulation({"drugs": ["low molecular weight heparin"]}) == [
        ("low molecular weight heparin", True)
    ]
    assert anticoagulation({"drugs": ["aspirin"]}, laboratory={"inr": 1.1}) == []


def test_what_the_record_says_of_anticoagulation_goes_before_its_drugs():
    inr = {"laboratory": {"inr": 3.4}}
    assert anticoagulation({"anticoagulant": True, "drugs": ["warfarin"]}, **inr) == [("yes", True)]
    assert anticoagulation({"anticoagulant": False, "drugs": ["warfarin"]}, **inr) == [("no", False)]


def test_drugs_and_an_inr_that_are_used_are_not_named_as_unused():
    drugs = ["warfarin", "aspirin"]
    used = small_case({"drugs": drugs}, laboratory={"inr": 3.4})
    assert _encode_case(used).not_used == ("drugs aspirin",)
    denied = small_case({"drugs": ["warfarin"], "anticoagulant": False}, laboratory={"inr": 3.4})
    assert _encode_case(denied).not_used == ("drugs warfarin", "inr 3.4")


def test_a_person_beyond_what_the_model_is_trusted_with_is_taken_at_its_end_and_told_so():
    stated = {"person": {"age_years": 3, "height_cm": 45}, "lipids": {"triglycerides_mg_dl": 15000}}
    found = _encode_case(parse_case({"garland_case": 1, "id": "x", "visits": [{}], **stated}))
    assert (float(found.person.age_years), float(found.person.height_cm)) == (16.0, 100.0)
    assert float(found.person.triglycerides_mg_dl) == 1000.0
    assert found.not_used[1] == "height [cm] 45: taken as 100, where the range of the model ends"
    assert len(found.not_used) == 3


def test_a_fall_of_amplitude_along_a_nerve_with_one_point_is_told_as_not_used():
    row = {"study": "femoral-vastus-medialis", "side": "left", "amplitude_drop_percent": 60}
    found = _encode_case(small_case(nerve_conduction={"results": [row]}))
    assert found.visits == ((),)
    assert "amplitude drop" in found.not_used[0]


def test_a_region_spared_is_free_on_both_sides():
    pain = {"present": True, "side": "left", "regions": ["groin"], "spared": ["foot"]}
    foot = [
        o
        for o in observed({"pain": pain})
        if o.text == "none" and o.where[0].item.startswith(("foot", "sole"))
    ]
    assert {address.side for o in foot for address in o.where} == {0, 1}
    assert all((o.low, o.high) == (-math.inf, 0.0) and not o.every for o in foot)


def test_a_region_that_is_not_named_says_nothing():
    without = observed({"pain": {"present": True, "side": "both", "regions": ["groin"]}})
    assert not [o for o in without if o.text == "none"]


def test_what_imaging_looked_for_and_did_not_see_is_read_once():
    study = {"modality": "mri", "region": "lumbar-spine", "findings": ["stenosis"], "not_seen": ["mass"]}
    mass = [o for o in observed(imaging=[study]) if o.where[0].item == "mass_spine"]
    assert [(o.text, o.low, o.high) for o in mass] == [("not seen", -math.inf, 0.0)]
