"""The interference pattern: how full it is, how fast units fire, how many of them can be called on.

Discharges of full effort are counted; many hide one another, and the count saturates. How many motor units
that means, in halvings of the number in health, is a monotone curve found with known signals; it takes
full effort for granted, so that a patient who holds back seems to have fewer units. Where units are few, the
firing of each is followed. Words are those of a record, each said where its meaning holds with room to spare.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from garland._types import Ints
from garland.evidence import part
from garland.signals.muap import _reversals, _Unit, motor_units
from garland.signals.spikes import _apart_in_time, _find_spikes, _noise_uv, _peaks_of, _regularity, _sharpened
from garland.signals.trace import Trace

_TO_THE_END_MS = 1e12


class _Interference(NamedTuple):
    """The pattern of full effort, and how units were called on in weak effort.

    Attributes
    ----------
    turns_per_s : float
        Changes of direction of 100 uV or more [1/s].
    amplitude_per_turn_uv : float
        Mean change between two turns [uV]; 0 without turns.
    fullness : float
        Share of hundredths of a second in which there is a discharge [0..1].
    discharges_per_s : float
        Discharges that stand out in full effort [1/s]; 250 where they run together.
    peak_rate_hz : float
        Rate of the fastest unit that could be followed [Hz]; 0 if none could, as in a full pattern.
    units : int
        Units that could be followed in full effort [-].
    ratio : float
        Rate of the fastest unit over the number of units in weak effort, mean over places [Hz]; 0 for none.
    log2 : float
        Binary logarithm of the share of motor units that can be called on: 0 in health, -7 for none [-].
    early : bool
        Whether many small units fire at little force.
    word : str
        ``normal``, ``mildly-reduced``, ``reduced``, ``severely-reduced``, ``single-unit``, ``none`` or
        ``early``.
    """

    turns_per_s: float
    amplitude_per_turn_uv: float
    fullness: float
    discharges_per_s: float
    peak_rate_hz: float
    units: int
    ratio: float
    log2: float
    early: bool
    word: str


def _word_of(log2: float) -> str:
    """Return the word for recruitment."""
    for word, least in sorted(
        part("signals/needle").table("word_least_log2").items(), key=lambda item: -item[1]
    ):
        if log2 >= least:
            return word
    return "none"


def _turns(trace: Trace) -> tuple[float, float]:
    """Return turns per second [1/s] and the mean change between two turns [uV]."""
    at = _reversals(trace.samples_uv, part("signals/needle").value("turn_uv"))
    if len(at) < 2 or trace.duration_ms <= 0.0:
        return 0.0, 0.0
    mean = float(np.abs(np.diff(trace.samples_uv[at])).mean())
    return len(at) / (trace.duration_ms / 1000.0), mean


def interference(
    full: Trace, weak: Sequence[Trace] = (), units: Sequence[_Unit] | None = None
) -> _Interference:
    """Measure the pattern of full effort, and from weak effort how units are called on."""
    p = part("signals/needle")
    steady = full.between(full.start_ms + min(p.value("reached_ms"), 0.5 * full.duration_ms), _TO_THE_END_MS)
    turns_per_s, amplitude = _turns(steady)
    sharp = _sharpened(steady)
    rate = full.rate_hz
    share = p.value("quiet_share")
    quietest = min(
        [_noise_uv(sharp, rate, share), *(_noise_uv(_sharpened(w), w.rate_hz, share) for w in weak)]
    )
    floor = p.value("peak_over_noise") * min(quietest, p.value("noise_most_uv"))
    peaks = _peaks_of(sharp, max(floor, p.value("least_peak_uv")), int(p.value("counted_ms") * rate / 1000.0))
    discharges = len(peaks) / max(steady.duration_ms / 1000.0, 1e-9)
    log2 = _log2_of(discharges)
    fastest, followed = _followed(steady) if discharges < p.value("followed_per_s") else (0.0, 0)
    units = motor_units(weak) if units is None else units
    early = log2 > p.value("early_least_log2") and _early(weak, units, floor)
    return _Interference(
        turns_per_s=turns_per_s,
        amplitude_per_turn_uv=amplitude,
        fullness=_fullness(peaks, steady),
        discharges_per_s=discharges,
        peak_rate_hz=fastest,
        units=followed,
        ratio=_recruitment_ratio(units),
        log2=log2,
        early=early,
        word="early" if early else _word_of(log2),
    )


def _log2_of(discharges_per_s: float) -> float:
    """Return the binary logarithm of the share of motor units called on, from what stands out in full effort.

    From -7, for none, to 0 [-]; rises with discharges all the way.
    """
    p = part("signals/needle")
    return float(np.interp(discharges_per_s, p.row("discharges_at_log2"), p.row("log2_at_discharges")))


def _recruitment_ratio(units: Sequence[_Unit]) -> float:
    """Return the rate of the fastest unit over the number of units, mean over places [Hz]; 0 without
    units.
    """
    places = {unit.site for unit in units}
    ratios = []
    for place in places:
        rates = [unit.rate_hz for unit in units if unit.site == place]
        ratios.append(max(rates) / len(rates))
    return float(np.mean(ratios)) if ratios else 0.0


def _followed(steady: Trace) -> tuple[float, int]:
    """Return the rate of the fastest unit that can be followed [Hz], and how many can."""
    p = part("signals/needle")
    last = steady.between(steady.times_ms[-1] - p.value("followed_ms"), _TO_THE_END_MS)
    sources = _apart_in_time(_find_spikes(last, int(p.value("followed_least"))).sources, last.rate_hz)
    firing = [_regularity(source.at, last.rate_hz) for source in sources]
    rates = [rate for rate, uneven in firing if uneven < p.value("uneven_unit")]
    return max(rates, default=0.0), len(rates)


def _fullness(peaks: Ints, steady: Trace) -> float:
    """Return the share of hundredths of a second that hold a discharge [0..1]."""
    width = max(int(0.01 * steady.rate_hz), 1)
    bins = max(len(steady.samples_uv) // width, 1)
    return min(len(np.unique(peaks // width)) / bins, 1.0)


def _early(weak: Sequence[Trace], units: Sequence[_Unit], floor_uv: float) -> bool:
    """Tell whether more units fire at little force, and faster together, than in health."""
    p = part("signals/needle")
    if not weak or len(units) < p.value("early_units") * len(weak):
        return False
    apart = [int(p.value("counted_ms") * site.rate_hz / 1000.0) for site in weak]
    counts = [
        len(_peaks_of(_sharpened(site), max(floor_uv, p.value("least_peak_uv")), gap))
        * 1000.0
        / site.duration_ms
        for site, gap in zip(weak, apart, strict=True)
    ]
    return bool(np.mean(counts) > p.value("early_per_s"))
