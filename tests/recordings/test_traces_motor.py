"""CMAPs made of motor units: what the healthy trace measures, and what disease makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from garland.anatomy.tree import load
from garland.errors import InputError
from garland.signals.markers import Response, motor_response
from garland.waveforms.motor import _unit_spectra, record_cmap, record_cmaps
from garland.waveforms.motor_units import SHAPES, _diseased_units, _healthy_units, _unit_count
from garland.waveforms.state import MotorState

EDB = MotorState(
    study="fibular-extensor-digitorum-brevis",
    muscle="extensor-digitorum-brevis",
    distances_mm=(80.0, 320.0, 90.0),
    amplitude_mv=4.9,
    latency_ms=4.8,
    velocities_m_s=(46.0, 46.0, 44.0),
    through=(1.0, 1.0, 1.0),
    slowing=(0.0, 0.0, 0.0),
)
AH = MotorState(
    "tibial",
    "abductor-hallucis",
    (80.0, 390.0),
    11.5,
    4.5,
    (47.0, 48.0),
    through=(1.0, 1.0),
    slowing=(0.0, 0.0),
)
VM = MotorState("femoral", "vastus-medialis", (140.0,), 9.3, 3.7, (65.0,))
EI = MotorState(
    "radial",
    "extensor-indicis",
    (60.0, 230.0),
    4.6,
    2.4,
    (62.0, 62.0),
    through=(1.0, 1.0),
    slowing=(0.0, 0.0),
)


def measured(state: MotorState, seed: int = 3, **how: float) -> list[Response | None]:
    traces = record_cmaps(state, 50.0, np.random.default_rng(seed), noisy=False, **how)
    return [motor_response(trace) for trace in traces]


def there(state: MotorState, seed: int = 3, **how: float) -> list[Response]:
    found = measured(state, seed, **how)
    assert all(one is not None for one in found)
    return [one for one in found if one is not None]


@pytest.mark.parametrize("state", [EDB, AH, VM, EI], ids=lambda state: state.study)
def test_the_healthy_trace_measures_what_the_state_says(state: MotorState):
    found = there(state)
    assert found[0].amplitude_uv == pytest.approx(1000.0 * state.amplitude_mv, rel=1e-3)
    assert found[0].onset_ms == pytest.approx(state.latency_ms, abs=0.002)
    for p in range(1, len(found)):
        taken = found[p].onset_ms - found[p - 1].onset_ms
        assert state.distances_mm[p] / taken == pytest.approx(state.velocities_m_s[p], rel=2e-3)


@pytest.mark.parametrize("state", [EDB, AH, EI], ids=lambda state: state.study)
def test_over_the_end_plate_a_cmap_is_biphasic_and_negative_first_for_five_milliseconds(state: MotorState):
    found = there(state)[0]
    assert not found.initial_positive
    assert 4.0 < found.duration_ms < 7.0
    assert 1.4 < found.peak_to_peak_uv / found.amplitude_uv < 2.2


def test_every_muscle_of_the_anatomy_has_units_and_potentials():
    for muscle in load().muscles:
        assert 80 <= _unit_count(muscle) <= 1200
        assert np.isfinite(_unit_spectra(muscle, 55.0)).all()


def test_units_are_as_many_as_were_counted():
    assert (_unit_count("tibialis-anterior"), _unit_count("abductor-hallucis")) == (152, 127)
    assert _unit_count("abductor-pollicis-brevis") == 253


def test_few_units_are_large_and_these_are_fast_and_easily_excited():
    units = _healthy_units("soleus", np.random.default_rng(1))
    assert units.fibres.max() / units.fibres.min() == pytest.approx(15.0)
    assert np.corrcoef(units.fibres, units.velocity)[0, 1] > 0.5
    assert np.corrcoef(units.fibres, units.threshold)[0, 1] < -0.5
    assert set(units.shape) == set(range(SHAPES))


def test_the_same_seed_gives_the_same_trace_and_record_agrees_with_record_all():
    one, again = (record_cmaps(EDB, 50.0, np.random.default_rng(5)) for _ in range(2))
    assert all(np.array_equal(a.samples_uv, b.samples_uv) for a, b in zip(one, again, strict=True))
    alone = record_cmap(EDB, 50.0, np.random.default_rng(5), point=1, noisy=False)
    of_all = record_cmaps(EDB, 50.0, np.random.default_rng(5), noisy=False)[1]
    np.testing.assert_allclose(alone.samples_uv, of_all.samples_uv, atol=1e-6)
    assert alone.label == of_all.label


def test_noise_and_artefact_leave_the_measures_of_a_normal_response_alone():
    noisy = motor_response(record_cmap(EDB, 50.0, np.random.default_rng(2)))
    assert noisy is not None
    assert noisy.amplitude_uv == pytest.approx(4900.0, rel=0.02)
    assert noisy.onset_ms == pytest.approx(4.8, rel=0.01)


def test_without_axons_there_is_no_response():
    for gone in (
        EDB._replace(intact=0.0),
        EDB._replace(diseased=1.0),
        EDB._replace(passed=0.0),
    ):
        assert measured(gone) == [None, None, None]
        assert np.isfinite(record_cmap(gone, 50.0, np.random.default_rng(1)).samples_uv).all()


def test_a_stronger_stimulus_excites_more_axons_until_all_answer():
    sizes = [one.amplitude_uv for k in (0.4, 0.5, 0.65, 1.0, 1.5) if (one := measured(VM, intensity=k)[0])]
    assert sizes == sorted(sizes)
    assert sizes[-1] == pytest.approx(sizes[-2], rel=1e-9)
    assert measured(VM, intensity=0.1) == [None]


def test_cold_slows_nerve_and_muscle():
    cold, warm = there(EDB._replace(temperature_c=28.0)), there(EDB)
    assert 1.12 < cold[0].onset_ms / warm[0].onset_ms < 1.3
    assert cold[0].duration_ms > 1.1 * warm[0].duration_ms
    assert cold[1].onset_ms - cold[0].onset_ms > 1.15 * (warm[1].onset_ms - warm[0].onset_ms)


def test_regrown_axons_conduct_slowly():
    regrown, whole = there(EDB._replace(intact=0.0, regrown=1.0)), there(EDB)
    ratio = (whole[1].onset_ms - whole[0].onset_ms) / (regrown[1].onset_ms - regrown[0].onset_ms)
    assert ratio == pytest.approx(0.9, abs=0.02)


def test_sprouts_bring_the_amplitude_back_without_new_axons():
    lost, adopted = EDB._replace(intact=0.4), EDB._replace(intact=0.4, adopted=0.4)
    assert there(adopted)[0].amplitude_uv == pytest.approx(2.0 * there(lost)[0].amplitude_uv, rel=1e-3)


def test_sprouts_stop_at_the_limit_of_enlargement():
    state = EDB._replace(intact=0.02, adopted=0.9)
    units = _diseased_units(
        _healthy_units(state.muscle, np.random.default_rng(1), 3), state, np.random.default_rng(2)
    )
    assert units.fibres.sum() == pytest.approx(0.02 * 8.0)


def test_older_muscle_fibres_are_thinner_and_the_response_is_longer():
    young, old = (
        motor_response(record_cmap(AH, age, np.random.default_rng(1), noisy=False)) for age in (30.0, 85.0)
    )
    assert young is not None
    assert old is not None
    assert old.duration_ms > young.duration_ms


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"muscle": "biceps-femoris"}, "is not a muscle of the anatomy"),
        ({"through": (1.0,)}, "one value for each of 3 stimulation points"),
        ({"temperature_c": 10.0}, "is outside 20 to 40 degrees"),
        ({"amplitude_mv": 0.0}, "is not above zero"),
        ({"latency_ms": 0.1}, "leaves no room for a response"),
        ({"intact": 0.8, "regrown": 0.4}, "is more than all muscle fibres"),
    ],
)
def test_a_state_that_cannot_be_is_refused(change: dict[str, object], said: str):
    with pytest.raises(InputError, match=said):
        record_cmaps(EDB._replace(**change), 50.0, np.random.default_rng(1))


def test_a_point_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="is not one of 3 stimulation points"):
        record_cmap(EDB, 50.0, np.random.default_rng(1), point=3)
