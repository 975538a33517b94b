"""Measures of what is recorded: conduction, needle, bedside, and the agreement of two examiners."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from garland._types import Float64s
from garland.model.diseases import DISEASES
from garland.reference_values import laboratory_limit_ln
from garland.units import DAYS_PER_MONTH, DAYS_PER_YEAR
from garland.validation.cohorts import Moment, _Cohort, _limit
from garland.validation.questions import (
    Measure,
    Values,
    _average,
    _centile,
    _median,
    _share,
    _spread,
    _together,
    _without,
)
from garland.validation.recorded import (
    _ARM_SNAPS,
    _BOTH,
    _DERMATOMES,
    _EDB,
    _FIBRILLATION_CALL,
    _MEDIAN,
    _MYOTOMES,
    _NEEDLE_CALL,
    _NOW,
    _ONE,
    _ROUTINE,
    _SCREEN,
    _TIBIAL,
    _ULNAR,
    READERS,
    Found,
    _absent,
    _affected,
    _amplitude,
    _any_of,
    _apart,
    _blocked,
    _by,
    _came_fast,
    _dermatome_dead,
    _dermatome_lost,
    _dissociated,
    _either,
    _f_abnormal,
    _fibrillates,
    _laboratory,
    _latency_demyelinated,
    _latency_long,
    _measured,
    _movement_weak,
    _needle_abnormal,
    _nerves,
    _of_own_root,
    _one_side,
    _paraspinals,
    _polyneuropathy,
    _ratio,
    _Record,
    _record,
    _responds,
    _side_ratio,
    _skin_lost,
    _slow,
    _slow_demyelinated,
    _small,
    _spared,
    _symmetric,
    _wave_absent,
    _worded,
)
from garland.validation.statistics import _estimate, _Simulated


def _kappa(first: np.ndarray, second: np.ndarray, weights: Float64s) -> float:
    """Return Cohen's kappa of two examiners who say yes or no [-]; NaN where both always say the same."""
    share = weights / max(weights.sum(), 1e-12)
    yes, also = float(share @ first), float(share @ second)
    expected = yes * also + (1.0 - yes) * (1.0 - also)
    agreed = float(share @ (first == second))
    return (agreed - expected) / (1.0 - expected) if expected < 1.0 else float("nan")


def _kappas(
    signs: Sequence[Callable[[int], Values]],
    summary: Callable[[list[float]], float],
    among: Values | None = None,
    pairs: Sequence[tuple[int, int]] = ((1, 2),),
    sample: int | None = None,
) -> Measure:
    """Return what asks for the lowest, highest or mean kappa over signs and pairs of examiners.

    The lowest and the highest of several kappas lie the further apart the fewer patients there are: with
    `sample`, they are those of a study of so many patients on average.
    """

    def kappas(cohort: _Cohort) -> _Simulated:
        weights = cohort.weight if among is None else cohort.weight * among(cohort)
        said = [(sign(a)(cohort), sign(b)(cohort)) for sign in signs for a, b in pairs]

        def once(at: np.ndarray) -> float:
            found = [_kappa(a[at], b[at], weights[at]) for a, b in said]
            return float(summary([kappa for kappa in found if np.isfinite(kappa)] or [np.nan]))

        def of(at: np.ndarray) -> float:
            studies = [at] if sample is None else np.array_split(at, max(len(at) // sample, 1))
            return float(np.nanmean([once(study) for study in studies]))

        return _estimate(of, cohort.n)

    return kappas


def _pooled_kappa(field: str, items: Sequence[str], word: str, pair: tuple[int, int] = (1, 2)) -> Measure:
    """Return what asks for one kappa over all items of the affected side together."""

    def pooled(cohort: _Cohort) -> _Simulated:
        said = [
            np.stack([_affected(_worded(field, item, word), examiner)(cohort) for item in items], axis=1)
            for examiner in pair
        ]
        weights = np.repeat(cohort.weight[:, None], len(items), axis=1)

        def of(at: np.ndarray) -> float:
            return _kappa(said[0][at].ravel(), said[1][at].ravel(), weights[at].ravel())

        return _estimate(of, cohort.n)

    return pooled


def _sign(found: Found) -> Callable[[int], Values]:
    """Return a sign of the affected side as an examiner finds it."""
    return lambda examiner: _affected(found, examiner)


_JERKS = [
    _sign(_any_of([_worded("reflex", name, word) for word in ("absent", "reduced")]))
    for name in ("knee", "ankle")
]
_STRENGTH = [
    _sign(_movement_weak(name))
    for name in ("knee-extension", "ankle-dorsiflexion", "ankle-plantarflexion", "toe-extension")
]
_SENSATION = [_sign(found) for found in _DERMATOMES.values()]
_OBSERVED = [_sign(_worded("wasting", name)) for name in ("vastus-lateralis", "tibialis-anterior")] + [
    _sign(_worded("twitching", name)) for name in ("vastus-lateralis", "tibialis-anterior")
]
_ROOT_SIGN = _sign(
    _any_of([
        *_DERMATOMES.values(), *_MYOTOMES.values(), _worded("stretch", "straight-leg-raise"),
        _worded("reflex", "ankle", "absent"), _worded("reflex", "ankle", "reduced"),
    ])
)  # fmt: skip
_CALL = _sign(_NEEDLE_CALL)
_FIBRILLATES_SOMEWHERE = _by(
    _nerves(_fibrillates, ("paraspinal-thoracic", "iliopsoas", "deltoid", "rectus-femoris"), _ONE)
)
"""Who fibrillates in a muscle that the study tells of: nobody has a needle in every muscle."""
_THREE = ((READERS, READERS + 1), (READERS, READERS + 2), (READERS + 1, READERS + 2))


def _has_root(cohort: _Cohort) -> Any:
    """Return who has a compressed root."""
    return np.concatenate(
        [np.full(len(group.seen_day), DISEASES[group.cause].root is not None) for group in cohort.members]
    )


def _clear(cohort: _Cohort) -> Any:
    """Return whose needle examination was clear enough to be shown: called if a root is ill, else not."""
    return _CALL(0)(cohort) == _has_root(cohort)


def _aged(low: float, high: float) -> Values:
    return lambda cohort: (_record(cohort).age >= low) & (_record(cohort).age < high)


_SURAL, _FIBULAR_SNAP = "sural", "superficial-fibular"
_SPARING = _together(_by(_nerves(_small, _ARM_SNAPS, _ONE)), _without(_by(_one_side(_small(_SURAL)))))
_YEAR, _TWO_YEARS, _FOUR_YEARS, _FIVE_YEARS = (
    ("seen", DAYS_PER_YEAR * years) for years in (1.0, 2.0, 4.0, 5.0)
)
_LATER: Moment = ("seen", 33.3 * DAYS_PER_MONTH)
_SADDLE_DEAD = _either(_any_of([_dermatome_dead("s2"), _dermatome_dead("s3")]))
_SADDLE = _either(_any_of([_dermatome_lost("s2"), _dermatome_lost("s3")]))
_H_LATENCY = _measured("h_latency", "soleus", _worded("h_response", "soleus", "preserved"))
_TIBIAL_LATENCY = _measured("motor_latency", _TIBIAL, _responds(_TIBIAL))
_TIBIAL_SPEED = _measured("motor_velocity", f"{_TIBIAL}@1", _responds(_TIBIAL, 1))
_MEDIAN_LATENCY = _measured("motor_latency", _MEDIAN, _responds(_MEDIAN))
_MEDIAN_SPEED = _measured("motor_velocity", f"{_MEDIAN}@1", _responds(_MEDIAN, 1))
_DENERVED_FOOT = _nerves(_fibrillates, ("abductor-hallucis", "extensor-digitorum-brevis"), _ONE)
_NUMB = _of_own_root(_DERMATOMES)


def _numb_on(moment: Moment) -> Values:
    return _affected(_any_of(list(_DERMATOMES.values())), 0, moment)


def _saphenous_lost(moment: Moment) -> Values:
    return _affected(_any_of([_skin_lost("saphenous"), _skin_lost("medial-femoral-cutaneous")]), 0, moment)


def _present(field: str, item: str) -> Measure:
    return _share(_by(_worded(field, item)))


def _side_limit(study: str) -> Measure:
    """Return what asks for the mean and two standard deviations of the difference between two responses."""

    def both(r: _Record) -> Any:
        return np.where(_responds(study)(r), _amplitude(study)(r), np.nan)

    return _spread(_by(_apart(both)), 1.0, 2.0)


def _lowest(low: float, high: float) -> Measure:
    """Return what asks for the lower limit of the sural response of an age [uV]."""
    return lambda c: _centile(
        _by(_one_side(_amplitude(_SURAL))), _limit("lower_limit_share"), _aged(low, high)
    )(c)


def _ratio_normal(cohort: _Cohort) -> Any:
    return _side_ratio(_FIBULAR_SNAP)(cohort) >= _limit("side_ratio_low")


def _ratio_known(cohort: _Cohort) -> Any:
    return np.isfinite(_side_ratio(_FIBULAR_SNAP)(cohort))


def _raised(name: str) -> Values:
    return _by(lambda r: _laboratory(name)(r) > laboratory_limit_ln(name))


_L5_DEFINED = _affected(_NEEDLE_CALL)
_TENSOR, _GLUTEUS = (_needle_abnormal(name) for name in ("tensor-fasciae-latae", "gluteus-medius"))

RECORDED: Mapping[str, Measure] = {
    # Conduction.
    "h-both": _share(_by(lambda r: ~_wave_absent("h", "soleus")(r).any(axis=1))),
    "h-latency-mean": _average(_by(_one_side(_H_LATENCY))),
    "h-latency-spread": _spread(_by(_one_side(_H_LATENCY))),
    "h-side-limit": _spread(_by(_apart(_H_LATENCY)), 1.0, 2.0),
    "h-absent": _share(_by(_one_side(_wave_absent("h", "soleus")))),
    "f-abnormal": _share(_by(_nerves(_f_abnormal, ("fibular", "tibial", "median", "ulnar"), _ONE))),
    "f-abnormal-both": _share(_by(_nerves(_f_abnormal, ("fibular", "tibial", "median", "ulnar"), _BOTH))),
    "f-leg-absent": _share(_by(_nerves(lambda name: _wave_absent("f", name), ("fibular", "tibial"), _ONE))),
    "f-arm-absent": _share(_by(_nerves(lambda name: _wave_absent("f", name), ("median", "ulnar"), _ONE))),
    "cmap-low": _share(_by(_nerves(_small, _ROUTINE, _ONE))),
    "latency-long": _share(_by(_nerves(_latency_long, _ROUTINE, _ONE))),
    "latency-demyelinated": _share(_by(_nerves(_latency_demyelinated, _ROUTINE, _BOTH, 2))),
    "slow": _share(_by(_nerves(_slow, _ROUTINE, _ONE))),
    "slow-demyelinated": _share(_by(_nerves(_slow_demyelinated, _ROUTINE, _BOTH, 2))),
    "block": _share(_by(_nerves(_blocked, _ROUTINE, _ONE))),
    "block-both": _share(_by(_nerves(_blocked, _ROUTINE, _BOTH))),
    "arm-snap-low": _share(_by(_nerves(_small, _ARM_SNAPS, _ONE))),
    "sural-sparing": _share(_SPARING),
    "sural-sparing-under-60": _share(_SPARING, _aged(0, 60)),
    "sural-absent": _share(_by(_one_side(_absent(_SURAL)))),
    "sural-present": _share(_by(_one_side(_responds(_SURAL)))),
    "sural-mean": _average(_by(_one_side(_amplitude(_SURAL)))),
    "sural-lowest-60": _lowest(60, 70),
    "sural-lowest-70": _lowest(70, 75),
    "sural-lowest-75": _lowest(75, 100),
    "tibial-latency-mean": _average(_by(_one_side(_TIBIAL_LATENCY))),
    "tibial-cmap-mean": _average(_by(_one_side(_amplitude(_TIBIAL)))),
    "tibial-velocity-mean": _average(_by(_one_side(_TIBIAL_SPEED))),
    "median-latency-mean": _average(_by(_one_side(_MEDIAN_LATENCY))),
    "median-velocity-mean": _average(_by(_one_side(_MEDIAN_SPEED))),
    "side-limit-fibular-cmap": _side_limit(_EDB),
    "side-limit-sural": _side_limit(_SURAL),
    "side-limit-fibular-snap": _side_limit(_FIBULAR_SNAP),
    "fibular-snap-low": _share(_affected(_small(_FIBULAR_SNAP))),
    "fibular-skin-branch": _share(_affected(_any_of([_small(_FIBULAR_SNAP), _skin_lost(_FIBULAR_SNAP)]))),
    "fibular-snap-ratio": _median(_side_ratio(_FIBULAR_SNAP), _ratio_known),
    "fibular-snap-ratio-normal": _share(_ratio_normal, _ratio_known),
    "polyneuropathy": _share(_by(_polyneuropathy), _affected(_NEEDLE_CALL)),
    "split-hand": _median(_by(_ratio(_MEDIAN, _ULNAR)), _by(_one_side(_responds(_ULNAR)))),
    # Needle.
    "fibrillation-paraspinal": _share(_by(_paraspinals("l4 l5 s1", _ONE))),
    "fibrillation-paraspinal-both": _share(_by(_paraspinals("l2 l3 l4 l5 s1", _BOTH))),
    "fibrillation-foot": _share(_by(_DENERVED_FOOT)),
    "fibrillation-root": _share(_affected(_FIBRILLATION_CALL)),
    "needle-root": _share(_affected(_NEEDLE_CALL)),
    "tensor-not-gluteus": _share(_affected(lambda r: _TENSOR(r) & ~_GLUTEUS(r)), _L5_DEFINED),
    "gluteus-medius": _share(_affected(_GLUTEUS), _L5_DEFINED),
    "tongue": _share(_by(_one_side(_any_of([_fibrillates("tongue"), _worded("fasciculation", "tongue")])))),
    "fibrillation-thoracic": _share(
        _by(_one_side(_fibrillates("paraspinal-thoracic"))), _FIBRILLATES_SOMEWHERE
    ),
    "fibrillation-iliopsoas": _share(_by(_one_side(_fibrillates("iliopsoas"))), _FIBRILLATES_SOMEWHERE),
    "fibrillation-deltoid": _share(_by(_one_side(_fibrillates("deltoid"))), _FIBRILLATES_SOMEWHERE),
    "fibrillation-rectus": _share(_by(_one_side(_fibrillates("rectus-femoris"))), _FIBRILLATES_SOMEWHERE),
    "called-ill": _share(_CALL(READERS), _together(_has_root, _clear)),
    "called-well": _share(_without(_CALL(READERS)), _together(_without(_has_root), _clear)),
    # Bedside, history, laboratory, imaging.
    "symmetric": _share(_by(_symmetric)),
    "dermatome": _share(_NUMB),
    "dermatomes-normal": _share(
        _without(_affected(_any_of(list(_DERMATOMES.values())))),
        _without(_by(_worded("imaging", "root_compression"))),
    ),
    "myotome": _share(_of_own_root(_MYOTOMES)),
    "straight-leg-raise": _share(_affected(_worded("stretch", "straight-leg-raise", "positive"))),
    "crossed-raise": _share(_spared(_worded("stretch", "straight-leg-raise", "positive"))),
    "numb-1y": _share(_numb_on(_YEAR), _numb_on(_NOW)),
    "numb-2y": _share(_numb_on(_TWO_YEARS), _numb_on(_NOW)),
    "femoral-skin-back": _share(_without(_saphenous_lost(_LATER)), _saphenous_lost(_NOW)),
    "saddle-dead-4y": _share(_by(_SADDLE_DEAD, 0, _FOUR_YEARS)),
    "saddle-5y": _share(_by(_SADDLE, 0, _FIVE_YEARS), _by(_SADDLE)),
    "came-fast": _share(_by(_came_fast)),
    "history-first-pain": _present("history", "first_pain"),
    "biopsy-vasculitis": _present("imaging", "biopsy_vasculitis"),
    "nerve-enhancement": _present("imaging", "nerve_enhancement"),
    "csf-dissociation": _share(_by(_dissociated)),
    "ck-raised": _share(_raised("ck"), _FIBRILLATES_SOMEWHERE),
    # Two examiners.
    "kappa-lowest": _kappas([*_STRENGTH, *_SENSATION], min, sample=91),
    "kappa-highest": _kappas([*_STRENGTH, *_SENSATION], max, sample=91),
    "kappa-reflex-lowest": _kappas(_JERKS, min, sample=91),
    "kappa-reflex-highest": _kappas(_JERKS, max, sample=91),
    "kappa-root": _kappas([_ROOT_SIGN], min),
    "kappa-elicited": _kappas([*_STRENGTH, *_SENSATION, *_JERKS], np.mean),
    "kappa-observed": _kappas(_OBSERVED, np.mean),
    "kappa-fibrillation": _pooled_kappa("fibrillation", _SCREEN, "present", _THREE[0]),
    "kappa-needle": _kappas([_CALL], min, _clear, _THREE[:1]),
    "kappa-needle-lowest": _kappas([_CALL], min, None, _THREE, 24),
    "kappa-needle-highest": _kappas([_CALL], max, None, _THREE, 24),
}
"""Measures of what is recorded, by name."""
