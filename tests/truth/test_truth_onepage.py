"""The whole disease on one page: the loops of one patient and the composed model tell the same story.

The composed model works in single precision (seven digits, fewer where nearly equal numbers are subtracted or
a logarithm is taken of a small share), the page in double; the page follows the sensitivity of the cord step
by step where the composed model has a closed form. Quantities are held equal within 1e-3 of their unit plus
1e-3 of their size: a thousandth of an MRC grade or of a point of pain.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from onepage import one_page

from garland.model.clinical_signs import examination
from garland.model.diseases import index_of
from garland.model.latents import BLOCKS, Latents, draw, place_of
from garland.model.outcomes import outcomes
from garland.model.patient import unknown_person
from garland.model.simulate import state_on_day
from garland.model.vessels.oxygen import tissue_oxygen_mmhg, watershed_weights
from garland.model.vessels.wall import worn_wall
from tests.compiling import FEW_CALLS

FORMS = ("dlrpn", "lrpn")
DAYS = (5, 9, 15, 21, 30, 40, 60, 90, 120, 180, 1000, 150, 365, 170, 450, 750, 200, 600, 270, 330)
QUANTITIES = {
    "insults": (
        "vessels_shut",
        "start_day",
        "axon_loss",
        "block",
        "pain_start_day",
        "again_day",
        "again_ratio",
    ),
    "fibres": (
        "ages_day",
        "site_loss_now",
        "site_block",
        "motor_surviving",
        "sensory_surviving",
        "sensory_conducting",
    ),
    "muscle": ("axons", "conducting", "adopted", "innervated"),
    "lived": ("movement_grade", "pain_nrs", "nis", "walking_score"),
    "else": ("oxygen_mmhg", "force", "reflex_grade", "nerve_feeling", "nerve_feeling_small"),
}
EVERY = [name for names in QUANTITIES.values() for name in names]
Quantities = dict[str, np.ndarray]


def patients() -> Latents:
    """Draw a patient for each day, every third struck hard.

    The last ten relapse from day 180 on, not all of them before their day.
    """
    vector = np.array(draw(jax.random.key(3), len(DAYS)).vector)
    vector[::3, place_of("severity")] = 2.5
    relapse = place_of("relapse").start
    vector[10:, relapse], vector[10:, relapse + 1] = 3.0, np.linspace(-4.0, -1.9, 10)
    return Latents(jnp.asarray(vector))


@partial(jax.jit, compiler_options=FEW_CALLS)
def expected(cause: jax.Array, latents: Latents, day: jax.Array) -> tuple[Any, dict[str, jax.Array]]:
    c = state_on_day(unknown_person(), cause, latents, day)
    records = {"insults": c.lesion_process, "fibres": c.fibres, "muscle": c.muscle, "lived": outcomes(c)}
    found = {name: getattr(record, name) for key, record in records.items() for name in QUANTITIES[key]}
    shut, flow = c.lesion_process.vessels_shut, watershed_weights()
    return c.person, found | {
        "oxygen_mmhg": tissue_oxygen_mmhg(worn_wall(c.person), shut, flow),
        "force": examination.force(c.muscle, c.lesion_process),
        "reflex_grade": examination.reflex_grade(c.person, latents, c.lesion_process, c.fibres, c.muscle),
        "nerve_feeling": examination.nerve_loss(c.fibres.sensory_conducting, latents),
        "nerve_feeling_small": examination.nerve_loss(c.fibres.sensory_conducting_small, latents),
    }


def composed(form: str, latents: Latents) -> tuple[Any, Quantities]:
    """Return the completed persons and every quantity as the stations tell it, patients first."""
    person, found = expected(jnp.asarray(index_of(form)), latents, jnp.asarray(DAYS, jnp.float32))
    return person, {name: np.asarray(value) for name, value in found.items()}


def on_the_page(person: Any, latents: Latents) -> Quantities:
    """Return the same quantities from the page, one patient after the other."""
    vector, stories = np.asarray(latents.vector, np.float64), []
    for i, day in enumerate(DAYS):
        covariates = {name: float(value[i]) for name, value in person._asdict().items()}
        story = one_page(covariates, {name: vector[i, place_of(name)] for name in BLOCKS}, float(day))
        same = {"site_loss_now": story["cut"][:, :, 0], "site_block": story["blocked"]}
        stories.append(story | same | {"nerve_feeling_small": story["nerve_feeling"]})
    return {name: np.stack([story[name] for story in stories]) for name in EVERY}


@pytest.fixture(scope="module", params=FORMS)
def both(request: pytest.FixtureRequest) -> tuple[Quantities, Quantities]:
    latents = patients()
    person, found = composed(request.param, latents)
    return found, on_the_page(person, latents)


@pytest.mark.parametrize("name", EVERY)
def test_the_page_and_the_stations_tell_the_same(both: tuple[Quantities, Quantities], name: str):
    stations, page = both
    np.testing.assert_allclose(page[name], stations[name], rtol=1e-3, atol=1e-3)


def test_the_patients_of_the_comparison_are_ill_enough_to_compare(both: tuple[Quantities, Quantities]):
    stations, _ = both
    assert stations["movement_grade"].min() < 3.0
    assert stations["pain_nrs"].max() > 5.0
    assert stations["nis"].max() > 30.0
    assert stations["nerve_feeling"].max() > 1.0


def test_some_patients_of_the_comparison_have_relapsed(both: tuple[Quantities, Quantities]):
    stations, _ = both
    relapsed = (stations["again_ratio"] > 0.0) & (stations["again_day"] < np.array(DAYS))
    assert 3 <= relapsed.sum() < (stations["again_ratio"] > 0.0).sum()


def test_the_page_does_without_the_machinery_of_the_stations():
    here = str(Path(__file__).parent)
    code = (
        f"import sys; sys.path.insert(0, {here!r}); import onepage; "
        "print([m for m in sys.modules if m.startswith(('jax', 'scipy'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
