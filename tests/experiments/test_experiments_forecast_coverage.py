"""Scores of forecasts: places and bands on made numbers, and patients drawn for day 60."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from experiments import forecast_coverage as bands
from experiments.forecast_coverage import (
    GROUPS,
    MONTHS,
    VISITS,
    crps,
    first_visit,
    measures,
    place,
    scored,
    somebody,
    summary,
)
from experiments.virtual_patients import Virtual
from garland.forecasts.members import _Members, _Start
from garland.inference.consult import remember_compiled_programs
from garland.model.diseases import DISEASES
from garland.model.outcomes import Outcomes
from garland.model.patient import unknown_person

MEMBERS, DAYS = 400, len(MONTHS)
EVENLY = np.full(MEMBERS, 1.0 / MEMBERS)


def start() -> _Start:
    none = np.zeros(MEMBERS, np.int64)
    members = _Members(np.zeros((MEMBERS, 1), np.float32), none, none, EVENLY)
    return _Start(members, unknown_person(), np.zeros(len(DISEASES)), np.zeros(MEMBERS), np.zeros(DAYS))


def lives(values: np.ndarray) -> Outcomes:
    """Lives, (days, patients), in which everything has the same value, within the scales."""
    shapes = {"movement_grade": (2, 32), "nerve_axons": (2, 8), "knee_jerk": (2,), "thigh_bulk_lost": (2,)}
    full = {name: shapes.get(name, ()) for name in Outcomes._fields}
    return Outcomes(
        **{n: np.broadcast_to(values.reshape(*values.shape, *[1] * len(s)), (*values.shape, *s))
           for n, s in full.items()}
    )  # fmt: skip


@cache
def patient(seed: int) -> Virtual:
    """Draw a patient once."""
    return somebody(seed, first_visit(seed))


def row_of(seed: int, spread: float) -> dict:
    """Score a truth drawn from the standard normal against members of another spread."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(rng.standard_normal((1, 1)), DAYS, axis=0)
    members = np.repeat(spread * rng.standard_normal((1, MEMBERS)), DAYS, axis=0)
    one, two = (scored(start(), lives(members * f), lives(truth * f), seed) for f in (1.0, 0.5))
    return {"cause": 0, "group": GROUPS[0], "withheld": False, VISITS[0]: one, VISITS[1]: two}


def test_the_place_of_the_truth_is_the_share_of_members_below_it():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    weight = np.array([0.1, 0.2, 0.3, 0.4])
    assert place(values, weight, 3.5, 0.9) == pytest.approx(0.6)
    assert place(values, weight, 0.0, 0.9) == 0.0


def test_a_truth_that_many_members_share_takes_a_place_among_them_by_lot():
    values, weight = np.array([4.0, 5.0, 5.0, 5.0]), np.full(4, 0.25)
    assert [place(values, weight, 5.0, lot) for lot in (0.0, 0.5, 1.0)] == pytest.approx([0.25, 0.625, 1.0])


def test_the_score_is_the_mean_distance_less_half_of_that_between_members():
    values, weight = np.array([3.0, 1.0, 2.5]), np.array([0.5, 0.2, 0.3])
    apart = np.abs(values[:, None] - values[None, :])
    assert crps(values, weight, 2.0) == pytest.approx(
        np.abs(values - 2.0) @ weight - 0.5 * weight @ apart @ weight
    )


def test_members_as_spread_as_the_truth_cover_it_as_often_as_they_should():
    for row in summary([row_of(seed, 1.0) for seed in range(120)]).overall:
        assert row.inside80 == pytest.approx(0.8, abs=0.1)
        assert row.inside50 == pytest.approx(0.5, abs=0.12)
        assert row.patients == 120


def test_members_too_alike_cover_the_truth_too_rarely():
    for row in summary([row_of(seed, 0.4) for seed in range(80)]).overall:
        assert row.inside80 < 0.55


def test_narrower_bands_at_the_second_visit_are_told_relative_to_the_first():
    found = summary([row_of(seed, 1.0) for seed in range(20)])
    width = {(row.visits, row.months): row.width for row in found.overall}
    assert width[VISITS[0], 12] == pytest.approx(1.0)
    assert width[VISITS[1], 12] == pytest.approx(0.5, abs=0.02)


def test_patients_without_an_answer_are_counted_and_left_out():
    found = summary([row_of(0, 1.0), row_of(1, 1.0), {**row_of(2, 1.0), "withheld": True}])
    assert found.withheld == 1
    assert {row.patients for row in found.coverage} == {2}


def test_every_measure_has_a_row_for_each_group_visit_and_time():
    rows = [row_of(seed, 1.0) for seed in range(3)]
    single = [row for row in summary(rows).coverage if row.measure != "all"]
    assert len(single) == len(measures()) * len(VISITS) * len(MONTHS)


def test_patients_with_radiculoplexus_neuropathy_and_any_patients_take_turns():
    assert DISEASES[patient(2).cause].family == "radiculoplexus"
    assert {DISEASES[patient(seed).cause].family for seed in (1, 3, 5, 7)} - {"radiculoplexus"}


def test_the_second_visit_is_added_to_the_first_one():
    one, two = bands._cases(patient(1), first_visit(1), 1)
    assert two.visits[0] == one.visits[0]
    assert [visit.day_since_onset for visit in two.visits] == [bands.FIRST_DAY, bands.SECOND_DAY]


@pytest.mark.slow
def test_the_patient_s_own_course_is_that_of_its_chance():
    remember_compiled_programs()
    course = bands._course(patient(2), np.array([240.0, 425.0, 790.0]))
    assert course.nis.shape == (3, 1)
    again = bands._course(patient(2), np.array([790.0, 425.0, 240.0]))
    np.testing.assert_array_equal(course.nis, again.nis[::-1])
