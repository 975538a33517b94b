"""One muscle fibre: its action potential, its currents through muscle, and what a needle sees of it.

The intracellular potential of Rosenfalck starts at the end plate and runs to both tendons. Axial current is
conductance times slope; what leaves it at each place is the transmembrane current, and there is none beyond
the ends of the fibre, so that the currents of a fibre sum to zero at every instant, at its start at the end
plate and at its end at the tendon too. Muscle around it is endless and conducts better along than across
its fibres; potentials are absolute microvolts.

The core of a concentric needle is an ellipse at the bevel, the shaft behind it is the reference. Both are
averaged over in closed form: the ellipse as the line of the same second moment along the shaft, the shaft as
a line. Fibres stand at the places of a fine grid and have one of a few diameters, so that every potential is
made once and kept. The tendons are so far that core and shaft see their end alike; they lie outside the
window.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from garland._types import Float32s, Float64s, Ints
from garland.evidence import part


def _shape(z_mm: ArrayLike, order: int) -> Float64s:
    """Return the potential above rest [mV] or its first or second derivative by z [mV/mm, mV/mm2]."""
    p = part("traces/muscle_fibre")
    scale, length = p.table("potential_mv")["scale"], p.value("potential_length_mm")
    z = np.maximum(np.asarray(z_mm, float), 0.0)
    u = z / length
    # Slope and curvature in closed form: differences of samples would leave a net current behind.
    bend = (z**3, z**2 * (3.0 - u), z * (6.0 - 6.0 * u + u * u))[order]
    return np.asarray(scale * bend * np.exp(-u))


def _axial_current_na(z_mm: ArrayLike, diameter_um: ArrayLike) -> Float64s:
    """Return the current inside the fibre in the direction of travel, shapes broadcast [nA]."""
    section = np.pi * np.asarray(diameter_um, float) ** 2 / 4.0
    return np.asarray(1e-3 * part("traces/muscle_fibre").value("inside_s_m") * section * _shape(z_mm, 1))


def _velocity_m_s(diameter_um: ArrayLike) -> Float64s:
    """Return the conduction velocity of fibres by diameter, same shape [m/s]; at 34 degC."""
    p = part("traces/muscle_fibre")
    rise = p.value("velocity_per_um") * (np.asarray(diameter_um, float) - 25.0)
    # The line through thick fibres comes to zero in thin denervated ones; it is held above that.
    return np.maximum(p.value("velocity_m_s") + rise, p.value("velocity_least_m_s"))


def _reach_uv_na(along_mm: ArrayLike, across_mm: ArrayLike) -> Float64s:
    """Return the potential of a point source of one nanoampere in endless muscle.

    [uV/nA].
    """
    p = part("traces/muscle_fibre")
    across = p.value("across_s_m")
    far = p.value("along_s_m") / across * np.square(across_mm) + np.square(along_mm)
    return np.asarray(1.0 / (4.0 * np.pi * across * np.sqrt(far)))


def _travel(steps: int, step_ms: float, velocity: Float64s, end_mm: Float64s) -> Float64s:
    """Return where a front starting at the end plate stands at each sample, halted at the tendon.

    Shape (N, T + 1) [mm].
    """
    # A front that stands at the tendon changes no potential: the end of the fibre needs no case of its own.
    return np.minimum(velocity[:, None] * (step_ms * np.arange(steps + 1)), end_mm[:, None])


def _action_spectrum(steps: int, step_ms: float, diameter_um: Float64s) -> NDArray[np.complex128]:
    """Return the spectrum of the axial current half a sample late, shape (N, steps // 2 + 1) [nA]."""
    velocity = _velocity_m_s(diameter_um)
    # Changes of reach stand between two samples; so must the current that they are multiplied with.
    passed = velocity[:, None] * (step_ms * (np.arange(steps) - 0.5))
    return np.asarray(fft.rfft(_axial_current_na(passed, diameter_um[:, None]), axis=-1))


def _potential_uv(
    times: tuple[int, float],
    along_mm: ArrayLike,
    across_mm: ArrayLike,
    diameter_um: ArrayLike,
    ends_mm: tuple[ArrayLike, ArrayLike],
) -> Float64s:
    """Return the potential of single fibres at one electrode point each, from the start at the end plate.

    Shape (N, T) [uV], absolute: against a reference far away.
    """
    steps, step_ms = times
    along, across, diameter, left, right = (
        np.atleast_1d(x) for x in np.broadcast_arrays(along_mm, across_mm, diameter_um, *ends_mm)
    )
    velocity = _velocity_m_s(diameter)
    # Twice the window: what comes round again falls into the half that is cut off.
    length = fft.next_fast_len(2 * steps, real=True)
    length += length % 2
    weight = np.zeros((len(along), steps))
    for sign, end in ((1.0, right), (-1.0, left)):
        place = sign * _travel(steps, step_ms, velocity, np.asarray(end, float))
        # At constant velocity the potential is the current convolved with the change of reach along its way.
        # Differences, not a derivative: the sources of the fibre then sum to zero at every sample.
        weight += np.diff(_reach_uv_na(along[:, None] - place, across[:, None]), axis=-1)
    passing = _action_spectrum(length, step_ms, np.asarray(diameter, float))
    full = fft.irfft(fft.rfft(weight, length, axis=-1) * passing, length, axis=-1)
    return np.asarray(full[:, :steps])


RATE_HZ = 24000.0
"""Sampling rate of needle recordings [Hz]."""
STEP_MS = 1000.0 / RATE_HZ
WINDOW = 384
"""Samples kept of one fibre's potential, from its start at the end plate: 16 ms."""
FAR_MM = 3.0
"""Fibres farther from the core than this are left out [mm]."""
_NEAR_MM = 0.03
_ACROSS, _DEPTHS, _SKEW = 12, 23, 3.0


def _places_mm() -> tuple[Float64s, Float64s]:
    """Return the grid on which fibres stand: distance beside the shaft (A,) and depth (B,) [mm].

    Depth is measured along the shaft from the middle of the core, negative beyond the tip.
    """
    beside = np.geomspace(_NEAR_MM, FAR_MM, _ACROSS)
    # Potentials fall off steeply from the core: the grid is close there and wide farther out.
    depth = FAR_MM * np.sinh(_SKEW * np.linspace(-1.0, 1.0, _DEPTHS)) / np.sinh(_SKEW)
    return beside, np.asarray(depth, float)


def _diameters_um() -> Float64s:
    """Return the diameters that fibres may have, shape (C,) [um]."""
    return np.asarray(part("traces/needle").row("diameters_um"), float)


def _needle_uv_na(along_mm: ArrayLike, beside_mm: ArrayLike, depth_mm: ArrayLike) -> Float64s:
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
        # The mean of 1/r over a line is a difference of arcsinh: no points that a fibre could come too near
        # to.
        near, far = (ratio * (end - np.asarray(depth_mm)) / aside for end in (first, last))
        seen = seen + sign * (np.arcsinh(far) - np.arcsinh(near)) / (last - first)
    return np.asarray(seen / (4.0 * np.pi * across * ratio))


@lru_cache(maxsize=8)
def _fibre_bank(end_plate_mm: float) -> Float32s:
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
    # Two fronts leave the end plate at once, mirror images of one another.
    seen = _needle_uv_na(end_plate_mm - place, *grid) + _needle_uv_na(end_plate_mm + place, *grid)
    # Single precision: the bank is the largest array here, and its error is far below the noise of a needle.
    weight = np.diff(seen, axis=-1).astype(np.float32)
    wave = fft.irfft(fft.rfft(weight, length, axis=-1) * passing[:, None, None, :], length, axis=-1)
    kept = np.ascontiguousarray(wave[..., :WINDOW] * _taper(), dtype=np.float32)
    kept.setflags(write=False)
    return kept


def _taper() -> Float64s:
    """Return ones that fade to zero over the last 2 ms of the window, shape (WINDOW,)."""
    fade = round(2.0 / STEP_MS)
    # A window cut off short would end in a step, which the filters of the amplifier turn into a wave.
    end = 0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 1.0) / fade)
    return np.concatenate([np.ones(WINDOW - fade), end])


def _bank_rows(beside_mm: Float64s, depth_mm: Float64s, diameter_um: Float64s) -> Ints:
    """Return which row of the flat bank stands for each of N fibres, shape (N,)."""
    beside, depth = _places_mm()
    # Borders on a geometric grid are geometric means.
    middle = np.sqrt(beside[1:] * beside[:-1])
    a = np.searchsorted(middle, np.abs(beside_mm))
    b = np.searchsorted((depth[1:] + depth[:-1]) / 2.0, depth_mm)
    every = _diameters_um()
    c = np.searchsorted((every[1:] + every[:-1]) / 2.0, diameter_um)
    return np.asarray((c * len(beside) + a) * len(depth) + b, np.int64)
