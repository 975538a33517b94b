"""Treatment-induced neuropathy of diabetes: small fibres, after glucose fell too fast."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal, symmetric
from garland.model.treatment.glucose import TreatmentInduced, time_course, treatment_induced
from garland.model.treatment.schedule import Treatments
from garland.model.vessels.glycaemia import glucose


def lesion_process(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of treatment-induced neuropathy in N patients."""
    p = part("causes/treatment_induced")
    small = lognormal(latents["severity"], p, "severity_hazard")
    return _no_damage(latents.vector.shape[0])._replace(
        distal_loss=p.large_fibre_ratio * small[:, None] * symmetric(latents, 0.05),
        small_fibre=small,
        distal_power=lognormal(latents["place"][:, 0], p, "length_power"),
        span_day=lognormal(latents["progression"], p, "span_day"),
        pain_drive=p.pain_drive * symmetric(latents, 0.05),
        pain_span_day=lognormal(latents["progression"], p, "span_day"),
        pain_fade_day=jnp.full(small.shape, p.pain_fade_day, jnp.float32),
    )


def by_care(person: Person, latents: Latents, day: jax.Array, treatment: Treatments) -> TreatmentInduced:
    """Return the neuropathy that a fast fall of glucose under this care has brought by a day, fields (N,)."""
    height = treatment_induced(glucose(person, treatment, day).fall_percent, latents)
    now = time_course(day - treatment.glucose.start_day)
    return TreatmentInduced(*[field * now for field in height])


def with_treatment_induced(
    lesion_process: LesionProcess, person: Person, latents: Latents, day: jax.Array, treatment: Treatments
) -> LesionProcess:
    """Return the insults of any cause with what a fast fall of glucose adds to them by a day."""
    return lesion_process._replace(
        small_fibre=lesion_process.small_fibre + by_care(person, latents, day, treatment).small_fibre
    )
