"""Who is sent to a clinic: cause, age, sex and diabetes of patients from a stated referral mix.

Trusted  adults of 18 to 90 years.   Numbers  evidence/parameters/causes/*.yaml, person.yaml

The cause comes from the mix; age, sex and diabetes from the cause: the joint law behind `causes.prior`.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.evidence import part
from garland.evidence.provenance import remembered
from garland.model.diseases import DISEASES
from garland.model.patient import Person, diabetes_prevalence, unknown_person

AGES = np.arange(18.0, 91.0)
"""Ages that occur [a]."""


class Referred(NamedTuple):
    """N patients; every field of shape (N,).

    Attributes
    ----------
    cause : ndarray
        Index into `DISEASES`.
    age_years, male, diabetes : ndarray
        Age [a], sex (1 man, 0 woman), diabetes (1 yes, 0 no).
    """

    cause: NDArray[np.int64]
    age_years: Float64s
    male: Float64s
    diabetes: Float64s

    @property
    def known(self) -> Person:
        """The same as persons of whom nothing else is known, fields (N,)."""
        stated = {name: jnp.asarray(getattr(self, name), jnp.float32) for name in _STATED}
        return unknown_person()._replace(**stated)


_STATED = ("age_years", "male", "diabetes")


class _Laws(NamedTuple):
    """Of every cause: probability of each of `AGES` (C, A), share of men (C,), of diabetes at each (C, A)."""

    age: Float64s
    male: Float64s
    diabetes: Float64s


@remembered
def _laws() -> _Laws:
    prevalence = np.asarray(diabetes_prevalence(jnp.asarray(AGES)), np.float64)
    age, male, diabetes = [], [], []
    for cause in DISEASES:
        own = part(f"causes/{cause.evidence}")
        curve = np.exp(-0.5 * ((AGES - own.age_years) / own.age_sd_years) ** 2) + 0.02
        odds = prevalence / (1.0 - prevalence) * (own.diabetes_odds_ratio if cause.diabetes is None else 1.0)
        age.append(curve / curve.sum())
        male.append(own.male_share)
        fixed = cause.diabetes is not None
        diabetes.append(np.full(len(AGES), cause.diabetes) if fixed else odds / (1.0 + odds))
    return _Laws(np.array(age), np.array(male, np.float64), np.array(diabetes, np.float64))


def referred(mix: Float64s, uniforms: Float64s) -> Referred:
    """Return patients of a mix."""
    laws = _laws()
    ladder = np.cumsum(mix) / np.sum(mix)
    cause = np.minimum(np.searchsorted(ladder, uniforms[:, 0], side="right"), len(DISEASES) - 1)
    reached = np.cumsum(laws.age, axis=1)
    at = np.minimum((uniforms[:, 1:2] >= reached[cause]).sum(axis=1), len(AGES) - 1)
    male = uniforms[:, 2] < laws.male[cause]
    diabetes = uniforms[:, 3] < laws.diabetes[cause, at]
    return Referred(cause, AGES[at], male.astype(np.float64), diabetes.astype(np.float64))
