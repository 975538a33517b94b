"""A study becomes a case that says what was measured, and nothing that was not."""

from __future__ import annotations

import math

from garland.edx_study.values import _FValues, _HValues, _MotorValues, _NeedleValues, _SensoryValues
from garland.edx_study.virtual import _case_of
from garland.records import Case

PERSON = {
    "age_years": 64.2, "male": 0.0, "height_cm": 168.4, "weight_kg": 81.0, "diabetes": 1.0,
    "diabetes_years": 6.3, "hba1c_percent": 7.84, "triglycerides_mg_dl": 150.0,
}  # fmt: skip
NAN = math.nan


def case(measured: dict[tuple[str, str, str], object], **person: float) -> Case:
    return _case_of("virtual", "SIMULATED", 60.0, PERSON | person, measured)


def conduction(found: object, kind: str, name: str) -> list[dict[str, object]]:
    rows = case({(kind, name, "left"): found}).visits[0].nerve_conduction.results
    return [row.model_dump(exclude_none=True) for row in rows]


def test_a_response_that_was_not_obtained_is_absent_and_has_no_latency():
    (row,) = conduction(_SensoryValues(), "sensory", "sural")
    assert row["amplitude_uv"] == "absent"
    assert "latency_ms" not in row


def test_a_dead_motor_nerve_is_one_absent_row():
    nothing = _MotorValues((NAN, NAN), (0.0, 0.0), (0.0, 0.0), (NAN, NAN), (NAN, NAN))
    (row,) = conduction(nothing, "motor", "tibial-abductor-hallucis")
    assert row["amplitude_mv"] == "absent"


def test_a_blocked_nerve_is_absent_only_above_the_block():
    blocked = _MotorValues((4.5, NAN), (9.0, 0.0), (25.0, 0.0), (5.0, NAN), (NAN, NAN))
    ankle, knee = conduction(blocked, "motor", "tibial-abductor-hallucis")
    assert ankle["distal_latency_ms"] == 4.5
    assert knee["amplitude_mv"] == "absent"


def test_late_responses_are_absent_or_have_a_latency():
    assert conduction(_FValues(), "f", "tibial")[0]["f_result"] == "absent"
    assert conduction(_FValues(52.04, 54.0, 5.0, 80.0), "f", "tibial")[0]["f_latency_ms"] == 52.0
    assert conduction(_HValues(), "h", "soleus")[0]["h_result"] == "absent"
    assert conduction(_HValues(31.0, 2.0, 10.0), "h", "soleus")[0]["h_latency_ms"] == 31.0


def needle(found: _NeedleValues) -> dict[str, object]:
    results = case({("needle", "vastus-lateralis", "right"): found}).visits[0].needle.results
    return results[0].model_dump(exclude_none=True)


def test_a_muscle_without_units_is_not_described_by_their_size():
    silent = needle(
        _NeedleValues(fibrillations=3, recruitment="none", amplitude_uv=500.0, duration_ms=9.0, units=2)
    )
    assert silent["recruitment"] == "none"
    assert "amplitude" not in silent
    assert "amplitude" not in needle(_NeedleValues())


def test_units_are_called_large_and_long_against_the_limits_of_their_muscle():
    grown = _NeedleValues(
        amplitude_uv=3000.0, duration_ms=19.0, polyphasic_percent=60.0, units=12, recruitment="reduced"
    )
    row = needle(grown)
    assert (row["amplitude"], row["duration"], row["amplitude_mv"]) == ("raised", "prolonged", 3.0)


def test_only_a_diabetic_person_has_years_of_diabetes():
    assert case({}).diabetes.duration_years == 6.3
    without = case({}, diabetes=0.0, diabetes_years=0.0).diabetes
    assert without.type == "none"
    assert without.duration_years is None
