"""Words and grades become intervals in the right order, and no word of a record is dropped in silence."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import pytest
from small_cases import observed, only, small_case, speaks

from garland.anatomy.terminology import terms
from garland.evidence.findings import Interval
from garland.inference import observations as scales
from garland.inference.encode_case import _encode_case
from garland.inference.observations import _mrc_interval
from garland.records.background import History
from garland.records.electrodiagnosis import _MEASURES, ConductionResult, NeedleResult
from garland.records.examination import MODALITIES, MRC_WORDS, REFLEX_WORDS, SENSATION
from garland.records.fields import NumberKind, RecordPart, _Flag, _Word
from garland.records.laboratory import BIOPSIES, FINDINGS, IMAGING_REGIONS, Laboratory

TERMS, NAMES = terms(), terms().names
GRADES = (0, "1", "1+", "2-", 2, "2+", "3-", 3, "3+", "4-", 4, "4+", "5-", 5)
STRENGTH_ORDER = ("paralysed", "severe-weakness", "moderate-weakness", "mild-weakness", "normal")
ORDERED = {
    "reflex words": (scales._declared_words("reflex"), ("absent", "trace", "reduced", "normal", "brisk")),
    "reflex grades": (scales._declared_words("reflex"), ("0", "1", "2", "3", "4")),
    "strength": (scales._declared_words("movement_strength"), STRENGTH_ORDER),
    "sensation": (scales._declared_words("region_feeling"), ("normal", "reduced", "absent")),
    "spontaneous grades": (scales._declared_words("fibrillation"), ("0", "1", "2", "3", "4")),
    "spontaneous words": (scales._declared_words("fibrillation"), ("none", "sparse", "moderate", "abundant")),
    "recruitment": (
        scales._declared_words("recruitment"),
        ("none", "single-unit", "severely-reduced", "reduced", "mildly-reduced", "normal"),
    ),
    "MUAP amplitude": (scales._declared_words("muap_amplitude"), ("reduced", "normal", "raised")),
    "MUAP duration": (scales._declared_words("muap_duration"), ("short", "normal", "prolonged")),
    "walking": (scales._declared_words("walking"), ("unable", "aid", "normal")),
    "tempo": (scales._declared_words("progression"), ("sudden", "acute", "subacute", "chronic")),
}


def in_order(intervals: list[Interval]) -> bool:
    return all(a[0] <= b[0] and a[1] <= b[1] for a, b in itertools.pairwise(intervals))


@pytest.mark.parametrize(("table", "words"), ORDERED.values(), ids=list(ORDERED))
def test_stronger_words_stand_for_higher_intervals(table: dict[str, Interval], words: tuple[str, ...]):
    assert in_order([table[word] for word in words])


SHARED_OUT = {
    **{
        name: row
        for name, row in ORDERED.items()
        if name
        in (
            "reflex grades",
            "strength",
            "sensation",
            "spontaneous grades",
            "MUAP amplitude",
            "MUAP duration",
            "walking",
            "tempo",
        )
    },
    "recruitment": (scales._declared_words("recruitment"), ("none", "severely-reduced", "reduced", "normal")),
    "fibrillation, there or not": (scales._declared_words("fibrillation"), ("none", "present")),
    "strength, weak or not": (scales._declared_words("movement_strength"), ("reduced", "normal")),
}
"""Words of which exactly one holds of every patient; others only name a part of what these name."""


@pytest.mark.parametrize(("table", "words"), SHARED_OUT.values(), ids=list(SHARED_OUT))
def test_the_words_of_a_scale_share_it_out_without_gap_or_overlap(
    table: dict[str, Interval], words: tuple[str, ...]
):
    intervals = [table[word] for word in words]
    assert intervals[0][0] == -scales.INF
    assert intervals[-1][1] == scales.INF
    assert all(below[1] == above[0] for below, above in itertools.pairwise(intervals))


def test_whole_mrc_grades_of_a_full_scale_share_it_out_but_for_the_step_below_normal():
    intervals = [_mrc_interval(grade) or (0.0, 0.0) for grade in range(6)]
    assert (intervals[0][0], intervals[-1][1]) == (-scales.INF, scales.INF)
    assert all(below[1] == above[0] for below, above in itertools.pairwise(intervals[:-1]))


@pytest.mark.parametrize("table", [table for table, _ in ORDERED.values()], ids=list(ORDERED))
def test_every_interval_has_room(table: dict[str, Interval]):
    assert all(low < high for low, high in table.values())


def test_every_mrc_grade_lies_above_the_one_before():
    assert in_order([_mrc_interval(grade) or (0.0, 0.0) for grade in GRADES])


@pytest.mark.parametrize("grade", GRADES[1:-1])
def test_a_grade_lies_within_its_own_interval(grade: int | str):
    low, high = _mrc_interval(grade) or (0.0, 0.0)
    number = int(str(grade)[0]) + {"+": 1 / 3, "-": -1 / 3}.get(str(grade)[1:], 0.0)
    assert low < number < high


def test_a_range_of_grades_covers_both_ends():
    low, high = _mrc_interval("2 to 4-") or (0.0, 0.0)
    assert low < 2.0
    assert high > 11 / 3


def test_what_was_not_done_has_no_interval():
    assert _mrc_interval("not-done") is None
    assert observed(examination={"strength": {"left": {"knee-extension": "not-done"}}}) == ()


def test_paralysed_and_grade_0_are_one_statement():
    assert _mrc_interval(0) == _mrc_interval("paralysed")
    assert _mrc_interval(5) == _mrc_interval("normal")


def test_reduced_sensation_may_be_absent_to_those_who_read_it_and_not_to_those_who_write_it():
    for place, name in (("dermatome", "l3"), ("nerve", "saphenous"), ("region", "thigh")):
        reduced, absent = (observed(**feeling(place, name, word))[0] for word in ("reduced", "absent"))
        assert (reduced.low, reduced.high) == (0.55, scales.INF)
        assert reduced.low < absent.low
        ends = dict(scales.written_cells(reduced.where[0].field))
        assert ends["normal"] < ends["reduced"] == absent.low < ends["absent"] == scales.INF


def exam(**found: Any) -> dict[str, Any]:
    return {"examination": found}


def feeling(place: str, name: str, result: str = "reduced", modality: str = "any") -> dict[str, Any]:
    row = {"side": "left", place: name, "result": result, "modality": modality}
    return exam(sensation={"results": [row]})


def graded(name: str, grade: int | str = 3) -> dict[str, Any]:
    return exam(strength={"left": {name: grade}})


def signs(field: str, name: str) -> list[dict[str, Any]]:
    return [exam(**{field: {"left": {name: present}}}) for present in (True, False)]


def sided(field: str, *words: str) -> list[dict[str, Any]]:
    return [exam(**{field: {side: word}}) for word in words for side in NAMES("side")]


def needle(name: str, **measures: Any) -> dict[str, Any]:
    return {"needle": {"results": [{"muscle": name, "side": "left", **measures}]}}


def words_of(part: type[RecordPart], name: str) -> list[Any]:
    """Return values that a field takes: every word, both truth values, a number."""
    for kind in part.model_fields[name].metadata or [
        item for arg in get_args(part.model_fields[name].annotation) for item in get_args(arg)[1:]
    ]:
        if isinstance(kind, NumberKind):
            return [*kind.words, (kind.low + kind.high) / 2]
        if isinstance(kind, _Word):
            return list(kind.words)
        if isinstance(kind, _Flag):
            return [True, False]
        if hasattr(kind, "words"):
            return [*kind.words, 0, 2, 4]
    return []


def conduction(study: str, **measures: Any) -> dict[str, Any]:
    return {"nerve_conduction": {"results": [{"study": study, "side": "left", **measures}]}}


def conduction_rows() -> list[dict[str, Any]]:
    """Return a row for every measure of every kind of study with every word and a number."""
    kinds = {"motor": "fibular-extensor-digitorum-brevis", "sensory": "sural"}
    kinds |= {"f-wave": "tibial-f-wave", "h-reflex": "soleus-h-reflex"}
    return [
        conduction(kinds[kind], **{measure: value})
        for measure, allowed in {**_MEASURES, "result": tuple(kinds)}.items()
        for kind in allowed
        for value in words_of(ConductionResult, measure)
    ]


NEEDLE_MEASURES = [name for name in NeedleResult.model_fields if name not in ("muscle", "group", "side")]
STATEMENTS: dict[str, list[dict[str, Any]]] = {
    "strength of every movement, muscle and group": [graded(name) for name in NAMES("strength")[:-1]],
    "every word of strength": [
        graded(name, word) for name in ("knee-extension", "others") for word in MRC_WORDS
    ],
    "every reflex": [
        exam(reflexes={"left": {name: grade}})
        for name in NAMES("reflex")
        for grade in (0, 1, 2, 3, 4, *REFLEX_WORDS)
    ],
    "wasting and twitching of every name": [
        statement
        for field in ("wasting", "fasciculations")
        for name in NAMES("bulk")
        for statement in signs(field, name)
    ],
    "sensation at every place": [
        *(feeling("dermatome", name) for name in NAMES("dermatome")),
        *(feeling("nerve", name) for name in NAMES("skin-nerve")),
        *(feeling("region", name) for name in NAMES("region")),
        *(feeling("distribution", name) for name in NAMES("distribution")),
        *(feeling("dermatome", "l3", word, kind) for word in SENSATION for kind in MODALITIES),
    ],
    "every sign": [
        *sided("plantar_response", "flexor", "extensor", "mute"),
        *sided("hoffmann", "positive", "negative"),
        *sided("straight_leg_raise", "positive", "negative"),
        *sided("femoral_stretch", "positive", "negative"),
        *(exam(pes_cavus=value) for value in (True, False)),
        *(exam(walking=word) for word in ("normal", "aid", "wheelchair", "unable")),
    ],
    "every conduction study and group": [
        conduction(name, result=word)
        for name in NAMES("study")
        for word in ("normal", "abnormal", "reduced", "absent")
    ],
    "every measure of conduction": conduction_rows(),
    "every point of stimulation": [
        conduction(study, stimulate=point, amplitude_mv=2.0)
        for study, points in TERMS.motor_studies.items()
        for point in points
    ],
    "every muscle and group at the needle": [
        needle(name, fibrillations=2) for name in (*NAMES("muscle"), *NAMES("muscle-group"))
    ],
    "every measure of the needle": [
        needle("soleus", **{name: word}) for name in NEEDLE_MEASURES for word in words_of(NeedleResult, name)
    ],
    "every laboratory value": [
        {"laboratory": {name: value}}
        for name in Laboratory.model_fields
        if name not in ("biopsy", "biopsy_of", "hba1c_percent")
        for value in words_of(Laboratory, name)
    ],
    "every biopsy": [{"laboratory": {"biopsy": word}} for word in BIOPSIES],
    "every imaging finding": [
        {"imaging": [{"modality": "ultrasound", "region": region, "findings": [finding]}]}
        for region in IMAGING_REGIONS
        for finding in FINDINGS
    ],
    "others": [
        exam(strength={"left": {"others": "normal"}}),
        exam(sensation={"others": "normal"}),
        {"needle": {"others": "normal"}},
        {"nerve_conduction": {"others": "normal"}},
    ],
    "what the model has no words for": [
        {"other_tests": [{"test": "evoked potential", "result": "late"}]},
        {"published_impression": ["plexopathy"]},
        {"nerve_conduction": {"laboratory_limits": {"sural": {"amplitude_uv_min": 6}}}},
    ],
}


@pytest.mark.parametrize("statements", STATEMENTS.values(), ids=list(STATEMENTS))
def test_every_statement_of_a_visit_is_used_or_named_as_not_used(statements: list[dict[str, Any]]):
    assert statements
    done = [statement for statement in statements if "not-done" not in str(statement)]
    assert [statement for statement in done if not speaks(_encode_case(small_case(**statement)))] == []


SYMPTOM = [{"present": True}, {"present": False}, {"present": True, "side": "left"}]
SYMPTOM += [{"present": True, "side": "left", "regions": [region]} for region in NAMES("region")]
COMPLAINTS = ("pain", "weakness", "numbness", "paraesthesia")
STATED: dict[str, list[Any]] = {
    **dict.fromkeys(COMPLAINTS, SYMPTOM),
    **{
        name: words_of(History, name)
        for name in History.model_fields
        if name not in (*COMPLAINTS, "drugs", "other_findings", "age_at_onset_years")
    },
    "drugs": [["gabapentin"]],
    "other_findings": [{code: there} for code in NAMES("other-finding") for there in (True, False)],
}


@pytest.mark.parametrize("field", list(STATED))
def test_every_statement_of_the_history_is_used_or_named_as_not_used(field: str):
    assert STATED[field]
    assert [value for value in STATED[field] if not speaks(_encode_case(small_case({field: value})))] == []


def test_severity_of_pain_is_named_as_not_used():
    stated = {"pain": {"present": True, "severity": "severe"}}
    assert _encode_case(small_case(stated)).not_used == ("pain: severity severe",)


def test_muscles_left_unspecified_are_any_of_those_every_laboratory_needles():
    rows = {"results": [{"group": "unspecified", "side": "left", "fibrillations": 2}]}
    reading = _encode_case(small_case(needle=rows))
    (observation,) = [o for o in reading.visits[0] if o.kind == "needle"]
    assert reading.not_used == ()
    assert len(observation.where) > 5
    assert not observation.every


def test_what_was_not_done_is_neither_used_nor_named():
    found = _encode_case(small_case(examination={"walking": "not-done"}, laboratory={"inr": "not-done"}))
    assert found.visits == ((),)
    assert found.not_used == ()


def test_an_absent_response_may_be_absent_in_health():
    row = {"study": "sural", "side": "left", "amplitude_uv": "absent"}
    assert only("snap", nerve_conduction={"results": [row]}).absent_in_health > 0.0
