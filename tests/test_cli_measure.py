"""The command ``garland measure``: tables of every kind, and one clear line for what cannot be measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from garland._types import Float64s
from garland.signals.files import write_edf
from garland.signals.trace import Trace
from tests.signals.tables_of_traces import write_csv

sys.path.insert(0, str(Path(__file__).parent / "signals"))
from pulses import clock, muscle, noise, triphasic

Run = Callable[..., tuple[int, str, str]]


def quiet(n: int, rate_hz: float, sd_uv: float, seed: int = 1) -> Float64s:
    return sd_uv * noise(np.random.default_rng(seed), n, rate_hz, 5.0, 4e3)


@pytest.fixture
def motor_file(tmp_path: Path) -> str:
    t = clock(25e3, 50.0)
    points = (("ankle", 4.0, 6000.0), ("knee", 12.0, 4500.0))
    traces = [
        Trace(muscle(t, at, size) + quiet(1250, 25e3, 3.0), 25e3, 0.0, name) for name, at, size in points
    ]
    write_edf(traces, tmp_path / "fibular.edf")
    return str(tmp_path / "fibular.edf")


@pytest.fixture
def late_file(tmp_path: Path) -> str:
    t = clock(25e3, 100.0)
    traces = [
        Trace(muscle(t, 4.0, 6000.0) + muscle(t, at, 250.0) + quiet(2500, 25e3, 2.0, k), 25e3, 0.0, f"{k}")
        for k, at in enumerate((48.0, 49.0, 50.0), 1)
    ]
    write_csv(traces, tmp_path / "f.csv")
    return str(tmp_path / "f.csv")


def rows(out: str, table: int = 0) -> list[dict[str, float]]:
    return json.loads(out)["tables"][table]["rows"]


def test_a_motor_recording_is_measured_from_point_to_point(run: Run, motor_file: str):
    code, out, _ = run("measure", motor_file, "--kind", "motor", "--distance-mm", "320", "--json")
    assert code == 0
    ankle, knee = rows(out)
    assert ankle["onset_ms"] == pytest.approx(4.06, abs=0.05)
    assert knee["amplitude_mv"] == pytest.approx(4.5, rel=0.01)
    (between,) = rows(out, 1)
    assert between["velocity_m_s"] == pytest.approx(40.0, abs=0.3)
    assert between["drop_percent"] == pytest.approx(25.0, abs=1.0)
    assert between["area_drop_percent"] == pytest.approx(25.0, abs=1.5)


def test_the_table_names_every_marker_and_unit_and_says_what_it_is_not(run: Run, motor_file: str):
    code, out, _ = run("measure", motor_file, "--kind", "motor", "--distance-mm", "320")
    assert code == 0
    for word in ("onset", "peak", "amplitude", "area", "duration", "velocity", "m/s", "mV", "ankle to knee"):
        assert word in out
    assert "not a medical device" in out


def test_a_sensory_recording_gives_its_velocity(run: Run, tmp_path: Path):
    t = clock(50e3, 20.0)
    write_csv(
        [Trace(triphasic(t, 3.0, 12.0) + quiet(1000, 50e3, 0.1), 50e3, 0.0, "sural")], tmp_path / "s.csv"
    )
    code, out, _ = run(
        "measure", str(tmp_path / "s.csv"), "--kind", "sensory", "--distance-mm", "140", "--json"
    )
    assert code == 0
    (found,) = rows(out)
    assert found["velocity_m_s"] == pytest.approx(140.0 / 2.93, rel=0.01)
    assert found["amplitude_uv"] == pytest.approx(12.0, rel=0.02)


def test_no_response_is_written_nr(run: Run, tmp_path: Path):
    write_csv([Trace(quiet(1000, 50e3, 0.2), 50e3, 0.0, "sural")], tmp_path / "s.csv")
    code, out, _ = run("measure", str(tmp_path / "s.csv"), "--kind", "sensory")
    assert code == 0
    assert "NR" in out
    assert "no response" in out


def test_f_waves_are_measured_sweep_by_sweep(run: Run, late_file: str):
    code, out, _ = run("measure", late_file, "--kind", "f-wave", "--height-cm", "170", "--json")
    assert code == 0
    (whole,) = rows(out)
    assert whole["shortest_ms"] == pytest.approx(48.0, abs=0.2)
    assert whole["persistence_percent"] == 100.0
    assert [row["latency_ms"] for row in rows(out, 1)] == pytest.approx([48.0, 49.0, 50.0], abs=0.25)


def test_an_h_reflex_is_measured_or_written_nr(run: Run, tmp_path: Path):
    t = clock(25e3, 100.0)
    h = muscle(t, 2.0, 6000.0) + muscle(t, 30.0, 1500.0) + quiet(2500, 25e3, 2.0)
    write_csv([Trace(h, 25e3, 0.0, "H")], tmp_path / "h.csv")
    code, out, _ = run("measure", str(tmp_path / "h.csv"), "--kind", "h-reflex", "--height-cm", "170")
    assert code == 0
    assert "0.25" in out
    write_csv([Trace(quiet(2500, 25e3, 2.0), 25e3, 0.0, "H")], tmp_path / "n.csv")
    _, out, _ = run("measure", str(tmp_path / "n.csv"), "--kind", "h-reflex", "--height-cm", "170")
    assert "NR" in out


@pytest.mark.parametrize("activity", ["rest", "weak", "full"])
def test_a_needle_recording_is_measured_at_every_activity(run: Run, tmp_path: Path, activity: str):
    rate, n = 24e3, 72000
    t = np.arange(n) / rate * 1000.0
    unit = sum(
        300.0 * ((t - at) / 1.5) * np.exp(-0.5 * ((t - at) / 1.5) ** 2)
        for at in np.arange(60.0, 2900.0, 101.0)
    )
    write_edf([Trace(unit + quiet(n, rate, 4.0), rate, 0.0, "VL")], tmp_path / "n.edf", stimulated=False)
    code, out, err = run(
        "measure", str(tmp_path / "n.edf"), "--kind", "needle", "--activity", activity, "--json"
    )
    assert (code, err) == (0, "")
    assert rows(out)


def test_the_velocity_of_a_single_motor_point_is_refused(run: Run, motor_file: str):
    code, _, err = run("measure", motor_file, "--kind", "motor", "--channel", "knee", "--distance-mm", "320")
    assert code == 2
    assert "do not fit the channels" in err


def test_distances_that_do_not_fit_sensory_channels_are_refused(run: Run, motor_file: str):
    words = ("--distance-mm", "1", "--distance-mm", "2", "--distance-mm", "3")
    code, _, err = run("measure", motor_file, "--kind", "sensory", *words)
    assert code == 2
    assert "give one, or one for each of the 2 channels" in err


def test_a_distance_says_nothing_of_a_needle_recording(run: Run, late_file: str):
    code, _, err = run("measure", late_file, "--kind", "f-wave", "--distance-mm", "320")
    assert code == 2
    assert "says nothing of an f-wave recording" in err


GOOD = "time_ms,EDB_mV\n" + "\n".join(f"{0.04 * k:.2f},{np.sin(0.01 * k):.4f}" for k in range(1250))

MALFORMED: dict[str, tuple[str, bytes | str, tuple[str, ...]]] = {
    "nothing": ("a.csv", "", ()),
    "wrong ending": ("a.xlsx", "x", ()),
    "not EDF": ("a.edf", "0       " * 100, ()),
    "EDF header alone": (
        "a.edf",
        b"0       " + b" " * 176 + b"512     " + b" " * 44 + b"10      1       1   " + b" " * 256,
        (),
    ),
    "not BDF": ("a.bdf", b"\xffBIOSEMI" * 40, ()),
    "not WAV": ("a.wav", b"RIFF" + b"\x00" * 40, ()),
    "binary CSV": ("a.csv", bytes(range(256)), ()),
    "not a number": ("a.csv", GOOD.replace("\n0.80,0", "\n0.80,nan\n0.81,0", 1), ()),
    "no unit": ("a.csv", GOOD.replace("EDB_mV", "EDB"), ()),
    "no rate": ("a.csv", "EDB_mV\n1\n2\n3\n", ()),
    "wrong rate": ("a.csv", "EDB_mV\n" + "\n".join(str(k % 37) for k in range(900)), ("--rate", "800")),
    "time runs back": ("a.csv", GOOD.replace("\n0.80,", "\n0.40,"), ()),
    "wrong unit": ("a.csv", GOOD, ("--unit", "V")),
    "unknown unit": ("a.csv", GOOD, ("--unit", "mmHg")),
    "unknown channel": ("a.csv", GOOD, ("--channel", "sural")),
    "flat": ("a.csv", "time_ms,EDB_mV\n" + "\n".join(f"{0.04 * k:.2f},1.5" for k in range(1250)), ()),
    "too short": ("a.csv", "\n".join(GOOD.splitlines()[:60]), ()),
    "begins late": ("a.csv", GOOD, ("--stimulus-ms", "-30")),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_recording_gives_one_clear_line_and_exit_code_2(run: Run, tmp_path: Path, name: str):
    file, content, words = MALFORMED[name]
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    code, out, err = run("measure", str(tmp_path / file), "--kind", "motor", *words)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err


DAMAGED = {
    "words": (GOOD.replace("0.80,", "0.80,about "), "line 22, column 2: 'about"),
    "rows of unequal length": (GOOD.replace("0.80,", "0.80,0.1,"), "line 22 has 3 cells in place of 2"),
    "cut in the last row": (GOOD[: GOOD.rindex(",")], "line 1251 has 1 cells in place of 2"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_table_with_one_damaged_row_is_measured_and_says_where(run: Run, tmp_path: Path, name: str):
    content, why = DAMAGED[name]
    (tmp_path / "a.csv").write_text(content)
    code, out, _ = run("measure", str(tmp_path / "a.csv"), "--kind", "motor", "--json")
    assert code == 0
    assert why in " ".join(json.loads(out)["doubts"])


def test_a_note_of_the_stimulus_is_chosen_by_its_words(run: Run, motor_file: str):
    code, _, err = run("measure", motor_file, "--kind", "motor", "--stimulus-note", "knock")
    assert code == 2
    assert "use words of one of: 'stimulus'" in err


def test_a_sound_table_of_the_same_make_is_measured(run: Run, tmp_path: Path):
    (tmp_path / "a.csv").write_text(GOOD)
    assert run("measure", str(tmp_path / "a.csv"), "--kind", "motor")[0] == 0
