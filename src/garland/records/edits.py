"""A record with some of its values changed, by the paths that error messages name them with.

A path is the keys from the outermost inwards, with positions of list items in brackets from 0:
``visits[0].examination.reflexes.left.knee``. Every change gives a new case, checked as a file would be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from garland.errors import InputError, did_you_mean
from garland.records.case import Case
from garland.records.reading import _case_mapping, parse_case

_STEP = re.compile(r"\[(\d{1,6})\]|(?:^|(?<=.)\.)([^.\[\]]+)")
_LIKE_THIS = "write a path such as visits[0].examination.reflexes.left.knee"


def with_values(case: Case, values: Mapping[str, object]) -> Case:
    """Return a case with some values set; mappings on the way to them are made, list items are not."""
    plain = _case_mapping(case)
    for path, value in values.items():
        steps = _steps(path)
        home, last = _home(plain, steps, path, making=True), steps[-1]
        if isinstance(home, list):
            home[_item(home, last, path)] = value
        else:
            home[last] = value
    return parse_case(plain)


def without(case: Case, path: str) -> Case:
    """Return a case without what stands at a path; what holds nothing any more goes with it."""
    plain = _case_mapping(case)
    steps = _steps(path)
    home, last = _home(plain, steps, path), steps[-1]
    if isinstance(home, list):
        del home[_item(home, last, path)]
    elif last in home:
        del home[last]
    else:
        remedy = did_you_mean(str(last), map(str, home)) if home else "there is nothing to remove"
        raise InputError(path, last, "is not in the record", remedy)
    _drop_empty(plain, steps[:-1])
    return parse_case(plain)


def with_added(case: Case, path: str, item: object) -> Case:
    """Return a case with an item put at the end of a list, which is made where there is none."""
    plain = _case_mapping(case)
    steps = _steps(path)
    home, last = _home(plain, steps, path, making=True), steps[-1]
    if isinstance(home, dict):
        home.setdefault(last, [])
    found = home[_item(home, last, path)] if isinstance(home, list) else home[last]
    if not isinstance(found, list):
        raise InputError(path, found, "is not a list", "set a value, or name the list to add to")
    found.append(item)
    return parse_case(plain)


def _steps(path: str) -> list[str | int]:
    """Return the keys and positions that a path goes by."""
    found = list(_STEP.finditer(path))
    if not found or "".join(step[0] for step in found) != path:
        raise InputError("path", path, "is not a path in a record", _LIKE_THIS)
    return [int(step[1]) if step[1] is not None else step[2] for step in found]


def _home(plain: dict[str, Any], steps: list[str | int], path: str, making: bool = False) -> Any:
    """Return the mapping or list that holds the last step of a path, its mappings made if asked for."""
    at: Any = plain
    for step, coming in zip(steps, [*steps[1:], None], strict=True):
        if not isinstance(at, list if isinstance(step, int) else dict):
            raise InputError(path, step, "leads nowhere in this record", _LIKE_THIS)
        if coming is None:
            return at
        if isinstance(at, list):
            at = at[_item(at, step, path)]
        elif making and isinstance(coming, str):
            at = at.setdefault(step, {})
        else:
            at = at.get(step, [] if isinstance(coming, int) else {})
    return at


def _item(items: list[Any], step: str | int, path: str) -> int:
    """Return the position of a list item that must be there already."""
    if not isinstance(step, int) or step >= len(items):
        raise InputError(path, step, f"is not one of the {len(items)} items of the list", "add an item")
    return step


def _drop_empty(plain: dict[str, Any], steps: list[str | int]) -> None:
    """Take away mappings and lists that a removal has left empty, from within outwards."""
    for end in range(len(steps), 0, -1):
        home: Any = plain
        for step in steps[: end - 1]:
            home = home[step]
        last: Any = steps[end - 1]
        if home[last] or isinstance(home, list):
            return
        del home[last]
