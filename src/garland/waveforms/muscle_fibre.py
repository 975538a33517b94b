"""One muscle fibre: its action potential, the currents it drives through muscle, and what an electrode sees.

Reads    evidence.   Feeds  recordings.traces needle_units, spontaneous, muscle units of the CMAP.
Numbers  evidence/parameters/traces/muscle_fibre.yaml

The intracellular potential of Rosenfalck starts at the end plate and runs to both tendons. Axial current is
conductance times slope; what leaves it at each place is the transmembrane current, and there is none beyond
the ends of the fibre, so that the currents of a fibre sum to zero at every instant, at its start at the end
plate and at its end at the tendon too. Muscle around it is endless and conducts better along than across
its fibres; potentials are absolute microvolts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from garland.evidence import part

Floats = NDArray[np.float64]


def _shape(z_mm: ArrayLike, order: int) -> Floats:
    """Return the potential above rest [mV] or its first or second derivative by z [mV/mm, mV/mm2]."""
    p = part("traces/muscle_fibre")
    scale, length = p.table("potential_mv")["scale"], p.value("potential_length_mm")
    z = np.maximum(np.asarray(z_mm, float), 0.0)
    u = z / length
    bend = (z**3, z**2 * (3.0 - u), z * (6.0 - 6.0 * u + u * u))[order]
    return np.asarray(scale * bend * np.exp(-u))


def intracellular_mv(z_mm: ArrayLike) -> Floats:
    """Return the potential inside the fibre.

    Parameters
    ----------
    z_mm : array_like
        Distance behind the front of the action potential, any shape; negative ahead of it [mm].

    Returns
    -------
    ndarray
        Same shape [mV], at rest -90.
    """
    return _shape(z_mm, 0) - part("traces/muscle_fibre").table("potential_mv")["resting"]


def axial_current_na(z_mm: ArrayLike, diameter_um: ArrayLike) -> Floats:
    """Return the current inside the fibre in the direction of travel, shapes broadcast [nA].

    Parameters
    ----------
    z_mm : array_like
        Distance behind the front [mm].
    diameter_um : array_like
        Diameter of the fibre [um].
    """
    section = np.pi * np.asarray(diameter_um, float) ** 2 / 4.0
    return np.asarray(1e-3 * part("traces/muscle_fibre").value("inside_s_m") * section * _shape(z_mm, 1))


def current_per_mm(z_mm: ArrayLike, diameter_um: ArrayLike) -> Floats:
    """Return the current that leaves the fibre through its membrane, far from its ends.

    Parameters
    ----------
    z_mm : array_like
        Distance behind the front of the action potential [mm].
    diameter_um : array_like
        Diameter of the fibre, shapes broadcast [um]; trusted from 10 to 120.

    Returns
    -------
    ndarray
        Positive outwards [nA/mm]; its integral over the fibre is zero.
    """
    section = np.pi * np.asarray(diameter_um, float) ** 2 / 4.0
    return np.asarray(1e-3 * part("traces/muscle_fibre").value("inside_s_m") * section * _shape(z_mm, 2))


def velocity_m_s(diameter_um: ArrayLike) -> Floats:
    """Return the conduction velocity of fibres by diameter, same shape [m/s]; at 34 degC.

    Parameters
    ----------
    diameter_um : array_like
        Diameter of the fibre [um]; trusted from 15 to 100.
    """
    p = part("traces/muscle_fibre")
    rise = p.value("velocity_per_um") * (np.asarray(diameter_um, float) - 25.0)
    return np.maximum(p.value("velocity_m_s") + rise, p.value("velocity_least_m_s"))


def reach_uv_na(along_mm: ArrayLike, across_mm: ArrayLike) -> Floats:
    """Return the potential of a point source of one nanoampere in endless muscle.

    Parameters
    ----------
    along_mm, across_mm : array_like
        Distance from source to electrode along and across the fibres [mm], shapes broadcast.

    Returns
    -------
    ndarray
        [uV/nA].
    """
    p = part("traces/muscle_fibre")
    across = p.value("across_s_m")
    far = p.value("along_s_m") / across * np.square(across_mm) + np.square(along_mm)
    return np.asarray(1.0 / (4.0 * np.pi * across * np.sqrt(far)))


def sources_na(time_ms: float, edges_mm: Floats, diameter_um: float, ends_mm: tuple[float, float]) -> Floats:
    """Return the current that each piece of a fibre sends into the muscle at one time.

    Parameters
    ----------
    time_ms : float
        Since the action potential started at the end plate [ms].
    edges_mm : ndarray
        Borders of the pieces, rising, end plate at 0, shape (S + 1,) [mm].
    diameter_um : float
        Diameter [um].
    ends_mm : tuple of float
        Where the fibre ends on the negative and on the positive side of the end plate [mm].

    Returns
    -------
    ndarray
        Shape (S,) [nA]: what axial current enters a piece and does not leave it, with the start at the end
        plate and the ends at the tendons; the sum is zero where the pieces cover the fibre.
    """
    behind = float(velocity_m_s(diameter_um)) * time_ms - np.abs(edges_mm)
    inside = (edges_mm > ends_mm[0]) & (edges_mm < ends_mm[1])
    axial = np.where(inside, np.sign(edges_mm) * axial_current_na(behind, diameter_um), 0.0)
    return np.asarray(axial[:-1] - axial[1:])


def travel(steps: int, step_ms: float, velocity: Floats, end_mm: Floats) -> Floats:
    """Return where a front starting at the end plate stands at each sample, halted at the tendon.

    Parameters
    ----------
    steps : int
        Number of samples T.
    step_ms : float
        Time from sample to sample [ms].
    velocity, end_mm : ndarray
        Velocity [m/s] and length from end plate to tendon [mm] of N fibres, shape (N,).

    Returns
    -------
    ndarray
        Shape (N, T + 1) [mm].
    """
    return np.minimum(velocity[:, None] * (step_ms * np.arange(steps + 1)), end_mm[:, None])


def action_spectrum(steps: int, step_ms: float, diameter_um: Floats) -> NDArray[np.complex128]:
    """Return the spectrum of the axial current half a sample late, shape (N, steps // 2 + 1) [nA].

    Parameters
    ----------
    steps : int
        Samples of the window, even.
    step_ms : float
        Time from sample to sample [ms].
    diameter_um : ndarray
        Diameters of N fibres, shape (N,) [um].
    """
    velocity = velocity_m_s(diameter_um)
    passed = velocity[:, None] * (step_ms * (np.arange(steps) - 0.5))
    return np.asarray(fft.rfft(axial_current_na(passed, diameter_um[:, None]), axis=-1))


def potential_uv(
    times: tuple[int, float],
    along_mm: ArrayLike,
    across_mm: ArrayLike,
    diameter_um: ArrayLike,
    ends_mm: tuple[ArrayLike, ArrayLike],
) -> Floats:
    """Return the potential of single fibres at one electrode point each, from the start at the end plate.

    Parameters
    ----------
    times : tuple of int and float
        Number of samples T and time between them [ms]; the first is at the start. T must hold the whole
        action potential, past its end at the tendon.
    along_mm, across_mm : array_like
        Electrode minus end plate along the fibre, signed, and its distance across, shape (N,) or scalar [mm].
    diameter_um : array_like
        Diameter, shape (N,) or scalar [um].
    ends_mm : tuple of array_like
        Length from end plate to tendon on the negative and the positive side, both positive [mm].

    Returns
    -------
    ndarray
        Shape (N, T) [uV], absolute: against a reference far away.

    Notes
    -----
    The potential is the axial current convolved with the steps of `reach_uv_na` that the front passes, which
    is the integral of transmembrane current, end plate and tendons included, taken by parts. A sample is the
    mean over the stretch passed within it.
    """
    steps, step_ms = times
    along, across, diameter, left, right = (
        np.atleast_1d(x) for x in np.broadcast_arrays(along_mm, across_mm, diameter_um, *ends_mm)
    )
    velocity = velocity_m_s(diameter)
    length = fft.next_fast_len(2 * steps, real=True)
    length += length % 2
    weight = np.zeros((len(along), steps))
    for sign, end in ((1.0, right), (-1.0, left)):
        place = sign * travel(steps, step_ms, velocity, np.asarray(end, float))
        weight += np.diff(reach_uv_na(along[:, None] - place, across[:, None]), axis=-1)
    passing = action_spectrum(length, step_ms, np.asarray(diameter, float))
    full = fft.irfft(fft.rfft(weight, length, axis=-1) * passing, length, axis=-1)
    return np.asarray(full[:, :steps])
