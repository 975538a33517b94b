"""A muscle is added by its row, and by its share of a movement; what lacks an entry is refused by name."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from garland.anatomy.tables import FOLDER, _read
from garland.anatomy.terminology import _terms
from garland.errors import EvidenceError
from tests.programs import said_by

PECTINEUS = """  pectineus:
    label: pectineus
    nerve: femoral
    roots: {l2: 0.50, l3: 0.50}
    plexus: lumbar-plexus-posterior
    path: [femoral-pelvic]
    foramen_mm: 250
    groups: [thigh-muscles, adductors, screen]
    synonyms: [pect]
    source: {key: Textbook, where: myotome tables}
    standing: recalled
"""
"""The row goes to the end of the table, behind arm and tongue: no list may rest on its place."""
SHARES = ("adductor-longus: 0.40, gracilis: 0.15", "adductor-longus: 0.30, pectineus: 0.10, gracilis: 0.15")


def with_one_more(copy: Path, row: str = PECTINEUS) -> Path:
    """Copy the anatomy tables, with one muscle more."""
    shutil.copytree(FOLDER, copy)
    with (copy / "muscles.yaml").open("a", encoding="utf-8") as file:
        file.write(row)
    movements = (copy / "movements.yaml").read_text(encoding="utf-8")
    assert SHARES[0] in movements
    (copy / "movements.yaml").write_text(movements.replace(*SHARES), encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = with_one_more(tmp_path_factory.mktemp("muscle") / "anatomy")
    return said_by(Path(__file__).with_name("muscle_added.py"), str(folder))


def test_a_row_and_a_share_of_a_movement_are_all_that_a_new_muscle_needs(said: dict[str, Any]):
    assert said["labels"] == [
        "strength, right pectineus",
        "strength, right hip-adduction",
        "wasting, right pectineus",
        "fibrillation, right pectineus",
    ]
    assert said["not_used"] == []
    assert said["columns"]
    assert said["weighed"]
    assert said["schema"]


def test_a_new_muscle_is_in_every_list_that_should_know_it(said: dict[str, Any]):
    assert said["groups"] == [
        "adductors",
        "thigh-muscles",
        "proximal-leg",
        "leg",
        "femoral-innervated",
        "screen",
        "all-muscles",
        "l2-muscles",
        "l3-muscles",
    ]
    assert said["protocol"] == "pectineus"
    assert said["limits"] == ["as vastus lateralis", "as vastus lateralis"]
    assert said["roots"] == "L2 L3"
    assert said["healthy"]
    assert said["tests"] == ["needle, left pectineus", "needle, right pectineus"]
    assert said["measures"] == ["fibrillation_left_pectineus_grade"]
    assert said["a leg muscle"]
    assert said["path"]


@pytest.mark.parametrize(
    "entry", ["label", "nerve", "roots", "path", "foramen_mm", "groups", "source", "standing"]
)
def test_a_muscle_that_lacks_an_entry_is_refused_by_name(tmp_path: Path, entry: str):
    lines = [line for line in PECTINEUS.splitlines(keepends=True) if not line.startswith(f"    {entry}:")]
    with pytest.raises(EvidenceError, match="pectineus"):
        _terms(_read(with_one_more(tmp_path / "anatomy", "".join(lines))))


def test_a_movement_of_a_muscle_that_has_no_row_is_refused_by_name(tmp_path: Path):
    with pytest.raises(EvidenceError, match="hip-adduction names 'pectineus', which does not exist"):
        _read(with_one_more(tmp_path / "anatomy", ""))
