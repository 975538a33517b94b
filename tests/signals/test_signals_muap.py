"""Motor unit potentials: known shapes, known rates, known overlap."""

from __future__ import annotations

import numpy as np
import pytest
from needle_signals import RATE_HZ, bell, recording, train, unit

from garland.signals.muap import _measure_potential, _reversals, _Summary, motor_units, summarise_units
from garland.signals.spikes import _find_spikes, _linked, _noise_uv, _peaks_of, _regularity, _sharpened
from garland.signals.trace import Trace

STEP_MS = 1000.0 / RATE_HZ


def alone(potential: np.ndarray) -> Trace:
    return Trace(potential, RATE_HZ, -14.0)


def test_amplitude_is_peak_to_peak():
    assert _measure_potential(alone(unit(480.0))).amplitude_uv == pytest.approx(480.0, rel=0.01)


def test_area_is_that_of_the_rectified_potential():
    time = np.arange(-20.0, 20.0, STEP_MS)
    bump = Trace(-1000.0 * bell(time, 0.0, 1.0), RATE_HZ, -20.0)
    assert _measure_potential(bump).area_uv_ms == pytest.approx(1000.0 * np.sqrt(2 * np.pi), rel=0.02)


def test_duration_ends_where_the_criterion_says():
    time = np.arange(-20.0, 20.0, STEP_MS)
    bump = Trace(-1000.0 * bell(time, 0.0, 1.0), RATE_HZ, -20.0)
    assert _measure_potential(bump).duration_ms == pytest.approx(2.0 * np.sqrt(2.0 * np.log(100.0)), abs=0.5)


def test_a_larger_potential_of_one_shape_is_no_shorter():
    assert (
        _measure_potential(alone(unit(2000.0))).duration_ms
        >= _measure_potential(alone(unit(300.0))).duration_ms
    )


@pytest.mark.parametrize("spikes_ms", [(0.0,), (0.0, 4.0), (0.0, 3.0, 6.0)])
def test_every_further_spike_adds_two_phases(spikes_ms: tuple[float, ...]):
    single = _measure_potential(alone(unit(800.0, (0.0,), slow=0.0))).phases
    many = _measure_potential(alone(unit(800.0, spikes_ms, slow=0.0))).phases
    assert many == single + 2 * (len(spikes_ms) - 1)


def test_turns_are_counted_with_their_least_size():
    time = np.arange(0.0, 1.0, 1.0 / RATE_HZ)
    sine = 100.0 * np.sin(2 * np.pi * 50.0 * time)
    assert len(_reversals(sine, 150.0)) == 99
    assert len(_reversals(sine, 250.0)) == 0
    assert len(_reversals(sine[:2], 1.0)) == 0


def test_a_late_small_potential_is_a_satellite_and_not_part_of_the_duration():
    main = unit(800.0)
    time = np.arange(-14.0, 26.0, STEP_MS)
    late = alone(main - 150.0 * bell(time, 17.0, 0.4))
    assert _measure_potential(late).satellite
    assert not _measure_potential(alone(main)).satellite
    assert _measure_potential(late).duration_ms == pytest.approx(
        _measure_potential(alone(main)).duration_ms, abs=0.2
    )


def test_a_flat_recording_measures_nothing():
    flat = _measure_potential(Trace(np.zeros(480), RATE_HZ, -10.0))
    assert flat.amplitude_uv == 0.0
    assert flat.duration_ms == 0.0
    assert motor_units([Trace(np.zeros(24000), RATE_HZ)]) == ()


def test_one_unit_is_found_with_its_size_and_rate():
    rng = np.random.default_rng(1)
    (found,) = motor_units([recording([(unit(600.0), train(9.0, 1.0, 0.1, rng))], 1.0, rng)])
    assert found.shape.amplitude_uv == pytest.approx(600.0, rel=0.03)
    assert found.rate_hz == pytest.approx(9.0, rel=0.15)
    assert found.shape.duration_ms == pytest.approx(
        _measure_potential(alone(unit(600.0))).duration_ms, abs=0.8
    )
    assert found.average.times_ms[np.abs(found.average.samples_uv).argmax()] == pytest.approx(0.0, abs=1.0)


def test_three_overlapping_units_are_taken_apart_without_bias():
    rng = np.random.default_rng(2)
    made = [unit(900.0), unit(500.0, (0.0, 2.5)), unit(300.0, (0.0,), slow=0.3)]
    found = []
    for _ in range(6):
        parts = [(wave, train(float(rng.uniform(7, 12)), 1.0, 0.15, rng)) for wave in made]
        found += motor_units([recording(parts, 1.0, rng)])
    assert 16 <= len(found) <= 19
    sizes = np.mean([one.shape.amplitude_uv for one in found])
    assert sizes == pytest.approx(np.mean([900.0, 500.0, 300.0]), rel=0.08)
    true = np.mean([_measure_potential(alone(wave)).duration_ms for wave in made])
    assert np.mean([one.shape.duration_ms for one in found]) == pytest.approx(true, abs=0.8)


def test_two_parts_of_one_unit_are_one_unit():
    rng = np.random.default_rng(3)
    long = unit(700.0) + np.roll(unit(300.0, slow=0.0), int(6.0 / STEP_MS))
    assert len(motor_units([recording([(long, train(8.0, 1.0, 0.15, rng))], 1.0, rng)])) == 1
    assert _linked(np.arange(10) * 2000, np.arange(10) * 2000 + 144, RATE_HZ).all()
    assert not _linked(np.arange(10) * 2000, np.arange(10) * 2171 + 900, RATE_HZ).any()


def test_jiggle_rises_where_the_potential_changes_from_discharge_to_discharge():
    rng = np.random.default_rng(4)
    times = train(10.0, 1.0, 0.1, rng)
    steady = motor_units([recording([(unit(), times)], 1.0, rng)])
    shaky = [(unit(600.0, (0.0, 2.0 + float(rng.normal(0.0, 0.25)))), np.array([at])) for at in times]
    changing = motor_units([recording(shaky, 1.0, rng)])
    assert changing[0].jiggle > 3.0 * steady[0].jiggle


def test_the_summary_is_the_mean_over_units():
    rng = np.random.default_rng(5)
    sites = [recording([(unit(size), train(9.0, 1.0, 0.1, rng))], 1.0, rng) for size in (400.0, 800.0)]
    found = motor_units(sites)
    whole = summarise_units(found)
    assert [one.site for one in found] == [0, 1]
    assert whole.units == 2
    assert whole.amplitude_uv == pytest.approx(600.0, rel=0.03)
    assert whole.polyphasic == 0.0


def test_without_units_the_summary_says_that_there_are_none():
    assert summarise_units(()).units == 0
    assert np.isnan(summarise_units(()).amplitude_uv)
    assert isinstance(summarise_units(()), _Summary)


def test_gaussian_noise_holds_no_units_and_its_size_is_found():
    rng = np.random.default_rng(6)
    noise = recording([], 3.0, rng)
    assert motor_units([noise]) == ()
    sharp = _sharpened(noise)
    assert _noise_uv(sharp, RATE_HZ) == pytest.approx(float(sharp.std()), rel=0.15)
    assert len(_find_spikes(noise).peaks) == 0


def test_sharpening_shifts_nothing_and_keeps_its_band():
    time = np.arange(0.0, 0.5, 1.0 / RATE_HZ)
    kept, lost = (
        _sharpened(Trace(np.sin(2 * np.pi * hz * time), RATE_HZ))[2400:-2400] for hz in (1000.0, 20.0)
    )
    assert np.corrcoef(kept, np.sin(2 * np.pi * 1000.0 * time)[2400:-2400])[0, 1] > 0.999
    assert np.abs(lost).max() < 0.01
    assert len(_sharpened(Trace(np.zeros(0), RATE_HZ))) == 0


def test_of_two_peaks_close_together_the_larger_counts():
    signal = np.zeros(1000)
    signal[[300, 320, 700]] = [5.0, -9.0, 6.0]
    assert _peaks_of(signal, 3.0, 50).tolist() == [320, 700]
    assert len(_peaks_of(np.zeros(0), 1.0, 5)) == 0


def test_a_missed_discharge_does_not_make_a_train_irregular():
    at = np.delete(np.arange(20) * 2400, [5, 11])
    assert _regularity(at, RATE_HZ) == pytest.approx((10.0, 0.0))
    assert _regularity(at[:2], RATE_HZ) == (0.0, np.inf)
