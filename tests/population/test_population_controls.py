"""Cases and controls: the odds ratios that a study of the model's county would print."""

from __future__ import annotations

import numpy as np
import pytest

from garland.errors import InputError
from garland.population.demographics import chosen, sample_adults
from garland.population.incidence import (
    CaseControlStudy,
    _exposures,
    adjusted_odds_ratios,
    case_control,
    crude_odds_ratios,
)
from tests.truth.population_in_full import _mantel_haenszel

COUNTY = sample_adults(200_000, 5)
LARGE = case_control(10_000, 5, people=COUNTY)
CRUDE, ADJUSTED = crude_odds_ratios(LARGE), adjusted_odds_ratios(LARGE)


def test_a_study_like_olmsted_has_59_cases_and_177_controls_of_the_same_sex_and_age():
    study = case_control(59, 1, people=COUNTY)
    assert int(study.case.sum()) == 59
    assert study.case.size == 59 + 177
    owner = chosen(study.people, study.matched)
    np.testing.assert_array_equal(owner.male, study.people.male)
    assert np.abs(owner.age_years - study.people.age_years).max() < 1.0


def test_the_same_seed_gives_the_same_study():
    one, other = (case_control(20, 3, people=COUNTY) for _ in range(2))
    np.testing.assert_array_equal(one.people.age_years, other.people.age_years)


@pytest.mark.parametrize("sizes", [(0, 3), (59, 0)])
def test_a_study_needs_cases_and_controls(sizes: tuple[int, int]):
    with pytest.raises(InputError, match="must be 1 or more"):
        case_control(sizes[0], 1, sizes[1], COUNTY)


@pytest.mark.parametrize(
    ("risk", "low", "high"),
    [
        ("diabetes", 4.11, 15.21),
        ("autoimmune", 1.07, 6.93),
        ("stroke", 1.32, 11.01),
        ("bmi", 1.04, 1.15),
        ("obesity", 1.11, 3.8),
        ("weight", 1.009, 1.037),
    ],
)
def test_the_crude_odds_ratio_lies_within_the_published_interval(risk: str, low: float, high: float):
    assert low < CRUDE[risk].ratio < high


@pytest.mark.parametrize(
    ("risk", "low", "high", "published"),
    [
        ("diabetes", 3.86, 16.7, 8.03),
        ("autoimmune", 1.45, 14.7, 4.58),
        ("stroke", 1.2, 14.25, 4.13),
        ("bmi", 1.01, 1.13, 1.07),
    ],
)
def test_the_adjusted_odds_ratio_comes_back(risk: str, low: float, high: float, published: float):
    assert low < ADJUSTED[risk].ratio < high
    assert np.log(ADJUSTED[risk].ratio) == pytest.approx(np.log(published), rel=0.15)


def test_the_crude_ratio_of_diabetes_is_larger_because_weight_and_stroke_go_with_it():
    assert CRUDE["diabetes"].ratio > ADJUSTED["diabetes"].ratio


def test_prediabetes_does_not_matter():
    assert CRUDE["prediabetes"].ratio == pytest.approx(1.0, abs=0.1)


def test_about_a_fifth_of_controls_have_diabetes():
    share = LARGE.people.diabetes[LARGE.case < 0.5].mean()
    assert 0.15 < share < 0.26


def test_the_logistic_fit_of_one_exposure_is_the_cross_product_of_the_two_by_two_table():
    ill, exposed = LARGE.case > 0.5, LARGE.people.stroke > 0.5
    a, b = (ill & exposed).sum(), (ill & ~exposed).sum()
    c, d = (~ill & exposed).sum(), (~ill & ~exposed).sum()
    assert CRUDE["stroke"].ratio == pytest.approx(a * d / (b * c), rel=1e-6)
    error = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    assert np.log(CRUDE["stroke"].high / CRUDE["stroke"].ratio) == pytest.approx(1.959964 * error, rel=1e-4)


def test_the_published_counts_give_the_published_ratio():
    exposed = np.concatenate([np.arange(59) < 39, np.arange(177) < 35]).astype(float)
    people = chosen(COUNTY, np.arange(236))._replace(diabetes=exposed)
    case = (np.arange(236) < 59).astype(float)
    found = crude_odds_ratios(CaseControlStudy(people, case, np.zeros(236, np.intp)))["diabetes"]
    assert found.ratio == pytest.approx(7.91, abs=0.01)
    assert (found.low, found.high) == pytest.approx((4.11, 15.21), abs=0.02)


def test_mantel_haenszel_over_one_set_is_the_cross_product():
    exposure = _exposures(LARGE)["stroke"]
    one_set = LARGE._replace(matched=np.zeros_like(LARGE.matched))
    assert _mantel_haenszel(one_set, exposure) == pytest.approx(CRUDE["stroke"].ratio, rel=1e-6)


def test_matching_on_age_and_sex_changes_the_ratio_of_diabetes_little():
    matched = _mantel_haenszel(LARGE, LARGE.people.diabetes)
    assert matched == pytest.approx(CRUDE["diabetes"].ratio, rel=0.15)


def test_mantel_haenszel_is_infinite_where_every_case_is_exposed_and_no_control():
    assert _mantel_haenszel(LARGE, LARGE.case) == float("inf")
