"""Every file that cannot be used gives one error with a path, a value, a rule and a remedy."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from malformed_cases import MALFORMED, Malformed

from garland.errors import InputError, InputErrors
from garland.records import parse_case, read_case, shipped_cases
from garland.records.reading import _case_mapping as case_mapping


def test_there_are_at_least_forty_malformed_files_with_different_names() -> None:
    names = [row.name for row in MALFORMED]
    assert len(set(names)) == len(names) >= 40


@pytest.mark.parametrize("row", MALFORMED, ids=lambda row: row.name)
def test_a_malformed_file_gives_one_error_that_can_be_acted_on(row: Malformed, tmp_path: Path) -> None:
    file = tmp_path / f"case{row.suffix}"
    file.write_bytes(row.raw)
    with pytest.raises(InputError) as caught:
        read_case(file)
    error = caught.value
    assert str(file) in error.path
    assert error.path.endswith(row.path)
    assert row.fragment in str(error)
    assert error.value not in (None, "")
    assert error.rule
    assert error.remedy
    assert len(str(error)) < 700
    assert "\n" not in str(error)


def test_a_file_that_does_not_exist_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist; check the name"):
        read_case(tmp_path / "none.yaml")


def test_a_directory_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file"):
        read_case(tmp_path)


def test_a_file_name_that_no_system_takes_is_one_error() -> None:
    with pytest.raises(InputError, match="cannot be read|does not exist"):
        read_case("a\0b.yaml")


def test_every_fault_of_a_file_is_told_at_once() -> None:
    mapping = {
        "garland_case": 1,
        "id": "x",
        "person": {"age_years": 250, "sex": "?"},
        "visits": [
            {
                "day_since_onset": -1,
                "examination": {"strength": {"left": {"toe": 3, "nose": 4, "knee-extension": 9}}},
            }
        ],
    }
    with pytest.raises(InputErrors) as caught:
        parse_case(mapping, "case.yaml")
    paths = [problem.path for problem in caught.value.problems]
    at = "visits[0].examination.strength.left"
    assert paths[:3] == ["person.age_years", "person.sex", "visits[0].day_since_onset"]
    assert paths[3:] == [f"{at}.toe", f"{at}.nose", f"{at}.knee-extension"]
    assert str(caught.value).splitlines()[0] == "case.yaml: 6 faults"
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_a_very_long_value_is_shortened_in_the_message() -> None:
    with pytest.raises(InputError) as caught:
        parse_case(
            {"garland_case": 1, "id": "x", "visits": [{}], "person": {"sex": "z" * 3000, "k" * 3000: 1}}
        )
    assert len(str(caught.value)) < 500


def test_a_mapping_that_contains_itself_is_one_error() -> None:
    loop: dict[str, Any] = {"garland_case": 1, "id": "x"}
    loop["visits"] = [loop]
    with pytest.raises(InputError, match="is not a key used here"):
        parse_case(loop)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)


def spoil(value: Any, choice: int, junk: Any) -> Any:
    """Replace one place of a nested value, picked by a number, with something else."""
    if isinstance(value, dict) and value and choice % 5:
        key = sorted(value, key=str)[choice % len(value)]
        return {**value, key: spoil(value[key], choice // 7, junk)}
    if isinstance(value, list) and value and choice % 5:
        row = choice % len(value)
        return [*value[:row], spoil(value[row], choice // 7, junk), *value[row + 1 :]]
    return junk


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(shipped_cases()), st.integers(0, 10**9), JUNK)
def test_whatever_is_put_into_a_case_gives_a_case_or_one_error(
    shipped: tuple[str, Path], choice: int, junk: Any
) -> None:
    plain = spoil(yaml.safe_load(shipped[1].read_text(encoding="utf-8")), choice, junk)
    stated = None
    try:
        case = parse_case(plain, "case.yaml")
    except InputError as error:
        stated = str(error)
    if stated is None:
        assert parse_case(case_mapping(case)) == case
    else:
        assert stated.startswith("case.yaml")
        assert all(line.isprintable() for line in stated.splitlines())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_a_file_holds_gives_one_error(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    for name in ("junk.yaml", "junk.json"):
        file = tmp_path_factory.getbasetemp() / name
        file.write_bytes(raw)
        with pytest.raises(InputError) as caught:
            read_case(file)
        assert str(caught.value).isprintable()
