"""What a laboratory is given to record is what the model expects, no more and no less."""

from __future__ import annotations

import math
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.anatomy.tree import load
from garland.edx_study.session import EdxSession, _EdxState, draw_departure, edx_state
from garland.evidence import part
from garland.model.diseases import index_of
from garland.model.findings import N_FINDINGS, Address, column, noise_sd
from garland.model.latents import draw
from garland.model.patient import unknown_person
from garland.waveforms.state import MotorState

A = load()
PATIENTS = 24


@cache
def affected_axons() -> _EdxState:
    day = jnp.linspace(20.0, 700.0, PATIENTS)
    return edx_state(unknown_person(), index_of("dlrpn"), draw(jax.random.key(5), PATIENTS), day)


def benches() -> list[EdxSession]:
    return [EdxSession(affected_axons(), n) for n in range(PATIENTS)]


def dispersed(state: MotorState) -> list[float]:
    """Return how much of a CMAP is left of each point when units arrive apart, written out in plain steps."""
    p = part("recordings/conduction")
    left, nerve, added = [], 0.0, state.latency_ms * state.slowing[0]
    ends = p.spread_of_terminals * (1.0 + state.slowing[0]) / state.fast
    first = state.distances_mm[0] / state.velocities_m_s[0]
    health = 1.0 + (p.spread_per_ms * first) ** 2 + p.spread_of_terminals**2
    for i, (mm, speed, slowing) in enumerate(
        zip(state.distances_mm, state.velocities_m_s, state.slowing, strict=True)
    ):
        nerve += mm / speed * (1.0 + slowing)
        added += mm / speed * slowing if i else 0.0
        apart = (p.spread_per_ms * nerve / state.fast) ** 2 + (p.spread_per_slow_ms * added / state.fast) ** 2
        left.append(((1.0 + apart + ends**2) / health) ** -p.spread_power)
    return left


@pytest.mark.parametrize("study", A.motor_study_ids)
def test_the_shares_of_a_motor_nerve_give_the_expected_amplitude(study):
    for bench in benches():
        for side in (0, 1):
            state = bench.motor(study, side)
            carried = state.intact + state.regrown + state.adopted
            assert carried <= 1.0 + 1e-6
            answering = max(carried * (1.0 - state.diseased) * state.passed, math.exp(-6.0))
            spread = dispersed(state)
            expected = math.exp(bench.found("cmap", f"{study}@0", side))
            assert state.amplitude_mv * answering * spread[0] == pytest.approx(expected, rel=1e-3)
            for i in range(1, len(state.through)):
                drop = math.exp(bench.found("cmap_drop", f"{study}@{i}", side))
                assert state.through[i] * spread[i] / spread[0] == pytest.approx(drop, rel=1e-3)


@pytest.mark.parametrize("study", A.sensory_study_ids)
def test_the_shares_of_a_sensory_nerve_give_the_expected_amplitude_and_velocity(study):
    p = part("recordings/conduction")
    for bench in benches():
        state = bench.sensory(study, 1)
        answering = (state.intact + p.regrown_sensory_weight * state.regrown) * state.passed
        far = max(state.slowing - p.dispersion_bends_at, 0.0)
        dispersed = math.exp(p.dispersion_relief_ln * far - p.dispersion_ln_per_slowing * state.slowing)
        expected = math.exp(bench.found("snap", study, 1))
        assert state.amplitude_uv * max(answering * dispersed, math.exp(-6.0)) == pytest.approx(
            expected, rel=2e-3
        )
        velocity = math.exp(bench.found("sensory_velocity", study, 1))
        assert state.velocity_m_s * state.fast / (1.0 + state.slowing) == pytest.approx(velocity, rel=1e-3)


def test_onset_latency_and_velocity_of_a_sensory_study_are_one_measurement():
    for bench in benches():
        for j, study in enumerate(A.sensory_study_ids):
            latency = math.exp(bench.found("sensory_latency", study, 0))
            velocity = math.exp(bench.found("sensory_velocity", study, 0))
            assert latency * velocity == pytest.approx(float(A.sensory_study_mm[j]), rel=1e-3)


def test_a_session_departs_by_as_much_as_inference_expects():
    departs = np.stack([draw_departure(np.random.default_rng(seed)).departs for seed in range(400)])
    noise = noise_sd().copy()
    noise[[_column("cmap_drop", f"{study}@0", side) for study in A.motor_study_ids for side in (0, 1)]] = 0.0
    assert np.all(np.abs(departs.std(axis=0)[noise > 0] / noise[noise > 0] - 1.0) < 0.2)
    assert np.all(departs[:, noise == 0] == 0.0)


def test_neighbouring_points_of_a_nerve_differ_as_much_as_either_from_the_distal_one():
    at = [_column("cmap_drop", f"fibular-extensor-digitorum-brevis@{i}", 0) for i in range(3)]
    drops = np.stack([draw_departure(np.random.default_rng(seed)).departs[at] for seed in range(800)])
    assert np.all(drops[:, 0] == 0.0)
    spreads = [drops[:, 1].std(), drops[:, 2].std(), (drops[:, 2] - drops[:, 1]).std()]
    assert spreads == pytest.approx([part("recordings/conduction").drop_sd_ln] * 3, rel=0.1)


def test_a_response_that_some_healthy_people_lack_is_missing_as_often_in_sessions():
    study = "lateral-femoral-cutaneous"
    absent = part("recordings/reference_limits").group(study).absent_in_health
    sessions = [draw_departure(np.random.default_rng(seed)) for seed in range(600)]
    missing = [EdxSession(affected_axons(), 0, one).sensory(study, 0).passed == 0.0 for one in sessions]
    assert np.mean(missing) == pytest.approx(absent, abs=3.5 * math.sqrt(absent * (1 - absent) / 600))


def test_without_a_session_nothing_departs():
    bench = EdxSession(affected_axons(), 3)
    assert bench.temperature_c == 34.0
    assert bench.found("snap", "sural", 0) == pytest.approx(
        float(bench.seen.expected[3][_column("snap", "sural", 0)])
    )
    assert len(bench.seen.expected[3]) == N_FINDINGS


def _column(field: str, item: str, side: int) -> int:
    return column(Address(field, side, item))


def test_the_worse_side_is_the_one_that_lost_more_axons():
    for bench in benches():
        assert (
            bench.seen.affected_axons[bench.patient, bench.worse_side()]
            == bench.seen.affected_axons[bench.patient].max()
        )


def test_every_muscle_can_be_put_under_the_needle():
    bench = EdxSession(affected_axons(), 0, draw_departure(np.random.default_rng(0)))
    for muscle in A.muscles:
        state = bench.needle(muscle, 0, np.random.default_rng(0))
        assert state.muscle == muscle
        assert 0.0 <= state.young <= 1.0
        assert 0.0 <= state.diseased <= 1.0


def test_the_muscle_of_an_h_reflex_carries_no_more_than_all_its_fibres():
    for bench in benches():
        state = bench.h_muscle("soleus", 0)
        assert 0.0 <= state.intact + state.adopted <= 1.0
