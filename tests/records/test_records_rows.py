"""Sides are read as a clinician writes them, and a row that names a nerve or a group speaks of it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from garland.records import BySide, ConductionResult, NeedleResult
from garland.records.examination import SidedStrength
from garland.records.fields import Kind
from garland.records.fields import _sides_of as sides_of


def needle(muscle: str) -> NeedleResult:
    return NeedleResult.model_validate({"muscle": muscle, "side": "left", "fibrillations": 1})


def study(word: str, **more: Any) -> ConductionResult:
    return ConductionResult.model_validate({"study": word, "side": "left", "result": "normal", **more})


def test_adductor_is_the_group_and_adductor_longus_the_muscle():
    assert needle("adductor").group == needle("adductors").group == "adductors"
    assert needle("adductor longus").muscle == "adductor-longus"


def test_a_nerve_given_as_a_study_is_the_nerve_and_not_a_guess_at_one_of_its_studies():
    assert study("peroneal", kind="motor").nerve == "fibular"
    assert study("sural").study == "sural"
    with pytest.raises(ValidationError, match="median has motor and sensory studies"):
        study("median")


def test_a_word_that_only_an_atlas_knows_is_understood_in_a_case():
    assert [needle(word).muscle for word in ("VMO", "tib ant")] == ["vastus-medialis", "tibialis-anterior"]


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
