"""Where traces stand on a plate: lanes of whole divisions, gain, sweeps, and paths kept short."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.edx_study.records import Marker, Plate, PlateTrace
from garland.signals.trace import Trace

Floats = NDArray[np.float64]

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


class Lane(NamedTuple):
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

    def places(self, base: float) -> tuple[Floats, Floats]:
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


class Layout(NamedTuple):
    """A plate's lanes, its columns [divisions], the gain of most lanes [uV/div], and what to say of it.

    `row` is the height of a division on the drawing. In a raster traces may overlap; then `split_ms` is where
    the gain changes and `shortest` the shortest late response [ms].
    """

    lanes: tuple[Lane, ...]
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


def lay_out(plate: Plate) -> Layout:
    """Return where the traces of a plate stand; no response is cut, only artefacts of the stimulus are."""
    if plate.kind == "f":
        return _raster(plate)
    if plate.kind == "needle":
        return _needle(plate)
    artefact = ARTEFACT_MS.get(plate.kind, 0.0)
    start = min(one.trace.start_ms for one in plate.traces)
    reaches = [_reach(one, artefact) for one in plate.traces]
    tallest = TALLEST.get(plate.kind, MOST_TALL)
    gain = max(fitting(plate.uv_per_division, *reach, tallest) for reach in reaches)
    sweep, row = plate.ms_per_division, ROWS.get(plate.kind, ROW)
    lanes = tuple(
        Lane(one.trace, one.label, one.markers, i, *_rows(reach, gain), gain, start, sweep, row)
        for i, (one, reach) in enumerate(zip(plate.traces, reaches, strict=True))
    )
    if plate.kind in LABELLED:
        lanes = tuple(lane._replace(up=max(lane.up, 2)) for lane in lanes)
    cut = any(_leaves(lane) for lane in lanes)
    columns = _whole(_length(plate, start))
    return Layout(lanes, columns, gain, remarks=(ARTEFACT_CUT,) if cut else (), row=row)


def fitting(gain: float, up_uv: float, down_uv: float, rows: float = MOST_TALL) -> float:
    """Return a gain, at least as low as that given, at which a trace fits into some divisions."""
    while sum(_rows((up_uv, down_uv), gain)) > rows:
        gain = next(step for step in _series(gain) if step > gain * 1.001)
    return gain


def gain_words(gain: float) -> str:
    """Return a gain in words, such as ``50 µV/div`` or ``2 mV/div``."""
    return f"{gain / 1000:g} mV/div" if gain >= 1000 else f"{gain:g} µV/div"


def sweep_words(sweep: float) -> str:
    """Return a sweep in words, such as ``5 ms/div``."""
    return f"{sweep:g} ms/div"


def path(x: Floats, y: Floats, tolerance: float = FINE) -> str:
    """Return an SVG path through points in whole units, lowest and highest points kept."""
    x, y = _thin(x, y, 3.0 * tolerance)
    kept = _straight(x.tolist(), y.tolist(), tolerance)
    places = [(round(x[i]), round(y[i])) for i in kept]
    steps = ((after[0] - before[0], after[1] - before[1]) for before, after in pairwise(places))
    moves = " ".join(f"{across}{'' if down < 0 else ' '}{down}" for across, down in steps)
    return f"M{places[0][0]} {places[0][1]}" + (f"l{moves}" if moves else "")


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


def _leaves(lane: Lane) -> bool:
    """Whether anything of a trace goes beyond its lane."""
    uv = lane.trace.samples_uv / lane.gain
    return bool(uv.size) and (-float(uv.min()) > lane.up or float(uv.max()) > lane.down)


def _length(plate: Plate, start_ms: float) -> float:
    """Return how far a plate's traces reach [divisions]."""
    last = max(one.trace.start_ms + one.trace.duration_ms for one in plate.traces)
    return (last - start_ms) / plate.ms_per_division


def _needle(plate: Plate) -> Layout:
    """Return lanes for needle recordings: long ones go on in further sweeps, each trace has its own gain."""
    sweep_ms = MOST_COLUMNS * plate.ms_per_division
    lanes: list[Lane] = []
    remarks = []
    for one in plate.traces:
        reach = _reach(one, 0.0)
        gain = fitting(plate.uv_per_division, *reach, rows=TALLEST["needle"])
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
            lanes.append(Lane(part, label, marks, place, up, down, gain, start, plate.ms_per_division, row))
    longest = max(one.trace.duration_ms for one in plate.traces) / plate.ms_per_division
    columns = min(_whole(longest), MOST_COLUMNS)
    return Layout(tuple(lanes), columns, _usual(lanes, plate), remarks=tuple(remarks), row=ROWS["needle"])


def _whole(divisions: float) -> int:
    """Return a length in whole divisions, one at least; a sample beyond the last is none."""
    return max(math.ceil(divisions - SLIVER), 1)


def _usual(lanes: Sequence[Lane], plate: Plate) -> float:
    """Return the gain of all lanes if they share one, else the one recorded with [uV/div]."""
    gains = {lane.gain for lane in lanes}
    return gains.pop() if len(gains) == 1 else plate.uv_per_division


def _raster(plate: Plate) -> Layout:
    """Return lanes one division apart that may overlap, the M response at a gain of its own."""
    start = min(one.trace.start_ms for one in plate.traces)
    late = [marker.time_ms for one in plate.traces for marker in one.markers]
    sweep, row = plate.ms_per_division, ROWS["f"]
    split = _end_of_m(plate.traces, F_ROOM * plate.uv_per_division)
    parts = [one.trace.between(ARTEFACT_MS["f"], split).samples_uv for one in plate.traces]
    after = [one.trace.between(split, LAST_MS).samples_uv for one in plate.traces]
    early_gain = fitting(plate.uv_per_division, *_span(parts), rows=M_TALLEST)
    gain = fitting(plate.uv_per_division, *_span(after), rows=F_TALLEST)
    lanes = tuple(
        Lane(one.trace, one.label, one.markers, i, 1, 0, gain, start, sweep, row, split, early_gain)
        for i, one in enumerate(plate.traces)
    )
    room = [_rows(_span(after), gain), _rows(_span(parts), early_gain)]
    up, down = (max(sides) for sides in zip(*room, strict=True))
    lanes = (lanes[0]._replace(up=up), *lanes[1:])
    lanes = (*lanes[:-1], lanes[-1]._replace(down=down))
    columns = _whole(_length(plate, start))
    shortest = min(late, default=None)
    return Layout(lanes, columns, gain, True, split, early_gain, shortest, (SPLIT_GAIN,), row)


def _span(parts: Sequence[Floats]) -> tuple[float, float]:
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


def _thin(x: Floats, y: Floats, step: float) -> tuple[Floats, Floats]:
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
        run = max(x[i] - x[here], 1e-9)
        slope = (y[i] - y[here]) / run
        if here < i - 1 and not low <= slope <= high:
            here = i - 1
            kept.append(here)
            run = max(x[i] - x[here], 1e-9)
            low, high = -math.inf, math.inf
        low = max(low, (y[i] - y[here] - tolerance) / run)
        high = min(high, (y[i] - y[here] + tolerance) / run)
    return list(chain(kept, [len(x) - 1])) if len(x) > 1 else kept
