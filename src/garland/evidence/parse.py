"""From one YAML file of evidence to numbers, refusing whatever is incomplete or written twice."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

from garland.errors import EvidenceError, did_you_mean
from garland.evidence.number import SHAPES, Node, Number, Reference, _Distribution
from garland.evidence.parts import Part

if TYPE_CHECKING:
    from yaml import SafeLoader as _BaseLoader
else:
    _BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BaseLoader):
    """Safe loader that refuses a key written twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build one mapping from `node` (values too if `deep`); a repeated key raises ``EvidenceError``."""
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            line = node.start_mark.line + 1
            raise EvidenceError(f"line {line}: key {', '.join(twice)} is written twice; keep one")
        return mapping


def read_yaml(path: Path) -> Any:
    """Read one YAML file into plain values."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise EvidenceError(f"{path}: cannot be read ({problem.strerror}); check the name") from problem
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as problem:
        where = " ".join(str(problem).split())
        raise EvidenceError(f"{path}: is not YAML ({where}); quote texts with a colon or comma") from problem
    except EvidenceError as problem:
        raise EvidenceError(f"{path}: {problem}") from None


STANDINGS = ("measured", "derived", "recalled", "assumed")
"""How a number came to be: read in its source, computed from such, remembered, or taken for granted."""
UNMEASURED = ("recalled", "assumed")
"""Standings that a reader must be told about."""

REQUIRED = ("description", "unit", "source", "standing")
OPTIONAL = ("value", "values", "trusted", "open_question", "note")
MARKS = frozenset((*REQUIRED, "value", "values"))
ABOUT = "about"


def _parse_part(path: str, raw: object, known: Mapping[str, Reference]) -> Part:
    """Read one file's content."""
    numbers: dict[str, Number] = {}
    groups: dict[str, Part] = {}
    for name, entry in _mapping(path, raw).items():
        place = f"{path}.{name}"
        if name == ABOUT and isinstance(entry, str):
            continue
        fields = _mapping(place, entry)
        if MARKS.isdisjoint(fields):
            inside = {key: _parse_number(f"{place}.{key}", value, known) for key, value in fields.items()}
            groups[name] = Part(place, inside, {})
        else:
            numbers[name] = _parse_number(place, fields, known)
    return Part(path, numbers, groups)


def _parse_number(path: str, raw: object, known: Mapping[str, Reference]) -> Number:
    """Read one number."""
    fields = _mapping(path, raw)
    _check_keys(path, fields)
    source, where = _source(path, fields["source"])
    standing = _standing(path, fields["standing"], source, known)
    node = _node(path, fields["value"] if "value" in fields else _mapping(path, fields["values"]))
    low, high = _trusted(path, fields.get("trusted"))
    for value in _leaves(node):
        if (low is not None and value < low) or (high is not None and value > high):
            raise EvidenceError(f"{path}: value {value:g} lies outside trusted {low} to {high}; mend either")
    return Number(
        path=path,
        name=path.rpartition(".")[2],
        description=_text(path, "description", fields["description"]),
        unit=_text(path, "unit", fields["unit"]),
        node=node,
        source=source,
        where=where,
        standing=standing,
        low=low,
        high=high,
        open_question=_optional_text(path, "open_question", fields),
        note=_optional_text(path, "note", fields),
    )


def _parse_references(path: str, raw: object) -> dict[str, Reference]:
    """Read the list of sources."""
    found: dict[str, Reference] = {}
    for key, entry in _mapping(path, raw).items():
        place = f"{path}.{key}"
        fields = _mapping(place, entry)
        for name in fields:
            if name not in ("citation", "address", "seen", "note"):
                raise EvidenceError(f"{place}: unknown key {name!r}; use citation, address, seen, note")
        if not isinstance(fields.get("seen"), bool):
            raise EvidenceError(f"{place}: does not say seen: true or seen: false; add it")
        address = _optional_text(place, "address", fields)
        if fields["seen"] and address is None:
            raise EvidenceError(f"{place}: is seen but has no address; add where it was read")
        citation = _text(place, "citation", fields.get("citation"))
        found[key] = Reference(key, citation, address, fields["seen"], _optional_text(place, "note", fields))
    return found


def _mapping(path: str, raw: object) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping) or not raw:
        raise EvidenceError(f"{path}: {raw!r} is not a mapping of names; write name: {{...}}")
    for key in raw:
        if not isinstance(key, str):
            raise EvidenceError(f"{path}: key {key!r} is not text; put it in quotes")
    return raw


def _check_keys(path: str, fields: Mapping[str, Any]) -> None:
    missing = [key for key in REQUIRED if key not in fields]
    if missing:
        raise EvidenceError(f"{path}: has no {' and no '.join(missing)}; add it")
    if ("value" in fields) == ("values" in fields):
        raise EvidenceError(f"{path}: needs either value or values; write one of them")
    for key in fields:
        if key not in REQUIRED + OPTIONAL:
            raise EvidenceError(f"{path}: unknown key {key!r}; {did_you_mean(key, REQUIRED + OPTIONAL)}")


def _source(path: str, raw: object) -> tuple[str, str]:
    fields = _mapping(f"{path}.source", raw)
    if set(fields) != {"key", "where"}:
        raise EvidenceError(f"{path}: source needs just key and where; write {{key: ..., where: ...}}")
    return _text(path, "source key", fields["key"]), _text(path, "source where", fields["where"])


def _standing(path: str, raw: object, source: str, known: Mapping[str, Reference]) -> str:
    if not isinstance(raw, str) or raw not in STANDINGS:
        raise EvidenceError(f"{path}: standing {raw!r} is unknown; use one of {', '.join(STANDINGS)}")
    if source not in known:
        hint = did_you_mean(source, known)
        raise EvidenceError(f"{path}: source {source!r} is not in references.yaml; {hint}")
    if raw in ("measured", "derived") and not known[source].seen:
        raise EvidenceError(f"{path}: is {raw} but nobody has read {source}; write recalled or assumed")
    return raw


def _node(path: str, raw: object) -> Node:
    if isinstance(raw, Mapping) and "distribution" in raw:
        return _distribution(path, _mapping(path, raw))
    if isinstance(raw, Mapping):
        inner = _mapping(path, raw)
        return MappingProxyType({key: _node(f"{path}.{key}", entry) for key, entry in inner.items()})
    if isinstance(raw, list) and raw:
        return tuple(_node(f"{path}[{i}]", entry) for i, entry in enumerate(raw))
    return _float(path, raw)


def _distribution(path: str, raw: Mapping[str, Any]) -> _Distribution:
    name = raw["distribution"]
    if not isinstance(name, str) or name not in SHAPES:
        raise EvidenceError(f"{path}: distribution {name!r} is unknown; use one of {', '.join(SHAPES)}")
    first, second = SHAPES[name]
    if set(raw) != {"distribution", first, second}:
        raise EvidenceError(f"{path}: {name} needs {first} and {second}, nothing else; write these two")
    made = _Distribution(name, _float(f"{path}.{first}", raw[first]), _float(f"{path}.{second}", raw[second]))
    if made.spread <= 0:
        raise EvidenceError(f"{path}: spread {made.spread:g} is not above zero; widen it or write a value")
    if name == "lognormal" and made.first <= 0:
        raise EvidenceError(f"{path}: median {made.first:g} of a lognormal is not above zero; use normal")
    return made


def _float(path: str, raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        hint = "write 1.0e-6 for 1e-6" if isinstance(raw, str) else "write a finite number"
        raise EvidenceError(f"{path}: {raw!r} is not a number; {hint}")
    return float(raw)


def _trusted(path: str, raw: object) -> tuple[float | None, float | None]:
    if raw is None:
        return None, None
    fields = _mapping(f"{path}.trusted", raw)
    if not set(fields) <= {"low", "high"}:
        raise EvidenceError(f"{path}: trusted knows low and high only; write {{low: ..., high: ...}}")
    bounds = {key: _float(f"{path}.trusted.{key}", value) for key, value in fields.items()}
    return bounds.get("low"), bounds.get("high")


def _leaves(node: Node) -> Iterator[float]:
    if isinstance(node, _Distribution):
        yield from (node.first, node.second) if node.name == "uniform" else (node.first,)
    elif isinstance(node, tuple):
        for entry in node:
            yield from _leaves(entry)
    elif isinstance(node, Mapping):
        for entry in node.values():
            yield from _leaves(entry)
    else:
        yield node


def _text(path: str, what: str, raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise EvidenceError(f"{path}: {what} {raw!r} is not a text; write it in words (quotes around digits)")
    return " ".join(raw.split())


def _optional_text(path: str, what: str, fields: Mapping[str, Any]) -> str | None:
    return _text(path, what, fields[what]) if fields.get(what) is not None else None
