"""Distal symmetric diabetic polyneuropathy as the complaint itself: feet first, both alike.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/distal_polyneuropathy.yaml
"""

from __future__ import annotations

from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import lognormal, symmetric
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return the damage of distal symmetric polyneuropathy in N patients."""
    p = part("causes/distal_polyneuropathy")
    sides = symmetric(chance, p.asymmetry_ln)
    loss = sides * lognormal(chance["severity"], p, "severity_hazard")[:, None]
    return no_damage(chance.vector.shape[0])._replace(
        distal_loss=loss,
        distal_slowing=sides * lognormal(chance["slowing"], p, "slowing")[:, None],
        distal_power=lognormal(chance["place"][:, 0], p, "length_power"),
        small_fibre=lognormal(chance["sensory"], p, "small_fibre"),
        span_day=lognormal(chance["progression"], p, "span_day"),
        pain_drive=p.pain_drive * sides,
    )
