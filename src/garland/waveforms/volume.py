"""What an electrode sees of a current in the tissue: potential per unit current.

A point source of current I in a homogeneous medium raises the potential by I / (4 pi sigma r); where tissue
conducts better along the fibres, distance across counts for more. A surface that no current leaves, such as
skin, doubles the potential of an electrode on it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from garland.errors import InputError
from garland.evidence import part

Floats = NDArray[np.float64]

_NEAREST_MM = 1e-3


class _Medium(NamedTuple):
    """What conducts between fibre and electrode.

    Attributes
    ----------
    across_s_m, along_s_m : float
        Conductivity across and along the fibres [S/m].
    surface : bool
        Whether the electrode lies on a surface that no current leaves: potentials double.
    """

    across_s_m: float
    along_s_m: float
    surface: bool = False


class _Electrode(NamedTuple):
    """One point electrode.

    Attributes
    ----------
    along_mm : float
        Place along the fibres, from where the spikes set out [mm].
    depth_mm : float
        Distance from the axis of the fibres [mm], above 0.
    sign : float
        1 for the active electrode, -1 for the reference.
    """

    along_mm: float
    depth_mm: float
    sign: float = 1.0


def _tissue(surface: bool = True) -> _Medium:
    """Return the tissue around a nerve, the same in all directions."""
    sigma = part("traces/axon").value("tissue_s_m")
    return _Medium(sigma, sigma, surface)


def _lead_field_uv_na(along_mm: ArrayLike, depth_mm: ArrayLike, medium: _Medium) -> Floats:
    """Return the potential at an electrode per unit of current from a point.

    Potential per current, broadcast shape [uV/nA].
    """
    depth = np.asarray(depth_mm, float)
    if min(medium.across_s_m, medium.along_s_m) <= 0.0:
        raise InputError("medium", medium[:2], "is not above 0 S/m both ways", "give conductivities above 0")
    if np.any(depth < _NEAREST_MM):
        nearest = float(depth.min())
        raise InputError("depth_mm", nearest, "is below 0.001 mm", "move the electrode away from the fibre")
    stretch = medium.along_s_m / medium.across_s_m
    reach = np.sqrt(np.square(np.asarray(along_mm, float)) + stretch * depth**2)
    gain = 2.0 if medium.surface else 1.0
    return np.asarray(gain / (4.0 * math.pi * medium.across_s_m * reach), float)
