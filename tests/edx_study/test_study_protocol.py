"""Named protocols and a user's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from garland.anatomy.tree import load as load_anatomy
from garland.edx_study import protocol
from garland.edx_study.protocol import Protocol, _parse_protocol, _ProtocolItem, load_protocol, protocol_names
from garland.errors import EvidenceError, InputError

A = load_anatomy()


@pytest.mark.parametrize("name", protocol_names())
def test_every_protocol_can_be_carried_out(name: str):
    plan = load_protocol(name)
    assert all((plan.title, plan.description, plan.source, plan.standing))
    assert {item.name for item in plan.motor} <= set(A.motor_study_ids)
    assert {item.name for item in plan.sensory} <= set(A.sensory_study_ids)
    assert {item.name for item in plan.f_waves} <= set(A.f_ids)
    assert {item.name for item in plan.h_reflexes} <= set(A.h_ids)
    assert {item.name for item in plan.needle} <= set(A.muscles)
    assert plan.minutes > 0.0
    assert plan.insertions > 0


@pytest.mark.parametrize("name", protocol_names())
def test_the_needle_always_goes_to_the_paraspinals_too(name: str):
    assert any(item.name.startswith("paraspinal") for item in load_protocol(name).needle)


def test_the_usual_questions_have_a_protocol():
    wanted = {
        "lumbosacral-plexus", "lumbosacral-radiculopathy", "polyneuropathy", "femoral", "sciatic",
        "fibular-neuropathy", "motor-neuron-disease", "myopathy", "full",
    }  # fmt: skip
    assert wanted == set(protocol_names())


def test_the_plexus_protocol_sees_upper_and_lower_plexus_and_compares_sides():
    plan = load_protocol("lumbosacral-plexus")
    assert _ProtocolItem("femoral-vastus-medialis", "both") in plan.motor
    assert {"saphenous", "lateral-femoral-cutaneous", "medial-femoral-cutaneous", "sural"} <= {
        item.name for item in plan.sensory
    }
    assert {"paraspinal-l3", "paraspinal-l4", "paraspinal-l5"} <= {item.name for item in plan.needle}
    assert 12 <= plan.insertions <= 14


def test_the_full_protocol_leaves_nothing_out():
    plan = load_protocol("full")
    assert (len(plan.motor), len(plan.sensory)) == (len(A.motor_study_ids), len(A.sensory_study_ids))
    assert plan.insertions == 2 * len(A.muscles)


@pytest.mark.parametrize(
    ("side", "order"), [("affected", (1,)), ("both", (1, 0)), ("left", (0,)), ("right", (1,))]
)
def test_the_worse_side_is_tested_first(side: str, order: tuple[int, ...]):
    assert _ProtocolItem("sural", side).sides(1) == order


def test_both_sides_cost_twice_the_minutes():
    one = Protocol("a", "a", "a", motor=(_ProtocolItem("sural", "left"),))
    two = Protocol("a", "a", "a", motor=(_ProtocolItem("sural", "both"),))
    assert two.minutes == 2.0 * one.minutes


def test_a_protocol_nobody_knows_is_refused_with_a_suggestion():
    with pytest.raises(InputError, match="is not a protocol; did you mean femoral"):
        load_protocol("femorral")


def test_a_users_own_file_is_read_with_the_words_of_the_field(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    tests = "motor:\n  - peroneal-EDB: both\nf_waves:\n  - tibial-f\nh_reflexes: [soleus]\nneedle:\n  - VL\n"
    file.write_text(f"title: My plexus\n{tests}", encoding="utf-8")
    plan = load_protocol(str(file))
    assert (plan.name, plan.title) == ("mine", "My plexus")
    assert plan.motor == (_ProtocolItem("fibular-extensor-digitorum-brevis", "both"),)
    assert plan.f_waves == (_ProtocolItem("tibial", "affected"),)
    assert plan.h_reflexes == (_ProtocolItem("soleus", "affected"),)
    assert plan.needle == (_ProtocolItem("vastus-lateralis", "affected"),)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="does not exist"):
        load_protocol(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (["sural"], "is not a protocol; write title and lists of tests"),
        ({"sensory": ["sural"], "needles": []}, "is not a part of a protocol; did you mean needle"),
        ({"title": 3, "sensory": ["sural"]}, "is not a text"),
        ({"title": "x"}, "has nothing to do"),
        ({"sensory": "sural"}, "is not a list of tests"),
        ({"sensory": [{"sural": "both", "saphenous": "both"}]}, "is not one test with its side"),
        ({"sensory": [{"sural": "worse"}]}, "is not a side; use one of affected"),
        ({"sensory": ["sural", {"sural": "left"}]}, "is named twice"),
        ({"sensory": ["fibular-edb"]}, "is not a test for sensory"),
        ({"motor": ["fibular-EDX"]}, r"motor\[0\]: 'fibular-EDX'"),
        ({"needle": ["vastus-latralis"]}, r"needle\[0\].*vastus-lateralis"),
        ({"needle": ["quadriceps"]}, "is a group of muscles"),
    ],
)
def test_a_protocol_that_cannot_be_is_refused(written: object, message: str):
    with pytest.raises(InputError, match=message):
        _parse_protocol("mine", written, "mine.yaml")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"key": "Nobody", "where": "x"}, "needs a known source"),
        ({"key": "Textbook", "where": "x"}, "was not read"),
    ],
)
def test_a_protocol_of_the_project_must_rest_on_something(
    source: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    text = f"title: x\nsource: {{key: {source['key']}, where: x}}\nstanding: derived\nsensory: [sural]\n"
    (tmp_path / "odd.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(protocol, "_FOLDER", tmp_path)
    with pytest.raises(EvidenceError, match=message):
        load_protocol("odd")
