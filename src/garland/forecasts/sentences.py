"""What a course or forecast says in words: the person, what is assumed, probabilities, what a treatment
changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from garland._types import Float64s
from garland.anatomy.tree import load
from garland.evidence import UNMEASURED, Number, all_numbers, numbers_at
from garland.forecasts.members import _mean_with_interval, _Members, _quantiles
from garland.forecasts.milestones import MILD_BELOW, WEAK_BELOW, _alive, _proximal_grade
from garland.forecasts.records import Statement
from garland.model.diseases import DISEASES
from garland.model.outcomes import Outcomes
from garland.model.patient import Person
from garland.units import DAYS_PER_MONTH

_NOT_IN_THE_COURSE = {
    "plexopathy-neoplastic": "treatment of the tumour is not modelled",
    "motor-neuron-disease": "breathing and its support are not modelled, and survival is that of registers",
    "vasculitic": "of immunosuppression only steroids are modelled",
    "myopathy": "of immunosuppression only steroids and immunoglobulin are modelled",
    "cauda-equina": "bladder and bowel have no course",
    "diabetic-muscle-infarction": "a second infarction is not modelled",
    "none": "the pain's own cause is not modelled",
}
_FEW_FIGURES = "its course rests on few published figures, most of them assumed"


def _course_caveat(cause: int) -> str:
    """Return how far the course of a cause may be trusted, in words; empty where it rests on cohorts."""
    disease = DISEASES[cause]
    if disease.family == "radiculoplexus":
        return ""
    beside = _NOT_IN_THE_COURSE.get(disease.name)
    return f"{_FEW_FIGURES}; {beside}" if beside else _FEW_FIGURES


_BEYOND = (
    "inference", "recordings", "causes", "forecast", "population", "validation", "signals", "traces", "study",
    "trial", "trust",
)  # fmt: skip
"""Stations of the evidence that a course does not use, or of which it uses one part."""


def person_lines(person: Person) -> tuple[tuple[str, str], ...]:
    """Return a person in words, label then value; what is not known is left out."""
    known = {name: float(np.asarray(value).reshape(-1)[0]) for name, value in person._asdict().items()}
    lines = [
        ("age", f"{known['age_years']:.0f} years", "age_years"),
        ("sex", "man" if known["male"] > 0.5 else "woman", "male"),
        ("height", f"{known['height_cm']:.0f} cm", "height_cm"),
        ("weight", f"{known['weight_kg']:.0f} kg", "weight_kg"),
        ("diabetes", _diabetes(known["diabetes"], known["diabetes_years"]), "diabetes"),
        ("HbA1c", f"{known['hba1c_percent']:.1f} %", "hba1c_percent"),
        ("triglycerides", f"{known['triglycerides_mg_dl']:.0f} mg/dL", "triglycerides_mg_dl"),
    ]
    return tuple((label, words) for label, words, field in lines if not np.isnan(known[field]))


def _diabetes(diabetes: float, years: float) -> str:
    if diabetes < 0.5:
        return "no"
    return "yes" if np.isnan(years) else f"for {years:.0f} {'year' if round(years) == 1 else 'years'}"


def assumed_lines(causes: Sequence[int], read: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return, by station, how many numbers behind a course nobody has measured.

    Of the numbers at the paths that were `read`; without them, of all that stations and causes have.
    """
    own = {f"causes/{DISEASES[c].evidence}" for c in causes}
    by_station: dict[str, list[Number]] = {}
    for number in all_numbers() if read is None else numbers_at(read):
        name = number.path.split(".")[0]
        station = name if name in own else name.split("/")[0]
        if read is not None or station not in _BEYOND:
            by_station.setdefault(station, []).append(number)
    return tuple(filter(None, (_loose_line(name, by_station[name]) for name in sorted(by_station))))


def station_line(station: str) -> str:
    """Return how many numbers of one station of the evidence nobody has measured; empty where none."""
    return _loose_line(station, [n for n in all_numbers() if n.path.startswith(f"{station}/")])


def _loose_line(station: str, numbers: Sequence[Number]) -> str:
    loose = sum(number.standing in UNMEASURED for number in numbers)
    return f"{station}: {loose} of {len(numbers)} numbers assumed or recalled" if loose else ""


def _months_words(months: float) -> str:
    """Return a number of months in words, such as ``12 months``."""
    return f"{months:g} {'month' if months == 1 else 'months'}"


_KNEE = load().movement("knee-extension")
_NOTICED_NRS = 1.0
"""Fall of pain that a patient notices [NRS]."""


@dataclass(frozen=True)
class _Question:
    """One question about the future, asked at several times.

    Attributes
    ----------
    key, words : str
        Identifier, and words that the time is added to.
    months : tuple of int
        When it is asked, from today [months].
    answer : callable
        From a life and the index of a day to a probability by patient, (N,) [0..1].
    """

    key: str
    words: str
    months: tuple[int, ...]
    answer: Callable[[Outcomes, int], Float64s]


@dataclass(frozen=True)
class _Difference:
    """One quantity that a treatment may change.

    Attributes
    ----------
    key, short, words, unit : str
        Identifier, a few words, the words of a sentence, and what follows the number.
    months : tuple of int
        When it is asked, from today [months].
    value : callable
        From a life and the index of a day to the quantity by patient, (N,).
    scale : float
        Factor for printing [-].
    digits : int
        Digits after the point.
    """

    key: str
    short: str
    words: str
    unit: str
    months: tuple[int, ...]
    value: Callable[[Outcomes, int], Float64s]
    scale: float = 1.0
    digits: int = 1


def _of(name: str) -> Callable[[Outcomes, int], Float64s]:
    return lambda life, at: np.asarray(getattr(life, name)[at], np.float64)


def _pain_mild(life: Outcomes, at: int) -> Float64s:
    return np.asarray(life.pain_nrs[at] < MILD_BELOW, np.float64)


def _strong(life: Outcomes, at: int) -> Float64s:
    return np.asarray((_proximal_grade(life)[at] >= WEAK_BELOW).all(axis=-1), np.float64)


def _both_sides(life: Outcomes, at: int) -> Float64s:
    weak = (_proximal_grade(life)[: at + 1] < WEAK_BELOW).any(axis=0)
    return np.asarray(weak.all(axis=-1), np.float64)


def _knee(life: Outcomes, at: int) -> Float64s:
    return np.asarray(np.asarray(life.movement_grade)[at, :, :, _KNEE].min(axis=-1), np.float64)


QUESTIONS: tuple[_Question, ...] = (
    _Question("walks-alone", "walks without aid at", (3, 6, 12, 24, 36), _of("walks_alone")),
    _Question("wheelchair", "needs a wheelchair at", (3, 12), _of("wheelchair")),
    _Question("chair-rise", "rises from a chair without hands at", (6, 12), _of("chair_rise")),
    _Question("pain-mild", "pain below 3 of 10 at", (3, 6, 12, 24), _pain_mild),
    _Question("strong", "thigh and hip at full strength at", (12, 24, 36), _strong),
    _Question("both-sides", "both thighs or hips weak at some time within", (3, 12), _both_sides),
    _Question("alive", "alive at", (12, 36), lambda life, at: _alive(life)[at]),
)
"""Questions in the order in which they are answered."""

DIFFERENCES: tuple[_Difference, ...] = (
    _Difference("pain", "pain", "pain at", "of 10", (3, 6, 12), _of("pain_nrs")),
    _Difference(
        "walking",
        "walking",
        "probability of walking without aid at",
        "percentage points",
        (6, 12),
        _of("walks_alone"),
        100.0,
        0,
    ),
    _Difference("knee", "strength", "strength of the weaker knee extension at", "MRC grades", (12,), _knee),
    _Difference("weight", "weight", "weight at", "kg", (6,), _of("weight_kg")),
)
"""What a treatment may change, in the order in which it is told."""


def _answers(life: Outcomes, ahead: Float64s, members: _Members, error: Float64s) -> tuple[Statement, ...]:
    """Return the answer to every question within the horizon, by question, then by time."""
    asked = [(q, m) for q in QUESTIONS for m in q.months if _within(m, ahead)]
    if not asked:
        return ()
    values = np.stack([question.answer(life, _place(months, ahead)) for question, months in asked])
    low, _, middle, _, high = _mean_with_interval(values, members, error)
    return tuple(
        Statement(
            f"{question.words} {_months_words(months)}",
            float(middle[i]),
            float(low[i]),
            float(high[i]),
            f"{question.key}-{months}",
            DAYS_PER_MONTH * months,
        )
        for i, (question, months) in enumerate(asked)
    )


def _differences(
    arm: Outcomes, base: Outcomes, ahead: Float64s, members: _Members, error: Float64s
) -> tuple[Statement, ...]:
    """Return what an arm changes against no treatment in the same patients, by quantity, then by time."""
    statements, still = [], []
    for difference in DIFFERENCES:
        for months in difference.months:
            if not _within(months, ahead):
                continue
            at = _place(months, ahead)
            change = difference.scale * (difference.value(arm, at) - difference.value(base, at))
            words = _difference_words(difference, months, change, members.weight)
            if words is None:
                still.append(f"{difference.short} at {_months_words(months)}")
                continue
            key = f"change-{difference.key}-{months}"
            statements.append(Statement(words, None, None, None, key, DAYS_PER_MONTH * months))
    if still:
        statements.append(Statement(f"no change in the model: {', '.join(still)}", key="no-change"))
    return (*statements, *_noticed(arm, base, ahead, members, error))


def _noticed(
    arm: Outcomes, base: Outcomes, ahead: Float64s, members: _Members, error: Float64s
) -> list[Statement]:
    """Return how probable it is that pain after three months is lower by what a patient notices."""
    months = 3
    if not _within(months, ahead):
        return []
    at = _place(months, ahead)
    less = np.asarray(base.pain_nrs[at] - arm.pain_nrs[at] >= _NOTICED_NRS, np.float64)
    low, _, middle, _, high = (float(x[0]) for x in _mean_with_interval(less[None], members, error))
    words = f"pain at {_months_words(months)} lower by a point or more than without treatment"
    return [Statement(words, middle, low, high, f"noticed-pain-{months}", DAYS_PER_MONTH * months)]


def _difference_words(difference: _Difference, months: int, change: Float64s, weight: Float64s) -> str | None:
    """Return the sentence about one change: mean over patients, and the range of eight patients in ten.

    None where the change is too small to print.
    """
    mean = float(change @ weight)
    low, high = (float(x) for x in _quantiles(change, weight, (0.1, 0.9)))
    step, digits = 10.0**-difference.digits, difference.digits
    what = f"{difference.words} {_months_words(months)}"
    if max(abs(mean), abs(low), abs(high)) < 0.5 * step:
        return None
    if abs(mean) < 0.5 * step or (low < -0.5 * step and high > 0.5 * step):
        shown = [_signed(value, digits) for value in (mean, low, high)]
        return f"{what}: uncertain, {shown[0]} ({shown[1]} to {shown[2]}) {difference.unit}"
    way = "lower" if mean < 0.0 else "higher"
    near, far = sorted((abs(low), abs(high))) if low * high >= 0.0 else (0.0, max(abs(low), abs(high)))
    shown_range = f"{abs(mean):.{digits}f} ({near:.{digits}f}–{far:.{digits}f})"
    return f"{what} {way} by {shown_range} {difference.unit}"


def _signed(value: float, digits: int) -> str:
    """Return a number with its sign; nought has none."""
    words = f"{value:+.{digits}f}"
    return f"{0.0:.{digits}f}" if float(words) == 0.0 else words.replace("-", "\u2212")


def _within(months: int, ahead: Float64s) -> bool:
    return DAYS_PER_MONTH * months <= float(ahead[-1])


def _place(months: int, ahead: Float64s) -> int:
    """Return the index of the sampled day nearest to a time [-]."""
    return int(np.abs(ahead - DAYS_PER_MONTH * months).argmin())
