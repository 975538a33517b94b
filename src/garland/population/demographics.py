"""Adults of a county: age, sex, diabetes and what goes with it.

Trusted  ages 18-97.   Numbers  evidence/parameters/population/who.yaml, evidence/parameters/person.yaml

Dyslipidaemia, hypertension and dementia are left out: they told cases from controls only when seen alone.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.model.patient import diabetes_prevalence


class Population(NamedTuple):
    """N adults; every field of shape (N,).

    Attributes
    ----------
    age_years, male, height_cm, bmi_kg_m2 : ndarray
        Age [a], sex (1 man, 0 woman), height [cm], body-mass index [kg/m2].
    diabetes, diabetes_years, hba1c_percent : ndarray
        Diabetes (1 yes, 0 no), its duration (0 without) [a], HbA1c [%].
    autoimmune, stroke : ndarray
        A comorbid autoimmune disease, a past stroke (1 yes, 0 no).
    """

    age_years: Float64s
    male: Float64s
    height_cm: Float64s
    bmi_kg_m2: Float64s
    diabetes: Float64s
    diabetes_years: Float64s
    hba1c_percent: Float64s
    autoimmune: Float64s
    stroke: Float64s


def sample_adults(n: int, seed: int | np.random.Generator) -> Population:
    """Draw adults of a county, by the ages, sexes, bodies and diabetes of a census and of surveys.

    Parameters
    ----------
    n : int
        How many [-].
    seed : int or Generator
        Same seed, same people.

    Returns
    -------
    Population
        Age [a], sex, height [cm], body-mass index [kg/m2], diabetes, its years [a], HbA1c [%], autoimmune
        disease and stroke; every field of shape (n,), float64.
    """
    if n < 1:
        raise InputError("n", n, "must be 1 or more", "give for instance 100000")
    rng = np.random.default_rng(seed)
    age, male = _age_and_sex(n, rng)
    height = _height(male, rng)
    diabetes = _happens(_prevalence(age), rng)
    autoimmune = _happens(_autoimmune_share(male), rng)
    stroke = _happens(_stroke_share(age, diabetes), rng)
    years, hba1c = _glycaemia(age, diabetes, rng)
    return Population(age, male, height, _bmi(diabetes, rng), diabetes, years, hba1c, autoimmune, stroke)


def _prediabetes(people: Population) -> Float64s:
    """Return who has pre-diabetes by HbA1c, shape (N,); people with diabetes have not (1 yes, 0 no)."""
    high = people.hba1c_percent >= part("population/who").value("prediabetes_hba1c_percent")
    return (high & (people.diabetes < 0.5)).astype(np.float64)


def weight_kg(people: Population) -> Float64s:
    """Return body weight, shape (N,) [kg]."""
    return people.bmi_kg_m2 * (people.height_cm / 100.0) ** 2


def chosen(people: Population, which: NDArray[np.intp]) -> Population:
    """Return the people at these places of the first axis, shape of `which`."""
    return Population(*[field[which] for field in people])


def _happens(probability: Float64s, rng: np.random.Generator) -> Float64s:
    return (rng.random(probability.shape) < probability).astype(np.float64)


def _age_and_sex(n: int, rng: np.random.Generator) -> tuple[Float64s, Float64s]:
    p = part("population/who")
    shares = p.table("age_shares")
    edges = np.array([*(float(first) for first in shares), p.value("oldest_age_years")])
    weights = np.array(list(shares.values()))
    reached = np.concatenate([[0.0], np.cumsum(weights / weights.sum())])
    where = rng.random(n)
    age = np.interp(where, reached, edges)
    men = np.array(list(p.table("men_shares").values()))
    band = np.clip(np.searchsorted(reached, where, side="right") - 1, 0, len(men) - 1)
    return age, _happens(men[band], rng)


def _height(male: Float64s, rng: np.random.Generator) -> Float64s:
    p = part("person")
    mean = p.value("height_woman_cm") + male * p.value("height_man_extra_cm")
    return mean + p.value("height_sd_cm") * rng.standard_normal(male.shape)


def _bmi(diabetes: Float64s, rng: np.random.Generator) -> Float64s:
    """Return body-mass index [kg/m2]; the median of everyone stays close to that of person.yaml."""
    p = part("person")
    more = part("population/who").value("bmi_diabetes_ratio")
    spread = np.exp(p.value("bmi_sd_ln") * rng.standard_normal(diabetes.shape))
    return p.value("bmi_kg_m2") * spread * np.where(diabetes > 0.5, more, 1.0)


def _prevalence(age: Float64s) -> Float64s:
    grid = np.arange(15.0, 100.5, 0.5)
    return np.interp(age, grid, np.asarray(diabetes_prevalence(jnp.asarray(grid)), np.float64))


def _autoimmune_share(male: Float64s) -> Float64s:
    p = part("population/who")
    return np.where(male > 0.5, p.value("autoimmune_share_men"), p.value("autoimmune_share_women"))


def _stroke_share(age: Float64s, diabetes: Float64s) -> Float64s:
    """Return the share with a past stroke at an age [a], with (1) or without diabetes (0), (N,) [0..1]."""
    p = part("population/who")
    at_70 = p.value("stroke_share_at_70")
    odds = at_70 / (1.0 - at_70) * np.exp(p.value("stroke_log_odds_per_year") * (age - 70.0))
    odds = odds * np.where(diabetes > 0.5, p.value("stroke_diabetes_odds_ratio"), 1.0)
    return odds / (1.0 + odds)


def _age_of_stroke_share(share: Float64s, diabetes: Float64s) -> Float64s:
    """Return the age at which `_stroke_share` comes to a share: its inverse, same shape [a]."""
    p = part("population/who")
    at_70 = p.value("stroke_share_at_70")
    odds = share / (1.0 - share) * (1.0 - at_70) / at_70
    odds = odds / np.where(diabetes > 0.5, p.value("stroke_diabetes_odds_ratio"), 1.0)
    return 70.0 + np.log(odds) / p.value("stroke_log_odds_per_year")


def _glycaemia(age: Float64s, diabetes: Float64s, rng: np.random.Generator) -> tuple[Float64s, Float64s]:
    """Return years of diabetes [a] and HbA1c [%]."""
    p = part("person")
    ill = diabetes > 0.5
    wide, z = rng.standard_normal(age.shape), rng.standard_normal(age.shape)
    years = p.value("diabetes_years") * np.exp(p.value("diabetes_years_sd_ln") * wide)
    sick = p.value("hba1c_diabetes_percent") * np.exp(p.value("hba1c_sd_ln") * z)
    well = p.value("hba1c_healthy_percent") + p.value("hba1c_healthy_sd_percent") * z
    return np.where(ill, np.minimum(years, age - 15.0), 0.0), np.where(ill, sick, np.minimum(well, 6.4))
