"""Death from any cause, by age, sex and diabetes.

Trusted  ages 40 to 95 years.   Numbers  evidence/parameters/bedside/survival.yaml

Hazard rises exponentially with age (Gompertz). Radiculoplexus neuropathy adds none: the published excess of
76 per cent was explained by diabetes, age and other disease.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from garland.evidence import part
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.units import DAYS_PER_YEAR

_REFERENCE_AGE_YEARS = 60.0


def hazard_per_year(person: Person, after_years: jax.Array | float = 0.0) -> jax.Array:
    """Return the hazard of death some years after the age of `person`, shape (N,) [1/a]."""
    p = part("bedside/survival")
    woman, man = p.value("hazard_woman_per_year"), p.value("hazard_man_per_year")
    at_sixty = jnp.exp((1.0 - person.male) * jnp.log(woman) + person.male * jnp.log(man))
    diabetic = jnp.exp(person.diabetes * jnp.log(p.value("diabetes_ratio")))
    beyond = person.age_years + after_years - _REFERENCE_AGE_YEARS
    return at_sixty * diabetic * jnp.exp(p.value("rise_per_year") * beyond)


def alive(person: Person, day: jax.Array) -> jax.Array:
    """Return the probability of being alive on a day, given life on day 0.

    Shape (N,) [0..1]; 1 before day 0.
    """
    rise = part("bedside/survival").value("rise_per_year")
    years = jnp.maximum(day, 0.0) / DAYS_PER_YEAR
    return jnp.exp(-hazard_per_year(person) * jnp.expm1(rise * years) / rise)


def death_day(person: Person, latents: Latents) -> jax.Array:
    """Return the day on which this patient dies, shape (N,) [d]: `alive` solved for its own chance."""
    rise = part("bedside/survival").value("rise_per_year")
    spent = -norm.logcdf(-latents["survival"])
    return jnp.log1p(rise * spent / hazard_per_year(person)) / rise * DAYS_PER_YEAR
