"""Recordings read from EDF, BDF, WAV and CSV files, as traces in microvolts; and written.

CSV: the header names each column and its unit, as in ``time_ms,sural_uV`` or ``time [s]; EDB [mV]``. Lines
that begin with ``#`` may say ``# rate_hz: 25000`` and ``# unit: uV``. Commas, semicolons and tabs part
columns; with semicolons or tabs a comma may be the decimal sign. EDF has 16 bits, BDF 24: lengths are checked
on the header itself before anything is believed; an annotation ``stimulus`` says when the stimulus came.
"""

from __future__ import annotations

import io
import math
import re
import warnings
import wave
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from garland import __version__
from garland._types import Float64s
from garland.errors import InputError, did_you_mean
from garland.io import whole_file
from garland.signals.trace import Trace, _even_step

if TYPE_CHECKING:
    from edfio import Bdf, BdfSignal, Edf, EdfSignal

MICROVOLTS = {"nV": 1e-3, "uV": 1.0, "mV": 1e3, "V": 1e6}
"""Microvolts in one of each unit [uV]."""

_SPELLINGS = {
    "nv": "nV", "uv": "uV", "µv": "uV", "μv": "uV", "mcv": "uV", "microvolt": "uV", "microvolts": "uV",
    "mv": "mV", "millivolt": "mV", "millivolts": "mV", "v": "V", "volt": "V", "volts": "V",
}  # fmt: skip


class Overrides(NamedTuple):
    """What the file does not say, or says wrongly; None leaves it to the file.

    Attributes
    ----------
    unit : str or None
        ``uV``, ``mV``, ``V`` or ``nV``; goes before the unit in the file.
    rate_hz : float or None
        Samples per second [Hz], for a CSV file without times.
    full_scale_uv : float or None
        What the largest number of a WAV file means [uV].
    stimulus_ms : float or None
        When the stimulus came, on the clock of the file [ms].
    """

    unit: str | None = None
    rate_hz: float | None = None
    full_scale_uv: float | None = None
    stimulus_ms: float | None = None


def _unit_of(word: str) -> str | None:
    """Return the unit a word stands for, in any usual spelling; None if it stands for none.

    ``MV`` and ``mv`` are millivolts: no recording is in megavolts.
    """
    return _SPELLINGS.get(word.strip().strip("[]()").lower())


def _microvolts(overrides: Overrides, in_file: str | None, path: str) -> float:
    """Return microvolts per unit of a channel.

    [uV].
    """
    word = overrides.unit if overrides.unit is not None else in_file
    if word is None or not word.strip():
        raise InputError(
            path, "no unit", "leaves the size open", "say --unit uV, mV or V, or write it in the header"
        )
    known = _unit_of(word)
    if known is None:
        where = "--unit" if overrides.unit is not None else path
        raise InputError(where, word, "is not a unit of voltage", did_you_mean(word, MICROVOLTS))
    return MICROVOLTS[known]


def _file_bytes(path: Path) -> bytes:
    """Return the whole file."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        why = (problem.strerror or "unreadable").lower()
        raise InputError("FILE", str(path), f"cannot be read ({why})", "name a recording") from problem
    if not content:
        raise InputError("FILE", str(path), "is empty", "name a recording")
    return content


_MS_OF = {"ms": 1.0, "msec": 1.0, "s": 1000.0, "sec": 1000.0, "seconds": 1000.0, "us": 1e-3, "µs": 1e-3}
_UNIT_AT_END = re.compile(r"^(?P<name>.*?)[\s_]*[\[(]?\s*(?P<unit>[A-Za-zµμ]+)\s*[\])]?$")
_LONGEST_CELL = 24


def _read_csv(content: bytes, name: str, overrides: Overrides) -> tuple[Trace, ...]:
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
    start, rate = _clock(
        table, columns, times, overrides.rate_hz or _note_number(notes, "rate_hz", name), name
    )
    traces = []
    for k in channels:
        label, unit = _label_and_unit(columns[k], k + 1)
        path = f"{name}: column {k + 1}" + (f" ({label})" if label else "")
        factor = _microvolts(overrides, unit or notes.get("unit"), path)
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
        raise InputError(
            name, "binary data", "is not a table of text", "export as CSV, or use the right ending"
        )
    lines = [(k, line.strip()) for k, line in enumerate(text.splitlines(), 1) if line.strip()]
    notes = {}
    for _, line in lines:
        if line.startswith("#") and ":" in line:
            key, _, value = line[1:].partition(":")
            notes[key.strip().lower()] = value.strip()
    rows = [(k, line) for k, line in lines if not line.startswith("#")]
    if not rows:
        raise InputError(name, "no rows", "is not a recording", "export the samples, one row each")
    data = rows[min(1, len(rows) - 1)][1]
    separator = next((mark for mark in (";", "\t", ",") if mark in data and mark in rows[0][1]), None)
    alone = separator is None and len(data.split()) == 1
    first = [cell.strip().strip('"') for cell in ([rows[0][1]] if alone else _cells(rows[0][1], separator))]
    if all(_is_number(cell, separator) for cell in first):
        return notes, [], rows, separator
    if len(rows) == 1:
        raise InputError(name, "a header alone", "is not a recording", "export the samples, one row each")
    return notes, first, rows[1:], separator


def _cells(line: str, separator: str | None) -> list[str]:
    return line.split(separator)


def _is_number(cell: str, separator: str | None) -> bool:
    try:
        float(cell.replace(",", ".") if separator not in (",",) else cell)
    except ValueError:
        return cell.strip() == ""
    return True


def _numbers(rows: list[tuple[int, str]], separator: str | None, name: str, width: int | None) -> Float64s:
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
                return InputError(
                    path, shown, "is not a number", "write samples only, one header line at most"
                )
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
        raise InputError(
            f"{name}: # {key}", notes[key], "is not a number", "write samples per second"
        ) from None


def _clock(
    table: Float64s, columns: list[str], times: list[int], rate_hz: float | None, name: str
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


def _same_clock(traces: Sequence[Trace]) -> None:
    """Refuse traces that do not share rate, start and length (InputError)."""
    if not traces:
        raise InputError("traces", 0, "channels make no recording", "give at least one")
    clocks = {(trace.rate_hz, trace.start_ms, len(trace.samples_uv)) for trace in traces}
    if len(clocks) > 1:
        raise InputError("traces", len(clocks), "clocks do not fit one file", "write one file for each")


STIMULUS = "stimulus"
_MAIN, _PER_SIGNAL = 256, 256
_HEADROOM = 1.25
"""How far the range of the file goes beyond the samples: a peak must not stand at the rail."""
_RECORD_MS = (1000, 500, 250, 200, 100, 50, 40, 25, 20, 10, 5, 4, 2, 1)
_RECORD_BYTES = 61440


class _Header(NamedTuple):
    """Sizes from the header [bytes], records promised (-1: the machine did not count)."""

    header: int
    records: int
    record: int


def _read_edf(content: bytes, name: str, overrides: Overrides) -> tuple[Trace, ...]:
    """Read an EDF or BDF file; which of the two, its first byte says."""
    import edfio

    bits = content[:1] == b"\xff"
    _check_length(content, _sizes(content, name, 3 if bits else 2), name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            file = edfio.read_bdf(io.BytesIO(content)) if bits else edfio.read_edf(io.BytesIO(content))
            whole = file.is_continuous
            signals: Sequence[EdfSignal | BdfSignal] = file.signals
            stimuli = [] if overrides.stimulus_ms is not None else _stimuli(file)
            numbered = [(k, one) for k, one in enumerate(signals, 1) if one.label != "Status"]
            traces = [_trace(one, k, name, overrides) for k, one in numbered]
    except (ValueError, ArithmeticError, IndexError, KeyError, UnicodeError) as problem:
        why = " ".join(str(problem).split())[:80]
        raise InputError(name, "EDF", f"cannot be read ({why})", "export it again, or as CSV") from problem
    if not whole:
        raise InputError(name, "EDF+D", "has gaps in time", "export it without gaps, as EDF+C")
    if not traces:
        raise InputError(
            name, "no channel", "leaves nothing to measure", "export the signal, not its annotations"
        )
    return tuple(piece for trace in traces for piece in _sweeps(trace, stimuli))


def _sizes(content: bytes, name: str, width: int) -> _Header:
    """Return the sizes that the header promises."""
    try:
        header, records = int(content[184:192]), int(content[236:244])
        signals = int(content[252:256])
        begin = _MAIN + 216 * signals
        counts = [int(content[begin + 8 * k : begin + 8 * k + 8]) for k in range(signals)]
        if header != _MAIN + _PER_SIGNAL * signals or not counts or min(counts) < 1:
            raise ValueError
    except ValueError:
        remedy = "check the ending of the file; export as EDF, BDF or CSV"
        raise InputError(name, "the header", "is not that of an EDF or BDF file", remedy) from None
    return _Header(header, records, width * sum(counts))


def _check_length(content: bytes, sizes: _Header, name: str) -> None:
    held = (len(content) - sizes.header) / sizes.record
    if held < 1.0 or held < sizes.records:
        promised = f"{max(held, 0.0):.4g} of {max(sizes.records, 1)} data records"
        raise InputError(name, promised, "are there: the file is cut short", "copy or export it again")


def _stimuli(file: Edf | Bdf) -> list[float]:
    """Return when stimuli came, from the annotations [ms]."""
    return sorted(1000.0 * note.onset for note in file.annotations if note.text.strip().lower() == STIMULUS)


def _trace(signal: EdfSignal | BdfSignal, number: int, name: str, overrides: Overrides) -> Trace:
    label = signal.label or f"channel {number}"
    path = f"{name}: channel {number} ({label})"
    factor = _microvolts(overrides, signal.physical_dimension, path)
    if signal.physical_min == signal.physical_max or signal.digital_min == signal.digital_max:
        raise InputError(path, "range 0", "gives no scale", "export it again with a range, or as CSV")
    return Trace(np.asarray(signal.data, float) * factor, float(signal.sampling_frequency), 0.0, label)


def _sweeps(trace: Trace, stimuli: list[float]) -> list[Trace]:
    """Return the trace on the clock of its stimulus, or cut from each stimulus to the next."""
    if not stimuli:
        return [trace]
    if len(stimuli) == 1:
        return [Trace(trace.samples_uv, trace.rate_hz, 0.0 - stimuli[0], trace.label)]
    step = 1000.0 / trace.rate_hz
    sweeps = []
    for k, (begin, end) in enumerate(zip(stimuli, [*stimuli[1:], trace.duration_ms + step], strict=True), 1):
        piece = trace.between(begin, end - step)
        label = f"{trace.label} {k}"
        sweeps.append(Trace(piece.samples_uv, trace.rate_hz, piece.start_ms - begin, label))
    return sweeps


def write_edf(traces: Sequence[Trace], path: Path | str, stimulated: bool = True, code: str = "X") -> None:
    """Write traces of one clock as EDF+ that says in its patient and recording fields that it is
    SIMULATED.
    """
    import edfio

    _same_clock(traces)
    first = traces[0]
    if stimulated and first.start_ms > 0.0:
        raise InputError(
            "traces", f"{first.start_ms:g} ms", "is after the stimulus", "write from the stimulus on"
        )
    record_ms, n = _record(first, len(traces))
    notes = [edfio.EdfAnnotation(-first.start_ms / 1000.0, None, STIMULUS)] if stimulated else []
    signals = [_signal(trace, n, k) for k, trace in enumerate(traces, 1)]
    file = edfio.Edf(
        signals,
        patient=edfio.Patient(code="_".join(code.split()) or "X", name="SIMULATED"),
        recording=edfio.Recording(equipment_code=f"Garland_{__version__}", additional=("SIMULATED",)),
        data_record_duration=record_ms / 1000.0,
        annotations=notes,
    )
    with whole_file(Path(path)) as stream:
        file.write(stream)


def _record(trace: Trace, channels: int) -> tuple[int, int]:
    """Return the length of a data record [ms] and the samples that fill whole records."""
    for length in _RECORD_MS:
        per_record = trace.rate_hz * length / 1000.0
        if abs(per_record - round(per_record)) > 1e-9 or 2 * per_record * channels > _RECORD_BYTES:
            continue
        if len(trace.samples_uv) % round(per_record) == 0 or length == _shortest(trace.rate_hz):
            return length, math.ceil(len(trace.samples_uv) / round(per_record)) * round(per_record)
    rule = "samples per second do not fill records of whole milliseconds"
    raise InputError("traces", f"{trace.rate_hz:g}", rule, "write CSV, or resample to whole kilohertz")


def _shortest(rate_hz: float) -> int:
    """Return the shortest record of whole samples [ms]."""
    whole = [length for length in _RECORD_MS if abs(rate_hz * length / 1000.0 % 1.0) < 1e-9]
    return min(whole, default=0)


def _signal(trace: Trace, n: int, number: int) -> EdfSignal:
    import edfio

    samples = np.pad(trace.samples_uv, (0, n - len(trace.samples_uv)), mode="edge")
    most = max(_HEADROOM * float(np.abs(samples).max()), 1e-3)
    label = trace.label.encode("ascii", "replace").decode()[:16].strip() or f"channel {number}"
    return edfio.EdfSignal(
        samples, trace.rate_hz, label=label, physical_dimension="uV", physical_range=(-most, most)
    )


SUFFIXES = (".edf", ".bdf", ".wav", ".csv", ".tsv", ".txt")


def _read_recording(path: Path | str, overrides: Overrides | None = None) -> tuple[Trace, ...]:
    """Read a recording, one trace for each channel."""
    file, said = Path(path), overrides or Overrides()
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError("FILE", str(file), "has an ending that is not known", f"use {', '.join(SUFFIXES)}")
    content = _file_bytes(file)
    if suffix in (".edf", ".bdf"):
        traces = _read_edf(content, file.name, said)
    elif suffix == ".wav":
        traces = _read_wav(content, file.name, said)
    else:
        traces = _read_csv(content, file.name, said)
    if said.stimulus_ms is None:
        return traces
    return tuple(replace(trace, start_ms=trace.start_ms - said.stimulus_ms) for trace in traces)


def _pick_channels(traces: tuple[Trace, ...], channel: str | None) -> tuple[Trace, ...]:
    """Return the channels a user asks for."""
    if channel is None:
        return traces
    found = []
    for word in (word.strip() for word in channel.split(",")):
        named = [trace for trace in traces if trace.label.lower() == word.lower()]
        if not named and word.isdigit() and 1 <= int(word) <= len(traces):
            named = [traces[int(word) - 1]]
        if not named:
            names = ", ".join(f"{k} {trace.label}".strip() for k, trace in enumerate(traces[:12], 1))
            raise InputError("--channel", word, "is not a channel of this file", f"use one of: {names}")
        found += named
    return tuple(found)


def _read_wav(content: bytes, name: str, overrides: Overrides) -> tuple[Trace, ...]:
    """Read a WAV file of whole numbers of 8, 16, 24 or 32 bits."""
    try:
        with wave.open(io.BytesIO(content)) as sound:
            said = sound.getparams()
            frames = sound.readframes(said.nframes)
    except (wave.Error, EOFError, ValueError) as problem:
        why = " ".join(str(problem).split()) or "it ends within the header"
        remedy = "export as PCM WAV, 16 or 24 bits"
        raise InputError(name, "WAV", f"cannot be read ({why})", remedy) from problem
    one = said.sampwidth * said.nchannels
    if len(frames) < said.nframes * one:
        held = f"{len(frames) // one} of {said.nframes} samples"
        raise InputError(name, held, "are there: the file is cut short", "copy or export it again")
    if overrides.full_scale_uv is None:
        remedy = "say what the loudest sample means: --full-scale-uv 1000"
        raise InputError(name, "WAV", "does not say its size in microvolts", remedy)
    if not 0.0 < overrides.full_scale_uv < float("inf"):
        raise InputError(
            "--full-scale-uv", overrides.full_scale_uv, "is not above zero", "write it in microvolts"
        )
    samples = _whole_numbers(frames, said.sampwidth).reshape(-1, said.nchannels) * overrides.full_scale_uv
    return tuple(
        Trace(np.ascontiguousarray(samples[:, k]), float(said.framerate), 0.0, f"channel {k + 1}")
        for k in range(said.nchannels)
    )


def _whole_numbers(frames: bytes, width: int) -> Float64s:
    """Return the samples of a WAV file relative to full scale [-1..1]; 8 bits are unsigned."""
    raw = np.frombuffer(frames, np.uint8).reshape(-1, width)
    if width == 1:
        return (raw[:, 0].astype(float) - 128.0) / 128.0
    wide = np.zeros((len(raw), 4), np.uint8)
    wide[:, 4 - width :] = raw
    return wide.view("<i4")[:, 0].astype(float) / 2.0**31
