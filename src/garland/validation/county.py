"""Questions about who gets it: incidence in a county, and a study of cases and matched controls."""

from __future__ import annotations

import numpy as np

from garland.population.controls import Study, adjusted_odds_ratios, case_control, crude_odds_ratios
from garland.population.demographics import draw
from garland.population.risk import incidence
from garland.validation.statistics import _Simulated

_REPEATS = 5
_ADULTS = 100_000


def _county_measures(n: int, seed: int) -> dict[str, _Simulated]:
    """Return every measure of the county, with the standard error over five counties."""
    told = [_county(n, seed + 1000 * again) for again in range(_REPEATS)]
    return {name: _pooled([one[name] for one in told]) for name in told[0]}


def _pooled(values: list[float]) -> _Simulated:
    return _Simulated(float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(_REPEATS)))


def _county(n: int, seed: int) -> dict[str, float]:
    people = draw(_ADULTS, seed)
    cases = incidence(people)
    study = case_control(n, seed, 3, people)
    alone, together = crude_odds_ratios(study), adjusted_odds_ratios(study)
    return {
        "incidence": cases.total,
        "incidence-diabetic": cases.diabetic,
        "incidence-other": cases.other,
        "diabetes-controls": _diabetic_controls(study),
        "or-diabetes": alone["diabetes"].ratio,
        "or-bmi": alone["bmi"].ratio,
        "or-obesity": alone["obesity"].ratio,
        "or-weight": alone["weight"].ratio,
        "or-autoimmune-alone": alone["autoimmune"].ratio,
        "or-stroke-alone": alone["stroke"].ratio,
        "or-diabetes-adjusted": together["diabetes"].ratio,
        "or-autoimmune": together["autoimmune"].ratio,
        "or-stroke": together["stroke"].ratio,
        "or-bmi-adjusted": together["bmi"].ratio,
    }


def _diabetic_controls(study: Study) -> float:
    """Return the share of controls with diabetes [%]."""
    return float(100.0 * study.people.diabetes[study.case < 0.5].mean())
