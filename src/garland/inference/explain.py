"""Why a consult answers as it does: weights in words, other results, the diagnosis of exclusion.

Nothing here is a rule of thumb: every number is a probability that the patients of a cause give to findings
they were not shown.
"""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

from garland._types import Bools, Float64s
from garland.inference.alternative_results import _alternative, _Result
from garland.inference.candidate_tests import _Item, _open_items
from garland.inference.finding_sets import _Finding, _findings_of, _FindingSet, _membership, _sets_of
from garland.inference.leave_one_out import _Bits, _bits, _change, _gather, _leave_out, _Patients, _Weighed
from garland.inference.likelihood import _Problem
from garland.inference.observations import INF, _Observation
from garland.inference.phrases import (
    _capital,
    _had_been,
    _joined,
    _listed,
    _percent,
    _Phrase,
    _short_title,
    _thing,
)
from garland.inference.posterior import Posterior
from garland.inference.predictive import _as_counted, _PredictiveSample
from garland.inference.result import CauseCase, Exclusion, Explanation, Status, Weight, _Counterfactual
from garland.inference.test_selection import _results_of
from garland.model.diseases import DISEASES
from garland.model.findings import Address, column, noise_sd
from garland.reference_values import REFERENCE_HEIGHT_CM

_FEW_ITEMS = 12
"""Items up to which a finding on several of them can be turned round in a sentence [-]."""
_COUNTS = 0.05
"""Probability from which a cause's own roughness makes the whole rough [-]."""
_MOVED = 0.1
"""Total variation from which a change is told [-]."""
_POSSIBLE = 0.001
"""Chance below which another result is not worth a sentence [-]."""
_SHOWN_MOST, _OF_A_PART = 6, 2
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
        _shown_of(finding, result, then[:, k], before, (float(likely[k]), bool(rough[k])), causes)
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
            columns[:, here] = _as_counted(expected, chosen)
    return columns


def _shown_of(
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
    stated: list[_Counterfactual] = []
    seen: set[int] = set()
    parts: dict[str, int] = {}
    for row in able:
        part = findings[row.finding].part
        if len(stated) < _SHOWN_MOST and row.finding not in seen and parts.get(part, 0) < _OF_A_PART:
            stated.append(row)
            seen.add(row.finding)
            parts[part] = parts.get(part, 0) + 1
    return tuple(stated)


_EXCLUDED, _UNLIKELY = 0.01, 0.1
"""Probability over the leader's below which a cause is excluded, or unlikely [-]."""
_CLEAR_BITS = 0.5
"""Weight below which a finding is not said to exclude a cause [bit]."""
_AS_A_WHOLE = 1.5
"""How many times the weight of the weightiest unit a whole part must have to be named instead [-]."""
_RARE_BITS = 2.0
"""Rarity beforehand from which it is told [bit]."""
_TRIED, _PATIENTS = 30, 256
"""Open items tried for each alternative, and patients of each cause asked [-]."""


def _exclusions(
    causes: list[_Patients],
    left: list[_Weighed],
    sets: tuple[_FindingSet, ...],
    posterior: Posterior,
    tested: Set[Address],
    age_years: float,
) -> tuple[Exclusion, ...]:
    """Return every alternative to the leading cause with what excludes it."""
    items = list(_open_items(set(tested), age_years))
    at = np.array([column(item.where) for item in items])
    lead = causes[0]
    rows = []
    for rival, without in zip(causes[1:], left[1:], strict=True):
        status = _status(posterior, lead.cause, rival.cause)
        tells = _best_test(lead, rival, items, at) if status != "excluded" and items else None
        rows.append(_row(lead, rival, (left[0], without), sets, posterior, status, tells))
    return tuple(rows)


def _status(posterior: Posterior, lead: int, rival: int) -> Status:
    """Return how far a cause is excluded, two Monte Carlo errors added."""
    most = posterior.probability[rival] + 2.0 * posterior.error[rival]
    ratio = most / posterior.probability[lead]
    return "excluded" if ratio < _EXCLUDED else "unlikely" if ratio < _UNLIKELY else "not yet excluded"


def _row(
    lead: _Patients,
    rival: _Patients,
    left: tuple[_Weighed, _Weighed],
    sets: tuple[_FindingSet, ...],
    posterior: Posterior,
    status: Status,
    tells: tuple[str, str, float] | None,
) -> Exclusion:
    cause = DISEASES[rival.cause]
    gained = (left[0].log_value - left[1].log_value) / np.log(2.0)
    gained = np.where(left[0].too_few | left[1].too_few, -INF, gained)
    words, weight, rough = _weightiest(gained, left[0].rough | left[1].rough, sets)
    p = float(posterior.probability[rival.cause])
    rarity = float(np.log2(posterior.prior[lead.cause] / posterior.prior[rival.cause]))
    test, result, information = tells or ("", "", 0.0)
    leader = _short_title(DISEASES[lead.cause].title)
    return Exclusion(
        cause.name,
        cause.title,
        cause.family,
        p,
        p / float(posterior.probability[lead.cause]),
        status,
        words,
        weight,
        rarity,
        test,
        result,
        information,
        _sentence(_short_title(cause.title), leader, p, status, (words, weight, rarity), (test, result)),
        rough,
    )


def _weightiest(gained: Float64s, rough: Bools, sets: tuple[_FindingSet, ...]) -> tuple[str, float, bool]:
    """Return the unit that speaks most for the leader, or the part that does so far more as a whole."""
    count = 1 + max(max(each.positions) for each in sets)
    best = {}
    for whole in (False, True):
        own = [k for k, each in enumerate(sets) if (each.whole_part if whole else each.unit)]
        best[whole] = max(own, key=lambda k: gained[k], default=None)
    unit, part = best[False], best[True]
    chosen = unit
    if part is not None and (unit is None or gained[part] > _AS_A_WHOLE * max(gained[unit], _CLEAR_BITS)):
        chosen = part
    if chosen is None or gained[chosen] < _CLEAR_BITS:
        return "", 0.0, False
    as_a_whole = " as a whole" if sets[chosen].whole_part else ""
    words = sets[chosen].phrase(gained[:count]).words + as_a_whole
    return words, float(gained[chosen]), bool(rough[chosen])


def _best_test(
    lead: _Patients, rival: _Patients, items: list[_Item], at: NDArray[np.intp]
) -> tuple[str, str, float] | None:
    """Return the open test that tells two causes apart best, the result for the rival, and its bits."""
    noise = noise_sd()
    pair = [_thinned(lead), _thinned(rival)]
    means, spreads = zip(*(_moments(seen, at) for seen in pair), strict=True)
    apart = np.abs(means[0] - means[1]) / np.sqrt(spreads[0] + spreads[1] + noise[at] ** 2)
    share = np.exp([lead.log_probability, rival.log_probability])
    share = share / share.sum()
    best, chosen = 0.0, None
    for k in np.argsort(-apart)[:_TRIED]:
        table = np.stack([_results_of(seen, items[k], noise) for seen in pair])
        mean = share @ table
        ratio = np.log2(np.maximum(table, 1e-12) / np.maximum(mean, 1e-12))
        information = float(share @ (table * ratio).sum(axis=1))
        if information > best:
            result = items[k].results[int(np.argmax(table[1] - table[0]))]
            best, chosen = information, (_item_words(items[k]), result, information)
    return chosen


def _thinned(patients: _Patients) -> _PredictiveSample:
    """Return some of the patients as they are now, evenly taken."""
    step = max(len(patients.log_weights) // _PATIENTS, 1)
    weights = np.exp(patients.log_weights[::step])
    shown = patients.expected[-1][::step]
    return _PredictiveSample(weights / weights.sum(), (), (shown,), np.zeros((0, 2, 0), np.float32))


def _moments(seen: _PredictiveSample, at: NDArray[np.intp]) -> tuple[Float64s, Float64s]:
    values = seen.expected[-1][:, at].astype(np.float64)
    mean = seen.weights @ values
    return mean, seen.weights @ (values - mean) ** 2


def _item_words(item: _Item) -> str:
    """Return what would be tested as a noun, such as ``the left sural SNAP``."""
    about = _thing(_Observation(item.label, item.kind, "", (item.where,), -INF, INF))
    words = f"{about.before} {about.place}{about.end}".strip()
    if about.sign:
        return f"{about.article} {words}".strip()
    return f"the {words}"


def _sentence(
    name: str,
    leader: str,
    probability: float,
    status: Status,
    by: tuple[str, float, float],
    test: tuple[str, str],
) -> str:
    """Return in one sentence what excludes an alternative, or what would tell it from the leader."""
    words, weight, rarity = by
    against = [f"{words} ({weight:.1f} bits)"] if words else []
    if rarity >= _RARE_BITS:
        against.append(f"its rarity ({rarity:.1f} bits)")
    text = f"{_capital(name)} is {status} ({_percent(probability)})"
    if against:
        how = "; most against it:" if status == "not yet excluded" else ", chiefly by"
        text += f"{how} {_listed(against)}"
    if test[0]:
        text += f"; best told from {leader} by {test[0]} (“{test[1]}” speaks for {name})"
    return text + "."


_NAMED_BITS = 0.3
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
    problem: _Problem,
    used: list[tuple[_Observation, ...]],
    posterior: Posterior,
    views: dict[int, _PredictiveSample],
    tested: Set[Address],
) -> Explanation | None:
    """Explain a consult."""
    counts = tuple(len(visit) for visit in used)
    causes = _gather(views, posterior.probability, counts)
    if len(causes) < 2 or not sum(counts):
        return None
    age, height = _or(problem.person.age_years, 60.0), _or(problem.person.height_cm, REFERENCE_HEIGHT_CM)
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
    pros = [row for row in units if row.weight.bits >= _NAMED_BITS]
    cons = [row for row in units if row.weight.bits <= -_NAMED_BITS]
    stated = [*pros[:_NAMED], *cons[:_NAMED]]
    named = {(row.found.part, row.weight.bits > 0.0) for row in stated}
    more = [
        row
        for row in whole
        if abs(row.weight.bits) >= 2.0 * _NAMED_BITS and (row.found.part, row.weight.bits > 0.0) not in named
    ]
    cause = DISEASES[patients.cause]
    single = zip(own.gained[:count], own.too_few[:count], strict=True)
    return CauseCase(
        cause.name,
        cause.title,
        float(np.exp(patients.log_probability)),
        _for_and_against(
            cause.title,
            [row.phrase for row in pros[:_NAMED]],
            [row.phrase for row in cons[:_NAMED]],
            [row.weight for row in more],
        ),
        tuple(None if few else float(b) for b, few in single),
        tuple(row.weight for row in pros),
        tuple(row.weight for row in cons),
        tuple(row.weight for row in whole),
        any(row.weight.rough for row in (*stated, *more)),
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


def _for_and_against(title: str, pros: list[_Phrase], cons: list[_Phrase], more: list[Weight]) -> str:
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
