"""One thing has one name, however it is written."""

from __future__ import annotations

import pytest

from garland.records import BySide
from garland.records import vocabulary as names
from garland.records.examination import SidedStrength
from garland.records.fields import Kind
from garland.records.fields import _sides_of as sides_of


@pytest.mark.parametrize(
    ("vocabulary", "written", "meant"),
    [
        ("muscle", "peroneus-longus", "fibularis-longus"),
        ("muscle", "Peroneus Longus", "fibularis-longus"),
        ("muscle", "APB", "abductor-pollicis-brevis"),
        ("muscle", "biceps femoris short head", "biceps-femoris-short"),
        ("muscle", "gastrocnemius medial", "medial-gastrocnemius"),
        ("muscle", "L3 paraspinal", "paraspinal-l3"),
        ("muscle-group", "Quadriceps femoris", "quadriceps"),
        ("muscle-group", "peroneal muscles", "fibular-innervated"),
        ("strength", "thigh_adduction", "hip-adduction"),
        ("strength", "eversion", "ankle-eversion"),
        ("strength", "scapuloperoneal", "scapulofibular"),
        ("study", "peroneal-EDB", "fibular-extensor-digitorum-brevis"),
        ("study", "ulnar ADM", "ulnar-abductor-digiti-minimi"),
        ("study", "tibial H-reflex", "soleus-h-reflex"),
        ("study", "superficial peroneal", "superficial-fibular"),
        ("skin-nerve", "LFCN", "lateral-femoral-cutaneous"),
        ("nerve", "common peroneal", "fibular"),
        ("point", "popliteal fossa", "popliteal"),
        ("region", "dorsum of foot", "foot-dorsum"),
        ("dermatome", "L3", "l3"),
        ("side", "R", "right"),
    ],
)
def test_another_spelling_means_the_one_name(vocabulary: str, written: str, meant: str) -> None:
    assert names.VOCABULARIES[vocabulary].find(written) == meant


@pytest.mark.parametrize("what", names.VOCABULARIES)
def test_every_name_finds_itself(what: str) -> None:
    known = names.VOCABULARIES[what]
    assert [known.find(name) for name in known.names] == list(known.names)


def test_every_synonym_leads_to_a_name_of_some_vocabulary() -> None:
    every = {name for known in names.VOCABULARIES.values() for name in known.names}
    led = {meant for known in names.VOCABULARIES.values() for meant in known.synonyms.values()}
    assert led <= every


def test_every_group_holds_members_that_exist() -> None:
    for groups, members in (
        (names.MUSCLE_GROUPS, names.MUSCLES),
        (names.MOVEMENT_GROUPS, names.MOVEMENTS),
        (names.REGION_GROUPS, names.REGIONS),
        (names.STUDY_GROUPS, names.STUDIES),
        (names.NERVES, names.STUDIES),
    ):
        assert {member for group in groups.values() for member in group} <= set(members)


def test_no_group_has_the_name_of_a_member() -> None:
    assert not set(names.MUSCLE_GROUPS) & set(names.MUSCLES)
    assert not set(names.MOVEMENT_GROUPS) & set(names.MOVEMENTS)
    assert not set(names.REGION_GROUPS) & set(names.REGIONS)
    assert not set(names.STUDY_GROUPS) & set(names.STUDIES)


def test_a_name_speaks_of_itself_and_a_group_of_its_members() -> None:
    assert names.muscles_in("soleus") == ("soleus",)
    assert names.muscles_in("quadriceps") == ("rectus-femoris", "vastus-lateralis", "vastus-medialis")
    assert names.muscles_in("knee-extension") == ()
    assert names.movements_in("knee") == ("knee-extension", "knee-flexion")
    assert names.movements_in("soleus") == ()
    assert names.regions_in("foot") == ("foot-dorsum", "sole")
    assert names._studies_in("arm-sensory") == ("median-digit-2", "ulnar-digit-5", "superficial-radial")


def test_a_study_is_motor_sensory_late_or_a_mixture() -> None:
    kinds = {
        name: names._kind_of_study(name)
        for name in ("sural", "leg-motor", "ulnar-f-wave", "soleus-h-reflex", "leg")
    }
    assert list(kinds.values()) == ["sensory", "motor", "f-wave", "h-reflex", "mixed"]


def test_both_is_yielded_for_each_side_and_one_side_prevails() -> None:
    strength = SidedStrength.model_validate({"both": {"others": 5}, "left": {"hip-flexion": 3}})
    assert list(strength.sides()) == [
        ("left", {"others": 5}),
        ("left", {"hip-flexion": 3}),
        ("right", {"others": 5}),
    ]
    assert list(BySide[int].model_validate({"unstated": 4}).sides()) == [("unstated", 4)]


def test_an_unstated_side_speaks_of_no_side() -> None:
    assert sides_of("both") == ("left", "right")
    assert sides_of("unstated") == sides_of(None) == ()


def test_a_kind_of_value_must_bring_its_own_check() -> None:
    with pytest.raises(NotImplementedError, match="check"):
        Kind().check(1)
    with pytest.raises(NotImplementedError, match="schema"):
        Kind().schema()
