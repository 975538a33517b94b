"""Compressive or traumatic plexopathy: childbirth on the lumbosacral trunk, surgery, fracture."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.focal import _focal
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.diseases.plexopathy import _plexus_weights
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal, sites


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of compressive plexopathy in N patients."""
    p = part("causes/plexopathy_compressive")
    where = _plexus_weights(latents, p)
    trunk = lognormal(latents["place"][:, 3], p, "trunk_lean")[:, None]
    where = where + trunk * sites({"lumbosacral-trunk": 1.0})
    return _focal(latents, p, where)
