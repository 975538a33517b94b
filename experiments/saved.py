"""What the next best test saved, summed up over virtual patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from garland.errors import InputError

Row = dict[str, Any]
Floats = NDArray[np.float64]
_DRAWS = 2000


@dataclass(frozen=True)
class Way:
    """How one laboratory fared with all patients who were not certain at the start.

    Attributes
    ----------
    name : str
        Which laboratory.
    reached : float
        Share of patients in whom a cause reached the certainty asked for [0..1].
    tests, minutes, insertions, discomfort : float
        Means until it stopped, at certainty or at the end of the list [-], [min], [-], [-].
    median_tests : float
        Median of the tests [-].
    right, certainty : float
        Where certainty was reached: share in whom the leading cause was the true one, and mean probability
        claimed for it; alike if the claims are honest [0..1].
    truth : float
        Mean probability of the true cause at the end, over all [0..1].
    """

    name: str
    reached: float
    tests: float
    minutes: float
    insertions: float
    discomfort: float
    median_tests: float
    right: float
    certainty: float
    truth: float


@dataclass(frozen=True)
class Saved:
    """What one laboratory saved against another.

    Attributes
    ----------
    patients, certain, both : int
        Patients; those certain before any test, who are left out of all the rest; those in whom both
        laboratories reached certainty.
    ways : tuple of Way
        Each laboratory.
    fewer : float
        Share of tests saved over all patients; a laboratory that never came to certainty counts with its
        whole list [-1..1].
    low, high : float
        95 % interval of `fewer`, from patients drawn again.
    fewer_both : float
        Share of tests saved where both reached certainty.
    fewer_minutes, fewer_insertions : float
        Share of minutes and of insertions saved, over all patients.
    """

    patients: int
    certain: int
    both: int
    ways: tuple[Way, ...]
    fewer: float
    low: float
    high: float
    fewer_both: float
    fewer_minutes: float
    fewer_insertions: float


def summary(rows: Sequence[Row], first: str = "adaptive", second: str = "protocol") -> Saved:
    """Return what laboratory `first` saved against laboratory `second`."""
    open_rows = [row for row in rows if row[second]["tests"] > 0]
    if not open_rows:
        raise InputError("rows", len(rows), "hold no patient that needed a test", "run more seeds")
    names = [name for name, value in open_rows[0].items() if isinstance(value, dict)]
    mine, its = _column(open_rows, first, "tests"), _column(open_rows, second, "tests")
    both = (_column(open_rows, first, "reached") * _column(open_rows, second, "reached")) > 0.5
    drawn = np.random.default_rng(0).integers(len(mine), size=(_DRAWS, len(mine)))
    again = 1.0 - mine[drawn].sum(axis=1) / its[drawn].sum(axis=1)
    low, high = (float(edge) for edge in np.quantile(again, (0.025, 0.975)))
    minutes, insertions = (
        _fewer(*(_column(open_rows, name, cost) for name in (first, second)))
        for cost in ("minutes", "insertions")
    )
    return Saved(
        patients=len(rows),
        certain=len(rows) - len(open_rows),
        both=int(both.sum()),
        ways=tuple(_way(open_rows, name) for name in names),
        fewer=_fewer(mine, its),
        low=low,
        high=high,
        fewer_both=_fewer(mine[both], its[both]),
        fewer_minutes=minutes,
        fewer_insertions=insertions,
    )


def _column(rows: Sequence[Row], way: str, name: str) -> Floats:
    return np.array([float(row[way][name]) for row in rows])


def _fewer(mine: Floats, its: Floats) -> float:
    return float(1.0 - mine.sum() / its.sum()) if its.sum() > 0.0 else 0.0


def _way(rows: Sequence[Row], name: str) -> Way:
    there = _column(rows, name, "reached") > 0.5

    def mean(field: str) -> float:
        return float(_column(rows, name, field).mean())

    def at_certainty(field: str) -> float:
        return float(_column(rows, name, field)[there].mean()) if there.any() else float("nan")

    return Way(
        name,
        float(there.mean()),
        mean("tests"),
        mean("minutes"),
        mean("insertions"),
        mean("discomfort"),
        float(np.median(_column(rows, name, "tests"))),
        at_certainty("right"),
        at_certainty("certainty"),
        mean("truth"),
    )


def as_text(saved: Saved) -> str:
    """Return the comparison as lines of text, a Markdown table among them."""
    head = ("laboratory", "certain", "tests", "median", "minutes", "insertions", "right", "claimed", "truth")
    lines = [" | ".join(head), " | ".join(["---"] * len(head))]
    for way in saved.ways:
        shares = (way.right, way.certainty, way.truth)
        cells = [way.name, f"{100 * way.reached:.0f} %", f"{way.tests:.1f}", f"{way.median_tests:.0f}"]
        cells += [f"{way.minutes:.0f}", f"{way.insertions:.1f}", *(f"{share:.2f}" for share in shares)]
        lines.append(" | ".join(cells))
    asked = saved.patients - saved.certain
    return "\n".join(
        (
            f"{saved.patients} virtual patients, {saved.certain} certain before any test; the other {asked}:",
            "",
            *(f"| {line} |" for line in lines),
            "",
            _verdict(saved),
            _LEGEND,
        )
    )


_LEGEND = """right, claimed: where certainty was reached, share with the true cause in the lead, and mean
probability claimed for it. truth: mean probability of the true cause at the end, over all."""


def _verdict(saved: Saved) -> str:
    tests, low, high, minutes, insertions, both = (
        f"{100 * share:.0f} %"
        for share in (
            saved.fewer, saved.low, saved.high, saved.fewer_minutes, saved.fewer_insertions, saved.fewer_both,
        )
    )  # fmt: skip
    words = (
        f"{tests} fewer tests (95 % interval {low} to {high}), {minutes} fewer minutes, {insertions} fewer"
    )
    return f"{words} insertions; {both} fewer tests in the {saved.both} in whom both reached certainty."
