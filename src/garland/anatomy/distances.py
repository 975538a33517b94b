"""Where each lesion site lies along its nerve, and how distances scale with height.

Trusted  height 100 to 230 cm; outside raises OutOfRange.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from garland.anatomy.tables import _read, _Tables
from garland.errors import OutOfRange

Number = TypeVar("Number", float, np.ndarray)
LOWEST_CM, HIGHEST_CM = 100.0, 230.0


def _root_length_mm(tables: _Tables, segment: str) -> float:
    """Length of the root from cord to foramen at the reference height.

    Length [mm].
    """
    return float(tables.variation["root_length_mm"]["value"][segment])


def _position_mm(tables: _Tables, site: str) -> float:
    """Position of a site along its nerve, measured from the spinal foramen; negative inside the canal.

    Position at the reference height [mm].
    """
    row = tables.sites[site]
    if "foramen_mm" in row:
        return float(row["foramen_mm"])
    segment = row["segment"]
    if site.startswith("cord-"):
        return -_root_length_mm(tables, segment)
    if site.startswith(("ventral-root-", "dorsal-root-")):
        return -_root_length_mm(tables, segment) * float(tables.variation["root_site_fraction"]["value"])
    if site.startswith("ganglion-"):
        return -float(tables.variation["ganglion_mm"]["value"])
    return 0.0


def _at_height(distance_mm: Number, height_cm: float) -> Number:
    """Scale a distance given at the reference height of 170 cm to another height, in proportion.

    Distance at that height [mm].
    """
    if not LOWEST_CM <= height_cm <= HIGHEST_CM:
        raise OutOfRange(f"height_cm: {height_cm!r} is outside {LOWEST_CM:g} to {HIGHEST_CM:g} cm")
    return distance_mm * (height_cm / float(_read().variation["reference_height_cm"]["value"]))
