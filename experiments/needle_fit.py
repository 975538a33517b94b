"""What amplitude and duration are measured for how many fibres, and how slow: found once by simulation.

Weak efforts of random muscles are recorded with amplifier and noise, and their units are taken apart and
measured as a laboratory would. What came out is then regressed on what was put in.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from garland._types import Float64s
from garland.evidence import part
from garland.signals.muap import motor_units, summarise_units
from garland.waveforms.needle import _NeedlePlan, _record_with
from garland.waveforms.needle_units import _Recipe, _terms, _thickness_spread
from garland.waveforms.state import NeedleState


class _Tried(NamedTuple):
    """One muscle of the fit.

    Attributes
    ----------
    given : ndarray
        What was put in, as `_terms` of the fit, shape (18,) [-].
    measured : ndarray
        Log of mean amplitude over 400 uV and of mean duration over 10 ms, shape (2,) [-]; not a number where
        no unit was found.
    """

    given: Float64s
    measured: Float64s


def _tried(rng: np.random.Generator, sites: int = 20) -> _Tried:
    """Record and measure one random muscle."""
    p = part("traces/needle")
    least, most = p.table("fit_least"), p.table("fit_most")
    dense, slow = (float(rng.uniform(least[name], most[name])) for name in ("dense_ln", "slow_ln"))
    state = NeedleState(
        "biceps-brachii",
        polyphasic=bool(rng.random() < 0.4),
        early=bool(rng.random() < 0.2),
        young=float(max(rng.uniform(-0.4, 0.6), 0.0)),
        diseased=float(max(rng.uniform(-0.6, 0.7), 0.0)),
        recruitment_log2=-float(max(rng.uniform(-2.0, 4.0), 0.0)),
        amplitude_ln=0.55 * (dense - 0.7),
    )
    ragged = p.table("ragged_share")["polyphasic" if state.polyphasic else "usual"]
    made = _Recipe(float(np.exp(dense)), float(np.exp(slow)), _thickness_spread(state), ragged, state.young)
    plan = _NeedlePlan(rest_areas=0, weak_sites=sites, full_s=0.0)
    trace, places = _record_with(state, made, rng, plan)
    step = 1000.0 / trace.rate_hz
    found = summarise_units(motor_units([trace.between(begin, end - step) for _, begin, end in places]))
    measured = np.array([np.log(found.amplitude_uv / 400.0), np.log(found.duration_ms / 10.0)])
    return _Tried(_terms(dense, slow, state), measured)


def _fit(rng: np.random.Generator, muscles: int = 600) -> tuple[Float64s, Float64s]:
    """Return the coefficients of amplitude and duration, shape (18, 2), and what they leave, shape (2,)
    [-].
    """
    every = [_tried(rng) for _ in range(muscles)]
    given, measured = np.stack([one.given for one in every]), np.stack([one.measured for one in every])
    usable = np.isfinite(measured).all(axis=1)
    found = np.linalg.lstsq(given[usable], measured[usable], rcond=None)[0]
    return np.asarray(found), np.asarray((measured[usable] - given[usable] @ found).std(axis=0))
