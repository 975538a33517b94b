"""Tables of text read in blocks: only columns that were asked for are kept, however long the file.

A clean block is read by `pyarrow`; a block with anything odd in it is read again line by line, so that every
lost sample is told with its line. Columns of time are not kept: each block is checked against an even grid.
"""

from __future__ import annotations

import io
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.progress import tell
from garland.signals.recordings import (
    Overrides,
    _asked_for,
    _Channel,
    _check_size,
    _Contents,
    _listed,
    _Note,
    _Piece,
    _unbroken,
    _unit_of,
)
from garland.signals.text_clock import _Clock
from garland.signals.text_layout import (
    _WORD,
    _cells,
    _find_layout,
    _is_index,
    _is_time,
    _kind,
    _label_and_unit,
    _Layout,
    _likely_unit,
    _said_rate,
    _seconds,
    _time_unit,
    _value,
)

_SAMPLE_LINES, _SAMPLE_CHARS, _BLOCK_CHARS = 600, 400_000, 8_000_000
_LONGEST_CELL = 24
_MOST_DAMAGED = 0.2
"""Share of rows that may be damaged before a file is no table at all [0..1]."""


class _Time(NamedTuple):
    """A column of time: its place, and milliseconds in its unit; 0: nobody says."""

    place: int
    unit_ms: float
    path: str


class _Plan(NamedTuple):
    """What to read of a table: channels, each with the column of its time, or None."""

    layout: _Layout
    name: str
    channels: tuple[_Channel, ...]
    places: dict[int, int]
    times: dict[int, _Time | None]


class _Rows:
    """What was read so far: columns, clocks, and what was lost."""

    def __init__(self, columns: Sequence[int], clocks: dict[int, _Clock]) -> None:
        self.columns = {k: array("d") for k in columns if k not in clocks}
        self.clocks = clocks
        self.count = 0
        self.line = 0
        self.damaged: list[str] = []
        self.first: InputError | None = None
        self.words: list[str] = []
        self.breaks: list[int] = []
        self.notes: list[tuple[int, str]] = []

    def add(self, block: dict[int, Float64s]) -> None:
        """Take rows over, column by column."""
        for k, values in block.items():
            if k in self.clocks:
                self.clocks[k].feed(values)
            else:
                self.columns[k].frombytes(np.ascontiguousarray(values, float).tobytes())
        self.count += len(next(iter(block.values()), ()))


def _read_table(path: Path, said: Overrides, asked: str | None = None) -> _Contents:
    """Return what a table of text holds."""
    encoding = _encoding(path)
    return _read_text(lambda: path.open(encoding=encoding, errors="replace"), path.name, said, asked)


def _encoding(path: Path) -> str:
    """Return how a text is encoded, from its mark or its zero bytes (InputError if it is none)."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE_CHARS)
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if head.startswith(mark):
            return encoding
    if b"\x00" in head:
        even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
        most = 0.4 * len(head[:2000]) / 2
        if len(head) > 8 and max(even, odd) > most and min(even, odd) < 0.1 * max(even, odd):
            return "utf-16-le" if odd > even else "utf-16-be"
        raise InputError(
            path.name, "binary data", "is not a table of text", "export as CSV, or use the right ending"
        )
    try:
        head[: len(head) - 4 if len(head) == _SAMPLE_CHARS else None].decode("utf-8")
    except UnicodeDecodeError as problem:
        return "cp1252" if problem.start < len(head) - 4 or len(head) < _SAMPLE_CHARS else "utf-8"
    return "utf-8"


def _read_text(open_text: Callable[[], IO[str]], name: str, said: Overrides, asked: str | None) -> _Contents:
    """Return what a text holds; it is opened twice, to look at and to read."""
    with open_text() as stream:
        lines = stream.read(_SAMPLE_CHARS).splitlines()[:_SAMPLE_LINES]
    layout = _find_layout(lines, name)
    if layout.kinds.count("n") > 64 and layout.kinds.count("n") > 2 * len(lines):
        raise InputError(
            name,
            f"{len(layout.kinds)} columns",
            "are more than rows: samples lie side by side",
            "turn the table",
        )
    sample = [_cells(line, layout.separator) for line in lines[layout.skip :]]
    rate, start, doubts = _said_rate(layout.header)
    doubts = [f"{name}: {doubt}" for doubt in doubts]
    if said.rate_hz is not None:
        rate, doubts = said.rate_hz, []
    plan, ignored, labels = _planned(layout, sample, name, rate, said, asked)
    doubts += ignored
    rows = _read_rows(open_text, plan)
    _check_damage(rows, name)
    if rows.damaged:
        doubts.append(f"{name} is damaged: {_listed(rows.damaged)}.")
    if rows.words:
        doubts.append(f"{name}: {_listed(rows.words)}: no samples; the rows before and after are kept apart.")
    channels = [_filled(one, plan, rows, rate, start, said) for one in plan.channels]
    first = channels[0]
    notes = [_Note(start + 1e3 * k / first.rate_hz, text) for k, text in rows.notes]
    return _Contents(channels, notes, doubts, tuple(labels))


def _planned(
    layout: _Layout,
    sample: list[list[str]],
    name: str,
    rate: float | None,
    said: Overrides,
    asked: str | None,
) -> tuple[_Plan, list[str], list[str]]:
    """Return what to read, doubts about columns left out, and the names of all channels."""
    channels: list[_Channel] = []
    places: dict[int, int] = {}
    times: dict[int, _Time | None] = {}
    ignored: list[str] = []
    now: _Time | None = None
    for k, kind in enumerate(layout.kinds):
        label, unit = _label_and_unit(layout.names[k])
        unit = unit or layout.units[k]
        cells = [row[k] if k < len(row) else "" for row in sample]
        column = np.array([_value(cell, layout.decimal) for cell in cells], float)
        path = f"{name}: column {k + 1}" + (f" ({layout.names[k]})" if layout.names[k] else "")
        if kind == "w" or kind == "e":
            continue
        if _is_time(label or layout.names[k], unit, kind):
            now = _Time(k, 1e3 if kind == "t" else _time_unit(unit or label) or 0.0, path)
        elif _is_index(label, column):
            ignored.append(f"{path} counts the samples: not read.")
        elif (
            now is None
            and k == 0
            and _unit_of(unit) is None
            and len(layout.kinds) > 1
            and _rises_evenly(column)
        ):
            now = _Time(k, 0.0, path)
            ignored.append(f"{path} rises evenly and is taken for the time.")
        else:
            number = len(channels) + 1
            label = label or f"column {k + 1}"
            where = f"{name}: column {k + 1} ({label})" if label != f"column {k + 1}" else path
            channels.append(_Channel(number, label, unit or _noted_unit(layout.header), 0.0, list, where))
            places[number], times[number] = k, now
    if not channels:
        shown = ", ".join(layout.names)
        raise InputError(name, shown, "holds no channel beside the time", "add a column of samples")
    chosen = tuple(_asked_for(channels, asked, said))
    if rate is None and times[chosen[0].number] is None:
        for line in layout.header:
            if found := re.match(r"^\W*rate_hz\s*[:=]\s*(\S+)", line):
                raise InputError(
                    f"{name}: rate_hz", found[1], "is not a number", "write samples per second there"
                )
        remedy = "name a column time_ms, or say --rate with the samples per second"
        raise InputError(name, "no time column", "leaves the rate open", remedy)
    return _Plan(layout, name, chosen, places, times), ignored, [one.label for one in channels]


def _noted_unit(header: Sequence[str]) -> str | None:
    """Return the unit that a line of the preamble says for all channels."""
    for line in header:
        found = re.search(r"\bunits?\b[\s\"]*[:=,;\t]+[\s\"]*([^\s,;\"]+)", line, re.IGNORECASE)
        found = found or re.search(r"[\[(]([nuµμm]?V)[\])]", line)
        if found and _unit_of(found[1]) is not None:
            return found[1]
    return None


def _rises_evenly(column: Float64s) -> bool:
    """Tell whether numbers without a name are a time."""
    held = column[np.isfinite(column)]
    steps = np.diff(held)
    if len(steps) < 7 or not (steps > 0.0).all():
        return False
    return bool(np.abs(steps - np.median(steps)).max() <= 0.6 * np.median(steps))


def _read_rows(open_text: Callable[[], IO[str]], plan: _Plan) -> _Rows:
    """Read the columns of the plan."""
    wanted = sorted({plan.places[one.number] for one in plan.channels})
    clocks = {
        time.place: _Clock(time.path, time.unit_ms)
        for one in plan.channels
        if (time := plan.times[one.number])
    }
    rows = _Rows(wanted, clocks)
    columns = sorted({*wanted, *clocks})
    for block, share in _blocks(open_text, plan.layout.skip):
        clean = _clean_block(block, plan.layout, columns)
        if clean is None:
            _odd_block(block, plan, columns, rows)
        else:
            rows.add(clean)
            rows.line += block.count("\n")
        _check_size(rows.count, plan.name)
        if share is not None:
            tell("reading the recording", share)
    return rows


def _blocks(open_text: Callable[[], IO[str]], skip: int) -> Iterator[tuple[str, float | None]]:
    """Yield whole lines in blocks, and the share of the file that is read where it is long."""
    with open_text() as stream:
        raw = getattr(stream, "buffer", None)
        size = raw.seek(0, io.SEEK_END) if raw is not None else 0
        stream.seek(0)
        for _ in range(skip):
            stream.readline()
        while block := stream.read(_BLOCK_CHARS):
            block += stream.readline()
            yield block, min(raw.tell() / size, 1.0) if raw is not None and size > _BLOCK_CHARS else None


def _clean_block(block: str, layout: _Layout, columns: Sequence[int]) -> dict[int, Float64s] | None:
    """Return the columns of a block of whole rows; None where anything in it is odd."""
    if layout.separator == " ":
        return _spaced_block(block, layout, columns)
    import pyarrow as pa
    from pyarrow import csv

    width = len(_cells(block[: block.find("\n")], layout.separator)) if "\n" in block else 0
    if width < len(layout.kinds):
        return None
    kinds = {f"c{k}": pa.string() if layout.kinds[k] == "t" else pa.float64() for k in columns}
    try:
        table = csv.read_csv(
            pa.BufferReader(block.encode("utf-8", "replace")),
            csv.ReadOptions(column_names=[f"c{k}" for k in range(width)], use_threads=False),
            csv.ParseOptions(delimiter=layout.separator),
            csv.ConvertOptions(column_types=kinds, include_columns=list(kinds), decimal_point=layout.decimal),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    lines = block.count("\n") + (not block.endswith("\n"))
    if table.num_rows != lines or any(column.null_count for column in table.columns):
        return None
    found = {}
    for k in columns:
        column = table.column(f"c{k}")
        if layout.kinds[k] == "t":
            found[k] = np.array([_seconds(cell) for cell in column.to_pylist()], float)
        else:
            found[k] = column.to_numpy()
        if not np.isfinite(found[k]).all():
            return None
    return found


def _spaced_block(block: str, layout: _Layout, columns: Sequence[int]) -> dict[int, Float64s] | None:
    if "t" in layout.kinds or '"' in block or "#" in block:
        return None
    lines = (block.replace(",", ".") if layout.decimal == "," else block).splitlines()
    try:
        table = np.loadtxt(lines, ndmin=2, comments=None)
    except ValueError:
        return None
    fits = table.shape == (len(lines), len(layout.kinds)) and np.isfinite(table).all()
    return {k: np.ascontiguousarray(table[:, k]) for k in columns} if fits else None


def _odd_block(block: str, plan: _Plan, columns: Sequence[int], rows: _Rows) -> None:
    """Read a block line by line, and tell what is lost in it."""
    layout = plan.layout
    read: list[list[float]] = []
    begin = rows.line + layout.skip
    for number, line in enumerate(block.splitlines(), begin + 1):
        if not line.strip() or line.lstrip()[0] in "#%":
            continue
        cells = _cells(line, layout.separator)
        while len(cells) > len(layout.kinds) and not cells[-1]:
            cells.pop()
        forms = [_kind(cell, layout.decimal) for cell in cells]
        place = rows.count + len(read)
        if "n" not in forms and "z" not in forms and "t" not in forms and "l" not in forms:
            rows.words.append(f"line {number} ('{line.strip()[:_LONGEST_CELL]}')")
            rows.breaks.append(place)
            rows.first = rows.first or _no_number(plan.name, number, cells, forms)
            continue
        if len(cells) > len(layout.kinds) and all(form == "w" for form in forms[len(layout.kinds) :]):
            rows.notes.append((place, " ".join(cells[len(layout.kinds) :]).lstrip("#* ")))
            cells = cells[: len(layout.kinds)]
        read.append(_odd_row(cells, number, plan, columns, rows))
    rows.line += block.count("\n")
    table = np.array(read, float).reshape(-1, len(columns))
    rows.add({k: np.ascontiguousarray(table[:, j]) for j, k in enumerate(columns)})


def _odd_row(cells: list[str], number: int, plan: _Plan, columns: Sequence[int], rows: _Rows) -> list[float]:
    """Return the numbers of a row, NaN where they are lost."""
    layout, width = plan.layout, len(plan.layout.kinds)
    if len(cells) != width:
        rule = f"stand where the others have {width}"
        rows.first = rows.first or InputError(
            f"{plan.name}: line {number}", f"{len(cells)} cells",
            f"{rule}: the file is cut short or damaged there",
            "mend the line, or export it again",
        )  # fmt: skip
        rows.damaged.append(f"line {number} has {len(cells)} cells in place of {width}")
        return [float("nan")] * len(columns)
    values = []
    for k in columns:
        value = _seconds(cells[k]) if layout.kinds[k] == "t" else _value(cells[k], layout.decimal)
        if not np.isfinite(value) and (cells[k] or k not in rows.columns):
            shown = cells[k][:_LONGEST_CELL]
            if k in rows.columns and _kind(cells[k], layout.decimal) == "l":
                values.append(value)
                continue
            rows.first = rows.first or _no_number(plan.name, number, [shown], ["w"])
            rows.damaged.append(f"line {number}, column {k + 1}: '{shown}' is not a number")
        values.append(value)
    return values


def _no_number(name: str, line: int, cells: Sequence[str], forms: Sequence[str]) -> InputError:
    shown = next((cell for cell, form in zip(cells, forms, strict=True) if form == "w"), "")[:_LONGEST_CELL]
    return InputError(f"{name}: line {line}", shown, "is not a number", "write samples only below the header")


def _check_damage(rows: _Rows, name: str) -> None:
    """Refuse a table of which too much is damaged (InputError)."""
    if not rows.count:
        raise rows.first or InputError(
            name, "no rows", "is not a recording", "export the samples, one row each"
        )
    if len(rows.damaged) > max(_MOST_DAMAGED * rows.count, 1):
        share = f"{len(rows.damaged)} of {rows.count} rows"
        remedy = f"export it again; the first: {rows.damaged[0]}"
        raise InputError(name, share, "are damaged: this is no table of samples", remedy)


def _filled(
    one: _Channel, plan: _Plan, rows: _Rows, rate: float | None, start: float, said: Overrides
) -> _Channel:
    """Return a channel with its rate and its samples."""
    time, doubts = plan.times[one.number], list(one.doubts)
    samples = np.frombuffer(rows.columns[plan.places[one.number]], float)
    if time is None:
        assert rate is not None
        hertz, breaks, zero = rate, rows.breaks, start

        def starts(k: int) -> float:
            return zero + 1e3 * (k - max((b for b in breaks if b <= k), default=0)) / hertz

    else:
        clock = rows.clocks[time.place]
        unit, words = _unit_of_time(clock, rate)
        doubts += words
        hertz, words = clock.rate_hz(unit, rate, said.rate_hz is not None)
        doubts += words
        breaks = sorted({*rows.breaks, *(gap.row for gap in clock.gaps)})

        def starts(k: int) -> float:
            return clock.at(k) * unit

    pieces, words = _unbroken(samples, starts, breaks, one.path)
    doubts += words
    if not pieces:
        raise rows.first or (rows.clocks[time.place].refusal(unit) if time else None) or _too_short(one.path)
    label, path = one.label, one.path
    return _Channel(one.number, label, one.unit, hertz, lambda: _as_pieces(pieces), path, doubts)


def _too_short(path: str) -> InputError:
    return InputError(path, "too few samples", "lie between two losses", "export it again without losses")


def _as_pieces(pieces: list[_Piece]) -> list[_Piece]:
    return pieces


def _unit_of_time(clock: _Clock, rate: float | None) -> tuple[float, list[str]]:
    """Return milliseconds in the unit of a clock, and a doubt where it is a guess."""
    if clock.unit_ms:
        return clock.unit_ms, []
    if (epoch := clock.epoch_ms()) is not None:
        return epoch, [f"{clock.path} is taken for a date and counts from its first sample."]
    unit = _likely_unit(clock.step(), rate)
    if rate is not None and abs(clock.step() * unit * rate / 1e3 - 1.0) < 0.01:
        return unit, []
    return unit, [f"{clock.path} does not say its unit: {_WORD[unit]} is a guess from its step."]
