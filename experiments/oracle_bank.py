"""The bank the oracle counts its tables from: many virtual patients of one cause, seen in full."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from experiments.oracle_sites import merged
from experiments.virtual_patients import someone
from garland.inference.likelihood import UNKNOWN, day_of
from garland.model.diseases import DISEASES
from garland.model.latents import BLOCKS, Latents, normals, place_of
from garland.model.patient import Person, complete, unknown_person
from garland.model.simulate import COMPILER, expected_findings, state_on_day

CHUNK = 512
"""Patients in one call of the compiled model [-]."""
_PERSONS = 8192
"""Sets of age, sex and diabetes drawn of each cause; they come round again in a larger bank [-]."""
DIFFUSE = ("length-dependent loss", "slowing", "muscle disease")
"""What strikes a whole side rather than a site of it."""
LESION = (
    "side", "bilateral", "severity", "place:0", "place:1", "place:2", "place:3",
    "spread:0", "spread:1", "spread:2", "other_delay", "progression", "block", "slowing",
)  # fmt: skip
"""Chance that decides where and how bad a lesion is."""
Floats = NDArray[np.float32]


class Bank(NamedTuple):
    """N virtual patients of one cause, at the day of coming.

    Attributes
    ----------
    cause : int
        Index into `DISEASES`.
    roots : dict of str to (N,)
        What each patient was drawn with: chance by name (``place:0`` is the first of a block), the person's
        fields, and the day [d].
    loss : (N, 2, G)
        Share of axons cut or blocked at each merged site [0..1].
    diffuse : (N, 2, 3)
        `DIFFUSE` of each side: hazard, relative rise of conduction time, share of fibres out of work [-].
    expected : (N, F)
        Every finding on average.
    """

    cause: int
    roots: dict[str, Floats]
    loss: Floats
    diffuse: Floats
    expected: Floats


def bank(cause: int, n: int, seed: int = 0) -> Bank:
    """Draw `n` patients of a cause, as the virtual patients of `trust.virtual` are drawn."""
    n = -(-n // CHUNK) * CHUNK
    vectors = normals(np.random.default_rng([seed, cause, 7]), n)
    person = _persons(cause, vectors, seed)

    def chunk(start: int) -> list[NDArray[Any]]:
        at = slice(start, start + CHUNK)
        some = Person(*[field[at] for field in person])
        lost, *rest = [np.asarray(part) for part in _compiled()(some, np.int32(cause), vectors[at])]
        return [merged(lost), *rest]

    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(chunk, range(0, n, CHUNK)))
    loss, diffuse, expected, day = [np.concatenate(column) for column in zip(*parts, strict=True)]
    roots = {**_chance(vectors), **person._asdict(), "day": day}
    return Bank(cause, roots, loss, diffuse, expected)


def _persons(cause: int, vectors: Floats, seed: int) -> Person:
    """Return complete persons as they come with a cause, fields (N,)."""
    mix = np.eye(len(DISEASES))[cause]
    first = 1_000_000_000 * (seed + 1)
    few = np.array([someone(first + i, mix)[1:] for i in range(min(len(vectors), _PERSONS))], np.float32)
    rows = np.resize(few, (len(vectors), few.shape[1]))
    age, male, diabetes = (jnp.asarray(rows[:, i]) for i in range(3))
    known = unknown_person()._replace(age_years=age, male=male, diabetes=diabetes)
    return complete(known, Latents(jnp.asarray(vectors)), float("nan"))


@cache
def _compiled() -> Any:
    def shown(person: Person, cause: jax.Array, vector: jax.Array) -> tuple[jax.Array, ...]:
        latents = Latents(vector)
        day = day_of(UNKNOWN, cause, latents)
        course = state_on_day(person, cause, latents, day)
        fibres, lesion_process = course.fibres, course.lesion_process
        lost = 1.0 - jnp.exp(-(fibres.site_loss_now + fibres.site_block))
        slow = fibres.site_slowing.mean(axis=2) + fibres.distal_slowing
        diffuse = jnp.stack(
            [lesion_process.distal_loss, slow, lesion_process.muscle_loss.mean(axis=2)], axis=2
        )
        return lost, diffuse, expected_findings(course), day

    return jax.jit(shown, compiler_options=COMPILER)


def _chance(vectors: Floats) -> dict[str, Floats]:
    """Return every number of chance by name but those of single sites, each (N,)."""
    named: dict[str, Floats] = {}
    for name, (size, *_) in BLOCKS.items():
        if name == "site":
            continue
        block = vectors[:, place_of(name)]
        named |= {name: block[:, 0]} if size == 1 else {f"{name}:{i}": block[:, i] for i in range(size)}
    return named
