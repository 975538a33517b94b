"""Truth: no finding leaps from one half day to the next, under any cause.

What strikes at one stroke moves at once on its day; after that only Wallerian degeneration is quick, and it
takes days. A clock that moved everything on one day would have the same day in all patients.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.model.diseases import DISEASES
from garland.model.findings import FINDINGS, noise_sd
from garland.model.latents import draw
from garland.model.patient import unknown_person
from garland.model.simulate import expected_findings, state_on_day
from garland.validation.cohorts import _field

N = 64
DAYS = np.arange(2.0, 60.5, 0.5)
MOST = 1.0
"""Change of the mean of all patients in half a day that no finding exceeds, in its noise [-]."""
EARLY = {
    "cmap",
    "cmap_drop",
    "snap",
    "motor_latency",
    "motor_velocity",
    "sensory_latency",
    "sensory_velocity",
}
"""Fields that fall with Wallerian degeneration, between day 3 and 12 by the patient's own clock."""


@pytest.fixture(scope="module")
def course():
    latents = draw(jax.random.key(3), N)
    person = jax.tree.map(lambda x: jnp.broadcast_to(jnp.asarray(x, jnp.float32), (N,)), unknown_person())

    @jax.jit
    def on(cause, day):
        return expected_findings(state_on_day(person, cause, latents, jnp.full((N,), day)))

    return on


@pytest.mark.parametrize("cause", range(len(DISEASES)), ids=[cause.name for cause in DISEASES])
def test_the_mean_of_many_patients_moves_by_less_than_its_noise_in_half_a_day(course, cause: int):
    means = np.stack([np.asarray(course(jnp.int32(cause), jnp.float32(day))).mean(axis=0) for day in DAYS])
    leaps = np.abs(np.diff(means, axis=0)) / noise_sd()
    late = leaps[DAYS[:-1] >= 12.5]
    assert late.max() < MOST, (cause, late.max())
    for field in FINDINGS.keys() - EARLY:
        assert _field(leaps, field).max() < 2.0 * MOST, (field, _field(leaps, field).max())
