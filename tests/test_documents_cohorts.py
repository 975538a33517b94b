"""The page about cohorts is run from top to bottom: specs written, commands called, recipes carried out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from garland.cli import main
from garland.cohorts.spec import CohortSpec
from garland.records.reading import _shipped_specs

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cohorts.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def carry_out(kind: str, text: str, known: dict[str, object]) -> None:
    """Write a spec, call commands or execute Python, as a block says."""
    if kind == "yaml":
        name = text.partition("\n")[0].removeprefix("# ")
        Path(name).write_text(text, encoding="utf-8")
    elif kind == "console":
        for line in text.splitlines():
            with pytest.raises(SystemExit) as end:
                main(line.removeprefix("$ garland ").split())
            assert not end.value.code, line
    else:
        assert kind == "python", kind
        exec(compile(text, str(PAGE), "exec"), known)


def test_every_block_of_the_page_about_cohorts_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {}
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert {kind for kind, _ in blocks} == {"yaml", "console", "python"}
    for kind, text in blocks:
        carry_out(kind, text, known)


def test_the_page_names_every_key_of_a_spec_and_every_shipped_one():
    text = PAGE.read_text(encoding="utf-8")
    people = CohortSpec.model_fields["people"].annotation
    keys = [*CohortSpec.model_fields, *(f"people.{key}" for key in people.model_fields)]
    assert [key for key in keys if key != "people" and f"| `{key}` |" not in text] == []
    assert [name for name in _shipped_specs("cohort") if f"`{name}`" not in text] == []
