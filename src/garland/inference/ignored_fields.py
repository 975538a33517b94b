"""What a record says and the model does not use, so that nothing is dropped in silence.

Every statement is read alone, and the whole is read without it. If the first yields nothing and the second
changes nothing, the statement is named. What the readers learn to use is thus no longer named, without a list
to keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from garland.inference.encode_conclusions import _unread_conclusions
from garland.inference.encode_examination import (
    _encode_examination,
    _encode_imaging,
    _encode_laboratory,
    _recorded_as,
    _with_side,
)
from garland.inference.encode_history import _drug_names, _encode_history, _inr_tells
from garland.inference.encode_recordings import _ConductionEncoder, _encode_needle
from garland.inference.observations import _Observation
from garland.records import Case
from garland.records.background import History, Symptom
from garland.records.case import Visit
from garland.records.electrodiagnosis import Needle, NerveConduction
from garland.records.examination import Examination, Sensation
from garland.records.fields import RecordPart
from garland.records.laboratory import Imaging

Say = Callable[[Any], Iterable[_Observation]]
_SYMPTOMS = ("pain", "weakness", "numbness", "paraesthesia")
_USED_ELSEWHERE = ("age_at_onset_years", "biopsy_of", "drugs")
_SUBJECT = ("study", "nerve", "kind", "muscle", "group", "side", "stimulate", "segment", "modality", "region")
_UNITS = {"_mv": "mV", "_uv": "µV", "_ms": "ms", "_m_s": "m/s", "_percent": "%", "_kg": "kg"}
_BY_SIDE = tuple(
    key
    for types in (("strength", "reflexes", "muscles"), ("plantar", "sign"))
    for _, key, _ in _recorded_as(*types)
)
"""Parts of the examination by side: those that name muscles or reflexes, then single signs."""


def _unread(case: Case, reader: _ConductionEncoder) -> tuple[str, ...]:
    """Return what a case holds and the model does not use, one line each."""
    notes = [*_background(case), *_history(case)]
    for number, visit in enumerate(case.visits):
        at = f"visit {number + 1}: " if len(case.visits) > 1 else ""
        thinned = case.history.anticoagulant is not False and _inr_tells(visit.laboratory.inr)
        used = [f"inr {_value(visit.laboratory.inr)}"] if thinned else []
        notes += [at + note for note in _visit(visit, reader, number) if note not in used]
    return tuple(dict.fromkeys(notes))


def _telling(observations: Iterable[_Observation]) -> list[_Observation]:
    """Return the observations, each statement counted once, and without those that say nothing."""
    seen: dict[tuple[object, ...], _Observation] = {}
    for observation in observations:
        if observation.where and (observation.low > -float("inf") or observation.high < float("inf")):
            seen.setdefault((observation.where, observation.low, observation.high), observation)
    return list(seen.values())


def _silent(whole: RecordPart, fields: Iterable[str], say: Say) -> Iterator[str]:
    """Yield the fields of a part that say something no reader hears."""
    fields = tuple(fields)
    default = {name: type(whole).model_fields[name].default for name in fields}
    nothing = _telling(say(whole.model_copy(update=default)))
    for name in fields:
        value = getattr(whole, name)
        if value in (None, (), "not-done", "unstated", default[name]):
            continue
        alone = _telling(say(whole.model_copy(update={**default, name: value})))
        without = _telling(say(whole.model_copy(update={name: default[name]})))
        if alone == nothing and without == _telling(say(whole)):
            yield f"{_words(name)} {_value(value)}"


def _words(name: str) -> str:
    """Return the name of a field in words, its unit in brackets."""
    for ending, unit in _UNITS.items():
        if name.endswith(ending):
            return f"{name.removesuffix(ending).replace('_', ' ')} [{unit}]"
    return name.replace("_", " ")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _background(case: Case) -> Iterator[str]:
    held = {
        "fasting glucose [mg/dL]": case.diabetes.fasting_glucose_mg_dl,
        "two-hour glucose [mg/dL]": case.diabetes.two_hour_glucose_mg_dl,
        "LDL cholesterol [mg/dL]": case.lipids.ldl_mg_dl,
        "HDL cholesterol [mg/dL]": case.lipids.hdl_mg_dl,
        "systolic pressure [mmHg]": case.blood_pressure.systolic_mmhg,
        "diastolic pressure [mmHg]": case.blood_pressure.diastolic_mmhg,
    }
    if isinstance(case.lipids.triglycerides_mg_dl, str):
        held["triglycerides"] = case.lipids.triglycerides_mg_dl
    for name, value in held.items():
        if value not in (None, "not-done"):
            yield f"{name} {_value(value)}"


def _history(case: Case) -> Iterator[str]:
    history = case.history

    def say(changed: RecordPart) -> Iterable[_Observation]:
        return _encode_history(case.model_copy(update={"history": changed}))

    plain = [name for name in type(history).model_fields if name not in (*_SYMPTOMS, *_USED_ELSEWHERE)]
    yield from _silent(history, plain, say)
    if drugs := _unknown_drugs(history):
        yield f"drugs {', '.join(drugs)}"
    for name in _SYMPTOMS:
        symptom: Symptom = getattr(history, name)

        def say_one(changed: RecordPart, name: str = name) -> Iterable[_Observation]:
            return _encode_history(case.model_copy(update={"history": _only(history, name, changed)}))

        fields = list(type(symptom).model_fields)
        if symptom.present and (symptom.side or symptom.regions):
            fields.remove("present")
        for note in _silent(symptom, fields, say_one):
            yield f"{name}: {note}"


def _unknown_drugs(history: History) -> tuple[str, ...]:
    """Return the drugs that say nothing, those of an anticoagulation that the record denies among them."""
    denied = history.anticoagulant is False
    known = () if denied else _drug_names(history.drugs, "anticoagulant")
    return tuple(drug for drug in history.drugs if drug not in known)


def _only(history: History, name: str, symptom: RecordPart) -> History:
    """Return a history that holds one symptom and nothing else."""
    content: dict[str, Any] = {name: symptom}
    return History.model_construct(**content)


def _visit(visit: Visit, reader: _ConductionEncoder, number: int) -> Iterator[str]:
    yield from _examination(visit.examination)
    for row in visit.nerve_conduction.results:

        def say_row(changed: RecordPart) -> Iterable[_Observation]:
            return reader.conduction(NerveConduction.model_construct(results=(changed,)))

        yield from _row("", row, say_row)
    limits = visit.nerve_conduction.laboratory_limits
    if limits:
        yield f"the laboratory's own limits of {', '.join(limits)}"
    yield from _others("nerve conduction", visit.nerve_conduction, reader.conduction)
    for muscle in visit.needle.results:
        yield from _row(
            "needle, ", muscle, lambda row: _encode_needle(Needle.model_construct(results=(row,)))
        )
    yield from _others("needle", visit.needle, _encode_needle)
    fields = [name for name in type(visit.laboratory).model_fields if name not in _USED_ELSEWHERE]
    if number == 0 and isinstance(visit.laboratory.hba1c_percent, int | float):
        fields.remove("hba1c_percent")
    yield from _silent(visit.laboratory, fields, _encode_laboratory)
    for study_of in visit.imaging:
        yield from _imaging(study_of)
    yield from (f"{test.test} ({test.result})" for test in visit.other_tests)
    yield from (f"published impression: {text}" for text in _unread_conclusions(visit.published_impression))


def _others(kind: str, table: Any, say: Say) -> Iterator[str]:
    """Yield a statement on all the rest that changes nothing: nothing is left for it to speak of."""
    if table.others and _telling(say(table)) == _telling(say(table.model_copy(update={"others": None}))):
        yield f"{kind}, others: {table.others}"


def _row(kind: str, row: Any, say: Say) -> Iterator[str]:
    """Yield what a row of a table says and no reader hears."""
    subject = next(str(name) for name in (getattr(row, key, None) for key in _SUBJECT) if name)
    at = getattr(row, "stimulate", None) or getattr(row, "segment", None)
    place = _with_side(row.side, subject) + (f" at {at}" if at else "")
    for note in _silent(row, (name for name in type(row).model_fields if name not in _SUBJECT), say):
        yield f"{kind}{place}: {note}"


def _imaging(study: Imaging) -> Iterator[str]:
    label = f"{study.modality} {study.region or ''}".strip()
    baseline = _telling(_encode_imaging(study.model_copy(update={"findings": (), "roots": (), "levels": ()})))
    for finding in study.findings:
        alone = study.model_copy(update={"findings": (finding,), "roots": (), "levels": ()})
        if _telling(_encode_imaging(alone)) == baseline:
            yield f"{label}: {finding}"
    for note in _silent(study, ("levels", "roots", "side"), _encode_imaging):
        yield f"{label}: {note}"


def _examination(found: Examination) -> Iterator[str]:
    for field in _BY_SIDE:
        sided = getattr(found, field)
        for side in ("left", "right", "both", "unstated"):
            finding = getattr(sided, side)
            each = finding.items() if isinstance(finding, Mapping) else [("", finding)]
            for name, value in each:
                alone = {name: value} if name else value
                part = type(sided).model_construct(**{side: alone})
                heard = _telling(_encode_examination(Examination.model_construct(**{field: part})))
                if value not in (None, "not-done") and not heard:
                    yield f"{_words(field)}, {side} {name}: {_value(value)}".replace(" :", ":")
    for result in found.sensation.results:
        part_of = Sensation.model_construct(results=(result,))
        if result.result != "not-done" and not _telling(
            _encode_examination(Examination.model_validate({"sensation": part_of}))
        ):
            yield f"sensation, {result.side} {result.place[1]}: {result.result}"

    def say(sensation: Sensation) -> Iterable[_Observation]:
        return _encode_examination(Examination.model_construct(sensation=sensation))

    yield from _others("sensation", found.sensation, say)
    whole = [name for name in type(found).model_fields if name not in (*_BY_SIDE, "sensation")]
    yield from _silent(found, whole, _encode_examination)
