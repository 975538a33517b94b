"""Trace plates as inline SVG: a grid of divisions, negative up, stimulation points under one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from garland.edx_study.records import Marker, Plate
from garland.report.study_lanes import (
    COLUMN,
    FINE,
    ROUGH,
    TENTHS,
    Lane,
    Layout,
    gain_words,
    lay_out,
    path,
    sweep_words,
)
from garland.report.study_values import sided
from garland.report.svg import element, figure, text

FOOT_HEIGHT, EDGE = 18.0, 2.0
HEAD_HEIGHT, RASTER_HEAD_HEIGHT = 20.0, 36.0
SIDES = ("left", "right")
NO_RESPONSE = "no response"
ROOM_FOR_NAME = 34.0

PAPER = """
.frame{fill:#fff;stroke:#8a949e;stroke-width:.8}.grid{fill:none;stroke:#c3ccd4;stroke-width:.7}
.base{fill:none;stroke:#98a4af;stroke-width:.8}
.trace{fill:none;stroke:#0b3a52;stroke-width:9;stroke-linejoin:round}
.cursor{fill:none;stroke:#a34a06;stroke-width:1.1}
.split{fill:none;stroke:#5b6772;stroke-width:.9;stroke-dasharray:4 3}
text{font:11.5px "Liberation Sans",Arial,Helvetica,"DejaVu Sans",sans-serif;fill:#15202b}
.plate-side{font-size:12.5px;font-weight:bold}.plate-foot,.quiet{fill:#4d5a67}
.changed{font-weight:bold;fill:#15202b}
.cursor-name{font-size:10px;fill:#8f3c06}.plate-needle text{font-size:15px}
.middle{text-anchor:middle}.to-end{text-anchor:end}
"""
"""Style of a plate on paper, where no style sheet of a page reaches it."""


class Drawn(NamedTuple):
    """Traces under one title: kind, panels as SVG (of each side, or of rest and effort), remarks."""

    title: str
    kind: str
    panels: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def drawings(plates: Sequence[Plate]) -> tuple[Drawn, ...]:
    """Return the plates as drawings, both sides of one study beside each other."""
    together: dict[tuple[str, ...], list[Plate]] = {}
    for plate in plates:
        muscle = plate.title.rpartition(", ")[0] or plate.title
        key = (plate.kind, muscle, plate.side) if plate.kind == "needle" else (plate.kind, plate.title)
        together.setdefault(key, []).append(plate)
    return tuple((_muscle if key[0] == "needle" else _both)(group) for key, group in together.items())


def on_paper(drawing: str) -> str:
    """Return a plate with a style of its own inside, for a renderer that knows no page."""
    opening, rest = drawing.split(">", 1)
    return f"{opening}><style>{PAPER}</style>{rest}"


def draw(plate: Plate, layout: Layout | None = None, head: str = "") -> str:
    """Draw one plate."""
    layout = layout or lay_out(plate)
    bottom = _head(layout) + layout.row * layout.divisions
    width = COLUMN * layout.columns
    inner = text("text", head, "plate-side", x=0, y=14)
    inner += _grid(layout, width, bottom)
    inner += "".join(_lane(plate, layout, lane, width) for lane in layout.lanes)
    inner += _shortest(layout, bottom) + _split(layout, bottom)
    inner += _foot(plate, layout, bottom, width)
    box = (-EDGE, 0.0, width + 2 * EDGE, bottom + FOOT_HEIGHT)
    return figure(_words(plate, layout), inner, box, f"plate plate-{plate.kind}")


def _both(group: Sequence[Plate]) -> Drawn:
    """Draw the plates of one title, lanes of both sides at the same heights."""
    order = sorted(group, key=lambda plate: SIDES.index(plate.side) if plate.side in SIDES else len(SIDES))
    layouts = _level([lay_out(plate) for plate in order])
    panels = tuple(
        draw(plate, layout, plate.side.capitalize()) for plate, layout in zip(order, layouts, strict=True)
    )
    return Drawn(sided("", group[0].title), group[0].kind, panels, _remarks(layouts))


def _muscle(group: Sequence[Plate]) -> Drawn:
    """Draw what the needle met in one muscle, at rest and with effort."""
    layouts = [lay_out(plate) for plate in group]
    heads = [plate.title.rpartition(", ")[2].capitalize() for plate in group]
    panels = tuple(map(draw, group, layouts, heads))
    muscle = group[0].title.rpartition(", ")[0] or group[0].title
    return Drawn(sided(group[0].side, muscle), "needle", panels, _remarks(layouts))


def _remarks(layouts: Iterable[Layout]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(remark for layout in layouts for remark in layout.remarks))


def _level(layouts: Sequence[Layout]) -> list[Layout]:
    """Return layouts of which lanes at the same place have the same height."""
    highest: dict[int, tuple[int, int]] = {}
    for lane in (lane for layout in layouts for lane in layout.lanes):
        up, down = highest.get(lane.place, (0, 0))
        highest[lane.place] = max(up, lane.up), max(down, lane.down)

    def level(lane: Lane) -> Lane:
        up, down = highest[lane.place]
        return lane._replace(up=up, down=down)

    return [layout._replace(lanes=tuple(map(level, layout.lanes))) for layout in layouts]


def _grid(layout: Layout, width: float, bottom: float) -> str:
    """Draw the frame, the lines of the divisions and the baselines."""
    columns = "".join(f"M{COLUMN * i:g},{_head(layout):g}V{bottom:g}" for i in range(1, layout.columns))
    rows = "".join(f"M0,{_head(layout) + layout.row * i:g}H{width:g}" for i in range(1, layout.divisions))
    frame = element("rect", cls="frame", x=0, y=_head(layout), width=width, height=bottom - _head(layout))
    bases = "".join(f"M0,{_base(layout, lane):g}H{width:g}" for lane in layout.lanes)
    return frame + element("path", cls="grid", d=columns + rows) + element("path", cls="base", d=bases)


def _head(layout: Layout) -> float:
    """Return the height above the grid: of a raster two lines stand there."""
    return RASTER_HEAD_HEIGHT if layout.overlap else HEAD_HEIGHT


def _base(layout: Layout, lane: Lane) -> float:
    """Return the height of a lane's baseline on the drawing."""
    above = sum(other.up + other.down for other in layout.lanes[: lane.place])
    return _head(layout) + layout.row * (above + lane.up)


def _lane(plate: Plate, layout: Layout, lane: Lane, width: float) -> str:
    """Draw one trace with its cursors and its name."""
    base = _base(layout, lane)
    top, low = base - layout.row * lane.up, base + layout.row * lane.down
    if layout.overlap:
        top, low = _head(layout), _head(layout) + layout.row * layout.divisions
    x, y = lane.places(base)
    held = np.clip(y, top, low)
    line = element("path", cls="trace", d=path(TENTHS * x, TENTHS * held, ROUGH if layout.overlap else FINE))
    drawn = _names(plate, layout, lane, width, base)
    drawn += element("g", line, transform=f"scale({1 / TENTHS:g})")
    mark = _tick if layout.overlap else _cursor
    return drawn + "".join(mark(lane, marker, base) for marker in lane.markers)


def _names(plate: Plate, layout: Layout, lane: Lane, width: float, base: float) -> str:
    """Write a trace's name, its own gain where it has one, and that nothing was found."""
    top = base - layout.row * lane.up + 13.0 if not layout.overlap else base - 2.5
    words = text("tspan", lane.label) if lane.label else ""
    if lane.gain != layout.gain:
        words += text("tspan", f"{'  ' if words else ''}{gain_words(lane.gain)}", "changed")
    written = element("text", words, "lane-name to-end", x=width - 4.0, y=top) if words else ""
    if plate.kind in ("motor", "sensory") and not lane.markers:
        written += text("text", NO_RESPONSE, "lane-name quiet", x=width / 8, y=top)
    return written


def _cursor(lane: Lane, marker: Marker, base: float) -> str:
    """Draw a cursor across the trace: its name above, where a trace waits for a response to its left."""
    x, y = lane.at(marker.time_ms, base)
    line = element("path", cls="cursor", d=f"M{x:.1f},{y - 8:.1f}v16")
    if marker.name == "peak":
        above = max(y - 11.0, base - lane.row * lane.up + 9.0)
        return line + text("text", marker.name, "cursor-name", x=x + 4.0, y=above)
    if marker.name == "end":
        return line + text("text", marker.name, "cursor-name", x=x + 3.0, y=base - 4.5)
    if x < ROOM_FOR_NAME:
        return line + text("text", marker.name, "cursor-name", x=x + 3.0, y=base + 11.0)
    return line + text("text", marker.name, "cursor-name to-end", x=x - 3.0, y=base - 4.5)


def _tick(lane: Lane, marker: Marker, base: float) -> str:
    """Draw a short cursor at an F wave."""
    x, y = lane.at(marker.time_ms, base)
    return element("path", cls="cursor", d=f"M{x:.1f},{y - 5:.1f}v10")


def _shortest(layout: Layout, bottom: float) -> str:
    """Draw the shortest late response of a raster through all its traces."""
    if layout.shortest is None:
        return ""
    x = layout.lanes[0].at(layout.shortest, 0.0)[0]
    line = element("path", cls="split", d=f"M{x:.1f},{_head(layout):g}V{bottom:g}")
    return line + text("text", f"shortest {layout.shortest:.1f} ms", "cursor-name middle", x=x, y=14.0)


def _split(layout: Layout, bottom: float) -> str:
    """Draw where the gain changes within the sweep, with both gains above."""
    if layout.split_ms is None:
        return ""
    x = layout.lanes[0].at(layout.split_ms, 0.0)[0]
    line = element("path", cls="split", d=f"M{x:.1f},{_head(layout):g}V{bottom:g}")
    y = _head(layout) - 5.0
    early = text("text", gain_words(layout.early_gain), "plate-foot to-end", x=x - 4.0, y=y)
    return line + early + text("text", gain_words(layout.gain), "plate-foot", x=x + 4.0, y=y)


def _foot(plate: Plate, layout: Layout, bottom: float, width: float) -> str:
    """Write sweep and gain; a gain other than the one recorded with stands out."""
    changed = "changed" if layout.gain != plate.uv_per_division else "gain"
    told = text("tspan", f"{sweep_words(plate.ms_per_division)} · ")
    told += text("tspan", gain_words(layout.gain), changed)
    foot = element("text", told, "plate-foot", x=0, y=bottom + 13.0)
    return foot + text("text", "negative up", "plate-foot to-end", x=width, y=bottom + 13.0)


def _words(plate: Plate, layout: Layout) -> str:
    """Say a plate to a reader who does not see it."""
    sweep, gain = sweep_words(plate.ms_per_division), gain_words(layout.gain)
    told = [f"{plate.title}, {plate.side}: {sweep}, {gain}, negative up."]
    if layout.overlap:
        found = sum(bool(trace.markers) for trace in plate.traces)
        told.append(f"{found} of {len(plate.traces)} traces with a late response.")
        return " ".join(told)
    for trace in plate.traces:
        marks = ", ".join(f"{marker.name} {marker.time_ms:.1f} ms" for marker in trace.markers)
        told.append(f"{trace.label or 'Trace'}{': ' if marks else ''}{marks}.")
    return " ".join(told)
