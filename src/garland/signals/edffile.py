"""Recordings in the European data format: EDF with 16 bits, BDF with 24.

Lengths are checked on the header itself before anything is believed. An annotation ``stimulus`` says when the
stimulus came.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from garland import __version__
from garland.errors import InputError
from garland.signals.csvfile import _same_clock
from garland.signals.told import Told, _microvolts
from garland.signals.trace import Trace

if TYPE_CHECKING:
    from edfio import Bdf, BdfSignal, Edf, EdfSignal

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


def _read_edf(content: bytes, name: str, told: Told) -> tuple[Trace, ...]:
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
            stimuli = [] if told.stimulus_ms is not None else _stimuli(file)
            numbered = [(k, one) for k, one in enumerate(signals, 1) if one.label != "Status"]
            traces = [_trace(one, k, name, told) for k, one in numbered]
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


def _trace(signal: EdfSignal | BdfSignal, number: int, name: str, told: Told) -> Trace:
    label = signal.label or f"channel {number}"
    path = f"{name}: channel {number} ({label})"
    factor = _microvolts(told, signal.physical_dimension, path)
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
    file.write(Path(path))


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
