"""Ranks of exact, narrow and shifted posteriors."""

from __future__ import annotations

import numpy as np
import pytest

from experiments import ranks
from garland.errors import InputError

L = 63


def _ranks(spread: float, shift: float, n: int = 1000) -> list[int]:
    """Return ranks in a normal model whose posterior is told with another spread and a shift."""
    rng = np.random.default_rng(1)
    stated = []
    for _ in range(n):
        true = rng.normal()
        mean = 0.5 * (true + rng.normal())
        stated.append(ranks.rank(true, mean + shift + spread * np.sqrt(0.5) * rng.normal(size=L), rng))
    return stated


def test_an_exact_posterior_gives_uniform_ranks() -> None:
    (found,) = ranks.uniformity({"exact": _ranks(1.0, 0.0)}, L)
    assert not found.rejected
    assert found.mean == pytest.approx(0.5, abs=0.03)
    assert found.ends == pytest.approx(0.2, abs=0.04)


def test_narrow_and_shifted_posteriors_are_rejected() -> None:
    narrow, shifted = ranks.uniformity({"narrow": _ranks(0.7, 0.0), "shifted": _ranks(1.0, 0.3)}, L)
    assert narrow.rejected
    assert narrow.ends > 0.28
    assert shifted.rejected
    assert shifted.mean < 0.45


def test_a_quantity_that_is_always_equal_still_gives_uniform_ranks() -> None:
    rng = np.random.default_rng(2)
    tied = [ranks.rank(0.0, np.zeros(L), rng) for _ in range(1000)]
    assert not ranks.uniformity({"tied": tied}, L)[0].rejected
    assert set(tied) == set(range(L + 1))


def test_infinity_is_a_value_like_others() -> None:
    rng = np.random.default_rng(0)
    assert ranks.rank(np.inf, np.array([1.0, 2.0]), rng) == 2
    assert 1 <= ranks.rank(np.inf, np.array([1.0, np.inf]), rng) <= 2


def test_thinned_draws_follow_the_weights() -> None:
    rng = np.random.default_rng(0)
    picked = ranks.thinned(np.array([1.0, 0.0, 3.0]), 400, rng)
    assert np.bincount(picked, minlength=3).tolist() == [100, 0, 300]
    assert picked[:10].tolist() != sorted(picked[:10].tolist())


def test_holm_corrects_the_smallest_most_and_keeps_the_order() -> None:
    assert ranks.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert ranks.holm([0.9, 0.8]) == [1.0, 1.0]


def test_the_envelope_holds_95_of_100_calibrated_curves() -> None:
    band = ranks.envelope(500)
    rng, inside = np.random.default_rng(9), 0
    for _ in range(300):
        u = np.sort(rng.random(500))
        curve = np.searchsorted(u, band.at) / 500
        inside += bool(np.all((curve >= band.low) & (curve <= band.high)))
    assert 0.90 < inside / 300 <= 0.99


def test_the_histogram_counts_every_rank() -> None:
    counts = ranks.histogram(list(range(64)), L)
    assert counts.tolist() == [4] * 16


def test_a_rank_beyond_the_draws_is_refused() -> None:
    with pytest.raises(InputError, match="lies outside 0 to 63"):
        ranks.shares([64], L)


def test_a_quantity_without_ranks_is_left_out() -> None:
    assert [one.name for one in ranks.uniformity({"none": [], "some": [1, 2]}, L)] == ["some"]
