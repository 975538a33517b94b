"""Counting a county: exact intervals, adjusted rates, and the figures of Olmsted County."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from garland.population.demographics import Population, chosen, sample_adults
from garland.population.incidence import (
    BANDS,
    Counted,
    Tally,
    _adjusted_rate,
    counted,
    exact_share,
    merged,
    poisson_rate,
    tally,
)
from garland.population.prevention import none
from garland.population.risk import _default_factors
from garland.population.years import Years, draw_event_uniforms, over_years

SPAN, EACH, PARTS = 16.0, 100_000, 4


@cache
def parts() -> tuple[tuple[Population, Years, Tally], ...]:
    """Return 400,000 adults followed for 16 years as in Olmsted County, in four parts."""
    found = []
    for number in range(PARTS):
        rng = np.random.default_rng([12, number])
        people = sample_adults(EACH, rng)
        outcomes = over_years(people, SPAN, none(), draw_event_uniforms(EACH, rng))
        found.append((people, outcomes, tally(people, outcomes, none(), rng)))
    return tuple(found)


@cache
def county() -> Counted:
    return counted(merged([counts for _, _, counts in parts()]))


def test_the_exact_interval_of_ten_cases_is_that_of_the_tables():
    found = poisson_rate(10.0, 1e5)
    assert (found.low, found.per_100000_year, found.high) == pytest.approx((4.7954, 10.0, 18.3904), abs=1e-3)


def test_no_case_leaves_a_rate_of_up_to_three_point_seven_over_the_years():
    found = poisson_rate(0.0, 1e5)
    assert (found.low, found.per_100000_year) == (0.0, 0.0)
    assert found.high == pytest.approx(3.6889, abs=1e-3)


def test_without_years_at_risk_there_is_no_rate():
    assert np.isnan(poisson_rate(0.0, 0.0).per_100000_year)
    assert np.isnan(_adjusted_rate(np.zeros((2, 8)), np.zeros((2, 8))).per_100000_year)


def test_the_exact_interval_of_a_share_is_that_of_the_tables():
    assert exact_share(33, 59) == pytest.approx((0.5593, 0.4240, 0.6884), abs=1e-3)
    assert exact_share(0, 10)[1] == 0.0
    assert exact_share(10, 10)[2] == 1.0
    assert np.isnan(exact_share(0, 0).value)


def test_adjusting_a_county_with_one_band_gives_its_exact_interval():
    cases, years = np.zeros((2, 8)), np.zeros((2, 8))
    cases[1, 5], years[1, 5] = 10.0, 1e5
    one, plain = _adjusted_rate(cases, years), poisson_rate(10.0, 1e5)
    assert one[2:] == pytest.approx(plain[2:])


def test_adjusting_to_ages_as_drawn_changes_nothing_where_everyone_has_one_rate():
    rng = np.random.default_rng(2)
    years = rng.uniform(1e4, 1e6, (2, 8))
    assert _adjusted_rate(years * 5e-5, years).per_100000_year == pytest.approx(5.0)


def test_incidence_is_that_of_olmsted_county():
    found = county().adjusted
    assert 3.13 < found.per_100000_year < 5.18
    assert found.low < 4.16 < found.high


def test_both_forms_are_as_frequent_as_in_olmsted_county_and_add_up():
    assert 1.94 < county().diabetic.per_100000_year < 3.64
    assert 0.71 < county().other.per_100000_year < 1.83
    both = county().diabetic.per_100000_year + county().other.per_100000_year
    assert both == pytest.approx(county().adjusted.per_100000_year)


def test_a_closed_county_grows_old_and_its_crude_incidence_rises():
    assert county().crude.per_100000_year > county().adjusted.per_100000_year


def test_the_odds_ratio_of_diabetes_is_that_of_olmsted_county():
    found = county().odds_ratio
    assert 4.11 < found.ratio < 15.21
    assert found.low < 10.0
    assert found.high > 7.91


def test_the_share_of_men_agrees_with_33_of_59():
    assert county().men_adjusted.low < 33 / 59 < county().men_adjusted.high
    assert county().men.low < county().men.value < county().men.high


def test_half_of_the_cases_are_older_than_about_70():
    assert county().age_adjusted.median == pytest.approx(70.0, abs=2.0)
    assert county().age.low < county().age.median < county().age.high


def test_nearly_all_cases_are_24_to_88_years_old():
    ages = np.concatenate([counts.onset_age_years for _, _, counts in parts()])
    assert ((ages >= 24.0) & (ages <= 88.0)).mean() > 0.90
    assert county().age_range == (ages.min(), ages.max())


def test_59_cases_drawn_from_the_county_are_like_those_of_olmsted_in_age():
    ages = np.concatenate([counts.onset_age_years for _, _, counts in parts()])
    rng = np.random.default_rng(9)
    medians = [np.median(rng.choice(ages, 59)) for _ in range(400)]
    low, high = np.quantile(medians, [0.025, 0.975])
    assert low < 70.0 < high


def test_as_many_cases_are_counted_as_are_expected():
    cases = county().crude.cases
    assert county().expected_ratio == pytest.approx(1.0, abs=4.0 / np.sqrt(cases))


def test_diabetes_makes_a_rate_many_times_higher():
    ratio = county().in_diabetes.per_100000_year / county().without_diabetes.per_100000_year
    assert ratio > 7.91


def test_years_at_risk_end_with_onset_death_or_the_span():
    people, outcomes, counts = parts()[0]
    until = np.fmin(outcomes.onset_year, outcomes.alive_until_year)
    assert counts.person_years.sum() == pytest.approx(until.sum())
    sick = np.maximum(until - np.nan_to_num(outcomes.diabetes_year, nan=np.inf), 0.0).sum()
    assert counts.person_years[..., 1].sum() == pytest.approx(sick)
    men = until[people.male > 0.5].sum()
    assert counts.person_years[1].sum() == pytest.approx(men)


def test_bands_of_age_hold_all_cases_and_years():
    assert sum(band.rate.cases for band in county().bands) == county().crude.cases
    years = sum(band.rate.person_years for band in county().bands)
    assert years == pytest.approx(county().crude.person_years)
    assert len(county().bands) == 2 * (len(BANDS) - 1)


def test_one_person_spends_years_in_the_bands_of_age_she_passes_through():
    people = Population(*[np.array([value]) for value in (40.0, 0.0, 165.0, 27.0, 0.0, 0.0, 5.4, 0.0, 0.0)])
    nan = np.array([np.nan])
    outcomes = Years(nan, nan, np.array([8.0]), nan, np.array([20.0]), np.array([7.5]), np.array([0.0]))
    found = tally(people, outcomes, none(), np.random.default_rng(1)).person_years
    np.testing.assert_allclose(found[0, 2], [5.0, 0.0])
    np.testing.assert_allclose(found[0, 3], [3.0, 7.0])
    np.testing.assert_allclose(found[0, 4], [0.0, 5.0])
    assert found.sum() == pytest.approx(20.0)


def test_controls_are_of_the_same_sex_and_year_of_birth_and_well_at_that_time():
    study = parts()[0][2].study
    owner = chosen(study.people, study.matched)
    np.testing.assert_array_equal(owner.male, study.people.male)
    assert np.abs(owner.age_years - study.people.age_years).max() < 1.0
    assert np.bincount(study.matched).max() <= 4
    assert study.case.sum() == parts()[0][1].onset_year.size - np.isnan(parts()[0][1].onset_year).sum()


def test_tallies_of_parts_add_up():
    whole = merged([counts for _, _, counts in parts()])
    assert whole.cases.sum() == sum(counts.cases.sum() for _, _, counts in parts())
    assert whole.study.matched.max() + 1 == whole.male.size
    owner = chosen(whole.study.people, whole.study.matched)
    np.testing.assert_array_equal(owner.male, whole.study.people.male)


def test_a_county_without_cases_has_no_ages_and_no_odds_ratio():
    people, rng = sample_adults(50, 3), np.random.default_rng(3)
    never = _default_factors()._replace(baseline_per_100000_year=0.0)
    found = counted(
        tally(people, over_years(people, 1.0, none(), draw_event_uniforms(50, rng), never), none(), rng)
    )
    assert found.crude.cases == 0.0
    assert found.adjusted.low == 0.0 < found.adjusted.high
    for value in (found.age.median, found.men.value, found.men_adjusted.value, found.odds_ratio.ratio):
        assert np.isnan(value)
    assert np.isnan(found.age_range[0])
    assert np.isnan(found.expected_ratio)
