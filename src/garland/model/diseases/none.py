"""No neuromuscular lesion: hip, spine or functional pain; only effort is held back."""

from __future__ import annotations

from garland.evidence import part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import first_side, lognormal


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return what pain without a neuromuscular lesion does in N patients: a little strength is not given."""
    p = part("causes/none")
    held_back = lognormal(latents["severity"], p, "pain_strength_loss")
    return _no_damage(latents.vector.shape[0])._replace(
        span_day=lognormal(latents["progression"], p, "span_day"),
        effort_loss=held_back[:, None] * first_side(latents),
        pain_drive=p.pain_drive * first_side(latents),
    )
