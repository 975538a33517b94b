"""The dose of ischaemia: hours in experiments, weeks in an attack, and what fibres bear."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import norm
from vessel_people import someone

from garland.evidence import part
from garland.model.latents import draw
from garland.model.patient import complete, unknown_person
from garland.model.vessels.ischaemia import (
    _FLOWS,
    _STRENGTHS,
    IschaemicDamage,
    _edge,
    _outside_oxygen_mmhg,
    ischaemic_damage,
)
from garland.model.vessels.oxygen import _supply_mmhg, vulnerability, watershed_weights
from garland.model.vessels.wall import Wall, worn_wall
from tests.truth.ischaemia_in_full import (
    _deficit,
    _dose_at_rest,
    _dose_course,
    _ischaemic_damage_in_full,
    _shares,
)

HEALTHY = jnp.ones(())
DIABETIC = jnp.float32(1.0 / 0.6)
LESIONS = np.linspace(0.0, 0.97, 16, dtype=np.float32)
FLOWS = np.array([0.75, 0.8, 0.85, 0.95, 1.05, 1.2], np.float32)


def diabetics(n: int) -> tuple[Wall, jax.Array]:
    """Return the walls of n diabetics as they come, and how vulnerable they are."""
    person = complete(unknown_person(), draw(jax.random.key(1), n), jnp.ones(()))
    return worn_wall(person), vulnerability(person.hba1c_percent)


def every_attack(n: int) -> tuple[jax.Array, jax.Array]:
    """Return attacks on n patients of every height at places of every flow, shapes (n, flows, lesions)."""
    shape = (n, len(FLOWS), len(LESIONS))
    return jnp.broadcast_to(LESIONS, shape), jnp.broadcast_to(FLOWS[:, None], shape)


def shares_of(starved: IschaemicDamage) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of fibres cut, and cut or blocked."""
    return 1.0 - np.exp(-np.asarray(starved.cut)), 1.0 - np.exp(-np.asarray(starved.cut + starved.blocked))


@pytest.mark.parametrize(("hours", "dose"), [(1, 0.28), (3, 0.81), (4, 1.05)])
def test_complete_ischaemia_makes_the_dose_of_its_hours(hours: int, dose: float):
    assert _dose_course(np.ones(hours * 4), 0.25)[-1] == pytest.approx(dose, abs=0.005)


def test_one_hour_leaves_nearly_all_fibres_whole_three_block_most_and_four_cut_many():
    doses = [float(_dose_course(np.ones(hours), 1.0)[-1]) for hours in (1, 3, 4)]
    cut, hurt = (np.asarray(x) for x in _shares(jnp.ones(3), HEALTHY, jnp.asarray(doses)))
    assert cut[0] < 0.1
    assert hurt[0] < 0.55
    assert hurt[1] > 0.85
    assert cut[1] < cut[2]
    assert cut[2] > 0.4


def test_a_dose_is_made_good_within_days():
    after = _dose_course(np.concatenate([np.ones(3), np.zeros(96)]), 1.0)
    assert after[-1] < 0.02 * after[2]


def test_a_rat_nerve_stripped_of_its_outer_vessels_is_blocked_far_more_than_cut():
    oxygen = jnp.float32(14.3)
    want = _deficit(oxygen)
    assert float(want) == pytest.approx(0.285, abs=1e-3)
    assert float(_dose_at_rest(want)) == pytest.approx(0.56, abs=0.01)
    cut, hurt = (float(x) for x in _shares(want, HEALTHY))
    assert cut < 0.3
    assert hurt > 0.7


@pytest.mark.parametrize(("span_day", "within"), [(14.0, 0.09), (28.0, 0.03), (90.0, 0.005)])
def test_the_dose_at_rest_is_the_height_of_the_dose_in_an_attack_of_weeks(span_day: float, within: float):
    hours = np.arange(0.0, 24.0 * span_day)
    want = np.sin(np.pi * hours / hours[-1]) ** 2 * 0.6
    course, at_rest = _dose_course(want, 1.0), np.asarray(_dose_at_rest(want))
    assert course.max() == pytest.approx(at_rest.max(), rel=within)
    assert course.max() < at_rest.max()
    np.testing.assert_allclose(course[24:], at_rest[:-24], atol=within * at_rest.max())


def test_hourly_steps_agree_with_the_differential_equation():
    p = part("vessels/ischaemia")

    def slope(hour: float, dose: np.ndarray) -> np.ndarray:
        want = 0.5 * np.sin(hour / 30.0) ** 2
        return want**2 / p.value("injury_hours") - dose / p.value("repair_hours")

    solved = solve_ivp(slope, (0.0, 200.0), [0.0], rtol=1e-8, atol=1e-10)
    middles = np.arange(0.0, 200.0) + 0.5
    stepped = _dose_course(0.5 * np.sin(middles / 30.0) ** 2, 1.0)
    assert stepped[-1] == pytest.approx(float(solved.y[0, -1]), rel=1e-3)


def test_hourly_steps_are_exact_where_the_deficit_is_steady():
    coarse, fine = _dose_course(np.full(10, 0.7), 4.0), _dose_course(np.full(40, 0.7), 1.0)
    np.testing.assert_allclose(coarse, fine[3::4], rtol=1e-12)


def test_thresholds_of_fibres_are_lognormal():
    p = part("vessels/ischaemia")
    want = np.linspace(0.2, 1.0, 9)
    score = np.log(np.asarray(_dose_at_rest(want)) / p.value("cut_dose")) / p.value("threshold_sd_ln")
    np.testing.assert_allclose(_shares(jnp.asarray(want), HEALTHY)[0], norm.cdf(score), atol=1e-5)


def test_a_diabetic_nerve_is_cut_by_a_dose_that_a_healthy_one_bears():
    want = jnp.float32(0.25)
    assert float(_shares(want, HEALTHY)[0]) < 0.3
    assert float(_shares(want, DIABETIC)[0]) > 1.5 * float(_shares(want, HEALTHY)[0])
    assert float(_shares(want, DIABETIC)[1]) == float(_shares(want, HEALTHY)[1])


def test_oxygen_from_outside_spares_the_rim():
    outside = _outside_oxygen_mmhg()
    assert outside["rim"] > 10.0 > 3.0 > outside["core"] > 0.0
    zones = part("vessels/ischaemia").table("zone_share")
    assert set(zones) == set(outside)
    assert sum(zones.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("supply", [-3.0, 0.0, 5.0, 10.0])
def test_the_core_of_a_fascicle_is_cut_before_its_rim(supply: float):
    outside = _outside_oxygen_mmhg()
    core, rim = (_shares(_deficit(jnp.float32(supply + outside[zone])), HEALTHY) for zone in ("core", "rim"))
    assert float(core[0]) > float(rim[0])
    assert float(core[1]) > float(rim[1])


@pytest.mark.parametrize("dose", ["cut_dose", "block_dose"])
def test_the_rim_bears_a_harder_attack_than_the_core(dose: str):
    wall, _ = diabetics(64)
    curve = _supply_mmhg(wall, -jnp.asarray(_STRENGTHS)[None, None, :], np.array(_FLOWS, np.float32)[:, None])
    threshold = jnp.full((64,), part("vessels/ischaemia").value(dose))
    outside = _outside_oxygen_mmhg()
    core, rim = (_edge(curve, threshold, outside[zone]).middle_ln for zone in ("core", "rim"))
    assert (np.asarray(rim) > np.asarray(core)).all()


def test_the_edge_of_an_attack_agrees_with_adding_up_fascicle_by_fascicle():
    wall, sick = diabetics(64)
    lesion, flow = every_attack(64)
    fast, full = (
        shares_of(f(wall, lesion, sick, flow)) for f in (ischaemic_damage, _ischaemic_damage_in_full)
    )
    for name, one, other in zip(("cut", "hurt"), fast, full, strict=True):
        apart = np.abs(one - other)
        assert apart.max() < 0.06, name
        assert np.quantile(apart, 0.99) < 0.03, name


def test_two_hundred_fascicles_are_enough_to_add_up():
    wall, sick = diabetics(8)
    lesion, flow = every_attack(8)
    some, many = (shares_of(_ischaemic_damage_in_full(wall, lesion, sick, flow, n)) for n in (200, 800))
    np.testing.assert_allclose(some, many, atol=0.003)


def test_a_harder_attack_never_hurts_less():
    wall, sick = diabetics(64)
    lesion, flow = every_attack(64)
    for share in shares_of(ischaemic_damage(wall, lesion, sick, flow)):
        assert (np.diff(share, axis=2) >= -1e-6).all()
        assert share.min() >= 0.0
        assert share.max() < 1.0


def test_a_better_fed_place_is_never_hurt_more():
    wall, sick = diabetics(64)
    lesion, flow = every_attack(64)
    for share in shares_of(ischaemic_damage(wall, lesion, sick, flow)):
        assert (np.diff(share, axis=1) <= 1e-6).all()


def test_a_more_vulnerable_nerve_is_cut_more_by_every_attack():
    wall, _ = diabetics(64)
    lesion, flow = every_attack(64)
    cuts = [
        shares_of(ischaemic_damage(wall, lesion, jnp.full((64,), sick), flow))[0] for sick in (1.0, 1.3, 1.67)
    ]
    assert (np.diff(cuts, axis=0) >= -1e-6).all()
    assert (cuts[2] - cuts[0]).max() > 0.03


def test_nerve_without_an_attack_is_neither_cut_nor_blocked():
    wall, sick = diabetics(64)
    nothing = ischaemic_damage(wall, jnp.zeros((64, 2, 92)), sick, watershed_weights())
    assert float(nothing.cut.max()) == pytest.approx(0.0, abs=1e-6)
    assert float(nothing.blocked.max()) == pytest.approx(0.0, abs=1e-6)


def test_a_mild_attack_blocks_and_a_heavy_one_cuts():
    wall = worn_wall(someone(diabetes=0.0))
    shut = jnp.linspace(0.0, 1.0, 201)[None, None]
    hurt = ischaemic_damage(wall, shut, HEALTHY)
    cut = 1.0 - np.exp(-np.asarray(hurt.cut[0, 0]))
    conducting = np.exp(-np.asarray(hurt.cut + hurt.blocked)[0, 0])
    assert (np.diff(cut) >= -1e-5).all()
    assert (np.diff(conducting) <= 1e-5).all()
    first_blocked, first_cut = np.argmax(conducting < 0.9), np.argmax(cut > 0.1)
    assert 0 < first_blocked < first_cut
    assert 0.8 < cut[-1] < 0.99  # the rim is spared whatever is shut
    assert np.isfinite(np.asarray(hurt.cut)).all()
    assert np.isfinite(np.asarray(hurt.blocked)).all()
    assert float(hurt.blocked.min()) >= -1e-6


def test_diabetes_and_a_watershed_make_the_same_attack_cut_more():
    shut = jnp.full((1, 2, 1), 0.5)
    well, sick = worn_wall(someone(diabetes=0.0)), worn_wall(someone(hba1c_percent=8.0, diabetes_years=4.0))
    vulnerable = vulnerability(jnp.asarray([8.0]))
    cuts = [
        float(ischaemic_damage(wall, shut, factor, weight).cut[0, 0, 0])
        for wall, factor, weight in ((well, HEALTHY, 1.0), (sick, HEALTHY, 1.0), (sick, vulnerable, 1.0))
    ]
    assert cuts[0] < cuts[1] < cuts[2]
    assert float(ischaemic_damage(well, shut, HEALTHY, 0.75).cut[0, 0, 0]) > cuts[0]
