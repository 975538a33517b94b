"""A disease is its module, its numbers and a line in the list; what is forgotten is named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from copied_package import Copy

MODULE, LIST = "model/diseases/saphenous.py", "model/diseases/__init__.py"
NUMBERS, PATTERN = "evidence/parameters/causes/saphenous.yaml", "evidence/parameters/causes/obturator.yaml"
FORMULA = '''"""Saphenous neuropathy, an example."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.focal import _focal
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import sites


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of saphenous neuropathy in N patients."""
    return _focal(latents, part("causes/saphenous"), sites({"saphenous": 1.0}))
'''
LINE = '_disease(saphenous, "saphenous neuropathy", "mononeuropathy")'


def with_one_more(folder: Path, line: str = LINE, without: str = "") -> Copy:
    copy = Copy(folder)
    numbers = (copy.package / PATTERN).read_text(encoding="utf-8")
    copy.write(MODULE, FORMULA)
    copy.replace(LIST, "    radiculoplexus,\n", "    radiculoplexus,\n    saphenous,\n")
    copy.replace(LIST, "    _disease(sciatic, ", f"    {line},\n    _disease(sciatic, ")
    if without != NUMBERS:
        copy.write(
            NUMBERS, re.sub(rf"^{without}:\n(  .*\n)+", "", numbers, flags=re.M) if without else numbers
        )
    return copy


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return with_one_more(tmp_path_factory.mktemp("disease"))


@pytest.fixture(scope="module")
def said(copy: Copy) -> dict[str, Any]:
    return copy.said("one_more_disease.py")


def test_a_disease_takes_three_files(copy: Copy):
    assert copy.touched == {MODULE, LIST, NUMBERS}


def test_a_new_disease_is_weighed_in_a_consult(said: dict[str, Any]):
    found = said["consulted"]
    assert said["places"]
    assert found["title"] == "saphenous neuropathy"
    assert found["probability"] > 3.0 * found["prior"] > 0.0


def test_a_new_disease_is_drawn_as_a_virtual_patient_and_shown_in_a_report(said: dict[str, Any]):
    assert said["report"]
    assert said["page"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"without": NUMBERS}, "parameters/causes/saphenous.yaml: does not exist"),
        ({"without": "frequency"}, "causes/saphenous: has no 'frequency'"),
        ({"line": '_disease(saphenous, family="mononeuropathy")'}, "disease saphenous: has no title"),
        ({"line": '_disease(saphenous, "saphenous neuropathy")'}, "disease saphenous: has no family"),
    ],
    ids=["its numbers", "frequency", "title", "family"],
)
def test_what_a_new_disease_lacks_is_named(tmp_path: Path, changes: dict[str, str], message: str):
    done = with_one_more(tmp_path, **changes).run("one_more_disease.py", "prior")
    assert done.returncode != 0
    assert message in done.stderr
