"""How far the answer hangs on the prior: every cause made commoner and rarer, in every setting.

The evidence of a cause does not hang on how common the cause is, so every other prior has its posterior in
closed form. A prior may be wrong by the stated factor, and the setting may be another one.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.inference.doubted import PriorSensitivity, _CauseRange
from garland.inference.posterior import Posterior
from garland.model.diseases import DISEASES
from garland.model.diseases.prior import SETTINGS, prior
from garland.model.patient import Person

Floats = NDArray[np.float64]
_AT_ALL = 0.01


def _other_prior(probability: Floats, before: Floats, instead: Floats) -> Floats:
    """Return the posterior that another prior would give."""
    ratio = np.divide(instead, before, out=np.zeros_like(probability), where=before > 0.0)
    weight = probability * ratio
    return np.asarray(weight / weight.sum() if weight.sum() > 0.0 else probability)


def _commoner(probability: Floats, factor: float) -> Floats:
    """Return the probability of each cause if its own prior odds were `factor` times as high, shape (C,)."""
    return np.asarray(probability * factor / (1.0 - probability + probability * factor))


def _sensitivity(posterior: Posterior, person: Person, setting: str) -> PriorSensitivity:
    """Return how far the answer hangs on the prior."""
    factor = part("inference/suspicion").value("prior_factor")
    probability = np.asarray(posterior.probability, np.float64)
    rows = {
        name: probability
        if name == setting
        else _other_prior(probability, posterior.prior, prior(person, name))
        for name in SETTINGS
    }
    low = np.min([_commoner(row, 1.0 / factor) for row in rows.values()], axis=0)
    high = np.max([_commoner(row, factor) for row in rows.values()], axis=0)
    first, second = posterior.order[:2]
    rarer = float(probability[first] / max(probability[second], 1e-300))
    causes = tuple(
        _CauseRange(
            DISEASES[i].name,
            DISEASES[i].title,
            float(probability[i]),
            float(low[i]),
            float(high[i]),
            {name: float(row[i]) for name, row in rows.items()},
        )
        for i in posterior.order
        if high[i] > _AT_ALL
    )
    leaders = {name: DISEASES[int(np.argmax(row))].title for name, row in rows.items()}
    lead, other = DISEASES[first].title, DISEASES[second].title
    message = _message(lead, other, rarer, {k: v for k, v in leaders.items() if v != lead})
    return PriorSensitivity(factor, causes, lead, other, min(rarer, 1e9), leaders, message)


def _message(lead: str, other: str, rarer: float, elsewhere: dict[str, str]) -> str:
    """Return how firmly the leader leads, in words."""
    first = lead[0].upper() + lead[1:]
    if rarer > 1000.0:
        text = f"{first} would lead even if it were a thousand times rarer."
    elif rarer >= 1.15:
        text = f"{first} would still lead if it were {_times(rarer)} times rarer; beyond that, {other} would."
    else:
        text = f"{first} and {other} are level: the prior decides between them."
    for place, title in elsewhere.items():
        text += f" In the setting {place}, {title} would lead."
    return text


def _times(rarer: float) -> str:
    """Return a factor rounded down, so that what is said holds."""
    if rarer >= 10.0:
        return f"{math.floor(rarer):d}"
    return f"{math.floor(rarer * 10.0) / 10.0:.1f}"
