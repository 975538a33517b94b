"""Lesion sites of the oracle: the anatomy merged into the parts that a clinician tells apart."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from garland.anatomy.tree import load

LEVEL_EDGES = (0.1, 0.3, 0.6, 0.85)
"""Shares of axons cut or blocked that part the five levels of a lesion; above the first it counts [-]."""
N_LEVELS = len(LEVEL_EDGES) + 1

_PARTS: dict[str, tuple[str, ...]] = {
    "lumbar-plexus": ("upper-lumbar-plexus", "lumbar-plexus-"),
    "sacral-plexus": ("lumbosacral-trunk", "sacral-plexus-"),
    "paraspinal-branches": tuple(f"dorsal-ramus-{root}" for root in ("l2", "l3", "l4", "l5", "s1")),
    "femoral": ("femoral-",),
    "saphenous": ("saphenous", "medial-femoral-cutaneous"),
    "obturator": ("obturator",),
    "lateral-femoral-cutaneous": ("lateral-femoral-cutaneous",),
    "gluteal": ("superior-gluteal", "inferior-gluteal"),
    "posterior-femoral-cutaneous": ("posterior-femoral-cutaneous",),
    "sciatic-fibular-division": ("sciatic-fibular-division",),
    "sciatic-tibial-division": ("sciatic-tibial-division",),
    "fibular": ("common-fibular", "deep-fibular", "superficial-fibular", "fibular-ankle"),
    "tibial": ("tibial-",),
    "sural": ("sural",),
    "arm-and-trunk-roots": ("cord-c", "cord-t", "root-", "dorsal-ramus-th"),
    "arm-nerves": ("axillary", "musculocutaneous", "radial", "median-", "ulnar-", "pectoral"),
    "bulbar": ("cord-bulbar", "hypoglossal"),
}
_IN_SEGMENT = ("cord", "ventral-root", "dorsal-root", "ganglion", "spinal-nerve")
_SEGMENTS = ("l1", "l2", "l3", "l4", "l5", "s1", "s2", "s3")
_A = load()
_LITTLE = 0.02
"""Share of a pathway in a finding below which its sites are not counted as on the finding's path [-]."""


def _members() -> dict[str, tuple[int, ...]]:
    roots = {f"root {s.upper()}": tuple(f"{part}-{s}" for part in _IN_SEGMENT) for s in _SEGMENTS}
    named = {name: tuple(_A.sites.index(site) for site in sites) for name, sites in roots.items()}
    for name, starts in _PARTS.items():
        named[name] = tuple(i for i, site in enumerate(_A.sites) if site.startswith(starts))
    return named


MEMBERS: dict[str, tuple[int, ...]] = _members()
"""Positions of the anatomy's sites in each merged site."""
NAMES: tuple[str, ...] = tuple(MEMBERS)


def merged(at_sites: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the share of axons cut or blocked in each merged site.

    Shape (N, 2, G) [0..1]. Losses along a merged site add up as hazards do.
    """
    left = 1.0 - np.asarray(at_sites, np.float64)
    parts = [left[:, :, list(members)].prod(axis=2) for members in MEMBERS.values()]
    return np.asarray(1.0 - np.stack(parts, axis=2), np.float32)


def level(loss: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the level of a loss, 0 (none) to 4 (nearly all), same shape."""
    return np.asarray(np.digitize(loss, LEVEL_EDGES), np.int64)


@cache
def on_path(field: str, item: str) -> tuple[int, ...]:
    """Return the merged sites on the path of a finding, on its own side."""
    crossed = _crossed(field, item.split("@")[0])
    if crossed is None:
        return tuple(range(len(NAMES)))
    return tuple(i for i, members in enumerate(MEMBERS.values()) if crossed[list(members)].any())


def _crossed(field: str, item: str) -> NDArray[np.bool_] | None:
    """Return which sites of the anatomy a finding's path crosses, shape (S,); None for no path."""
    if field in ("cmap", "cmap_drop", "motor_latency", "motor_velocity"):
        return _motor(
            np.isin(np.arange(len(_A.muscles)), _A.motor_study_muscle[_A.motor_study_ids.index(item)])
        )
    if field in ("snap", "sensory_latency", "sensory_velocity"):
        return _skin(_A.nerve_weights[:, _A.sensory_study_nerve[_A.sensory_study_ids.index(item)]])
    if field in ("f_latency", "f_response"):
        return np.asarray(_A.f_incidence[_A.f_ids.index(item)] > 0)
    if field in ("h_latency", "h_response"):
        h = _A.h_ids.index(item)
        return np.asarray(_A.h_afferent_incidence[h] + _A.h_motor_incidence[h] > 0)
    if field == "movement_strength":
        return _motor(_A.movement_weights[:, _A.movements.index(item)] > _LITTLE)
    if field == "reflex":
        r = _A.reflexes.index(item)
        arcs = _A.arc_incidence[:, _A.arc_reflex == r].any(axis=1)
        return np.asarray(arcs | _motor(_A.arc_motor[:, r] > _LITTLE))
    if field.startswith("nerve_feeling"):
        return _skin(_A.nerve_weights[:, _A.skin_nerves.index(item)])
    if field.startswith("dermatome_feeling"):
        return _skin(_A.dermatome_weights[:, _A.dermatomes.index(item)])
    if field.startswith("region_"):
        g = _A.regions.index(item)
        return np.asarray(_skin(_A.region_weights[:, g]) | (_A.region_site_weights[:, g] > 0))
    return _motor(np.array([name == item for name in _A.muscles])) if item in _A.muscles else None


def _motor(muscles: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(_A.motor_incidence[:, muscles[_A.motor_muscle]].any(axis=1))


def _skin(weights: NDArray[np.floating]) -> NDArray[np.bool_]:
    every = _A.skin_incidence_postganglionic + _A.skin_incidence_preganglionic
    return np.asarray(every[:, weights > _LITTLE].any(axis=1))
