"""Examination, laboratory and imaging as observations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from garland.anatomy.terminology import terms
from garland.evidence.findings import NO, YES, FindingKind, declared_findings
from garland.inference.observations import INF, _declared_words, _mrc_interval, _Observation, _sided, _unsided
from garland.model.findings import FINDINGS, SIDED, Address
from garland.records.examination import Examination, SensoryFinding
from garland.records.laboratory import Imaging, Laboratory
from garland.reference_values import laboratory_limit_ln

KIND = "examination"
_TERMS = terms()
_LEG_MOVEMENTS = _TERMS.movement_groups["leg"]
_LARGE_FIBRES = ("touch", "vibration", "proprioception")
_TESTED_DERMATOMES = ("l2", "l3", "l4", "l5", "s1")
_TESTED_MUSCLES = ("vastus-lateralis", "tibialis-anterior", "medial-gastrocnemius")


def _each_side(side: str | None) -> tuple[str, ...]:
    """Return the sides a finding speaks of; ``unstated`` stays one finding about either."""
    return ("left", "right") if side == "both" else (side or "unstated",)


def _with_side(side: str, name: str) -> str:
    """Return a label such as ``right knee-extension``."""
    return name if side == "unstated" else f"{side} {name}"


def _encode_examination(found: Examination) -> Iterator[_Observation]:
    """Yield what was found by hand."""
    for key in ("left", "right", "both", "unstated"):
        for side in _each_side(key):
            yield from _strength(side, getattr(found.strength, key) or {})
            yield from _reflexes(side, getattr(found.reflexes, key) or {})
            for kind, name, _ in _recorded_as("muscles"):
                yield from _signs(side, name, kind.name, getattr(getattr(found, name), key) or {})
            yield from _simple_signs(found, key, side)
    for finding in found.sensation.results:
        yield from _sensation(finding)
    if found.sensation.others == "normal":
        yield from _other_sensation(found)
    if found.walking in _declared_words("walking"):
        low, high = _declared_words("walking")[found.walking]
        yield _Observation("walking", KIND, found.walking, _unsided("walking", "walking"), low, high)
    yield from _telling_signs(found)
    for kind, name, spec in _recorded_as("flag"):
        if (there := getattr(found, name)) is not None:
            said, interval = ("present", YES) if there else ("absent", NO)
            yield _Observation(spec["label"], KIND, said, _unsided(kind.name, spec["item"]), *interval)


def _telling_signs(found: Examination) -> Iterator[_Observation]:
    """Yield what signs tell that have no expected value of their own, as findings that have one."""
    telling = (
        (name, str(getattr(found, name, "")), spec["tells"])
        for kind in declared_findings().values()
        for name, spec in kind.record.items()
        if kind.group == "signs" and "tells" in spec
    )
    for name, word, tells in telling:
        for field, item, said in tells.get(word, ()):
            if field in SIDED:
                label, where, interval = name, _sided(field, "unstated", (item,)), FINDINGS[field].read(said)
            else:
                label = f"{name}, {FINDINGS[field].item[item]['phrase']}"
                where, interval = _unsided(field, item), YES if said == "present" else NO
            if interval is not None:
                yield _Observation(label, KIND, word, where, *interval)


def _strength(side: str, grades: Mapping[str, int | str]) -> Iterator[_Observation]:
    named: set[str] = set()
    for name, grade in grades.items():
        interval = _mrc_interval(grade)
        if name == "others" or interval is None:
            continue
        field, members = ("movement_strength", _TERMS.movements_in(name))
        if not members:
            field, members = ("muscle_strength", _TERMS.muscles_in(name))
        named |= set(members)
        label = f"strength, {_with_side(side, name)}"
        yield _Observation(label, KIND, f"MRC {grade}", _sided(field, side, members), *interval)
    if grades.get("others") in ("normal", 5):
        rest = tuple(m for m in _LEG_MOVEMENTS if m not in named and not _muscles_named(named, m))
        if rest:
            label = f"strength, {_with_side(side, 'all others')}"
            where = _sided("movement_strength", side, rest)
            yield _Observation(
                label, KIND, "normal", where, *_declared_words("movement_strength")["normal"], every=True
            )


def _muscles_named(named: set[str], movement: str) -> bool:
    """Tell whether muscles named one by one already speak for this movement."""
    mine = {"knee-extension": {"vastus-lateralis"}, "hip-flexion": {"iliopsoas"}}.get(movement, set())
    return bool(mine & named)


def _reflexes(side: str, grades: Mapping[str, int | str]) -> Iterator[_Observation]:
    for name, grade in grades.items():
        interval = _declared_words("reflex").get(str(grade))
        if interval is None:
            continue
        names = tuple(r for r in ("knee", "ankle") if r not in grades) if name == "others" else (name,)
        for reflex in names:
            label = f"reflex, {_with_side(side, reflex)}"
            yield _Observation(label, KIND, str(grade), _sided("reflex", side, reflex), *interval)


def _signs(side: str, word: str, field: str, signs: Mapping[str, bool]) -> Iterator[_Observation]:
    for name, present in signs.items():
        members = _TESTED_MUSCLES if name == "others" else _TERMS.muscles_in(name) or _near(name)
        if not members:
            continue
        label = f"{word}, {_with_side(side, name)}"
        said = "present" if present else "absent"
        where, none_of_many = _sided(field, side, members), not present and len(members) > 1
        yield _Observation(label, KIND, said, where, *(YES if present else NO), every=none_of_many)


def _near(region: str) -> tuple[str, ...]:
    """Return muscles under a region of the body."""
    under = {
        "thigh": ("vastus-lateralis", "rectus-femoris"),
        "calf": ("medial-gastrocnemius",),
        "hand": ("first-dorsal-interosseous", "abductor-pollicis-brevis"),
        "arm": ("biceps-brachii", "deltoid"),
        "trunk": ("paraspinal-thoracic",),
        "back": ("paraspinal-thoracic", "paraspinal-l4"),
        "buttock": ("gluteus-maximus", "gluteus-medius"),
        "foot": ("extensor-digitorum-brevis", "abductor-hallucis"),
        "lower-leg": ("tibialis-anterior", "medial-gastrocnemius"),
        "leg": ("vastus-lateralis", "tibialis-anterior", "medial-gastrocnemius"),
        "tongue": ("tongue",),
    }
    if region in under:
        return under[region]
    groups = [name for name in under if set(_TERMS.regions_in(name)) & set(_TERMS.regions_in(region))]
    return under[groups[0]] if groups and region in _TERMS.names("region") else ()


def _recorded_as(*types: str) -> list[tuple[FindingKind, str, Mapping[str, Any]]]:
    """Return the fields whose record is of some types, with the key of the record and what it says."""
    return [
        (f, k, spec) for f in FINDINGS.values() for k, spec in f.record.items() if spec.get("is") in types
    ]


def _simple_signs(found: Examination, key: str, side: str) -> Iterator[_Observation]:
    # Signs of the limb come before those of the cord, as observations always stood.
    for kind, name, spec in sorted(
        _recorded_as("sign", "plantar"), key=lambda one: one[0].group == "reflexes"
    ):
        word = getattr(getattr(found, name), key)
        if word in kind.words:
            label = _with_side(side, spec.get("label", spec["item"]))
            yield _Observation(label, KIND, word, _sided(kind.name, side, spec["item"]), *kind.words[word])


def _sensation(finding: SensoryFinding) -> Iterator[_Observation]:
    interval = FINDINGS["region_feeling"].read(finding.result)
    if interval is None:
        return
    kind, name = finding.place
    small = "" if finding.modality in _LARGE_FIBRES else "_small"
    field, members = {
        "dermatome": (f"dermatome_feeling{small}", (name,)),
        "nerve": (f"nerve_feeling{small}", (name,)),
        "region": ("region_feeling", _TERMS.regions_in(name)),
        "distribution": ("region_feeling", _TERMS.distributions.get(name, ())),
    }[kind]
    for side in _each_side(finding.side):
        if members:
            label = f"sensation, {_with_side(side, name)}"
            yield _Observation(label, KIND, finding.result, _sided(field, side, members), *interval)


def _other_sensation(found: Examination) -> Iterator[_Observation]:
    """Yield normal sensation of the dermatomes of the legs that no result speaks of, as one statement."""
    spoken = {(side, f.place[1]) for f in found.sensation.results for side in _each_side(f.side)}
    others = [f for f in found.sensation.results if f.place[0] != "dermatome"]
    elsewhere = {side for f in others for side in _each_side(f.side)}
    where = tuple(
        address
        for side in ("left", "right")
        if side not in elsewhere
        for name in _TESTED_DERMATOMES
        if (side, name) not in spoken
        for address in _sided("dermatome_feeling_small", side, name)
    )
    if where:
        interval = _declared_words("region_feeling")["normal"]
        yield _Observation("sensation, all others", KIND, "normal", where, *interval, every=True)


_NEVER_LEFT_OUT = tuple(name for name, one in FINDINGS["imaging"].item.items() if one.get("anywhere"))
_LIMB = ("hip", "thigh", "knee", "leg", "nerve")
_DEEP = (None, "lumbar-spine", "pelvis", "lumbosacral-plexus")
_UNPLACED = "nerve"
"""A region that may be any place along the limb or deep."""
_COMPRESSING = ("disc-herniation", "root-compression", "stenosis")


def _encode_laboratory(found: Laboratory) -> Iterator[_Observation]:
    """Yield the laboratory values of one visit."""
    for name, one in FINDINGS["laboratory"].item.items():
        value, label = getattr(found, one["key"]), one["label"]
        where = _unsided("laboratory", name)
        if isinstance(value, int | float):
            log = math.log(max(value, 0.3))
            yield _Observation(label, "laboratory", f"{value:g} {one['unit']}", where, log, log)
        elif value in ("normal", "raised", "low"):
            limit = laboratory_limit_ln(name)
            interval = (limit, INF) if value == "raised" else (-INF, limit)
            yield _Observation(label, "laboratory", value, where, *interval)
    yield from _blood(found)
    if found.ganglioside_antibodies in ("positive", "negative"):
        interval = YES if found.ganglioside_antibodies == "positive" else NO
        where = _unsided("elsewhere", "ganglioside-antibodies")
        yield _Observation(
            "ganglioside antibodies", "laboratory", found.ganglioside_antibodies, where, *interval
        )
    if found.biopsy is not None and found.biopsy != "not-done":
        where = _unsided("imaging", f"biopsy_{found.biopsy}")
        yield _Observation(
            f"biopsy of {found.biopsy_of or 'tissue'}", "laboratory", found.biopsy, where, *YES
        )


def _blood(found: Laboratory) -> Iterator[_Observation]:
    """Yield what other values of blood tell of a disease elsewhere; between two limits they tell nothing."""
    for key, spec in declared_findings()["blood"].record.items():
        value = getattr(found, key)
        for code, limit in spec.get("tells", {}).items():
            there = _tells(value, limit)
            if there is not None:
                said = value if isinstance(value, str) else f"{value:g} {spec['number'][0]}"
                where = _unsided("elsewhere", code)
                yield _Observation(key.partition("_")[0], "laboratory", said, where, *(YES if there else NO))


def _tells(value: float | str | None, limit: Mapping[str, float]) -> bool | None:
    """Tell whether a value is beyond the limit of a disease, or clearly not; None where it tells nothing."""
    beyond = "low" if "low" in limit else "raised"
    if isinstance(value, str):
        return {beyond: True, "normal": False}.get(value)
    if value is None:
        return None
    if beyond == "low":
        return True if value < limit["low"] else False if value >= limit.get("not_from", INF) else None
    return True if value > limit["raised"] else False if value <= limit.get("not_to", -INF) else None


def _encode_imaging(found: Imaging) -> Iterator[_Observation]:
    """Yield the findings of one imaging study, and the root that is compressed where it says so.

    A study of spine, pelvis or plexus that lists its findings would have named a mass or a haematoma: not
    listed means not there.
    """
    modality = found.modality.upper() if len(found.modality) < 4 else found.modality
    here = found.region in _DEEP or found.region in _LIMB
    for finding in (*found.findings, *found.not_seen) if here else ():
        where = _placed(finding, found.region)
        scan = (
            modality
            if where[0].item == finding.replace("-", "_")
            else f"{modality} of the {str(found.region).replace('-', ' ')}"
        )
        seen = finding in found.findings
        label, interval = f"{scan}: {finding}", YES if seen else NO
        yield _Observation(label, "imaging", "present" if seen else "not seen", where, *interval)
    if found.modality in ("mri", "ct") and found.region in _DEEP:
        for finding in _NEVER_LEFT_OUT:
            if finding not in (*found.findings, *found.not_seen):
                where = _placed(finding, found.region)
                yield _Observation(f"{modality}: {finding}", "imaging", "not listed", where, *NO)
    roots = _roots(found)
    if roots and set(found.findings) & set(_COMPRESSING):
        where_root = tuple(Address("compression", None, root) for root in roots)
        said = ", ".join(root.upper() for root in roots)
        yield _Observation(f"{modality}: compressed root", "imaging", said, where_root, *YES)


def _placed(finding: str, region: str | None) -> tuple[Address, ...]:
    """Return the items a finding of imaging is, where it is scanned: of the region, deep, or any of these."""
    own = {name: one["regions"] for name, one in FINDINGS["imaging"].item.items() if one.get("of") == finding}
    name = finding.replace("-", "_")
    if region == _UNPLACED:
        return tuple(address for item in (name, *own) for address in _unsided("imaging", item))
    here = next((item for item, regions in own.items() if region in regions), name)
    return _unsided("imaging", here)


def _roots(found: Imaging) -> tuple[str, ...]:
    """Return the roots that the study names, or those a disc at its levels can reach."""
    known = ("l1", "l2", "l3", "l4", "l5", "s1", "s2")
    named = [root for root in found.roots if root in known]
    if not named:
        named = [root for level in found.levels for root in level.split("-") if root in known]
    return tuple(dict.fromkeys(named))
