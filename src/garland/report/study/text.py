"""A study of the EMG laboratory in the terminal, at 80 columns or more."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from garland.edx_study.records import EdxStudy
from garland.inference.result import NOTICE
from garland.report.common.terminal import Column, dotted_lines, heading, indented, lean_table
from garland.report.study import content as v

WIDE = 124
MUSCLE, TIGHT_MUSCLE = 30, 20
SHORT = {
    "Amplitude": "Ampl",
    "Duration": "Dur",
    "Distance": "Dist",
    "Velocity": "Veloc",
    "Peak to peak": "P–P",
    "Chronodispersion": "Dispers",
    "Persistence": "Persist",
    "Insertional activity": "Insert",
    "Fibrillations": "Fib",
    "Positive waves": "PSW",
    "Fasciculations": "Fasc",
    "MUAP amplitude": "MUAP µV",
    "MUAP duration": "ms",
    "Polyphasic": "poly %",
    "Recruitment": "Recruit",
}
"""Heads of columns where there is little room."""

SHORT_WORDS = {
    "increased": "incr",
    "reduced": "red",
    "normal": "norm",
    "present": "yes",
    "none": "no",
    "severely reduced": "sev red",
    "mildly reduced": "mild red",
    "complex repetitive discharges": "CRD",
}
"""Words of the needle table where there is little room."""


def print_study(study: EdxStudy, console: Console) -> None:
    """Print a study."""
    _headline(study, console)
    sheets = v._sheets(study)
    for sheet in sheets:
        _sheet(sheet, console)
    _signs(sheets, console)
    dotted_lines("Summary", study.summary, console)
    dotted_lines("Impression", study.impression, console, "bold")
    dotted_lines("Limitations", study.limitations, console)
    dotted_lines("Assumed numbers", study.assumed, console)
    dotted_lines("Sources", study.sources, console)
    console.print()
    console.print(Text(f"SIMULATED by Garland {study.version}, seed {study.seed}. {NOTICE}", style="bold"))


def _headline(study: EdxStudy, console: Console) -> None:
    """Print who was examined, when and how."""
    words = Text(study.title, style="bold")
    for label, value in v._facts(study):
        words.append(f"\n{label}: ", style="not bold dim").append(value, style="not bold not dim")
    if study.plates or study.sounds:
        counted = f"{len(study.plates)} plates of traces and {len(study.sounds)} sounds"
        words.append(f"\n\n{counted} are in the page.", style="not bold")
    words.append(f"\n\nSIMULATED. {NOTICE}", style="bold")
    console.print(Panel(words, title=Text("Garland electrodiagnostic study"), box=box.ROUNDED))


def _sheet(sheet: v._Sheet, console: Console) -> None:
    """Print a table, then the sources of its limits."""
    wide, needle = console.width >= WIDE, sheet.key == "needle"
    tight = needle and not wide
    heading(sheet.title, console)
    least = TIGHT_MUSCLE if tight else MUSCLE if needle else None
    columns: list[Column] = [(sheet.first, {"overflow": "fold", "min_width": least})]
    for head, unit in sheet.heads:
        name = head if wide and not needle else SHORT.get(head, head)
        words = f"{name}\n{unit}" if unit and not needle else name
        firm = not needle or head != "Other"
        columns.append((words, {"justify": "left" if needle else "right", "no_wrap": firm}))
    table = lean_table(*columns, gap=1)
    for block in sheet.blocks:
        if block.title:
            table.add_row(Text(block.title, style="bold"))
        for line in block.lines:
            cells = (_tight(cell) if tight else _cell(cell, wide and not needle) for cell in line.cells)
            table.add_row(_head(line, bool(block.title), tight), *cells)
    console.print(table)
    if sheet.sources and not tight:
        indented("; ".join(f"{key} {source}" for key, source in sheet.sources), console, "dim")


def _head(line: v._Line, indented: bool, bare: bool) -> Text:
    """Return the head of a row, its note behind it unless it stands bare."""
    words = Text("  " if indented else "").append(line.head)
    return words.append(f" {line.note}", style="dim") if line.note and not bare else words


def _cell(cell: v._Shown, wide: bool) -> Text:
    """Return a cell: value and sign, the limit behind or below."""
    words = f"[{cell.words}]" if cell.mark == "absent" else cell.words
    style = "bold red" if cell.mark else "dim" if cell.words == v.NOT_MEASURED else ""
    shown = Text(words, style=style).append(cell.sign)
    if cell.limit:
        limit = f"{cell.limit.replace(' ', '')}{cell.key and f' {cell.key}'}"
        shown.append(f" {limit}" if wide else f"\n{limit}", style="not bold dim default")
    return shown


def _tight(cell: v._Shown) -> Text:
    """Return a cell of the needle table where there is little room: shortened, one sign, no limit."""
    style = "bold red" if cell.mark else "dim" if cell.words == v.NOT_MEASURED else ""
    return Text(SHORT_WORDS.get(cell.words, cell.words), style=style).append(cell.sign[:1])


def _signs(sheets: Sequence[v._Sheet], console: Console) -> None:
    """Print what the signs mean, as far as there are tables."""
    stated = ", ".join(f"{f'[{sign}]' if sign == 'NR' else sign} {meaning}" for sign, meaning in v.LEGEND)
    console.print()
    console.print(Text(f"{stated}. {v.LEGEND_NOTE}", style="dim"))
