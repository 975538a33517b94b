"""Ctrl-C at a terminal, at several moments: heard soon, one line, nothing half-written, nobody left."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="needs a terminal as Unix has it")

from terminals import AtTerminal, at_terminal

HERE = Path(__file__).parent
SOON = 3.0
"""Ctrl-C is answered within a second on a machine that is not busy; tests may run on a busy one [s]."""
NOTHING = "Stopped. Nothing was written; run the same command again."


def lines(ended: AtTerminal) -> list[str]:
    """Return what was said after Ctrl-C, without the notes of imports and the line being drawn."""
    said = [line.strip() for line in ended.after.splitlines()]
    return [line for line in said if line and not re.match(r"import time:|\d+ s |.*\d+ % ", line)]


def stopped_well(ended: AtTerminal, line: str) -> None:
    assert ended.code == 130, ended.shown
    assert re.fullmatch(line, "\n".join(lines(ended))), ended.after
    assert ended.seconds < SOON
    assert ended.left == []


@pytest.mark.parametrize("module", ["typer", "jaxlib"])
def test_it_is_heard_while_modules_load(module: str, tmp_path: Path):
    words = ("-X", "importtime", "-m", "garland", "consult", "04", "--html", str(tmp_path / "page.html"))
    stopped_well(at_terminal(*words, stop_at=rf"\| +{module}\.\w"), re.escape(NOTHING))
    assert list(tmp_path.iterdir()) == []


def test_it_is_heard_while_the_model_is_compiled(tmp_path: Path):
    """The first run of a machine; what is kept of it must not be torn."""
    cache = tmp_path / "cache"
    ended = at_terminal(
        "-m", "garland", "consult", "04", stop_at="compiling the model", wait=4.0,
        JAX_COMPILATION_CACHE_DIR=str(cache), XDG_CACHE_HOME=str(cache),
    )  # fmt: skip
    stopped_well(ended, re.escape(NOTHING))
    assert "20 to 40 s, the first run" in ended.shown
    assert not list(cache.rglob("*.unfinished"))


def test_it_is_heard_while_patients_are_drawn_and_progress_is_shown(tmp_path: Path):
    words = ("-m", "garland", "consult", "04", "--html", str(tmp_path / "page.html"))
    ended = at_terminal(*words, stop_at="closer look 1")
    stopped_well(ended, re.escape(NOTHING))
    assert "loading the model" in ended.shown
    assert re.search(r"\d+ % (about \d+ s left )?first looks: \d+ of 31 causes", ended.shown)
    assert list(tmp_path.iterdir()) == []


def test_a_cohort_stopped_in_the_middle_goes_on(tmp_path: Path):
    spec, out = tmp_path / "few.json", tmp_path / "out"
    spec.write_text(
        json.dumps(
            {"garland_cohort": 1, "name": "few", "seed": 7, "size": 320, "part_size": 64, "visits": [0]}
            | {"people": {"source": "referral"}, "measures": ["nis"]}
        )
    )
    words = ("-m", "garland", "cohort", str(spec), "--out", str(out))
    ended = at_terminal(*words, "--workers", "2", stop_at=r"few: [1-4] of 5 parts")
    stopped_well(ended, r"Stopped at few: \d+ of 5 parts; the same command goes on from there\.")
    kept = sorted(out.rglob("*.parquet"))
    assert kept
    assert [path.name for path in out.rglob("*.unfinished")] == []
    before = {path: path.stat().st_mtime_ns for path in kept[:2]}
    again = subprocess.run(
        [sys.executable, *words, "--workers", "1", "--bare"], capture_output=True, text=True, check=True
    )
    assert (again.stdout, again.stderr) == ("", "")
    assert len(list(out.rglob("*.parquet"))) == 10
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_what_is_half_written_is_removed_and_workers_end(tmp_path: Path):
    ended = at_terminal(str(HERE / "stopped_work.py"), str(tmp_path), stop_at="counted: 3 of 10 parts")
    stopped_well(ended, r"Stopped at counted: 3 of 10 parts; the same command goes on from there\.")
    scratch = Path((tmp_path / "scratch").read_text())
    assert not scratch.exists()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["kept", "scratch", "slow.jsonl"]
    assert len((tmp_path / "kept" / "slow.jsonl").read_text().splitlines()) == 3


def test_a_command_in_the_background_does_not_hear_it():
    """A shell starts such a command with Ctrl-C ignored, and it stays so."""
    program = "import os, signal\nfrom garland.cli import main\n"
    program += "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    program += "from garland.cli.interruption import _stoppable\n"
    program += "_stoppable(lambda: os.kill(os.getpid(), signal.SIGINT))\nprint('done')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("done\n", "")
    assert os.name == "posix"
