"""Laboratory and imaging as observations."""

from __future__ import annotations

import math
from collections.abc import Iterator

from garland.evidence import part
from garland.inference.observations import INF, Observation, _unsided
from garland.inference.scales import NO, YES
from garland.model.findings import FINDINGS, Address
from garland.records.laboratory import Imaging, Laboratory

_CENTILE = 1.88
_NEVER_LEFT_OUT = tuple(name for name, one in FINDINGS["imaging"].item.items() if one.get("anywhere"))
_LIMB = ("hip", "thigh", "knee", "leg", "nerve")
_DEEP = (None, "lumbar-spine", "pelvis", "lumbosacral-plexus")
_COMPRESSING = ("disc-herniation", "root-compression", "stenosis")


def laboratory(found: Laboratory) -> Iterator[Observation]:
    """Yield the laboratory values of one visit."""
    base = part("causes/baseline")
    for name, one in FINDINGS["laboratory"].item.items():
        value, label = getattr(found, one["key"]), one["label"]
        where = _unsided("laboratory", name)
        if isinstance(value, int | float):
            log = math.log(max(value, 0.3))
            yield Observation(label, "laboratory", f"{value:g} {one['unit']}", where, log, log)
        elif value in ("normal", "raised", "low"):
            limit = base.table("laboratory_healthy")[name] + _CENTILE * base.table("laboratory_sd")[name]
            interval = (limit, INF) if value == "raised" else (-INF, limit)
            yield Observation(label, "laboratory", value, where, *interval)
    if found.biopsy is not None and found.biopsy != "not-done":
        where = _unsided("imaging", f"biopsy_{found.biopsy}")
        yield Observation(f"biopsy of {found.biopsy_of or 'tissue'}", "laboratory", found.biopsy, where, *YES)


def imaging(found: Imaging) -> Iterator[Observation]:
    """Yield the findings of one imaging study, and the root that is compressed where it says so.

    A study of spine, pelvis or plexus that lists its findings would have named a mass or a haematoma: not
    listed means not there.
    """
    modality = found.modality.upper() if len(found.modality) < 4 else found.modality
    here = found.region in _DEEP or found.region in _LIMB
    for finding in found.findings if here else ():
        where = _unsided("imaging", finding.replace("-", "_"))
        yield Observation(f"{modality}: {finding}", "imaging", "present", where, *YES)
    for finding in found.not_seen if here else ():
        where = _unsided("imaging", finding.replace("-", "_"))
        yield Observation(f"{modality}: {finding}", "imaging", "not seen", where, *NO)
    if found.modality in ("mri", "ct") and found.region in _DEEP:
        for finding in _NEVER_LEFT_OUT:
            if finding not in (*found.findings, *found.not_seen):
                where = _unsided("imaging", finding)
                yield Observation(f"{modality}: {finding}", "imaging", "not listed", where, *NO)
    roots = _roots(found)
    if roots and set(found.findings) & set(_COMPRESSING):
        where_root = tuple(Address("compression", None, root) for root in roots)
        said = ", ".join(root.upper() for root in roots)
        yield Observation(f"{modality}: compressed root", "imaging", said, where_root, *YES)


def _roots(found: Imaging) -> tuple[str, ...]:
    """Return the roots that the study names, or those a disc at its levels can reach."""
    known = ("l1", "l2", "l3", "l4", "l5", "s1", "s2")
    named = [root for root in found.roots if root in known]
    if not named:
        named = [root for level in found.levels for root in level.split("-") if root in known]
    return tuple(dict.fromkeys(named))
