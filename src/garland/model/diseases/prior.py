"""How often each cause is met: by setting, age, sex and diabetes, before any finding."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from garland.errors import InputError, did_you_mean
from garland.evidence import Number, part
from garland.model.diseases import DISEASES, Disease
from garland.model.patient import Person, diabetes_prevalence

SETTINGS = ("emg-laboratory", "spine-clinic", "population")
"""Where the patient is met: a spine clinic sees roots, an EMG laboratory sees everything."""
_AGES = np.arange(18.0, 91.0)


def frequency_of(cause: Disease, setting: str) -> tuple[str, Number, float]:
    """Return where stands how often a cause is met in a setting, the number and its value."""
    own = part(f"causes/{cause.evidence}")
    if setting == "population" and (counted := "frequency_population") in own:
        return f"{own.path}.{counted}", own.number(counted), own.value(counted)
    name = "frequency" if cause.root is None else f"frequency_{cause.root.lower()}"
    return f"{own.path}.{name}.{setting}", own.number(name), own.entry(name, setting)


def _age_weight(cause: Disease, age_years: float) -> float:
    """Return how much likelier the cause is at this age than over all adult ages [-]."""
    own = part(f"causes/{cause.evidence}")
    typical, sd = own.age_years, own.age_sd_years
    curve = np.exp(-0.5 * ((_AGES - typical) / sd) ** 2) + 0.02
    at = math.exp(-0.5 * ((age_years - typical) / sd) ** 2) + 0.02
    return float(at / curve.mean())


def _diabetes_weight(cause: Disease, diabetes: float, age_years: float) -> float:
    """Return how much likelier the cause is with (or without) diabetes than in the mixture [-]."""
    prevalence = float(diabetes_prevalence(age_years))
    if cause.diabetes is not None:
        share = cause.diabetes
    else:
        odds = prevalence / (1.0 - prevalence) * part(f"causes/{cause.evidence}").diabetes_odds_ratio
        share = odds / (1.0 + odds)
    return share / prevalence if diabetes > 0.5 else (1.0 - share) / (1.0 - prevalence)


def prior(
    person: Person, setting: str = "emg-laboratory", custom: Mapping[str, float] | None = None
) -> np.ndarray:
    """Return the probability of each cause before any finding."""
    if setting not in SETTINGS:
        raise InputError("setting", setting, "is not a known setting", did_you_mean(setting, SETTINGS))
    names = [cause.name for cause in DISEASES]
    for name in custom or {}:
        if name not in names:
            raise InputError("prior", name, "is not a modelled cause", did_you_mean(name, names))
    age, male, diabetes = float(person.age_years), float(person.male), float(person.diabetes)
    weights = []
    for cause in DISEASES:
        weight = (custom or {}).get(cause.name, frequency_of(cause, setting)[2])
        share = part(f"causes/{cause.evidence}").male_share
        weight *= 1.0 if math.isnan(age) else _age_weight(cause, age)
        weight *= 1.0 if math.isnan(male) else 2.0 * (share if male > 0.5 else 1.0 - share)
        if not math.isnan(diabetes):
            weight *= _diabetes_weight(cause, diabetes, 60.0 if math.isnan(age) else age)
        weights.append(weight)
    total = np.array(weights)
    return np.asarray(total / total.sum())
