"""What is planted is wrong, what is counted is right; the experiment itself is run elsewhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from experiments.error_injection import sidedness, summary, with_one_wrong, wrong
from experiments.virtual_patients import Virtual
from garland.evidence.findings import NO, YES
from garland.inference.observations import INF, _declared_words, _Observation
from garland.inference.recording_errors import _blocks
from garland.model.findings import N_FINDINGS, Address, column
from garland.model.latents import N_LATENTS
from garland.model.patient import unknown_person


def finding(field: str, item: str, low: float, high: float, side: int | None = 1) -> _Observation:
    kind = "needle" if field in ("fibrillation", "recruitment") else "examination"
    return _Observation(f"{field} {item}", kind, "as found", (Address(field, side, item),), low, high)


def in_place(observation: _Observation) -> _Observation:
    """Return the finding made wrong in value, not in side."""
    for seed in range(40):
        changed = wrong(observation, np.random.default_rng(seed))
        if changed.where == observation.where:
            return changed
    raise AssertionError("every error was one of side")


WORDS = [
    (
        "movement_strength",
        "knee-extension",
        _declared_words("movement_strength")["normal"],
        _declared_words("movement_strength")["severe-weakness"],
    ),
    ("movement_strength", "knee-extension", (2.5, 3.5), _declared_words("movement_strength")["normal"]),
    ("reflex", "knee", _declared_words("reflex")["normal"], _declared_words("reflex")["absent"]),
    ("reflex", "knee", _declared_words("reflex")["absent"], _declared_words("reflex")["normal"]),
    (
        "dermatome_feeling_small",
        "l4",
        _declared_words("region_feeling")["normal"],
        _declared_words("region_feeling")["absent"],
    ),
    (
        "dermatome_feeling_small",
        "l4",
        _declared_words("region_feeling")["reduced"],
        _declared_words("region_feeling")["normal"],
    ),
    (
        "fibrillation",
        "vastus-lateralis",
        _declared_words("fibrillation")["none"],
        _declared_words("fibrillation")["3"],
    ),
    (
        "fibrillation",
        "vastus-lateralis",
        _declared_words("fibrillation")["2"],
        _declared_words("fibrillation")["none"],
    ),
    (
        "recruitment",
        "vastus-lateralis",
        _declared_words("recruitment")["normal"],
        _declared_words("recruitment")["single-unit"],
    ),
    (
        "recruitment",
        "vastus-lateralis",
        _declared_words("recruitment")["reduced"],
        _declared_words("recruitment")["normal"],
    ),
    ("stretch", "femoral-stretch", YES, NO),
    ("stretch", "femoral-stretch", NO, YES),
]


@pytest.mark.parametrize(("field", "item", "found", "planted"), WORDS)
def test_a_word_is_replaced_by_one_from_the_other_end(
    field: str, item: str, found: tuple[float, float], planted: tuple[float, float]
):
    changed = in_place(finding(field, item, *found))
    assert (changed.low, changed.high) == planted


def test_an_absent_response_becomes_one_that_is_there():
    changed = in_place(finding("snap", "sural", -INF, 0.3))
    assert (changed.low, changed.high) == (0.3, INF)
    again = in_place(finding("snap", "sural", 1.4, INF))
    assert (again.low, again.high) == (-INF, 1.4)


@pytest.mark.parametrize(
    ("field", "item", "value", "least", "most"),
    [("snap", "sural", 12.0, 0.3, 300.0), ("motor_velocity", "tibial-abductor-hallucis@1", 45.0, 1.0, 100.0)],
)
def test_a_number_is_three_to_ten_times_off_and_can_still_be_written(
    field: str, item: str, value: float, least: float, most: float
):
    for seed in range(20):
        changed = wrong(finding(field, item, math.log(value), math.log(value)), np.random.default_rng(seed))
        if changed.where[0].side == 1:
            factor = abs(changed.low - math.log(value))
            assert changed.measured
            assert math.log(3.0) - 1e-9 <= factor <= math.log(10.0) + 1e-9
            assert least <= math.exp(changed.low) <= most


def test_a_finding_of_one_side_is_put_on_the_other_now_and_then():
    sides = [
        wrong(finding("reflex", "knee", 1.4, 2.9), np.random.default_rng(s)).where[0].side for s in range(90)
    ]
    assert 15 <= sides.count(0) <= 45


def test_one_finding_of_the_record_is_changed_and_no_more():
    record = ((finding("reflex", "knee", 1.4, 2.9), finding("reflex", "ankle", 1.4, 2.9)),)
    changed, at = with_one_wrong(record, np.random.default_rng(3))
    assert [a != b for a, b in zip(changed[0], record[0], strict=True)] == [i == at for i in range(2)]


def patient(right: float, left: float) -> Virtual:
    expected = np.zeros(N_FINDINGS, np.float32)
    for field, item in (("movement_strength", "knee-extension"), ("fibrillation", "vastus-lateralis")):
        for side, weak in ((0, left), (1, right)):
            value = 5.2 - 2.2 * weak if field == "movement_strength" else -0.5 + 2.0 * weak
            expected[column(Address(field, side, item))] = value
    sites = np.zeros((2, 1), np.float32)
    return Virtual(0, 0, unknown_person(), np.zeros(N_LATENTS, np.float32), 30.0, expected, sites)


RECORD = (
    (
        finding("movement_strength", "knee-extension", 2.5, 3.5),
        finding("fibrillation", "vastus-lateralis", 0.5, 1.5),
    ),
)


def test_sides_show_to_one_who_knows_a_patient_struck_on_one_side():
    assert sidedness(patient(1.0, 0.0), RECORD, _blocks(RECORD)[0]) > 1.5


def test_sides_do_not_show_in_a_disease_of_both_sides():
    assert sidedness(patient(1.0, 1.0), RECORD, _blocks(RECORD)[0]) == pytest.approx(0.0, abs=1e-5)


def row(**changes: Any) -> dict[str, Any]:
    plain = {
        "findings": 100, "clean_first": True, "wrong_first": True, "exchanged_first": True,
        "wrong_overturned": False, "wrong_named": False, "sided": 20.0, "shown": 20.0,
        "exchanged_flagged": True, "exchanged_named": True, "clean_flagged": False, "wrong_flagged": False,
    }  # fmt: skip
    return {**plain, **changes}


def test_the_fall_is_told_in_points():
    stated = summary([row(), row(wrong_first=False), row(clean_first=False, wrong_first=False), row()])
    assert stated["first_clean"] == pytest.approx(0.75)
    assert stated["fall_points"] == pytest.approx(25.0)


def test_exchanges_are_counted_where_sides_matter_and_over_all():
    stated = summary(
        [row(), row(sided=0.1, exchanged_flagged=False), row(shown=-3.0, exchanged_flagged=False)]
    )
    assert stated["sided_studies"] == 1.0
    assert stated["flagged_sided"] == 1.0
    assert stated["flagged_sided_if_known"] == pytest.approx(0.5)
    assert stated["flagged_all"] == pytest.approx(1.0 / 3.0)


def test_an_experiment_without_sided_studies_has_no_share():
    assert math.isnan(summary([row(sided=0.0)])["flagged_sided"])
    assert math.isnan(summary([])["first_clean"])


def test_polyneuropathy_besides_is_expected_as_often_as_it_is_there():
    stated = summary(
        [row(besides_p=0.9, besides=True), row(besides_p=0.1, besides=False), row(besides_p=None)]
    )
    assert (stated["besides_expected"], stated["besides_there"]) == pytest.approx((0.5, 0.5))
    assert stated["besides_brier"] == pytest.approx(0.01)
