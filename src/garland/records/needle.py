"""Needle electromyography as reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import create_model, model_validator

from garland.evidence.findings import declared_findings
from garland.records.base import SIDE_REMEDY, OthersNormal, Part, Side, _sides_of, number, word
from garland.records.grades import _Plus
from garland.records.values import _Name, refuse
from garland.records.vocabulary import VOCABULARIES, muscles_in

_RECORDED = {key: spec for kind in declared_findings().values() if kind.group == "needle"
             for key, spec in kind.record.items()}  # fmt: skip
"""What a row may say of a muscle, as declared in evidence/findings/needle.yaml."""
_OF_UNITS = tuple(key for key, spec in _RECORDED.items() if spec.get("of_units"))


def _words(key: str) -> tuple[str, ...]:
    """Return the words that a key of a row takes."""
    spec = _RECORDED[key]
    return (*spec["words"], *(() if spec.get("always_done") else ("not-done",)))


def _type_of(key: str) -> Any:
    spec = _RECORDED[key]
    if "number" in spec:
        return Annotated[float, number(*spec["number"])]
    if "plus" in spec:
        return Annotated[int | str, _Plus(spec["plus"], _words(key))]
    return Annotated[str, word(*_words(key))]


class _Subject(Part):
    muscle: Annotated[str, _Name("muscle")] | None = None
    group: Annotated[str, _Name("muscle-group")] | None = None
    side: Side | None = None


if TYPE_CHECKING:

    class _Row(_Subject):
        def __getattr__(self, name: str) -> Any: ...
else:
    _Row = create_model("_Row", __base__=_Subject, **{key: (_type_of(key) | None, None) for key in _RECORDED})


class NeedleResult(_Row):
    """One muscle, or one group of muscles, on one side. `muscles` gives the muscles that it speaks of."""

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
        for measure in _OF_UNITS:
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
                for measure in _RECORDED:
                    value, key = getattr(result, measure), (result.muscle or result.group, side, measure)
                    if value is None:
                        continue
                    if seen.get(key, value) != value:
                        rule = f"contradicts {seen[key]!r}, given before for {side} {key[0]}"
                        refuse(rule, "keep the one that was found", value, ("results", row, measure))
                    seen[key] = value
        return self
