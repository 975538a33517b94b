"""A whole study of a left lumbosacral radiculoplexus neuropathy: every figure and every wave made up."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from garland.edx_study.records import (
    Cell,
    EdxStudy,
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
from garland.signals.trace import Trace

Floats = NDArray[np.float64]
A = "Chen 2016, 3rd and 97th centile (recalled)"
B = "Preston and Shapiro, working limit (recalled)"
C = "Buschbacher, mean and 2 SD, n = 251"
D = "Assumed: half of the other side"
NONE = Cell()
SOUND_MS = 1500.0


def low(value: float, digits: int, limit: str, source: str, weight: int = 1) -> Cell:
    return Cell(value, digits, "", f"≥ {limit}", source, "low", weight)


def high(value: float, digits: int, limit: str, source: str, weight: int = 1) -> Cell:
    return Cell(value, digits, "", f"≤ {limit}", source, "high", weight)


def at_least(value: float, digits: int, limit: str, source: str) -> Cell:
    return Cell(value, digits, "", f"≥ {limit}", source)


def at_most(value: float, digits: int, limit: str, source: str) -> Cell:
    return Cell(value, digits, "", f"≤ {limit}", source)


def absent(limit: str = "", source: str = "") -> Cell:
    return Cell(None, 1, "NR", limit, source, "absent", 3)


def found(word: str, weight: int = 0) -> Cell:
    return Cell(None, 0, word, mark="abnormal" if weight else "", weight=weight)


def wave(t: Floats, onset: float, amplitude: float, duration: float, start: float = 0.0) -> Floats:
    """Return a response that rises negative from `onset`, its tail positive; `start` is an initial dip."""
    x = (t - onset) / duration
    up = np.where((x > 0) & (x < 1), np.sin(np.pi * np.clip(x, 0, 1)) ** 1.5, 0.0)
    tail = np.where(x >= 1, np.sin(np.pi * np.clip((x - 1) / 1.6, 0, 1)) ** 2, 0.0)
    dip = np.exp(-0.5 * ((x + 0.12) / 0.1) ** 2)
    return np.asarray(-amplitude * (up - 0.55 * tail - start * dip), float)


def artefact(t: Floats, size: float) -> Floats:
    return np.asarray(np.where(t >= 0, size * np.exp(-t / 0.12) * np.cos(9 * t), 0.0), float)


def clock(until_ms: float, rate_hz: float) -> Floats:
    return np.arange(round(until_ms * rate_hz / 1000.0)) * (1000.0 / rate_hz)


def motor_plate(side: str, title: str, points: tuple[tuple[str, float, float, float], ...]) -> Plate:
    """Return a plate of stimulation points: (name, onset [ms], amplitude [mV], duration [ms])."""
    rng, t = np.random.default_rng(len(title)), clock(50.0, 25_000.0)
    traces = []
    for name, onset, millivolts, duration in points:
        uv = wave(t, onset, 1000 * millivolts, duration) + artefact(t, 9000.0) + rng.normal(0, 8, t.size)
        marks = (
            Marker(onset, "onset"),
            Marker(onset + duration / 2, "peak"),
            Marker(onset + duration, "end"),
        )
        traces.append(PlateTrace(name, Trace(uv, 25_000.0), marks if millivolts else ()))
    return Plate(title, "motor", 5.0, 2000.0, tuple(traces), side)


def sensory_plate(side: str, title: str, onset: float, microvolts: float) -> Plate:
    rng, t = np.random.default_rng(len(title)), clock(20.0, 50_000.0)
    uv = wave(t, onset, microvolts, 1.3, 0.3) + artefact(t, 60.0) + rng.normal(0, 0.35, t.size)
    marks = (Marker(onset, "onset"), Marker(onset + 0.65, "peak")) if microvolts else ()
    return Plate(title, "sensory", 2.0, 5.0, (PlateTrace("", Trace(uv, 50_000.0), marks),), side)


def f_plate(side: str, title: str, first: float, share: float) -> Plate:
    rng, t = np.random.default_rng(7 + len(side)), clock(100.0, 25_000.0)
    traces = []
    for i in range(20):
        uv = wave(t, 4.9, 9000.0 * (0.3 if side == "left" else 1.0), 5.5) + rng.normal(0, 6, t.size)
        uv += artefact(t, 6000.0)
        marks: tuple[Marker, ...] = ()
        if rng.random() < share:
            onset = first + rng.gamma(1.5, 1.2)
            uv += wave(t, onset, rng.uniform(90, 420), 3.0) - 0.5 * wave(
                t, onset + 2.5, rng.uniform(0, 200), 2.0
            )
            marks = (Marker(onset, "F"),)
        traces.append(PlateTrace(str(i + 1), Trace(uv, 25_000.0), marks))
    return Plate(title, "f", 10.0, 200.0, tuple(traces), side)


def h_plate(side: str, latency: float, largest: float) -> Plate:
    rng, t = np.random.default_rng(3), clock(100.0, 25_000.0)
    traces = []
    for i, current in enumerate(np.linspace(4, 32, 8)):
        h = 1000 * largest * np.exp(-(((i - 2.5) / 1.6) ** 2))
        m = 9000.0 / (1 + np.exp(-(i - 4.2) * 1.6))
        uv = wave(t, latency, h, 6.0) + wave(t, 5.6, m, 8.0) + rng.normal(0, 8, t.size) + artefact(t, 4000.0)
        marks = (Marker(latency, "H"),) if h > 150 else ()
        traces.append(PlateTrace(f"{current:.0f} mA", Trace(uv, 25_000.0), marks))
    return Plate("H reflex, soleus", "h", 10.0, 1000.0, tuple(traces), side)


def spike(rate: float, size: float, width_ms: float, phases: int) -> Floats:
    """Return a unit's wave of some phases."""
    t = np.arange(round(width_ms * rate / 1000.0)) / rate * 1000.0
    x = t / width_ms
    return np.asarray(-size * np.sin(phases * np.pi * x) * np.exp(-(((x - 0.4) / 0.22) ** 2)), float)


def train(
    uv: Floats, shape: Floats, rate: float, hertz: float, jitter: float, rng: np.random.Generator
) -> None:
    """Add a train of spikes to a recording."""
    at = rng.uniform(0, 1 / hertz)
    while True:
        first = round(at * rate)
        if first + shape.size >= uv.size:
            return
        uv[first : first + shape.size] += shape * rng.uniform(0.92, 1.08)
        at += max(1 / hertz * (1 + jitter * rng.standard_normal()), 0.002)


def needle_trace(grade: int, units: int, size: float, seed: int) -> Trace:
    """Return a third of rest, a third of weak and a third of full effort."""
    rate, rng = 24_000.0, np.random.default_rng(seed)
    third = round(SOUND_MS / 3 * rate / 1000)
    rest, weak, full = (rng.normal(0, 2.2, third) for _ in range(3))
    for i in range(2 * grade):
        width = 2.0 if i % 2 else 6.0
        shape = spike(rate, rng.uniform(40, 190), width, 3 if i % 2 else 2)
        train(rest, shape, rate, rng.uniform(4, 14), 0.02, rng)
    shapes = [
        spike(rate, size * rng.uniform(0.3, 1.5), rng.uniform(8, 15), rng.integers(3, 6))
        for _ in range(units)
    ]
    for shape in shapes[:2]:
        train(weak, shape, rate, rng.uniform(7, 11), 0.12, rng)
    for shape in shapes:
        train(full, shape, rate, rng.uniform(16, 28), 0.15, rng)
    return Trace(np.concatenate([rest, weak, full]), rate)


PARTS = (
    ("rest", 0.0, SOUND_MS / 3),
    ("weak", SOUND_MS / 3, 2 * SOUND_MS / 3),
    ("full", 2 * SOUND_MS / 3, SOUND_MS),
)

# muscle, label, roots, nerve, fibrillations, positive waves, other, amplitude, duration, polyphasic, pull
MUSCLES = (
    ("iliopsoas", "iliopsoas", "L1–L3", "femoral", 2, 2, "", 880, 13.1, 30, "reduced"),
    ("vastus-lateralis", "vastus lateralis", "L2–L4", "femoral", 3, 3, "", 1240, 14.8, 40, "discrete"),
    ("rectus-femoris", "rectus femoris", "L2–L4", "femoral", 3, 2, "", 1150, 14.1, 35, "severely reduced"),
    ("adductor-longus", "adductor longus", "L2–L4", "obturator", 2, 2, "", 930, 13.0, 25, "reduced"),
    ("tibialis-anterior", "tibialis anterior", "L4–L5", "deep fibular", 1, 1, "", 760, 12.4, 20, "reduced"),
    (
        "fibularis-longus",
        "fibularis (peroneus) longus",
        "L5–S1",
        "superficial fibular",
        0,
        0,
        "",
        610,
        11.4,
        15,
        "",
    ),
    ("gluteus-medius", "gluteus medius", "L4–S1", "superior-gluteal", 2, 1, "", 720, 12.9, 25, "reduced"),
    ("biceps-short", "biceps femoris, short head", "L5–S2", "sciatic", 0, 0, "", 560, 11.0, 10, ""),
    ("gastrocnemius-medial", "gastrocnemius, medial head", "S1–S2", "tibial", 0, 0, "", 540, 11.2, 10, ""),
    ("paraspinal-l3", "lumbar paraspinal, L3 level", "L2–L4", "dorsal ramus", 2, 2, "", 420, 10.8, 15, ""),
    (
        "paraspinal-l5",
        "lumbar paraspinal, L5 level",
        "L4–S1",
        "dorsal ramus",
        1,
        1,
        "complex repetitive discharges",
        410,
        10.5,
        10,
        "",
    ),
)


def needle_row(side: str, row: tuple) -> NeedleRow:
    muscle, label, roots, nerve, fibs, waves, other, amplitude, duration, poly, pull = row
    weight = 2 if "discrete" in pull or "severely" in pull else 1 if pull else 0
    return NeedleRow(
        muscle,
        label,
        side,
        roots,
        nerve,
        insertional=found("increased", 1) if fibs else found("normal"),
        fibrillations=found(f"{fibs}+", min(fibs, 3)) if fibs else found("0"),
        positive_waves=found(f"{waves}+", min(waves, 3)) if waves else found("0"),
        fasciculations=found("present", 1) if muscle == "vastus-lateralis" and fibs else found("none"),
        other=found(other, 1) if other else found("none"),
        amplitude_uv=high(amplitude, 0, "1000", "Bischoff 1994, mean and 2 SD (recalled)", 1)
        if amplitude > 1000
        else Cell(amplitude, 0),
        duration_ms=high(duration, 1, "13.6", "Bischoff 1994, mean and 2 SD (recalled)", 1)
        if duration > 13.6
        else Cell(duration, 1),
        polyphasic_percent=high(poly, 0, "20", B, 1) if poly > 20 else Cell(poly, 0),
        recruitment=found(pull or "normal", weight),
    )


def motor_rows() -> tuple[MotorRow, ...]:
    rf, edb = "femoral – rectus femoris", "fibular (peroneal) – extensor digitorum brevis"
    ah = "tibial – abductor hallucis"

    def row(study: str, label: str, side: str, point: str, mm: float, *cells: Cell) -> MotorRow:
        return MotorRow(study, label, side, point, mm, *cells)

    def bare(*values: float) -> tuple[Cell, Cell]:
        return Cell(values[0], 1), Cell(values[1], 1)

    amp, lat = ("1.1", A), ("6.5", A)
    return (
        row(
            "f",
            rf,
            "left",
            "inguinal",
            140,
            at_most(6.4, 1, "6.9", B),
            low(1.4, 1, "3.0", D, 3),
            *bare(7.2, 13.4),
            NONE,
            NONE,
        ),
        row(
            "f",
            rf,
            "right",
            "inguinal",
            140,
            at_most(5.1, 1, "6.9", B),
            Cell(7.9, 1),
            *bare(44.0, 12.0),
            NONE,
            NONE,
        ),
        row(
            "e",
            edb,
            "left",
            "ankle",
            80,
            at_most(5.2, 1, *lat),
            low(0.9, 1, *amp, 1),
            *bare(2.9, 5.9),
            NONE,
            NONE,
        ),
        row(
            "e",
            edb,
            "left",
            "fibular head",
            320,
            Cell(13.3, 1),
            Cell(0.8, 1),
            *bare(2.8, 6.4),
            at_least(39.5, 0, "38", A),
            Cell(9, 0),
        ),
        row(
            "e",
            edb,
            "left",
            "popliteal fossa",
            90,
            Cell(15.6, 1),
            Cell(0.8, 1),
            *bare(2.7, 6.5),
            at_least(39.1, 0, "38", A),
            Cell(-1, 0),
        ),
        row(
            "e",
            edb,
            "right",
            "ankle",
            80,
            at_most(4.8, 1, *lat),
            at_least(4.4, 1, *amp),
            *bare(13.9, 5.6),
            NONE,
            NONE,
        ),
        row(
            "e",
            edb,
            "right",
            "fibular head",
            320,
            Cell(12.1, 1),
            Cell(4.2, 1),
            *bare(13.3, 5.9),
            at_least(44, 0, "38", A),
            Cell(5, 0),
        ),
        row(
            "t",
            ah,
            "left",
            "ankle",
            80,
            at_most(4.6, 1, "6.1", A),
            at_least(7.8, 1, "4.4", A),
            *bare(21.0, 5.8),
            NONE,
            NONE,
        ),
        row(
            "t",
            ah,
            "left",
            "popliteal fossa",
            390,
            Cell(13.8, 1),
            Cell(6.2, 1),
            *bare(19.0, 6.6),
            at_least(42.4, 0, "39", A),
            at_most(21, 0, "71", A),
        ),
    )


def sensory_rows() -> tuple[SensoryRow, ...]:
    def row(label: str, side: str, mm: float, *cells: Cell) -> SensoryRow:
        return SensoryRow(label, label, side, mm, *cells)

    def normal(onset: float, peak: float, uv: float, pp: float, speed: float, limit: str) -> tuple[Cell, ...]:
        return (
            Cell(onset, 1),
            at_most(peak, 1, "4.4", B),
            at_least(uv, 1, limit, B),
            Cell(pp, 1),
            at_least(speed, 0, "40", B),
        )

    gone = (absent(), NONE, absent("≥ 4", B), NONE, NONE)
    return (
        row("saphenous", "left", 100, *gone),
        row("saphenous", "right", 100, *normal(2.4, 3.1, 6.8, 9.9, 42, "4")),
        row(
            "superficial fibular (peroneal)",
            "left",
            140,
            Cell(3.3, 1),
            at_most(4.1, 1, "4.4", B),
            low(3.1, 1, "6", B, 2),
            Cell(4.4, 1),
            at_least(42, 0, "40", B),
        ),
        row("superficial fibular (peroneal)", "right", 140, *normal(3.1, 3.8, 9.4, 13.0, 45, "6")),
        row(
            "sural",
            "left",
            140,
            Cell(3.4, 1),
            high(4.6, 1, "4.5", A),
            low(3.6, 1, "4", A, 1),
            Cell(4.9, 1),
            at_least(41, 0, "40", B),
        ),
        row("sural", "right", 140, *normal(3.1, 3.9, 8.2, 11.8, 45, "4")),
    )


def late_rows() -> tuple[tuple[FRow, ...], tuple[HRow, ...]]:
    def f(label: str, side: str, *cells: Cell) -> FRow:
        return FRow(label, label, side, 20, *cells)

    waves = (
        f(
            "fibular (peroneal) – extensor digitorum brevis",
            "left",
            high(58.9, 1, "56", B),
            Cell(61.0, 1),
            Cell(6.1, 1),
            low(25, 0, "50", B, 1),
        ),
        f(
            "tibial – abductor hallucis",
            "left",
            high(57.4, 1, "56", B),
            Cell(59.2, 1),
            Cell(5.2, 1),
            at_least(80, 0, "80", B),
        ),
        f(
            "tibial – abductor hallucis",
            "right",
            at_most(52.8, 1, "56", B),
            Cell(54.0, 1),
            Cell(3.9, 1),
            at_least(100, 0, "80", B),
        ),
    )
    reflexes = (
        HRow(
            "soleus",
            "tibial – soleus",
            "left",
            at_most(33.4, 1, "36.4", C),
            Cell(1.3, 1),
            Cell(8.8, 1),
            Cell(0.15, 2),
        ),
        HRow(
            "soleus",
            "tibial – soleus",
            "right",
            at_most(32.1, 1, "36.4", C),
            Cell(3.1, 1),
            Cell(9.4, 1),
            Cell(0.33, 2),
        ),
    )
    return waves, reflexes


def side_rows() -> tuple[SideRow, ...]:
    return (
        SideRow(
            "femoral – rectus femoris, amplitude",
            "mV",
            Cell(1.4, 1),
            Cell(7.9, 1),
            Cell(82, 0, "", "≤ 50 %", D, "high", 3),
        ),
        SideRow(
            "fibular – extensor digitorum brevis, amplitude",
            "mV",
            Cell(0.9, 1),
            Cell(4.4, 1),
            Cell(80, 0, "", "≤ 61 %", C, "high", 2),
        ),
        SideRow(
            "saphenous, amplitude", "µV", absent(), Cell(6.8, 1), Cell(100, 0, "", "≤ 50 %", D, "high", 3)
        ),
        SideRow(
            "sural, amplitude", "µV", Cell(3.6, 1), Cell(8.2, 1), Cell(56, 0, "", "≤ 50 %", D, "high", 1)
        ),
        SideRow("H reflex, latency", "ms", Cell(33.4, 1), Cell(32.1, 1), Cell(1.3, 1, "", "≤ 2.0 ms", C)),
    )


def nerve_plates() -> tuple[Plate, ...]:
    rf, edb, ah = (
        "Femoral – rectus femoris",
        "Fibular – extensor digitorum brevis",
        "Tibial – abductor hallucis",
    )
    return (
        motor_plate("left", rf, (("inguinal", 6.4, 1.4, 13.4),)),
        motor_plate("right", rf, (("inguinal", 5.1, 17.9, 12.0),)),
        motor_plate(
            "left",
            edb,
            (("ankle", 5.2, 0.9, 5.9), ("fibular head", 13.3, 0.8, 6.4), ("popliteal fossa", 15.6, 0.8, 6.5)),
        ),
        motor_plate("right", edb, (("ankle", 4.8, 4.4, 5.6), ("fibular head", 12.1, 4.2, 5.9))),
        motor_plate("left", ah, (("ankle", 4.6, 7.8, 5.8), ("popliteal fossa", 13.8, 6.2, 6.6))),
        sensory_plate("left", "Saphenous", 2.4, 0.0),
        sensory_plate("right", "Saphenous", 2.4, 6.8),
        sensory_plate("left", "Sural", 3.4, 3.6),
        sensory_plate("right", "Sural", 3.1, 8.2),
        f_plate("left", "Tibial F waves, abductor hallucis", 57.4, 0.8),
        f_plate("right", "Tibial F waves, abductor hallucis", 52.8, 1.0),
        h_plate("left", 33.4, 1.3),
        h_plate("right", 32.1, 3.1),
    )


def needle_plates(row: tuple, side: str, trace: Trace) -> tuple[Plate, ...]:
    third = SOUND_MS / 3

    def lanes(name: str, begin: float, length: float, count: int) -> tuple[PlateTrace, ...]:
        starts = [begin + i * length for i in range(count)]
        return tuple(
            PlateTrace(f"{name} {i}", trace.between(at, at + length)) for i, at in enumerate(starts, 1)
        )

    return (
        Plate(f"{row[1]}, rest", "needle", 10.0, 50.0, lanes("rest", 0.0, 100.0, 3), side),
        Plate(f"{row[1]}, weak", "needle", 10.0, 200.0, lanes("weak", third, 100.0, 3), side),
        Plate(f"{row[1]}, full", "needle", 50.0, 500.0, lanes("full", 2 * third, 490.0, 1), side),
    )


@cache
def study() -> EdxStudy:
    """Return the study; made once, in a tenth of a second."""
    waves, reflexes = late_rows()
    examined = [("left", row) for row in MUSCLES] + [
        ("right", (*MUSCLES[1][:4], 0, 0, "", 640, 11.5, 10, ""))
    ]
    traces = [
        needle_trace(row[4], 3 if row[10] == "discrete" else 8 if row[10] else 24, float(row[7]), i)
        for i, (_, row) in enumerate(examined)
    ]
    sounds = tuple(
        Sound(row[1], side, trace, PARTS, 50.0) for (side, row), trace in zip(examined, traces, strict=True)
    )
    needle_plates_ = tuple(
        plate
        for (side, row), trace in zip(examined, traces, strict=True)
        for plate in needle_plates(row, side, trace)
    )
    return EdxStudy(
        title="Man of 66 years, day 60",
        protocol="lumbosacral-plexus",
        header=(
            ("Patient", "virtual, man, 66 years, 176 cm, 91 kg"),
            ("Diabetes", "type 2, 6 years, HbA1c 7.9 %"),
            ("Question", "pain in the left thigh, then weakness of hip and knee; radiculoplexus neuropathy?"),
            ("Day of study", "60 days after the first symptom"),
            ("Skin temperature", "33.4 °C at both feet"),
            ("Filters", "sensory 20 Hz–3 kHz, motor 2 Hz–10 kHz, needle 10 Hz–10 kHz"),
        ),
        seed=7,
        day=60.0,
        version="0.1.0",
        motor=motor_rows(),
        sensory=sensory_rows(),
        f_waves=waves,
        h_reflexes=reflexes,
        sides=side_rows(),
        needle=tuple(needle_row(side, row) for side, row in examined),
        plates=nerve_plates() + needle_plates_,
        sounds=sounds,
        summary=(
            "Femoral motor response of low amplitude on the left, normal on the right.",
            "Saphenous response absent on the left; superficial fibular and sural of low amplitude there.",
            "Fibrillations on the left in femoral, obturator, gluteal and fibular muscles.",
        ),
        impression=(
            "Abnormal study: active axonal lesion of left lumbosacral roots and plexus, L2 to L5.",
            "Low sensory responses and denervated paraspinals together: a radiculoplexus neuropathy.",
        ),
        limitations=(
            "Femoral amplitudes have no population limit; they are judged against the other side.",
            "The saphenous response may be missing in healthy people over 40.",
        ),
        assumed=(
            "Skin temperature after warming: 33.5 °C ± 0.6 (project estimate).",
            "Muscle fibre conduction 4 m/s.",
        ),
        sources=("Chen 2016, Muscle Nerve 54:371.", "Buschbacher 1999, tibial motor, n = 250."),
    )
