"""Measures: what a series reported, asked of simulated patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from garland._types import Float64s
from garland.anatomy.tree import load
from garland.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from garland.validation.cohorts import _Cohort, _involved, _limit, _proximal_grade, _Scene, _weak
from garland.validation.statistics import (
    _estimate,
    _mean,
    _percent,
    _Simulated,
    _weighted_mean,
    _weighted_median,
)

Measure = Callable[[_Cohort], _Simulated]
_A = load()
_KNEE, _HIP = _A.movement("knee-extension"), _A.movement("hip-flexion")
_FEMORAL = _A.motor_study_ids.index("femoral-rectus-femoris")
_LEG_MUSCLES = [_A.muscle(name) for name in _A.groups["leg"]]
_SAPHENOUS = 5
_WINDOW_DAY = 16 * DAYS_PER_YEAR
_WEEKS = (14, 28, 42, 56, 75, 100, 125, 150, 200, 250, 300, 365, 430, 500, 550, 650, 730)


def _lived(cohort: _Cohort, name: str, moment: str = "seen", added: float = 0.0) -> Float64s:
    return np.asarray(getattr(cohort.scene(moment, added).outcomes, name), np.float64)


def _median(name: str, moment: str = "seen") -> Measure:
    return lambda cohort: _weighted_median(_lived(cohort, name, moment), cohort.weight)


def _probability(name: str, moment: str = "seen", added: float = 0.0) -> Measure:
    return lambda cohort: _percent(_lived(cohort, name, moment, added), cohort.weight)


def _person_median(name: str) -> Measure:
    return lambda cohort: _weighted_median(
        np.asarray(getattr(cohort.scene().person, name), np.float64), cohort.weight
    )


def _age_within(low: float, high: float) -> Measure:
    def measure(cohort: _Cohort) -> _Simulated:
        age = np.asarray(cohort.scene().person.age_years)
        return _percent(np.asarray((age >= low) & (age <= high)), cohort.weight)

    return measure


def _of_person(name: str) -> Measure:
    return lambda cohort: _percent(
        np.asarray(getattr(cohort.scene().person, name), np.float64), cohort.weight
    )


def _day_range(cohort: _Cohort) -> _Simulated:
    day = cohort.day(("seen", 0.0))
    return _percent((day >= 14.0) & (day <= 72 * DAYS_PER_MONTH), cohort.weight)


def _has_pain(cohort: _Cohort) -> _Simulated:
    return _percent(_lived(cohort, "pain_nrs") >= _limit("pain_present_nrs"), cohort.weight)


def _mrs(cohort: _Cohort) -> _Simulated:
    return _weighted_median(np.round(_lived(cohort, "mrs")), cohort.weight)


def _mrs_1_to_4(cohort: _Cohort) -> _Simulated:
    grade = np.round(_lived(cohort, "mrs"))
    return _percent((grade >= 1) & (grade <= 4), cohort.weight)


def _nis_fall(cohort: _Cohort, moment: str, added: float = 0.0) -> Float64s:
    return np.asarray(_lived(cohort, "nis") - _lived(cohort, "nis", moment, added))


def _better_by_4(cohort: _Cohort) -> _Simulated:
    return _percent(_nis_fall(cohort, "later") >= 4.0, cohort.weight)


def _improved(cohort: _Cohort) -> _Simulated:
    return _percent(_nis_fall(cohort, "later") >= _limit("improved_nis"), cohort.weight)


def _recovered(cohort: _Cohort) -> _Simulated:
    left = _lived(cohort, "nis", "later") - _lived(cohort, "nis", "onset")
    free = _lived(cohort, "pain_nrs", "later") < _limit("pain_present_nrs")
    return _percent((left <= _limit("recovered_nis")) & free, cohort.weight)


def _recurrence(cohort: _Cohort) -> _Simulated:
    scene = cohort.scene()
    since = np.asarray(scene.again_day) - cohort.day(("seen", 0.0))
    watched = np.clip(1.0 - np.maximum(since, 0.0) / _WINDOW_DAY, 0.0, 1.0)
    return _percent(np.where(np.asarray(scene.again_ratio) > 0.05, watched, 0.0), cohort.weight)


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


def _struck(scene: _Scene) -> np.ndarray:
    return np.asarray(np.asarray(scene.struck_hazard).min(axis=1) > _limit("struck_hazard"))


def _interval(scene: _Scene) -> Float64s:
    day = np.asarray(scene.struck_day, np.float64)
    return np.asarray(np.abs(day[:, 0] - day[:, 1]))


def _crossing(cohort: _Cohort) -> _Simulated:
    return _percent(_struck(cohort.scene()), cohort.weight)


def _crossing_within(cohort: _Cohort) -> _Simulated:
    scene = cohort.scene()
    gap = _interval(scene)
    return _percent((gap >= 3.0) & (gap <= 8 * DAYS_PER_MONTH), cohort.weight * _struck(scene))


def _crossing_median(cohort: _Cohort) -> _Simulated:
    return _weighted_median(_interval(cohort.scene()), cohort.weight * _struck(cohort.scene()))


def _worsening(cohort: _Cohort) -> _Simulated:
    """Share in whom the NIS comes within 5 % of its height between 2 and 18 months after onset."""
    nis = np.stack([_lived(cohort, "nis", "onset", float(day)) for day in _WEEKS])
    height = nis.max(axis=0)
    day = np.asarray(_WEEKS, np.float64)[(nis >= 0.95 * height).argmax(axis=0)]
    return _percent((day >= 56.0) & (day <= 18 * DAYS_PER_MONTH), cohort.weight)


def _asymmetric(cohort: _Cohort) -> _Simulated:
    grade = _proximal_grade(cohort.scene())
    return _percent(np.abs(grade[:, 0] - grade[:, 1]) >= _limit("asymmetric_grades"), cohort.weight)


def _weight_loss(cohort: _Cohort) -> _Simulated:
    return _percent(_lived(cohort, "weight_lost_kg") > _limit("weight_loss_kg"), cohort.weight)


def _weight_median(cohort: _Cohort) -> _Simulated:
    lost = _lived(cohort, "weight_lost_kg")
    return _weighted_median(lost, cohort.weight * (lost > _limit("weight_loss_kg")))


def _csf_raised(cohort: _Cohort) -> _Simulated:
    return _percent(_lived(cohort, "csf_protein_mg_dl") > _limit("csf_raised_mg_dl"), cohort.weight)


def _fibrillation(cohort: _Cohort) -> _Simulated:
    worst = np.asarray(cohort.scene().fibrillation)[:, :, _LEG_MUSCLES].max(axis=(1, 2))
    return _percent(worst >= _limit("fibrillation_seen"), cohort.weight)


def _knee_jerk_back(cohort: _Cohort) -> _Simulated:
    """Share of lost knee jerks (below grade 0.5) that are there two years after the visit."""
    now, then = _lived(cohort, "knee_jerk"), _lived(cohort, "knee_jerk", "seen", 730.0)
    lost = (now < 0.5).any(axis=1)
    back = ((then >= 0.5) | (now >= 0.5)).all(axis=1)
    return _percent(np.asarray(back), cohort.weight * lost)


def _pain_gone(cohort: _Cohort) -> _Simulated:
    early = _lived(cohort, "pain_nrs", "onset", 56.0) >= _limit("pain_present_nrs")
    late = _lived(cohort, "pain_nrs", "onset", 365.0) < _limit("pain_present_nrs")
    return _percent(late, cohort.weight * early)


def _pain_less(share: float, added: str) -> Measure:
    def measure(cohort: _Cohort) -> _Simulated:
        before, after = _lived(cohort, "pain_nrs"), _lived(cohort, "pain_nrs", "seen", _limit(added))
        return _percent(
            after <= (1.0 - share) * before, cohort.weight * (before >= _limit("pain_present_nrs"))
        )

    return measure


def _after(name: str) -> Measure:
    return lambda cohort: _percent(
        _lived(cohort, name, "seen", _limit("methylprednisolone_day")), cohort.weight
    )


def _nis_after(cohort: _Cohort) -> _Simulated:
    return _weighted_median(_lived(cohort, "nis", "seen", _limit("methylprednisolone_day")), cohort.weight)


def _improved_after(cohort: _Cohort) -> _Simulated:
    fall = _nis_fall(cohort, "seen", _limit("methylprednisolone_day"))
    return _percent(fall >= _limit("improved_nis"), cohort.weight)


def _worse_side(cohort: _Cohort, field: Float64s) -> Float64s:
    """Return the value on the side that is struck harder, (N, 2) to (N,)."""
    side = np.asarray(cohort.scene().struck_hazard).argmax(axis=1)
    return np.asarray(field[np.arange(len(side)), side])


def _grade(low: float, high: float, movement: int) -> Measure:
    def measure(cohort: _Cohort) -> _Simulated:
        grade = _worse_side(cohort, _lived(cohort, "movement_grade")[:, :, movement])
        return _percent((grade >= low) & (grade < high), cohort.weight)

    return measure


def _sensory_loss(cohort: _Cohort) -> _Simulated:
    left = _lived(cohort, "nerve_axons")[:, :, _SAPHENOUS].min(axis=1)
    return _percent(left < _limit("sensory_axons"), cohort.weight)


def _knee_better(cohort: _Cohort, days: float) -> np.ndarray:
    now, then = (_lived(cohort, "movement_grade", "seen", added)[:, :, _KNEE] for added in (0.0, days))
    return np.asarray(_worse_side(cohort, then - now) >= _limit("improved_grade"))


def _by_cmap(mild: bool) -> Measure:
    """Share better within a year, among those weak with half of the femoral CMAP lost at most, or more."""

    def measure(cohort: _Cohort) -> _Simulated:
        cmap = np.exp(np.asarray(cohort.scene().cmap_ln, np.float64)[:, :, _FEMORAL, 0])
        worse = _worse_side(cohort, cmap)
        kept = worse / np.maximum(cmap.sum(axis=1) - worse, 1e-6)
        those = cohort.weight * _weak(cohort.scene()) * ((kept >= 0.5) == mild)
        return _percent(_knee_better(cohort, 365.0), those)

    return measure


def _knee_better_2y(cohort: _Cohort) -> _Simulated:
    return _percent(_knee_better(cohort, 730.0), cohort.weight * _weak(cohort.scene()))


MEASURES: Mapping[str, Measure] = {
    "age-median": _person_median("age_years"),
    "age-24-88": _age_within(24, 88),
    "age-49-79": _age_within(49, 79),
    "age-45-72": _age_within(45, 72),
    "men": _of_person("male"),
    "diabetes-share": _of_person("diabetes"),
    "hba1c-median": _person_median("hba1c_percent"),
    "diabetes-years": _person_median("diabetes_years"),
    "diagnosis-day": lambda cohort: _weighted_median(cohort.day(("seen", 0.0)), cohort.weight),
    "diagnosis-range": _day_range,
    "bilateral": lambda cohort: _percent(np.asarray(_involved(cohort.scene()).all(axis=1)), cohort.weight),
    "asymmetric": _asymmetric,
    "crossing": _crossing,
    "other-side-3d-8mo": _crossing_within,
    "other-side-median": _crossing_median,
    "pain": _has_pain,
    "weak": lambda cohort: _percent(_weak(cohort.scene()), cohort.weight),
    "not-weak": lambda cohort: _percent(~_weak(cohort.scene()), cohort.weight),
    "sensory-loss": _sensory_loss,
    "weight-loss": _weight_loss,
    "weight-median": _weight_median,
    "autonomic": _probability("autonomic"),
    "nis-median": _median("nis"),
    "mrs-median": _mrs,
    "mrs-1-4": _mrs_1_to_4,
    "wheelchair": _probability("wheelchair"),
    "knee-none": _grade(-1.0, 0.5, _KNEE),
    "knee-moderate": _grade(2.5, 3.835, _KNEE),
    "hip-mild": _grade(3.835, 4.67, _HIP),
    "hip-moderate": _grade(2.5, 3.835, _HIP),
    "csf-median": _median("csf_protein_mg_dl"),
    "csf-mean": lambda cohort: _mean(_lived(cohort, "csf_protein_mg_dl"), cohort.weight),
    "csf-raised": _csf_raised,
    "fibrillation": _fibrillation,
    "nis-later": _median("nis", "later"),
    "better-by-4": _better_by_4,
    "improved": _improved,
    "recovered": _recovered,
    "worsening-2-18mo": _worsening,
    "knee-jerk-back": _knee_jerk_back,
    "pain-gone-1y": _pain_gone,
    "recurrence": _recurrence,
    "death-ratio": _death_ratio,
    "nis-after": _nis_after,
    "improved-after": _improved_after,
    "wheelchair-after": _after("wheelchair"),
    "walking-after": _after("walks_alone"),
    "pain-halved": _pain_less(0.5, "methylprednisolone_day"),
    "pain-less-30": _pain_less(0.3, "relief_day"),
    "mild-improved": _by_cmap(True),
    "severe-improved": _by_cmap(False),
    "improved-2y": _knee_better_2y,
}
"""Every measure of a cohort that is followed with the whole model, by name."""
