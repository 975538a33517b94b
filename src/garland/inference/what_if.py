"""What would be thought had one finding come out otherwise.

The patients of every cause are weighed anew by how well they make the other result in place of the one found.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

from garland.inference.altered import log_probability
from garland.inference.alternative_results import _alternative, _Result
from garland.inference.explained import _Counterfactual
from garland.inference.finding_sets import _Finding
from garland.inference.leaving_out import _change, _Patients, _Weighed
from garland.inference.phrases import _had_been, _percent, _short_title
from garland.model.diseases import DISEASES

_FEW_ITEMS = 12
"""Items up to which a finding on several of them can be turned round in a sentence [-]."""
_COUNTS = 0.05
"""Probability from which a cause's own roughness makes the whole rough [-]."""
_MOVED = 0.1
"""Total variation from which a change is told [-]."""
_POSSIBLE = 0.001
"""Chance below which another result is not worth a sentence [-]."""
_TOLD, _OF_A_PART = 6, 2
"""Sentences in all, and on one part of the examination [-]."""


def _counterfactuals(
    causes: list[_Patients], left: list[_Weighed], findings: tuple[_Finding, ...]
) -> tuple[_Counterfactual, ...]:
    """Return the other results that would change the leader, or move the causes most."""
    other = [(f, result) for f in findings if _can_turn(f) for result in f.results if result != f.result]
    if not other:
        return ()
    found = np.array([finding.index for finding, _ in other])
    changed = [_change(patients, found, _log_other(patients, other)) for patients in causes]
    now = np.array([patients.log_probability for patients in causes])
    then = now[:, None] + np.stack([each.log_value for each in changed])
    without = now[:, None] - np.stack([each.log_value[found] for each in left])
    likely = np.exp(logsumexp(then, axis=0) - logsumexp(without, axis=0))
    then, without = softmax(then, axis=0), softmax(without, axis=0)
    before = softmax(now)
    counts = np.maximum(np.maximum(then, without), before[:, None]) > _COUNTS
    rough = (np.stack([each.rough for each in changed]) & counts).any(axis=0)
    unsure = (np.stack([each.too_few for each in changed]) & counts).any(axis=0)
    rows = [
        _told(finding, result, then[:, k], before, (float(likely[k]), bool(rough[k])), causes)
        for k, (finding, result) in enumerate(other)
        if not unsure[k]
    ]
    return _worth_telling(rows, findings)


def _can_turn(finding: _Finding) -> bool:
    """Tell whether a finding speaks of few enough items to be turned round in a sentence."""
    many = len(finding.observation.where)
    return many == 1 or (many <= _FEW_ITEMS and not finding.observation.every)


def _log_other(patients: _Patients, other: list[tuple[_Finding, _Result]]) -> NDArray[np.float64]:
    """Return the log likelihood of other results, (N, K), each at its visit."""
    columns = np.empty((patients.log_p.shape[0], len(other)))
    for visit, expected in enumerate(patients.expected):
        here = [k for k, (finding, _) in enumerate(other) if finding.visit == visit]
        if here:
            chosen = tuple(_alternative(other[k][0].observation, other[k][1]) for k in here)
            columns[:, here] = log_probability(expected, chosen)
    return columns


def _told(
    finding: _Finding,
    result: _Result,
    then: NDArray[np.float64],
    now: NDArray[np.float64],
    sure: tuple[float, bool],
    causes: list[_Patients],
) -> _Counterfactual:
    """Return one other result, of a chance and roughness, with what it would do."""
    leader = int(np.argmax(then))
    changes = leader != int(np.argmax(now))
    title = DISEASES[causes[leader].cause].title
    name, had = _short_title(title), _had_been(finding.observation, result, finding.when)
    p, q = _percent(float(then[leader])), _percent(float(now[leader]))
    if changes:
        sentence = f"{had}, {name} would lead ({p}, now {q})."
    else:
        sentence = f"{had}, {name} would still lead, at {p} instead of {q}."
    return _Counterfactual(
        finding.index,
        result.word,
        sure[0],
        DISEASES[causes[leader].cause].name,
        title,
        float(then[leader]),
        float(now[leader]),
        changes,
        float(0.5 * np.abs(then - now).sum()),
        sentence,
        sure[1],
    )


def _worth_telling(
    rows: list[_Counterfactual], findings: tuple[_Finding, ...]
) -> tuple[_Counterfactual, ...]:
    """Return one result of each finding: those that change the leader, then those that move most."""
    able = [row for row in rows if row.plausibility >= _POSSIBLE and row.moved >= _MOVED]
    able.sort(
        key=lambda row: (not row.changes_leader, -row.plausibility if row.changes_leader else -row.moved)
    )
    told: list[_Counterfactual] = []
    seen: set[int] = set()
    parts: dict[str, int] = {}
    for row in able:
        part = findings[row.finding].part
        if len(told) < _TOLD and row.finding not in seen and parts.get(part, 0) < _OF_A_PART:
            told.append(row)
            seen.add(row.finding)
            parts[part] = parts.get(part, 0) + 1
    return tuple(told)
