"""Repeatability: what the experiment keeps of a study, and what it makes of many."""

from __future__ import annotations

import pytest

from experiments.repeated import SEEDS, job, summary


def row(away: float, *seconds: float, consult: float = 2.0):
    one = {"evaluated": [1000], "effective": [500.0], "error": [0.01], "findings": 120}
    return {**one, "seconds": list(seconds), "away": away, "consult_seconds": consult}


def test_a_study_is_answered_with_every_seed_and_nearly_alike():
    found = job(1005)
    assert all(len(found[key]) == len(SEEDS) for key in ("seconds", "evaluated", "effective", "error"))
    assert found["findings"] > 80
    assert 0.0 <= found["away"] < 0.1


def test_the_first_study_is_left_out_since_it_may_have_compiled():
    found = summary([row(0.5, 30.0), row(0.01, 0.5, 0.7), row(0.03, 0.6, 2.0)])
    assert found["studies"] == 2
    assert found["seconds_median"] == pytest.approx(0.65)
    assert found["answered_in_1_s"] == pytest.approx(0.75)
    assert found["within_0.02"] == pytest.approx(0.5)


def test_a_single_study_is_told():
    assert summary([row(0.01, 0.5)])["within_0.02"] == 1.0
