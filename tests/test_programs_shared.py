"""Compiled programs that are kept: made by one of many processes, loaded by the others, never in the way."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from garland import programs
from garland.evidence import part, replaced
from garland.evidence.provenance import numbers_read
from garland.programs import Compiled

fcntl = pytest.importorskip("fcntl", reason="locks as Unix has them")

PLACE, NUMBER = "fibres/regrowth", "rate_mm_per_day"
DAYS = np.arange(3.0, dtype=np.float32)


def grown() -> Compiled:
    """Return a program as a new process would have it: nothing is at hand yet."""
    return Compiled(lambda day: day * part(PLACE).value(NUMBER), name="grown")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path | None]:
    """Keep programs in a folder of the test, however small they are; list what is compiled."""
    compiled: list[Path | None] = []
    original = Compiled._compile

    def compiling(self: Compiled, args: object, given: object, path: Path | None) -> object:
        compiled.append(path)
        return original(self, args, given, path)  # type: ignore[arg-type]

    monkeypatch.setattr(Compiled, "_compile", compiling)
    monkeypatch.setattr(programs, "_folder", lambda: tmp_path)
    monkeypatch.setattr(programs, "_LOADED_AGAIN_SECONDS", 0.0)
    return compiled


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """Hold a lock as another process would."""
    with lock.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def kept(folder: Path) -> Path:
    (found,) = folder.glob("*.program")
    return found


def test_a_kept_program_gives_the_same_and_rests_on_the_same_numbers(made: list[Path], tmp_path: Path):
    with numbers_read() as first:
        value = grown()(DAYS)
    with numbers_read() as again:
        np.testing.assert_array_equal(grown()(DAYS), value)
    assert grown().is_kept(DAYS)
    assert not grown().is_kept(DAYS[:2])
    assert first == again == {f"{PLACE}.{NUMBER}"}
    assert made == [kept(tmp_path)]
    assert [path.name for path in tmp_path.iterdir()] == [kept(tmp_path).name]


def test_whoever_comes_second_waits_and_loads(made: list[Path], tmp_path: Path):
    value = grown()(DAYS)
    path, aside = kept(tmp_path), tmp_path / "aside"
    path.rename(aside)
    with ThreadPoolExecutor(1) as pool:
        with held(path.with_suffix(".lock")):
            second = pool.submit(grown(), DAYS)
            with pytest.raises(TimeoutError):
                second.result(0.5)
            shutil.copy(aside, path)
        np.testing.assert_array_equal(second.result(60.0), value)
    assert len(made) == 1


def test_nobody_waits_for_ever(made: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(programs, "_LONGEST_WAIT_SECONDS", 0.2)
    grown()(DAYS)
    path = kept(tmp_path)
    path.unlink()
    with held(path.with_suffix(".lock")):
        grown()(DAYS)
    assert made == [path, path]
    assert path.exists()


def test_the_dead_hold_nothing(made: list[Path], tmp_path: Path):
    grown()(DAYS)
    path = kept(tmp_path)
    path.unlink()
    taking = f"import fcntl, os; fcntl.flock(open({str(path.with_suffix('.lock'))!r}, 'wb'), 2); os._exit(1)"
    assert subprocess.run([sys.executable, "-c", taking], check=False).returncode == 1
    with ThreadPoolExecutor(1) as pool:
        pool.submit(grown(), DAYS).result(60.0)
    assert made == [path, path]


def test_a_folder_that_cannot_be_written_to_costs_only_time(
    made: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr(programs, "_folder", lambda: tmp_path / "file" / "below")
    rate = part(PLACE).value(NUMBER)
    np.testing.assert_allclose(grown()(DAYS), DAYS * rate, rtol=1e-6)
    np.testing.assert_allclose(grown()(DAYS), DAYS * rate, rtol=1e-6)
    assert len(made) == 2
    assert (tmp_path / "file").read_text() == "mine"


def test_a_torn_program_is_made_anew(made: list[Path], tmp_path: Path):
    grown()(DAYS)
    kept(tmp_path).write_bytes(b"half")
    grown()(DAYS)
    assert len(made) == 2


def test_with_other_numbers_than_the_files_hold_nothing_is_kept_or_loaded(made: list[Path], tmp_path: Path):
    with replaced({f"{PLACE}.{NUMBER}": 7.0}):
        np.testing.assert_allclose(grown()(DAYS), DAYS * 7.0)
    assert made == [None]
    assert list(tmp_path.iterdir()) == []
    grown()(jnp.asarray(DAYS))
    with replaced({f"{PLACE}.{NUMBER}": 7.0}):
        np.testing.assert_allclose(grown()(DAYS), DAYS * 7.0)
    assert made[1:] == [kept(tmp_path), None]
