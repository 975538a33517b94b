"""What every export of a cohort shares: a folder that appears whole, and files of comma-separated values."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from garland.cohort.folder import _writing
from garland.errors import InputError

SIMULATED = "SIMULATED: nothing here was measured in a person. Not a medical device."
_TORN = ".unfinished"


@contextmanager
def _whole_folder(out: Path) -> Iterator[Path]:
    """Yield a folder to write into, which gets the name `out` once all is written."""
    with _writing(out):
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise InputError("--out", str(out), "holds something else", "name an empty or a new folder")
        half = out.with_name(out.name + _TORN)
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        try:
            yield half
            if out.exists():
                out.rmdir()
            half.rename(out)
        finally:
            shutil.rmtree(half, ignore_errors=True)


class _CsvFile:
    """A file of comma-separated values that grows table by table; nothing is empty.

    Parameters
    ----------
    path : Path
        File to write.
    columns : tuple of str
        Its columns, in order; the header is written even where no row follows.
    """

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self._stream = path.open("wb")
        self._stream.write((",".join(columns) + "\n").encode())
        self.columns, self.rows = columns, 0

    def add(self, given: dict[str, Any]) -> None:
        """Append rows; columns that are not given stay empty."""
        n = next(len(value) for value in given.values() if _is_column(value))
        filled = [_filled(given.get(name), n) for name in self.columns]
        table = pa.table(filled, names=list(self.columns))
        plain = csv.WriteOptions(include_header=False, quoting_style="needed")
        csv.write_csv(table, self._stream, plain)
        self.rows += n

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def _is_column(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str)


def _filled(value: Any, n: int) -> Any:
    if value is None:
        return pa.nulls(n, pa.string())
    if _is_column(value):
        return value if isinstance(value, pa.Array | pa.ChunkedArray) else pa.array(value, from_pandas=True)
    return pa.array([value] * n) if n < 2 else pa.repeat(value, n)


def _write_json(path: Path, told: dict[str, Any]) -> None:
    """Write a mapping as JSON."""
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
