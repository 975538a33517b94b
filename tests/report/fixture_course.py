"""A course and a forecast as the model would return them, every figure made up."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from garland.forecasts.records import (
    WALKING,
    Arm,
    Band,
    CourseReport,
    Milestone,
    Series,
    Statement,
    _Period,
)

DAYS = tuple(float(day) for day in (*range(0, 180, 10), *range(180, 1111, 30)))
PatientState = Callable[[float], float]


def hump(day: float, start: float, rise: float, fade: float) -> float:
    """Return a rise and a slow fall between 0 and 1."""
    t = max(day - start, 0.0)
    return (1 - math.exp(-t / rise)) * math.exp(-t / fade) * 1.5


def band(course: PatientState, width: float, low: float, high: float, single: bool) -> Band:
    """Return a band around a course that widens with time and stays within its limits."""

    def edge(day: float, step: float) -> float:
        spread = width * (0.15 + min(day, 500) / 500) * step
        return min(max(course(day) + spread, low), high)

    steps = (0.0,) * 5 if single else (0.0, -0.6, 0.6, -1.3, 1.3)
    return Band(DAYS, *(tuple(edge(day, step) for day in DAYS) for step in steps))


def sided(right: PatientState, left: PatientState, width: float, limits: tuple[float, float], single: bool):
    """Return both sides of a quantity."""
    return (("right", band(right, width, *limits, single)), ("left", band(left, width, *limits, single)))


def falling(whole: float, depth: float, start: float, regain: float) -> PatientState:
    """Return a course that falls by a depth and regains a share of it."""
    return lambda day: (
        whole
        - depth
        * (1 - math.exp(-max(day - start, 0) / 25))
        * (1 - regain * (1 - math.exp(-max(day - start - 60, 0) / 260)))
    )


def all_series(single: bool, easier: float = 1.0) -> tuple[Series, ...]:
    """Return every series of an arm; `easier` below 1 shortens pain and deepens recovery."""

    def one(key: str, title: str, unit: str, group: str, *bands: tuple[str, Band]) -> Series:
        return Series(key, title, unit, group, bands)

    def alone(course: PatientState, width: float, low: float, high: float) -> tuple[str, Band]:
        return "", band(course, width, low, high, single)

    lost = easier**0.4

    def aided(day: float) -> float:
        return 0.62 * hump(day, 20, 30, 420 * lost)

    def chair(day: float) -> float:
        return 0.3 * hump(day, 30, 40, 250 * lost)

    walking = (lambda day: 1 - aided(day) - chair(day), aided, chair)
    grades = {
        "hip-flexion": (2.4, 0.6),
        "knee-extension": (3.4, 0.9),
        "hip-adduction": (2.2, 0.5),
        "hip-abduction": (1.3, 0.3),
        "ankle-dorsiflexion": (1.6, 0.1),
        "ankle-plantarflexion": (0.02, 0.0),
    }
    nerves = {
        "femoral": 0.72,
        "obturator": 0.5,
        "gluteal": 0.34,
        "fibular": 0.3,
        "tibial": 0.12,
        "saphenous": 0.66,
        "sural": 0.06,
    }
    strength = tuple(
        one(
            f"movement_grade:{name}",
            name.replace("-", " "),
            "MRC",
            "strength",
            *sided(
                falling(5, lost * a, 14, 0.75), falling(5, lost * b, 90, 0.8), 0.9 * a / 3.4, (0, 5), single
            ),
        )
        for name, (a, b) in grades.items()
    )
    axons = tuple(
        one(
            f"nerve_axons:{name}",
            name,
            "share",
            "nerves",
            *sided(
                falling(1, lost * a, 5, 0.5),
                falling(1, lost * a * 0.25, 85, 0.55),
                0.22 * a / 0.7,
                (0, 1),
                single,
            ),
        )
        for name, a in nerves.items()
    )
    return (
        one(
            "pain_nrs",
            "pain",
            "NRS",
            "pain",
            alone(lambda day: 8.4 * hump(day, 0, 6, 330 * easier) / 1.5 * 1.12 + 0.5, 2.2, 0, 10),
        ),
        one(
            "allodynia",
            "allodynia",
            "probability",
            "pain",
            alone(lambda day: 0.5 * hump(day, 5, 20, 300 * easier), 0.2, 0, 1),
        ),
        *strength,
        one(
            "walking",
            "walking",
            "probability",
            "walking",
            *(
                (label, Band.line(DAYS, [course(day) for day in DAYS]))
                for label, course in zip(WALKING, walking, strict=True)
            ),
        ),
        one(
            "chair_rise",
            "rises from a chair",
            "probability",
            "walking",
            alone(lambda day: 1 - 0.6 * hump(day, 20, 40, 420 * lost), 0.2, 0, 1),
        ),
        one(
            "nis",
            "Neuropathy Impairment Score",
            "points",
            "scales",
            alone(lambda day: 42 * hump(day, 5, 40, 600 * easier) + 4, 13, 0, 244),
        ),
        one(
            "mrs",
            "modified Rankin scale",
            "points",
            "scales",
            alone(lambda day: 3.2 * hump(day, 0, 20, 900 * lost) ** 0.7, 0.8, 0, 6),
        ),
        one(
            "weight_kg",
            "weight",
            "kg",
            "weight",
            alone(lambda day: 84 - 13 * hump(day, 0, 60, 420), 4, 30, 200),
        ),
        one(
            "damage",
            "attack on vessels",
            "share",
            "vessels",
            ("immune attack", band(lambda day: 0.95 * hump(day, 0, 15, 110 * easier), 0.15, 0, 1, single)),
            (
                "vessels shut",
                band(lambda day: 0.6 * hump(day, 4, 30, 170 * easier) + 0.05, 0.15, 0, 1, single),
            ),
        ),
        one(
            "oxygen_mmhg",
            "lowest oxygen",
            "mmHg",
            "vessels",
            alone(lambda day: 24 - 18 * hump(day, 3, 20, 150 * easier), 4, 0, 40),
        ),
        *axons,
        one(
            "knee_jerk",
            "knee jerk",
            "grade",
            "signs",
            *sided(falling(2, 1.9, 10, 0.3), falling(2, 0.7, 90, 0.5), 0.5, (0, 4), single),
        ),
        one(
            "fibrillating_quadriceps",
            "fibrillating fibres, quadriceps",
            "share",
            "signs",
            *sided(
                lambda day: 0.5 * hump(day, 18, 20, 260),
                lambda day: 0.1 * hump(day, 100, 20, 260),
                0.12,
                (0, 1),
                single,
            ),
        ),
        one(
            "hba1c_percent",
            "HbA1c",
            "%",
            "laboratory",
            alone(lambda day: 7.4 + 0.6 * hump(day, 0, 60, 300), 0.5, 4, 15),
        ),
        one(
            "csf_protein_mg_dl",
            "CSF protein",
            "mg/dL",
            "laboratory",
            alone(lambda day: 42 + 55 * hump(day, 0, 20, 280), 18, 10, 400),
        ),
        one(
            "alive",
            "alive",
            "probability",
            "survival",
            alone(lambda day: math.exp(-day / 14000), 0.0, 0, 1),
        ),
    )


def milestones(single: bool, easier: float = 1.0) -> tuple[Milestone, ...]:
    """Return the dated events of an arm."""

    def at(key: str, words: str, day: float | None, spread: float, share: float, note: str = "") -> Milestone:
        if single or day is None:
            return Milestone(key, words, day, note=note, probability=None if single else share)
        return Milestone(key, words, day, day * (1 - spread), day * (1 + spread), share, note)

    return (
        at("first-pain", "first pain", 0.0, 0.0, 1.0),
        at("first-weakness", "first weakness", 16.0, 0.5, 1.0),
        at("other-side", "other side weak", 96.0, 0.6, 0.58),
        at("worst-nis", "worst NIS", 118.0 * easier, 0.3, 1.0, "NIS 41" if single else ""),
        at("lightest", "lowest weight", 150.0, 0.3, 1.0, "72 kg" if single else ""),
        at("pain-below-3", "pain below 3 for good", 400.0 * easier, 0.4, 0.81),
        at("walks-again", "walks without aid again", 505.0 * easier, 0.4, 0.77),
        at("relapse", "relapse", None, 0.0, 0.06),
    )


PATIENT = CourseReport(
    title="A man of 64 with type 2 diabetes and pain in the right thigh",
    kind="patient",
    person=(
        ("age", "64 years"),
        ("sex", "male"),
        ("height", "178 cm"),
        ("weight before", "84 kg"),
        ("diabetes", "type 2 for 4 years"),
        ("HbA1c", "7.4 %"),
    ),
    cause="diabetic lumbosacral radiculoplexus neuropathy",
    cause_lines=("Attack on the right lumbar plexus first, on the left from day 80.",),
    seed=7,
    version="0.3.0",
    arms=(
        Arm(
            "no treatment",
            ("No drug against pain or immune attack; glucose control as before.",),
            "",
            all_series(single=True),
            (),
            milestones(single=True),
        ),
    ),
    until_day=1096.0,
    assumed=("412 numbers: 120 measured, 61 derived, 98 recalled, 133 assumed.",),
    notes=("One virtual patient: chance decided where and how hard the attack struck.",),
)


def statements(shift: float = 0.0) -> tuple[Statement, ...]:
    """Return what a forecast says, moved by a shift of probability."""
    rows = (
        ("walks without aid at 6 months", 0.31, 0.16, 0.47, "walks-6", 183.0),
        ("walks without aid at 12 months", 0.62, 0.45, 0.77, "walks-12", 365.0),
        ("walks without aid at 24 months", 0.84, 0.70, 0.93, "walks-24", 730.0),
        ("pain below 3 at 12 months", 0.55, 0.37, 0.72, "pain-12", 365.0),
        ("knee extension 4 or better on the right at 12 months", 0.48, 0.30, 0.66, "knee-12", 365.0),
        ("weakness spreads to the left leg", 0.58, 0.41, 0.74, "other-side", None),
    )
    made = [
        Statement(words, p + shift, low + shift, min(high + shift, 1.0), key, day)
        for words, p, low, high, key, day in rows
    ]
    return (*made, Statement("Recovery goes on beyond the last day shown.", key="beyond"))


FORECAST = replace(
    PATIENT,
    title="A man of 64 with pain and weakness of the right thigh for 10 weeks",
    kind="forecast",
    cause_lines=("Probability 88 %; next: L3 radiculopathy 6 %.",),
    arms=(
        Arm(
            "no treatment",
            ("Neither immunotherapy nor drugs against pain.",),
            "",
            all_series(single=False),
            statements(),
            milestones(single=False),
        ),
        Arm(
            "methylprednisolone + pregabalin",
            (
                "Methylprednisolone 1 g a week by vein for 12 weeks from the day of the visit.",
                "Pregabalin 300 mg a day for 6 months.",
            ),
            "Steroids: no controlled trial; effect drawn wide around none. Pregabalin: trials in painful "
            "diabetic polyneuropathy.",
            all_series(single=False, easier=0.6),
            statements(0.06),
            milestones(single=False, easier=0.7),
            (
                _Period("methylprednisolone 1 g/wk", 70.0, 154.0),
                _Period("pregabalin 300 mg/d", 70.0, 253.0),
            ),
        ),
    ),
    today_day=70.0,
    notes=("The bands hold the uncertainty of the patient, not that of the model.",),
    patients=4000,
)

THREE = replace(
    FORECAST,
    arms=(
        *FORECAST.arms,
        Arm(
            "physical therapy",
            ("Physical therapy twice a week for a year.",),
            "Strength training in other neuropathies.",
            all_series(single=False, easier=0.85),
            statements(0.02),
            milestones(single=False, easier=0.9),
            (_Period("physical therapy 2/wk", 70.0, 435.0),),
        ),
    ),
)


def ahead(report: CourseReport) -> CourseReport:
    """Return a forecast without its past, as it is where nothing before the visit is followed."""
    first = report.today_day or 0.0

    def cut(series: Series) -> Series:
        from_today = [place for place, day in enumerate(DAYS) if day >= first]
        bands = tuple(
            (label, Band(*(tuple(edge[k] for k in from_today) for edge in vars(band).values())))
            for label, band in series.bands
        )
        return replace(series, bands=bands)

    arms = tuple(replace(arm, series=tuple(map(cut, arm.series))) for arm in report.arms)
    return replace(report, arms=arms)


SIX = ahead(
    replace(
        FORECAST,
        arms=(
            replace(FORECAST.arms[0], name="none"),
            *(
                replace(
                    FORECAST.arms[1],
                    name=name,
                    series=all_series(False, easier),
                    statements=(
                        *statements(0.02 * place),
                        Statement(
                            f"pain at 3 months lower by {place / 5} (0.0–1.4) of 10", key="change-pain"
                        ),
                        Statement("weight at 6 months: unchanged in the model", key="change-weight"),
                    ),
                    periods=FORECAST.arms[1].periods[:1],
                )
                for place, (name, easier) in enumerate(
                    (
                        ("pregabalin", 0.7),
                        ("therapy", 1.0),
                        ("methylprednisolone", 0.6),
                        ("immunoglobulin", 0.8),
                        ("glucose-slow", 1.0),
                    ),
                    start=1,
                )
            ),
        ),
    )
)
"""A forecast of six arms that begins on the day of the visit."""
