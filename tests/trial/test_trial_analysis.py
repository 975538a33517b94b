"""Analyses: the libraries' own answers, signs, intervals, and what to do without an answer."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines.statistics import logrank_test
from scipy.stats import norm, ttest_ind
from synthetic import OUTCOMES

from garland.trials.analysis import BETTER, _analyse, _kaplan_meier, _Result

N = 80
GROUP = np.arange(N) < 50


def drawn(seed: int = 1) -> _Result:
    rng = np.random.default_rng(seed)
    days = np.ceil(rng.exponential(np.where(GROUP, 150.0, 260.0)) / 42.0) * 42.0
    return _Result(np.minimum(days, 730.0), days <= 730.0, rng.normal(40.0, 8.0, N), np.ones(N, bool))


def binary(seed: int = 2) -> _Result:
    rng = np.random.default_rng(seed)
    hits = rng.random(N) < np.where(GROUP, 0.6, 0.3)
    return _Result(hits * 1.0, np.ones(N, bool), np.full(N, 40.0), np.ones(N, bool))


def changes(seed: int = 3) -> _Result:
    rng = np.random.default_rng(seed)
    entry = rng.normal(40.0, 8.0, N)
    return _Result(
        rng.normal(-3.0, 5.0, N) - 2.0 * GROUP - 0.2 * entry, np.ones(N, bool), entry, np.ones(N, bool)
    )


FOUND = {"nis-gain": drawn(), "pain-responder": binary(), "walks-alone": binary(), "nis-change": changes()}


def test_the_log_rank_test_is_that_of_lifelines():
    for seed in range(5):
        found = drawn(seed)
        ours = _analyse(found, GROUP, "nis-gain", 0.05, estimate=False).z
        days, event = found.value, found.event
        theirs = logrank_test(days[GROUP], days[~GROUP], event[GROUP], event[~GROUP])
        assert ours**2 == pytest.approx(theirs.test_statistic, rel=1e-9)
        assert 2.0 * norm.sf(abs(ours)) == pytest.approx(theirs.p_value, rel=1e-6)


def test_the_test_and_the_hazard_ratio_of_one_trial_point_the_same_way():
    for seed in range(8):
        found = _analyse(drawn(seed), GROUP, "nis-gain", 0.05)
        assert found.z * found.effect > 0.0


def test_an_adjusted_change_without_use_for_entry_is_about_a_t_test():
    flat = changes()._replace(entry=np.tile([39.0, 41.0], N // 2))
    found = _analyse(flat, GROUP, "nis-change", 0.05)
    theirs = ttest_ind(flat.value[GROUP], flat.value[~GROUP])
    assert found.effect == pytest.approx(flat.value[GROUP].mean() - flat.value[~GROUP].mean(), abs=0.2)
    assert 2.0 * norm.sf(abs(found.z)) == pytest.approx(theirs.pvalue, rel=0.4)


@pytest.mark.parametrize("what", OUTCOMES)
def test_swapping_the_arms_turns_test_and_effect_round(what: str):
    one, other = (_analyse(FOUND[what], group, what, 0.05) for group in (GROUP, ~GROUP))
    assert other.z == pytest.approx(-one.z, rel=1e-6)
    assert other.effect == pytest.approx(-one.effect, rel=1e-3)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), rel=1e-3)


@pytest.mark.parametrize("what", OUTCOMES)
def test_a_better_arm_has_a_score_above_zero(what: str):
    found = _analyse(FOUND[what], GROUP, what, 0.05)
    assert found.z > 0.0
    assert found.effect * BETTER[what] > 0.0
    assert found.low < found.effect < found.high


@pytest.mark.parametrize("what", OUTCOMES)
def test_a_smaller_error_asks_for_a_wider_interval(what: str):
    usual, strict = (_analyse(FOUND[what], GROUP, what, alpha) for alpha in (0.05, 0.01))
    assert strict.low < usual.low < usual.high < strict.high


@pytest.mark.parametrize("what", OUTCOMES)
def test_nobody_known_in_one_arm_gives_no_score_and_no_estimate(what: str):
    found = _analyse(FOUND[what]._replace(known=GROUP), GROUP, what, 0.05)
    assert found.z == 0.0
    assert np.isnan(found.effect)


def test_without_any_gain_nothing_is_found():
    none = drawn()._replace(event=np.zeros(N, bool))
    assert _analyse(none, GROUP, "nis-gain", 0.05).z == 0.0


def test_gains_in_one_arm_alone_are_tested_but_not_estimated():
    found = _analyse(drawn()._replace(event=GROUP), GROUP, "nis-gain", 0.05)
    assert found.z > 3.0
    assert np.isnan(found.effect)


def test_all_responders_differ_in_nothing():
    every = binary()._replace(value=np.ones(N))
    found = _analyse(every, GROUP, "walks-alone", 0.05)
    assert (found.z, found.effect) == (0.0, 0.0)


def test_a_kaplan_meier_curve_rises_inside_its_band_to_the_share_that_gained():
    complete = _Result(np.repeat([28.0, 84.0], N // 2), np.ones(N, bool), np.zeros(N), np.ones(N, bool))
    curve = _kaplan_meier(complete.value, complete.event)
    assert curve.share.tolist() == pytest.approx([0.0, 0.5, 1.0])
    assert (curve.low <= curve.share).all()
    assert (curve.share <= curve.high + 1e-9).all()
