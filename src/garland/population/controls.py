"""Cases and matched controls, and the odds ratios that such a study would print.

Trusted  rare disease.   Numbers  none of its own

As in Olmsted County: each case has three controls of the same sex and age. A study of 59 cases is noisy;
a large one shows what the model means.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.errors import InputError
from garland.population.demographics import Population, _prediabetes, chosen, draw, weight_kg
from garland.population.risk import hazard_per_year

Floats = NDArray[np.float64]
_Z = 1.959964
RISKS = ("diabetes", "autoimmune", "stroke", "bmi")
"""What the published odds ratios were adjusted for, in the order of `adjusted_odds_ratios`."""


class Study(NamedTuple):
    """Cases and controls.

    Attributes
    ----------
    people : Population
        Fields of shape (n + n * controls_per_case,), cases first.
    case : ndarray
        1 case, 0 control, same shape.
    matched : ndarray
        Number of the case that a person belongs to, same shape.
    """

    people: Population
    case: Floats
    matched: NDArray[np.intp]


class _OddsRatio(NamedTuple):
    """An odds ratio with its 95 % interval [-]."""

    ratio: float
    low: float
    high: float


def case_control(n: int, seed: int, controls_per_case: int = 3, people: Population | None = None) -> Study:
    """Draw cases by their hazard and controls of the same sex and year of age."""
    for name, value in (("n", n), ("controls_per_case", controls_per_case)):
        if value < 1:
            raise InputError(name, value, "must be 1 or more", "give for instance 59 cases and 3 controls")
    source = draw(300_000, seed) if people is None else people
    rng = np.random.default_rng([seed, 1])
    hazard = hazard_per_year(source)
    cases = rng.choice(hazard.size, size=n, p=hazard / hazard.sum())
    controls = _matched(source, cases, controls_per_case, rng)
    which = np.concatenate([cases, controls.ravel()])
    ill = np.concatenate([np.ones(n), np.zeros(controls.size)])
    number = np.concatenate([np.arange(n), np.repeat(np.arange(n), controls_per_case)])
    return Study(chosen(source, which), ill, number)


def _exposures(study: Study) -> dict[str, Floats]:
    """Return what an odds ratio can be asked for, by name, each of shape (P,)."""
    people = study.people
    return {
        "diabetes": people.diabetes,
        "prediabetes": _prediabetes(people),
        "autoimmune": people.autoimmune,
        "stroke": people.stroke,
        "bmi": people.bmi_kg_m2,
        "obesity": (people.bmi_kg_m2 >= 30.0).astype(np.float64),
        "weight": weight_kg(people),
    }


def crude_odds_ratios(study: Study) -> dict[str, _OddsRatio]:
    """Return the odds ratio of each exposure alone; of pre-diabetes only among people without diabetes."""
    found = {}
    for name, exposure in _exposures(study).items():
        among = study.people.diabetes < 0.5 if name == "prediabetes" else np.ones_like(exposure, bool)
        found[name] = _logistic(exposure[among][:, None], study.case[among])[0]
    return found


def adjusted_odds_ratios(study: Study) -> dict[str, _OddsRatio]:
    """Return the odds ratios of `RISKS` from one logistic fit of all of them."""
    every = _exposures(study)
    fitted = _logistic(np.stack([every[name] for name in RISKS], axis=1), study.case)
    return dict(zip(RISKS, fitted, strict=True))


def _mantel_haenszel(study: Study, exposure: Floats) -> float:
    """Return the odds ratio of a yes-or-no exposure over the matched sets, one case each.

    Mantel-Haenszel odds ratio [-]; infinite if no unexposed case has an exposed control.
    """
    sets = int(study.matched.max()) + 1
    size = np.bincount(study.matched, minlength=sets)
    ill, well = study.case, 1.0 - study.case

    def count(weights: Floats) -> Floats:
        return np.bincount(study.matched, weights, sets).astype(np.float64)

    for_it = count(ill * exposure) * count(well * (1.0 - exposure)) / size
    against = count(ill * (1.0 - exposure)) * count(well * exposure) / size
    below = float(against.sum())
    return float(for_it.sum()) / below if below > 0.0 else float("inf")


def _matched(
    people: Population, cases: NDArray[np.intp], each: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return `each` people of the same sex and year of age for every case, shape (n, each)."""
    group = people.age_years.astype(np.intp) * 2 + people.male.astype(np.intp)
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], group[cases], side="left")
    last = np.searchsorted(group[order], group[cases], side="right")
    step = rng.integers(0, (last - first)[:, None], (cases.size, each))
    picked: NDArray[np.intp] = order[first[:, None] + step]
    return picked


def _logistic(exposure: Floats, case: Floats) -> list[_OddsRatio]:
    """Fit a logistic model by Newton's method; one odds ratio for each column of `exposure` (P, K)."""
    centred = exposure - exposure.mean(axis=0)
    design = np.column_stack([np.ones(case.size), centred])
    weights = np.zeros(design.shape[1])
    for _ in range(25):
        expected = 1.0 / (1.0 + np.exp(-np.clip(design @ weights, -30.0, 30.0)))
        bend = design.T @ (design * (expected * (1.0 - expected))[:, None]) + 1e-9 * np.eye(weights.size)
        weights = weights + np.clip(np.linalg.solve(bend, design.T @ (case - expected)), -3.0, 3.0)
    error = np.sqrt(np.diag(np.linalg.inv(bend)))
    return [
        _OddsRatio(*(float(np.exp(min(value, 50.0))) for value in (mean, mean - _Z * sd, mean + _Z * sd)))
        for mean, sd in zip(weights[1:], error[1:], strict=True)
    ]
