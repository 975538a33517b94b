"""The numbers of one part (one file), reached by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from garland.errors import EvidenceError, did_you_mean
from garland.evidence.number import Number, Value
from garland.evidence.provenance import _given_or, note_numbers


class Part:
    """Numbers of one evidence file, or of one group in it; read-only.

    ``part.rate_mm_per_day`` is the central value; ``part.number("rate_mm_per_day")`` the whole record.

    Parameters
    ----------
    path : str
        ``fibres/regrowth``, or ``recordings/norms.sural`` for a group.
    numbers : mapping of str to Number
        Numbers by name.
    groups : mapping of str to Part
        Groups by name.
    """

    __slots__ = ("_groups", "_numbers", "_path", "_spreads", "_values")

    def __init__(self, path: str, numbers: Mapping[str, Number], groups: Mapping[str, Part]) -> None:
        object.__setattr__(self, "_path", path)
        object.__setattr__(self, "_numbers", dict(numbers))
        object.__setattr__(self, "_groups", dict(groups))
        object.__setattr__(self, "_values", {name: number.value for name, number in numbers.items()})
        object.__setattr__(self, "_spreads", {})

    _path: str
    _numbers: dict[str, Number]
    _groups: dict[str, Part]
    _values: dict[str, Value]
    _spreads: dict[str, float]

    def __getattr__(self, name: str) -> Any:
        """Return the central value called `name`, or the group of that name."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a number is changed in its file, never in a program."""
        raise AttributeError(f"{self._path}: {name} is read-only; change the evidence file")

    def __getitem__(self, name: str) -> Any:
        """Return the central value called `name` (any spelling, hyphens too), or the group of that name."""
        if name in self._values:
            path = f"{self._path}.{name}"
            note_numbers(path)
            return _given_or(path, self._values[name])
        if name in self._groups:
            return self._groups[name]
        raise self._missing(name, [*self._numbers, *self._groups])

    def __contains__(self, name: object) -> bool:
        """Tell whether a number or group of that name exists."""
        return name in self._numbers or name in self._groups

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the numbers."""
        return iter(self._numbers)

    def __repr__(self) -> str:
        """Name the part and count its numbers."""
        return f"Part({self._path!r}: {len(self._numbers)} numbers, {len(self._groups)} groups)"

    @property
    def path(self) -> str:
        """Where the numbers live, such as ``fibres/regrowth``."""
        return self._path

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the numbers, in file order."""
        return tuple(self._numbers)

    @property
    def group_names(self) -> tuple[str, ...]:
        """Names of the groups, in file order."""
        return tuple(self._groups)

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Every number of this part, those of its groups included."""
        own = tuple(self._numbers.values())
        return own + tuple(number for group in self._groups.values() for number in group.numbers)

    def number(self, name: str) -> Number:
        """Return the whole record of one number."""
        if name not in self._numbers:
            raise self._missing(name, self._numbers)
        note_numbers(f"{self._path}.{name}")
        return self._numbers[name]

    def group(self, name: str) -> Part:
        """Return one group of numbers."""
        if name not in self._groups:
            raise self._missing(name, self._groups)
        return self._groups[name]

    def replaced(self, values: Mapping[str, Any], spreads: Mapping[str, Any]) -> Part:
        """Return a copy of this part with other central values and spreads; for calibration and what-ifs."""
        for name in (*values, *spreads):
            self.number(name)
        copy = Part(self._path, self._numbers, self._groups)
        copy._values.update(values)
        copy._spreads.update(spreads)
        return copy

    def value(self, name: str) -> float:
        """Return a single central value, typed."""
        self.number(name)
        found = self._values[name]
        if isinstance(found, (Mapping, tuple)):
            raise EvidenceError(f"{self._path}.{name}: is a table, not one value; use table() or row()")
        return cast(float, _given_or(f"{self._path}.{name}", found))

    def table(self, name: str) -> Mapping[str, float]:
        """Return a table of central values by name, typed."""
        self.number(name)
        found = self._values[name]
        if not isinstance(found, Mapping):
            raise EvidenceError(f"{self._path}.{name}: is not a table by name; use value() or row()")
        return {key: self._single(name, entry) for key, entry in found.items()}

    def entry(self, name: str, key: str) -> float:
        """Return one entry of a table; a key that the table lacks is named."""
        table = self.table(name)
        if key not in table:
            raise EvidenceError(f"{self._path}.{name}: has no {key!r}; {did_you_mean(key, table)}")
        return table[key]

    def row(self, name: str) -> tuple[float, ...]:
        """Return a row of central values, typed."""
        self.number(name)
        found = self._values[name]
        if not isinstance(found, tuple):
            raise EvidenceError(f"{self._path}.{name}: is not a row; use value() or table()")
        return tuple(self._single(name, entry) for entry in found)

    def spread(self, name: str) -> float:
        """Return the spread of a single value.

        Standard deviation in the number's unit; for a lognormal that of the natural log [-].
        """
        distribution = self.number(name).distribution
        if distribution is None:
            raise EvidenceError(f"{self._path}.{name}: has no distribution; write one in the evidence file")
        return self._spreads.get(name, distribution.spread)

    def _single(self, name: str, entry: Value) -> float:
        if not isinstance(entry, float):
            raise EvidenceError(f"{self._path}.{name}: is a nested table; reach it as an attribute instead")
        return entry

    def _missing(self, name: str, known: Mapping[str, object] | list[str]) -> EvidenceError:
        return EvidenceError(f"{self._path}: has no {name!r}; {did_you_mean(name, known)}")
