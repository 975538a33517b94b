"""One fibre and many: sizes, speed, lost myelin, lead fields, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from garland.errors import InputError, OutOfRange
from garland.waveforms.axon import _boundaries_mm, _geometry, _spikes, _velocity_m_s
from garland.waveforms.compound import _Bundle, _compound_uv, _Electrode, _lead_field_uv_na, _Medium, _tissue
from tests.truth.fibres_in_full import _demyelinated, _focal_delay_ms, _single_fibre_uv, _spike

TIMES = np.arange(0.0, 12.0, 0.02)
SKIN = _Electrode(60.0, 4.0)


def bundle(*diameters: float, slower: float = 1.0) -> _Bundle:
    d = np.array(diameters)
    return _Bundle(d, _velocity_m_s(d, 34.0) * slower, np.ones(d.size), np.zeros(d.size))


PUBLISHED = [(5.7, 0.5, 3.4, 80), (16.0, 1.5, 12.7, 150)]


@pytest.mark.parametrize(("diameter", "internode", "axon_um", "lamellae"), PUBLISHED)
def test_sizes_are_those_of_the_published_fibres(diameter, internode, axon_um, lamellae):
    sizes = _geometry(diameter)
    assert sizes.internode_mm == pytest.approx(internode, rel=0.03)
    assert sizes.axon_um == pytest.approx(axon_um, rel=0.06)
    assert sizes.lamellae == pytest.approx(lamellae, rel=0.05)


def test_the_boundaries_of_a_cell_span_one_internode():
    before, after = _boundaries_mm(10.0)
    np.testing.assert_allclose(before[1:], after[:-1])
    assert after[-1] - before[0] == pytest.approx(_geometry(10.0).internode_mm)


def test_thick_and_warm_fibres_are_faster():
    speeds = np.array([_velocity_m_s(np.arange(2.0, 20.5, 0.5), t) for t in (20.0, 28.0, 34.0, 40.0)])
    assert np.all(np.diff(speeds, axis=0) > 0.0)
    assert np.all(np.diff(speeds, axis=1) > 0.0)


def test_the_spike_between_two_tabled_fibres_lies_between_theirs():
    peaks = [_spike(d, 33.0).axial_na.max() for d in (8.0, 9.0, 10.0)]
    assert peaks[0] < peaks[1] < peaks[2]


def test_a_warm_spike_is_shorter():
    cold, warm = _spike(10.0, 26.0), _spike(10.0, 36.0)
    trough = [s.times_ms[s.axial_na.mean(axis=0).argmin()] for s in (cold, warm)]
    assert trough[0] > 2.0 * trough[1]


def test_less_myelin_is_slower_until_it_blocks():
    speeds = _demyelinated(np.linspace(0.0, 1.0, 60), 10.0)
    assert np.all(np.diff(speeds) >= 0.0)
    assert speeds[0] == 0.0
    assert speeds[-1] == 1.0


def test_whole_myelin_does_not_delay_and_a_longer_stretch_delays_more():
    assert float(_focal_delay_ms(1.0, 10, 10.0)) == pytest.approx(0.0, abs=1e-9)
    delays = _focal_delay_ms(0.1, np.array([1, 2, 4, 8, 16, 32]), 10.0)
    assert np.all(np.diff(delays) > 0.0)


def test_a_tissue_that_conducts_along_the_fibres_sees_less_far_across():
    even, along = _Medium(0.1, 0.1), _Medium(0.1, 0.5)
    assert _lead_field_uv_na(0.0, 5.0, along) < _lead_field_uv_na(0.0, 5.0, even)


def test_a_slowed_nerve_answers_later_and_lower():
    whole, slow = (_compound_uv(TIMES, bundle(9.0, 10.0, 11.0, slower=s), [SKIN], 120.0) for s in (1.0, 0.6))
    assert slow.argmin() > whole.argmin()
    assert slow.min() > whole.min()


def test_no_fibres_give_a_flat_trace():
    silent = bundle(10.0)._replace(weight=np.zeros(1))
    assert not _compound_uv(TIMES, silent, [SKIN], 120.0).any()


def test_a_fibre_whose_spike_sets_out_after_the_sweep_is_not_seen():
    late = bundle(10.0)._replace(start_ms=np.array([500.0]))
    assert np.abs(_compound_uv(TIMES, late, [SKIN], 120.0)).max() < 1e-12


def test_coarse_times_give_the_same_potential_as_fine_ones():
    fine = _compound_uv(np.arange(0.0, 12.0, 0.01), bundle(10.0), [SKIN], 120.0)
    coarse = _compound_uv(np.arange(0.0, 12.0, 0.04), bundle(10.0), [SKIN], 120.0)
    np.testing.assert_allclose(coarse, fine[::4], atol=0.01 * np.ptp(fine))


@pytest.mark.parametrize("wrong", [1.0, 25.0, np.nan])
def test_a_diameter_outside_the_range_of_trust_is_refused(wrong):
    with pytest.raises(OutOfRange, match="diameter_um: .* is outside 2-20"):
        _velocity_m_s(wrong)


def test_a_frozen_nerve_is_refused():
    with pytest.raises(OutOfRange, match="temperature_c: 5 is outside 20-40"):
        _spikes(5.0)


def test_uneven_times_are_refused():
    with pytest.raises(InputError, match="even steps"):
        _compound_uv(np.array([0.0, 1.0, 3.0]), bundle(10.0), [SKIN], 120.0)


def test_fields_of_different_shapes_are_refused():
    with pytest.raises(InputError, match="differ in shape"):
        _compound_uv(TIMES, bundle(10.0)._replace(weight=np.ones(2)), [SKIN], 120.0)


def test_a_fibre_that_stands_still_is_refused():
    with pytest.raises(InputError, match="above 0 m/s"):
        _single_fibre_uv(TIMES, 10.0, SKIN, 120.0, velocity_m_s=0.0)


def test_an_electrode_inside_the_fibre_is_refused():
    with pytest.raises(InputError, match="move the electrode away"):
        _lead_field_uv_na(1.0, 0.0, _tissue())


def test_a_medium_that_does_not_conduct_is_refused():
    with pytest.raises(InputError, match="conductivities above 0"):
        _lead_field_uv_na(1.0, 1.0, _Medium(0.0, 0.3))


def test_more_than_all_the_myelin_is_refused():
    with pytest.raises(InputError, match="1.2 is outside 0-1"):
        _demyelinated([0.5, 1.2], 10.0)


def test_a_stretch_of_no_internodes_is_refused():
    with pytest.raises(InputError, match="below 1"):
        _focal_delay_ms(0.5, 0, 10.0)
