"""What points away from the list of causes is read, and speaks for what has it."""

from __future__ import annotations

import numpy as np
import pytest
from small_cases import at, observed, small_case

from garland.errors import EvidenceError, InputError
from garland.evidence import part
from garland.inference import outside
from garland.inference.candidate_tests import open_tests
from garland.inference.consult import _problem_of
from garland.inference.encode_case import _encode_case
from garland.inference.outside import _kinds, _weigh_outside
from garland.inference.reporting import SILENCE
from garland.model.diseases import DISEASES
from garland.model.diseases.tables import ELSEWHERE, cause_tables
from garland.model.findings import UNSIDED, Address, column
from garland.records import Case, shipped_case

MOST_IN = {
    "facial-weakness": "gbs",
    "asthma": "vasculitic",
    "claudication": "lumbar-stenosis",
    "swollen-muscle": "diabetic-muscle-infarction",
    "spasticity": "motor-neuron-disease",
    "bleeding-disorder": "plexopathy-haematoma",
    "hip-joint-pain": "none",
}
"""Finding -> the cause of the list that has it most often."""

MARKS = {
    "sensory-level": "spinal cord",
    "vesicles": "infection",
    "low-potassium": "metabolic",
    "stiffness": "tone",
    "m-protein": "plasma cells",
    "claudication": "arteries",
}
"""Finding -> a word of the kind of cause outside the list that it marks."""


def with_finding(code: str, there: bool = True) -> Case:
    history = {"weakness": {"present": True, "side": "right", "regions": ["leg"]}}
    return small_case({**history, "other_findings": {code: there}})


def test_what_is_found_and_what_is_not_are_both_read():
    case = small_case({"other_findings": {"Shingles": True, "hypokalemia": False}})
    assert case.history.other_findings == {"vesicles": True, "low-potassium": False}
    present, absent = _encode_case(case).visits[0]
    assert (present.where, present.low, present.kind) == (
        at("elsewhere", "vesicles", None), 0.0, "other findings",
    )  # fmt: skip
    assert (absent.where, absent.high) == (at("elsewhere", "low-potassium", None), 0.0)
    assert _encode_case(case).not_used == ()


def test_what_nobody_knows_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match=r"history\.other_findings\.clonos: .*did you mean clonus\?"):
        small_case({"other_findings": {"clonos": True}})
    with pytest.raises(InputError, match="neither true nor false"):
        small_case({"other_findings": {"clonus": "brisk"}})


def test_ganglioside_antibodies_of_the_laboratory_are_read():
    (found,) = observed(laboratory={"ganglioside_antibodies": "positive"})
    assert (found.where, found.low) == (at("elsewhere", "ganglioside-antibodies", None), 0.0)


def test_a_history_that_leaves_them_out_says_nothing_of_them():
    reading = _encode_case(with_finding("rash"))
    silent = [a for visit in reading.silent for o in visit if o.kind == SILENCE for a in o.where]
    assert silent
    assert not [a for a in silent if a.field == "elsewhere"]


def test_every_finding_has_a_baseline_and_nobody_orders_it():
    assert set(part("causes/baseline").elsewhere) == set(ELSEWHERE) == set(UNSIDED["elsewhere"])
    asked = {item.where.field for test in open_tests(set(), 60.0) for item in test.items}
    assert "elsewhere" not in asked


@pytest.mark.parametrize("code", MOST_IN)
def test_a_finding_speaks_for_the_cause_that_has_it(code: str):
    scores = cause_tables().elsewhere[:, ELSEWHERE.index(code)]
    assert DISEASES[int(np.argmax(scores))].name == MOST_IN[code]


@pytest.mark.parametrize("code", MARKS)
def test_a_finding_marks_its_kind_of_cause_outside_the_list(code: str):
    place = column(Address("elsewhere", None, code))
    expected = {kind.title: kind.mean[place] for kind in _kinds() if not np.isnan(kind.mean[place])}
    assert MARKS[code] in max(expected, key=lambda title: expected[title])
    assert max(expected.values()) > cause_tables().elsewhere[:, ELSEWHERE.index(code)].mean()


def test_zoster_is_a_reason_to_think_of_an_infection():
    case = shipped_case("268")
    bare = case.model_copy(update={"history": case.history.model_copy(update={"other_findings": None})})
    told, untold = (_weigh_outside(_problem_of(_encode_case(c, notes=False))[0]) for c in (case, bare))
    assert "infection" in told.kinds[0][0]
    now, before = told.kinds[0][1], dict(untold.kinds)[told.kinds[0][0]]
    assert np.log(now / (1.0 - now)) - np.log(before / (1.0 - before)) > 2.0
    # A cause of the list has it as rarely as anybody: what it takes from the evidence outside is far less.
    assert (
        told.log_evidence - untold.log_evidence > np.log(part("causes/baseline").elsewhere["vesicles"]) + 2.0
    )


def test_the_shares_of_the_kinds_add_up_to_one(monkeypatch: pytest.MonkeyPatch):
    kind = outside._kind
    monkeypatch.setattr(outside, "_kind", lambda numbers: kind(numbers)._replace(share=0.3))
    _kinds.cache_clear()
    try:
        with pytest.raises(EvidenceError, match="inference/outside: the shares of the kinds add up to 2.1"):
            _kinds()
    finally:
        _kinds.cache_clear()
