"""Operating characteristics against what is known without simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.power import NormalIndPower, TTestIndPower
from statsmodels.stats.proportion import proportion_effectsize
from synthetic import OUTCOMES, bank, spec

from garland.trials.characteristics import (
    Characteristics,
    _characteristics,
    _closed_power,
    _closed_size,
    _drift,
    _exact,
    _needed,
    _Point,
    _power_of,
    _share,
    _sizes_of,
)
from garland.trials.potential_outcomes import _Bank
from garland.trials.replicate import _conduct, _repeat, _Workshop

BANK = bank()
TRIALS = 600


def rejected(made: _Bank, truth: str, n: int = 100, trials: int = TRIALS, **changes: Any) -> int:
    plan = spec(**changes)
    return sum(_conduct(plan, made, truth, n, number, estimate=False).rejects for number in range(trials))


def agrees(hits: int, trials: int, expected: float) -> bool:
    """Tell whether a count is within binomial error (one in a thousand) of what is expected."""
    return bool(binomtest(hits, trials, expected).pvalue > 0.001)


@pytest.mark.parametrize("what", OUTCOMES)
def test_a_null_trial_rejects_as_often_as_it_says(what: str):
    assert agrees(rejected(BANK, "none", outcome=OUTCOMES[what]), TRIALS, 0.05)


@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock"])
def test_looks_do_not_add_to_the_error(spending: str):
    looks = {"fractions": [0.4, 0.7, 1.0], "spending": spending}
    assert agrees(rejected(BANK, "none", looks=looks, outcome=OUTCOMES["nis-change"]), TRIALS, 0.05)


def test_losses_do_not_add_to_the_error():
    losses = {"drop_out_per_year": 0.5, "missed_visits": 0.2}
    assert agrees(rejected(BANK, "none", outcome=OUTCOMES["nis-gain"], losses=losses), TRIALS, 0.05)


@pytest.mark.parametrize(("n", "parts"), [(100, 1), (160, 3)])
def test_power_of_two_proportions_is_that_of_the_closed_form(n: int, parts: int):
    ratio = {"allocation": {"drug": parts}}
    treated = n * parts / (parts + 1)
    size = proportion_effectsize(0.5, 0.3)
    closed = NormalIndPower().power(effect_size=size, nobs1=treated, alpha=0.05, ratio=1.0 / parts)
    assert agrees(rejected(BANK, "real", n, randomisation=ratio), TRIALS, closed)


def test_power_of_two_means_is_that_of_the_closed_form():
    plan = spec(outcome=OUTCOMES["nis-change"])
    true = _exact(plan, BANK, "real")
    assert true.effect == pytest.approx(-3.0, abs=0.001)
    closed = TTestIndPower().power(effect_size=true.effect / true.spread, nobs1=50, alpha=0.05)
    assert _closed_power(plan, true, 100) == pytest.approx(closed)
    assert agrees(rejected(BANK, "real", outcome=OUTCOMES["nis-change"]), TRIALS, closed)


@pytest.mark.parametrize("what", OUTCOMES)
def test_an_arm_that_gives_what_the_control_gives_has_an_effect_of_exactly_none(what: str):
    found = _exact(spec(outcome=OUTCOMES[what]), BANK, "none")
    assert found.effect == 0.0
    assert (found.own_low, found.own_middle, found.own_high) == (0.0, 0.0, 0.0)
    assert (found.clearly_better, found.clearly_worse) == (0.0, 0.0)


@pytest.mark.parametrize("what", OUTCOMES)
def test_the_exact_effect_of_swapped_arms_is_turned_round(what: str):
    plan = {"outcome": OUTCOMES[what], "truths": {}}
    one = _exact(spec(**plan), BANK, "real")
    other = _exact(spec(control="drug", compared="placebo", **plan), BANK, "real")
    assert other.effect == pytest.approx(-one.effect, rel=1e-3)
    assert other.clearly_worse == one.clearly_better


def test_the_exact_effect_tells_how_each_patient_would_have_done():
    found = _exact(spec(), BANK, "real")
    assert found.effect == pytest.approx(0.2)
    assert (found.own_low, found.own_high) == (pytest.approx(0.2), pytest.approx(0.2))
    by_nis = _exact(spec(outcome=OUTCOMES["nis-gain"]), BANK, "real")
    assert (by_nis.own_low, by_nis.own_high) == (pytest.approx(-3.0), pytest.approx(-3.0))
    assert (by_nis.clearly_better, by_nis.clearly_worse) == (0.0, 0.0)
    clear = _exact(spec(outcome=OUTCOMES["nis-gain"]), bank(nis_shift=-5.0), "real")
    assert (clear.clearly_better, clear.clearly_worse) == (pytest.approx(1.0, abs=0.01), 0.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Characteristics]:
    plan = spec(trials=500, sizes=[50, 100, 200], losses={"drop_out_per_year": 0.0, "missed_visits": 0.0})
    shop = _Workshop(plan, tmp_path_factory.mktemp("shop"))
    BANK.save(shop.bank_path)
    return {truth: _characteristics(shop, BANK, truth) for truth in BANK.truths}


def test_estimates_are_unbiased_and_intervals_cover_the_exact_effect(made: dict[str, Characteristics]):
    for one in made.values():
        assert one.estimates is not None
        assert abs(one.estimates.bias) < 4 * one.estimates.error
        assert one.estimates.coverage.low < 0.95 < one.estimates.coverage.high + 0.02
        assert one.estimates.low < one.estimates.middle < one.estimates.high


def test_power_rises_with_the_patients_and_the_size_needed_is_that_of_the_closed_form(
    made: dict[str, Characteristics],
):
    real = made["real"]
    assert [at.n for at in real.curve] == [50, 100, 200]
    assert real.curve[0].power.value < real.curve[1].power.value < real.curve[2].power.value
    assert real.needed is not None
    assert real.needed.low < real.closed_size < real.needed.high
    assert real.closed_size == pytest.approx(2 * 93.0, rel=0.03)


def test_a_truth_without_a_difference_has_no_curve_and_needs_no_size(made: dict[str, Characteristics]):
    null = made["none"]
    assert (null.curve, null.needed, null.closed_size) == ((), None, float("inf"))
    assert null.power.low < 0.05 < null.power.high
    assert null.detectable == pytest.approx(2.8 * np.sqrt(2 * 0.21 / 50), rel=0.05)


def test_more_patients_give_narrower_intervals(tmp_path: Path):
    shop = _Workshop(spec(), tmp_path)
    BANK.save(shop.bank_path)
    widths = []
    for n in (60, 240):
        found = _repeat(shop, "real", n, 100, estimate=True)
        widths.append(float((found.high - found.low).mean()))
    assert widths[1] == pytest.approx(widths[0] / 2, rel=0.06)


def test_trials_that_stop_early_are_counted_and_overstate_the_effect(tmp_path: Path):
    looks = {"fractions": [0.4, 1.0], "spending": "pocock"}
    shop = _Workshop(spec(trials=400, looks=looks, sizes=[100]), tmp_path)
    BANK.save(shop.bank_path)
    found = _characteristics(shop, BANK, "real")
    assert 0.1 < found.stopped_early.value < 0.6
    assert found.mean_patients == pytest.approx(100 - 60 * found.stopped_early.value)
    assert found.estimates is not None
    assert found.estimates.bias > 2 * found.estimates.error


def test_the_drift_behind_simulated_power_is_found_again():
    sizes = (50, 100, 200, 400, 800)
    points = [_Point(n, 4000, round(4000 * _power_of(0.12, n, 1.96))) for n in sizes]
    middle, low, high = _drift(points, 1.96)
    assert middle == pytest.approx(0.12, rel=0.01)
    assert low < 0.12 < high
    assert high - low < 0.01


def test_without_an_effect_no_size_is_promised():
    points = [_Point(n, 1000, 50) for n in (50, 100, 200)]
    found = _needed(spec(), points)
    assert found.high == float("inf")
    assert found.low > 1000


def test_a_closed_size_gives_the_target_power():
    for what in ("walks-alone", "nis-change", "nis-gain"):
        plan = spec(outcome=OUTCOMES[what])
        true = _exact(plan, BANK, "real")
        size = round(_closed_size(plan, true))
        assert _closed_power(plan, true, size) == pytest.approx(0.8, abs=0.01)


def test_an_effect_of_none_has_the_power_of_its_error():
    plan = spec()
    assert _closed_power(plan, _exact(plan, BANK, "none"), 100) == 0.05


def test_sizes_of_the_curve_lie_around_the_size_planned_unless_written():
    assert _sizes_of(spec()) == (50, 100, 200, 400, 800)
    assert _sizes_of(spec(sizes=[300, 60])) == (60, 100, 300)
    assert _sizes_of(spec(bank=150)) == (50, 100)


def test_a_share_of_none_has_an_interval():
    none, every = _share(0, 50), _share(50, 50)
    assert (none.low, every.high) == (0.0, 1.0)
    assert none.high == pytest.approx(0.071, abs=0.001)
