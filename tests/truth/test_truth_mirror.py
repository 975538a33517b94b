"""Left and right are alike: the mirror image of a patient has the mirror image of every finding."""

from __future__ import annotations

import numpy as np
import pytest
from forward_model import drawn_chance, mirrored, patients

from garland.model.diseases import DISEASES
from garland.model.findings import SIDED, UNSIDED


@pytest.mark.parametrize("cause", [cause.name for cause in DISEASES])
def test_the_mirrored_patient_has_the_mirrored_findings(cause: str):
    left = patients(cause, 75.0)
    right = patients(cause, 75.0, latents=mirrored(drawn_chance()))
    start = 0
    for field, items in SIDED.items():
        size = len(items)
        first, second = (left.vector[:, start + size * i : start + size * (i + 1)] for i in (0, 1))
        swapped = np.concatenate([second, first], axis=1)
        found = right.vector[:, start : start + 2 * size]
        np.testing.assert_allclose(found, swapped, atol=2e-3, err_msg=field)
        start += 2 * size
    np.testing.assert_allclose(right.vector[:, start:], left.vector[:, start:], atol=1e-4)
    assert left.vector.shape[1] == start + sum(len(items) for items in UNSIDED.values())
