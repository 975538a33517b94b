"""Compressive radiculopathy of one root, L1 to S2: before the ganglion, so that the SNAP is spared."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp

from garland.evidence import part
from garland.model.diseases.focal import _focal, _stretch_tests
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import ROOTS, lognormal, sides, sites, spread_over_roots

_DORSAL = sites({f"dorsal-root-{root}": 1.0 for root in ROOTS})


def _of_root(root: str) -> Callable[[Person, Latents], LesionProcess]:
    """Return the cause that compresses `root` (``L1`` ... ``S2``), with a share reaching its neighbours."""
    index = ROOTS.index(root)

    def lesion_process(person: Person, latents: Latents) -> LesionProcess:
        p = part("causes/radiculopathy")
        # What fills the canal presses on the next root too: the worse the lesion, the more.
        wide = jnp.exp(p.neighbour_per_severity * latents["severity"])
        neighbour = lognormal(latents["place"][:, 0], p, "neighbour_share") * wide
        neighbour = jnp.minimum(neighbour, p.neighbour_most)
        up = latents["place"][:, 1] > 0
        at = jnp.arange(len(ROOTS))
        beside = jnp.where(up[:, None], at == index - 1, at == index + 1)
        weights = (at == index) + neighbour[:, None] * beside
        motor = spread_over_roots(weights, {"ventral-root": 1.0})
        sensory = lognormal(latents["sensory"], p, "sensory_ratio")[:, None]
        ganglion = lognormal(latents["spread"][:, 0], p, "ganglion_ratio")[:, None]
        where = motor + sensory * spread_over_roots(weights, {"dorsal-root": 1.0})
        where = where + sensory * ganglion * spread_over_roots(weights, {"ganglion": 1.0})
        gain = p.stretch_gain_low if index >= ROOTS.index("L5") else p.stretch_gain_high
        side = sides(latents, p)
        # Raising the other leg moves the sick root as well (crossed straight-leg raise).
        stretch = _stretch_tests(jnp.maximum(side, p.stretch_crossed * side[:, ::-1]), p, gain)
        pressed = _focal(latents, p, where, split=False)
        # Dorsal roots are blocked more than cut: what is cut there never comes back.
        kept = 1.0 - (1.0 - p.sensory_axon_ratio) * _DORSAL
        return pressed._replace(stretch=stretch, axon_loss=pressed.axon_loss * kept)

    return lesion_process
