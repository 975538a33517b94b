"""Meralgia paraesthetica: the lateral femoral cutaneous nerve, sensory only."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.focal import _focal
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import sites


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of meralgia paraesthetica in N patients."""
    p = part("causes/lateral_femoral_cutaneous")
    return _focal(latents, p, sites({"lateral-femoral-cutaneous": 1.0}))
