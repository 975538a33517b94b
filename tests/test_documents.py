"""The documents: they exist, agree with each other, and their links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import garland

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "DESIGN.md", "NOMENCLATURE.md", "CONTRIBUTING.md", "changes/README.md")
KINDS = ("added", "changed", "fixed", "removed", "results")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_local_link_leads_to_a_file(name: str):
    links = re.findall(r"\]\(([^)#:]+)\)", read(name))
    home = (ROOT / name).parent
    missing = [link for link in links if not (home / link).exists()]
    assert missing == []


def test_the_version_is_the_same_everywhere():
    assert yaml.safe_load(read("CITATION.cff"))["version"] == garland.__version__
    assert tomllib.loads(read("pyproject.toml"))["project"]["dynamic"] == ["version"]


def test_the_licence_is_apache():
    assert "Apache License" in read("LICENSE")
    assert tomllib.loads(read("pyproject.toml"))["project"]["license"] == "Apache-2.0"
    assert yaml.safe_load(read("CITATION.cff"))["license"] == "Apache-2.0"


def test_the_readme_says_that_garland_is_no_medical_device():
    assert "not a medical device" in read("README.md")


@pytest.mark.parametrize("target", ["demo", "test", "lint", "neuron", "bench", "picture", "lock", "clean"])
def test_the_readme_and_the_makefile_know_the_same_targets(target: str):
    assert re.search(rf"^{target}:", read("Makefile"), re.M)


@pytest.mark.parametrize("name", ["run", "dev", "build", "neuron"])
def test_every_locked_package_carries_hashes(name: str):
    entries = re.split(r"\n(?=[a-z])", read(f"requirements/{name}.txt").strip())
    assert entries
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries if not entry.startswith("#"))


def test_every_direct_dependency_is_locked():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    for lock, wanted in (("run", project["dependencies"]), ("dev", project["optional-dependencies"]["dev"])):
        locked = set(re.findall(r"^([a-z0-9_-]+)==", read(f"requirements/{lock}.txt"), re.M))
        assert {re.split(r"[>=]", name)[0].lower() for name in wanted} <= locked


def test_every_change_fragment_has_a_known_kind_and_a_sentence():
    fragments = [file for file in (ROOT / "changes").glob("*.md") if file.name != "README.md"]
    assert fragments
    for file in fragments:
        assert file.stem.rpartition(".")[2] in KINDS, file.name
        assert file.read_text(encoding="utf-8").strip().endswith("."), file.name


def test_every_public_name_can_be_imported():
    for name in garland.__all__:
        assert getattr(garland, name) is not None
    assert set(garland.__all__) == set(dir(garland))


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'garland' has no attribute 'consultation'"):
        garland.consultation  # noqa: B018
