"""WAV recordings: whole numbers of 8 to 32 bits and floats of 32 or 64, whatever other chunks lie between.

Neither the library of Python nor that of SciPy reads all of these: the chunks are walked here. A length that
was never filled in, as of a recorder that lost power, means all that is there.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.signals.recordings import Overrides, _Channel, _check_size, _Contents, _Piece

_WHOLE, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_UNFILLED = (0, 0xFFFFFFFF)
_REMEDY = "export as PCM or float WAV"


class _Format(NamedTuple):
    """What the chunk of the format says."""

    kind: int
    channels: int
    rate_hz: int
    width: int


def _read_wav(path: Path, said: Overrides, asked: str | None = None) -> _Contents:
    """Return what a WAV file holds."""
    form, begin, promised = _chunks(path)
    there = path.stat().st_size - begin
    frame = form.width * form.channels
    doubts = []
    if promised in _UNFILLED:
        promised = there
        doubts.append(f"{path.name} does not say its length: all that is there is read.")
    if promised > there:
        doubts.append(
            f"{path.name} holds {there // frame} of {promised // frame} samples: the file is cut short; "
            "what is there is used."
        )
    count = min(promised, there) // frame
    if count < 1:
        held = f"{count} of {promised // frame} samples"
        raise InputError(path.name, held, "are there: the file is cut short", "copy or export it again")
    full_scale = _full_scale(said, path)

    def channel(k: int) -> _Channel:
        name = f"channel {k + 1}"

        def load() -> list[_Piece]:
            _check_size(count, path.name)
            raw = np.memmap(path, np.uint8, "r", begin, (count, frame))
            part = np.ascontiguousarray(raw[:, k * form.width : (k + 1) * form.width])
            return [_Piece(0.0, _relative(part, form) * full_scale)]

        return _Channel(k + 1, name, "uV", float(form.rate_hz), load, f"{path.name}: {name}")

    return _Contents([channel(k) for k in range(form.channels)], (), doubts)


def _full_scale(said: Overrides, path: Path) -> float:
    if said.full_scale_uv is None:
        remedy = "say what the loudest sample means: --full-scale-uv 1000"
        raise InputError(path.name, "WAV", "does not say its size in microvolts", remedy)
    if not 0.0 < said.full_scale_uv < float("inf"):
        raise InputError("--full-scale-uv", said.full_scale_uv, "is not above zero", "write it in microvolts")
    return said.full_scale_uv


def _refused(path: Path, why: str) -> InputError:
    return InputError(path.name, "WAV", f"cannot be read ({why})", _REMEDY)


def _chunks(path: Path) -> tuple[_Format, int, int]:
    """Return the format, where the samples begin, and how long they are said to be [bytes]."""
    form = None
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
            raise _refused(path, "it does not begin as WAV does")
        while len(head := file.read(8)) == 8:
            name, length = head[:4], struct.unpack("<I", head[4:])[0]
            if name == b"data":
                if form is None:
                    raise _refused(path, "samples come before their format")
                return form, file.tell(), length
            if name == b"fmt ":
                form = _format(file.read(length) if length <= 4096 else b"", path)
            else:
                file.seek(length, 1)
            file.seek(length % 2, 1)
    raise _refused(path, "it ends within the header")


def _format(chunk: bytes, path: Path) -> _Format:
    """Return the format of a chunk (InputError if it is none that can be read)."""
    if len(chunk) < 16:
        raise _refused(path, "its format is cut short")
    kind, channels, rate, _, frame, bits = struct.unpack("<HHIIHH", chunk[:16])
    if kind == _EXTENSIBLE and len(chunk) >= 26:
        kind = struct.unpack("<H", chunk[24:26])[0]
    if not channels or frame % channels or not rate:
        raise _refused(path, f"{channels} channels of {bits} bits at {rate} Hz")
    width = frame // channels
    if (kind, width) not in {*((_WHOLE, n) for n in (1, 2, 3, 4)), (_FLOAT, 4), (_FLOAT, 8)}:
        raise _refused(path, f"format {kind} of {8 * width} bits")
    return _Format(kind, channels, rate, width)


def _relative(raw: np.ndarray, form: _Format) -> Float64s:
    """Return samples relative to full scale, mostly within -1..1; 8 bits are unsigned."""
    if form.kind == _FLOAT:
        return raw.view(f"<f{form.width}")[:, 0].astype(float)
    if form.width == 1:
        return (raw[:, 0].astype(float) - 128.0) / 128.0
    wide = np.zeros((len(raw), 4), np.uint8)
    wide[:, 4 - form.width :] = raw
    return wide.view("<i4")[:, 0].astype(float) / 2.0**31
