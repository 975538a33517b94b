"""F waves and the H reflex: when they come, how often, and when they do not."""

from __future__ import annotations

import numpy as np
import pytest

from garland.errors import InputError
from garland.evidence import part
from garland.signals.late import FWaves, HReflex, measure_f_waves, measure_h_reflex
from garland.signals.trace import Trace
from garland.waveforms.late import INTENSITIES, record_f_waves, record_h_reflex
from garland.waveforms.state import LateState, MotorState

AH = MotorState(
    "tibial-abductor-hallucis",
    "abductor-hallucis",
    (80.0, 390.0),
    11.5,
    4.5,
    (47.0, 48.0),
    through=(1.0, 1.0),
    slowing=(0.0, 0.0),
)
SOLEUS = MotorState("soleus", "soleus", (110.0,), 15.0, 5.0, (50.0,))
HEALTHY_F, HEALTHY_H = LateState(f_latency_ms=49.0), LateState(h_latency_ms=30.3, excitability=1.7)
WINDOW = (38.0, 85.0)


def f_measured(late_state: LateState, seed: int = 1, state: MotorState = AH) -> FWaves:
    return measure_f_waves(record_f_waves(state, late_state, np.random.default_rng(seed)), window_ms=WINDOW)


def h_measured(late_state: LateState, seed: int = 1, state: MotorState = SOLEUS) -> HReflex | None:
    return measure_h_reflex(
        record_h_reflex(state, late_state, np.random.default_rng(seed)), window_ms=(25.0, 60.0)
    )


def height(trace: Trace, begin_ms: float, end_ms: float) -> float:
    return float(np.ptp(trace.between(begin_ms, end_ms).samples_uv))


def test_the_shortest_of_twenty_f_waves_is_the_stated_one_on_average():
    shortest = [f_measured(HEALTHY_F, seed).shortest_ms for seed in range(12)]
    assert np.median(shortest) == pytest.approx(49.0, rel=0.01)


def test_f_waves_vary_in_latency_and_shape_and_are_small():
    found = f_measured(HEALTHY_F)
    assert found.chronodispersion_ms is not None
    assert 3.0 < found.chronodispersion_ms < 15.0
    sizes = found.amplitudes_uv[np.isfinite(found.amplitudes_uv)]
    assert 50.0 < np.median(sizes) < 0.1 * 2e3 * AH.amplitude_mv
    assert sizes.std() > 0.2 * sizes.mean()


def test_healthy_f_waves_follow_most_stimuli():
    assert 75.0 <= np.mean([f_measured(HEALTHY_F, seed).persistence_percent for seed in range(4)]) <= 100.0


def test_persistence_grows_with_excitability_and_falls_with_conduction():
    def persistence(**what: float) -> float:
        state = HEALTHY_F._replace(**what)
        return float(np.mean([f_measured(state, seed).persistence_percent for seed in range(4)]))

    assert persistence(excitability=0.2) < persistence(excitability=1.0) < persistence(excitability=2.2)
    assert persistence(conducting=0.2) < persistence(conducting=0.6) < persistence()


def test_without_excitability_there_are_no_late_responses():
    assert f_measured(HEALTHY_F._replace(excitability=0.0)).shortest_ms is None
    assert f_measured(LateState()).shortest_ms is None
    assert h_measured(HEALTHY_H._replace(excitability=-0.1)) is None
    assert h_measured(LateState()) is None


def test_an_f_wave_that_is_obtained_at_all_is_seen_once():
    found = f_measured(HEALTHY_F._replace(excitability=0.05, conducting=0.1), state=AH._replace(intact=0.1))
    assert found.shortest_ms is not None


def test_slowing_on_the_way_spreads_f_waves():
    def spread(slowing: float, latency_ms: float) -> float:
        state = LateState(latency_ms, slowing=slowing)
        made = [record_f_waves(AH, state, np.random.default_rng(seed)) for seed in range(9)]
        window = (0.8 * latency_ms, 95.0)
        return float(np.median([measure_f_waves(one, window_ms=window).chronodispersion_ms for one in made]))

    assert spread(0.5, 66.0) > 1.15 * spread(0.0, 49.0)


def test_the_m_wave_is_cut_where_the_amplifier_is_full():
    traces = record_f_waves(AH, HEALTHY_F, np.random.default_rng(1))
    largest = max(float(np.abs(trace.between(3.0, 100.0).samples_uv).max()) for trace in traces)
    assert len(traces) == 20
    assert largest == pytest.approx(part("traces/motor").value("f_cut_uv"), rel=1e-3)


def test_a_muscle_without_axons_gives_noise_only():
    dead = AH._replace(intact=0.0), SOLEUS._replace(intact=0.0)
    assert (
        max(
            height(trace, 4.0, 100.0)
            for trace in record_f_waves(dead[0], HEALTHY_F, np.random.default_rng(1))
        )
        < 60.0
    )
    assert (
        max(
            height(trace, 4.0, 100.0)
            for trace in record_h_reflex(dead[1], HEALTHY_H, np.random.default_rng(1))
        )
        < 60.0
    )


def test_the_h_reflex_comes_at_the_stated_latency():
    found = h_measured(HEALTHY_H)
    assert found is not None
    assert found.latency_ms == pytest.approx(30.3, rel=0.01)


def test_the_h_reflex_rises_before_the_m_wave_and_gives_way_to_it():
    traces = record_h_reflex(SOLEUS, HEALTHY_H, np.random.default_rng(1))
    h = np.array([height(trace, 28.0, 50.0) for trace in traces])
    m = np.array([height(trace, 3.0, 20.0) for trace in traces])
    top = int(np.argmax(h))
    assert 0 < top < len(INTENSITIES) - 1
    assert h[4] > 2.0 * m[4]
    assert m[top] < 0.7 * m[-1]
    assert h[-1] < 0.1 * h[top]
    assert (np.diff(m) > -50.0).all()


def test_h_over_m_is_plausible_and_falls_with_loss_and_excitability():
    healthy = h_measured(HEALTHY_H)
    weak = h_measured(HEALTHY_H._replace(excitability=0.8))
    lost = h_measured(HEALTHY_H._replace(conducting=0.5, excitability=1.0), state=SOLEUS._replace(intact=0.8))
    assert healthy is not None
    assert weak is not None
    assert lost is not None
    assert 0.2 < (healthy.ratio or 0.0) < 0.7
    assert (lost.ratio or 0.0) < (weak.ratio or 0.0) < (healthy.ratio or 0.0)


def test_fewer_than_one_stimulus_is_refused():
    with pytest.raises(InputError, match="is less than one"):
        record_f_waves(AH, HEALTHY_F, np.random.default_rng(1), stimuli=0)
    with pytest.raises(InputError, match="is empty"):
        record_h_reflex(SOLEUS, HEALTHY_H, np.random.default_rng(1), intensities=())
