"""Why a consult answers as it does: what speaks for and against each cause, in bits and in words.

Nothing here is a rule of thumb: every number is a probability that the patients of a cause give to findings
they were not shown.
"""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

import numpy as np

from garland.inference.exclusion import _exclusions
from garland.inference.explained import CauseCase, Explanation, Weight
from garland.inference.finding_sets import _findings_of, _FindingSet, _membership, _sets_of
from garland.inference.leaving_out import _Bits, _bits, _gather, _leave_out, _Patients
from garland.inference.observations import Observation
from garland.inference.phrases import _capital, _joined, _listed, _Phrase, _short_title
from garland.inference.posterior import Posterior
from garland.inference.problem import Problem
from garland.inference.review import _View
from garland.inference.what_if import _counterfactuals
from garland.model.diseases import DISEASES
from garland.model.findings import Address

_CLEAR_BITS = 0.3
"""Weight below which a finding is not named in a sentence [bit]."""
_NAMED = 4
"""Findings named on one side of a sentence [-]."""
_WORTH_A_LOOK = 0.001
_TOP, _OF_A_FAMILY = 8, 2
"""Probability from which a cause is explained; how many of all and of each family are in any case [-]."""


def _worth_explaining(posterior: Posterior) -> list[int]:
    """Return the causes whose patients an explanation needs in full, the most probable first."""
    families: dict[str, int] = {}
    chosen = []
    for rank, cause in enumerate(posterior.order):
        if posterior.probability[cause] <= 0.0:
            continue
        family = DISEASES[cause].family
        families[family] = families.get(family, 0) + 1
        probable = posterior.probability[cause] > _WORTH_A_LOOK or rank < _TOP
        if probable or families[family] <= _OF_A_FAMILY:
            chosen.append(cause)
    return chosen


def _explain(
    problem: Problem,
    used: list[tuple[Observation, ...]],
    posterior: Posterior,
    views: dict[int, _View],
    tested: Set[Address],
) -> Explanation | None:
    """Explain a consult."""
    counts = tuple(len(visit) for visit in used)
    causes = _gather(views, posterior.probability, counts)
    if len(causes) < 2 or not sum(counts):
        return None
    age, height = _or(problem.person.age_years, 60.0), _or(problem.person.height_cm, 170.0)
    findings = _findings_of(used, age, height)
    sets = _sets_of(findings)
    member = _membership(sets, len(findings))
    left = [_leave_out(patients, member) for patients in causes]
    gained = _bits(causes, left)
    cases = tuple(
        _case(patients, sets, _Bits(*(each[row] for each in gained)), len(findings))
        for row, patients in enumerate(causes)
    )
    unseen = [c for c in posterior.order if c not in views and posterior.probability[c] > 0.0]
    return Explanation(
        cases,
        _counterfactuals(causes, left, findings),
        _exclusions(causes, left, sets, posterior, tested, age),
        tuple(DISEASES[c].title for c in unseen),
        float(sum(posterior.probability[c] for c in unseen)),
    )


def _or(value: object, otherwise: float) -> float:
    number = float(np.asarray(value))
    return otherwise if np.isnan(number) else number


def _case(patients: _Patients, sets: tuple[_FindingSet, ...], own: _Bits, count: int) -> CauseCase:
    """Return what speaks for and against one cause; the first `count` sets are the single findings."""
    weighed = _weighed(sets, own, count)
    units = sorted((row for row in weighed if row.found.unit), key=lambda row: -abs(row.weight.bits))
    whole = sorted((row for row in weighed if row.found.whole_part), key=lambda row: -abs(row.weight.bits))
    pros = [row for row in units if row.weight.bits >= _CLEAR_BITS]
    cons = [row for row in units if row.weight.bits <= -_CLEAR_BITS]
    told = [*pros[:_NAMED], *cons[:_NAMED]]
    named = {(row.found.part, row.weight.bits > 0.0) for row in told}
    more = [
        row
        for row in whole
        if abs(row.weight.bits) >= 2.0 * _CLEAR_BITS and (row.found.part, row.weight.bits > 0.0) not in named
    ]
    cause = DISEASES[patients.cause]
    single = zip(own.gained[:count], own.too_few[:count], strict=True)
    return CauseCase(
        cause.name,
        cause.title,
        float(np.exp(patients.log_probability)),
        _sentence(
            cause.title,
            [row.phrase for row in pros[:_NAMED]],
            [row.phrase for row in cons[:_NAMED]],
            [row.weight for row in more],
        ),
        tuple(None if few else float(b) for b, few in single),
        tuple(row.weight for row in pros),
        tuple(row.weight for row in cons),
        tuple(row.weight for row in whole),
        any(row.weight.rough for row in (*told, *more)),
    )


class _Row(NamedTuple):
    """A set of findings with its words and its weight for one cause."""

    found: _FindingSet
    phrase: _Phrase
    weight: Weight


def _weighed(sets: tuple[_FindingSet, ...], own: _Bits, count: int) -> list[_Row]:
    """Return the units and whole parts that enough patients speak of."""
    rows = []
    for k, each in enumerate(sets):
        if (each.unit or each.whole_part) and not own.too_few[k]:
            said = each.phrase(own.gained[:count])
            weight = Weight(said.words, each.positions, float(own.gained[k]), bool(own.rough[k]))
            rows.append(_Row(each, said, weight))
    return rows


def _sentence(title: str, pros: list[_Phrase], cons: list[_Phrase], more: list[Weight]) -> str:
    """Return what speaks for and against a cause in one or two sentences."""
    name = _capital(_short_title(title))
    if pros and cons:
        text = f"{name}: for it, {_joined(pros)}; against it, {_joined(cons)}."
    elif pros:
        text = f"{name}: for it, {_joined(pros)}; no finding speaks clearly against it."
    elif cons:
        text = f"{name}: no finding speaks clearly for it; against it, {_joined(cons)}."
    else:
        text = f"{name}: no single finding speaks clearly for or against it."
    sides = (
        ("for it", [weight.words for weight in more if weight.bits > 0.0]),
        ("against it", [weight.words for weight in more if weight.bits < 0.0]),
    )
    whole = [f"{_listed(said)} {_speak(said)} {words}" for words, said in sides if said]
    return f"{text} Taken together, {', and '.join(whole)}." if whole else text


def _speak(said: list[str]) -> str:
    plural = len(said) > 1 or said[0].endswith("s")
    return "speak" if plural else "speaks"
