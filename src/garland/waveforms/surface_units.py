"""Motor unit potentials at the surface of a muscle, and their sum.

Trusted  electrode over the end-plates, reference beyond the tendon; skin from 20 to 40 degrees.

The potential of a unit is the mean over its fibres: end-plates scatter along the muscle, branches differ in
length. It is made of the potentials of single fibres under an electrode on the surface of muscle (twice that
of endless muscle) less that at the reference. Sums are taken on spectra, where a delay is a turn of phase and
need not be whole samples.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from garland.evidence import part
from garland.waveforms.amplifier import _settings
from garland.waveforms.motor_units import SHAPES, Floats, Ints, _even_normals
from garland.waveforms.muscle_fibre import _potential_uv

Spectra = NDArray[np.complex128]

PERIOD = 4096
"""Samples after which a spectrum repeats: later answers would come round again [-]."""
HIGHEST_HZ = 2000.0
"""Above this a surface potential holds nothing [Hz]."""
_FIBRE_SAMPLES = 900
"""Samples that hold the potential of one fibre, to its end at the tendon."""
_BLOCK = 32
"""Phases are multiplied out from coarse and fine steps of so many [-]."""
_NODES = np.array([-(3.0**0.5), 0.0, 3.0**0.5]), np.array([1.0, 4.0, 1.0]) / 6.0
"""Three places and weights that stand for a standard normal spread."""


def _rate_hz() -> float:
    """Return the sampling rate of motor studies and late responses [Hz]."""
    return _settings("motor").rate_hz


def _frequencies_hz() -> Floats:
    """Return the frequencies of the spectra, shape (F,) [Hz]."""
    step = _rate_hz() / PERIOD
    return np.asarray(step * np.arange(int(HIGHEST_HZ / step) + 1), float)


def _per_muscle(name: str, muscle: str) -> float:
    table = part("traces/motor").table(name)
    return table.get(muscle, table["any"])


@lru_cache(maxsize=64)
def _unit_spectra(muscle: str, diameter_um: float, temperature_c: float = 34.0) -> Spectra:
    """Return the spectra of the unit potentials of a muscle, per muscle fibre.

    Shape (SHAPES, F) [uV].
    """
    p = part("traces/motor")
    latents = _even_normals(SHAPES, 4)
    depth = _per_muscle("depth_mm", muscle) * np.exp(p.value("depth_cv") * latents[0])
    half = _per_muscle("half_length_mm", muscle)
    length = half * np.exp(p.value("half_length_cv") * latents[1])
    diameter = diameter_um + p.spread("fibre_diameter_um") * latents[2]
    spread = p.table("end_plate_sd_mm")
    nodes, weights = _NODES
    plate = (spread["units"] * latents[3])[:, None] + spread["fibres"] * nodes
    plate = np.clip(plate, -0.8 * length[:, None], 0.8 * length[:, None]).ravel()
    wide = [np.repeat(x, len(nodes)) for x in (depth, diameter, length)]
    warm = 1.0 + p.value("muscle_velocity_per_degree") * (temperature_c - 34.0)
    times = (_FIBRE_SAMPLES, 1000.0 / _rate_hz() * max(warm, 0.2))
    beyond = length.max() + p.value("reference_beyond_mm")
    ends = (wide[2] + plate, wide[2] - plate)
    active = _potential_uv(times, -plate, wide[0], wide[1], ends)
    away = _potential_uv(times, beyond - plate, wide[0], wide[1], ends)
    fibre = 2.0 * (active - away).reshape(SHAPES, len(nodes), -1)
    whole = np.einsum("e,ket->kt", weights, fibre)
    turn = 2e-3 * np.pi * _frequencies_hz()
    blur = np.exp(-0.5 * (p.value("branch_sd_ms") * turn) ** 2)
    return np.asarray(fft.rfft(whole, PERIOD, axis=-1)[:, : len(turn)] * blur)


def _phases(delay_ms: Floats) -> Spectra:
    """Return the spectra of unit impulses at the given times, shape (U,) to (U, F)."""
    count = len(_frequencies_hz())
    turn = -2e-3j * np.pi * _rate_hz() / PERIOD * delay_ms[:, None]
    fine = np.exp(turn * np.arange(_BLOCK))
    coarse = np.exp(turn * (_BLOCK * np.arange(-(-count // _BLOCK))))
    return np.asarray((coarse[:, :, None] * fine[:, None, :]).reshape(len(delay_ms), -1)[:, :count])


def _compound(spectra: Spectra, shape: Ints, delay_ms: Floats, fibres: Floats) -> Floats:
    """Return sums of unit potentials.

    Shape (S, PERIOD) [uV], from the stimulus on.
    """
    total = np.zeros((len(fibres), spectra.shape[1]), complex)
    heard = np.flatnonzero((fibres > 0.0).any(axis=0))
    if not len(heard):
        return np.zeros((len(fibres), PERIOD))
    waves = _phases(delay_ms[heard])
    for kind in range(SHAPES):
        own = shape[heard] == kind
        if own.any():
            # Not a matrix product: its threads cost more than so small a sum.
            total += np.einsum("su,uf->sf", fibres[:, heard[own]].astype(complex), waves[own]) * spectra[kind]
    return np.asarray(fft.irfft(total, PERIOD, axis=-1))
