"""EDF and BDF recordings read record by record: plain, EDF+C, and EDF+D with its gaps as pieces.

The header is read here and not by a library, for machines fill it in by their own rules: units in any
encoding, decimal commas, counts of records that are not what the file holds. Records lie in mapped memory;
only channels that were asked for are turned into numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.progress import tell
from garland.signals.recordings import Overrides, _Channel, _check_size, _Contents, _Note, _Piece

_MAIN, _PER_SIGNAL = 256, 256
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
"""Widths of the fields of a signal: label, transducer, unit, limits, filter, samples, reserved [bytes]."""
_BLOCK_BYTES = 8_000_000
_ANNOTATION = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15[\d.]*)?\x14([^\x00]*?)\x14?\x00")
_REMEDY = "check the ending of the file; export as EDF, BDF or CSV"


class _Signal(NamedTuple):
    """A signal of the header: samples in a record, and where they begin in it [samples]."""

    number: int
    label: str
    unit: str
    limits: tuple[str, str, str, str]
    samples: int
    begin: int

    @property
    def notes(self) -> bool:
        return self.label.lower().endswith("annotations")


class _Layout(NamedTuple):
    """A file of records: bytes of a sample, of a record and of the header; seconds of a record."""

    path: Path
    width: int
    header: int
    records: int
    record_s: float
    signals: tuple[_Signal, ...]
    discontinuous: bool

    @property
    def record(self) -> int:
        return self.width * sum(signal.samples for signal in self.signals)

    def mapped(self) -> np.ndarray:
        """Return the records, shape (records, bytes)."""
        shape = (self.records, self.record)
        return np.memmap(self.path, np.uint8, "r", self.header, shape)


def _read_edf(path: Path, said: Overrides, asked: str | None = None) -> _Contents:
    """Return what an EDF or BDF file holds; which of the two, its first byte says."""
    layout, doubts = _layout(path)
    signals = [one for one in layout.signals if not one.notes and one.label != "Status"]
    if not signals:
        raise InputError(
            path.name, "no channel", "leaves nothing to measure", "export the signal, not its annotations"
        )
    notes, onsets = _notes(layout)
    starts = _segments(onsets, layout, doubts)
    channels = [_channel(one, layout, starts) for one in signals]
    return _Contents(channels, notes, doubts)


def _text(raw: bytes) -> str:
    """Return a field of the header; UTF-8 where it is, else Latin-1."""
    try:
        return raw.decode("utf-8").strip(" \x00")
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip(" \x00")


def _number(text: str, path: str, what: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise InputError(path, text[:24], f"is no {what}: EDF cannot be read", "export it again, or as CSV")
    return value


def _layout(path: Path) -> tuple[_Layout, list[str]]:
    """Return how the file is laid out, and doubts where the header does not fit what is there."""
    size = path.stat().st_size
    with path.open("rb") as file:
        main = file.read(_MAIN)
        try:
            header, count, promised = int(main[184:192]), int(main[252:256]), int(main[236:244])
            if count < 1 or header != _MAIN + _PER_SIGNAL * count:
                raise ValueError
            fields = file.read(_PER_SIGNAL * count)
            signals = _signals(fields, count)
        except (ValueError, UnicodeError):
            raise InputError(path.name, "the header", "is not that of an EDF or BDF file", _REMEDY) from None
    width = 3 if main[:1] == b"\xff" else 2
    record_s = _number(_text(main[244:252]), path.name, "duration of a record")
    record = width * sum(signal.samples for signal in signals)
    whole, rest = divmod(max(size - header, 0), record)
    if whole < 1:
        held = f"{max(size - header, 0) / record:.4g} of {max(promised, 1)} data records"
        raise InputError(path.name, held, "are there: the file is cut short", "copy or export it again")
    if record_s <= 0.0:
        raise InputError(
            path.name, f"{record_s:g} s", "is no duration of a record", "export it again, or as CSV"
        )
    reserved = main[192:236]
    layout = _Layout(
        path, width, header, whole, record_s, signals, reserved[4:5] in b"Dd" and b"+D" in reserved
    )
    doubts = []
    if promised != whole and promised != -1:
        doubts.append(
            f"{path.name} holds {whole} whole data records where its header says {promised}: "
            "all that are there are used."
        )
    elif rest:
        doubts.append(f"{path.name}: {rest} bytes after the last whole data record are left out.")
    return layout, doubts


def _signals(fields: bytes, count: int) -> tuple[_Signal, ...]:
    """Return the signals of the header; ValueError where it holds none."""
    table, begin = [], 0
    for width in _WIDTHS:
        table.append([fields[begin + width * k : begin + width * (k + 1)] for k in range(count)])
        begin += width * count
    samples = [int(raw) for raw in table[8]]
    if min(samples) < 1:
        raise ValueError
    begins = np.concatenate([[0], np.cumsum(samples)])
    return tuple(
        _Signal(
            k + 1,
            _text(table[0][k]) or f"channel {k + 1}",
            _text(table[2][k]),
            (_text(table[3][k]), _text(table[4][k]), _text(table[5][k]), _text(table[6][k])),
            samples[k],
            int(begins[k]),
        )
        for k in range(count)
    )


def _notes(layout: _Layout) -> tuple[list[_Note], Float64s | None]:
    """Return notes on the clock of the file, and the onset of each record [s]; None where none says."""
    signals = [one for one in layout.signals if one.notes]
    if not signals:
        return [], None
    records, notes, onsets = layout.mapped(), [], np.full(layout.records, np.nan)
    for j, signal in enumerate(signals):
        part = slice(layout.width * signal.begin, layout.width * (signal.begin + signal.samples))
        for k in range(layout.records):
            found = _ANNOTATION.findall(records[k, part].tobytes() + b"\x00")
            if found and j == 0:
                onsets[k] = float(found[0][0])
            for at, texts in found:
                said = (_text(text).strip() for text in texts.split(b"\x14"))
                notes += [_Note(1000.0 * float(at), text) for text in said if text]
    if not np.isfinite(onsets).all():
        return notes, None
    origin = float(onsets[0])
    first = 1000.0 * (origin % 1.0 if 0.0 <= origin < 1.0 else origin)
    return [_Note(at - first, text) for at, text in notes], onsets - origin


def _segments(onsets: Float64s | None, layout: _Layout, doubts: list[str]) -> list[tuple[int, int, float]]:
    """Return the unbroken stretches: first record, record after the last, time of the first [ms]."""
    whole = [(0, layout.records, 0.0)]
    name = layout.path.name
    if onsets is None:
        if layout.discontinuous:
            doubts.append(f"{name} is EDF+D and does not say when each record began: read as one stretch.")
        return whole
    fastest = max(one.samples for one in layout.signals if not one.notes) / layout.record_s
    late = np.diff(onsets) - layout.record_s
    breaks = np.flatnonzero(np.abs(late) > 0.5 / fastest)
    if not len(breaks):
        return whole
    if not layout.discontinuous:
        doubts.append(
            f"{name} says that it has no gaps, but {len(breaks)} records do not follow on in time "
            f"(the first is {breaks[0] + 2}): read as one stretch."
        )
        return whole
    gaps = [
        f"{1000.0 * late[k]:.4g} ms from {1000.0 * (onsets[k] + layout.record_s):.6g} ms on"
        for k in breaks[:3]
    ]
    doubts.append(f"{name} has {len(breaks)} gaps in time ({'; '.join(gaps)}): the pieces are kept apart.")
    bounds = [0, *(breaks + 1), layout.records]
    return [(int(a), int(b), 1000.0 * float(onsets[a])) for a, b in pairwise(bounds)]


def _channel(signal: _Signal, layout: _Layout, starts: Sequence[tuple[int, int, float]]) -> _Channel:
    path = f"{layout.path.name}: channel {signal.number} ({signal.label})"

    def load() -> list[_Piece]:
        _check_size(layout.records * signal.samples, path)
        gain, offset = _scale(signal, path)
        return [_Piece(at, _samples(layout, signal, (a, b), gain, offset)) for a, b, at in starts]

    return _Channel(signal.number, signal.label, signal.unit, signal.samples / layout.record_s, load, path)


def _scale(signal: _Signal, path: str) -> tuple[float, float]:
    """Return what one step means, and what zero means, in the unit of the file."""
    low, high = (_number(text, path, "physical limit") for text in signal.limits[:2])
    bottom, top = (_number(text, path, "digital limit") for text in signal.limits[2:])
    if low == high or bottom == top:
        raise InputError(path, "range 0", "gives no scale", "export it again with a range, or as CSV")
    gain = (high - low) / (top - bottom)
    return gain, low - gain * bottom


def _samples(layout: _Layout, signal: _Signal, span: tuple[int, int], gain: float, offset: float) -> Float64s:
    """Return the samples of a stretch of records, read in blocks."""
    first, last = span
    records, width = layout.mapped(), layout.width
    samples = np.empty(((last - first), signal.samples))
    part = slice(width * signal.begin, width * (signal.begin + signal.samples))
    step = max(_BLOCK_BYTES // layout.record, 1)
    for k in range(first, last, step):
        raw = np.ascontiguousarray(records[k : min(k + step, last), part])
        samples[k - first : k - first + len(raw)] = _whole_numbers(raw, width)
        if last - first > step:
            tell("reading the recording", (k - first) / (last - first))
    samples *= gain
    samples += offset
    return samples.reshape(-1)


def _whole_numbers(raw: np.ndarray, width: int) -> np.ndarray:
    """Return little-endian numbers of 16 or 24 bits, shape (records, samples)."""
    if width == 2:
        return raw.view("<i2")
    wide = np.zeros((raw.shape[0], raw.shape[1] // 3, 4), np.uint8)
    wide[..., 1:] = raw.reshape(raw.shape[0], -1, 3)
    return wide.view("<i4")[..., 0] >> 8
