"""The person: what is known before any finding, and what is drawn where it is not known."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.model.latents import Latents


class Person(NamedTuple):
    """Covariates of N patients (or scalars shared by all); NaN where unknown.

    Attributes
    ----------
    age_years, male, height_cm, weight_kg : jax.Array
        Age [a], sex (1 man, 0 woman), height [cm], weight [kg].
    diabetes, diabetes_years, hba1c_percent, triglycerides_mg_dl : jax.Array
        Diabetes (1 yes, 0 no), its duration [a], HbA1c [%], triglycerides [mg/dL].
    """

    age_years: jax.Array
    male: jax.Array
    height_cm: jax.Array
    weight_kg: jax.Array
    diabetes: jax.Array
    diabetes_years: jax.Array
    hba1c_percent: jax.Array
    triglycerides_mg_dl: jax.Array


def unknown_person() -> Person:
    """Return a person of whom nothing is known (every field NaN)."""
    return Person(*[jnp.asarray(jnp.nan, jnp.float32)] * len(Person._fields))


def diabetes_prevalence(age_years: jax.Array | float) -> jax.Array:
    """Return the share of people of this age who have diabetes [0..1], rising to a plateau in old age."""
    p = part("person")
    beyond = jnp.asarray(age_years) - p.value("diabetes_half_age_years")
    return p.value("diabetes_plateau") * jax.nn.sigmoid(beyond / p.value("diabetes_age_width_years"))


def complete(person: Person, latents: Latents, diabetes_by_cause: jax.Array | float) -> Person:
    """Fill what is unknown from chance, so that a missing value is a distribution and never a default.

    Every field of shape (N,), none NaN.
    """
    p = part("person")
    n = latents.vector.shape[0]

    def known(value: jax.Array, otherwise: jax.Array) -> jax.Array:
        given = jnp.broadcast_to(jnp.asarray(value, jnp.float32), (n,))
        return jnp.where(jnp.isnan(given), otherwise, given)

    age = known(person.age_years, jnp.full((n,), p.age_years, jnp.float32))
    male = known(person.male, jnp.full((n,), 0.5, jnp.float32))
    height = known(
        person.height_cm,
        p.height_woman_cm + male * p.height_man_extra_cm + p.height_sd_cm * latents["height"],
    )
    typical_weight = p.bmi_kg_m2 * jnp.exp(p.bmi_sd_ln * latents["weight"]) * (height / 100.0) ** 2
    weight = known(person.weight_kg, typical_weight)
    drawn = jax.scipy.stats.norm.cdf(latents["diabetes"]) < diabetes_prevalence(age)
    by_cause = jnp.broadcast_to(jnp.asarray(diabetes_by_cause, jnp.float32), (n,))
    diabetes = known(person.diabetes, jnp.where(jnp.isnan(by_cause), drawn.astype(jnp.float32), by_cause))
    years = known(
        person.diabetes_years,
        diabetes * p.diabetes_years * jnp.exp(p.diabetes_years_sd_ln * latents["diabetes_years"]),
    )
    hba1c = known(
        person.hba1c_percent,
        jnp.where(
            diabetes > 0.5,
            p.hba1c_diabetes_percent * jnp.exp(p.hba1c_sd_ln * latents["hba1c"]),
            p.hba1c_healthy_percent + p.hba1c_healthy_sd_percent * latents["hba1c"],
        ),
    )
    triglycerides = known(
        person.triglycerides_mg_dl,
        (p.triglycerides_mg_dl + diabetes * p.triglycerides_diabetes_extra_mg_dl)
        * jnp.exp(p.triglycerides_sd_ln * latents["triglycerides"]),
    )
    return Person(age, male, height, weight, diabetes, years, hba1c, triglycerides)
