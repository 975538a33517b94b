"""The amplifier: filters, noise, averaging, artefact, converter."""

from __future__ import annotations

import numpy as np
import pytest

from garland.errors import InputError
from garland.signals.trace import Trace
from garland.waveforms.amplifier import (
    KINDS,
    _artefact_uv,
    _averaged,
    _digitised,
    _filtered,
    _noise,
    _settings,
    _times_ms,
)


def tone(frequency_hz: float, rate_hz: float = 50_000.0, n: int = 20_000) -> Trace:
    return Trace(np.sin(2 * np.pi * frequency_hz / rate_hz * np.arange(n)), rate_hz)


def passed(frequency_hz: float) -> float:
    out = _filtered(tone(frequency_hz), 20.0, 3000.0).samples_uv[10_000:]
    return float(np.sqrt(2.0) * out.std())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_study_samples_more_than_twice_its_upper_filter_limit(kind: str):
    chosen = _settings(kind)
    assert chosen.rate_hz > 2.0 * chosen.high_hz > 2.0 * chosen.low_hz
    divisions = 15.0 if kind == "late" else 10.0
    assert chosen.sweep_ms == pytest.approx(divisions * chosen.division_ms)
    times = _times_ms(kind)
    assert times[0] == 0.0
    assert len(times) == round(chosen.sweep_ms * chosen.rate_hz / 1000.0)


def test_the_sensory_settings_are_those_of_the_laboratory():
    chosen = _settings("sensory")
    assert (chosen.low_hz, chosen.high_hz, chosen.rate_hz, chosen.sweep_ms) == (20.0, 3000.0, 50_000.0, 20.0)


def test_an_unknown_kind_of_study_is_refused():
    with pytest.raises(InputError, match="must be one of sensory, motor, late, needle"):
        _settings("visual")


@pytest.mark.parametrize("limit", [20.0, 3000.0])
def test_a_tone_at_a_filter_limit_loses_three_decibels(limit: float):
    assert passed(limit) == pytest.approx(np.sqrt(0.5), rel=0.02)


def test_a_tone_amid_the_pass_band_passes_and_one_outside_does_not():
    assert passed(300.0) == pytest.approx(1.0, abs=0.02)
    assert passed(1.0) < 0.1
    assert passed(20_000.0) < 0.05


def test_filters_are_causal():
    step = np.zeros(1000)
    step[500] = 1.0
    out = _filtered(Trace(step, 50_000.0), 20.0, 3000.0).samples_uv
    assert np.abs(out[:500]).max() == 0.0
    assert out[500:].max() > 0.0


def test_a_steady_voltage_before_the_recording_makes_no_wave_at_its_start():
    out = _filtered(Trace(np.full(500, 7.0), 50_000.0), 20.0, 3000.0).samples_uv
    assert np.abs(out).max() < 1e-9
    kept = _filtered(Trace(np.full(500, 7.0), 50_000.0), 0.0, 3000.0).samples_uv
    np.testing.assert_allclose(kept, 7.0)


def test_filters_wide_open_leave_the_trace_as_it_is():
    trace = tone(100.0)
    np.testing.assert_allclose(_filtered(trace, 0.0, 25_000.0).samples_uv, trace.samples_uv)
    empty = Trace(np.zeros(0), 50_000.0)
    assert len(_filtered(empty, 20.0, 3000.0).samples_uv) == 0


@pytest.mark.parametrize(("low", "high"), [(-1.0, 3000.0), (3000.0, 20.0)])
def test_filter_limits_out_of_order_are_refused(low: float, high: float):
    with pytest.raises(InputError, match="must lie between 0 and high_hz"):
        _filtered(tone(100.0), low, high)


@pytest.mark.parametrize("kind", KINDS)
def test_noise_has_the_power_of_its_density_within_the_filters(kind: str):
    chosen = _settings(kind)
    got = _noise(200_000, chosen.rate_hz, np.random.default_rng(1), kind)
    band_hz = min(chosen.high_hz, chosen.rate_hz / 2.0) * np.pi / (2.0 * np.sqrt(2.0))
    expected = chosen.noise_nv_root_hz / 1000.0 * np.sqrt(min(band_hz, chosen.rate_hz / 2.0))
    assert got.std() == pytest.approx(expected, rel=0.08)


def test_mains_hum_stands_at_its_frequency_and_averages_away():
    def at_mains(sweeps: int) -> float:
        power = []
        for seed in range(8):
            rng = np.random.default_rng(seed)
            wave = _noise(50_000, 50_000.0, rng, "sensory", hum_uv=20.0, sweeps=sweeps)
            power.append(2.0 * abs(np.fft.rfft(wave)[50]) / len(wave))
        return float(np.sqrt(np.mean(np.square(power))))

    single = 20.0 * abs(50j / (50j + 20.0))
    assert at_mains(1) == pytest.approx(single, rel=0.02)
    assert at_mains(25) < 0.5 * at_mains(1)


def test_fewer_than_one_sweep_is_refused():
    with pytest.raises(InputError, match="must be 1 or more"):
        _noise(10, 50_000.0, np.random.default_rng(0), "sensory", sweeps=0)


def test_averaging_leaves_the_signal_and_the_same_seed_gives_the_same_trace():
    trace = tone(100.0, n=1000)
    first, again = (_averaged(trace, 16, np.random.default_rng(3), "sensory") for _ in range(2))
    np.testing.assert_array_equal(first.samples_uv, again.samples_uv)
    many = _averaged(trace, 10**8, np.random.default_rng(3), "sensory")
    np.testing.assert_allclose(many.samples_uv, trace.samples_uv, atol=1e-3)


def test_the_stimulus_artefact_starts_at_the_stimulus_and_dies_away():
    times = np.arange(-1.0, 5.0, 0.02)
    wave = _artefact_uv(times, np.random.default_rng(2), "sensory")
    assert (wave[times < -1e-9] == 0.0).all()
    after = np.abs(wave[times >= 0.0])
    assert (np.diff(after) < 0.0).all()
    decay = _settings("sensory").artefact_ms
    assert after[50] / after[0] == pytest.approx(np.exp(-1.0 / decay), rel=1e-6)
    weak = _artefact_uv(times, np.random.default_rng(2), "sensory", intensity=0.5)
    np.testing.assert_allclose(weak, 0.5 * wave)


def test_the_converter_writes_whole_steps_and_cuts_at_its_range():
    chosen = _settings("sensory")
    trace = Trace(np.array([0.0, 0.4 * chosen.step_uv, 3.123456, 1e9, -1e9]), 50_000.0)
    out = _digitised(trace, "sensory").samples_uv
    assert out[1] == 0.0
    assert out[2] == pytest.approx(3.123456, abs=0.5 * chosen.step_uv)
    assert (out[3], out[4]) == (chosen.range_uv, -chosen.range_uv)
