"""How fast the forward model is: patients per second by batch size, and where the time goes by station.

    .venv/bin/python -m experiments.forward

Every figure is the best of several repetitions, one cause, one visit. Other work on the machine lowers them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from garland.model.axons.muscle import muscle_state
from garland.model.axons.state import axon_state
from garland.model.diseases import DISEASES, index_of
from garland.model.latents import Latents, draw
from garland.model.patient import Person, complete, unknown_person
from garland.model.simulate import COMPILER, expected_findings, state_on_day

BATCHES = (512, 1024, 2048, 4096, 8192)
STATION_BATCH = 512
REPETITIONS = 40
CAUSE = "dlrpn"
DAY = 60.0


def best_seconds(model: Callable[..., Any], *given: Any) -> float:
    """Return the shortest time of one call, compiled beforehand [s]."""
    compiled = jax.jit(model, compiler_options=COMPILER)
    jax.block_until_ready(compiled(*given))
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        jax.block_until_ready(compiled(*given))
        times.append(time.perf_counter() - start)
    return min(times)


def patients(n: int) -> tuple[Person, np.int32, Latents, jax.Array]:
    """Return the arguments of the model for `n` drawn patients."""
    return unknown_person(), np.int32(index_of(CAUSE)), draw(jax.random.key(0), n), jnp.full((n,), DAY)


def lesion_process_of(person: Person, cause: jax.Array, latents: Latents) -> Any:
    """Return what the cause does to completed persons."""
    return jax.lax.switch(cause, [c.lesion_process for c in DISEASES], person, latents)


def findings(*patients: Any) -> jax.Array:
    """Return the expected findings of patients on a day."""
    return expected_findings(state_on_day(*patients))


def stations() -> dict[str, float]:
    """Return the microseconds per patient of each station, alone [us]."""
    person, cause, latents, day = patients(STATION_BATCH)
    whole = complete(person, latents, 1.0)
    course = jax.jit(state_on_day, compiler_options=COMPILER)(person, cause, latents, day)
    parts = {
        "causes": (lesion_process_of, whole, cause, latents),
        "fibres.population": (axon_state, whole, latents, course.lesion_process, day),
        "fibres.muscle": (muscle_state, latents, course.lesion_process, course.fibres, day),
        "bedside and recordings": (expected_findings, course),
    }
    return {name: best_seconds(*call) / STATION_BATCH * 1e6 for name, call in parts.items()}


def main() -> None:
    """Print both tables."""
    print("batch   patients/s")
    for n in BATCHES:
        print(f"{n:5d} {n / best_seconds(findings, *patients(n)):12,.0f}")
    print(f"\nmicroseconds per patient by station, each alone, batch of {STATION_BATCH}")
    for name, microseconds in stations().items():
        print(f"{name:24s} {microseconds:6.2f}")
    print("Alone, a station also has to turn its arrays round at both ends; together they do not.")


if __name__ == "__main__":
    main()
