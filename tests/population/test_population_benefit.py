"""Numbers needed to treat: how many, how surely, and when nobody can say."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from garland.errors import InputError
from garland.evidence import part
from garland.population.demographics import chosen, sample_adults
from garland.population.number_needed_to_treat import _NumberNeeded, nnt
from garland.population.prevention import Programme, _concerned, _shipped, none
from garland.population.years import draw_event_uniforms, over_years

COUNTY = sample_adults(8_000, 21)
SPAN, DRAWS = 16.0, 48


@cache
def needed_of(name: str, outcome: str) -> _NumberNeeded:
    return nnt(COUNTY, _shipped()[name], SPAN, outcome, DRAWS)


def needed(reduction: float, low: float, high: float) -> _NumberNeeded:
    return _NumberNeeded("onset", 0.1, 16.0, 0.01, reduction, low, high, reduction, 0.1, 14.0)


def test_the_number_needed_is_one_over_the_reduction_and_its_interval_turns_round():
    found = needed(0.01, 0.005, 0.02)
    assert found.needed == pytest.approx(100.0)
    assert found.needed_interval == pytest.approx((50.0, 200.0))
    assert found.person_years == pytest.approx(1400.0)
    assert found.words == "NNT 100 (NNT 50 to NNT 200)"


def test_an_interval_across_no_effect_passes_through_infinity_to_harm():
    assert needed(1e-4, -1 / 9000, 1 / 5000).words == "NNT 10,000 (NNT 5,000 to infinity to NNH 9,000)"


def test_a_programme_that_only_harms_has_numbers_needed_to_harm():
    assert needed(-0.01, -0.02, -0.005).words == "NNH 100 (NNH 200 to NNH 50)"


def test_no_known_effect_has_no_number():
    assert needed(0.0, 0.0, 0.0).words == "no effect is known, so no number needed"
    assert needed(0.0, 0.0, 0.0).needed == float("inf")
    assert needed(0.001, 0.0, 0.002).words == "NNT 1,000 (NNT 500 to infinity)"


@pytest.mark.parametrize("name", ["lipids", "pressure"])
def test_lipids_and_pressure_are_not_known_to_prevent_a_radiculoplexus_neuropathy(name: str):
    found = needed_of(name, "onset")
    assert (found.low, found.reduction, found.high, found.harm_share) == (0.0, 0.0, 0.0, 0.0)
    assert found.risk > 0.0


def test_whether_better_glucose_prevents_a_radiculoplexus_neuropathy_is_not_known():
    found = needed_of("intensified-glucose", "onset")
    assert found.low < 0.0 < found.reduction < found.high
    assert 0.05 < found.harm_share < 0.4
    assert "to infinity to NNH" in found.words


def test_less_weight_and_diabetes_help_by_none_to_all_of_what_they_are_said_to():
    found = needed_of("weight", "onset")
    assert 0.0 <= found.low < 0.2 * found.as_modelled
    assert 0.2 * found.as_modelled < found.reduction < found.as_modelled < found.high


def test_thousands_must_be_treated_for_one_rare_disease_less_and_dozens_for_a_common_one():
    assert needed_of("intensified-glucose", "onset").needed > 500.0
    assert 5.0 < needed_of("intensified-glucose", "neuropathy").needed < 100.0


def test_the_gain_of_better_glucose_for_distal_polyneuropathy_agrees_with_trials_of_type_2():
    found = needed_of("intensified-glucose", "neuropathy")
    a_year = 100.0 * found.reduction / found.years_each
    assert -0.01 < a_year < 1.17
    assert found.as_modelled > 0.0


def test_pressure_may_help_or_harm_distal_polyneuropathy_alike():
    found = needed_of("pressure", "neuropathy")
    assert found.as_modelled == 0.0
    assert found.low < 0.0 < found.high
    assert 0.3 < found.harm_share < 0.7


def test_the_gain_as_modelled_is_that_of_the_lives_with_the_same_chances():
    programme, seed = _shipped()["all-together"], 4
    found = nnt(COUNTY, programme, SPAN, "neuropathy", 1, seed)
    concerned = np.flatnonzero(_concerned(COUNTY, programme))
    event_uniforms = draw_event_uniforms(COUNTY.age_years.size, np.random.default_rng([seed, 2]))[concerned]
    without, with_it = (
        over_years(chosen(COUNTY, concerned), SPAN, one, event_uniforms) for one in (none(), programme)
    )
    spared = np.isfinite(without.neuropathy_year) & np.isnan(with_it.neuropathy_year)
    assert found.as_modelled == pytest.approx(spared.mean(), abs=2.0 / concerned.size)


def test_the_risk_of_onset_is_about_the_incidence_times_the_years():
    everyone = Programme(weight_lost=0.05, diabetes_prevented=0.3, triglycerides_lowered=0.1)
    found = nnt(COUNTY, everyone, 1.0, "onset", DRAWS)
    incidence = part("population/risk").value("target_incidence_per_100000_year")
    assert found.risk * found.concerned_share == pytest.approx(incidence / 1e5, rel=0.15)


def test_the_same_seed_gives_the_same_number():
    programme = _shipped()["intensified-glucose"]
    assert nnt(COUNTY, programme, SPAN, "onset", 5, 7) == nnt(COUNTY, programme, SPAN, "onset", 5, 7)


def test_a_programme_that_starts_later_does_less():
    later = _shipped()["intensified-glucose"]._replace(start_year=10.0)
    found = nnt(COUNTY, later, SPAN, "onset", DRAWS)
    assert 0.0 < found.as_modelled < 0.7 * needed_of("intensified-glucose", "onset").as_modelled
    assert found.years_each < 6.0


def test_nothing_concerns_nobody():
    with pytest.raises(InputError, match="concerns nobody"):
        nnt(COUNTY, none(), SPAN)


def test_an_unknown_outcome_is_refused():
    with pytest.raises(InputError, match="is not an outcome"):
        nnt(COUNTY, _shipped()["weight"], SPAN, "onsets")


def test_at_least_one_draw_is_needed():
    with pytest.raises(InputError, match="must be 1 or more"):
        nnt(COUNTY, _shipped()["weight"], SPAN, draws=0)
