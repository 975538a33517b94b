"""No neuromuscular lesion: hip, spine or functional pain; only effort is held back.

Reads    person, chance.   Feeds  fibres.   Numbers  evidence/parameters/causes/none.yaml
"""

from __future__ import annotations

from garland.causes.insults import Insults, no_damage
from garland.chance import Chance
from garland.evidence import part
from garland.patterns import first_side, lognormal
from garland.person import Person


def insult(person: Person, chance: Chance) -> Insults:
    """Return what pain without a neuromuscular lesion does in N patients: a little strength is not given."""
    p = part("causes/none")
    held_back = lognormal(chance["severity"], p, "pain_strength_loss")
    return no_damage(chance.vector.shape[0])._replace(
        effort_loss=held_back[:, None] * first_side(chance),
        pain_drive=p.pain_drive * first_side(chance),
    )
