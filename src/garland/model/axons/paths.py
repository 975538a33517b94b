"""Paths in bundles: what is summed along every path, and over the paths of every target.

The sites of a path lie on three levels: root, plexus, nerve. Few ways lead through each level and every
path is one of each, so that hazards are added up once per way and then three at a time per path. The sums
are those of a dense product of sites and paths, for a tenth of the work.

Patients are the last axis inside this station, so that every loop runs over patients: it takes whole vectors
whatever the number of sites, paths or cohorts. The fields it hands on have patients first; `x.T` turns the
axes round.
"""

from __future__ import annotations

import functools
import operator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland._types import Float32s, Ints
from garland.anatomy.tree import load

LEVELS = (("cord", "root", "ganglion"), ("ramus", "plexus"), ("nerve",))
"""Parts of the tree that make up each level of a path."""


def _rows(parts: tuple[str, ...]) -> slice:
    at = [i for i, part in enumerate(load().site_parts) if part in parts]
    return slice(at[0], at[-1] + 1)


LEVEL_ROWS = tuple(_rows(parts) for parts in LEVELS)
"""Sites of each level, which follow one another."""


def materialise(*arrays: jax.Array) -> tuple[jax.Array, ...]:
    """Return the arrays unchanged, but have XLA compute them once and not anew wherever they are spread.

    It holds under the options of `course.COMPILER` only. Without it the fused loops of this station take four
    times as long.
    """
    return tuple(jax.lax.optimization_barrier(arrays))  # type: ignore[no-untyped-call]


def product(at_sites: jax.Array, table: Float32s | jax.Array) -> jax.Array:
    """Return `at_sites` (N, ..., S) times `table` (S, X), shape (N, ..., X).

    Worked out with patients last, and kept apart from other products of the same values: XLA would join
    products that share a side into one wide product, in a layout that is five times slower.
    """
    turned = materialise(at_sites.T)[0]
    flat = jnp.asarray(table).T @ turned.reshape(turned.shape[0], -1)
    return flat.reshape(-1, *turned.shape[1:]).T


def _by_level(at_sites: jax.Array) -> tuple[jax.Array, ...]:
    """Return a site value level by level: (S, ..., N) to one (sites of the level, ..., N) for each."""
    return tuple(at_sites[rows] for rows in LEVEL_ROWS)


class _Level(NamedTuple):
    """The ways through one level of the tree.

    Attributes
    ----------
    passes : (V, sites of the level)
        Sites of each way [0 or 1].
    way : (P,)
        Way of each path.
    """

    passes: Float32s
    way: Ints


class _Bundle(NamedTuple):
    """Paths of one kind: P paths to T targets.

    Attributes
    ----------
    share : (3, P)
        Share of each path in its target, for a prefixed, normal and postfixed plexus [-].
    length_mm : (P,)
        Length of each path, cord to target [mm].
    levels : tuple of Level
        The ways through root, plexus and nerve.
    slots : tuple of ndarray
        For each number n of paths, the paths of the targets that have n: shape (n, targets).
    order : (T,)
        Where each target stands when `slots` are taken one after the other.
    incidence, distance_mm : (S, T)
        Mean incidence of each site over the paths of a target, and that times the distance to the target
        [mm].
    """

    share: Float32s
    length_mm: Float32s
    levels: tuple[_Level, ...]
    slots: tuple[Ints, ...]
    order: Ints
    incidence: Float32s
    distance_mm: Float32s

    def along(self, at_sites: tuple[jax.Array, ...]) -> jax.Array:
        """Return the sum of a site value along every path, from `_by_level` to (P, ..., N)."""
        levels = zip(self.levels, at_sites, strict=True)
        return functools.reduce(operator.add, [_through(level, at)[level.way] for level, at in levels])

    def to_targets(self, by_path: jax.Array) -> jax.Array:
        """Return the sum over the paths of each target, (P, ..., N) to (T, ..., N)."""
        # Slots add up in one vectorised loop; a reduction over so short an axis does not.
        sums = [functools.reduce(operator.add, [by_path[slot] for slot in slots]) for slots in self.slots]
        return jnp.concatenate(sums)[self.order]


def _through(level: _Level, at_sites: jax.Array) -> jax.Array:
    """Return the sum of a site value through each way, (sites of the level, ..., N) to (V, ..., N)."""
    total = jnp.asarray(level.passes) @ at_sites.reshape(at_sites.shape[0], -1)
    return materialise(total)[0].reshape(-1, *at_sites.shape[1:])


def _levels(incidence: Float32s) -> tuple[_Level, ...]:
    """Return the ways of paths, shape (S, P), through each level."""
    found = []
    for rows in LEVEL_ROWS:
        passes, way = np.unique(incidence[rows].T, axis=0, return_inverse=True)
        found.append(_Level(np.asarray(passes, np.float32), np.asarray(way.ravel(), np.int32)))
    return tuple(found)


def _slots(target: Ints) -> tuple[Ints, ...]:
    """Return the paths of the targets that have n paths, shape (n, targets), for every n that occurs."""
    members = [np.flatnonzero(target == one) for one in range(int(target.max()) + 1)]
    numbers = sorted({len(paths) for paths in members})
    return tuple(np.stack([paths for paths in members if len(paths) == n], axis=1) for n in numbers)


def _bundle(
    target: Ints, share: Float32s, incidence: Float32s, distance_mm: Float32s, length_mm: Float32s
) -> _Bundle:
    """Sort paths into bundles."""
    slots = _slots(target)
    weights = np.zeros((len(target), int(target.max()) + 1))
    weights[np.arange(len(target)), target] = share[1]
    return _Bundle(
        share=share,
        length_mm=length_mm,
        levels=_levels(incidence),
        slots=slots,
        order=np.argsort(np.concatenate([target[paths[0]] for paths in slots])).astype(np.int32),
        incidence=np.asarray(incidence @ weights, np.float32),
        distance_mm=np.asarray((incidence * distance_mm) @ weights, np.float32),
    )
