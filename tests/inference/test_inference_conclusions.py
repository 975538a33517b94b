"""The conclusions of an examiner are weak evidence, item by item."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from small_cases import observed, small_case

from garland.errors import EvidenceError
from garland.evidence import part
from garland.inference.encode_case import _encode_case
from garland.inference.finding_sets import _findings_of
from garland.model.diseases import DISEASES, index_of, tables
from garland.model.diseases.tables import CONCLUSIONS, cause_tables
from garland.model.findings import UNSIDED, Address, column
from garland.model.latents import draw
from garland.model.patient import Person
from garland.model.simulate import expected_findings, state_on_day

EVERY = (
    ("L5 radiculopathy", ["root-l5"], []),
    ("subacute lumbar polyradiculopathy L2-L4", ["root-l2|root-l3|root-l4"], []),
    ("L5/S1 root lesion", ["root-l5|root-s1"], []),
    ("Radiculopathy", ["root"], []),
    ("axonal sensorimotor polyneuropathy", ["axonal", "polyneuropathy"], []),
    ("sensorimotor peripheral neuropathy", ["polyneuropathy"], []),
    ("demyelinating with secondary axonal loss", ["demyelinating"], []),
    ("left femoral neuropathy rather than L3 radiculopathy", ["femoral"], ["root-l3"]),
    ("lateral femoral cutaneous neuropathy", ["lateral-femoral-cutaneous"], []),
    ("no root lesion, plexopathy or myopathy; peroneal palsy", ["fibular"], ["myopathic", "root", "plexus"]),
    ("no evidence of myopathy but anterior horn disease", ["motor-neuron"], ["myopathic"]),
    ("chronic inflammatory demyelinating polyradiculoneuropathy", ["demyelinating", "polyneuropathy"], []),
    ("diabetic radiculoplexus neuropathy", ["diabetic-amyotrophy"], []),
    ("plexopathy with no sign of polyneuropathy", ["plexus"], ["polyneuropathy"]),
)  # fmt: skip


@pytest.mark.parametrize(("text", "present", "absent"), EVERY)
def test_words_of_a_conclusion_are_read_item_by_item(text: str, present: list[str], absent: list[str]):
    found = observed(published_impression=[text])
    items = [("|".join(a.item for a in o.where), o.low == 0.0) for o in found]
    assert [item for item, there in items if there] == present
    assert [item for item, there in items if not there] == absent
    assert {(o.kind, o.text) for o in found} == {("conclusion", text)}
    assert _encode_case(small_case(published_impression=[text])).not_used == ()


@pytest.mark.parametrize(
    "text", ["carpal tunnel syndrome", "reinnervating", "radiculopathy cannot be excluded"]
)
def test_a_conclusion_without_a_known_word_is_named_as_not_used(text: str):
    reading = _encode_case(small_case(published_impression=[text]))
    assert reading.visits == ((),)
    assert reading.not_used == (f"published impression: {text}",)


def test_a_conclusion_is_said_in_a_sentence():
    texts = ["polyradiculopathy L2-L4", "no myopathy"]
    found = _findings_of(_encode_case(small_case(published_impression=texts)).visits, 60.0, 170.0)
    assert [finding.phrase.words for finding in found] == [
        "a conclusion of L2 or L3 or L4 radiculopathy",
        "the absence of a conclusion of a myopathic process",
    ]
    assert {finding.part for finding in found} == {"conclusion"}


def scores(item: str) -> dict[str, float]:
    found = cause_tables().conclusion[:, CONCLUSIONS.index(item)]
    return {cause.name: float(score) for cause, score in zip(DISEASES, found, strict=True)}


def test_what_is_so_is_concluded_more_often_than_what_is_near_and_that_than_the_rest():
    root = scores("root-l4")
    assert root["radiculopathy-l4"] > root["radiculopathy-l3"] == root["dlrpn"] > root["fibular"]
    assert scores("diabetic-amyotrophy")["dlrpn"] == scores("fibular")["fibular"] == root["radiculopathy-l4"]


def test_a_polyneuropathy_is_no_surprise_in_diabetes_whatever_else_there_is():
    nan = np.float32(np.nan)
    latents = draw(jax.random.key(0), 1)
    place = column(Address("conclusion", None, "polyneuropathy"))

    def shown(diabetes: float) -> float:
        known = {"age_years": 60.0, "diabetes": diabetes}
        person = Person(*[np.full(1, known.get(name, nan), np.float32) for name in Person._fields])
        state = state_on_day(person, index_of("fibular"), latents, np.full(1, 30.0, np.float32))
        return float(expected_findings(state)[0, place])

    assert shown(1.0) > shown(0.0)
    assert part("recordings/conclusions").value("polyneuropathy_if_diabetic") > 0.25


def test_every_cause_of_a_conclusion_is_one_of_the_list(monkeypatch: pytest.MonkeyPatch):
    assert set(UNSIDED["conclusion"]) == set(CONCLUSIONS)
    monkeypatch.setattr(tables, "_within", lambda names: iter(("gout",)))
    with pytest.raises(EvidenceError, match=r"findings/conclusion\.root: \['gout'\] are not causes"):
        tables._conclusions("root")
