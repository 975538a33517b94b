"""The folder of a cohort: made part by part, taken up where it was left, and opened to be read.

A part counts once both of its files stand under their names, and they get their names only when they are
whole. So a run may be killed at any moment and taken up again.

Workers hand back the bytes of both files of a part, and one process writes them: no worker needs to see the
disk, and no part can be written twice.
"""

from __future__ import annotations

import errno
import json
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from garland import __version__
from garland._types import Float64s
from garland.cohorts.shard import _make, _Part
from garland.cohorts.spec import WHAT, CohortSpec
from garland.errors import InputError
from garland.executors import Workers, completed, losses_in_words, pool
from garland.io import UNFINISHED, write_whole
from garland.progress import tell
from garland.records.reading import parse_spec, spec_hash

TABLES = ("people", "visits")
MANIFEST = "run.json"
_LIBRARIES = ("jax", "jaxlib", "numpy", "pyarrow")


class _Folder:
    """The folder of one cohort.

    Parameters
    ----------
    path : Path
        Where it stands; made where it is missing.
    spec : CohortSpec
        The cohort.

    Raises
    ------
    InputError
        If it cannot be written, holds another cohort, or the same of another version of Garland.
    """

    def __init__(self, path: Path, spec: CohortSpec) -> None:
        self.path, self.spec = path, spec
        manifest = _manifest_in(path)
        if manifest is not None:
            self._same_run(manifest)
        elif _holds_something(path):
            raise InputError("--out", str(path), "holds something else", "name an empty or a new folder")
        with _writing(path):
            path.mkdir(parents=True, exist_ok=True)
            # The manifest comes first: whatever else is found beside it belongs to this run.
            if manifest is None:
                self.write_manifest(finished=False)
            for table in TABLES:
                (path / table).mkdir(exist_ok=True)
            for torn in path.rglob(f"*{UNFINISHED}"):
                torn.unlink()

    def _same_run(self, manifest: dict[str, Any]) -> None:
        if manifest.get("spec_sha256") != spec_hash(self.spec):
            rule = f"holds another cohort, {manifest.get('name')}"
            raise InputError("--out", str(self.path), rule, "name another folder, or delete this one")
        if manifest.get("version") != __version__:
            rule = f"was begun by version {manifest.get('version')}, this is {__version__}"
            raise InputError("--out", str(self.path), rule, "name another folder, or delete this one")

    def file(self, table: str, part: int) -> Path:
        """Return the path of one file of a part."""
        return _part_file(self.path, table, part)

    def missing(self) -> list[int]:
        """Return the parts that are not there yet."""
        return [p for p in range(self.spec.parts) if not all(self.file(t, p).exists() for t in TABLES)]

    def keep(self, number: int, part: _Part) -> None:
        """Write both files of a part, each whole or not at all."""
        with _writing(self.path):
            for table, content in zip(TABLES, part, strict=True):
                write_whole(self.file(table, number), content, durable=True)

    def write_manifest(self, finished: bool) -> None:
        """Write what run this is and how far it is."""
        columns = {"people": "see the schema of the files", "visits": [one.name for one in self.spec.columns]}
        manifest = {
            "garland_cohort": 1,
            "simulated": True,
            "name": self.spec.name,
            "version": __version__,
            "seed": self.spec.seed,
            "size": self.spec.size,
            "parts": self.spec.parts,
            "part_size": self.spec.part_size,
            "spec": self.spec.model_dump(mode="json", exclude_unset=True),
            "spec_sha256": spec_hash(self.spec),
            "columns": columns,
            "environment": _environment(),
            "finished": finished,
        }
        with _writing(self.path):
            text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
            write_whole(self.path / MANIFEST, text.encode(), durable=True)


def _part_file(path: Path, table: str, part: int) -> Path:
    """Return the path of one file of a part in a cohort's folder; `table` is one of `TABLES`."""
    return path / table / f"part-{part:05d}.parquet"


def _holds_something(path: Path) -> bool:
    """Tell whether there is anything but the torn beginning of a run."""
    if not path.is_dir():
        return path.exists()
    return any(not each.name.endswith(UNFINISHED) for each in path.iterdir())


def _manifest_in(path: Path) -> dict[str, Any] | None:
    """Return the manifest of a cohort's folder, None where there is none."""
    where = path / MANIFEST
    if not where.is_file():
        return None
    try:
        manifest = json.loads(where.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        rule = f"cannot be read ({problem})"
        raise InputError(str(where), MANIFEST, rule, "delete the folder and begin anew") from None
    if not isinstance(manifest, dict) or manifest.get("garland_cohort") != 1:
        raise InputError(str(where), MANIFEST, "is not a manifest of a cohort", "name another folder")
    return manifest


def _environment() -> dict[str, str]:
    """Return what the numbers of a run may hang on besides its spec: interpreter, libraries, processor."""
    libraries = {name: version(name) for name in _LIBRARIES}
    return {"python": platform.python_version(), **libraries, "machine": platform.machine()}


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn what the system says against writing into an error that says what is kept (InputError)."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = "make room and run the same command again: what is finished is kept"
            raise InputError("--out", str(path), "is on a disk that is full", remedy) from None
        rule = f"cannot be written ({problem.strerror})"
        raise InputError("--out", str(path), rule, "name a folder you may write") from None


Columns = Callable[[str], Float64s]


@dataclass(frozen=True)
class _Opened:
    """A cohort whose every part is there.

    Attributes
    ----------
    path : Path
        Its folder.
    spec : CohortSpec
        The cohort.
    """

    path: Path
    spec: CohortSpec

    def file(self, table: str, part: int) -> Path:
        """Return the path of one file of a part; `table` is ``people`` or ``visits``."""
        return _part_file(self.path, table, part)

    @contextmanager
    def columns(self, table: str, part: int) -> Iterator[Columns]:
        """Yield what reads one column after another, as floats, from a file that is opened once."""
        path = self.file(table, part)
        with _reading(path):
            file = pq.ParquetFile(path)

        def read(name: str) -> Float64s:
            with _reading(path):
                return _floats(file.read([name], use_threads=False), name)

        with file:
            yield read

    def tables(self, table: str) -> Iterator[Any]:
        """Yield one table part after part, as `pyarrow.Table`."""
        for part in range(self.spec.parts):
            yield _read_table(self.file(table, part))


def opened(path: Path, same_version: bool = False) -> _Opened:
    """Return the finished cohort of a folder."""
    manifest = _manifest_in(path)
    if manifest is None:
        rule = "holds no cohort" if path.is_dir() else "is not a folder"
        raise InputError("FOLDER", str(path), rule, "name a folder that garland cohort wrote")
    remedy = "run garland cohort with its spec and folder again"
    if not manifest.get("finished"):
        raise InputError("FOLDER", str(path), "holds a cohort that is not finished", remedy)
    if same_version and manifest.get("version") != __version__:
        rule = f"was made by version {manifest.get('version')}, this is {__version__}"
        raise InputError("FOLDER", str(path), rule, "make the cohort anew")
    found = _Opened(path, parse_spec(CohortSpec, manifest.get("spec"), WHAT, str(path / MANIFEST)))
    for part in range(found.spec.parts):
        for table in TABLES:
            if not found.file(table, part).is_file():
                raise InputError("FOLDER", found.file(table, part).name, "is missing", remedy)
    return found


def _read_table(file: Path) -> Any:
    """Return the table of one file."""
    with _reading(file):
        return pq.read_table(file, use_threads=False)


def _floats(table: Any, name: str) -> Float64s:
    """Return a column of a table as floats; booleans as 0 and 1, NaN where there is nothing."""
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False), np.float64)


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Turn what is wrong with a file of a part into an error of the folder (InputError)."""
    try:
        yield
    except (OSError, ValueError) as problem:
        why = " ".join(str(problem).split())[:80]
        remedy = "delete it and run garland cohort again"
        raise InputError("FOLDER", file.name, f"cannot be read ({why})", remedy) from None


def run(spec: CohortSpec, path: Path, workers: Workers) -> _Folder:
    """Return the folder of a cohort with every part in it; parts that are there already are kept."""
    folder = _Folder(path, spec)
    todo = folder.missing()
    if todo:
        folder.write_manifest(finished=False)
        left = sum(map(spec.people_of, todo))
        tell(_so_far(spec, len(todo)))
        with losses_in_words(), pool(workers) as executor:
            made = completed(executor, partial(_make, spec), todo, workers.count)
            for missing, (number, done) in zip(reversed(range(len(todo))), made, strict=True):
                folder.keep(number, done.result())
                left -= spec.people_of(number)
                tell(_so_far(spec, missing), 1.0 - left / spec.size)
    folder.write_manifest(finished=True)
    return folder


def _so_far(spec: CohortSpec, missing: int) -> str:
    return f"{spec.name}: {spec.parts - missing:,} of {spec.parts:,} parts"
