"""Plans: read from text and files, refused with a sentence, turned into care."""

from __future__ import annotations

from pathlib import Path

import pytest

from garland.errors import EvidenceError, InputError
from garland.evidence import part, references
from garland.evidence import treatments as treatments_file
from garland.evidence.treatments import declared_treatments, treatment_latents
from garland.model.latents import BLOCKS
from garland.model.treatment.schedule import FOREVER_DAY, Treatments, from_plan, no_care
from garland.records.treatment import (
    Treatment,
    _parse_treatment,
    arms,
    evidence_of,
    parse_plan,
    read_plan,
)
from garland.records.treatment import _rests_on as rests_on
from garland.records.treatment import _treatments as treatments

ARMS = [
    "none",
    "gabapentin",
    "pregabalin",
    "duloxetine",
    "amitriptyline",
    "pregabalin+duloxetine",
    "therapy",
    "methylprednisolone",
    "immunoglobulin",
    "glucose-slow",
    "glucose-fast",
    "usual",
    "surgery",
    "reversal",
]


@pytest.mark.parametrize(
    ("text", "what", "amount", "start", "stop"),
    [
        ("pregabalin 300 mg from day 30", "pregabalin", 300.0, 30.0, None),
        ("Pregabalin 300 mg/d from day 30 to day 200", "pregabalin", 300.0, 30.0, 200.0),
        ("pregabalin 150mg daily until day 60 from day 30", "pregabalin", 150.0, 30.0, 60.0),
        ("gabapentin 1.8 g a day from day 3", "gabapentin", 1800.0, 3.0, None),
        ("methylprednisolone 1 g/wk from day 20 for 12 wk", "methylprednisolone", 1.0, 20.0, 104.0),
        ("IVMP 500 mg weekly from day 20 for 3 months", "methylprednisolone", 0.5, 20.0, 110.0),
        ("ivig 2 g/kg per 4 weeks from day 5", "immunoglobulin", 2.0, 5.0, None),
        ("physical therapy 3/wk from day 14", "physical-therapy", 3.0, 14.0, None),
        ("physiotherapy 3 times a week from day 14", "physical-therapy", 3.0, 14.0, None),
        ("triglycerides 30 % from day 0", "lipids", 0.3, 0.0, None),
        ("blood pressure 10 mmHg from day 0", "pressure", 10.0, 0.0, None),
    ],
)
def test_a_treatment_is_read_from_words(
    text: str, what: str, amount: float, start: float, stop: float | None
):
    got = _parse_treatment(text)
    assert (got.what, got.start_day, got.stop_day) == (what, start, stop)
    assert got.amount == pytest.approx(amount)


def test_a_glucose_target_is_read_from_words():
    got = _parse_treatment("glucose to HbA1c 6.5 % over 90 days from day 10")
    assert got == Treatment(what="glucose", amount=6.5, start_day=10, over_day=90)


def test_a_plan_is_several_treatments():
    plan = read_plan(
        "pregabalin 300 mg from day 3; duloxetine 60 mg from day 4 and physiotherapy 2/wk from day 5"
    )
    assert [given.what for given in plan.treatments] == ["pregabalin", "duloxetine", "physical-therapy"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pregablin 300 mg from day 30", r"plan\[0\]\.what: .*did you mean pregabalin"),
        ("foo", "is neither a plan nor a treatment"),
        ("", "is empty; write none"),
        ("pregabalin 300 from day 30", "has no unit; write pregabalin in mg"),
        ("pregabalin 300 mg/wk from day 3", "is in a unit that is not used for it"),
        ("pregabalin 300 mg", "does not say when it begins"),
        ("glucose", "gives no dose; write it like 'glucose"),
        ("physical therapy from day 3", "gives no dose"),
        ("pregabalin to HbA1c 300 mg from day 3", "gives no dose"),
        ("pregabalin -300 mg from day 30", "is not a dose; write 0 or more, in mg/d"),
        ("pregabalin 3000 mg from day 3", "far beyond what is known"),
        ("pregabalin 300 g from day 3", "far beyond what is known"),
        ("pregabalin 300 mg from day -4", "is not a day of the illness"),
        ("pregabalin 300 mg from day 30 to day 20", "is not after the first day, 30"),
        ("pregabalin 300 mg from week 30", "is not understood"),
        ("pregabalin 300 mg from day 3 from day 4", "says one thing twice"),
        ("pregabalin 300 mg from day 3 for 2 wk to day 9", "tells its end twice"),
        ("pregabalin 300 mg over 3 days from day 2", "is for glucose only"),
        ("glucose to HbA1c 53 % over 90 days from day 10", "is not an HbA1c that can be aimed at"),
        ("glucose to HbA1c 3 % over 90 days from day 10", "is not an HbA1c that can be aimed at"),
        ("glucose to HbA1c 6 % from day 10", "does not say over how many days"),
        ("glucose to HbA1c 6 % over 9 days from day 3 to day 90", "ends glucose control"),
        (
            "pregabalin 300 mg from day 3; lyrica 150 mg from day 9",
            r"plan\[1\]\.what: .*is given twice in one plan",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(text: str, message: str):
    with pytest.raises(InputError, match=message) as refused:
        read_plan(text)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([{"what": "pregabalin"}], "amount: 'nothing' is missing"),
        ([{"what": "pregabalin", "amount": 300}], "start_day: 'nothing' is missing"),
        ([{"amount": 300, "start_day": 3}], "is not a treatment of the model"),
        ([{"what": "pregabalin", "amount": True, "start_day": 3}], "is not a number"),
        (
            [{"what": "pregabalin", "amount": "much", "start_day": 3}],
            "is not a dose; write a number and its unit",
        ),
        ([{"what": "pregabalin", "amount": 300, "start_day": 3, "dose": 1}], "is not a key used here"),
        ([{"what": "prednisone", "amount": float("nan"), "start_day": 3}], "is not a dose"),
        ([3], "is not a mapping"),
        (3, "is not a list of treatments"),
        ({"name": 3, "treatments": []}, "is not accepted"),
    ],
)
def test_a_list_of_treatments_with_a_fault_is_refused(raw: object, message: str):
    with pytest.raises(InputError, match=message):
        parse_plan(raw)


def test_a_plan_is_read_from_a_file(tmp_path: Path):
    file = tmp_path / "plan.yaml"
    file.write_text(
        "- pregabalin 300 mg from day 30\n"
        "- {what: duloxetine, amount: 60 mg/d, start_day: 40, stop_day: 90}\n"
    )
    plan = read_plan(str(file))
    assert plan == read_plan(file)
    assert [given.amount for given in plan.treatments] == [300.0, 60.0]


def test_a_plan_in_a_file_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="does not exist"):
        read_plan("no-such-plan.yaml")


@pytest.mark.parametrize("name", ARMS)
def test_every_shipped_plan_is_read_by_its_name(name: str):
    plan = read_plan(name)
    assert plan.name == name
    assert plan.words()
    assert bool(plan.treatments) == (name != "none")


def test_the_shipped_plans_are_those_promised():
    assert list(arms()) == ARMS


def test_a_shipped_plan_can_begin_on_another_day():
    moved = read_plan("methylprednisolone from day 60").treatments[0]
    assert (moved.start_day, moved.stop_day) == (60.0, 144.0)


def test_a_plan_says_in_words_what_its_effect_rests_on():
    words = " ".join(read_plan("usual").words())
    assert "Pregabalin 300 mg/d from day 30" in words
    assert "none in radiculoplexus neuropathy" in words
    assert read_plan("none").words() == ("Nothing is given.",)


def test_only_analgesics_glucose_and_surgery_rest_on_trials():
    by_trial = {what for what in treatments() if evidence_of(what) == "trial"}
    assert by_trial == {"gabapentin", "pregabalin", "duloxetine", "amitriptyline", "glucose", "surgery"}


def test_asking_for_the_evidence_of_something_unknown_is_refused():
    with pytest.raises(InputError, match="is not a treatment of the model"):
        rests_on("bloodletting")


def test_every_treatment_has_a_place_in_care_and_a_highest_dose():
    assert {name.replace("-", "_") for name in treatments()} == set(Treatments._fields) - {"placebo"}
    assert set(part("care/doses").table("highest")) == set(treatments()) - {"glucose"}
    assert not set(treatments()) & {"placebo"}


def test_latents_of_treatments_are_blocks_named_after_them_and_placebo_has_its_own():
    blocks = ["gabapentin", "pregabalin", "duloxetine", "amitriptyline", "placebo"]
    blocks += ["immunotherapy", "therapy", "treatment_induced"]
    assert list(treatment_latents()) == list(BLOCKS)[-8:] == blocks
    assert list(treatment_latents(mean_unknown=True)) == blocks[:-1]
    assert {name: BLOCKS[name].size for name in blocks if BLOCKS[name].size > 1} == {"immunotherapy": 2}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  title: lipids\n", "", r"care/treatments\.lipids: title is missing; declare it"),
        ("  highest: 180\n", "", r"care/treatments\.duloxetine: highest is missing"),
        ("[cymbalta]\n", "[cymbalta]\n  colour: red\n", r"duloxetine\.colour: is not a key of a treatment"),
        ("kind: lipids", "kind: lipid", r"lipids: kind 'lipid' is unknown; did you mean lipids"),
        ("evidence: none", "evidence: some", r"methylprednisolone: evidence 'some' is unknown; write trial"),
        ("  latents: {duloxetine: [response to it]}\n", "", r"duloxetine: latents is without duloxetine"),
        (
            "attack, effect on pain]}",
            "attack]}",
            r"prednisone\.latents\.immunotherapy: differs from an earlier",
        ),
        ("pressure:\n", "pressure: yes\nother:\n", r"care/treatments\.pressure: is not a mapping"),
    ],
)
def test_a_declaration_that_is_incomplete_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
):
    text = (treatments_file.FOLDER / "treatments.yaml").read_text(encoding="utf-8")
    (tmp_path / "treatments.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(treatments_file, "FOLDER", tmp_path)
    declared_treatments.cache_clear()
    try:
        with pytest.raises(EvidenceError, match=message):
            treatment_latents()
    finally:
        monkeypatch.undo()
        declared_treatments.cache_clear()


def test_a_table_without_an_entry_names_it():
    with pytest.raises(EvidenceError, match=r"care/analgesics\.onset_day: has no 'aspirin'"):
        part("care/analgesics").entry("onset_day", "aspirin")


def test_care_follows_the_plan():
    treatment = from_plan(
        read_plan("ivmp 1 g/wk from day 20 for 12 wk; glucose to HbA1c 7 % over 90 days from day 10")
    )
    assert [float(value) for value in treatment.methylprednisolone] == [1.0, 20.0, 104.0]
    assert [float(value) for value in treatment.glucose] == [7.0, 10.0, 90.0]
    assert float(treatment.pregabalin.amount) == 0.0


def test_no_plan_is_no_care():
    assert str(from_plan(read_plan("none"))) == str(no_care())
    assert float(from_plan(read_plan("therapy")).physical_therapy.stop_day) == FOREVER_DAY


def test_the_sources_of_care_are_known():
    for name in ("analgesics", "immunotherapy", "therapy", "glucose", "doses", "published_trials"):
        assert {number.source for number in part(f"care/{name}").numbers} <= set(references())
