"""What the answers rest on: every number by standing, the recalled and assumed ones by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from garland.evidence import STANDINGS, UNMEASURED, Number, all_numbers, references
from garland.io import plain

if TYPE_CHECKING:
    from rich.console import Console

MEANING = {
    "measured": "stood in a source that was read",
    "derived": "arithmetic on such numbers",
    "recalled": "remembered, the source not opened",
    "assumed": "taken for granted by this project",
}


def _print_sources(console: Console) -> None:
    """Print the counts by standing, then each number that is recalled or assumed, by path."""
    from rich.table import Table

    numbers = all_numbers()
    counts = Counter(number.standing for number in numbers)
    table = Table(title=f"{len(numbers)} numbers from {_cited(numbers)} sources")
    for title in ("standing", "numbers", "meaning"):
        table.add_column(title, justify="right" if title == "numbers" else "left")
    for standing in STANDINGS:
        table.add_row(standing, str(counts[standing]), MEANING[standing])
    console.print(table)
    for standing in UNMEASURED:
        _print_standing(standing, [number for number in numbers if number.standing == standing], console)


def _print_standing(standing: str, numbers: list[Number], console: Console) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print(Text(f"\n{standing}: {len(numbers)}", style="bold"))
    for path, inside in groupby(numbers, key=lambda number: number.path.rpartition(".")[0]):
        console.print(Text(f"  {path}", style="underline"))
        for number in inside:
            line = Text(number.name, style="bold").append(f" [{number.unit}] ", style="dim")
            line.append(f"{number.description} ").append(f"({number.source}: {number.where})", style="dim")
            console.print(Padding(line, (0, 0, 0, 4)))


def _cited(numbers: tuple[Number, ...]) -> int:
    return len({number.source for number in numbers} - {"Assumed"})


def _sources_as_dict() -> dict[str, Any]:
    """Return every number and every source it cites as plain values."""
    numbers = all_numbers()
    cited = {number.source for number in numbers}
    return {
        "counts": dict(Counter(number.standing for number in numbers)),
        "numbers": [_number_as_dict(number) for number in numbers],
        "references": {key: asdict(source) for key, source in references().items() if key in cited},
    }


def _number_as_dict(number: Number) -> dict[str, Any]:
    return {
        "path": number.path,
        "description": number.description,
        "unit": number.unit,
        "value": plain(number.value),
        "spread": plain(number.spread),
        "standing": number.standing,
        "source": number.source,
        "where": number.where,
        "trusted": list(number.trusted),
        "open_question": number.open_question,
    }
