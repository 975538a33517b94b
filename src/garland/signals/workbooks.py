"""Recordings in workbooks (XLSX, by `openpyxl`) and in files of MATLAB (MAT, by `scipy`).

A sheet is read as the table of text that it would be if it were exported. A MAT file holds arrays under names
that people choose; what they mean is read from the usual words for rate, time, units and labels.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.signals.recordings import Overrides, _Channel, _check_size, _Contents, _Piece, _unbroken
from garland.signals.text_clock import _Clock
from garland.signals.text_layout import _WORD, _label_and_unit, _likely_unit, _time_unit
from garland.signals.text_tables import _read_text

_SHORTEST = 16
"""Numbers that an array must have to be taken for samples [-]."""
_LARGEST_BYTES = 400_000_000
_RATE = re.compile(
    r"^(fs|sf|srate|rate|sampl\w*_?(rate|freq\w*)|samplerate|freq|frequency|rate_hz|fsamp)$", re.I
)
_INTERVAL = re.compile(r"^(dt|isi|interval|sampl\w*_?interval|step|sample_?time)$", re.I)
_INTERVAL_UNIT = re.compile(r"^(dt|isi|interval)_?units?$", re.I)
_TIME = re.compile(r"^(t|time|times|time_?m?s|timestamps?)$", re.I)
_UNIT = re.compile(r"^(units?|unit_?text|y_?units?)$", re.I)
_LABEL = re.compile(r"^(labels?|titles?|names?|channels?|channel_?names?)$", re.I)


def _read_workbook(path: Path, said: Overrides, asked: str | None = None) -> _Contents:
    """Return what the first sheet with a table of samples holds."""
    try:
        import openpyxl
    except ImportError:
        remedy = "install it with: pip install 'garland[files]', or export as CSV"
        raise InputError(
            path.name, "XLSX", "needs the package openpyxl, which is not there", remedy
        ) from None
    if path.stat().st_size > _LARGEST_BYTES:
        raise InputError(path.name, "XLSX", "is too large to be read at once", "export it as CSV")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            sheets = {sheet.title: _sheet_text(sheet) for sheet in book.worksheets}
            book.close()
    except MemoryError:
        raise
    except Exception as problem:
        why = " ".join(str(problem).split())[:80]
        raise InputError(
            path.name, "XLSX", f"cannot be read ({why})", "save it again, or as CSV"
        ) from problem
    first: InputError | None = None
    for title, text in sheets.items():
        try:
            contents = _read_text(lambda text=text: io.StringIO(text), f"{path.name}: {title}", said, asked)  # type: ignore[misc]
        except InputError as problem:
            first = first or problem
            continue
        if len(sheets) > 1:
            contents.doubts.append(f"{path.name} has {len(sheets)} sheets: only {title!r} is read.")
        return contents
    raise first or InputError(path.name, "no sheet", "holds a table", "put the samples into the first sheet")


def _sheet_text(sheet: Any) -> str:
    """Return a sheet as text with tabs between its cells."""
    lines = []
    for row in sheet.iter_rows(values_only=True):
        cells = [_cell_text(value) for value in row]
        lines.append("\t".join(cells).rstrip("\t"))
    return "\n".join(lines) + "\n"


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value)
    return " ".join(str(value).split()).replace("\t", " ")


def _read_mat(path: Path, said: Overrides, asked: str | None = None) -> _Contents:
    """Return what a MAT file holds: vectors, or the columns of a matrix."""
    values = _mat_values(path)
    rate, doubts = _mat_rate(values, said)
    arrays = {name: array for name, value in values.items() if (array := _samples_of(value)) is not None}
    times = next((arrays.pop(name) for name in list(arrays) if _TIME.match(name)), None)
    if not arrays:
        raise InputError(
            path.name, "no array", f"of {_SHORTEST} numbers or more is in it", "save the samples"
        )
    if times is not None and rate is None:
        rate, words = _rate_of_times(times[:, 0], path.name, values)
        doubts += words
    if rate is None or not 0.0 < rate < float("inf"):
        remedy = "save the rate as fs, or say --rate with the samples per second"
        raise InputError(path.name, "no rate", "leaves the times open", remedy)
    units, labels = _texts(values, _UNIT), _texts(values, _LABEL)
    channels: list[_Channel] = []
    many = sum(array.shape[1] for array in arrays.values())
    for name, array in arrays.items():
        for k in range(array.shape[1]):
            place = len(channels)
            label, unit = _label_and_unit(name)
            label = labels[place] if len(labels) == many else label
            label = f"{label} {k + 1}" if array.shape[1] > 1 and len(labels) != many else label
            unit = (units[place] if len(units) == many else units[0] if len(units) == 1 else "") or unit
            channels.append(_mat_channel(array[:, k], label or name, unit, rate, path.name, place + 1))
    return _Contents(channels, (), doubts)


def _mat_values(path: Path) -> Mapping[str, Any]:
    """Return the variables of a MAT file; those of its only structure lie beside them."""
    from scipy.io import loadmat

    with path.open("rb") as file:
        if b"MATLAB 7.3" in file.read(128):
            raise InputError(path.name, "MAT 7.3", "is not read", "save it with -v7, or export as CSV")
    if path.stat().st_size > _LARGEST_BYTES:
        raise InputError(path.name, "MAT", "is too large to be read at once", "export one channel, or as CSV")
    _check_survives(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = loadmat(path, squeeze_me=True, struct_as_record=False)
    except MemoryError:
        raise InputError(path.name, "MAT", "asks for too much memory", "save it again, or as CSV") from None
    except Exception as problem:
        why = " ".join(str(problem).split())[:80]
        raise InputError(path.name, "MAT", f"cannot be read ({why})", "save it again, or as CSV") from problem
    values = {name: value for name, value in found.items() if not name.startswith("__")}
    for value in list(values.values()):
        if hasattr(value, "_fieldnames"):
            values |= {name: getattr(value, name) for name in value._fieldnames}
    return values


_LOAD = "import sys, scipy.io; scipy.io.loadmat(sys.argv[1], squeeze_me=True, struct_as_record=False)"
_LOAD_SECONDS = 60.0


def _check_survives(path: Path) -> None:
    """Refuse a file at which the reader of SciPy breaks down: a damaged one can end the whole process."""
    try:
        command = [sys.executable, "-W", "ignore", "-c", _LOAD, str(path.resolve())]
        code = subprocess.run(command, capture_output=True, timeout=_LOAD_SECONDS, check=False).returncode
    except subprocess.TimeoutExpired:
        code = -1
    if code not in (0, 1):
        raise InputError(path.name, "MAT", "cannot be read (it is damaged)", "save it again, or as CSV")


def _samples_of(value: Any) -> Float64s | None:
    """Return an array as samples in rows and channels in columns; None if it is none."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu" or value.ndim not in (1, 2):
        return None
    table = value[:, None] if value.ndim == 1 else value
    table = table.T if table.shape[0] < table.shape[1] else table
    return np.asarray(table, float) if table.shape[0] >= _SHORTEST else None


def _scalar(value: Any) -> float | None:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu" or not array.size or array.size > 64 or array.min() != array.max():
        return None
    return float(array.flat[0])


def _mat_rate(values: Mapping[str, Any], said: Overrides) -> tuple[float | None, list[str]]:
    """Return the samples per second that the user or a variable says, and doubts."""
    if said.rate_hz is not None:
        return said.rate_hz, []
    for name, value in values.items():
        number = _scalar(value)
        if number is None or not number > 0.0:
            continue
        if _RATE.match(name):
            return number, []
        if _INTERVAL.match(name):
            words = _texts(values, _INTERVAL_UNIT)
            unit = _time_unit(words[0]) if words else None
            guess = _likely_unit(number)
            doubts = [] if unit else [f"The interval {name} has no unit: {_WORD[guess]} is a guess."]
            return 1e3 / (number * (unit or guess)), doubts
    return None, []


def _rate_of_times(times: Float64s, name: str, values: Mapping[str, Any]) -> tuple[float, list[str]]:
    spelled = next((one for one in values if _TIME.match(one)), "time")
    unit = 1.0 if spelled.lower().endswith("ms") else 0.0
    clock = _Clock(f"{name}: {spelled}", unit)
    clock.feed(times)
    doubts = []
    if not unit:
        unit = _likely_unit(clock.step())
        doubts.append(f"{name}: {spelled} does not say its unit: {_WORD[unit]} is a guess from its step.")
    if clock.gaps:
        raise clock.refusal(unit) or InputError(name, spelled, "has gaps", "save it without gaps")
    rate, words = clock.rate_hz(unit, None, False)
    return rate, doubts + words


def _texts(values: Mapping[str, Any], words: re.Pattern[str]) -> list[str]:
    """Return the texts of the first variable with such a name."""
    for name, value in values.items():
        if words.match(name):
            flat = [value] if isinstance(value, str) else list(np.asarray(value).flat)
            if all(isinstance(one, str) for one in flat):
                return [str(one).strip() for one in flat]
    return []


def _mat_channel(samples: Float64s, label: str, unit: str, rate: float, name: str, number: int) -> _Channel:
    path = f"{name}: channel {number} ({label})"
    doubts: list[str] = []

    def load() -> list[_Piece]:
        _check_size(len(samples), path)
        lost = int((~np.isfinite(samples)).sum())
        pieces, words = _unbroken(samples, lambda k: 1e3 * k / rate, (), path)
        if not pieces:
            raise InputError(path, f"{lost} samples", "are lost, and little lies between", "save it whole")
        doubts.extend(words)
        return pieces

    return _Channel(number, label, unit, rate, load, path, doubts)
