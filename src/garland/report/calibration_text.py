"""What calibration moved, and how the published rows stand before and after."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from garland.validation.calibrate import distance, misfit
from garland.validation.fit import Fit


def print_fit(found: Fit, console: Console) -> None:
    """Print the numbers that could move, and the rows they were to meet."""
    console.print(Text("Calibration: assumed numbers against published rows", style="bold"))
    console.print(_numbers(found))
    console.print(_rows(found))
    before, after = misfit(found.before), misfit(found.after)
    console.print(f"misfit {before:.2f} before, {after:.2f} after", highlight=False)


def _numbers(found: Fit) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("number", "before", "after", "range of trust"):
        table.add_column(name, justify="left" if name == "number" else "right")
    for free in found.free:
        after = found.values[free.address]
        table.add_row(free.address, f"{free.start:.4g}", f"{after:.4g}", f"{free.low:g} to {free.high:g}")
    return table


def _rows(found: Fit) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "row", "published", "before", "after"):
        table.add_column(name, justify="left" if name in ("", "row") else "right")
    for old, new in zip(found.before, found.after, strict=True):
        mark = "✓" if distance(new) <= 1.0 else "✗"
        told = (f"{x:.3g}" if x is not None else "–" for x in (old.row.value, old.simulated, new.simulated))
        table.add_row(mark, old.row.id, *told)
    return table
