"""A protocol carried out: every test recorded, measured off its traces, tabled and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from garland.anatomy.tree import load
from garland.edx_study.impression import _impression, _summary
from garland.edx_study.protocol import Protocol
from garland.edx_study.readings import _Tables
from garland.edx_study.records import (
    FRow,
    HRow,
    Marker,
    MotorRow,
    NeedleRow,
    Plate,
    PlateTrace,
    SensoryRow,
    SideRow,
    Sound,
)
from garland.edx_study.session import SIDES, EdxSession
from garland.edx_study.tables import _Judge, _side_rows
from garland.edx_study.values import (
    _f_measured,
    _f_window_ms,
    _h_measured,
    _motor_measured,
    _needle_measured,
    _sensory_measured,
)
from garland.progress import tell
from garland.signals.late import measure_f_waves, measure_h_reflex
from garland.signals.markers import Response, motor_response
from garland.signals.trace import Trace
from garland.waveforms.late import INTENSITIES, record_f_waves, record_h_reflex
from garland.waveforms.motor import record_cmap, record_cmaps
from garland.waveforms.needle import record_needle
from garland.waveforms.sensory import record_snap

_A = load()
_GAINS_UV = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)
_DIVISIONS = 4.0
"""How many divisions the largest wave may take from the baseline up [-]."""
_SCREEN_MS = 100.0
"""How much of the sweep of late responses a plate shows, unless they come later [ms]."""
STIMULI = 20
"""How many stimuli a series of F waves has [-]."""
SENSORY, MOTOR, F, H, NEEDLE = range(1, 6)
"""What the dice of one test are for: part of its seed."""


@dataclass
class Findings:
    """What has been recorded so far.

    Attributes
    ----------
    motor, sensory, f_waves, h_reflexes, needle : list
        Rows of the tables.
    plates, sounds : list
        Traces to look at and to hear.
    measured : dict
        By kind, name and side: the values behind each row, for a case.
    """

    motor: list[MotorRow] = field(default_factory=list)
    sensory: list[SensoryRow] = field(default_factory=list)
    f_waves: list[FRow] = field(default_factory=list)
    h_reflexes: list[HRow] = field(default_factory=list)
    needle: list[NeedleRow] = field(default_factory=list)
    plates: list[Plate] = field(default_factory=list)
    sounds: list[Sound] = field(default_factory=list)
    measured: dict[tuple[str, str, str], object] = field(default_factory=dict)

    def tables(self) -> _Tables:
        """Return the rows as impressions read them."""
        return _Tables(
            tuple(self.motor),
            tuple(self.sensory),
            tuple(self.f_waves),
            tuple(self.h_reflexes),
            tuple(self.needle),
        )

    def words(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return summary and impression."""
        return _summary(self.tables()), _impression(self.tables())

    def sides(self, judge: _Judge) -> tuple[SideRow, ...]:
        """Return the side-to-side table."""
        return _side_rows(judge, self.motor, self.sensory)


class EdxLaboratory:
    """Records one patient's tests.

    Parameters
    ----------
    bench : Bench
        The patient.
    seed : int
        Of noise, placement and firing; each test has its own dice, whatever else is done.
    """

    def __init__(self, bench: EdxSession, seed: int) -> None:
        self.bench = bench
        self.seed = seed
        self.age_years = bench.person("age_years")
        self.height_cm = bench.person("height_cm")
        self.judge = _Judge(self.age_years, self.height_cm)
        self.found = Findings()

    def rng(self, kind: int, index: int, side: int) -> np.random.Generator:
        """Return the random numbers of one test."""
        return np.random.default_rng([self.seed, kind, index, side])

    def sensory(self, study: str, side: int) -> None:
        """Record a sensory study."""
        j = _A.sensory_study_ids.index(study)
        state = self.bench.sensory(study, side)
        trace = record_snap(state, self.age_years, self.rng(SENSORY, j, side))
        found = _sensory_measured(trace, state.distance_mm)
        self._keep("sensory", study, side, found)
        self.found.sensory.append(self.judge.sensory(study, SIDES[side], found))
        marks = (Marker(found.onset_ms, "onset"), Marker(found.peak_ms, "peak")) if found.onset_ms > 0 else ()
        label = _A.sensory_studies[j].label
        lanes = (PlateTrace(f"stimulus to electrode {state.distance_mm:.0f} mm", trace, marks),)
        self.found.plates.append(_plate(label, "sensory", 2.0, lanes, side))

    def motor(self, study: str, side: int) -> None:
        """Record a motor study from all its points."""
        k = _A.motor_study_ids.index(study)
        state = self.bench.motor(study, side)
        recorded = record_cmaps(state, self.age_years, self.rng(MOTOR, k, side))
        # Where the nerve is found less well or better, a response is smaller or larger than its share.
        traces = [
            replace(trace, samples_uv=gain * trace.samples_uv)
            for trace, gain in zip(recorded, self.bench.gains(study, side), strict=True)
        ]
        responses = [motor_response(trace) for trace in traces]
        found = _motor_measured(responses, state)
        self._keep("motor", study, side, found)
        self.found.motor += self.judge.motor(study, SIDES[side], found)
        names = _A.point_names[k]
        lanes = tuple(
            PlateTrace(name.replace("-", " "), trace, _motor_marks(response))
            for name, trace, response in zip(names, traces, responses, strict=True)
        )
        self.found.plates.append(_plate(_A.motor_studies[k].label, "motor", 5.0, lanes, side))

    def f_waves(self, item: str, side: int) -> None:
        """Record a series of F waves; `item` as in the findings, such as ``tibial``."""
        study = _A.f_studies[_A.f_ids.index(item)]
        rng = self.rng(F, _A.f_ids.index(item), side)
        way = self.bench.f_wave(item, side)
        nerve = self.bench.motor(study.motor_study, side)
        traces = record_f_waves(nerve, way, rng, stimuli=STIMULI, age_years=self.age_years)
        window = _f_window_ms(item, (self.age_years, self.height_cm), record_cmap(nerve, self.age_years, rng))
        waves = measure_f_waves(traces, window_ms=window)
        found = _f_measured(waves)
        self._keep("f", item, side, found)
        self.found.f_waves.append(self.judge.f_wave(item, SIDES[side], found, STIMULI))
        shown_ms = _SCREEN_MS if not found.shortest_ms > 0.8 * _SCREEN_MS else 1.5 * _SCREEN_MS
        lanes = tuple(
            PlateTrace(
                str(i + 1), trace.between(0.0, shown_ms), (Marker(float(at), "F"),) if at == at else ()
            )
            for i, (trace, at) in enumerate(zip(traces, waves.latencies_ms, strict=True))
        )
        self.found.plates.append(Plate(study.label, "f", 10.0, 200.0, lanes, SIDES[side]))

    def h_reflex(self, item: str, side: int) -> None:
        """Record an H reflex at rising intensity; `item` as in the findings, such as ``soleus``."""
        study = _A.h_studies[_A.h_ids.index(item)]
        rng = self.rng(H, _A.h_ids.index(item), side)
        way = self.bench.h_reflex(item, side)
        traces = record_h_reflex(self.bench.h_muscle(item, side), way, rng)
        best = measure_h_reflex(traces, self.height_cm)
        found = _h_measured(best)
        self._keep("h", item, side, found)
        self.found.h_reflexes.append(self.judge.h_reflex(item, SIDES[side], found))
        lanes = tuple(
            PlateTrace(
                f"{100.0 * INTENSITIES[i]:.0f} % of the stimulus that excites all",
                trace.between(0.0, _SCREEN_MS),
                (Marker(best.latency_ms, "H"),) if best is not None and best.sweep == i else (),
            )
            for i, trace in enumerate(traces)
            if i % 2 == 0 or (best is not None and best.sweep == i)
        )
        self.found.plates.append(_plate(study.label, "h", 10.0, lanes, side))

    def needle(self, muscle: str, side: int) -> None:
        """Record a muscle with the needle."""
        m = _A.muscles.index(muscle)
        rng = self.rng(NEEDLE, m, side)
        trace, parts = record_needle(self.bench.needle(muscle, side, rng), rng)
        found = _needle_measured(trace, parts)
        self._keep("needle", muscle, side, found)
        self.found.needle.append(self.judge.needle(muscle, SIDES[side], found))
        label = _A.muscle_labels[m]
        self.found.plates += _needle_plates(label, trace, parts, side)
        self.found.sounds.append(Sound(label, SIDES[side], trace, tuple(parts), 100.0))

    def _keep(self, kind: str, name: str, side: int, found: object) -> None:
        self.found.measured[kind, name, SIDES[side]] = found


def perform(protocol: Protocol, laboratory: EdxLaboratory) -> Findings:
    """Carry out a protocol."""
    tests: dict[str, tuple[str, Callable[[str, int], None]]] = {
        "motor": ("motor conduction", laboratory.motor),
        "sensory": ("sensory conduction", laboratory.sensory),
        "f": ("F waves", laboratory.f_waves),
        "h": ("H reflex", laboratory.h_reflex),
        "needle": ("needle", laboratory.needle),
    }
    ordered = list(_ordered(protocol, laboratory.bench.worse_side()))
    for done, (kind, name, side) in enumerate(ordered):
        what, record = tests[kind]
        tell(f"recording {what}: test {done + 1} of {len(ordered)}", done / len(ordered))
        record(name, side)
    return laboratory.found


def _ordered(protocol: Protocol, affected: int) -> Iterator[tuple[str, str, int]]:
    """Yield the tests of a protocol in order: kind, name, side (0 left, 1 right)."""
    every = {
        "motor": protocol.motor,
        "sensory": protocol.sensory,
        "f": protocol.f_waves,
        "h": protocol.h_reflexes,
        "needle": protocol.needle,
    }
    for kind, items in every.items():
        for item in items:
            for side in item.sides(affected):
                yield kind, item.name, side


def _motor_marks(found: Response | None) -> tuple[Marker, ...]:
    if found is None:
        return ()
    return (Marker(found.onset_ms, "onset"), Marker(found.peak_ms, "peak"), Marker(found.end_ms, "end"))


def _plate(title: str, kind: str, sweep: float, lanes: tuple[PlateTrace, ...], side: int) -> Plate:
    """Return a plate at the smallest usual gain that shows every trace."""
    largest = max(
        float(np.max(np.abs(lane.trace.between(1.0, 1e4).samples_uv), initial=0.0)) for lane in lanes
    )
    gain = next((gain for gain in _GAINS_UV if gain * _DIVISIONS >= largest), _GAINS_UV[-1])
    return Plate(title, kind, sweep, gain, lanes, SIDES[side])


def _needle_plates(
    title: str, trace: Trace, parts: Sequence[tuple[str, float, float]], side: int
) -> list[Plate]:
    """Return three plates: rest, weak effort, full effort, as far as a screen shows them."""
    plates = []
    for name, sweep, gain, shown in (
        ("rest", 10.0, 50.0, 100.0),
        ("weak", 10.0, 200.0, 100.0),
        ("full", 100.0, 500.0, 1000.0),
    ):
        lanes = []
        for number, (begin, end) in enumerate([(b, e) for part, b, e in parts if part == name][:3], 1):
            # What the needle stirs up on moving is let pass before the screen is frozen.
            start = min(begin + 400.0, end - shown) if name != "full" else begin
            lanes.append(PlateTrace(f"{name} {number}", trace.between(start, start + shown)))
        plates.append(Plate(f"{title}, {name}", "needle", sweep, gain, tuple(lanes), SIDES[side]))
    return plates
