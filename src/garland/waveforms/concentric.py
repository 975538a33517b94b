"""A concentric needle among muscle fibres: what it makes of one fibre at any place beside it.

The core at the bevel is an ellipse, the shaft behind it is the reference. Both are averaged over in closed
form: the ellipse as the line of the same second moment along the shaft, the shaft as a line. Fibres stand
at the places of a fine grid and have one of a few diameters, so that every potential is made once and kept.
The tendons are so far that core and shaft see their end alike; they lie outside the window.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from garland.evidence import part
from garland.waveforms.muscle_fibre import _action_spectrum, _travel, _velocity_m_s

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]

RATE_HZ = 24000.0
"""Sampling rate of needle recordings [Hz]."""
STEP_MS = 1000.0 / RATE_HZ
WINDOW = 384
"""Samples kept of one fibre's potential, from its start at the end plate: 16 ms."""
FAR_MM = 3.0
"""Fibres farther from the core than this are left out [mm]."""
_NEAR_MM = 0.03
_ACROSS, _DEPTHS, _SKEW = 12, 23, 3.0


def _places_mm() -> tuple[Floats, Floats]:
    """Return the grid on which fibres stand: distance beside the shaft (A,) and depth (B,) [mm].

    Depth is measured along the shaft from the middle of the core, negative beyond the tip.
    """
    beside = np.geomspace(_NEAR_MM, FAR_MM, _ACROSS)
    depth = FAR_MM * np.sinh(_SKEW * np.linspace(-1.0, 1.0, _DEPTHS)) / np.sinh(_SKEW)
    return beside, np.asarray(depth, float)


def _diameters_um() -> Floats:
    """Return the diameters that fibres may have, shape (C,) [um]."""
    return np.asarray(part("traces/needle").row("diameters_um"), float)


def _seen_uv_na(along_mm: ArrayLike, beside_mm: ArrayLike, depth_mm: ArrayLike) -> Floats:
    """Return what the needle records of a point source of one nanoampere, core minus shaft.

    [uV/nA].
    """
    p, medium = part("traces/needle"), part("traces/muscle_fibre")
    across = medium.value("across_s_m")
    ratio = np.sqrt(medium.value("along_s_m") / across)
    aside = np.sqrt(np.square(ratio * np.asarray(beside_mm)) + np.square(along_mm))
    core = np.sqrt(3.0) / 4.0 * p.table("core_mm")["long"]
    shaft = p.table("shaft_mm")
    seen = np.zeros(1)
    for sign, first, last in ((1.0, -core, core), (-1.0, shaft["first"], shaft["last"])):
        near, far = (ratio * (end - np.asarray(depth_mm)) / aside for end in (first, last))
        seen = seen + sign * (np.arcsinh(far) - np.arcsinh(near)) / (last - first)
    return np.asarray(seen / (4.0 * np.pi * across * ratio))


@lru_cache(maxsize=8)
def _bank(end_plate_mm: float) -> Singles:
    """Return the potential of one fibre of every diameter at every place, made once per distance.

    Shape (C, A, B, WINDOW), read-only, from the start at the end plate on [uV].
    """
    beside, depth = _places_mm()
    diameter = _diameters_um()
    length = 2 * WINDOW
    passing = _action_spectrum(length, STEP_MS, diameter)
    far = np.full(len(diameter), 1e6)
    place = _travel(WINDOW, STEP_MS, _velocity_m_s(diameter), far)[:, None, None, :]
    grid = beside[None, :, None, None], depth[None, None, :, None]
    seen = _seen_uv_na(end_plate_mm - place, *grid) + _seen_uv_na(end_plate_mm + place, *grid)
    weight = np.diff(seen, axis=-1).astype(np.float32)
    wave = fft.irfft(fft.rfft(weight, length, axis=-1) * passing[:, None, None, :], length, axis=-1)
    kept = np.ascontiguousarray(wave[..., :WINDOW] * _taper(), dtype=np.float32)
    kept.setflags(write=False)
    return kept


def _taper() -> Floats:
    """Return ones that fade to zero over the last 2 ms of the window, shape (WINDOW,)."""
    fade = round(2.0 / STEP_MS)
    end = 0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 1.0) / fade)
    return np.concatenate([np.ones(WINDOW - fade), end])


def _rows(beside_mm: Floats, depth_mm: Floats, diameter_um: Floats) -> Ints:
    """Return which row of the flat bank stands for each of N fibres, shape (N,)."""
    beside, depth = _places_mm()
    middle = np.sqrt(beside[1:] * beside[:-1])
    a = np.searchsorted(middle, np.abs(beside_mm))
    b = np.searchsorted((depth[1:] + depth[:-1]) / 2.0, depth_mm)
    every = _diameters_um()
    c = np.searchsorted((every[1:] + every[:-1]) / 2.0, diameter_um)
    return np.asarray((c * len(beside) + a) * len(depth) + b, np.int64)
