"""What the examiner of a study concluded, in his own words, as weak observations.

Words stand for items of `findings/conclusion.yaml`. What follows *no*, *not* or *rather than* in a clause is
said not to be so; a clause that leaves something open says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from garland.evidence.findings import NO, YES
from garland.inference.observations import _Observation, _unsided
from garland.model.findings import FINDINGS

_FIELD, _LABEL = "conclusion", "conclusion of the study"
_ITEMS = FINDINGS[_FIELD].item
_WORDS = {name: re.compile("|".join(one["said"])) for name, one in _ITEMS.items() if "said" in one}
_CLAUSES = re.compile(r"[;:.](?:\s|$)|\b(?:but|however|although|with)\b")
_NEGATION = re.compile(r"\b(?:no|not|nor|without|absence of|rather than)\b")
_OPEN = re.compile(r"exclud|rule[sd]? out|ruling out")
_ORDER = ("l1", "l2", "l3", "l4", "l5", "s1", "s2")
_ROOT = "root"
_LEVELS = re.compile(r"\b([ls][1-5])(?:\s*(?:-|\u2013|/|to|and|or|,)\s*([ls]?[1-5]))?\b")


def _encode_conclusions(impressions: Iterable[str]) -> Iterator[_Observation]:
    """Yield what conclusions say; one in which no known word stands says nothing."""
    for text in impressions:
        for clause in _CLAUSES.split(text.lower()):
            if _OPEN.search(clause):
                continue
            so, *not_so = _NEGATION.split(clause)
            for items in _named(so):
                where = tuple(address for item in items for address in _unsided(_FIELD, item))
                yield _Observation(_LABEL, _FIELD, text, where, *YES)
            for item in (item for part in not_so for items in _named(part) for item in items):
                yield _Observation(_LABEL, _FIELD, text, _unsided(_FIELD, item), *NO)


def _unread_conclusions(impressions: Iterable[str]) -> Iterator[str]:
    """Yield the conclusions that say nothing here."""
    return (text for text in impressions if not list(_encode_conclusions((text,))))


def _named(words: str) -> Iterator[tuple[str, ...]]:
    """Yield the items that words name; roots whose levels are told are one item of any of these."""
    for name, pattern in _WORDS.items():
        if pattern.search(words):
            yield (_levels(words) or (name,)) if name == _ROOT else (name,)


def _levels(words: str) -> tuple[str, ...]:
    """Return the items of the roots that words name, from the first to the last of each range."""
    found: list[str] = []
    for first, last in _LEVELS.findall(words):
        end = last if last[:1] in ("l", "s") else f"{first[0]}{last}" if last else first
        if {first, end} <= set(_ORDER):
            found += _ORDER[_ORDER.index(first) : _ORDER.index(end) + 1]
    return tuple(dict.fromkeys(f"{_ROOT}-{level}" for level in found if f"{_ROOT}-{level}" in _ITEMS))
