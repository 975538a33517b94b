"""Exchanged sides, wrong entries and wrong units are found and named."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from answers import Ask
from doubtful import LEFT, PATIENTS, RIGHT, Record, by_hand, by_needle, pain, seen, shows, sural
from small_cases import foot_drop, small_case

from experiments.error_injection import _exchanged
from garland.evidence import part
from garland.inference.encode_case import _encode_case
from garland.inference.observations import _contamination_rate
from garland.inference.predictive import (
    _log_mean,
    _mirrored,
    _pooled,
    _PredictiveSample,
    _shifted,
    _side_of,
    _view,
)
from garland.inference.record_checks import _doubts, _suspect, _unit_doubts, _with_units
from garland.inference.record_doubts import _SideDoubt, _Suspicion
from garland.inference.recording_errors import (
    _blocks,
    _entry_doubts,
    _leaning,
    _log_ratios,
    _oddness,
    _side_doubt,
    _slip_probability,
    _slips_of,
)
from garland.model.diseases import DISEASES
from garland.model.findings import Address, column, noise_sd
from garland.records import Case, parse_case


def everybody() -> np.ndarray:
    """Return as many patients struck on the left as on the right."""
    return np.concatenate([shows(LEFT, PATIENTS // 2), shows(RIGHT, PATIENTS // 2)])


def doubt(record: Record, expected: np.ndarray | None = None) -> _SideDoubt | None:
    shown = everybody() if expected is None else expected
    return _side_doubt(seen(shown, record), record, [shows(None)] * len(record))


def entries(record: Record, expected: np.ndarray) -> tuple[str, ...]:
    view = seen(expected, record)
    odd = [np.array([0.25 if o.measured else 0.3 for o in visit]) for visit in record]
    return tuple(doubt.message for doubt in _entry_doubts(view, record, odd))


def test_the_mirror_image_of_a_mirrored_finding_is_the_finding():
    for one in (*by_hand(RIGHT), pain()):
        assert _mirrored(_mirrored(one)) == one
    assert _mirrored(by_hand(RIGHT)[0]).label == "strength, right knee-extension"


def test_a_finding_of_both_sides_or_of_none_has_no_side():
    one = by_hand(RIGHT)[0]
    assert _side_of(one) == LEFT
    assert _side_of(pain()) is None
    assert _side_of(replace(one, where=one.where + _mirrored(one).where)) is None


def test_a_shifted_number_keeps_its_place():
    assert _shifted(sural(8.0), np.log(10.0)).low == pytest.approx(np.log(80.0))


def test_the_mean_of_logs_does_not_overflow():
    values = np.array([[900.0], [-900.0]])
    assert _log_mean(values, np.array([0.5, 0.5]))[0] == pytest.approx(900.0 - np.log(2.0))


def test_pooled_patients_weigh_as_much_as_their_cause():
    record: Record = [by_hand(RIGHT)]
    views = {0: seen(shows(RIGHT), record), 3: seen(shows(LEFT, 100), record)}
    both = _pooled(views, np.array([0.8, 0.0, 0.0, 0.2]))
    assert both.weights.sum() == pytest.approx(1.0)
    assert both.weights[:PATIENTS].sum() == pytest.approx(0.8)
    assert both.expected[0].shape[0] == both.by_observation[0].shape[0] == PATIENTS + 100


def test_blocks_are_the_modalities_that_speak_of_a_side():
    record: Record = [(*by_hand(RIGHT), pain()), by_needle(RIGHT)]
    assert [(b.visit, b.kind) for b in _blocks(record)] == [(0, "examination"), (1, "needle")]


def test_an_exchange_touches_its_block_alone():
    record: Record = [(*by_hand(RIGHT), *by_needle(RIGHT), pain())]
    (changed,) = _exchanged(record, _blocks(record)[1])
    assert changed[:6] == record[0][:6]
    assert changed[-1] == record[0][-1]
    assert {_side_of(o) for o in changed[6:9]} == {RIGHT}


def test_parts_that_agree_on_the_side_are_not_doubted():
    assert doubt([by_hand(RIGHT), by_needle(RIGHT)]) is None
    assert doubt([(*by_hand(LEFT), *by_needle(LEFT))]) is None


def test_a_needle_study_on_the_wrong_side_is_flagged_and_both_sides_are_named():
    found = doubt([(*by_hand(RIGHT), *by_needle(LEFT))])
    assert found is not None
    assert found.probability > 0.9
    assert {(one.kind, one.says) for one in found.parts} == {("examination", "right"), ("needle", "left")}
    assert "needle says left" in found.message.lower()
    assert "examination says right" in found.message.lower()


def test_the_part_that_stands_alone_against_two_others_is_the_one_in_doubt():
    tables = (by_hand(RIGHT), by_needle(RIGHT))
    third = tuple(replace(one, kind="nerve conduction") for one in by_hand(LEFT))
    found = doubt([(*tables[0], *tables[1], *third)])
    assert found is not None
    assert [one.kind for one in found.parts] == ["nerve conduction"]


def test_the_second_visit_on_the_other_side_is_named_by_its_number():
    found = doubt([by_hand(RIGHT), by_hand(LEFT)])
    assert found is not None
    assert "examination of visit 2 says left" in found.message.lower()


def test_an_exchange_in_a_disease_of_both_sides_alike_is_no_matter():
    alike = shows(RIGHT)
    for address in (o.where[0] for o in by_hand(RIGHT)):
        alike[:, column(address)] = 3.0
    record: Record = [tuple(replace(o, low=2.5, high=3.5) for o in by_hand(RIGHT)), by_needle(RIGHT)]
    view = seen(alike, record)
    assert _log_ratios(view, record, _blocks(record))[0] == pytest.approx(0.0, abs=1e-6)


def test_one_part_alone_cannot_contradict_itself():
    assert doubt([by_hand(RIGHT)]) is None


def test_healthy_people_lean_to_no_side_on_average():
    rng = np.random.default_rng(0)
    expected = shows(None)
    sd = noise_sd()[column(sural(9.0).where[0])]
    drawn = [sural(float(np.exp(2.3 + sd * z))) for z in rng.standard_normal(400)]
    assert _oddness(expected, drawn).mean() == pytest.approx(0.0, abs=0.15)


def test_a_weak_right_thigh_leans_to_the_right():
    expected = shows(None)
    for side, sign in ((RIGHT, 1.0), (LEFT, -1.0)):
        assert sign * _leaning(by_hand(side), _oddness(expected, by_hand(side))) > 5.0


def test_one_finding_counts_no_more_than_the_cap():
    wild = sural(0.001)
    assert _oddness(shows(None), [wild])[0] <= 3.0


def test_the_probability_of_a_slip_is_that_of_the_mixture():
    record: Record = [(pain(),)]
    allowed = _contamination_rate()
    log_p = np.full((4, 1), np.log((1.0 - allowed) * 0.2 + allowed * 0.3))
    view = _PredictiveSample(np.full(4, 0.25), (log_p,), (shows(None, 4),), np.zeros((4, 2, 1), np.float32))
    share = part("inference/suspicion").value("wrong_share")
    assert _slip_probability(view, 0, np.array([0.3]))[0] == pytest.approx(
        share * 0.3 / ((1.0 - share) * 0.2 + share * 0.3), rel=1e-6
    )
    assert record[0][0].kind == "history"


def test_an_entry_that_fits_is_not_doubted():
    assert entries([(*by_hand(RIGHT), sural(10.0))], shows(RIGHT)) == ()


def test_a_weakness_written_on_the_other_side_is_named_with_its_remedy():
    hand = by_hand(RIGHT)
    slip = replace(hand[0], low=2.5, high=3.5, text="MRC 3")
    right = tuple(o for o in hand[1:] if o.where[0].item != "knee-extension")
    (message,) = entries([(slip, *right, *by_needle(RIGHT))], shows(RIGHT))
    assert "left knee-extension" in message
    assert "it would fit on the right" in message


def test_a_decimal_point_that_slipped_is_put_back():
    (message,) = entries([(*by_hand(RIGHT), sural(100.0))], shows(RIGHT))
    assert "it would fit as 10 uV (decimal point)" in message


def test_a_response_in_another_unit_is_recognised_even_if_it_reads_as_absent():
    nothing = replace(sural(0.01), low=-np.inf, high=-1.0)
    (message,) = entries([(*by_hand(RIGHT), nothing)], shows(RIGHT))
    assert "it would fit as 10 uV (another unit)" in message


def test_two_rows_exchanged_are_recognised():
    expected = shows(RIGHT)
    for side in (LEFT, RIGHT):
        expected[:, column(Address("snap", side, "superficial-fibular"))] = np.log(4.0)
        expected[:, column(Address("snap", side, "sural"))] = np.log(18.0)
    fibular = replace(sural(4.0), where=(Address("snap", RIGHT, "superficial-fibular"),), label="fibular")
    (message,) = entries([(*by_hand(RIGHT), sural(4.0), fibular)], expected)
    assert "it would fit as a finding of superficial fibular" in message


def test_a_word_has_no_decimal_point_to_slip():
    assert not [slip for slip in _slips_of(by_hand(RIGHT)[0], ()) if "decimal" in slip.words]


def test_a_sign_without_side_has_no_remedy():
    assert list(_slips_of(pain(), ())) == []


def with_person(**person: float) -> Case:
    return parse_case(
        {"garland_case": 1, "id": "small", "person": person, "visits": [{"day_since_onset": 30}]}
    )


def test_a_height_in_inches_and_a_weight_in_pounds_are_recognised():
    (height,) = _unit_doubts(with_person(height_cm=68))
    assert height.instead == "inches"
    assert height.meant == pytest.approx(172.7, abs=0.1)
    (weight,) = _unit_doubts(with_person(weight_kg=260))
    assert weight.instead == "pounds"


def test_hba1c_in_mmol_per_mol_is_recognised():
    (found,) = _unit_doubts(small_case(laboratory={"hba1c_percent": 24}))
    assert found.where == "visits[0].laboratory.hba1c_percent"
    assert found.instead == "mmol/mol"
    assert found.meant == pytest.approx(4.35, abs=0.05)


def test_a_nerve_response_in_millivolt_is_recognised():
    row = {"study": "sural", "side": "right", "amplitude_uv": 0.012}
    (found,) = _unit_doubts(small_case(nerve_conduction={"results": [row]}))
    assert (found.instead, found.meant) == ("mV", pytest.approx(12.0))


def test_spinal_fluid_protein_in_grams_per_litre_is_recognised():
    (found,) = _unit_doubts(small_case(laboratory={"csf_protein_mg_dl": 0.9}))
    assert (found.instead, found.meant) == ("g/L", pytest.approx(90.0))


def test_a_number_that_fits_no_unit_is_still_doubted():
    (found,) = _unit_doubts(with_person(height_cm=45))
    assert found.meant is not None
    (other,) = _unit_doubts(small_case(laboratory={"ck_u_l": 900000}))
    assert "is it 9e+04" in other.message
    (third,) = _unit_doubts(small_case(laboratory={"csf_protein_mg_dl": 0.001}))
    assert "check value and unit" in third.message


def test_ordinary_numbers_are_not_doubted():
    assert _unit_doubts(small_case(laboratory={"hba1c_percent": 8.1, "csf_protein_mg_dl": 60})) == ()
    assert _unit_doubts(with_person(height_cm=170, weight_kg=90)) == ()


def test_no_response_is_no_wrong_unit():
    row = {"study": "sural", "side": "right", "amplitude_uv": 0}
    assert _unit_doubts(small_case(nerve_conduction={"results": [row]})) == ()


def test_all_doubts_are_told_in_one_list():
    found = _with_units(_Suspicion(), with_person(height_cm=68))
    assert len(found.messages) == 1
    assert "68 inches would be 173" in found.messages[0]
    assert _Suspicion().messages == ()


@pytest.mark.slow
def test_a_real_answer_to_a_sound_record_doubts_nothing_and_stands_under_other_priors(ask: Ask):
    case = foot_drop()
    answer = ask(case, particles=512, frequencies={"fibular": 0.6, "radiculopathy-l5": 0.4})
    leading = answer.posterior.order[0]
    views = {leading: _view(answer.problem, answer.posterior.clouds[leading], 512)}
    visits = _encode_case(case).visits
    found = _doubts(case, answer.problem, visits, answer.posterior, views, "emg-laboratory", True)
    assert found.suspicion.sides is None
    assert found.suspicion.units == ()
    assert found.cover is None
    assert json.loads(json.dumps(asdict(found)))["sensitivity"]["leader"] == DISEASES[leading].title
    other = parse_case({**case.model_dump(exclude_none=True), "person": {"age_years": 50, "height_cm": 70}})
    assert len(_doubts(other, answer.problem, visits, answer.posterior, {}, "population", True)
               .suspicion.messages) == 1  # fmt: skip
    assert _suspect(answer.problem, visits, {}, answer.posterior.probability) == _Suspicion()
