"""Chronic inflammatory demyelinating polyradiculoneuropathy: what hardly clears untreated."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.demyelinating import _demyelination
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of CIDP in N patients."""
    return _demyelination(latents, part("causes/cidp"))
