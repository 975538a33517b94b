"""Files and folders that are written whole or not at all, and values as JSON takes them.

What is unfinished lies beside its target, so that the last step is a rename within one file system.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

UNFINISHED = ".unfinished"
"""How the name of what was not finished ends: a run that resumes sweeps such files away."""


def _unfinished(path: Path) -> Path:
    """Return the hidden name under which this process writes what will be called `path`."""
    return path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")


@contextmanager
def whole_file(path: Path, *, durable: bool = False) -> Iterator[BinaryIO]:
    """Yield a stream whose content gets the name `path` at the end; an older file stays until then.

    `durable` waits until the content is on the disk, so that not even a loss of power leaves half a file.
    """
    part = _unfinished(path)
    try:
        with part.open("wb") as stream:
            yield stream
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        os.replace(part, path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes, *, durable: bool = False) -> None:
    """Write a text (UTF-8) or bytes under the name `path`, whole or not at all."""
    with whole_file(path, durable=durable) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder that gets the name `path` at the end; an empty folder of that name gives way."""
    part = _unfinished(path)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        if path.exists():
            path.rmdir()
        part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


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
