"""Rows of the tables: values set beside their limits, and how far they lie beyond."""

from __future__ import annotations

import math
from collections.abc import Sequence

from garland.anatomy.tree import load
from garland.edx_study.records import Cell, FRow, HRow, MotorRow, NeedleRow, SensoryRow, SideRow
from garland.edx_study.values import _FValues, _HValues, _MotorValues, _NeedleValues, _SensoryValues
from garland.evidence import part
from garland.reference_values import Limit, limit_of, limits_of_muscle

_A = load()
NO_RESPONSE = Cell(word="NR", mark="absent", weight=3)
BLANK = Cell(word="–")
_RECRUITMENT_WEIGHT = {
    "normal": 0, "mildly-reduced": 1, "reduced": 2, "severely-reduced": 3, "single-unit": 3, "none": 3,
    "early": 2,
}  # fmt: skip


def _judge(value: float | None, *limits: Limit | None) -> tuple[str, int]:
    """Return the mark and weight of a value held against its limits."""
    real = [limit for limit in limits if limit is not None]
    if value is None or math.isnan(value):
        missing = any(one.measure == "amplitude" and one.value > 0.0 for one in real)
        return ("absent", 3) if missing else ("", 0)
    for limit in real:
        if limit.kind == "lower" and value < limit.value:
            return "low", _weight_low(value, limit)
        if limit.kind == "upper" and value > limit.value:
            return "high", _weight_high(value, limit)
    return "", 0


def _weight_low(value: float, limit: Limit) -> int:
    steps = part("study/limits").group("grading").row("slow" if limit.measure == "velocity" else "small")
    return 1 + sum(value < step * limit.value for step in steps)


def _weight_high(value: float, limit: Limit) -> int:
    name = "long" if limit.measure.endswith("latency") else "beyond"
    steps = part("study/limits").group("grading").row(name)
    return 1 + sum(value > step * limit.value for step in steps)


def _roots_of(muscle: str, least: float = 0.15) -> str:
    """Return the roots that give a muscle at least so large a share of its axons, such as ``L3 L4``."""
    shares = _A.root_share[1, _A.muscles.index(muscle)]
    return " ".join(root.upper() for root, share in zip(_A.segments, shares, strict=True) if share >= least)


class _Judge:
    """Sets values beside the limits for one person.

    Parameters
    ----------
    age_years, height_cm : float
        Age [a] and height [cm], on which limits depend.
    """

    def __init__(self, age_years: float, height_cm: float) -> None:
        self.age_years = age_years
        self.height_cm = height_cm

    def cell(
        self,
        study: str,
        measure: str,
        value: float,
        digits: int = 1,
        *,
        side_difference: bool = False,
        point: str | None = None,
    ) -> Cell:
        """Return a value beside its limit; without a limit the bare value."""
        if math.isnan(value):
            return BLANK
        limit = limit_of(study, measure, self.age_years, self.height_cm, side_difference, point)
        return _against(value, digits, () if limit is None else (limit,))

    def sensory(self, study: str, side: str, found: _SensoryValues) -> SensoryRow:
        """Return the row of a sensory study."""
        j = _A.sensory_study_ids.index(study)
        absent = math.isnan(found.amplitude_uv)
        amplitude = self.cell(study, "amplitude", found.amplitude_uv)
        return SensoryRow(
            study=study,
            label=_A.sensory_studies[j].label,
            side=side,
            distance_mm=float(_A.sensory_study_mm[j]),
            onset_ms=self.cell(study, "latency", found.onset_ms, 2),
            peak_ms=self.cell(study, "peak_latency", found.peak_ms, 2),
            amplitude_uv=self._absent(study, "amplitude") if absent else amplitude,
            peak_to_peak_uv=BLANK if absent else Cell(found.peak_to_peak_uv, 1),
            velocity_m_s=self.cell(study, "velocity", found.velocity_m_s),
        )

    def _absent(self, study: str, measure: str) -> Cell:
        limit = limit_of(study, measure, self.age_years, self.height_cm)
        if limit is None:
            return NO_RESPONSE
        return Cell(None, 1, "NR", _limits_in_words((limit,), 1), limit.source, "absent", 3)

    def motor(self, study: str, side: str, found: _MotorValues) -> tuple[MotorRow, ...]:
        """Return the rows of a motor study, one per point of stimulation."""
        k = _A.motor_study_ids.index(study)
        rows = []
        for i, point in enumerate(_A.motor_studies[k].points):
            rows.append(
                MotorRow(
                    study=study,
                    label=_A.motor_studies[k].label,
                    side=side,
                    point=point.name,
                    distance_mm=float(point.distance_mm),
                    latency_ms=self._motor_latency(study, i, found),
                    amplitude_mv=self._motor_amplitude(study, i, found),
                    area_mv_ms=self._plain(found.area_mv_ms[i]),
                    duration_ms=self._plain(found.duration_ms[i]),
                    velocity_m_s=self.cell(study, "velocity", found.velocity_m_s[i], point=point.name),
                    drop_percent=self._drop(study, i, point.name, found),
                )
            )
        return tuple(rows)

    def _motor_latency(self, study: str, point: int, found: _MotorValues) -> Cell:
        value = found.latency_ms[point]
        if point == 0 or math.isnan(value):
            return self.cell(study, "latency", value, 2)
        return Cell(value, 2)

    def _motor_amplitude(self, study: str, point: int, found: _MotorValues) -> Cell:
        value = found.amplitude_mv[point]
        if not value:
            return self._absent(study, "amplitude")
        return self.cell(study, "amplitude", value) if point == 0 else Cell(value, 1)

    def _drop(self, study: str, at: int, point: str, found: _MotorValues) -> Cell:
        before = found.amplitude_mv[at - 1] if at else 0.0
        if not before:
            return BLANK
        fall = 100.0 * (1.0 - found.amplitude_mv[at] / before)
        return self.cell(study, "drop", fall, 0, point=point)

    @staticmethod
    def _plain(value: float) -> Cell:
        return BLANK if math.isnan(value) or not value else Cell(value, 1)

    def f_wave(self, item: str, side: str, found: _FValues, stimuli: int) -> FRow:
        """Return the row of F waves; `item` as in the findings, such as ``tibial``."""
        study = _A.f_studies[_A.f_ids.index(item)]
        absent = math.isnan(found.shortest_ms)
        return FRow(
            study=study.id,
            label=study.label,
            side=side,
            stimuli=stimuli,
            shortest_ms=self._absent(study.id, "f_latency")
            if absent
            else self.cell(study.id, "f_latency", found.shortest_ms),
            mean_ms=self._plain(found.mean_ms),
            chronodispersion_ms=self._plain(found.chronodispersion_ms),
            persistence_percent=self.cell(study.id, "f_persistence", found.persistence_percent, 0),
        )

    def h_reflex(self, item: str, side: str, found: _HValues) -> HRow:
        """Return the row of an H reflex; `item` as in the findings, such as ``soleus``."""
        study = _A.h_studies[_A.h_ids.index(item)]
        absent = math.isnan(found.latency_ms)
        ratio = found.amplitude_mv / found.m_amplitude_mv if found.m_amplitude_mv else math.nan
        return HRow(
            study=study.id,
            label=study.label,
            side=side,
            latency_ms=self._absent(study.id, "h_latency")
            if absent
            else self.cell(study.id, "h_latency", found.latency_ms),
            amplitude_mv=self._plain(found.amplitude_mv),
            m_amplitude_mv=self._plain(found.m_amplitude_mv),
            ratio=BLANK if absent or math.isnan(ratio) else Cell(ratio, 2),
        )

    def needle(self, muscle: str, side: str, found: _NeedleValues) -> NeedleRow:
        """Return the row of one muscle under the needle."""
        m = _A.muscles.index(muscle)
        none = found.units == 0
        return NeedleRow(
            muscle=muscle,
            label=_A.muscle_labels[m],
            side=side,
            roots=_roots_of(muscle),
            nerve=_A.muscle_nerves[m],
            insertional=_worded(found.insertional, found.insertional != "normal"),
            fibrillations=_graded(found.fibrillations),
            positive_waves=_graded(found.positive_waves),
            fasciculations=_worded("yes" if found.fasciculations else "none", found.fasciculations),
            other=_other(found),
            amplitude_uv=BLANK if none else _unit_cell(muscle, "muap-amplitude", found.amplitude_uv, 0),
            duration_ms=BLANK if none else _unit_cell(muscle, "muap-duration", found.duration_ms),
            polyphasic_percent=BLANK
            if none
            else _unit_cell(muscle, "polyphasic", found.polyphasic_percent, 0),
            recruitment=_recruited(found.recruitment),
        )


def _unit_cell(muscle: str, measure: str, value: float, digits: int = 1) -> Cell:
    """Return a measure of motor unit potentials beside its limits."""
    return _against(value, digits, limits_of_muscle(muscle, measure))


def _against(value: float, digits: int, limits: Sequence[Limit]) -> Cell:
    if not limits:
        return Cell(value, digits)
    mark, weight = _judge(value, *limits)
    real = [limit for limit in limits if limit.kind == "upper" or limit.value > 0.0]
    words = _limits_in_words(real, digits) if real else ""
    return Cell(value, digits, "", words, limits[0].source if real else "", mark, weight)


def _limits_in_words(limits: Sequence[Limit], digits: int) -> str:
    """Return limits with the digits of the value they stand beside."""
    if len(limits) == 2:
        return f"{limits[0].value:.{digits}f}–{limits[1].value:.{digits}f}"
    one = limits[0]
    sign = "≥" if one.kind == "lower" else "≤"
    return f"{sign} {one.value:.{digits}f}"


def _worded(word: str, abnormal: bool) -> Cell:
    return Cell(word=word, mark="abnormal" if abnormal else "", weight=int(abnormal))


def _graded(grade: int) -> Cell:
    if not grade:
        return Cell(word="0")
    return Cell(word=f"{grade}+", mark="abnormal", weight=min(grade, 3))


def _other(found: _NeedleValues) -> Cell:
    said = [
        word for word, there in (("CRD", found.complex_repetitive), ("myokymia", found.myokymia)) if there
    ]
    return Cell(word=", ".join(said) or "none", mark="abnormal" if said else "", weight=2 if said else 0)


def _recruited(word: str) -> Cell:
    weight = _RECRUITMENT_WEIGHT[word]
    mark = "" if not weight else "abnormal"
    return Cell(word=word.replace("-", " "), mark=mark, weight=weight)


def _side_rows(
    judge_of: _Judge, motor: Sequence[MotorRow], sensory: Sequence[SensoryRow]
) -> tuple[SideRow, ...]:
    """Return the side-to-side table: distal amplitude and latency of every study done on both sides.

    The difference of amplitude is the fall of the smaller from the larger [%]; of latency in ms.
    """
    distal: dict[tuple[str, str], tuple[str, Cell, Cell, str]] = {}
    for m in motor:
        distal.setdefault((m.study, m.side), (m.label, m.amplitude_mv, m.latency_ms, "mV"))
    for s in sensory:
        distal.setdefault((s.study, s.side), (s.label, s.amplitude_uv, s.onset_ms, "uV"))
    rows = []
    for study in dict.fromkeys(name for name, _ in distal):
        if (study, "left") in distal and (study, "right") in distal:
            left, right = distal[study, "left"], distal[study, "right"]
            rows += _both(judge_of, study, left, right)
    return tuple(rows)


def _both(
    judge_of: _Judge, study: str, left: tuple[str, Cell, Cell, str], right: tuple[str, Cell, Cell, str]
) -> list[SideRow]:
    label, unit = left[0], left[3]
    sizes = [cell.value or 0.0 for cell in (left[1], right[1])]
    if not max(sizes):
        return []
    fall = 100.0 * (1.0 - min(sizes) / max(sizes))
    apart = judge_of.cell(study, "amplitude", fall, 0, side_difference=True)
    rows = [SideRow(f"{label}, amplitude", unit.replace("u", "µ"), left[1], right[1], apart)]
    times = [cell.value for cell in (left[2], right[2])]
    if times[0] is not None and times[1] is not None:
        apart = judge_of.cell(study, "latency", abs(times[0] - times[1]), 2, side_difference=True)
        rows.append(SideRow(f"{label}, latency", "ms", left[2], right[2], apart))
    return rows
