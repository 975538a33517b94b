"""Treatment-induced neuropathy of diabetes: small fibres, after glucose fell too fast.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/treatment_induced.yaml
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.care.glucose import TreatmentInduced, time_course, treatment_induced
from garland.care.schedule import Care
from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, symmetric
from garland.person import Person
from garland.vessels.glycaemia import glucose


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of treatment-induced neuropathy in N patients."""
    p = part("causes/treatment_induced")
    small = lognormal(chance["severity"], p, "severity_hazard")
    return no_damage(chance.vector.shape[0])._replace(
        distal_loss=p.large_fibre_ratio * small[:, None] * symmetric(chance, 0.05),
        small_fibre=small,
        distal_power=lognormal(chance["place"][:, 0], p, "length_power"),
        span_day=lognormal(chance["progression"], p, "span_day"),
        pain_drive=p.pain_drive * symmetric(chance, 0.05),
        pain_span_day=lognormal(chance["progression"], p, "span_day"),
        pain_fade_day=jnp.full(small.shape, p.pain_fade_day, jnp.float32),
    )


def by_care(person: Person, chance: Chance, day: jax.Array, care: Care) -> TreatmentInduced:
    """Return the neuropathy that a fast fall of glucose under this care has brought by a day, fields (N,)."""
    height = treatment_induced(glucose(person, care, day).fall_percent, chance)
    now = time_course(day - care.glucose.start_day)
    return TreatmentInduced(*[field * now for field in height])


def with_treatment_induced(
    insults: Insults, person: Person, chance: Chance, day: jax.Array, care: Care
) -> Insults:
    """Return the insults of any cause with what a fast fall of glucose adds to them by a day."""
    return insults._replace(small_fibre=insults.small_fibre + by_care(person, chance, day, care).small_fibre)
