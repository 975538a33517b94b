"""Files and folders that are written whole or not at all, and values as JSON takes them.

What is unfinished lies beside its target, so that the last step is a rename within one file system. Where a
program is stopped and cannot unwind, `clear_away` removes what is unfinished, and does what else was named.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BufferedWriter
from pathlib import Path
from typing import Any

UNFINISHED = ".unfinished"
"""How the name of what was not finished ends: a run that resumes sweeps such files away."""
_TRIES = 20
"""How often a folder is cleared into which another thread may still be writing [-]."""
_HALF_KEPT_SECONDS = 3.0
_OPEN: dict[Path, None] = {}
_CLEARING: list[Callable[[], None]] = []


def at_a_stop(clear: Callable[[], None]) -> None:
    """Name something to be done by `clear_away`; the same is done once."""
    if clear not in _CLEARING:
        _CLEARING.append(clear)


def clear_away() -> None:
    """Do what was named for a stop, the latest first, then remove every unfinished file and folder."""
    for clear in reversed(_CLEARING):
        with suppress(Exception):
            clear()
    for path in list(_OPEN):
        _remove(path)


def forget_half_kept(folder: Path, pattern: str) -> None:
    """Remove the youngest files of a cache whose owner does not write them whole: one may be torn."""
    youngest = time.time() - _HALF_KEPT_SECONDS
    for path in list(folder.glob(pattern)):
        with suppress(OSError):
            if path.stat().st_mtime > youngest:
                path.unlink()


def _remove(path: Path) -> None:
    for _ in range(_TRIES):
        with suppress(OSError):
            if not path.is_dir():
                path.unlink(missing_ok=True)
                return
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _removed_at_the_end(path: Path) -> Iterator[Path]:
    """Yield a path of which nothing is left at the end of the block, nor after a stop inside it."""
    _OPEN[path] = None
    try:
        yield path
    finally:
        _remove(path)
        _OPEN.pop(path, None)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a new folder among the temporary ones of this machine, removed at the end."""
    with _removed_at_the_end(Path(tempfile.mkdtemp(prefix="garland-"))) as folder:
        yield folder


def _unfinished(path: Path) -> Path:
    """Return the hidden name under which this process writes what will be called `path`."""
    return path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")


@contextmanager
def whole_file(path: Path, *, durable: bool = False) -> Iterator[BufferedWriter]:
    """Yield a stream whose content gets the name `path` at the end; an older file stays until then.

    `durable` waits until the content is on the disk, so that not even a loss of power leaves half a file.
    """
    with _removed_at_the_end(_unfinished(path)) as part:
        with part.open("wb") as stream:
            yield stream
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        os.replace(part, path)


def write_whole(path: Path, content: str | bytes, *, durable: bool = False) -> None:
    """Write a text (UTF-8) or bytes under the name `path`, whole or not at all."""
    with whole_file(path, durable=durable) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder that gets the name `path` at the end; an empty folder of that name gives way."""
    with _removed_at_the_end(_unfinished(path)) as part:
        _remove(part)
        part.mkdir(parents=True)
        yield part
        if path.exists():
            path.rmdir()
        part.rename(path)


def plain(value: Any, named: bool = True) -> Any:
    """Return a value as JSON takes it: None for a number that is not finite.

    A named tuple becomes a mapping, or the list of its values where it is not to be `named`.
    """
    if isinstance(value, Mapping):
        return {key: plain(entry, named) for key, entry in value.items()}
    if named and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if hasattr(value, "tolist"):
        return plain(value.tolist(), named)
    if isinstance(value, list | tuple):
        return [plain(entry, named) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
