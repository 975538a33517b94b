"""Conduction studies cross the lesion sites that an electromyographer expects."""

from __future__ import annotations

import numpy as np
import pytest

from garland.anatomy.tables import _at_height
from garland.anatomy.tree import load
from garland.errors import OutOfRange
from garland.evidence import part


def between(study: str, point: str) -> set[str]:
    """Sites between a stimulation point and the next distal one."""
    a = load()
    k = a.motor_study(study)
    i = a.point_names[k].index(point)
    return {a.sites[s] for s in np.flatnonzero(a.segment_incidence[k, i])}


def test_the_sites_of_every_motor_study_lie_on_the_way_to_its_muscle():
    a = load()
    for k, muscle in enumerate(a.motor_study_muscle):
        passed = a.motor_incidence[:, a.motor_muscle == muscle].all(axis=1)
        assert (a.point_incidence[k].any(axis=0) <= passed).all()


def test_the_sites_of_every_sensory_study_lie_on_its_nerve_beyond_the_ganglion():
    a = load()
    for j, nerve in enumerate(a.sensory_study_nerve):
        passed = a.skin_incidence_postganglionic[:, a.skin_nerve == nerve].all(axis=1)
        assert (a.sensory_study_incidence[j].astype(bool) <= passed).all()


def test_no_conduction_study_crosses_root_or_plexus():
    a = load()
    proximal = [s for s, kind in enumerate(a.site_parts) if kind != "nerve"]
    assert not a.point_incidence[:, :, proximal].any()
    assert not a.sensory_study_incidence[:, proximal].any()


def test_block_at_the_fibular_head_shows_between_popliteal_fossa_and_fibular_head():
    for study in ("fibular-extensor-digitorum-brevis", "fibular-tibialis-anterior"):
        assert between(study, "popliteal") == {"common-fibular"}


def test_the_elbow_lies_between_the_two_elbow_points_of_the_ulnar_study():
    assert between("ulnar-abductor-digiti-minimi", "above-elbow") == {"ulnar-elbow"}
    assert between("ulnar-abductor-digiti-minimi", "below-elbow") == set()


def test_the_carpal_tunnel_lies_distal_to_the_wrist_point():
    assert between("median-abductor-pollicis-brevis", "wrist") == {"median-wrist"}


def test_a_femoral_study_at_the_groin_is_distal_to_every_site():
    a = load()
    assert not a.point_incidence[a.motor_study("femoral-vastus-medialis")].any()


def test_a_more_proximal_point_crosses_all_that_the_distal_one_crosses():
    a = load()
    for k in range(len(a.motor_studies)):
        crossed = a.point_incidence[k, a.point_valid[k]]
        assert (np.diff(crossed, axis=0) >= 0).all()


def test_only_the_points_of_a_study_have_distances():
    a = load()
    assert ((a.segment_mm > 0) == a.point_valid).all()
    assert [len(names) for names in a.point_names] == a.point_valid.sum(axis=1).tolist()


def test_f_waves_travel_the_whole_motor_path():
    a = load()
    fibular = a.f_incidence[a.f_ids.index("fibular")]
    for site in ("sciatic-fibular-division", "common-fibular", "fibular-ankle"):
        assert fibular[a.site(site)] == pytest.approx(1.0)
    assert fibular[a.site("ventral-root-l5")] == pytest.approx(0.5)


def test_leg_f_waves_travel_further_than_arm_f_waves():
    a = load()
    leg, arm = a.f_length_mm[:2], a.f_length_mm[2:]
    assert leg.min() > arm.max()


def test_the_h_reflex_goes_up_by_the_dorsal_root_and_down_by_the_ventral_root_of_s1():
    a = load()
    assert a.h_ids == ("soleus",)
    assert a.h_afferent_incidence[0, a.site("dorsal-root-s1")] > 0.5
    assert a.h_motor_incidence[0, a.site("ventral-root-s1")] > 0.5
    assert a.h_afferent_incidence[0, a.site("ventral-root-s1")] == 0


def test_a_taller_person_has_longer_nerves_in_proportion():
    assert _at_height(1000.0, 187.0) == pytest.approx(1100.0)


def test_a_height_beyond_trust_is_refused():
    with pytest.raises(OutOfRange, match=r"height_cm: 17\.0 is outside 100 to 230 cm"):
        _at_height(1000.0, 17.0)


def test_every_study_has_reference_values():
    a, limits = load(), part("recordings/reference_limits")
    late = (*(f"f-{name}" for name in a.f_ids), *(f"h-{name}" for name in a.h_ids))
    assert {*a.motor_study_ids, *a.sensory_study_ids, *late} == set(limits.group_names) - {"reference-person"}


def test_healthy_amplitudes_stay_well_above_what_counts_as_no_response():
    limits = part("recordings/reference_limits")
    for name in (*load().motor_study_ids, *load().sensory_study_ids):
        group = limits.group(name)
        assert group.value("amplitude_ln") - 1.9 * group.spread("amplitude_ln") > np.log(
            group.value("detectable")
        )


def test_lower_limits_come_near_the_working_limits_of_laboratories():
    limits = part("recordings/reference_limits")
    working = {"fibular-extensor-digitorum-brevis": 2.0, "tibial-abductor-hallucis": 4.0, "sural": 4.0,
               "superficial-fibular": 5.0}  # fmt: skip
    for name, lower in working.items():
        group = limits.group(name)
        limit = np.exp(group.value("amplitude_ln") - 1.96 * group.spread("amplitude_ln"))
        assert lower / 1.8 < limit < lower * 1.8
