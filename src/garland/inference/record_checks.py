"""What may be wrong with a record, with the prior, or with the assumption of one disease.

Diabetes wears the longest fibres under every cause. So a polyneuropathy besides the leading cause is no
hypothesis of its own: it is read off the patients that explain the findings. Two focal diseases are not
carried as hypotheses; where no single cause fits, the pair of causes is told that leaves the least over.

The evidence of a cause does not hang on how common the cause is, so every other prior has its posterior in
closed form. A prior may be wrong by the stated factor, and the setting may be another one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.evidence import part
from garland.inference.likelihood import Timing, _Problem, day_of
from garland.inference.observations import _Observation
from garland.inference.posterior import Posterior
from garland.inference.predictive import _left_out, _pooled, _PredictiveSample
from garland.inference.record_doubts import (
    Doubts,
    PriorSensitivity,
    _CauseRange,
    _Comorbidity,
    _Cover,
    _Suspicion,
    _UnitDoubt,
)
from garland.inference.recording_errors import Visits, _entry_doubts, _healthy_findings, _side_doubt
from garland.model.axons.injury import background_hazard
from garland.model.diseases import DISEASES, index_of
from garland.model.diseases.prior import SETTINGS, prior
from garland.model.latents import N_LATENTS, Latents, normals
from garland.model.patient import Person, complete
from garland.model.vessels.glycaemia import worn_years
from garland.programs import Compiled
from garland.records import Case
from garland.statistics import weighted_quantiles
from garland.units import DAYS_PER_YEAR

_OTHER_UNITS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "height_cm": (("inches", 2.54, 0.0), ("decimetres", 10.0, 0.0), ("millimetres", 0.1, 0.0)),
    "weight_kg": (("pounds", 0.45359, 0.0),),
    "hba1c_percent": (("mmol/mol", 0.0915, 2.15),),
    "fasting_glucose_mg_dl": (("mmol/L", 18.02, 0.0),),
    "two_hour_glucose_mg_dl": (("mmol/L", 18.02, 0.0),),
    "triglycerides_mg_dl": (("mmol/L", 88.57, 0.0),),
    "ldl_mg_dl": (("mmol/L", 38.67, 0.0),),
    "hdl_mg_dl": (("mmol/L", 38.67, 0.0),),
    "csf_protein_mg_dl": (("g/L", 100.0, 0.0), ("mg/L", 0.1, 0.0)),
    "ck_u_l": (("ukat/L", 60.0, 0.0),),
    "amplitude_uv": (("mV", 1000.0, 0.0), ("nV", 0.001, 0.0)),
    "amplitude_mv": (("V", 1000.0, 0.0),),
    "velocity_m_s": (("cm/ms", 10.0, 0.0),),
}
"""Units that are mistaken for the one asked for: value in it, times the second, plus the third."""


def _unit_doubts(case: Case) -> tuple[_UnitDoubt, ...]:
    """Return the numbers of a record that are implausible in their unit."""
    return tuple(doubt for where, key, value in _numbers(case) if (doubt := _doubt(where, key, value)))


def _numbers(case: Case) -> Iterator[tuple[str, str, float]]:
    """Yield where a number stands, its key and its value."""
    tops: list[tuple[str, Any]] = [
        ("person", case.person), ("diabetes", case.diabetes), ("lipids", case.lipids),
    ]  # fmt: skip
    for number, visit in enumerate(case.visits):
        here = f"visits[{number}]"
        tops.append((f"{here}.laboratory", visit.laboratory))
        tops += [
            (f"{here}.nerve_conduction.results[{row}]", result)
            for row, result in enumerate(visit.nerve_conduction.results)
        ]
    for where, holder in tops:
        for key in _OTHER_UNITS:
            value = getattr(holder, key, None)
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield f"{where}.{key}", key, float(value)


def _doubt(where: str, key: str, value: float) -> _UnitDoubt | None:
    p = part("inference/suspicion")
    low, high = p.table("least_plausible")[key], p.table("most_plausible")[key]
    if low <= value <= high or (value == 0.0 and key.startswith("amplitude")):
        return None
    unit = key.partition("_")[2].replace("_", "/")
    for name, factor, shift in _OTHER_UNITS[key]:
        meant = factor * value + shift
        if low <= meant <= high:
            message = f"{where}: {value:g} is implausible; {value:g} {name} would be {meant:.3g} ({key})."
            return _UnitDoubt(where, value, name, meant, message)
    for factor in (10.0, 0.1):
        if low <= factor * value <= high:
            meant = factor * value
            message = f"{where}: {value:g} is implausible; is it {meant:.3g}, the decimal point slipped?"
            return _UnitDoubt(where, value, "", meant, message)
    message = f"{where}: {value:g} lies outside {low:g} to {high:g} ({unit}); check value and unit."
    return _UnitDoubt(where, value, "", None, message)


_POLYNEUROPATHY = "polyneuropathy"
_TOGETHER = 1024
_WITHOUT_AGE_YEARS = 50.0
"""An age at which age has cost nothing yet: what is left is diabetes' own part [a]."""


class _Patients(NamedTuple):
    """Patients of one cause: index of the cause, chance (N, N_LATENTS), weights (N,) that sum to one."""

    cause: int
    vectors: NDArray[np.float32]
    weights: Float64s


def _diabetic_loss(person: Person, cause: int, vectors: NDArray[np.float32], timing: Timing) -> Float64s:
    """Return the hazard that diabetes alone has put on the longest fibres of patients, shape (N,) [-]."""
    stated = DISEASES[cause].diabetes
    diabetes = np.float32(np.nan if stated is None else stated)
    # One size for any number of patients: each size would be a program of its own.
    many = np.resize(vectors, (-(-len(vectors) // _TOGETHER) * _TOGETHER, vectors.shape[1]))
    lost = _loss()(person, np.int32(cause), diabetes, many, timing)
    return np.asarray(lost, np.float64)[: len(vectors)]


@cache
def _loss() -> Compiled:
    def loss(
        person: Person, cause: jax.Array, diabetes: jax.Array, vectors: jax.Array, timing: Timing
    ) -> jax.Array:
        latents = Latents(vectors)
        whole = complete(person, latents, diabetes)
        day = day_of(timing, cause, latents)
        # What age takes is counted from 60 on, and people grow older while they are ill.
        young = whole._replace(age_years=_WITHOUT_AGE_YEARS - day / DAYS_PER_YEAR)
        return background_hazard(young, latents, worn_years(whole, None, day), day)

    return Compiled(loss, name="worn")


def _comorbid_polyneuropathy(problem: _Problem, patients: _Patients, seed: int) -> _Comorbidity | None:
    """Return how probable a distal polyneuropathy is besides a cause; None where the cause is one."""
    cause = DISEASES[patients.cause]
    if cause.family == _POLYNEUROPATHY:
        return None
    limit = part("population/polyneuropathy").value("neuropathy_hazard")
    timing = problem.timings[-1]
    now = _diabetic_loss(problem.person, patients.cause, patients.vectors, timing)
    fresh = normals(np.random.default_rng(seed), len(patients.vectors))
    before = float((_diabetic_loss(problem.person, patients.cause, fresh, timing) > limit).mean())
    probability = float(patients.weights @ (now > limit))
    lost = 1.0 - np.exp(-now)
    low, high = map(float, weighted_quantiles(lost, patients.weights, (0.1, 0.9)))
    message = _comorbidity_words(probability, before)
    return _Comorbidity(
        cause.name, cause.title, probability, before, float(patients.weights @ lost), low, high, message
    )


def _comorbidity_words(probability: float, before: float) -> str:
    title = DISEASES[index_of("distal-polyneuropathy")].title
    how = ("unlikely", "possible", "probable", "almost certain")
    word = how[int(np.searchsorted((0.2, 0.5, 0.95), probability))]
    return f"Besides: {title}, {word} ({probability:.2f}; {before:.2f} before the findings)."


def _coverage(
    views: Mapping[int, _PredictiveSample], order: Sequence[int], visits: Sequence[tuple[_Observation, ...]]
) -> _Cover | None:
    """Return the two causes that leave the least unexplained, None if a second one adds nothing."""
    first = order[0]
    family = DISEASES[first].family
    others = [c for c in order if c in views and c != first and DISEASES[c].family != family]
    if first not in views or not others:
        return None
    fits = {c: _fits(views[c], visits) for c in (first, *others)}
    gains = {c: float(np.maximum(fits[c] - fits[first], 0.0).sum()) for c in others}
    second = max(others, key=lambda c: gains[c])
    bits = gains[second] / float(np.log(2.0))
    if bits < part("inference/together").value("second_cause_bits"):
        return None
    labels = [o.label for visit in visits for o in visit]
    return _cover(first, second, fits, labels, bits)


def _fits(seen: _PredictiveSample, visits: Sequence[tuple[_Observation, ...]]) -> Float64s:
    """Return the log probability of every finding from all others, shape (all findings,) [nat]."""
    return np.concatenate([_left_out(seen, v)[: len(visit)] for v, visit in enumerate(visits)])


def _cover(first: int, second: int, fits: Mapping[int, Float64s], labels: list[str], bits: float) -> _Cover:
    p = part("inference/together")
    a, b = fits[first], fits[second]
    lost = np.maximum(a, b) < np.log(p.value("unexplained_below"))
    better = (b - a > p.value("better_by")) & ~lost
    mine = (a - b > p.value("better_by")) & ~lost

    def named(which: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(labels[i] for i in np.flatnonzero(which))

    one, two = DISEASES[first].title, DISEASES[second].title
    message = f"Two diseases at once? {one[0].upper()}{one[1:]} leaves {int(better.sum())} findings"
    message += f" that {two} would explain: {'; '.join(named(better)[:4])}."
    return _Cover(one, two, named(mine), named(better), named(lost), bits, message)


def _suspect(
    problem: _Problem, visits: Visits, views: Mapping[int, _PredictiveSample], probability: Float64s
) -> _Suspicion:
    """Return what findings make doubtful; for numbers of the record itself see `_with_units`."""
    if not views:
        return _Suspicion()
    seen = _pooled(views, probability)
    sides = _side_doubt(seen, visits, _healthy_findings(problem, 0))
    doubted = {(one.visit, one.kind) for one in sides.parts} if sides else set()
    entries = _entry_doubts(
        seen, visits, [arrays.contamination.astype(np.float64) for arrays in problem.seen]
    )
    return _Suspicion(sides, tuple(e for e in entries if (e.visit, e.kind) not in doubted))


def _with_units(found: _Suspicion, case: Case) -> _Suspicion:
    """Return the doubts with those about units of the record itself."""
    return replace(found, units=_unit_doubts(case))


_AT_ALL = 0.01


def _other_prior(probability: Float64s, before: Float64s, instead: Float64s) -> Float64s:
    """Return the posterior that another prior would give."""
    ratio = np.divide(instead, before, out=np.zeros_like(probability), where=before > 0.0)
    weight = probability * ratio
    return np.asarray(weight / weight.sum() if weight.sum() > 0.0 else probability)


def _commoner(probability: Float64s, factor: float) -> Float64s:
    """Return the probability of each cause if its own prior odds were `factor` times as high, shape (C,)."""
    return np.asarray(probability * factor / (1.0 - probability + probability * factor))


def _sensitivity(posterior: Posterior, person: Person, setting: str) -> PriorSensitivity:
    """Return how far the answer hangs on the prior."""
    factor = part("inference/suspicion").value("prior_factor")
    probability = np.asarray(posterior.probability, np.float64)
    rows = {
        name: probability
        if name == setting
        else _other_prior(probability, posterior.prior, prior(person, name))
        for name in SETTINGS
    }
    low = np.min([_commoner(row, 1.0 / factor) for row in rows.values()], axis=0)
    high = np.max([_commoner(row, factor) for row in rows.values()], axis=0)
    first, second = posterior.order[:2]
    rarer = float(probability[first] / max(probability[second], 1e-300))
    causes = tuple(
        _CauseRange(
            DISEASES[i].name,
            DISEASES[i].title,
            float(probability[i]),
            float(low[i]),
            float(high[i]),
            {name: float(row[i]) for name, row in rows.items()},
        )
        for i in posterior.order
        if high[i] > _AT_ALL
    )
    leaders = {name: DISEASES[int(np.argmax(row))].title for name, row in rows.items()}
    lead, other = DISEASES[first].title, DISEASES[second].title
    message = _message(lead, other, rarer, {k: v for k, v in leaders.items() if v != lead})
    return PriorSensitivity(factor, causes, lead, other, min(rarer, 1e9), leaders, message)


def _message(lead: str, other: str, rarer: float, elsewhere: dict[str, str]) -> str:
    """Return how firmly the leader leads, in words."""
    first = lead[0].upper() + lead[1:]
    if rarer > 1000.0:
        text = f"{first} would lead even if it were a thousand times rarer."
    elif rarer >= 1.15:
        text = f"{first} would still lead if it were {_times(rarer)} times rarer; beyond that, {other} would."
    else:
        text = f"{first} and {other} are level: the prior decides between them."
    for place, title in elsewhere.items():
        text += f" In the setting {place}, {title} would lead."
    return text


def _times(rarer: float) -> str:
    """Return a factor rounded down, so that what is said holds."""
    if rarer >= 10.0:
        return f"{math.floor(rarer):d}"
    return f"{math.floor(rarer * 10.0) / 10.0:.1f}"


def _doubts(
    case: Case,
    problem: _Problem,
    visits: Visits,
    posterior: Posterior,
    views: Mapping[int, _PredictiveSample],
    setting: str,
    fits: bool,
) -> Doubts:
    """Return how far an answer can be trusted."""
    ranges = _sensitivity(posterior, problem.person, setting)
    if not views:
        return Doubts(_with_units(_Suspicion(), case), ranges)
    lead = posterior.order[0]
    patients = _Patients(lead, views[lead].vectors[:, :N_LATENTS], views[lead].weights)
    found = _with_units(_suspect(problem, visits, views, posterior.probability), case)
    second = None if fits else _coverage(views, posterior.order, visits)
    return Doubts(found, ranges, _comorbid_polyneuropathy(problem, patients, 0), second)
