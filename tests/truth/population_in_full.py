"""What a county was set by and is checked with: factors found afresh, matched sets, shares years later."""

from __future__ import annotations

import numpy as np

from garland._types import Float64s
from garland.evidence import part
from garland.population.demographics import Population, chosen, sample_adults
from garland.population.incidence import CaseControlStudy
from garland.population.polyneuropathy import _neuropathic
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
