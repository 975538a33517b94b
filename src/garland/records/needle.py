"""Needle electromyography as reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import model_validator

from garland.records.base import SIDE_REMEDY, OthersNormal, Part, Side, _sides_of, number, word
from garland.records.grades import _Plus
from garland.records.values import _Name, refuse
from garland.records.vocabulary import VOCABULARIES, muscles_in

SPONTANEOUS_WORDS = ("none", "present", "sparse", "moderate", "abundant", "widespread", "not-done")
RECRUITMENT_WORDS = (
    "normal", "mildly-reduced", "reduced", "severely-reduced", "single-unit", "none", "early", "not-done",
)  # fmt: skip
IMPRESSION_WORDS = (
    "normal",
    "neurogenic",
    "neurogenic-reinnervation",
    "myopathic",
    "myopathic-and-neurogenic",
)
_PRESENCE = ("none", "present", "not-done")
_SIZE = ("normal", "raised", "reduced", "not-done")
_LENGTH = ("normal", "prolonged", "short", "not-done")
_POLYPHASIA = ("normal", "mildly-increased", "increased", "not-done")
Spontaneous = Annotated[int | str, _Plus("spontaneous activity", SPONTANEOUS_WORDS)]
_MEASURES = (
    "insertional", "fibrillations", "positive_waves", "fasciculations", "myokymia",
    "complex_repetitive_discharges", "amplitude", "amplitude_mv", "duration", "duration_ms",
    "polyphasia", "recruitment", "impression",
)  # fmt: skip


class NeedleResult(Part):
    """One muscle, or one group of muscles, on one side. `muscles` gives the muscles that it speaks of."""

    muscle: Annotated[str, _Name("muscle")] | None = None
    group: Annotated[str, _Name("muscle-group")] | None = None
    side: Side | None = None
    insertional: Annotated[str, word("normal", "increased", "reduced", "not-done")] | None = None
    fibrillations: Spontaneous | None = None
    positive_waves: Spontaneous | None = None
    fasciculations: Spontaneous | None = None
    myokymia: Annotated[str, word(*_PRESENCE)] | None = None
    complex_repetitive_discharges: Annotated[str, word(*_PRESENCE)] | None = None
    amplitude: Annotated[str, word(*_SIZE)] | None = None
    amplitude_mv: Annotated[float, number("mV", 0, 40)] | None = None
    duration: Annotated[str, word(*_LENGTH)] | None = None
    duration_ms: Annotated[float, number("ms", 0.5, 60)] | None = None
    polyphasia: Annotated[str, word(*_POLYPHASIA)] | None = None
    recruitment: Annotated[str, word(*RECRUITMENT_WORDS)] | None = None
    impression: Annotated[str, word(*IMPRESSION_WORDS)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _group_under_muscle(cls, value: Any) -> Any:
        """Take ``muscle: quadriceps`` for the group that it is."""
        if (
            not isinstance(value, Mapping)
            or not isinstance(value.get("muscle"), str)
            or value.get("group") is not None
        ):
            return value
        if VOCABULARIES["muscle"].find(value["muscle"]) is None and VOCABULARIES["muscle-group"].find(
            value["muscle"]
        ):
            return {
                ("group" if key == "muscle" else key): item for key, item in value.items() if key != "group"
            }
        return value

    @model_validator(mode="after")
    def _agrees(self) -> NeedleResult:
        """Refuse a row without muscle or side, and units described where none were seen."""
        if (self.muscle is None) == (self.group is None):
            found = "both" if self.muscle else "neither"
            refuse(
                "does not name either a muscle or a group", "give one of muscle and group", found, ("muscle",)
            )
        if self.side is None:
            refuse("is missing", SIDE_REMEDY, None, ("side",))
        for measure in ("amplitude", "amplitude_mv", "duration", "duration_ms", "polyphasia"):
            value = getattr(self, measure)
            if self.recruitment == "none" and value not in (None, "not-done"):
                rule = "contradicts recruitment: none, which leaves no unit to describe"
                refuse(rule, "keep the one that was found", value, (measure,))
        if self.impression == "normal" and self.recruitment == "none":
            refuse("contradicts recruitment: none", "keep the one that was found", "normal", ("impression",))
        return self

    @property
    def muscles(self) -> tuple[str, ...]:
        """Muscles that the row speaks of; empty for the group ``unspecified``."""
        return muscles_in(self.muscle or self.group or "")


class Needle(Part):
    """The needle table; ``others: normal`` says that all the rest that was tested was normal."""

    results: tuple[NeedleResult, ...] = ()
    others: OthersNormal | None = None

    @model_validator(mode="after")
    def _no_contradiction(self) -> Needle:
        """Refuse two values of one measure of one muscle and side."""
        seen: dict[tuple[object, ...], Any] = {}
        for row, result in enumerate(self.results):
            for side in _sides_of(result.side):
                for measure in _MEASURES:
                    value, key = getattr(result, measure), (result.muscle or result.group, side, measure)
                    if value is None:
                        continue
                    if seen.get(key, value) != value:
                        rule = f"contradicts {seen[key]!r}, given before for {side} {key[0]}"
                        refuse(rule, "keep the one that was found", value, ("results", row, measure))
                    seen[key] = value
        return self
