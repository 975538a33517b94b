"""The command ``garland measure``: markers on a user's own recording."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from garland.cli.display import _showing
from garland.cli.output import JsonOption, _console, _print_json, _taking

if TYPE_CHECKING:
    from rich.table import Table

    from garland.signals.measured import Column, Measured, Value
    from garland.signals.trace import Trace

MOST_ABREAST = 7
"""Columns that a single row may have before it is set as a list."""


class _Kind(StrEnum):
    """What a recording is of."""

    MOTOR = "motor"
    SENSORY = "sensory"
    F_WAVE = "f-wave"
    H_REFLEX = "h-reflex"
    NEEDLE = "needle"


class _Activity(StrEnum):
    """What the muscle does under the needle."""

    REST = "rest"
    WEAK = "weak"
    FULL = "full"


_OPTIONS: dict[str, tuple[Any, Any]] = {
    "file": (
        Annotated[str, typer.Argument(metavar="FILE", help="EDF, BDF, WAV, table of text, XLSX or MAT.")],
        ...,
    ),
    "kind": (Annotated[_Kind, typer.Option(help="What was recorded.")], ...),
    "channel": (
        Annotated[str | None, typer.Option(help="Names or numbers of channels, commas between; else all.")],
        None,
    ),
    "unit": (Annotated[str | None, typer.Option(help="uV, mV or V; goes before what the file says.")], None),
    "rate": (
        Annotated[float | None, typer.Option(help="Samples per second, for a table without times.")],
        None,
    ),
    "full_scale_uv": (
        Annotated[float | None, typer.Option(help="What full scale of a WAV file means, in microvolts.")],
        None,
    ),
    "distance_mm": (
        Annotated[
            list[float] | None,
            typer.Option(help="Sensory: cathode to electrode. Motor: point to point, distal first; repeat."),
        ],
        None,
    ),
    "stimulus_ms": (
        Annotated[float | None, typer.Option(help="When the stimulus came, on the clock of the file.")],
        None,
    ),
    "stimulus_note": (
        Annotated[str | None, typer.Option(help="Words of the notes in the file that mark a stimulus.")],
        None,
    ),
    "invert": (Annotated[bool, typer.Option("--invert", help="Turn the polarity of every channel.")], False),
    "height_cm": (
        Annotated[float | None, typer.Option(help="Body height: where to look for late responses.")],
        None,
    ),
    "activity": (Annotated[_Activity, typer.Option(help="Needle: what the muscle did.")], _Activity.WEAK),
    "as_json": (JsonOption, False),
}


@_taking(_OPTIONS)
def _measure_command(**given: Any) -> None:
    """Measure a recording and print every marker."""
    with _showing("loading what measures"):
        from garland.signals.measured import measure
        from garland.signals.recordings import Overrides

        keys = ("unit", "rate", "full_scale_uv", "stimulus_ms", "stimulus_note", "invert")
        overrides = Overrides(*(given[key] for key in keys))
        found = measure(
            given["file"],
            given["kind"].value,
            channel=given["channel"],
            overrides=overrides,
            distances_mm=given["distance_mm"] or (),
            height_cm=given["height_cm"],
            activity=given["activity"].value,
        )
    if given["as_json"]:
        _print_json(found.as_dict())
        return
    _print(found.tables, found.traces, found.doubts)


def _print(tables: tuple[Measured, ...], traces: tuple[Trace, ...], doubts: tuple[str, ...]) -> None:
    from rich.text import Text

    from garland.signals.measured import NOTICE

    console = _console()
    first = traces[0]
    count = f"{len(traces)} channel{'s' if len(traces) > 1 else ''}"
    words = f"{count}, {first.rate_hz / 1000.0:g} kHz, {_span(first)}, microvolts, active minus reference"
    console.print(Text(words, style="dim"))
    for doubt in doubts:
        console.print(Text(f"Doubt: {doubt}", style="yellow"))
    for table in tables:
        console.print()
        console.print(Text(table.title, style="bold"))
        console.print(_rich(table))
        for note in table.notes:
            console.print(Text(note, style="dim"))
    console.print()
    console.print(Text(NOTICE, style="dim"))


def _span(trace: Trace) -> str:
    end = trace.start_ms + trace.duration_ms
    if end >= 2000.0:
        return f"{trace.start_ms / 1000.0:g} to {end / 1000.0:g} s"
    return f"{trace.start_ms:g} to {end:g} ms"


def _rich(table: Measured) -> Table:
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    if len(table.rows) == 1 and table.columns[0].key != "trace" and len(table.columns) > MOST_ABREAST:
        shown.show_header = False
        for column in table.columns:
            shown.add_row(column.title, _cell(table.rows[0].get(column.key), column), column.unit)
        return shown
    for k, column in enumerate(table.columns):
        title = f"{column.title}\n{column.unit}" if column.unit else column.title
        words = k == 0 and column.key == "trace"
        shown.add_column(title, justify="left" if words else "right", overflow="fold")
    for row in table.rows:
        shown.add_row(*(_cell(row.get(column.key), column) for column in table.columns))
    return shown


def _cell(value: Value, column: Column) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else f"{value:.{column.digits}f}"
