"""The rules of the house: arrows, budget, docstrings, words, quick start, complete evidence."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pydantic
import pytest
import yaml

import garland
from garland.evidence import all_numbers, references
from garland.evidence.findings import declared_findings

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "garland"
Function = ast.FunctionDef | ast.AsyncFunctionDef

ORDER = (
    ("errors",),
    ("units",),
    ("_types",),
    ("statistics",),
    ("scores",),
    ("progress",),
    ("io",),
    ("executors",),
    ("evidence",),
    ("programs",),
    ("anatomy",),
    ("records",),
    ("signals",),
    ("reference_values",),
    ("model",),
    ("population",),
    ("inference",),
    ("forecasts",),
    ("waveforms",),
    ("edx_study",),
    ("cohorts",),
    ("trials",),
    ("validation",),
    ("report",),
    ("cli",),
    ("__init__", "__main__"),
)
"""Packages in order: each imports from earlier ones only; two on one line may not import each other."""

LEAF = {"__init__"}
"""What any station may import: the package itself, for its version."""

QUICK = ("garland", "garland.cli", "garland.errors", "garland.evidence", "garland.records", "garland.anatomy")
HEAVY = ("jax", "jaxlib", "scipy")
LINES_PER_FILE, LINES_PER_BODY, SHORT_BODY, SHORT_SHARE, ARGUMENTS = 600, 60, 25, 0.9, 7
FRAGMENT = 60
"""Shorter files are fragments; only diseases and package fronts have a reason to be so short."""

SHORT_FILES = {
    "garland._types": "names for arrays and nothing else",
    "garland.units": "one length of a year",
    "garland.errors": "the errors of the whole package",
    "garland.report.common.pages": "how every page is filled in and written",
    "garland.report.course.html": "the page of one answer",
}
"""Short files with a reason, and the reason."""

SHARED_NAMES = {
    "lesion_process",  # the entry point of every disease
    "Person",  # of a record, where the schema shows it, and of the model
}
"""Names with a home in several modules, and why."""

ENTRY_POINT = ("diseases", "lesion_process")
"""Folder, and the function that each of its modules is listed for: taken from the module, not imported."""

DIALECT = {
    "chance", "Chance", "insult", "insults", "Insults", "Care", "lived", "Lived", "law", "motor_left",
    "skin_left", "skin_back", "skin_felt", "arc_afferent", "computed_once", "starve", "Starved", "OpenTest",
    "Bench", "Wish", "Order", "told", "who", "dice", "struck", "Cloud", "Swarm", "weigh",
    "odd_share", "found_in", "onepage",
}  # fmt: skip
"""Words of a private dialect; NOMENCLATURE.md has the terms of the field that stand for them."""

CONSTANTS = {365.25: "units.py", 30.44: "units.py", 1.88: "evidence", 1.881: "evidence", 4.67: "evidence"}
"""Constants of measurement and the one file of the package that may hold each; evidence: none but data."""

MODEL = ("model",)
ARRAYS = re.compile(r"\b(Array|ArrayLike|NDArray|ndarray)\b")

UNWANTED = tuple(
    "".join(pieces)
    for pieces in (
        ("cla", "ude"),
        ("anthro", "pic"),
        ("chat", "gpt"),
        ("sub", "agent"),
        ("ai ", "agent"),
        ("language ", "model"),
        ("/wo", "rk/"),
        ("sha", "red/"),
        ("contract", ".md"),
        ("/tm", "p/g"),
        ("ai-gen", "erated"),
        ("the br", "ief says"),
    )
)
"""Words about how the project is made, in pieces so that this file does not hold them."""


@cache
def modules() -> tuple[Path, ...]:
    return tuple(sorted(SOURCE.rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def station(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def rank(name: str) -> int:
    found = [place for place, stations in enumerate(ORDER) if name in stations]
    assert found, f"station {name!r} stands nowhere in ORDER"
    return found[0]


def imported(path: Path) -> Iterator[str]:
    """Yield every garland module or name that a file imports, wherever the import stands."""
    package = dotted(path) if path.name == "__init__.py" else dotted(path).rpartition(".")[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "garland")
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                home = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*home, base]).rstrip(".")
            if base == "garland":
                yield from (f"garland.{alias.name}" for alias in node.names)
            elif base.startswith("garland."):
                yield base


def station_of_import(name: str) -> str:
    """Return the station of an imported name; what is no station is a name of the package itself."""
    first = station(name)
    known = {word for stations in ORDER for word in stations}
    return first if first in known or (SOURCE / first).exists() else "__init__"


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def body_lines(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def arguments(function: Function) -> list[str]:
    given = function.args
    names = [arg.arg for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    names += [arg.arg for arg in (given.vararg, given.kwarg) if arg]
    return [name for name in names if name not in ("self", "cls")]


def public(node: ast.Module | ast.ClassDef) -> Iterator[Function | ast.ClassDef]:
    """Yield the public functions and classes of a module, and the public methods of those classes."""
    for child in node.body:
        if isinstance(child, Function | ast.ClassDef) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public(child)


def tracked() -> list[Path]:
    """Return the files of the project: those git knows or would add, else all outside built folders."""
    command = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
        files = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        hidden = (".venv", ".cache", ".git", "build", "dist", "__pycache__", ".hypothesis")
        files = [file for file in ROOT.rglob("*") if not set(hidden) & set(file.relative_to(ROOT).parts)]
    return [file for file in files if file.is_file()]


def test_imports_point_from_later_stations_to_earlier_ones():
    wrong = []
    for path in modules():
        here = station(dotted(path))
        for name in imported(path):
            there = station_of_import(name)
            if there != here and there not in LEAF and rank(there) >= rank(here):
                wrong.append(f"{dotted(path)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_no_station_in_the_order_is_named_twice():
    names = Counter(name for stations in ORDER for name in stations)
    assert max(names.values()) == 1


def test_files_stay_within_the_budget():
    long = {dotted(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in long.items() if lines > LINES_PER_FILE} == {}


def test_functions_stay_within_the_budget():
    sizes = {
        f"{dotted(path)}:{node.lineno} {node.name}": body_lines(node)
        for path in modules()
        for node in functions(path)
    }
    assert {name: lines for name, lines in sizes.items() if lines > LINES_PER_BODY} == {}
    short = sum(lines <= SHORT_BODY for lines in sizes.values())
    assert short >= SHORT_SHARE * len(sizes), f"only {short} of {len(sizes)} functions are short"


def test_functions_take_few_arguments():
    counts = {
        f"{dotted(path)}:{node.lineno} {node.name}": len(arguments(node))
        for path in modules()
        for node in functions(path)
    }
    assert {name: count for name, count in counts.items() if count > ARGUMENTS} == {}


def test_short_files_are_diseases_or_package_fronts():
    short = {
        dotted(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules()
        if path.stem not in ("__init__", "__main__") and "diseases" not in path.parts
    }
    fragments = {name: lines for name, lines in short.items() if lines < FRAGMENT}
    assert {name: lines for name, lines in fragments.items() if name not in SHORT_FILES} == {}


def test_every_module_says_what_it_is_for():
    assert [dotted(path) for path in modules() if not ast.get_docstring(tree(path))] == []


def test_no_module_keeps_a_list_of_its_importers_by_hand():
    kept = re.compile(r"^(Reads|Feeds|Numbers) {2,}", re.M)
    assert [dotted(path) for path in modules() if kept.search(ast.get_docstring(tree(path)) or "")] == []


def top_level(path: Path) -> Iterator[Function | ast.ClassDef]:
    """Yield the functions and classes of a module that bear no underscore."""
    for node in tree(path).body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def folder(name: str) -> str:
    """Return the folder that a module lies in; a file beside the package front is a package of its own."""
    path = SOURCE.parent.joinpath(*name.split("."))
    home = path if path.is_dir() else path.parent
    return name if home == SOURCE else home.relative_to(SOURCE).as_posix()


def imported_names(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every name that a module takes from another, as module and name."""
    every, aliases = {dotted(module) for module in modules()}, {}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "garland":
            for alias in node.names:
                if f"{node.module}.{alias.name}" in every:
                    aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                else:
                    yield str(node.module), alias.name
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            yield aliases[node.value.id], node.attr


@cache
def taken_by_others() -> frozenset[tuple[str, str]]:
    """Return the names that a module takes from a module of another folder, as module and name."""
    taken: set[tuple[str, str]] = set()
    fronts: dict[tuple[str, str], tuple[str, str]] = {}
    for path in modules():
        here = dotted(path)
        for module, name in imported_names(path):
            if path.name == "__init__.py":
                fronts[here, name] = (module, name)
            if folder(here) != folder(module):
                taken.add((module, name))
    return frozenset(taken | {fronts[one] for one in taken if one in fronts})


def in_a_schema(module: str, name: str) -> bool:
    """Tell whether a class is part of the schema of a case or spec, which shows its name to users."""
    found = getattr(importlib.import_module(module), name)
    return inspect.isclass(found) and issubclass(found, pydantic.BaseModel)


def test_public_means_exported_or_taken_by_another_package():
    wrong = [
        f"{dotted(path)}.{node.name}"
        for path in modules()
        for node in top_level(path)
        if node.name not in garland.__all__
        and (dotted(path), node.name) not in taken_by_others()
        and (path.parent.name, node.name) != ENTRY_POINT
        and not in_a_schema(dotted(path), node.name)
    ]
    assert not wrong, "give these an underscore:\n" + "\n".join(wrong)


def test_a_public_name_is_defined_in_one_module():
    homes = Counter(node.name for path in modules() for node in top_level(path))
    assert {name for name, count in homes.items() if count > 1} <= SHARED_NAMES


def test_every_public_name_is_documented():
    bare = [
        f"{dotted(path)}.{node.name}"
        for path in modules()
        for node in public(tree(path))
        if not ast.get_docstring(node)
    ]
    assert not bare, "\n".join(bare)


@pytest.mark.parametrize("name", garland.__all__)
def test_what_the_front_exports_explains_its_arguments(name: str):
    what = getattr(garland, name)
    if inspect.isfunction(what) and inspect.signature(what).parameters:
        said = (inspect.getdoc(what) or "").partition("Parameters\n")[2]
        for each in inspect.signature(what).parameters:
            assert re.search(rf"(^|, |\*){re.escape(each)}\b", said, re.M), each


def test_words_that_the_field_has_a_term_for_are_no_identifiers():
    found = Counter()
    for path in modules():
        with tokenize.open(path) as file:
            for token in tokenize.generate_tokens(file.readline):
                if token.type == tokenize.NAME and token.string in DIALECT:
                    found[f"{dotted(path)}: {token.string}"] += 1
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize(("number", "home"), CONSTANTS.items())
def test_a_constant_of_measurement_stands_in_one_file(number: float, home: str):
    homes = {
        path.relative_to(SOURCE).as_posix()
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value == number
    }
    assert homes <= {home}


def test_the_project_speaks_of_itself_alone():
    found = []
    for file in tracked():
        try:
            text = file.read_text(encoding="utf-8").lower()
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}: {word}" for word in UNWANTED if word in text]
    assert not found, "\n".join(found)


def loaded(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the top-level packages it imported."""
    report = "\nimport json, sys\nprint('@' + json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    run = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.rpartition("@")[2]))


def test_help_does_not_import_the_heavy_packages():
    code = "from garland.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit as end:\n    "
    assert loaded(code + "assert not end.code").isdisjoint((*HEAVY, "numpy", "pydantic"))


@pytest.mark.parametrize("name", QUICK)
def test_the_light_stations_do_not_import_the_heavy_packages(name: str):
    assert loaded(f"import {name}").isdisjoint(HEAVY)


def test_every_number_loads_with_unit_source_and_standing():
    numbers = all_numbers()
    assert numbers
    assert all(number.unit and number.description and number.where for number in numbers)


def test_every_number_cites_a_source_that_exists():
    assert {number.source for number in all_numbers()} <= set(references())


def test_every_data_file_parses():
    for file in tracked():
        if file.suffix in (".yaml", ".yml", ".cff"):
            assert yaml.safe_load(file.read_text(encoding="utf-8")) is not None, file


@cache
def nomenclature() -> dict[str, str]:
    """Return the first column of every table in NOMENCLATURE.md with the rest of its row."""
    text = (ROOT / "NOMENCLATURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", text, re.M)
    counts = Counter(name for name, _ in rows)
    assert [name for name, count in counts.items() if count > 1] == []
    return dict(rows)


def array_fields() -> Iterator[str]:
    """Yield every public array field of a public record in the forward model."""
    for path in modules():
        if station(dotted(path)) not in MODEL:
            continue
        for record in (node for node in tree(path).body if isinstance(node, ast.ClassDef)):
            for field in (node for node in record.body if isinstance(node, ast.AnnAssign)):
                name = ast.unparse(field.target)
                public_name = not record.name.startswith("_") and not name.startswith("_")
                if public_name and ARRAYS.search(ast.unparse(field.annotation)):
                    yield name


def expected_fields() -> list[str]:
    """Return the names of the expected findings, as they are declared."""
    return [name for name, declared in declared_findings().items() if declared.modelled]


def test_every_expected_finding_stands_in_the_nomenclature():
    missing = sorted(set(expected_fields()) - set(nomenclature()))
    assert not missing, "\n".join(missing)


def test_every_quantity_of_the_model_stands_in_the_nomenclature():
    missing = sorted(set(array_fields()) - set(nomenclature()))
    assert not missing, "\n".join(missing)


def test_every_row_of_the_nomenclature_has_a_unit_and_a_sentence():
    for name, rest in nomenclature().items():
        cells = [cell.strip() for cell in rest.split("|")]
        assert len(cells) == 2, name
        assert all(cells), name
