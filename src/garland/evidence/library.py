"""The library of evidence files: one part by name, all numbers, all sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from garland.errors import EvidenceError, did_you_mean
from garland.evidence.findings import _declared_noise
from garland.evidence.number import Number, Reference
from garland.evidence.parse import STANDINGS, UNMEASURED, _parse_part, _parse_references, read_yaml
from garland.evidence.parts import Part
from garland.evidence.treatments import _declared_doses

__all__ = [
    "STANDINGS",
    "UNMEASURED",
    "_Library",
    "all_numbers",
    "is_as_filed",
    "numbers_at",
    "part",
    "references",
    "replaced",
]

ROOT = Path(__file__).resolve().parent
"""Folder that holds ``parameters/`` and ``references.yaml``."""
_DECLARED = {"declared noise": _declared_noise, "declared doses": _declared_doses}
"""What stands in a table of the parameters for numbers that the declarations hold."""
_REPLACED: list[bool] = []
"""One entry for each `replaced` that is under way: whether it changes anything."""


class _Library:
    """Evidence files under one folder; each file is read once.

    Parameters
    ----------
    root : Path
        Folder that holds ``parameters/`` and ``references.yaml``.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parts: dict[str, Part] = {}
        self._references: Mapping[str, Reference] | None = None

    def part_names(self) -> tuple[str, ...]:
        """Return the names of all parts, sorted."""
        folder = self._root / "parameters"
        files = folder.rglob("*.yaml")
        return tuple(sorted(file.relative_to(folder).with_suffix("").as_posix() for file in files))

    def part(self, name: str) -> Part:
        """Return the numbers of one part.

        Parameters
        ----------
        name : str
            Path below ``parameters/`` without suffix, such as ``fibres/regrowth``.

        Returns
        -------
        Part
            Its numbers, checked; the same object on every call.

        Raises
        ------
        EvidenceError
            No such file, or a number in it is incomplete.
        """
        if name not in self._parts:
            file = self._root / "parameters" / f"{name}.yaml"
            if not file.is_file():
                known = did_you_mean(name, self.part_names())
                raise EvidenceError(f"parameters/{name}.yaml: does not exist; {known}")
            raw = read_yaml(file)
            for number in raw.values() if isinstance(raw, Mapping) else ():
                if isinstance(number, dict) and str(number.get("values")) in _DECLARED:
                    number["values"] = _DECLARED[number["values"]]()
            self._parts[name] = _parse_part(name, raw, self.references())
        return self._parts[name]

    def references(self) -> Mapping[str, Reference]:
        """Return all sources by key, read-only."""
        if self._references is None:
            raw = read_yaml(self._root / "references.yaml")
            self._references = MappingProxyType(_parse_references("references.yaml", raw))
        return self._references

    def all_numbers(self) -> tuple[Number, ...]:
        """Return every number of every part, in order of part name."""
        return tuple(number for name in self.part_names() for number in self.part(name).numbers)


@lru_cache(maxsize=1)
def _library() -> _Library:
    return _Library(ROOT)


def part(name: str) -> Part:
    """Return the numbers of one part of Garland's own evidence.

    Parameters
    ----------
    name : str
        Path below ``evidence/parameters`` without suffix, such as ``fibres/regrowth``.

    Returns
    -------
    Part
        ``part(...).rate_mm_per_day`` is a central value, ``part(...).number("rate_mm_per_day")`` the record.

    Raises
    ------
    EvidenceError
        No such file, or a number in it is incomplete.
    """
    return _library().part(name)


@contextmanager
def replaced(changes: Mapping[str, Any]) -> Iterator[None]:
    """Run with other numbers than the files hold, then put back what was there."""
    by_part: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for address, value in changes.items():
        name, _, number = address.rpartition(".")
        central, _, spread = number.partition("~")
        by_part.setdefault(name, ({}, {}))[1 if spread else 0][central] = value
    library = _library()
    before = {name: library.part(name) for name in by_part}
    _REPLACED.append(bool(changes))
    try:
        for name, (values, spreads) in by_part.items():
            library._parts[name] = before[name].replaced(values, spreads)
        yield
    finally:
        library._parts.update(before)
        _REPLACED.remove(bool(changes))


def is_as_filed() -> bool:
    """Tell whether every number is the one that the files hold."""
    return not any(_REPLACED)


def all_numbers() -> tuple[Number, ...]:
    """Return every number Garland rests on, in order of part name."""
    return _library().all_numbers()


def numbers_at(paths: Iterable[str]) -> tuple[Number, ...]:
    """Return the numbers at some paths, in the order of `all_numbers`."""
    wanted = set(paths)
    names = sorted({path.partition(".")[0] for path in wanted})
    return tuple(number for name in names for number in part(name).numbers if number.path in wanted)


def references() -> Mapping[str, Reference]:
    """Return every source Garland may cite, by key, read-only."""
    return _library().references()
