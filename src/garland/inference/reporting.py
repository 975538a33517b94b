"""How findings come to be written: what a record leaves out, and how far what it says may be believed.

Whoever reports a weak movement has, as a rule, tried the others, and a history that tells of a fall would
tell of radiation. An item left out beside others of its kind is therefore weak evidence of a normal one: of
those left out a share was normal, of the rest nothing is known. The normal results that a report does list
say how it is written: the more of them, the less an omission means.

Real patients depart from the model in more ways than its noise allows, and findings of one examination share
what the model has wrong. The first of a kind counts in full; of many each counts with a power below one. Both
were fitted to published patients; in virtual patients, who are as the model says, neither applies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from garland._types import Float32s
from garland.anatomy.terminology import terms
from garland.anatomy.tree import load
from garland.evidence import part
from garland.evidence.findings import NO, Interval
from garland.inference.encode_history import NOT_COMPLAINED_OF
from garland.inference.likelihood import _Arrival
from garland.inference.observations import _Observation, _sided, _unsided
from garland.model.findings import FINDINGS, UNSIDED, Address

SILENCE = "not mentioned"
"""The kind of an observation of what a record leaves out."""
_LOWEST, _HIGHEST = -1.0, 5.3
"""Where open ends of a scale are taken to lie."""
_MOVES, _OVERLAPS = 0.2, 0.1
"""Share of a movement, or of a region's skin, from which a muscle or a territory speaks of it [-]."""
_THE = "the"
_NOT_ASKED = ("first_pain", "first_weakness", "first_numbness", "pain")
"""What follows from other answers and is not asked for itself."""
_A = load()
_REFLEXES, _REFLEXES_OF_THE_ARM = ("knee", "ankle"), ("biceps", "triceps")
_MOVEMENTS = terms().movement_groups["leg"]
_REGIONS = terms().regions_in("leg")
_FEELINGS = tuple(name for name in FINDINGS if name.endswith(("_feeling", "_feeling_small")))


@dataclass(frozen=True)
class _Domain:
    """Items that are asked or examined together.

    Attributes
    ----------
    name : str
        The domain in words, and the name of its number in the evidence.
    fields : tuple of str
        Fields whose findings show that it was examined.
    expected : tuple of Address
        The items that such an examination covers.
    normal : Interval
        What is taken for normal, on the scale of the items.
    beside : tuple of Address
        Items that it covers where one of them is spoken of.
    from_patient : bool
        Whether the patient tells it; else it is examined.
    """

    name: str
    fields: tuple[str, ...]
    expected: tuple[Address, ...]
    normal: Interval
    beside: tuple[Address, ...] = ()
    from_patient: bool = False


_DOMAINS = (
    _Domain(
        "strength",
        ("movement_strength", "muscle_strength"),
        _sided("movement_strength", "unstated", _MOVEMENTS),
        FINDINGS["movement_strength"].words["normal"],
        beside=_sided("movement_strength", "unstated", terms().movement_groups["arm"]),
    ),
    _Domain(
        "reflexes",
        ("reflex",),
        _sided("reflex", "unstated", _REFLEXES),
        FINDINGS["reflex"].words["normal"],
        beside=_sided("reflex", "unstated", _REFLEXES_OF_THE_ARM),
    ),
    _Domain(
        "sensation",
        _FEELINGS,
        _sided("region_feeling", "unstated", _REGIONS),
        FINDINGS["region_feeling"].words["normal"],
    ),
    _Domain(
        "history",
        ("history",),
        tuple(Address("history", None, item) for item in UNSIDED["history"] if item not in _NOT_ASKED),
        NO,
        from_patient=True,
    ),
)


_COMPLAINTS = {
    "pain": (_unsided("history", "pain"), NO),
    "weakness": (_sided("movement_strength", "unstated", _MOVEMENTS), NOT_COMPLAINED_OF),
    "numbness": (_sided("region_numbness", "unstated", _REGIONS), NO),
}
"""What each complaint is about where it is not made, and what it is then."""
_COMPLAINT_OF = {where[0].field: name for name, (where, _) in _COMPLAINTS.items()} | {"region_pain": "pain"}


def _as_reported(visits: Sequence[tuple[_Observation, ...]]) -> list[tuple[_Observation, ...]]:
    """Return what was written with the power that it has in real patients: the more findings of a kind, the
    less each adds.
    """
    shared = part("inference/reporting").table("shared")
    many = Counter(o.kind for visit in visits for o in visit)
    power = {kind: float(count) ** -shared.get(kind, 0.0) for kind, count in many.items()}
    return [tuple(replace(o, power=power[o.kind]) for o in visit) for visit in visits]


def _arrival_of_real() -> _Arrival:
    """Return how far the day counts on which a real patient comes."""
    p = part("inference/reporting")
    return _Arrival(p.value("day_power"), p.value("any_day"))


def _left_unsaid(visits: Sequence[tuple[_Observation, ...]]) -> list[tuple[_Observation, ...]]:
    """Return by visit what the record leaves out beside what it says, as weak observations of normal."""
    found: list[list[_Observation]] = [[] for _ in visits]
    for domain in _DOMAINS:
        written = [[o for o in visit if _of(domain, o)] for visit in visits]
        if not any(written):
            continue
        spoken = {address for visit in written for o in visit for address in o.where}
        fullest = max(range(len(visits)), key=lambda v: len(written[v]))
        found[fullest] += _silences(domain, spoken, [o for visit in written for o in visit])
    found[0] += _complaints_not_made(visits[0])
    return [tuple(visit) for visit in found]


def _complaints_not_made(history: Sequence[_Observation]) -> Iterator[_Observation]:
    """Yield the complaints of pain, weakness and numbness that a history with one of them leaves out."""
    made = {_complaint(o) for o in history if o.kind == "history"} - {None}
    sure = part("inference/reporting").table("silence")["complaints"]
    if not made or sure <= 0.0:
        return
    for name, (where, normal) in _COMPLAINTS.items():
        if name not in made:
            yield _Observation(
                f"{_THE} complaint of {name}", SILENCE, SILENCE, where, *normal, every=True, silence=sure
            )


def _complaint(observation: _Observation) -> str | None:
    address = observation.where[0]
    if address == Address("history", None, "pain"):
        return "pain"
    return _COMPLAINT_OF.get(address.field) if address.field != "history" else None


def _how_much(silent: Iterable[Sequence[_Observation]]) -> str:
    """Return how much of what is left out, such as ``reflexes (2), the complaint of pain``."""
    labels = [o.label.partition(",")[0] for visit in silent for o in visit]
    many = Counter(labels)
    return ", ".join(name if name.startswith(_THE) else f"{name} ({count})" for name, count in many.items())


def _of(domain: _Domain, observation: _Observation) -> bool:
    own = observation.where[0].field in domain.fields
    return own and (observation.kind == "history") == domain.from_patient


def _silences(
    domain: _Domain, spoken: set[Address], written: Sequence[_Observation]
) -> Iterator[_Observation]:
    p = part("inference/reporting")
    normal = sum(_is_normal(o) for o in written)
    style = (len(written) - normal + 1.0) / (len(written) + 1.0)
    sure = p.table("silence")[domain.name] * style
    # A muscle tested by itself speaks of what it moves, a region of the dermatomes below it.
    spoken = spoken | {a for other in spoken for a in _spoken_with(other)}
    covered = (*domain.expected, *(domain.beside if spoken & set(domain.beside) else ()))
    unsaid = [address for address in covered if address not in spoken] if sure > 0.0 else []
    # What one examination leaves out it leaves out together.
    power = float(max(len(unsaid), 1)) ** -p.value("silence_shared")
    for address in unsaid:
        label = f"{domain.name}, {address.item}"
        yield _Observation(label, SILENCE, SILENCE, (address,), *domain.normal, power=power, silence=sure)


def _is_normal(observation: _Observation) -> bool:
    """Tell whether a finding says normal, on scales where normal is known by its ends."""
    kind = FINDINGS[observation.where[0].field]
    low, high = NO if kind.kind == "presence" else kind.words["normal"]
    middle = 0.5 * (max(observation.low, _LOWEST) + min(observation.high, _HIGHEST))
    return low <= middle <= high


def _spoken_with(address: Address) -> Iterator[Address]:
    """Yield the items of a domain that a finding of another field speaks of too."""
    if address.field == "muscle_strength":
        moved = _A.movement_weights[_A.muscles.index(address.item)]
        for item, share in zip(_A.movements, moved, strict=True):
            if share > _MOVES:
                yield address._replace(field="movement_strength", item=item)
    elif address.field in _FEELINGS:
        shared = np.minimum(_territory(address), _A.region_weights.T).sum(axis=1)
        for item, share in zip(_A.regions, shared, strict=True):
            if share > _OVERLAPS:
                yield address._replace(field="region_feeling", item=item)


def _territory(address: Address) -> Float32s:
    """Return the share of each piece of skin in what a finding of sensation speaks of, shape (segments,)."""
    weights, names = {
        "nerve": (_A.nerve_weights, _A.skin_nerves),
        "dermatome": (_A.dermatome_weights, _A.dermatomes),
        "region": (_A.region_weights, _A.regions),
    }[address.field.partition("_")[0]]
    return np.asarray(weights[:, names.index(address.item)])
