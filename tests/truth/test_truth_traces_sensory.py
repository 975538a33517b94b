"""Sensory potentials against conservation, superposition, symmetry and limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garland.evidence import replaced
from garland.signals.markers import Response, sensory_response
from garland.waveforms.amplifier import _noise, _times_ms
from garland.waveforms.compound import _Bundle, _compound_uv, _Electrode
from garland.waveforms.sensory import (
    _calibrated,
    _diseased_nerve,
    _even_numbers,
    _healthy_nerve,
    _healthy_response,
    _Layout,
    record_snap,
)
from garland.waveforms.state import SensoryState

HEALTHY = SensoryState("sural", 140.0, 16.0, 50.0)
NERVE = _healthy_nerve("sural", 50.0)
SHARE = st.floats(0.0, 1.0)


def latents(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


def wave(state: SensoryState, **options: float | bool) -> np.ndarray:
    return record_snap(state, 50.0, latents(), noisy=False, **options).samples_uv


def measured(state: SensoryState, **options: float | bool) -> Response:
    response = sensory_response(record_snap(state, 50.0, latents(), noisy=False, **options))
    assert response is not None
    return response


@given(SHARE, SHARE, SHARE, st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_no_fibre_comes_from_nowhere_and_shares_are_kept_to_one_fibre(
    intact: float, of_rest: float, passed: float, seed: int
):
    regrown = of_rest * (1.0 - intact)
    hit = _diseased_nerve(NERVE, latents(seed), intact=intact, regrown=regrown, passed=passed)
    count = len(NERVE.diameter_um)
    assert not (hit.intact & hit.regrown).any()
    assert not (hit.conducting & ~(hit.intact | hit.regrown)).any()
    assert abs(hit.intact.sum() - intact * count) <= 0.5 + 1e-6
    assert abs((hit.intact | hit.regrown).sum() - (intact + regrown) * count) <= 0.5 + 1e-6
    assert abs(hit.conducting.sum() - passed * (intact + regrown) * count) <= 1.0 + 1e-6


@given(st.integers(1, 2000), SHARE, st.integers(0, 1))
@settings(max_examples=50, deadline=None)
def test_even_numbers_are_each_quantile_just_once(n: int, start: float, which: int):
    numbers = _even_numbers(n, start, which)
    np.testing.assert_allclose(np.sort(numbers), (np.arange(n) + 0.5) / n)


@pytest.mark.parametrize("which", range(2))
def test_even_numbers_are_even_in_every_stretch(which: int):
    numbers = _even_numbers(1000, 0.123, which)
    for stretch in numbers.reshape(10, 100):
        assert abs((stretch < 0.3).mean() - 0.3) < 0.03


def test_the_two_even_sequences_do_not_keep_time():
    one, other = (_even_numbers(1000, 0.4, which) for which in (0, 1))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02


@given(SHARE, st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_disease_strikes_thick_and_thin_alike(intact: float, seed: int):
    hit = _diseased_nerve(NERVE, latents(seed), intact=intact, regrown=0.5 * (1.0 - intact), passed=0.6)
    so_far = np.arange(1, len(NERVE.diameter_um) + 1)
    for mask, share in ((hit.intact, intact), (hit.conducting, 0.3 * (1.0 + intact))):
        assert np.abs(np.cumsum(mask) - share * so_far).max() <= 4.0


def test_loss_only_takes_fibres_away_and_slowing_only_adds_time():
    hit = _diseased_nerve(NERVE, latents(), intact=0.5, regrown=0.3, slowing=0.7)
    assert (hit.slowing >= 0.0).all()
    assert (hit.speed <= 1.0).all()
    assert (hit.diameter_um <= NERVE.diameter_um).all()
    np.testing.assert_array_equal(hit.diameter_um[hit.intact], NERVE.diameter_um[hit.intact])


def test_amplitude_is_proportional_to_the_number_of_fibres_of_one_velocity():
    times = _times_ms("sensory")
    electrodes = (_Electrode(140.0, 6.0, 1.0), _Electrode(180.0, 6.0, -1.0))

    def potential(count: int) -> np.ndarray:
        alike = _Bundle(np.full(count, 10.0), np.full(count, 50.0), np.ones(count), np.zeros(count))
        return _compound_uv(times, alike, electrodes, 240.0)

    np.testing.assert_allclose(potential(300), 300.0 * potential(1), rtol=1e-6, atol=1e-9)


def test_the_whole_trace_is_proportional_to_the_healthy_number_of_fibres():
    one = _calibrated("sural", 50, 140.0, 0.5, 50.0)
    two = _calibrated("sural", 50, 140.0, 1.0, 50.0)
    assert one.depth_mm == two.depth_mm
    np.testing.assert_allclose(
        2.0 * wave(HEALTHY._replace(amplitude_uv=0.5)),
        wave(HEALTHY._replace(amplitude_uv=1.0)),
        rtol=1e-6,
        atol=1e-9,
    )
    assert two.fibres == pytest.approx(2.0 * one.fibres, rel=1e-6)


def test_struck_and_spared_fibres_together_make_the_healthy_nerve():
    times = _times_ms("sensory")
    electrodes = (_Electrode(140.0, 6.0, 1.0), _Electrode(180.0, 6.0, -1.0))
    hit = _diseased_nerve(NERVE, latents(), intact=0.37)
    count = len(NERVE.diameter_um)
    bundle = _Bundle(NERVE.diameter_um, 5.0 * NERVE.diameter_um, np.ones(count), np.zeros(count))
    parts = [
        _compound_uv(times, _Bundle(*(field[chosen] for field in bundle)), electrodes, 240.0)
        for chosen in (hit.intact, ~hit.intact, np.ones(count, bool))
    ]
    scale = np.abs(parts[2]).max()
    np.testing.assert_allclose(parts[0] + parts[1], parts[2], atol=0.01 * scale)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7])
def test_a_share_of_the_fibres_carries_that_share_of_the_potential(share: float):
    assert measured(HEALTHY._replace(intact=share)).amplitude_uv == pytest.approx(16.0 * share, rel=0.05)


def test_no_fibres_give_a_flat_trace():
    assert not wave(HEALTHY._replace(intact=0.0)).any()
    assert not wave(HEALTHY, intensity=0.0).any()


def test_antidromic_and_orthodromic_traces_of_a_nerve_that_lies_equally_deep_are_one():
    with replaced({"traces/nerve.orthodromic_depth": 1.0}):
        np.testing.assert_allclose(wave(HEALTHY, orthodromic=True), wave(HEALTHY))


def test_exchanging_the_electrodes_turns_the_trace_over():
    times = _times_ms("sensory")
    fibre = _Bundle(np.array([10.0]), np.array([50.0]), np.ones(1), np.zeros(1))
    there = (_Electrode(140.0, 6.0, 1.0), _Electrode(180.0, 6.0, -1.0))
    back = (_Electrode(140.0, 6.0, -1.0), _Electrode(180.0, 6.0, 1.0))
    np.testing.assert_allclose(
        _compound_uv(times, fibre, there, 240.0), -_compound_uv(times, fibre, back, 240.0)
    )


def test_a_cold_limb_is_slower_by_about_three_per_cent_a_degree_and_its_potential_longer():
    warm, cold = measured(HEALTHY), measured(HEALTHY._replace(temperature_c=30.0))
    assert 0.02 < (1.0 - warm.onset_ms / cold.onset_ms) / 4.0 < 0.04
    assert cold.duration_ms > 1.05 * warm.duration_ms
    colder = measured(HEALTHY._replace(temperature_c=26.0))
    assert colder.onset_ms > cold.onset_ms
    assert colder.duration_ms > cold.duration_ms


def test_noise_falls_with_the_square_root_of_the_number_of_sweeps():
    spread = {}
    for sweeps in (1, 4, 64):
        noise = _noise(100_000, 50_000.0, latents(), "sensory", sweeps=sweeps)
        spread[sweeps] = noise.std()
    assert spread[4] == pytest.approx(spread[1] / 2.0, rel=1e-6)
    assert spread[64] == pytest.approx(spread[1] / 8.0, rel=1e-6)


def test_a_stronger_stimulus_never_gives_less_and_beyond_supramaximal_nothing_changes():
    sizes = [np.abs(wave(HEALTHY, intensity=strength)).max() for strength in (0.2, 0.35, 0.5, 0.6, 0.8, 1.0)]
    assert (np.diff(sizes) > -0.02 * sizes[-1]).all()
    assert sizes[0] < 0.2 * sizes[-1]
    assert sizes[-2] > 0.95 * sizes[-1]
    np.testing.assert_array_equal(wave(HEALTHY, intensity=1.0), wave(HEALTHY, intensity=2.0))


def test_amplitude_falls_with_depth_and_the_potential_gets_longer():
    layouts = [_Layout(140.0, 40.0, depth) for depth in (2.0, 5.0, 10.0, 20.0)]
    found = [_healthy_response(NERVE, layout, 0.85) for layout in layouts]
    assert (np.diff([one.amplitude_uv for one in found]) < 0.0).all()
    assert (np.diff([one.duration_ms for one in found]) > 0.0).all()


def test_amplitude_rises_with_the_logarithm_of_the_number_of_fibres_over_people():
    amplitudes = np.geomspace(4.0, 60.0, 6)
    fibres = [_calibrated("sural", 50, 140.0, float(a), 50.0).fibres for a in amplitudes]
    assert np.corrcoef(np.log(fibres), np.log(amplitudes))[0, 1] > 0.99


def test_slowing_of_all_fibres_alike_delays_and_keeps_the_order_of_waves():
    with replaced({"traces/nerve.slowing_spread": 0.0, "traces/nerve.slowing_least": 1.0}):
        found = [measured(HEALTHY._replace(slowing=slowing)).onset_ms for slowing in (0.0, 0.5, 1.0)]
    assert found == pytest.approx([2.8, 4.2, 5.6], rel=0.04)
    assert (np.diff(found) > 0.0).all()


def test_dispersion_lowers_amplitude_but_hardly_the_rectified_area():
    whole, slow = wave(HEALTHY), wave(HEALTHY._replace(slowing=0.4))
    assert np.abs(slow).max() < 0.7 * np.abs(whole).max()
    assert np.abs(slow).sum() > 0.6 * np.abs(whole).sum()
