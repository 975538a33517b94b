"""A recording read from a file: EDF, BDF, WAV or CSV, as traces in microvolts; and written.

>>> read("sural.edf")  # doctest: +SKIP
(Trace(...),)
"""

from __future__ import annotations

import io
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np

from garland.errors import InputError
from garland.signals.csvfile import _read_csv, _write_csv
from garland.signals.edffile import _read_edf, write_edf
from garland.signals.told import MICROVOLTS, Told, _opened
from garland.signals.trace import Floats, Trace

__all__ = [
    "MICROVOLTS",
    "Told",
    "_read_csv",
    "_read_edf",
    "_read_wav",
    "_write_csv",
    "chosen",
    "read",
    "write_edf",
]

SUFFIXES = (".edf", ".bdf", ".wav", ".csv", ".tsv", ".txt")


def read(path: Path | str, told: Told | None = None) -> tuple[Trace, ...]:
    """Read a recording, one trace for each channel."""
    file, said = Path(path), told or Told()
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError("FILE", str(file), "has an ending that is not known", f"use {', '.join(SUFFIXES)}")
    content = _opened(file)
    if suffix in (".edf", ".bdf"):
        traces = _read_edf(content, file.name, said)
    elif suffix == ".wav":
        traces = _read_wav(content, file.name, said)
    else:
        traces = _read_csv(content, file.name, said)
    if said.stimulus_ms is None:
        return traces
    return tuple(replace(trace, start_ms=trace.start_ms - said.stimulus_ms) for trace in traces)


def chosen(traces: tuple[Trace, ...], channel: str | None) -> tuple[Trace, ...]:
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
            raise InputError("--channel", word, "is no channel of this file", f"use one of: {names}")
        found += named
    return tuple(found)


def _read_wav(content: bytes, name: str, told: Told) -> tuple[Trace, ...]:
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
    if told.full_scale_uv is None:
        remedy = "say what the loudest sample means: --full-scale-uv 1000"
        raise InputError(name, "WAV", "does not say its size in microvolts", remedy)
    if not 0.0 < told.full_scale_uv < float("inf"):
        raise InputError("--full-scale-uv", told.full_scale_uv, "is not above zero", "write it in microvolts")
    samples = _whole_numbers(frames, said.sampwidth).reshape(-1, said.nchannels) * told.full_scale_uv
    return tuple(
        Trace(np.ascontiguousarray(samples[:, k]), float(said.framerate), 0.0, f"channel {k + 1}")
        for k in range(said.nchannels)
    )


def _whole_numbers(frames: bytes, width: int) -> Floats:
    """Return the samples of a WAV file relative to full scale [-1..1]; 8 bits are unsigned."""
    raw = np.frombuffer(frames, np.uint8).reshape(-1, width)
    if width == 1:
        return (raw[:, 0].astype(float) - 128.0) / 128.0
    wide = np.zeros((len(raw), 4), np.uint8)
    wide[:, 4 - width :] = raw
    return wide.view("<i4")[:, 0].astype(float) / 2.0**31
