"""What a record leaves out, and how far what it says counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from garland.evidence import part
from garland.inference.encode_case import EncodedCase, _encode_case
from garland.inference.likelihood import _AS_DRAWN, _by_observation
from garland.inference.observations import _arrays
from garland.inference.reporting import SILENCE, _how_much
from garland.model.findings import N_FINDINGS, Address, column, noise_sd
from tests.inference.small_cases import small_case

WEAK = {"strength": {"right": {"ankle-dorsiflexion": 3}}}


def read(history: dict | None = None, virtual: bool = False, **visit: object) -> EncodedCase:
    return _encode_case(small_case(history, **visit).model_copy(update={"simulated": virtual}))


def _left_unsaid(reading: EncodedCase, domain: str) -> dict[Address, float]:
    rows = [o for visit in reading.silent for o in visit if o.label.startswith(domain)]
    return {address: o.silence for o in rows for address in o.where}


def test_a_lone_finding_counts_in_full_and_each_of_many_less():
    shared = part("inference/reporting").table("shared")["examination"]
    (one,) = read(examination=WEAK).visits[0]
    assert one.power == 1.0
    many = {
        "strength": {"right": {"ankle-dorsiflexion": 3, "toe-extension": 3}},
        "reflexes": {"right": {"knee": 2}},
    }
    assert [o.power for o in read(examination=many).visits[0]] == pytest.approx([3.0**-shared] * 3)


def test_a_virtual_patient_counts_in_full_and_its_silence_means_nothing():
    reading = read({"back_pain": True}, virtual=True, examination=WEAK)
    assert {o.power for visit in reading.visits for o in visit} == {1.0}
    assert (reading.silent, reading.real) == ((), False)
    assert reading.arrival == _AS_DRAWN
    assert reading.weighed == reading.visits


def test_movements_beside_a_weak_one_are_weakly_taken_for_normal():
    silent = _left_unsaid(read(examination=WEAK), "strength")
    assert Address("movement_strength", 1, "ankle-dorsiflexion") not in silent
    assert Address("movement_strength", 0, "ankle-dorsiflexion") in silent
    assert set(silent.values()) == {part("inference/reporting").table("silence")["strength"]}


def test_the_more_normals_a_record_lists_the_less_its_silence_means():
    listed = {"strength": {"right": {"ankle-dorsiflexion": 3, "knee-extension": 5, "hip-flexion": 5}}}
    bare, fuller = (_left_unsaid(read(examination=e), "strength") for e in (WEAK, listed))
    assert max(fuller.values()) == pytest.approx(0.5 * max(bare.values()))


def test_where_all_others_are_said_to_be_normal_nothing_is_left_out():
    every = {"strength": {"both": {"ankle-dorsiflexion": 3, "others": "normal"}}}
    assert _left_unsaid(read(examination=every), "strength") == {}


def test_nothing_is_left_out_of_what_nobody_examined():
    assert _left_unsaid(read(examination=WEAK), "reflexes") == {}
    assert _left_unsaid(read(examination=WEAK), "the complaint") == {}


def test_a_muscle_tested_by_itself_speaks_of_what_it_moves():
    silent = _left_unsaid(read(examination={"strength": {"right": {"tibialis-anterior": 3}}}), "strength")
    assert Address("movement_strength", 1, "ankle-dorsiflexion") not in silent
    assert Address("movement_strength", 1, "knee-extension") in silent


def test_a_territory_speaks_of_the_regions_it_shares_skin_with():
    row = {"side": "right", "nerve": "lateral-femoral-cutaneous", "result": "reduced"}
    silent = _left_unsaid(read(examination={"sensation": {"results": [row]}}), "sensation")
    assert Address("region_feeling", 1, "lateral-thigh") not in silent
    assert Address("region_feeling", 1, "sole") in silent


def test_complaints_not_made_beside_one_that_is():
    pain = {"pain": {"present": True, "side": "right", "regions": ["anterior-thigh"]}}
    reading = read(pain)
    assert _left_unsaid(reading, "the complaint of pain") == {}
    assert _left_unsaid(reading, "the complaint of weakness")
    assert _left_unsaid(reading, "the complaint of numbness")


def test_silence_has_the_likelihood_of_a_normal_result_that_means_nothing_in_a_share_of_records():
    reading = read(examination=WEAK)
    silent = [o for o in reading.silent[0] if o.where[0].field == "movement_strength"]
    expected = np.random.default_rng(0).normal(4.0, 1.0, (5, N_FINDINGS))
    log_p = _by_observation(expected, _arrays(tuple(silent)))
    for row, one in enumerate(silent):
        at = column(one.where[0])
        normal = ndtr((expected[:, at] - one.low) / noise_sd()[at])
        assert np.exp(log_p[:, row] / one.power) == pytest.approx(
            1.0 - one.silence * (1.0 - normal), rel=1e-6
        )


def test_what_is_left_out_is_counted__how_much():
    assert _how_much(read(examination=WEAK).silent).startswith("strength (23)")
    assert {o.kind for o in read(examination=WEAK).silent[0]} == {SILENCE}
