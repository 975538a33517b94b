"""Treatment-induced neuropathy of diabetes: small fibres, after glucose fell too fast.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/treatment_induced.yaml
"""

from __future__ import annotations

from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, symmetric
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of treatment-induced neuropathy in N patients."""
    p = part("causes/treatment_induced")
    small = lognormal(chance["severity"], p, "severity_hazard")
    return no_damage(chance.vector.shape[0])._replace(
        distal_loss=p.large_fibre_ratio * small[:, None] * symmetric(chance, 0.05),
        small_fibre=small,
        distal_power=lognormal(chance["place"][:, 0], p, "length_power"),
        span_day=lognormal(chance["progression"], p, "span_day"),
        pain_drive=1.2 * symmetric(chance, 0.05),
    )
