"""Paths in bundles: what the axons of one target share, and what each root adds.

Reads    anatomy.   Feeds  fibres.population.

The axons of a muscle run through the same nerves and differ only above, in root and plexus. Adding up hazards
along the shared trunk once per route, and along the rest once per path, takes a third of the work of a dense
product of sites and paths, and gives the same sums.
"""

from __future__ import annotations

import functools
import operator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.pathways import Floats, Ints


def computed_once(*arrays: jax.Array) -> tuple[jax.Array, ...]:
    """Return the arrays unchanged, but keep XLA from computing them anew wherever they are spread.

    Without it the fused loops of this station take four times as long.
    """
    return tuple(jax.lax.optimization_barrier(arrays))  # type: ignore[no-untyped-call]


def product(at_sites: jax.Array, table: Floats) -> jax.Array:
    """Return `at_sites` (..., S) times `table` (S, X), kept apart from other products of the same values.

    XLA would join products that share their left side into one wide product, in a layout that is five times
    slower.
    """
    return computed_once(at_sites)[0] @ jnp.asarray(table)


class Bundle(NamedTuple):
    """Paths of one kind: U routes of at most W paths each, T targets.

    Routes come last, so that sums over paths run fast.

    Attributes
    ----------
    share : (3, W, U)
        Share of each path in its target, for a prefixed, normal and postfixed plexus; 0 where a slot is
        empty [-].
    length_mm : (W, U)
        Length of each path, cord to target [mm].
    gather : (S, G)
        Sums sites that lie on the same paths.
    own : (G, W * U)
        Sums of sites on each path that its route does not share [0 or 1].
    trunk : (S, U)
        Sites that all paths of a route share [0 or 1].
    trunk_rows : tuple of int
        First and last site (exclusive) with an entry in `trunk`.
    target : (U,)
        Target of each route.
    n_targets : int
        T.
    incidence, distance_mm : (S, T)
        Mean incidence of each site over the paths of a target, and that times the distance to the target
        [mm].
    """

    share: Floats
    length_mm: Floats
    gather: Floats
    own: Floats
    trunk: Floats
    trunk_rows: tuple[int, int]
    target: Ints
    n_targets: int
    incidence: Floats
    distance_mm: Floats

    def along(self, at_sites: jax.Array) -> jax.Array:
        """Return the sum of a site value along every path, (..., S) to (..., W, U)."""
        lead = at_sites.shape[:-1]
        flat = at_sites.reshape(-1, at_sites.shape[-1])
        own = product(flat, self.gather) @ jnp.asarray(self.own)
        used = slice(*self.trunk_rows)
        trunk = product(flat[:, used], self.trunk[used])
        total = own.reshape(-1, *self.length_mm.shape) + trunk[:, None, :]
        return total.reshape(*lead, *self.length_mm.shape)

    def to_targets(self, by_path: jax.Array) -> jax.Array:
        """Return the sum over the paths of each target, (..., W, U) to (..., T)."""
        # Slices add up in one vectorised loop; a reduction over so short an axis does not.
        slots = [by_path[..., slot, :] for slot in range(by_path.shape[-2])]
        by_route = computed_once(functools.reduce(operator.add, slots))[0]
        table = np.zeros((len(self.target), self.n_targets), np.float32)
        table[np.arange(len(self.target)), self.target] = 1.0
        return by_route @ jnp.asarray(table)


def bundle(
    target: Ints, share: Floats, incidence: Floats, distance_mm: Floats, length_mm: Floats
) -> Bundle:
    """Sort paths into bundles.

    Parameters
    ----------
    target : ndarray
        Target of each path, shape (P,).
    share : ndarray
        Share of each path in its target by type of plexus, shape (3, P) [-].
    incidence, distance_mm : ndarray
        Sites on each path (0 or 1) and their distance to the target, shape (S, P) [-], [mm].
    length_mm : ndarray
        Length of each path, shape (P,) [mm].

    Returns
    -------
    Bundle
        The same paths, route by route.
    """
    nerve_part = _beyond_plexus(incidence)
    routes: dict[tuple[int, bytes], list[int]] = {}
    for path, at in enumerate(target):
        routes.setdefault((int(at), nerve_part[:, path].tobytes()), []).append(path)
    members = list(routes.values())
    width = max(len(paths) for paths in members)
    shape = (width, len(members))
    sites = incidence.shape[0]
    own, shares, lengths = np.zeros((sites, *shape)), np.zeros((3, *shape)), np.zeros(shape)
    trunk = np.zeros((sites, len(members)))
    for u, paths in enumerate(members):
        trunk[:, u] = incidence[:, paths].min(axis=1)
        own[:, : len(paths), u] = incidence[:, paths] - trunk[:, u : u + 1]
        shares[:, : len(paths), u] = share[:, paths]
        lengths[: len(paths), u] = length_mm[paths]
    patterns, group = np.unique(own.reshape(sites, -1), axis=0, return_inverse=True)
    gather = np.zeros((sites, len(patterns)))
    gather[np.arange(sites), group.ravel()] = 1.0
    used = patterns.any(axis=1)
    n_targets = int(target.max()) + 1
    weights = np.zeros((len(target), n_targets))
    weights[np.arange(len(target)), target] = share[1]
    passed = np.flatnonzero(trunk.any(axis=1))
    return Bundle(
        share=np.asarray(shares, np.float32),
        length_mm=np.asarray(lengths, np.float32),
        gather=np.asarray(gather[:, used], np.float32),
        own=np.asarray(patterns[used], np.float32),
        trunk=np.asarray(trunk, np.float32),
        trunk_rows=(int(passed[0]), int(passed[-1]) + 1),
        target=np.array([key[0] for key in routes], np.int32),
        n_targets=n_targets,
        incidence=np.asarray(incidence @ weights, np.float32),
        distance_mm=np.asarray((incidence * distance_mm) @ weights, np.float32),
    )


def _beyond_plexus(incidence: Floats) -> Floats:
    """Return the part of the incidence that tells routes apart: sites passed by few paths of one target."""
    from garland.anatomy.tree import load

    nerve = np.array([part == "nerve" for part in load().site_parts])
    return np.ascontiguousarray(incidence[nerve])
