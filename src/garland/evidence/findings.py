"""What a finding is, declared once: `findings/*.yaml` says of every field its scale, words, noise and names.

The model, inference, records and cohorts read the declarations; a formula in `garland.model` gives the value.
A new finding is one entry there and one formula. The order of files and entries is the order of columns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from garland.errors import EvidenceError, did_you_mean
from garland.evidence.parse import read_yaml

FOLDER = Path(__file__).resolve().parent / "findings"
_GROUPS = (
    "strength", "reflexes", "sensation", "signs", "needle", "conduction", "late_responses", "history",
    "laboratory", "imaging",
)  # fmt: skip
Interval = tuple[float, float]
NO: Interval = (-math.inf, 0.0)
YES: Interval = (0.0, math.inf)
_KINDS = (
    "grade", "presence", "ratio", "amplitude", "fall", "time", "response", "tempo", "level",
)  # fmt: skip


def _nothing() -> Any:
    return field(default_factory=dict)


@dataclass(frozen=True)
class FindingKind:
    """One declared field. Words are intervals of the scale; `record` holds the keys of its record."""

    name: str
    group: str
    description: str
    unit: str = ""
    kind: str = ""
    items: str | Sequence[str] = ""  # a list of the anatomy by name, or the items themselves
    noise: float | str = 0.0  # standard deviation of one observation, or which table has it
    part: str = ""  # of the examination, as explanations speak of it
    sided: bool = True
    modelled: bool = True  # else kept in the record and not used
    scale: str = "plain"  # or ln
    formula: str = "scale"  # or value: the model gives the value and its logarithm is taken
    words: Mapping[str, Interval] = _nothing()
    may_mean: Mapping[str, Interval] = _nothing()  # words that people use for more than that
    printed: Mapping[str, Any] = _nothing()  # words for an expected value, each up to a limit
    written: Sequence[int | str] = ()  # what an examiner writes, from low to high
    column: Mapping[str, Any] = _nothing()  # of a cohort: ending of its name, unit (UCUM), values
    results: Mapping[str, Any] = _nothing()  # what could have been found instead, and its word or interval
    normal_results: Sequence[str] = ()
    phrase: Mapping[str, Any] = _nothing()
    test: Mapping[str, Any] = _nothing()  # the candidate test: label, cost, cuts, results
    record: Mapping[str, Mapping[str, Any]] = _nothing()  # keys of a row of its table
    read_from: Sequence[str] = ()
    or_else: Mapping[str, Mapping[str, Any]] = _nothing()  # other keys of the row, where these are silent
    others_normal: str = ""  # word that "all others normal" stands for
    tells: Mapping[str, Mapping[str, Any]] = _nothing()
    tells_unless_recorded: Mapping[str, Mapping[str, Any]] = _nothing()
    needs: str = ""  # the response without which there is nothing to measure
    row: str = ""  # key of a row of the conduction table
    slow: str = ""  # its word beyond the limit
    item: Mapping[str, Mapping[str, Any]] = _nothing()  # what single items add

    @property
    def log(self) -> bool:
        """Whether the scale is a natural logarithm."""
        return self.scale == "ln"

    def read(self, word: str) -> Interval | None:
        """Return all that people mean by a declared word, None for any other."""
        return self.may_mean.get(word, self.words.get(word))

    def interval(self, word: object) -> Interval:
        """Return the interval of a declared word, or one written out with null for an open end."""
        return self.words[word] if isinstance(word, str) else _interval(word, self.name)


def _interval(raw: Any, path: str) -> Interval:
    if isinstance(raw, Sequence) and len(raw) == 2 and not isinstance(raw, str):
        low, high = (-math.inf if raw[0] is None else raw[0]), (math.inf if raw[1] is None else raw[1])
        if all(isinstance(end, int | float) for end in (low, high)) and low < high:
            return float(low), float(high)
    raise EvidenceError(f"{path}: {raw!r} is not an interval; write [low, high], null for an open end")


def _one(path: str, group: str, name: str, raw: object) -> FindingKind:
    """Return a declared field; what is missing or unknown is named."""
    if not isinstance(raw, Mapping):
        raise EvidenceError(f"{path}: is not a mapping; write 'key: value' lines")
    known = {f.name for f in fields(FindingKind)} - {"name", "group"}
    for key in raw:
        if key not in known:
            raise EvidenceError(f"{path}.{key}: is not a key of a finding; {did_you_mean(str(key), known)}")
    needed = ["description"]
    if raw.get("modelled", True):
        needed += ["unit", "kind", "items", "noise", "part"]
    for key in needed:
        if key not in raw:
            raise EvidenceError(f"{path}: {key} is missing; declare it")
    kind = raw.get("kind", "")
    if kind and kind not in _KINDS:
        raise EvidenceError(f"{path}: kind {kind!r} is unknown; use one of {', '.join(_KINDS)}")
    noise = raw.get("noise", 0.0)
    if noise not in ("by study", "by item") and not (isinstance(noise, float) and noise >= 0.0):
        raise EvidenceError(f"{path}.noise: {noise!r} is not a spread; write a number, by study or by item")
    read = {
        key: {str(w): _interval(ends, f"{path}.{key}.{w}") for w, ends in raw.get(key, {}).items()}
        for key in ("words", "may_mean")
    }
    return FindingKind(**{"name": name, "group": group, **raw, **read})


def _declared(folder: Path) -> dict[str, FindingKind]:
    """Return the fields that the files of a folder declare, in the order of columns."""
    found: dict[str, FindingKind] = {}
    later = sorted(file.stem for file in folder.glob("*.yaml") if file.stem not in _GROUPS)
    for group in (*_GROUPS, *later):
        file = folder / f"{group}.yaml"
        for name, raw in (read_yaml(file) if file.exists() else {}).items():
            found[name] = _one(f"findings/{group}.{name}", group, name, raw)
    return dict(sorted(found.items(), key=lambda entry: not entry[1].sided))


@cache
def declared_findings() -> Mapping[str, FindingKind]:
    """Return every declared field by name; those with sides first, as in the vector of findings."""
    return MappingProxyType(_declared(FOLDER))


def _declared_noise() -> dict[str, float]:
    """Return the noise of every field that has one for all its items, on its scale."""
    every = declared_findings().values()
    return {f.name: f.noise for f in every if f.modelled and isinstance(f.noise, float)}
