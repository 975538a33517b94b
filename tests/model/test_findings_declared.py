"""A finding is declared once: one entry and one formula add it, and no table elsewhere repeats the fields."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path
from typing import Any

import pytest

import garland
from garland.errors import EvidenceError
from garland.evidence.findings import FOLDER, _declared, declared_findings
from tests.programs import said_by

SOURCE = Path(garland.__file__).parent
DISCHARGES = """
complex_repetitive_discharges:
  description: complex repetitive discharges
  unit: normal score
  kind: presence
  items: muscles
  noise: 1.0
  words: {none: [null, 0.0], present: [0.0, null]}
  record: {complex_repetitive_discharges: {words: [none, present]}}
  read_from: [complex_repetitive_discharges]
  part: needle
  phrase: {sign: complex repetitive discharges in the}
  test: {cuts: [0.0], results: [none, present]}
"""
CLONUS = """
clonus:
  description: clonus of the ankle
  unit: normal score
  kind: presence
  items: [ankle-clonus]
  noise: 1.0
  words: {negative: [null, 0.0], positive: [0.0, null]}
  record: {ankle_clonus: {is: sign, item: ankle-clonus}}
  results: {negative: negative, positive: positive}
  normal_results: [negative]
  part: signs
  test: {label: "{item}, {side}", cost: stretch, cuts: [0.0], results: [negative, positive]}
"""


def with_two_more(copy: Path) -> Path:
    """Copy the declarations, with one more finding of the needle and one of the examination."""
    shutil.copytree(FOLDER, copy)
    needle = (copy / "needle.yaml").read_text(encoding="utf-8")
    before, _, rest = needle.partition("\ncomplex_repetitive_discharges:")
    after = rest[rest.index("\nmuap_amplitude:") :]
    (copy / "needle.yaml").write_text(before + DISCHARGES + after, encoding="utf-8")
    with (copy / "signs.yaml").open("a", encoding="utf-8") as file:
        file.write(CLONUS)
    return copy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_two_more(tmp_path / "findings")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = with_two_more(tmp_path_factory.mktemp("declared") / "findings")
    return said_by(Path(__file__).with_name("declared_twice.py"), str(folder))


def test_an_entry_and_a_formula_are_all_that_a_new_finding_needs(said: dict[str, Any]):
    assert said["labels"] == ["left ankle-clonus", "complex repetitive discharges, right vastus-lateralis"]
    assert said["not_used"] == []
    assert said["columns"]
    assert said["weighed"]
    assert said["said"] == [
        "the negative left ankle clonus",
        "Had the left ankle clonus been positive",
        "the complex repetitive discharges in the right vastus lateralis",
        "Had there been no complex repetitive discharges in the right vastus lateralis",
    ]
    assert said["tests"] == ["ankle-clonus, left", "ankle-clonus, right"]
    assert said["items"] == ["complex repetitive discharges"]
    assert said["measures"][0].startswith("clonus_left")
    assert said["measures"][2] == "complex_repetitive_discharges_left_soleus"
    assert said["schema"]


def test_what_lacks_its_formula_or_its_declaration_is_named(said: dict[str, Any]):
    assert "has no formula" in said["without a formula"]
    assert (
        "complex_repetitive_discharges" in said["without a formula"] or "clonus" in said["without a formula"]
    )
    assert said["without a declaration"].startswith("undeclared: has a formula and no declaration")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  noise: 1.0\n", "", r"findings/signs\.clonus: noise is missing; declare it"),
        ("  noise: 1.0\n", "  noise: loud\n", r"clonus\.noise: 'loud' is not a spread"),
        ("  part: signs\n", "  part: signs\n  colour: red\n", r"clonus\.colour: is not a key of a finding"),
        ("kind: presence", "kind: presense", r"clonus: kind 'presense' is unknown; use one of grade"),
        ("negative: [null, 0.0]", "negative: [1.0, 0.0]", r"words\.negative: .* is not an interval"),
    ],
)
def test_an_entry_that_is_incomplete_is_refused_with_its_path(folder: Path, old: str, new: str, message: str):
    file = folder / "signs.yaml"
    before, after = file.read_text(encoding="utf-8").split("clonus:\n")
    file.write_text(f"{before}clonus:\n{after.replace(old, new, 1)}", encoding="utf-8")
    with pytest.raises(EvidenceError, match=message):
        _declared(folder)


def test_an_entry_that_is_no_mapping_is_refused(tmp_path: Path):
    (tmp_path / "signs.yaml").write_text("clonus: yes\n", encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"findings/signs\.clonus: is not a mapping"):
        _declared(tmp_path)


FORMULAS = ("model/simulate.py",)
"""The formulas themselves, by name."""


def test_no_table_outside_the_declarations_names_three_findings():
    # History, laboratory and imaging are parts of a record, too.
    fields = {name for name, f in declared_findings().items() if f.modelled and name != f.group}
    tables = []
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        if name in FORMULAS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts: list[Any] = []
            if isinstance(node, ast.Dict):
                parts = node.keys
            elif isinstance(node, ast.Tuple | ast.List | ast.Set):
                parts = node.elts
            named = {p.value for p in parts if isinstance(p, ast.Constant)} & fields
            if len(named) > 2:
                tables.append(f"{name}:{node.lineno} {sorted(named)}")
    assert tables == []
