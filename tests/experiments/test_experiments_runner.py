"""An experiment loses nothing when it is stopped."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from experiments.progress_lines import told_in_lines
from garland.errors import InputError
from garland.executors import _finished_jobs, resume_jobs


def killed(seed: int) -> dict[str, int]:
    """End the whole process at one seed, as a lack of memory would."""
    if seed == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"square": seed**2}


def square(seed: int) -> dict[str, int]:
    """Return the square of a seed; 13 fails."""
    if seed == 13:
        raise ValueError("unlucky")
    return {"square": seed * seed}


def _never(seed: int) -> dict[str, int]:
    raise AssertionError(f"{seed} was done before")


def test_rows_come_in_the_order_of_their_seeds(tmp_path: Path) -> None:
    rows = resume_jobs("squares", square, [3, 1, 2, 3], folder=tmp_path / "new", workers=1)
    assert [row["seed"] for row in rows] == [3, 1, 2]
    assert rows[0]["square"] == 9


def test_a_finished_seed_is_not_done_again(tmp_path: Path) -> None:
    resume_jobs("squares", square, [1, 2], folder=tmp_path, workers=1)
    assert resume_jobs("squares", _never, [2, 1], folder=tmp_path, workers=1)[0]["square"] == 4


def test_a_torn_last_line_is_dropped_and_done_again(tmp_path: Path) -> None:
    resume_jobs("squares", square, [1, 2], folder=tmp_path, workers=1)
    file = tmp_path / "squares.jsonl"
    file.write_text(file.read_text()[:-8])
    assert set(_finished_jobs(file)) == {1}
    assert [
        row["square"] for row in resume_jobs("squares", square, [1, 2, 3], folder=tmp_path, workers=1)
    ] == [
        1,
        4,
        9,
    ]
    assert [json.loads(line)["seed"] for line in file.read_text().splitlines()] == [1, 2, 3]


def test_a_line_in_the_middle_that_is_no_row_is_named(tmp_path: Path) -> None:
    file = tmp_path / "squares.jsonl"
    file.write_text('{"seed": 1}\n{"see\n{"seed": 3}\n')
    with pytest.raises(InputError, match="is not a row of results"):
        _finished_jobs(file)


def test_no_worker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a number of processes"):
        resume_jobs("squares", square, [1], folder=tmp_path, workers=0)


def test_one_worker_stops_at_the_error_of_a_job_and_keeps_what_is_done(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unlucky"):
        resume_jobs("squares", square, [1, 13, 2], folder=tmp_path, workers=1)
    assert set(_finished_jobs(tmp_path / "squares.jsonl")) == {1}


def test_two_workers_do_the_others_and_then_tell_of_the_one_that_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with told_in_lines(), pytest.raises(RuntimeError, match="1 of 4 jobs failed, first seed 13"):
        resume_jobs("squares", square, [1, 13, 2, 3], folder=tmp_path, workers=2)
    assert set(_finished_jobs(tmp_path / "squares.jsonl")) == {1, 2, 3}
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("squares: 3 of 4 parts, ")
    assert last.endswith(" left")


def test_a_process_that_was_killed_is_not_told_as_a_job_that_failed(tmp_path: Path) -> None:
    with pytest.raises(BrokenProcessPool):
        resume_jobs("squares", killed, [1, 13, 2, 3], folder=tmp_path, workers=2)
