"""Cohorts on disk: the same bytes whoever makes them, whenever they are stopped, and clear errors."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_cohorts import small_spec

from garland.cohorts import folder as runs
from garland.cohorts.folder import _Folder, _manifest_in, run
from garland.cohorts.shard import _Part
from garland.cohorts.spec import CohortSpec
from garland.errors import InputError
from garland.executors import LOCAL, Workers
from garland.progress import listening

HERE = Workers(1)


def files(path: Path) -> dict[str, bytes]:
    return {str(each.relative_to(path)): each.read_bytes() for each in sorted(path.rglob("*.parquet"))}


@pytest.fixture(scope="module")
def serial(small: CohortSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("serial")
    run(small, path, HERE)
    return path


@pytest.mark.parametrize("workers", [Workers(2), Workers(2, LOCAL)], ids=["processes", "dask"])
def test_two_workers_of_any_kind_make_the_same_bytes_as_one(
    workers: Workers, small: CohortSpec, serial: Path, tmp_path: Path
):
    run(small, tmp_path, workers)
    assert files(tmp_path) == files(serial)
    assert (tmp_path / "run.json").read_bytes() == (serial / "run.json").read_bytes()


def test_the_manifest_says_what_was_run_on_what(serial: Path, small: CohortSpec):
    stated = _manifest_in(serial)
    assert stated is not None
    assert stated["finished"] is True
    assert stated["size"] == 200
    assert stated["parts"] == 4
    assert stated["spec"]["people"]["source"] == "referral"
    assert {"python", "jax", "numpy", "pyarrow", "machine"} <= set(stated["environment"])


class Stopped(Exception):
    """Something that ends a run in its middle."""


def test_a_run_that_was_stopped_goes_on_with_what_is_missing(
    small: CohortSpec, serial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made: list[int] = []

    def stop_after_two(spec: CohortSpec, part: int) -> _Part:
        if len(made) == 2:
            raise Stopped
        made.append(part)
        return original(spec, part)

    original = runs._make
    monkeypatch.setattr(runs, "_make", stop_after_two)
    with pytest.raises(Stopped):
        run(small, tmp_path, HERE)
    assert json.loads((tmp_path / "run.json").read_text())["finished"] is False
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in files(tmp_path)}
    again: list[int] = []
    monkeypatch.setattr(runs, "_make", lambda spec, part: again.append(part) or original(spec, part))
    run(small, tmp_path, HERE)
    assert made == [0, 1]
    assert again == [2, 3]
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in before} == before
    assert files(tmp_path) == files(serial)


def test_a_torn_file_and_half_a_part_are_made_again(small: CohortSpec, serial: Path, tmp_path: Path):
    run(small, tmp_path, HERE)
    (tmp_path / "visits" / "part-00002.parquet").unlink()
    (tmp_path / "people" / "part-00003.parquet.unfinished").write_bytes(b"half")
    run(small, tmp_path, HERE)
    assert files(tmp_path) == files(serial)
    assert not list(tmp_path.rglob("*.unfinished"))


def test_a_finished_run_does_nothing(small: CohortSpec, serial: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runs, "_make", None)
    run(small, serial, HERE)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_killed_at_any_moment_ends_in_the_same_bytes(seed: int, serial: Path, tmp_path: Path):
    rng = random.Random(seed)
    spec = tmp_path / "small.json"
    spec.write_text(json.dumps(_manifest_in(serial)["spec"]))  # type: ignore[index]
    out = tmp_path / "out"
    command = [sys.executable, "-m", "garland", "cohort", str(spec), "--out", str(out), "--workers", "2"]
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(rng.uniform(1.0, 6.0))
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert files(out) == files(serial)


def test_a_full_disk_is_told_and_what_is_finished_is_kept(
    small: CohortSpec, serial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    written: list[Path] = []

    def full_after_three(descriptor: int) -> None:
        if len(written) == 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(Path())

    monkeypatch.setattr(os, "fsync", full_after_three)
    with pytest.raises(
        InputError, match="is on a disk that is full; make room and run the same command again"
    ):
        run(small, tmp_path, HERE)
    assert len(files(tmp_path)) == 2
    assert not list(tmp_path.rglob("*.unfinished"))
    monkeypatch.undo()
    run(small, tmp_path, HERE)
    assert files(tmp_path) == files(serial)


def test_a_folder_of_another_cohort_is_left_alone(serial: Path):
    with pytest.raises(InputError, match="holds another cohort, small"):
        _Folder(serial, small_spec(seed=8))


def test_a_folder_of_another_version_is_left_alone(small: CohortSpec, tmp_path: Path):
    _Folder(tmp_path, small)
    stated = json.loads((tmp_path / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps({**stated, "version": "0.0.1"}))
    with pytest.raises(InputError, match=r"was begun by version 0\.0\.1"):
        _Folder(tmp_path, small)


def test_a_folder_with_something_else_in_it_is_left_alone(small: CohortSpec, tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        _Folder(tmp_path, small)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_manifest_torn_at_the_very_beginning_is_no_hindrance(small: CohortSpec, tmp_path: Path):
    (tmp_path / "run.json.unfinished").write_text("{")
    assert _Folder(tmp_path, small).missing() == [0, 1, 2, 3]
    assert not list(tmp_path.rglob("*.unfinished"))


def test_a_file_in_the_place_of_the_folder_is_refused(small: CohortSpec, tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        _Folder(tmp_path / "file", small)


def test_a_folder_that_cannot_be_made_is_told(small: CohortSpec, tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        _Folder(tmp_path / "file" / "below", small)


@pytest.mark.parametrize("text", ["{", "[]", '{"garland_cohort": 2}'])
def test_a_manifest_that_is_none_is_told(text: str, tmp_path: Path):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match="cannot be read|is not a manifest"):
        _manifest_in(tmp_path)


def test_a_run_tells_how_far_it_is(small: CohortSpec, tmp_path: Path):
    said: list[tuple[str, float | None]] = []
    with listening(lambda stage, share: said.append((stage, share))):
        run(small_spec(size=100), tmp_path, HERE)
    assert said[0] == ("small: 0 of 2 parts", None)
    one, both = (told for told in said[1:] if "parts" in told[0])
    # The parts hold 64 and 36 patients, and either may be done first.
    assert one[0] == "small: 1 of 2 parts"
    assert one[1] in (0.64, 0.36)
    assert both == ("small: 2 of 2 parts", 1.0)
