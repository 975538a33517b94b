"""One path through the tree of nerves in the terminal: roots, sites on the way, tests, and what it rests
on.
"""

from __future__ import annotations

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from garland.anatomy.path import PathDescription, describe_path
from garland.report.common.words import in_words

SMALL = 0.005


def render_path(name: str, height_cm: float | None = None) -> Group:
    """Render the way from the cord to a muscle, skin nerve, dermatome or reflex, or the reach of a site."""
    path = describe_path(name, height_cm)
    parts: list[Text | Table] = [_title(path), Text("")]
    if path.roots:
        parts.append(_roots(path))
    parts.append(_reaches(path) if path.kind == "site" else _steps(path))
    return Group(*parts, *_tests(path), *_basis(path))


def _title(path: PathDescription) -> Text:
    line = Text(path.label, style="bold")
    line.append(f"  {path.kind}", style="dim")
    if path.kind != "site":
        line.append(
            f"  {path.length_mm / 10:.0f} cm from the cord at {path.height_cm:g} cm height", style="dim"
        )
    return line


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(columns[0], overflow="fold")
    for column in columns[1:]:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= SMALL else "–"


def _roots(path: PathDescription) -> Table:
    table = _table("root", "normal plexus", "prefixed", "postfixed")
    for root in path.roots:
        leading = root.normal == max(other.normal for other in path.roots)
        shares = (_percent(root.normal), _percent(root.prefixed), _percent(root.postfixed))
        table.add_row(_segment(root.root), *shares, style="bold" if leading else None)
    return table


def _segment(name: str) -> str:
    return {"th": "thoracic", "bulbar": "bulbar"}.get(name, name.upper())


def _steps(path: PathDescription) -> Table:
    table = _table("on the way", "axons that pass", "cm to the end")
    part = ""
    for step in path.steps:
        if step.part != part:
            part = step.part
            table.add_section()
        table.add_row(step.label, _percent(step.share), f"{step.distance_mm / 10:.0f}")
    return table


def _reaches(path: PathDescription) -> Table:
    table = _table("reaches", "axons that pass here")
    for target, share in sorted(path.reaches, key=lambda reached: -reached[1]):
        table.add_row(in_words(target), _percent(share))
    return table


def _tests(path: PathDescription) -> list[Text]:
    rows = (("movements", path.movements), ("reflexes", path.reflexes), ("studies", path.studies))
    stated = [(what, ", ".join(map(in_words, names))) for what, names in rows if names]
    lines = [Text.assemble((f"{what:<10} ", "dim"), words) for what, words in stated]
    return lines or [Text("no movement, reflex or study of the model tests it alone", style="dim")]


def _basis(path: PathDescription) -> list[Text]:
    shares = "follow from the skin nerves" if path.source is None else ""
    if path.source is not None:
        shares = f"{path.source.key} ({path.source.where}), {path.source.standing}"
    what = "place on the tree" if path.kind == "site" else "root shares"
    return [
        Text.assemble((f"{'basis':<10} ", "dim"), f"{what}: {shares}"),
        Text.assemble(
            (f"{'':<10} ", "dim"), "distances: landmarks, assumed; shares are priors, not counted fibres"
        ),
    ]
