"""The published cases that come with Garland, and which causes count as right for each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from garland.errors import InputError, did_you_mean
from garland.records.case import Case
from garland.records.reading import read_case

_FOLDER = Path(__file__).resolve().parents[1] / "evidence" / "cases"


def shipped_cases() -> list[tuple[str, Path]]:
    """Identifiers and files of the published cases, in order of their numbers."""
    return [(path.stem, path) for path in sorted(_FOLDER.glob("*.yaml"))]


@cache
def shipped_case(identifier: str) -> Case:
    """Published case by its identifier (``04-diabetic-amyotrophy-jkna-56m``) or number (``04``).

    Raises
    ------
    InputError
        If there is no such case.
    """
    known = dict(shipped_cases())
    matches = [path for name, path in known.items() if identifier in (name, name.split("-")[0])]
    if not matches:
        raise InputError(
            "case", identifier, "is not one of the published cases", did_you_mean(identifier, known)
        )
    return read_case(matches[0])


def accepted_causes(identifier: str) -> tuple[str, ...]:
    """Causes that count as the published diagnosis of a shipped case."""
    published = shipped_case(identifier).published
    return published.accepted_causes if published is not None else ()
