"""The tree of nerves says what a clinician would say."""

from __future__ import annotations

import numpy as np
import pytest

from garland.anatomy.tables import LUMBOSACRAL
from garland.anatomy.tree import _Anatomy as Anatomy
from garland.anatomy.tree import load
from garland.errors import InputError

QUADRICEPS = ("rectus-femoris", "vastus-lateralis", "vastus-medialis")
WORKING_TABLE = (
    "iliopsoas", "vastus-lateralis", "vastus-medialis", "rectus-femoris", "adductor-longus", "gracilis",
    "tensor-fasciae-latae", "gluteus-medius", "gluteus-maximus", "semitendinosus", "semimembranosus",
    "biceps-femoris-long", "biceps-femoris-short", "tibialis-anterior", "extensor-hallucis-longus",
    "extensor-digitorum-brevis", "fibularis-longus", "tibialis-posterior", "flexor-digitorum-longus",
    "medial-gastrocnemius", "lateral-gastrocnemius", "soleus", "abductor-hallucis", "paraspinal-l2",
    "paraspinal-l3", "paraspinal-l4", "paraspinal-l5", "paraspinal-s1",
)  # fmt: skip


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    return load()


def lost(anatomy: Anatomy, muscle: str, *sites: str, plexus: int = 1) -> float:
    """Share of a muscle's axons that pass any of the sites."""
    hit = anatomy.motor_incidence[[anatomy.site(site) for site in sites]].any(axis=0)
    of_muscle = anatomy.motor_muscle == anatomy.muscle(muscle)
    return float(anatomy.motor_share[plexus, hit & of_muscle].sum())


def felt_lost(anatomy: Anatomy, nerve: str, *sites: str) -> float:
    """Share of a skin nerve's axons cut off from their cells by the sites."""
    hit = anatomy.skin_incidence_postganglionic[[anatomy.site(site) for site in sites]].any(axis=0)
    return float(anatomy.skin_share[1, hit & (anatomy.skin_nerve == anatomy.skin(nerve))].sum())


def root_share(anatomy: Anatomy, muscle: str, root: str, plexus: int = 1) -> float:
    return float(anatomy.root_share[plexus, anatomy.muscle(muscle), anatomy.segment(root)])


def test_root_shares_of_every_muscle_sum_to_one_in_all_three_plexus_types(anatomy):
    np.testing.assert_allclose(anatomy.root_share.sum(axis=2), 1.0, atol=1e-5)


def test_root_shares_of_every_skin_nerve_sum_to_one_in_all_three_plexus_types(anatomy):
    for nerve in range(len(anatomy.skin_nerves)):
        shares = anatomy.skin_share[:, anatomy.skin_nerve == nerve]
        np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)


def test_shares_of_the_afferents_of_every_reflex_sum_to_one(anatomy):
    for reflex in range(len(anatomy.reflexes)):
        shares = anatomy.arc_share[:, anatomy.arc_reflex == reflex]
        np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("muscle", WORKING_TABLE)
def test_every_muscle_of_the_working_table_is_there(anatomy, muscle):
    assert muscle in anatomy.muscles


@pytest.mark.parametrize("muscle", WORKING_TABLE)
def test_every_leg_muscle_has_three_roots_or_more_but_the_two_of_l4_and_l5(anatomy, muscle):
    """Myotome lists give tibialis anterior and posterior L4 and L5 alone; three is the rule elsewhere."""
    least = 2 if muscle in ("tibialis-anterior", "tibialis-posterior") else 3
    assert (anatomy.root_share[1, anatomy.muscle(muscle)] > 0).sum() >= least


def test_there_are_ninety_two_sites_on_a_side_each_named_once(anatomy):
    assert len(anatomy.sites) == len(set(anatomy.sites)) == 92


def test_l3_leads_the_vasti_l5_fibularis_longus_and_s1_the_gastrocnemii(anatomy):
    leading = {
        "vastus-lateralis": "l3",
        "vastus-medialis": "l3",
        "adductor-longus": "l3",
        "fibularis-longus": "l5",
        "medial-gastrocnemius": "s1",
        "lateral-gastrocnemius": "s1",
        "gluteus-maximus": "s1",
    }
    for muscle, root in leading.items():
        shares = anatomy.root_share[1, anatomy.muscle(muscle)]
        assert anatomy.segments[int(shares.argmax())] == root


def test_tibialis_anterior_is_shared_by_l4_and_l5_almost_evenly(anatomy):
    assert (
        abs(root_share(anatomy, "tibialis-anterior", "l4") - root_share(anatomy, "tibialis-anterior", "l5"))
        < 0.1
    )


def test_a_prefixed_plexus_lets_l4_take_over_from_l5(anatomy):
    by_plexus = [root_share(anatomy, "extensor-hallucis-longus", "l4", plexus) for plexus in range(3)]
    assert by_plexus[0] > by_plexus[1] > by_plexus[2]


def test_a_postfixed_plexus_gives_the_quadriceps_some_l5(anatomy):
    assert root_share(anatomy, "vastus-medialis", "l5", 1) == 0
    assert root_share(anatomy, "vastus-medialis", "l5", 2) > 0.1


def test_the_arm_does_not_move_with_the_lumbosacral_plexus(anatomy):
    for muscle in anatomy.groups["arm"]:
        np.testing.assert_array_equal(*anatomy.root_share[::2, anatomy.muscle(muscle)])


def test_plexus_types_are_a_quarter_unusual_and_sum_to_one(anatomy):
    assert anatomy.plexus_probability.sum() == pytest.approx(1.0)
    assert anatomy.plexus_probability[[0, 2]].sum() == pytest.approx(0.279, abs=1e-3)


def test_a_lumbosacral_trunk_lesion_spares_quadriceps_and_reaches_tibialis_anterior(anatomy):
    assert all(lost(anatomy, muscle, "lumbosacral-trunk") == 0 for muscle in QUADRICEPS)
    assert lost(anatomy, "tibialis-anterior", "lumbosacral-trunk") > 0.9


def test_a_lumbosacral_trunk_lesion_spares_most_of_the_calf(anatomy):
    assert lost(anatomy, "soleus", "lumbosacral-trunk") < 0.1


def test_a_fibular_head_lesion_spares_the_short_head_of_biceps_femoris(anatomy):
    assert lost(anatomy, "biceps-femoris-short", "common-fibular") == 0
    assert lost(anatomy, "biceps-femoris-short", "sciatic-fibular-division") == pytest.approx(1.0)


def test_a_fibular_head_lesion_takes_all_muscles_of_the_fibular_group_and_no_others(anatomy):
    taken = [muscle for muscle in anatomy.muscles if lost(anatomy, muscle, "common-fibular") > 0]
    assert tuple(taken) == anatomy.groups["fibular-innervated"]


def test_a_fibular_head_lesion_spares_the_sural_nerve(anatomy):
    assert felt_lost(anatomy, "sural", "common-fibular") == 0
    assert felt_lost(anatomy, "superficial-fibular", "common-fibular") == pytest.approx(1.0)


def test_the_sural_nerve_draws_on_both_divisions_of_the_sciatic_nerve(anatomy):
    tibial = felt_lost(anatomy, "sural", "sciatic-tibial-division")
    fibular = felt_lost(anatomy, "sural", "sciatic-fibular-division")
    assert tibial > fibular > 0
    assert tibial + fibular == pytest.approx(1.0)


def test_a_sciatic_lesion_takes_the_leg_below_the_knee_and_spares_the_gluteal_muscles(anatomy):
    both = ("sciatic-fibular-division", "sciatic-tibial-division")
    assert all(lost(anatomy, muscle, *both) == pytest.approx(1.0) for muscle in anatomy.groups["distal-leg"])
    assert all(lost(anatomy, muscle, *both) == 0 for muscle in anatomy.groups["glutei"])


def test_a_femoral_lesion_at_the_groin_spares_iliopsoas_and_one_in_the_pelvis_does_not(anatomy):
    assert lost(anatomy, "iliopsoas", "femoral-inguinal") == 0
    assert 0.5 < lost(anatomy, "iliopsoas", "femoral-pelvic") < 1.0
    assert all(lost(anatomy, muscle, "femoral-inguinal") == pytest.approx(1.0) for muscle in QUADRICEPS)


def test_a_femoral_lesion_spares_the_adductors_and_the_lateral_femoral_cutaneous_nerve(anatomy):
    assert lost(anatomy, "adductor-longus", "femoral-pelvic") == 0
    assert felt_lost(anatomy, "lateral-femoral-cutaneous", "femoral-pelvic") == 0
    assert felt_lost(anatomy, "saphenous", "femoral-pelvic") == pytest.approx(1.0)


def test_an_l3_or_l4_root_lesion_takes_quadriceps_and_adductors_together(anatomy):
    for root in ("ventral-root-l3", "ventral-root-l4"):
        assert lost(anatomy, "vastus-lateralis", root) > 0.2
        assert lost(anatomy, "adductor-longus", root) > 0.2


def test_adductor_magnus_has_an_obturator_and_a_sciatic_part(anatomy):
    assert lost(anatomy, "adductor-magnus", "obturator") == pytest.approx(0.7)
    assert lost(anatomy, "adductor-magnus", "sciatic-tibial-division") == pytest.approx(0.3)


def test_gluteal_muscles_come_off_the_posterior_sacral_plexus(anatomy):
    for muscle in anatomy.groups["glutei"]:
        assert lost(anatomy, muscle, "sacral-plexus-posterior") == pytest.approx(1.0)


def test_a_plexus_or_nerve_lesion_spares_the_paraspinals(anatomy):
    beyond = [s for s, part in enumerate(anatomy.site_parts) if part in ("plexus", "nerve")]
    paraspinals = np.isin(anatomy.motor_muscle, [anatomy.muscle(m) for m in anatomy.groups["paraspinals"]])
    assert not anatomy.motor_incidence[beyond][:, paraspinals].any()


def test_a_root_lesion_reaches_the_paraspinals_of_its_level_most(anatomy):
    own = lost(anatomy, "paraspinal-l4", "ventral-root-l4")
    assert own > lost(anatomy, "paraspinal-l3", "ventral-root-l4") > 0
    assert lost(anatomy, "paraspinal-l4", "dorsal-ramus-l4") == pytest.approx(own)


def test_no_motor_axon_passes_a_dorsal_root_or_ganglion(anatomy):
    sensory = [s for s, site in enumerate(anatomy.sites) if site.startswith(("dorsal-root", "ganglion"))]
    assert not anatomy.motor_incidence[sensory].any()


def test_no_sensory_axon_passes_the_cord_or_a_ventral_root(anatomy):
    motor = [s for s, site in enumerate(anatomy.sites) if site.startswith(("cord", "ventral-root"))]
    for passed in (
        anatomy.skin_incidence_postganglionic,
        anatomy.skin_incidence_preganglionic,
        anatomy.arc_incidence,
    ):
        assert not passed[motor].any()


def test_the_snap_is_spared_when_the_dorsal_root_is_cut_and_lost_when_the_ganglion_is(anatomy):
    dorsal = [s for s, site in enumerate(anatomy.sites) if site.startswith("dorsal-root")]
    assert not anatomy.skin_incidence_postganglionic[dorsal].any()
    assert felt_lost(anatomy, "sural", "ganglion-s1") == pytest.approx(0.6)


def test_every_leg_skin_nerve_enters_the_cord_by_one_dorsal_root_on_each_pathway(anatomy):
    entering = anatomy.skin_incidence_preganglionic.sum(axis=0)
    leg = np.isin(anatomy.skin_segment, [anatomy.segment(root) for root in LUMBOSACRAL])
    np.testing.assert_array_equal(entering, leg.astype(np.float32))


def test_distances_fall_all_the_way_from_cord_to_muscle(anatomy):
    rank = {part: i for i, part in enumerate(("cord", "root", "ganglion", "ramus", "plexus", "nerve"))}
    for p in range(anatomy.motor_muscle.size):
        passed = np.flatnonzero(anatomy.motor_incidence[:, p])
        by_distance = passed[np.argsort(-anatomy.motor_distance_mm[passed, p], kind="stable")]
        ranks = [rank[anatomy.site_parts[s]] for s in by_distance]
        assert ranks == sorted(ranks)
        assert (np.diff(anatomy.motor_distance_mm[by_distance, p]) < 0).all()
        assert anatomy.motor_distance_mm[passed, p].min() > 0
        assert anatomy.motor_distance_mm[by_distance[0], p] == anatomy.motor_length_mm[p]


def test_a_lesion_is_nearer_to_the_skin_the_further_out_it_lies(anatomy):
    for q in range(anatomy.skin_nerve.size):
        mm = anatomy.skin_distance_mm[:, q]
        passed = mm[mm > 0]
        assert passed.size == np.unique(passed).size
        assert passed.max() < anatomy.skin_length_mm[q]


def test_quadriceps_lies_about_half_a_metre_from_the_cord(anatomy):
    for muscle in QUADRICEPS:
        lengths = anatomy.motor_length_mm[anatomy.motor_muscle == anatomy.muscle(muscle)]
        assert 480 < lengths.mean() < 600


def test_the_foot_lies_more_than_twice_as_far_from_the_cord_as_the_quadriceps(anatomy):
    foot = anatomy.motor_length_mm[anatomy.motor_muscle == anatomy.muscle("extensor-digitorum-brevis")].mean()
    thigh = anatomy.motor_length_mm[anatomy.motor_muscle == anatomy.muscle("vastus-lateralis")].mean()
    assert foot > 2 * thigh


def test_hypoglossal_and_cord_lesions_are_the_only_ones_that_reach_the_tongue(anatomy):
    reached = [site for site in anatomy.sites if lost(anatomy, "tongue", site) > 0]
    assert reached == ["cord-bulbar", "hypoglossal"]


def test_the_arrays_cannot_be_changed_by_accident(anatomy):
    with pytest.raises(ValueError, match="read-only"):
        anatomy.motor_share[0, 0] = 2.0


def test_the_anatomy_is_built_once(anatomy):
    assert load() is anatomy


def test_an_unknown_site_is_answered_with_the_nearest_one(anatomy):
    with pytest.raises(InputError, match="did you mean common-fibular"):
        anatomy.site("common-fibula")


def test_capitals_spaces_and_underscores_are_forgiven(anatomy):
    assert anatomy.site("Ventral_Root L4") == anatomy.site("ventral-root-l4")
