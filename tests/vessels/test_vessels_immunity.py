"""The immune attack: its full solution behaves, and the closed forms follow it."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.errors import InputError
from garland.evidence import part
from garland.model.vessels.immunity import _default_shapes, damage, effector, lesion
from tests.truth.immunity_in_full import (
    _Compartment,
    _damage_done,
    _default_rates,
    _fit_shapes,
    _full_course,
    _held_damage,
    _Rates,
    _small_tree,
    _Solution,
    _solve,
    _Steroid,
    _steroid_effect,
)

DAYS = np.arange(0.0, 700.0, 0.5)
FREE = _solve(DAYS)
X = np.linspace(-1.0, 6.0, 1401)


def area(solution: _Solution) -> float:
    return float(np.trapezoid(solution.lesion[0], solution.days))


@cache
def many_attacks() -> np.ndarray:
    """Return the lesions of 200 attacks, a Latin hypercube over +-30 % of every constant, shape (200, T)."""
    from scipy.stats import qmc

    factors = 0.7 + 0.6 * qmc.LatinHypercube(len(_Rates._fields), seed=7).random(200)
    return np.stack([_solve(DAYS, _Rates(*np.asarray(_default_rates()) * row)).lesion[0] for row in factors])


def test_the_attack_has_its_peak_of_effectors_before_that_of_the_lesion():
    assert DAYS[FREE.effector[0].argmax()] == pytest.approx(48.0, abs=1.0)
    assert DAYS[FREE.lesion[0].argmax()] == pytest.approx(72.0, abs=1.0)
    assert FREE.lesion.max() == pytest.approx(0.40, abs=0.01)


def test_the_default_attack_is_below_a_tenth_of_its_peak_by_day_205_and_does_not_come_back():
    assert FREE.lesion[0, DAYS >= 205].max() < 0.1 * FREE.lesion.max()


def test_the_attack_is_one_wave_over_thirty_per_cent_of_every_constant():
    for wave in many_attacks():
        rising = np.diff(wave) > 1e-9
        assert (np.diff(rising.astype(int)) == 1).sum() <= 1
        assert (np.diff(rising.astype(int)) == -1).sum() == 1


def test_nearly_every_such_attack_is_below_a_tenth_of_its_peak_by_day_250_and_all_by_day_300():
    relative = many_attacks() / many_attacks().max(axis=1, keepdims=True)
    assert (relative[:, DAYS >= 250].max(axis=1) < 0.1).mean() >= 0.9
    assert (relative[:, DAYS >= 300].max(axis=1) < 0.1).all()


def test_the_peaks_of_such_attacks_differ_widely():
    peaks = many_attacks().max(axis=1)
    assert np.percentile(peaks, 5) < 0.15
    assert np.percentile(peaks, 95) > 0.6


def test_without_a_trigger_there_is_no_attack():
    quiet = _solve(DAYS, triggers=())
    assert quiet.lesion.max() < 1e-3
    assert np.isinf(quiet.arrival_day).all()


def test_a_solver_a_hundred_times_finer_changes_less_than_one_per_cent():
    tree = _small_tree()
    coarse, fine = (_solve(DAYS, compartments=tree, rtol=rtol) for rtol in (1e-6, 1e-8))
    assert np.abs(coarse.lesion - fine.lesion).max() < 0.01 * fine.lesion.max()


def test_shares_stay_within_their_limits():
    wave = _solve(DAYS, compartments=_small_tree())
    assert wave.lesion.min() >= -1e-8
    assert max(wave.lesion.max(), wave.effector.max()) < 1.0
    assert min(wave.antigen.min(), wave.regulator.min(), wave.effector.min()) >= -1e-8


def test_a_new_trigger_is_a_new_attack_weaker_while_regulators_last():
    peaks = []
    for again in (200.0, 400.0, 900.0):
        twice = _solve(np.arange(0.0, 1400.0), triggers=(0.0, again))
        peaks.append(twice.lesion[0, int(again) + 20 :].max())
    assert peaks[0] < peaks[1] < peaks[2]
    assert peaks[2] == pytest.approx(FREE.lesion.max(), rel=0.05)


def test_the_attack_travels_outwards_and_reaches_the_other_side_later_than_the_neighbour():
    tree = _small_tree()
    wave = _solve(DAYS, compartments=tree)
    arrival = dict(zip((site.name for site in tree), wave.arrival_day, strict=True))
    assert arrival["root-l3"] == 0.0
    assert arrival["root-l3"] < arrival["lumbar-plexus"] < arrival["femoral"]
    assert arrival["root-l4"] < arrival["other-root-l3"] < 240.0


def test_a_weak_link_spares_the_other_side():
    pair = (_Compartment("one"), _Compartment("other", "one", 14.0, 0.1))
    assert np.isinf(_solve(DAYS, compartments=pair).arrival_day[1])


def test_a_compartment_must_name_a_source_before_it():
    with pytest.raises(InputError, match="must stand before it"):
        _solve(DAYS, compartments=(_Compartment("femoral", "root-l3"),))


@pytest.mark.parametrize("days", [[3.0, 1.0], [], [[0.0, 1.0]], [-1.0, 2.0]])
def test_days_must_rise_from_zero(days: list[float]):
    with pytest.raises(InputError, match="must rise from 0"):
        _solve(days)


@pytest.mark.parametrize(("start", "fall"), [(30.0, 0.67), (60.0, 0.26), (120.0, 0.0)])
def test_early_steroid_takes_more_from_the_attack_than_late(start: float, fall: float):
    treated = _solve(DAYS, steroid=_Steroid(start, start + 84.0))
    assert 1.0 - area(treated) / area(FREE) == pytest.approx(fall, abs=0.02)


def test_no_exposure_to_steroid_changes_nothing():
    np.testing.assert_allclose(
        _solve(DAYS, steroid=_Steroid(30.0, 114.0, 0.0)).lesion, FREE.lesion, atol=1e-6
    )


def test_the_closed_forms_follow_the_full_attack_within_0_015():
    x, active, shut = _full_course()
    np.testing.assert_allclose(effector(jnp.asarray(x)), active, atol=0.015)
    np.testing.assert_allclose(lesion(jnp.asarray(x)), shut, atol=0.015)


def test_the_closed_form_of_damage_follows_the_full_attack_within_0_035():
    peak = float(FREE.lesion.max())
    x = jnp.asarray(DAYS / DAYS[FREE.lesion[0].argmax()])
    for begins in (0.0, 0.3, 0.5, 0.7):
        np.testing.assert_allclose(damage(x, begins), _damage_done(FREE.lesion[0], peak, begins), atol=0.035)


def test_the_constants_in_the_evidence_are_those_of_the_fit():
    np.testing.assert_allclose(_fit_shapes(), _default_shapes(), rtol=0.01)


def test_damage_is_nothing_on_arrival_all_at_the_peak_and_never_falls():
    done = np.asarray(damage(jnp.asarray(X)))
    assert done[X <= 0].max() == 0.0
    assert done[X >= 1].min() == pytest.approx(1.0)
    assert (np.diff(done) >= -1e-6).all()


def test_damage_has_no_kink():
    slope = np.asarray(jax.vmap(jax.grad(lambda x: damage(x)))(jnp.linspace(-0.5, 1.5, 2001)))
    assert np.abs(np.diff(slope)).max() < 0.05


def test_the_lesion_has_one_peak_and_no_kink_there():
    shut = np.asarray(lesion(jnp.asarray(X)))
    assert X[shut.argmax()] == pytest.approx(1.0, abs=0.01)
    assert (np.diff(shut[X <= 1]) >= -1e-6).all()
    assert (np.diff(shut[X >= 1]) <= 1e-6).all()
    assert shut[-1] < 0.002


def test_effectors_come_before_the_lesion_and_before_damage():
    assert float(effector(jnp.asarray(-0.01))) == 0.0
    assert _default_shapes().effector_peak < 1.0
    assert float(effector(jnp.asarray(0.3))) > 0.5
    assert float(damage(jnp.asarray(0.3))) == 0.0


def test_the_closed_forms_are_the_same_compiled():
    x = jnp.asarray(X)
    for form in (effector, lesion, damage):
        np.testing.assert_allclose(jax.jit(form)(x), form(x), atol=1e-6)


@pytest.mark.parametrize(
    ("kill", "start", "effect"),
    [
        *((0.05, 30.0, 0.92), (0.05, 45.0, 0.69), (0.05, 60.0, 0.64)),
        *((0.15, 30.0, 1.00), (0.15, 45.0, 0.89), (0.15, 60.0, 0.85)),
        *((0.30, 30.0, 1.00), (0.30, 45.0, 0.94), (0.30, 60.0, 0.92)),
    ],
)
def test_a_constant_hold_follows_the_full_attack_under_steroid(kill: float, start: float, effect: float):
    assert _steroid_effect(kill, start) == pytest.approx(effect, abs=0.01)
    peak_day, peak = DAYS[FREE.lesion[0].argmax()], float(FREE.lesion.max())
    treated = _solve(
        DAYS, _default_rates()._replace(steroid_kill_per_day=kill), _Steroid(start, start + 84.0)
    )
    truth = _damage_done(treated.lesion[0], peak, part("vessels/immunity").value("damage_begins"))
    closed = _held_damage(jnp.asarray(DAYS / peak_day), jnp.asarray(start / peak_day), effect)
    assert np.abs(closed - truth).max() < 0.12
    assert float(closed[-1]) == pytest.approx(float(truth[-1]), abs=0.02)


def test_steroid_after_the_peak_of_the_lesion_has_nothing_left_to_hold():
    assert np.isnan(_steroid_effect(0.15, 80.0))


def test_a_hold_without_effect_changes_nothing_and_a_harmful_one_adds():
    x = jnp.linspace(0.0, 1.5, 20)
    np.testing.assert_allclose(_held_damage(x, jnp.asarray(0.6), 0.0), damage(x), atol=1e-6)
    assert float(_held_damage(jnp.asarray(1.0), jnp.asarray(0.6), -0.2)) > 1.0
