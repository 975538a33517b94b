"""Grades as a clinician writes them: MRC strength, and the 0..4+ of reflexes and fibrillations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NoReturn

from garland.records.values import Kind, _one_of, refuse

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
