"""Guillain-Barre syndrome: acute slowing and block of roots, nerves and terminals."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.demyelinating import _demyelination
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import symmetric


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of Guillain-Barre syndrome in N patients."""
    p = part("causes/gbs")
    damage = _demyelination(latents, p, p.roots_further)
    return damage._replace(pain_drive=p.pain_drive * symmetric(latents, p.asymmetry_ln))
