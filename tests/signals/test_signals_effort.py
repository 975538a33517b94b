"""Interference: known units at known rates."""

from __future__ import annotations

import numpy as np
import pytest
from needle_signals import RATE_HZ, recording, train, unit

from garland.evidence import part
from garland.inference.observations import _declared_words
from garland.records.electrodiagnosis import _words
from garland.signals.interference_pattern import _log2_of, _recruitment_ratio, _turns, _word_of, interference
from garland.signals.muap import motor_units
from garland.signals.trace import Trace


def pattern(units: int, seed: int = 1, rate_hz: float = 28.0, seconds: float = 2.0) -> Trace:
    rng = np.random.default_rng(seed)
    parts = [
        (
            unit(float(rng.lognormal(6.2, 0.4)), (0.0, float(rng.uniform(0.8, 2.5)))),
            train(rate_hz * float(rng.uniform(0.8, 1.2)), seconds, 0.17, rng),
        )
        for _ in range(units)
    ]
    return recording(parts, seconds, rng)


def test_turns_of_a_sine_are_two_in_a_period():
    time = np.arange(0.0, 1.0, 1.0 / RATE_HZ)
    rate, size = _turns(Trace(200.0 * np.sin(2 * np.pi * 80.0 * time), RATE_HZ))
    assert rate == pytest.approx(160.0, abs=1.0)
    assert size == pytest.approx(400.0, rel=0.01)
    assert _turns(Trace(np.zeros(100), RATE_HZ)) == (0.0, 0.0)


def test_silence_is_no_recruitment():
    found = interference(recording([], 2.0, np.random.default_rng(2)))
    assert found.word == "none"
    assert found.log2 == -7.0
    assert (found.turns_per_s, found.discharges_per_s, found.peak_rate_hz, found.units) == (0.0, 0.0, 0.0, 0)


def test_one_unit_is_followed_at_its_rate():
    found = interference(pattern(1))
    rng = np.random.default_rng(1)
    rng.lognormal(6.2, 0.4)
    rng.uniform(0.8, 2.5)
    assert found.units == 1
    assert found.peak_rate_hz == pytest.approx(28.0 * rng.uniform(0.8, 1.2), rel=0.1)
    assert found.word == "single-unit"


def test_two_units_of_equal_size_are_both_followed():
    assert interference(pattern(2, seed=4)).units == 2


def test_more_units_never_look_like_fewer():
    found = [
        np.mean([interference(pattern(n, seed)).log2 for seed in range(3)]) for n in (1, 2, 4, 8, 16, 30)
    ]
    assert np.all(np.diff(found) > 0.0)
    full = [interference(pattern(n)).fullness for n in (1, 4, 16)]
    assert full == sorted(full)


def test_thirty_units_are_a_normal_pattern_and_four_a_reduced_one():
    assert interference(pattern(30)).word == "normal"
    low, high = _declared_words("recruitment")[interference(pattern(4)).word]
    error = part("recordings/noise").table("sd")["recruitment"]
    assert low - error <= np.log2(4 / 30) <= high + error


def test_the_curve_of_recruitment_rises_all_the_way():
    curve = [_log2_of(count) for count in np.linspace(0.0, 300.0, 61)]
    assert np.all(np.diff(curve) >= 0.0)
    assert curve[0] == -7.0
    assert curve[-1] == 0.0


@pytest.mark.parametrize("log2", np.linspace(-6.9, 0.0, 70))
def test_a_word_is_said_only_where_its_meaning_holds(log2: float):
    low, high = _declared_words("recruitment")[_word_of(float(log2))]
    assert low <= log2 <= high


def test_every_word_is_one_of_a_record():
    assert {_word_of(float(x)) for x in np.linspace(-7.0, 0.0, 200)} | {"early"} <= set(_words("recruitment"))


def test_the_recruitment_ratio_is_the_fastest_rate_over_the_number_of_units():
    rng = np.random.default_rng(3)
    made = [(unit(900.0), 10.0), (unit(400.0, (0.0, 2.0)), 8.0)]
    site = recording([(wave, train(rate, 1.0, 0.08, rng)) for wave, rate in made], 1.0, rng)
    units = motor_units([site])
    assert _recruitment_ratio(units) == pytest.approx(5.0, rel=0.15)
    assert interference(pattern(20), [site], units).ratio == _recruitment_ratio(units)
    assert _recruitment_ratio(()) == 0.0


def test_many_small_units_at_little_force_are_early_recruitment():
    rng = np.random.default_rng(5)

    def weak(count: int, rate_hz: float) -> Trace:
        parts = [
            (
                unit(float(rng.uniform(150, 500)), (0.0, float(rng.uniform(0.5, 3.0)))),
                train(rate_hz * float(rng.uniform(0.9, 1.1)), 1.0, 0.15, rng),
            )
            for _ in range(count)
        ]
        return recording(parts, 1.0, rng)

    many, few = [weak(7, 18.0) for _ in range(3)], [weak(3, 9.0) for _ in range(3)]
    assert interference(pattern(30), many).early
    assert interference(pattern(30), many).word == "early"
    assert not interference(pattern(30), few).early
    assert not interference(pattern(2), many).early
