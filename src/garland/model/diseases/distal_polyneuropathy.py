"""Distal symmetric diabetic polyneuropathy as the complaint itself: feet first, both alike."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal, symmetric


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of distal symmetric polyneuropathy in N patients."""
    p = part("causes/distal_polyneuropathy")
    sides = symmetric(latents, p.asymmetry_ln)
    loss = sides * lognormal(latents["severity"], p, "severity_hazard")[:, None]
    return _no_damage(latents.vector.shape[0])._replace(
        distal_loss=loss,
        distal_slowing=sides * lognormal(latents["slowing"], p, "slowing")[:, None],
        distal_power=lognormal(latents["place"][:, 0], p, "length_power"),
        small_fibre=lognormal(latents["sensory"], p, "small_fibre"),
        span_day=lognormal(latents["progression"], p, "span_day"),
        pain_drive=p.pain_drive * sides,
    )
