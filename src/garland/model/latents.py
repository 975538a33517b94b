"""Chance: the vector of independent standard normals behind every random choice in a patient.

Reads    anatomy (how many sites, studies).   Feeds  causes, fibres, bedside, recordings, inference.

A patient is a person, a cause and this vector; the biology is a deterministic function of the three. Before
any finding every entry is N(0, 1), whatever the cause, so that one sampler serves all causes.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from garland.anatomy.tree import load

_ANATOMY = load()

BLOCKS: dict[str, int] = {
    # the lesion: which side, how bad, where, when
    "side": 1,
    "bilateral": 1,
    "severity": 1,
    "sensory": 1,
    "block": 1,
    "slowing": 1,
    "place": 4,
    "spread": 3,
    "other_delay": 1,
    "progression": 1,
    "presentation": 1,
    "site": 2 * len(_ANATOMY.sites),
    # the body it happens in
    "height": 1,
    "weight": 1,
    "diabetes": 1,
    "diabetes_years": 1,
    "hba1c": 1,
    "triglycerides": 1,
    "background": 1,
    "background_slope": 1,
    "plexus_type": 2,
    "wallerian": 1,
    "regrowth_rate": 1,
    "regrowth_success": 1,
    "sprouting": 1,
    "reflex": 1,
    "ankle_reflex": 2,
    "velocity": 1,
    "motor_amplitude": len(_ANATOMY.motor_studies),
    "sensory_amplitude": len(_ANATOMY.sensory_studies),
    "late_latency": 1,
    "h_reflex": 1,
    # what is felt and measured with it
    "pain": 1,
    # how the illness goes on, and what treatment does to this person
    "sensitisation": 1,
    "relapse": 2,
    "weight_loss": 1,
    "autonomic": 1,
    "csf": 1,
    "survival": 1,
    "analgesic": 5,
    "immunotherapy": 2,
    "therapy": 1,
    "treatment_induced": 1,
}

SIDED = ("site", "plexus_type")
"""Blocks whose first half belongs to the left side and the second to the right."""

_STARTS: dict[str, int] = {}
_at = 0
for _name, _size in BLOCKS.items():
    _STARTS[_name] = _at
    _at += _size

N_LATENTS: int = _at
"""Length of the chance vector of one patient [-]."""


class Latents(NamedTuple):
    """Chance of N patients, shape (N, SIZE), with access by name."""

    vector: jax.Array

    def __getitem__(self, name: str) -> jax.Array:  # type: ignore[override]
        """Return block `name`: shape (N,) where its size is one, else (N, size)."""
        start, size = _STARTS[name], BLOCKS[name]
        part = self.vector[:, start : start + size]
        return part[:, 0] if size == 1 else part

    @property
    def site(self) -> jax.Array:
        """One number per side and site, shape (N, 2, S) [-]."""
        return self["site"].reshape(self.vector.shape[0], 2, len(_ANATOMY.sites))


def draw(key: jax.Array, n: int) -> Latents:
    """Draw the chance of `n` patients.

    Parameters
    ----------
    key : jax.Array
        Random key; the only source of randomness.
    n : int
        Number of patients [-].

    Returns
    -------
    Chance
        Independent standard normals, shape (n, SIZE) [-].
    """
    return Latents(jax.random.normal(key, (n, N_LATENTS), jnp.float32))


def mirrored(latents: Latents) -> Latents:
    """Return the chance of the mirror-image patients: sides swapped, all else equal, shape (N, SIZE) [-]."""
    vector = latents.vector
    for name in SIDED:
        start, size = _STARTS[name], BLOCKS[name]
        part = vector[:, start : start + size].reshape(vector.shape[0], 2, size // 2)
        vector = vector.at[:, start : start + size].set(part[:, ::-1].reshape(vector.shape[0], size))
    return Latents(vector.at[:, _STARTS["side"]].multiply(-1.0))


def place_of(name: str) -> slice:
    """Return where block `name` lies in the vector."""
    return slice(_STARTS[name], _STARTS[name] + BLOCKS[name])
