"""Adults over years: chances spent, shares that stay, programmes that only put off."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.stats import kstest

from garland.errors import InputError
from garland.model.patient import diabetes_prevalence
from garland.population.demographics import _age_of_stroke_share, _stroke_share, chosen, sample_adults
from garland.population.prevention import Programme, _shipped, none
from garland.population.risk import (
    _age_of_bell,
    _bell_years,
    _default_factors,
    _level_per_year,
    hazard_per_year,
)
from garland.population.years import EVENTS, Years, draw_event_uniforms, over_years, people_at
from tests.truth.population_in_full import _neuropathic

N, SPAN = 80_000, 20.0
RNG = np.random.default_rng(41)
COUNTY = sample_adults(N, RNG)
UNIFORMS = draw_event_uniforms(N, RNG)
LIVED = over_years(COUNTY, SPAN, none(), UNIFORMS)
ALIVE = LIVED.alive_until_year == SPAN
OFTEN = _default_factors()._replace(baseline_per_100000_year=5_000.0)
"""So frequent a disease that many fall ill, to test who does and when."""


def never_as_late(years: np.ndarray) -> np.ndarray:
    return np.nan_to_num(years, nan=np.inf)


def same(one: Years, other: Years) -> None:
    for name, first, second in zip(Years._fields, one, other, strict=True):
        np.testing.assert_array_equal(first, second, err_msg=name)


def test_the_hazard_between_two_ages_is_the_integral_of_the_hazard_per_year():
    few, f = chosen(COUNTY, np.arange(50)), _default_factors()
    steps = 2000
    middles = (np.arange(steps) + 0.5) * SPAN / steps
    summed = sum(hazard_per_year(few._replace(age_years=few.age_years + t)) for t in middles) * SPAN / steps
    passed = _bell_years(few.age_years + SPAN, f) - _bell_years(few.age_years, f)
    np.testing.assert_allclose(_level_per_year(few) * passed, summed, rtol=1e-5)
    np.testing.assert_allclose(_age_of_bell(_bell_years(few.age_years, f), f), few.age_years, rtol=1e-9)


def test_a_constant_hazard_gives_an_exponential_onset():
    alike = chosen(COUNTY, np.zeros(20_000, np.intp))._replace(diabetes=np.zeros(20_000))
    alike = alike._replace(age_years=np.full(20_000, 20.0), stroke=np.zeros(20_000))
    flat = _default_factors()._replace(
        age_width_years=1e5, diabetes_ratio=1.0, stroke_ratio=1.0, hba1c_log_ratio=0.0, prediabetes_ratio=1.0
    )
    rate = 0.1
    scale = rate / _level_per_year(alike, flat)[0]
    flat = flat._replace(baseline_per_100000_year=flat.baseline_per_100000_year * scale)
    event_uniforms = draw_event_uniforms(20_000, np.random.default_rng(5))
    event_uniforms[:, EVENTS.index("death")] = 1.0 - 1e-9
    onset = over_years(alike, 30.0, none(), event_uniforms, flat).onset_year
    found = onset[np.isfinite(onset)]
    cut = 1.0 - np.exp(-rate * 30.0)
    assert found.size == pytest.approx(20_000 * cut, rel=0.01)
    assert kstest(found, lambda t: -np.expm1(-rate * t) / cut).pvalue > 0.01
    np.testing.assert_allclose(
        onset[np.isfinite(onset)], (-np.log1p(-event_uniforms[:, 0]) / rate)[np.isfinite(onset)], rtol=1e-6
    )


def test_cases_counted_are_as_many_as_the_hazards_expect():
    found = over_years(COUNTY, SPAN, none(), UNIFORMS, OFTEN)
    probable = -np.expm1(-found.expected_onsets)
    spread = np.sqrt((probable * (1.0 - probable)).sum())
    assert np.isfinite(found.onset_year).sum() == pytest.approx(probable.sum(), abs=3.5 * spread)
    assert probable.sum() > 1_000


def test_the_hazard_that_onset_spends_counts_diabetes_and_stroke_from_when_they_come():
    found = over_years(COUNTY, SPAN, none(), UNIFORMS, OFTEN)
    late = np.flatnonzero((found.diabetes_year > 1.0) & (found.stroke_year > 1.0))[:40]
    people, outcomes = chosen(COUNTY, late), Years(*[field[late] for field in found])
    steps = 4000
    summed = np.zeros(late.size)
    for t in (np.arange(steps) + 0.5) / steps:
        when = t * outcomes.alive_until_year
        now = hazard_per_year(people_at(people, outcomes, when, none()), OFTEN)
        summed += now * outcomes.alive_until_year / steps
    np.testing.assert_allclose(outcomes.expected_onsets, summed, rtol=3e-3)


def test_no_programme_is_exactly_the_same_life_again():
    same(over_years(COUNTY, SPAN, Programme(), UNIFORMS), LIVED)


def test_a_programme_that_changes_nobody_changes_nothing_whenever_it_starts():
    idle = Programme(hba1c_goal_percent=7.0, reach=0.0, start_year=7.0)
    assert idle.does_nothing
    same(over_years(COUNTY, SPAN, idle, UNIFORMS), LIVED)


@pytest.mark.parametrize("name", sorted(_shipped()))
def test_a_programme_that_lowers_hazards_only_puts_events_off(name: str):
    before = over_years(COUNTY, SPAN, none(), UNIFORMS, OFTEN)
    after = over_years(COUNTY, SPAN, _shipped()[name]._replace(start_year=3.0), UNIFORMS, OFTEN)
    for event, exact in (("onset_year", 1e-9), ("neuropathy_year", 2e-4), ("diabetes_year", 1e-9)):
        soonest = never_as_late(getattr(before, event)) - exact
        assert (never_as_late(getattr(after, event)) >= soonest).all()
    np.testing.assert_array_equal(after.alive_until_year, before.alive_until_year)
    early = before.onset_year < 3.0
    np.testing.assert_array_equal(after.onset_year[early], before.onset_year[early])


def test_a_stronger_programme_never_brings_an_onset_earlier():
    last, spared = np.full(N, -np.inf), []
    for strength in (0.0, 0.3, 0.6, 1.0):
        programme = Programme(6.5, strength, 0.1 * strength, 0.5 * strength, 0.5 * strength)
        onset = never_as_late(over_years(COUNTY, SPAN, programme, UNIFORMS, OFTEN).onset_year)
        assert (onset >= last - 1e-9).all()
        last = onset
        spared.append(np.isinf(onset).sum())
    assert (np.diff(spared) > 0).all()


def test_a_programme_that_harms_brings_cases():
    odd = OFTEN._replace(hba1c_log_ratio=-0.3)
    before = over_years(COUNTY, SPAN, none(), UNIFORMS, odd)
    after = over_years(COUNTY, SPAN, Programme(hba1c_goal_percent=6.5), UNIFORMS, odd)
    assert after.expected_onsets.sum() > before.expected_onsets.sum()


def test_those_whom_a_programme_does_not_concern_live_exactly_as_before():
    programme = _shipped()["intensified-glucose"]._replace(start_year=4.0)
    after = over_years(COUNTY, SPAN, programme, UNIFORMS, OFTEN)
    before = over_years(COUNTY, SPAN, none(), UNIFORMS, OFTEN)
    well = np.isnan(before.diabetes_year) | (before.hba1c_with_diabetes_percent <= 7.0)
    np.testing.assert_array_equal(after.onset_year[well], before.onset_year[well])
    np.testing.assert_array_equal(after.neuropathy_year[well], before.neuropathy_year[well])


def test_parts_told_apart_are_the_whole():
    parts = [np.arange(0, 37), np.arange(37, 30_011), np.arange(30_011, N)]
    groups = [over_years(chosen(COUNTY, part), SPAN, none(), UNIFORMS[part]) for part in parts]
    same(Years(*[np.concatenate(fields) for fields in zip(*groups, strict=True)]), LIVED)


def test_twice_the_span_gives_about_twice_the_cases():
    one, two = (over_years(COUNTY, span, none(), UNIFORMS).expected_onsets.sum() for span in (2.0, 4.0))
    assert two / one == pytest.approx(2.0, rel=0.05)


def test_a_longer_span_leaves_what_came_before_it_as_it_was():
    short = over_years(COUNTY, 8.0, none(), UNIFORMS, OFTEN)
    longer = over_years(COUNTY, SPAN, none(), UNIFORMS, OFTEN)
    early = longer.onset_year < 8.0
    np.testing.assert_array_equal(np.isfinite(short.onset_year), early)
    np.testing.assert_allclose(short.onset_year[early], longer.onset_year[early], atol=1e-9)


@pytest.mark.parametrize("ages", [(45, 55), (55, 65), (65, 75), (75, 85)])
def test_the_share_with_diabetes_at_each_age_stays_over_twenty_years(ages: tuple[int, int]):
    then = COUNTY.age_years + SPAN
    here = ALIVE & (then >= ages[0]) & (then < ages[1])
    expected = float(np.asarray(diabetes_prevalence(then[here])).mean())
    assert np.isfinite(LIVED.diabetes_year[here]).mean() == pytest.approx(expected, rel=0.06)


def test_people_who_get_diabetes_are_as_heavy_as_those_who_have_it():
    new = LIVED.diabetes_year > 0.0
    ill = COUNTY.diabetes > 0.5
    assert np.median(COUNTY.bmi_kg_m2[new]) == pytest.approx(np.median(COUNTY.bmi_kg_m2[ill]), rel=0.02)


def test_their_hba1c_is_that_of_people_with_diabetes():
    new = LIVED.diabetes_year > 0.0
    ill = COUNTY.diabetes > 0.5
    found = LIVED.hba1c_with_diabetes_percent
    assert np.median(found[new]) == pytest.approx(np.median(COUNTY.hba1c_percent[ill]), rel=0.02)
    np.testing.assert_array_equal(found[ill], COUNTY.hba1c_percent[ill])


def test_the_share_with_a_stroke_at_each_age_stays_over_twenty_years():
    then = COUNTY.age_years + SPAN
    ill = np.isfinite(LIVED.diabetes_year).astype(float)
    for first in (55, 65, 75):
        here = ALIVE & (then >= first) & (then < first + 10)
        expected = _stroke_share(then, ill)[here].mean()
        assert np.isfinite(LIVED.stroke_year[here]).mean() == pytest.approx(expected, rel=0.1)


def test_the_age_of_a_share_of_strokes_is_the_inverse():
    age, ill = np.linspace(30.0, 90.0, 7), np.array([0.0, 1.0] * 3 + [0.0])
    np.testing.assert_allclose(_age_of_stroke_share(_stroke_share(age, ill), ill), age)


def test_old_people_and_people_with_diabetes_die_sooner():
    def dead(group: np.ndarray) -> float:
        return float((LIVED.alive_until_year[group] < SPAN).mean())

    old, ill = (COUNTY.age_years > 65) & (COUNTY.age_years < 75), COUNTY.diabetes > 0.5
    assert dead(old & ill) > dead(old & ~ill) > dead(COUNTY.age_years < 50)
    assert dead(COUNTY.age_years < 40) < 0.05


def test_nothing_happens_after_death():
    for event in ("onset_year", "neuropathy_year", "diabetes_year", "stroke_year"):
        assert not (getattr(LIVED, event) > LIVED.alive_until_year).any()


def test_distal_polyneuropathy_at_the_start_is_as_common_as_elsewhere_in_the_model():
    ill = np.flatnonzero(COUNTY.diabetes > 0.5)
    there = LIVED.neuropathy_year[ill] == 0.0
    assert there.mean() == pytest.approx(_neuropathic(chosen(COUNTY, ill), 3).mean(), abs=0.02)


def test_distal_polyneuropathy_needs_diabetes_and_comes_no_sooner():
    had = np.isfinite(LIVED.neuropathy_year)
    assert not (had & np.isnan(LIVED.diabetes_year)).any()
    assert (LIVED.neuropathy_year[had] >= LIVED.diabetes_year[had]).all()


def test_about_one_in_ten_has_polyneuropathy_when_diabetes_is_found():
    new = (LIVED.diabetes_year > 0.0) & (LIVED.diabetes_year < LIVED.alive_until_year)
    at_once = LIVED.neuropathy_year[new] - LIVED.diabetes_year[new] < 1e-6
    assert 0.05 < at_once.mean() < 0.12


def test_pressure_has_no_effect_that_is_known():
    same(over_years(COUNTY, SPAN, _shipped()["pressure"], UNIFORMS), LIVED)


def test_lower_triglycerides_put_off_distal_polyneuropathy_only():
    after = over_years(COUNTY, SPAN, _shipped()["lipids"], UNIFORMS)
    np.testing.assert_array_equal(after.onset_year, LIVED.onset_year)
    assert np.isfinite(after.neuropathy_year).sum() < np.isfinite(LIVED.neuropathy_year).sum()


def test_all_new_diabetes_prevented_leaves_those_who_had_it():
    after = over_years(COUNTY, SPAN, Programme(diabetes_prevented=1.0), UNIFORMS)
    np.testing.assert_array_equal(np.isfinite(after.diabetes_year), COUNTY.diabetes > 0.5)


def test_people_at_a_later_time_are_older_and_have_what_came_until_then():
    programme = Programme(hba1c_goal_percent=7.0, weight_lost=0.1, start_year=5.0)
    outcomes = over_years(COUNTY, SPAN, programme, UNIFORMS)
    before, after = (people_at(COUNTY, outcomes, when, programme) for when in (4.0, 10.0))
    np.testing.assert_array_equal(before.bmi_kg_m2, COUNTY.bmi_kg_m2)
    heavy, ill = COUNTY.bmi_kg_m2 > 30.0, after.diabetes > 0.5
    np.testing.assert_allclose(after.bmi_kg_m2[heavy], 0.9 * COUNTY.bmi_kg_m2[heavy])
    assert after.hba1c_percent[ill].max() <= 7.0 < before.hba1c_percent[before.diabetes > 0.5].max()
    np.testing.assert_array_equal(ill, outcomes.diabetes_year <= 10.0)
    np.testing.assert_allclose(after.age_years, COUNTY.age_years + 10.0)
    had = COUNTY.diabetes > 0.5
    np.testing.assert_allclose(after.diabetes_years[had], COUNTY.diabetes_years[had] + 10.0)
    new = ill & ~had
    np.testing.assert_allclose(after.diabetes_years[new], 10.0 - outcomes.diabetes_year[new])


@pytest.mark.parametrize("span", [0.0, -1.0, float("nan"), float("inf")])
def test_a_span_is_above_zero(span: float):
    with pytest.raises(InputError, match="must be above 0"):
        over_years(COUNTY, span, none(), UNIFORMS)


def test_events_are_drawn_for_everyone():
    with pytest.raises(InputError, match="must have shape"):
        over_years(COUNTY, SPAN, none(), UNIFORMS[:-1])


def test_event_uniforms_lie_inside_the_open_interval():
    assert 0.0 < UNIFORMS.min() <= UNIFORMS.max() < 1.0
    assert UNIFORMS.shape == (N, len(EVENTS))


def test_a_million_person_years_take_less_than_two_seconds():
    begin = time.process_time()
    over_years(COUNTY, 10.0, none(), UNIFORMS)
    assert time.process_time() - begin < 2.0
