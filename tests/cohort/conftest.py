"""Small cohorts that several tests share."""

from __future__ import annotations

import pytest
from small_cohorts import small_spec

from garland.cohorts.spec import CohortSpec


@pytest.fixture(scope="session")
def small() -> CohortSpec:
    """A cohort of two hundred referred patients in four parts."""
    return small_spec()
