"""Latents: the vector of independent standard normals behind every random choice in a patient.

A patient is a person, a disease and this vector; the biology is a deterministic function of the three. Before
any finding every entry is N(0, 1), whatever the disease, so that one sampler serves all diseases. What a
treatment needs for itself is declared with it (evidence/care/treatments.yaml).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple
from zlib import crc32

import jax
import jax.numpy as jnp
import numpy as np

from garland._types import Float32s
from garland.anatomy.tree import load
from garland.errors import EvidenceError
from garland.evidence import part
from garland.evidence.treatments import treatment_latents

_ANATOMY = load()


class _Block(NamedTuple):
    """Latents that belong together; of a sided block the first half belongs to the left side."""

    size: int
    purpose: str
    sided: bool = False


BLOCKS: dict[str, _Block] = {
    # the lesion: which side, how bad, where, when
    "side": _Block(1, "side on which it began: left below zero, right above"),
    "bilateral": _Block(1, "whether the other side is affected"),
    "severity": _Block(1, "hazard of axon loss"),
    "sensory": _Block(1, "sensory against motor fibres"),
    "block": _Block(1, "conduction block"),
    "slowing": _Block(1, "slowing of conduction"),
    "place": _Block(4, "which roots, which part of a nerve, which muscles"),
    "spread": _Block(3, "how wide, how patchy, how far"),
    "other_delay": _Block(1, "share and delay of the other side"),
    "progression": _Block(1, "days from the first symptom to the worst"),
    "presentation": _Block(1, "days from the first symptom to the first visit"),
    "site": _Block(2 * len(_ANATOMY.sites), "patchiness and arrival at each site", sided=True),
    # the body it happens in
    "height": _Block(1, "body height"),
    "weight": _Block(1, "body mass index"),
    "diabetes": _Block(1, "whether there is diabetes"),
    "diabetes_years": _Block(1, "its duration"),
    "hba1c": _Block(1, "HbA1c"),
    "triglycerides": _Block(1, "triglycerides"),
    "background": _Block(1, "old loss by diabetes and age"),
    "background_slope": _Block(1, "how strongly that loss goes by length"),
    "plexus_type": _Block(2, "prefixed, normal or postfixed plexus", sided=True),
    "wallerian": _Block(1, "speed of degeneration"),
    "regrowth_rate": _Block(1, "speed of regrowth"),
    "regrowth_success": _Block(1, "share of axons that regrow"),
    "sprouting": _Block(1, "how well sprouts adopt muscle fibres"),
    "reflex": _Block(1, "briskness"),
    "ankle_reflex": _Block(2, "briskness of each ankle jerk"),
    "velocity": _Block(1, "conduction velocity"),
    "motor_amplitude": _Block(len(_ANATOMY.motor_studies), "healthy CMAP of each study"),
    "sensory_amplitude": _Block(len(_ANATOMY.sensory_studies), "healthy SNAP of each study"),
    "late_latency": _Block(1, "F and H latency"),
    "h_reflex": _Block(1, "whether there is an H reflex"),
    # what is felt and measured with it
    "pain": _Block(1, "proneness to pain"),
    # how the illness goes on
    "sensitisation": _Block(1, "proneness to sensitisation"),
    "healing": _Block(1, "how fast a lesion heals and its pain fades, or how slowly it grows"),
    "relapse": _Block(2, "whether and when it comes again"),
    "weight_loss": _Block(1, "weight lost"),
    "autonomic": _Block(1, "proneness to autonomic symptoms"),
    "csf": _Block(1, "protein of spinal fluid"),
    "laboratory": _Block(
        len(part("causes/baseline").laboratory_sd), "how active the disease is in the blood"
    ),
    "survival": _Block(1, "day of death"),
}
"""Every block by name; those that treatments declare come last."""

for _name, _columns in treatment_latents().items():
    if _name in BLOCKS:
        raise EvidenceError(f"care/treatments: latents.{_name} is a block of the body; choose another name")
    BLOCKS[_name] = _Block(len(_columns), ", ".join(_columns))

_STARTS: dict[str, int] = {}
_at = 0
for _name, _block in BLOCKS.items():
    _STARTS[_name] = _at
    _at += _block.size

N_LATENTS: int = _at
"""Length of the vector of one patient [-]."""

OF_A_LESION = (
    *("side", "bilateral", "severity", "sensory", "block", "slowing", "place", "spread", "other_delay"),
    *("progression", "presentation", "site", "healing", "relapse"),
)
"""Blocks of which a second disease has its own; the body and its proneness are the same for both."""


class Latents(NamedTuple):
    """Latents of N patients, shape (N, N_LATENTS), with access by name."""

    vector: jax.Array

    def __getitem__(self, name: str) -> jax.Array:  # type: ignore[override]
        """Return block `name`: shape (N,) where its size is one, else (N, size)."""
        part = self.vector[:, place_of(name)]
        return part[:, 0] if BLOCKS[name].size == 1 else part

    @property
    def site(self) -> jax.Array:
        """One number per side and site, shape (N, 2, S) [-]."""
        return self["site"].reshape(self.vector.shape[0], 2, len(_ANATOMY.sites))


@partial(jax.jit, static_argnums=1)
def _each_from_its_own_key(key: jax.Array, n: int) -> jax.Array:
    streams = [(_stream(name) + latent) % 2**32 for name, b in BLOCKS.items() for latent in range(b.size)]
    keys = jax.vmap(partial(jax.random.fold_in, key))(np.array(streams, np.uint32))
    return jax.vmap(lambda own: jax.random.normal(own, (n,), jnp.float32), out_axes=1)(keys)


def draw(key: jax.Array, n: int) -> Latents:
    """Draw the latents of `n` patients from a random key, the only source of randomness."""
    return Latents(_each_from_its_own_key(key, n))


def normals(rng: np.random.Generator, n: int) -> Float32s:
    """Draw the latents of `n` patients with NumPy, shape (n, N_LATENTS), single precision [-]."""
    return _by_block(rng, n, lambda stream, rows: stream.standard_normal(dtype=np.float32, out=rows))


def uniforms(rng: np.random.Generator, n: int) -> Float32s:
    """Draw a number from 0 to 1 for every latent of `n` patients, shape (n, N_LATENTS) [-]."""
    return _by_block(rng, n, lambda stream, rows: stream.random(dtype=np.float32, out=rows))


def _by_block(
    rng: np.random.Generator, n: int, fill: Callable[[np.random.Generator, Float32s], Any]
) -> Float32s:
    """Fill every block from a stream of its own, shape (n, N_LATENTS).

    Philox is keyed, so that a stream costs one write of its state and no hashing of seeds. `rng` gives one
    number however many latents there are: what is drawn from it afterwards does not move with them either.
    """
    bits = np.random.Philox(key=[int(rng.integers(2**63)), 0])
    stream, state = np.random.Generator(bits), bits.state
    drawn = np.empty((N_LATENTS, n), np.float32)
    for name in BLOCKS:
        state["state"]["key"][1] = _stream(name)
        bits.state = state
        fill(stream, drawn[place_of(name)])
    return np.ascontiguousarray(drawn.T)


def _stream(name: str) -> int:
    """Return the number of the random stream of a block: its name decides, not where it stands.

    A block is filled latent by latent. One that is added or widened therefore changes no other draw.
    """
    return crc32(name.encode())


def place_of(name: str) -> slice:
    """Return where block `name` lies in the vector."""
    return slice(_STARTS[name], _STARTS[name] + BLOCKS[name].size)
