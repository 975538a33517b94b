"""The amplifier: what the machine makes of a voltage between two electrodes.

Trusted  filter limits below half of the sampling rate.

Filters are causal, as in the machine: they delay a wave and draw out its tail, and what is measured
includes that. Noise is white at the input and goes through the same filters; the mean of n sweeps is drawn
at once, since the mean of independent normal noise is normal. The stimulus artefact is what is left of it
behind the filters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.linalg.blas import dtbsv

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.signals.trace import Trace

KINDS = ("sensory", "motor", "late", "needle")
"""Kinds of study that have settings of their own."""
_NV_PER_UV = 1000.0
_LEAD_MS = 5.0
"""Noise that runs through the filters before the first sample [ms]."""
_ROOM = 0.98
"""The upper filter limit stays below this share of half the sampling rate [-]."""


@dataclass(frozen=True)
class _Settings:
    """How the machine is set for one kind of study.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    low_hz, high_hz : float
        Filter limits, -3 dB [Hz].
    rate_hz : float
        Samples per second [Hz].
    sweep_ms, division_ms : float
        Length of one sweep, and of one division of the screen [ms].
    noise_nv_root_hz : float
        Noise density at the input [nV/Hz^0.5].
    sweeps : int
        Sweeps averaged unless said otherwise.
    step_uv, range_uv : float
        Smallest step and largest voltage of the converter [uV].
    artefact_uv, artefact_ms : float
        Median stimulus artefact after the pulse [uV] and its time constant [ms].
    """

    kind: str
    low_hz: float
    high_hz: float
    rate_hz: float
    sweep_ms: float
    division_ms: float
    noise_nv_root_hz: float
    sweeps: int
    step_uv: float
    range_uv: float
    artefact_uv: float
    artefact_ms: float


@lru_cache
def _settings(kind: str) -> _Settings:
    """Return the settings of one kind of study."""
    if kind not in KINDS:
        raise InputError("kind", kind, f"must be one of {', '.join(KINDS)}", "choose one of these")
    group = part("traces/amplifier").group(kind)
    values = {name: group.value(name) for name in group.names if name != "sweeps"}
    return _Settings(kind=kind, sweeps=int(group.value("sweeps")), **values)


def _times_ms(kind: str) -> Float64s:
    """Return the times of the samples of one sweep from the stimulus on, shape (n,) [ms]."""
    chosen = _settings(kind)
    count = round(chosen.sweep_ms * chosen.rate_hz / 1000.0)
    return np.asarray(np.arange(count) * (1000.0 / chosen.rate_hz), float)


@lru_cache
def _coefficients(rate_hz: float, low_hz: float, high_hz: float) -> tuple[Float64s, Float64s]:
    """Return the coefficients of both filters together: of what goes in, and of what came out before."""
    p = part("traces/amplifier")
    onto, back = np.ones(1), np.ones(1)
    for name, limit_hz, zero in (("high_pass_poles", low_hz, 1.0), ("low_pass_poles", high_hz, -1.0)):
        if not 0.0 < limit_hz < _ROOM * rate_hz / 2.0:
            continue
        count = int(p.value(name))
        # Butterworth's poles lie on a circle; the bilinear transform takes them into that of the unit.
        turn = np.exp(0.5j * np.pi * (2.0 * np.arange(count) + count + 1.0) / count)
        pole = np.tan(np.pi * limit_hz / rate_hz) * turn
        zeros, poles = np.poly(np.full(count, zero)), np.poly((1.0 + pole) / (1.0 - pole)).real
        onto = np.convolve(onto, zeros * (np.polyval(poles, -zero) / np.polyval(zeros, -zero)))
        back = np.convolve(back, poles)
    return onto, back


def _filtered(trace: Trace, low_hz: float, high_hz: float) -> Trace:
    """Return the trace behind the filters of the machine, which saw its first sample for long before."""
    if not 0.0 <= low_hz < high_hz:
        rule = f"must lie between 0 and high_hz ({high_hz:g})"
        raise InputError("low_hz", low_hz, rule, "set the filter limits in order")
    count = len(trace.samples_uv)
    if not count:
        return trace
    onto, back = _coefficients(trace.rate_hz, low_hz, high_hz)
    first = trace.samples_uv[0]
    given = np.convolve(trace.samples_uv - first, onto)[:count]
    # The recursion of a filter is a triangular system of one band.
    out = dtbsv(len(back) - 1, np.tile(back, (count, 1)).T, given, lower=1, diag=1)
    return replace(trace, samples_uv=out + first * onto.sum() / back.sum())


def _noise(
    n: int, rate_hz: float, rng: np.random.Generator, kind: str, *, hum_uv: float = 0.0, sweeps: int = 1
) -> Float64s:
    """Draw the noise of the mean of some sweeps, as seen behind the filters.

    Shape (n,) [uV].
    """
    chosen = _settings(kind)
    if sweeps < 1:
        raise InputError("sweeps", sweeps, "must be 1 or more", "average at least one sweep")
    lead = round(_LEAD_MS * rate_hz / 1000.0)
    density = chosen.noise_nv_root_hz / _NV_PER_UV
    raw = rng.standard_normal(n + lead) * (density * np.sqrt(rate_hz / 2.0 / sweeps))
    if hum_uv > 0.0:
        turn = np.exp(2j * np.pi * rng.random(sweeps)).mean()
        wave = np.exp(2j * np.pi * part("traces/amplifier").value("mains_hz") / rate_hz * np.arange(n + lead))
        raw = raw + hum_uv * (turn * wave).real
    return _filtered(Trace(raw, rate_hz), chosen.low_hz, chosen.high_hz).samples_uv[lead:]


def _averaged(
    trace: Trace, sweeps: int, rng: np.random.Generator, kind: str, *, hum_uv: float = 0.0
) -> Trace:
    """Return the mean of some sweeps of one and the same signal."""
    added = _noise(len(trace.samples_uv), trace.rate_hz, rng, kind, hum_uv=hum_uv, sweeps=sweeps)
    return replace(trace, samples_uv=trace.samples_uv + added)


def _artefact_uv(times_ms: Float64s, rng: np.random.Generator, kind: str, intensity: float = 1.0) -> Float64s:
    """Draw the stimulus artefact: it ends with the pulse and dies away.

    Shape (n,) [uV]; zero before the stimulus.
    """
    chosen = _settings(kind)
    spread = part("traces/amplifier").value("artefact_sd_ln")
    size = chosen.artefact_uv * np.exp(spread * rng.standard_normal()) * intensity * rng.choice((-1.0, 1.0))
    since = np.maximum(times_ms, 0.0)
    return np.asarray(np.where(times_ms < 0.0, 0.0, size * np.exp(-since / chosen.artefact_ms)), float)


def _digitised(trace: Trace, kind: str) -> Trace:
    """Return the trace as the converter writes it: in whole steps, cut at its range."""
    chosen = _settings(kind)
    whole = np.round(trace.samples_uv / chosen.step_uv) * chosen.step_uv
    return replace(trace, samples_uv=np.clip(whole, -chosen.range_uv, chosen.range_uv))
