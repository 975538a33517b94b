"""Muscle fibres and units against closed forms, conservation, limits and symmetry."""

from __future__ import annotations

import numpy as np
import pytest

from garland.evidence import part, replaced
from garland.signals.sound import wav_bytes
from garland.signals.spontaneous_activity import trains_for_grade
from garland.waveforms.effort import _drive_for, _force, _laid, _rates_hz, _thresholds
from garland.waveforms.muscle_fibre import (
    _bank_rows,
    _diameters_um,
    _needle_uv_na,
    _places_mm,
    _potential_uv,
    _reach_uv_na,
    _velocity_m_s,
)
from garland.waveforms.needle import _NeedlePlan, record_needle
from garland.waveforms.needle_units import LENGTH, PHASES, _draw_units, _phased, _Recipe
from garland.waveforms.spontaneous import (
    _amplitude_uv,
    _fibre_waves,
    _positive_waves,
    _train_times,
    _trains_at_places,
)
from garland.waveforms.state import NeedleState
from tests.truth.fibres_in_full import _current_per_mm, _intracellular_mv, _sources_na

EDGES = np.linspace(-61.0, 71.0, 20001)
ENDS = (-60.0, 70.0)


@pytest.mark.parametrize("time_ms", [0.05, 0.5, 2.0, 8.0, 16.0, 18.0, 20.0, 22.0])
def test_the_currents_of_a_fibre_sum_to_zero_from_its_start_to_its_end(time_ms: float):
    source = _sources_na(time_ms, EDGES, 55.0, ENDS)
    assert np.abs(source).sum() > 1.0
    assert source.sum() == pytest.approx(0.0, abs=1e-9 * np.abs(source).sum())


def test_far_from_its_ends_the_current_is_the_closed_form():
    source = _sources_na(8.0, EDGES, 55.0, ENDS)
    middle = (EDGES[1:] + EDGES[:-1]) / 2.0
    behind = float(_velocity_m_s(55.0)) * 8.0 - middle
    running = (middle > 5.0) & (middle < 60.0) & (np.abs(behind) > 0.02)
    expected = _current_per_mm(behind, 55.0) * np.diff(EDGES)
    assert source[running] == pytest.approx(expected[running], abs=2e-3 * np.abs(expected).max())


def test_transmembrane_current_integrates_to_zero():
    z = np.linspace(0.0, 60.0, 60001)
    current = _current_per_mm(z, 50.0)
    assert np.trapezoid(current, z) == pytest.approx(0.0, abs=1e-6 * np.trapezoid(np.abs(current), z))


def test_the_intracellular_potential_peaks_three_millimetres_behind_its_front():
    z = np.linspace(-5.0, 30.0, 35001)
    v = _intracellular_mv(z)
    assert z[v.argmax()] == pytest.approx(3.0, abs=0.01)
    assert v.max() == pytest.approx(96.0 * 27.0 * np.exp(-3.0) - 90.0)
    assert v[0] == v[-1].round(3) == -90.0


@pytest.mark.parametrize("across", [0.1, 1.0, 10.0])
def test_the_potential_is_that_of_all_sources_added_up(across: float):
    made = _potential_uv((600, 1.0 / 24.0), 20.0, across, 55.0, (60.0, 70.0))[0]
    middle = (EDGES[1:] + EDGES[:-1]) / 2.0
    reach = _reach_uv_na(20.0 - middle, across)
    direct = [_sources_na(k / 24.0, EDGES, 55.0, ENDS) @ reach for k in range(5, 600, 35)]
    assert made[5::35] == pytest.approx(direct, abs=0.01 * np.abs(made).max())


def test_a_fibre_seen_from_farther_away_is_smaller():
    far = np.geomspace(0.05, 20.0, 25)
    size = np.ptp(_potential_uv((900, 1.0 / 24.0), 20.0, far, 55.0, (60.0, 70.0)), axis=1)
    assert (np.diff(size) < 0.0).all()


def test_current_grows_with_the_square_of_thickness():
    z = np.linspace(0.0, 10.0, 50)
    assert _current_per_mm(z, 60.0) == pytest.approx(4.0 * _current_per_mm(z, 30.0))


def test_in_even_muscle_a_point_source_falls_with_one_over_distance():
    with replaced({"traces/muscle_fibre.along_s_m": 0.2, "traces/muscle_fibre.across_s_m": 0.2}):
        found = _reach_uv_na([3.0, 0.0], [4.0, 5.0])
    assert found == pytest.approx(1.0 / (4.0 * np.pi * 0.2 * 5.0))


def test_velocity_follows_thickness_in_a_line():
    assert _velocity_m_s([25.0, 55.0]) == pytest.approx([2.2, 3.7])


def test_core_and_shaft_see_the_mean_over_their_surface():
    core, shaft = part("traces/needle").table("core_mm")["long"], part("traces/needle").table("shaft_mm")
    half = np.sqrt(3.0) / 4.0 * core
    place = (0.4, 0.2, -0.1)
    means = []
    for first, last in ((-half, half), (shaft["first"], shaft["last"])):
        along = first + (last - first) * (np.arange(4000) + 0.5) / 4000.0
        across = np.hypot(place[1], along - place[2])
        means.append(_reach_uv_na(place[0], across).mean())
    assert float(_needle_uv_na(*place)[0]) == pytest.approx(means[0] - means[1], rel=1e-5)


def test_a_source_far_from_the_needle_is_hardly_seen_by_it():
    near, far = abs(_needle_uv_na(0.0, 0.3, 0.0)[0]), abs(_needle_uv_na(0.0, 40.0, 0.0)[0])
    assert far < 2e-3 * near


def test_every_place_of_the_grid_stands_for_itself():
    beside, depth = _places_mm()
    a, b, c = np.indices((len(beside), len(depth), len(_diameters_um())))
    found = _bank_rows(beside[a.ravel()], depth[b.ravel()], _diameters_um()[c.ravel()])
    assert (found == (c.ravel() * len(beside) + a.ravel()) * len(depth) + b.ravel()).all()


def test_potentials_laid_on_one_another_add_up():
    wave = _phased(_fibre_waves(3, 20.0, np.random.default_rng(1)))
    when, which = np.array([100.0, 400.25, 700.5]), np.array([0, 1, 2])
    single = sum(_laid(2000, when[k : k + 1], which[k : k + 1], wave) for k in range(3))
    assert _laid(2000, when, which, wave) == pytest.approx(single, abs=1e-6)
    twice = _laid(2000, np.tile(when, 2), np.tile(which, 2), wave)
    assert twice == pytest.approx(2.0 * single, abs=1e-6)


def test_a_stretched_potential_lasts_longer_and_is_as_large():
    unit = _draw_units(_Recipe(2.0, 1.0, 4.0, 0.0, 0.0), 4, 20.0, np.random.default_rng(2), loose=False)
    slow = _draw_units(_Recipe(2.0, 1.25, 4.0, 0.0, 0.0), 4, 20.0, np.random.default_rng(2), loose=False)
    area = np.abs(slow.steady[:, 0]).sum(axis=1) / np.abs(unit.steady[:, 0]).sum(axis=1)
    assert np.ptp(slow.steady[:, 0], axis=1) == pytest.approx(np.ptp(unit.steady[:, 0], axis=1), rel=0.02)
    assert area == pytest.approx(1.25, rel=0.02)


def test_a_shift_within_one_sample_moves_a_potential_by_that():
    made = _draw_units(_Recipe(2.0, 1.0, 4.0, 0.0, 0.0), 1, 20.0, np.random.default_rng(2), loose=False)
    unit = made.steady[0]
    smooth = np.convolve(unit[0], np.hanning(25) / np.hanning(25).sum(), "same")
    moved = np.convolve(unit[2], np.hanning(25) / np.hanning(25).sum(), "same")
    half = np.interp(np.arange(LENGTH) - 2.0 / PHASES, np.arange(LENGTH), smooth)
    assert moved[50:-50] == pytest.approx(half[50:-50], abs=0.01 * np.abs(smooth).max())


def test_unit_potentials_grow_in_proportion_to_the_number_of_their_fibres():
    rng = np.random.default_rng(3)
    few, many = (
        _draw_units(_Recipe(dense, 1.0, 4.0, 0.0, 0.0), 400, 20.0, rng, loose=False).steady[:, 0].sum(axis=0)
        for dense in (1.0, 4.0)
    )
    assert np.abs(many).sum() == pytest.approx(4.0 * np.abs(few).sum(), rel=0.15)


def test_trains_run_like_a_clock_that_runs_down():
    when, which = _train_times(60, 24000 * 3, np.random.default_rng(4))
    gaps = [np.diff(np.sort(when[which == k])) for k in range(60) if (which == k).sum() >= 12]
    even = [gap[1:] / gap[:-1] for gap in gaps]
    assert np.median([np.std(e) for e in even]) < 0.06
    assert np.mean([gap[-3:].mean() / gap[:3].mean() for gap in gaps]) > 1.05
    assert all(1.0 < 24000.0 / gap.mean() < 16.0 for gap in gaps)


@pytest.mark.parametrize("grade", [-0.8, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
def test_the_number_of_trains_follows_the_grade_and_not_chance(grade: float):
    counts = [_trains_at_places(grade, 5, np.random.default_rng(k)) for k in range(200)]
    assert all(abs(c.sum() - 5.0 * trains_for_grade(grade)) <= 0.5 for c in counts)
    assert all(np.ptp(c) <= 1 for c in counts)


def test_fibrillations_shrink_with_the_age_of_the_lesion_as_published():
    assert [_amplitude_uv(day) for day in (30.0, 105.0, 165.0)] == pytest.approx([612.0, 512.0, 320.0])
    assert _amplitude_uv(366.0) < 100.0
    assert (np.diff([_amplitude_uv(day) for day in range(0, 1200, 30)]) <= 0.0).all()


def test_a_fibrillation_begins_positive_and_lasts_one_to_five_milliseconds():
    wave = _fibre_waves(50, 20.0, np.random.default_rng(5))
    sizeable = np.abs(wave) > 0.1
    first = sizeable.argmax(axis=1)
    assert (wave[np.arange(50), first] > 0.0).all()
    lasts = sizeable.sum(axis=1) / 24.0
    assert (lasts > 0.5).all()
    assert (lasts < 5.0).all()


def test_a_positive_wave_is_sharp_and_positive_then_low_and_long():
    wave = _positive_waves(50, np.random.default_rng(6))
    top, bottom = wave.argmax(axis=1), wave.argmin(axis=1)
    assert (top < bottom).all()
    assert (wave.max(axis=1) > -2.0 * wave.min(axis=1)).all()
    lasts = (np.abs(wave) > 0.02).sum(axis=1) / 24.0
    low, high = np.quantile(lasts, [0.05, 0.95])
    assert 10.0 < low < high < 30.0


def test_units_are_called_on_in_order_and_fire_faster_as_drive_rises():
    threshold = _thresholds(np.linspace(0.0, 1.0, 30))
    assert (np.diff(threshold) > 0.0).all()
    rate = np.stack([_rates_hz(drive, threshold) for drive in np.linspace(0.02, 1.0, 40)])
    assert (np.diff(rate, axis=0) >= 0.0).all()
    assert (np.diff(rate, axis=1) <= 0.0).all()
    fires = rate > 0.0
    assert rate[fires].min() >= 5.0
    assert 25.0 < rate[-1].max() < 40.0


def test_drive_is_the_inverse_of_force():
    for share, strength in ((1.0, 1.0), (0.25, 1.0), (0.5, 2.0), (1.0, 0.4)):
        for drive in (0.04, 0.2, 0.7):
            assert _drive_for(_force(drive, share, strength), share, strength) == pytest.approx(
                drive, rel=0.03
            )


def test_the_same_force_takes_more_drive_when_units_are_few_or_weak():
    wanted = _force(0.05, 1.0, 1.0)
    drives = [_drive_for(wanted, share, 1.0) for share in (1.0, 0.5, 0.25, 0.1)]
    assert (np.diff(drives) > 0.0).all()
    assert _drive_for(wanted, 1.0, 0.4) > drives[0]
    assert _drive_for(1.0, 0.1, 1.0) == 1.0


def test_both_halves_of_a_fibre_are_alike_in_the_mirror():
    times = (600, 1.0 / 24.0)
    one = _potential_uv(times, 20.0, 0.5, 50.0, (60.0, 80.0))
    other = _potential_uv(times, -20.0, 0.5, 50.0, (80.0, 60.0))
    assert one == pytest.approx(other, abs=1e-9)


def test_at_the_end_plate_a_fibre_begins_negative_and_away_from_it_positive():
    times = (400, 1.0 / 24.0)
    here, away = (_potential_uv(times, place, 0.3, 50.0, (60.0, 60.0))[0] for place in (0.0, 20.0))
    first = [wave[np.abs(wave) > 0.1 * np.abs(wave).max()][0] for wave in (here, away)]
    assert first[0] < 0.0 < first[1]


def test_one_seed_is_one_sound():
    state, plan = NeedleState("tibialis-anterior"), _NeedlePlan(rest_areas=1, weak_sites=1, full_s=0.5)
    one, same, other = (
        wav_bytes(record_needle(state, np.random.default_rng(seed), plan)[0], 100.0) for seed in (3, 3, 4)
    )
    assert one == same
    assert one != other
