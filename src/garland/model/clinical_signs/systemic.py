"""The illness as a whole: autonomic symptoms, survival, weight.

Hazard of death rises exponentially with age (Gompertz); some diseases kill besides. Radiculoplexus neuropathy
does not: the published excess of 76 per cent was explained by diabetes, age and other disease. Illness fades
over months; while it lasts weight goes, and what has gone comes back with its own pace: a difference of two
exponentials.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.paths import product
from garland.model.axons.state import AxonState
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.units import DAYS_PER_YEAR

_ANATOMY = load()


def autonomic_chance(
    person: Person, latents: Latents, lesion_process: LesionProcess, fibres: AxonState
) -> jax.Array:
    """Return the probability of autonomic symptoms, shape (N,) [0..1].

    Small fibres lost anywhere stand for their autonomic neighbours; systemic illness adds to it while the
    attack lasts, which is read from what is lost; diabetes has its own background.
    """
    p = part("bedside/autonomic")
    small = 1.0 - product(fibres.sensory_conducting_small, _ANATOMY.region_weights)
    lost = jnp.sqrt(jnp.clip(small.mean(axis=(1, 2)), 0.0, 1.0))
    illness = p.value("per_illness") * lesion_process.illness * lost
    score = p.value("base") + p.value("per_loss") * lost + illness
    diabetic = p.value("diabetes_extra") * person.diabetes
    return norm.cdf(score + diabetic + p.value("personal_sd") * latents["autonomic"])


_REFERENCE_AGE_YEARS = 60.0


def death_hazard_per_year(person: Person, after_years: jax.Array | float = 0.0) -> jax.Array:
    """Return the hazard of death some years after the age of `person`, shape (N,) [1/a]."""
    p = part("bedside/survival")
    woman, man = p.value("hazard_woman_per_year"), p.value("hazard_man_per_year")
    at_sixty = jnp.exp((1.0 - person.male) * jnp.log(woman) + person.male * jnp.log(man))
    diabetic = jnp.exp(person.diabetes * jnp.log(p.value("diabetes_ratio")))
    beyond = person.age_years + after_years - _REFERENCE_AGE_YEARS
    return at_sixty * diabetic * jnp.exp(p.value("rise_per_year") * beyond)


def alive(person: Person, lesion_process: LesionProcess, day: jax.Array) -> jax.Array:
    """Return the probability of being alive on a day, given life on day 0.

    Shape (N,) [0..1]; 1 before day 0. Of the disease dies a share, half of it by a day, faster at first.
    """
    rise = part("bedside/survival").value("rise_per_year")
    since = jnp.maximum(day, 0.0)
    by_age = jnp.exp(-death_hazard_per_year(person) * jnp.expm1(rise * since / DAYS_PER_YEAR) / rise)
    power = part("bedside/survival").value("dying_power")
    died = -jnp.expm1(-math.log(2.0) * (since / lesion_process.dying_day) ** power)
    return jnp.asarray(by_age * (1.0 - lesion_process.dying_share * died))


def death_day(person: Person, lesion_process: LesionProcess, latents: Latents) -> jax.Array:
    """Return the day on which this patient dies, shape (N,) [d]: `alive` solved for its own chance."""
    spared = norm.cdf(-latents["survival"])

    def halved(_: int, bounds: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        low, high = bounds
        middle = 0.5 * (low + high)
        lives = alive(person, lesion_process, middle) > spared
        return jnp.where(lives, middle, low), jnp.where(lives, high, middle)

    # Bisection over a century and a half: no closed form adds two kinds of death.
    nobody = jnp.zeros_like(spared)
    low, high = jax.lax.fori_loop(0, 40, halved, (nobody, nobody + 150.0 * DAYS_PER_YEAR))
    return jnp.asarray(0.5 * (low + high))


def _lost_share(day: jax.Array) -> jax.Array:
    """Return how much of the greatest weight loss stands on a day, same shape [0..1]; 0 before day 0."""
    p = part("bedside/weight")
    ill, back = p.value("illness_fade_day"), p.value("return_day")
    peak = math.log(back / ill) * back * ill / (back - ill)
    height = math.exp(-peak / back) - math.exp(-peak / ill)
    since = jnp.maximum(day, 0.0)
    return (jnp.exp(-since / back) - jnp.exp(-since / ill)) / height


def weight_lost_kg(
    person: Person, latents: Latents, lesion_process: LesionProcess, day: jax.Array
) -> jax.Array:
    """Return the weight lost by a day.

    Loss against the weight before, shape (N,) [kg]; never more than `most_share` of that weight.
    """
    first, again = _lost_share(day), _lost_share(day - lesion_process.again_day)
    return _lost_kg(
        person, latents, lesion_process, jnp.minimum(first + lesion_process.again_ratio * again, 1.5)
    )


def _lost_kg(person: Person, latents: Latents, lesion_process: LesionProcess, course: jax.Array) -> jax.Array:
    p = part("bedside/weight")
    own = jnp.exp(p.spread("illness_share") * latents["weight_loss"])
    painful = p.value("pain_share") * lesion_process.pain_drive.max(axis=1)
    with_diabetes = p.value("without_diabetes") ** (1.0 - person.diabetes)
    wanted = (p.value("illness_share") * with_diabetes * lesion_process.illness + painful) * own * course
    most = p.value("most_share")
    return person.weight_kg * most * (1.0 - jnp.exp(-wanted / most))
