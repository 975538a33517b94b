"""Territories: the muscles of a movement, the fibres of a dermatome or a painful region, and muscle
groups.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from garland.anatomy.pathways import Floats, _Columns, _shifted
from garland.anatomy.tables import LUMBOSACRAL, SEGMENTS, Row, _Tables

DOMINANT_FRACTION = 0.75


def _muscle_weights(tables: _Tables, rows: Mapping[str, Row]) -> Floats:
    """Weights of the muscles in each movement or reflex.

    Weights, shape (M, rows), columns sum to one [-].
    """
    order = {muscle: i for i, muscle in enumerate(tables.muscles)}
    weights = np.zeros((len(order), len(rows)), np.float32)
    for column, row in enumerate(rows.values()):
        for muscle, weight in row["muscles"].items():
            weights[order[muscle], column] = weight
    return weights


def _nerve_weights(tables: _Tables, skin: _Columns) -> Floats:
    """Share of each sensory pathway in its skin nerve, normal plexus.

    Shares, shape (Q, T), columns sum to one [-].
    """
    weights = np.zeros((skin.target.size, len(tables.skin_nerves)), np.float32)
    weights[np.arange(skin.target.size), skin.target] = skin.share[1]
    return weights


def _overlap(tables: _Tables, roots: Mapping[str, float], dermatome: str) -> dict[str, float]:
    """Supply of one dermatome's skin within one nerve.

    Mostly its own root, a little from each neighbour in that nerve.
    """
    overlap = float(tables.variation["dermatome_overlap"]["value"])
    at = SEGMENTS.index(dermatome)
    supply = {dermatome: 1.0 - 2.0 * overlap}
    for neighbour in SEGMENTS[max(at - 1, 0)], SEGMENTS[at + 1]:
        if neighbour in roots:
            supply[neighbour] = overlap
    total = sum(supply.values())
    return {root: part / total for root, part in supply.items()}


def _patch(tables: _Tables, row: Row, dermatome: str) -> dict[str, tuple[float, float, float]]:
    """Root supply of the patch where a nerve and a dermatome meet, by plexus type, scaled by its area."""
    if dermatome not in row["roots"]:
        return {}
    area = float(row["area"]) * float(row["roots"][dermatome])
    supply = _overlap(tables, row["roots"], dermatome)
    if dermatome not in LUMBOSACRAL:
        return {root: (part * area,) * 3 for root, part in supply.items()}
    by_plexus = _shifted(supply, float(tables.variation["plexus_shift"]["value"]))
    return {root: (a * area, b * area, c * area) for root, (a, b, c) in by_plexus.items()}


def _dermatome_weights(tables: _Tables, skin: _Columns) -> Floats:
    """Supply of each dermatome by sensory pathway and plexus type.

    A dermatome is a fixed piece of skin. In a prefixed plexus part of it is supplied one root higher, in a
    postfixed one lower.

    Supply, shape (3, Q, D), each plexus type and dermatome sums to one [-].
    """
    weights = np.zeros((3, skin.target.size, len(tables.dermatomes)), np.float64)
    nerves = list(tables.skin_nerves.values())
    within = _route_fraction(skin)
    for column, dermatome in enumerate(tables.dermatomes):
        segment = "th" if dermatome == "trunk" else dermatome
        patches = [_patch(tables, row, segment) for row in nerves]
        for q in range(skin.target.size):
            supply = patches[skin.target[q]].get(SEGMENTS[skin.segment[q]], (0.0, 0.0, 0.0))
            weights[:, q, column] = np.array(supply) * within[q]
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _route_fraction(skin: _Columns) -> np.ndarray:
    """Fraction that each pathway carries of all pathways of the same nerve and segment, shape (Q,)."""
    largest = skin.share.max(axis=0).astype(np.float64)
    same = (skin.target[:, None] == skin.target) & (skin.segment[:, None] == skin.segment)
    return np.asarray(largest / (same * largest).sum(axis=1))


def _region_weights(tables: _Tables, skin: _Columns) -> tuple[Floats, Floats]:
    """Where symptoms are felt, by the skin nerves and by deep or referred feeling.

    By sensory pathway, shape (Q, G), columns sum to one [-]; by site, shape (S, G), columns sum to one for
    the regions with referred feeling and to zero for the others [-].
    """
    by_skin = np.zeros((skin.target.size, len(tables.regions)), np.float64)
    order = {site: i for i, site in enumerate(tables.sites)}
    by_site = np.zeros((len(order), len(tables.regions)), np.float32)
    nerves = list(tables.skin_nerves.values())
    for column, region in enumerate(tables.regions):
        part = np.array([float(row["area"]) * float(row["regions"].get(region, 0.0)) for row in nerves])
        raw = part[skin.target] * skin.share[1]
        by_skin[:, column] = raw / raw.sum()
        for site, weight in tables.referred.get(region, {"sites": {}})["sites"].items():
            by_site[order[site], column] = weight
    return np.asarray(by_skin, np.float32), by_site


def _root_shares(motor: _Columns, n_muscles: int) -> Floats:
    """Share of each root in each muscle by plexus type.

    Shares, shape (3, M, 15); each muscle sums to one [-].
    """
    shares = np.zeros((3, n_muscles, len(SEGMENTS)), np.float32)
    for p in range(motor.target.size):
        shares[:, motor.target[p], motor.segment[p]] += motor.share[:, p]
    return shares


def _groups(tables: _Tables, motor: _Columns) -> dict[str, tuple[str, ...]]:
    """Muscle groups by name.

    Groups named in the table, ``screen``, and ``<root>-muscles``: limb muscles in which that root has at
    least three quarters of the share of the leading root.
    """
    found: dict[str, list[str]] = {"screen": []}
    shares = _root_shares(motor, len(tables.muscles))[1]
    for i, (muscle, row) in enumerate(tables.muscles.items()):
        for group in row["groups"]:
            found.setdefault(group, []).append(muscle)
        if row.get("screen", False):
            found["screen"].append(muscle)
        if "paraspinals" not in row["groups"] and "bulbar" not in row["groups"]:
            for at in np.flatnonzero(shares[i] >= DOMINANT_FRACTION * shares[i].max()):
                found.setdefault(f"{SEGMENTS[at]}-muscles", []).append(muscle)
    return {group: tuple(members) for group, members in found.items()}
