"""Numbers inside the model that nobody has measured: an answer integrates over their ranges of trust.

Such a number is the same for every cause, both sides and all visits. How far the evidence of a cause moves
with it is asked of the patients who explain the findings: the model is run again with the number below and
above what is filed, one after the other. To second order the evidence is then known along each of them,
and its mean over all in closed form. So a cause that owes its lead to one guess loses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from garland._types import Float32s, Float64s
from garland.errors import EvidenceError
from garland.evidence import numbers_at, part
from garland.evidence.provenance import remembered
from garland.inference.doubtful_numbers import _Range
from garland.inference.likelihood import CHUNK, _as_now, _by_entry, _evaluation, _in_doubt, _Problem
from garland.inference.posterior import Posterior, _from_evidence, _side_by_side
from garland.inference.predictive import _log_mean
from garland.inference.smc import _some
from garland.model.findings import FINDINGS, SIDED, UNSIDED, Address, column

_MOST_CAUSES, _LEAST_PROBABLE = 8, 0.005
"""Causes whose evidence is followed along every number, and the probability from which one is [-]."""
_MOST_CURVED, _MOST_GAINED = 0.5, 2.0
"""How far the second order is believed: bend of the evidence, and what one number may add to it [nat]."""
_REACH = {
    "bedside/reflexes": "reflexes",
    "bedside/pain": "sensation",
    "bedside/sensation": "sensation",
    "bedside/strength": "signs",
    "bedside/walking": "signs",
    "fibres/muscle": "signs",
    "recordings/needle": "needle",
}
"""The one group of findings that the numbers of a part can move; others may move any."""


@dataclass(frozen=True)
class _Integrated:
    """A posterior in which numbers in doubt are integrated over.

    Attributes
    ----------
    posterior : Posterior
        Probabilities and evidences, the mean over the numbers.
    moved : dict
        What either end of the range of a number does to the log evidence of every cause, (2, C) [nat].
    """

    posterior: Posterior
    moved: dict[str, tuple[_Range, NDArray[np.float64]]] = field(default_factory=dict)


@remembered
def _ranges() -> tuple[_Range, ...]:
    """Return the numbers in doubt with their ranges."""
    rows = []
    for number in numbers_at(_in_doubt()):
        low, high = number.trusted
        if low is None or high is None or not isinstance(number.value, float):
            raise EvidenceError(f"{number.path}: is integrated over and has no range; write trusted: ...")
        rows.append(_Range(number.path, number, number.value, (low, high)))
    return tuple(sorted(rows, key=lambda row: _in_doubt().index(row.path)))


def _integrated(problem: _Problem, posterior: Posterior) -> _Integrated:
    """Return the posterior where every number in doubt may be anywhere in its range."""
    causes = [c for c in posterior.order[:_MOST_CAUSES] if posterior.probability[c] > _LEAST_PROBABLE]
    asked = _asked(problem)
    if len(causes) < 2 or not asked:
        return _Integrated(posterior)
    ranges, deviate = _ranges(), float(ndtri(0.5 + 0.5 * part("inference/uncertain").value("ends")))
    now = _as_now()
    every = [now]
    for place in asked:
        for end in ranges[place].ends:
            values = now.copy()
            values[place] += (end - now[place]) / deviate
            every.append(values)
    shifts: dict[int, Float64s] = {}

    def follow(cause: int) -> None:
        shifts[cause] = _shifts(problem, posterior, cause, every).reshape(len(asked), 2)

    _side_by_side(follow, causes)
    pairs = np.stack([posterior.log_evidence, posterior.evidence_error], axis=1)
    gained = {cause: _gained(shift) for cause, shift in shifts.items()}
    # What is not followed is taken to gain as little as any cause that is.
    pairs[:, 0] += min(gained.values())
    for cause, gain in gained.items():
        pairs[cause, 0] = posterior.log_evidence[cause] + gain
    moved = {}
    for row, place in enumerate(asked):
        ends = np.zeros((2, len(posterior.probability)))
        for cause, shift in shifts.items():
            ends[:, cause] = _at_ends(shift[row], deviate)
        moved[ranges[place].path] = ranges[place], ends
    with np.errstate(divide="ignore"):
        offset = np.log(posterior.prior)
    return _Integrated(_from_evidence(posterior.prior, offset, pairs, posterior.clouds), moved)


def _asked(problem: _Problem) -> list[int]:
    """Return the places of the numbers that can move anything that was found."""
    seen = {int(at) for visit in problem.seen for at in visit.column}
    groups = {group for group, columns in _columns().items() if not seen.isdisjoint(columns)}
    reach = (_REACH.get(path.rpartition(".")[0]) for path in _in_doubt())
    return [place for place, group in enumerate(reach) if group is None or group in groups]


@remembered
def _columns() -> Mapping[str, frozenset[int]]:
    """Return the columns of the findings of each group."""
    found: dict[str, set[int]] = {}
    for name, kind in FINDINGS.items():
        items, sides = (SIDED[name], (0, 1)) if name in SIDED else (UNSIDED[name], (None,))
        columns = {column(Address(name, side, item)) for side in sides for item in items}
        found.setdefault(kind.group, set()).update(columns)
    return {group: frozenset(columns) for group, columns in found.items()}


def _shifts(problem: _Problem, posterior: Posterior, cause: int, every: list[Float32s]) -> Float64s:
    """Return how the log evidence of a cause moves with each set of numbers after the first [nat]."""
    cloud = posterior.clouds[cause]
    index, weights = _some(cloud, CHUNK)
    begin = _evaluation(problem.person, cloud.cause, problem.timings)
    shown = begin(cloud.vectors[index], every)
    visits, fit = len(problem.timings), np.zeros((len(every), len(index)))
    for number, (found, _) in enumerate(shown):
        seen = problem.seen[number % visits]
        at = np.asarray(found)[seen.column, : len(index)].astype(np.float64).T
        fit[number // visits] += _by_entry(at, seen).sum(axis=1)
    return np.array([float(_log_mean(row - fit[0], weights)) for row in fit[1:]])


def _gained(shifts: Float64s) -> float:
    """Return the log of the mean of the evidence over all numbers, from its shifts one deviation below and
    above each, (K, 2): closed form of a parabola under a normal law [nat].
    """
    slope = 0.5 * (shifts[:, 1] - shifts[:, 0])
    bend = np.minimum(shifts[:, 1] + shifts[:, 0], _MOST_CURVED)
    each = -0.5 * np.log1p(-bend) + 0.5 * slope**2 / (1.0 - bend)
    return float(np.minimum(each, _MOST_GAINED).sum())


def _at_ends(shift: Float64s, deviate: float) -> Float64s:
    """Return the shift at both ends of a range from that one deviation below and above, (2,) [nat]."""
    slope, bend = 0.5 * (shift[1] - shift[0]), shift[1] + shift[0]
    return np.array([at * slope + 0.5 * at**2 * bend for at in (-deviate, deviate)])
