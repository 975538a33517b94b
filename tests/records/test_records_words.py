"""A case is read as people write it: other words mean the same record."""

from __future__ import annotations

from typing import Any

import pytest

from garland.errors import InputError
from garland.inference.encode_case import _encode_case
from garland.records import Case, parse_case


def case(**parts: Any) -> Case:
    visit = {key: parts.pop(key) for key in list(parts) if key not in ("person", "diabetes", "history")}
    return parse_case({"garland_case": 1, "id": "words", **parts, "visits": [visit]})


def examined(**signs: Any) -> Case:
    return case(examination=signs)


def right(**strength: Any) -> Case:
    return case(examination={"strength": {"right": {k.replace("_", " "): v for k, v in strength.items()}}})


def conducted(**row: Any) -> Case:
    return case(nerve_conduction={"results": [{"side": "right", **row}]})


def needled(**row: Any) -> Case:
    return case(needle={"results": [{"muscle": "tibialis-anterior", "side": "right", **row}]})


SAME = [
    (case(person={"age": "60s", "sex": "woman"}), case(person={"age_years": 65, "sex": "female"})),
    (case(person={"age_years": "about 60"}), case(person={"age_years": 60})),
    (case(person={"age_years": "60-69"}), case(person={"age_years": 64.5})),
    (case(person={"age_years": "late 70s"}), case(person={"age_years": 78})),
    (case(diabetes={"type": "type II"}), case(diabetes={"type": "type-2"})),
    (case(diabetes={"type": 2}), case(diabetes={"type": "type-2"})),
    (case(history={"back_pain": "mild"}), case(history={"back_pain": True})),
    (case(history={"trauma": "denied"}), case(history={"trauma": False})),
    (case(history={"paresthesia": {"present": True}}), case(history={"paraesthesia": {"present": True}})),
    (right(hip_flexors="4-/5"), right(**{"hip-flexion": "4-"})),
    (right(plantar_flexors="5/5"), right(**{"ankle-plantarflexion": 5})),
    (right(ankle_evertors=4), right(**{"ankle-eversion": 4})),
    (right(peronei=3), right(**{"fibularis-longus": 3})),
    (right(knee_extensors=3), right(**{"knee-extension": 3})),
    (examined(power={"left": {"hip": 4}}), examined(strength={"left": {"hip": 4}})),
    (
        examined(slr={"right": 40}),
        examined(straight_leg_raise={"right": "positive"}),
    ),
    (
        examined(slr={"right": 85}),
        examined(straight_leg_raise={"right": "negative"}),
    ),
    (examined(walking="steppage gait"), examined(gait="steppage")),
    (
        examined(dtr={"both": {"knee": "WNL"}}),
        examined(reflexes={"both": {"knee": "normal"}}),
    ),
    (
        conducted(study="peroneal motor EDB", site="below fibular head", amplitude_mv=4),
        conducted(study="fibular-EDB", kind="motor", stimulate="fibular-head", amplitude_mv=4),
    ),
    (
        conducted(nerve="fibular", kind="motor", muscle="EDB", velocity=45),
        conducted(study="fibular-EDB", kind="motor", velocity_m_s=45),
    ),
    (
        conducted(study="peroneal sensory", result="within normal limits"),
        conducted(study="superficial-fibular", kind="sensory", result="normal"),
    ),
    (
        needled(fibs="2+", PSW="1+", recruitment="full"),
        needled(fibrillations=2, positive_waves=1, recruitment="normal"),
    ),
    (case(ncs={"results": []}, emg={"results": []}, labs={"ck": 300}), case(laboratory={"ck_u_l": 300})),
]


@pytest.mark.parametrize(("written", "meant"), SAME)
def test_other_words_mean_the_same_record(written: Case, meant: Case):
    assert written == meant


def test_one_thing_under_two_keys_is_refused():
    with pytest.raises(InputError, match="says what fibrillations says"):
        needled(fibs=2, fibrillations=1)


def test_a_key_that_is_one_itself_keeps_its_meaning():
    row = needled(amplitude="raised").visits[0].needle.results[0]
    assert row.amplitude == "raised"


@pytest.mark.parametrize("age", ["old", "60-", "9999", "sixtyish"])
def test_an_age_that_is_none_is_refused(age: str):
    with pytest.raises(InputError, match=r"person\.age_years"):
        case(person={"age_years": age})


def observed(of: Case) -> set[tuple[str, str, str]]:
    return {(o.where[0].field, o.where[0].item, o.text) for o in _encode_case(of).visits[0]}


@pytest.mark.parametrize(
    ("sign", "expected"),
    [
        ({"gait": "ataxic"}, ("elsewhere", "ataxia-of-gait", "ataxic")),
        ({"gait": "waddling"}, ("movement_strength", "hip-abduction", "waddling")),
        ({"tone": "raised"}, ("elsewhere", "spasticity", "raised")),
        ({"clonus": "positive"}, ("elsewhere", "clonus", "positive")),
        ({"romberg": "positive"}, ("region_feeling", "sole", "positive")),
    ],
)
def test_signs_without_a_law_of_their_own_tell_of_findings_that_have_one(
    sign: dict[str, str], expected: tuple[str, str, str]
):
    assert expected in observed(case(examination=sign))


@pytest.mark.parametrize(
    ("value", "told"),
    [(2.4, True), (3.2, None), (4.2, False), ("low", True), ("normal", False)],
)
def test_a_value_of_blood_tells_of_a_disease_only_well_beyond_its_limit(
    value: float | str, told: bool | None
):
    encoded = _encode_case(case(laboratory={"potassium_mmol_l": value}))
    found = [o for o in encoded.visits[0] if o.where[0].item == "low-potassium"]
    assert [o.low > -9.0 for o in found] == ([] if told is None else [told])
    assert any("potassium" in note for note in encoded.not_used) == (told is None)


def test_what_is_only_kept_is_listed_as_not_used():
    encoded = _encode_case(case(examination={"local_signs": ["Tinel at the fibular head"]}))
    assert any("Tinel" in note for note in encoded.not_used)


@pytest.mark.parametrize(("amplitude", "duration", "above"), [(3.9, 18.0, True), (0.24, 6.0, False)])
def test_measured_motor_units_count_against_those_of_health(amplitude: float, duration: float, above: bool):
    found = _encode_case(needled(amplitude_mv=amplitude, duration_ms=duration)).visits[0]
    fields = {o.where[0].field: o for o in found}
    for field in ("muap_amplitude", "muap_duration"):
        assert (fields[field].low > 0.0) == above
        assert fields[field].low < fields[field].high


def test_a_healthy_mean_of_motor_units_lies_about_nought():
    (found,) = (o for o in _encode_case(needled(amplitude_mv=0.661)).visits[0])
    assert found.low < 0.0 < found.high


def test_pain_by_root_is_pain_somewhere_in_its_dermatome():
    by_root = case(history={"pain": {"present": True, "side": "right", "regions": ["S1"]}})
    (found,) = (
        o for o in _encode_case(by_root).visits[0] if o.where[0].field == "region_pain" and not o.every
    )
    assert {address.item for address in found.where} == {"calf", "sole", "posterior-thigh"}
