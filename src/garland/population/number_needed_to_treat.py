"""Numbers needed to treat: how many people a programme must reach for one neuropathy less, and how surely.

What-if only: no trial tried to prevent a radiculoplexus neuropathy. What is not known is drawn: incidence and
odds ratios from their intervals, the slope on HbA1c from a wide guess that allows harm, how much diabetes is
prevented, and which share of what weight and diabetes go with is cause. People, chances and deaths are the
same in every draw, with and without the programme.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from garland._types import Float64s
from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.population.demographics import Population, chosen
from garland.population.polyneuropathy import _neuropathic_from, _wear
from garland.population.prevention import Programme, _concerned, _drawn_factors, _under, none
from garland.population.risk import (
    PER,
    _default_factors,
    _Factors,
    hazard_per_year,
)
from garland.population.years import (
    Years,
    _bells,
    _diabetes_since,
    _levels,
    _stretches,
    _wearing,
    draw_event_uniforms,
    over_years,
)

_STRATA = 8
OUTCOMES = ("onset", "neuropathy")
"""Radiculoplexus neuropathy, and distal polyneuropathy."""


class _NumberNeeded(NamedTuple):
    """What a programme brings to those it concerns.

    Attributes
    ----------
    outcome : str
        One of `OUTCOMES`.
    concerned_share : float
        Share of adults whom it concerns at the start; all that follows is about them [0..1].
    span_years : float
        How long they are followed [a].
    risk : float
        Risk without the programme, median [0..1].
    reduction, low, high : float
        Absolute reduction of risk, median and 95 % interval; below 0 is harm [-].
    as_modelled : float
        The reduction if every central value held and every association were a cause [-].
    harm_share : float
        Share of draws in which it does harm [0..1].
    years_each : float
        Mean years under the programme of one person, within life and span [a].
    """

    outcome: str
    concerned_share: float
    span_years: float
    risk: float
    reduction: float
    low: float
    high: float
    as_modelled: float
    harm_share: float
    years_each: float

    @property
    def needed(self) -> float:
        """Number needed to treat by the median reduction; negative to harm, infinite without effect [-]."""
        return _inverse(self.reduction)

    @property
    def needed_interval(self) -> tuple[float, float]:
        """Numbers needed at the better and the worse end of the interval; a negative one is to harm [-]."""
        return _inverse(self.high), _inverse(self.low)

    @property
    def person_years(self) -> float:
        """Years of programme for one neuropathy less, by the median reduction [a]; negative for one more."""
        return self.needed * self.years_each

    @property
    def words(self) -> str:
        """The number needed with its interval, passing through infinity where harm is not excluded."""
        if self.low == self.high == 0.0:
            return "no effect is known, so no number needed"
        best, worst = (_named(end) for end in self.needed_interval)
        through = " to infinity" if self.low < 0.0 < self.high else ""
        return f"{_named(self.needed)} ({best}{through} to {worst})"


class _Trial(NamedTuple):
    """Those whom a programme concerns and their lives: without it, and with it as well as it may do.

    `takes` (D + 1,) says which of the lives each draw takes, the first as the programme is said to do.
    """

    treated: Population
    event_uniforms: Float64s
    without: Years
    lives: tuple[tuple[Programme, Years], ...]
    takes: NDArray[np.intp]


def nnt(
    people: Population,
    programme: Programme,
    span_years: float,
    outcome: str = "onset",
    draws: int = 200,
    seed: int = 0,
) -> _NumberNeeded:
    """Return how many people a programme must reach for one neuropathy less."""
    if outcome not in OUTCOMES:
        raise InputError("outcome", outcome, "is not an outcome", did_you_mean(outcome, OUTCOMES))
    if draws < 1:
        raise InputError("draws", draws, "must be 1 or more", "give for instance 200")
    concerned = np.flatnonzero(_concerned(people, programme))
    if not concerned.size:
        raise InputError("programme", programme, "concerns nobody here", "give one that changes something")
    rng = np.random.default_rng([seed, 2])
    trial = _tried(
        chosen(people, concerned),
        programme,
        span_years,
        draw_event_uniforms(people.age_years.size, rng)[concerned],
        draws,
    )
    if outcome == "onset":
        risks = _onsets(trial, _drawn_factors(people, draws, seed), people, rng)
    else:
        risks = _neuropathies(trial, rng.standard_normal((draws, 3)))
    until = np.maximum(trial.without.alive_until_year - programme.start_year, 0.0)
    about = outcome, float(concerned.size / people.age_years.size), span_years
    return _summed(about, risks, float(until.mean()))


def _tried(
    treated: Population, programme: Programme, span: float, event_uniforms: Float64s, draws: int
) -> _Trial:
    """Let them live without and with the programme, with strata of how much diabetes it prevents."""
    shares = [1.0]
    if programme.diabetes_prevented > 0.0:
        low, high = _uniform("prevention_share")
        shares += [low + (high - low) * (stratum + 0.5) / _STRATA for stratum in range(_STRATA)]
    said = programme.diabetes_prevented
    kinds = [programme._replace(diabetes_prevented=min(share * said, 1.0)) for share in shares]
    lives = tuple((kind, over_years(treated, span, kind, event_uniforms)) for kind in kinds)
    takes = np.zeros(draws + 1, np.intp)
    if len(kinds) > 1:
        takes[1:] = 1 + np.arange(draws) % _STRATA
    return _Trial(treated, event_uniforms, over_years(treated, span, none(), event_uniforms), lives, takes)


def _summed(about: tuple[str, float, float], risks: Float64s, years_each: float) -> _NumberNeeded:
    """Return what the risks (D + 1, 2) without and with the programme say, the first row as modelled."""
    saved = risks[:, 0] - risks[:, 1]
    low, middle, high = (float(value) for value in np.quantile(saved[1:], [0.025, 0.5, 0.975]))
    risk, harm = float(np.median(risks[1:, 0])), float((saved[1:] < 0.0).mean())
    return _NumberNeeded(*about, risk, middle, low, high, float(saved[0]), harm, years_each)


def _onsets(trial: _Trial, drawn: list[_Factors], county: Population, rng: np.random.Generator) -> Float64s:
    """Return the risks of radiculoplexus neuropathy, shape (D + 1, 2).

    Of the ratio of hazards that lower weight and less diabetes bring, only the causal share is believed.
    """
    default = _default_factors()
    glucose = trial.lives[0][0]._replace(weight_lost=0.0, diabetes_prevented=0.0)
    worlds = [(none(), trial.without), (glucose, trial.without), *trial.lives]
    cuts = [_stretches(trial.treated, years, what) for what, years in worlds]
    passed = [_bells(trial.treated, cut, default) for cut in cuts]

    def hazard(world: int, factors: _Factors) -> Float64s:
        total: Float64s = np.sum(_levels(cuts[world], factors) * passed[world], axis=0)
        return total

    def risks(factors: _Factors, causal: float, world: int) -> tuple[float, float]:
        without, better, every = (hazard(one, factors) for one in (0, 1, world))
        ratio = np.divide(every, better, out=np.ones_like(every), where=better > 0.0)
        return float(-np.expm1(-without).mean()), float(-np.expm1(-better * ratio**causal).mean())

    shares = 1.0, *rng.uniform(*_uniform("causal_share"), len(drawn))
    factors = default, *_rescaled(county, drawn, rng)
    return np.array([risks(*row) for row in zip(factors, shares, 2 + trial.takes, strict=True)])


def _rescaled(county: Population, factors: list[_Factors], rng: np.random.Generator) -> list[_Factors]:
    """Return factors whose baseline gives the county an incidence drawn from its interval."""
    p, name = part("population/risk"), "target_incidence_per_100000_year"
    target = p.value(name) + p.spread(name) * rng.standard_normal(len(factors))
    found = []
    for one, aim in zip(factors, np.maximum(target, 0.0), strict=True):
        now = float(hazard_per_year(county, one).mean()) * PER
        found.append(one._replace(baseline_per_100000_year=one.baseline_per_100000_year * float(aim) / now))
    return found


def _neuropathies(trial: _Trial, normals: Float64s) -> Float64s:
    """Return the risks of new distal polyneuropathy, shape (D + 1, 2); `normals` (D, 3) draw the doubts."""
    free = trial.without.neuropathy_year != 0.0
    risk = float(np.isfinite(trial.without.neuropathy_year)[free].sum() / free.size)
    p = part("population/programmes")
    share = p.value("glucose_share") + p.spread("glucose_share") * normals[:, 0]
    low, high = _uniform("triglyceride_exponent")
    doubts = np.stack([share, low + (high - low) * ndtr(normals[:, 1]), normals[:, 2]], axis=1)
    usual = np.array([1.0, part("vessels/glycaemia").value("triglyceride_exponent"), 0.0])
    asked = [_asker(trial, free, *life) for life in trial.lives]
    rows = zip((usual, *doubts), trial.takes, strict=True)
    return np.array([(risk, asked[which](row)) for row, which in rows])


def _asker(
    trial: _Trial, free: NDArray[np.bool_], programme: Programme, years: Years
) -> Callable[[Float64s], float]:
    """Return what tells the risk of distal polyneuropathy in one world for doubts (3,) about its gains."""
    ill = np.flatnonzero(np.isfinite(years.diabetes_year) & free)
    sick, outcomes = chosen(trial.treated, ill), Years(*[field[ill] for field in years])
    worn, since = (
        _wearing(sick, outcomes, programme, trial.event_uniforms[ill]),
        _diabetes_since(sick, outcomes),
    )
    gains = _gains(sick, outcomes, programme)

    def risk(doubts: Float64s) -> float:
        changed = worn._replace(after=worn.before * np.exp(doubts @ gains))
        found = _neuropathic_from(changed, np.maximum(-since, 0.0), outcomes.alive_until_year - since, 0)
        return float(np.isfinite(found).sum() / free.size)

    return risk


def _gains(sick: Population, outcomes: Years, programme: Programme) -> Float64s:
    """Return the change of log wear by HbA1c, by fats for a power of 1, by pressure per sd, shape (3, N)."""
    ill = sick._replace(
        diabetes=np.ones_like(sick.diabetes), hba1c_percent=outcomes.hba1c_with_diabetes_percent
    )
    same = np.full_like(ill.hba1c_percent, part("vessels/glycaemia").value("reference_triglycerides_mg_dl"))
    glucose = np.log(_wear(_under(ill, programme).hba1c_percent, same) / _wear(ill.hba1c_percent, same))
    fats = np.full_like(glucose, np.log1p(-programme.triglycerides_lowered))
    tens = programme.pressure_lowered_mmhg / 10.0
    pressure = np.full_like(glucose, -part("care/glucose").value("pressure_sd_ln") * tens)
    return np.stack([glucose, fats, pressure])


def _uniform(name: str) -> tuple[float, float]:
    """Return the ends of a uniform doubt: its middle and half its width times the root of 12 about it."""
    p = part("population/programmes")
    half = 0.5 * math.sqrt(12.0) * p.spread(name)
    return p.value(name) - half, p.value(name) + half


def _inverse(reduction: float) -> float:
    return 1.0 / reduction if reduction != 0.0 else float("inf")


def _named(needed: float) -> str:
    if not np.isfinite(needed):
        return "infinity"
    digits = max(len(str(int(abs(needed)))) - 2, 0)
    return f"{'NNT' if needed > 0.0 else 'NNH'} {round(abs(needed), -digits):,.0f}"
