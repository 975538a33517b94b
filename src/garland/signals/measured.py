"""Tables of every marker of a recording, whoever made it.

The functions that measure a user's file are those that measure Garland's own traces; this module only sets
their results in rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from garland.errors import InputError, did_you_mean
from garland.progress import tell
from garland.signals.doubtful import _looked_over
from garland.signals.files import _read_recording
from garland.signals.interference_pattern import interference
from garland.signals.late import measure_f_waves, measure_h_reflex
from garland.signals.markers import (
    Response,
    _block_percent,
    _drop_percent,
    _temporal_dispersion_percent,
    _velocity_m_s,
    motor_response,
    sensory_response,
)
from garland.signals.muap import motor_units, summarise_units
from garland.signals.recordings import Overrides
from garland.signals.spontaneous_activity import spontaneous
from garland.signals.trace import Trace, _check_trace, _kind_of_recording

Value = float | str | None


class Column(NamedTuple):
    """A column: key for programs, title and unit for people, digits after the point."""

    key: str
    title: str
    unit: str = ""
    digits: int = 1


class Measured(NamedTuple):
    """One table.

    Attributes
    ----------
    title : str
        What was measured.
    columns : tuple of Column
        In order.
    rows : tuple of dict
        Values by key of the column; None where there is none.
    notes : tuple of str
        What a reader must know.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[dict[str, Value], ...]
    notes: tuple[str, ...] = ()


Pairs = Sequence[tuple[Column, Value]]


def _table(title: str, rows: Sequence[Pairs], notes: tuple[str, ...] = ()) -> Measured:
    """Return a table of rows that tell each column with its value; all rows have the same columns."""
    columns = tuple(column for column, _ in rows[0])
    return Measured(
        title, columns, tuple({column.key: value for column, value in row} for row in rows), notes
    )


_NAME = Column("trace", "trace")
_RESPONSE = (
    _NAME,
    Column("onset_ms", "onset", "ms", 2),
    Column("peak_ms", "peak", "ms", 2),
    Column("end_ms", "end", "ms", 2),
    Column("amplitude", "amplitude", "", 2),
    Column("peak_to_peak", "p-p", "", 2),
    Column("area", "area", "", 2),
    Column("duration_ms", "duration", "ms", 2),
)
_BETWEEN = (
    Column("velocity_m_s", "velocity", "m/s", 1),
    Column("drop_percent", "drop", "%", 0),
    Column("area_drop_percent", "area drop", "%", 0),
    Column("longer_percent", "longer", "%", 0),
)
NR = "NR: no response stands out from the noise, or it is smaller than the smallest called one."
_EXTRAPOLATED = (
    "Amplitude from the baseline; p-p: peak to peak. "
    "Onset: a line through 10 % and 30 % of the rise, drawn to the baseline"
)


def _in_unit(columns: Sequence[Column], unit: str, digits: int) -> tuple[Column, ...]:
    """Return the columns of amplitude and area with their unit."""
    units = {"amplitude": unit, "peak_to_peak": unit, "area": f"{unit} ms"}
    return tuple(
        Column(f"{c.key}_{units[c.key].lower().replace(' ', '_')}", c.title, units[c.key], digits)
        if c.key in units
        else c
        for c in columns
    )


def _row(trace: Trace, found: Response | None, unit: str, scale: float) -> dict[str, Value]:
    """Return the markers of one response; of none, the word NR in place of the onset."""
    name = trace.label or "trace"
    if found is None:
        return {"trace": name, "onset_ms": "NR"}
    return {
        "trace": name,
        "onset_ms": found.onset_ms,
        "peak_ms": found.peak_ms,
        "end_ms": found.end_ms,
        f"amplitude_{unit}": found.amplitude_uv / scale,
        f"peak_to_peak_{unit}": found.peak_to_peak_uv / scale,
        f"area_{unit}_ms": found.area_uv_ms / scale,
        "duration_ms": found.duration_ms,
        "noise_uv": found.noise_uv,
    }


def _tabulate_sensory(traces: Sequence[Trace], distances_mm: Sequence[float] = ()) -> tuple[Measured, ...]:
    """Measure sensory responses."""
    if len(distances_mm) not in (0, 1, len(traces)):
        raise _distances(len(distances_mm), f"give one, or one for each of the {len(traces)} channels")
    distances = list(distances_mm) * (len(traces) if len(distances_mm) == 1 else 1)
    rows = []
    for k, trace in enumerate(traces):
        found = sensory_response(trace)
        row = _row(trace, found, "uv", 1.0)
        if distances:
            row["velocity_m_s"] = _velocity_m_s(distances[k], found)
        rows.append(row)
    velocity = _BETWEEN[:1] if distances else ()
    columns = (*_in_unit(_RESPONSE, "uV", 2), *velocity, Column("noise_uv", "noise", "uV", 2))
    notes = (f"{_EXTRAPOLATED}; the initial positive peak where there is one.", *_nr(rows))
    return (Measured("Sensory responses", columns, tuple(rows), notes),)


def _tabulate_motor(traces: Sequence[Trace], distances_mm: Sequence[float] = ()) -> tuple[Measured, ...]:
    """Measure motor responses of one nerve, from distal to proximal."""
    if distances_mm and len(distances_mm) != len(traces) - 1:
        raise _distances(
            len(distances_mm), f"{len(traces)} points, distal first, have {len(traces) - 1} between them"
        )
    found = [motor_response(trace) for trace in traces]
    rows = tuple(_row(trace, one, "mv", 1000.0) for trace, one in zip(traces, found, strict=True))
    positive = [trace.label for trace, one in zip(traces, found, strict=True) if one and one.initial_positive]
    notes = [f"{_EXTRAPOLATED}."]
    if positive:
        where = "active electrode off the end-plates, or another muscle"
        notes.append(f"Begins positive: {', '.join(positive)}: {where}.")
    columns = (*_in_unit(_RESPONSE, "mV", 2), Column("noise_uv", "noise", "uV", 1))
    table = Measured("Motor responses", columns, rows, (*notes, *_nr(rows)))
    return (table, _between(traces, found, distances_mm)) if distances_mm else (table,)


def _between(
    traces: Sequence[Trace], found: Sequence[Response | None], distances_mm: Sequence[float]
) -> Measured:
    """Return what changes from each point of stimulation to the next."""
    rows = []
    for k, (distal, proximal) in enumerate(pairwise(found)):
        names = [trace.label or f"trace {i}" for i, trace in enumerate(traces[k : k + 2], k + 1)]
        row: dict[str, Value] = {"trace": " to ".join(names), "distance_mm": distances_mm[k]}
        if distal is not None:
            remaining = proximal.amplitude_uv if proximal else 0.0
            row |= {
                "velocity_m_s": _velocity_m_s(distances_mm[k], proximal, distal),
                "drop_percent": _drop_percent(distal.amplitude_uv, remaining),
                "area_drop_percent": _block_percent(distal, proximal),
                "longer_percent": _temporal_dispersion_percent(distal, proximal) if proximal else None,
            }
        rows.append(row)
    columns = (Column("trace", "stretch"), Column("distance_mm", "distance", "mm", 0), *_BETWEEN)
    return Measured("From point to point", columns, tuple(rows))


def _distances(count: int, remedy: str) -> InputError:
    return InputError("--distance-mm", f"{count} distances", "do not fit the channels", remedy)


def _nr(rows: Sequence[dict[str, Value]]) -> tuple[str, ...]:
    return (NR,) if any(row.get("onset_ms") == "NR" for row in rows) else ()


def _tabulate_f_waves(traces: Sequence[Trace], height_cm: float | None = None) -> tuple[Measured, ...]:
    """Measure F waves: each channel is one sweep; a body height [cm] sets the window (InputError)."""
    found = measure_f_waves(traces, height_cm)
    whole: Pairs = (
        (Column("stimuli", "stimuli", "", 0), float(len(found.latencies_ms))),
        (Column("shortest_ms", "shortest", "ms"), found.shortest_ms),
        (Column("mean_ms", "mean", "ms"), found.mean_ms),
        (Column("chronodispersion_ms", "chronodispersion", "ms"), found.chronodispersion_ms),
        (Column("persistence_percent", "persistence", "%", 0), found.persistence_percent),
    )
    each: list[Pairs] = [
        (
            (_NAME, trace.label or f"sweep {k}"),
            (Column("latency_ms", "latency", "ms"), _number(latency)),
            (Column("amplitude_uv", "p-p", "uV", 0), _number(amplitude)),
        )
        for k, (trace, latency, amplitude) in enumerate(
            zip(traces, found.latencies_ms, found.amplitudes_uv, strict=True), 1
        )
    ]
    return (_table("F waves", [whole]), _table("Each stimulus", each))


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _tabulate_h_reflex(traces: Sequence[Trace], height_cm: float | None = None) -> tuple[Measured, ...]:
    """Measure the H reflex: each channel is one sweep; a body height [cm] sets the window (InputError)."""
    found = measure_h_reflex(traces, height_cm)
    columns = (
        Column("latency_ms", "latency", "ms", 1),
        Column("amplitude_mv", "largest H", "mV", 2),
        Column("m_amplitude_mv", "largest M", "mV", 2),
        Column("ratio", "H/M", "", 2),
        Column("trace", "in trace"),
    )
    if found is None:
        return (Measured("H reflex", columns, ({"latency_ms": "NR"},), (NR,)),)
    row: dict[str, Value] = {
        "latency_ms": found.latency_ms,
        "amplitude_mv": found.amplitude_uv / 1000.0,
        "m_amplitude_mv": found.m_amplitude_uv / 1000.0,
        "ratio": found.ratio,
        "trace": traces[found.sweep].label or f"sweep {found.sweep + 1}",
    }
    return (Measured("H reflex", columns, (row,), ("Amplitudes peak to peak.",)),)


_PLACES = 5
"""Parts into which one long recording at rest is cut, each taken for a place."""


def _tabulate_needle(traces: Sequence[Trace], activity: str) -> tuple[Measured, ...]:
    """Measure a needle recording."""
    return {"rest": _rest, "weak": _weak, "full": _full}[activity](traces)


def _rest(traces: Sequence[Trace]) -> tuple[Measured, ...]:
    places = list(traces) if len(traces) > 1 else _cut(traces[0])
    found = spontaneous(places)
    row: Pairs = (
        (Column("fibrillations", "fibrillations", "0-4", 0), float(found.fibrillation)),
        (Column("positive_waves", "positive waves", "0-4", 0), float(found.positive_waves)),
        (Column("trains", "trains per place"), found.trains),
        (Column("amplitude_uv", "amplitude", "uV", 0), found.amplitude_uv if found.trains > 0.0 else None),
        (Column("rate_hz", "rate", "Hz"), found.rate_hz if found.rate_hz > 0.0 else None),
        (Column("fasciculations", "fasciculations"), _yes(found.fasciculations)),
        (Column("myokymia", "myokymia"), _yes(found.myokymia)),
        (Column("complex_repetitive", "complex repetitive"), _yes(found.complex_repetitive)),
        (Column("end_plate", "end plate"), _yes(found.end_plate)),
    )
    count = "places of the needle" if len(traces) > 1 else "parts of one recording, each taken for a place"
    return (_table("At rest", [row], (f"Graded over {len(places)} {count}.",)),)


def _cut(trace: Trace) -> list[Trace]:
    step = trace.duration_ms / _PLACES
    return [trace.between(trace.start_ms + k * step, trace.start_ms + (k + 1) * step) for k in range(_PLACES)]


def _yes(there: bool) -> str:
    return "yes" if there else "no"


def _weak(traces: Sequence[Trace]) -> tuple[Measured, ...]:
    units = motor_units(traces)
    whole = summarise_units(units)
    row: Pairs = (
        (Column("units", "units", "", 0), float(whole.units)),
        (Column("amplitude_uv", "amplitude", "uV", 0), _number(whole.amplitude_uv)),
        (Column("duration_ms", "duration", "ms"), _number(whole.duration_ms)),
        (Column("polyphasic_percent", "polyphasic", "%", 0), _number(100.0 * whole.polyphasic)),
        (Column("satellites_percent", "satellites", "%", 0), _number(100.0 * whole.satellites)),
        (Column("jiggle", "jiggle", "", 2), _number(whole.jiggle)),
    )
    notes = ("Means over units; amplitude peak to peak.",) if units else ("No motor unit could be followed.",)
    every: list[Pairs] = [
        (
            (_NAME, traces[unit.site].label or f"place {unit.site + 1}"),
            (Column("amplitude_uv", "amplitude", "uV", 0), unit.shape.amplitude_uv),
            (Column("duration_ms", "duration", "ms"), unit.shape.duration_ms),
            (Column("phases", "phases", "", 0), float(unit.shape.phases)),
            (Column("turns", "turns", "", 0), float(unit.shape.turns)),
            (Column("satellite", "satellite"), _yes(unit.shape.satellite)),
            (Column("rate_hz", "rate", "Hz"), unit.rate_hz),
            (Column("discharges", "discharges", "", 0), float(unit.discharges)),
        )
        for unit in units
    ]
    return (_table("Motor unit potentials", [row], notes), *([_table("Each unit", every)] if units else []))


def _full(traces: Sequence[Trace]) -> tuple[Measured, ...]:
    rows: list[Pairs] = []
    for k, trace in enumerate(traces, 1):
        found = interference(trace)
        size = found.amplitude_per_turn_uv if found.turns_per_s > 0.0 else None
        fastest = found.peak_rate_hz if found.peak_rate_hz > 0.0 else None
        rows.append(
            (
                (_NAME, trace.label or f"place {k}"),
                (Column("recruitment", "recruitment"), found.word),
                (Column("turns_per_s", "turns", "1/s", 0), found.turns_per_s),
                (Column("amplitude_per_turn_uv", "per turn", "uV", 0), size),
                (Column("fullness_percent", "fullness", "%", 0), 100.0 * found.fullness),
                (Column("discharges_per_s", "discharges", "1/s", 0), found.discharges_per_s),
                (Column("peak_rate_hz", "fastest", "Hz", 0), fastest),
                (Column("root_mean_square_uv", "rms", "uV", 0), float(np.std(trace.samples_uv))),
            )
        )
    return (_table("Interference", rows, ("Recruitment is read as of full effort.",)),)


NOTICE = (
    "A research and teaching instrument, not a medical device. Markers are automatic: look at the traces."
)


@dataclass(frozen=True)
class Measurement:
    """What was measured of one recording.

    Attributes
    ----------
    file, kind : str
        The file, and what it is a recording of.
    traces : tuple of Trace
        Its channels or sweeps.
    tables : tuple of Measured
        Every marker.
    doubts : tuple of str
        What was uncertain in reading the file: guesses, losses, what was left out.
    """

    file: str
    kind: str
    traces: tuple[Trace, ...]
    tables: tuple[Measured, ...]
    doubts: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        channels = [
            {
                "name": trace.label,
                "rate_hz": trace.rate_hz,
                "start_ms": trace.start_ms,
                "samples": len(trace.samples_uv),
            }
            for trace in self.traces
        ]
        tables = [
            {
                "title": table.title,
                "rows": [{column.key: row.get(column.key) for column in table.columns} for row in table.rows],
                "notes": list(table.notes),
            }
            for table in self.tables
        ]
        return {
            "file": self.file, "kind": self.kind, "channels": channels, "tables": tables,
            "doubts": list(self.doubts), "notice": NOTICE,
        }  # fmt: skip


def measure(
    file: str | Path,
    kind: str,
    *,
    channel: str | None = None,
    overrides: Overrides | None = None,
    distances_mm: Sequence[float] = (),
    height_cm: float | None = None,
    activity: str = "weak",
) -> Measurement:
    """Measure every marker of a recording in a file.

    Parameters
    ----------
    file : str or Path
        A recording: EDF, BDF, WAV, a table of text of any make, XLSX or MAT.
    kind : str
        ``motor``, ``sensory``, ``f-wave``, ``h-reflex`` or ``needle``.
    channel : str, optional
        Names or numbers of channels, commas between; None: all.
    overrides : Overrides, optional
        Unit, samples per second, full scale, time or note of the stimulus, where the file is silent or wrong;
        whether to turn the polarity.
    distances_mm : sequence of float
        Sensory: cathode to electrode. Motor: point to point, distal first [mm].
    height_cm : float, optional
        Body height: where to look for late responses [cm].
    activity : str
        Needle: ``rest``, ``weak`` or ``full`` effort.

    Returns
    -------
    Measurement
        The traces and the tables of their markers.

    Raises
    ------
    InputError
        If the file cannot be read or is not a recording of this kind.
    """
    if kind not in _TABULATED:
        raise InputError("kind", kind, "is not a kind of recording", did_you_mean(kind, _TABULATED))
    tell("reading the recording")
    traces = _sound(_read_recording(file, overrides, channel), kind, str(file))
    if len(distances_mm) and kind not in ("motor", "sensory"):
        rule = f"says nothing of {_kind_of_recording(kind)}"
        raise InputError("--distance-mm", distances_mm[0], rule, "leave it out")
    tell("setting the markers")
    how = {"motor": tuple(distances_mm), "sensory": tuple(distances_mm), "needle": activity}.get(
        kind, height_cm
    )
    read = [doubt for trace in traces for doubt in trace.doubts]
    traces, seen = _looked_over(traces, kind, overrides is not None and overrides.invert)
    doubts = tuple(dict.fromkeys((*read, *seen)))
    return Measurement(str(file), kind, traces, _TABULATED[kind](traces, how), doubts)


def _sound(traces: tuple[Trace, ...], kind: str, file: str) -> tuple[Trace, ...]:
    """Return the traces that can be measured; only a piece beside others may be left out (InputError)."""
    sound, left = [], []
    for trace in traces:
        try:
            _check_trace(trace, kind, f"{file}: {trace.label}" if trace.label else file)
        except InputError as problem:
            if not trace.piece:
                raise
            left.append(problem)
        else:
            sound.append(trace)
    if not sound:
        raise left[0]
    doubts = tuple(f"Left out: {problem}." for problem in left)
    return (replace(sound[0], doubts=(*sound[0].doubts, *doubts)), *sound[1:])


_TABULATED: dict[str, Callable[[Sequence[Trace], Any], tuple[Measured, ...]]] = {
    "motor": _tabulate_motor,
    "sensory": _tabulate_sensory,
    "f-wave": _tabulate_f_waves,
    "h-reflex": _tabulate_h_reflex,
    "needle": _tabulate_needle,
}
"""How each kind of recording is set in tables."""
