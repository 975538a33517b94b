"""Single fibres and a nerve of 1,000 against NEURON: two minutes on two cores.

The runs here use other diameters, temperatures and lengths than those from which Garland's tables were made,
sum the potential over every compartment, and share nothing with Garland but the published model.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
import runs

from garland.waveforms.axon import _velocity_m_s
from garland.waveforms.compound import _Bundle, _compound_uv, _Electrode, _Medium
from tests.truth.fibres_in_full import _demyelinated, _focal_delay_ms, _single_fibre_uv

TISSUE = _Medium(runs.TISSUE_S_M, runs.TISSUE_S_M)

SPEEDS = [(d, 37.0) for d in (4.0, 4.5, 5.3, 6.5, 7.0, 9.0, 11.0, 13.0, 15.0, 16.0)] + [
    (d, t) for d in (6.8, 12.5) for t in (20.0, 22.5, 27.5, 32.0, 34.0, 36.0, 38.5, 40.0)
]
DEPTHS = (0.5, 1.0, 2.0, 5.0, 10.0)
SINGLE = [(6.0, 37.0), (7.0, 37.0), (10.0, 37.0), (11.0, 26.0), (13.0, 33.0), (14.0, 37.0)]
MIDDLE_MM, LENGTH_MM = 40.0, 80.0
DIFFUSE = [(d, t, f) for d, t in ((8.0, 32.0), (12.0, 36.0)) for f in (0.6, 0.3, 0.12)]
SLOWED = [(9.0, 34.0, 0.4), (12.0, 34.0, 0.15)]
SLOWED_PLACES = ((30.0, 2.0), (30.0, 5.0))
BLOCKED = [(10.0, 34.0, 0.02), (8.0, 37.0, 0.02), (13.0, 35.0, 0.03)]
FOCAL = [(10.0, 33.0, 0.3, 4), (10.0, 36.0, 0.08, 7), (7.0, 34.0, 0.12, 5), (13.0, 34.0, 0.12, 5)]
FOCAL_BLOCK = [(10.0, 34.0, 0.025, 8), (12.0, 34.0, 0.02, 12)]
WARMED = [(10.0, 33.0, 0.05, 12), (10.0, 39.0, 0.05, 12)]
NERVE = tuple(4.0 + 0.5 * step for step in range(20))
NERVE_CELSIUS, NERVE_MM = 34.0, 90.0
PACED = NERVE[::3]
"""Fibres whose speed is drawn to a time step of zero; a step of 0.001 ms slows by 1-2 %."""
PLACES = ((50.0, 3.0), (75.0, 3.0))


def single_places(diameter: float) -> tuple[tuple[float, float], ...]:
    """Return places opposite a node and half an internode on, at every depth."""
    internode = runs.geometry(diameter).internode / 1000.0
    node = round(MIDDLE_MM / internode) * internode
    return tuple((along, depth) for along in (node, node + internode / 2.0) for depth in DEPTHS)


def jobs() -> list[tuple[object, ...]]:
    """Return every run, the longest first."""
    nerve = [("potentials", d, NERVE_CELSIUS, NERVE_MM, PLACES, 2.5) for d in NERVE]
    single = [("potentials", d, t, LENGTH_MM, single_places(d), 2.0) for d, t in SINGLE]
    single += [("potentials", d, t, 60.0, SLOWED_PLACES, 2.5, share) for d, t, share in SLOWED]
    focal = [("focal_delay_ms", *case) for case in (*FOCAL, *FOCAL_BLOCK, *WARMED)]
    speeds = [("velocity_m_s", *case) for case in (*SPEEDS, *DIFFUSE, *BLOCKED)]
    whole = [("velocity_m_s", d, t) for d, t, _ in DIFFUSE]
    whole += [("velocity_m_s", d, NERVE_CELSIUS, 1.0, dt) for d in PACED for dt in (0.0005, 0.001)]
    return [*nerve, *single, *focal, *speeds, *whole, ("outward_na", 10.0, 37.0), ("outward_na", 6.0, 30.0)]


@pytest.fixture(scope="session")
def neuron() -> Mapping[tuple[object, ...], object]:
    """What NEURON gives for every run, by run."""
    every = list(dict.fromkeys(jobs()))
    with ProcessPoolExecutor(int(os.environ.get("WORKERS", "2")), get_context("spawn")) as pool:
        return dict(zip(every, pool.map(runs.call, every), strict=True))


@pytest.mark.parametrize(("diameter", "celsius"), SPEEDS)
def test_a_fibre_conducts_as_fast_as_neuron_says(neuron, diameter, celsius, record_property):
    ratio = float(_velocity_m_s(diameter, celsius)) / neuron["velocity_m_s", diameter, celsius]
    record_property("velocity", ratio)
    assert ratio == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(("diameter", "celsius"), SINGLE)
def test_a_single_fibre_is_as_large_as_neuron_says_at_every_distance(
    neuron, diameter, celsius, record_property
):
    places = single_places(diameter)
    truth = neuron["potentials", diameter, celsius, LENGTH_MM, places, 2.0]
    times = truth["times_ms"]
    seen = times > MIDDLE_MM / truth["velocity"] - 0.7
    for (along, depth), potential in zip(places, truth["uv"], strict=True):
        electrode = _Electrode(along, depth)
        ours = _single_fibre_uv(
            times, diameter, electrode, truth["length_mm"], celsius, TISSUE, truth["velocity"]
        )
        ratio = np.ptp(ours[seen]) / np.ptp(potential[seen])
        record_property("single-fibre amplitude", ratio)
        assert ratio == pytest.approx(1.0, abs=0.2), (along, depth)
        assert ours[seen].min() == pytest.approx(potential[seen].min(), rel=0.2), (along, depth)
        assert np.corrcoef(ours[seen], potential[seen])[0, 1] > 0.99


@pytest.mark.parametrize(("diameter", "celsius", "share"), SLOWED)
def test_a_slowed_fibre_is_as_large_as_neuron_says(neuron, diameter, celsius, share, record_property):
    truth = neuron["potentials", diameter, celsius, 60.0, SLOWED_PLACES, 2.5, share]
    times, speed = truth["times_ms"], truth["velocity"]
    seen = times > 30.0 / speed - 1.0
    for (along, depth), potential in zip(SLOWED_PLACES, truth["uv"], strict=True):
        given = _Electrode(along, depth), truth["length_mm"], celsius, TISSUE, speed
        ratio = np.ptp(_single_fibre_uv(times, diameter, *given)[seen]) / np.ptp(potential[seen])
        record_property("single-fibre amplitude of slowed fibres", ratio)
        assert ratio == pytest.approx(1.0, abs=0.2), (along, depth)


@pytest.mark.parametrize(("diameter", "celsius", "share"), DIFFUSE)
def test_thin_myelin_slows_a_fibre_as_in_neuron(neuron, diameter, celsius, share, record_property):
    truth = neuron["velocity_m_s", diameter, celsius, share] / neuron["velocity_m_s", diameter, celsius]
    ratio = float(_demyelinated(share, diameter, celsius)) / truth
    record_property("velocity with thin myelin", ratio)
    assert ratio == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("case", BLOCKED)
def test_almost_no_myelin_blocks_a_fibre_as_in_neuron(neuron, case):
    diameter, celsius, share = case
    assert neuron["velocity_m_s", *case] == 0.0
    assert float(_demyelinated(share, diameter, celsius)) == 0.0


@pytest.mark.parametrize("case", FOCAL)
def test_a_few_thin_internodes_delay_a_fibre_as_in_neuron(neuron, case, record_property):
    diameter, celsius, share, count = case
    ratio = float(_focal_delay_ms(share, count, diameter, celsius)) / neuron["focal_delay_ms", *case]
    record_property("focal delay", ratio)
    assert ratio == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("case", FOCAL_BLOCK)
def test_a_bare_stretch_blocks_a_fibre_as_in_neuron(neuron, case):
    diameter, celsius, share, count = case
    assert neuron["focal_delay_ms", *case] == np.inf
    assert float(_focal_delay_ms(share, count, diameter, celsius)) == np.inf


def test_warming_blocks_a_stretch_that_conducts_when_cool_as_in_neuron(neuron):
    truth = [neuron["focal_delay_ms", *case] for case in WARMED]
    ours = [float(_focal_delay_ms(f, count, d, t)) for d, t, f, count in WARMED]
    assert np.isfinite(truth).tolist() == np.isfinite(ours).tolist() == [True, False]


@pytest.mark.parametrize("case", [(10.0, 37.0), (6.0, 30.0)])
def test_what_leaves_a_fibre_enters_it_elsewhere_in_neuron_too(neuron, case):
    every, nodes = neuron["outward_na", *case]
    assert np.abs(every.sum(axis=1)).max() < 1e-6 * np.abs(every).sum(axis=1).max()
    assert np.abs(nodes).max() > 0.1 * np.abs(every).sum(axis=1).max()


def sural_like() -> np.ndarray:
    """Return 1,000 diameters with a thin and a thick mode [um]."""
    rng = np.random.default_rng(11)
    drawn = np.concatenate([rng.normal(5.0, 0.9, 550), rng.normal(10.0, 1.4, 450)])
    return np.clip(drawn, 4.0, 13.5)


def first_spike(truth, at, along):
    """Return times and potential up to 4 ms after arrival: the model's thin fibres may fire twice."""
    kept = truth["times_ms"] < along / truth["velocity"] + 4.0
    return truth["times_ms"][kept], truth["uv"][at][kept]


@pytest.fixture(scope="session")
def nerve(neuron):
    """The potential of 1,000 fibres at each place: superposed from NEURON, and by Garland."""
    diameters, times = sural_like(), np.arange(0.0, 12.0, 0.02)
    truths = [neuron["potentials", d, NERVE_CELSIUS, NERVE_MM, PLACES, 2.5] for d in NERVE]
    fine, coarse = (
        np.array([neuron["velocity_m_s", d, NERVE_CELSIUS, 1.0, dt] for d in PACED]) for dt in (0.0005, 0.001)
    )
    faster = np.interp(NERVE, PACED, (2.0 * fine - coarse) / coarse)
    speeds = np.interp(diameters, NERVE, faster * [truth["velocity"] for truth in truths])
    nearest = np.abs(diameters[:, None] - np.array(NERVE)).argmin(axis=1)
    superposed, ours = np.zeros((2, len(times))), np.zeros((2, len(times)))
    own = _velocity_m_s(diameters, NERVE_CELSIUS)
    bundle = _Bundle(diameters, own, np.ones(len(diameters)), np.zeros(len(diameters)))
    for at, (along, depth) in enumerate(PLACES):
        for speed, kind in zip(speeds, nearest, strict=True):
            truth = truths[kind]
            shift = along / speed - along / truth["velocity"]
            superposed[at] += np.interp(times - shift, *first_spike(truth, at, along), 0.0, 0.0)
        electrodes = [_Electrode(along, depth)]
        ours[at] = _compound_uv(times, bundle, electrodes, NERVE_MM, NERVE_CELSIUS, TISSUE)
    return times, superposed, ours


@pytest.mark.parametrize("montage", [(1.0, 0.0), (1.0, -1.0)])
def test_a_nerve_of_1000_fibres_is_the_superposition_of_neurons_fibres(nerve, montage, record_property):
    times, superposed, ours = nerve
    seen = times > 0.3
    truth, found = (np.array(montage) @ trace[:, seen] for trace in (superposed, ours))
    correlation = np.corrcoef(truth, found)[0, 1]
    record_property("correlation of 1,000 fibres", correlation)
    record_property("peak to peak of 1,000 fibres", np.ptp(found) / np.ptp(truth))
    assert correlation >= 0.98
    assert np.ptp(found) == pytest.approx(np.ptp(truth), rel=0.1)
    assert found.min() == pytest.approx(truth.min(), rel=0.1)
