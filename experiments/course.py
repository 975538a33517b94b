"""How long the courses of many patients take: weekly over three years, every quantity of `Outcomes`.

    .venv/bin/python -m experiments.course [patients]

One cause, compiled beforehand. Other work on the machine lengthens it.
"""

from __future__ import annotations

import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

from garland.model.diseases import index_of
from garland.model.latents import Latents, draw
from garland.model.outcomes import Outcomes, over_days
from garland.model.patient import unknown_person
from garland.model.simulate import COMPILER

BATCH = 512
WEEKS = 157
CAUSE = "dlrpn"


def course_seconds(patients: int) -> float:
    """Return how long the courses of some patients take, compiled beforehand [s]."""
    days = jnp.arange(WEEKS, dtype=jnp.float32) * 7.0

    @jax.jit
    def weighed(life: Outcomes) -> list[jax.Array]:
        return [field.mean() for field in life]

    def course(cause: jax.Array, vector: jax.Array) -> Outcomes:
        return over_days(unknown_person(), cause, Latents(vector), days)

    compiled = jax.jit(course, compiler_options=COMPILER)
    vectors = draw(jax.random.key(0), -(-patients // BATCH) * BATCH).vector
    cause = np.int32(index_of(CAUSE))
    jax.block_until_ready(compiled(cause, vectors[:BATCH]))
    start = time.perf_counter()
    for first in range(0, patients, BATCH):
        jax.block_until_ready(weighed(compiled(cause, vectors[first : first + BATCH])))
    return time.perf_counter() - start


def main() -> None:
    """Print seconds and visits per second."""
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seconds = course_seconds(patients)
    visits = patients * WEEKS
    print(f"{patients:,} patients, {WEEKS} weeks: {seconds:.1f} s, {visits / seconds:,.0f} visits/s")


if __name__ == "__main__":
    main()
