"""What a trial sees: losses, missed visits, outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import OUTCOMES, bank

from garland.trials.analysis import NO_LOSSES, _Losses, _Luck, _luck, _result, _Seen, _seen
from garland.trials.potential_outcomes import MEASURES
from garland.trials.spec import Outcome

DAYS = np.array([0.0, 28.0, 84.0])
NAN = np.nan


def shown(
    nis: list[list[float]], pain: list[list[float]] | None = None, walks: list[list[float]] | None = None
) -> _Seen:
    """Return visits of patients, one row a patient."""
    empty = np.full((len(nis), 3), 8.0)
    return _Seen(
        DAYS, *[np.array(empty if field is None else field, float).T for field in (nis, pain, walks)]
    )


def outcome(name: str, **more: float) -> Outcome:
    return Outcome.model_validate(OUTCOMES[name] | more)


def test_a_gain_is_the_first_visit_at_least_four_points_below_entry():
    found = _result(shown([[40, 36, 30], [40, 36.1, 36], [40, 44, 41]]), outcome("nis-gain"))
    assert found.value.tolist() == [28.0, 84.0, 84.0]
    assert found.event.tolist() == [True, True, False]


def test_who_is_lost_without_a_gain_is_censored_at_the_last_visit_attended():
    found = _result(shown([[40, 39, NAN], [40, NAN, NAN], [40, NAN, 30]]), outcome("nis-gain"))
    assert found.value.tolist() == [28.0, 0.0, 84.0]
    assert found.event.tolist() == [False, False, True]


def test_who_is_not_seen_on_the_day_is_no_responder():
    found = _result(shown([[9, 9, 9]] * 3, [[8, 8, 4], [8, 2, NAN], [8, 2, 4.1]]), outcome("pain-responder"))
    assert found.value.tolist() == [1.0, 0.0, 0.0]
    assert found.known.all()


def test_a_response_can_be_a_fall_of_any_share():
    pain = [[8, 8, 5.6]]
    assert _result(shown([[9, 9, 9]], pain), outcome("pain-responder", share=0.3)).value.tolist() == [1.0]
    assert _result(shown([[9, 9, 9]], pain), outcome("pain-responder", share=0.5)).value.tolist() == [0.0]


def test_walking_not_seen_on_the_day_is_that_of_the_last_visit():
    found = _result(
        shown([[9, 9, 9]] * 3, None, [[0, 1, NAN], [1, NAN, NAN], [1, 1, 0]]), outcome("walks-alone")
    )
    assert found.value.tolist() == [1.0, 1.0, 0.0]


def test_a_change_not_seen_on_the_day_is_left_out():
    found = _result(shown([[40, 39, 35], [40, 39, NAN]]), outcome("nis-change"))
    assert found.known.tolist() == [True, False]
    assert found.value[0] == -5.0


def test_without_losses_everybody_is_seen_at_every_visit():
    happens = _luck(DAYS, np.full(50, np.inf), NO_LOSSES, np.random.default_rng(0))
    assert happens.attends.all()
    assert np.isinf(happens.stays_day).all()


def test_a_tenth_leaves_in_a_year_and_a_twentieth_of_visits_is_missed():
    days = np.array([0.0, 182.625, 365.25])
    happens = _luck(days, np.full(40_000, np.inf), _Losses(0.1, 0.05), np.random.default_rng(0))
    assert (happens.stays_day < 365.25).mean() == pytest.approx(0.1, abs=0.006)
    assert happens.attends[0].all()
    there = happens.stays_day >= 365.25
    assert happens.attends[2][there].mean() == pytest.approx(0.95, abs=0.005)


def test_the_dead_come_to_no_further_visit():
    happens = _luck(DAYS, np.array([30.0, 84.0]), NO_LOSSES, np.random.default_rng(0))
    assert happens.attends.tolist() == [[True, True], [True, True], [False, True]]


def test_scores_stay_on_their_scales_and_luck_is_the_same_in_every_arm():
    made = bank(300)
    happens = _luck(made.days, made.people["death_day"], NO_LOSSES, np.random.default_rng(1))
    wild = happens._replace(nis_error=happens.nis_error - 100.0, pain_error=happens.pain_error + 50.0)
    lives = {name: made.life(name, "real", "drug") for name in MEASURES}
    visits = _seen(made.days, lives, wild)
    assert visits.nis.min() == 0.0
    assert visits.pain_nrs.max() == 10.0
    one, two = (_seen(made.days, {name: made.life(name, "real", arm) for name in MEASURES}, happens)
                for arm in ("drug", "placebo"))  # fmt: skip
    assert (one.walks >= two.walks).all()


def test_luck_has_one_row_a_day_and_one_column_a_patient():
    happens = _luck(DAYS, np.zeros(5), NO_LOSSES, np.random.default_rng(0))
    assert isinstance(happens, _Luck)
    assert happens.nis_error.shape == happens.attends.shape == (3, 5)
