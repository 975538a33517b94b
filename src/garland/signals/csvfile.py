"""Recordings as plain tables: one column of time, one of each channel.

The header names each column and its unit, as in ``time_ms,sural_uV`` or ``time [s]; EDB [mV]``. Lines that
begin with ``#`` may say ``# rate_hz: 25000`` and ``# unit: uV``. Commas, semicolons and tabs part columns;
with semicolons or tabs a comma may be the decimal sign.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from garland import __version__
from garland.errors import InputError
from garland.signals.checks import _even_step
from garland.signals.told import Told, _microvolts, _unit_of
from garland.signals.trace import Floats, Trace

_MS_OF = {"ms": 1.0, "msec": 1.0, "s": 1000.0, "sec": 1000.0, "seconds": 1000.0, "us": 1e-3, "µs": 1e-3}
_UNIT_AT_END = re.compile(r"^(?P<name>.*?)[\s_]*[\[(]?\s*(?P<unit>[A-Za-zµμ]+)\s*[\])]?$")
_LONGEST_CELL = 24


def _read_csv(content: bytes, name: str, told: Told) -> tuple[Trace, ...]:
    """Read a table of samples."""
    notes, header, rows, separator = _lines(content, name)
    table = _numbers(rows, separator, name, len(header) if header else None)
    columns = header or ["" for _ in range(table.shape[1])]
    times = [k for k, column in enumerate(columns) if _time_unit(column) is not None]
    channels = [k for k in range(table.shape[1]) if k not in times[:1]]
    if not channels:
        raise InputError(
            name, ", ".join(columns), "holds no channel beside the time", "add a column of samples"
        )
    start, rate = _clock(table, columns, times, told.rate_hz or _note_number(notes, "rate_hz", name), name)
    traces = []
    for k in channels:
        label, unit = _label_and_unit(columns[k], k + 1)
        path = f"{name}: column {k + 1}" + (f" ({label})" if label else "")
        factor = _microvolts(told, unit or notes.get("unit"), path)
        traces.append(
            Trace(np.ascontiguousarray(table[:, k]) * factor, rate, start, label or f"column {k + 1}")
        )
    return tuple(traces)


def _lines(content: bytes, name: str) -> tuple[dict[str, str], list[str], list[tuple[int, str]], str | None]:
    """Return notes, header cells, rows with their line numbers, and what parts columns."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1") if b"\x00" not in content else ""
    if not text or "\x00" in text:
        raise InputError(name, "binary data", "is no table of text", "export as CSV, or use the right ending")
    lines = [(k, line.strip()) for k, line in enumerate(text.splitlines(), 1) if line.strip()]
    notes = {}
    for _, line in lines:
        if line.startswith("#") and ":" in line:
            key, _, value = line[1:].partition(":")
            notes[key.strip().lower()] = value.strip()
    rows = [(k, line) for k, line in lines if not line.startswith("#")]
    if not rows:
        raise InputError(name, "no rows", "is no recording", "export the samples, one row each")
    data = rows[min(1, len(rows) - 1)][1]
    separator = next((mark for mark in (";", "\t", ",") if mark in data and mark in rows[0][1]), None)
    alone = separator is None and len(data.split()) == 1
    first = [cell.strip().strip('"') for cell in ([rows[0][1]] if alone else _cells(rows[0][1], separator))]
    if all(_is_number(cell, separator) for cell in first):
        return notes, [], rows, separator
    if len(rows) == 1:
        raise InputError(name, "a header alone", "is no recording", "export the samples, one row each")
    return notes, first, rows[1:], separator


def _cells(line: str, separator: str | None) -> list[str]:
    return line.split(separator)


def _is_number(cell: str, separator: str | None) -> bool:
    try:
        float(cell.replace(",", ".") if separator not in (",",) else cell)
    except ValueError:
        return cell.strip() == ""
    return True


def _numbers(rows: list[tuple[int, str]], separator: str | None, name: str, width: int | None) -> Floats:
    """Return the cells as numbers, shape (rows, columns)."""
    texts = [line for _, line in rows]
    if separator != ",":
        texts = [line.replace(",", ".") for line in texts]
    width = width or len(_cells(texts[0], separator))
    try:
        table = np.loadtxt(texts, delimiter=separator, ndmin=2, comments=None)
    except ValueError:
        table = None
    if table is not None and table.shape[1] == width:
        return np.asarray(table, float)
    raise _bad_cell(rows, texts, separator, name, width)


def _bad_cell(
    rows: list[tuple[int, str]], texts: list[str], separator: str | None, name: str, width: int
) -> InputError:
    """Return the error that names the first line that cannot be read."""
    for k, ((number, _), line) in enumerate(zip(rows, texts, strict=True)):
        cells = _cells(line, separator)
        path = f"{name}: line {number}"
        if len(cells) != width:
            last = k == len(rows) - 1
            rule = f"stand where the others have {width}" + (": the file is cut short" if last else "")
            return InputError(
                path, f"{len(cells)} cells", rule, "export it again" if last else "mend the line"
            )
        for cell in cells:
            try:
                float(cell)
            except ValueError:
                shown = cell.strip()[:_LONGEST_CELL]
                return InputError(path, shown, "is no number", "write samples only, one header line at most")
    return InputError(name, f"{width} columns", "cannot be read as numbers", "export as CSV")


def _label_and_unit(column: str, number: int) -> tuple[str, str | None]:
    """Return the name of a column without its unit, and the unit; None where it has none."""
    found = _UNIT_AT_END.match(column)
    if found and _unit_of(found["unit"]) is not None and (found["name"] or len(found["unit"]) > 1):
        return found["name"].strip(" _[(") or f"column {number}", found["unit"]
    return column, None


def _time_unit(column: str) -> float | None:
    """Return milliseconds per unit of a time column; None if the column is no time."""
    plain = column.strip().lower()
    words = re.split(r"[\s_\[\]()/]+", plain.strip("[]()"))
    unit = _MS_OF.get(words[-1])
    if plain in _MS_OF:
        return _MS_OF[plain]
    if words[0] in ("time", "t", "zeit", "temps"):
        return unit if unit is not None else (1000.0 if len(words) == 1 else None)
    return None


def _note_number(notes: dict[str, str], key: str, name: str) -> float | None:
    if key not in notes:
        return None
    try:
        return float(notes[key])
    except ValueError:
        raise InputError(f"{name}: # {key}", notes[key], "is no number", "write samples per second") from None


def _clock(
    table: Floats, columns: list[str], times: list[int], rate_hz: float | None, name: str
) -> tuple[float, float]:
    """Return start [ms] and rate [Hz] from the time column, or from what is told."""
    if times:
        unit = _time_unit(columns[times[0]]) or 1.0
        column = table[:, times[0]] * unit
        path = f"{name}: column {times[0] + 1} ({columns[times[0]]})"
        return float(column[0]), 1000.0 / _even_step(column, path)
    if rate_hz is None:
        remedy = "name a column time_ms, or say --rate with the samples per second"
        raise InputError(name, "no time column", "leaves the rate open", remedy)
    if not 0.0 < rate_hz < float("inf"):
        raise InputError("--rate", rate_hz, "is not above zero", "write samples per second")
    return 0.0, rate_hz


def _write_csv(traces: Sequence[Trace], path: Path | str, note: str = "SIMULATED") -> None:
    """Write traces of one clock as a table that `_read_csv` reads back."""
    _same_clock(traces)
    header = ",".join(["time_ms", *(f"{_plain(trace.label, k)} [uV]" for k, trace in enumerate(traces, 1))])
    lines = [
        f"# {' '.join(note.split())}, garland {__version__}",
        f"# rate_hz: {traces[0].rate_hz:.10g}",
        header,
    ]
    table = np.column_stack([traces[0].times_ms, *(trace.samples_uv for trace in traces)])
    forms = ["%.7f", *["%.7g"] * len(traces)]
    with Path(path).open("w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(lines) + "\n")
        np.savetxt(file, table, fmt=forms, delimiter=",")


def _plain(label: str, number: int) -> str:
    return re.sub(r"[,;\t\n\"#]+", " ", label).strip() or f"channel {number}"


def _same_clock(traces: Sequence[Trace]) -> None:
    """Refuse traces that do not share rate, start and length (InputError)."""
    if not traces:
        raise InputError("traces", 0, "channels make no recording", "give at least one")
    clocks = {(trace.rate_hz, trace.start_ms, len(trace.samples_uv)) for trace in traces}
    if len(clocks) > 1:
        raise InputError("traces", len(clocks), "clocks do not fit one file", "write one file for each")
