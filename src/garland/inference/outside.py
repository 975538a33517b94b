"""None of these: how likely a record is where the cause is none of the list.

Nothing is known of such a patient but the kind of thing it could be, so findings are taken one by one. A kind
says what to expect of some of them, more or less all at once by how severe it is; all others come as they do
among patients of every cause together, or as in health. The last kind says nothing and takes all as they
come: it is what a record goes to that no cause explains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

from garland._types import Bools, Float32s, Float64s
from garland.anatomy.terminology import terms
from garland.errors import EvidenceError
from garland.evidence import Part, part
from garland.evidence.provenance import remembered
from garland.inference.likelihood import Timing, _by_entry, _by_observation, _Problem, _shown_in_full
from garland.inference.observations import SIDES, _Arrays
from garland.model.diseases import DISEASES, index_of
from garland.model.findings import FINDINGS, SIDED, UNSIDED, Address, column, noise_sd
from garland.model.latents import normals
from garland.model.patient import Person

NAME, TITLE, FAMILY = "none-of-these", "none of these causes", "outside the list"
"""What stands for a cause that is none of the list."""
_OF_EACH = 32
"""Patients of every cause among whom findings are counted [-]."""
_SEVERITIES = ((-1.22474487, 0.25), (0.0, 0.5), (1.22474487, 0.25))
"""Severities, as standard normal scores, and their weights: a spread of 1 in three points."""


@dataclass(frozen=True)
class _Outside:
    """A cause outside the list against those in it.

    Attributes
    ----------
    share : float
        Probability before the findings [0..1].
    log_evidence : float
        Log marginal likelihood of the findings [nat].
    kinds : tuple of (str, float)
        What it could be, in words, and how probable each kind is then, the most probable first [0..1].
    nearest : str
        The most probable kind, empty where that is anything at all.
    """

    share: float
    log_evidence: float
    kinds: tuple[tuple[str, float], ...] = ()
    nearest: str = ""

    def probability(self, log_evidence_within: float) -> float:
        """Return its probability where the causes of the list have this log evidence together [0..1]."""
        if self.share <= 0.0:
            return 0.0
        odds = np.log(self.share / (1.0 - self.share)) + self.log_evidence - log_evidence_within
        return float(1.0 / (1.0 + np.exp(-np.clip(odds, -700.0, 700.0))))


_NOTHING_OUTSIDE = _Outside(0.0, -np.inf)
"""Where the cause is known to be in the list."""


class _Kind(NamedTuple):
    """One kind of cause outside the list.

    Attributes
    ----------
    title : str
        In words.
    share : float
        Share among the kinds [0..1].
    mean, sd : (F,)
        Expected findings and their spread between patients; NaN where the kind says nothing.
    healthy : (F,)
        Whether a finding comes as in health.
    like : tuple of int
        Causes that it resembles, among whose patients all other findings are counted; none: among all.
    """

    title: str
    share: float
    mean: Float64s
    sd: Float64s
    healthy: Bools
    like: tuple[int, ...]


def _weigh_outside(problem: _Problem) -> _Outside:
    """Return how likely the findings are where the cause is none of the list."""
    numbers = part("inference/outside")
    if not problem.real:
        return _NOTHING_OUTSIDE
    share = numbers.value("share")
    if not problem.seen:
        return _Outside(share, 0.0)
    pool = [visit.reshape(-1, visit.shape[-1]) for visit in _pool_of(problem)]
    each = [_by_observation(shown, seen) for shown, seen in zip(pool, problem.seen, strict=True)]
    alike = _alike(pool[0])
    healthy = [_counted(log_p, np.concatenate(alike[index_of("none")])) for log_p in each]
    kinds = _kinds()
    rows = np.zeros(len(kinds))
    for number, kind in enumerate(kinds):
        groups = [group for cause in kind.like for group in alike[cause] if len(group)] or [
            np.arange(len(pool[0]))
        ]
        common = [[_counted(log_p, group) for log_p in each] for group in groups]
        parts = []
        for severity, weight in _SEVERITIES:
            own = [_of_kind(kind, severity, *visit) for visit in zip(problem.seen, healthy, strict=True)]
            for others in common:
                visits = zip(own, others, strict=True)
                total = sum(float(np.where(known, log_p, other).sum()) for (log_p, known), other in visits)
                parts.append(np.log(weight) + total)
        rows[number] = np.log(kind.share / len(groups)) + logsumexp(parts)
    given = softmax(rows)
    order = [int(i) for i in np.argsort(-rows, kind="stable")]
    first = kinds[order[0]]
    nearest = "" if np.isnan(first.mean).all() else first.title
    ranked = tuple((kinds[i].title, float(given[i])) for i in order)
    return _Outside(share, float(logsumexp(rows)), ranked, nearest)


def _alike(shown: Float32s) -> list[list[NDArray[np.intp]]]:
    """Return by cause the patients of the pool that are worse on the left, and those worse on the right."""
    legs = terms().movement_groups["leg"]
    left, right = (
        shown[:, [column(Address("movement_strength", side, move)) for move in legs]].sum(axis=1)
        for side in range(len(SIDES))
    )
    cause = np.repeat(np.arange(len(DISEASES)), len(shown) // len(DISEASES))
    return [
        [np.flatnonzero((cause == c) & worse) for worse in (left < right, left >= right)]
        for c in range(len(DISEASES))
    ]


def _counted(log_p: Float64s, group: NDArray[np.intp]) -> Float64s:
    """Return the log of the mean likelihood of each observation over some patients, shape (O,) [nat]."""
    return np.asarray(logsumexp(log_p[group], axis=0) - np.log(len(group)))


def _of_kind(kind: _Kind, severity: float, seen: _Arrays, healthy: Float64s) -> tuple[Float64s, Bools]:
    """Return the log likelihood of each observation of a visit for a kind of some severity, and of which the
    kind says anything at all, (O,) each.
    """
    together = part("inference/outside").value("together")
    mean, sd = kind.mean[seen.column], kind.sd[seen.column]
    known = ~np.isnan(mean)
    at = np.where(known, mean + together * sd * severity, 0.0)
    spread = np.where(known, np.hypot(seen.sd, sd * np.sqrt(1.0 - together**2)), seen.sd)
    own = _by_entry(at[None], seen._replace(sd=spread))[0]
    entries = len(seen.column)
    speaks = seen.summed(known.astype(float)) == seen.summed(np.ones(entries))
    sound = seen.summed(kind.healthy[seen.column].astype(float)) == seen.summed(np.ones(entries))
    return np.where(speaks, own, healthy), np.asarray(speaks | sound)


def _pool_of(problem: _Problem) -> tuple[Float32s, ...]:
    """Return what patients of every cause like this one show at each visit, (C, N, F) each."""
    known = np.array(problem.person, np.float32).tobytes(), np.array(problem.timings, np.float32).tobytes()
    return tuple(visit.reshape(len(DISEASES), -1, visit.shape[-1]) for visit in _pool(*known))


@lru_cache(maxsize=4)
def _pool(person: bytes, timings: bytes) -> tuple[Float32s, ...]:
    """Return what patients of every cause like this one show at each visit, cause by cause, (N, F) each."""
    known = Person(*np.frombuffer(person, np.float32))
    when = tuple(Timing(*row) for row in np.frombuffer(timings, np.float32).reshape(-1, len(Timing._fields)))
    shown = [
        _shown_in_full(known, cause, normals(np.random.default_rng([_OF_EACH, cause]), _OF_EACH), when)[0]
        for cause in range(len(DISEASES))
    ]
    # The mirror image of a patient is as common as the patient.
    both = [[np.concatenate([found, found[:, _mirror_columns()]]) for found in visits] for visits in shown]
    return tuple(np.concatenate([of_cause[visit] for of_cause in both]) for visit in range(len(when)))


@lru_cache(maxsize=1)
def _mirror_columns() -> NDArray[np.intp]:
    """Return for every finding the column of the same finding on the other side, shape (F,)."""
    across = np.arange(len(noise_sd()))
    for field, items in SIDED.items():
        for item in items:
            left, right = (column(Address(field, side, item)) for side in range(len(SIDES)))
            across[left], across[right] = right, left
    return across


@remembered
def _kinds() -> tuple[_Kind, ...]:
    numbers = part("inference/outside")
    kinds = tuple(_kind(numbers.group(name)) for name in numbers.group_names)
    total = sum(kind.share for kind in kinds)
    if abs(total - 1.0) > 1e-6:
        raise EvidenceError(f"{numbers.path}: the shares of the kinds add up to {total:g}; make it 1")
    return kinds


def _kind(numbers: Part) -> _Kind:
    size = len(noise_sd())
    mean, sd, healthy = np.full(size, np.nan), np.full(size, np.nan), np.zeros(size, bool)
    if "healthy" in numbers:
        for name in numbers.table("healthy"):
            healthy[_columns(name, numbers.path)] = True
    if "expected" in numbers:
        spread = numbers.table("spread")
        for name, value in numbers.table("expected").items():
            mean[_columns(name, numbers.path)], sd[_columns(name, numbers.path)] = value, spread[name]
    named = set(numbers.table("like")) if "like" in numbers else set()
    like = tuple(i for i, cause in enumerate(DISEASES) if named & {cause.name, cause.family})
    return _Kind(numbers.number("share").description, numbers.value("share"), mean, sd, healthy, like)


def _columns(name: str, path: str) -> list[int]:
    """Return the columns of a field, of a part of the examination, or of items of these."""
    field, _, items = name.partition(" ")
    fields = [f for f, kind in FINDINGS.items() if field in (f, kind.part)]
    every = {**SIDED, **UNSIDED}
    wanted = terms().movement_groups.get(items, (items,) if items else None)
    found = [
        column(Address(f, side, item))
        for f in fields
        for item in every[f]
        if wanted is None or item in wanted
        for side in (range(len(SIDES)) if f in SIDED else (None,))
    ]
    if not found:
        raise EvidenceError(f"{path}: {name!r} is no field, or has no such items")
    return found
