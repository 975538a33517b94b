"""A study as plain values: tables and words, for JSON; traces stay in the files."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from garland.edx_study.records import Cell, Study

_SIGNALS = ("plates", "sounds")


def as_dict(study: Study) -> dict[str, Any]:
    """Return the study without its signals."""
    return {"simulated": True} | {
        name: _plain(value) for name, value in vars(study).items() if name not in _SIGNALS
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Cell):
        said = {name: entry for name, entry in vars(value).items() if entry not in (None, "", 0)}
        said.pop("digits", None)
        return said if value.value is None else {**said, "value": round(value.value, value.digits + 2)}
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return value
