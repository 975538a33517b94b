"""How likely patients of a cause come on the recorded day."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import trapezoid

from garland._types import Float32s
from garland.inference.likelihood import UNKNOWN, Timing, _Arrival, _coming, _presentation
from garland.model.diseases import DISEASES, index_of
from garland.model.latents import N_LATENTS, place_of

EXACT = 0.0


def stated(day: float, precision_ln: float = EXACT) -> Timing:
    return Timing(day, precision_ln, 0.0, 0.0)


def patients(n: int = 1, progression: float = 0.0) -> Float32s:
    vectors = np.zeros((n, N_LATENTS), np.float32)
    vectors[:, place_of("progression").start] = progression
    return vectors


def log_density(cause: int, day: float, progression: float = 0.0) -> float:
    return float(_coming(stated(day), cause, patients(1, progression))[0][0])


@pytest.mark.parametrize("progression", [0.0, 1.5])
@pytest.mark.parametrize("name", ["dlrpn", "distal-polyneuropathy", "gbs", "fibular"])
def test_days_of_coming_are_a_density_over_the_logarithm_of_the_day(name: str, progression: float):
    cause = index_of(name)
    earliest = float(_presentation().earliest_day[cause])
    since = np.linspace(math.log(0.5), math.log(3e6), 4001)
    day = np.exp(since) + earliest
    density = np.array([math.exp(log_density(cause, d, progression)) for d in day])
    assert trapezoid(density, np.log(day)) == pytest.approx(1.0, abs=0.02)


def test_an_unknown_day_speaks_for_no_cause():
    for cause in (0, 2, 24):
        total, away = _coming(UNKNOWN, cause, patients(3))
        assert not total.any()
        assert not away.any()


def test_the_typical_day_speaks_most_for_its_cause():
    days = (1.0, 10.0, 60.0, 400.0, 4000.0)
    slow, quick = (
        [log_density(index_of(name), day) for day in days] for name in ("distal-polyneuropathy", "gbs")
    )
    assert days[int(np.argmax(slow))] > days[int(np.argmax(quick))]
    assert math.isfinite(min(slow + quick))


def test_the_median_day_is_where_the_residual_vanishes():
    shown = _presentation()
    for cause in (0, 2, 24):
        _, away = _coming(stated(float(shown.median_day[cause])), cause, patients())
        assert away[0] == pytest.approx(0.0, abs=1e-4)


def test_a_slow_illness_is_expected_later():
    cause = int(np.argmax(_presentation().follows))
    median = float(_presentation().median_day[cause])
    later, sooner = (
        log_density(cause, 3.0 * median, slow) - log_density(cause, median / 3.0, slow)
        for slow in (1.0, -1.0)
    )
    assert later > 0.0 > sooner


def test_the_day_says_nothing_of_the_pace_of_an_illness_that_is_seen_at_its_own_time():
    cause = int(np.flatnonzero(_presentation().follows == 0.0)[0])
    assert log_density(cause, 30.0, 2.0) == log_density(cause, 30.0, -2.0)


@pytest.mark.parametrize("day", [0.5, 1e6])
def test_nobody_comes_so_oddly_that_it_counts_for_more_than_four_deviations(day: float):
    for cause in range(len(_presentation().median_day)):
        assert abs(_coming(stated(day), cause, patients())[1][0]) <= 4.0


def test_half_the_square_of_the_residual_is_what_the_day_misses():
    median = float(_presentation().median_day[2])
    for factor in (0.3, 2.0):
        total, away = _coming(stated(factor * median), 2, patients())
        best, _ = _coming(stated(median), 2, patients())
        earliest = float(_presentation().earliest_day[2])
        height = math.log(factor * median / (factor * median - earliest)) - math.log(
            median / (median - earliest)
        )
        assert float(total[0] - best[0]) == pytest.approx(-0.5 * float(away[0]) ** 2 + height, abs=1e-4)


def test_a_day_known_roughly_is_drawn_about_the_recorded_one():
    vectors = patients(2)
    vectors[:, place_of("presentation").start] = [-2.0, 2.0]
    rough = _coming(stated(30.0, 0.5), 2, vectors)[1]
    exact = [_coming(stated(30.0 * math.exp(0.5 * z)), 2, patients())[1][0] for z in (-2.0, 2.0)]
    np.testing.assert_allclose(rough, exact, rtol=1e-5)


ACUTE = (
    "dlrpn", "lrpn", "femoral", "fibular", "sciatic", "obturator", "tibial", "radiculopathy-l5",
    "cauda-equina", "vasculitic", "treatment-induced", "plexopathy-haematoma", "diabetic-muscle-infarction",
)  # fmt: skip


@pytest.mark.parametrize("name", ACUTE)
def test_what_comes_within_days_may_be_seen_on_the_first_of_them_and_after_most_of_a_year(name: str):
    for day in (14.0, 240.0):
        _, away = _coming(stated(day), index_of(name), patients())
        assert abs(away[0]) < 3.0, (name, day)


def test_a_share_of_patients_comes_on_any_day_whatever_they_have():
    arrival, anyhow = _Arrival(1.0, 0.1), np.log(0.1 / np.log(3650.0))
    for cause in range(len(DISEASES)):
        for day in (0.6, 30.0, 3000.0):
            (told,), (missed,) = _coming(stated(day), cause, patients(1), arrival)
            (plain,), _ = _coming(stated(day), cause, patients(1))
            assert told >= max(anyhow, np.log(0.9) + plain) - 1e-6
            assert np.isfinite(missed)
