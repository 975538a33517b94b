"""Cauda equina syndrome: lower lumbar and sacral roots of both sides, and the sphincters."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.focal import _focal, _stretch_tests
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal, root_weights, sides, spread_over_roots


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of cauda equina syndrome in N patients."""
    p = part("causes/cauda_equina")
    centre = p.centre + p.centre_sd * latents["place"][:, 0]
    weights = root_weights(centre, lognormal(latents["place"][:, 1], p, "width"))
    sensory = lognormal(latents["sensory"], p, "sensory_ratio")[:, None]
    where = spread_over_roots(weights, {"ventral-root": 1.0})
    where = where + sensory * spread_over_roots(weights, {"dorsal-root": 1.0})
    stretch = _stretch_tests(sides(latents, p), p, p.stretch_gain)
    return _focal(latents, p, where, split=False)._replace(stretch=stretch)
