"""What a course is headed and footed with: the person, what is assumed, times in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from garland.evidence import all_numbers
from garland.model.diseases import DISEASES
from garland.model.patient import Person

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


def assumed_lines(causes: Sequence[int]) -> tuple[str, ...]:
    """Return, by station, how many numbers behind a course nobody has measured."""
    own = {f"causes/{DISEASES[c].evidence}" for c in causes}
    total: Counter[str] = Counter()
    loose: Counter[str] = Counter()
    for number in all_numbers():
        name = number.path.split(".")[0].removeprefix("parameters/")
        station = name if name in own else name.split("/")[0]
        if station in _BEYOND:
            continue
        total[station] += 1
        loose[station] += number.standing in ("assumed", "recalled")
    return tuple(
        f"{station}: {loose[station]} of {total[station]} numbers assumed or recalled"
        for station in sorted(total)
        if loose[station]
    )


def _months_words(months: float) -> str:
    """Return a number of months in words, such as ``12 months``."""
    return f"{months:g} {'month' if months == 1 else 'months'}"
