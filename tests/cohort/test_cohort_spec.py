"""Specs of cohorts: what they may say, and the one clear error for what they may not."""

from __future__ import annotations

from typing import Any

import pytest

from garland.cohorts.spec import CohortSpec
from garland.errors import InputError
from garland.records.reading import _shipped_specs, find_spec, parse_spec, spec_hash

BASE: dict[str, Any] = {
    "garland_cohort": 1,
    "name": "small",
    "size": 100,
    "people": {"source": "referral"},
}


def spec(**changed: Any) -> CohortSpec:
    given = {key: value for key, value in {**BASE, **changed}.items() if value is not ...}
    return parse_spec(CohortSpec, given, "cohort", "small.yaml")


MALFORMED = {
    "unknown key": ({"sise": 5}, "sise", "is not a key used here; did you mean size"),
    "no size": ({"size": ...}, "size", "is missing, and a cohort cannot do without it"),
    "no people": ({"size": 0}, "size", "is outside what is possible"),
    "half a person": ({"size": 10.5}, "size", "is not a whole number"),
    "size in words": ({"size": "many"}, "size", "is not a number"),
    "another format": ({"garland_cohort": 2}, "garland_cohort", "is outside what is possible"),
    "name of a path": ({"name": "../away"}, "name", "is not a name of a folder"),
    "source": ({"people": {"source": "hospital"}}, "people.source", "is not one of the words used here"),
    "setting": (
        {"people": {"source": "referral", "setting": "moon"}},
        "people.setting",
        "is not one of the words used here",
    ),
    "cause": (
        {"people": {"source": "referral", "causes": ["dlrpm"]}},
        "people.causes[0]",
        "is not a cause of the model; did you mean dlrpn",
    ),
    "span of a referral": (
        {"people": {"source": "referral", "span_years": 3}},
        "people.span_years",
        "has no meaning for a referral",
    ),
    "programme": (
        {"people": {"source": "county", "programme": "prayer"}},
        "people.programme",
        "is not a programme",
    ),
    "people no mapping": ({"people": "referral"}, "people", "is not a mapping"),
    "visits not rising": ({"visits": [0, 90, 90]}, "visits[2]", "is not after the day before it"),
    "no visit": ({"visits": []}, "visits", "is not a list of 1 to 200 days"),
    "visit before the first": ({"visits": [-1, 0]}, "visits[0]", "is outside what is possible"),
    "measure": ({"measures": ["nis", "snaps"]}, "measures[1]", "is not a measure; did you mean snap"),
    "item": ({"measures": ["snap/left/sura"]}, "measures[0]", "is not an item of snap; did you mean sural"),
    "no measure": ({"measures": []}, "measures", "names nothing"),
    "care": ({"care": ["pregabalin 300 from day 0"]}, "care", "unit"),
    "missing": ({"missing": 1.5}, "missing", "is outside what is possible"),
    "part": ({"part_size": 1}, "part_size", "is outside what is possible"),
    "visit after the span": (
        {"people": {"source": "county", "span_years": 1}, "visits": [0, 400]},
        "visits[1]",
        "is after the span of 1 years",
    ),
    "care of a county": (
        {"people": {"source": "county"}, "care": ["pregabalin 300 mg/d from day 0"]},
        "care",
        "has no meaning for a county",
    ),
}


@pytest.mark.parametrize(("changed", "path", "rule"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_spec_is_refused_in_one_line_with_its_place(
    changed: dict[str, Any], path: str, rule: str
):
    with pytest.raises(InputError) as refused:
        spec(**changed)
    stated = str(refused.value)
    assert "\n" not in stated
    assert refused.value.path.startswith(f"small.yaml: {path}")
    assert rule in stated
    assert refused.value.remedy


def test_what_is_no_mapping_is_no_cohort():
    with pytest.raises(InputError, match="is not a cohort; begin with 'garland_cohort: 1'"):
        parse_spec(CohortSpec, ["size"], "cohort", "small.yaml")


def test_every_shipped_spec_is_valid_and_named_like_its_file():
    names = set(_shipped_specs("cohort"))
    assert {find_spec(CohortSpec, name, "cohort", "SPEC").name for name in names} == names


def test_a_spec_that_is_neither_file_nor_shipped_is_refused():
    with pytest.raises(InputError, match="is neither a file nor a shipped cohort; did you mean referral"):
        find_spec(CohortSpec, "referal", "cohort", "SPEC")


def test_the_same_spec_written_otherwise_has_the_same_hash():
    assert spec_hash(spec(size=100)) == spec_hash(spec(size=100.0, visits=[0]))
    assert spec_hash(spec(seed=1)) != spec_hash(spec(seed=2))


def test_parts_hold_everybody_once():
    whole = spec(size=1000, part_size=64)
    assert whole.parts == 16
    assert sum(map(whole.people_of, range(whole.parts))) == 1000
