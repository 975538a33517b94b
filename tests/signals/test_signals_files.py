"""Recordings come back from files as they went in; what cannot be measured is refused and says why."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from pulses import clock, gaussian, muscle, noise

from garland._types import Float64s
from garland.errors import InputError
from garland.signals.files import _pick_channels, _read_recording, write_edf
from garland.signals.recordings import Overrides, _microvolts, _unit_of
from garland.signals.trace import Trace, _check_clipped, _check_trace, _even_step
from tests.signals.tables_of_traces import write_csv

RATE = 25e3


def recording(label: str = "ankle", start_ms: float = 0.0) -> Trace:
    rng = np.random.default_rng(2)
    t = clock(RATE, 50.0, start_ms)
    return Trace(muscle(t, 4.0, 5000.0) + 4.0 * noise(rng, len(t), RATE, 2.0, 10e3), RATE, start_ms, label)


def two() -> tuple[Trace, Trace]:
    return recording("ankle"), Trace(0.9 * recording().samples_uv, RATE, 0.0, "knee")


@pytest.mark.parametrize(("name", "near_uv"), [("both.edf", 0.2), ("both.csv", 0.001)])
def test_what_is_written_is_read_back(tmp_path: Path, name: str, near_uv: float):
    path = tmp_path / name
    (write_edf if name.endswith("edf") else write_csv)(two(), path)
    back = _read_recording(path)
    assert [trace.label for trace in back] == ["ankle", "knee"]
    for one, other in zip(two(), back, strict=True):
        assert other.rate_hz == pytest.approx(RATE)
        assert other.start_ms == pytest.approx(0.0)
        assert other.samples_uv == pytest.approx(one.samples_uv, abs=near_uv)


def test_the_stimulus_of_an_edf_recording_that_begins_before_it_is_kept(tmp_path: Path):
    write_edf([recording(start_ms=-5.0)], tmp_path / "early.edf")
    assert _read_recording(tmp_path / "early.edf")[0].start_ms == pytest.approx(-5.0)


def test_our_own_files_say_that_they_are_simulated(tmp_path: Path):
    write_edf(two(), tmp_path / "ours.edf", code="seed-7")
    write_csv(two(), tmp_path / "ours.csv")
    head = (tmp_path / "ours.edf").read_bytes()[:256].decode("ascii")
    assert head[8:88].split() == ["seed-7", "X", "X", "SIMULATED"]
    assert "Garland" in head[88:168]
    assert "SIMULATED" in head[88:168]
    assert (tmp_path / "ours.csv").read_text().startswith("# SIMULATED, garland")


def test_a_needle_recording_has_no_stimulus(tmp_path: Path):
    rng = np.random.default_rng(3)
    trace = Trace(40.0 * noise(rng, 24000, 24e3, 10.0, 10e3), 24e3, 0.0, "VL")
    write_edf([trace], tmp_path / "needle.edf", stimulated=False)
    (back,) = _read_recording(tmp_path / "needle.edf")
    assert (back.start_ms, len(back.samples_uv)) == (0.0, 24000)


def test_a_recording_with_several_stimuli_is_cut_into_sweeps(tmp_path: Path):
    import edfio

    samples = np.concatenate([recording().samples_uv] * 3)
    signal = edfio.EdfSignal(samples, RATE, label="EDB", physical_dimension="uV", physical_range=(-9e3, 9e3))
    notes = [edfio.EdfAnnotation(0.05 * k, None, "Stimulus") for k in range(3)]
    edfio.Edf([signal], annotations=notes, data_record_duration=0.05).write(tmp_path / "train.edf")
    sweeps = _read_recording(tmp_path / "train.edf")
    assert [trace.label for trace in sweeps] == ["EDB 1", "EDB 2", "EDB 3"]
    assert [len(trace.samples_uv) for trace in sweeps] == [1250, 1250, 1250]
    assert [trace.start_ms for trace in sweeps] == pytest.approx([0.0, 0.0, 0.0], abs=0.02)


def test_a_24_bit_recording_in_millivolts_comes_back_in_microvolts(tmp_path: Path):
    import edfio

    samples = recording().samples_uv / 1000.0
    signal = edfio.BdfSignal(samples, RATE, label="EDB", physical_dimension="mV", physical_range=(-10, 10))
    edfio.Bdf([signal], data_record_duration=0.05).write(tmp_path / "wide.bdf")
    (back,) = _read_recording(tmp_path / "wide.bdf")
    assert back.samples_uv == pytest.approx(1000.0 * samples, abs=0.01)


def wav(path: Path, samples: Float64s, width: int = 2, rate: int = 25000) -> Path:
    full = 2 ** (8 * width - 1)
    whole = np.round(samples * (full - 1)).astype("<i4")
    raw = (
        (whole + 128).astype(np.uint8)[:, None]
        if width == 1
        else whole.view(np.uint8).reshape(-1, 4)[:, :width]
    )
    with wave.open(str(path), "wb") as file:
        file.setparams((1, width, rate, 0, "NONE", ""))
        file.writeframes(raw.tobytes())
    return path


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_a_wav_file_is_read_at_every_width_once_full_scale_is_told(tmp_path: Path, width: int):
    samples = recording().samples_uv / 10000.0
    (back,) = _read_recording(wav(tmp_path / "a.wav", samples, width), Overrides(full_scale_uv=10000.0))
    assert back.rate_hz == RATE
    assert back.samples_uv == pytest.approx(10000.0 * samples, abs=2e4 / 2.0 ** (8 * width - 1))


CSV = {
    "comma": ("time_ms,EDB_mV\n0.00,0.10\n0.04,0.20\n0.08,-0.30\n", 25e3, [100.0, 200.0, -300.0], "EDB"),
    "semicolon": (
        "Time [s];EDB (mV)\n0,0000;0,10\n0,0001;0,20\n0,0002;-0,30\n",
        1e4,
        [100.0, 200.0, -300.0],
        "EDB",
    ),
    "tab": ("t (ms)\tsural [µV]\n0\t1\n0.02\t2\n0.04\t3\n", 5e4, [1.0, 2.0, 3.0], "sural"),
    "notes": ("# rate_hz: 20000\n# unit: V\n0.001\n0.002\n0.003\n", 2e4, [1e3, 2e3, 3e3], "column 1"),
    "header alone": ("# rate_hz: 20000\nEDB mV\n1\n2\n3\n", 2e4, [1e3, 2e3, 3e3], "EDB"),
}


@pytest.mark.parametrize("name", CSV)
def test_tables_of_every_usual_make_are_read(tmp_path: Path, name: str):
    text, rate, samples, label = CSV[name]
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    (back,) = _read_recording(tmp_path / "a.csv")
    assert back.rate_hz == pytest.approx(rate)
    assert back.samples_uv == pytest.approx(samples)
    assert back.label == label


def test_what_the_user_says_goes_before_the_file(tmp_path: Path):
    (tmp_path / "a.csv").write_text("time_ms,EDB_mV\n0.00,0.1\n0.04,0.2\n0.08,-0.3\n")
    (back,) = _read_recording(tmp_path / "a.csv", Overrides(unit="uV", stimulus_ms=0.04))
    assert back.samples_uv == pytest.approx([0.1, 0.2, -0.3])
    assert back.start_ms == pytest.approx(-0.04)


def test_units_are_known_in_every_usual_spelling():
    assert [_unit_of(word) for word in ("uV", "µV", "mv", "[V]", "Microvolts", "ms")] == [
        "uV",
        "uV",
        "mV",
        "V",
        "uV",
        None,
    ]


def test_channels_are_chosen_by_name_or_number():
    assert [trace.label for trace in _pick_channels(two(), "knee,1")] == ["knee", "ankle"]
    assert len(_pick_channels(two(), None)) == 2
    with pytest.raises(InputError, match="is not a channel of this file; use one of: 1 ankle, 2 knee"):
        _pick_channels(two(), "3")


def written(tmp_path: Path, name: str, content: bytes | str) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


BROKEN = {
    "empty file": ("a.edf", b"", "is empty"),
    "unknown ending": ("a.xyz", b"x", "has an ending that is not known"),
    "text in place of EDF": ("a.edf", b"not a recording " * 40, "is not that of an EDF or BDF file"),
    "no WAV": ("a.wav", b"RIFFxxxxnothing", "cannot be read"),
    "binary in place of CSV": ("a.csv", b"\x00\x01\x02", "is not a table of text"),
    "notes alone": ("a.csv", "# unit: uV\n", "no rows"),
    "header alone": ("a.csv", "time_ms,EDB_mV\n", "a header alone"),
    "word among numbers": ("a.csv", "time_ms,EDB_mV\n0,1\n1,high\n2,3\n", "line 3: 'high' is not a number"),
    "row too short": ("a.csv", "time_ms,EDB_mV\n0,1\n1\n2,3\n", "'1 cells' stand where the others have 2"),
    "no unit": ("a.csv", "time_ms,EDB\n0,1\n1,2\n", "leaves the size open"),
    "no rate": ("a.csv", "EDB_mV\n1\n2\n", "leaves the rate open"),
    "rate no number": (
        "a.csv",
        "# rate_hz: fast\nEDB_mV\n1\n2\n",
        "is not a number; write samples per second",
    ),
    "time alone": ("a.csv", "time_ms\n0\n1\n", "holds no channel beside the time"),
    "time back": ("a.csv", "time_ms,EDB_mV\n0,1\n2,2\n1,3\n", "do not rise"),
    "time uneven": ("a.csv", "time_ms,EDB_mV\n0,1\n1,2\n2,3\n9,3\n10,3\n11,4\n", "is off an even grid"),
    "one row": ("a.csv", "time_ms,EDB_mV\n0,1\n", "times make no step"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_and_says_why(tmp_path: Path, name: str):
    file, content, why = BROKEN[name]
    with pytest.raises(InputError, match=why):
        _read_recording(written(tmp_path, file, content))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        _read_recording(tmp_path / "nowhere.edf")


def test_an_edf_file_cut_short_is_read_as_far_as_it_is_whole_and_says_so(tmp_path: Path):
    long = [Trace(np.tile(one.samples_uv, 60), RATE, 0.0, one.label) for one in two()]
    write_edf(long, tmp_path / "whole.edf")
    content = (tmp_path / "whole.edf").read_bytes()
    path = written(tmp_path, "cut.edf", content[:-300])
    whole, cut = _read_recording(tmp_path / "whole.edf"), _read_recording(path)
    for one, other in zip(whole, cut, strict=True):
        n = len(other.samples_uv)
        assert 1000 < n < len(one.samples_uv)
        assert (other.samples_uv == one.samples_uv[:n]).all()
        assert "whole data records where its header says" in other.doubts[0]
    for left in (1100, 300):
        with pytest.raises(InputError, match=r"the file is cut short|is not that of an EDF"):
            _read_recording(written(tmp_path, "cut.edf", content[:left]))


def test_a_wav_file_cut_short_is_read_as_far_as_it_goes_and_says_so(tmp_path: Path):
    path = wav(tmp_path / "a.wav", recording().samples_uv / 1e4)
    cut = written(tmp_path, "b.wav", path.read_bytes()[:-400])
    (trace,) = _read_recording(cut, Overrides(full_scale_uv=1e4))
    assert len(trace.samples_uv) == 1050
    assert "holds 1050 of 1250 samples: the file is cut short" in trace.doubts[0]
    with pytest.raises(InputError, match="'0 of 1250 samples' are there"):
        _read_recording(written(tmp_path, "c.wav", path.read_bytes()[:45]), Overrides(full_scale_uv=1e4))


def test_a_wav_file_needs_its_full_scale(tmp_path: Path):
    path = wav(tmp_path / "a.wav", recording().samples_uv / 1e4)
    with pytest.raises(InputError, match="does not say its size in microvolts"):
        _read_recording(path)
    with pytest.raises(InputError, match="--full-scale-uv: -1.0 is not above zero"):
        _read_recording(path, Overrides(full_scale_uv=-1.0))


def edf(path: Path, unit: str = "uV", label: str = "EDB") -> Path:
    import edfio

    signal = edfio.EdfSignal(recording().samples_uv, RATE, label=label, physical_dimension=unit)
    edfio.Edf([signal], data_record_duration=0.05).write(path)
    return path


def test_an_edf_file_with_gaps_says_so_and_one_with_a_damaged_header_is_refused(tmp_path: Path):
    twice = Trace(np.tile(recording().samples_uv, 2)[:2475], RATE)
    write_edf([twice], tmp_path / "two.edf")
    content = (tmp_path / "two.edf").read_bytes()
    assert b"+0.001\x14\x14" in content
    late = content.replace(b"+0.001\x14\x14", b"+0.003\x14\x14")
    (trace,) = _read_recording(written(tmp_path, "gaps.edf", late))
    assert "says that it has no gaps, but 2 records do not follow on" in trace.doubts[0]
    pieces = _read_recording(written(tmp_path, "gaps.edf", late.replace(b"EDF+C", b"EDF+D")))
    assert len(pieces) > 1
    assert "gaps in time" in pieces[0].doubts[0]
    content = edf(tmp_path / "a.edf").read_bytes()
    begin = 256 + 16 + 80 + 8
    with pytest.raises(InputError, match="EDF cannot be read"):
        _read_recording(written(tmp_path, "bad.edf", content[:begin] + b"loud    " + content[begin + 8 :]))
    most = content[begin + 8 : begin + 16]
    with pytest.raises(InputError, match="gives no scale"):
        _read_recording(written(tmp_path, "none.edf", content[:begin] + most + content[begin + 8 :]))


def test_an_edf_file_of_status_alone_holds_no_channel(tmp_path: Path):
    with pytest.raises(InputError, match="leaves nothing to measure"):
        _read_recording(edf(tmp_path / "a.edf", label="Status"))


def test_a_unit_that_is_none_of_voltage_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"channel 1 \(EDB\): 'degC' is not a unit of voltage"):
        _read_recording(edf(tmp_path / "a.edf", unit="degC"))
    with pytest.raises(InputError, match="--unit: 'volume' is not a unit of voltage"):
        _microvolts(Overrides(unit="volume"), "uV", "a.edf")


def test_a_rate_that_is_not_above_zero_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="--rate: -5.0 is not above zero"):
        _read_recording(written(tmp_path, "a.csv", "EDB_mV\n1\n2\n"), Overrides(rate_hz=-5.0))


def test_clocks_that_differ_do_not_go_into_one_file(tmp_path: Path):
    with pytest.raises(InputError, match="clocks do not fit one file"):
        write_csv([recording(), recording(start_ms=1.0)], tmp_path / "a.csv")
    with pytest.raises(InputError, match="channels make no recording"):
        write_edf([], tmp_path / "a.edf")


def test_a_clock_that_edf_cannot_hold_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="do not fill records of whole milliseconds"):
        write_edf([Trace(np.arange(500.0), 22050.7)], tmp_path / "a.edf")
    with pytest.raises(InputError, match="is after the stimulus"):
        write_edf([recording(start_ms=2.0)], tmp_path / "a.edf")


def test_a_sound_recording_passes_every_check():
    for kind in ("motor", "sensory", "f-wave", "h-reflex"):
        _check_trace(recording(), kind, "a.edf")


def changed(
    where: slice | None = None, value: float = 0.0, factor: float = 1.0, rate_hz: float = RATE
) -> Trace:
    samples = factor * recording().samples_uv
    if where is not None:
        samples[where] = value
    return Trace(samples, rate_hz)


REFUSED = {
    "too slow": (
        changed(rate_hz=2000.0),
        "motor",
        "is too slow for a motor recording; record or export at 5000 Hz",
    ),
    "no rate": (changed(rate_hz=0.0), "motor", "is not a rate of sampling"),
    "gaps": (changed(slice(100, 120), np.nan), "motor", "20 of 1250 samples' are not finite numbers"),
    "empty": (Trace(np.zeros(0), RATE), "motor", "samples are no recording"),
    "flat": (changed(factor=0.0), "motor", "is all it holds: flat"),
    "flat for long": (changed(slice(500, 1250), 3.0), "motor", "flat for a large part"),
    "too short": (Trace(recording().samples_uv[:200], RATE), "motor", "is too short for a motor recording"),
    "needle too short": (recording(), "needle", "is too short for a needle recording; give 500 ms"),
    "after the stimulus": (recording(start_ms=30.0), "motor", "comes after the earliest response"),
    "volts as microvolts": (changed(factor=1e-6), "motor", "is less than can be recorded"),
    "microvolts as volts": (changed(factor=1e6), "motor", "is more than a muscle or nerve gives"),
    "coarse": (
        Trace(np.round(recording().samples_uv / 3.0 % 4.0) * 900.0, RATE),
        "motor",
        "resolution too coarse",
    ),
    "no kind": (recording(), "brain", "is not a kind of recording"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_measured_is_refused(name: str):
    trace, kind, why = REFUSED[name]
    with pytest.raises(InputError, match=why):
        _check_trace(trace, kind, "a.edf")


@pytest.mark.parametrize(("low", "high"), [(-3000.0, 1e9), (-1e9, 1000.0)])
def test_a_trace_that_stands_at_a_rail_is_refused(low: float, high: float):
    clipped = Trace(np.clip(recording().samples_uv, low, high), RATE)
    with pytest.raises(InputError, match="is a rail: clipped"):
        _check_trace(clipped, "motor", "a.edf")


def test_a_stimulus_artefact_at_the_rail_is_no_reason_to_refuse():
    samples = recording().samples_uv.copy()
    samples[:15] = 20000.0
    _check_trace(Trace(samples, RATE), "motor", "a.edf")


def test_a_peak_that_the_file_rounds_flat_is_not_clipped():
    smooth = gaussian(9.0, 2.0, 100.0, 50e3)
    rounded = Trace(np.round(smooth.samples_uv), 50e3)
    assert (rounded.samples_uv == rounded.samples_uv.min()).sum() > 5
    _check_clipped(rounded, "a.edf")


def test_a_time_column_rounded_to_its_last_digit_is_even():
    assert _even_step(np.round(np.arange(100) * 0.0417, 2), "t") == pytest.approx(0.0417, rel=0.01)


def test_times_that_are_not_finite_do_not_rise():
    with pytest.raises(InputError, match="do not rise"):
        _even_step(np.array([0.0, 1.0, np.nan, 3.0]), "t")
