"""Programs that are kept: the same answer from the file; whatever does not fit is made anew."""

from __future__ import annotations

import errno
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland import programs
from garland.evidence import part, replaced
from garland.evidence.provenance import numbers_read
from garland.programs import Compiled
from tests.programs import said_by

STORED = Path(__file__).with_name("stored_program.py")
RATE = "fibres/regrowth.rate_mm_per_day"
DAYS = np.arange(3.0, dtype=np.float32)
HEALED = DAYS * 1.5
TRACED: list[object] = []


@pytest.fixture(autouse=True)
def folder(own_cache: Path) -> Path:
    """Keep programs in a folder of the test; give that of this version."""
    TRACED.clear()
    return programs._folder()


def healed(day: Any) -> Any:
    TRACED.append(day)
    return day * part("fibres/regrowth").value("rate_mm_per_day")


def program() -> Compiled:
    """Return the function as a new run of Garland would compile it."""
    return Compiled(healed, name="healed")


def the_file(folder: Path) -> Path:
    (found,) = folder.iterdir()
    return found


def test_a_new_process_gives_the_same_numbers_from_the_same_evidence_without_tracing(tmp_path: Path):
    first, second = (said_by(STORED, XDG_CACHE_HOME=str(tmp_path / "own")) for _ in range(2))
    assert first.pop("traced") == ["healed", "healed", "lag_day"]
    assert second.pop("traced") == []
    assert first == second
    assert first["read"] == ["fibres/regrowth.lag_day", RATE]


def emptied(_whole: bytes) -> bytes:
    return b""


def truncated(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def corrupt(whole: bytes) -> bytes:
    return whole[:20] + bytes(200) + whole[220:]


def foreign(_whole: bytes) -> bytes:
    return pickle.dumps((("no program", None, None), frozenset()))


def of_other_content(_whole: bytes) -> bytes:
    return pickle.dumps({"some": "thing"})


@pytest.mark.parametrize("spoil", [emptied, truncated, corrupt, foreign, of_other_content])
def test_a_file_that_is_no_program_is_made_anew(folder: Path, spoil: Callable[[bytes], bytes]):
    program()(DAYS)
    path = the_file(folder)
    path.write_bytes(spoil(path.read_bytes()))
    TRACED.clear()
    np.testing.assert_array_equal(program()(DAYS), HEALED)
    assert len(TRACED) == 1
    TRACED.clear()
    np.testing.assert_array_equal(program()(DAYS), HEALED)
    assert not TRACED


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the key made from a package of two files."""
    package = tmp_path / "package"
    (package / "evidence" / "cases").mkdir(parents=True)
    (package / "programs.py").write_text("one = 1\n")
    (package / "evidence" / "numbers.yaml").write_text("rate: 1\n")
    monkeypatch.setattr(programs, "__file__", str(package / "programs.py"))
    return package


@pytest.mark.parametrize(
    "change",
    [
        lambda package, _: (package / "programs.py").write_text("one = 2\n"),
        lambda package, _: (package / "evidence" / "numbers.yaml").write_text("rate: 2\n"),
        lambda package, _: (package / "evidence" / "numbers.yaml").rename(package / "numbers.yaml"),
        lambda _, patch: patch.setattr(programs, "version", lambda library: f"another {library}"),
        lambda _, patch: patch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true"),
        lambda _, patch: patch.setattr(programs, "_processor", lambda: ("another",)),
        lambda _, patch: patch.setattr(sys, "version", "another"),
    ],
    ids=["source", "evidence", "place of evidence", "library", "XLA flag", "processor", "Python"],
)
def test_what_a_program_hangs_on_gives_it_another_folder(
    package: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path, pytest.MonkeyPatch], object]
):
    before = programs._fingerprint()
    assert programs._fingerprint() == before
    change(package, monkeypatch)
    assert programs._fingerprint() != before


def test_a_case_that_comes_along_leaves_the_programs_as_they_are(package: Path):
    before = programs._fingerprint()
    (package / "evidence" / "cases" / "01.yaml").write_text("garland_case: 1\n")
    assert programs._fingerprint() == before


def test_options_of_the_compiler_make_a_program_of_their_own(folder: Path):
    program()(DAYS)
    Compiled(healed, name="healed", compiler_options={"xla_backend_optimization_level": 0})(DAYS)
    assert len(list(folder.iterdir())) == 2


def test_numbers_that_are_replaced_for_a_while_are_in_no_program_that_is_kept(folder: Path):
    with replaced({RATE: 3.0}):
        np.testing.assert_array_equal(program()(DAYS), DAYS * 3.0)
    assert not list(folder.iterdir())
    np.testing.assert_array_equal(program()(DAYS), HEALED)
    with replaced({RATE: 3.0}):
        np.testing.assert_array_equal(program()(DAYS), DAYS * 3.0)


def test_static_arguments_have_a_program_each_with_numbers_of_its_own(folder: Path):
    def scaled(name: str, day: Any) -> Any:
        return day * part("fibres/regrowth").value(name)

    names = ("rate_mm_per_day", "lag_day")
    for _ in range(2):  # compiled, then from the file
        again = Compiled(scaled, (0,), name="scaled")
        for name in names:
            with numbers_read() as read:
                found = again(name, DAYS)
            np.testing.assert_allclose(found, DAYS * part("fibres/regrowth").value(name), rtol=1e-6)
            assert read == {f"fibres/regrowth.{name}"}
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(
    "other",
    [2, np.float64(2.0), np.float32(2.0), np.array(2.0), jnp.asarray(2.0), jnp.full((), 2.0)],
    ids=["int", "double", "single", "array", "weak type", "strong type"],
)
def test_neither_a_weak_type_nor_a_plain_number_makes_a_second_program(folder: Path, other: Any):
    run = program()
    assert float(run(2.0)) == float(run(float(other))) == 3.0
    if not isinstance(other, int):
        assert float(run(other)) == 3.0
        assert float(program()(other)) == 3.0
    assert len(TRACED) == 1
    assert len(list(folder.iterdir())) == 1


def test_inside_another_program_it_is_a_part_of_that(folder: Path):
    run = program()
    with numbers_read() as read:
        np.testing.assert_array_equal(jax.jit(lambda day: run(day) + 1.0)(DAYS), HEALED + 1.0)
    assert read == {RATE}
    assert not list(folder.iterdir())


def test_a_function_without_a_name_is_not_kept(folder: Path):
    np.testing.assert_array_equal(Compiled(healed)(DAYS), HEALED)
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_made_costs_time_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    programs._folder.cache_clear()
    for _ in range(2):
        np.testing.assert_array_equal(program()(DAYS), HEALED)
    assert len(TRACED) == 2
    assert programs.why_not_kept() == programs.why_unwritable() == os.strerror(errno.ENOTDIR)


def test_a_full_disk_costs_time_alone_and_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.replace", full)
    np.testing.assert_array_equal(program()(DAYS), HEALED)
    assert programs.why_not_kept() == os.strerror(errno.ENOSPC)
    assert not list(folder.iterdir())


def test_processes_that_prepare_at_once_do_not_disturb_each_other(tmp_path: Path):
    command, environment = [sys.executable, str(STORED)], os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    runs = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [run.communicate() for run in runs]
    answers = [json.loads(out) for out, _ in said]
    assert [alarm for _, alarm in said] == [""] * 3
    assert [(a["values"], a["read"], a["files"], a["not_kept"]) for a in answers[1:]] == [
        (answers[0]["values"], answers[0]["read"], answers[0]["files"], "")
    ] * 2
    assert len(answers[0]["files"]) == 3


def test_threads_that_compile_at_once_leave_the_cache_of_jax_on():
    assert jax.config.jax_enable_compilation_cache
    within = Barrier(3)

    def compile_it(last: int) -> None:
        with programs._without_cache_of_jax():
            within.wait()
            assert not jax.config.jax_enable_compilation_cache
            time.sleep(0.01 * last)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(compile_it, range(3)))
    assert jax.config.jax_enable_compilation_cache


def test_one_program_is_compiled_once_however_many_threads_ask(folder: Path):
    run = program()
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(run, [DAYS] * 8):
            np.testing.assert_array_equal(found, HEALED)
    assert len(TRACED) == 1


def test_folders_of_three_versions_stay_the_last_used(folder: Path):
    for age in range(1, 6):
        old = folder.with_name(f"version-{age}")
        old.mkdir()
        (old / "some.program").write_bytes(b"some")
        os.utime(old, (time.time() - 1000 * age,) * 2)
    programs._folder.cache_clear()
    assert programs._folder() == folder
    assert {one.name for one in folder.parent.iterdir()} == {folder.name, "version-1", "version-2"}


def test_what_is_kept_is_counted_and_all_versions_are_cleared(folder: Path):
    program()(DAYS)
    size = the_file(folder).stat().st_size
    assert programs.kept_programs() == (folder, 1, size)
    other = folder.with_name("another-version")
    other.mkdir()
    (other / "some.program").write_bytes(b"four")
    programs.cache_of_jax().mkdir()
    (programs.cache_of_jax() / "small-cache").write_bytes(b"12")
    assert programs.clear_programs() == (folder.parent.parent, 3, size + 6)
    assert programs.clear_programs().files == 0
    np.testing.assert_array_equal(program()(DAYS), HEALED)
    assert programs.kept_programs().files == 1


def test_alarms_of_a_program_from_another_processor_stay_off_standard_error(folder: Path):
    program()(DAYS)
    (stored, *trees), paths = pickle.loads(the_file(folder).read_bytes())
    features = [word for word in (b"+avx2,", b"+neon,") if word in stored]
    if not features:
        pytest.skip("a processor of another kind")
    other = stored.replace(features[0], features[0][:-2] + b"9,")
    the_file(folder).write_bytes(pickle.dumps(((other, *trees), paths)))
    code = (
        "import garland, pickle, sys\n"
        "from jax.experimental.serialize_executable import deserialize_and_load\n"
        "deserialize_and_load(*pickle.loads(open(sys.argv[1], 'rb').read())[0])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "-c", code, str(the_file(folder))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "Machine type" not in done.stderr
