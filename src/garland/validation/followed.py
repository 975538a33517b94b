"""What becomes of patients of the other causes: pain, strength and walking on later days."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from garland._types import Float64s
from garland.anatomy.tree import load
from garland.model.clinical_signs.systemic import alive
from garland.model.diseases.lesion_process import _no_damage
from garland.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from garland.validation.cohorts import _Cohort, _limit, _weak
from garland.validation.questions import (
    Measure,
    Values,
    _average,
    _lived,
    _median,
    _person,
    _share,
    _together,
    _within,
    _without,
    _worse_side,
)
from garland.validation.statistics import _estimate, _Simulated, _weighted_mean

_A = load()
_KNEE, _FOOT = _A.movement("knee-extension"), _A.movement("ankle-dorsiflexion")
_HIP, _ADDUCTION = _A.movement("hip-flexion"), _A.movement("hip-adduction")
_LEG = slice(0, 12)
_NEVER = 1e9
_PROXIMAL, _DISTAL = slice(0, 6), slice(6, 12)
_MONTHS = tuple(DAYS_PER_MONTH * month for month in (0.5, 1, 2, 3, 4, 6, 9, 12, 18, 24, 36))
_WEEKS = tuple(7.0 * week for week in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 26))
_DAYS = tuple(7.0 * week for week in (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 26, 52))


def _years(count: float) -> float:
    return count * DAYS_PER_YEAR


def _months(count: float) -> float:
    return count * DAYS_PER_MONTH


def _in_pain(added: float = 0.0, moment: str = "seen") -> Values:
    return lambda cohort: _lived(cohort, "pain_nrs", moment, added) >= _limit("pain_present_nrs")


def _pain_moved(least: float, most: float, added: float) -> Values:
    """Return whose pain rose by least to most steps that count, after some days."""

    def moved(cohort: _Cohort) -> Any:
        # Nobody rates the same pain alike twice.
        rng = np.random.default_rng((cohort.seed, round(added)))
        now, then = _limit("pain_retest_nrs") * rng.standard_normal((2, cohort.n))
        before = np.clip(_lived(cohort, "pain_nrs") + now, 0.0, 10.0)
        rise = np.clip(_lived(cohort, "pain_nrs", "seen", added) + then, 0.0, 10.0) - before
        steps = rise / _limit("pain_change_nrs")
        return (steps > least) & (steps <= most)

    return moved


def _better(added: float) -> Values:
    return _pain_moved(-np.inf, -1.0, added)


def _same(added: float) -> Values:
    return _pain_moved(-1.0, 1.0, added)


def _worse(added: float) -> Values:
    return _pain_moved(1.0, np.inf, added)


def _weak_on(added: float = 0.0) -> Values:
    return lambda cohort: _weak(cohort.scene("seen", added))


def _unwell(moment: str, added: float) -> Values:
    """Return who is not recovered on a day: impaired more than before the illness, or in pain."""

    def unwell(cohort: _Cohort) -> Any:
        left = _lived(cohort, "nis", moment, added) - _lived(cohort, "nis", "onset")
        return (left > _limit("recovered_nis")) | _in_pain(added, moment)(cohort)

    return unwell


def _less_impaired(added: float) -> Values:
    """Return whose NIS has fallen by what goes with a point of disability."""

    def less(cohort: _Cohort) -> Any:
        fallen = _lived(cohort, "nis") - _lived(cohort, "nis", "seen", added)
        return fallen >= _limit("disability_point_nis")

    return less


def _better_first(first: float, last: float) -> Values:
    """Return who is better on one day and was not on an earlier one."""
    return lambda cohort: _less_impaired(last)(cohort) & ~_less_impaired(first)(cohort)


def _not_walking(moment: str = "seen", added: float = 0.0) -> Values:
    return lambda cohort: 1.0 - _lived(cohort, "walks_alone", moment, added)


def _helped(cohort: _Cohort) -> Any:
    """Return how surely each patient needs an aid or a brace at the last follow-up, (N,) [0..1]."""
    alone = _lived(cohort, "walks_alone", "later")
    foot = _worse_side(cohort, _lived(cohort, "movement_grade", "later")[:, :, _FOOT])
    return np.where(foot < _limit("brace_below_grade"), 1.0, 1.0 - alone)


def _grade(movement: int, added: float = 0.0) -> Values:
    """Return the MRC grade of a movement of the worse side on a day."""
    return lambda cohort: _worse_side(cohort, _lived(cohort, "movement_grade", "seen", added)[:, :, movement])


def _reaches(movement: int, line: str, added: float = 0.0) -> Values:
    """Return whose movement is at a grade of the evidence or above it on a day."""
    return lambda cohort: _grade(movement, added)(cohort) >= _limit(line)


def _gained(movement: int, added: float) -> Values:
    def gained(cohort: _Cohort) -> Any:
        return _grade(movement, added)(cohort) - _grade(movement)(cohort) >= _limit("improved_grade")

    return gained


def _some_back(cohort: _Cohort) -> Any:
    """Return whose foot drop is better by ten months and not as good as well."""
    return _gained(_FOOT, _months(9.8))(cohort) & ~_reaches(_FOOT, "good_grade", _months(9.8))(cohort)


def _none_back(cohort: _Cohort) -> Any:
    return ~_gained(_FOOT, _months(9.8))(cohort) & ~_reaches(_FOOT, "good_grade", _months(9.8))(cohort)


def _leg_good(added: float = 0.0) -> Values:
    """Return whose every leg movement has the grade of regained function on a day."""

    def good(cohort: _Cohort) -> Any:
        grade = _lived(cohort, "movement_grade", "seen", added)[:, :, _LEG]
        return grade.min(axis=(1, 2)) >= _limit("good_grade")

    return good


def _first(holds: Callable[[float], Values], days: tuple[float, ...]) -> Values:
    """Return the first of some days on which something holds, (N,) [d]; NaN where it holds on none."""

    def first(cohort: _Cohort) -> Any:
        reached = np.stack([np.asarray(holds(day)(cohort), bool) for day in days])
        return np.where(reached.any(axis=0), np.asarray(days)[reached.argmax(axis=0)], np.nan)

    return first


def _over(values: Values, unit_days: float) -> Values:
    """Return days in a longer unit."""
    return lambda cohort: values(cohort) / unit_days


def _median_time(values: Values, among: Values | None = None) -> Measure:
    """Return what asks for a median time; infinite where most never come to it."""

    def median(cohort: _Cohort) -> _Simulated:
        days = np.nan_to_num(values(cohort), nan=_NEVER)
        found = _median(lambda _: days, among)(cohort)
        return _Simulated(math.inf, 0.0) if found.value >= _NEVER else found

    return median


def _median_survival(cohort: _Cohort) -> _Simulated:
    """Return after how many years half of the patients have died."""
    person, day = cohort.scene().person, cohort.day(("seen", 0.0))
    by_age = _no_damage(cohort.n)  # asked of radiculoplexus neuropathy alone, of which nobody dies
    years = np.arange(0.0, 40.0, 0.5)
    left = np.stack([np.asarray(alive(person, by_age, jnp.asarray(day + _years(year)))) for year in years])
    left = left / np.maximum(left[0], 1e-6)

    def median(at: np.ndarray) -> float:
        curve = np.array([_weighted_mean(row[at], cohort.weight[at]) for row in left.astype(np.float64)])
        return float(np.interp(-0.5, -curve, years))

    return _estimate(median, cohort.n)


def _alive_later(cohort: _Cohort) -> Float64s:
    over = _limit("survival_day")
    return np.asarray(_lived(cohort, "alive", "seen", over) / np.maximum(_lived(cohort, "alive"), 1e-6))


def _distal(cohort: _Cohort) -> Any:
    """Return whose weakest ankle or toe movement is at least as weak as the weakest of hip and knee."""
    grade = _lived(cohort, "movement_grade").min(axis=1)
    return grade[:, _DISTAL].min(axis=1) <= grade[:, _PROXIMAL].min(axis=1)


def _weak_only(weak: tuple[int, ...], strong: tuple[int, ...] | slice) -> Values:
    """Return whose worse side is weak in some movement of the first and in none of the others."""

    def pattern(cohort: _Cohort) -> Any:
        grades = _lived(cohort, "movement_grade")
        line = _limit("weak_below_grade")
        low = _worse_side(cohort, grades[:, :, list(weak)].min(axis=2)) < line
        return low & (_worse_side(cohort, grades[:, :, strong].min(axis=2)) >= line)

    return pattern


def _overlapping(cohort: _Cohort) -> Any:
    """Return who has lost axons in several nerves of one leg."""
    lost = _lived(cohort, "nerve_axons") < _limit("involved_axons")
    return lost.sum(axis=2).max(axis=1) >= _limit("overlap_nerves")


def _one_side_first(cohort: _Cohort) -> Any:
    """Return in whom the other side is not struck, or a month later at the soonest."""
    scene = cohort.scene()
    both = np.asarray(scene.affected_hazard).min(axis=1) > _limit("struck_hazard")
    day = np.asarray(scene.affected_day, np.float64)
    return ~both | (np.abs(day[:, 0] - day[:, 1]) > DAYS_PER_MONTH)


def _cannot_rise(cohort: _Cohort) -> Any:
    return _grade(_KNEE)(cohort) < _limit("single_leg_rise_grade")


def _pain_returns(cohort: _Cohort) -> Any:
    return _lived(cohort, "pain_nrs", "seen", _months(18)) >= _limit("returned_pain_nrs")


def _pain_relieved(cohort: _Cohort) -> Any:
    return _lived(cohort, "pain_nrs", "seen", _limit("relief_day")) <= 0.7 * _lived(cohort, "pain_nrs")


def _seen_day(cohort: _Cohort) -> Float64s:
    return cohort.day(("seen", 0.0))


def _mrs_good(moment: str, added: float) -> Values:
    return _within(lambda cohort: np.round(_lived(cohort, "mrs", moment, added)), 0, 2)


_FOOT_BACK = _months(9.8)
_STRONG = "weak_below_grade"

FOLLOWED: Mapping[str, Measure] = {
    "age-under-50": _share(_within(_person("age_years"), 0, 50)),
    "diagnosis-years-mean": _average(_over(_seen_day, DAYS_PER_YEAR)),
    "alive-5y": _share(_alive_later),
    "median-survival": _median_survival,
    "cannot-walk-1y": _share(_not_walking("onset", _years(1))),
    "helped-later": _share(_helped),
    "dead-1y": _share(lambda cohort: 1.0 - _lived(cohort, "alive", "onset", _years(1))),
    "better-28w": _share(_less_impaired(196.0)),
    "better-by-3w": _share(_less_impaired(21.0), _less_impaired(168.0)),
    "better-only-by-6w": _share(_better_first(21.0, 42.0), _less_impaired(168.0)),
    "mrs-good-1y": _share(_mrs_good("onset", _years(1))),
    "mrs-good-63mo": _share(_mrs_good("seen", _months(63))),
    "pain-63mo": _share(_in_pain(_months(63))),
    "pain-26w": _share(_in_pain(182.0)),
    "pain-ever": _share(lambda cohort: _in_pain()(cohort) | _in_pain(0.0, "later")(cohort)),
    "pain-halved-2y": _share(
        lambda cohort: _lived(cohort, "pain_nrs", "seen", _years(2)) <= 0.5 * _lived(cohort, "pain_nrs"),
        _in_pain(),
    ),
    "pain-returns-18mo": _share(_pain_returns, _pain_relieved),
    "unwell-1y": _share(_unwell("seen", _years(1))),
    "unwell-18mo": _share(_unwell("seen", _months(18))),
    "strong-days": _median_time(_first(lambda day: _without(_weak_on(day)), _DAYS), _weak_on()),
    "recovery-weeks": _median_time(
        _over(_first(lambda day: _without(_unwell("seen", day)), _WEEKS), 7.0), _unwell("seen", 0.0)
    ),
    "weak-1y": _share(_weak_on(_years(1)), _weak_on()),
    "weak-2y": _share(_weak_on(_years(2)), _weak_on()),
    "weak-5y": _share(_weak_on(_years(5)), _weak_on()),
    "weak-new-10y": _share(_together(_weak_on(_months(121)), _without(_weak_on()))),
    "pain-better-3y": _share(_better(_years(3.3))),
    "pain-same-3y": _share(_same(_years(3.3))),
    "pain-worse-3y": _share(_worse(_years(3.3))),
    "pain-better-49mo": _share(_better(_months(49))),
    "pain-same-49mo": _share(_same(_months(49))),
    "pain-worse-49mo": _share(_worse(_months(49))),
    "knee-strong-33mo": _share(_reaches(_KNEE, _STRONG, _months(33.3)), _without(_reaches(_KNEE, _STRONG))),
    "knee-recovery-months": _median_time(
        _over(_first(lambda day: _gained(_KNEE, day), _MONTHS), DAYS_PER_MONTH),
        _without(_reaches(_KNEE, _STRONG)),
    ),
    "knee-good-43mo": _share(
        _reaches(_KNEE, "good_grade", _months(43)), _without(_reaches(_KNEE, "good_grade"))
    ),
    "foot-good-43mo": _share(
        _reaches(_FOOT, "good_grade", _months(43)), _without(_reaches(_FOOT, "good_grade"))
    ),
    "leg-good-months": _average(_over(_first(_leg_good, _MONTHS), DAYS_PER_MONTH), _without(_leg_good())),
    "foot-strong-2y": _share(_reaches(_FOOT, _STRONG, _years(2))),
    "foot-better-2y": _share(_gained(_FOOT, _years(2))),
    "foot-good-10mo": _share(_reaches(_FOOT, "good_grade", _FOOT_BACK)),
    "foot-some-10mo": _share(_some_back),
    "foot-none-10mo": _share(_none_back),
    "distal": _share(_distal),
    "proximal-only": _share(_weak_only((_HIP, _KNEE, _ADDUCTION), _DISTAL)),
    "femoral-pattern": _share(_weak_only((_KNEE,), (_ADDUCTION, *range(6, 12)))),
    "overlapping": _share(_overlapping),
    "one-side-first": _share(_one_side_first),
    "cannot-rise": _share(_cannot_rise),
}
"""Measures of what patients live through on later days, by name."""
