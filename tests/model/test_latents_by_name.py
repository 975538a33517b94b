"""Latents are laid out by name: one block widened, or one more, moves no other draw and no answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def run(layout: str) -> dict[str, Any]:
    program = Path(__file__).parent / "widened_latents.py"
    made = subprocess.run([sys.executable, str(program), layout], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    said: dict[str, Any] = json.loads(made.stdout)
    return said


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
