"""What a county was set by and is checked with: factors found afresh, matched sets, shares years later."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.evidence import part
from garland.model import latents
from garland.model.axons.injury import background_hazard
from garland.model.patient import Person
from garland.model.vessels.glycaemia import worn_years
from garland.population.demographics import Population, chosen, sample_adults
from garland.population.incidence import CaseControlStudy
from garland.population.polyneuropathy import _NO_AGE_YEARS, triglycerides_mg_dl
from garland.population.risk import _default_factors, _Factors, _hba1c_reference, hazard_per_year, incidence


def _mantel_haenszel(study: CaseControlStudy, exposure: Float64s) -> float:
    """Return the odds ratio of a yes-or-no exposure over the matched sets, one case each.

    Mantel-Haenszel odds ratio [-]; infinite if no unexposed case has an exposed control.
    """
    sets = int(study.matched.max()) + 1
    size = np.bincount(study.matched, minlength=sets)
    ill, well = study.case, 1.0 - study.case

    def count(weights: Float64s) -> Float64s:
        return np.bincount(study.matched, weights, sets).astype(np.float64)

    for_it = count(ill * exposure) * count(well * (1.0 - exposure)) / size
    against = count(ill * (1.0 - exposure)) * count(well * exposure) / size
    below = float(against.sum())
    return float(for_it.sum()) / below if below > 0.0 else float("inf")


def _share_after(people: Population, years: float, seed: int) -> float:
    """Return the share of diabetic people with polyneuropathy so many years after diagnosis [0..1]."""
    diabetic = chosen(people, np.flatnonzero(people.diabetes > 0.5))
    return float(_neuropathic(diabetic, seed, years).mean())


def _calibrate(seed: int = 1, n: int = 1_000_000) -> _Factors:
    """Return the factors with baseline, age, ratio of men and reference HbA1c computed afresh.

    Published odds ratios stay as they are; three numbers are set by three targets: incidence 4.16 per
    100,000 a year, median age 70, 33 men of 59. How cases divide into those with and without diabetes is not
    set.
    """
    p, people = part("population/risk"), sample_adults(n, seed)
    factors = _default_factors()
    reference = _hba1c_reference(people, factors.hba1c_log_ratio)
    factors = factors._replace(hba1c_reference_percent=reference)
    men = p.value("target_men_share")
    for _ in range(_ROUNDS):
        factors = factors._replace(
            age_greatest_years=_greatest_age(people, factors, p.value("target_age_years"))
        )
        now = _men_share(people, hazard_per_year(people, factors))
        factors = factors._replace(men_ratio=factors.men_ratio * men / (1.0 - men) * (1.0 - now) / now)
    scale = p.value("target_incidence_per_100000_year") / incidence(people, factors).total
    return factors._replace(baseline_per_100000_year=factors.baseline_per_100000_year * scale)


def _men_share(people: Population, hazard: Float64s) -> float:
    """Return the share of men among those who fall ill [0..1]."""
    return float(np.sum(hazard * people.male) / np.sum(hazard))


_ROUNDS = 6


def _greatest_age(people: Population, factors: _Factors, target: float) -> float:
    """Return the age of greatest hazard that puts the median age of cases at the target, by bisection."""
    low, high = 40.0, 120.0
    for _ in range(20):
        middle = 0.5 * (low + high)
        hazard = hazard_per_year(people, factors._replace(age_greatest_years=middle))
        low, high = (middle, high) if _middle_age(people, hazard) < target else (low, middle)
    return 0.5 * (low + high)


def _middle_age(people: Population, hazard: Float64s) -> float:
    """Return the median age of those who fall ill: the median weighted by hazard [a]."""
    order = np.argsort(people.age_years)
    reached = np.cumsum(hazard[order])
    return float(people.age_years[order][np.searchsorted(reached, 0.5 * reached[-1])])


_AT_ONCE = 20_000


_PER = 100_000.0


class _Polyneuropathy(NamedTuple):
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


def _neuropathic(people: Population, seed: int, years: Float64s | float | None = None) -> NDArray[np.bool_]:
    """Tell who has distal polyneuropathy.

    Shape (N,).
    """
    duration = people.diabetes_years if years is None else np.broadcast_to(years, people.age_years.shape)
    keys = jax.random.split(jax.random.key(seed), -(-people.age_years.size // _AT_ONCE))
    hazards = []
    for number, key in enumerate(keys):
        which = np.arange(number * _AT_ONCE, min((number + 1) * _AT_ONCE, people.age_years.size))
        hazards.append(_hazard(chosen(people, which), duration[which], key))
    return np.concatenate(hazards) > part("population/polyneuropathy").value("neuropathy_hazard")


def _polyneuropathy(people: Population, seed: int) -> _Polyneuropathy:
    """Return how common distal polyneuropathy is in N adults and how many new cases the next year brings."""
    ill = np.flatnonzero(people.diabetes > 0.5)
    if not ill.size:
        return _Polyneuropathy(0.0, 0.0, 0.0, 0.0)
    diabetic = chosen(people, ill)
    now, then = (_neuropathic(diabetic, seed, diabetic.diabetes_years + more) for more in (0.0, 1.0))
    new = int((then & ~now).sum())
    n, free = people.age_years.size, max(int((~now).sum()), 1)
    return _Polyneuropathy(float(now.sum() / n), float(now.mean()), new / n * _PER, 100.0 * new / free)


def _hazard(people: Population, years: Float64s, key: jax.Array) -> Float64s:
    """Return the hazard that diabetes alone has put on the longest fibres, shape (N,) [-]."""
    n = people.age_years.size
    luck = latents.draw(key, n)
    fats = triglycerides_mg_dl(people.diabetes, np.asarray(luck["triglycerides"], np.float64))
    young = np.full(n, _NO_AGE_YEARS)
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
