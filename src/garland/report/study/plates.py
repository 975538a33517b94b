"""Trace plates as inline SVG: a grid of divisions, lanes with gain and sweep, negative up, short paths."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from garland._types import Float64s
from garland.edx_study.records import Marker, Plate, PlateTrace
from garland.report.common.svg import element, figure, text
from garland.report.study.content import _sided
from garland.signals.trace import Trace

COLUMN = 40.0
ROWS = {"f": 18.0, "h": 15.0, "needle": 16.0}
ROW = 22.0
TENTHS = 10.0
FINE, ROUGH = 1.5, 3.5
MOST_COLUMNS, MOST_SWEEPS = 10, 4
TALLEST = {"h": 6, "needle": 6}
MOST_TALL = 8
LABELLED = ("sensory", "h")
SLIVER = 0.02
ARTEFACT_MS = {"sensory": 1.0, "motor": 2.0, "f": 2.0, "h": 2.0}
M_WAVE_FROM_MS, M_WAVE_TO_MS = 10.0, 25.0
F_ROOM, F_TALLEST, M_TALLEST = 1.5, 6, 3
LAST_MS = 1e6
STEPS = (1.0, 2.0, 5.0)

ARTEFACT_CUT = "Where a stimulus artefact leaves its lane, its top is not drawn."
SPLIT_GAIN = "Left of the broken line the M response stands at a lower gain."


class _Lane(NamedTuple):
    """One trace, or one sweep of a long one, on a plate.

    Attributes
    ----------
    trace : Trace
        What is drawn [uV].
    label : str
        Its name.
    markers : tuple of Marker
        Cursors within it.
    place : int
        From the top.
    up, down : int
        Divisions above and below its baseline.
    gain : float
        [uV/div]
    start_ms, ms_per_division : float
        Time at the left edge [ms], sweep [ms/div].
    row : float
        Height of a division on the drawing.
    split_ms, early_gain : float
        Until when the gain is another one [ms], and that gain [uV/div].
    """

    trace: Trace
    label: str
    markers: tuple[Marker, ...]
    place: int
    up: int
    down: int
    gain: float
    start_ms: float
    ms_per_division: float
    row: float = ROW
    split_ms: float = -math.inf
    early_gain: float = 1.0

    def places(self, base: float) -> tuple[Float64s, Float64s]:
        """Return the trace on the drawing: distances from the left and from the top, negative waves up."""
        t = self.trace.times_ms
        gain = np.where(t < self.split_ms, self.early_gain, self.gain)
        x = COLUMN * (t - self.start_ms) / self.ms_per_division
        return x, base + self.row * self.trace.samples_uv / gain

    def at(self, time_ms: float, base: float) -> tuple[float, float]:
        """Return the place of one moment of the trace on the drawing."""
        x = COLUMN * (time_ms - self.start_ms) / self.ms_per_division
        gain = self.early_gain if time_ms < self.split_ms else self.gain
        value = float(np.interp(time_ms, self.trace.times_ms, self.trace.samples_uv))
        return x, base + self.row * value / gain


class _Layout(NamedTuple):
    """A plate's lanes, its columns [divisions], the gain of most lanes [uV/div], and what to say of it.

    `row` is the height of a division on the drawing. In a raster traces may overlap; then `split_ms` is where
    the gain changes and `shortest` the shortest late response [ms].
    """

    lanes: tuple[_Lane, ...]
    columns: int
    gain: float
    overlap: bool = False
    split_ms: float | None = None
    early_gain: float = 1.0
    shortest: float | None = None
    remarks: tuple[str, ...] = ()
    row: float = ROW

    @property
    def divisions(self) -> int:
        """Return the height of all lanes [divisions]."""
        return sum(lane.up + lane.down for lane in self.lanes)


def _lay_out(plate: Plate) -> _Layout:
    """Return where the traces of a plate stand; no response is cut, only artefacts of the stimulus are."""
    if plate.kind == "f":
        return _raster(plate)
    if plate.kind == "needle":
        return _needle(plate)
    artefact = ARTEFACT_MS.get(plate.kind, 0.0)
    start = min(one.trace.start_ms for one in plate.traces)
    reaches = [_reach(one, artefact) for one in plate.traces]
    tallest = TALLEST.get(plate.kind, MOST_TALL)
    gain = max(_fitting(plate.uv_per_division, *reach, tallest) for reach in reaches)
    sweep, row = plate.ms_per_division, ROWS.get(plate.kind, ROW)
    lanes = tuple(
        _Lane(one.trace, one.label, one.markers, i, *_rows(reach, gain), gain, start, sweep, row)
        for i, (one, reach) in enumerate(zip(plate.traces, reaches, strict=True))
    )
    if plate.kind in LABELLED:
        lanes = tuple(lane._replace(up=max(lane.up, 2)) for lane in lanes)
    cut = any(_leaves(lane) for lane in lanes)
    columns = _whole(_length(plate, start))
    return _Layout(lanes, columns, gain, remarks=(ARTEFACT_CUT,) if cut else (), row=row)


def _fitting(gain: float, up_uv: float, down_uv: float, rows: float = MOST_TALL) -> float:
    """Return a gain, at least as low as that given, at which a trace fits into some divisions."""
    while sum(_rows((up_uv, down_uv), gain)) > rows:
        gain = next(step for step in _series(gain) if step > gain * 1.001)
    return gain


def _gain_words(gain: float) -> str:
    """Return a gain in words, such as ``50 µV/div`` or ``2 mV/div``."""
    return f"{gain / 1000:g} mV/div" if gain >= 1000 else f"{gain:g} µV/div"


def _sweep_words(sweep: float) -> str:
    """Return a sweep in words, such as ``5 ms/div``."""
    return f"{sweep:g} ms/div"


def _path(x: Float64s, y: Float64s, tolerance: float = FINE) -> str:
    """Return an SVG path through points in whole units, lowest and highest points kept."""
    x, y = _thin(x, y, 3.0 * tolerance)
    kept = _straight(x.tolist(), y.tolist(), tolerance)
    places = np.rint(np.stack([x[kept], y[kept]], axis=1)).astype(int)
    moves = " ".join(
        f"{across}{'' if down < 0 else ' '}{down}" for across, down in np.diff(places, axis=0).tolist()
    )
    return f"M{places[0, 0]} {places[0, 1]}" + (f"l{moves}" if moves else "")


def _series(gain: float) -> Iterator[float]:
    """Yield 1, 2, 5, 10 ... from the power of ten below a gain."""
    power = 10.0 ** math.floor(math.log10(gain))
    return (step * power * scale for scale in (1.0, 10.0) for step in STEPS)


def _rows(reach: tuple[float, float], gain: float) -> tuple[int, int]:
    """Return whole divisions above and below the baseline, one at least each."""
    up, down = (max(math.ceil(side / gain - 1e-6), 1) for side in reach)
    return up, down


def _reach(one: PlateTrace, artefact_ms: float) -> tuple[float, float]:
    """Return how far a trace goes up and down, apart from the artefact of the stimulus [uV]."""
    first = min((marker.time_ms for marker in one.markers), default=math.inf)
    t, uv = one.trace.times_ms, one.trace.samples_uv
    counted = uv[(t < 0.0) | (t >= min(artefact_ms, first - 0.1))]
    if counted.size == 0:
        return 0.0, 0.0
    return max(-float(counted.min()), 0.0), max(float(counted.max()), 0.0)


def _leaves(lane: _Lane) -> bool:
    """Whether anything of a trace goes beyond its lane."""
    uv = lane.trace.samples_uv / lane.gain
    return bool(uv.size) and (-float(uv.min()) > lane.up or float(uv.max()) > lane.down)


def _length(plate: Plate, start_ms: float) -> float:
    """Return how far a plate's traces reach [divisions]."""
    last = max(one.trace.start_ms + one.trace.duration_ms for one in plate.traces)
    return (last - start_ms) / plate.ms_per_division


def _needle(plate: Plate) -> _Layout:
    """Return lanes for needle recordings: long ones go on in further sweeps, each trace has its own gain."""
    sweep_ms = MOST_COLUMNS * plate.ms_per_division
    lanes: list[_Lane] = []
    remarks = []
    for one in plate.traces:
        reach = _reach(one, 0.0)
        gain = _fitting(plate.uv_per_division, *reach, rows=TALLEST["needle"])
        sweeps = _whole(one.trace.duration_ms / sweep_ms)
        if sweeps > MOST_SWEEPS:
            shown, whole = MOST_SWEEPS * sweep_ms, one.trace.duration_ms
            remarks.append(f"The first {shown:,.0f} of {whole:,.0f} ms.")
        for sweep in range(min(sweeps, MOST_SWEEPS)):
            start = one.trace.start_ms + sweep * sweep_ms
            part = one.trace.between(start, start + sweep_ms)
            marks = tuple(mark for mark in one.markers if start <= mark.time_ms < start + sweep_ms)
            up, down = _rows(reach, gain)
            label = "" if sweep else one.label
            up = max(up, 2) if label else up
            place, row = len(lanes), ROWS["needle"]
            lanes.append(_Lane(part, label, marks, place, up, down, gain, start, plate.ms_per_division, row))
    longest = max(one.trace.duration_ms for one in plate.traces) / plate.ms_per_division
    columns = min(_whole(longest), MOST_COLUMNS)
    return _Layout(tuple(lanes), columns, _usual(lanes, plate), remarks=tuple(remarks), row=ROWS["needle"])


def _whole(divisions: float) -> int:
    """Return a length in whole divisions, one at least; a sample beyond the last is none."""
    return max(math.ceil(divisions - SLIVER), 1)


def _usual(lanes: Sequence[_Lane], plate: Plate) -> float:
    """Return the gain of all lanes if they share one, else the one recorded with [uV/div]."""
    gains = {lane.gain for lane in lanes}
    return gains.pop() if len(gains) == 1 else plate.uv_per_division


def _raster(plate: Plate) -> _Layout:
    """Return lanes one division apart that may overlap, the M response at a gain of its own."""
    start = min(one.trace.start_ms for one in plate.traces)
    late = [marker.time_ms for one in plate.traces for marker in one.markers]
    sweep, row = plate.ms_per_division, ROWS["f"]
    split = _end_of_m(plate.traces, F_ROOM * plate.uv_per_division)
    parts = [one.trace.between(ARTEFACT_MS["f"], split).samples_uv for one in plate.traces]
    after = [one.trace.between(split, LAST_MS).samples_uv for one in plate.traces]
    early_gain = _fitting(plate.uv_per_division, *_span(parts), rows=M_TALLEST)
    gain = _fitting(plate.uv_per_division, *_span(after), rows=F_TALLEST)
    lanes = tuple(
        _Lane(one.trace, one.label, one.markers, i, 1, 0, gain, start, sweep, row, split, early_gain)
        for i, one in enumerate(plate.traces)
    )
    room = [_rows(_span(after), gain), _rows(_span(parts), early_gain)]
    up, down = (max(sides) for sides in zip(*room, strict=True))
    lanes = (lanes[0]._replace(up=up), *lanes[1:])
    lanes = (*lanes[:-1], lanes[-1]._replace(down=down))
    columns = _whole(_length(plate, start))
    shortest = min(late, default=None)
    return _Layout(lanes, columns, gain, True, split, early_gain, shortest, (SPLIT_GAIN,), row)


def _span(parts: Sequence[Float64s]) -> tuple[float, float]:
    """Return how far some samples go up and down [uV]."""
    joined = np.concatenate([np.zeros(1), *parts])
    return max(-float(joined.min()), 0.0), max(float(joined.max()), 0.0)


def _end_of_m(traces: Sequence[PlateTrace], room_uv: float) -> float:
    """Return when the M response is over in all traces, 10 to 25 ms after the stimulus [ms]."""
    ends = [M_WAVE_FROM_MS]
    for one in traces:
        early = one.trace.between(M_WAVE_FROM_MS, M_WAVE_TO_MS)
        large = np.flatnonzero(np.abs(early.samples_uv) > room_uv)
        if large.size:
            ends.append(float(early.times_ms[large[-1]]) + 1.0)
    return min(max(ends), M_WAVE_TO_MS)


def _thin(x: Float64s, y: Float64s, step: float) -> tuple[Float64s, Float64s]:
    """Return the first and last point, and the lowest and highest of every step along x, in order."""
    width = max(int(len(x) / max((x[-1] - x[0]) / step, 1.0)), 1) if len(x) else 1
    if width < 3:
        return x, y
    whole = len(x) // width * width
    rows = y[:whole].reshape(-1, width)
    first = np.arange(0, whole, width)
    ends = np.sort(np.stack([first + rows.argmin(axis=1), first + rows.argmax(axis=1)]), axis=0)
    at = np.unique(np.concatenate([[0], ends.T.ravel(), np.arange(whole, len(x)), [len(x) - 1]]))
    return x[at], y[at]


def _straight(x: list[float], y: list[float], tolerance: float) -> list[int]:
    """Return which points a line needs so that it passes every point within a tolerance."""
    kept, here = [0], 0
    low, high = -math.inf, math.inf
    for i in range(1, len(x)):
        run, rise = x[i] - x[here] or 1e-9, y[i] - y[here]
        if here < i - 1 and not low <= rise / run <= high:
            here = i - 1
            kept.append(here)
            run, rise = x[i] - x[here] or 1e-9, y[i] - y[here]
            low, high = -math.inf, math.inf
        least, most = (rise - tolerance) / run, (rise + tolerance) / run
        low = least if least > low else low
        high = most if most < high else high
    return [*kept, len(x) - 1] if len(x) > 1 else kept


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


class _Drawn(NamedTuple):
    """Traces under one title: kind, panels as SVG (of each side, or of rest and effort), remarks."""

    title: str
    kind: str
    panels: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def _drawings(plates: Sequence[Plate]) -> tuple[_Drawn, ...]:
    """Return the plates as drawings, both sides of one study beside each other."""
    together: dict[tuple[str, ...], list[Plate]] = {}
    for plate in plates:
        muscle = plate.title.rpartition(", ")[0] or plate.title
        key = (plate.kind, muscle, plate.side) if plate.kind == "needle" else (plate.kind, plate.title)
        together.setdefault(key, []).append(plate)
    return tuple((_muscle if key[0] == "needle" else _both)(group) for key, group in together.items())


def _on_paper(drawing: str) -> str:
    """Return a plate with a style of its own inside, for a renderer that knows no page."""
    opening, rest = drawing.split(">", 1)
    return f"{opening}><style>{PAPER}</style>{rest}"


def _draw(plate: Plate, layout: _Layout | None = None, head: str = "") -> str:
    """Draw one plate."""
    layout = layout or _lay_out(plate)
    bottom = _head(layout) + layout.row * layout.divisions
    width = COLUMN * layout.columns
    inner = text("text", head, "plate-side", x=0, y=14)
    inner += _grid(layout, width, bottom)
    inner += "".join(_lane(plate, layout, lane, width) for lane in layout.lanes)
    inner += _shortest(layout, bottom) + _split(layout, bottom)
    inner += _foot(plate, layout, bottom, width)
    box = (-EDGE, 0.0, width + 2 * EDGE, bottom + FOOT_HEIGHT)
    return figure(_words(plate, layout), inner, box, f"plate plate-{plate.kind}")


def _both(group: Sequence[Plate]) -> _Drawn:
    """Draw the plates of one title, lanes of both sides at the same heights."""
    order = sorted(group, key=lambda plate: SIDES.index(plate.side) if plate.side in SIDES else len(SIDES))
    layouts = _level([_lay_out(plate) for plate in order])
    panels = tuple(
        _draw(plate, layout, plate.side.capitalize()) for plate, layout in zip(order, layouts, strict=True)
    )
    return _Drawn(_sided("", group[0].title), group[0].kind, panels, _remarks(layouts))


def _muscle(group: Sequence[Plate]) -> _Drawn:
    """Draw what the needle met in one muscle, at rest and with effort."""
    layouts = [_lay_out(plate) for plate in group]
    heads = [plate.title.rpartition(", ")[2].capitalize() for plate in group]
    panels = tuple(map(_draw, group, layouts, heads))
    muscle = group[0].title.rpartition(", ")[0] or group[0].title
    return _Drawn(_sided(group[0].side, muscle), "needle", panels, _remarks(layouts))


def _remarks(layouts: Iterable[_Layout]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(remark for layout in layouts for remark in layout.remarks))


def _level(layouts: Sequence[_Layout]) -> list[_Layout]:
    """Return layouts of which lanes at the same place have the same height."""
    highest: dict[int, tuple[int, int]] = {}
    for lane in (lane for layout in layouts for lane in layout.lanes):
        up, down = highest.get(lane.place, (0, 0))
        highest[lane.place] = max(up, lane.up), max(down, lane.down)

    def level(lane: _Lane) -> _Lane:
        up, down = highest[lane.place]
        return lane._replace(up=up, down=down)

    return [layout._replace(lanes=tuple(map(level, layout.lanes))) for layout in layouts]


def _grid(layout: _Layout, width: float, bottom: float) -> str:
    """Draw the frame, the lines of the divisions and the baselines."""
    columns = "".join(f"M{COLUMN * i:g},{_head(layout):g}V{bottom:g}" for i in range(1, layout.columns))
    rows = "".join(f"M0,{_head(layout) + layout.row * i:g}H{width:g}" for i in range(1, layout.divisions))
    frame = element("rect", cls="frame", x=0, y=_head(layout), width=width, height=bottom - _head(layout))
    bases = "".join(f"M0,{_base(layout, lane):g}H{width:g}" for lane in layout.lanes)
    return frame + element("path", cls="grid", d=columns + rows) + element("path", cls="base", d=bases)


def _head(layout: _Layout) -> float:
    """Return the height above the grid: of a raster two lines stand there."""
    return RASTER_HEAD_HEIGHT if layout.overlap else HEAD_HEIGHT


def _base(layout: _Layout, lane: _Lane) -> float:
    """Return the height of a lane's baseline on the drawing."""
    above = sum(other.up + other.down for other in layout.lanes[: lane.place])
    return _head(layout) + layout.row * (above + lane.up)


def _lane(plate: Plate, layout: _Layout, lane: _Lane, width: float) -> str:
    """Draw one trace with its cursors and its name."""
    base = _base(layout, lane)
    top, low = base - layout.row * lane.up, base + layout.row * lane.down
    if layout.overlap:
        top, low = _head(layout), _head(layout) + layout.row * layout.divisions
    x, y = lane.places(base)
    held = np.clip(y, top, low)
    line = element("path", cls="trace", d=_path(TENTHS * x, TENTHS * held, ROUGH if layout.overlap else FINE))
    drawn = _names(plate, layout, lane, width, base)
    drawn += element("g", line, transform=f"scale({1 / TENTHS:g})")
    mark = _tick if layout.overlap else _cursor
    return drawn + "".join(mark(lane, marker, base) for marker in lane.markers)


def _names(plate: Plate, layout: _Layout, lane: _Lane, width: float, base: float) -> str:
    """Write a trace's name, its own gain where it has one, and that nothing was found."""
    top = base - layout.row * lane.up + 13.0 if not layout.overlap else base - 2.5
    words = text("tspan", lane.label) if lane.label else ""
    if lane.gain != layout.gain:
        words += text("tspan", f"{'  ' if words else ''}{_gain_words(lane.gain)}", "changed")
    written = element("text", words, "lane-name to-end", x=width - 4.0, y=top) if words else ""
    if plate.kind in ("motor", "sensory") and not lane.markers:
        written += text("text", NO_RESPONSE, "lane-name quiet", x=width / 8, y=top)
    return written


def _cursor(lane: _Lane, marker: Marker, base: float) -> str:
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


def _tick(lane: _Lane, marker: Marker, base: float) -> str:
    """Draw a short cursor at an F wave."""
    x, y = lane.at(marker.time_ms, base)
    return element("path", cls="cursor", d=f"M{x:.1f},{y - 5:.1f}v10")


def _shortest(layout: _Layout, bottom: float) -> str:
    """Draw the shortest late response of a raster through all its traces."""
    if layout.shortest is None:
        return ""
    x = layout.lanes[0].at(layout.shortest, 0.0)[0]
    line = element("path", cls="split", d=f"M{x:.1f},{_head(layout):g}V{bottom:g}")
    return line + text("text", f"shortest {layout.shortest:.1f} ms", "cursor-name middle", x=x, y=14.0)


def _split(layout: _Layout, bottom: float) -> str:
    """Draw where the gain changes within the sweep, with both gains above."""
    if layout.split_ms is None:
        return ""
    x = layout.lanes[0].at(layout.split_ms, 0.0)[0]
    line = element("path", cls="split", d=f"M{x:.1f},{_head(layout):g}V{bottom:g}")
    y = _head(layout) - 5.0
    early = text("text", _gain_words(layout.early_gain), "plate-foot to-end", x=x - 4.0, y=y)
    return line + early + text("text", _gain_words(layout.gain), "plate-foot", x=x + 4.0, y=y)


def _foot(plate: Plate, layout: _Layout, bottom: float, width: float) -> str:
    """Write sweep and gain; a gain other than the one recorded with stands out."""
    changed = "changed" if layout.gain != plate.uv_per_division else "gain"
    stated = text("tspan", f"{_sweep_words(plate.ms_per_division)} · ")
    stated += text("tspan", _gain_words(layout.gain), changed)
    foot = element("text", stated, "plate-foot", x=0, y=bottom + 13.0)
    return foot + text("text", "negative up", "plate-foot to-end", x=width, y=bottom + 13.0)


def _words(plate: Plate, layout: _Layout) -> str:
    """Say a plate to a reader who does not see it."""
    sweep, gain = _sweep_words(plate.ms_per_division), _gain_words(layout.gain)
    stated = [f"{plate.title}, {plate.side}: {sweep}, {gain}, negative up."]
    if layout.overlap:
        found = sum(bool(trace.markers) for trace in plate.traces)
        stated.append(f"{found} of {len(plate.traces)} traces with a late response.")
        return " ".join(stated)
    for trace in plate.traces:
        marks = ", ".join(f"{marker.name} {marker.time_ms:.1f} ms" for marker in trace.markers)
        stated.append(f"{trace.label or 'Trace'}{': ' if marks else ''}{marks}.")
    return " ".join(stated)
