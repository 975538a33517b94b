"""Sensory nerve action potentials: calibrated to health, struck fibre by fibre, measured like any trace."""

from __future__ import annotations

import numpy as np
import pytest

from garland.anatomy.tree import load
from garland.errors import InputError
from garland.evidence import part
from garland.reference_values import healthy_studies
from garland.signals.markers import Response, sensory_response
from garland.signals.trace import Trace
from garland.waveforms.amplifier import _settings
from garland.waveforms.sensory import _calibrated, _healthy_nerve, record_snap
from garland.waveforms.state import SensoryState

STUDIES = load().sensory_study_ids
HEALTHY = SensoryState("sural", 140.0, 16.0, 50.0)


def latents(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def usual(study: str) -> SensoryState:
    index = STUDIES.index(study)
    velocity = float(healthy_studies("sensory").velocity_m_s[index])
    return SensoryState(study, 120.0, float(np.exp(healthy_studies("sensory").amplitude_ln[index])), velocity)


def recorded(state: SensoryState, **options: float | bool) -> Trace:
    return record_snap(state, 60.0, latents(), noisy=False, **options)


def measured(state: SensoryState, **options: float | bool) -> Response:
    response = sensory_response(recorded(state, **options))
    assert response is not None
    return response


def test_every_sensory_study_of_the_model_has_its_nerve():
    for name in ("fibres", "depth_mm", "depth_least_mm", "depth_most_mm", "electrode_gap_mm"):
        assert tuple(part("traces/nerve").table(name)) == STUDIES


@pytest.mark.parametrize("study", STUDIES)
def test_a_healthy_nerve_measures_what_this_person_has(study: str):
    state = usual(study)
    found = measured(state)
    assert found.amplitude_uv == pytest.approx(state.amplitude_uv, rel=1e-3)
    assert found.onset_ms == pytest.approx(state.distance_mm / state.velocity_m_s, rel=1e-4)
    assert found.initial_positive


@pytest.mark.parametrize("amplitude_uv", [0.4, 1.0, 5.0, 60.0])
def test_small_and_large_potentials_are_met_alike(amplitude_uv: float):
    found = measured(HEALTHY._replace(amplitude_uv=amplitude_uv))
    assert found.amplitude_uv == pytest.approx(amplitude_uv, rel=1e-3)


@pytest.mark.parametrize("velocity_m_s", [28.0, 40.0, 65.0])
def test_slow_and_fast_nerves_are_met_alike(velocity_m_s: float):
    found = measured(HEALTHY._replace(velocity_m_s=velocity_m_s))
    assert found.onset_ms == pytest.approx(140.0 / velocity_m_s, rel=1e-4)


@pytest.mark.parametrize("amplitude_uv", [0.3, 3.0, 16.0, 60.0, 200.0])
@pytest.mark.parametrize("study", ["sural", "median-digit-2", "lateral-femoral-cutaneous"])
def test_depth_stays_within_anatomical_limits_and_the_number_of_fibres_gives_way(
    study: str, amplitude_uv: float
):
    p = part("traces/nerve")
    found = _calibrated(study, 50, 140.0, amplitude_uv, 50.0)
    assert p.table("depth_least_mm")[study] <= found.depth_mm <= p.table("depth_most_mm")[study]
    more = _calibrated(study, 50, 140.0, 1.5 * amplitude_uv, 50.0)
    assert more.fibres > found.fibres
    assert more.depth_mm <= found.depth_mm


@pytest.mark.parametrize("study", STUDIES)
def test_the_usual_amplitude_comes_from_usual_depth_and_number(study: str):
    p = part("traces/nerve")
    state = usual(study)
    found = _calibrated(study, 50, state.distance_mm, state.amplitude_uv, state.velocity_m_s)
    assert found.depth_mm == pytest.approx(p.table("depth_mm")[study], rel=0.35)
    assert found.fibres == pytest.approx(p.table("fibres")[study], rel=0.5)


def test_nothing_left_is_no_response():
    for gone in ({"intact": 0.0}, {"passed": 0.0}):
        state = HEALTHY._replace(**gone)
        assert not recorded(state).samples_uv.any()
        assert sensory_response(record_snap(state, 60.0, latents())) is None


def test_an_unknown_study_is_refused():
    with pytest.raises(InputError, match="must be a sensory study"):
        _healthy_nerve("optic", 50.0)


@pytest.mark.parametrize("field", ["distance_mm", "amplitude_uv", "velocity_m_s"])
def test_a_healthy_value_that_is_not_above_zero_is_refused(field: str):
    with pytest.raises(InputError, match="of a healthy nerve is above zero"):
        recorded(HEALTHY._replace(**{field: 0.0}))


def test_a_distance_too_long_for_the_sweep_is_refused():
    with pytest.raises(InputError, match="leaves no response in the sweep"):
        _calibrated("sural", 50, 1500.0, 16.0, 50.0)


@pytest.mark.parametrize(("field", "share"), [("intact", 1.2), ("passed", -0.1)])
def test_a_share_outside_zero_to_one_is_refused(field: str, share: float):
    with pytest.raises(InputError, match="is a share between 0 and 1"):
        recorded(HEALTHY._replace(**{field: share}))


def test_more_than_all_fibres_are_refused():
    with pytest.raises(InputError, match="is at most 1"):
        recorded(HEALTHY._replace(intact=0.7, regrown=0.5))


def test_the_same_seed_gives_the_same_trace_and_noise_strikes_no_other_fibres():
    ill = HEALTHY._replace(intact=0.4, regrown=0.2, slowing=0.3)
    first, again = (record_snap(ill, 60.0, latents()) for _ in range(2))
    np.testing.assert_array_equal(first.samples_uv, again.samples_uv)
    quiet = record_snap(ill, 60.0, latents(), sweeps=10**8)
    late = slice(150, None)
    np.testing.assert_allclose(quiet.samples_uv[late], recorded(ill).samples_uv[late], atol=0.02)


def test_a_recorded_response_is_found_through_noise():
    found = [sensory_response(record_snap(HEALTHY, 60.0, latents(seed))) for seed in range(10)]
    amplitudes = [one.amplitude_uv for one in found if one is not None]
    assert len(amplitudes) == 10
    assert np.median(amplitudes) == pytest.approx(16.0, rel=0.05)


def test_thick_fibres_answer_first_so_that_a_weak_stimulus_finds_fast_ones():
    weak, full = measured(HEALTHY, intensity=0.45), measured(HEALTHY)
    assert 0.05 * full.amplitude_uv < weak.amplitude_uv < 0.95 * full.amplitude_uv
    assert weak.onset_ms == pytest.approx(full.onset_ms, rel=0.05)


def test_the_nerve_further_up_lies_deeper_and_gives_less():
    assert measured(HEALTHY, orthodromic=True).amplitude_uv < measured(HEALTHY).amplitude_uv


def test_nerves_lose_fibres_with_age():
    assert _healthy_nerve("sural", 80.0).fibres < _healthy_nerve("sural", 30.0).fibres


def test_fibre_diameters_have_two_peaks_where_biopsies_have_them():
    diameters = _healthy_nerve("sural", 50.0).diameter_um
    counts, edges = np.histogram(diameters, np.arange(1.5, 14.6, 1.0))
    middles = 0.5 * (edges[1:] + edges[:-1])
    thin, thick = middles < 7.0, middles >= 7.0
    assert 3.0 <= middles[thin][np.argmax(counts[thin])] <= 5.0
    assert 9.0 <= middles[thick][np.argmax(counts[thick])] <= 12.0
    assert (np.diff(diameters) >= 0.0).all()


GRID = [
    (intact, regrown, slowing)
    for intact in (0.2, 0.6, 1.0)
    for regrown in (0.0, 0.3)
    for slowing in (0.0, 0.1, 0.4)
    if intact + regrown <= 1.0
]


@pytest.mark.parametrize(
    "state",
    [
        HEALTHY,
        SensoryState("median-digit-2", 140.0, 29.0, 54.0),
        SensoryState("saphenous", 100.0, 10.0, 47.0),
    ],
)
def test_what_is_measured_off_a_struck_nerve_is_what_the_model_expects(state: SensoryState):
    c = part("recordings/conduction")
    amplitude, velocity = [], []
    for intact, regrown, slowing in GRID:
        answering = intact + c.value("regrown_sensory_weight") * regrown
        fast = 1.0 - c.value("fast_fibre_slowing") * (1.0 - answering) ** 2
        found = measured(state._replace(intact=intact, regrown=regrown, slowing=slowing, fast=fast))
        expected = answering * np.exp(-c.value("dispersion_ln_per_slowing") * slowing)
        amplitude.append(found.amplitude_uv / (state.amplitude_uv * expected))
        velocity.append(state.distance_mm / found.onset_ms / (state.velocity_m_s * fast / (1.0 + slowing)))
    assert abs(np.median(amplitude) - 1.0) < 0.04
    assert abs(np.median(velocity) - 1.0) < 0.012
    assert np.abs(np.log(amplitude)).max() < 0.35
    assert np.abs(np.log(velocity)).max() < 0.08


def test_the_sweep_is_that_of_the_laboratory():
    trace = recorded(HEALTHY)
    assert trace.rate_hz == _settings("sensory").rate_hz
    assert trace.duration_ms == pytest.approx(20.0)
    assert trace.start_ms == 0.0
    assert trace.label == "sural"
