"""The examination as recorded: strength, reflexes, sensation, wasting, twitching, stretch signs, walking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from pydantic import create_model, model_validator

from garland.anatomy.terminology import normalise
from garland.evidence.findings import declared_findings
from garland.records.fields import (
    SIDE_REMEDY,
    BySide,
    Kind,
    OthersNormal,
    RecordPart,
    Side,
    Words,
    YesNo,
    _Flag,
    _Keyed,
    _Name,
    _one_of,
    _sides_of,
    _Word,
    refuse,
    word,
)

MRC_WORDS = (
    "normal",
    "mild-weakness",
    "moderate-weakness",
    "severe-weakness",
    "reduced",
    "paralysed",
    "not-done",
)
_MRC_GRADE = re.compile(r"0|1[+]?|[234][+-]?|5-?")
_THIRD = 1 / 3


@dataclass(frozen=True)
class _Mrc(Kind):
    """MRC grade 0..5 with + or -, a range ``0 to 1``, or a word."""

    def check(self, value: Any) -> Any:
        """Accept a grade; plain grades are kept as whole numbers, the rest as text."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            self._refuse(value)
        text = _normalise_grade(
            str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        )
        if any(symbol.isalpha() for symbol in text) and " to " not in text:
            return _one_of(MRC_WORDS, text, "is neither an MRC grade nor a word for strength")
        grades = text.split(" to ")
        if len(grades) > 2 or not all(_MRC_GRADE.fullmatch(grade) for grade in grades):
            self._refuse(value)
        if len(grades) == 2 and _grade_number(grades[0]) >= _grade_number(grades[1]):
            refuse(
                "is not a range from low to high", f"write '{grades[1]} to {grades[0]}' or one grade", value
            )
        return int(text) if text.isdigit() else text

    def _refuse(self, value: object) -> NoReturn:
        refuse(
            "is not an MRC grade",
            "use 0 to 5 with + or - ('4-', 4, '4+'), a range '0 to 1', or a word",
            value,
        )

    def schema(self) -> dict[str, Any]:
        """Describe as a whole number, a signed grade, a range or a word."""
        grade = "(0|1[+]?|[234][+-]?|5-?)"
        signed = {"type": "string", "pattern": f"^{grade}( to {grade})?$"}
        return {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 5}, signed, {"enum": list(MRC_WORDS)}]}


def _normalise_grade(text: str) -> str:
    """Bring ``4 -``, ``4/5`` and ``0–1`` to ``4-``, ``4`` and ``0 to 1``."""
    plain = re.sub(r"\s+", " ", text.strip().lower().replace("−", "-")).removesuffix("/5")
    plain = re.sub(r"(?<=\d) (?=[+-]$)", "", plain)
    return re.sub(r"^(\d[+-]?) ?[-–] ?(\d[+-]?)$", r"\1 to \2", plain)


def _grade_number(grade: str) -> float:
    """MRC grade as a number; + and - add or take a third (4- is 3.67)."""
    return int(grade[0]) + {"+": _THIRD, "-": -_THIRD}.get(grade[1:], 0.0)


def mrc_range(grade: int | str) -> tuple[float, float] | None:
    """Lowest and highest MRC grade that a record allows."""
    ends = str(grade).split(" to ")
    if not all(_MRC_GRADE.fullmatch(end) for end in ends):
        return None
    return _grade_number(ends[0]), _grade_number(ends[-1])


@dataclass(frozen=True)
class _Plus(Kind):
    """Grade 0..4 as used for reflexes and fibrillations, written 2, ``2+`` or ``++``, or a word."""

    what: str
    words: tuple[str, ...]

    def check(self, value: Any) -> Any:
        """Accept a grade, kept as a whole number, or a word."""
        if isinstance(value, str):
            text = value.strip()
            if re.fullmatch(r"[0-4]\+?", text):
                return int(text[0])
            if re.fullmatch(r"\+{1,4}", text):
                return len(text)
            return _one_of(self.words, value, f"is neither a grade 0 to 4 nor a word for {self.what}")
        if isinstance(value, bool) or not isinstance(value, int | float) or value not in (0, 1, 2, 3, 4):
            refuse(f"is not a grade of {self.what}", f"use 0 to 4 or one of {', '.join(self.words)}", value)
        return int(value)

    def schema(self) -> dict[str, Any]:
        """Describe as a whole number 0..4 or a word."""
        return {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 4}, {"enum": list(self.words)}]}


REFLEX_WORDS = ("absent", "trace", "reduced", "normal", "brisk", "not-done")
Strength = Annotated[dict[str, int | str], _Keyed("strength", _Mrc())]
Reflexes = Annotated[dict[str, int | str], _Keyed("reflex", _Plus("reflexes", REFLEX_WORDS))]
Signs = Annotated[dict[str, bool], _Keyed("bulk", _Flag())]
Plantar = Annotated[str, word("flexor", "extensor", "mute", "not-done")]
_RAISED_TO_DEGREES = 70.0
"""A leg that can be raised without pain no further than this has a positive sign [degrees]."""


@dataclass(frozen=True)
class _Sign(_Word):
    """A sign that is positive or negative, or the angle at which it hurts."""

    def check(self, value: Any) -> Any:
        """Accept a word, or an angle in degrees."""
        if isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= 180.0:
            return "positive" if value <= _RAISED_TO_DEGREES else "negative"
        return super().check(value)


Sign = Annotated[str, _Sign(("positive", "negative", "not-done"))]
MODALITIES = ("any", "touch", "pin", "temperature", "vibration", "proprioception")
SENSATION = ("normal", "reduced", "absent", "allodynia", "not-done")
_PLACES = ("dermatome", "nerve", "region", "distribution")


class SensoryFinding(RecordPart):
    """Sensation at one place: a dermatome, a skin nerve's territory, a region or a distribution."""

    side: Side | None = None
    dermatome: Annotated[str, _Name("dermatome")] | None = None
    nerve: Annotated[str, _Name("skin-nerve")] | None = None
    region: Annotated[str, _Name("region")] | None = None
    distribution: Annotated[str, _Name("distribution")] | None = None
    modality: Annotated[str, word(*MODALITIES)] = "any"
    result: Annotated[str, word(*SENSATION)]

    @model_validator(mode="after")
    def _one_place_and_side(self) -> SensoryFinding:
        """Refuse a finding without a place or side, or with two places."""
        given = [place for place in _PLACES if getattr(self, place) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "no place"
            refuse("does not name one place", f"give one of {', '.join(_PLACES)}", found)
        if self.side is None:
            refuse("is missing", SIDE_REMEDY, None, ("side",))
        return self

    @property
    def place(self) -> tuple[str, str]:
        """Kind of place and its name, such as ``("dermatome", "l3")``."""
        kind = next(place for place in _PLACES if getattr(self, place) is not None)
        return kind, getattr(self, kind)


class Sensation(RecordPart):
    """Sensory findings; ``others: normal`` says that all the rest was tested and normal."""

    results: tuple[SensoryFinding, ...] = ()
    others: OthersNormal | None = None

    @model_validator(mode="after")
    def _no_contradiction(self) -> Sensation:
        """Refuse two results for one place, side and modality."""
        seen: dict[tuple[str, str, str, str], str] = {}
        for row, finding in enumerate(self.results):
            for side in _sides_of(finding.side):
                key = (*finding.place, side, finding.modality)
                if seen.get(key, finding.result) != finding.result:
                    where = ("results", row, "result")
                    refuse(
                        f"contradicts {seen[key]!r}, given before for {side} {key[1]}",
                        "keep one",
                        finding.result,
                        where,
                    )
                seen[key] = finding.result
        return self


class SidedStrength(BySide[Strength]):
    """Strength by side: movement, muscle, group or ``others`` -> MRC grade or word."""


class SidedReflexes(BySide[Reflexes]):
    """Tendon reflexes by side: reflex or ``others`` -> 0..4 or word."""


class SidedSigns(BySide[Signs]):
    """Wasting or twitching by side: muscle, group, region or ``others`` -> true or false."""


class SidedPlantar(BySide[Plantar]):
    """Plantar response by side."""


class SidedSign(BySide[Sign]):
    """A sign by side: positive, negative, not-done."""


_TYPES: dict[str, Any] = {
    "strength": (SidedStrength, SidedStrength()),
    "reflexes": (SidedReflexes, SidedReflexes()),
    "plantar": (SidedPlantar, SidedPlantar()),
    "sign": (SidedSign, SidedSign()),
    "muscles": (SidedSigns, SidedSigns()),
    "sensation": (Sensation, Sensation()),
    "flag": (YesNo | None, None),
    "texts": (tuple[Words, ...], ()),
}
"""How a sign of the examination is written: type and default, by what its declaration says that it is."""


def _field(spec: Mapping[str, Any]) -> Any:
    """Return type and default of a declared key of the examination."""
    if spec["is"] == "word":
        return Annotated[str, word(*spec["words"], "not-done")] | None, None
    return _TYPES[spec["is"]]


if TYPE_CHECKING:

    class _Signs(RecordPart):
        def __getattr__(self, name: str) -> Any: ...
else:
    _Signs = create_model(
        "_Signs",
        __base__=RecordPart,
        **{
            key: _field(spec)
            for kind in declared_findings().values()
            for key, spec in kind.record.items()
            if "is" in spec
        },
    )


_GAITS, _WALKS = (tuple(declared_findings()[key].record[key]["words"]) for key in ("gait", "walking"))


class Examination(_Signs):
    """Findings of the examination; what is not named was not reported."""

    @model_validator(mode="before")
    @classmethod
    def _gait_under_walking(cls, value: Any) -> Any:
        """Take ``walking: steppage gait`` for what the gait looks like; ``gait: ataxic gait`` is ataxic."""
        if not isinstance(value, Mapping):
            return value
        plain = dict(value)
        if isinstance(plain.get("gait"), str):
            plain["gait"] = normalise(plain["gait"]).removesuffix("-gait")
        walks = plain.get("walking")
        looks = normalise(walks).removesuffix("-gait") if isinstance(walks, str) else ""
        if looks in _GAITS and looks not in _WALKS and "gait" not in plain:
            plain["gait"] = looks
            del plain["walking"]
        return plain
