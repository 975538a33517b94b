"""Setting baseline, age of greatest hazard and ratio of men so that the published totals come out."""

from __future__ import annotations

from garland.evidence import part
from garland.population.demographics import Population, draw
from garland.population.risk import (
    _default_factors,
    _Factors,
    _hba1c_reference,
    _men_share,
    _middle_age,
    hazard_per_year,
    incidence,
)

_ROUNDS = 6


def _calibrate(seed: int = 1, n: int = 1_000_000) -> _Factors:
    """Return the factors with baseline, age, ratio of men and reference HbA1c computed afresh.

    Published odds ratios stay as they are; three numbers are set by three targets: incidence 4.16 per
    100,000 a year, median age 70, 33 men of 59. How cases divide into those with and without diabetes is not
    set.
    """
    p, people = part("population/risk"), draw(n, seed)
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


def _greatest_age(people: Population, factors: _Factors, target: float) -> float:
    """Return the age of greatest hazard that puts the median age of cases at the target, by bisection."""
    low, high = 40.0, 120.0
    for _ in range(20):
        middle = 0.5 * (low + high)
        hazard = hazard_per_year(people, factors._replace(age_greatest_years=middle))
        low, high = (middle, high) if _middle_age(people, hazard) < target else (low, middle)
    return 0.5 * (low + high)
