"""A statement beneath a study is set beside what is so of the patient, as it is worded."""

from __future__ import annotations

from experiments.impressions import Truth, judged, table, worst
from garland.edx_study.readings import _Reading
from garland.model.diseases import DISEASES, index_of

NONE = {"root": 0.0, "ganglion": 0.0, "plexus": 0.0, "nerve": 0.0}
FEET = (("sural", "left"), ("sural", "right"))


def truth(cause: str, **known: object) -> Truth:
    said = {
        "day": 60.0,
        "struck": {"left": {"axonal"}, "right": set()},
        "parts": NONE,
        "nerves": set(),
        "plain": set(),
        "worn": set(),
    }
    return Truth(DISEASES[index_of(cause)], **{**said, **known})


def reading(**known: object) -> _Reading:
    said = {"side": "left", "site": "", "process": ("axonal",), "age": "", "words": ""}
    return _Reading(**{**said, **known})


def test_a_side_that_is_spared_is_wrong():
    assert judged(reading(side="right"), truth("femoral"))["side"] == "wrong"
    assert judged(reading(side="both"), truth("femoral"))["side"] == "wrong"
    assert judged(reading(), truth("femoral"))["side"] == "right"


def test_a_nerve_that_is_not_struck_is_wrong():
    struck = {"parts": {**NONE, "nerve": 2.0}, "nerves": {"obturator"}}
    assert judged(reading(site="nerve", nerve="femoral"), truth("obturator", **struck))["site"] == "wrong"
    assert judged(reading(site="nerve", nerve="obturator"), truth("obturator", **struck))["site"] == "right"


def test_what_diabetes_took_before_is_true_only_where_the_reading_rests_on_it():
    worn = reading(side="both", site="polyneuropathy", rests_on=FEET)
    for lost, verdict in ((set(FEET), "right"), (set(), "wrong")):
        found = judged(worn, truth("radiculopathy-l3", worn=lost))
        assert found["site"] == found["side"] == verdict


def test_disease_of_muscle_called_loss_of_axons_is_wrong_even_in_an_old_diabetic():
    sick = {"struck": {"left": {"muscle"}, "right": {"muscle"}}, "worn": set(FEET)}
    said = reading(side="both", rests_on=(("vastus-lateralis", "left"), ("vastus-medialis", "left")))
    assert judged(said, truth("inclusion-body-myositis", **sick))["process"] == "wrong"


def test_roots_with_plexus_are_true_where_both_are_struck():
    said = reading(site="roots and plexus")
    both = {"parts": {**NONE, "root": 0.4, "plexus": 2.0}}
    assert judged(said, truth("plexopathy-neoplastic", **both))["site"] == "right"
    assert judged(said, truth("plexopathy-neoplastic", parts={**NONE, "plexus": 2.0}))["site"] == "wrong"


def test_one_wrong_sentence_makes_a_study_wrong_and_none_states_nothing():
    both = [reading(), reading(side="right")]
    assert worst(both, truth("femoral"))["side"] == "wrong"
    assert set(worst([], truth("femoral")).values()) == {"not stated"}


def test_the_table_counts_studies():
    rows = [
        {"seen": True, "site": "right", "side": "right", "process": "right", "age": "not stated"},
        {"seen": False, "site": "wrong", "side": "not stated", "process": "right", "age": "right"},
    ]
    assert "| site | 50.0 % | 50.0 % | 0.0 % | 100.0 % |" in table(rows)
