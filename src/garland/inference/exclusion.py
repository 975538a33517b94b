"""The diagnosis of exclusion: which alternative is excluded by what, and what would exclude the others."""

from __future__ import annotations

from collections.abc import Set

import numpy as np
from numpy.typing import NDArray

from garland.inference.candidate_tests import Item, _open_items
from garland.inference.explained import Exclusion, Status
from garland.inference.finding_sets import _FindingSet
from garland.inference.leaving_out import Flags, Floats, _Patients, _Weighed
from garland.inference.observations import INF, Observation
from garland.inference.phrases import _capital, _listed, _percent, _short_title, _thing
from garland.inference.posterior import Posterior
from garland.inference.review import _View
from garland.inference.test_selection import _results_of
from garland.model.diseases import DISEASES
from garland.model.findings import Address, column, noise_sd

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


def _weightiest(gained: Floats, rough: Flags, sets: tuple[_FindingSet, ...]) -> tuple[str, float, bool]:
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
    lead: _Patients, rival: _Patients, items: list[Item], at: NDArray[np.intp]
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


def _thinned(patients: _Patients) -> _View:
    """Return some of the patients as they are now, evenly taken."""
    step = max(len(patients.log_weights) // _PATIENTS, 1)
    weights = np.exp(patients.log_weights[::step])
    shown = patients.expected[-1][::step]
    return _View(weights / weights.sum(), (), (shown,), np.zeros((0, 2, 0), np.float32))


def _moments(seen: _View, at: NDArray[np.intp]) -> tuple[Floats, Floats]:
    values = seen.expected[-1][:, at].astype(np.float64)
    mean = seen.weights @ values
    return mean, seen.weights @ (values - mean) ** 2


def _item_words(item: Item) -> str:
    """Return what would be tested as a noun, such as ``the left sural SNAP``."""
    about = _thing(Observation(item.label, item.kind, "", (item.where,), -INF, INF))
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
