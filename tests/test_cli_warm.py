"""``garland warm``: what it says, and what it says where nothing can be kept."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from garland import programs
from garland.cli import warm
from garland.programs import Compiled

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def folder(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a small function stand for the model; give the folder of programs."""

    def jobs(causes: tuple[str, ...]) -> list[tuple[str, Callable[[], Any]]]:
        run = Compiled(lambda name, day: day * len(name), (0,), name="small")
        return [(name, lambda name=name: run(name, np.arange(3.0))) for name in causes]

    monkeypatch.setattr(warm, "_jobs", jobs)
    monkeypatch.setattr(warm, "_first_run_seconds", lambda: 4.2)
    return own_cache / "garland"


def test_it_says_where_how_large_how_long_and_what_a_first_run_costs(run: Run, folder: Path):
    code, out, err = run("warm", "--cause", "dlrpn", "--cause", "cidp")
    assert (code, err) == (0, "")
    first, kept, now, remove = out.replace("\n/", " /").splitlines()
    assert re.fullmatch(r"2 programs prepared in \d+ s\.", first)
    assert kept.startswith("Kept: 2 programs, 0.0 MB, in ")
    assert kept.endswith(str(programs._folder()))
    assert now == "A first run now: garland consult 04 in 4.2 s."
    assert remove.endswith("garland warm --clear")


def test_a_second_time_it_checks_what_is_there(run: Run):
    run("warm")
    assert run("warm")[1].startswith("Everything was prepared before; checked in ")


def test_every_cause_can_be_prepared(run: Run):
    assert run("warm", "--cause", "all")[1].startswith("32 programs prepared")


def test_clear_removes_what_is_kept(run: Run, folder: Path):
    run("warm")
    code, out, err = run("warm", "--clear")
    assert (code, err) == (0, "")
    assert out == f"Removed 1 file, 0.0 MB: {folder}\n"
    assert not (folder / "programs").exists()
    assert run("warm", "--clear")[1] == f"Nothing was kept: {folder}\n"


def test_an_unknown_cause_is_an_error_before_anything_is_compiled(run: Run, folder: Path):
    code, _, err = run("warm", "--cause", "dlrpm")
    assert code == 2
    assert "did you mean dlrpn?" in err
    assert programs.kept_programs().files == 0


def test_a_folder_that_cannot_be_written_is_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    programs._folder.cache_clear()
    for words in (("warm",), ("warm", "--clear")):
        code, _, err = run(*words)
        assert code == (0 if "--clear" in words else 2)
        assert err.count("\n") == 1
        assert os.strerror(errno.ENOTDIR) in err


def test_a_full_disk_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.replace", full)
    code, _, err = run("warm")
    assert code == 2
    assert err == (
        f"note: programs cannot be kept in {programs.programs_root()} (No space left on device); "
        "every run compiles them\n"
    )
