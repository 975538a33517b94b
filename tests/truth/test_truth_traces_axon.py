"""Fibres and volume conductor against closed forms, conservation, limits and symmetry.

What NEURON says of them is in ``simulators``: `make neuron`.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import k0

from garland.waveforms.axon import _boundaries_mm, _geometry, _velocity_m_s
from garland.waveforms.compound import _Bundle, _compound_uv, _Electrode, _lead_field_uv_na, _Medium, _tissue
from tests.truth.fibres_in_full import _single_fibre_uv, _spike

DEEP = _Medium(0.3, 0.3)
TIMES = np.arange(0.0, 14.0, 0.02)
RNG = np.random.default_rng(3)


def nerve(count: int, **fields: np.ndarray) -> _Bundle:
    diameter = RNG.uniform(4.0, 13.0, count)
    whole = _Bundle(diameter, _velocity_m_s(diameter, 34.0), np.ones(count), np.zeros(count))
    return whole._replace(**fields)


def test_a_point_source_falls_off_with_one_over_distance_and_doubles_at_the_skin():
    assert _lead_field_uv_na(0.0, 2.0, DEEP) == pytest.approx(1e6 * 1e-9 / (4 * np.pi * 0.3 * 2e-3))
    assert _lead_field_uv_na(3.0, 4.0, DEEP) == pytest.approx(_lead_field_uv_na(0.0, 5.0, DEEP))
    assert _lead_field_uv_na(1.0, 2.0, DEEP._replace(surface=True)) == 2 * _lead_field_uv_na(1.0, 2.0, DEEP)


def test_the_field_of_an_anisotropic_medium_solves_the_equation_of_flow():
    medium, step = _Medium(0.063, 0.33), 1e-3

    def field(x: float, y: float, z: float) -> float:
        return float(_lead_field_uv_na(z, np.hypot(x, y), medium))

    here = (1.0, 0.7, 1.3)
    bends = []
    for axis in range(3):
        up, down = (tuple(v + s * step * (a == axis) for a, v in enumerate(here)) for s in (1, -1))
        bends.append((field(*up) - 2 * field(*here) + field(*down)) / step**2)
    along, across = 0.33 * bends[2], 0.063 * (bends[0] + bends[1])
    assert along + across == pytest.approx(0.0, abs=1e-4 * abs(along))


def test_the_harmonics_of_a_line_of_sources_fall_off_as_bessel_functions():
    wave = 1.7
    line, _ = quad(lambda z: 2 * _lead_field_uv_na(z, 1.0, DEEP), 0.0, np.inf, weight="cos", wvar=wave)
    assert line == pytest.approx(2 * k0(wave) / (4 * np.pi * 0.3), rel=1e-4)


@pytest.mark.parametrize("celsius", [22.0, 34.0, 39.0])
@pytest.mark.parametrize("diameter", [3.0, 9.0, 15.0, 19.0])
def test_the_current_that_runs_ahead_of_a_spike_runs_back_behind_it(diameter: float, celsius: float):
    spike = _spike(diameter, celsius)
    charge = np.trapezoid(spike.axial_na, spike.times_ms, axis=1)
    moved = np.trapezoid(np.abs(spike.axial_na), spike.times_ms, axis=1)
    assert np.all(np.abs(charge) < 0.02 * moved)


def test_the_sources_of_a_long_fibre_sum_to_zero_at_every_instant():
    spike, before = _spike(10.0, 34.0), _boundaries_mm(10.0)[0]
    delay = _geometry(10.0).internode_mm / float(_velocity_m_s(10.0, 34.0))
    times = np.arange(-1.0, 8.0, 0.004)
    axial = np.concatenate(
        [
            [np.interp(times - k * delay, spike.times_ms, a, 0.0, 0.0) for a in spike.axial_na]
            for k in range(60)
        ]
    )
    sources = -np.diff(axial, axis=0, prepend=0.0, append=0.0)
    assert len(before) == 11
    assert np.abs(sources.sum(axis=0)).max() < 1e-9 * np.abs(sources).sum(axis=0).max()


def test_far_away_along_the_line_an_even_field_shows_nothing():
    far = _Electrode(60.0, 1e6)
    near = _Electrode(60.0, 5.0)
    seen = [np.abs(_compound_uv(TIMES, nerve(50), [e], 120.0)).max() for e in (far, near)]
    assert seen[0] < 1e-9 * seen[1]


def test_a_nerve_is_the_sum_of_its_fibres():
    both, places = nerve(40), [_Electrode(60.0, 4.0), _Electrode(90.0, 4.0, -1.0)]
    together = _compound_uv(TIMES, both, places, 120.0)
    apart = sum(
        _compound_uv(TIMES, _Bundle(*(field[i : i + 1] for field in both)), places, 120.0) for i in range(40)
    )
    np.testing.assert_allclose(together, apart, atol=0.005 * np.abs(apart).max())


def test_classes_of_waveform_give_what_every_fibre_alone_gives():
    fibres = nerve(25)
    places = _Electrode(60.0, 4.0)
    exact = sum(_single_fibre_uv(TIMES, d, places, 120.0, 34.0) for d in fibres.diameter_um)
    quick = _compound_uv(TIMES, fibres, [places], 120.0)
    assert np.corrcoef(exact, quick)[0, 1] > 0.999
    assert quick.min() == pytest.approx(exact.min(), rel=0.03)


def test_potentials_grow_with_the_number_of_fibres_and_fall_with_conductivity():
    one = nerve(30)
    base = _compound_uv(TIMES, one, [_Electrode(60.0, 4.0)], 120.0)
    many = _compound_uv(TIMES, one._replace(weight=np.full(30, 7.0)), [_Electrode(60.0, 4.0)], 120.0)
    poor = _Medium(0.15, 0.15, True)
    np.testing.assert_allclose(many, 7.0 * base, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        _compound_uv(TIMES, one, [_Electrode(60.0, 4.0)], 120.0, 34.0, poor), 2.0 * base
    )


def test_a_later_start_moves_the_potential_and_changes_nothing_else():
    one = nerve(30)
    late = one._replace(start_ms=np.full(30, 1.0))
    first, second = (_compound_uv(TIMES, b, [_Electrode(60.0, 4.0)], 120.0) for b in (one, late))
    np.testing.assert_allclose(second[50:], first[:-50], atol=1e-4 * np.abs(first).max())


def test_two_electrodes_at_one_place_cancel():
    pair = [_Electrode(60.0, 4.0), _Electrode(60.0, 4.0, -1.0)]
    assert np.abs(_compound_uv(TIMES, nerve(30), pair, 120.0)).max() < 1e-12


def test_the_potential_passes_an_electrode_at_the_speed_of_the_fibre():
    fibre = _Bundle(*(np.array([x]) for x in (10.0, float(_velocity_m_s(10.0, 34.0)), 1.0, 0.0)))
    fine = np.arange(0.0, 6.0, 0.005)
    troughs = [fine[_compound_uv(fine, fibre, [_Electrode(z, 3.0)], 200.0).argmin()] for z in (60.0, 120.0)]
    assert 60.0 / (troughs[1] - troughs[0]) == pytest.approx(float(fibre.velocity_m_s[0]), rel=0.01)


def test_thick_fibres_reach_further_and_amplitude_falls_faster_than_one_over_distance():
    peaks = {
        (d, r): np.ptp(_single_fibre_uv(TIMES, d, _Electrode(60.0, r), 120.0, 34.0, _tissue()))
        for d in (6.0, 14.0)
        for r in (1.0, 5.0)
    }
    fall = {d: peaks[d, 1.0] / peaks[d, 5.0] for d in (6.0, 14.0)}
    assert fall[6.0] > fall[14.0] > 5.0
