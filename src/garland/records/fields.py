"""The kinds of field that a record is made of, and the base of its parts.

A number keeps its bounds and unit, a word its list, a name its vocabulary. Bounds are limits of what can be
written down, not of what is normal. Missing (no key), zero, ``absent`` (no response), ``not-done`` differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from garland.anatomy.terminology import normalise, terms
from garland.errors import did_you_mean

PROBLEM = "garland"
MAX_TEXT = 4000


def refuse(rule: str, remedy: str, value: object, at: tuple[str | int, ...] = ()) -> NoReturn:
    """Raise the one error that the reader turns into `garland.errors.InputError`."""
    _refuse_with({"rule": rule, "remedy": remedy, "value": value, "at": at}, ())


def _refuse_with(context: dict[str, Any], more: Iterable[dict[str, Any]]) -> NoReturn:
    """Raise an error that tells more faults of the same place."""
    raise PydanticCustomError(PROBLEM, "{rule}; {remedy}", {**context, "more": tuple(more)})


@dataclass(frozen=True)
class Kind:
    """A check with its JSON Schema, used as ``Annotated[type, kind]``."""

    def check(self, value: Any) -> Any:
        """Return the value in the one form that the record keeps, or refuse it."""
        raise NotImplementedError("check")

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the form that the record keeps."""
        raise NotImplementedError("schema")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate with `check` alone."""
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe with `schema` alone."""
        return self.schema()


@dataclass(frozen=True)
class NumberKind(Kind):
    """A number with unit and bounds, or one of the words that may stand in its place."""

    unit: str
    low: float
    high: float
    words: tuple[str, ...] = ()

    def check(self, value: Any) -> Any:
        """Accept a finite number within the bounds or one of the words."""
        if isinstance(value, str) and self.words:
            return _one_of(self.words, value, f"is neither a number [{self.unit}] nor a word used here")
        if isinstance(value, bool) or not isinstance(value, int | float):
            refuse("is not a number", f"write a number in {self.unit} without quotes", value)
        if not self.low <= value <= self.high:
            rule = f"is outside what is possible ({self.low:g} to {self.high:g} {self.unit})"
            refuse(rule, f"check the figure and its unit, {self.unit}", value)
        return value

    def schema(self) -> dict[str, Any]:
        """Describe as a bounded number, or a word."""
        number = {
            "type": "number",
            "minimum": self.low,
            "maximum": self.high,
            "description": f"[{self.unit}]",
        }
        return {"anyOf": [number, {"enum": list(self.words)}]} if self.words else number


@dataclass(frozen=True)
class Whole(NumberKind):
    """A whole number with unit and bounds."""

    def check(self, value: Any) -> Any:
        """Accept a whole number within the bounds."""
        found = super().check(value)
        if found != int(found):
            refuse("is not a whole number", f"write a whole number of {self.unit}", value)
        return int(found)

    def schema(self) -> dict[str, Any]:
        """Describe as a bounded whole number."""
        return {**super().schema(), "type": "integer"}


@dataclass(frozen=True)
class _Word(Kind):
    """One word of a list."""

    words: tuple[str, ...]

    def check(self, value: Any) -> Any:
        """Accept a word of the list, in any case, with spaces or hyphens."""
        value = str(value) if type(value) is int else value
        if not isinstance(value, str):
            refuse("is not one of the words used here", f"use one of {', '.join(self.words)}", value)
        return _one_of(self.words, value, "is not one of the words used here")

    def schema(self) -> dict[str, Any]:
        """Describe as an enumeration."""
        return {"enum": list(self.words)}


def _one_of(words: tuple[str, ...], value: str, rule: str) -> str:
    """Word of the list that is meant, or refuse it."""
    plain = normalise(value)
    for meant in (plain, terms().values.get(plain, plain)):
        if meant in words:
            return meant
    refuse(rule, did_you_mean(plain, words), value)


@dataclass(frozen=True)
class _Name(Kind):
    """A name of one of the vocabularies."""

    vocabulary: str

    def check(self, value: Any) -> Any:
        """Accept any known spelling and return the project's name."""
        known = terms().vocabularies[self.vocabulary]
        if not isinstance(value, str):
            refuse(f"is not the name of a {known.what}", known.refusal(str(value))[1], value)
        found = known.find(value)
        if found is None:
            refuse(*known.refusal(value), value)
        return found

    def schema(self) -> dict[str, Any]:
        """Describe as an enumeration of the project's names."""
        return {"enum": list(terms().names(self.vocabulary))}


_SAID = dict.fromkeys(("present", "positive", "mild", "moderate", "severe", "yes"), True) | dict.fromkeys(
    ("absent", "negative", "none", "denied", "no"), False
)
"""Words for something that is there, and for something that is not."""


@dataclass(frozen=True)
class _Flag(Kind):
    """True or false; leaving the key out says nothing."""

    def check(self, value: Any) -> Any:
        """Accept a boolean, or a word that says how much or that it is not there."""
        if isinstance(value, str):
            value = _SAID.get(normalise(value), value)
        if not isinstance(value, bool):
            refuse(
                "is neither true nor false",
                "write true or false, or leave the key out if it is not known",
                value,
            )
        return value

    def schema(self) -> dict[str, Any]:
        """Describe as a boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class _Text(Kind):
    """Free text for a reader; no conclusion is drawn from it."""

    def check(self, value: Any) -> Any:
        """Accept printable text of reasonable length."""
        if not isinstance(value, str):
            refuse("is not text", "put it in quotation marks", value)
        if not value.strip():
            refuse("is empty", "write something or leave the key out", value)
        if len(value) > MAX_TEXT:
            refuse(f"is longer than {MAX_TEXT} characters", "shorten it", value)
        if not all(letter.isprintable() or letter in "\n\t" for letter in value):
            refuse("has characters that cannot be printed", "write plain text", value)
        return value

    def schema(self) -> dict[str, Any]:
        """Describe as text."""
        return {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}


@dataclass(frozen=True)
class _Cause(Kind):
    """Name of a cause as the list of causes spells it (the list itself belongs to a later station)."""

    def check(self, value: Any) -> Any:
        """Accept lower-case words joined by hyphens."""
        if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", value):
            refuse(
                "is not the name of a cause",
                "use lower-case words with hyphens, such as radiculopathy-l4",
                value,
            )
        return value

    def schema(self) -> dict[str, Any]:
        """Describe as a pattern."""
        return {"type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"}


@dataclass(frozen=True)
class FormatVersion(Kind):
    """The one version of a format that there is: 1, under the key that names the format."""

    what: str

    def check(self, value: Any) -> Any:
        """Accept that version alone."""
        if value is True or value != 1:
            refuse(f"is not a version of the {self.what} format", f"write garland_{self.what}: 1", value)
        return 1

    def schema(self) -> dict[str, Any]:
        """Describe as a constant."""
        return {"const": 1}


_DAYS_IN = {"day": 1, "week": 7, "month": 30, "year": 365}


@dataclass(frozen=True)
class _Day(Kind):
    """Days since the first symptom, as a number or as ``2 weeks`` (week 7, month 30, year 365 days)."""

    def check(self, value: Any) -> Any:
        """Accept a number of days or a duration in words."""
        if isinstance(value, str):
            found = re.fullmatch(r"(\d{1,5}(?:\.\d{1,3})?)\s*(day|week|month|year)s?", value.strip().lower())
            if found is None:
                refuse(
                    "is not a number of days", "write days since the first symptom: 14, or '2 weeks'", value
                )
            days = float(found[1]) * _DAYS_IN[found[2]]
            value = int(days) if days.is_integer() else days
        return NumberKind("days", 0, 36500).check(value)

    def schema(self) -> dict[str, Any]:
        """Describe as a number of days."""
        return NumberKind("days since the first symptom", 0, 36500).schema()


@dataclass(frozen=True)
class _Keyed(Kind):
    """A mapping from names of one vocabulary to values of one kind."""

    vocabulary: str
    value: Kind

    def check(self, value: Any) -> Any:
        """Accept a mapping; two spellings of one name with different values are refused."""
        known = terms().vocabularies[self.vocabulary]
        if not isinstance(value, Mapping):
            refuse(
                f"is not a mapping from a {known.what} to its finding",
                "write one 'name: finding' per line",
                value,
            )
        kept: dict[str, Any] = {}
        faults: list[dict[str, Any]] = []
        for key, item in value.items():
            try:
                self._keep(kept, key, item)
            except PydanticCustomError as error:
                faults.append(dict(error.context or {}))
        if faults:
            _refuse_with(faults[0], faults[1:])
        return kept

    def _keep(self, kept: dict[str, Any], key: Any, item: Any) -> None:
        """Add one finding to those kept, or refuse it."""
        name = self._below(_Name(self.vocabulary).check, key, str(key))
        found = self._below(self.value.check, item, str(key))
        if kept.get(name, found) != found:
            rule = f"contradicts {kept[name]!r}, given before for {name}"
            refuse(rule, "keep the one that was found", item, (str(key),))
        kept[name] = found

    @staticmethod
    def _below(check: Callable[[Any], Any], value: Any, key: str) -> Any:
        try:
            return check(value)
        except PydanticCustomError as error:
            detail: dict[str, Any] = dict(error.context or {})
            refuse(detail["rule"], detail["remedy"], value, (key, *detail["at"]))

    def schema(self) -> dict[str, Any]:
        """Describe as an object whose keys are names."""
        names = _Name(self.vocabulary).schema()
        return {"type": "object", "propertyNames": names, "additionalProperties": self.value.schema()}


Side = Annotated[str, _Name("side")]
SIDE_REMEDY = "write left, right or both (unstated if the source does not say)"
YesNo = Annotated[bool, _Flag()]
Words = Annotated[str, _Text()]
CauseName = Annotated[str, _Cause()]
OthersNormal = Annotated[str, _Word(("normal",))]
Finding = TypeVar("Finding")


class RecordPart(BaseModel):
    """A part of a case: frozen, and every key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        """Refuse what is not a mapping, and unknown keys, with a suggestion."""
        if isinstance(value, cls):
            return value
        names = list(cls.model_fields)
        if not isinstance(value, Mapping):
            refuse("is not a mapping", f"write 'key: value' lines here, such as {names[0]}: ...", value)
        spelt: dict[Any, Any] = {}
        for key, item in value.items():
            meant = key if key in cls.model_fields else _key_meant(str(key))
            if meant not in cls.model_fields:
                refuse("is not a key used here", _nearest(str(key), names), key, (str(key),))
            if meant in spelt or (meant != key and meant in value):
                refuse(f"says what {meant} says, too", "keep one of the two", key, (str(key),))
            spelt[meant] = item
        return spelt


def _key_meant(key: str) -> str:
    """Return the key of a record that another word or spelling stands for."""
    plain = re.sub(r"[\s-]+", "_", key.strip().lower())
    return terms().keys.get(plain, plain)


def _nearest(key: str, names: list[str]) -> str:
    return did_you_mean(key, [name.replace("_", "-") for name in names]).replace("-", "_")


class BySide(RecordPart, Generic[Finding]):
    """Findings for the left, the right, both sides, or (``unstated``) a side that the source leaves out."""

    left: Finding | None = None
    right: Finding | None = None
    both: Finding | None = None
    unstated: Finding | None = None

    @model_validator(mode="before")
    @classmethod
    def _spell_sides(cls, value: Any) -> Any:
        """Take ``L``, ``R``, ``Left`` and ``bilateral`` for the side meant."""
        if not isinstance(value, Mapping) or not value:
            return value
        known = terms().vocabularies["side"]
        spelt: dict[Any, Any] = {}
        for key, item in value.items():
            side = (known.find(key) if isinstance(key, str) else None) or key
            if side in spelt:
                refuse(f"gives the side {side} twice", "write each side once", key, (str(key),))
            spelt[side] = item
        return spelt

    @model_validator(mode="after")
    def _one_finding_per_side(self) -> BySide[Finding]:
        """Refuse a finding on both sides that is different on one of them."""
        for side in ("left", "right"):
            one, two = getattr(self, side), self.both
            if isinstance(one, Mapping) and isinstance(two, Mapping):
                for name in one.keys() & two.keys() - {"others"}:
                    if one[name] != two[name]:
                        refuse(
                            f"contradicts {two[name]!r}, given for both sides",
                            "keep one",
                            one[name],
                            (side, name),
                        )
            elif one is not None and two is not None and one != two:
                refuse(
                    f"contradicts {two!r}, given for both sides", "keep the one that was found", one, (side,)
                )
        return self

    def sides(self) -> Iterator[tuple[str, Finding]]:
        """Yield ``("left" | "right" | "unstated", finding)``; ``both`` is yielded for each side.

        A finding on one side comes after the one for both, so that it prevails in a table that is filled.
        """
        for side in ("left", "right", "unstated"):
            for given in (self.both if side != "unstated" else None, getattr(self, side)):
                if given is not None:
                    yield side, given


def _sides_of(side: str | None) -> tuple[str, ...]:
    """Sides that a word speaks of: both of them for ``both``, none for ``unstated`` or None."""
    return {"left": ("left",), "right": ("right",), "both": ("left", "right")}.get(side or "", ())


def number(unit: str, low: float, high: float, *words: str) -> NumberKind:
    """Kind of a number, as used in the fields of a part."""
    return NumberKind(unit, low, high, words)


def word(*words: str) -> _Word:
    """Kind of a word out of a list."""
    return _Word(tuple(words))
