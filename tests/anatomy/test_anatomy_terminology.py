"""One thing has one name, however it is written, and a word has one meaning wherever it may stand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from garland.anatomy.tables import FOLDER, _read
from garland.anatomy.terminology import _joined, _terms, _Vocabulary, normalise, terms
from garland.anatomy.tree import load
from garland.errors import EvidenceError, InputError

TERMS = terms()
RESOLVED = {"muscle": "muscle", "movement": "movement", "reflex": "reflex", "study": "study", "nerve": "path"}
"""What the anatomy resolves -> the vocabulary of a record."""


@pytest.mark.parametrize(
    ("vocabulary", "written", "meant"),
    [
        ("muscle", "peroneus-longus", "fibularis-longus"),
        ("muscle", "Peroneus Longus", "fibularis-longus"),
        ("muscle", "APB", "abductor-pollicis-brevis"),
        ("muscle", "VMO", "vastus-medialis"),
        ("muscle", "Tib. ant.", "tibialis-anterior"),
        ("muscle", "soleus muscle", "soleus"),
        ("muscle", "short head of the biceps femoris", "biceps-femoris-short"),
        ("muscle", "gastrocnemius medial", "medial-gastrocnemius"),
        ("muscle", "L3 paraspinal", "paraspinal-l3"),
        ("muscle-group", "Quadriceps femoris", "quadriceps"),
        ("muscle-group", "peroneal muscles", "fibular-innervated"),
        ("muscle-group", "adductor", "adductors"),
        ("strength", "adductor", "adductors"),
        ("strength", "thigh_adduction", "hip-adduction"),
        ("strength", "eversion", "ankle-eversion"),
        ("strength", "scapuloperoneal", "scapulofibular"),
        ("strength", "hip", "hip"),
        ("strength", "L5 muscles", "l5-muscles"),
        ("bulk", "calf", "calf"),
        ("bulk", "calf muscles", "calf-muscles"),
        ("bulk", "the calf muscle", "calf-muscles"),
        ("reflex", "adductor jerk", "adductor"),
        ("reflex", "Achilles", "ankle"),
        ("study", "peroneal-EDB", "fibular-extensor-digitorum-brevis"),
        ("study", "ulnar ADM", "ulnar-abductor-digiti-minimi"),
        ("study", "tibial H-reflex", "soleus-h-reflex"),
        ("study", "superficial peroneal", "superficial-fibular"),
        ("study", "median D3", "median-digit-3"),
        ("skin-nerve", "LFCN", "lateral-femoral-cutaneous"),
        ("skin-nerve", "median D3", "median-digit-2"),
        ("nerve", "common peroneal nerve", "fibular"),
        ("point", "popliteal fossa", "popliteal"),
        ("region", "dorsum of foot", "foot-dorsum"),
        ("dermatome", "L3", "l3"),
        ("side", "R", "right"),
    ],
)
def test_another_spelling_means_the_one_name(vocabulary: str, written: str, meant: str):
    assert TERMS.vocabularies[vocabulary].find(written) == meant


@pytest.mark.parametrize("what", TERMS.vocabularies)
def test_every_name_and_synonym_means_one_name_of_its_list(what: str):
    known = TERMS.vocabularies[what]
    assert [known.find(name) for name in known.names] == list(known.names)
    assert {word: known.find(word) for word in known.synonyms} == dict(known.synonyms)
    assert set(known.synonyms.values()) <= set(known.names)
    assert [normalise(word) for word in known.synonyms] == list(known.synonyms)
    assert [word for word, meant in known._filled.items() if len(meant) > 1] == []


@pytest.mark.parametrize("what", RESOLVED)
def test_anatomy_and_record_mean_the_same_by_every_word(what: str):
    resolve, known = getattr(load(), f"resolve_{what}"), TERMS.vocabularies[RESOLVED[what]]
    skipped = {"others", *TERMS.study_groups}
    for word, meant in {**{name: name for name in known.names}, **known.synonyms}.items():
        if meant not in skipped:
            assert resolve(word) == TERMS.studies_alike.get(meant, meant), word


@pytest.mark.parametrize("part", ["muscle", "muscle-group", "movement"])
def test_a_word_for_a_muscle_or_movement_means_the_same_where_strength_is_told(part: str):
    known, strength = TERMS.vocabularies[part], TERMS.vocabularies["strength"]
    shadowed = set(TERMS.movement_groups)
    words = {*known.names, *known.synonyms} - shadowed
    assert {word: strength.find(word) for word in words} == {word: known.find(word) for word in words}


def test_every_group_holds_members_that_exist_and_has_the_name_of_none():
    for groups, what in (
        (TERMS.muscle_groups, "muscle"),
        (TERMS.movement_groups, "movement"),
        (TERMS.region_groups, "region"),
        (TERMS.study_groups, "study"),
        (TERMS.distributions, "region"),
    ):
        assert {member for group in groups.values() for member in group} <= set(TERMS.names(what))
        assert not {name for name, members in groups.items() if name in members}
    assert {study for studies in TERMS.nerves.values() for study in studies} <= set(TERMS.names("study"))


def test_a_name_speaks_of_itself_and_a_group_of_its_members():
    assert TERMS.muscles_in("soleus") == ("soleus",)
    assert TERMS.muscles_in("quadriceps") == ("rectus-femoris", "vastus-lateralis", "vastus-medialis")
    assert TERMS.muscles_in("knee-extension") == ()
    assert TERMS.movements_in("knee") == ("knee-extension", "knee-flexion")
    assert TERMS.movements_in("soleus") == ()
    assert TERMS.regions_in("foot") == ("foot-dorsum", "sole")
    assert TERMS.studies_in("arm-sensory") == ("median-digit-2", "ulnar-digit-5", "superficial-radial")


def test_a_study_is_motor_sensory_late_or_a_mixture():
    names = ("sural", "leg-motor", "ulnar-f-wave", "soleus-h-reflex", "leg")
    kinds = ["sensory", "motor", "f-wave", "h-reflex", "mixed"]
    assert [TERMS.kind_of_study(name) for name in names] == kinds


def test_groups_follow_from_nerve_and_roots():
    assert TERMS.muscle_groups["deep-fibular-innervated"][-1] == "extensor-digitorum-brevis"
    assert "semimembranosus" not in TERMS.muscle_groups["l5-outside-fibular"]
    assert TERMS.muscle_groups["all-muscles"] == TERMS.names("muscle")


def test_a_word_with_two_meanings_is_refused_with_both():
    known = _Vocabulary("place", ("tail-nerve", "tail-muscle"))
    with pytest.raises(InputError, match="could mean tail-muscle or tail-nerve; write the one that is meant"):
        known.resolve("tail")


def test_two_lists_with_different_meanings_of_a_word_are_not_joined():
    lists = [_Vocabulary(name, (name,), {"it": name}) for name in ("head", "tail")]
    with pytest.raises(EvidenceError, match="'it' is a word for head and for tail where a part is named"):
        _joined("part", *lists)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("muscles", "[vm, vmo,", "[vm, vl,", "'vl' is a word for vastus-medialis and for vastus-lateralis"),
        ("muscles", "[vm, vmo,", "[soleus,", "'soleus' is a word for vastus-medialis and for soleus"),
        ("muscles", "    label: soleus\n", "", "anatomy/muscles: soleus has no label; add it"),
        ("muscles", "    foramen_mm: 740\n", "", "anatomy/muscles: soleus has no foramen_mm; add it"),
        ("muscles", "[bulbar-muscles]", "[screen]", "tongue belongs to no part of the body; give it one of"),
        (
            "muscles",
            "[bulbar-muscles]",
            "[bulbar]",
            "tongue names 'bulbar', which does not exist; did you mean",
        ),
        ("muscles", "nerve: hypoglossal", "nerve: hypoglosal", "tongue is of the nerve 'hypoglosal', which"),
        (
            "terminology",
            "of: [hip, knee]",
            "of: [hip, kne]",
            "proximal-leg names 'kne', which does not exist; did you mean",
        ),
    ],
)
def test_a_table_that_is_incomplete_or_ambiguous_is_refused(
    tmp_path: Path, file: str, old: str, new: str, message: str
):
    folder = Path(shutil.copytree(FOLDER, tmp_path / "anatomy"))
    text = (folder / f"{file}.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / f"{file}.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(EvidenceError, match=message):
        _terms(_read(folder))
