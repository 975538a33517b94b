"""Files of the kinds that machines and people write: each is read to one response, or says what is uncertain."""

# ruff: noqa: E501  a file in one line is easier to see than one that is wrapped

from __future__ import annotations

import contextlib
import io
import re
import struct
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from pulses import clock, muscle, noise

from garland._types import Float64s
from garland.errors import InputError
from garland.signals.files import _read_recording
from garland.signals.measured import measure
from garland.signals.recordings import Overrides
from garland.signals.trace import Trace

RATE, SWEEP_MS = 25e3, 40.0
T = clock(RATE, SWEEP_MS)
MV = np.round(
    (muscle(T, 4.0, 8000.0) + 3.0 * noise(np.random.default_rng(5), len(T), RATE, 2.0, 8e3)) / 1e3, 5
)
SAID = {"mV": Overrides(unit="mV"), "rate": Overrides(rate_hz=RATE), "both": Overrides("mV", RATE)}


def rows(
    separator: str = ",",
    decimal: str = ".",
    scale: float = 1e-3,
    digits: int = 7,
    end: str = "\n",
    tail: str = "",
) -> str:
    """Return times (in s by default) and millivolts, one row each."""
    lines = [f"{t * scale:.{digits}f}{separator}{v:.5f}{tail}" for t, v in zip(T, MV, strict=True)]
    return end.join(lines).replace(".", decimal) + end


def values(form: str = "{:.5f}") -> str:
    return "".join(form.format(v) + "\n" for v in MV)


def stamps(form: str) -> str:
    begin = datetime(2020, 1, 1, 23, 59, 59, 990000)
    at = [(begin + timedelta(milliseconds=float(t))).strftime(form) for t in T]
    return "".join(f"{one},{v:.5f}\n" for one, v in zip(at, MV, strict=True))


def beside(columns: list[Callable[[int], str]], separator: str = ",") -> str:
    """Return rows of time [ms] with other columns around the millivolts."""
    return "".join(separator.join(column(k) for column in columns) + "\n" for k in range(len(MV)))


MS = lambda k: f"{T[k]:.2f}"  # noqa: E731
EDB = lambda k: f"{MV[k]:.5f}"  # noqa: E731

TABLES: dict[str, str | bytes] = {
    "block header of key and value, tabs, range with unit": "Interval=\t4E-5 s\nExcelDateTime=\t4.5e+04\t1/1/2020 10:12:32\n"
    "TimeFormat=\tStartOfBlock\nChannelTitle=\tEDB\nRange=\t20.000 mV\n" + rows("\t"),
    "quoted cells": '"time_ms","EDB_mV"\r\n' + "".join(f'"{t:.4f}","{v:.5f}"\r\n' for t, v in zip(T, MV, strict=True)),
    "UTF-16, semicolon, decimal comma": ("Zeit [ms];EDB [mV]\r\n" + rows(";", ",", 1.0)).encode("utf-16"),
    "UTF-16 without a mark": ("Zeit [ms];EDB [mV]\n" + rows(";", ",", 1.0)).encode("utf-16-le"),
    "UTF-16 big end first": b"\xfe\xff" + ("Time [ms];EDB [mV]\n" + rows(";", ",", 1.0)).encode("utf-16-be"),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + ("time_ms,EDB_mV\n" + rows(",", ".", 1.0)).encode(),
    "Latin-1 micro sign": ("Zeit (µs);EDB (µV)\n" + "".join(f"{t * 1e3:.0f};{v * 1e3:.2f}\n" for t, v in zip(T, MV, strict=True))).encode("latin-1"),
    "Greek mu": "t (μs)\tEDB [μV]\n" + "".join(f"{t * 1e3:.0f}\t{v * 1e3:.2f}\n" for t, v in zip(T, MV, strict=True)),
    "quoted decimal commas between commas": '"time (ms)","EDB (mV)"\n' + "".join(f'"{t:.2f}","{v:.5f}"\n'.replace(".", ",") for t, v in zip(T, MV, strict=True)),
    "trailing separators": "time_ms;EDB_mV;\n" + rows(";", ",", 1.0, tail=";"),
    "a line of units under the names": "Time,EDB\nms,mV\n" + rows(",", ".", 1.0),
    "units in brackets under the names, tabs": "Time\tEDB\n[s]\t[mV]\n" + rows("\t"),
    "unit after a slash": "t/ms;EDB/mV\n" + rows(";", ",", 1.0),
    "time in microseconds": "time_us,EDB_mV\n" + rows(",", ".", 1e3, 1),
    "time word without unit, in seconds": "Time,EDB_mV\n" + rows(),
    "time word without unit, in milliseconds": "Time,EDB_mV\n" + rows(",", ".", 1.0),
    "clock times over midnight": "Time,EDB (mV)\n" + stamps("%H:%M:%S.%f"),
    "dates and clock times": "Timestamp,EDB (mV)\n" + stamps("%Y-%m-%dT%H:%M:%S.%f"),
    "seconds since 1970": "timestamp,EDB_mV\n" + "".join(f"{1577880000 + t / 1e3:.6f},{v:.5f}\n" for t, v in zip(T, MV, strict=True)),
    "microseconds since 1970": "epoch,EDB_mV\n" + "".join(f"{1577880000000000 + round(t * 1e3)},{v:.5f}\n" for t, v in zip(T, MV, strict=True)),
    "index column without a name": ",time_ms,EDB_mV\n" + beside([str, MS, EDB]),
    "sample numbers and a rate in the header": "Sampling frequency: 25000 Hz\nSample,EDB (mV)\n" + beside([str, EDB]),
    "rate in kilohertz in a header line": "Patient: X\nSample rate: 25 kHz\nUnits: mV\nEDB\n" + values(),
    "rate with its unit in the key": "[Data]\nSampling Frequency(kHz)=25\nEDB (mV)\n" + values(),
    "interval in a header line": "Interval= 0.04 ms\nUnit= mV\n" + values(),
    "interval per sample, names and units on lines of their own": "emg.acq\n0.04 msec/sample\n1 channels\nEDB\nmV\nmilliSec,CH1,\n,1000,\n"
    + beside([MS, EDB, lambda _: ""]),
    "start and interval before the samples": '"INFORMATION"\n"x.smr"\n\n"CHANNEL"\t"1"\n"Waveform"\n""\n"EDB"\n"mV"\n"START"\t0.00000\t0.00004\n' + values(),
    "decimal comma, header line in words": "Abtastrate: 25 kHz\nEDB [mV]\n" + values().replace(".", ","),
    "spaces of any number": "   Time (ms)    EDB (mV)\n" + "".join(f"  {t:8.2f}   {v:10.5f}\n" for t, v in zip(T, MV, strict=True)),
    "header commented out": "# time_ms EDB_mV\n" + "".join(f"{t:.18e} {v:.18e}\n" for t, v in zip(T, MV, strict=True)),
    "comment lines that say rate and unit": "# rate_hz: 25000\n# unit: mV\n" + values(),
    "a time for each channel, of different length": "X [s],EDB [mV],X [s],ACC [g]\n"
    + "".join(f"{t / 1e3:.6f},{v:.5f}," + (f"{k * 0.001:.3f},0.1\n" if k < 40 else ",\n") for k, (t, v) in enumerate(zip(T, MV, strict=True))),
    "words in a column": "time_ms,EDB_mV,state\n" + beside([MS, EDB, lambda _: "ok"]),
    "old line ends": "time_ms,EDB_mV\r" + rows(",", ".", 1.0, end="\r"),
    "minus as a sign of print": "time_ms;EDB_mV\n" + rows(";", ",", 1.0).replace("-", "−"),
    "powers of ten": "time_ms,EDB_mV\n" + "".join(f"{t:.4E},{v:.5E}\n" for t, v in zip(T, MV, strict=True)),
    "a long preamble with numbers": "".join(f"Setting {k}: {k * 3.7:.1f}\n" for k in range(60)) + "time_ms,EDB_mV\n" + rows(",", ".", 1.0),
    "preamble with the key and value in cells": "Name,X\nSampling rate,25000\nFilter low,3\nFilter high,10000\ntime_ms,EDB_mV\n" + rows(",", ".", 1.0),
    "comments behind a row": "time_ms\tEDB_mV\n" + rows("\t", ".", 1.0).replace("\n", "\t#* Stimulus\n", 1),
    "blank lines": "\n\ntime_ms,EDB_mV\n\n" + rows(",", ".", 1.0) + "\n\n",
    "bars between cells": "time_ms|EDB_mV\n" + rows("|", ".", 1.0),
    "volts": "time_s,EDB_V\n" + "".join(f"{t / 1e3:.6f},{v / 1e3:.8f}\n" for t, v in zip(T, MV, strict=True)),
}  # fmt: skip
SILENT: dict[str, tuple[str, str]] = {
    "no header at all": (rows(" "), "mV"),
    "no header, times in milliseconds": (rows(";", ",", 1.0), "mV"),
    "one column and nothing else": (values(), "both"),
    "one column with decimal commas": (values().replace(".", ","), "both"),
    "header without unit": ("time_ms,EDB\n" + rows(",", ".", 1.0), "mV"),
}


def the_response(trace: Trace) -> None:
    """Hold a trace against the response that every file tells of."""
    assert trace.rate_hz == pytest.approx(RATE, rel=1e-3)
    assert trace.start_ms == pytest.approx(0.0, abs=0.03)
    assert len(trace.samples_uv) == len(MV)
    assert trace.samples_uv == pytest.approx(1e3 * MV, abs=0.7)


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_of_each_kind_is_read(tmp_path: Path, kind: str):
    (trace,) = _read_recording(written(tmp_path / "a.txt", TABLES[kind]))
    the_response(trace)


@pytest.mark.parametrize("kind", SILENT)
def test_a_table_that_leaves_something_open_is_read_once_that_is_said(tmp_path: Path, kind: str):
    content, said = SILENT[kind]
    (trace,) = _read_recording(written(tmp_path / "a.txt", content), SAID[said])
    the_response(trace)


DOUBTED = {
    "time without unit": ("Time,EDB_mV\n" + rows(), "does not say its unit: s is a guess"),
    "time without name": ("a,EDB_mV\n" + rows(), "is taken for the time"),
    "rate without unit": ("Sample rate: 25\nEDB (mV)\n" + values(), "kHz is a guess"),
    "interval without unit": ("Interval: 0.04\nEDB (mV)\n" + values(), "ms is a guess"),
    "temperature beside": ("time_ms,EDB_mV,Temp [degC]\n" + beside([MS, EDB, lambda _: "32.1"]), "Temp .degC.$|Temp"),
    "rate that the times belie": ("Sample rate: 20 kHz\ntime_ms,EDB_mV\n" + rows(",", ".", 1.0), "25000 Hz is used"),
    "times rounded to a millisecond": ("time_ms,EDB_mV\n" + rows(",", ".", 1.0, 0), "is rounded to 1 ms"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DOUBTED)
def test_what_is_uncertain_is_said(tmp_path: Path, kind: str):
    content, why = DOUBTED[kind]
    (trace,) = _read_recording(written(tmp_path / "a.csv", content))
    assert any(re.search(why, doubt) for doubt in trace.doubts)
    assert trace.rate_hz == pytest.approx(RATE, rel=0.03)


def table(change: Callable[[list[str]], None]) -> str:
    lines = ("time_ms,EDB_mV\n" + rows(",", ".", 1.0)).splitlines()
    change(lines)
    return "\n".join(lines) + "\n"


def test_a_damaged_cell_parts_a_channel_and_is_named(tmp_path: Path):
    def damage(lines: list[str]) -> None:
        lines[901] = lines[901].split(",")[0] + ",#!"

    first, second = _read_recording(written(tmp_path / "a.csv", table(damage)))
    assert (len(first.samples_uv), len(second.samples_uv)) == (900, 99)
    assert second.start_ms == pytest.approx(901 * 0.04)
    assert "line 902, column 2: '#!' is not a number" in first.doubts[0]
    found = measure(tmp_path / "a.csv", "motor")
    assert [trace.label for trace in found.traces] == ["EDB 1"]
    assert any("Left out" in doubt for doubt in found.doubts)


def test_a_gap_in_time_is_measured_and_never_bridged(tmp_path: Path):
    first, second = _read_recording(
        written(tmp_path / "a.csv", table(lambda lines: lines.__delitem__(slice(500, 600))))
    )
    assert (len(first.samples_uv), len(second.samples_uv)) == (499, 401)
    assert "1 gaps: 4 ms before 23.96 ms" in " ".join(first.doubts)


def test_a_row_cut_short_and_a_lost_word_are_told(tmp_path: Path):
    def damage(lines: list[str]) -> None:
        lines[-1] = lines[-1].split(",")[0]

    (trace,) = _read_recording(written(tmp_path / "a.csv", table(damage)))
    assert len(trace.samples_uv) == 999
    assert "has 1 cells in place of 2" in trace.doubts[0]


def test_times_that_start_again_are_sweeps(tmp_path: Path):
    content = "time_ms,EDB_mV\n" + 3 * rows(",", ".", 1.0)
    sweeps = _read_recording(written(tmp_path / "a.csv", content))
    assert [sweep.start_ms for sweep in sweeps] == [0.0, 0.0, 0.0]
    for sweep in sweeps:
        the_response(sweep)
    assert "starts again 2 times" in " ".join(sweeps[0].doubts)


def test_blocks_with_their_own_header_are_sweeps(tmp_path: Path):
    block = "Interval=\t4E-5 s\nChannelTitle=\tEDB\nRange=\t20.000 mV\n" + rows("\t")
    sweeps = _read_recording(written(tmp_path / "a.txt", block + block))
    assert [len(sweep.samples_uv) for sweep in sweeps] == [1000, 1000]
    the_response(sweeps[1])


def test_a_channel_that_was_not_asked_for_does_not_matter(tmp_path: Path):
    content = "time_ms,EDB_mV,APB [mV],Temp [degC]\n" + beside([MS, EDB, lambda _: "0.1", lambda _: "broken"])
    for asked in ("EDB", "1", "edb"):
        (trace,) = _read_recording(written(tmp_path / "a.csv", content), channel=asked)
        the_response(trace)
    with pytest.raises(InputError, match="'knee' is not a channel of this file; use one of: 1 EDB, 2 APB"):
        _read_recording(tmp_path / "a.csv", channel="knee")


REFUSED = {
    "commas that part cells and are the sign": (
        rows(",", ","),
        "parts columns and is the decimal sign|not a table",
    ),
    "samples side by side": (",".join(f"{v:.4f}" for v in MV) + "\n", "samples lie side by side"),
    "damaged all over": (
        "time_ms,EDB_mV\n" + beside([MS, lambda k: EDB(k) if k % 3 else "x"]),
        "are damaged",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_table_that_cannot_be_trusted_is_refused(tmp_path: Path, kind: str):
    content, why = REFUSED[kind]
    with pytest.raises(InputError, match=why):
        _read_recording(written(tmp_path / "a.csv", content), SAID["both"])


def test_rates_and_steps_that_make_no_sense_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="is all the times say"):
        _read_recording(written(tmp_path / "a.csv", "time_ms,EDB_mV\n" + "1,2\n" * 40))
    with pytest.raises(InputError, match="'no number' stands in it"):
        _read_recording(
            written(tmp_path / "a.csv", "time_ms,EDB_mV,B_mV\n" + "".join(f"{k},1,nan\n" for k in range(40))),
            channel="B",
        )


def edf(
    unit: bytes = b"uV", *, plus: str = "", notes: list[bytes] | None = None, record_s: str = "0.01", count: str = "4",
    label: bytes = b"EDB", more: list[tuple[bytes, bytes]] | None = None,
) -> bytes:  # fmt: skip
    """Return an EDF file as machines write it: the response in records, notes of each record, other signals."""
    n = len(MV) // 4
    fields = [(label, unit, b"-12000", b"12000", b"-32768", b"32767", n)]
    fields += [(one, other, b"0", b"50", b"0", b"5000", 4) for one, other in more or []]
    if notes:
        fields.append((b"EDF Annotations", b"", b"-1", b"1", b"-32768", b"32767", 60))
    widths = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
    table = [(f[0], b"", f[1], f[2], f[3], f[4], f[5], b"", str(f[6]).encode(), b"") for f in fields]
    signals = b"".join(row[j].ljust(width)[:width] for j, width in enumerate(widths) for row in table)
    head = (
        b"0".ljust(8) + b"X X X X".ljust(80) + b"Startdate 01-JAN-2020 X X X".ljust(80) + b"01.01.2010.00.00"
        + str(256 + 256 * len(fields)).encode().ljust(8) + plus.encode().ljust(44) + count.encode().ljust(8)
        + record_s.encode().ljust(8) + str(len(fields)).encode().ljust(4)
    )  # fmt: skip
    digital = np.round((1e3 * MV + 12000.0) / 24000.0 * 65535 - 32768).astype("<i2").reshape(4, n)
    records = b""
    for k in range(4):
        records += digital[k].tobytes() + b"".join(np.full(4, 3210, "<i2").tobytes() for _ in more or [])
        records += notes[k].ljust(120, b"\x00") if notes else b""
    return head + signals + records


def onsets(*texts: str) -> list[bytes]:
    return [(text + "\x00").encode() for text in texts]


PLAIN = onsets(*(f"+{0.01 * k:.2f}\x14\x14" for k in range(4)))
EDFS = {
    "micro sign of Latin-1": edf(b"\xb5V"),
    "micro sign of UTF-8": edf("µV".encode()),
    "Greek mu of UTF-8": edf("μV".encode()),
    "unit in capitals": edf(b"UV"),
    "temperature that nobody asked for": edf(more=[(b"Temp", b"degC")]),
    "float tails of onsets in EDF+C": edf(plus="EDF+C", notes=onsets("+0\x14\x14", "+0.01\x14\x14", "+0.020000000000000004\x14\x14", "+0.03\x14\x14")),
    "float tails of onsets in EDF+D": edf(plus="EDF+D", notes=onsets("+0\x14\x14", "+0.01\x14\x14", "+0.020000000000000004\x14\x14", "+0.03\x14\x14")),
    "records that nobody counted": edf(count="-1"),
    "fewer records promised than there are": edf(count="3"),
    "more records promised than there are": edf(count="9"),
    "duration with a decimal comma": edf(record_s="0,01"),
    "Latin-1 label": edf(label=b"Fu\xdf EDB"),
    "bytes after the last record": edf() + b"\x00" * 77,
}  # fmt: skip


@pytest.mark.parametrize("kind", EDFS)
def test_an_edf_file_of_each_kind_is_read(tmp_path: Path, kind: str):
    (trace,) = _read_recording(written(tmp_path / "a.edf", EDFS[kind]))
    the_response(trace)


def test_an_edf_file_says_what_was_left_out_or_not_as_promised(tmp_path: Path):
    for kind, why in (("temperature that nobody asked for", "Temp .degC."), ("fewer records promised than there are", "4 whole data records")):  # fmt: skip
        (trace,) = _read_recording(written(tmp_path / "a.edf", EDFS[kind]))
        assert re.search(why, trace.doubts[0])
    with pytest.raises(InputError, match="'degC' is not a unit of voltage"):
        _read_recording(written(tmp_path / "a.edf", edf(more=[(b"Temp", b"degC")])), channel="Temp")


def test_a_stimulus_in_other_words_is_used_and_said(tmp_path: Path):
    notes = [PLAIN[0] + b"+0.005\x14Stim 1 35.2 mA\x14\x00", *PLAIN[1:]]
    (trace,) = _read_recording(written(tmp_path / "a.edf", edf(plus="EDF+C", notes=notes)))
    assert trace.start_ms == pytest.approx(-5.0)
    assert "taken for the stimulus: 'Stim 1 35.2 mA'" in trace.doubts[0]


def test_notes_of_unknown_words_are_named_and_can_be_chosen(tmp_path: Path):
    notes = [PLAIN[0] + b"+0.005\x14Blip A\x14\x00", *PLAIN[1:]]
    path = written(tmp_path / "a.edf", edf(plus="EDF+C", notes=notes))
    (trace,) = _read_recording(path)
    assert trace.start_ms == 0.0
    assert "Notes not used: 'Blip A'" in trace.doubts[0]
    (trace,) = _read_recording(path, Overrides(stimulus_note="blip"))
    assert trace.start_ms == pytest.approx(-5.0)
    with pytest.raises(InputError, match="'knock' is no note in a.edf; use words of one of: 'Blip A'"):
        _read_recording(path, Overrides(stimulus_note="knock"))


def test_an_edf_file_with_gaps_is_read_in_pieces(tmp_path: Path):
    notes = onsets("+0\x14\x14", "+0.01\x14\x14", "+1.5\x14\x14", "+1.51\x14\x14")
    first, second = _read_recording(written(tmp_path / "a.edf", edf(plus="EDF+D", notes=notes)))
    assert (len(first.samples_uv), len(second.samples_uv)) == (500, 500)
    assert "1480 ms from 20 ms on" in first.doubts[0]
    assert second.start_ms == 0.0
    assert "taken to begin with its stimulus" in second.doubts[-1]


def wav(samples: Float64s, form: int, bits: int, *, length: int | None = None, extra: bytes = b"", extensible: bool = False) -> bytes:  # fmt: skip
    """Return a WAV file; samples relative to full scale, in one column or more."""
    table = samples.reshape(len(samples), -1)
    if form == 3:
        data = table.astype(f"<f{bits // 8}").tobytes()
    else:
        whole = np.round(table * (2.0 ** (bits - 1) - 1)).astype("<i4")
        data = np.ascontiguousarray(whole.view(np.uint8).reshape(-1, 4)[:, : bits // 8]).tobytes()
    frame = table.shape[1] * bits // 8
    fmt = struct.pack(
        "<HHIIHH", 0xFFFE if extensible else form, table.shape[1], int(RATE), int(RATE) * frame, frame, bits
    )
    if extensible:
        fmt += (
            struct.pack("<HHI", 22, bits, 0)
            + struct.pack("<H", form)
            + b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x008\x9bq"
        )
    chunks = b"fmt " + struct.pack("<I", len(fmt)) + fmt + extra
    chunks += b"data" + struct.pack("<I", len(data) if length is None else length) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


LOUD = MV / 20.0
ODD = b"LIST" + struct.pack("<I", 5) + b"abcde\x00"
WAVS = {
    "16 bits": wav(LOUD, 1, 16),
    "24 bits": wav(LOUD, 1, 24),
    "32 bits": wav(LOUD, 1, 32),
    "32 bits, float": wav(LOUD, 3, 32),
    "64 bits, float": wav(LOUD, 3, 64),
    "extensible": wav(LOUD, 1, 24, extensible=True),
    "extensible, float": wav(LOUD, 3, 32, extensible=True),
    "length not filled in": wav(LOUD, 1, 24, length=0),
    "length of all ones": wav(LOUD, 1, 24, length=0xFFFFFFFF),
    "an odd chunk before the samples": wav(LOUD, 1, 24, extra=ODD),
    "a chunk after the samples": wav(LOUD, 1, 24) + ODD,
}


@pytest.mark.parametrize("kind", WAVS)
def test_a_wav_file_of_each_kind_is_read(tmp_path: Path, kind: str):
    (trace,) = _read_recording(written(tmp_path / "a.wav", WAVS[kind]), Overrides(full_scale_uv=20000.0))
    the_response(trace)


def test_the_channels_of_a_wav_file_are_chosen_by_number(tmp_path: Path):
    path = written(tmp_path / "a.wav", wav(np.column_stack([0.1 * LOUD, LOUD]), 3, 32))
    (trace,) = _read_recording(path, Overrides(full_scale_uv=20000.0), "2")
    the_response(trace)


def test_a_wav_file_of_a_format_that_is_none_is_refused(tmp_path: Path):
    broken = WAVS["16 bits"].replace(struct.pack("<H", 1), struct.pack("<H", 85), 1)
    with pytest.raises(InputError, match="cannot be read .format 85 of 16 bits"):
        _read_recording(written(tmp_path / "a.wav", broken), Overrides(full_scale_uv=1.0))


def workbook(*, units_below: bool = False, empty_sheet: bool = False) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    if empty_sheet:
        sheet.append(["Patient", "X"])
        sheet = book.create_sheet("Data")
    sheet.append(["Time", "EDB"] if units_below else ["time (ms)", "EDB (mV)"])
    if units_below:
        sheet.append(["ms", "mV"])
    for t, v in zip(T, MV, strict=True):
        sheet.append([float(t), float(v)])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


@pytest.mark.parametrize("options", [{}, {"units_below": True}, {"empty_sheet": True}], ids=["names with units", "units below", "second sheet"])  # fmt: skip
def test_a_workbook_is_read_as_a_table(tmp_path: Path, options: dict[str, bool]):
    (trace,) = _read_recording(written(tmp_path / "a.xlsx", workbook(**options)))
    the_response(trace)


def test_a_workbook_without_its_reader_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"pip install 'garland\[files\]'"):
        _read_recording(written(tmp_path / "a.xlsx", b"PK"))


def mat(**values: object) -> bytes:
    from scipy.io import savemat

    held = io.BytesIO()
    savemat(held, values)
    return held.getvalue()


MATS = {
    "vector and rate": mat(EDB_mV=MV, fs=25000.0),
    "times in seconds": mat(EDB_mV=MV, t=T / 1e3),
    "interval with its unit": mat(data=MV, units="mV", labels="EDB", isi=0.04, isi_units="ms"),
    "a structure": mat(rec={"EDB_mV": MV, "fs": 25000.0}),
    "a row": mat(EDB_uV=1e3 * MV[None, :], srate=25000),
}


@pytest.mark.parametrize("kind", MATS)
def test_a_mat_file_of_each_kind_is_read(tmp_path: Path, kind: str):
    (trace,) = _read_recording(written(tmp_path / "a.mat", MATS[kind]))
    the_response(trace)


def test_a_mat_file_that_leaves_its_rate_open_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="'no rate' leaves the times open"):
        _read_recording(written(tmp_path / "a.mat", mat(EDB_mV=MV)))
    with pytest.raises(InputError, match="'MAT 7.3' is not read; save it with -v7"):
        _read_recording(written(tmp_path / "b.mat", b"MATLAB 7.3 MAT-file".ljust(300)))


def test_a_mat_file_that_breaks_its_reader_down_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "garland.signals.workbooks._LOAD", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    )
    with pytest.raises(InputError, match="'MAT' cannot be read .it is damaged."):
        _read_recording(written(tmp_path / "a.mat", MATS["vector and rate"]))


FUZZED = {
    "a.csv": ("time_ms,EDB_mV\n" + rows(",", ".", 1.0)).encode(),
    "b.txt": TABLES["UTF-16, semicolon, decimal comma"],
    "a.edf": edf(plus="EDF+D", notes=PLAIN, more=[(b"Temp", b"degC")]),
    "a.wav": WAVS["extensible"],
    "a.mat": MATS["interval with its unit"],
}


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a file with bytes changed, mostly in its head, or cut off."""
    raw = bytearray(content)
    for _ in range(int(rng.integers(1, 12))):
        at = int(rng.integers(0, min(len(raw), 900) if rng.random() < 0.7 else len(raw)))
        raw[at] = int(rng.integers(0, 256))
    return bytes(raw[: int(rng.integers(0, len(raw)))] if rng.random() < 0.25 else raw)


@pytest.mark.parametrize("name", FUZZED)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_gives_traces_or_one_clear_refusal(tmp_path: Path, name: str):
    fuzz(tmp_path / name, FUZZED[name], 12 if name.endswith("mat") else 120)


def fuzz(path: Path, content: str | bytes, count: int) -> None:
    rng = np.random.default_rng(11)
    whole = content if isinstance(content, bytes) else content.encode()
    for _ in range(count):
        path.write_bytes(damaged(whole, rng))
        with contextlib.suppress(InputError):
            traces = _read_recording(path, Overrides(full_scale_uv=1000.0))
            assert traces
            assert all(np.isfinite(trace.samples_uv).all() and trace.rate_hz > 0.0 for trace in traces)
