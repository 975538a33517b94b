"""Identifiers of muscles, nerves, regions and findings as a clinician says them."""

from __future__ import annotations

import re

from garland.inference.observations import SIDES, Observation
from garland.model.findings import Address
from garland.records.vocabulary import MOTOR_STUDIES

_WHOLE = {
    "leg-medial": "medial leg",
    "leg-lateral": "lateral leg",
    "foot-dorsum": "dorsum of the foot",
    "lateral-femoral-cutaneous": "lateral femoral cutaneous",
    "foot-intrinsic": "intrinsic foot muscles",
    "hand-intrinsic": "intrinsic hand muscles",
    "biceps-femoris-long": "biceps femoris (long head)",
    "biceps-femoris-short": "biceps femoris (short head)",
    "l5-outside-fibular": "L5 muscles outside the fibular nerve",
    "straight-leg-raise": "straight-leg raise",
    "femoral-stretch": "femoral stretch test",
}
_SEGMENT = re.compile(r"\b([clst])([1-8])\b")
_PARASPINAL = re.compile(r"paraspinal-(\w+)")
_FINGER = re.compile(r"(median|ulnar)-digit-(\d)")


def _plain(name: str) -> str:
    """Return an identifier such as ``vastus-lateralis`` or ``l4`` as words."""
    if name in _WHOLE:
        return _WHOLE[name]
    name = _FINGER.sub(r"\1 digit \2", name)
    name = _PARASPINAL.sub(r"\1 paraspinals", name)
    if name.endswith("-innervated"):
        return f"{name.removesuffix('-innervated')}-innervated muscles"
    return _SEGMENT.sub(lambda found: found[0].upper(), name.replace("-", " "))


def _nerve_and_muscle(study: str) -> tuple[str, str]:
    """Return the nerve of a study and, in brackets, the muscle or finger that tells it from another."""
    if finger := _FINGER.fullmatch(study):
        return finger[1], f" (digit {finger[2]})"
    if study not in MOTOR_STUDIES:
        return _plain(study), ""
    nerve, _, muscle = study.partition("-")
    return nerve, f" ({_plain(muscle)})"


def _side_and_item(observation: Observation) -> tuple[str, str]:
    """Return the side and the identifier of what an observation is about."""
    if len({(a.side, a.item.partition("@")[0]) for a in observation.where}) == 1:
        return _of_address(observation.where[0])
    before, _, after = observation.label.partition(", ")
    place = before if observation.kind == "nerve conduction" else after or before
    side = next((side for side in SIDES if place.startswith(side)), "")
    item = place.removeprefix(side).strip().removesuffix("-f-wave").removesuffix("-h-reflex")
    return side, "others" if item in ("all others", "side", "") else item


def _of_address(address: Address) -> tuple[str, str]:
    side = "" if address.side is None else SIDES[address.side]
    return side, address.item.partition("@")[0]


def _listed(words: tuple[str, ...] | list[str]) -> str:
    """Return words as a list in a sentence: ``a, b and c``; ``a, b and c, and d`` where one is a list."""
    if len(words) < 2:
        return "".join(words)
    comma = "," if any(" and " in each for each in words) else ""
    return f"{', '.join(words[:-1])}{comma} and {words[-1]}"


def _capital(text: str) -> str:
    """Return a sentence that begins with a capital."""
    return text[:1].upper() + text[1:]


def _percent(share: float) -> str:
    """Return a probability in per cent that never claims certainty, such as ``61 %`` or ``<0.1 %``."""
    if share > 0.99:
        return ">99 %"
    if share < 0.001:
        return "<0.1 %"
    return f"{100.0 * share:.{int(share < 0.0095)}f} %"


def _short_title(title: str) -> str:
    """Return the title of a cause without the remark in brackets at its end, for use within a sentence."""
    return _REMARK.sub("", title)


_REMARK = re.compile(r" \([^)]*\)$")
