"""Tables of a needle recording: at rest, in weak effort, in full effort."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from garland.signals.effort import interference
from garland.signals.measured import Column, Measured, Value
from garland.signals.muap import motor_units, summary
from garland.signals.rest import spontaneous
from garland.signals.trace import Trace

ACTIVITIES = ("rest", "weak", "full")
"""What the muscle does during a recording."""
_PLACES = 5
"""Parts into which one long recording at rest is cut, each taken for a place."""


def needle(traces: Sequence[Trace], activity: str) -> tuple[Measured, ...]:
    """Measure a needle recording."""
    return {"rest": _rest, "weak": _weak, "full": _full}[activity](traces)


def _rest(traces: Sequence[Trace]) -> tuple[Measured, ...]:
    places = list(traces) if len(traces) > 1 else _cut(traces[0])
    found = spontaneous(places)
    columns = (
        Column("fibrillations", "fibrillations", "0-4", 0),
        Column("positive_waves", "positive waves", "0-4", 0),
        Column("trains", "trains per place", "", 1),
        Column("amplitude_uv", "amplitude", "uV", 0),
        Column("rate_hz", "rate", "Hz", 1),
        Column("fasciculations", "fasciculations"),
        Column("myokymia", "myokymia"),
        Column("complex_repetitive", "complex repetitive"),
        Column("end_plate", "end plate"),
    )
    row: dict[str, Value] = {
        "fibrillations": float(found.fibrillation),
        "positive_waves": float(found.positive_waves),
        "trains": found.trains,
        "amplitude_uv": found.amplitude_uv if found.trains > 0.0 else None,
        "rate_hz": found.rate_hz if found.rate_hz > 0.0 else None,
        "fasciculations": _yes(found.fasciculations),
        "myokymia": _yes(found.myokymia),
        "complex_repetitive": _yes(found.complex_repetitive),
        "end_plate": _yes(found.end_plate),
    }
    count = "places of the needle" if len(traces) > 1 else "parts of one recording, each taken for a place"
    return (Measured("At rest", columns, (row,), (f"Graded over {len(places)} {count}.",)),)


def _cut(trace: Trace) -> list[Trace]:
    step = trace.duration_ms / _PLACES
    return [trace.between(trace.start_ms + k * step, trace.start_ms + (k + 1) * step) for k in range(_PLACES)]


def _yes(there: bool) -> str:
    return "yes" if there else "no"


def _weak(traces: Sequence[Trace]) -> tuple[Measured, ...]:
    units = motor_units(traces)
    whole = summary(units)
    total = (
        Column("units", "units", "", 0),
        Column("amplitude_uv", "amplitude", "uV", 0),
        Column("duration_ms", "duration", "ms", 1),
        Column("polyphasic_percent", "polyphasic", "%", 0),
        Column("satellites_percent", "satellites", "%", 0),
        Column("jiggle", "jiggle", "", 2),
    )
    row: dict[str, Value] = {
        "units": float(whole.units),
        "amplitude_uv": _number(whole.amplitude_uv),
        "duration_ms": _number(whole.duration_ms),
        "polyphasic_percent": _number(100.0 * whole.polyphasic),
        "satellites_percent": _number(100.0 * whole.satellites),
        "jiggle": _number(whole.jiggle),
    }
    notes = ("Means over units; amplitude peak to peak.",) if units else ("No motor unit could be followed.",)
    tables = [Measured("Motor unit potentials", total, (row,), notes)]
    if units:
        columns = (
            Column("trace", "trace"),
            Column("amplitude_uv", "amplitude", "uV", 0),
            Column("duration_ms", "duration", "ms", 1),
            Column("phases", "phases", "", 0),
            Column("turns", "turns", "", 0),
            Column("satellite", "satellite"),
            Column("rate_hz", "rate", "Hz", 1),
            Column("discharges", "discharges", "", 0),
        )
        rows: list[dict[str, Value]] = [
            {
                "trace": traces[unit.site].label or f"place {unit.site + 1}",
                "amplitude_uv": unit.shape.amplitude_uv,
                "duration_ms": unit.shape.duration_ms,
                "phases": float(unit.shape.phases),
                "turns": float(unit.shape.turns),
                "satellite": _yes(unit.shape.satellite),
                "rate_hz": unit.rate_hz,
                "discharges": float(unit.discharges),
            }
            for unit in units
        ]
        tables.append(Measured("Each unit", columns, tuple(rows)))
    return tuple(tables)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _full(traces: Sequence[Trace]) -> tuple[Measured, ...]:
    columns = (
        Column("trace", "trace"),
        Column("recruitment", "recruitment"),
        Column("turns_per_s", "turns", "1/s", 0),
        Column("amplitude_per_turn_uv", "per turn", "uV", 0),
        Column("fullness_percent", "fullness", "%", 0),
        Column("discharges_per_s", "discharges", "1/s", 0),
        Column("peak_rate_hz", "fastest", "Hz", 0),
        Column("root_mean_square_uv", "rms", "uV", 0),
    )
    rows: list[dict[str, Value]] = []
    for k, trace in enumerate(traces, 1):
        found = interference(trace)
        rows.append(
            {
                "trace": trace.label or f"place {k}",
                "recruitment": found.word,
                "turns_per_s": found.turns_per_s,
                "amplitude_per_turn_uv": found.amplitude_per_turn_uv if found.turns_per_s > 0.0 else None,
                "fullness_percent": 100.0 * found.fullness,
                "discharges_per_s": found.discharges_per_s,
                "peak_rate_hz": found.peak_rate_hz if found.peak_rate_hz > 0.0 else None,
                "root_mean_square_uv": float(np.std(trace.samples_uv)),
            }
        )
    return (Measured("Interference", columns, tuple(rows), ("Recruitment is read as of full effort.",)),)
