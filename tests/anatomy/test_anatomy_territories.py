"""Movements, dermatomes, reflexes and regions draw on the fibres a clinician would name."""

from __future__ import annotations

import numpy as np
import pytest

from garland.anatomy.tree import load


def supply(dermatome: str, root: str, plexus: int = 1) -> float:
    a = load()
    column = a.dermatome_weights_by_plexus[plexus, :, a.dermatome(dermatome)]
    return float(column[a.skin_segment == a.segment(root)].sum())


def region_roots(region: str) -> dict[str, float]:
    a = load()
    column = a.region_weights[:, a.region(region)]
    return {root: float(column[a.skin_segment == i].sum()) for i, root in enumerate(a.segments)}


@pytest.mark.parametrize(
    "table",
    ["movement_weights", "arc_motor", "dermatome_weights", "nerve_weights", "region_weights"],
)
def test_every_column_of_weights_sums_to_one(table):
    np.testing.assert_allclose(getattr(load(), table).sum(axis=0), 1.0, atol=1e-5)


def test_dermatomes_sum_to_one_in_all_three_plexus_types():
    np.testing.assert_allclose(load().dermatome_weights_by_plexus.sum(axis=1), 1.0, atol=1e-5)


def test_knee_extension_is_quadriceps_alone():
    a = load()
    active = np.flatnonzero(a.movement_weights[:, a.movement("knee-extension")])
    assert tuple(a.muscles[m] for m in active) == a.groups["quadriceps"]


def test_foot_drop_of_an_l5_root_weakens_inversion_and_of_the_fibular_nerve_leaves_tibialis_posterior():
    a = load()
    weights = a.movement_weights[:, a.movement("ankle-inversion")]
    assert weights[a.muscle("tibialis-posterior")] > weights[a.muscle("tibialis-anterior")] > 0


@pytest.mark.parametrize("dermatome", ["l1", "l2", "l3", "l4", "l5", "s1", "s2", "s3", "c6", "c7", "c8"])
def test_a_dermatome_is_supplied_mostly_by_its_own_root(dermatome):
    assert supply(dermatome, dermatome) > 0.6


def test_neighbouring_roots_share_a_dermatome():
    assert 0 < supply("l4", "l3") < supply("l4", "l4")


def test_in_a_prefixed_plexus_the_l5_skin_is_partly_supplied_by_l4():
    assert supply("l5", "l4", 0) > supply("l5", "l4", 1)


def test_the_l4_dermatome_is_mostly_saphenous():
    a = load()
    column = a.dermatome_weights[:, a.dermatome("l4")]
    assert column[a.skin_nerve == a.skin("saphenous")].sum() > 0.6


def test_the_knee_jerk_runs_in_the_femoral_nerve_and_the_ankle_jerk_in_the_tibial():
    a = load()
    knee, ankle = a.arc_reflex == a.reflex("knee"), a.arc_reflex == a.reflex("ankle")
    assert a.arc_incidence[a.site("femoral-pelvic"), knee].all()
    assert a.arc_incidence[a.site("tibial-popliteal"), ankle].all()
    assert not a.arc_incidence[a.site("lumbar-plexus-posterior"), ankle].any()


def test_the_dorsal_root_carries_the_afferents_of_every_leg_reflex():
    a = load()
    dorsal = [s for s, site in enumerate(a.sites) if site.startswith("dorsal-root-")]
    legs = ~np.isin(a.arc_reflex, [a.reflex("biceps"), a.reflex("triceps")])
    np.testing.assert_array_equal(a.arc_incidence[dorsal].sum(axis=0), legs.astype(np.float32))


def test_the_anterior_thigh_is_felt_by_l2_and_l3():
    roots = region_roots("anterior-thigh")
    assert roots["l2"] + roots["l3"] == pytest.approx(1.0, abs=1e-3)


def test_the_groin_is_mostly_l1_and_the_sole_mostly_s1():
    assert max(region_roots("groin"), key=region_roots("groin").__getitem__) == "l1"
    assert max(region_roots("sole"), key=region_roots("sole").__getitem__) == "s1"


def test_back_pain_comes_from_roots_and_dorsal_rami():
    a = load()
    weights = a.region_site_weights[:, a.region("back")]
    assert weights.sum() == pytest.approx(1.0)
    assert {a.site_parts[s] for s in np.flatnonzero(weights)} == {"root", "ramus"}


def test_an_l5_root_is_felt_in_the_buttock_though_its_skin_is_sacral():
    a = load()
    assert region_roots("buttock")["l5"] == 0
    assert a.region_site_weights[a.site("dorsal-root-l5"), a.region("buttock")] > 0.1
