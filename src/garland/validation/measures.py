"""Measures: what a series reported, asked of simulated patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from garland._types import Float64s
from garland.anatomy.tree import load
from garland.evidence.findings import declared_findings
from garland.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from garland.validation.cohorts import _Cohort, _field, _involved, _limit, _proximal_grade
from garland.validation.examined import RECORDED
from garland.validation.followed import (
    FOLLOWED,
    _gained,
    _in_pain,
    _reaches,
    _seen_day,
    _unwell,
    _weak_on,
)
from garland.validation.questions import (
    Measure,
    Values,
    _lived,
    _median,
    _on,
    _person,
    _share,
    _within,
    _without,
    _worse_side,
)
from garland.validation.statistics import _estimate, _mean, _Simulated, _weighted_mean

_A = load()
_PRINTED = declared_findings()["movement_strength"].printed["words"]
_KNEE, _HIP = _A.movement("knee-extension"), _A.movement("hip-flexion")
_FEMORAL = _A.motor_study_ids.index("femoral-rectus-femoris")
_LEG_MUSCLES = [_A.muscle(name) for name in _A.groups["leg"]]
_SUMMED = [
    _A.movement(name)
    for name in (
        "shoulder-abduction", "elbow-flexion", "elbow-extension", "hip-flexion", "knee-extension",
        "ankle-dorsiflexion",
    )
]  # fmt: skip
_SAPHENOUS = 5
_WINDOW_DAY = 16 * DAYS_PER_YEAR
_WEEKS = (14, 28, 42, 56, 75, 100, 125, 150, 200, 250, 300, 365, 430, 500, 550, 650, 730)


def _after(name: str) -> Values:
    return lambda cohort: _lived(cohort, name, "seen", _limit("methylprednisolone_day"))


def _nis_fall(cohort: _Cohort, moment: str, added: float = 0.0) -> Float64s:
    return np.asarray(_lived(cohort, "nis") - _lived(cohort, "nis", moment, added))


def _recurrence(cohort: _Cohort) -> Any:
    scene = cohort.scene()
    watched = np.clip(
        1.0 - np.maximum(np.asarray(scene.again_day) - _seen_day(cohort), 0.0) / _WINDOW_DAY, 0.0, 1.0
    )
    return np.where(np.asarray(scene.again_ratio) > 0.05, watched, 0.0)


def _death_ratio(cohort: _Cohort) -> _Simulated:
    """Hazard of death over some years after diagnosis, cases against controls of the same age and sex."""
    over = _limit("survival_day")
    outcomes = [
        np.clip(_lived(group, "alive", "seen", over) / _lived(group, "alive"), 1e-6, 1.0)
        for group in (cohort, cohort.controls())
    ]

    def ratio(at: np.ndarray) -> float:
        cases, controls = (-np.log(_weighted_mean(alive[at], cohort.weight[at])) for alive in outcomes)
        return float(cases / controls)

    return _estimate(ratio, cohort.n)


def _affected(cohort: _Cohort) -> np.ndarray:
    return np.asarray(np.asarray(cohort.scene().affected_hazard).min(axis=1) > _limit("struck_hazard"))


def _interval(cohort: _Cohort) -> Float64s:
    day = np.asarray(cohort.scene().affected_day, np.float64)
    return np.asarray(np.abs(day[:, 0] - day[:, 1]))


def _height_day(cohort: _Cohort) -> Float64s:
    """Return when the NIS comes within 5 % of its height, in days after onset."""
    nis = np.stack([_lived(cohort, "nis", "onset", float(day)) for day in _WEEKS])
    first = (nis >= 0.95 * nis.max(axis=0)).argmax(axis=0)
    return np.asarray(np.asarray(_WEEKS, np.float64)[first])


def _asymmetric(cohort: _Cohort) -> Any:
    grade = _proximal_grade(cohort.scene())
    return np.abs(grade[:, 0] - grade[:, 1]) >= _limit("asymmetric_grades")


def _thinner(cohort: _Cohort) -> Any:
    return _lived(cohort, "weight_lost_kg") > _limit("weight_loss_kg")


def _fibrillation(cohort: _Cohort) -> Any:
    grades = _field(cohort.scene().findings, "fibrillation")
    worst = grades[:, :, _LEG_MUSCLES].max(axis=(1, 2))
    return worst >= _limit("fibrillation_seen")


def _jerk_lost(cohort: _Cohort) -> Any:
    return (_lived(cohort, "knee_jerk") < 0.5).any(axis=1)


def _jerk_back(cohort: _Cohort) -> Any:
    """Return whose lost knee jerks (below grade 0.5) are there two years after the visit."""
    now, then = _lived(cohort, "knee_jerk"), _lived(cohort, "knee_jerk", "seen", 730.0)
    return ((then >= 0.5) | (now >= 0.5)).all(axis=1)


def _pain_less(share: float, added: str) -> Measure:
    def less(cohort: _Cohort) -> Any:
        return _lived(cohort, "pain_nrs", "seen", _limit(added)) <= (1.0 - share) * _lived(cohort, "pain_nrs")

    return _share(less, _in_pain())


def _graded(weakest: str, strongest: str, movement: int) -> Measure:
    """Return the share whose worse side has an MRC grade from the weakest to the strongest."""
    ends = dict(_PRINTED)
    low = max((end for end in ends.values() if end and end < ends[weakest]), default=-np.inf)
    high = ends[strongest]

    def graded(cohort: _Cohort) -> Any:
        grade = _worse_side(cohort, _lived(cohort, "movement_grade")[:, :, movement])
        return (grade >= low) & (grade < high)

    return _share(graded)


def _mrc_sum(cohort: _Cohort) -> Float64s:
    """Return the MRC sum score of both sides [0..60]; elbow extension stands in for the wrist."""
    grades = np.minimum(_lived(cohort, "movement_grade")[:, :, _SUMMED], 5.0)
    return np.asarray(grades.sum(axis=(1, 2)), np.float64)


def _sensory_loss(cohort: _Cohort) -> Any:
    return _lived(cohort, "nerve_axons")[:, :, _SAPHENOUS].min(axis=1) < _limit("sensory_axons")


def _better(days: float) -> Values:
    """Return whose knee has gained what counts, or is strong: from 4+ little can be gained."""

    def better(cohort: _Cohort) -> Any:
        return _gained(_KNEE, days)(cohort) | _reaches(_KNEE, "weak_below_grade", days)(cohort)

    return better


def _by_cmap(mild: bool) -> Measure:
    """Share better within a year, among those weak with half of the femoral CMAP lost at most, or more."""

    def those(cohort: _Cohort) -> Any:
        shown = _field(cohort.scene().findings, "cmap")[:, :, 3 * _FEMORAL]
        cmap = np.exp(np.asarray(shown, np.float64))
        worse = _worse_side(cohort, cmap)
        kept = worse / np.maximum(cmap.sum(axis=1) - worse, 1e-6)
        return _weak_on()(cohort) * ((kept >= 0.5) == mild)

    return _share(_better(365.0), those)


MEASURES: Mapping[str, Measure] = {
    "age-median": _median(_person("age_years")),
    "age-24-88": _share(_within(_person("age_years"), 24, 88)),
    "age-49-79": _share(_within(_person("age_years"), 49, 79)),
    "age-45-72": _share(_within(_person("age_years"), 45, 72)),
    "men": _share(_person("male")),
    "diabetes-share": _share(_person("diabetes")),
    "hba1c-median": _median(_person("hba1c_percent")),
    "diabetes-years": _median(_person("diabetes_years")),
    "diagnosis-day": _median(_seen_day),
    "diagnosis-range": _share(_within(_seen_day, 14.0, 72 * DAYS_PER_MONTH)),
    "bilateral": _share(lambda cohort: _involved(cohort.scene()).all(axis=1)),
    "asymmetric": _share(_asymmetric),
    "crossing": _share(_affected),
    "other-side-3d-8mo": _share(_within(_interval, 3.0, 8 * DAYS_PER_MONTH), _affected),
    "other-side-median": _median(_interval, _affected),
    "pain": _share(_in_pain()),
    "weak": _share(_weak_on()),
    "not-weak": _share(_without(_weak_on())),
    "sensory-loss": _share(_sensory_loss),
    "weight-loss": _share(_thinner),
    "weight-median": _median(_on("weight_lost_kg"), _thinner),
    "autonomic": _share(_on("autonomic")),
    "nis-median": _median(_on("nis")),
    "mrc-sum-severe": _share(lambda cohort: _mrc_sum(cohort) <= _limit("severe_mrc_sum")),
    "mrs-median": _median(lambda cohort: np.round(_lived(cohort, "mrs"))),
    "mrs-1-4": _share(_within(lambda cohort: np.round(_lived(cohort, "mrs")), 1, 4)),
    "wheelchair": _share(_on("wheelchair")),
    "knee-none": _graded("0", "0", _KNEE),
    "knee-moderate": _graded("3", "4-", _KNEE),
    "hip-mild": _graded("4", "4+", _HIP),
    "hip-moderate": _graded("3", "4-", _HIP),
    "csf-median": _median(_on("csf_protein_mg_dl")),
    "csf-mean": lambda cohort: _mean(_lived(cohort, "csf_protein_mg_dl"), cohort.weight),
    "csf-raised": _share(lambda cohort: _lived(cohort, "csf_protein_mg_dl") > _limit("csf_raised_mg_dl")),
    "fibrillation": _share(_fibrillation),
    "nis-later": _median(_on("nis", "later")),
    "better-by-4": _share(lambda cohort: _nis_fall(cohort, "later") >= 4.0),
    "improved": _share(lambda cohort: _nis_fall(cohort, "later") >= _limit("improved_nis")),
    "recovered": _share(_without(_unwell("later", 0.0))),
    "worsening-2-18mo": _share(_within(_height_day, 56.0, 18 * DAYS_PER_MONTH)),
    "knee-jerk-back": _share(_jerk_back, _jerk_lost),
    "pain-gone-1y": _share(_without(_in_pain(365.0, "onset")), _in_pain(56.0, "onset")),
    "recurrence": _share(_recurrence),
    "death-ratio": _death_ratio,
    "nis-after": _median(_after("nis")),
    "improved-after": _share(
        lambda cohort: _lived(cohort, "nis") - _after("nis")(cohort) >= _limit("improved_nis")
    ),
    "wheelchair-after": _share(_after("wheelchair")),
    "walking-after": _share(_after("walks_alone")),
    "pain-halved": _pain_less(0.5, "methylprednisolone_day"),
    "pain-less-30": _pain_less(0.3, "relief_day"),
    "mild-improved": _by_cmap(True),
    "severe-improved": _by_cmap(False),
    "improved-2y": _share(_better(730.0), _weak_on()),
    **FOLLOWED,
    **RECORDED,
}
"""Every measure of a cohort that is followed with the whole model, by name."""
