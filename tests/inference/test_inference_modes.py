"""The search for the most probable patients on problems whose maximum is known."""

from __future__ import annotations

import numpy as np
import pytest
from closed_form import Weigh, of_residuals, problem_of
from scipy.stats import norm

from garland._types import Float32s, Float64s
from garland.inference import laplace
from garland.inference.laplace import _diverse_starts, _find_modes, _MixtureProposal
from garland.model.latents import N_LATENTS, place_of

FELT = 5
SLOPES = np.random.default_rng(0).normal(0.0, 1.5, (9, FELT))
MEASURED = np.random.default_rng(1).normal(0.0, 2.0, 9)


def linear(vectors: Float32s) -> Float64s:
    """Return residuals that are linear in the first entries: the posterior is a Gaussian."""
    return vectors[:, :FELT].astype(np.float64) @ SLOPES.T - MEASURED


PRECISION = np.eye(FELT) + SLOPES.T @ SLOPES
EXACT = np.linalg.solve(PRECISION, SLOPES.T @ MEASURED)
EVIDENCE = float(
    -0.5 * MEASURED @ np.linalg.solve(np.eye(9) + SLOPES @ SLOPES.T, MEASURED)
    - 0.5 * np.linalg.slogdet(PRECISION)[1]
)


def at(*values: float) -> Float32s:
    start = np.zeros((1, N_LATENTS), np.float32)
    start[0, : len(values)] = values
    return start


def found(
    monkeypatch: pytest.MonkeyPatch,
    log_likelihood: Weigh,
    starts: Float32s,
    rounds: int = 6,
    closely: bool = False,
) -> _MixtureProposal:
    """Return what is found where every maximum gets one Gaussian of just the curvature there."""
    monkeypatch.setattr(laplace, "_FLATTER", (1.0,))
    return _find_modes(problem_of(monkeypatch, log_likelihood), 0, starts, rounds, closely)


@pytest.mark.parametrize("closely", [False, True], ids=["at first", "closely"])
@pytest.mark.parametrize("start", [at(), at(3.0, -2.0, 1.0)], ids=["middle", "aside"])
def test_the_mode_of_a_linear_problem_is_the_posterior(
    monkeypatch: pytest.MonkeyPatch, start: Float32s, closely: bool
):
    base = found(monkeypatch, of_residuals(linear), start, closely=closely)
    (part,) = base.parts
    assert list(part.entries) == list(range(FELT))
    np.testing.assert_allclose(part.mean, EXACT, atol=1e-3)
    np.testing.assert_allclose(part.root @ part.root.T, PRECISION, rtol=1e-3, atol=1e-3)
    assert sum(base.shares) == pytest.approx(1.0)


def test_posterior_over_a_gaussian_at_the_mode_is_the_evidence_everywhere(monkeypatch: pytest.MonkeyPatch):
    log_likelihood = of_residuals(linear)
    (part,) = found(monkeypatch, log_likelihood, at()).parts
    drawn = _MixtureProposal((part,), (0.0, 1.0)).draw(np.random.default_rng(0), 100)
    np.testing.assert_allclose(log_likelihood(drawn)[0] - part.log_ratio(drawn), EVIDENCE, atol=0.05)


def test_the_gaussians_of_a_mode_are_flatter_than_its_curvature(monkeypatch: pytest.MonkeyPatch):
    parts = _find_modes(problem_of(monkeypatch, of_residuals(linear)), 0, at(), 6).parts
    assert len(parts) > 1
    for part in parts:
        wider = np.linalg.inv(part.root @ part.root.T) - np.linalg.inv(PRECISION)
        assert np.linalg.eigvalsh(wider).min() > -1e-6


def bent(vectors: Float32s) -> Float64s:
    """Return residuals of which the plain step overshoots by far."""
    one, two = vectors[:, 0].astype(np.float64), vectors[:, 1].astype(np.float64)
    return np.stack([(np.exp(one) - 6.0) / 0.2, (one * two - 3.0) / 0.1], axis=1)


def test_a_search_goes_on_after_a_step_that_had_to_be_shortened(monkeypatch: pytest.MonkeyPatch):
    (part,) = found(monkeypatch, of_residuals(bent), at(0.3), rounds=12).parts
    np.testing.assert_allclose(part.mean, [np.log(6.0), 3.0 / np.log(6.0)], atol=0.05)


def wall(vectors: Float32s) -> Float64s:
    """Return a finding missed by ten standard deviations below zero, and one that asks for a small value."""
    first = vectors[:, 0].astype(np.float64)
    return np.stack([np.where(first < 0.0, -10.0, 0.0), (first - 0.1) / 2.0], axis=1)


def test_a_cliff_beside_the_maximum_does_not_make_the_gaussian_narrow(monkeypatch: pytest.MonkeyPatch):
    (part,) = found(monkeypatch, of_residuals(wall), at(0.02)).parts
    sd = 1.0 / part.root[0, 0]
    assert 0.85 < sd <= 1.0


def two_sided(vectors: Float32s) -> Float64s:
    return ((np.abs(vectors[:, :1].astype(np.float64)) - 2.0) / 0.2).reshape(-1, 1)


def test_two_maxima_are_both_found_from_two_starts(monkeypatch: pytest.MonkeyPatch):
    starts = np.concatenate([at(1.0), at(-1.0)])
    base = found(monkeypatch, of_residuals(two_sided), starts)
    exact = 2.0 / (1.0 + 0.2**2)
    assert sorted(part.mean[0] for part in base.parts) == pytest.approx([-exact, exact], abs=0.01)
    assert base.shares[1] == pytest.approx(base.shares[2], rel=0.01)


def test_two_starts_that_lead_to_one_maximum_give_one_gaussian(monkeypatch: pytest.MonkeyPatch):
    starts = np.concatenate([at(1.0), at(3.0)])
    assert len(found(monkeypatch, of_residuals(two_sided), starts).parts) == 1


def test_a_maximum_far_below_the_best_is_left_out(monkeypatch: pytest.MonkeyPatch):
    def lopsided(vectors: Float32s) -> Float64s:
        wrong = np.where(vectors[:, :1] < 0.0, 8.0, 0.0)
        return np.concatenate([two_sided(vectors), wrong], axis=1)

    starts = np.concatenate([at(1.0), at(-1.5)])
    (part,) = found(monkeypatch, of_residuals(lopsided), starts).parts
    assert part.mean[0] > 1.0


def test_chance_keeps_a_share_of_every_mixture(monkeypatch: pytest.MonkeyPatch):
    base = found(monkeypatch, of_residuals(linear), at())
    assert base.shares[0] == pytest.approx(0.1)


def test_an_entry_that_acts_only_near_the_maximum_is_found_when_looked_for_closely(
    monkeypatch: pytest.MonkeyPatch,
):
    def hidden(vectors: Float32s) -> Float64s:
        first, second = vectors[:, 2].astype(np.float64), vectors[:, 3].astype(np.float64)
        acting = np.where(first > 1.0, 2.0 * second, 0.0)
        return np.stack([(first - 3.0) / 0.3, acting - 1.0], axis=1)

    far, near = (found(monkeypatch, of_residuals(hidden), at(), closely=how) for how in (False, True))
    assert list(far.parts[0].entries) == [2]
    assert list(near.parts[0].entries) == [2, 3]
    assert near.parts[0].mean[1] == pytest.approx(0.4, abs=0.02)


def test_where_nothing_acts_the_patients_come_from_chance_alone(monkeypatch: pytest.MonkeyPatch):
    def cell(vectors: Float32s) -> Float64s:
        return np.where(np.abs(vectors[:, :4] - 9.0).max(axis=1) < 0.1, 0.0, 3.0)[:, None]

    for closely in (False, True):
        for starts in (at(0.0), np.concatenate([at(0.0), at(1.0)])):
            assert found(monkeypatch, of_residuals(cell), starts, closely=closely) == _MixtureProposal()


def test_an_entry_that_decides_by_a_threshold_is_in_the_gaussian_though_it_has_no_slope(
    monkeypatch: pytest.MonkeyPatch,
):
    switch = place_of("bilateral").start

    def struck_or_not(vectors: Float32s) -> Float64s:
        return np.where(vectors[:, switch] > 1.3, 0.0, 4.0)[:, None]

    start = np.zeros((1, N_LATENTS), np.float32)
    start[0, switch] = 1.9
    (part,) = found(monkeypatch, of_residuals(struck_or_not), start).parts
    assert list(part.entries) == [switch]
    assert part.mean[0] == pytest.approx(norm.pdf(1.3) / norm.sf(1.3), abs=0.25)


def test_searches_start_from_either_side_and_from_one_side_or_both(monkeypatch: pytest.MonkeyPatch):
    side, other = place_of("side").start, place_of("bilateral").start

    def right_and_both(vectors: Float32s) -> Float64s:
        return np.where((vectors[:, side] > 0.0) & (vectors[:, other] > 1.3), 0.0, 5.0)[:, None]

    vectors = np.random.default_rng(0).standard_normal((64, N_LATENTS)).astype(np.float32)
    vectors[:, [side, other]] = -np.abs(vectors[:, [side, other]])
    problem = problem_of(monkeypatch, of_residuals(right_and_both))
    starts = _diverse_starts(problem, 0, vectors, np.zeros(64), 4)
    assert starts[0, side] > 0.0
    assert starts[0, other] > 1.3
    assert {(row[side] > 0.0, row[other] > 0.0) for row in starts} == {
        (right, both) for right in (False, True) for both in (False, True)
    }
