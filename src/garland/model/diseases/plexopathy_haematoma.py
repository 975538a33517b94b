"""Plexopathy from bleeding into psoas or iliacus: femoral alone, or femoral with obturator."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.focal import _focal
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.diseases.plexopathy import _plexus_weights
from garland.model.latents import Latents
from garland.model.patient import Person


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of plexopathy from a haematoma in N patients."""
    p = part("causes/plexopathy_haematoma")
    return _focal(latents, p, _plexus_weights(latents, p))
