"""The motor units of a muscle: how many, how large, how fast, and what disease leaves of them.

Trusted  any muscle of the anatomy, shares 0..1.

Units differ in size exponentially. Disease takes shares of the muscle, as the expected measures have them,
and hands them to units in an order spread evenly over sizes, by chance only in where it starts; one unit at
the edge of a share is hit in part, so that the shares add up exactly. A unit hit in part by loss and
regrowth is two rows: what is intact, and what has grown back.
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from garland._types import Float64s, Ints
from garland.anatomy.tree import load
from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.waveforms.state import MotorState

SHAPES = 16
"""How many different unit potentials a muscle has [-]."""
_TURN = (5.0**0.5 - 1.0) / 2.0
"""Steps of this part of a circle spread evenly, wherever one stops [-]."""
_LEAST = 1e-9
"""A share below this is nothing [-]."""


class _MotorUnits(NamedTuple):
    """Motor units of one muscle; every field of shape (U,) unless said.

    Attributes
    ----------
    fibres : ndarray
        Muscle fibres that answer from the distal point, as a share of the whole healthy muscle [0..1].
    velocity : ndarray
        Conduction velocity of the axon relative to the mean axon of the healthy nerve [-].
    terminal_ms : ndarray
        Delay of terminal branches and end plate beyond the mean [ms].
    slowing : ndarray
        Demyelinative slowing relative to that of the first axons to arrive, 1 and above [-].
    threshold : ndarray
        Stimulus that excites the axon, relative to one that excites all [0..1].
    shape : ndarray
        Which of the `SHAPES` unit potentials of the muscle it has.
    regrown : ndarray
        1 if the axon has grown back, 0 if it was never cut [-].
    answers : ndarray
        Share of the unit that answers from each stimulation point, shape (P, U), distal first [0..1].
    """

    fibres: Float64s
    velocity: Float64s
    terminal_ms: Float64s
    slowing: Float64s
    threshold: Float64s
    shape: Ints
    regrown: Float64s
    answers: Float64s


@lru_cache
def _unit_count(muscle: str) -> int:
    """Return how many motor units a muscle has in health [-]."""
    known = load().muscles
    if muscle not in known:
        raise InputError("muscle", muscle, "is not a muscle of the anatomy", did_you_mean(muscle, known))
    counts = part("traces/motor").group("units")
    return round(counts.value(muscle if muscle in counts else "any"))


@lru_cache
def _normals(count: int) -> Float64s:
    """Return `count` values that together are standard normal, rising [-]."""
    unit = NormalDist()
    return np.array([unit.inv_cdf((i + 0.5) / count) for i in range(count)])


def _even_normals(count: int, kinds: int) -> Float64s:
    """Return independent standard normal values without chance, spread evenly, shape (kinds, count) [-]."""
    root = 1.0
    for _ in range(40):
        root = (1.0 + root) ** (1.0 / (kinds + 1))
    places = (0.5 + np.outer(root ** -np.arange(1.0, kinds + 1), np.arange(count))) % 1.0
    return _normals(count)[np.argsort(np.argsort(places, axis=1), axis=1)]


def _healthy_units(muscle: str, rng: np.random.Generator, points: int = 1) -> _MotorUnits:
    """Draw the motor units of a healthy muscle, from the smallest to the largest."""
    p = part("traces/motor")
    count = _unit_count(muscle)
    rank = _normals(count)
    order = p.value("size_order")

    def like_size(sign: float) -> Float64s:
        mixed = sign * order * rank + np.sqrt(1.0 - order**2) * rng.permutation(rank)
        return np.asarray(rank[np.argsort(np.argsort(mixed))], float)

    sizes = np.exp(np.log(p.value("size_ratio")) * np.linspace(0.0, 1.0, count))
    threshold = p.table("threshold")
    ease = np.exp(threshold["sd_ln"] * like_size(-1.0))
    late = np.abs(rng.permutation(rank))
    return _MotorUnits(
        fibres=sizes / sizes.sum(),
        velocity=np.exp(p.value("axon_velocity_cv") * like_size(1.0)),
        terminal_ms=p.value("terminal_sd_ms") * rng.permutation(rank),
        slowing=1.0 + p.value("slowing_spread") * late,
        threshold=np.minimum(threshold["median"] * ease, 1.0),
        shape=rng.permutation(count) % SHAPES,
        regrown=np.zeros(count),
        answers=np.ones((points, count)),
    )


def _even_order(count: int, rng: np.random.Generator) -> Ints:
    """Return an order of units of which any beginning is spread evenly over sizes, shape (count,)."""
    return np.argsort((rng.random() + _TURN * np.arange(count)) % 1.0, kind="stable")


def _taken(weights: Float64s, order: Ints, begin: float, end: float) -> Float64s:
    """Return how much of each weight lies between two levels when they are laid end to end."""
    upper = np.cumsum(weights[order])
    inside = np.minimum(upper, end) - np.maximum(upper - weights[order], begin)
    out = np.empty_like(weights)
    out[order] = np.maximum(inside, 0.0)
    return out


def _passing(fibres: Float64s, order: Ints, share: float) -> Float64s:
    """Return which part of each unit passes where a share of all fibres does, shape (U,) [0..1]."""
    through = _taken(fibres, order, 0.0, share * float(fibres.sum()))
    return np.asarray(through / np.maximum(fibres, _LEAST**2))


def _sprouted(intact: Float64s, regrown: Float64s, adopted: float) -> tuple[Float64s, Float64s]:
    """Return intact and regrown units with the fibres that their sprouts have taken over.

    Shape (U,) each [0..1]; the sum has grown by `adopted`, or by what units at the limit of enlargement can
    carry; regrown axons carry less.
    """
    p = part("fibres/sprouting")
    weaker = p.value("regrown_capacity")
    carriers = float(intact.sum() + weaker * regrown.sum())
    most = p.number("enlargement_limit").high
    growth = min(adopted / max(carriers, _LEAST), (8.0 if most is None else most) - 1.0)
    return intact * (1.0 + growth), regrown * (1.0 + weaker * growth)


def _diseased_units(units: _MotorUnits, state: MotorState, rng: np.random.Generator) -> _MotorUnits:
    """Return what disease has left of healthy motor units.

    Units that answer; ``fibres`` add up to ``(intact + regrown + adopted) (1 - diseased) passed`` and what
    answers from point p to ``through[p]`` of that.
    """
    if state.intact + state.regrown > 1.0 + 1e-6:
        raise InputError(
            f"{state.study}.intact",
            round(state.intact + state.regrown, 4),
            "together with regrown is more than all muscle fibres",
            "give shares that add up to one or less",
        )
    count = len(units.fibres)
    lost, blocked = _even_order(count, rng), _even_order(count, rng)
    whole = _taken(units.fibres, lost, 0.0, state.intact)
    back = _taken(units.fibres, lost, state.intact, state.intact + state.regrown)
    both = np.concatenate(_sprouted(whole, back, state.adopted)) * (1.0 - state.diseased)
    keep = np.flatnonzero(both > _LEAST)
    of = keep % count
    last = np.argsort(np.argsort(blocked)[of], kind="stable")
    fibres = both[keep]
    # The last to lose its terminals is the last to be blocked: one order for both.
    end = _passing(fibres, last, state.passed)
    answering = fibres * end
    answers = np.stack([_passing(answering, last, share) for share in state.through])
    return _MotorUnits(
        answering,
        units.velocity[of],
        units.terminal_ms[of],
        units.slowing[of],
        units.threshold[of],
        units.shape[of],
        (keep >= count).astype(float),
        answers,
    )
