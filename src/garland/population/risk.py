"""The hazard of radiculoplexus neuropathy of each person, and the incidence it makes.

The hazard is a product: baseline, age, sex, diabetes with its HbA1c (whose slope is a guess with a wide
range), autoimmune disease, stroke, body mass. Diabetes makes the diabetic form (DLRPN); everyone else can
only get the form without diabetes (LRPN).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from garland._types import Float64s
from garland.evidence import part
from garland.population.demographics import Population, _prediabetes

PER = 100_000.0
"""People that an incidence is told for [-]."""


class _Factors(NamedTuple):
    """Constants of the hazard; named as in the evidence file, with the same units."""

    baseline_per_100000_year: float
    age_greatest_years: float
    age_width_years: float
    men_ratio: float
    diabetes_ratio: float
    autoimmune_ratio: float
    stroke_ratio: float
    bmi_ratio: float
    prediabetes_ratio: float
    hba1c_log_ratio: float
    hba1c_reference_percent: float


class _Incidence(NamedTuple):
    """New cases per 100,000 adults a year, so that the two forms add up to the total.

    Attributes
    ----------
    total, diabetic, other : float
        Both forms, with diabetes, without [1/100000/a].
    error : float
        Standard error of the total by the number of people drawn [1/100000/a].
    """

    total: float
    diabetic: float
    other: float
    error: float


def _default_factors() -> _Factors:
    """Return the constants written in the evidence."""
    p = part("population/risk")
    return _Factors(*[p.value(name) for name in _Factors._fields])


def hazard_per_year(people: Population, factors: _Factors | None = None) -> Float64s:
    """Return the hazard of radiculoplexus neuropathy.

    Probability per year, shape (N,) [1/a]: of the diabetic form in people with diabetes, of the other form
    in all others.
    """
    p, f = part("population/risk"), _default_factors() if factors is None else factors
    age = -0.5 * ((people.age_years - f.age_greatest_years) / f.age_width_years) ** 2
    weight = np.log(f.bmi_ratio) * (people.bmi_kg_m2 - p.value("bmi_reference_kg_m2"))
    glucose = f.hba1c_log_ratio * (people.hba1c_percent - f.hba1c_reference_percent)
    log_ratio = age + weight + people.diabetes * (np.log(f.diabetes_ratio) + glucose)
    log_ratio += people.male * np.log(f.men_ratio)
    log_ratio += people.autoimmune * np.log(f.autoimmune_ratio) + people.stroke * np.log(f.stroke_ratio)
    log_ratio += _prediabetes(people) * np.log(f.prediabetes_ratio)
    hazard: Float64s = f.baseline_per_100000_year / PER * np.exp(log_ratio)
    return hazard


def _level_per_year(people: Population, factors: _Factors | None = None) -> Float64s:
    """Return the hazard these people would have at the age of greatest hazard, shape (N,) [1/a]."""
    f = _default_factors() if factors is None else factors
    return hazard_per_year(people._replace(age_years=np.full_like(people.age_years, f.age_greatest_years)), f)


def _bell_years(age_years: Float64s, factors: _Factors) -> Float64s:
    """Return the integral of the bell of age up to an age, same shape [a].

    The hazard accumulated from one age to another is `_level_per_year` times the difference, exactly.
    """
    beyond = (age_years - factors.age_greatest_years) / factors.age_width_years
    area: Float64s = factors.age_width_years * np.sqrt(2.0 * np.pi) * ndtr(beyond)
    return area


def _age_of_bell(years: Float64s, factors: _Factors) -> Float64s:
    """Return the age at which `_bell_years` comes to so many years: its inverse, same shape [a]."""
    share = years / (factors.age_width_years * np.sqrt(2.0 * np.pi))
    age: Float64s = factors.age_greatest_years + factors.age_width_years * ndtri(share)
    return age


def incidence(people: Population, factors: _Factors | None = None) -> _Incidence:
    """Return the incidence in these people: the mean of their hazards, in all and by form."""
    hazard = hazard_per_year(people, factors) * PER
    diabetic = float(np.mean(hazard * people.diabetes))
    total = float(np.mean(hazard))
    return _Incidence(total, diabetic, total - diabetic, float(np.std(hazard) / np.sqrt(hazard.size)))


def _hba1c_reference(people: Population, log_ratio: float) -> float:
    """Return the HbA1c [%] that leaves the mean HbA1c factor of diabetic people at 1 for this slope [1/%]."""
    values = people.hba1c_percent[people.diabetes > 0.5]
    if abs(log_ratio) < 1e-9:
        return float(values.mean())
    return float(np.log(np.mean(np.exp(log_ratio * values))) / log_ratio)
