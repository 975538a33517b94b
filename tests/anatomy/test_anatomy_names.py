"""Words a clinician would write find the right muscle, nerve, study or group."""

from __future__ import annotations

import pytest

from garland.anatomy.tree import load
from garland.errors import InputError


@pytest.mark.parametrize(
    ("word", "muscle"),
    [
        ("peroneus longus", "fibularis-longus"),
        ("Tibialis ant.", "tibialis-anterior"),
        ("gastrocnemius lateral", "lateral-gastrocnemius"),
        ("biceps femoris short head", "biceps-femoris-short"),
        ("EDB", "extensor-digitorum-brevis"),
        ("apb", "abductor-pollicis-brevis"),
        ("EHL muscle", "extensor-hallucis-longus"),
    ],
)
def test_other_words_for_a_muscle_are_understood(word, muscle):
    assert load().resolve_muscle(word) == muscle


@pytest.mark.parametrize(
    ("word", "nerve"),
    [
        ("superficial peroneal nerve", "superficial-fibular"),
        ("LFCN", "lateral-femoral-cutaneous"),
        ("obturator", "obturator"),
        ("common peroneal", "common-fibular"),
        ("femoral nerve", "femoral"),
    ],
)
def test_other_words_for_a_nerve_are_understood(word, nerve):
    assert load().resolve_nerve(word) == nerve


@pytest.mark.parametrize(
    ("word", "study"),
    [
        ("peroneal-EDB", "fibular-extensor-digitorum-brevis"),
        ("fibular-TA", "fibular-tibialis-anterior"),
        ("tibial-AH", "tibial-abductor-hallucis"),
        ("femoral-rectus femoris", "femoral-rectus-femoris"),
        ("tibial F", "tibial-f-wave"),
        ("tibial H-reflex", "soleus-h-reflex"),
        ("median D3", "median-digit-2"),
        ("sural", "sural"),
    ],
)
def test_other_words_for_a_study_are_understood(word, study):
    assert load().resolve_study(word) == study


def test_quadriceps_is_a_group_of_three_muscles():
    three = ("rectus-femoris", "vastus-lateralis", "vastus-medialis")
    assert load().resolve_muscles("quadriceps femoris") == three


@pytest.mark.parametrize(
    ("group", "first"),
    [("quadriceps", "rectus-femoris"), ("adductor", "adductor-longus"), ("Gastroc", "medial-gastrocnemius")],
)
def test_one_muscle_is_not_a_group(group, first):
    with pytest.raises(InputError, match=f"is a group of muscles; name one of {first}"):
        load().resolve_muscle(group)


def test_a_group_of_studies_is_not_one_study():
    with pytest.raises(InputError, match="is a group of studies; name one of median-digit-2"):
        load().resolve_study("arm sensory")


def test_one_word_for_one_muscle_gives_that_muscle_alone():
    assert load().resolve_muscles("TA") == ("tibialis-anterior",)


def test_an_unknown_muscle_is_answered_with_the_right_name():
    with pytest.raises(InputError, match="did you mean vastus-lateralis"):
        load().resolve_muscle("vastus latralis")


def test_an_unknown_group_is_answered_with_a_suggestion():
    with pytest.raises(InputError, match="is not a known muscle"):
        load().resolve_muscles("wing muscles of birds")


def test_movements_and_reflexes_have_other_names_too():
    assert load().resolve_movement("plantar flexion") == "ankle-plantarflexion"
    assert load().resolve_reflex("Achilles reflex") == "ankle"


def test_the_screen_is_ten_muscles_with_paraspinals():
    screen = load().groups["screen"]
    assert len(screen) == 10
    assert set(screen) & set(load().groups["paraspinals"])


def test_l5_muscles_reach_beyond_the_fibular_nerve():
    assert {"gluteus-medius", "tibialis-posterior", "tibialis-anterior"} <= set(load().groups["l5-muscles"])


def test_every_root_from_l2_to_s2_has_muscles_of_its_own():
    assert all(load().groups[f"{root}-muscles"] for root in ("l2", "l3", "l4", "l5", "s1", "s2"))
