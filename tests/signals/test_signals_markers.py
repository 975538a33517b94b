"""Markers against pulses of known shape: times, amplitude, area; noise without bias; no response."""

from __future__ import annotations

from math import erf, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulses import FOOT_SD, clock, gaussian, half_sine, muscle, noise, triphasic

from garland._types import Float64s
from garland.errors import InputError
from garland.signals.markers import (
    Response,
    _block_percent,
    _drop_percent,
    _refined,
    _smoothed,
    _temporal_dispersion_percent,
    _velocity_m_s,
    motor_response,
    sensory_response,
)
from garland.signals.trace import Trace

RATES = (10e3, 24e3, 50e3, 100e3)


def motor(samples: Float64s, rate_hz: float = 25e3) -> Response:
    found = motor_response(Trace(samples, rate_hz))
    assert found is not None
    return found


def sensory(samples: Float64s, rate_hz: float = 50e3) -> Response:
    found = sensory_response(Trace(samples, rate_hz))
    assert found is not None
    return found


@pytest.mark.parametrize("rate", RATES)
def test_a_half_sine_gives_its_onset_peak_end_amplitude_and_area(rate: float):
    found = motor(half_sine(4.0, 6.0, 5000.0, rate).samples_uv, rate)
    assert found.onset_ms == pytest.approx(4.0, abs=0.006)
    assert found.peak_ms == pytest.approx(7.0, abs=1e-4)
    assert found.end_ms == pytest.approx(10.0, abs=0.006)
    assert found.amplitude_uv == pytest.approx(5000.0, rel=1e-5)
    assert found.area_uv_ms == pytest.approx(5000.0 * 6.0 * 2.0 / pi, rel=2e-4)
    assert found.duration_ms == pytest.approx(6.0, abs=0.012)


@pytest.mark.parametrize("rate", RATES)
def test_a_gaussian_gives_its_peak_its_foot_and_the_area_between(rate: float):
    found = sensory(gaussian(4.0, 0.3, 10.0, rate).samples_uv, rate)
    assert found.onset_ms == pytest.approx(4.0 - FOOT_SD * 0.3, abs=3e-4)
    assert found.peak_ms == pytest.approx(4.0, abs=1e-4)
    assert found.end_ms == pytest.approx(4.0 + FOOT_SD * 0.3, abs=3e-4)
    assert found.amplitude_uv == pytest.approx(10.0, rel=1e-5)
    assert found.peak_to_peak_uv == pytest.approx(10.0, rel=1e-5)
    assert found.area_uv_ms == pytest.approx(10.0 * 0.3 * sqrt(2 * pi) * erf(FOOT_SD / sqrt(2)), rel=1e-4)


@given(st.floats(0.5, 20.0), st.floats(0.0, 3.0))
@settings(max_examples=15, deadline=None)
def test_scaling_a_response_scales_amplitudes_and_moving_it_moves_times(factor: float, later_ms: float):
    t = clock(50e3, 20.0)
    one, other = sensory(triphasic(t, 3.0, 10.0)), sensory(triphasic(t, 3.0 + later_ms, 10.0 * factor))
    assert other.amplitude_uv == pytest.approx(factor * one.amplitude_uv, rel=1e-3)
    assert other.peak_to_peak_uv == pytest.approx(factor * one.peak_to_peak_uv, rel=2e-3)
    assert other.area_uv_ms == pytest.approx(factor * one.area_uv_ms, rel=2e-3)
    assert other.onset_ms - one.onset_ms == pytest.approx(later_ms, abs=5e-4)
    assert other.peak_ms - one.peak_ms == pytest.approx(later_ms, abs=5e-4)
    assert other.duration_ms == pytest.approx(one.duration_ms, abs=5e-4)


def test_a_level_added_to_the_whole_trace_changes_nothing():
    t = clock(25e3, 50.0)
    one, other = motor(muscle(t, 4.0, 5000.0)), motor(muscle(t, 4.0, 5000.0) + 750.0)
    assert other.baseline_uv == pytest.approx(one.baseline_uv + 750.0, abs=1e-6)
    assert other[:7] == pytest.approx(one[:7], rel=1e-9)


def test_a_sensory_response_that_begins_positive_is_marked_at_its_positive_peak():
    t = clock(50e3, 20.0)
    samples = triphasic(t, 3.0, 10.0)
    found = sensory(samples)
    assert found.initial_positive
    assert found.onset_ms == pytest.approx(t[np.argmax(samples[: np.argmin(samples)])], abs=0.011)


def test_the_peak_to_peak_amplitude_reaches_the_larger_positive_peak():
    samples = triphasic(clock(50e3, 20.0), 3.0, 10.0)
    assert sensory(samples).peak_to_peak_uv == pytest.approx(samples.max() - samples.min(), rel=1e-3)


def test_the_sensory_onset_moves_without_a_leap_from_take_off_to_positive_peak():
    t = clock(50e3, 20.0)
    onsets = np.array([sensory(triphasic(t, 3.0, 10.0, p)).onset_ms for p in np.linspace(0.0, 0.3, 61)])
    assert np.abs(np.diff(onsets)).max() < 0.06


def test_a_motor_response_that_begins_positive_is_flagged_and_marked_at_the_take_off():
    t = clock(25e3, 50.0)
    plain = muscle(t, 6.0, 5000.0)
    odd = plain + 800.0 * np.exp(-0.5 * ((t - 4.9) / 0.5) ** 2)
    assert not motor(plain).initial_positive
    assert motor(odd).initial_positive
    assert motor(odd).onset_ms == pytest.approx(motor(plain).onset_ms, abs=0.25)


def test_small_changes_of_the_trace_make_small_changes_of_the_markers():
    t = clock(25e3, 50.0)
    found = np.array(
        [motor(muscle(t, 4.0 + shift, 5000.0))[:7] for shift in np.linspace(0.0, 0.4, 41)], float
    )
    moved = found[:, :3] - np.linspace(0.0, 0.4, 41)[:, None]
    assert np.ptp(moved, axis=0).max() < 5e-4
    assert np.ptp(found[:, 3:6], axis=0) / found[0, 3:6] == pytest.approx(np.zeros(3), abs=1e-3)


def test_every_peak_of_a_dispersed_response_lies_between_onset_and_end():
    t = clock(25e3, 50.0)
    parts = ((2000.0, 6.0), (2500.0, 13.0), (1800.0, 20.0))
    waves = [half_sine(at, 5.0, size).samples_uv for size, at in parts]
    found = motor(np.sum(waves, axis=0))
    assert found.onset_ms == pytest.approx(6.0, abs=0.01)
    assert found.end_ms == pytest.approx(25.0, abs=0.01)
    assert found.peak_ms == pytest.approx(15.5, abs=0.01)
    assert found.area_uv_ms == pytest.approx(6300.0 * 5.0 * 2.0 / pi, rel=1e-3)
    assert len(t) == len(waves[0])


def test_a_late_wave_after_a_pause_does_not_belong_to_the_motor_response():
    t = clock(25e3, 50.0)
    alone, with_f = muscle(t, 4.0, 1000.0), muscle(t, 4.0, 1000.0) + muscle(t, 38.0, 400.0)
    assert motor(with_f).end_ms == pytest.approx(motor(alone).end_ms, abs=0.01)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_stimulus_artefact_is_not_the_response(sign: float):
    t = clock(50e3, 20.0)
    artefact = sign * 150.0 * np.exp(-t / 0.2)
    found = sensory(triphasic(t, 3.0, 10.0) + artefact)
    assert found.peak_ms == pytest.approx(3.56, abs=0.02)
    assert found.amplitude_uv == pytest.approx(10.0, rel=0.02)


def test_a_response_that_fills_a_short_sweep_is_found_all_the_same():
    t = clock(25e3, 18.0)
    found = motor(muscle(t, 4.0, 5000.0))
    assert found.amplitude_uv == pytest.approx(5000.0, rel=0.01)
    assert found.onset_ms == pytest.approx(4.06, abs=0.06)


def many(samples: Float64s, sd_uv: float, kind: str, count: int = 60) -> list[Response | None]:
    rng = np.random.default_rng(11)
    rate, low, high, read = (
        (50e3, 20.0, 3e3, sensory_response) if kind == "sensory" else (25e3, 2.0, 10e3, motor_response)
    )
    return [
        read(Trace(samples + sd_uv * noise(rng, len(samples), rate, low, high), rate)) for _ in range(count)
    ]


def test_noise_moves_no_marker_of_a_sensory_response_in_the_median():
    samples = triphasic(clock(50e3, 20.0), 3.0, 10.0)
    true, found = np.array(sensory(samples)), np.array(many(samples, 0.5, "sensory"), float)
    off = np.median(found, axis=0) - true
    assert np.abs(off[:3]).max() < 0.02
    assert off[3] / true[3] == pytest.approx(0.0, abs=0.02)
    assert off[5] / true[5] == pytest.approx(0.0, abs=0.02)
    assert np.median(found[:, 9]) == pytest.approx(0.5, rel=0.1)


def test_noise_moves_no_marker_of_a_motor_response_in_the_median():
    samples = muscle(clock(25e3, 50.0), 4.0, 500.0)
    true, found = np.array(motor(samples)), np.array(many(samples, 20.0, "motor"), float)
    off = np.median(found, axis=0) - true
    assert np.abs(off[:2]).max() < 0.06
    assert off[3] / true[3] == pytest.approx(0.0, abs=0.02)
    assert off[5] / true[5] == pytest.approx(0.0, abs=0.02)


def test_a_sensory_response_of_one_microvolt_is_found_after_averaging():
    found = many(triphasic(clock(50e3, 20.0), 3.0, 1.0), 0.12, "sensory")
    kept = np.array([one for one in found if one is not None], float)
    assert len(kept) >= 59
    assert np.median(kept[:, 3]) == pytest.approx(1.0, rel=0.08)
    assert np.median(kept[:, 0]) == pytest.approx(2.93, abs=0.06)


def test_a_motor_response_of_a_tenth_of_a_millivolt_is_found():
    found = many(muscle(clock(25e3, 50.0), 4.0, 100.0), 5.0, "motor")
    kept = np.array([one for one in found if one is not None], float)
    assert len(kept) == 60
    assert np.median(kept[:, 3]) == pytest.approx(100.0, rel=0.03)


@pytest.mark.parametrize("kind", ["sensory", "motor"])
def test_noise_alone_is_no_response(kind: str):
    n = 1000 if kind == "sensory" else 1250
    found = many(np.zeros(n), 2.0 if kind == "sensory" else 50.0, kind, 150)
    assert sum(one is not None for one in found) <= 4


def test_what_is_smaller_than_the_smallest_response_is_none():
    assert sensory_response(gaussian(4.0, 0.3, 0.29)) is None
    assert motor_response(half_sine(4.0, 6.0, 29.0)) is None


def test_a_flat_trace_and_one_that_only_rises_hold_no_response():
    assert motor_response(Trace(np.zeros(1250), 25e3)) is None
    assert motor_response(Trace(np.linspace(0.0, -900.0, 1250), 25e3)) is None


def test_the_search_window_can_be_told():
    t = clock(25e3, 100.0)
    trace = Trace(muscle(t, 4.0, 5000.0) + muscle(t, 32.0, 900.0), 25e3)
    found = motor_response(trace, begin_ms=22.0, end_ms=60.0)
    assert found is not None
    assert found.onset_ms == pytest.approx(32.06, abs=0.1)


def test_what_is_not_finite_is_refused():
    samples = gaussian(4.0, 0.3, 10.0).samples_uv
    samples[300] = np.nan
    with pytest.raises(InputError, match="is not a number that was recorded"):
        sensory_response(Trace(samples, 50e3))


def test_a_sweep_that_ends_at_once_is_refused():
    with pytest.raises(InputError, match="ends before a response can come"):
        motor_response(Trace(np.zeros(40), 25e3))


def response(
    onset_ms: float, amplitude_uv: float = 1.0, area: float = 1.0, duration: float = 5.0
) -> Response:
    return Response(onset_ms, 0.0, 0.0, amplitude_uv, 0.0, area, duration, False, 0.0, 0.0)


def test_velocity_is_distance_over_the_difference_of_onsets():
    assert _velocity_m_s(300.0, response(10.0), response(4.0)) == pytest.approx(50.0)
    assert _velocity_m_s(140.0, response(2.8)) == pytest.approx(50.0)


def test_velocity_is_none_without_a_response_or_without_delay():
    assert _velocity_m_s(300.0, None, response(4.0)) is None
    assert _velocity_m_s(300.0, response(4.0), response(4.0)) is None


def test_a_distance_that_is_not_above_zero_is_refused():
    with pytest.raises(InputError, match="distance_mm: 0.0 is not above zero"):
        _velocity_m_s(0.0, response(4.0))


def test_drop_block_and_dispersion_are_shares_of_the_distal_response():
    distal, proximal = response(4.0, 10.0, 30.0, 5.0), response(10.0, 4.0, 15.0, 6.5)
    assert _drop_percent(distal.amplitude_uv, proximal.amplitude_uv) == pytest.approx(60.0)
    assert _block_percent(distal, proximal) == pytest.approx(50.0)
    assert _block_percent(distal, None) == pytest.approx(100.0)
    assert _temporal_dispersion_percent(distal, proximal) == pytest.approx(30.0)


def test_a_drop_from_nothing_is_refused():
    with pytest.raises(InputError, match="without a distal response there is no drop"):
        _drop_percent(0.0, 1.0)


def test_smoothing_keeps_polynomials_up_to_its_order_and_vanishes_below_one_sample():
    x = np.linspace(-1.0, 1.0, 201)
    quartic = 1.0 - x + 2.0 * x**2 - x**3 + 3.0 * x**4
    assert _smoothed(quartic, 20.0, 4)[30:-30] == pytest.approx(quartic[30:-30], abs=1e-12)
    assert _smoothed(quartic, 0.5, 2) is quartic


def test_interpolation_passes_through_the_samples_and_a_quintic_between():
    x = np.arange(30.0)
    samples = 1e-5 * (x - 12.0) ** 5 - 0.02 * (x - 9.0) ** 2
    fine = _refined(samples, 4)
    between = np.arange(len(fine)) / 4.0
    assert fine[::4] == pytest.approx(samples)
    assert fine[12:-12] == pytest.approx((1e-5 * (between - 12.0) ** 5 - 0.02 * (between - 9.0) ** 2)[12:-12])
