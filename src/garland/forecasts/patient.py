"""A virtual patient: a person, a cause and a seed, followed week by week under several plans of care.

One seed gives one vector of chance, and every arm has it: the difference between two arms is what care did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from garland import __version__
from garland.errors import InputError
from garland.evidence import part
from garland.evidence.provenance import numbers_read
from garland.forecasts.arms import _ArmPlan, _arms_of
from garland.forecasts.milestones import PLOTS, _Event, _events
from garland.forecasts.records import Arm, Band, CourseReport, Milestone, Series
from garland.forecasts.sentences import _course_caveat, assumed_lines, person_lines
from garland.forecasts.simulate import _joined, _stacked, _weekly, life
from garland.inference.consult import remember_compiled_programs
from garland.inference.likelihood import UNKNOWN, day_of
from garland.model.diseases import DISEASES, Disease, index_of
from garland.model.latents import Latents, draw, place_of
from garland.model.outcomes import Outcomes
from garland.model.patient import Person, complete
from garland.programs import Compiled
from garland.progress import tell
from garland.units import DAYS_PER_MONTH

MONTHS = 36.0
RANGES: dict[str, tuple[float, float, str]] = {
    "age_years": (18.0, 100.0, "years"),
    "height_cm": (120.0, 220.0, "cm"),
    "weight_kg": (30.0, 250.0, "kg"),
    "diabetes_years": (0.0, 80.0, "years"),
    "hba1c_percent": (4.0, 18.0, "%"),
}
"""What a person may be: lowest, highest, unit."""

LONGEST_MONTHS = 120.0
_DIABETIC_FROM_PERCENT = 6.5
_AT_ONCE = 8


@dataclass(frozen=True)
class PatientSpec:
    """What is fixed of a virtual person; None is drawn.

    Attributes
    ----------
    cause : str
        Name of the cause.
    age_years, height_cm, weight_kg, diabetes_years, hba1c_percent : float or None
        Age [a], height [cm], weight [kg], duration of diabetes [a], HbA1c [%].
    male, diabetes : bool or None
        Sex, and whether there is diabetes.
    """

    cause: str = "dlrpn"
    age_years: float | None = None
    male: bool | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    diabetes: bool | None = None
    diabetes_years: float | None = None
    hba1c_percent: float | None = None


def patient(
    spec: PatientSpec | str = "dlrpn",
    arms: Sequence[str] = (),
    *,
    seed: int = 0,
    months: float = MONTHS,
) -> CourseReport:
    """Draw a virtual patient and follow it without treatment and in every arm.

    Parameters
    ----------
    spec : PatientSpec or str
        What is fixed of the person and the cause, or the name of a cause; the rest is drawn.
    arms : sequence of str
        Named arms, plans in words, or paths of YAML files. A named arm begins on the day on which this
        patient first comes to a clinic; the days of a plan in words count from the first symptom.
    seed : int
        Same seed, same patient.
    months : float
        How long to follow [months].

    Returns
    -------
    CourseReport
        Arm ``none`` first, then `arms` in order.

    Raises
    ------
    InputError
        If a spec cannot be, `months` lies outside 1 to 120, or an arm cannot be read.
    """
    spec = PatientSpec(spec) if isinstance(spec, str) else spec
    index = checked(spec)
    _check_months(months)
    remember_compiled_programs()
    tell("drawing the patient", 0.0)
    cause, days = DISEASES[index], _weekly(max(months, MONTHS))
    with numbers_read() as read:
        latents, comes, person = arrival(person_of(spec, cause, seed), index, seed)
        plans = _arms_of(arms, comes)
        words = f"following it for {months:g} months in {len(plans)} {'arm' if len(plans) == 1 else 'arms'}"
        tell(words, 0.1)
        lives = _lives(person, index, latents, days, plans)
    keep = int(np.searchsorted(days, DAYS_PER_MONTH * months)) + 1
    days, lives = days[:keep], [Outcomes(*(field[:keep] for field in one)) for one in lives]
    return CourseReport(
        title=f"Virtual patient with {cause.title}",
        kind="patient",
        person=person_lines(person),
        cause=cause.title,
        cause_lines=(f"first comes to a clinic on day {comes:.0f}; a plan without days begins then",),
        seed=seed,
        version=__version__,
        arms=tuple(_arm(plan, one, days) for plan, one in zip(plans, lives, strict=True)),
        until_day=float(days[-1]),
        assumed=assumed_lines([index], read),
        notes=_notes(cause),
    )


def checked(spec: PatientSpec) -> int:
    """Return the index of the wished cause."""
    index = index_of(spec.cause)
    for name, (low, high, unit) in RANGES.items():
        value = getattr(spec, name)
        if value is not None and not low <= value <= high:
            raise InputError(name, value, f"lies outside {low:g} to {high:g} {unit}", "give a value inside")
    years = spec.diabetes_years
    if spec.age_years is not None and years is not None and years > spec.age_years:
        raise InputError("diabetes_years", years, "is longer than the person's life", "shorten it")
    has = _diabetes_of(spec)
    _agreed(spec, has, DISEASES[index])
    return index


def _check_months(months: float) -> None:
    """Refuse a length of follow-up that is not between 1 and 120 months."""
    if not 1.0 <= months <= LONGEST_MONTHS:
        raise InputError("months", months, f"lies outside 1 to {LONGEST_MONTHS:g}", "give a value inside")


def _diabetes_of(spec: PatientSpec) -> bool | None:
    """Return whether the spec says, or its duration or HbA1c implies, that there is diabetes."""
    if spec.diabetes is not None:
        return spec.diabetes
    if (spec.diabetes_years or 0.0) > 0.0 or (spec.hba1c_percent or 0.0) >= _DIABETIC_FROM_PERCENT:
        return True
    return None


def _agreed(spec: PatientSpec, has: bool | None, cause: Disease) -> None:
    """Raise where diabetes, its measures and the cause exclude each other."""
    if has and cause.diabetes == 0.0:
        remedy = _other_cause(cause, "--no-diabetes")
        raise InputError("diabetes", True, f"is excluded by {cause.title}", remedy)
    if has is False and cause.diabetes == 1.0:
        raise InputError("diabetes", False, f"contradicts {cause.title}", _other_cause(cause, "--diabetes"))
    if has is False and (spec.hba1c_percent or 0.0) >= _DIABETIC_FROM_PERCENT:
        rule = f"means diabetes (from {_DIABETIC_FROM_PERCENT} %)"
        raise InputError("hba1c_percent", spec.hba1c_percent, rule, "lower it, or leave --no-diabetes out")
    if has is False and (spec.diabetes_years or 0.0) > 0.0:
        raise InputError("diabetes_years", spec.diabetes_years, "needs diabetes", "leave --no-diabetes out")


def _other_cause(cause: Disease, option: str) -> str:
    twins = {"dlrpn": "lrpn", "lrpn": "dlrpn"}
    other = f" or ask for --cause {twins[cause.name]}" if cause.name in twins else ""
    return f"use {option}{other}"


def person_of(spec: PatientSpec, cause: Disease, seed: int) -> Person:
    """Return the wished person, scalars, NaN where unknown."""
    own, rng = part(f"causes/{cause.evidence}"), np.random.default_rng([seed, 7])
    age = float(np.clip(own.age_years + own.age_sd_years * rng.standard_normal(), 18.0, 95.0))
    male = bool(rng.random() < own.male_share)
    has = _diabetes_of(spec)
    years = 0.0 if has is False else spec.diabetes_years

    def value(known: float | None) -> Any:
        return np.float32(np.nan if known is None else known)

    return Person(
        age_years=value(age if spec.age_years is None else spec.age_years),
        male=value(male if spec.male is None else spec.male),
        height_cm=value(spec.height_cm),
        weight_kg=value(spec.weight_kg),
        diabetes=value(has),
        diabetes_years=value(years),
        hba1c_percent=value(spec.hba1c_percent),
        triglycerides_mg_dl=value(None),
    )


def arrival(known: Person, cause: int, seed: int) -> tuple[Latents, float, Person]:
    """Return the chance of one patient, the day of first coming to a clinic [d], and the whole person.

    The patient comes as soon as most with such a course do: one who came after years would show what is left.
    """
    vector, day, person = _compiled()(known, np.int32(cause), np.uint32(seed % 2**32))
    return Latents(vector), float(max(round(float(np.asarray(day)[0])), 1.0)), person


@cache
def _compiled() -> Compiled:
    def drawn(known: Person, cause: jax.Array, seed: jax.Array) -> tuple[jax.Array, jax.Array, Person]:
        drawn_at_random = draw(jax.random.key(seed), 1).vector
        latents = Latents(drawn_at_random.at[:, place_of("presentation")].set(0.0))
        by_cause = jnp.asarray([jnp.nan if c.diabetes is None else c.diabetes for c in DISEASES])[cause]
        return latents.vector, day_of(UNKNOWN, cause, latents), complete(known, latents, by_cause)

    return Compiled(drawn, name="arrival")


def _lives(
    person: Person, cause: int, latents: Latents, days: np.ndarray, plans: Sequence[_ArmPlan]
) -> list[Outcomes]:
    """Return the life of one patient in every arm; arms are run as patients, in chunks of one size."""
    lives: list[Outcomes] = []
    for start in range(0, len(plans), _AT_ONCE):
        some = [plan.treatment for plan in plans[start : start + _AT_ONCE]]
        treatment = _stacked([*some, *[some[0]] * (_AT_ONCE - len(some))])
        whole = Person(*(np.asarray(field)[0] for field in person))
        every = np.broadcast_to(days[:, None], (len(days), _AT_ONCE))
        vectors = np.repeat(np.asarray(latents.vector), _AT_ONCE, axis=0)
        run = _joined([life(whole, cause, vectors, every, treatment, few=True)])
        lives += [Outcomes(*(field[:, i : i + 1] for field in run)) for i in range(len(some))]
    return lives


def _arm(plan: _ArmPlan, one: Outcomes, days: np.ndarray) -> Arm:
    series = tuple(
        Series(
            plot.key,
            plot.title,
            plot.unit,
            plot.group,
            tuple((label, Band.line(days, take(one)[:, 0])) for label, take in plot.lines),
        )
        for plot in PLOTS
    )
    milestones = tuple(_milestone(event, days) for event in _events(one))
    return Arm(plan.name, plan.words, plan.evidence, series, (), milestones)


def _milestone(event: _Event, days: np.ndarray) -> Milestone:
    at = int(event.place[0])
    if at < 0:
        return Milestone(event.key, event.words)
    return Milestone(event.key, event.words, float(days[at]), note=event.note[0])


def _notes(cause: Disease) -> tuple[str, ...]:
    notes = [
        "Simulated: nothing here was measured in a person. All arms are the same patient, chance for chance.",
        "Events are read off weekly days.",
        "What a drug takes of pain includes the placebo response that it had in trials.",
    ]
    if said := _course_caveat(index_of(cause.name)):
        notes.append(f"{cause.title[:1].upper()}{cause.title[1:]}: {said}.")
    return tuple(notes)
