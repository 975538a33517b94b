"""Gaussians and their mixture with chance against the normal law as scipy has it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from garland._types import Float32s, Float64s
from garland.inference.laplace import _fitted, _Gaussian, _MixtureProposal
from garland.model.latents import N_LATENTS

ENTRIES = np.array([3, 7, 100])
MEAN = np.array([1.0, -0.5, 2.0])
COVARIANCE = np.array([[0.5, 0.2, 0.0], [0.2, 0.3, -0.1], [0.0, -0.1, 0.4]])
OTHER = _Gaussian(np.array([3, 9]), np.array([-2.0, 1.0]), np.diag([2.0, 4.0]))
"""A second Gaussian, of standard deviations a half and a quarter."""


def gaussian() -> _Gaussian:
    return _Gaussian(ENTRIES, MEAN, np.linalg.cholesky(np.linalg.inv(COVARIANCE)))


def patients(n: int, seed: int = 0) -> Float32s:
    return np.random.default_rng(seed).standard_normal((n, N_LATENTS), np.float32)


def exact_ratio(vectors: Float32s) -> Float64s:
    """Return the log density of the first Gaussian relative to chance, by scipy."""
    own = vectors[:, ENTRIES].astype(np.float64)
    return np.asarray(multivariate_normal.logpdf(own, MEAN, COVARIANCE) - norm.logpdf(own).sum(axis=1))


def test_the_density_of_a_gaussian_relative_to_chance_is_that_of_the_normal_law():
    vectors = 2.0 * patients(50)
    np.testing.assert_allclose(gaussian().log_ratio(vectors), exact_ratio(vectors), rtol=1e-5, atol=1e-4)


def test_the_density_of_a_mixture_is_the_sum_of_its_parts():
    vectors = 2.0 * patients(50)
    base = _MixtureProposal((gaussian(), OTHER), (0.2, 0.5, 0.3))
    own = vectors[:, OTHER.entries].astype(np.float64)
    other = norm.logpdf(own, OTHER.mean, [0.5, 0.25]).sum(axis=1) - norm.logpdf(own).sum(axis=1)
    exact = np.log(0.2 + 0.5 * np.exp(exact_ratio(vectors)) + 0.3 * np.exp(other))
    np.testing.assert_allclose(base.log_ratio(vectors), exact, rtol=1e-5, atol=1e-4)


def test_chance_alone_has_a_log_ratio_of_zero():
    np.testing.assert_array_equal(_MixtureProposal().log_ratio(patients(5)), np.zeros(5))


def test_chance_alone_draws_standard_normals():
    drawn = _MixtureProposal().draw(np.random.default_rng(0), 512)
    assert drawn.shape == (512, N_LATENTS)
    assert abs(drawn.mean()) < 0.02
    assert drawn.std() == pytest.approx(1.0, abs=0.02)


def test_patients_drawn_from_a_gaussian_have_its_mean_and_covariance():
    drawn = _MixtureProposal((gaussian(),), (0.0, 1.0)).draw(np.random.default_rng(0), 20_000)
    own, rest = drawn[:, ENTRIES], np.delete(drawn, ENTRIES, axis=1)
    np.testing.assert_allclose(own.mean(axis=0), MEAN, atol=0.02)
    np.testing.assert_allclose(np.cov(own.T), COVARIANCE, atol=0.02)
    assert rest.std() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("n", [128, 500])
def test_the_shares_of_a_mixture_are_met(n: int):
    far = [_Gaussian(np.array([0]), np.array([place]), np.array([[100.0]])) for place in (20.0, 40.0)]
    drawn = _MixtureProposal(tuple(far), (0.1, 0.6, 0.3)).draw(np.random.default_rng(1), n)[:, 0]
    counts = [(abs(drawn) < 10).sum(), (abs(drawn - 20) < 10).sum(), (abs(drawn - 40) < 10).sum()]
    np.testing.assert_allclose(counts, np.array([0.1, 0.6, 0.3]) * n, atol=1.0)


def test_the_parts_of_a_mixture_are_dealt_to_all_groups_alike():
    far = _Gaussian(np.array([0]), np.array([20.0]), np.array([[100.0]]))
    drawn = _MixtureProposal((far,), (0.5, 0.5)).draw(np.random.default_rng(2), 1024)[:, 0]
    by_group = (drawn > 10.0).reshape(8, 128).mean(axis=1)
    assert by_group.min() > 0.3
    assert by_group.max() < 0.7


def test_weights_of_patients_drawn_from_a_base_bring_chance_back():
    base = _MixtureProposal((gaussian(), OTHER), (0.4, 0.3, 0.3))
    drawn = base.draw(np.random.default_rng(3), 20_000)
    weight = np.exp(-base.log_ratio(drawn))
    assert weight.mean() == pytest.approx(1.0, abs=0.05)
    touched = drawn[:, [3, 7, 9, 100]]
    np.testing.assert_allclose(weight @ touched / weight.sum(), 0.0, atol=0.08)
    np.testing.assert_allclose(weight @ touched**2 / weight.sum(), 1.0, atol=0.12)


def test_the_deviations_of_standard_normals_become_standard_normals_again():
    vectors, one = patients(40), gaussian()
    noise = vectors[:, :3]
    vectors[:, ENTRIES] = one.mean + one.spread(noise)
    np.testing.assert_allclose(one.standard(vectors), noise, atol=1e-5)


def acting_at(*entries: int) -> _MixtureProposal:
    """Return chance mixed with a Gaussian of some entries, as a search for modes gives it."""
    size = len(entries)
    return _MixtureProposal((_Gaussian(np.array(entries), np.zeros(size), np.eye(size)),), (0.1, 0.9))


def test_what_is_fitted_to_patients_has_their_mean_and_spread_where_they_depart_from_chance():
    vectors = patients(4000)
    vectors[:, 5] = 1.0 + 0.5 * vectors[:, 5]
    vectors[:, 8] = 0.1 * vectors[:, 8]
    found = _fitted(vectors, acting_at(3, 5, 8))
    assert list(found.entries) == [5, 8]
    np.testing.assert_allclose(found.mean, [1.0, 0.0], atol=0.05)
    assert 1.0 / found.root[0, 0] == pytest.approx(0.5, rel=0.05)


def test_nothing_is_fitted_to_entries_that_act_nowhere():
    vectors = patients(400)
    vectors[:, 8] = 0.1 * vectors[:, 8]
    assert not len(_fitted(vectors, acting_at(3)).entries)
    assert not len(_fitted(vectors, _MixtureProposal()).entries)


def test_a_fitted_gaussian_is_never_so_narrow_that_nothing_moves():
    vectors = patients(400)
    vectors[:, 8] = 0.001 * vectors[:, 8]
    assert 1.0 / _fitted(vectors, acting_at(8)).root[0, 0] >= 0.2
