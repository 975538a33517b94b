"""What comes with the years: diabetes, stroke and death, each when its own chance is spent.

Trusted  adults; deaths below 40 years are too few to matter.

New diabetes is as frequent as its share at each age asks for, and falls on the heavy as often as is needed
for people with diabetes to weigh what they do; strokes likewise. A county keeps its shares of both.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.model.clinical_signs.survival import hazard_per_year
from garland.model.patient import diabetes_prevalence, unknown_person
from garland.population.demographics import Population, _age_of_stroke_share, _stroke_share
from garland.population.programmes import Programme

Floats = NDArray[np.float64]
_AGES = np.arange(15.0, 130.0, 0.05)
_REFERENCE_AGE_YEARS = 60.0


def _diabetes_begins(people: Population, programme: Programme, luck: Floats) -> Floats:
    """Return when diabetes begins.

    Years since the start, shape (N,) [a]: 0 in those who have it, infinite in those who never get it.
    """
    needed = -np.log1p(-luck) / _weight_ratio(people.bmi_kg_m2)
    left = 1.0 - programme.diabetes_prevented
    begins = np.empty_like(needed)
    for sex, reached in enumerate(_reached_diabetes()):
        which = people.male == sex
        age, want = people.age_years[which], needed[which]
        now = np.interp(age, _AGES, reached)
        if left < 1.0:
            spent = np.interp(age + programme.start_year, _AGES, reached) - now
            late = want > spent
            slower = spent + (want - spent) / left if left > 0.0 else np.inf
            want = np.where(late, slower, want)
        begins[which] = np.interp(now + want, reached, _AGES, right=np.inf) - age
    return np.where(people.diabetes > 0.5, 0.0, begins)


def _stroke_comes(people: Population, diabetes_year: Floats, luck: Floats) -> Floats:
    """Return when the first stroke comes, so that the share with one stays what it is at each age.

    Years since the start, shape (N,) [a]; 0 after an earlier stroke.
    """
    now = _stroke_share(people.age_years, people.diabetes)
    share = now + (1.0 - now) * luck
    none, ill = np.zeros_like(share), np.ones_like(share)
    without = _age_of_stroke_share(share, none) - people.age_years
    with_it = np.maximum(_age_of_stroke_share(share, ill) - people.age_years, diabetes_year)
    comes = np.maximum(np.minimum(without, with_it), 0.0)
    return np.where(people.stroke > 0.5, 0.0, comes)


def _dies(people: Population, diabetes_year: Floats, luck: Floats) -> Floats:
    """Return when a person dies, by age, sex and, from when it begins, diabetes.

    Years since the start, shape (N,) [a].
    """
    rise, well, ill = _mortality()
    men = people.male.astype(np.intp)
    hazard = well[men] * np.exp(rise * (people.age_years - _REFERENCE_AGE_YEARS))
    needed, ratio = -np.log1p(-luck) * rise / hazard, (ill / well)[men]
    until = np.expm1(rise * np.minimum(diabetes_year, 150.0))
    grown = np.where(needed < until, needed, until + (needed - until) / ratio)
    return np.log1p(grown) / rise


def _mortality() -> tuple[float, Floats, Floats]:
    """Return the rise per year and the hazards of women and men at 60 without and with diabetes [1/a]."""
    sexes = unknown_person()._replace(
        age_years=jnp.full(2, _REFERENCE_AGE_YEARS), male=jnp.asarray([0.0, 1.0]), diabetes=jnp.zeros(2)
    )
    well = np.asarray(hazard_per_year(sexes), np.float64)
    ill = np.asarray(hazard_per_year(sexes._replace(diabetes=jnp.ones(2))), np.float64)
    return part("bedside/survival").value("rise_per_year"), well, ill


def _reached_diabetes() -> Floats:
    """Return the hazard of diabetes accumulated by each age in women and men, shape (2, ages) [-].

    With share P at an age, new cases among those without it must come at P'/(1-P) to raise the share, and at
    P times the excess of deaths to replace those who die of it.
    """
    share = np.asarray(diabetes_prevalence(jnp.asarray(_AGES)), np.float64)
    rise, well, ill = _mortality()
    excess = (ill - well)[:, None] * np.exp(rise * (_AGES - _REFERENCE_AGE_YEARS))
    replaced = share * excess
    step = 0.5 * (replaced[:, 1:] + replaced[:, :-1]) * np.diff(_AGES)
    reached: Floats = np.concatenate([np.zeros((2, 1)), np.cumsum(step, axis=1)], axis=1) - np.log1p(-share)
    return reached


def _weight_ratio(bmi_kg_m2: Floats) -> Floats:
    """Return the hazard of diabetes relative to the mean: the ratio of the two densities of weight, (N,)."""
    p = part("person")
    more, spread = np.log(part("population/who").value("bmi_diabetes_ratio")), p.value("bmi_sd_ln")
    relative = np.log(bmi_kg_m2 / p.value("bmi_kg_m2"))
    ratio: Floats = np.exp(more / spread**2 * (relative - 0.5 * more))
    return ratio
