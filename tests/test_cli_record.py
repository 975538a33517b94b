"""The command ``garland record``: a study written whole, and one clear line for what cannot be."""

from __future__ import annotations

import json
import pickle
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from garland.errors import InputError
from garland.records import read_case
from garland.signals.files import _read_recording
from garland.signals.recordings import Overrides

Run = Callable[..., tuple[int, str, str]]
SMALL = """
title: Small study
description: one of each kind
motor: [{tibial-abductor-hallucis: affected}]
sensory: [{sural: affected}]
f_waves: [{tibial: affected}]
h_reflexes: [{soleus: affected}]
needle: [{vastus-lateralis: affected}]
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return str(path)


def test_a_study_is_written_with_page_pages_case_sound_and_traces(run: Run, small: str, tmp_path: Path):
    out = tmp_path / "made" / "study"
    words = ("record", "dlrpn", "--day", "60", "--protocol", small, "--seed", "1", "--out", str(out))
    code, shown, _ = run(*words, "--write", "html,pdf,case,sound,edf")
    assert code == 0
    assert "SIMULATED" in shown
    assert "SIMULATED" in (out / "study.html").read_text(encoding="utf-8")
    assert (out / "study.pdf").read_bytes().startswith(b"%PDF")
    case = read_case(out / "case.yaml")
    assert case.visits[0].needle.results[0].muscle == "vastus-lateralis"
    (sound,) = (out / "sound").glob("*.wav")
    with wave.open(str(sound)) as played:
        assert (played.getframerate(), played.getnchannels(), played.getsampwidth()) == (48_000, 1, 2)
        assert played.getnframes() == 480_000
    recorded = _read_recording(next((out / "traces").glob("*tibial*abductor*.edf")), Overrides())
    assert len(recorded) == 2


def test_a_study_as_json_holds_the_tables_and_says_that_it_is_simulated(run: Run, small: str):
    code, shown, _ = run("record", "lrpn", "--protocol", small, "--write", "", "--json")
    assert code == 0
    stated = json.loads(shown)
    assert stated["simulated"] is True
    assert [row["point"] for row in stated["motor"]] == ["ankle", "popliteal"]


def test_options_go_before_the_file_of_a_patient(run: Run, small: str, tmp_path: Path):
    patient = tmp_path / "patient.yaml"
    patient.write_text("cause: dlrpn\nage_years: 71\nsex: woman\nseed: 5\n", encoding="utf-8")
    words = ("record", str(patient), "--protocol", small, "--write", "", "--json")
    stated = json.loads(run(*words)[1])
    assert stated["seed"] == 5
    assert ["age", "71 years"] in stated["header"]
    assert ["age", "50 years"] in json.loads(run(*words, "--age", "50")[1])["header"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("record", "dlrpm"), "did you mean dlrpn"),
        (("record", "dlrpn", "--protocol", "plexus"), "protocol"),
        (("record", "dlrpn", "--day", "-3"), "lies outside 0 to 3650 days"),
        (("record", "dlrpn", "--write", "html,word"), "nothing that can be written"),
        (("record", "none.yaml"), "cannot be read"),
        (("record", "dlrpn", "--temperature", "15"), "lies outside 24 to 38 degrees"),
        (("record", "dlrpn", "--sex", "x"), "neither man nor woman"),
        (("record", "dlrpn", "--age", "7"), "lies outside 18 to 100"),
        (("record", "dlrpn", "--no-diabetes"), "contradicts"),
    ],
)
def test_an_order_that_cannot_be_is_one_line_and_writes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
):
    monkeypatch.chdir(tmp_path)
    code, _, complaint = run(*words)
    assert code == 2
    assert says in complaint
    assert "Traceback" not in complaint
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_folder_that_is_a_file_is_refused(run: Run, small: str, tmp_path: Path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    code, _, complaint = run("record", "dlrpn", "--protocol", small, "--out", str(tmp_path / "taken"))
    assert code == 2
    assert "--out" in complaint


def test_the_protocols_are_listed_with_what_they_are_for(run: Run):
    code, shown, _ = run("protocols")
    assert code == 0
    assert "lumbosacral-plexus:" in shown


def test_an_error_comes_whole_out_of_another_process():
    problem = InputError("visits[0].day", -1, "is negative", "count from the first symptom")
    again = pickle.loads(pickle.dumps(problem))
    assert str(again) == str(problem)
    assert again.remedy == problem.remedy
