"""What a course or a forecast says, as frozen records that the reports print."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from garland.inference.result import NOTICE

GROUPS = (
    "pain", "strength", "walking", "scales", "weight", "vessels", "nerves", "signs", "laboratory",
    "survival",
)  # fmt: skip
"""Groups of plots in the order of the page; a series of another group is shown after them."""

WALKING = ("alone", "with aid", "wheelchair")
"""Labels, in this order, of the bands of the series ``walking``: probabilities whose `middle` (here the mean
over patients, not the median) adds up to 1; they are drawn stacked."""


@dataclass(frozen=True)
class Band:
    """One quantity over time with its 50 % and 80 % bands; for one virtual patient all five are equal.

    Attributes
    ----------
    days : tuple of float
        Days since the first symptom, rising, (D,) [d].
    middle, low50, high50, low80, high80 : tuple of float
        Median and edges of the bands, (D,) [unit of the series]. Any iterable of numbers is taken.

    Raises
    ------
    ValueError
        Where lengths differ, days do not rise, or a value is not finite.
    """

    days: tuple[float, ...]
    middle: tuple[float, ...]
    low50: tuple[float, ...]
    high50: tuple[float, ...]
    low80: tuple[float, ...]
    high80: tuple[float, ...]

    def __post_init__(self) -> None:
        """Hold every field as a tuple of finite floats of one length."""
        for each in fields(self):
            values = tuple(float(value) for value in getattr(self, each.name))
            object.__setattr__(self, each.name, values)
            if len(values) != len(self.days):
                raise ValueError(f"Band.{each.name} has {len(values)} values for {len(self.days)} days")
            if not all(math.isfinite(value) for value in values):
                raise ValueError(f"Band.{each.name} holds a value that is not finite")
        if any(later <= day for day, later in zip(self.days, self.days[1:], strict=False)):
            raise ValueError("Band.days do not rise")

    @classmethod
    def line(cls, days: Iterable[float], values: Iterable[float]) -> Band:
        """Return the band of one virtual patient: no width."""
        shared = tuple(float(value) for value in values)
        return cls(tuple(days), shared, shared, shared, shared, shared)

    @property
    def has_width(self) -> bool:
        """Whether the band says more than its middle."""
        return self.low80 != self.high80

    def at(self, day: float, edge: str = "middle") -> float:
        """Return the value of `middle` or of an edge at a day, between days in proportion."""
        values: Sequence[float] = getattr(self, edge)
        if day <= self.days[0]:
            return values[0]
        for place in range(1, len(self.days)):
            if day <= self.days[place]:
                before, after = self.days[place - 1], self.days[place]
                share = (day - before) / (after - before)
                return values[place - 1] * (1.0 - share) + values[place] * share
        return values[-1]


@dataclass(frozen=True)
class Series:
    """One plot.

    Attributes
    ----------
    key : str
        Field of `Outcomes`, with what it is of after a colon: ``pain_nrs``, ``nis``, ``walking``,
        ``weight_kg``, ``oxygen_mmhg``, ``damage`` (attack and vessels shut),
        ``movement_grade:knee-extension``, ``nerve_axons:femoral``, ``knee_jerk``.
    title, unit : str
        Words for a reader (``knee extension``) and the unit (``MRC``, ``NRS``, ``kg``, ``share``,
        ``probability``, ``mmHg``, ``%``); shares and probabilities in [0..1] are printed in per cent.
    group : str
        One of `GROUPS`.
    bands : tuple of (str, Band)
        Label and course: ``right`` and ``left``, in this order, where the quantity has sides; ``""`` where
        there is one; `WALKING`; ``immune attack`` and ``vessels shut`` in ``damage``.
    """

    key: str
    title: str
    unit: str
    group: str
    bands: tuple[tuple[str, Band], ...]


@dataclass(frozen=True)
class Statement:
    """A plain sentence about the future, with its probability.

    Attributes
    ----------
    words : str
        Such as ``walks without aid at 12 months``; no number in it.
    probability, low, high : float or None
        Probability and its 80 % interval [0..1]; None where the sentence says all.
    key : str
        Same key, same question: statements of several arms are set side by side by it.
    day : float or None
        Day it speaks of [d].
    """

    words: str
    probability: float | None = None
    low: float | None = None
    high: float | None = None
    key: str = ""
    day: float | None = None


@dataclass(frozen=True)
class Milestone:
    """An event of the course and the day on which it comes.

    Attributes
    ----------
    key, words : str
        Identifier (``first-weakness``) and words (``first weakness``); the same in all arms.
    day, low_day, high_day : float or None
        Day, or median and 80 % interval of the day among those in whom it comes [d]; None: never.
    probability : float or None
        Share in whom it comes by the end [0..1]; None for one virtual patient.
    note : str
        What to add, such as ``NIS 41``.
    """

    key: str
    words: str
    day: float | None = None
    low_day: float | None = None
    high_day: float | None = None
    probability: float | None = None
    note: str = ""


@dataclass(frozen=True)
class _Period:
    """A treatment in words (``prednisone 60 mg/d``) with its first and last day [d]; None: to the end."""

    words: str
    start_day: float
    stop_day: float | None = None


@dataclass(frozen=True)
class Arm:
    """One plan of care and the course under it.

    Attributes
    ----------
    name : str
        Short name, such as ``no treatment``.
    words : tuple of str
        The plan in plain sentences.
    evidence : str
        What its effects rest on.
    series, statements, milestones : tuple
        What is plotted, said and dated; the same keys in all arms.
    periods : tuple of Period
        What is given when; empty without treatment.
    """

    name: str
    words: tuple[str, ...] = ()
    evidence: str = ""
    series: tuple[Series, ...] = ()
    statements: tuple[Statement, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    periods: tuple[_Period, ...] = ()

    def find(self, key: str) -> Series | None:
        """Return the series of a key, or None."""
        return next((series for series in self.series if series.key == key), None)


@dataclass(frozen=True)
class CourseReport:
    """The course of one virtual patient, or the forecast of a patient who was seen.

    Attributes
    ----------
    title, kind : str
        Heading, and ``patient`` or ``forecast``.
    person : tuple of (str, str)
        Lines about the person: label (``age``) and words (``64 years``).
    cause : str
        Title of the cause.
    cause_lines : tuple of str
        What is to be said of it: its probability, its rivals, the sites.
    seed, version
        Seed and version of the model.
    arms : tuple of Arm
        At least one; the first is the course without treatment.
    until_day, today_day : float, float or None
        Last day; day of the visit in a forecast [d].
    assumed : tuple of str
        Lines about what the answer rests on.
    notes : tuple of str
        What a reader should know.
    patients : int or None
        Virtual patients behind a forecast.
    simulated : bool
        True: nothing here was measured in a person.
    notice : str
        What it is not for.
    """

    title: str
    kind: str
    person: tuple[tuple[str, str], ...]
    cause: str
    cause_lines: tuple[str, ...]
    seed: int
    version: str
    arms: tuple[Arm, ...]
    until_day: float
    today_day: float | None = None
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    patients: int | None = None
    simulated: bool = True
    notice: str = NOTICE

    def as_dict(self) -> dict[str, Any]:
        """Return the whole answer as plain values, ready for JSON."""
        return asdict(self)
