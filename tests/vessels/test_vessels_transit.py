"""Oxygen in full against published values, and the fast form against the full one."""

from __future__ import annotations

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.stats import gamma
from vessel_people import someone

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.vessels.oxygen import tissue_oxygen_mmhg, watershed_weights
from garland.model.vessels.wall import Wall, worn_wall
from tests.truth import oxygen_in_full
from tests.truth.ischaemia_in_full import _krogh_drop_mmhg
from tests.truth.oxygen_in_full import _State

NERVE = oxygen_in_full._nerve()
BRAIN = replace(NERVE, permeability_s=part("vessels/transit").value("permeability_brain_s"))


def fast_mmhg(open_share: object, lumen: object, unevenness: object, watershed: object) -> np.ndarray:
    """Return the fast form on broadcast numbers, without inflammation."""
    fields = np.broadcast_arrays(open_share, lumen, unevenness, watershed)
    shape = fields[0].shape
    o, a, u, w = (jnp.asarray(field.ravel(), jnp.float32) for field in fields)
    wall = Wall(jnp.ones_like(o), jnp.ones_like(o), o, a, u, jnp.zeros_like(o))
    return np.asarray(tissue_oxygen_mmhg(wall, jnp.zeros((o.size, 1)), w[:, None])).reshape(shape)


@pytest.mark.parametrize(
    ("transit_s", "uneven_s", "taken"), [(1.4, 0.05, 0.378), (1.4, 1.33, 0.313), (1.4, 3.0, 0.193)]
)
def test_brain_takes_up_the_published_share_of_oxygen(transit_s: float, uneven_s: float, taken: float):
    assert oxygen_in_full._extraction(25.0, transit_s, uneven_s / transit_s, BRAIN) == pytest.approx(
        taken, abs=0.005
    )


@pytest.mark.parametrize(("unevenness", "taken"), [(0.95, 0.21), (2.0, 0.14)])
def test_the_short_transit_of_nerve_leaves_little_reserve(unevenness: float, taken: float):
    assert oxygen_in_full._extraction(25.0, 0.54, unevenness, BRAIN) == pytest.approx(taken, abs=0.006)


@pytest.mark.parametrize("tissue_mmhg", [1.0, 30.0, 50.0])
def test_extraction_agrees_with_the_differential_equation_along_the_capillary(tissue_mmhg: float):
    longest = 12.0

    def slope(_: float, bound: np.ndarray) -> np.ndarray:
        pressure = oxygen_in_full._blood_mmhg(bound, NERVE)
        return -NERVE.permeability_s * NERVE.solubility_mmhg * (pressure - tissue_mmhg)

    course = solve_ivp(slope, (0.0, longest), [NERVE.arterial], rtol=1e-8, atol=1e-10, dense_output=True)
    shape, scale = 1.2**-2, 1.2**2 * NERVE.transit_s
    latents = (np.arange(20000) + 0.5) / 20000
    stays = np.minimum(gamma.ppf(latents, shape, scale=scale), longest)
    taken = float(np.mean(1.0 - course.sol(stays)[0] / NERVE.arterial))
    assert oxygen_in_full._extraction(tissue_mmhg, NERVE.transit_s, 1.2, NERVE) == pytest.approx(
        taken, rel=0.003
    )


def test_tissue_with_more_oxygen_than_blood_takes_none():
    assert oxygen_in_full._extraction(99.0, NERVE.transit_s, 0.95, NERVE) == 0.0


def test_the_permeability_of_nerve_is_the_one_that_gives_its_healthy_pressure():
    fitted = oxygen_in_full._fit_permeability()
    assert fitted == pytest.approx(part("vessels/transit").value("permeability_s"), rel=0.005)
    assert oxygen_in_full._oxygen_mmhg(_State()) == pytest.approx(
        part("vessels/oxygen").value("healthy_mmhg"), abs=0.05
    )


@pytest.mark.parametrize(("flow", "permeability", "most"), [(12.1, 1e5, 44.0), (20.0, 200.0, 45.5)])
def test_a_use_of_0_4_would_keep_healthy_nerve_short_of_50_mmhg(
    flow: float, permeability: float, most: float
):
    slower = NERVE.transit_s * NERVE.flow_ml_100g_min / flow
    greedy = replace(NERVE, use_ml_100g_min=0.4, flow_ml_100g_min=flow, transit_s=slower)
    assert oxygen_in_full._balance_mmhg(_State(), replace(greedy, permeability_s=permeability)) < most


def test_the_two_krogh_drops_agree():
    dense = part("vessels/oxygen").value("capillaries_per_mm2")
    for open_share in (0.25, 0.5, 0.9):
        drop = float(_krogh_drop_mmhg(dense * open_share) - _krogh_drop_mmhg(dense))
        assert oxygen_in_full._further_drop_mmhg(open_share) == pytest.approx(drop, rel=1e-3)


@settings(max_examples=150, deadline=None)
@given(st.floats(0.1, 1.0), st.floats(0.75, 1.0), st.floats(0.95, 3.2), st.floats(0.6, 1.2))
def test_the_fast_form_agrees_with_the_full_solution_within_1_5_mmhg(o: float, a: float, u: float, w: float):
    full = oxygen_in_full._oxygen_mmhg(_State(o, a, u, w), NERVE)
    assert float(fast_mmhg(o, a, u, w)) == pytest.approx(full, abs=1.5)


def test_the_coefficients_of_the_fast_form_are_those_of_the_fit():
    stored, fitted = part("vessels/oxygen").table("oxygen_fit"), oxygen_in_full._fit()
    assert stored.keys() == fitted.keys()
    for name, value in fitted.items():
        assert stored[name] == pytest.approx(value, abs=0.002)


def test_fewer_open_capillaries_less_lumen_more_unevenness_and_less_flow_never_bring_oxygen():
    o, a = np.linspace(0.02, 1.0, 41)[:, None, None, None], np.linspace(0.75, 1.0, 8)[:, None, None]
    oxygen = fast_mmhg(o, a, np.linspace(0.95, 4.0, 21)[:, None], np.linspace(0.6, 1.2, 8))
    assert np.diff(oxygen, axis=0).min() >= -1e-4
    assert np.diff(oxygen, axis=1).min() >= -1e-4
    assert np.diff(oxygen, axis=2).max() <= 1e-4
    assert np.diff(oxygen, axis=3).min() >= -1e-4


def test_uneven_transit_alone_makes_nerve_hypoxic_at_unchanged_flow():
    assert float(fast_mmhg(1.0, 1.0, 2.0, 1.0)) == pytest.approx(40.0, abs=3.0)


def test_a_rat_nerve_that_loses_58_per_cent_of_its_flow_keeps_the_measured_oxygen_within_its_spread():
    left = oxygen_in_full._oxygen_mmhg(_State(watershed=0.42)) / oxygen_in_full._oxygen_mmhg(_State())
    measured, spread = 14.3 / 22.9, 5.4 / 22.9
    assert measured < left < measured + 0.5 * spread


def test_chronic_diabetic_neuropathy_has_about_40_mmhg():
    wall = worn_wall(someone(diabetes_years=15.0, hba1c_percent=8.0))
    oxygen = float(tissue_oxygen_mmhg(wall, jnp.zeros((1, 1)))[0, 0])
    assert abs(oxygen - 39.7) < 5.0


def test_watersheds_lie_in_the_trunk_and_the_proximal_sciatic_nerve():
    weight = dict(zip(load().sites, watershed_weights().tolist(), strict=True))
    assert max(weight["lumbosacral-trunk"], weight["sciatic-tibial-division"]) < weight["sural"]
    assert weight["ventral-root-l3"] > weight["femoral-pelvic"]
    assert 0.6 <= min(weight.values()) <= max(weight.values()) < 1.201


def test_every_watershed_is_a_site_of_the_tree():
    assert set(part("vessels/oxygen").table("watershed_site_weights")) <= set(load().sites)


def test_a_watershed_has_less_oxygen_under_the_same_attack():
    wall, shut = worn_wall(someone()), jnp.full((1, 2, 2), 0.3)
    oxygen = np.asarray(tissue_oxygen_mmhg(wall, shut, jnp.asarray([0.75, 1.0])))
    assert (oxygen[..., 0] < oxygen[..., 1]).all()
