"""What every report prints alike in a terminal: headings, indented lines, tables without lines.

One home, so that all reports keep the same distances, and a change of them is one change.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Column = str | Text | tuple[str | Text, dict[str, Any]]
"""A column: its heading, which folds, or its heading with what rich is told of it instead."""
RIGHT: dict[str, Any] = {"justify": "right"}
FIRM: dict[str, Any] = {"no_wrap": True}
NUMBER: dict[str, Any] = {**RIGHT, **FIRM}
"""Columns set to the right, columns that never wrap, and both."""
_EIGHTHS = " ▏▎▍▌▋▊▉"


def lean_table(*columns: Column, gap: int = 2) -> Table:
    """Return a table without lines, its columns `gap` apart."""
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
    for column in columns:
        head, stated = column if isinstance(column, tuple) else (column, {"overflow": "fold"})
        table.add_column(head, **stated)
    return table


def right(*heads: str) -> list[Column]:
    """Return columns set to the right."""
    return [(head, RIGHT) for head in heads]


def heading(words: str, console: Console) -> None:
    """Print a heading after an empty line."""
    console.print()
    console.print(Text(words, style="bold underline"))


def indented(words: RenderableType, console: Console, style: str = "", left: int = 2, above: int = 0) -> None:
    """Print a line, or what else rich prints, some columns in."""
    shown = Text(words, style=style) if isinstance(words, str) else words
    console.print(Padding(shown, (above, 0, 0, left)))


def dotted_lines(title: str, lines: tuple[str, ...], console: Console, style: str = "") -> None:
    """Print sentences under a heading, one dash each; nothing where there are none."""
    if lines:
        heading(title, console)
    for line in lines:
        indented(f"- {line}", console, style)


def bar(share: float, width: int) -> str:
    """Return a bar of eighths of a character for a share [0..1]."""
    full, part = divmod(round(min(max(share, 0.0), 1.0) * width * 8), 8)
    return ("█" * full + (_EIGHTHS[part] if part else "")).ljust(width)
