"""A few patients for the tests of the bedside: average people, nerves cut on the left, drives by hand."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.model.axons.state import AxonState, axon_state
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import N_LATENTS, Latents, place_of
from garland.model.patient import Person, complete
from tests.compiling import for_few_calls

ANATOMY = load()
LEFT, RIGHT = 0, 1


def latents(n: int, **blocks: float | Sequence[float]) -> Latents:
    """Return the chance of n average patients, but for these blocks."""
    vector = np.zeros((n, N_LATENTS), np.float32)
    for name, value in blocks.items():
        values = np.broadcast_to(np.asarray(value, np.float32), (n,))
        vector[:, place_of(name)] = values[:, None]
    return Latents(jnp.asarray(vector))


def people(n: int, **known: float) -> Person:
    """Return n people of 60 years without diabetes, but for what is given."""
    usual = {
        "age_years": 60.0,
        "male": 1.0,
        "height_cm": 172.0,
        "weight_kg": 80.0,
        "diabetes": 0.0,
        "diabetes_years": 0.0,
        "hba1c_percent": 5.5,
        "triglycerides_mg_dl": 120.0,
    }
    fields = {name: jnp.asarray(value, jnp.float32) for name, value in (usual | known).items()}
    return complete(Person(**fields), latents(n), float("nan"))


def cut(n: int, *sites: str, hazard: float = 2.0) -> LesionProcess:
    """Return the insults of n patients whose nerves are cut at these sites on the left within half a day."""
    loss = np.zeros((n, 2, len(ANATOMY.sites)), np.float32)
    for name in sites:
        loss[:, LEFT, ANATOMY.site(name)] = hazard
    return _no_damage(n)._replace(axon_loss=jnp.asarray(loss), span_day=jnp.full((n,), 0.5))


def driven(n: int, drive: float, span_day: float = 90.0, fade_day: float = 60.0) -> LesionProcess:
    """Return the insults of n patients in whom only the disease itself drives pain, on the left."""
    return _no_damage(n)._replace(
        pain_drive=jnp.asarray([[drive, 0.0]] * n, jnp.float32),
        pain_start_day=jnp.zeros((n, 2)),
        pain_span_day=jnp.full((n,), span_day),
        pain_fade_day=jnp.full((n,), fade_day),
    )


@for_few_calls
def fibres(person: Person, luck: Latents, lesion_process: LesionProcess, day: jax.Array) -> AxonState:
    """Return the fibres of these patients, each on a day of his own; compiled once per number of patients."""
    return axon_state(person, luck, lesion_process, day)
