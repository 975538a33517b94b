"""Identifiers in the words of a reader."""

from __future__ import annotations

import pytest

from garland.anatomy.tree import load
from garland.report.common.words import _spaced_percent, in_words, shift_in_percent


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("strength, right knee-extension", "strength, right knee extension"),
        ("right medial-femoral-cutaneous, SNAP amplitude", "right medial femoral cutaneous, SNAP amplitude"),
        ("right fibular-tibialis-anterior, amplitude", "right fibular (tibialis anterior), amplitude"),
        ("needle, left paraspinal-l4: fibrillation", "needle, left paraspinal L4: fibrillation"),
        ("sensation, right l3", "sensation, right L3"),
        ("muap amplitude, right soleus", "MUAP amplitude, right soleus"),
        ("soleus h reflex, h latency", "soleus H reflex, H latency"),
        ("MRC mild-weakness", "mild weakness"),
        ("emg-laboratory", "EMG laboratory"),
        ("93% of patients", "93 % of patients"),
    ],
)
def test_an_identifier_becomes_words(text: str, words: str):
    assert in_words(text) == words


@pytest.mark.parametrize("text", ["MRC 4- (3 to 4)", "1-2+", "non-smoker", "3.5 (1 to 5) mV", "absent", ""])
def test_what_is_no_identifier_stays(text: str):
    assert in_words(text) == text


def test_no_name_of_the_anatomy_keeps_its_hyphens():
    tree = load()
    names = (*tree.muscles, *tree.skin_nerves, *tree.movements, *tree.motor_study_ids)
    assert [name for name in names if "-" in in_words(f"right {name}")] == []


def test_every_motor_study_names_its_muscle_in_brackets():
    assert [study for study in load().motor_study_ids if "(" not in in_words(study)] == []


def test_a_per_cent_sign_stands_off():
    assert _spaced_percent("(35%); 4 %") == "(35 %); 4 %"


def test_a_shift_of_probability_is_told_in_per_cent():
    assert shift_in_percent("absent: L3 0.39 → 0.92; 1-2+: none") == "absent: L3 39 → 92 %; 1-2+: none"
