"""The single fibres of a sensory nerve: how thick they are in health, and which of them disease has struck.

Trusted  adults of 18-100 years.

A nerve is stood for by `FIBRES` fibres at the even quantiles of its diameters. Shares are kept to one
fibre, and disease strikes evenly over thick and thin: chance only says where along the list it begins, so
that a share of the fibres carries that share of the potential. `_even_numbers` and `_struck` serve any nerve
whose diameters are listed from thin to thick.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.errors import InputError
from garland.evidence import part
from garland.signals.trace import Floats

FIBRES = 4000
"""Fibres that stand for a nerve."""
_REFERENCE_AGE_YEARS = 50.0
_THRESHOLD_UM = 10.0
_STEPS = (0.6180339887498949, 0.4142135623730951)
"""Steps of two even sequences that do not keep time with each other: golden section, root of 2."""


class _Nerve(NamedTuple):
    """A healthy nerve.

    Attributes
    ----------
    diameter_um : ndarray
        Outer diameters of the fibres that stand for it, rising, shape (F,) [um].
    fibres : float
        Number of myelinated fibres it has.
    """

    diameter_um: Floats
    fibres: float


class _Struck(NamedTuple):
    """The same fibres in disease, all of shape (F,).

    Attributes
    ----------
    diameter_um : ndarray
        Outer diameter; regrown fibres are thinner [um].
    speed : ndarray
        Velocity relative to what it was in health, demyelination left out [0..1].
    intact, regrown : ndarray of bool
        Never cut; cut and regrown. The others are lost.
    conducting : ndarray of bool
        Connected and not blocked: only these answer.
    slowing : ndarray
        Rise of conduction time by demyelination in each fibre [-].
    """

    diameter_um: Floats
    speed: Floats
    intact: NDArray[np.bool_]
    regrown: NDArray[np.bool_]
    conducting: NDArray[np.bool_]
    slowing: Floats


def _even_numbers(n: int, start: float, which: int = 0) -> Floats:
    """Return numbers between 0 and 1 that fill it evenly in every stretch of the list."""
    loose = (start + np.arange(n) * _STEPS[which]) % 1.0
    rank = np.empty(n)
    rank[np.argsort(loose)] = np.arange(n)
    return np.asarray((rank + 0.5) / n, float)


def _evenly(places: NDArray[np.int_], count: int, start: float) -> NDArray[np.int_]:
    """Return `count` of the places, as evenly along their list as can be; `start` [0..1] is chance."""
    which = (np.arange(count) + start) * (len(places) / max(count, 1))
    return np.asarray(places[which.astype(int)], int)


@lru_cache(maxsize=256)
def _diameters(age_years: int) -> Floats:
    """Return the diameters at the even quantiles of both peaks, rising, shape (FIBRES,) [um]."""
    from scipy.special import ndtri

    p = part("traces/nerve")
    large = round(FIBRES * p.value("large_share"))
    mode = p.value("large_mode_um") + p.value("large_mode_um_per_year") * (age_years - _REFERENCE_AGE_YEARS)
    peaks = []
    for count, middle, sd in (
        (FIBRES - large, p.value("small_mode_um"), p.value("small_sd_um")),
        (large, mode, p.value("large_sd_um")),
    ):
        peaks.append(middle + sd * ndtri((np.arange(count) + 0.5) / count))
    found = np.sort(np.maximum(np.concatenate(peaks), p.value("thinnest_um")))
    found.setflags(write=False)
    return found


def _healthy(study: str, age_years: float) -> _Nerve:
    """Return a healthy nerve of usual size."""
    p = part("traces/nerve")
    counts = p.table("fibres")
    if study not in counts:
        raise InputError("study", study, "must be a sensory study", f"choose one of {', '.join(counts)}")
    older = age_years - _REFERENCE_AGE_YEARS
    return _Nerve(
        _diameters(round(age_years)), counts[study] * np.exp(p.value("fibres_change_per_year") * older)
    )


def _check_shares(intact: float, regrown: float, passed: float) -> None:
    for name, share in (("intact", intact), ("regrown", regrown), ("passed", passed)):
        if not 0.0 <= share <= 1.0 + 1e-6:
            raise InputError(name, share, "is a share between 0 and 1", "give a share")
    if intact + regrown > 1.0 + 1e-6:
        raise InputError(
            "regrown", regrown, f"together with intact ({intact:g}) is at most 1", "lower one of them"
        )


def _struck(
    nerve: _Nerve,
    rng: np.random.Generator,
    *,
    intact: float = 1.0,
    regrown: float = 0.0,
    passed: float = 1.0,
    slowing: float = 0.0,
) -> _Struck:
    """Strike a healthy nerve with disease."""
    _check_shares(intact, regrown, passed)
    p = part("traces/nerve")
    count = len(nerve.diameter_um)
    starts = rng.random(4)
    connected = round((intact + regrown) * count)
    there = _evenly(np.arange(count), connected, starts[0])
    whole, conducting = np.zeros(count, bool), np.zeros(count, bool)
    whole[_evenly(there, min(round(intact * count), connected), starts[1])] = True
    back = np.zeros(count, bool)
    back[there] = ~whole[there]
    answering = _evenly(there, round(passed * connected), starts[2])
    conducting[answering] = True
    excess = np.zeros(count)
    excess[answering] = -np.log1p(-_even_numbers(len(answering), starts[3]))
    each = p.value("slowing_least") + p.value("slowing_spread") * excess
    return _Struck(
        diameter_um=np.where(back, nerve.diameter_um * p.value("regrown_thinness"), nerve.diameter_um),
        speed=np.where(back, p.value("regrown_velocity"), 1.0),
        intact=whole,
        regrown=back,
        conducting=conducting,
        slowing=slowing * each,
    )


def _threshold(diameter_um: Floats, rng: np.random.Generator) -> Floats:
    """Return the stimulus at which each fibre answers, relative to a supramaximal one.

    Shape (F,), at most 1 [-]: thick fibres answer first, and all to a supramaximal stimulus.
    """
    from scipy.special import ndtri

    p = part("traces/nerve")
    place = p.value("threshold_sd_ln") * ndtri(_even_numbers(len(diameter_um), rng.random(), 1))
    thick = (diameter_um / _THRESHOLD_UM) ** p.value("threshold_power")
    return np.asarray(np.minimum(p.value("threshold_share") * np.exp(place) / thick, 1.0), float)
