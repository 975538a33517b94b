"""Recordings read from files, as traces in microvolts; and written as EDF.

What a file is, its ending and its first bytes say: EDF and BDF (`edf_files`), WAV (`wav_files`), tables of
text of any make (`text_tables`), workbooks and MAT files (`workbooks`). Notes that mark a stimulus set the
clock to it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from garland import __version__
from garland.errors import InputError
from garland.io import whole_file
from garland.signals.edf_files import _read_edf
from garland.signals.recordings import Overrides, _asked_for, _Contents, _on_stimuli, _stimuli, _traces_of
from garland.signals.text_tables import _read_table
from garland.signals.trace import Trace
from garland.signals.wav_files import _read_wav
from garland.signals.workbooks import _read_mat, _read_workbook

if TYPE_CHECKING:
    from edfio import EdfSignal

_READERS = {
    ".edf": _read_edf, ".bdf": _read_edf, ".rec": _read_edf, ".wav": _read_wav, ".csv": _read_table,
    ".tsv": _read_table, ".txt": _read_table, ".asc": _read_table, ".dat": _read_table,
    ".xlsx": _read_workbook, ".xlsm": _read_workbook, ".mat": _read_mat,
}  # fmt: skip
SUFFIXES = tuple(_READERS)


def _read_recording(
    path: Path | str, overrides: Overrides | None = None, channel: str | None = None
) -> tuple[Trace, ...]:
    """Read a recording, one trace for each channel that is asked for or each of its pieces."""
    file, said = Path(path), overrides or Overrides()
    if said.rate_hz is not None and not 0.0 < said.rate_hz < float("inf"):
        raise InputError("--rate", said.rate_hz, "is not above zero", "write samples per second")
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        raise InputError("FILE", str(file), "has an ending that is not known", f"use {', '.join(SUFFIXES)}")
    try:
        if not file.stat().st_size:
            raise InputError("FILE", str(file), "is empty", "name a recording")
        contents: _Contents = reader(file, said, channel)
        stimuli, doubts = (
            ([], []) if said.stimulus_ms is not None else _stimuli(contents.notes, said, file.name)
        )
        chosen = _asked_for(contents.channels, channel, said)
        read = [_on_stimuli(_traces_of(one, said), stimuli, said) for one in chosen]
    except OSError as problem:
        why = (problem.strerror or "unreadable").lower()
        raise InputError("FILE", str(file), f"cannot be read ({why})", "name a recording") from problem
    except MemoryError:
        remedy = "choose one with --channel, or export a shorter stretch"
        raise InputError("FILE", str(file), "is too large for the memory", remedy) from None
    whole = (*contents.doubts, *doubts)
    traces = tuple(replace(one, doubts=(*whole, *one.doubts)) for part in read for one in part)
    names = contents.labels or [one.label for one in contents.channels]
    return _pick_channels(traces, channel, names)


def _pick_channels(
    traces: tuple[Trace, ...], channel: str | None, names: Sequence[str] = ()
) -> tuple[Trace, ...]:
    """Return the traces a user asks for: by label, or by name or number of their channel.

    `names` are those of all the channels of the file; without them each trace is a channel.
    """
    if channel is None:
        return traces
    names = names or [trace.label for trace in traces]
    found: list[Trace] = []
    for word in (word.strip() for word in channel.split(",")):
        wanted = word
        if word.isdigit() and word not in names and 1 <= int(word) <= len(names):
            wanted = names[int(word) - 1]
        named = [trace for trace in traces if trace.label.lower() == wanted.lower()] or [
            trace
            for trace in traces
            if trace.label.lower().startswith(f"{wanted.lower()} ")
            and trace.label[len(wanted) + 1 :].replace(" ", "").isdigit()
        ]
        if not named and word.isdigit() and len(names) == 1 and 1 <= int(word) <= len(traces):
            named = [traces[int(word) - 1]]
        if not named:
            shown = ", ".join(f"{k} {name}".strip() for k, name in enumerate(names[:12], 1))
            raise InputError("--channel", word, "is not a channel of this file", f"use one of: {shown}")
        found += named
    return tuple(found)


def _same_clock(traces: Sequence[Trace]) -> None:
    """Refuse traces that do not share rate, start and length (InputError)."""
    if not traces:
        raise InputError("traces", 0, "channels make no recording", "give at least one")
    clocks = {(trace.rate_hz, trace.start_ms, len(trace.samples_uv)) for trace in traces}
    if len(clocks) > 1:
        raise InputError("traces", len(clocks), "clocks do not fit one file", "write one file for each")


STIMULUS = "stimulus"
_HEADROOM = 1.25
"""How far the range of the file goes beyond the samples: a peak must not stand at the rail."""
_RECORD_MS = (1000, 500, 250, 200, 100, 50, 40, 25, 20, 10, 5, 4, 2, 1)
_RECORD_BYTES = 61440


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
