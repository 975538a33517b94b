"""What an answer rests on is what was read for it: numbers of the evidence are noted as they are read.

Numbers that are kept between answers (cached tables, compiled programs) were read once, for the first of
them. `remembered` and `garland.programs` therefore note the same numbers again for every answer that uses
what they keep.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_READERS: ContextVar[tuple[set[str], ...]] = ContextVar("readers", default=())
"""The answers being made, outermost first; threads that work on one are started in a copy of its context."""


@contextmanager
def numbers_read() -> Iterator[set[str]]:
    """Give a set that fills with the paths of the numbers read inside the block.

    Blocks may stand inside each other: what is read in the inner one counts for the outer one as well, as it
    must where a table is made for the first time in the middle of an answer.
    """
    found: set[str] = set()
    token = _READERS.set((*_READERS.get(), found))
    try:
        yield found
    finally:
        _READERS.reset(token)


_GIVEN: ContextVar[Mapping[str, Any]] = ContextVar("given", default=MappingProxyType({}))
"""Numbers that a program takes as arguments while it is traced, by path."""


@contextmanager
def numbers_given(values: Mapping[str, Any]) -> Iterator[None]:
    """Have numbers of the evidence read as these values inside the block, by path; of two blocks the inner
    one counts.
    """
    token = _GIVEN.set({**_GIVEN.get(), **values})
    try:
        yield
    finally:
        _GIVEN.reset(token)


def _given_or(path: str, filed: Any) -> Any:
    """Return the value given for a number, the filed one where none is."""
    return _GIVEN.get().get(path, filed)


def note_numbers(*paths: str) -> None:
    """Tell every answer being made that it rests on these numbers."""
    for found in _READERS.get():
        found.update(paths)


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Keep what a function returned, as `functools.cache` does, together with the numbers that it read."""
    kept: dict[Hashable, tuple[R, frozenset[str]]] = {}

    @wraps(function)
    def recall(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (args, tuple(sorted(kwargs.items())))
        if key not in kept:
            with numbers_read() as found:
                value = function(*args, **kwargs)
            if not found.isdisjoint(_GIVEN.get()):
                return value
            kept[key] = value, frozenset(found)
        value, paths = kept[key]
        note_numbers(*paths)
        return value

    recall.cache_clear = kept.clear  # type: ignore[attr-defined]
    return recall
