"""Recordings with faults: read rightly, or with a word of doubt; shapes here are no waveforms of Garland."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.turned_and_drifting import battery, gamma
from garland._types import Float64s
from garland.signals.doubtful import _looked_over
from garland.signals.late import measure_h_reflex
from garland.signals.markers import motor_response
from garland.signals.muap import motor_units
from garland.signals.trace import Trace


def motor(rate_hz: float = 20e3, sweep_ms: float = 50.0) -> tuple[Float64s, Float64s]:
    """Return times [ms] and a response of 5 mV that begins at about 4 ms [uV]."""
    t = np.arange(round(sweep_ms * rate_hz / 1000.0)) * 1000.0 / rate_hz
    wave = -5000.0 * gamma(t, 4.0, 2.5, 2.0) + 1500.0 * gamma(t, 9.0, 5.0, 2.5)
    return t, wave + np.random.default_rng(0).normal(0.0, 10.0, len(t))


def test_a_motor_response_plotted_negative_up_is_turned_and_told():
    _, wave = motor()
    right = motor_response(Trace(wave, 20e3))
    (trace,), doubts = _looked_over([Trace(-wave, 20e3, 0.0, "EDB")], "motor", False)
    found = motor_response(trace)
    assert found is not None
    assert right is not None
    assert found.onset_ms == pytest.approx(right.onset_ms, abs=0.02)
    assert "EDB: looks upside down" in doubts[0]


def test_a_response_of_right_polarity_is_left_as_it_is_without_a_word():
    _, wave = motor()
    (trace,), doubts = _looked_over([Trace(wave, 20e3)], "motor", False)
    assert doubts == ()
    assert np.array_equal(trace.samples_uv, wave)


def test_polarity_turned_on_demand_is_not_turned_back():
    _, wave = motor()
    (trace,), doubts = _looked_over([Trace(wave, 20e3)], "motor", True)
    assert np.array_equal(trace.samples_uv, -wave)
    assert doubts[0] == "Polarity turned as asked."


def test_the_tail_of_an_artefact_is_taken_out_and_told():
    t, wave = motor()
    right = motor_response(Trace(wave, 20e3))
    (trace,), doubts = _looked_over([Trace(wave + 2000.0 * np.exp(-t / 1.5), 20e3)], "motor", False)
    found = motor_response(trace)
    assert found is not None
    assert right is not None
    assert found.onset_ms == pytest.approx(right.onset_ms, abs=0.1)
    assert found.amplitude_uv == pytest.approx(right.amplitude_uv, rel=0.05)
    assert any("stimulus artefact" in doubt for doubt in doubts)


def test_a_stimulus_that_is_plainly_elsewhere_is_told_with_its_time():
    _, wave = motor()
    late = np.roll(wave, 200)
    late[200:204] += 20000.0
    _, doubts = _looked_over([Trace(late, 20e3)], "motor", False)
    assert any("comes at 9.9" in doubt or "comes at 10" in doubt for doubt in doubts)


@pytest.mark.parametrize("height_cm", [None, 170.0])
@pytest.mark.parametrize("rate_hz", [2e3, 20e3])
def test_an_h_reflex_larger_than_its_m_wave_is_found_at_any_rate_with_and_without_height(
    height_cm: float | None, rate_hz: float
):
    t, m = motor(rate_hz, 100.0)
    h = -7000.0 * gamma(t, 31.0, 2.5, 2.0) + 2100.0 * gamma(t, 36.0, 5.0, 2.5)
    found = measure_h_reflex([Trace(0.2 * m + h, rate_hz)], height_cm)
    assert found is not None
    assert 31.0 < found.latency_ms < 32.2
    assert found.ratio is not None
    assert found.ratio > 4.0


def test_a_coarse_rate_is_told():
    _, wave = motor(2e3, 100.0)
    _, doubts = _looked_over([Trace(wave, 2e3)], "h-reflex", False)
    assert "every 0.5 ms" in doubts[-1]


@pytest.mark.parametrize("seconds", [3, 45, 70])
def test_units_of_a_weak_effort_are_found_at_any_length(seconds: int):
    rate, rng = 12e3, np.random.default_rng(1)
    t = np.arange(0.0, 14.0, 1000.0 / rate)
    x = rng.normal(0.0, 4.0, round(seconds * rate))
    for hz, size, rise in ((11.0, 900.0, 1.2), (7.0, 400.0, 1.8)):
        shape = size * (-gamma(t, 2.0, rise, 3.0) + 0.4 * gamma(t, 2.0 + rise, 1.5 * rise, 3.0))
        at = 0.1
        while at < seconds - 0.1:
            k = int(at * rate)
            x[k : k + len(t)] += shape
            at += rng.normal(1.0, 0.08) / hz
    rates = [unit.rate_hz for unit in motor_units([Trace(x, rate)])]
    assert rates == pytest.approx([11.0, 7.0], rel=0.06)


def test_most_faulty_recordings_are_right_and_few_wrong_without_a_word():
    tried = battery(60, 7)
    assert np.mean([one.right for one in tried]) >= 0.7
    assert np.mean([not one.right and not one.doubted for one in tried]) <= 0.1
