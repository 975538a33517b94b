"""Where the lesion is decides what is weak, numb and silent: sentences of the clinic."""

from __future__ import annotations

import numpy as np
import pytest
from forward_model import ANATOMY, Seen, blocked, cut, untouched

ROOTS_OF_THE_CALF = ("l5", "s1", "s2")


@pytest.fixture(scope="module")
def whole() -> Seen:
    return untouched()


def root(*names: str, hazard: float = 8.0, day: float = 45.0) -> Seen:
    both = [f"{kind}-{name}" for name in names for kind in ("ventral-root", "dorsal-root")]
    return cut(*both, day=day, hazard=hazard)


def nerve(*names: str, hazard: float = 8.0, day: float = 45.0) -> Seen:
    return cut(*names, hazard=hazard, day=day)


def strength(seen: Seen, movement: str) -> float:
    return float(seen("movement_strength", movement)[0])


def fibrillates(seen: Seen, muscle: str) -> bool:
    return bool(seen("fibrillation", muscle)[0] > 0.8)


def snap_kept(seen: Seen, whole: Seen, study: str) -> float:
    return float(np.exp(seen("snap", study)[0] - whole("snap", study)[0]))


def test_the_sural_snap_is_spared_but_feeling_is_lost_when_the_root_is_cut_before_the_ganglion(whole: Seen):
    affected = cut(*(f"dorsal-root-{r}" for r in ROOTS_OF_THE_CALF), day=45.0)
    assert snap_kept(affected, whole, "sural") > 0.99
    assert affected("nerve_feeling", "sural")[0] > 3.0


def test_the_sural_snap_is_lost_when_the_ganglion_dies(whole: Seen):
    affected = cut(*(f"ganglion-{r}" for r in ROOTS_OF_THE_CALF), day=45.0)
    assert snap_kept(affected, whole, "sural") < 0.02


def test_snaps_are_spared_in_radiculopathy_and_lost_in_plexopathy(whole: Seen):
    assert snap_kept(root("l3", "l4"), whole, "saphenous") > 0.99
    assert snap_kept(nerve("lumbar-plexus-posterior"), whole, "saphenous") < 0.05


def test_femoral_neuropathy_below_the_iliopsoas_branches_spares_hip_flexion():
    below, above = nerve("femoral-inguinal"), nerve("femoral-pelvic")
    assert strength(below, "hip-flexion") > 4.67
    assert strength(above, "hip-flexion") < strength(below, "hip-flexion") - 0.3
    assert strength(below, "knee-extension") < 2.0
    assert not fibrillates(below, "iliopsoas")
    assert fibrillates(above, "iliopsoas")


def test_adductors_are_spared_in_femoral_neuropathy_but_not_in_lumbar_plexopathy():
    femoral = nerve("femoral-pelvic")
    plexus = nerve("lumbar-plexus-posterior", "lumbar-plexus-anterior")
    assert strength(femoral, "hip-adduction") > 5.2
    assert not fibrillates(femoral, "adductor-longus")
    assert strength(plexus, "hip-adduction") < 4.3
    assert fibrillates(plexus, "adductor-longus")


def test_the_lateral_thigh_is_spared_in_femoral_neuropathy_but_not_in_lumbar_plexopathy(whole: Seen):
    assert snap_kept(nerve("femoral-pelvic"), whole, "lateral-femoral-cutaneous") > 0.99
    assert snap_kept(nerve("lumbar-plexus-posterior"), whole, "lateral-femoral-cutaneous") < 0.05


def test_obturator_neuropathy_weakens_adduction_and_leaves_the_knee_jerk():
    affected = nerve("obturator")
    assert strength(affected, "hip-adduction") < 4.5
    assert strength(affected, "knee-extension") > 5.2
    assert affected("reflex", "knee")[0] > 1.8
    assert affected("reflex", "adductor")[0] < 0.5


def test_common_fibular_neuropathy_spares_the_short_head_of_biceps_and_tibialis_posterior():
    affected = nerve("common-fibular")
    assert fibrillates(affected, "tibialis-anterior")
    assert fibrillates(affected, "fibularis-longus")
    assert not fibrillates(affected, "biceps-femoris-short")
    assert not fibrillates(affected, "tibialis-posterior")


def test_sciatic_neuropathy_of_the_fibular_division_reaches_the_short_head_of_biceps():
    affected = nerve("sciatic-fibular-division")
    assert fibrillates(affected, "biceps-femoris-short")
    assert not fibrillates(affected, "biceps-femoris-long")
    assert not fibrillates(affected, "tibialis-posterior")


def test_a_foot_drop_of_the_fifth_root_weakens_inversion_and_eversion_one_of_the_nerve_mostly_eversion():
    l5, fibular = root("l5"), nerve("common-fibular")
    assert strength(l5, "ankle-inversion") < 4.67
    assert strength(l5, "ankle-eversion") < 4.67
    assert strength(fibular, "ankle-eversion") < 3.6
    assert strength(fibular, "ankle-inversion") > 4.67


def test_the_fifth_root_reaches_the_hip_abductors_and_the_fibular_nerve_does_not():
    assert fibrillates(root("l5"), "gluteus-medius")
    assert not fibrillates(nerve("common-fibular"), "gluteus-medius")


def test_paraspinals_fibrillate_in_root_lesions_and_not_in_plexus_or_nerve_lesions():
    assert fibrillates(root("l4"), "paraspinal-l4")
    for affected in (nerve("lumbar-plexus-posterior", "lumbosacral-trunk"), nerve("femoral-pelvic")):
        assert not any(fibrillates(affected, m) for m in ANATOMY.muscles if m.startswith("paraspinal"))


def test_a_dead_quadriceps_has_no_knee_jerk_and_keeps_its_ankle_jerk():
    affected = nerve("femoral-pelvic")
    assert affected("reflex", "knee")[0] < 0.5
    assert affected("reflex", "ankle")[0] > 1.8


def test_the_knee_jerk_goes_with_the_fourth_root_and_the_ankle_jerk_with_the_first_sacral():
    l4, s1 = root("l4"), root("s1")
    assert l4("reflex", "knee")[0] < 1.2
    assert l4("reflex", "ankle")[0] > 1.8
    assert s1("reflex", "ankle")[0] < 0.5
    assert s1("reflex", "knee")[0] > 1.8


def test_the_fifth_root_leaves_knee_and_ankle_jerk():
    affected = root("l5")
    assert affected("reflex", "knee")[0] > 1.8
    assert affected("reflex", "ankle")[0] > 1.8
    assert affected("reflex", "medial-hamstring")[0] < 1.2


def test_a_reflex_is_lost_when_only_its_sensory_limb_is_cut():
    affected = cut("dorsal-root-s1", "dorsal-root-s2", day=45.0)
    assert affected("reflex", "ankle")[0] < 0.5
    assert strength(affected, "ankle-plantarflexion") > 5.2


def test_the_second_sacral_root_feeds_calf_and_small_muscles_of_the_foot():
    affected = root("s2")
    for muscle in ("soleus", "medial-gastrocnemius", "abductor-hallucis", "abductor-digiti-minimi-pedis"):
        assert fibrillates(affected, muscle), muscle
    for muscle in ("tibialis-anterior", "vastus-lateralis", "gluteus-medius"):
        assert not fibrillates(affected, muscle), muscle


def test_meralgia_affects_the_feeling_of_the_lateral_thigh_and_nothing_else(whole: Seen):
    affected = nerve("lateral-femoral-cutaneous")
    lost = {n for n in ANATOMY.skin_nerves if affected("nerve_feeling", n)[0] > 0.05}
    assert lost == {"lateral-femoral-cutaneous"}
    assert snap_kept(affected, whole, "lateral-femoral-cutaneous") < 0.02
    assert all(strength(affected, movement) > 5.3 for movement in ANATOMY.movements)
    assert all(affected("reflex", reflex)[0] > 1.8 for reflex in ANATOMY.reflexes)


def test_tibial_neuropathy_in_the_tarsal_tunnel_spares_the_calf():
    affected = nerve("tibial-ankle")
    assert fibrillates(affected, "abductor-hallucis")
    assert not fibrillates(affected, "soleus")
    assert affected("reflex", "ankle")[0] > 1.8


def test_block_weakens_without_denervation_and_lowers_only_what_is_stimulated_above_it(whole: Seen):
    affected = blocked("common-fibular")
    assert strength(affected, "ankle-dorsiflexion") < 3.7
    assert not fibrillates(affected, "tibialis-anterior")
    assert affected("cmap", "fibular-tibialis-anterior@0")[0] == pytest.approx(
        whole("cmap", "fibular-tibialis-anterior@0")[0], abs=0.01
    )
    assert affected("cmap_drop", "fibular-tibialis-anterior@1")[0] < -2.0


def test_the_cmap_is_spared_when_only_one_of_several_roots_is_cut(whole: Seen):
    affected = root("l5")
    study = "fibular-extensor-digitorum-brevis@0"
    kept = np.exp(affected("cmap", study)[0] - whole("cmap", study)[0])
    assert 0.3 < kept < 0.8


def test_f_waves_and_h_reflexes_fail_when_the_root_is_cut_far_above_the_stimulus():
    affected = root("s1", "s2", day=3.0)
    assert affected("h_response", "soleus")[0] < -2.0
    assert affected("f_response", "tibial")[0] < 0.8


def test_arm_and_face_are_spared_by_a_lesion_of_the_leg(whole: Seen):
    affected = nerve("sacral-plexus-anterior", "lumbar-plexus-posterior")
    for movement in ("elbow-flexion", "finger-abduction", "tongue-protrusion"):
        assert strength(affected, movement) == pytest.approx(strength(whole, movement), abs=1e-3)
