"""Numbers inside the model that nobody has measured: an answer integrates over their ranges of trust.

Such a number is the same for every cause, both sides and all visits. How far the evidence of a cause moves
with it is asked of the patients who explain the findings: the model is run again with the number below and
above what is filed, one after the other. To second order the evidence is then known along each of them,
and its mean over all in closed form. So a cause that owes its lead to one guess loses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from garland._types import Bools, Float64s
from garland.errors import EvidenceError
from garland.evidence import numbers_at, part
from garland.evidence.provenance import remembered
from garland.inference.doubtful_numbers import _Range
from garland.inference.likelihood import CHUNK, _as_now, _by_entry, _evaluation, _in_doubt, _Problem
from garland.inference.posterior import Posterior, _side_by_side
from garland.inference.smc import Particles, _some
from garland.model.findings import FINDINGS, SIDED, UNSIDED, Address, column

_MOST_CAUSES, _LEAST_PROBABLE = 5, 0.01
"""Causes whose evidence is followed along every number, and the probability from which one is [-]."""
_FEW, _MANY, _MATTERS = CHUNK, 8 * CHUNK, 0.05
"""Patients asked about every number, those asked about the numbers that may add this much to an evidence, and
that much [-, -, nat].
"""
_MOST_CURVED, _MOST_GAINED = 0.5, 2.0
"""How far the second order is believed: bend of the evidence, and what one number may add to it [nat]."""
_BLOCKS = 8
"""Blocks of patients left out in turn to tell the error of what is gained [-]."""
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
    deviate = float(ndtri(0.5 + 0.5 * part("inference/uncertain").value("ends")))
    responses: dict[int, _Response] = {}

    def follow(cause: int, places: list[int], patients: int) -> None:
        cloud = posterior.clouds[cause]
        responses[cause] = _response(problem, cloud, places, deviate, patients)

    _side_by_side(lambda cause: follow(cause, asked, _FEW), causes)
    most = np.max([_each_gained(responses[c].shifts()) for c in causes], axis=0)
    few = {c: responses[c] for c in causes}
    close = [place for place, gain in zip(asked, most, strict=True) if gain > _MATTERS]
    if close:
        _side_by_side(lambda cause: follow(cause, close, _MANY), causes)
    at = [asked.index(place) for place in close]
    gained, error, moved = {}, {}, {place: np.zeros((2, len(posterior.prior))) for place in asked}
    for cause in causes:
        rest, shifts = np.delete(few[cause].shifts(), at, axis=0), few[cause].shifts()
        gained[cause], error[cause] = float(_each_gained(rest).sum()), 0.0
        if close:
            more, error[cause] = responses[cause].gained()
            gained[cause] += more
            shifts[at] = responses[cause].shifts()
        for row, place in enumerate(asked):
            moved[place][:, cause] = _at_ends(shifts[row], deviate)
    found = _with_gains(posterior, gained, error)
    # An answer that the numbers would take away by the scatter of a few patients stands as it was.
    if found.failures and not posterior.failures:
        return _Integrated(posterior)
    ranges = _ranges()
    return _Integrated(found, {ranges[place].path: (ranges[place], ends) for place, ends in moved.items()})


def _with_gains(posterior: Posterior, gained: dict[int, float], error: dict[int, float]) -> Posterior:
    """Return the posterior where the evidence of causes has gained so much, with such an error [nat]."""
    pairs = posterior.evidence
    # What is not followed is taken to gain as little as any cause that is.
    pairs[:, 0] += min(gained.values())
    for cause, gain in gained.items():
        pairs[cause, 0] = posterior.log_evidence[cause] + gain
        pairs[cause, 1] = np.hypot(pairs[cause, 1], error[cause])
    return posterior.where(pairs)


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


class _Response(NamedTuple):
    """How the fit of patients of one cause goes with numbers: their weights (N,), and what one deviation
    below and above each number does to the log likelihood of each, (K, 2, N) [nat].
    """

    weights: Float64s
    moved: Float64s

    def shifts(self) -> Float64s:
        """Return how the log evidence moves one deviation below and above each number, (K, 2) [nat].

        To second order: the mean slope, the mean bend, and the spread of slopes, for the patients who explain
        the findings shift as well.
        """
        slope = 0.5 * (self.moved[:, 1] - self.moved[:, 0])
        mean = slope @ self.weights
        bend = (self.moved[:, 0] + self.moved[:, 1]) @ self.weights
        bend = bend + (slope - mean[:, None]) ** 2 @ self.weights
        return np.stack([0.5 * bend - mean, 0.5 * bend + mean], axis=1)

    def gained(self) -> tuple[float, float]:
        """Return what all numbers add to the log evidence, and its error by leaving out blocks [nat]."""
        blocks = np.arange(len(self.weights)) % _BLOCKS
        left = [self._without(blocks == block) for block in range(_BLOCKS)]
        each = [float(_each_gained(one.shifts()).sum()) for one in left]
        error = np.sqrt((_BLOCKS - 1.0) * np.var(each))
        return float(_each_gained(self.shifts()).sum()), float(error)

    def _without(self, block: Bools) -> _Response:
        weights = self.weights[~block]
        return _Response(weights / weights.sum(), self.moved[:, :, ~block])


def _response(
    problem: _Problem, cloud: Particles, places: list[int], deviate: float, patients: int
) -> _Response:
    """Return how patients of one cause respond to numbers at some places, one after the other."""
    index, weights = _some(cloud, min(patients, len(cloud.vectors)))
    begin = _evaluation(problem.person, cloud.cause, problem.timings)
    now, visits = _as_now(), len(problem.timings)
    every = [now]
    for place in places:
        for end in _ranges()[place].ends:
            values = now.copy()
            values[place] += (end - now[place]) / deviate
            every.append(values)
    rows = []
    for start in range(0, len(index), CHUNK):
        chunk = index[start : start + CHUNK]
        fit = np.zeros((len(every), len(chunk)))
        for number, (found, _) in enumerate(begin(cloud.vectors[chunk], every)):
            seen = problem.seen[number % visits]
            at = np.asarray(found)[seen.column, : len(chunk)].astype(np.float64).T
            fit[number // visits] += _by_entry(at, seen).sum(axis=1)
        rows.append(fit[1:] - fit[0])
    moved = np.concatenate(rows, axis=1).reshape(len(places), 2, -1)
    return _Response(weights, moved)


def _each_gained(shifts: Float64s) -> Float64s:
    """Return the log of the mean of the evidence over each number, from its shifts one deviation below and
    above it, (K, 2) to (K,): closed form of a parabola under a normal law [nat].
    """
    slope = 0.5 * (shifts[:, 1] - shifts[:, 0])
    bend = np.minimum(shifts[:, 1] + shifts[:, 0], _MOST_CURVED)
    each = -0.5 * np.log1p(-bend) + 0.5 * slope**2 / (1.0 - bend)
    return np.asarray(np.minimum(each, _MOST_GAINED))


def _at_ends(shift: Float64s, deviate: float) -> Float64s:
    """Return the shift at both ends of a range from that one deviation below and above, (2,) [nat]."""
    slope, bend = 0.5 * (shift[1] - shift[0]), shift[1] + shift[0]
    return np.array([at * slope + 0.5 * at**2 * bend for at in (-deviate, deviate)])
