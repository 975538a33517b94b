"""A finished cohort, opened to be read part by part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from garland import __version__
from garland.cohort.folder import MANIFEST, TABLES, _manifest_in, _part_file
from garland.cohort.spec import WHAT, _CohortSpec
from garland.errors import InputError
from garland.records.spec import parse_spec


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
    spec: _CohortSpec

    def file(self, table: str, part: int) -> Path:
        """Return the path of one file of a part; `table` is ``people`` or ``visits``."""
        return _part_file(self.path, table, part)

    def tables(self, table: str) -> Iterator[Any]:
        """Yield one table part after part, as `pyarrow.Table`."""
        for part in range(self.spec.parts):
            yield _read_table(self.file(table, part))


def opened(path: Path, same_version: bool = False) -> _Opened:
    """Return the finished cohort of a folder."""
    told = _manifest_in(path)
    if told is None:
        rule = "holds no cohort" if path.is_dir() else "is no folder"
        raise InputError("FOLDER", str(path), rule, "name a folder that garland cohort wrote")
    remedy = "run garland cohort with its spec and folder again"
    if not told.get("finished"):
        raise InputError("FOLDER", str(path), "holds a cohort that is not finished", remedy)
    if same_version and told.get("version") != __version__:
        rule = f"was made by version {told.get('version')}, this is {__version__}"
        raise InputError("FOLDER", str(path), rule, "make the cohort anew")
    found = _Opened(path, parse_spec(_CohortSpec, told.get("spec"), WHAT, str(path / MANIFEST)))
    for part in range(found.spec.parts):
        for table in TABLES:
            if not found.file(table, part).is_file():
                raise InputError("FOLDER", found.file(table, part).name, "is missing", remedy)
    return found


def _read_table(file: Path, columns: list[str] | None = None) -> Any:
    """Return the table of one file."""
    with _reading(file):
        return pq.read_table(file, columns=columns, use_threads=False)


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Turn what is wrong with a file of a part into an error of the folder (InputError)."""
    try:
        yield
    except (OSError, ValueError) as problem:
        why = " ".join(str(problem).split())[:80]
        remedy = "delete it and run garland cohort again"
        raise InputError("FOLDER", file.name, f"cannot be read ({why})", remedy) from None
