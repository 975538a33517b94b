"""A county that grows older year by year: births of disease, deaths, and who they are.

New diabetes is as frequent as its share at each age asks for, and falls on the heavy as often as is needed
for people with diabetes to weigh what they do; strokes likewise. A county keeps its shares of both.

Each event of a person comes when the hazard accumulated so far has spent that person's own chance. The same
chance under a programme is therefore the same person otherwise treated: where the programme lowers hazards
it can only put an event off. All is in closed form but for distal polyneuropathy, found by halving. People
keep their weight, and their HbA1c from the day diabetes begins; fewer strokes and later deaths are not
credited to a programme.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from scipy.special import ndtri

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.model.clinical_signs.systemic import death_hazard_per_year
from garland.model.patient import diabetes_prevalence, unknown_person
from garland.population.demographics import Population, _age_of_stroke_share, _stroke_share, chosen
from garland.population.polyneuropathy import _neuropathic_from, _wear, _Wearing, triglycerides_mg_dl
from garland.population.prevention import Programme, _checked, _under, none
from garland.population.risk import _age_of_bell, _bell_years, _default_factors, _Factors, _level_per_year

_AGES = np.arange(15.0, 130.0, 0.05)
_REFERENCE_AGE_YEARS = 60.0


def _diabetes_begins(people: Population, programme: Programme, luck: Float64s) -> Float64s:
    """Return when diabetes begins.

    Years since the start, shape (N,) [a]: 0 in those who have it, infinite in those who never get it.
    """
    needed = -np.log1p(-luck) / _weight_ratio(people.bmi_kg_m2)
    left = 1.0 - programme.diabetes_prevented
    begins = np.empty_like(needed)
    for sex, reached in enumerate(_reached_diabetes()):
        which = people.male == sex
        age, want = people.age_years[which], needed[which]
        now = np.interp(age, _AGES, reached)
        if left < 1.0:
            spent = np.interp(age + programme.start_year, _AGES, reached) - now
            late = want > spent
            slower = spent + (want - spent) / left if left > 0.0 else np.inf
            want = np.where(late, slower, want)
        begins[which] = np.interp(now + want, reached, _AGES, right=np.inf) - age
    return np.where(people.diabetes > 0.5, 0.0, begins)


def _stroke_comes(people: Population, diabetes_year: Float64s, luck: Float64s) -> Float64s:
    """Return when the first stroke comes, so that the share with one stays what it is at each age.

    Years since the start, shape (N,) [a]; 0 after an earlier stroke.
    """
    now = _stroke_share(people.age_years, people.diabetes)
    share = now + (1.0 - now) * luck
    none, ill = np.zeros_like(share), np.ones_like(share)
    without = _age_of_stroke_share(share, none) - people.age_years
    with_it = np.maximum(_age_of_stroke_share(share, ill) - people.age_years, diabetes_year)
    comes = np.maximum(np.minimum(without, with_it), 0.0)
    return np.where(people.stroke > 0.5, 0.0, comes)


def _dies(people: Population, diabetes_year: Float64s, luck: Float64s) -> Float64s:
    """Return when a person dies, by age, sex and, from when it begins, diabetes.

    Years since the start, shape (N,) [a].
    """
    rise, well, ill = _mortality()
    men = people.male.astype(np.intp)
    hazard = well[men] * np.exp(rise * (people.age_years - _REFERENCE_AGE_YEARS))
    needed, ratio = -np.log1p(-luck) * rise / hazard, (ill / well)[men]
    until = np.expm1(rise * np.minimum(diabetes_year, 150.0))
    grown = np.where(needed < until, needed, until + (needed - until) / ratio)
    return np.log1p(grown) / rise


def _mortality() -> tuple[float, Float64s, Float64s]:
    """Return the rise per year and the hazards of women and men at 60 without and with diabetes [1/a]."""
    sexes = unknown_person()._replace(
        age_years=jnp.full(2, _REFERENCE_AGE_YEARS), male=jnp.asarray([0.0, 1.0]), diabetes=jnp.zeros(2)
    )
    well = np.asarray(death_hazard_per_year(sexes), np.float64)
    ill = np.asarray(death_hazard_per_year(sexes._replace(diabetes=jnp.ones(2))), np.float64)
    return part("bedside/survival").value("rise_per_year"), well, ill


def _reached_diabetes() -> Float64s:
    """Return the hazard of diabetes accumulated by each age in women and men, shape (2, ages) [-].

    With share P at an age, new cases among those without it must come at P'/(1-P) to raise the share, and at
    P times the excess of deaths to replace those who die of it.
    """
    share = np.asarray(diabetes_prevalence(jnp.asarray(_AGES)), np.float64)
    rise, well, ill = _mortality()
    excess = (ill - well)[:, None] * np.exp(rise * (_AGES - _REFERENCE_AGE_YEARS))
    replaced = share * excess
    step = 0.5 * (replaced[:, 1:] + replaced[:, :-1]) * np.diff(_AGES)
    reached: Float64s = np.concatenate([np.zeros((2, 1)), np.cumsum(step, axis=1)], axis=1) - np.log1p(-share)
    return reached


def _weight_ratio(bmi_kg_m2: Float64s) -> Float64s:
    """Return the hazard of diabetes relative to the mean: the ratio of the two densities of weight, (N,)."""
    p = part("person")
    more, spread = np.log(part("population/who").value("bmi_diabetes_ratio")), p.value("bmi_sd_ln")
    relative = np.log(bmi_kg_m2 / p.value("bmi_kg_m2"))
    ratio: Float64s = np.exp(more / spread**2 * (relative - 0.5 * more))
    return ratio


EVENTS = ("onset", "diabetes", "stroke", "death", "hba1c", "background", "triglycerides")
"""What each column of the event uniforms decides."""
_AT_ONCE = 50_000
_EDGE = 1e-9


class Years(NamedTuple):
    """What N people live through; fields (N,), times in years since the start.

    Attributes
    ----------
    onset_year : ndarray
        First radiculoplexus neuropathy [a]; NaN if none within the span and within life.
    neuropathy_year : ndarray
        Distal polyneuropathy [a]; 0 if there at the start, NaN if none.
    diabetes_year : ndarray
        Diabetes [a]; 0 if there at the start, NaN if none.
    stroke_year : ndarray
        First stroke [a]; 0 if before the start, NaN if none.
    alive_until_year : ndarray
        Death, or the end of the span [a].
    hba1c_with_diabetes_percent : ndarray
        HbA1c that a person has, or would have, with diabetes and without a programme [%].
    expected_onsets : ndarray
        Hazard of radiculoplexus neuropathy accumulated while alive: cases to be expected [-].
    """

    onset_year: Float64s
    neuropathy_year: Float64s
    diabetes_year: Float64s
    stroke_year: Float64s
    alive_until_year: Float64s
    hba1c_with_diabetes_percent: Float64s
    expected_onsets: Float64s


class _Stretches(NamedTuple):
    """The life of N people cut where their hazard changes for another reason than age.

    Attributes
    ----------
    ends_year : ndarray
        Ends of four stretches, shape (5, N), rising, the first 0 [a].
    people : tuple of Population
        The people as they are in each stretch, but for their age.
    """

    ends_year: Float64s
    people: tuple[Population, ...]


def draw_event_uniforms(n: int, rng: np.random.Generator) -> Float64s:
    """Return what decides the events of n people: uniform numbers inside (0, 1), shape (n, len(EVENTS))."""
    return np.clip(rng.random((n, len(EVENTS))), _EDGE, 1.0 - _EDGE)


def over_years(
    people: Population,
    span_years: float,
    programme: Programme,
    event_uniforms: Float64s,
    factors: _Factors | None = None,
) -> Years:
    """Return what people live through.

    Fields (N,); each person's depend on nobody else, so that parts can be told apart or together.
    """
    if not 0.0 < span_years < math.inf:
        raise InputError("span_years", span_years, "must be above 0", "give for instance 16")
    shape = (people.age_years.size, len(EVENTS))
    if event_uniforms.shape != shape:
        raise InputError(
            "event_uniforms", event_uniforms.shape, f"must have shape {shape}", "use draw_event_uniforms"
        )
    _checked(programme)
    f = _default_factors() if factors is None else factors
    groups = []
    for first in range(0, people.age_years.size, _AT_ONCE):
        which = np.arange(first, min(first + _AT_ONCE, people.age_years.size))
        groups.append(_lived(chosen(people, which), span_years, programme, event_uniforms[which], f))
    return Years(*[np.concatenate(fields) for fields in zip(*groups, strict=True)])


def people_at(
    people: Population, years: Years, when_year: Float64s | float, programme: Programme
) -> Population:
    """Return the people as they are at a time of their own, whether or not they live to see it.

    Fields (N,): age, diabetes and its duration, HbA1c, weight and stroke of that time.
    """
    when = np.broadcast_to(np.asarray(when_year, np.float64), people.age_years.shape)
    ill = years.diabetes_year <= when
    known = np.where(people.diabetes > 0.5, people.diabetes_years, 0.0)
    then = people._replace(
        age_years=people.age_years + when,
        diabetes=ill.astype(np.float64),
        diabetes_years=np.where(ill, known + when - np.nan_to_num(years.diabetes_year), 0.0),
        hba1c_percent=np.where(ill, years.hba1c_with_diabetes_percent, people.hba1c_percent),
        stroke=(years.stroke_year <= when).astype(np.float64),
    )
    better, begun = _under(then, programme), when >= programme.start_year
    return then._replace(
        hba1c_percent=np.where(begun, better.hba1c_percent, then.hba1c_percent),
        bmi_kg_m2=np.where(begun, better.bmi_kg_m2, then.bmi_kg_m2),
    )


def _stretches(people: Population, years: Years, programme: Programme) -> _Stretches:
    """Return the lives of N people cut at diabetes, stroke and the beginning of a programme."""
    until = years.alive_until_year
    treated = people._replace(
        diabetes=np.isfinite(years.diabetes_year).astype(np.float64),
        hba1c_percent=years.hba1c_with_diabetes_percent,
    )
    better = _under(treated, programme)
    alike = (better.hba1c_percent == treated.hba1c_percent) & (better.bmi_kg_m2 == treated.bmi_kg_m2)
    changes = np.stack(
        [
            years.diabetes_year,
            years.stroke_year,
            np.where(alike, 0.0, programme.start_year),
            0.0 * until,
            until,
        ]
    )
    ends = np.sort(np.minimum(np.nan_to_num(changes, nan=np.inf), until), axis=0)
    return _Stretches(ends, tuple(people_at(people, years, begin, programme) for begin in ends[:-1]))


def _bells(people: Population, cut: _Stretches, factors: _Factors) -> Float64s:
    """Return the years of the bell of age that pass in each stretch, shape (4, N) [a]."""
    passed: Float64s = np.diff(_bell_years(people.age_years + cut.ends_year, factors), axis=0)
    return passed


def _levels(cut: _Stretches, factors: _Factors) -> Float64s:
    """Return the hazard in each stretch as it would be at the age of greatest hazard, shape (4, N) [1/a]."""
    return np.stack([_level_per_year(adults, factors) for adults in cut.people])


def _wearing(people: Population, years: Years, programme: Programme, event_uniforms: Float64s) -> _Wearing:
    """Return how diabetes wears out nerves of N people, as if they all had it."""
    ill = people._replace(
        diabetes=np.ones_like(people.diabetes), hba1c_percent=years.hba1c_with_diabetes_percent
    )
    fats = triglycerides_mg_dl(ill.diabetes, ndtri(event_uniforms[:, EVENTS.index("triglycerides")]))
    before = _wear(ill.hba1c_percent, fats)
    lower = _under(ill, programme).hba1c_percent
    after = _wear(lower, fats * (1.0 - programme.triglycerides_lowered))
    change = np.maximum(programme.start_year - _diabetes_since(people, years), 0.0)
    return _Wearing(before, after, change, ndtri(event_uniforms[:, EVENTS.index("background")]))


def _diabetes_since(people: Population, years: Years) -> Float64s:
    """Return the year in which diabetes began, shape (N,) [a]: negative before the start, 0 if never."""
    return np.where(people.diabetes > 0.5, -people.diabetes_years, np.nan_to_num(years.diabetes_year))


def _lived(
    people: Population, span: float, programme: Programme, event_uniforms: Float64s, factors: _Factors
) -> Years:
    luck = dict(zip(EVENTS, event_uniforms.T, strict=True))
    untreated = _diabetes_begins(people, none(), luck["diabetes"])
    until = np.minimum(_dies(people, untreated, luck["death"]), span)
    stroke = _stroke_comes(people, untreated, luck["stroke"])
    diabetes = _diabetes_begins(people, programme, luck["diabetes"])
    p, never = part("person"), np.full_like(until, np.nan)
    drawn = p.value("hba1c_diabetes_percent") * np.exp(p.value("hba1c_sd_ln") * ndtri(luck["hba1c"]))
    hba1c = np.where(people.diabetes > 0.5, people.hba1c_percent, drawn)
    years = Years(never, never, _within(diabetes, until), _within(stroke, until), until, hba1c, never)
    onset, expected = _onset(people, years, programme, luck["onset"], factors)
    neuropathy = _neuropathy(people, years, programme, event_uniforms)
    return years._replace(onset_year=onset, neuropathy_year=neuropathy, expected_onsets=expected)


def _within(event_year: Float64s, until: Float64s) -> Float64s:
    return np.where(event_year <= until, event_year, np.nan)


def _onset(
    people: Population, years: Years, programme: Programme, luck: Float64s, factors: _Factors
) -> tuple[Float64s, Float64s]:
    """Return when radiculoplexus neuropathy begins [a] and the cases expected, each of shape (N,)."""
    cut = _stretches(people, years, programme)
    level = _levels(cut, factors)
    reached, needed = np.cumsum(level * _bells(people, cut, factors), axis=0), -np.log1p(-luck)
    ill = np.flatnonzero(needed < reached[-1])
    where = np.argmax(needed[ill] < reached[:, ill], axis=0)
    rest = needed[ill] - np.where(where > 0, reached[where - 1, ill], 0.0)
    age, begin = people.age_years[ill], cut.ends_year[where, ill]
    spent = _bell_years(age + begin, factors) + rest / level[where, ill]
    onset = np.full_like(needed, np.nan)
    onset[ill] = np.clip(_age_of_bell(spent, factors) - age, begin, cut.ends_year[where + 1, ill])
    return onset, reached[-1]


def _neuropathy(people: Population, years: Years, programme: Programme, event_uniforms: Float64s) -> Float64s:
    """Return when distal polyneuropathy is first there, shape (N,) [a]."""
    found = np.full_like(years.alive_until_year, np.nan)
    ill = np.flatnonzero(np.isfinite(years.diabetes_year))
    if not ill.size:
        return found
    sick, outcomes = chosen(people, ill), Years(*[field[ill] for field in years])
    worn, since = _wearing(sick, outcomes, programme, event_uniforms[ill]), _diabetes_since(sick, outcomes)
    first = np.maximum(-since, 0.0)
    found[ill] = _neuropathic_from(worn, first, outcomes.alive_until_year - since) + since
    return np.where(np.isfinite(found), np.maximum(found, 0.0), np.nan)
