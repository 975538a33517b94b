"""The two tables of a cohort as Parquet, with the unit of every column in its metadata."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from garland import __version__
from garland._types import AnyArray
from garland.cohorts.measures import _Measure
from garland.cohorts.spec import CohortSpec
from garland.cohorts.visits import _Rows
from garland.evidence import read_yaml
from garland.evidence.library import ROOT
from garland.model.diseases import DISEASES
from garland.records.reading import spec_hash

PEOPLE = {name: tuple(described) for name, described in read_yaml(ROOT / "exports" / "people.yaml").items()}
"""Columns that the table of people may hold: unit and description."""
_YES_NO = ("diabetes", "autoimmune", "stroke")
_COMPRESSION = "zstd"


def _people_bytes(spec: CohortSpec, rows: _Rows, first: int) -> bytes:
    """Return the table of people of one part as Parquet."""
    values: dict[str, AnyArray] = {"patient": np.arange(first, first + len(rows.vectors)), **rows.people}
    plain = {name: _column(name, values[name]) for name in PEOPLE if name in values and name != "cause"}
    words = {
        "cause": _words(values["cause"], [cause.name for cause in DISEASES]),
        "sex": _words((values["male"] > 0.5).astype(np.int64), ["female", "male"]),
    }
    named = {name: column for name in PEOPLE if (column := {**plain, **words}.get(name)) is not None}
    return _bytes(spec, named, {name: PEOPLE[name] for name in named})


def _visits_bytes(spec: CohortSpec, rows: _Rows, first: int, measured: Mapping[str, AnyArray]) -> bytes:
    """Return the table of visits of one part as Parquet."""
    columns = {one.name: one for one in spec.columns}
    named: dict[str, pa.Array] = {
        "patient": pa.array(first + rows.person_row, pa.int64()),
        "visit": pa.array(rows.visit, pa.int16()),
        "day": pa.array(rows.day, pa.float32()),
    }
    named |= {name: _measured(columns[name], values) for name, values in measured.items()}
    about = {
        "patient": PEOPLE["patient"],
        "visit": ("1", "number of the visit, from 0"),
        "day": ("d", "day since the first symptom; since the start where there is no illness"),
    } | {name: (one.unit, one.description) for name, one in columns.items()}
    return _bytes(spec, named, about)


def _column(name: str, values: AnyArray) -> pa.Array:
    if name == "patient":
        return pa.array(values, pa.int64())
    if name in _YES_NO:
        return pa.array(values > 0.5, pa.bool_())
    return pa.array(values.astype(np.float32), pa.float32(), mask=np.isnan(values))


def _words(codes: AnyArray, words: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(words))


def _measured(one: _Measure, values: AnyArray) -> pa.Array:
    gap = np.isnan(values)
    if one.way == "yes" or (one.way == "grade" and not one.name.endswith("mrc")):
        return pa.array(np.where(gap, 0, values).astype(np.int8), pa.int8(), mask=gap)
    return pa.array(values.astype(np.float32), pa.float32(), mask=gap)


def _bytes(spec: CohortSpec, named: Mapping[str, pa.Array], about: Mapping[str, tuple[str, str]]) -> bytes:
    """Return one table as the bytes of a Parquet file."""
    fields = [
        pa.field(name, array.type, metadata={"unit": about[name][0], "description": about[name][1]})
        for name, array in named.items()
    ]
    kept = {
        "simulated": "true",
        "garland_version": __version__,
        "cohort": spec.name,
        "seed": str(spec.seed),
        "spec_sha256": spec_hash(spec),
    }
    table = pa.table(list(named.values()), pa.schema(fields, kept))
    out = pa.BufferOutputStream()
    pq.write_table(table, out, compression=_COMPRESSION, use_dictionary=["cause", "sex"])
    return bytes(out.getvalue().to_pybytes())
