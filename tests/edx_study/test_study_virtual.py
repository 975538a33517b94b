"""A virtual patient is recorded by order: same order, same study; a bad order is refused."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from garland.edx_study.records import EdxStudy, study_as_dict
from garland.edx_study.virtual import StudyRequest, read_patient, record
from garland.errors import InputError
from garland.forecasts.patient import PatientSpec
from garland.inference.encode_case import _encode_case
from garland.records import Case, parse_case
from garland.records.reading import _case_mapping as case_mapping

SMALL = """

title: Small study
description: one of each kind
motor: [{fibular-extensor-digitorum-brevis: affected}]
sensory: [{sural: both}]
f_waves: [{tibial: affected}]
h_reflexes: [{soleus: affected}]
needle: [{vastus-lateralis: affected}, {paraspinal-l4: affected}]
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("protocol") / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@cache
def recorded(path: Path, seed: int = 1) -> tuple[EdxStudy, Case]:
    return record(StudyRequest(PatientSpec("dlrpn"), str(path), 60.0, seed))


def test_a_study_holds_a_row_for_every_test_of_its_protocol(small):
    study, _ = recorded(small)
    assert [row.point for row in study.motor] == ["ankle", "fibular-head", "popliteal"]
    assert {row.side for row in study.sensory} == {"left", "right"}
    assert len(study.f_waves) == len(study.h_reflexes) == 1
    assert [row.muscle for row in study.needle] == ["vastus-lateralis", "paraspinal-l4"]
    assert len(study.sounds) == 2


def test_the_same_order_gives_the_same_study_and_another_seed_another(small):
    one, case = recorded(small)
    two, again = record(StudyRequest(PatientSpec("dlrpn"), str(small), 60.0, 1))
    assert study_as_dict(one) == study_as_dict(two)
    assert case == again
    for left, right in zip(one.sounds, two.sounds, strict=True):
        assert np.array_equal(left.trace.samples_uv, right.trace.samples_uv)
    other, _ = recorded(small, 2)
    assert study_as_dict(other)["sensory"] != study_as_dict(one)["sensory"]


def test_the_case_of_a_study_is_a_valid_case_that_inference_reads(small):
    study, case = recorded(small)
    assert parse_case(case_mapping(case)) == case
    assert case.title is not None
    assert case.title.startswith("SIMULATED")
    stated = _encode_case(case)
    assert sum(len(visit) for visit in stated.visits) >= 8
    sural = [row for row in case.visits[0].nerve_conduction.results if row.study == "sural"]
    by_side = {row.side: row.amplitude_uv for row in study.sensory if row.study == "sural"}
    for row in sural:
        cell = by_side[row.side]
        assert row.amplitude_uv == ("absent" if cell.value is None else pytest.approx(cell.value, abs=0.01))


def test_every_trace_of_a_study_is_finite_and_carries_its_sweep_and_gain(small):
    study, _ = recorded(small)
    for plate in study.plates:
        assert plate.ms_per_division > 0.0
        assert plate.uv_per_division > 0.0
        for lane in plate.traces:
            assert np.all(np.isfinite(lane.trace.samples_uv))
            assert all(math.isfinite(mark.time_ms) for mark in lane.markers)


def test_a_study_in_plain_values_says_that_it_is_simulated(small):
    stated = study_as_dict(recorded(small)[0])
    assert stated["simulated"] is True
    assert "plates" not in stated
    assert stated["needle"][0]["fibrillations"]["word"]


def test_a_cold_limb_is_slower(small):
    warm, _ = recorded(small)
    cold, _ = record(StudyRequest(PatientSpec("dlrpn"), str(small), 60.0, 1, 28.0))
    for before, after in zip(warm.sensory, cold.sensory, strict=True):
        if before.velocity_m_s.value and after.velocity_m_s.value:
            assert 0.72 < after.velocity_m_s.value / before.velocity_m_s.value < 0.92


def test_a_day_outside_the_model_is_refused(small):
    with pytest.raises(InputError, match="lies outside 0 to 3650 days"):
        record(StudyRequest(PatientSpec("dlrpn"), str(small), -1.0))


def test_an_unknown_protocol_is_refused():
    with pytest.raises(InputError, match="lumbosacral-plexus"):
        record(StudyRequest(PatientSpec("dlrpn"), "lumbosacral-plexis"))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "patient.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_patient_file_gives_a_wish_and_a_seed(tmp_path):
    spec, seed = read_patient(written(tmp_path, "cause: lrpn\nage_years: 70\nsex: woman\nseed: 4\n"))
    assert spec == PatientSpec("lrpn", age_years=70, male=False)
    assert seed == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- dlrpn", "is not a mapping of fields"),
        ("cause: [", "cannot be read"),
        ("cause: dlrpn\nages: 60", "did you mean age_years"),
        ("cause: 3", "is not a name"),
        ("age_years: old", "is not a number"),
        ("age_years: true", "is not a number"),
        ("diabetes: maybe", "is not true or false"),
        ("sex: m", "is neither man nor woman"),
        ("seed: -1", "is not a whole number from 0 on"),
    ],
)
def test_a_patient_file_that_cannot_be_used_is_refused(tmp_path, text, says):
    with pytest.raises(InputError, match=says):
        read_patient(written(tmp_path, text))


def test_a_patient_file_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_patient(tmp_path / "none.yaml")
