"""How common distal polyneuropathy is among adults, as the background under every other cause.

Reads    population.who, fibres.injury (the background loss of the longest fibres), vessels.glycaemia.
Feeds    validation, reports.
Trusted  diabetes of 0-30 years.   Numbers  evidence/parameters/population/polyneuropathy.yaml

A person has it when diabetes alone has cost the longest fibres more than a set hazard; what age costs is
left out.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland import chance
from garland.evidence import part
from garland.fibres.injury import background_hazard
from garland.person import Person
from garland.population.who import Population, chosen
from garland.vessels.glycaemia import worn_years

Floats = NDArray[np.float64]
_AT_ONCE = 20_000
_PER = 100_000.0


class Polyneuropathy(NamedTuple):
    """How common distal polyneuropathy is.

    Attributes
    ----------
    share, share_in_diabetes : float
        Of all adults, of those with diabetes [0..1].
    new_per_100000_year, new_per_100_diabetic_years : float
        New cases per 100,000 adults [1/100000/a], and per 100 years of people with diabetes who do not yet
        have it [1/100/a].
    """

    share: float
    share_in_diabetes: float
    new_per_100000_year: float
    new_per_100_diabetic_years: float


def neuropathic(people: Population, seed: int, years: Floats | float | None = None) -> NDArray[np.bool_]:
    """Tell who has distal polyneuropathy.

    Parameters
    ----------
    people : Population
        N adults.
    seed : int
        Seed; the same person has the same luck at every duration.
    years : ndarray or float, optional
        Duration of diabetes to ask for instead of their own [a].

    Returns
    -------
    ndarray
        Shape (N,).
    """
    duration = people.diabetes_years if years is None else np.broadcast_to(years, people.age_years.shape)
    keys = jax.random.split(jax.random.key(seed), -(-people.age_years.size // _AT_ONCE))
    hazards = []
    for number, key in enumerate(keys):
        which = np.arange(number * _AT_ONCE, min((number + 1) * _AT_ONCE, people.age_years.size))
        hazards.append(_hazard(chosen(people, which), duration[which], key))
    return np.concatenate(hazards) > part("population/polyneuropathy").value("neuropathy_hazard")


def share_after(people: Population, years: float, seed: int) -> float:
    """Return the share of diabetic people with polyneuropathy so many years after diagnosis [0..1]."""
    diabetic = chosen(people, np.flatnonzero(people.diabetes > 0.5))
    return float(neuropathic(diabetic, seed, years).mean())


def polyneuropathy(people: Population, seed: int) -> Polyneuropathy:
    """Return how common distal polyneuropathy is in N adults and how many new cases the next year brings."""
    ill = np.flatnonzero(people.diabetes > 0.5)
    if not ill.size:
        return Polyneuropathy(0.0, 0.0, 0.0, 0.0)
    diabetic = chosen(people, ill)
    now, then = (neuropathic(diabetic, seed, diabetic.diabetes_years + more) for more in (0.0, 1.0))
    new = int((then & ~now).sum())
    n, free = people.age_years.size, max(int((~now).sum()), 1)
    return Polyneuropathy(float(now.sum() / n), float(now.mean()), new / n * _PER, 100.0 * new / free)


def _hazard(people: Population, years: Floats, key: jax.Array) -> Floats:
    """Return the hazard that diabetes alone has put on the longest fibres, shape (N,) [-]."""
    n = people.age_years.size
    luck = chance.draw(key, n)
    p = part("person")
    more = people.diabetes * p.value("triglycerides_diabetes_extra_mg_dl")
    fats = (p.value("triglycerides_mg_dl") + more) * np.exp(
        p.value("triglycerides_sd_ln") * np.asarray(luck["triglycerides"], np.float64)
    )
    young = np.full(n, 50.0)
    weight = people.bmi_kg_m2 * (people.height_cm / 100.0) ** 2
    fields = (
        young,
        people.male,
        people.height_cm,
        weight,
        people.diabetes,
        years,
        people.hba1c_percent,
        fats,
    )
    person = Person(*[jnp.asarray(field, jnp.float32) for field in fields])
    today = jnp.zeros(n, jnp.float32)
    worn = worn_years(person, None, today)
    return np.asarray(background_hazard(person, luck, worn, today), np.float64)
