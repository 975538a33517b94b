"""The result of a validation: every published row beside what the model says, as frozen records."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from garland.validation.intervals import Verdict, _judge, _undecided
from garland.validation.rows import THEMES, StudyRow

VERDICTS: tuple[Verdict, ...] = ("inside", "near", "outside", "left-out")
VERDICT_WORDS = {
    "inside": "inside the interval",
    "near": "within 15 %",
    "outside": "outside",
    "left-out": "not asked",
}
"""Verdicts in the words of a report."""


@dataclass(frozen=True)
class RowResult:
    """One published row and the model's answer.

    Attributes
    ----------
    row : StudyRow
        What was published.
    simulated, error : float or None
        The model's number and its Monte Carlo error, in the row's unit; None if the row is left out.
    """

    row: StudyRow
    simulated: float | None
    error: float | None

    @property
    def verdict(self) -> Verdict:
        """How the two compare."""
        if self.simulated is None:
            return "left-out"
        return _judge(self.simulated, self.row.value, self.row.interval)

    @property
    def unsure(self) -> bool:
        """Whether two Monte Carlo errors could change agreement."""
        if self.simulated is None or self.error is None:
            return False
        return _undecided(self.simulated, self.error, self.row.value, self.row.interval)


@dataclass(frozen=True)
class _Count:
    """How many rows came out how."""

    inside: int
    near: int
    outside: int
    left_out: int

    @property
    def asked(self) -> int:
        """Rows the model was asked."""
        return self.inside + self.near + self.outside

    @property
    def agree(self) -> int:
        """Rows inside their interval or within 15 %."""
        return self.inside + self.near


@dataclass(frozen=True)
class Report:
    """All rows, how they were simulated, and what was assumed.

    Attributes
    ----------
    results : tuple of RowResult
        By theme.
    n, seed : int
        Patients of each cohort, and the seed.
    seconds : float
        Wall time [s].
    version, notice : str
        Version of Garland, and what the numbers are not.
    assumptions : tuple of str
        What had to be assumed to ask the model the same question, in words.
    """

    results: tuple[RowResult, ...]
    n: int
    seed: int
    seconds: float
    version: str
    notice: str
    assumptions: tuple[str, ...]

    def groups(self) -> tuple[tuple[str, tuple[RowResult, ...]], ...]:
        """Return the rows by theme, with the theme's title; empty themes are left away."""
        by_theme = ((title, self._of(theme)) for theme, title in THEMES.items())
        return tuple((title, rows) for title, rows in by_theme if rows)

    def _of(self, theme: str) -> tuple[RowResult, ...]:
        return tuple(result for result in self.results if result.row.theme == theme)

    def count(self, use: str | None = None) -> _Count:
        """Count verdicts, of all rows or of those with one use (``calibration`` or ``check``)."""
        return _count(result for result in self.results if use in (None, result.row.use))

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON; numbers that are not finite become None."""
        return {
            "simulated": True,
            "version": self.version,
            "notice": self.notice,
            "n": self.n,
            "seed": self.seed,
            "seconds": round(self.seconds, 2),
            "totals": {use: _plain_count(self.count(use)) for use in ("calibration", "check")},
            "assumptions": list(self.assumptions),
            "rows": [_plain(result) for result in self.results],
        }


def _count(results: Iterable[RowResult]) -> _Count:
    """Count the verdicts of some rows."""
    found = [result.verdict for result in results]
    return _Count(*[found.count(verdict) for verdict in VERDICTS])


def _plain_count(made: _Count) -> dict[str, int]:
    return {
        "asked": made.asked,
        "inside": made.inside,
        "near": made.near,
        "outside": made.outside,
        "left_out": made.left_out,
    }


def _plain(result: RowResult) -> dict[str, Any]:
    row, interval = result.row, result.row.interval
    return {
        "id": row.id,
        "theme": row.theme,
        "quantity": row.quantity,
        "population": row.population,
        "ascertainment": row.ascertainment,
        "use": row.use,
        "standing": row.standing,
        "published": {
            "value": row.value,
            "low": interval[0] if interval else None,
            "high": interval[1] if interval else None,
            "interval": row.interval_kind,
            "unit": row.unit,
            "count": row.count,
            "n": row.n,
        },
        "simulated": _finite(result.simulated),
        "error": _finite(result.error),
        "verdict": result.verdict,
        "unsure": result.unsure,
        "left_out": row.left_out,
        "note": row.note,
        "source": {"key": row.source.key, "citation": row.source.citation, "address": row.source.address},
    }


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
