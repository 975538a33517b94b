"""Rows that simulated trials of drugs and of a fall of glucose answer, and those of a county."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np

from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.model.latents import draw as draw_latents
from garland.model.treatment.glucose import risk, time_course, treatment_induced
from garland.model.treatment.trials import Trial, drug_trial, onset
from garland.population.demographics import sample_adults
from garland.population.incidence import (
    CaseControlStudy,
    adjusted_odds_ratios,
    case_control,
    crude_odds_ratios,
)
from garland.population.risk import incidence
from garland.validation.statistics import _estimate, _percent, _Simulated

_REPEATS = 5
_ADULTS = 100_000


def _county_measures(n: int, seed: int) -> dict[str, _Simulated]:
    """Return every measure of the county, with the standard error over five counties."""
    stated = [_county(n, seed + 1000 * again) for again in range(_REPEATS)]
    return {name: _pooled([one[name] for one in stated]) for name in stated[0]}


def _pooled(values: list[float]) -> _Simulated:
    return _Simulated(float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(_REPEATS)))


def _county(n: int, seed: int) -> dict[str, float]:
    people = sample_adults(_ADULTS, seed)
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


def _diabetic_controls(study: CaseControlStudy) -> float:
    """Return the share of controls with diabetes [%]."""
    return float(100.0 * study.people.diabetes[study.case < 0.5].mean())


_STATISTICS: Mapping[str, Callable[[Trial], float]] = {
    "nnt-50": lambda t: t.nnt,
    "ratio-50": lambda t: t.drug.responders_50 / t.placebo.responders_50,
    "ratio-30": lambda t: t.drug.responders_30 / t.placebo.responders_30,
    "50": lambda t: 100.0 * t.drug.responders_50,
    "30": lambda t: 100.0 * t.drug.responders_30,
    "mean": lambda t: t.difference,
}
"""What is asked of a trial, by the end of a measure's name."""


def _drug_measure(name: str, n: int, seed: int) -> _Simulated:
    """Return what a trial of an analgesic shows; infinite where it never comes."""
    if name.startswith("placebo-"):
        drug, dose, statistic = "placebo", 0.0, name.removeprefix("placebo-")
    else:
        drug, written, statistic = name.split("-", 2)
        dose = float(written)
    if statistic != "onset" and statistic not in _STATISTICS:
        known = (*_STATISTICS, "onset")
        raise InputError("measure", name, "asks no known question of a trial", did_you_mean(statistic, known))
    size = max(n // _REPEATS, 40)
    stated = [_shown_of(drug, dose, statistic, size, seed + 1000 * again) for again in range(_REPEATS)]
    if not np.isfinite(stated).all():
        return _Simulated(float("inf"), 0.0)
    return _pooled(stated)


def _shown_of(drug: str, dose_mg: float, statistic: str, n: int, seed: int) -> float:
    if statistic == "onset":
        return onset(drug, dose_mg, n, seed)
    made = drug_trial(drug, dose_mg, n, seed)
    if drug == "placebo" and statistic == "mean":
        return made.placebo.mean_change
    return _STATISTICS[statistic](made)


def _glucose_measure(name: str, n: int, seed: int) -> _Simulated:
    """Return what follows a rapid fall of HbA1c."""
    if name not in _GLUCOSE:
        raise InputError(
            "measure", name, "asks nothing known of a fall of glucose", did_you_mean(name, _GLUCOSE)
        )
    return _GLUCOSE[name](n, seed)


def _risk(low: float, high: float) -> Callable[[int, int], _Simulated]:
    def measure(n: int, seed: int) -> _Simulated:
        falls = np.random.default_rng(seed).uniform(low, high, n)
        return _percent(np.asarray(risk(jnp.asarray(falls)), np.float64), np.ones(n))

    return measure


def _affected(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return falls of HbA1c [%], pain [NRS] and the probability of autonomic failure, each (N,)."""
    p = part("validation/ascertainment")
    low, high = p.value("glucose_fall_low_percent"), p.value("glucose_fall_high_percent")
    falls = np.random.default_rng(seed).uniform(low, high, n)
    made = treatment_induced(jnp.asarray(falls), draw_latents(jax.random.key(seed), n))
    return falls, np.asarray(made.pain, np.float64), np.asarray(made.autonomic, np.float64)


def _correlation(n: int, seed: int) -> _Simulated:
    falls, pain, _ = _affected(n, seed)
    ill = pain >= 1.0
    falls, pain = falls[ill], pain[ill]
    return _estimate(lambda at: float(np.corrcoef(falls[at], pain[at])[0, 1]), len(falls))


def _autonomic(n: int, seed: int) -> _Simulated:
    _, pain, autonomic = _affected(n, seed)
    return _percent(autonomic, (pain >= 1.0).astype(np.float64))


def _halved(n: int, seed: int) -> _Simulated:
    _, pain, _ = _affected(n, seed)
    return _percent(pain * float(time_course(548.0)) <= 0.5 * pain, (pain >= 1.0).astype(np.float64))


_GLUCOSE: Mapping[str, Callable[[int, int], _Simulated]] = {
    "risk-2-3": _risk(2.0, 3.0),
    "risk-above-4": _risk(4.0, 8.0),
    "correlation": _correlation,
    "autonomic": _autonomic,
    "halved-18mo": _halved,
}
