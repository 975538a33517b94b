"""What was found by hand: strength, reflexes, sensation, wasting, twitching, stretch signs, walking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import create_model, model_validator

from garland.evidence.findings import declared_findings
from garland.records.base import SIDE_REMEDY, OthersNormal, Part, Side, YesNo, _BySide, _sides_of, word
from garland.records.grades import _Mrc, _Plus
from garland.records.values import _Flag, _Keyed, _Name, refuse

REFLEX_WORDS = ("absent", "trace", "reduced", "normal", "brisk", "not-done")
Strength = Annotated[dict[str, int | str], _Keyed("strength", _Mrc())]
Reflexes = Annotated[dict[str, int | str], _Keyed("reflex", _Plus("reflexes", REFLEX_WORDS))]
Signs = Annotated[dict[str, bool], _Keyed("bulk", _Flag())]
Plantar = Annotated[str, word("flexor", "extensor", "mute", "not-done")]
Sign = Annotated[str, word("positive", "negative", "not-done")]
MODALITIES = ("any", "touch", "pin", "temperature", "vibration", "proprioception")
SENSATION = ("normal", "reduced", "absent", "allodynia", "not-done")
_PLACES = ("dermatome", "nerve", "region", "distribution")


class SensoryFinding(Part):
    """Sensation at one place: a dermatome, a skin nerve's territory, a region or a distribution."""

    side: Side | None = None
    dermatome: Annotated[str, _Name("dermatome")] | None = None
    nerve: Annotated[str, _Name("skin-nerve")] | None = None
    region: Annotated[str, _Name("region")] | None = None
    distribution: Annotated[str, _Name("distribution")] | None = None
    modality: Annotated[str, word(*MODALITIES)] = "any"
    result: Annotated[str, word(*SENSATION)]

    @model_validator(mode="after")
    def _one_place_and_side(self) -> SensoryFinding:
        """Refuse a finding without a place or side, or with two places."""
        given = [place for place in _PLACES if getattr(self, place) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "no place"
            refuse("does not name one place", f"give one of {', '.join(_PLACES)}", found)
        if self.side is None:
            refuse("is missing", SIDE_REMEDY, None, ("side",))
        return self

    @property
    def place(self) -> tuple[str, str]:
        """Kind of place and its name, such as ``("dermatome", "l3")``."""
        kind = next(place for place in _PLACES if getattr(self, place) is not None)
        return kind, getattr(self, kind)


class Sensation(Part):
    """Sensory findings; ``others: normal`` says that all the rest was tested and normal."""

    results: tuple[SensoryFinding, ...] = ()
    others: OthersNormal | None = None

    @model_validator(mode="after")
    def _no_contradiction(self) -> Sensation:
        """Refuse two results for one place, side and modality."""
        seen: dict[tuple[str, str, str, str], str] = {}
        for row, finding in enumerate(self.results):
            for side in _sides_of(finding.side):
                key = (*finding.place, side, finding.modality)
                if seen.get(key, finding.result) != finding.result:
                    where = ("results", row, "result")
                    refuse(
                        f"contradicts {seen[key]!r}, given before for {side} {key[1]}",
                        "keep one",
                        finding.result,
                        where,
                    )
                seen[key] = finding.result
        return self


class _SidedStrength(_BySide[Strength]):
    """Strength by side: movement, muscle, group or ``others`` -> MRC grade or word."""


class _SidedReflexes(_BySide[Reflexes]):
    """Tendon reflexes by side: reflex or ``others`` -> 0..4 or word."""


class _SidedSigns(_BySide[Signs]):
    """Wasting or twitching by side: muscle, group, region or ``others`` -> true or false."""


class _SidedPlantar(_BySide[Plantar]):
    """Plantar response by side."""


class _SidedSign(_BySide[Sign]):
    """A sign by side: positive, negative, not-done."""


_TYPES: dict[str, Any] = {
    "strength": (_SidedStrength, _SidedStrength()),
    "reflexes": (_SidedReflexes, _SidedReflexes()),
    "plantar": (_SidedPlantar, _SidedPlantar()),
    "sign": (_SidedSign, _SidedSign()),
    "muscles": (_SidedSigns, _SidedSigns()),
    "sensation": (Sensation, Sensation()),
    "flag": (YesNo | None, None),
}
"""How a sign of the examination is written: type and default, by what its declaration says that it is."""


def _field(spec: Mapping[str, Any]) -> Any:
    """Return type and default of a declared key of the examination."""
    if spec["is"] == "word":
        return Annotated[str, word(*spec["words"], "not-done")] | None, None
    return _TYPES[spec["is"]]


if TYPE_CHECKING:

    class _Signs(Part):
        def __getattr__(self, name: str) -> Any: ...
else:
    _Signs = create_model(
        "_Signs",
        __base__=Part,
        **{
            key: _field(spec)
            for kind in declared_findings().values()
            for key, spec in kind.record.items()
            if "is" in spec
        },
    )


class Examination(_Signs):
    """Findings of the examination; what is not named was not reported."""
