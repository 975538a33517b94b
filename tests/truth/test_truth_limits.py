"""Where nothing is damaged everything is normal; where a nerve is cut the clock of Waller runs."""

from __future__ import annotations

import numpy as np
import pytest
from forward_model import LEFT, RIGHT, N, Seen, cut, healthy_person, patients, untouched

from garland.model.findings import SIDED
from garland.reference_values import healthy_studies

DAYS = np.linspace(0.0, 30.0, N).astype(np.float32)
MOTOR, SENSORY = healthy_studies("motor"), healthy_studies("sensory")
EDB = "fibular-extensor-digitorum-brevis"


def on(seen: np.ndarray, day: float) -> float:
    return float(seen[np.argmin(np.abs(DAYS - day))])


@pytest.fixture(scope="module")
def whole() -> Seen:
    return untouched()


@pytest.fixture(scope="module")
def cut_at_the_knee() -> Seen:
    return cut("common-fibular", day=DAYS, hazard=20.0)


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_every_movement_and_muscle_of_a_healthy_person_is_strong(whole: Seen, side: int):
    for field in ("movement_strength", "muscle_strength"):
        for item in SIDED[field]:
            assert whole(field, item, side)[0] == pytest.approx(5.4, abs=0.01), item


def test_every_reflex_of_a_healthy_person_is_normal(whole: Seen):
    for item in SIDED["reflex"]:
        assert whole("reflex", item)[0] == pytest.approx(2.15, abs=0.2), item


def test_no_healthy_muscle_fibrillates_or_is_wasted(whole: Seen):
    for item in SIDED["fibrillation"]:
        assert whole("fibrillation", item)[0] < 0.0, item
        assert whole("wasting", item)[0] < -2.0, item


def test_motor_units_of_healthy_muscle_are_normal(whole: Seen):
    for field in ("muap_amplitude", "muap_duration", "recruitment"):
        for item in SIDED[field]:
            assert whole(field, item)[0] == pytest.approx(0.0, abs=1e-3), (field, item)


def test_a_healthy_person_feels_everywhere(whole: Seen):
    for field in ("nerve_feeling", "nerve_feeling_small", "dermatome_feeling", "region_feeling"):
        for item in SIDED[field]:
            assert whole(field, item)[0] == pytest.approx(0.0, abs=1e-3), item


def test_amplitudes_of_the_average_healthy_person_are_those_of_the_reference(whole: Seen):
    for study, item in enumerate(SIDED["snap"]):
        assert whole("snap", item)[0] == pytest.approx(SENSORY.amplitude_ln[study], abs=1e-3)
    for study, item in enumerate(SIDED["motor_latency"]):
        assert whole("cmap", f"{item}@0")[0] == pytest.approx(MOTOR.amplitude_ln[study], abs=1e-3)
        assert np.exp(whole("motor_latency", item)[0]) == pytest.approx(MOTOR.latency_ms[study], rel=1e-3)


def test_a_healthy_cmap_falls_a_little_with_distance_and_never_rises(whole: Seen):
    for item in SIDED["motor_latency"]:
        falls = [whole("cmap_drop", f"{item}@{point}")[0] for point in range(3)]
        assert falls[0] == pytest.approx(0.0, abs=1e-6)
        assert np.log(0.75) < falls[2] <= falls[1] <= falls[0], item


def test_conduction_of_the_average_healthy_person_is_that_of_the_reference(whole: Seen):
    for study, item in enumerate(SIDED["sensory_velocity"]):
        velocity = np.exp(whole("sensory_velocity", item)[0])
        assert velocity == pytest.approx(SENSORY.velocity_m_s[study], rel=1e-3)


def test_taller_people_conduct_more_slowly_and_have_later_f_waves(whole: Seen):
    tall = patients("none", 30.0, healthy_person(height_cm=195.0))
    short = patients("none", 30.0, healthy_person(height_cm=155.0))
    assert (tall("motor_velocity", f"{EDB}@1") < short("motor_velocity", f"{EDB}@1")).all()
    assert (tall("f_latency", "tibial") > short("f_latency", "tibial")).all()


def test_the_muscle_response_is_kept_on_day_two_and_gone_by_day_ten(whole: Seen, cut_at_the_knee: Seen):
    kept = np.exp(cut_at_the_knee("cmap", f"{EDB}@0") - whole("cmap", f"{EDB}@0")[0])
    assert on(kept, 2.0) > 0.95
    assert on(kept, 10.0) < 0.01


def test_the_nerve_response_is_kept_longer_than_the_muscle_response(whole: Seen, cut_at_the_knee: Seen):
    motor = np.exp(cut_at_the_knee("cmap", f"{EDB}@0") - whole("cmap", f"{EDB}@0")[0])
    sensory = np.exp(cut_at_the_knee("snap", "superficial-fibular") - whole("snap", "superficial-fibular")[0])
    last_motor, last_sensory = DAYS[motor > 0.5].max(), DAYS[sensory > 0.5].max()
    assert 2.0 <= last_sensory - last_motor <= 3.5
    assert last_sensory < 11.0


def test_in_the_first_days_a_cut_nerve_conducts_below_but_not_across_the_cut(
    cut_at_the_knee: Seen, whole: Seen
):
    healthy = whole("cmap_drop", f"{EDB}@1")[0]
    assert on(cut_at_the_knee("cmap_drop", f"{EDB}@1"), 2.0) == pytest.approx(healthy, abs=0.03)
    assert on(cut_at_the_knee("cmap_drop", f"{EDB}@2"), 2.0) < -4.0


def test_paralysis_after_a_cut_is_immediate(cut_at_the_knee: Seen):
    assert on(cut_at_the_knee("muscle_strength", "tibialis-anterior"), 1.0) < 0.5


def test_fibrillations_are_absent_in_the_first_days_and_later_plain(cut_at_the_knee: Seen):
    fibrillation = cut_at_the_knee("fibrillation", "tibialis-anterior")
    assert fibrillation[DAYS < 7.0].max() < 0.5
    assert on(fibrillation, 28.0) > 2.0


def test_fibrillations_after_a_root_lesion_come_first_in_the_back():
    root = cut("ventral-root-l5", day=DAYS)
    down_the_leg = ("paraspinal-l5", "gluteus-medius", "tibialis-anterior")
    first = {muscle: DAYS[root("fibrillation", muscle) > 0.5].min() for muscle in down_the_leg}
    assert first["paraspinal-l5"] < 14.0
    assert first["paraspinal-l5"] <= first["gluteus-medius"] <= first["tibialis-anterior"]


def test_wasting_takes_weeks():
    days = np.linspace(0.0, 180.0, N).astype(np.float32)
    wasted = cut("femoral-pelvic", day=days)("wasting", "vastus-lateralis")
    assert wasted[days < 7.0].max() < -1.0
    assert wasted[np.argmin(np.abs(days - 120.0))] > 2.0
