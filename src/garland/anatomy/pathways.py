"""Pathways: every way an axon takes between one cord segment and a muscle, skin nerve or reflex.

A pathway is (target, segment, route); its shares have three rows, one for each plexus type: prefixed, normal,
postfixed. Only what passes the lumbosacral plexus differs between them. Territories sum pathways up: the
muscles of a movement, the fibres of a dermatome or a painful region.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from garland._types import Float32s, Ints
from garland.anatomy.tables import LUMBOSACRAL, SEGMENTS, Row, _position_mm, _root_length_mm, _Tables

_TRUNK_ROOTS = LUMBOSACRAL[: LUMBOSACRAL.index("l5") + 1]


class _Route(NamedTuple):
    """One way from the roots to a target.

    Its share, roots, plexus part, nerve sites and end [mm from the foramen].
    """

    share: float
    roots: Mapping[str, float]
    plexus: str | None
    path: tuple[str, ...]
    end_mm: float


class _Way(NamedTuple):
    """One pathway before it becomes an array column.

    ``sites`` are the lesion sites in order from the cord; ``shares`` are (prefixed, normal, postfixed);
    ``mm`` gives the distance from each site to the target, ``length_mm`` from the cord to the target.
    """

    target: int
    segment: int
    shares: tuple[float, float, float]
    sites: tuple[str, ...]
    mm: tuple[float, ...]
    length_mm: float


def _routes_of(row: Row) -> list[_Route]:
    """Return the routes of a row; what a route leaves out is taken from the row."""
    found = []
    for route in row.get("routes", [row]):
        found.append(
            _Route(
                share=float(route.get("share", 1.0)),
                roots=route.get("roots", row["roots"]),
                plexus=route.get("plexus", row.get("plexus")),
                path=tuple(route["path"]),
                end_mm=float(route.get("foramen_mm", row.get("foramen_mm", 0.0))),
            )
        )
    return found


def _shifted(roots: Mapping[str, float], fraction: float) -> dict[str, tuple[float, float, float]]:
    """Root shares in a prefixed, a normal and a postfixed plexus."""
    last = len(LUMBOSACRAL) - 1
    rows = np.zeros((3, last + 1))
    for root, share in roots.items():
        at = LUMBOSACRAL.index(root)
        rows[:, at] += share * np.array([1.0 - fraction, 1.0, 1.0 - fraction])
        rows[0, max(at - 1, 0)] += share * fraction
        rows[2, min(at + 1, last)] += share * fraction
    return {
        root: (float(rows[0, i]), float(rows[1, i]), float(rows[2, i]))
        for i, root in enumerate(LUMBOSACRAL)
        if rows[:, i].any()
    }


def _shares_by_plexus(tables: _Tables, route: _Route) -> dict[str, tuple[float, float, float]]:
    """Root shares of a route by plexus type; only routes through the lumbosacral plexus shift.

    Root to (prefixed, normal, postfixed) share [-].
    """
    if route.plexus is None:
        return {root: (share, share, share) for root, share in route.roots.items()}
    return _shifted(route.roots, float(tables.variation["plexus_shift"]["value"]))


def _peripheral_sites(tables: _Tables, segment: str, route: _Route) -> list[str]:
    """Sites from the spinal nerve to the target.

    Fibres of L5 and above reach the sacral plexus by the lumbosacral trunk.
    """
    sites = [f"spinal-nerve-{segment}" if segment in LUMBOSACRAL else f"root-{segment}"]
    if route.plexus is not None:
        if route.plexus.startswith("sacral-") and segment in _TRUNK_ROOTS:
            sites.append("lumbosacral-trunk")
        sites.append(route.plexus)
    sites += [f"dorsal-ramus-{segment}" if site == "dorsal-ramus" else site for site in route.path]
    return [site for site in sites if site in tables.sites]


def _central_sites(tables: _Tables, segment: str, limb: str) -> list[str]:
    central = {"motor": ["cord", "ventral-root"], "sensory": ["dorsal-root", "ganglion"]}[limb]
    return [f"{part}-{segment}" for part in central if f"{part}-{segment}" in tables.sites]


def _ways(tables: _Tables, rows: Mapping[str, Row], limb: str) -> list[_Way]:
    """List the pathways of a table."""
    found = []
    for target, row in enumerate(rows.values()):
        for route in _routes_of(row):
            for segment, shares in _shares_by_plexus(tables, route).items():
                sites = _central_sites(tables, segment, limb) + _peripheral_sites(tables, segment, route)
                prefixed, normal, postfixed = (share * route.share for share in shares)
                found.append(
                    _Way(
                        target=target,
                        segment=SEGMENTS.index(segment),
                        shares=(prefixed, normal, postfixed),
                        sites=tuple(sites),
                        mm=tuple(route.end_mm - _position_mm(tables, site) for site in sites),
                        length_mm=route.end_mm + _root_length_mm(tables, segment),
                    )
                )
    return found


def _incidence(tables: _Tables, found: list[_Way]) -> Float32s:
    """Which sites each pathway passes, 0 or 1, shape (S, P)."""
    order = {site: i for i, site in enumerate(tables.sites)}
    passed = np.zeros((len(order), len(found)), np.float32)
    for column, way in enumerate(found):
        passed[[order[site] for site in way.sites], column] = 1.0
    return passed


def _distances(tables: _Tables, found: list[_Way]) -> Float32s:
    """Distance from each site to the target, 0 off the path, shape (S, P)."""
    order = {site: i for i, site in enumerate(tables.sites)}
    mm = np.zeros((len(order), len(found)), np.float32)
    for column, way in enumerate(found):
        mm[[order[site] for site in way.sites], column] = way.mm
    return mm


class _Columns(NamedTuple):
    """Pathways of one kind as arrays.

    Target (P,), segment (P,), share (3, P), incidence (S, P), distance and length [mm].
    """

    target: Ints
    segment: Ints
    share: Float32s
    incidence: Float32s
    distance_mm: Float32s
    length_mm: Float32s


def _columns(tables: _Tables, rows: Mapping[str, Row], limb: str) -> _Columns:
    """Build the arrays of all pathways of a table."""
    found = _ways(tables, rows, limb)
    return _Columns(
        target=np.array([way.target for way in found], np.int32),
        segment=np.array([way.segment for way in found], np.int32),
        share=np.array([way.shares for way in found], np.float32).T.copy(),
        incidence=_incidence(tables, found),
        distance_mm=_distances(tables, found),
        length_mm=np.array([way.length_mm for way in found], np.float32),
    )


def _muscle_weights(tables: _Tables, rows: Mapping[str, Row]) -> Float32s:
    """Weights of the muscles in each movement or reflex.

    Weights, shape (M, rows), columns sum to one [-].
    """
    order = {muscle: i for i, muscle in enumerate(tables.muscles)}
    weights = np.zeros((len(order), len(rows)), np.float32)
    for column, row in enumerate(rows.values()):
        for muscle, weight in row["muscles"].items():
            weights[order[muscle], column] = weight
    return weights


def _nerve_weights(tables: _Tables, skin: _Columns) -> Float32s:
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


def _dermatome_weights(tables: _Tables, skin: _Columns) -> Float32s:
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


def _region_weights(tables: _Tables, skin: _Columns) -> tuple[Float32s, Float32s]:
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


def _root_shares(motor: _Columns, n_muscles: int) -> Float32s:
    """Share of each root in each muscle by plexus type.

    Shares, shape (3, M, 15); each muscle sums to one [-].
    """
    shares = np.zeros((3, n_muscles, len(SEGMENTS)), np.float32)
    for p in range(motor.target.size):
        shares[:, motor.target[p], motor.segment[p]] += motor.share[:, p]
    return shares
