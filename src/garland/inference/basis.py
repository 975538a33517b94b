"""What an answer rests on that nobody has measured: recalled and assumed numbers, by station and cause."""

from __future__ import annotations

from collections.abc import Iterable

from garland.evidence import part
from garland.inference.result import Basis
from garland.model.diseases import DISEASES

_SHARED_PARTS = (
    "person", "vessels/glycaemia", "vessels/wall", "vessels/oxygen", "vessels/ischaemia",
    "vessels/inflammation", "vessels/immunity", "vessels/immunity_shapes",
    "fibres/degeneration", "fibres/regrowth", "fibres/sprouting", "fibres/muscle", "fibres/injury",
    "bedside/strength", "bedside/reflexes", "bedside/sensation", "bedside/pain", "bedside/walking",
    "recordings/conduction", "recordings/needle", "recordings/noise", "causes/baseline",
)  # fmt: skip
_FAMILY_PARTS = ("radiculoplexus", "plexopathy")
"""Families of causes with numbers in common, in evidence/parameters/causes."""


def _basis_of(causes: Iterable[int]) -> tuple[Basis, ...]:
    """Return the recalled and assumed numbers of the shared stations and of some causes."""
    leading = [DISEASES[cause] for cause in causes]
    own = [f"causes/{cause.evidence}" for cause in leading]
    of_family = [f"causes/{cause.family}" for cause in leading if cause.family in _FAMILY_PARTS]
    names = dict.fromkeys([*_SHARED_PARTS, *of_family, *own])
    numbers = [number for name in names for number in part(name).numbers]
    return tuple(
        Basis(n.path, n.description, n.unit, n.standing, n.source)
        for n in numbers
        if n.standing in ("recalled", "assumed")
    )
