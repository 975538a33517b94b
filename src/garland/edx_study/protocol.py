"""Named protocols: which tests are done, on which side, in which order, and what they cost.

A file holds ``title``, ``description``, ``source``, ``standing`` and, in order of testing, the lists
``motor``, ``sensory``, ``f_waves``, ``h_reflexes`` and ``needle``, each entry a test and its side::

    motor:
      - femoral-vastus-medialis: both
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from garland.anatomy.tree import load as load_anatomy
from garland.errors import EvidenceError, InputError, did_you_mean
from garland.evidence import STANDINGS, part, read_yaml, references

_A = load_anatomy()
_FOLDER = Path(__file__).resolve().parent.parent / "evidence" / "protocols"
SIDE_RULES = ("affected", "both", "left", "right")
"""On which side a test is done; ``affected`` is the worse one."""
LISTS = ("motor", "sensory", "f_waves", "h_reflexes", "needle")
"""Kinds of tests, in the order of a report."""
_TEXTS = ("title", "description")
_KEYS = (*_TEXTS, "source", "standing", *LISTS)


@dataclass(frozen=True)
class _ProtocolItem:
    """One test of a protocol.

    Attributes
    ----------
    name : str
        Study or muscle; of F waves the nerve and of H reflexes the muscle, as in the findings.
    side : str
        One of `SIDE_RULES`.
    """

    name: str
    side: str

    def sides(self, worse: int) -> tuple[int, ...]:
        """Return the sides to test, 0 left and 1 right, the worse one (`worse`) first."""
        return {"affected": (worse,), "both": (worse, 1 - worse), "left": (0,), "right": (1,)}[self.side]


@dataclass(frozen=True)
class Protocol:
    """A protocol.

    Attributes
    ----------
    name, title, description : str
        Short name, heading, and what it is for.
    motor, sensory, f_waves, h_reflexes, needle : tuple of Item
        Tests in order.
    source, standing : str
        Where the choice of tests comes from, and how sure that is; a user's own file need not say.
    """

    name: str
    title: str
    description: str
    motor: tuple[_ProtocolItem, ...] = ()
    sensory: tuple[_ProtocolItem, ...] = ()
    f_waves: tuple[_ProtocolItem, ...] = ()
    h_reflexes: tuple[_ProtocolItem, ...] = ()
    needle: tuple[_ProtocolItem, ...] = ()
    source: str = ""
    standing: str = ""

    @property
    def minutes(self) -> float:
        """Time it takes [min]."""
        each = part("study/cost").table("minutes")
        return sum(each[kind] * _count(getattr(self, kind)) for kind in LISTS)

    @property
    def insertions(self) -> int:
        """Needle insertions [-]."""
        return round(part("study/cost").value("insertions") * _count(self.needle))


def protocol_names() -> tuple[str, ...]:
    """Return the names of the protocols that come with Garland, sorted."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.yaml")))


def load_protocol(name: str) -> Protocol:
    """Return a protocol by name, or one of the user's own by file."""
    if name in protocol_names():
        protocol = _parse_protocol(name, read_yaml(_FOLDER / f"{name}.yaml"), f"{name}.yaml")
        _check_source(protocol)
        return protocol
    path = Path(name)
    if path.suffix.lower() not in (".yaml", ".yml", ".json") and len(path.parts) == 1:
        raise InputError("protocol", name, "is not a protocol", did_you_mean(name, protocol_names()))
    from garland.records.reading import load_file

    return _parse_protocol(path.stem, load_file(path), str(path))


def _parse_protocol(name: str, written: object, where: str) -> Protocol:
    """Return the protocol that a file holds."""
    if not isinstance(written, Mapping):
        raise InputError(where, type(written).__name__, "is not a protocol", "write title and lists of tests")
    for key in written:
        if key not in _KEYS:
            hint = did_you_mean(str(key), _KEYS)
            raise InputError(f"{where}: {key}", key, "is not a part of a protocol", hint)
    title = written.get("title", name)
    texts = [title, written.get("description", title)]
    for key, text in zip(_TEXTS, texts, strict=True):
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"{where}: {key}", text, "is not a text", "write it in words, in quotes")
    lists = {kind: _items(f"{where}: {kind}", kind, written.get(kind)) for kind in LISTS}
    if not any(lists.values()):
        raise InputError(where, "no tests", "has nothing to do", f"name tests under {', '.join(LISTS)}")
    source = written.get("source")
    key = str(source.get("key", "")) if isinstance(source, Mapping) else ""
    return Protocol(
        name=name,
        title=texts[0],
        description=texts[1],
        **lists,
        source=key,
        standing=str(written.get("standing", "")),
    )


def _items(where: str, kind: str, written: object) -> tuple[_ProtocolItem, ...]:
    if written is None:
        return ()
    if not isinstance(written, list):
        remedy = "write '- sural: both', one test a line"
        raise InputError(where, type(written).__name__, "is not a list of tests", remedy)
    found = [_item(f"{where}[{i}]", kind, entry) for i, entry in enumerate(written)]
    for i, item in enumerate(found):
        if item.name in [before.name for before in found[:i]]:
            remedy = "name it once, with side both"
            raise InputError(f"{where}[{i}]", item.name, "is named twice", remedy)
    return tuple(found)


def _item(where: str, kind: str, written: object) -> _ProtocolItem:
    """Return one entry: ``{sural: both}``, or ``sural`` alone for the affected side."""
    entry: Any = {written: "affected"} if isinstance(written, str) else written
    if not isinstance(entry, Mapping) or len(entry) != 1:
        raise InputError(where, written, "is not one test with its side", "write '- sural: both'")
    ((word, side),) = entry.items()
    if side not in SIDE_RULES:
        raise InputError(where, side, "is not a side", f"use one of {', '.join(SIDE_RULES)}")
    return _ProtocolItem(_named(where, kind, str(word)), side)


def _named(where: str, kind: str, word: str) -> str:
    """Return the name of a test that a word stands for, or refuse it with a suggestion."""
    if kind == "needle":
        return _resolved(where, _A.resolve_muscle, word)
    known = {
        "motor": {name: name for name in _A.motor_study_ids},
        "sensory": {name: name for name in _A.sensory_study_ids},
        "f_waves": {study.id: item for study, item in zip(_A.f_studies, _A.f_ids, strict=True)},
        "h_reflexes": {study.id: item for study, item in zip(_A.h_studies, _A.h_ids, strict=True)},
    }[kind]
    if word in known.values():
        return word
    study = _resolved(where, _A.resolve_study, word)
    if study not in known:
        rule = f"is not a test for {kind.replace('_', ' ')}"
        raise InputError(where, word, rule, f"use one of {', '.join(known)}")
    return known[study]


def _resolved(where: str, resolve: Any, word: str) -> str:
    try:
        return str(resolve(word))
    except InputError as error:
        raise InputError(where, word, error.rule, error.remedy) from None


def _count(items: tuple[_ProtocolItem, ...]) -> int:
    return sum(len(item.sides(0)) for item in items)


def _check_source(protocol: Protocol) -> None:
    """Refuse a protocol of Garland's own whose source or standing is not known."""
    known = references()
    if protocol.source not in known or protocol.standing not in STANDINGS:
        raise EvidenceError(f"protocols/{protocol.name}: needs a known source and standing; add both")
    if protocol.standing in ("measured", "derived") and not known[protocol.source].seen:
        raise EvidenceError(f"protocols/{protocol.name}: is {protocol.standing} but its source was not read")
