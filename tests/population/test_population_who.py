"""Who gets it: the county, the hazard, incidence and its prevention."""

from __future__ import annotations

import time

import numpy as np
import pytest

from garland.errors import InputError
from garland.evidence import part
from garland.population.demographics import Population, _prediabetes, chosen, sample_adults, weight_kg
from garland.population.prevention import Prevention, _changed, prevented
from garland.population.risk import _default_factors, _hba1c_reference, hazard_per_year, incidence
from tests.truth.population_in_full import (
    _calibrate,
    _men_share,
    _middle_age,
    _neuropathic,
    _polyneuropathy,
    _share_after,
)

COUNTY = sample_adults(400_000, 11)
HAZARD = hazard_per_year(COUNTY)
SMALL = chosen(COUNTY, np.arange(20_000))


def alike(n: int, **given: object) -> Population:
    """Return n people alike, but for what is given."""
    usual = {"age_years": 70.0, "male": 0.0, "height_cm": 165.0, "bmi_kg_m2": 27.0, "diabetes": 1.0}
    usual |= {"diabetes_years": 5.0, "hba1c_percent": 7.5, "autoimmune": 0.0, "stroke": 0.0}
    every = usual | given
    return Population(*[np.broadcast_to(np.asarray(every[name], float), n) for name in Population._fields])


def ratio(**given: float) -> float:
    return float(hazard_per_year(alike(1, **given))[0] / hazard_per_year(alike(1))[0])


def test_the_same_seed_gives_the_same_county():
    for one, other in zip(sample_adults(50, 3), sample_adults(50, 3), strict=True):
        np.testing.assert_array_equal(one, other)
    assert (sample_adults(50, 4).age_years != sample_adults(50, 3).age_years).any()


def test_nobody_can_be_drawn_from_nothing():
    with pytest.raises(InputError, match="must be 1 or more"):
        sample_adults(0, 1)


def test_a_million_people_take_a_second_or_so():
    sample_adults(1000, 0)
    begin = time.process_time()
    hazard_per_year(sample_adults(500_000, 0))
    assert time.process_time() - begin < 1.5


def test_the_county_has_adults_of_all_ages_with_plausible_bodies():
    assert 18.0 <= COUNTY.age_years.min() < 19.0
    assert 90.0 < COUNTY.age_years.max() <= 97.0
    assert 44.0 < np.median(COUNTY.age_years) < 48.0
    assert np.median(weight_kg(COUNTY)) == pytest.approx(77.0, abs=4.0)
    assert 0.46 < COUNTY.male.mean() < 0.51


def test_diabetes_becomes_common_with_age_and_brings_hba1c_duration_and_weight():
    old, young = COUNTY.age_years > 65, COUNTY.age_years < 40
    assert COUNTY.diabetes[old].mean() == pytest.approx(0.185, abs=0.02)
    assert COUNTY.diabetes[young].mean() < 0.04
    ill = COUNTY.diabetes > 0.5
    assert np.median(COUNTY.hba1c_percent[ill]) > 7.0 > COUNTY.hba1c_percent[~ill].max()
    assert COUNTY.diabetes_years[~ill].max() == 0.0
    assert np.median(COUNTY.bmi_kg_m2[ill]) > np.median(COUNTY.bmi_kg_m2[~ill])
    assert not (_prediabetes(COUNTY)[ill] > 0).any()


def test_incidence_is_the_mean_hazard_and_its_two_forms_add_up():
    found = incidence(COUNTY)
    assert found.total == pytest.approx(HAZARD.mean() * 1e5)
    assert found.diabetic + found.other == pytest.approx(found.total)
    assert found.diabetic == pytest.approx((HAZARD * COUNTY.diabetes).sum() / HAZARD.size * 1e5)


def test_the_incidence_of_two_kinds_of_people_is_their_weighted_mean_in_closed_form():
    mixed = alike(4, diabetes=[0.0, 0.0, 0.0, 1.0], hba1c_percent=[5.0, 5.0, 5.0, 7.5])
    f = _default_factors()
    bell = np.exp(-0.5 * ((70.0 - f.age_greatest_years) / f.age_width_years) ** 2)
    glucose = np.exp(f.hba1c_log_ratio * (7.5 - f.hba1c_reference_percent))
    expected = f.baseline_per_100000_year * bell * (0.75 + 0.25 * f.diabetes_ratio * glucose)
    assert incidence(mixed).total == pytest.approx(expected)


def test_incidence_is_that_of_olmsted_county():
    found = incidence(COUNTY)
    assert found.total == pytest.approx(4.16, abs=0.1)
    assert 1.94 < found.diabetic < 3.64
    assert found.diabetic == pytest.approx(2.79, rel=0.1)
    assert 0.71 < found.other < 1.83
    assert found.other == pytest.approx(1.27, rel=0.1)


def test_about_two_thirds_of_cases_have_diabetes():
    share = float((HAZARD * COUNTY.diabetes).sum() / HAZARD.sum())
    assert 0.53 < share < 0.77


def test_cases_are_around_70_and_more_often_men():
    assert _middle_age(COUNTY, HAZARD) == pytest.approx(70.0, abs=0.5)
    assert _men_share(COUNTY, HAZARD) == pytest.approx(33 / 59, abs=0.01)


def test_the_disease_is_rare_under_40():
    young = COUNTY.age_years < 40
    assert young.mean() > 0.35
    assert HAZARD[young].sum() / HAZARD.sum() < 0.03


def test_at_most_six_in_a_hundred_cases_lie_outside_24_to_88_years():
    outside = (COUNTY.age_years < 24) | (COUNTY.age_years > 88)
    assert HAZARD[outside].sum() / HAZARD.sum() < 0.06


def test_without_diabetes_there_is_no_diabetic_form():
    healthy = chosen(COUNTY, np.flatnonzero(COUNTY.diabetes < 0.5))
    assert incidence(healthy).diabetic == 0.0
    assert incidence(healthy).other > 0.0


def test_each_risk_multiplies_the_hazard_by_its_published_odds_ratio():
    assert ratio(autoimmune=1.0) == pytest.approx(4.58)
    assert ratio(stroke=1.0) == pytest.approx(4.13)
    assert ratio(bmi_kg_m2=28.0) == pytest.approx(1.07)
    reference = part("population/risk").value("hba1c_reference_percent")
    assert ratio(hba1c_percent=reference) / ratio(diabetes=0.0, hba1c_percent=5.0) == pytest.approx(8.03)


def test_prediabetes_has_no_effect_worth_the_name():
    assert ratio(diabetes=0.0, hba1c_percent=6.0) / ratio(diabetes=0.0, hba1c_percent=5.0) == pytest.approx(
        1.006
    )


def test_the_hazard_rises_with_hba1c_in_diabetes():
    hazard = hazard_per_year(alike(30, hba1c_percent=np.linspace(5.5, 13.0, 30)))
    assert (np.diff(hazard) > 0).all()


def test_the_mean_hba1c_factor_of_diabetic_people_is_one_for_every_slope():
    values = COUNTY.hba1c_percent[COUNTY.diabetes > 0.5]
    for slope in (-0.2, 0.0, 0.15, 0.46):
        mean = np.exp(slope * (values - _hba1c_reference(COUNTY, slope))).mean()
        assert mean == pytest.approx(1.0)


def test_the_numbers_in_the_evidence_are_those_of_the_calibration():
    found, written = _calibrate(seed=2, n=200_000), _default_factors()
    assert found.baseline_per_100000_year == pytest.approx(written.baseline_per_100000_year, rel=0.05)
    assert found.age_greatest_years == pytest.approx(written.age_greatest_years, abs=1.5)
    assert found.men_ratio == pytest.approx(written.men_ratio, rel=0.05)
    assert found.hba1c_reference_percent == pytest.approx(written.hba1c_reference_percent, abs=0.03)
    assert found.diabetes_ratio == written.diabetes_ratio


def test_doing_nothing_prevents_nothing():
    assert prevented(SMALL, Prevention(), draws=5)[:3] == pytest.approx((1.0, 1.0, 1.0))


def test_better_glucose_may_help_but_the_evidence_allows_nothing_or_harm():
    found = prevented(SMALL, Prevention(hba1c_goal_percent=7.0))
    assert 0.85 < found.ratio < 1.0
    assert found.low < 0.85
    assert found.high > 1.0


def test_less_weight_and_less_diabetes_mean_fewer_cases():
    lighter = prevented(SMALL, Prevention(weight_lost=0.05))
    heavier_loss = prevented(SMALL, Prevention(weight_lost=0.10))
    fewer = prevented(SMALL, Prevention(diabetes_prevented=0.3))
    assert heavier_loss.ratio < lighter.ratio < 1.0
    assert lighter.high < 1.0
    assert 0.7 < fewer.ratio < 0.9


def test_all_diabetes_prevented_leaves_the_form_without_diabetes_only():
    never = prevented(SMALL, Prevention(diabetes_prevented=1.0))
    share = incidence(SMALL).other / incidence(SMALL).total
    assert share < never.ratio < 0.6


def test_prevention_leaves_alone_those_it_does_not_concern():
    after = _changed(SMALL, Prevention(hba1c_goal_percent=7.0, reach=0.5, weight_lost=0.1))
    slim, well = SMALL.bmi_kg_m2 <= 25.0, SMALL.diabetes < 0.5
    np.testing.assert_array_equal(after.bmi_kg_m2[slim], SMALL.bmi_kg_m2[slim])
    np.testing.assert_array_equal(after.hba1c_percent[well], SMALL.hba1c_percent[well])
    high = SMALL.hba1c_percent > 9.0
    np.testing.assert_allclose(after.hba1c_percent[high] - 7.0, 0.5 * (SMALL.hba1c_percent[high] - 7.0))


@pytest.mark.parametrize("name", ["reach", "weight_lost", "diabetes_prevented"])
def test_a_share_of_prevention_lies_between_0_and_1(name: str):
    with pytest.raises(InputError, match="must lie between 0 and 1"):
        prevented(SMALL, Prevention()._replace(**{name: 1.2}))


def test_prevention_needs_a_draw():
    with pytest.raises(InputError, match="must be 1 or more"):
        prevented(SMALL, Prevention(), draws=0)


def test_polyneuropathy_is_there_in_some_at_diagnosis_and_in_about_half_after_ten_years():
    assert 0.05 < _share_after(COUNTY, 0.0, 1) < 0.12
    assert 0.40 < _share_after(COUNTY, 10.0, 1) < 0.53


def test_polyneuropathy_grows_with_years_and_hba1c_and_needs_diabetes():
    shares = [_share_after(SMALL, years, 1) for years in (0.0, 5.0, 10.0, 20.0)]
    assert (np.diff(shares) > 0).all()
    worse = _neuropathic(alike(2000, hba1c_percent=9.5), 1).mean()
    assert worse > _neuropathic(alike(2000, hba1c_percent=6.5), 1).mean()
    assert not _neuropathic(alike(2000, diabetes=0.0, hba1c_percent=5.4), 1).any()


def test_distal_polyneuropathy_is_far_commoner_than_radiculoplexus_neuropathy():
    found = _polyneuropathy(SMALL, 1)
    assert 0.25 < found.share_in_diabetes < 0.55
    assert found.share == pytest.approx(found.share_in_diabetes * SMALL.diabetes.mean())
    assert found.new_per_100000_year > 20.0 * incidence(SMALL).total


def test_a_county_without_diabetes_has_no_diabetic_polyneuropathy():
    assert _polyneuropathy(alike(10, diabetes=0.0), 1) == (0.0, 0.0, 0.0, 0.0)
