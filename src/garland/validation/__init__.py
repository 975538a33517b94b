"""Validation: what cohorts and trials published, beside what the model says of the same patients.

`validate` is the entry; it is imported on first use, so that reading rows and reports stays light.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from garland.validation.rows import Report

__all__ = ["validate"]


def validate(seed: int = 0, n: int = 4000, progress: Callable[[str], object] | None = None) -> Report:
    """Ask the model every published row; see `garland.validation.run.validate`."""
    from garland.validation import run

    return run._validate(seed, n, progress)
