"""Latents are laid out by name: one block widened, or one more, moves no other draw and no answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.programs import said_by


def run(layout: str) -> dict[str, Any]:
    return said_by(Path(__file__).with_name("widened_latents.py"), layout)


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, Any], dict[str, Any]]:
    return run("as_they_are"), run("widened")


def test_the_vector_is_longer(both: tuple[dict[str, Any], dict[str, Any]]):
    assert both[1]["latents"] == both[0]["latents"] + 4


def test_every_other_latent_is_drawn_as_before(both: tuple[dict[str, Any], dict[str, Any]]):
    assert both[0]["drawn"] == both[1]["drawn"]


def test_a_seeded_answer_is_the_same(both: tuple[dict[str, Any], dict[str, Any]]):
    before, after = both[0]["answer"], both[1]["answer"]
    assert len(before) > 20
    assert before.keys() == after.keys()
    for name, numbers in before.items():
        np.testing.assert_allclose(after[name], numbers, atol=1e-6, err_msg=name)
