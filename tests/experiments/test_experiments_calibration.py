"""Quantities of draws, and the tables of an experiment, from built posteriors and rows."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from experiments import calibration, quantities
from experiments.virtual_patients import LEVELS, Shown
from garland.inference.posterior import Posterior
from garland.model.diseases import DISEASES
from garland.model.findings import N_FINDINGS, Address, column

C = len(DISEASES)


def _states(*grades: float) -> list[Shown]:
    """Return one patient's walking grade on the days looked at."""
    rows = []
    for grade in grades:
        expected = np.zeros((1, N_FINDINGS), np.float32)
        expected[0, column(Address("walking", None, "walking"))] = grade
        rows.append(Shown(np.ones(1, np.float32), expected, np.zeros((1, 2, 92), np.float32)))
    return rows


@pytest.mark.parametrize(
    ("grades", "days"),
    [
        ((2.5, 2.6, 2.7, 2.8), 0.0),
        ((1.0, 3.0, 3.0, 3.0), 45.0),
        ((1.0, 1.5, 1.8, 2.2), 272.5),
        ((1.0, 1.0, 1.0, 1.0), np.inf),
    ],
)
def test_walking_alone_comes_when_the_grade_crosses_two(grades: tuple[float, ...], days: float) -> None:
    found = quantities._walking(_states(*grades))
    assert found["days to walking alone"][0] == pytest.approx(days, abs=0.1)
    assert found["walking after a year"][0] == pytest.approx(grades[-1], abs=1e-3)


def test_draws_share_themselves_out_over_causes_and_weights() -> None:
    p = np.zeros(C)
    p[[2, 5]] = 0.75, 0.25
    clouds = {
        c: SimpleNamespace(
            vectors=np.full((4, 3), c, np.float32) + np.arange(4, dtype=np.float32)[:, None] / 10.0,
            weights=np.array([0.5, 0.5, 0.0, 0.0] if c == 2 else [0.25] * 4),
        )
        for c in (2, 5)
    }
    posterior = cast(Posterior, SimpleNamespace(probability=p, clouds=clouds))
    drawn = quantities.draws_from(posterior, 40, np.random.default_rng(0))
    assert np.bincount(drawn.cause, minlength=C)[[2, 5]].tolist() == [30, 10]
    assert drawn.vectors[drawn.cause == 2].max() < 2.15
    assert drawn.vectors[drawn.cause == 5].max() > 5.25


def _row(seed: int, right: bool) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    cause = seed % C
    p = np.full(C, 0.1 / (C - 1))
    p[cause if right else (cause + 1) % C] = 0.9
    level = {
        "p": p.tolist(), "error": 0.01, "seconds": 0.5, "findings": 90, "evaluated": 1000, "steps": 5,
        "ranks": {"cause": int(rng.integers(64)), "narrow": int(rng.choice([0, 63]))},
        "ranked": {"ln day": 0.4},
    }  # fmt: skip
    return {"seed": seed, "cause": cause, "levels": dict.fromkeys(LEVELS, level)}


def test_the_summary_tells_right_from_wrong_and_even_from_uneven_ranks() -> None:
    found = calibration.summary([_row(seed, seed % 10 != 0) for seed in range(200)])
    level = found.levels[-1]
    assert level.top_1 == pytest.approx(0.9)
    assert level.calibration_error == pytest.approx(0.0, abs=0.05)
    assert level.floor.mean > 0.0
    assert level.ranked == (("ln day", 0.4),)
    assert set(found.rejected) == {f"{level}: narrow" for level in LEVELS}
    assert sum(map(sum, found.confused)) == 200
    assert len(found.plots) == 2 * len(LEVELS)
    json.dumps(asdict(found))


def test_the_lines_name_levels_rejected_quantities_and_confusions() -> None:
    found = calibration.summary([_row(seed, seed % 10 != 0) for seed in range(64)])
    stated = "\n".join(calibration.lines(found))
    assert all(level in stated for level in LEVELS)
    assert "history: narrow: p " in stated
    assert "dlrpn answered as lrpn: 1" in stated
    calm = replace(found, uniformity=tuple(one for one in found.uniformity if not one.rejected))
    assert "none of 5" in "\n".join(calibration.lines(calm))


def test_the_calibration_error_of_an_overconfident_answer_is_its_gap() -> None:
    found = calibration.summary([_row(seed, seed % 2 == 0) for seed in range(200)])
    assert found.levels[0].calibration_error == pytest.approx(0.4, abs=0.02)
