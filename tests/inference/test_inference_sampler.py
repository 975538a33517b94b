"""The sampler against problems whose answer is known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from closed_form import SPREAD, Weigh, gaussian, of_residuals, problem_of
from scipy.stats import norm

from garland._types import Float32s, Float64s
from garland.inference.laplace import _find_modes, _learnt, _MixtureProposal
from garland.inference.smc import GROUP, Particles, _draw_cloud, _joined, _log_evidence, _temper
from garland.model.latents import N_LATENTS

GROUPS = 4
MOVES = 8


def tempered(
    monkeypatch: pytest.MonkeyPatch, log_likelihood: Weigh, seed: int = 0, from_modes: bool = False
) -> Particles:
    """Return patients drawn to the end from chance, or from the modes of the problem."""
    problem, rng = problem_of(monkeypatch, log_likelihood), np.random.default_rng(seed)
    base = _find_modes(problem, 0, np.zeros((1, N_LATENTS), np.float32), 4) if from_modes else None
    cloud = _draw_cloud(problem, 0, rng, GROUPS * GROUP, base)
    return _temper(problem, cloud, rng, GROUPS * GROUP, MOVES)


CONJUGATE = [(1, 0.5), (1, 2.0), (1, 3.0), (6, 1.0)]


def exact_evidence(entries: int, value: float) -> float:
    return float(entries * norm.logpdf(value, 0.0, math.hypot(1.0, SPREAD)))


@pytest.mark.parametrize("from_modes", [False, True], ids=["chance", "modes"])
@pytest.mark.parametrize(("entries", "value"), CONJUGATE)
def test_the_evidence_of_a_conjugate_problem_is_found(
    monkeypatch: pytest.MonkeyPatch, entries: int, value: float, from_modes: bool
):
    found = [
        _log_evidence(tempered(monkeypatch, gaussian(entries, value), seed, from_modes)) for seed in range(4)
    ]
    error = math.hypot(0.1 * entries, 3.0 * float(np.mean([e for _, e in found])) / 2.0)
    assert np.mean([evidence for evidence, _ in found]) == pytest.approx(
        exact_evidence(entries, value), abs=error
    )


@pytest.mark.parametrize("from_modes", [False, True], ids=["chance", "modes"])
@pytest.mark.parametrize(("entries", "value"), CONJUGATE)
def test_the_patients_of_a_conjugate_problem_have_its_mean_and_spread(
    monkeypatch: pytest.MonkeyPatch, entries: int, value: float, from_modes: bool
):
    cloud = tempered(monkeypatch, gaussian(entries, value), from_modes=from_modes)
    touched = cloud.vectors[:, :entries]
    exact = value / (1.0 + SPREAD**2)
    sd = SPREAD / math.hypot(1.0, SPREAD)
    np.testing.assert_allclose(touched.mean(axis=0), exact, atol=0.35 * sd)
    np.testing.assert_allclose(touched.std(axis=0), sd, rtol=0.35)


def misses(monkeypatch: pytest.MonkeyPatch, from_modes: bool) -> Float64s:
    """Return by how much the evidence of a hard problem is missed, over seeds [nat]."""
    clouds = (tempered(monkeypatch, gaussian(6, 1.0), seed, from_modes) for seed in range(6))
    return np.array([_log_evidence(cloud)[0] for cloud in clouds]) - exact_evidence(6, 1.0)


def test_patients_drawn_from_the_modes_miss_the_evidence_by_less(monkeypatch: pytest.MonkeyPatch):
    from_chance, from_modes = (misses(monkeypatch, how) for how in (False, True))
    assert np.abs(from_modes).max() < 0.1
    assert (from_modes**2).mean() < 0.25 * (from_chance**2).mean()


def test_patients_drawn_from_the_modes_need_fewer_steps(monkeypatch: pytest.MonkeyPatch):
    steps = [tempered(monkeypatch, gaussian(6, 1.0), from_modes=how).steps for how in (True, False)]
    assert steps[0] < steps[1]


@pytest.mark.parametrize("from_modes", [False, True], ids=["chance", "modes"])
def test_what_the_findings_do_not_touch_stays_standard_normal(
    monkeypatch: pytest.MonkeyPatch, from_modes: bool
):
    rest = tempered(monkeypatch, gaussian(1, 2.0), from_modes=from_modes).vectors[:, 1:]
    assert abs(rest.mean()) < 0.05
    assert rest.std() == pytest.approx(1.0, abs=0.05)


def test_two_answers_of_equal_weight_are_both_kept(monkeypatch: pytest.MonkeyPatch):
    either = of_residuals(lambda vectors: ((np.abs(vectors[:, 0]) - 1.5) / SPREAD)[:, None])
    above = (tempered(monkeypatch, either).vectors[:, 0] > 0.0).mean()
    assert 0.3 < above < 0.7


def test_a_base_at_one_of_two_answers_still_finds_the_other(monkeypatch: pytest.MonkeyPatch):
    either = of_residuals(lambda vectors: ((np.abs(vectors[:, 0]) - 1.5) / SPREAD)[:, None])
    problem = problem_of(monkeypatch, either)
    start = np.zeros((1, N_LATENTS), np.float32)
    start[0, 0] = 1.0
    base = _find_modes(problem, 0, start, 4)
    shares = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        cloud = _temper(problem, _draw_cloud(problem, 0, rng, 2048, base), rng, 2048, MOVES)
        shares.append((cloud.vectors[:, 0] > 0.0).mean())
    assert np.mean(shares) == pytest.approx(0.5, abs=0.15)


def says_nothing(vectors: Float32s) -> tuple[Float64s, Float64s]:
    return np.zeros(len(vectors)), np.zeros((len(vectors), 1))


def test_a_likelihood_that_says_nothing_needs_one_step(monkeypatch: pytest.MonkeyPatch):
    cloud = tempered(monkeypatch, says_nothing)
    assert cloud.steps == 1
    assert cloud.inverse_temperature == 1.0
    assert _log_evidence(cloud) == pytest.approx((0.0, 0.0), abs=1e-6)


def test_patients_only_weighed_already_have_an_evidence(monkeypatch: pytest.MonkeyPatch):
    problem = problem_of(monkeypatch, gaussian(20, 2.0))
    cloud = _draw_cloud(problem, 0, np.random.default_rng(0), GROUPS * GROUP)
    assert cloud.inverse_temperature == 0.0
    assert all(math.isfinite(number) for number in _log_evidence(cloud))
    assert cloud.effective < 3.0


def test_weights_sum_to_one_and_are_even_within_every_group_at_the_posterior(monkeypatch: pytest.MonkeyPatch):
    problem = problem_of(monkeypatch, gaussian(1, 1.0))
    rng = np.random.default_rng(0)
    drawn = _draw_cloud(problem, 0, rng, GROUPS * GROUP)
    assert drawn.weights.sum() == pytest.approx(1.0)
    assert drawn.effective < 0.5 * GROUPS * GROUP
    weights = _temper(problem, drawn, rng, GROUPS * GROUP, 2).weights.reshape(GROUPS, GROUP)
    np.testing.assert_allclose(weights, np.broadcast_to(weights[:, :1], weights.shape))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0 / GROUPS, rtol=0.5)


def test_the_best_of_many_drawn_are_kept(monkeypatch: pytest.MonkeyPatch):
    problem, rng = problem_of(monkeypatch, gaussian(1, 2.0)), np.random.default_rng(0)
    cloud = _temper(problem, _draw_cloud(problem, 0, rng, 4 * GROUP), rng, GROUP, 2)
    assert cloud.vectors.shape == (GROUP, N_LATENTS)
    assert cloud.log_evidence.shape == (1,)


def test_the_same_seed_gives_the_same_patients(monkeypatch: pytest.MonkeyPatch):
    one, two = (tempered(monkeypatch, gaussian(3, 1.0), seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.vectors, two.vectors)
    assert _log_evidence(one) == _log_evidence(two)


def test_the_printed_error_is_the_spread_of_the_evidence_over_seeds(monkeypatch: pytest.MonkeyPatch):
    found = np.array([_log_evidence(tempered(monkeypatch, gaussian(1, 2.0), seed)) for seed in range(24)])
    printed = float(np.sqrt((found[:, 1] ** 2).mean()))
    assert found[:, 0].std(ddof=1) == pytest.approx(printed, rel=0.5)


@pytest.mark.parametrize("from_modes", [False, True], ids=["chance", "modes"])
def test_a_cloud_holds_what_belongs_to_its_patients(monkeypatch: pytest.MonkeyPatch, from_modes: bool):
    cloud = tempered(monkeypatch, gaussian(1, 1.0), from_modes=from_modes)
    assert cloud.vectors.shape[1] == N_LATENTS
    likelihood = gaussian(1, 1.0)(cloud.vectors)[0]
    np.testing.assert_allclose(cloud.log_likelihood, likelihood, rtol=1e-5, atol=1e-5)
    log_importance_ratio = likelihood - cloud.base.log_ratio(cloud.vectors)
    np.testing.assert_allclose(cloud.log_importance_ratio, log_importance_ratio, rtol=1e-4, atol=1e-4)


def test_chance_is_the_base_where_none_is_given(monkeypatch: pytest.MonkeyPatch):
    assert tempered(monkeypatch, says_nothing).base == _MixtureProposal()


def test_patients_that_weigh_alike_leave_no_doubt_about_the_evidence(monkeypatch: pytest.MonkeyPatch):
    problem, rng = problem_of(monkeypatch, says_nothing), np.random.default_rng(0)
    assert _log_evidence(_draw_cloud(problem, 0, rng, GROUP)) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_the_error_of_one_group_only_weighed_is_the_spread_over_seeds(monkeypatch: pytest.MonkeyPatch):
    problem = problem_of(monkeypatch, of_residuals(lambda vectors: vectors[:, :1] - 1.0))
    found = np.array(
        [_log_evidence(_draw_cloud(problem, 0, np.random.default_rng(seed), GROUP)) for seed in range(200)]
    )
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.15)


def test_a_base_learnt_from_patients_of_the_posterior_needs_no_tempering(monkeypatch: pytest.MonkeyPatch):
    problem, rng = problem_of(monkeypatch, gaussian(6, 1.0)), np.random.default_rng(3)
    first = tempered(monkeypatch, gaussian(6, 1.0), from_modes=True)
    fresh = _draw_cloud(problem, 0, rng, 1024, _learnt(first.vectors, first.base))
    assert fresh.effective > 0.2 * 1024
    assert _log_evidence(fresh)[0] == pytest.approx(exact_evidence(6, 1.0), abs=0.1)


def test_clouds_of_one_base_are_joined_by_their_groups(monkeypatch: pytest.MonkeyPatch):
    problem, rng = problem_of(monkeypatch, gaussian(2, 1.0)), np.random.default_rng(0)
    one, two = (_draw_cloud(problem, 0, rng, n * GROUP) for n in (4, 8))
    both = _joined(one, two)
    assert len(both.log_evidence) == 12
    share = np.exp([_log_evidence(cloud)[0] for cloud in (one, two, both)])
    assert share[2] == pytest.approx((4 * share[0] + 8 * share[1]) / 12)
    assert both.weights.sum() == pytest.approx(1.0)
