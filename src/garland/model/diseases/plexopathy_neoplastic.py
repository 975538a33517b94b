"""Neoplastic plexopathy: pain first, relentless, more often the lower plexus."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.focal import _focal
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.diseases.plexopathy import _plexus_weights
from garland.model.latents import Latents
from garland.model.patient import Person


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of neoplastic plexopathy in N patients."""
    p = part("causes/plexopathy_neoplastic")
    return _focal(latents, p, _plexus_weights(latents, p))
