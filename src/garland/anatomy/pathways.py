"""Pathways: every way an axon takes between one cord segment and one muscle, skin nerve or reflex.

A pathway is (target, segment, route). Shares have three rows, one per plexus type: prefixed, normal,
postfixed. Only what passes the lumbosacral plexus shifts with the plexus type; arm, tongue, trunk and
dorsal rami stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.anatomy.distances import _position_mm, _root_length_mm
from garland.anatomy.tables import LUMBOSACRAL, SEGMENTS, Row, _Tables

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
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


def _incidence(tables: _Tables, found: list[_Way]) -> Floats:
    """Which sites each pathway passes, 0 or 1, shape (S, P)."""
    order = {site: i for i, site in enumerate(tables.sites)}
    passed = np.zeros((len(order), len(found)), np.float32)
    for column, way in enumerate(found):
        passed[[order[site] for site in way.sites], column] = 1.0
    return passed


def _distances(tables: _Tables, found: list[_Way]) -> Floats:
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
    share: Floats
    incidence: Floats
    distance_mm: Floats
    length_mm: Floats


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
