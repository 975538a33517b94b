"""A muscle at rest: known trains, known grades."""

from __future__ import annotations

import numpy as np
import pytest
from needle_signals import fibre, recording, train, unit, wave

from garland.evidence import part
from garland.signals.needle_site import _in_groups, _likeness_later, _positive_wave, _train_count
from garland.signals.spontaneous_activity import (
    _grade_of_trains,
    _insertion_ms,
    _Spontaneous,
    spontaneous,
    trains_for_grade,
)
from garland.signals.trace import Trace


def places(trains: list[int], rng: np.random.Generator, shape=fibre) -> list[Trace]:
    return [
        recording(
            [
                (shape(float(rng.uniform(80, 500))), train(float(rng.uniform(4, 10)), 1.0, 0.02, rng))
                for _ in range(count)
            ],
            1.0,
            rng,
        )
        for count in trains
    ]


def graded(trains: list[int], seed: int = 1, shape=fibre) -> _Spontaneous:
    return spontaneous(places(trains, np.random.default_rng(seed), shape))


@pytest.mark.parametrize("grade", [-0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
def test_the_number_of_trains_and_the_grade_are_each_other_s_inverse(grade: float):
    assert _grade_of_trains(trains_for_grade(grade)) == pytest.approx(grade)


def test_nothing_fibrillates_at_the_zero_of_the_scale_or_below():
    assert trains_for_grade(part("recordings/needle").value("fibrillation_zero")) == 0.0
    assert trains_for_grade(-3.0) == 0.0


def test_trains_in_two_of_five_places_are_the_first_grade():
    assert _grade_of_trains(1 / 5) < 0.5 < _grade_of_trains(2 / 5)


def test_silent_muscle_has_no_spontaneous_activity():
    found = graded([0, 0, 0, 0, 0])
    assert found.trains == 0.0
    assert (found.fibrillation, found.positive_waves) == (0, 0)
    others = (found.fasciculations, found.myokymia, found.complex_repetitive, found.end_plate)
    assert not any(others)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("trains", "grade"),
    [([1, 0, 0, 0, 0], 0), ([1, 0, 1, 1, 0], 1), ([2, 1, 2, 2, 2], 2), ([5, 5, 5, 5, 5], 3)],
)
def test_known_trains_are_counted_to_their_grade(trains: list[int], grade: int, seed: int):
    assert graded(trains, seed).fibrillation == grade


def test_trains_in_one_place_only_are_no_grade():
    assert graded([3, 0, 0, 0, 0]).fibrillation == 0


def test_many_trains_in_all_places_are_the_highest_grade():
    assert graded([13, 14, 13, 14, 14]).fibrillation == 4


def test_positive_waves_are_told_from_fibrillations():
    waves, fibres = graded([1, 2, 1, 1, 1], shape=wave), graded([1, 2, 1, 1, 1], shape=fibre)
    assert waves.positive_waves == waves.fibrillation >= 1
    assert fibres.positive_waves == 0


def test_a_positive_wave_has_no_sharp_negative_spike():
    middle = int(0.4 * len(wave()))
    padded = np.concatenate([np.zeros(middle), wave()])
    assert _positive_wave(padded[: 2 * middle], 24000.0)
    assert not _positive_wave(np.concatenate([np.zeros(60), fibre(), np.zeros(60)]), 24000.0)


def test_lone_motor_units_in_several_places_are_fasciculations():
    rng = np.random.default_rng(3)
    areas = [recording([(unit(500.0 + 50.0 * k), np.array([0.6]))], 1.0, rng) for k in range(5)]
    found = spontaneous(areas)
    assert found.fasciculations
    assert found.fibrillation == 0


def test_a_motor_unit_firing_in_groups_is_myokymia():
    rng = np.random.default_rng(4)
    gaps = 0.022 * (1.0 + 0.1 * rng.standard_normal((3, 5)))
    times = (np.array([[0.25], [0.55], [0.8]]) + np.cumsum(gaps, axis=1)).ravel()
    found = spontaneous([recording([(unit(), times)], 1.0, rng) for _ in range(3)])
    assert found.myokymia
    assert not found.complex_repetitive


def test_what_repeats_exactly_is_a_complex_repetitive_discharge():
    rng = np.random.default_rng(5)
    ring = [(fibre(200.0 - 30.0 * k), np.arange(0.25, 0.95, 1 / 28) + 0.003 * k) for k in range(4)]
    quiet = [recording([], 1.0, rng) for _ in range(4)]
    found = spontaneous([recording(ring, 1.0, rng), *quiet])
    assert found.complex_repetitive
    assert not found.myokymia


def test_a_regular_train_does_not_repeat_exactly():
    rng = np.random.default_rng(6)
    trace = recording([(fibre(), train(8.0, 1.0, 0.02, rng))], 1.0, rng)
    assert _likeness_later(trace.samples_uv, 2.5, 24000.0) < 0.4
    assert _likeness_later(trace.samples_uv[:100], 2.5, 24000.0) == 0.0


def test_the_noise_of_an_end_plate_is_named_and_not_graded():
    rng = np.random.default_rng(7)
    found = spontaneous([recording([], 1.0, rng, noise_uv=8.0), *[recording([], 1.0, rng) for _ in range(4)]])
    assert found.end_plate
    assert found.fibrillation == 0


@pytest.mark.parametrize(("lasts_s", "word"), [(0.02, "reduced"), (0.15, "normal"), (0.4, "increased")])
def test_insertional_activity_is_named_by_its_length(lasts_s: float, word: str):
    rng = np.random.default_rng(8)
    areas = [
        recording([(fibre(200.0), np.sort(rng.random(int(400 * lasts_s))) * lasts_s)], 1.0, rng)
        for _ in range(5)
    ]
    found = spontaneous(areas)
    assert found.insertional == word
    assert found.fibrillation == 0


def test_the_length_of_insertional_activity_is_found_to_a_few_hundredths_of_a_second():
    rng = np.random.default_rng(9)
    area = recording([(fibre(200.0), np.sort(rng.random(100)) * 0.25)], 1.0, rng)
    assert _insertion_ms(area) == pytest.approx(250.0, abs=50.0)
    assert _insertion_ms(area.between(0.0, 30.0)) == 0.0


def test_nothing_recorded_is_nothing_found():
    found = spontaneous([])
    assert found.trains == 0.0
    assert found.insertional == "normal"
    assert not found.end_plate


def test_places_too_short_to_grade_hold_nothing():
    rng = np.random.default_rng(10)
    assert spontaneous([recording([], 0.3, rng)] * 2).fibrillation == 0


def test_three_discharges_close_together_are_a_group_and_a_steady_train_is_not():
    group = np.array([0.1, 0.125, 0.15, 0.6, 0.625, 0.65]) * 24000.0
    assert _in_groups(group.astype(int), 24000.0)
    assert not _in_groups((np.arange(8) * 3000), 24000.0)
    assert not _in_groups(np.array([100, 400]), 24000.0)


def test_few_trains_are_counted_as_told_apart_and_many_by_their_discharges():
    assert _train_count(2, np.arange(12), 1000.0) == (2.0, False)
    many, dense = _train_count(5, np.arange(72), 1000.0)
    assert many == pytest.approx(14.0, abs=1.5)
    assert dense
