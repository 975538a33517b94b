"""What a study holds when it is done: rows as a laboratory tables them, plates, sounds and words."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from garland.signals.trace import Trace


@dataclass(frozen=True)
class Cell:
    """One measured value in a table.

    Attributes
    ----------
    value : float or None
        The number; None where nothing could be measured.
    digits : int
        Digits after the point.
    word : str
        What stands instead of a number: ``NR`` (no response), a grade or a word.
    limit : str
        Limit of normal in words, such as ``≥ 1.3``; empty where there is none.
    source : str
        Where the limit comes from, short.
    mark : str
        Empty if normal, else ``low``, ``high``, ``absent`` or ``abnormal``.
    weight : int
        How far from normal: 0 normal, 1 mild, 2 moderate, 3 severe or absent.
    """

    value: float | None = None
    digits: int = 1
    word: str = ""
    limit: str = ""
    source: str = ""
    mark: str = ""
    weight: int = 0


@dataclass(frozen=True)
class MotorRow:
    """One stimulation point of a motor study; distances [mm], latency [ms], amplitude [mV], area [mV ms]."""

    study: str
    label: str
    side: str
    point: str
    distance_mm: float
    latency_ms: Cell
    amplitude_mv: Cell
    area_mv_ms: Cell
    duration_ms: Cell
    velocity_m_s: Cell
    drop_percent: Cell


@dataclass(frozen=True)
class SensoryRow:
    """One sensory study; onset and peak [ms], amplitudes baseline to peak and peak to peak [uV]."""

    study: str
    label: str
    side: str
    distance_mm: float
    onset_ms: Cell
    peak_ms: Cell
    amplitude_uv: Cell
    peak_to_peak_uv: Cell
    velocity_m_s: Cell


@dataclass(frozen=True)
class FRow:
    """F waves of one nerve: shortest and mean latency, chronodispersion [ms], persistence [%]."""

    study: str
    label: str
    side: str
    stimuli: int
    shortest_ms: Cell
    mean_ms: Cell
    chronodispersion_ms: Cell
    persistence_percent: Cell


@dataclass(frozen=True)
class HRow:
    """An H reflex: latency [ms], largest H and M [mV], their ratio."""

    study: str
    label: str
    side: str
    latency_ms: Cell
    amplitude_mv: Cell
    m_amplitude_mv: Cell
    ratio: Cell


@dataclass(frozen=True)
class NeedleRow:
    """One muscle under the needle, in the order of the usual table."""

    muscle: str
    label: str
    side: str
    roots: str
    nerve: str
    insertional: Cell
    fibrillations: Cell
    positive_waves: Cell
    fasciculations: Cell
    other: Cell
    amplitude_uv: Cell
    duration_ms: Cell
    polyphasic_percent: Cell
    recruitment: Cell


@dataclass(frozen=True)
class SideRow:
    """One measure on both sides and how far they differ."""

    label: str
    unit: str
    left: Cell
    right: Cell
    difference: Cell


@dataclass(frozen=True)
class Marker:
    """A cursor set on a trace: its time [ms] and what it marks (onset, peak, end, F, H)."""

    time_ms: float
    name: str


@dataclass(frozen=True)
class PlateTrace:
    """One trace of a plate with its cursors."""

    label: str
    trace: Trace
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True)
class Plate:
    """Traces drawn under one another at one sweep and gain, negative up.

    Attributes
    ----------
    title : str
        What was studied.
    kind : str
        ``motor``, ``sensory``, ``f``, ``h`` or ``needle``.
    ms_per_division, uv_per_division : float
        Sweep [ms/div] and gain [uV/div].
    traces : tuple of PlateTrace
        From the top.
    side : str
        ``left`` or ``right``.
    """

    title: str
    kind: str
    ms_per_division: float
    uv_per_division: float
    traces: tuple[PlateTrace, ...]
    side: str


@dataclass(frozen=True)
class Sound:
    """What the loudspeaker plays for one muscle: rest, weak and full effort on one trace.

    Attributes
    ----------
    title, side : str
        Muscle and side.
    trace : Trace
        The needle recording [uV].
    parts : tuple of (str, float, float)
        What is done, from when to when [ms].
    uv_per_division : float
        Gain on the screen, to which the loudness is matched [uV/div].
    """

    title: str
    side: str
    trace: Trace
    parts: tuple[tuple[str, float, float], ...]
    uv_per_division: float


@dataclass(frozen=True)
class EdxStudy:
    """A whole study.

    Attributes
    ----------
    title, protocol : str
        Heading and name of the protocol.
    header : tuple of (str, str)
        Lines about the patient and the session.
    motor, sensory, f_waves, h_reflexes, sides, needle : tuple
        The tables, in order.
    plates, sounds : tuple
        Traces to look at and to hear.
    summary, impression, limitations, assumed, sources : tuple of str
        In words.
    seed : int
        Seed of patient and session.
    day : float
        Days since the first symptom [d].
    version : str
        Version of the model.
    """

    title: str
    protocol: str
    header: tuple[tuple[str, str], ...]
    seed: int
    day: float
    version: str
    motor: tuple[MotorRow, ...] = ()
    sensory: tuple[SensoryRow, ...] = ()
    f_waves: tuple[FRow, ...] = ()
    h_reflexes: tuple[HRow, ...] = ()
    sides: tuple[SideRow, ...] = ()
    needle: tuple[NeedleRow, ...] = ()
    plates: tuple[Plate, ...] = ()
    sounds: tuple[Sound, ...] = ()
    summary: tuple[str, ...] = ()
    impression: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = field(default=())


_SIGNALS = ("plates", "sounds")


def study_as_dict(study: EdxStudy) -> dict[str, Any]:
    """Return the study without its signals."""
    return {"simulated": True} | {
        name: _plain(value) for name, value in vars(study).items() if name not in _SIGNALS
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Cell):
        said = {name: entry for name, entry in vars(value).items() if entry not in (None, "", 0)}
        said.pop("digits", None)
        return said if value.value is None else {**said, "value": round(value.value, value.digits + 2)}
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return value
