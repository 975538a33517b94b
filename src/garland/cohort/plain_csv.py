"""A cohort as two plain CSV files, and a third that says what each column is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from garland.cohort.exported import SIMULATED, _CsvFile, _whole_folder
from garland.cohort.folder import TABLES
from garland.cohort.opened import _Opened

_README = """{simulated}

Cohort {name}, {size} people, seed {seed}. people.csv has one row for each person, visits.csv one for each
person and visit; columns.csv gives unit and description of each column. Empty: not done. No response: an
amplitude of 0, with latency and velocity empty.
"""


def export_csv(cohort: _Opened, out: Path, tell: Callable[[str], None] | None = None) -> None:
    """Write ``people.csv``, ``visits.csv`` and ``columns.csv``."""
    say, spec = tell or (lambda _: None), cohort.spec
    with _whole_folder(out) as folder:
        about = _CsvFile(folder / "columns.csv", ("table", "column", "unit", "description"))
        for table in TABLES:
            schema = pq.read_schema(cohort.file(table, 0))
            told = [field.metadata for field in schema]
            units = [[kept[key].decode() for kept in told] for key in (b"unit", b"description")]
            about.add({"table": table, "column": schema.names, "unit": units[0], "description": units[1]})
            file = _CsvFile(folder / f"{table}.csv", tuple(schema.names))
            for part, rows in enumerate(cohort.tables(table)):
                if rows.num_rows:
                    file.add({name: rows.column(name) for name in schema.names})
                say(f"{spec.name}: {table}, {part + 1} of {spec.parts} parts")
            file.close()
        about.close()
        words = _README.format(simulated=SIMULATED, name=spec.name, size=f"{spec.size:,}", seed=spec.seed)
        (folder / "README.md").write_text(words, encoding="utf-8")
