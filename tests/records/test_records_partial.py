"""A case as it stood before all tests were done; what was asked for and free, looked for and not seen."""

from __future__ import annotations

from typing import Any

import pytest

from garland.errors import InputError
from garland.records import parse_case, shipped_case, shipped_cases
from garland.records.case import _ADDED, AMOUNTS, Visit, up_to

CASES = [name for name, _ in shipped_cases()]
FINDINGS = {field for fields in _ADDED for field in fields}
"""What is found at a visit."""


def case(history: dict[str, Any] | None = None, **visit: Any) -> Any:
    return parse_case({"garland_case": 1, "id": "x", "history": history or {}, "visits": [visit]})


@pytest.mark.parametrize("name", CASES)
def test_with_everything_known_the_case_is_the_whole_case(name: str):
    assert up_to(shipped_case(name), "everything") == shipped_case(name)


@pytest.mark.parametrize("name", CASES)
def test_the_history_alone_holds_no_finding_of_a_visit(name: str):
    whole, stated = shipped_case(name), up_to(shipped_case(name), "history")
    for visit, full in zip(stated.visits, whole.visits, strict=True):
        assert all(getattr(visit, field) == Visit.model_fields[field].default for field in FINDINGS)
        assert visit.day_since_onset == full.day_since_onset
    assert (stated.history, stated.person, stated.diabetes) == (whole.history, whole.person, whole.diabetes)


@pytest.mark.parametrize("name", CASES)
def test_each_amount_adds_its_part_and_takes_nothing_away(name: str):
    whole = shipped_case(name)
    known: set[str] = set()
    for amount, added in zip(AMOUNTS, _ADDED, strict=True):
        known |= set(added)
        for visit, full in zip(up_to(whole, amount).visits, whole.visits, strict=True):
            held = {field for field in FINDINGS if getattr(visit, field) != Visit.model_fields[field].default}
            assert held <= known
            assert all(getattr(visit, field) == getattr(full, field) for field in known)


def test_every_field_of_a_visit_is_a_finding_of_some_amount_or_says_when_it_was():
    assert set(Visit.model_fields) - FINDINGS == {"day_since_onset", "day_precision", "treatment"} & set(
        Visit.model_fields
    )


def test_a_case_is_not_changed_by_what_is_taken_from_it():
    whole = shipped_case(CASES[0])
    up_to(whole, "history")
    assert whole == shipped_case(CASES[0])


def test_regions_asked_for_and_free_are_kept():
    history = {"pain": {"present": True, "side": "left", "regions": ["thigh"], "spared": ["foot", "groin"]}}
    assert case(history).history.pain.spared == ("foot", "groin")


def test_a_region_cannot_be_affected_and_spared():
    history = {"pain": {"present": True, "side": "left", "regions": ["groin"], "spared": ["groin"]}}
    with pytest.raises(InputError, match="is affected and spared at once") as error:
        case(history)
    assert "spared" in error.value.path


def test_a_region_spared_has_a_known_name():
    with pytest.raises(InputError, match="foot"):
        case({"pain": {"present": True, "side": "left", "spared": ["fooot"]}})


def test_what_was_looked_for_and_not_seen_is_kept_and_is_study_enough():
    (study,) = case(imaging=[{"modality": "mri", "not_seen": ["mass"]}]).visits[0].imaging
    assert study.findings == ()
    assert study.not_seen == ("mass",)


def test_a_finding_cannot_be_seen_and_not_seen():
    with pytest.raises(InputError, match="is seen and not seen at once") as error:
        case(imaging=[{"modality": "mri", "findings": ["mass"], "not_seen": ["mass"]}])
    assert "not_seen" in error.value.path


def test_a_study_that_says_nothing_is_refused():
    with pytest.raises(InputError, match="name a finding"):
        case(imaging=[{"modality": "mri"}])


def test_a_normal_study_may_name_what_it_did_not_show():
    (study,) = (
        case(imaging=[{"modality": "mri", "findings": ["normal"], "not_seen": ["mass"]}]).visits[0].imaging
    )
    assert study.not_seen == ("mass",)
