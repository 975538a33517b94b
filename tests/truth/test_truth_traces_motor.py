"""CMAPs against what must hold: conservation, superposition, limits, collision, twice the way to the cord."""

from __future__ import annotations

import numpy as np
import pytest

from garland.evidence import part
from garland.signals.markers import Response, _block_percent, _temporal_dispersion_percent, motor_response
from garland.signals.trace import Trace
from garland.waveforms.late import INTENSITIES, _recruited, _way_ms, record_f_waves
from garland.waveforms.motor import (
    _delay_spectra,
    _frequencies_hz,
    _motor_rate_hz,
    _summed_units,
    _unit_spectra,
    record_cmaps,
)
from garland.waveforms.motor_units import _diseased_units, _even_order, _healthy_units, _passing, _taken
from garland.waveforms.state import LateState, MotorState

MUSCLE = "abductor-pollicis-brevis"
APB = MotorState(
    "median",
    MUSCLE,
    (70.0, 230.0, 180.0),
    10.2,
    3.4,
    (57.0, 57.0, 62.0),
    through=(1.0,) * 3,
    slowing=(0.0,) * 3,
)


def measured(state: MotorState, seed: int = 1) -> list[Response]:
    traces = record_cmaps(state, 50.0, np.random.default_rng(seed), noisy=False)
    found = [motor_response(trace) for trace in traces]
    assert all(one is not None for one in found)
    return [one for one in found if one is not None]


@pytest.mark.parametrize("seed", range(6))
def test_shares_of_the_state_are_kept_to_the_last_fibre(seed: int):
    rng = np.random.default_rng(seed)
    intact, regrown, adopted, _ = rng.dirichlet(np.ones(4))
    through = tuple(np.sort(rng.random(2))[::-1])
    state = APB._replace(
        intact=intact,
        regrown=regrown,
        adopted=adopted,
        diseased=rng.random(),
        passed=rng.random(),
        through=(1.0, *through),
    )
    units = _diseased_units(_healthy_units(MUSCLE, rng, 3), state, rng)
    answering = (intact + regrown + adopted) * (1.0 - state.diseased) * state.passed
    assert units.fibres.sum() == pytest.approx(answering, rel=1e-6)
    expected = answering * np.array(state.through)
    assert (units.answers @ units.fibres) == pytest.approx(expected, rel=1e-6)
    assert (np.diff(units.answers, axis=0) <= 1e-9).all()


def test_the_share_of_regrown_fibres_is_kept_too():
    state = APB._replace(intact=0.3, regrown=0.45)
    units = _diseased_units(
        _healthy_units(MUSCLE, np.random.default_rng(1), 3), state, np.random.default_rng(2)
    )
    assert units.fibres[units.regrown > 0].sum() == pytest.approx(0.45, rel=1e-6)


def test_laying_units_end_to_end_cuts_two_at_most():
    weights, order = np.random.default_rng(1).random(100), _even_order(100, np.random.default_rng(2))
    inside = _taken(weights, order, 7.3, 21.9)
    assert inside.sum() == pytest.approx(21.9 - 7.3)
    assert np.count_nonzero((inside > 1e-12) & (inside < weights - 1e-12)) <= 2
    assert _passing(weights, order, 1.0) == pytest.approx(np.ones(100))


def test_loss_is_spread_evenly_over_sizes():
    for share in (0.2, 0.5, 0.8):
        units = _healthy_units("soleus", np.random.default_rng(1), 1)
        left = _diseased_units(units, APB._replace(muscle="soleus", intact=share), np.random.default_rng(2))
        assert len(left.fibres) / len(units.fibres) == pytest.approx(share, abs=0.03)


def test_a_compound_potential_is_the_sum_of_its_units_in_any_order():
    spectra, rng = _unit_spectra(MUSCLE, 55.0), np.random.default_rng(1)
    shape, delay, fibres = rng.integers(0, 16, 40), 4.0 + rng.random(40), 100.0 * rng.random(40)
    whole = _summed_units(spectra, shape, delay, fibres[None])[0]
    parts = _summed_units(spectra, shape, delay, np.diag(fibres)).sum(axis=0)
    mixed = rng.permutation(40)
    np.testing.assert_allclose(parts, whole, atol=1e-9 * np.abs(whole).max() + 1e-9)
    np.testing.assert_allclose(
        _summed_units(spectra, shape[mixed], delay[mixed], fibres[mixed][None])[0], whole, atol=1e-6
    )
    np.testing.assert_allclose(
        _summed_units(spectra, shape, delay, 3.0 * fibres[None])[0], 3.0 * whole, rtol=1e-9, atol=1e-9
    )


def test_a_delay_of_whole_samples_moves_the_wave_by_whole_samples():
    spectra, step = _unit_spectra(MUSCLE, 55.0), 1000.0 / _motor_rate_hz()
    early, late_ = (
        _summed_units(spectra, np.zeros(1, int), np.array([k * step]), np.ones((1, 1)))[0] for k in (100, 137)
    )
    np.testing.assert_allclose(np.roll(early, 37), late_, atol=1e-9)


def test_phases_are_those_of_the_closed_form():
    delay = np.array([0.0, 3.21, 47.9])
    exact = np.exp(-2e-3j * np.pi * _frequencies_hz() * delay[:, None])
    np.testing.assert_allclose(_delay_spectra(delay), exact, atol=1e-9)


def test_a_unit_potential_is_a_dipole_far_away_and_holds_no_direct_current():
    near = _unit_spectra(MUSCLE, 55.0)
    assert np.abs(near[:, 0]).max() < 0.2 * np.abs(near).max()


def test_unit_potentials_are_absolute_and_of_the_size_found_by_counting():
    # Mean surface unit of tibialis anterior: 41 uV (n=150); fibres per unit about 560.
    spectra = _unit_spectra("tibialis-anterior", 55.0)
    waves = _summed_units(spectra, np.arange(16), np.full(16, 5.0), 562.0 * np.eye(16))
    assert 20.0 < np.median(-waves.min(axis=1)) < 500.0


def test_a_response_is_proportional_to_the_share_of_muscle_fibres_at_work():
    whole, half = measured(APB), measured(APB._replace(diseased=0.5))
    for p in range(3):
        assert half[p].amplitude_uv == pytest.approx(0.5 * whole[p].amplitude_uv, rel=1e-4)
        assert half[p].onset_ms == pytest.approx(whole[p].onset_ms, abs=1e-3)


def test_block_lowers_only_what_is_stimulated_above_it():
    whole, blocked = measured(APB), measured(APB._replace(through=(1.0, 1.0, 0.4)))
    assert blocked[0].amplitude_uv == pytest.approx(whole[0].amplitude_uv, rel=1e-6)
    assert blocked[1].amplitude_uv == pytest.approx(whole[1].amplitude_uv, rel=1e-6)
    assert blocked[2].area_uv_ms == pytest.approx(0.4 * whole[2].area_uv_ms, rel=0.08)


def test_block_shows_in_the_area_and_dispersion_in_the_duration():
    health = measured(APB)
    block = measured(APB._replace(through=(1.0, 0.4, 0.4)))
    slow = measured(APB._replace(slowing=(0.0, 1.2, 0.0)))
    by_block = _block_percent(block[0], block[1]), _temporal_dispersion_percent(block[0], block[1])
    by_slowing = _block_percent(slow[0], slow[1]), _temporal_dispersion_percent(slow[0], slow[1])
    usual = _temporal_dispersion_percent(health[0], health[1])
    assert by_block[0] > 50.0
    assert by_block[1] < usual + 10.0
    assert by_slowing[0] < 30.0
    assert by_slowing[1] > usual + 8.0


def test_area_falls_less_than_amplitude_with_distance_and_about_as_measured():
    # Median nerve, wrist to elbow and axilla: 19.8, 19.0, 18.2 mV ms.
    wrist, elbow, axilla = measured(APB)
    assert 0.93 < elbow.area_uv_ms / wrist.area_uv_ms < 0.99
    assert 0.88 < axilla.area_uv_ms / wrist.area_uv_ms < 0.97
    assert elbow.amplitude_uv / wrist.amplitude_uv < elbow.area_uv_ms / wrist.area_uv_ms


@pytest.mark.parametrize("slowing", [0.1, 0.4, 1.0])
def test_slowing_lengthens_every_latency_by_what_is_stated(slowing: float):
    slow = [measured(APB._replace(slowing=(slowing,) * 3), seed) for seed in range(3)]
    assert np.median([one[0].onset_ms for one in slow]) == pytest.approx(3.4 * (1.0 + slowing), rel=0.03)
    taken_ms = np.median([one[1].onset_ms - one[0].onset_ms for one in slow])
    assert taken_ms == pytest.approx(230.0 / 57.0 * (1.0 + slowing), rel=0.01)


def dispersed(state: MotorState, point: int) -> float:
    """Return how much of the amplitude dispersion leaves, as `recordings.nerve_conduction` has it."""
    p = part("recordings/conduction")
    fast, through = state.fast, slice(0, point + 1)
    times = np.array(state.distances_mm[through]) / np.array(state.velocities_m_s[through])
    slowing = np.array(state.slowing[through])
    nerve = (times * (1.0 + slowing)).sum() / fast
    uneven = (state.latency_ms * slowing[0] + (times[1:] * slowing[1:]).sum()) / fast
    ends = p.spread_of_terminals * (1.0 + slowing[0]) / fast
    now = 1.0 + (p.spread_per_ms * nerve) ** 2 + (p.spread_per_slow_ms * uneven) ** 2 + ends**2
    health = 1.0 + (p.spread_per_ms * times[0]) ** 2 + p.spread_of_terminals**2
    return float((now / health) ** -p.spread_power)


@pytest.mark.parametrize("left", [0.8, 0.4, 0.15])
def test_loss_scales_amplitude_and_slows_as_stated(left: float):
    fast = 1.0 - 0.25 * (1.0 - left) ** 2
    state = APB._replace(intact=left, fast=fast)
    found = [measured(state, seed) for seed in range(100, 116)]
    for p in range(3):
        expected = 10200.0 * left * dispersed(state, p)
        assert np.median([one[p].amplitude_uv for one in found]) == pytest.approx(expected, rel=0.05)
    assert np.median([one[0].onset_ms for one in found]) == pytest.approx(3.4 / fast, rel=0.01)
    taken_ms = np.median([one[1].onset_ms - one[0].onset_ms for one in found])
    assert taken_ms == pytest.approx(230.0 / 57.0 / fast, rel=0.025)


@pytest.mark.parametrize("slowing", [(0.0, 0.0, 0.0), (0.3, 0.3, 0.3), (0.0, 0.8, 0.0), (0.6, 0.0, 0.0)])
def test_dispersion_lowers_amplitude_by_the_closed_form(slowing: tuple[float, ...]):
    state = APB._replace(slowing=slowing)
    found = [measured(state, seed) for seed in range(3)]
    for p in range(3):
        median = np.median([one[p].amplitude_uv for one in found])
        assert median == pytest.approx(10200.0 * dispersed(state, p), rel=0.04)


def test_an_f_wave_takes_the_latency_of_m_and_twice_the_way_to_the_cord_and_a_millisecond():
    times = np.array([4.0, 4.5]), np.array([1.0, 1.2])
    sure = np.array([1.0, 0.0])
    way = _way_ms(times, sure, 20, 49.0)
    assert 4.0 + part("traces/motor").value("f_turn_ms") + 2.0 * way == pytest.approx(49.0, abs=1e-6)


def test_the_expected_shortest_f_wave_is_that_of_drawing_many():
    rng = np.random.default_rng(1)
    direct, relative, latents = 4.0 + rng.random(60), 1.0 + 0.1 * rng.random(60), 0.05 * rng.random(60)
    way = _way_ms((direct, relative), latents, 20, 49.0)
    latency = direct + 1.0 + 2.0 * way * relative
    drawn = (rng.random((4000, 20, 60)) < latents).any(axis=1)
    shortest = np.where(drawn, latency, np.inf).min(axis=1)
    assert shortest[np.isfinite(shortest)].mean() == pytest.approx(49.0, abs=0.03)


def test_no_axon_answers_both_directly_and_through_the_reflex():
    units = _healthy_units("soleus", np.random.default_rng(1))
    direct, reflex = _recruited(units, (1.7, 1.0), INTENSITIES, np.random.default_rng(2))
    assert (direct * reflex).max() == 0.0
    assert direct[-1].min() == 1.0
    assert reflex[-1].max() == 0.0
    assert (np.diff(direct.sum(axis=1)) >= 0).all()
    assert reflex[:, np.argmax(units.fibres)].sum() <= reflex[:, np.argmin(units.fibres)].sum()


def test_both_sides_in_the_same_state_give_the_same_trace():
    left, right = (record_cmaps(APB, 50.0, np.random.default_rng(9)) for _ in range(2))
    assert all(np.array_equal(a.samples_uv, b.samples_uv) for a, b in zip(left, right, strict=True))


def test_f_waves_of_a_state_without_any_are_the_m_wave_alone():
    alone = record_f_waves(APB, LateState(), np.random.default_rng(1), stimuli=3)
    assert all(
        float(np.ptp(Trace(one.samples_uv, one.rate_hz).between(60.0, 100.0).samples_uv)) < 60.0
        for one in alone
    )
