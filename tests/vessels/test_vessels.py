"""From glucose to oxygen: closed forms and directions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.latents import Latents, draw, place_of
from garland.model.patient import Person, complete, unknown_person
from garland.model.vessels.glycaemia import wear_rate
from garland.model.vessels.inflammation import attack
from garland.model.vessels.oxygen import _supply_mmhg, tissue_oxygen_mmhg, vulnerability
from garland.model.vessels.wall import worn_wall
from tests.truth.ischaemia_in_full import _krogh_drop_mmhg

CHANCE = draw(jax.random.key(5), 100)


def someone(**known: float) -> Person:
    usual = {"diabetes": 1.0, "diabetes_years": 10.0, "hba1c_percent": 7.0, "triglycerides_mg_dl": 150.0}
    given = {name: jnp.asarray([value]) for name, value in (usual | known).items()}
    return complete(unknown_person()._replace(**given), Latents(CHANCE.vector[:1]), jnp.nan)


@pytest.mark.parametrize(("density", "drop"), [(54.9, 12.5), (86.0, 7.4), (27.0, 28.6), (14.0, 60.7)])
def test_the_krogh_drop_is_that_of_the_closed_form(density: float, drop: float):
    used = part("vessels/oxygen").value("oxygen_use_ml_100g_min")
    assert float(_krogh_drop_mmhg(density)) == pytest.approx(drop * used / 0.4, rel=0.01)


def test_losing_half_of_the_open_capillaries_more_than_doubles_the_drop():
    assert float(_krogh_drop_mmhg(27.5)) > 2.0 * float(_krogh_drop_mmhg(55.0))


def test_wear_rises_by_exp_0_462_for_every_per_cent_of_hba1c():
    ratio = wear_rate(someone(hba1c_percent=9.0)) / wear_rate(someone(hba1c_percent=8.0))
    assert float(ratio[0]) == pytest.approx(np.exp(0.462), rel=1e-4)


def test_wear_is_one_at_the_reference():
    assert float(wear_rate(someone())[0]) == pytest.approx(1.0, rel=1e-5)


def test_more_fat_in_blood_wears_vessels_faster():
    assert float(wear_rate(someone(triglycerides_mg_dl=400.0))[0]) > 1.0


def test_a_person_without_diabetes_has_a_healthy_wall():
    wall = worn_wall(someone(diabetes=0.0))
    assert [float(x[0]) for x in wall[:4]] == pytest.approx([1.0, 1.0, 1.0, 1.0])


def test_every_year_of_diabetes_wears_the_wall():
    early, late = worn_wall(someone(diabetes_years=2.0)), worn_wall(someone(diabetes_years=20.0))
    assert float(late.pericytes[0]) < float(early.pericytes[0])
    assert float(late.membrane[0]) > float(early.membrane[0])
    assert float(late.open_share[0]) < float(early.open_share[0])
    assert float(late.lumen[0]) < float(early.lumen[0])
    assert float(late.unevenness[0]) > float(early.unevenness[0])
    assert float(late.debris[0]) > float(early.debris[0])


def test_debris_gathers_where_wear_is_fast_and_pericytes_are_few():
    slow, fast = (worn_wall(someone(hba1c_percent=hba1c)) for hba1c in (6.0, 9.0))
    assert 0.0 < float(slow.debris[0]) < float(fast.debris[0]) < 1.0
    assert float(worn_wall(someone(diabetes=0.0)).debris[0]) == 0.0


def test_the_wall_stays_within_its_limits_after_a_lifetime_of_diabetes():
    wall = worn_wall(someone(diabetes_years=60.0, hba1c_percent=14.0))
    assert 0.0 <= float(wall.pericytes[0]) <= 1.0
    assert 0.0 < float(wall.open_share[0]) <= 1.0
    assert 0.0 < float(wall.lumen[0]) <= 1.0
    assert float(wall.membrane[0]) <= part("vessels/wall").value("membrane_limit")
    assert 0.0 <= float(wall.debris[0]) <= 1.0


def test_healthy_nerve_has_healthy_oxygen():
    wall = worn_wall(someone(diabetes=0.0))
    oxygen = tissue_oxygen_mmhg(wall, jnp.zeros((1, 3)))
    np.testing.assert_allclose(oxygen, part("vessels/oxygen").value("healthy_mmhg"), rtol=1e-5)


def test_more_shut_capillaries_leave_less_oxygen():
    oxygen = tissue_oxygen_mmhg(worn_wall(someone()), jnp.linspace(0.0, 1.0, 50)[None])
    assert (np.diff(np.asarray(oxygen)[0]) <= 0).all()
    assert float(oxygen.min()) == 0.0


def test_the_pressure_falls_below_zero_where_oxygen_fails_before_the_middle_of_the_tissue():
    wall, shut = worn_wall(someone()), jnp.linspace(0.0, 0.99, 50)[None]
    supply = np.asarray(_supply_mmhg(wall, jnp.log1p(-shut)))
    np.testing.assert_allclose(np.maximum(supply, 0.0), tissue_oxygen_mmhg(wall, shut), atol=1e-4)
    assert (np.diff(supply) <= 0.0).all()
    assert supply.min() < -10.0


def test_more_hba1c_leaves_less_oxygen_under_the_same_attack():
    shut = jnp.full((1, 1), 0.4)
    walls = [worn_wall(someone(hba1c_percent=hba1c)) for hba1c in (6.0, 7.0, 8.0, 9.0)]
    oxygen = [float(tissue_oxygen_mmhg(wall, shut)[0, 0]) for wall in walls]
    assert (np.diff(oxygen) < 0).all()


def test_high_glucose_makes_nerve_more_vulnerable_up_to_a_limit():
    factor = np.asarray(vulnerability(jnp.asarray([5.0, 6.0, 8.0, 10.0, 14.0])))
    assert factor[:2].tolist() == [1.0, 1.0]
    assert factor[1] < factor[2] < factor[3] == factor[4]


def test_the_attack_shuts_a_share_of_capillaries_and_starts_on_the_first_side():
    latents = Latents(CHANCE.vector.at[:, place_of("side")].set(-1.0))
    wave = attack(latents, part("causes/dlrpn"), "seed_root_diabetic")
    lesion, start = np.asarray(wave.lesion), np.asarray(wave.start_day)
    assert lesion.min() >= 0.0
    assert lesion.max() <= 1.0
    affected = lesion[:, 0].max(axis=1) > 0
    assert affected.all()
    assert (start[:, 1] >= start[:, 0]).all()


def test_the_attack_spares_cord_and_arm():
    lesion = np.asarray(attack(CHANCE, part("causes/dlrpn"), "seed_root_diabetic").lesion)
    arm_and_cord = ("cord", "root", "median", "ulnar", "radial")
    spared = [index for index, site in enumerate(load().sites) if site.startswith(arm_and_cord)]
    assert lesion[:, :, spared].max() == 0.0
