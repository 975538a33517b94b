"""Obturator neuropathy: adductors and the medial thigh."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.focal import _focal
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import sites


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of obturator neuropathy in N patients."""
    p = part("causes/obturator")
    return _focal(latents, p, sites({"obturator": 1.0}))
