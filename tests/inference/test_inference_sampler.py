"""The sampler against problems whose answer is known in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from garland.chance import SIZE
from garland.inference.sampler import (
    CHUNK,
    Cloud,
    Problem,
    draw_cloud,
    log_evidence,
    temper,
)
from garland.person import unknown_person

Likelihood = Callable[[jax.Array], jax.Array]
SPREAD = 0.2


def gaussian(entries: int, value: float) -> Likelihood:
    """Return the log likelihood of some entries of chance, each measured as `value`."""

    def log_likelihood(vectors: jax.Array) -> jax.Array:
        z = (vectors[:, :entries] - value) / SPREAD
        return (-0.5 * z**2 - math.log(SPREAD * math.sqrt(2.0 * math.pi))).sum(axis=1)

    return log_likelihood


def problem_of(monkeypatch: pytest.MonkeyPatch, likelihood: Likelihood) -> Problem:
    monkeypatch.setattr(Problem, "log_likelihood", lambda self, cause, vectors: likelihood(vectors))
    return Problem(unknown_person(), (), ())


def tempered(
    monkeypatch: pytest.MonkeyPatch, likelihood: Likelihood, seed: int = 0, floor: float = -np.inf
) -> Cloud:
    problem = problem_of(monkeypatch, likelihood)
    key = jax.random.key(seed)
    cloud = draw_cloud(problem, 0, key, 4 * CHUNK, groups=4)
    return temper(problem, cloud, jax.random.fold_in(key, 1), floor, moves=8)


CONJUGATE = [(1, 0.5), (1, 2.0), (1, 3.0), (6, 1.0)]


@pytest.mark.parametrize(("entries", "value"), CONJUGATE)
def test_the_evidence_of_a_conjugate_problem_is_found(
    monkeypatch: pytest.MonkeyPatch, entries: int, value: float
):
    exact = entries * norm.logpdf(value, 0.0, math.hypot(1.0, SPREAD))
    found = [log_evidence(tempered(monkeypatch, gaussian(entries, value), seed)) for seed in range(4)]
    error = math.hypot(0.1 * entries, 3.0 * float(np.mean([e for _, e in found])) / 2.0)
    assert np.mean([evidence for evidence, _ in found]) == pytest.approx(exact, abs=error)


@pytest.mark.parametrize(("entries", "value"), CONJUGATE)
def test_the_patients_of_a_conjugate_problem_have_its_mean_and_spread(
    monkeypatch: pytest.MonkeyPatch, entries: int, value: float
):
    cloud = tempered(monkeypatch, gaussian(entries, value))
    touched = np.asarray(cloud.vectors)[:, :entries]
    exact = value / (1.0 + SPREAD**2)
    sd = SPREAD / math.hypot(1.0, SPREAD)
    np.testing.assert_allclose(touched.mean(axis=0), exact, atol=0.35 * sd)
    np.testing.assert_allclose(touched.std(axis=0), sd, rtol=0.35)


def test_what_the_findings_do_not_touch_stays_standard_normal(monkeypatch: pytest.MonkeyPatch):
    rest = np.asarray(tempered(monkeypatch, gaussian(1, 2.0)).vectors)[:, 1:]
    assert abs(rest.mean()) < 0.05
    assert rest.std() == pytest.approx(1.0, abs=0.05)


def test_two_answers_of_equal_weight_are_both_kept(monkeypatch: pytest.MonkeyPatch):
    def either(vectors: jax.Array) -> jax.Array:
        return -0.5 * ((jnp.abs(vectors[:, 0]) - 1.5) / SPREAD) ** 2

    above = (np.asarray(tempered(monkeypatch, either).vectors)[:, 0] > 0.0).mean()
    assert 0.3 < above < 0.7


def test_a_likelihood_that_says_nothing_needs_one_step(monkeypatch: pytest.MonkeyPatch):
    cloud = tempered(monkeypatch, lambda vectors: jnp.zeros(vectors.shape[0]))
    assert cloud.steps == 1
    assert cloud.power == 1.0
    assert log_evidence(cloud) == pytest.approx((0.0, 0.0), abs=1e-6)


def test_a_hopeless_cause_is_left_and_still_has_an_evidence(monkeypatch: pytest.MonkeyPatch):
    cloud = tempered(monkeypatch, gaussian(20, 2.0), floor=0.0)
    assert cloud.power < 1.0
    assert math.isfinite(log_evidence(cloud)[0])


def test_the_same_key_gives_the_same_patients(monkeypatch: pytest.MonkeyPatch):
    one, two = (tempered(monkeypatch, gaussian(3, 1.0), seed=5) for _ in range(2))
    np.testing.assert_array_equal(np.asarray(one.vectors), np.asarray(two.vectors))
    assert log_evidence(one) == log_evidence(two)


def test_a_cloud_holds_a_chance_vector_and_a_likelihood_for_every_patient(monkeypatch: pytest.MonkeyPatch):
    cloud = tempered(monkeypatch, gaussian(1, 1.0))
    assert cloud.vectors.shape[1] == SIZE
    assert cloud.log_likelihood.shape == cloud.vectors.shape[:1]
    np.testing.assert_allclose(
        cloud.log_likelihood, np.asarray(gaussian(1, 1.0)(cloud.vectors)), rtol=1e-5, atol=1e-5
    )
