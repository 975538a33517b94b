"""Counting a county over years: incidence, cases and matched controls, odds ratios.

As in Olmsted County: each case has three controls of the same sex and age. A study of 59 cases is noisy;
a large one shows what the model means.

A closed county grows old and its crude incidence rises; the rate adjusted to the ages and sexes of the county
as drawn is the one to hold against published incidence. Tallies of parts add up to the tally of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.population.demographics import Population, _prediabetes, chosen, sample_adults, weight_kg
from garland.population.prevention import Programme
from garland.population.risk import PER, hazard_per_year
from garland.population.years import Years, people_at
from garland.statistics import binomial_interval, weighted_quantiles

_Z = 1.959964
RISKS = ("diabetes", "autoimmune", "stroke", "bmi")
"""What the published odds ratios were adjusted for, in the order of `adjusted_odds_ratios`."""


class CaseControlStudy(NamedTuple):
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
    case: Float64s
    matched: NDArray[np.intp]


class _OddsRatio(NamedTuple):
    """An odds ratio with its 95 % interval [-]."""

    ratio: float
    low: float
    high: float


def case_control(
    n: int, seed: int, controls_per_case: int = 3, people: Population | None = None
) -> CaseControlStudy:
    """Draw cases by their hazard and controls of the same sex and year of age."""
    for name, value in (("n", n), ("controls_per_case", controls_per_case)):
        if value < 1:
            raise InputError(name, value, "must be 1 or more", "give for instance 59 cases and 3 controls")
    source = sample_adults(300_000, seed) if people is None else people
    rng = np.random.default_rng([seed, 1])
    hazard = hazard_per_year(source)
    cases = rng.choice(hazard.size, size=n, p=hazard / hazard.sum())
    controls = _matched(source, cases, controls_per_case, rng)
    which = np.concatenate([cases, controls.ravel()])
    ill = np.concatenate([np.ones(n), np.zeros(controls.size)])
    number = np.concatenate([np.arange(n), np.repeat(np.arange(n), controls_per_case)])
    return CaseControlStudy(chosen(source, which), ill, number)


def _exposures(study: CaseControlStudy) -> dict[str, Float64s]:
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


def crude_odds_ratios(study: CaseControlStudy) -> dict[str, _OddsRatio]:
    """Return the odds ratio of each exposure alone; of pre-diabetes only among people without diabetes."""
    found = {}
    for name, exposure in _exposures(study).items():
        among = study.people.diabetes < 0.5 if name == "prediabetes" else np.ones_like(exposure, bool)
        found[name] = _logistic(exposure[among][:, None], study.case[among])[0]
    return found


def adjusted_odds_ratios(study: CaseControlStudy) -> dict[str, _OddsRatio]:
    """Return the odds ratios of `RISKS` from one logistic fit of all of them."""
    every = _exposures(study)
    fitted = _logistic(np.stack([every[name] for name in RISKS], axis=1), study.case)
    return dict(zip(RISKS, fitted, strict=True))


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


def _logistic(exposure: Float64s, case: Float64s) -> list[_OddsRatio]:
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


BANDS = (18.0, 25.0, 35.0, 45.0, 55.0, 65.0, 75.0, 85.0, 130.0)
"""Edges of the bands of age: ten years each between the first and the last [a]."""
SEXES = ("female", "male")
_CONTROLS, _CANDIDATES = 3, 12
_TAILS = (0.025, 0.975)


class Tally(NamedTuple):
    """What is counted in a part of a county; tallies of parts are joined by `merged`.

    Attributes
    ----------
    cases, person_years : ndarray
        First episodes and years at risk [a] by sex (women, men), band of age, and diabetes (without, with),
        shape (2, 8, 2).
    expected : float
        Cases to be expected by the hazards [-].
    onset_age_years, male : ndarray
        Age [a] and sex of each case, shape (C,).
    study : Study
        Each case with up to three people of the same sex and year of birth, alive and well at that time.
    """

    cases: Float64s
    person_years: Float64s
    expected: float
    onset_age_years: Float64s
    male: Float64s
    study: CaseControlStudy


class Rate(NamedTuple):
    """A rate with its 95 % interval.

    Attributes
    ----------
    cases, person_years : float
        What it rests on [-], [a].
    per_100000_year, low, high : float
        Rate and interval [1/100000/a]; NaN without person-years.
    """

    cases: float
    person_years: float
    per_100000_year: float
    low: float
    high: float


class _Band(NamedTuple):
    """The rate of one sex between two ages [a]."""

    sex: str
    from_years: float
    to_years: float
    rate: Rate


class Share(NamedTuple):
    """A share with its exact 95 % interval [0..1]."""

    value: float
    low: float
    high: float


class _Quartiles(NamedTuple):
    """Median and quartiles [a]."""

    low: float
    median: float
    high: float


class Counted(NamedTuple):
    """Incidence of radiculoplexus neuropathy in a county, and who falls ill.

    Attributes
    ----------
    crude, adjusted : Rate
        Cases over all years at risk, and adjusted to the ages and sexes of the county as drawn.
    diabetic, other : Rate
        Adjusted rates of the two forms per head of the whole county, so that they add up to `adjusted`.
    in_diabetes, without_diabetes : Rate
        Crude rates in the years with diabetes and in those without.
    bands : tuple of Band
        Rates by sex and band of age.
    men, men_adjusted : Share
        Men among cases as counted, and adjusted (with the interval carried over by the log odds).
    age, age_adjusted : Quartiles
        Age at onset as counted, and adjusted.
    age_range : tuple of float
        Youngest and oldest case [a]; NaN without cases.
    odds_ratio : OddsRatio
        For diabetes, from cases and matched controls; NaN without cases.
    expected_ratio : float
        Cases counted over cases expected [-].
    """

    crude: Rate
    adjusted: Rate
    diabetic: Rate
    other: Rate
    in_diabetes: Rate
    without_diabetes: Rate
    bands: tuple[_Band, ...]
    men: Share
    men_adjusted: Share
    age: _Quartiles
    age_adjusted: _Quartiles
    age_range: tuple[float, float]
    odds_ratio: _OddsRatio
    expected_ratio: float


def tally(people: Population, years: Years, programme: Programme, rng: np.random.Generator) -> Tally:
    """Count a part of a county."""
    ill = np.flatnonzero(np.isfinite(years.onset_year))
    onset, male = years.onset_year[ill], people.male[ill]
    age = people.age_years[ill] + onset
    cases = np.zeros((2, len(BANDS) - 1, 2))
    diabetic = (years.diabetes_year[ill] <= onset).astype(np.intp)
    np.add.at(cases, (male.astype(np.intp), _band(age), diabetic), 1.0)
    study = _study(people, years, programme, ill, rng)
    return Tally(cases, _person_years(people, years), float(years.expected_onsets.sum()), age, male, study)


def merged(tallies: Sequence[Tally]) -> Tally:
    """Return the tally of all parts together."""
    sizes = np.cumsum([0, *(one.male.size for one in tallies)])
    own = [one.study.matched + first for one, first in zip(tallies, sizes, strict=False)]
    people = Population(
        *[np.concatenate(field) for field in zip(*(t.study.people for t in tallies), strict=True)]
    )
    case = np.concatenate([one.study.case for one in tallies])
    order = np.argsort(1.0 - case, kind="stable")
    study = CaseControlStudy(chosen(people, order), case[order], np.concatenate(own)[order])
    return Tally(
        np.sum([one.cases for one in tallies], axis=0),
        np.sum([one.person_years for one in tallies], axis=0),
        float(sum(one.expected for one in tallies)),
        np.concatenate([one.onset_age_years for one in tallies]),
        np.concatenate([one.male for one in tallies]),
        study,
    )


def counted(whole: Tally) -> Counted:
    """Return incidence, ages, sexes and the odds ratio of a tally."""
    cases, years = whole.cases, whole.person_years
    each = cases.sum(axis=2), years.sum(axis=2)
    weight = _weights(whole)
    by_age = np.array([0.25, 0.5, 0.75])
    plain = _quantiles(whole.onset_age_years, np.ones_like(weight), by_age)
    adjusted = _quantiles(whole.onset_age_years, weight, by_age)
    ages = whole.onset_age_years if weight.size else np.array([np.nan])
    return Counted(
        crude=poisson_rate(float(cases.sum()), float(years.sum())),
        adjusted=_adjusted_rate(*each),
        diabetic=_adjusted_rate(cases[..., 1], each[1]),
        other=_adjusted_rate(cases[..., 0], each[1]),
        in_diabetes=poisson_rate(float(cases[..., 1].sum()), float(years[..., 1].sum())),
        without_diabetes=poisson_rate(float(cases[..., 0].sum()), float(years[..., 0].sum())),
        bands=_bands(*each),
        men=exact_share(float(whole.male.sum()), weight.size),
        men_adjusted=_men_adjusted(whole.male, weight),
        age=_Quartiles(*plain),
        age_adjusted=_Quartiles(*adjusted),
        age_range=(float(ages.min()), float(ages.max())),
        odds_ratio=_odds_ratio(whole.study),
        expected_ratio=float(cases.sum() / whole.expected) if whole.expected > 0.0 else float("nan"),
    )


def poisson_rate(cases: float, person_years: float) -> Rate:
    """Return a rate with its exact Poisson interval from the cases counted in so many years at risk [a]."""
    if person_years <= 0.0:
        return Rate(cases, person_years, *[float("nan")] * 3)
    low = 0.5 * chi2.ppf(_TAILS[0], 2.0 * cases) if cases > 0.0 else 0.0
    high = 0.5 * chi2.ppf(_TAILS[1], 2.0 * cases + 2.0)
    rates = [float(count / person_years * PER) for count in (cases, low, high)]
    return Rate(cases, person_years, *rates)


def _adjusted_rate(cases: Float64s, person_years: Float64s) -> Rate:
    """Return the rate adjusted to the ages and sexes of the county as drawn."""
    share = np.where(person_years > 0.0, _county(), 0.0)
    weight = np.divide(share, person_years, out=np.zeros_like(share), where=person_years > 0.0)
    total = share.sum()
    if total <= 0.0:
        return Rate(float(cases.sum()), 0.0, *[float("nan")] * 3)
    weight = weight / total
    rate, variance, most = (weight * cases).sum(), (weight**2 * cases).sum(), weight.max()
    low = variance / (2 * rate) * chi2.ppf(_TAILS[0], 2 * rate**2 / variance) if rate > 0.0 else 0.0
    wide = variance + most**2
    high = wide / (2 * (rate + most)) * chi2.ppf(_TAILS[1], 2 * (rate + most) ** 2 / wide)
    rates = [float(one * PER) for one in (rate, low, high)]
    return Rate(float(cases.sum()), float(person_years.sum()), *rates)


def exact_share(count: float, n: int) -> Share:
    """Return a share with its exact (Clopper-Pearson) interval; NaN of nobody."""
    if n == 0:
        return Share(*[float("nan")] * 3)
    return Share(float(count / n), *binomial_interval(count, n))


def _band(age: Float64s) -> NDArray[np.intp]:
    return np.clip(np.searchsorted(BANDS, age, side="right") - 1, 0, len(BANDS) - 2)


def _person_years(people: Population, years: Years) -> Float64s:
    """Return the years at risk by sex, band of age and diabetes, shape (2, 8, 2) [a]."""
    first, until = people.age_years, np.fmin(years.onset_year, years.alive_until_year)
    begins = np.fmin(years.diabetes_year, until)
    limits = first, first + begins, first + until
    found = np.zeros((2, len(BANDS) - 1, 2))
    for band, (low, high) in enumerate(pairwise(BANDS)):
        start, change, end = (np.clip(limit, low, high) for limit in limits)
        for diabetes, spent in enumerate((change - start, end - change)):
            found[:, band, diabetes] = np.bincount(people.male.astype(np.intp), spent, 2)
    return found


def _county() -> Float64s:
    """Return the share of adults of each sex and band of age in the county as drawn, shape (2, 8)."""
    p = part("population/who")
    ages, men = p.table("age_shares"), p.table("men_shares")
    found = np.zeros((2, len(BANDS) - 1))
    for first, share in ages.items():
        band = int(_band(np.array([float(first)]))[0])
        found[:, band] += share * (1.0 - men[first]), share * men[first]
    weights: Float64s = found / found.sum()
    return weights


def _weights(whole: Tally) -> Float64s:
    """Return what each case counts for in the county as drawn, shape (C,), with mean 1."""
    years = whole.person_years.sum(axis=2)
    each = _county() / np.maximum(years, 1e-9)
    weight: Float64s = each[whole.male.astype(np.intp), _band(whole.onset_age_years)]
    return weight / weight.mean() if weight.size else weight


def _quantiles(values: Float64s, weights: Float64s, at: Float64s) -> list[float]:
    """Return weighted quantiles; NaN of nothing."""
    return [float(value) for value in weighted_quantiles(values, weights, at, "hazen")]


def _men_adjusted(male: Float64s, weight: Float64s) -> Share:
    if not male.size:
        return Share(*[float("nan")] * 3)
    share = float((male * weight).sum() / weight.sum())
    plain = exact_share(float(male.sum()), male.size)
    if not 0.0 < plain.value < 1.0:
        return plain
    moved = share / (1.0 - share) * (1.0 - plain.value) / plain.value
    odds = [one / max(1.0 - one, 1e-12) * moved for one in plain]
    return Share(*[one / (1.0 + one) for one in odds])


def _bands(cases: Float64s, years: Float64s) -> tuple[_Band, ...]:
    return tuple(
        _Band(name, low, high, poisson_rate(float(cases[sex, at]), float(years[sex, at])))
        for sex, name in enumerate(SEXES)
        for at, (low, high) in enumerate(pairwise(BANDS))
    )


def _study(
    people: Population, years: Years, programme: Programme, ill: NDArray[np.intp], rng: np.random.Generator
) -> CaseControlStudy:
    """Match to each case people of the same sex and year of birth who are alive and well at that time."""
    onset = years.onset_year[ill][:, None]
    could = _matched(people, ill, _CANDIDATES, rng)
    well = ~(years.onset_year[could] <= onset) & (years.alive_until_year[could] >= onset)
    taken = well & (np.cumsum(well, axis=1) <= _CONTROLS)
    number = np.broadcast_to(np.arange(ill.size)[:, None], could.shape)[taken]
    which, owner = np.concatenate([ill, could[taken]]), np.concatenate([np.arange(ill.size), number])
    when = years.onset_year[ill][owner]
    then = people_at(chosen(people, which), Years(*[field[which] for field in years]), when, programme)
    return CaseControlStudy(then, (np.arange(which.size) < ill.size).astype(np.float64), owner)


def _odds_ratio(study: CaseControlStudy) -> _OddsRatio:
    if np.unique(study.case).size < 2:
        return _OddsRatio(*[float("nan")] * 3)
    return crude_odds_ratios(study)["diabetes"]
