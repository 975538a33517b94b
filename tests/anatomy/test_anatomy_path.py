"""The way from the cord to a structure can be told and printed."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from garland.anatomy.path import describe_path
from garland.errors import InputError, OutOfRange
from garland.report.anatomy import render_path


def printed(name: str, height_cm: float = 170) -> str:
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(render_path(name, height_cm))
    return console.export_text()


def test_vastus_lateralis_is_reached_by_the_femoral_nerve_and_tested_by_the_knee_jerk():
    path = describe_path("vastus lateralis")
    assert [step.site for step in path.steps][-2:] == ["femoral-pelvic", "femoral-inguinal"]
    assert path.movements == ("knee-extension",)
    assert path.reflexes == ("knee",)
    assert [root.root for root in path.roots if root.normal > 0] == ["l2", "l3", "l4"]


def test_the_path_says_where_it_comes_from_and_how_sure_it_is():
    source = describe_path("vastus-lateralis").source
    assert source is not None
    assert (source.key, source.standing) == ("Phillips1991", "derived")


def test_root_shares_of_a_path_sum_to_one_in_every_plexus_type():
    for name in ("soleus", "sural", "l4", "knee jerk"):
        roots = describe_path(name).roots
        for plexus in ("prefixed", "normal", "postfixed"):
            assert sum(getattr(root, plexus) for root in roots) == pytest.approx(1.0, abs=1e-5)


def test_a_taller_person_has_a_longer_path():
    assert describe_path("sural", 190).length_mm > describe_path("sural", 160).length_mm


@pytest.mark.parametrize(
    ("name", "kind"),
    [("TA", "muscle"), ("LFCN", "skin nerve"), ("l5", "dermatome"), ("knee", "reflex"),
     ("biceps jerk", "reflex"), ("biceps", "muscle"), ("common-fibular", "site"), ("sural site", "site"),
     ("peroneal-EDB", "muscle"),
     ("tibial F", "muscle")],
)  # fmt: skip
def test_every_kind_of_structure_can_be_described(name, kind):
    assert describe_path(name).kind == kind


def test_extensor_digitorum_brevis_is_recorded_by_a_motor_study_and_an_f_wave():
    studies = describe_path("EDB").studies
    assert studies == ("fibular-extensor-digitorum-brevis", "fibular-f-wave")


def test_the_soleus_is_recorded_by_the_h_reflex():
    assert "soleus-h-reflex" in describe_path("soleus").studies


def test_a_lumbosacral_trunk_lesion_shows_in_the_superficial_fibular_snap_not_in_femoral_studies():
    path = describe_path("lumbosacral-trunk")
    assert "superficial-fibular" in path.studies
    assert not [study for study in path.studies if study.startswith("femoral")]
    assert "knee" not in path.reflexes


def test_a_dorsal_root_lesion_is_seen_by_the_h_reflex_and_by_no_snap():
    studies = describe_path("dorsal-root-s1").studies
    assert studies == ("soleus-h-reflex",)


def test_an_unknown_structure_is_answered_with_the_nearest_one():
    with pytest.raises(InputError, match="did you mean vastus-lateralis"):
        describe_path("vastus-laterali")


def test_an_impossible_height_is_refused():
    with pytest.raises(OutOfRange, match="outside 100 to 230 cm"):
        describe_path("soleus", 17.0)


def test_the_printed_path_shows_roots_sites_tests_and_basis():
    text = printed("vastus-lateralis")
    for words in (
        "vastus lateralis",
        "postfixed",
        "femoral nerve",
        "knee extension",
        "Phillips1991",
        "assumed",
    ):
        assert words in text


def test_the_printed_path_of_a_site_shows_what_it_reaches():
    assert "tibialis anterior" in printed("lumbosacral-trunk")


def test_a_dermatome_is_printed_without_a_source_of_its_own():
    assert "follow from the skin nerves" in printed("l4")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (
            "adductor",
            "could mean the adductors or their reflex; write 'adductor jerk', or one of adductor-longus",
        ),
        ("gastrocnemius", "is a group of muscles; name one of medial-gastrocnemius"),
        ("wing", "is not a muscle, skin nerve, dermatome, reflex, site or study"),
    ],
)
def test_a_word_that_does_not_mean_one_structure_is_refused(word, message):
    with pytest.raises(InputError, match=message):
        describe_path(word)


def test_an_h_reflex_is_the_muscle_it_is_recorded_from_and_a_jerk_a_reflex():
    assert describe_path("tibial H-reflex").name == "soleus"
    assert describe_path("adductor jerk").kind == "reflex"
