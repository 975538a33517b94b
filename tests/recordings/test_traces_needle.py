"""A needle in one muscle: what is recorded, and what is measured off it."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.needle_fit import _tried
from garland.errors import InputError
from garland.evidence import part
from garland.signals.muap import _Unit, motor_units
from garland.signals.trace import Trace
from garland.waveforms.effort import _called, _discharges, _strength
from garland.waveforms.needle import _NeedlePlan, _parts, record_needle
from garland.waveforms.needle_units import _draw_units, _healthy_measures, _Recipe, _recipe
from garland.waveforms.spontaneous import (
    _complex_repetitive,
    _end_plate,
    _fasciculations,
    _insertion,
    _myokymia,
)
from garland.waveforms.state import NeedleState
from tests.truth.fibres_in_full import _current_per_mm

VASTUS = NeedleState("vastus-lateralis", 45.0)
WEAK = _NeedlePlan(rest_areas=0, weak_sites=5, full_s=0.0)
REST = _NeedlePlan(weak_sites=0, full_s=0.0)


def units_of(state: NeedleState, subjects: int = 3) -> list[_Unit]:
    found: list[_Unit] = []
    for seed in range(subjects):
        trace, places = record_needle(state, np.random.default_rng(seed), WEAK)
        found += motor_units([trace.between(begin, end - 0.05) for _, begin, end in places])
    return found


def piece(state: NeedleState, name: str, seed: int = 0) -> np.ndarray:
    trace, places = record_needle(state, np.random.default_rng(seed))
    return np.concatenate([trace.between(b, e - 0.05).samples_uv for n, b, e in places if n == name])


def rms(state: NeedleState, name: str, seeds: int = 4) -> float:
    return float(np.sqrt(np.mean([(piece(state, name, seed) ** 2).mean() for seed in range(seeds)])))


def test_a_recording_lasts_ten_seconds_at_24_khz_and_says_its_parts():
    trace, places = record_needle(VASTUS, np.random.default_rng(1))
    assert (trace.rate_hz, trace.duration_ms, trace.label) == (24000.0, 10000.0, "vastus-lateralis")
    assert [name for name, _, _ in places] == ["rest"] * 5 + ["weak"] * 3 + ["full"]
    assert [begin for _, begin, _ in places] == [0.0, *(end for _, _, end in places[:-1])]
    assert places[-1][2] == 10000.0


def test_one_seed_is_one_recording_and_another_is_another():
    one, same, other = (
        record_needle(VASTUS, np.random.default_rng(seed))[0].samples_uv for seed in (7, 7, 8)
    )
    assert (one == same).all()
    assert not np.allclose(one, other)


def test_parts_of_a_plan_may_be_left_out():
    assert [name for name, _, _ in _parts(_NeedlePlan(rest_areas=1, weak_sites=0, full_s=0.0))] == ["rest"]


@pytest.mark.parametrize(
    "plan", [_NeedlePlan(rest_s=-1.0), _NeedlePlan(weak_sites=-1), _NeedlePlan(full_s=float("nan"))]
)
def test_a_plan_holds_nothing_negative(plan: _NeedlePlan):
    with pytest.raises(InputError, match="must not be negative"):
        record_needle(VASTUS, np.random.default_rng(1), plan)


def test_an_empty_plan_is_refused():
    with pytest.raises(InputError, match="holds nothing to record"):
        record_needle(VASTUS, np.random.default_rng(1), _NeedlePlan(rest_areas=0, weak_sites=0, full_s=0.0))


def test_a_healthy_muscle_is_silent_at_rest_but_for_the_movement_of_the_needle():
    trace, places = record_needle(VASTUS, np.random.default_rng(2), REST)
    quiet = [trace.between(begin + 400.0, end - 0.05).samples_uv.std() for _, begin, end in places]
    moved = [trace.between(begin, begin + 100.0).samples_uv.std() for _, begin, _ in places]
    assert np.median(quiet) < 4.0
    assert min(moved) > 30.0


def test_denervated_muscle_is_never_silent_and_old_denervation_is_smaller():
    fresh = VASTUS._replace(fibrillation=3.0, lesion_age_day=40.0)
    old = fresh._replace(lesion_age_day=500.0)
    assert rms(fresh, "rest") > 1.5 * rms(old, "rest") > 1.5 * rms(VASTUS, "rest") * 0.9


def test_full_effort_grows_with_the_units_that_can_be_called_on():
    sizes = [rms(VASTUS._replace(recruitment_log2=log2), "full") for log2 in (0.0, -1.5, -3.0, -4.5)]
    assert (np.diff(sizes) < 0.0).all()


def test_an_effort_held_back_is_smaller_and_slower():
    weak = VASTUS._replace(central=0.3)
    assert rms(weak, "full") < 0.8 * rms(VASTUS, "full")
    slow, fast = (_called(s, "full", np.random.default_rng(3)) for s in (weak, VASTUS))
    assert slow.rate_hz.max() < fast.rate_hz.max()
    assert len(slow.rate_hz) < len(fast.rate_hz)


def test_with_few_units_left_those_fire_fast_and_in_myopathy_many_fire_early():
    def mean(state: NeedleState) -> tuple[float, float]:
        drawn = [_called(state, "weak", np.random.default_rng(seed)) for seed in range(60)]
        return float(np.mean([len(d.rate_hz) for d in drawn])), float(
            np.mean([d.rate_hz.max(initial=0.0) for d in drawn])
        )

    many, usual = mean(VASTUS)
    few, fast = mean(VASTUS._replace(recruitment_log2=-3.0))
    early, _ = mean(VASTUS._replace(early=True, diseased=0.5, amplitude_ln=-0.5))
    assert 2.0 < many < 8.0
    assert few < many < early
    assert fast > 1.2 * usual


def test_units_fire_unevenly_by_a_sixth():
    units = _called(VASTUS, "full", np.random.default_rng(4))
    when, which = _discharges(units, 24000 * 20, 0.0, np.random.default_rng(5))
    gaps = [np.diff(np.sort(when[which == k])) for k in range(len(units.rate_hz))]
    assert np.mean([gap.std() / gap.mean() for gap in gaps]) == pytest.approx(0.17, abs=0.02)
    assert [24000.0 / gap.mean() for gap in gaps] == pytest.approx(units.rate_hz, rel=0.05)


def test_a_muscle_nothing_can_call_on_is_silent_in_effort():
    none = VASTUS._replace(recruitment_log2=-20.0)
    assert piece(none, "full").std() < 4.0
    assert _strength(none) > 0.0


@pytest.mark.parametrize(
    "muscle", ["biceps-brachii", "tibialis-anterior", "vastus-lateralis", "paraspinal-l4"]
)
def test_units_of_healthy_muscles_are_as_large_and_long_as_published(muscle: str):
    units = units_of(NeedleState(muscle, 45.0), 2)
    amplitude, duration = _healthy_measures(muscle, 45.0)
    assert len(units) > 18
    assert np.mean([u.shape.amplitude_uv for u in units]) == pytest.approx(amplitude, rel=0.3)
    assert np.mean([u.shape.duration_ms for u in units]) == pytest.approx(duration, rel=0.12)


def test_duration_rises_with_age():
    assert (
        _healthy_measures("vastus-lateralis", 80.0)[1] > 1.1 * _healthy_measures("vastus-lateralis", 30.0)[1]
    )
    assert _healthy_measures("vastus-lateralis", 80.0)[0] == _healthy_measures("vastus-lateralis", 30.0)[0]


GROUPS: dict[str, dict[str, float]] = {
    "normal": {},
    "motor_neuron_disease": {"polyphasic": True, "recruitment_log2": -1.5},
    "myopathy": {"early": True, "diseased": 0.45},
}


@pytest.mark.parametrize("group", GROUPS)
def test_units_of_patients_differ_from_healthy_ones_as_published(group: str):
    """Amplitude and duration follow the state by calibration; spread, phases and turns are the proof."""
    numbers = part("traces/needle")
    usual, said = numbers.table("published_normal"), numbers.table(f"published_{group}")
    high, wide = (float(np.log(said[name] / usual[name])) for name in ("amplitude_uv", "duration_ms"))
    state = NeedleState("biceps-brachii", 45.0, amplitude_ln=high, duration_ln=wide)._replace(**GROUPS[group])
    shapes = [unit.shape for unit in units_of(state, 2)]
    amplitude, duration = ([getattr(one, name) for one in shapes] for name in ("amplitude_uv", "duration_ms"))
    assert np.mean(amplitude) == pytest.approx(said["amplitude_uv"], rel=0.3)
    assert np.mean(duration) == pytest.approx(said["duration_ms"], rel=0.15)
    assert 0.5 < np.std(amplitude) / said["amplitude_sd_uv"] < 1.7
    assert 0.45 < np.std(duration) / said["duration_sd_ms"] < 1.9
    assert np.mean([one.phases for one in shapes]) == pytest.approx(said["phases"], abs=0.9)
    assert np.mean([one.turns for one in shapes]) == pytest.approx(said["turns"], abs=1.8)
    assert np.mean([one.spike_duration_ms for one in shapes]) == pytest.approx(said["spike_ms"], rel=0.4)


def test_young_endings_jitter_and_fail_and_old_ones_do_not():
    old = _draw_units(_Recipe(3.0, 1.0, 4.0, 0.05, 0.0), 200, 20.0, np.random.default_rng(6))
    young = _draw_units(_Recipe(3.0, 1.0, 4.0, 0.05, 1.0), 200, 20.0, np.random.default_rng(6))
    pair_us = 1000.0 * 2.0 * np.sqrt(2.0 / np.pi)
    assert 25.0 < np.median(old.jitter_ms[old.jitter_ms > 0.0]) * pair_us < 35.0
    assert np.median(young.jitter_ms) > 2.0 * np.median(old.jitter_ms)
    assert old.blocked.max() == 0.0
    assert young.blocked.max() > 0.1


def test_more_amplitude_is_more_fibres():
    few, many = _recipe(VASTUS), _recipe(VASTUS._replace(amplitude_ln=1.0))
    assert many.fibres_per_mm2 > 2.0 * few.fibres_per_mm2


def test_discharges_of_whole_units_are_met_where_they_should_be():
    plain, made = VASTUS, _recipe(VASTUS)
    twitching = plain._replace(fasciculations=True)
    assert rms(twitching, "rest") > rms(plain, "rest")
    seen = _fasciculations(made, (24000, 20.0), 3, np.random.default_rng(7))
    assert np.abs(seen[:2000]).max() < 0.05 * np.abs(seen).max()
    assert np.abs(_myokymia(made, (24000, 20.0), np.random.default_rng(8))).max() > 20.0


def test_a_complex_repetitive_discharge_repeats_exactly_and_begins_at_once():
    seen = _complex_repetitive(24000, 20.0, np.random.default_rng(9))
    alive = np.flatnonzero(np.abs(seen) > 1.0)
    body = seen[alive[0] : alive[0] + 12000]
    alike = np.correlate(body, body[:6000], "valid") / (body[:6000] @ body[:6000])
    assert alive[0] > 3000
    assert alike[200:].max() > 0.9


def test_an_end_plate_hisses_and_its_spikes_begin_negative():
    seen = _end_plate(48000, np.random.default_rng(10))
    assert 3.0 < seen.std() < 60.0
    assert -seen.min() > seen.max()


def test_insertional_activity_ends_with_the_movement():
    seen = _insertion(24000, 120.0, 20.0, np.random.default_rng(11))
    assert np.abs(seen[: 24 * 120]).max() > 50.0
    assert np.abs(seen[24 * 180 :]).max() < 1e-3


def test_one_muscle_of_the_fit_is_recorded_and_measured():
    one = _tried(np.random.default_rng(12), sites=3)
    assert one.given.shape == (18,)
    assert np.isfinite(one.measured).all()


def test_a_fibre_of_no_thickness_drives_no_current():
    assert _current_per_mm(np.linspace(0.0, 5.0, 10), 0.0).tolist() == [0.0] * 10


def test_the_trace_is_in_the_steps_of_the_converter():
    trace: Trace = record_needle(VASTUS, np.random.default_rng(13), REST)[0]
    assert np.abs(trace.samples_uv * 10.0 - np.rint(trace.samples_uv * 10.0)).max() < 1e-6
