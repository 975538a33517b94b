"""What a county says: incidence, odds ratio, who and when, and what a programme saves, person by person.

Trusted  numbers needed to treat are what-if only: see population.benefit.   Numbers  none of its own

Hazards, strokes and controls are not in the tables, so each part is lived through once more from the spec:
a pure function of spec and part, without any visit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from garland.cohort.county import _start
from garland.cohort.lives import CHANGES, OUTCOMES, STEPS, WORLDS, _LifeCounts, _steps
from garland.cohort.rows import _chance_of, _dice
from garland.cohort.spec import _CohortSpec
from garland.errors import InputError
from garland.population.demographics import draw
from garland.population.incidence import (
    Counted,
    Rate,
    Share,
    Tally,
    counted,
    exact_share,
    merged,
    poisson_rate,
    tally,
)
from garland.population.number_needed_to_treat import nnt
from garland.population.years import over_years

_CONTROLS = 2
"""Stream of dice that draws controls."""
_COUNTY = 20_000
"""Adults on whom numbers needed to treat are worked out [-]."""
_TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class Curve:
    """Share of all people who have newly fallen ill by each year, death being the other way out.

    Attributes
    ----------
    outcome, world : str
        ``onset`` or ``neuropathy``; ``with`` or ``without`` the programme.
    share, low, high : tuple of float
        With exact 95 % interval, by step [0..1].
    """

    outcome: str
    world: str
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class _Polyneuropathy:
    """Distal polyneuropathy.

    Attributes
    ----------
    at_start, at_end : Share
        Prevalence at the start, and among survivors at the end.
    new : Rate
        Incidence in those without it.
    """

    at_start: Share
    at_end: Share
    new: Rate


@dataclass(frozen=True)
class Saved:
    """What a programme did to one outcome in these very people, by the same chance.

    Attributes
    ----------
    outcome : str
        ``onset`` or ``neuropathy``.
    without, with_programme : int
        New cases [-].
    prevented, later, same, earlier, caused : int
        What became of them [-].
    needed, needed_words : float, str
        Number needed to treat by the median of what is not known, and with its interval in words.
    reduction, low, high, harm_share, concerned_share : float
        As of `population.benefit.NumberNeeded`.
    """

    outcome: str
    without: int
    with_programme: int
    prevented: int
    later: int
    same: int
    earlier: int
    caused: int
    needed: float
    needed_words: str
    reduction: float
    low: float
    high: float
    harm_share: float
    concerned_share: float


@dataclass(frozen=True)
class CountySummary:
    """What a county says.

    Attributes
    ----------
    span_years : float
        How long it was followed [a].
    programme : str
        Name of the programme; ``none``.
    people, survivors : int
        At the start and at the end [-].
    counted : Counted
        Incidence of radiculoplexus neuropathy and who falls ill, as lived.
    years : tuple of float
        Steps of the curves [a].
    curves : tuple of Curve
        Under a programme, also without.
    polyneuropathy : tuple of Polyneuropathy
        As lived, and under a programme also without.
    saved : tuple of Saved
        One for each outcome; empty without a programme.
    """

    span_years: float
    programme: str
    people: int
    survivors: int
    counted: Counted
    years: tuple[float, ...]
    curves: tuple[Curve, ...]
    polyneuropathy: tuple[_Polyneuropathy, ...]
    saved: tuple[Saved, ...]


def _tally_of(spec: _CohortSpec, part: int) -> Tally:
    """Return the tally of one part, made anew from the spec."""
    people, luck = _start(*_chance_of(spec, part))
    years = over_years(people, spec.people.span_years, spec.programme, luck)
    return tally(people, years, spec.programme, _dice(spec, part, _CONTROLS))


def _county_of(spec: _CohortSpec, lives: _LifeCounts, tallies: list[Tally]) -> CountySummary:
    """Return what a county says."""
    whole = merged(tallies)
    in_files, anew = int(lives.fallen[0, 0, STEPS]), int(whole.cases.sum())
    if in_files != anew:
        rule = f"has {in_files} cases, the same spec now makes {anew}"
        remedy = "it is of other code or libraries (see environment in run.json): make it anew"
        raise InputError("FOLDER", spec.name, rule, remedy)
    worlds = range(1 if spec.programme.does_nothing else len(WORLDS))
    return CountySummary(
        span_years=spec.people.span_years,
        programme=spec.people.programme or "none",
        people=lives.people,
        survivors=lives.survivors,
        counted=counted(whole),
        years=tuple(float(year) for year in _steps(spec)),
        curves=tuple(_curve(lives, world, what) for what in range(len(OUTCOMES)) for world in worlds),
        polyneuropathy=tuple(_polyneuropathy(lives, world) for world in worlds),
        saved=tuple(_saved(spec, lives, what) for what in range(len(OUTCOMES))) if len(worlds) > 1 else (),
    )


def _curve(lives: _LifeCounts, world: int, outcome: int) -> Curve:
    """Return one curve; those who have distal polyneuropathy from the start are no new cases."""
    ill, n = lives.fallen[world, outcome].astype(float), lives.people
    low = np.where(ill > 0, beta.ppf(_TAILS[0], ill, n - ill + 1.0), 0.0)
    high = np.where(ill < n, beta.ppf(_TAILS[1], ill + 1.0, n - ill), 1.0)
    shares = [tuple(float(value) for value in one) for one in (ill / n, low, high)]
    return Curve(OUTCOMES[outcome], WORLDS[world], *shares)


def _polyneuropathy(lives: _LifeCounts, world: int) -> _Polyneuropathy:
    new = float(lives.fallen[world, OUTCOMES.index("neuropathy"), STEPS])
    return _Polyneuropathy(
        exact_share(lives.at_start, lives.people),
        exact_share(int(lives.at_end[world]), lives.survivors),
        poisson_rate(new, float(lives.free_years[world])),
    )


def _saved(spec: _CohortSpec, lives: _LifeCounts, outcome: int) -> Saved:
    what = OUTCOMES[outcome]
    needed = nnt(draw(_COUNTY, spec.seed), spec.programme, spec.people.span_years, what, seed=spec.seed)
    now, before = (int(lives.fallen[world, outcome, STEPS]) for world in (0, 1))
    changes = {name: int(count) for name, count in zip(CHANGES, lives.changed[outcome], strict=True)}
    return Saved(
        outcome=what,
        without=before,
        with_programme=now,
        **changes,
        needed=needed.needed,
        needed_words=needed.words,
        reduction=needed.reduction,
        low=needed.low,
        high=needed.high,
        harm_share=needed.harm_share,
        concerned_share=needed.concerned_share,
    )
