"""F waves and the H reflex: latencies found where they were put, windows, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from pulses import clock, muscle, noise

from garland._types import Float64s
from garland.errors import InputError
from garland.signals.late import measure_f_waves, measure_h_reflex
from garland.signals.trace import Trace

RATE = 25e3
TIME = clock(RATE, 100.0)
RNG_SEED = 4


def sweeps(late: list[tuple[float, float]], m_uv: float = 6000.0, noise_uv: float = 3.0) -> list[Trace]:
    """Sweeps with an M wave and a late response of each latency [ms] and size [uV]; size 0 is none."""
    rng = np.random.default_rng(RNG_SEED)

    def one(at_ms: float, size_uv: float) -> Float64s:
        direct = muscle(TIME, 4.0, m_uv) if m_uv else np.zeros(len(TIME))
        return direct + muscle(TIME, at_ms, size_uv) + noise_uv * noise(rng, len(TIME), RATE, 2.0, 10e3)

    return [Trace(one(at, size), RATE) for at, size in late]


LATENCIES = [48.0, 49.3, 50.1, 47.2, 52.4, 48.8, 51.0, 49.9]


def test_every_f_wave_is_found_where_it_was_put():
    found = measure_f_waves(sweeps([(at, 250.0) for at in LATENCIES]), height_cm=170.0)
    assert found.latencies_ms == pytest.approx(np.array(LATENCIES), abs=0.2)
    assert np.median(found.latencies_ms - LATENCIES) == pytest.approx(0.0, abs=0.06)
    assert found.persistence_percent == 100.0


def test_shortest_mean_and_chronodispersion_are_those_of_the_latencies():
    found = measure_f_waves(sweeps([(at, 250.0) for at in LATENCIES]), height_cm=170.0)
    assert found.shortest_ms == pytest.approx(47.2, abs=0.15)
    assert found.mean_ms == pytest.approx(np.mean(LATENCIES), abs=0.1)
    assert found.chronodispersion_ms == pytest.approx(52.4 - 47.2, abs=0.25)


def test_a_stimulus_without_f_wave_is_not_a_number_and_lowers_persistence():
    found = measure_f_waves(sweeps([(48.0, 250.0), (48.0, 0.0), (49.0, 180.0), (49.0, 0.0)]), height_cm=170.0)
    assert np.isnan(found.latencies_ms).tolist() == [False, True, False, True]
    assert np.isnan(found.amplitudes_uv).tolist() == [False, True, False, True]
    assert found.persistence_percent == 50.0


def test_without_any_f_wave_there_is_no_shortest():
    found = measure_f_waves(sweeps([(48.0, 0.0)] * 4), height_cm=170.0)
    assert found.shortest_ms is None
    assert found.mean_ms is None
    assert found.chronodispersion_ms is None
    assert found.persistence_percent == 0.0


def test_an_f_wave_that_begins_positive_is_marked_at_its_beginning():
    turned = [
        Trace(trace.samples_uv - 2.0 * muscle(TIME, 48.0, 250.0), RATE)
        for trace in sweeps([(48.0, 250.0)] * 3)
    ]
    assert measure_f_waves(turned, height_cm=170.0).latencies_ms == pytest.approx(np.full(3, 48.0), abs=0.2)


def test_small_f_waves_ride_on_the_tail_of_a_large_m_wave():
    tail = -400.0 * np.exp(-TIME / 30.0)
    traces = [
        Trace(trace.samples_uv + tail, RATE) for trace in sweeps([(at, 80.0) for at in LATENCIES], 15000.0)
    ]
    found = measure_f_waves(traces, height_cm=170.0)
    assert found.persistence_percent == 100.0
    assert np.median(found.latencies_ms - LATENCIES) == pytest.approx(0.0, abs=0.15)


def test_without_height_the_window_opens_after_the_m_wave():
    found = measure_f_waves(sweeps([(26.0, 250.0), (27.0, 250.0)]))
    assert found.latencies_ms == pytest.approx([26.0, 27.0], abs=0.2)


def test_the_window_told_goes_before_the_height():
    found = measure_f_waves(sweeps([(26.0, 250.0)]), height_cm=170.0, window_ms=(18.0, 60.0))
    assert found.latencies_ms == pytest.approx([26.0], abs=0.2)


def test_a_lone_response_far_before_the_rest_is_no_f_wave():
    late = [(at, 250.0) for at in LATENCIES]
    found = measure_f_waves(sweeps([*late, (36.5, 250.0)]), window_ms=(30.0, 90.0))
    assert np.isnan(found.latencies_ms[-1])
    assert found.shortest_ms == pytest.approx(min(LATENCIES), abs=0.15)


def test_noise_alone_holds_few_f_waves():
    found = measure_f_waves(sweeps([(48.0, 0.0)] * 60, noise_uv=20.0), height_cm=170.0)
    assert found.persistence_percent <= 4.0


def h_series(h_uv: tuple[float, ...], m_uv: tuple[float, ...]) -> list[Trace]:
    return [sweeps([(30.0, h)], m)[0] for h, m in zip(h_uv, m_uv, strict=True)]


def test_the_h_reflex_is_the_largest_over_all_strengths_and_its_ratio_is_to_the_largest_m():
    found = measure_h_reflex(
        h_series((0.0, 800.0, 2000.0, 500.0), (0.0, 50.0, 900.0, 8000.0)), height_cm=170.0
    )
    assert found is not None
    assert found.sweep == 2
    assert found.latency_ms == pytest.approx(30.05, abs=0.15)
    assert found.ratio == pytest.approx(0.25, rel=0.03)
    assert found.m_amplitude_uv == pytest.approx(4.0 * found.amplitude_uv, rel=0.03)


def test_a_series_without_h_reflex_gives_none():
    assert measure_h_reflex(h_series((0.0, 0.0, 0.0), (50.0, 900.0, 8000.0)), height_cm=170.0) is None


def test_an_h_reflex_without_m_wave_has_no_ratio():
    found = measure_h_reflex(h_series((800.0,), (0.0,)), height_cm=170.0)
    assert found is not None
    assert found.ratio is None
    assert found.m_amplitude_uv == 0.0


def test_no_sweep_is_refused():
    with pytest.raises(InputError, match="sweeps cannot hold a late response; give at least one"):
        measure_f_waves([])


def test_a_height_that_is_none_is_refused():
    with pytest.raises(InputError, match="is not a body height"):
        measure_f_waves(sweeps([(48.0, 250.0)]), height_cm=1.7)


def test_a_window_upside_down_is_refused():
    with pytest.raises(InputError, match="is upside down"):
        measure_h_reflex(sweeps([(48.0, 250.0)]), window_ms=(60.0, 20.0))


def test_a_sweep_that_ends_before_the_window_is_refused():
    short = Trace(sweeps([(48.0, 250.0)])[0].samples_uv[:800], RATE)
    with pytest.raises(InputError, match="ends before a late response can come; record 100 ms"):
        measure_f_waves([short], height_cm=170.0)


def test_a_sweep_with_gaps_is_refused():
    samples = sweeps([(48.0, 250.0)])[0].samples_uv.copy()
    samples[1500] = np.nan
    with pytest.raises(InputError, match="leave the sweep out"):
        measure_f_waves([Trace(samples, RATE)], height_cm=170.0)
