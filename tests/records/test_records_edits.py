"""A record is changed by the paths that its errors name, and is checked as a file would be."""

from __future__ import annotations

from typing import Any

import pytest

from garland.errors import InputError
from garland.records import Case, parse_case
from garland.records.edits import with_added, with_values, without

KNEE = "visits[0].examination.reflexes.left.knee"


def case(**visit: Any) -> Case:
    return parse_case({"garland_case": 1, "id": "one", "visits": [{"day_since_onset": 30, **visit}]})


def test_a_value_is_set_and_the_mappings_on_its_way_are_made():
    assert with_values(case(), {KNEE: "absent"}) == case(
        examination={"reflexes": {"left": {"knee": "absent"}}}
    )


def test_several_values_are_set_at_once_so_that_only_the_whole_must_be_valid():
    older = with_values(case(), {"person.age_years": 50, "history.age_at_onset_years": 49})
    younger = with_values(older, {"person.age_years": 40, "history.age_at_onset_years": 39})
    assert younger.person.age_years == 40
    with pytest.raises(InputError, match="is more than the age"):
        with_values(older, {"person.age_years": 40})


def test_what_is_set_and_removed_leaves_no_trace():
    assert without(with_values(case(), {KNEE: "absent"}), KNEE) == case()


def test_a_removal_leaves_its_neighbours():
    both = with_values(case(), {KNEE: "absent", KNEE.replace("knee", "ankle"): "normal"})
    assert without(both, KNEE) == with_values(case(), {KNEE.replace("knee", "ankle"): "normal"})


def test_an_item_is_added_at_the_end_set_and_taken_out_again():
    row = {"muscle": "iliopsoas", "side": "left", "fibrillations": 2}
    one = with_added(case(), "visits[0].needle.results", row)
    two = with_added(one, "visits[0].needle.results", {**row, "side": "right"})
    assert [r.side for r in two.visits[0].needle.results] == ["left", "right"]
    assert with_values(two, {"visits[0].needle.results[1].fibrillations": 1}) != two
    assert without(two, "visits[0].needle.results[1]") == one
    assert without(one, "visits[0].needle.results[0]") == case()


def test_a_visit_is_added():
    assert len(with_added(case(), "visits", {"day_since_onset": 60}).visits) == 2


def test_an_invalid_value_is_refused_in_the_words_of_the_reader():
    with pytest.raises(InputError) as read:
        case(examination={"reflexes": {"left": {"knee": "gone"}}})
    with pytest.raises(InputError) as changed:
        with_values(case(), {KNEE: "gone"})
    assert str(changed.value) == str(read.value)
    assert changed.value.path == KNEE


@pytest.mark.parametrize("path", ["", "visits[x]", "visits[0]..needle", ".person", "visits[0", "a]b"])
def test_what_is_not_a_path_is_refused(path: str):
    with pytest.raises(InputError, match="is not a path in a record"):
        with_values(case(), {path: 1})


def test_what_is_not_in_the_record_cannot_be_removed():
    with pytest.raises(InputError, match="is not in the record"):
        without(case(), KNEE)
    with pytest.raises(InputError, match="is not one of the 1 items of the list"):
        without(case(), "visits[1]")


def test_a_list_grows_by_adding_alone():
    with pytest.raises(InputError, match="is not one of the 0 items of the list; add an item"):
        with_values(case(), {"visits[0].needle.results[0]": {}})
    with pytest.raises(InputError, match="is not a list"):
        with_added(case(), "visits[0].day_since_onset", 1)


def test_a_path_through_a_value_leads_nowhere():
    with pytest.raises(InputError, match="leads nowhere"):
        with_values(case(), {"visits[0].day_since_onset.knee": 1})


def test_the_one_visit_cannot_be_removed():
    with pytest.raises(InputError, match="write one visit at least|is missing"):
        without(case(), "visits[0]")
