"""The most probable patients of a cause, a Gaussian about each, and their mixture with the prior of the
latents.

A Gaussian here differs from chance in some entries only; every other entry stays standard normal. Densities
are told relative to chance, so that those entries cancel.

The log posterior of chance is, up to a constant, minus half the sum of squares of chance and residuals. Its
maximum is thus a problem of least squares: slopes of all residuals come from one call with every entry of
chance moved a little, and a handful of steps suffices. Steps that do not improve are damped. The curvature at
the maximum gives the Gaussian. It need not be exact: it only proposes, and what it proposes is weighed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from garland._types import Float32s, Float64s
from garland.inference.likelihood import CHUNK, _Hypothesis, _Problem
from garland.model.latents import BLOCKS, N_LATENTS, normals, place_of


class _Gaussian(NamedTuple):
    """A normal law of some entries of chance.

    Attributes
    ----------
    entries : (A,)
        Which entries.
    mean : (A,)
        Their mean [-].
    root : (A, A)
        Lower triangular; root times its transpose is the precision.
    """

    entries: NDArray[np.int64]
    mean: Float64s
    root: Float64s

    def standard(self, vectors: Float32s) -> Float64s:
        """Return the entries as independent standard normals, shape (N, A)."""
        return np.asarray((vectors[:, self.entries] - self.mean) @ self.root)

    def log_ratio(self, vectors: Float32s) -> Float64s:
        """Return the log density relative to chance, shape (N,) [nat]."""
        own = vectors[:, self.entries].astype(np.float64)
        height = float(np.log(np.diag(self.root)).sum())
        return np.asarray(height + 0.5 * (own**2).sum(1) - 0.5 * (self.standard(vectors) ** 2).sum(1))

    def spread(self, noise: Float32s) -> Float64s:
        """Return deviations from the mean that have its covariance, from standard normals (N, A)."""
        return np.asarray(np.linalg.solve(self.root.T, noise.T.astype(np.float64)).T)


@dataclass(frozen=True)
class _MixtureProposal:
    """The law from which patients of a cause are first drawn: chance, and Gaussians about modes.

    Attributes
    ----------
    parts : tuple of Gaussian
        The Gaussians; none leaves chance alone.
    shares : (1 + parts,)
        Share of chance, then of every Gaussian; they sum to one [-].
    diseases : int
        How many diseases a patient has, each with latents of its own [-].
    """

    parts: tuple[_Gaussian, ...] = ()
    shares: tuple[float, ...] = (1.0,)
    diseases: int = 1

    def draw(self, rng: np.random.Generator, n: int) -> Float32s:
        """Return chance of `n` patients, shape (n, N_LATENTS); the shares are met as evenly as `n` allows."""
        vectors = _normals_of(rng, n, self.diseases)
        ladder = np.cumsum(self.shares) - 1e-9
        which = rng.permutation(np.searchsorted(ladder, (np.arange(n) + rng.random()) / n * ladder[-1]))
        for number, part in enumerate(self.parts, start=1):
            mine = np.flatnonzero(which == number)
            deviation = part.spread(vectors[np.ix_(mine, part.entries)])
            vectors[np.ix_(mine, part.entries)] = part.mean + deviation
        return vectors

    def log_ratio(self, vectors: Float32s) -> Float64s:
        """Return the log density relative to chance, shape (N,) [nat]; zero for chance alone."""
        if not self.parts:
            return np.zeros(len(vectors))
        rows = [np.full(len(vectors), np.log(max(self.shares[0], 1e-12)))]
        for share, part in zip(self.shares[1:], self.parts, strict=True):
            rows.append(np.log(max(share, 1e-12)) + part.log_ratio(vectors))
        return np.asarray(np.logaddexp.reduce(rows, axis=0))


def _normals_of(rng: np.random.Generator, n: int, diseases: int) -> Float32s:
    """Return chance alone of `n` patients with some diseases, (n, diseases * N_LATENTS) [-]."""
    every = [normals(rng, n) for _ in range(diseases)]
    return every[0] if diseases == 1 else np.concatenate(every, axis=1)


def _normals_like(rng: np.random.Generator, vectors: Float32s) -> Float32s:
    """Return chance alone of as many patients with as many diseases, same shape [-]."""
    return _normals_of(rng, len(vectors), vectors.shape[1] // N_LATENTS)


def systematic(mass: Float64s, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return indices of `n` draws in proportion to mass, as evenly as `n` allows."""
    ladder = np.cumsum(mass)
    rungs = (np.arange(n) + rng.random()) / n * ladder[-1]
    return np.asarray(np.minimum(np.searchsorted(ladder, rungs), len(mass) - 1))


def _fitted(vectors: Float32s, base: _MixtureProposal) -> _Gaussian:
    """Return a Gaussian with the mean and spread of patients, entry by entry, where they are informed.

    Only entries that act at a mode are asked: among a hundred others some depart from N(0, 1) by accident.
    """
    acting = np.unique(np.concatenate([part.entries for part in base.parts] or [np.zeros(0, np.int64)]))
    mean, sd = vectors.mean(axis=0), vectors.std(axis=0)
    entries = acting[(np.abs(mean[acting]) > _INFORMED_MEAN) | (sd[acting] < _INFORMED_SD)]
    root = np.diag(1.0 / np.clip(sd[entries], _NARROWEST, _WIDEST)).astype(np.float64)
    return _Gaussian(entries, mean[entries].astype(np.float64), root)


def _learnt(vectors: Float32s, base: _MixtureProposal) -> _MixtureProposal:
    """Return a base learnt from patients drawn to the end: Gaussians of their mean and covariance, wide and
    narrow, besides the base that they came from.
    """
    entries = np.unique(np.concatenate([part.entries for part in base.parts] or [np.zeros(0, np.int64)]))
    if not len(entries):
        return base
    own = vectors[:, entries].astype(np.float64)
    # As many patients as entries say little of how entries go together: half of that is believed.
    doubt = len(entries) / (len(entries) + len(own))
    covariance = np.atleast_2d(np.cov(own.T))
    covariance = (1.0 - doubt) * covariance + doubt * np.diag(np.diag(covariance) + 1e-3)
    parts = [
        _Gaussian(entries, own.mean(axis=0), np.linalg.cholesky(np.linalg.inv(wider * covariance)))
        for wider in _LEARNT_WIDTH
    ]
    older = [share * _LEARNT_SHARE[-1] for share in base.shares]
    return replace(base, parts=(*parts, *base.parts), shares=(older[0], *_LEARNT_SHARE[:-1], *older[1:]))


_LEARNT_WIDTH, _LEARNT_SHARE = (1.1, 2.0), (0.4, 0.3, 0.3)
"""Variances of what was learnt, as shares of those found; shares of these and of the older base [-]."""
_INFORMED_MEAN, _INFORMED_SD = 0.2, 0.85
_NARROWEST, _WIDEST = 0.25, 1.2


_NUDGE = 0.25
"""By how much an entry is moved for a slope [sd]: wide enough to feel a threshold nearby."""
_FELT = 1e-3
_DAMPING = (0.0, 0.0, 0.0, 1.0, 6.0)
_LENGTH = (1.0, 0.5, 0.2, 1.0, 1.0)
"""Steps tried at once: damping and length [-]."""
_TURNED, _BOTH_SIDES = 16, 1.7
"""Patients turned round for a start, and where the entry that strikes the other side is put then [-]."""
_LOTS_OF_A_SIDE, _OTHER_LOTS = 12, 8
"""Lots of entries that are moved together to find those that act [-]."""


def _lots() -> NDArray[np.int64]:
    """Return the lot of every entry, shape (N_LATENTS,).

    Names decide, not places, so that a block that is widened moves no answer; the sides have lots of their
    own, so that the mirrored patient has the mirrored answer.
    """
    rows: list[int] = []
    for name, block in BLOCKS.items():
        own = block.size // 2 if block.sided else block.size
        names = [crc32(f"{name} {number}".encode()) for number in range(own)]
        if block.sided:
            rows += [2 * (number % _LOTS_OF_A_SIDE) + side for side in (0, 1) for number in names]
        else:
            rows += [2 * _LOTS_OF_A_SIDE + number % _OTHER_LOTS for number in names]
    return np.array(rows)


_LOT_OF = _lots()
_RENEWED = 2
"""Every how many steps slopes are found anew [-]."""
_SAME = 0.5
_SHARE_OF_CHANCE = 0.1
_DEEPEST = 12.0
_KEPT = 3
_FLATTER = (0.7, 0.25)
"""Curvatures of the Gaussians about one maximum, as shares of the one found: the second is for the tails."""


@dataclass
class _GaussNewton:
    """One search: the best patient so far, the slopes (`fresh`: found there), and where to look next."""

    at: Float64s
    cost: float = np.inf
    residual: Float64s = field(default_factory=lambda: np.zeros(0))
    slope: NDArray[np.float64] | None = None
    fresh: bool = False
    damping: float = 0.0
    done: bool = False

    def tries(self, entries: NDArray[np.int64]) -> Float64s:
        """Return the next patients to try, shape (T, N_LATENTS); the first is the plain step."""
        if self.slope is None:
            return self.at[None]
        slope, pull = self.slope, self.at.copy()
        pull[entries] += slope.T @ self.residual
        # In the directions of the curvature every damping is a division.
        curvature, along = np.linalg.eigh(slope.T @ slope)
        turned = along.T @ pull[entries]
        rows = []
        for damping, length in zip(_DAMPING, _LENGTH, strict=True):
            weight = 1.0 + damping + self.damping
            step = -pull / weight
            step[entries] = -along @ (turned / (weight + np.maximum(curvature, 0.0)))
            rows.append(self.at + length * step)
        return np.array(rows)


def _find_modes(
    problem: _Problem, cause: _Hypothesis, starts: Float32s, rounds: int, closely: bool = False
) -> _MixtureProposal:
    """Return chance mixed with a Gaussian about every maximum found."""
    climbs = [_GaussNewton(start.astype(np.float64)) for start in starts]
    entries = _look_about(problem, cause, climbs[:1])
    for number in range(rounds):
        _step(problem, cause, climbs, entries, number)
    if closely:
        # Other entries may act at the maximum than where the search began.
        climbs = _apart(climbs, entries)[:_KEPT]
        entries = _look_about(problem, cause, climbs)
        for number in range(rounds - 2):
            _step(problem, cause, climbs, entries, number)
    climbs = _apart(climbs, entries)
    return _mixture(climbs, entries, _finish(problem, cause, climbs, entries))


def _look_about(problem: _Problem, cause: _Hypothesis, climbs: list[_GaussNewton]) -> NDArray[np.int64]:
    """Find the slopes along the entries of chance where the searches stand; return the entries that act.

    Entries are moved a few at a time first: where nothing stirs, none of them acts.
    """
    size = len(climbs[0].at)
    at = np.array([climb.at for climb in climbs])
    lots = np.concatenate([_LOT_OF + number * (_LOT_OF.max() + 1) for number in range(size // N_LATENTS)])
    moved = np.repeat(at, lots.max() + 2, axis=0).reshape(len(climbs), -1, size)
    moved[:, 1 + lots, np.arange(size)] += _NUDGE
    residual = _residuals_at(problem, cause, moved)
    here = residual[:, :1]
    stirred: Float64s = np.abs(residual[:, 1:] - here).max(axis=(0, 2))
    tried = np.flatnonzero(stirred[lots] > _FELT * _NUDGE)
    moved = np.repeat(at, len(tried), axis=0).reshape(len(climbs), -1, size)
    moved[:, np.arange(len(tried)), tried] += _NUDGE
    slopes = (_residuals_at(problem, cause, moved) - here) / _NUDGE
    steepest: Float64s = np.abs(slopes).max(axis=(0, 2), initial=0.0)
    acting = np.flatnonzero(steepest > _FELT)
    entries = tried[acting]
    for climb, found, slope in zip(climbs, here[:, 0], slopes[:, acting], strict=True):
        climb.residual, climb.slope = found, slope.T
        climb.cost = float(_cost(climb.at[None], found[None], entries)[0])
        climb.damping, climb.done, climb.fresh = 0.0, False, True
    return entries


def _residuals_at(problem: _Problem, cause: _Hypothesis, vectors: Float64s) -> Float64s:
    """Return the residuals of patients, (A, B, N_LATENTS) to (A, B, R)."""
    if not vectors.size:
        return np.zeros((*vectors.shape[:2], 1))
    _, residual = problem.log_likelihood(cause, vectors.reshape(-1, vectors.shape[-1]).astype(np.float32))
    return residual.reshape(*vectors.shape[:2], -1)


def _step(
    problem: _Problem, cause: _Hypothesis, climbs: list[_GaussNewton], entries: NDArray[np.int64], number: int
) -> None:
    """Try the next steps of every search in one call and keep what improves.

    Slopes are found anew every other time, or where the patients for it fit into the same call: in between,
    what the step itself told of them is enough.
    """
    moving = [climb for climb in climbs if not climb.done]
    if not moving:
        return
    tries = [climb.tries(entries) for climb in moving]
    steps = sum(len(row) for row in tries)
    free = -(-steps // CHUNK) == -(-(steps + len(moving) * len(entries)) // CHUNK)
    rows = []
    for climb, row in zip(moving, tries, strict=True):
        if free or climb.slope is None or number % _RENEWED == _RENEWED - 1:
            nudged = np.repeat(row[:1], len(entries), axis=0)
            nudged[np.arange(len(entries)), entries] += _NUDGE
            rows.append(np.concatenate([row, nudged]))
        else:
            rows.append(row)
    _, residual = problem.log_likelihood(cause, np.concatenate(rows).astype(np.float32))
    ends = np.cumsum([len(row) for row in rows])
    for climb, vectors, row, end in zip(moving, rows, tries, ends, strict=True):
        _take(climb, (vectors, residual[end - len(vectors) : end]), len(row), entries)


def _cost(vectors: Float64s, residual: Float64s, entries: NDArray[np.int64]) -> Float64s:
    """Return minus the log posterior of patients, (N,) [nat], as far as entries that act decide it.

    What the others happen to be must not choose between two steps.
    """
    return np.asarray(0.5 * (vectors[:, entries] ** 2).sum(axis=1) + 0.5 * (residual**2).sum(axis=1))


def _take(
    climb: _GaussNewton, shown: tuple[Float64s, Float64s], tried: int, entries: NDArray[np.int64]
) -> None:
    """Move a search to the best of its tries, or damp it."""
    vectors, residual = shown
    cost = _cost(vectors[:tried], residual[:tried], entries)
    best = int(np.argmin(cost))
    # Without slopes it was only looked about the place itself, which is no step that could fail.
    stepped = climb.slope is not None
    if stepped and cost[best] >= climb.cost and not climb.fresh:
        climb.slope = None
        return
    if stepped and cost[best] >= climb.cost:
        climb.damping = max(8.0 * climb.damping, 20.0)
        climb.done = climb.damping > 1e4
        return
    climb.done = stepped and bool(climb.cost - cost[best] < 0.02) and best == 0
    if best == 0 and len(vectors) > tried:
        climb.slope, climb.fresh = (residual[tried:] - residual[0]).T / _NUDGE, True
    elif climb.slope is not None:
        climb.slope = _secant(climb, vectors[best], residual[best], entries)
        climb.fresh = False
    climb.at, climb.cost, climb.residual = vectors[best], float(cost[best]), residual[best]
    climb.damping = 0.0


def _secant(
    climb: _GaussNewton, at: Float64s, residual: Float64s, entries: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return slopes that also give the change of residuals over the last step (Broyden's update)."""
    assert climb.slope is not None
    step = (at - climb.at)[entries]
    missed = residual - climb.residual - climb.slope @ step
    return np.asarray(climb.slope + np.outer(missed, step) / max(float(step @ step), 1e-12))


def _finish(
    problem: _Problem, cause: _Hypothesis, climbs: list[_GaussNewton], entries: NDArray[np.int64]
) -> list[_Gaussian]:
    """Find the slopes at the end of every search, the smaller one where two sides differ; return the laws of
    the switches there.

    Across a threshold one side is steep and the other flat. Taken as steep, it would make a Gaussian so
    narrow that most of the patients beyond are never drawn.
    """
    size, rows = len(entries), []
    diseases = len(climbs[0].at) // N_LATENTS
    every = np.concatenate([_SWITCHES + number * N_LATENTS for number in range(diseases)])
    switches = np.setdiff1d(every, entries)
    for climb in climbs:
        nudged = np.repeat(climb.at[None], 2 * size + 1, axis=0)
        nudged[np.arange(size), entries] -= _NUDGE
        nudged[size + np.arange(size), entries] += _NUDGE
        rows += [nudged[:size] if climb.fresh else nudged, _across(climb.at, switches)]
    likelihood, residual = problem.log_likelihood(cause, np.concatenate(rows).astype(np.float32))
    ends = np.cumsum([len(row) for row in rows])
    laws = []
    for climb, row, end, last in zip(climbs, rows[::2], ends[::2], ends[1::2], strict=True):
        found = residual[end - len(row) : end]
        if climb.slope is None or not climb.fresh:
            climb.slope, climb.residual = (found[size:-1] - found[-1]).T / _NUDGE, found[-1]
        up, down = climb.slope, (climb.residual - found[:size]).T / _NUDGE
        climb.slope = np.where(up * down > 0.0, np.where(np.abs(up) < np.abs(down), up, down), 0.0)
        laws.append(_law_of_switches(likelihood[end:last].reshape(len(switches), -1), switches))
    return laws


_SWITCHES = np.r_[place_of("side"), place_of("bilateral"), place_of("place"), place_of("relapse")]
"""Entries that decide by a threshold, which no slope tells of."""
_GRID = np.array([-2.0, -1.2, -0.4, 0.4, 1.2, 2.0])
_LEAST_SHIFT = 0.15
"""Shift of the mean from which the findings tell of an entry across a threshold [-]."""


def _across(at: Float64s, switches: NDArray[np.int64]) -> Float64s:
    """Return a patient with every switch tried all along its range."""
    rows = np.repeat(at[None], len(switches) * len(_GRID), axis=0)
    rows[np.arange(len(rows)), np.repeat(switches, len(_GRID))] = np.tile(_GRID, len(switches))
    return rows


def _law_of_switches(likelihood: Float64s, switches: NDArray[np.int64]) -> _Gaussian:
    """Return the law of the switches that the findings tell of, from the log likelihood along their range."""
    weight = softmax(likelihood - 0.5 * _GRID**2, axis=-1)
    mean = weight @ _GRID
    spread = np.sqrt(weight @ _GRID**2 - mean**2 + (_GRID[1] - _GRID[0]) ** 2 / 12.0)
    informed = (np.abs(mean) > _LEAST_SHIFT) | (spread < _INFORMED_SD)
    root = np.diag(1.0 / np.clip(spread[informed], _NARROWEST, 1.0))
    return _Gaussian(switches[informed], mean[informed], root)


def _apart(climbs: list[_GaussNewton], entries: NDArray[np.int64]) -> list[_GaussNewton]:
    """Return the searches that ended in different places, the best first."""
    kept: list[_GaussNewton] = []
    for climb in sorted(climbs, key=lambda climb: climb.cost):
        far = all(np.abs((climb.at - other.at)[entries]).max(initial=0.0) > _SAME for other in kept)
        if far and (not kept or climb.cost < kept[0].cost + _DEEPEST):
            kept.append(climb)
    return kept


def _mixture(
    climbs: list[_GaussNewton], entries: NDArray[np.int64], across: list[_Gaussian]
) -> _MixtureProposal:
    """Return chance mixed with Gaussians about every maximum, those of its switches among their entries."""
    parts, heights, size = [], [], len(entries)
    diseases = len(climbs[0].at) // N_LATENTS
    for climb, switched in zip(climbs, across, strict=True):
        assert climb.slope is not None
        acting = np.concatenate([entries, switched.entries])
        mean = np.concatenate([climb.at[entries], switched.mean])
        curvature = climb.slope.T @ climb.slope
        for flatter in _FLATTER:
            root = np.zeros((len(acting), len(acting)))
            root[:size, :size] = np.linalg.cholesky(np.eye(size) + flatter * curvature)
            root[size:, size:] = switched.root
            parts.append(_Gaussian(acting, mean, root))
        heights.append(-climb.cost - np.log(np.diag(root)).sum())
    if not len(parts[0].entries):
        return _MixtureProposal(diseases=diseases)
    # Shares are tempered: a mode whose size the curvature misjudges still gets patients.
    weight = np.repeat(np.sqrt(np.exp(np.array(heights) - max(heights))), len(_FLATTER))
    shares = (1.0 - _SHARE_OF_CHANCE) * weight / weight.sum()
    return _MixtureProposal(tuple(parts), (_SHARE_OF_CHANCE, *(float(share) for share in shares)), diseases)


def _diverse_starts(
    problem: _Problem, cause: _Hypothesis, vectors: Float32s, score: Float64s, count: int
) -> Float32s:
    """Return where to begin: the best patients, one of each first side, alone or with the other struck too.

    Both hang on thresholds, so that a search does not find from one to the other.
    """
    best = vectors[np.argsort(-score)[:_TURNED]]
    side, other = place_of("side").start, place_of("bilateral").start
    turned = np.repeat(best[None], 4, axis=0)
    for row, (which, both) in zip(turned, ((-1, -1), (-1, 1), (1, -1), (1, 1)), strict=True):
        row[:, side] = which * np.maximum(np.abs(row[:, side]), 0.5)
        row[:, other] = both * np.maximum(np.abs(row[:, other]), _BOTH_SIDES)
    likelihood, _ = problem.log_likelihood(cause, turned.reshape(-1, turned.shape[-1]))
    height = likelihood.reshape(4, -1) - 0.5 * (turned[:, :, [side, other]] ** 2).sum(axis=-1)
    first = np.argsort(-height.max(axis=1), kind="stable")
    return np.array([turned[kind, np.argmax(height[kind])] for kind in first[:count]])
