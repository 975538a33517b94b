"""What a needle records in a muscle at rest, and its grade."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from garland.evidence import part
from garland.signals.needle_site import _look_at_site
from garland.signals.spikes import _noise_uv, _sharpened
from garland.signals.trace import Trace

_AFTER_ALL_MS = 1e12
_BIN_MS = 20.0
_MEDIAN_OF_NOISE = 0.6745


def trains_for_grade(grade: float) -> float:
    """Return how many trains of fibrillation a grade means, on average over needle places.

    Mean number of fibres firing within reach of the needle at one place [-]: 0.35 at grade 0.5 (1.7 over five
    places), 0.6 at 1, 1.6 at 2, 3.8 at 3, 8.9 at 4.
    """
    scale = part("recordings/needle")
    share = math.expm1(max(grade - scale.value("fibrillation_zero"), 0.0) / scale.value("fibrillation_gain"))
    return part("signals/needle").value("pickup_fibres") * scale.value("fibrillation_scale") * share


def _grade_of_trains(trains: float) -> float:
    """Return the grade at which that many trains are met at one place; the inverse of `trains_for_grade`.

    Grade on the continuous 0-4 scale, from -1 up [-].
    """
    scale = part("recordings/needle")
    full = part("signals/needle").value("pickup_fibres") * scale.value("fibrillation_scale")
    return scale.value("fibrillation_zero") + scale.value("fibrillation_gain") * math.log1p(trains / full)


class _Spontaneous(NamedTuple):
    """What a muscle does at rest.

    Attributes
    ----------
    grade : float
        Fibrillation and positive waves on the continuous 0-4 scale, from -0.8 [-].
    fibrillation, positive_waves : int
        All trains, and those of positive waves alone, on the 0-4 scale: 1 is trains in at least two
        places, 4 a baseline that is hidden in all of them [-].
    trains : float
        Mean number of trains at a place [-].
    amplitude_uv : float
        Median size of the trains, peak to peak [uV]; 0 without trains.
    rate_hz : float
        Median rate of the trains [Hz]; 0 without.
    fasciculations, myokymia, complex_repetitive, end_plate : bool
        Whether met: motor units firing now and then, in groups; long complex potentials repeating exactly;
        the noise of an end plate.
    insertional : str
        ``normal``, ``increased`` or ``reduced``.
    """

    grade: float
    fibrillation: int
    positive_waves: int
    trains: float
    amplitude_uv: float
    rate_hz: float
    fasciculations: bool
    myokymia: bool
    complex_repetitive: bool
    end_plate: bool
    insertional: str


def spontaneous(areas: Sequence[Trace]) -> _Spontaneous:
    """Grade what a muscle does at rest."""
    p = part("signals/needle")
    lasts = [_insertion_ms(area) for area in areas]
    every = [_look_at_site(_graded(area, ms), area.start_ms) for area, ms in zip(areas, lasts, strict=True)]
    lasts = [max(ms, found.set_off_ms) for ms, found in zip(lasts, every, strict=True)]
    hiss = p.value("end_plate_over_noise") * min((found.noise_uv for found in every), default=0.0)
    silent = [found for found in every if found.noise_uv <= hiss or found.complex_repetitive]
    single = [found for found in silent if not (found.complex_repetitive or found.myokymia)]
    trains = float(np.mean([found.trains for found in single])) if single else 0.0
    positive = float(np.mean([found.positive for found in single])) if single else 0.0
    sizes = [size for found in single for size in found.sizes_uv]
    rates = [rate for found in single for rate in found.rates_hz if rate > 0.0]
    return _Spontaneous(
        grade=_grade_of_trains(trains),
        fibrillation=_whole_grade(trains, sum(found.trains >= 0.5 for found in single)),
        positive_waves=_whole_grade(positive, sum(found.positive >= 0.5 for found in single)),
        trains=trains,
        amplitude_uv=float(np.median(sizes)) if sizes else 0.0,
        rate_hz=float(np.median(rates)) if rates else 0.0,
        fasciculations=sum(found.fasciculations > 0 for found in silent) >= p.value("fasciculations_least"),
        myokymia=any(found.myokymia for found in silent),
        complex_repetitive=any(found.complex_repetitive for found in silent),
        end_plate=len(silent) < len(every),
        insertional=_insertional(lasts),
    )


def _whole_grade(trains: float, places: int) -> int:
    """Return the grade in whole numbers: none unless trains are met in two places."""
    return 0 if places < 2 else min(max(math.floor(_grade_of_trains(trains) + 0.5), 0), 4)


def _insertion_ms(area: Trace) -> float:
    """Return how long activity set off by the needle's movement lasts at one place [ms]."""
    p = part("signals/needle")
    width = max(int(_BIN_MS * area.rate_hz / 1000.0), 1)
    bins = len(area.samples_uv) // width
    if bins < 4:
        return 0.0
    sharp = np.abs(_sharpened(area))[: bins * width]
    size = np.median(sharp.reshape(bins, width), axis=1)
    smooth = np.median(
        np.stack([size, np.append(size[1:], size[-1]), np.append(size[2:], size[-2:])]), axis=0
    )
    rest = max(float(np.median(size[bins // 2 :])), _noise_uv(sharp, area.rate_hz) * _MEDIAN_OF_NOISE)
    quiet = np.flatnonzero(smooth < p.value("insertion_over_rest") * rest)
    return _BIN_MS * float(quiet[0] if len(quiet) else bins)


def _graded(area: Trace, lasts_ms: float) -> Trace:
    """Return what is graded of one place: what comes after insertional activity."""
    p = part("signals/needle")
    skipped = min(max(lasts_ms + _BIN_MS, p.value("insertion_ms")), p.value("insertion_most_ms"))
    return area.between(area.start_ms + skipped, _AFTER_ALL_MS)


def _insertional(lengths_ms: Sequence[float]) -> str:
    """Return the word for insertional activity from its length at each place."""
    p = part("signals/needle")
    if not lengths_ms:
        return "normal"
    middle = float(np.median(lengths_ms))
    if middle > p.value("insertion_longest_ms"):
        return "increased"
    return "reduced" if middle < p.value("insertion_shortest_ms") else "normal"
