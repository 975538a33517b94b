"""Nerve conduction, F waves, H reflexes and needle electromyography as reported.

A row speaks of one study (or of a nerve, or a group of studies) on one side, stimulated at one point or over
one segment. A `velocity_m_s` on a row with `stimulate` is of the segment from the point before it. CMAP
amplitudes are in mV from baseline to negative peak, SNAP amplitudes in uV.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import create_model, model_validator

from garland.anatomy.terminology import normalise, terms
from garland.evidence.findings import declared_findings
from garland.records.examination import _Plus
from garland.records.fields import (
    SIDE_REMEDY,
    Kind,
    OthersNormal,
    RecordPart,
    Side,
    YesNo,
    _Keyed,
    _Name,
    _sides_of,
    number,
    refuse,
    word,
)

_SIZE_WORDS = ("normal", "reduced", "absent", "borderline", "raised", "not-done")
_TIME_WORDS = ("normal", "prolonged", "absent", "borderline", "not-done")
_SPEED_WORDS = ("normal", "reduced", "borderline", "not-done")
RESULT_WORDS = ("normal", "abnormal", "reduced", "absent", "borderline", "prolonged", "not-done")
_MEASURES = {
    "amplitude_mv": ("motor",),
    "amplitude_uv": ("sensory",),
    "distal_latency_ms": ("motor", "sensory"),
    "latency_ms": ("motor", "sensory"),
    "velocity_m_s": ("motor", "sensory"),
    "amplitude_drop_percent": ("motor",),
    "conduction_block": ("motor",),
    "temporal_dispersion": ("motor",),
    "f_latency_ms": ("f-wave",),
    "f_persistence_percent": ("f-wave",),
    "f_result": ("f-wave",),
    "h_latency_ms": ("h-reflex",),
    "h_result": ("h-reflex",),
}
_TIMES = ("distal_latency_ms", "latency_ms", "velocity_m_s", "f_latency_ms", "h_latency_ms")
_UNITS = {"amplitude_mv": "a SNAP is given in microvolt: write amplitude_uv",
          "amplitude_uv": "a CMAP is given in millivolt: write amplitude_mv"}  # fmt: skip


_KIND_WORDS = {"motor": "motor", "cmap": "motor", "sensory": "sensory", "snap": "sensory"}
"""Words that tell the kind of a study where they stand in its name."""
_RECORDED_FROM = ("muscle", "recording", "record", "recorded_from", "recording_site")
"""Keys under which reports say where a response of a nerve is recorded."""


def _moved(row: Mapping[Any, Any], key: str, to: str) -> dict[Any, Any]:
    """Return a row with one key under another's name."""
    return {to if name == key else name: value for name, value in row.items() if name != to}


class ConductionResult(RecordPart):
    """One row of the conduction table. `studies` gives the studies that it speaks of."""

    study: Annotated[str, _Name("study")] | None = None
    nerve: Annotated[str, _Name("nerve")] | None = None
    kind: Annotated[str, word("motor", "sensory")] | None = None
    side: Side | None = None
    stimulate: Annotated[str, _Name("point")] | None = None
    segment: Annotated[str, _Name("segment")] | None = None
    amplitude_mv: Annotated[float | str, number("mV", 0, 60, *_SIZE_WORDS)] | None = None
    amplitude_uv: Annotated[float | str, number("uV", 0, 600, *_SIZE_WORDS)] | None = None
    distal_latency_ms: Annotated[float | str, number("ms", 0.3, 40, *_TIME_WORDS)] | None = None
    latency_ms: Annotated[float | str, number("ms", 0.3, 80, *_TIME_WORDS)] | None = None
    velocity_m_s: Annotated[float | str, number("m/s", 1, 100, *_SPEED_WORDS)] | None = None
    amplitude_drop_percent: Annotated[float, number("%", 0, 100)] | None = None
    conduction_block: YesNo | None = None
    temporal_dispersion: YesNo | None = None
    f_latency_ms: Annotated[float | str, number("ms", 10, 200, *_TIME_WORDS)] | None = None
    f_persistence_percent: Annotated[float, number("%", 0, 100)] | None = None
    f_result: Annotated[str, word(*RESULT_WORDS)] | None = None
    h_latency_ms: Annotated[float | str, number("ms", 10, 100, *_TIME_WORDS)] | None = None
    h_result: Annotated[str, word(*RESULT_WORDS)] | None = None
    result: Annotated[str, word(*RESULT_WORDS)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _recorded_from(cls, value: Any) -> Any:
        """Take a nerve and the muscle (or place) it is recorded from for the study that they name."""
        if not isinstance(value, Mapping) or value.get("study") is not None:
            return value
        key = next((key for key in _RECORDED_FROM if isinstance(value.get(key), str)), None)
        if key is None or not isinstance(value.get("nerve"), str):
            return value
        named = terms().vocabularies["study"].find(f"{value['nerve']} {value[key]}")
        if named is None:
            return value
        rest = {name: item for name, item in value.items() if name not in (key, "nerve")}
        return {"study": named, **rest}

    @model_validator(mode="before")
    @classmethod
    def _kind_in_study(cls, value: Any) -> Any:
        """Take ``study: peroneal motor EDB`` for the study and its kind."""
        named = value.get("study") if isinstance(value, Mapping) else None
        if not isinstance(named, str) or terms().vocabularies["study"].find(named):
            return value
        parts = normalise(named).split("-")
        kinds = {kind for word, kind in _KIND_WORDS.items() if word in parts}
        if len(kinds) != 1:
            return value
        kind, plain = kinds.pop(), "-".join(part for part in parts if part not in _KIND_WORDS)
        if plain == "fibular" and kind == "sensory":  # the common nerve has no sensory study of its own
            plain = "superficial-fibular"
        return {"kind": kind, **value, "study": plain} if plain else value

    @model_validator(mode="before")
    @classmethod
    def _nerve_under_study(cls, value: Any) -> Any:
        """Take ``study: fibular`` for the nerve, which has more than one study."""
        if not isinstance(value, Mapping) or not isinstance(value.get("study"), str):
            return value
        nerve = terms().vocabularies["nerve"].find(value["study"])
        if value.get("nerve") is None and len(terms().nerves.get(nerve or "", ())) > 1:
            return _moved(value, "study", "nerve")
        return value

    @model_validator(mode="after")
    def _agrees(self) -> ConductionResult:
        """Refuse a row that cannot be about one test, or that contradicts itself."""
        self._check_subject()
        self._check_point()
        self._check_measures()
        self._check_absence()
        return self

    def _check_subject(self) -> None:
        if (self.study is None) == (self.nerve is None):
            found = "both" if self.study else "neither"
            refuse(
                "does not name either a study or a nerve", "give one of study and nerve", found, ("study",)
            )
        if self.side is None:
            refuse("is missing", SIDE_REMEDY, None, ("side",))
        kinds = {terms().kind_of_study(name) for name in self._named()}
        if self.kind is not None and self.kind not in kinds:
            remedy = f"leave it out or write {' or '.join(sorted(kinds))}"
            refuse(f"does not fit {self.study or self.nerve}", remedy, self.kind, ("kind",))
        if self.nerve is not None and self.kind is None and len(kinds) > 1:
            rule = f"is missing, and {self.nerve} has motor and sensory studies"
            refuse(rule, "write kind: motor or kind: sensory", None, ("kind",))

    def _named(self) -> tuple[str, ...]:
        return terms().studies_in(self.study) if self.study else terms().nerves.get(self.nerve or "", ())

    @property
    def studies(self) -> tuple[str, ...]:
        """Studies that the row speaks of: one, or those of the nerve or group that are of the kind."""
        return tuple(
            name for name in self._named() if self.kind is None or terms().kind_of_study(name) == self.kind
        )

    def _check_point(self) -> None:
        if self.stimulate is None:
            return
        points = {point for study in self.studies for point in terms().motor_studies.get(study, ())}
        if self.stimulate not in points:
            remedy = f"use one of {', '.join(sorted(points))}" if points else "leave stimulate out"
            rule = f"is not a point of stimulation of {self.study or self.nerve}"
            refuse(rule, remedy, self.stimulate, ("stimulate",))

    def _check_measures(self) -> None:
        kinds = {terms().kind_of_study(study) for study in self.studies}
        for measure, allowed in _MEASURES.items():
            value = getattr(self, measure)
            if value is not None and not kinds & set(allowed):
                subject = self.study or f"{self.nerve} {self.kind or ''}".strip()
                remedy = _UNITS.get(measure, f"leave it out, or name a {' or '.join(allowed)} study")
                rule = f"is not a measure of {subject}, a study of {' and '.join(sorted(kinds))} responses"
                refuse(rule, remedy, value, (measure,))

    def _check_absence(self) -> None:
        absent = [name for name in ("amplitude_mv", "amplitude_uv", "result", "f_result", "h_result")
                  if getattr(self, name) in ("absent", "not-done")]  # fmt: skip
        for name in absent:
            for measure in (*_TIMES, "amplitude_mv", "amplitude_uv"):
                if isinstance(getattr(self, measure), int | float):
                    rule = f"contradicts {name}: {getattr(self, name)}, which leaves nothing to measure"
                    refuse(rule, "keep the one that was found", getattr(self, measure), (measure,))


class Limits(RecordPart):
    """A laboratory's limits of normal for one study."""

    amplitude_mv_min: Annotated[float, number("mV", 0, 60)] | None = None
    amplitude_uv_min: Annotated[float, number("uV", 0, 600)] | None = None
    distal_latency_ms_max: Annotated[float, number("ms", 0.3, 40)] | None = None
    velocity_m_s_min: Annotated[float, number("m/s", 1, 100)] | None = None
    f_latency_ms_max: Annotated[float, number("ms", 10, 200)] | None = None
    h_latency_ms_max: Annotated[float, number("ms", 10, 100)] | None = None


class _LimitsKind(Kind):
    def check(self, value: Any) -> Any:
        """Leave the check to `Limits`."""
        return value

    def schema(self) -> dict[str, Any]:
        """Describe as an object; the limits are described by `Limits`."""
        return Limits.model_json_schema()


class NerveConduction(RecordPart):
    """The conduction table; ``others: normal`` says that all the rest that was tested was normal."""

    results: tuple[ConductionResult, ...] = ()
    others: OthersNormal | None = None
    laboratory_limits: dict[str, Limits] | None = None

    @model_validator(mode="before")
    @classmethod
    def _spell_limits(cls, value: Any) -> Any:
        """Bring the studies that have limits to their names."""
        if not isinstance(value, dict) or value.get("laboratory_limits") is None:
            return value
        try:
            limits = _Keyed("study", _LimitsKind()).check(value["laboratory_limits"])
        except ValueError as error:
            context = getattr(error, "context", None) or {}
            refuse(
                context["rule"], context["remedy"], context["value"], ("laboratory_limits", *context["at"])
            )
        return {**value, "laboratory_limits": limits}

    @model_validator(mode="after")
    def _no_contradiction(self) -> NerveConduction:
        """Refuse two values of one measure of one study, side and point."""
        seen: dict[tuple[object, ...], Any] = {}
        for row, result in enumerate(self.results):
            for key, measure, value in _statements(result):
                if seen.get((*key, measure), value) != value:
                    rule = (
                        f"contradicts {seen[(*key, measure)]!r}, given before for this study, side and point"
                    )
                    refuse(
                        rule,
                        "keep the one that was found, or give the point of stimulation",
                        value,
                        ("results", row, measure),
                    )
                seen[(*key, measure)] = value
        return self


def _statements(result: ConductionResult) -> Iterator[tuple[tuple[object, ...], str, Any]]:
    """Every measure of a row with what it is about; statements on groups are left to those who read them."""
    if result.study in terms().study_groups:
        return
    for side in _sides_of(result.side):
        key = (result.study or result.nerve, result.kind, side, result.stimulate, result.segment)
        for measure in (*_MEASURES, "result"):
            value = getattr(result, measure)
            if value is not None:
                yield key, measure, value


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


class _Subject(RecordPart):
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
        known = terms().vocabularies
        if known["muscle"].find(value["muscle"]) is None and known["muscle-group"].find(value["muscle"]):
            return _moved(value, "muscle", "group")
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
        return terms().muscles_in(self.muscle or self.group or "")


class Needle(RecordPart):
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
