"""A county over years: who falls ill, and how people are seen before and after."""

from __future__ import annotations

import numpy as np
import pytest
from small_cohorts import small_spec

from garland.cohorts.visits import _rows_of
from garland.model.diseases import DISEASES, index_of

YEARS = {"source": "county", "span_years": 16}
VISITS = [0, 1826, 5800]


def county(**changed):
    return small_spec(
        **{"people": YEARS, "visits": VISITS, "missing": 0.0, "size": 40_000, "part_size": 40_000} | changed
    )


@pytest.fixture(scope="module")
def rows():
    return _rows_of(county(), 0)


def test_incidence_is_that_of_the_county(rows):
    cases = np.isfinite(rows.people["onset_year"]).sum()
    expected = 4.16e-5 * rows.people["followed_years"].sum()
    assert abs(cases - expected) < 3.5 * np.sqrt(expected)


def test_the_form_of_the_neuropathy_follows_from_diabetes_at_its_onset(rows):
    ill = np.isfinite(rows.people["onset_year"])
    diabetic = rows.people["diabetes_year"] <= rows.people["onset_year"]
    assert (rows.people["cause"][ill & diabetic] == index_of("dlrpn")).all()
    assert (rows.people["cause"][ill & ~diabetic] == index_of("lrpn")).all()
    assert {DISEASES[c].name for c in rows.people["cause"][~ill]} == {"none"}


def test_nobody_is_seen_after_death(rows):
    until = rows.people["followed_years"][rows.person_row] * 365.25
    assert (np.array(VISITS)[rows.visit] <= until + 1e-6).all()
    assert len(rows.person_row) < 3 * 40_000


def test_people_are_ill_from_their_onset_on_and_well_before(rows):
    onset = rows.people["onset_year"][rows.person_row] * 365.25
    at = np.array(VISITS)[rows.visit]
    ill = rows.cause != index_of("none")
    assert (ill == (onset <= at)).all()
    np.testing.assert_allclose(rows.day[ill], np.maximum(at - onset, 0.5)[ill], rtol=1e-5)


def test_people_grow_older_from_visit_to_visit(rows):
    well = rows.cause == index_of("none")
    age = rows.people["age_years"][rows.person_row] + np.array(VISITS)[rows.visit] / 365.25
    np.testing.assert_allclose(rows.states.age_years[rows.state][well], age[well], rtol=1e-5)


def test_a_programme_leaves_everybody_their_own_chance():
    plain = _rows_of(county(size=20_000, part_size=20_000, visits=[]), 0)
    treated = _rows_of(
        county(size=20_000, part_size=20_000, visits=[], people={**YEARS, "programme": "all-together"}), 0
    )
    without = treated.people["onset_year_without"]
    np.testing.assert_array_equal(without, plain.people["onset_year"])
    np.testing.assert_array_equal(treated.people["neuropathy_year_without"], plain.people["neuropathy_year"])
    with_it, both = treated.people["neuropathy_year"], plain.people["neuropathy_year"]
    assert (np.nan_to_num(with_it, nan=99.0) >= np.nan_to_num(both, nan=99.0) - 1e-9).all()
    assert np.isfinite(with_it).sum() < np.isfinite(both).sum()
