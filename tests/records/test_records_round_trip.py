"""A case written as YAML or JSON comes back as it was; the schema and the template are true."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from case_strategies import cases
from hypothesis import HealthCheck, given, settings

from garland.errors import InputError
from garland.records import (
    Case,
    case_schema,
    mrc_range,
    parse_case,
    read_case,
    shipped_cases,
    template,
    write_case,
)
from garland.records.reading import _case_mapping as case_mapping

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SHIPPED = shipped_cases()


@cache
def _validator() -> Any:
    schema = case_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@SLOW
@given(cases())
def test_a_case_comes_back_from_yaml_and_json_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, case: Case
) -> None:
    folder = tmp_path_factory.getbasetemp()
    for name in ("round.yaml", "round.json"):
        write_case(case, folder / name)
        assert read_case(folder / name) == case
    assert parse_case(case_mapping(case)) == case
    assert Case.model_validate_json(case.model_dump_json()) == case


@SLOW
@given(cases())
def test_the_schema_accepts_every_case_that_is_written(case: Case) -> None:
    _validator().validate(case_mapping(case))


@pytest.mark.parametrize(("identifier", "path"), SHIPPED, ids=[name for name, _ in SHIPPED])
def test_a_shipped_case_comes_back_from_yaml_and_json_as_it_was(
    identifier: str, path: Path, tmp_path: Path
) -> None:
    case = read_case(path)
    for name in ("round.yaml", "round.json"):
        write_case(case, tmp_path / name)
        assert read_case(tmp_path / name) == case
    assert case.id == identifier


@pytest.mark.parametrize(("identifier", "path"), SHIPPED, ids=[name for name, _ in SHIPPED])
def test_the_schema_accepts_a_shipped_case_as_it_stands_in_its_file(identifier: str, path: Path) -> None:
    _validator().validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_schema_refuses_an_unknown_key_and_an_impossible_age() -> None:
    good = {"garland_case": 1, "id": "x", "visits": [{}]}
    for bad in ({**good, "persn": {}}, {**good, "person": {"age_years": 250}}, {**good, "visits": []}):
        with pytest.raises(jsonschema.ValidationError):
            _validator().validate(bad)


def test_the_schema_is_plain_json() -> None:
    assert json.loads(json.dumps(case_schema()))["title"] == "Garland case"


def test_the_template_is_itself_a_case(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(template(), encoding="utf-8")
    case = read_case(tmp_path / "case.yaml")
    assert case.visits[0].needle.results[0].muscles == ("vastus-lateralis",)


def test_the_template_with_its_comments_opened_is_still_a_case(tmp_path: Path) -> None:
    opened = [
        re.sub(r"^(\s*)# (?=\s*(- )?[a-z_0-9]+:|\s*- \{|\s{3,})", r"\1", line)
        for line in template().splitlines()
    ]
    opened = [
        line.replace("# #", "#") for line in opened if not line.lstrip().startswith("- {group: quadriceps")
    ]
    text = "\n".join(
        line for line in opened if "duration_ms" not in line and "complex_repetitive" not in line
    )
    (tmp_path / "case.yaml").write_text(text.replace("    #    ", "      "), encoding="utf-8")
    case = read_case(tmp_path / "case.yaml")
    assert case.published is not None
    assert case.lipids.hdl_mg_dl == 40
    assert case.history.drugs == ("metformin",)


def test_the_template_names_every_key_of_the_schema() -> None:
    schema, text = case_schema(), template()
    keys = {key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", {})}
    assert {key for key in keys if not re.search(rf"\b{key}:", text)} == {"unstated"}


def test_a_byte_order_mark_is_no_part_of_the_case(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_bytes(b"\xef\xbb\xbfgarland_case: 1\nid: x\nvisits: [{}]\n")
    assert read_case(tmp_path / "case.yaml").id == "x"


def test_a_case_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_case(
            parse_case({"garland_case": 1, "id": "x", "visits": [{}]}), tmp_path / "none" / "case.yaml"
        )


def test_missing_zero_absent_and_not_done_stay_four_things(tmp_path: Path) -> None:
    values = [None, 0, "absent", "not-done"]
    rows = [{"study": "sural", "side": "left", "amplitude_uv": value} for value in values]
    mapping = {
        "garland_case": 1,
        "id": "x",
        "visits": [{"nerve_conduction": {"results": [row]}} for row in rows],
    }
    write_case(parse_case(mapping), tmp_path / "case.yaml")
    again = read_case(tmp_path / "case.yaml")
    assert [visit.nerve_conduction.results[0].amplitude_uv for visit in again.visits] == values


@pytest.mark.parametrize(
    ("written", "kept", "low", "high"),
    [
        (4, 4, 4, 4),
        (4.0, 4, 4, 4),
        ("4", 4, 4, 4),
        ("4/5", 4, 4, 4),
        ("4 -", "4-", 11 / 3, 11 / 3),
        ("4+", "4+", 13 / 3, 13 / 3),
        ("0-1", "0 to 1", 0, 1),
        ("3 to 4-", "3 to 4-", 3, 11 / 3),
    ],
)
def test_an_mrc_grade_is_kept_in_one_spelling(written: object, kept: object, low: float, high: float) -> None:
    mapping = {
        "garland_case": 1,
        "id": "x",
        "visits": [{"examination": {"strength": {"L": {"Dorsiflexion": written}}}}],
    }
    strength = parse_case(mapping).visits[0].examination.strength.left
    assert strength == {"ankle-dorsiflexion": kept}
    found = mrc_range(strength["ankle-dorsiflexion"])
    assert found is not None
    assert math.isclose(found[0], low)
    assert math.isclose(found[1], high)


def test_a_word_for_strength_has_no_grade() -> None:
    assert mrc_range("mild-weakness") is None


@pytest.mark.parametrize(
    ("written", "kept"), [("2+", 2), ("++", 2), (0, 0), ("Widespread", "widespread"), ("no", "none")]
)
def test_a_grade_of_fibrillation_is_kept_in_one_spelling(written: object, kept: object) -> None:
    row = {"muscle": "TA", "side": "R", "fibrillations": written}
    mapping = {"garland_case": 1, "id": "x", "visits": [{"needle": {"results": [row]}}]}
    assert parse_case(mapping).visits[0].needle.results[0].fibrillations == kept


@pytest.mark.parametrize(
    ("written", "days"), [("2 weeks", 14), ("1 month", 30), ("1.5 years", 547.5), (0, 0), (None, None)]
)
def test_the_day_of_a_visit_may_be_written_as_a_duration(written: object, days: float | None) -> None:
    mapping = {"garland_case": 1, "id": "x", "visits": [{"day_since_onset": written}]}
    assert parse_case(mapping).visits[0].day_since_onset == days


def test_a_record_cannot_be_changed() -> None:
    case = parse_case({"garland_case": 1, "id": "x", "visits": [{}]})
    with pytest.raises(ValueError, match="frozen"):
        case.id = "y"  # type: ignore[misc]


def test_reading_records_imports_nothing_heavy() -> None:
    code = "import sys, garland.records; print([m for m in ('jax', 'scipy', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
