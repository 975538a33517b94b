"""What every part of a case shares: frozen, no unknown keys, sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from garland.errors import did_you_mean
from garland.records.values import Number, _Cause, _Flag, _Name, _Text, _Word, refuse
from garland.records.vocabulary import VOCABULARIES

Side = Annotated[str, _Name("side")]
SIDE_REMEDY = "write left, right or both (unstated if the source does not say)"
YesNo = Annotated[bool, _Flag()]
Words = Annotated[str, _Text()]
CauseName = Annotated[str, _Cause()]
OthersNormal = Annotated[str, _Word(("normal",))]
Finding = TypeVar("Finding")


class Part(BaseModel):
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
        for key in value:
            if key not in cls.model_fields:
                refuse("is not a key used here", _nearest(str(key), names), key, (str(key),))
        return value


def _nearest(key: str, names: list[str]) -> str:
    return did_you_mean(key, [name.replace("_", "-") for name in names]).replace("-", "_")


class _BySide(Part, Generic[Finding]):
    """Findings for the left, the right, both sides, or (``unstated``) a side that the source leaves out."""

    left: Finding | None = None
    right: Finding | None = None
    both: Finding | None = None
    unstated: Finding | None = None

    @model_validator(mode="before")
    @classmethod
    def _spell_sides(cls, value: Any) -> Any:
        """Take ``L``, ``R``, ``Left`` and ``bilateral`` for the side meant."""
        if not isinstance(value, Mapping):
            return value
        known = VOCABULARIES["side"]
        spelt: dict[Any, Any] = {}
        for key, item in value.items():
            side = (known.find(key) if isinstance(key, str) else None) or key
            if side in spelt:
                refuse(f"gives the side {side} twice", "write each side once", key, (str(key),))
            spelt[side] = item
        return spelt

    @model_validator(mode="after")
    def _one_finding_per_side(self) -> _BySide[Finding]:
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


def number(unit: str, low: float, high: float, *words: str) -> Number:
    """Kind of a number, as used in the fields of a part."""
    return Number(unit, low, high, words)


def word(*words: str) -> _Word:
    """Kind of a word out of a list."""
    return _Word(tuple(words))
