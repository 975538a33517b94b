"""A concentric needle in one muscle: at rest, in weak and in full effort, one recording after the other.

The needle is moved before every part; movement shows as insertional activity at rest. Every place has
fibres and units of its own. What is seen is what the amplifier lets through, with its noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.signals.trace import Trace
from garland.waveforms.amplifier import _digitised, _filtered, _noise, _settings
from garland.waveforms.effort import _called, _discharges, _pattern
from garland.waveforms.muscle_fibre import RATE_HZ
from garland.waveforms.needle_units import _draw_units, _Recipe, _recipe
from garland.waveforms.spontaneous import (
    _complex_repetitive,
    _end_plate,
    _fasciculations,
    _fibrillations,
    _insertion,
    _myokymia,
    _trains_at_places,
)
from garland.waveforms.state import NeedleState

Part = tuple[str, float, float]


@dataclass(frozen=True)
class _NeedlePlan:
    """How a muscle is examined.

    Attributes
    ----------
    rest_areas, weak_sites : int
        Places of the needle at rest and in weak effort [-].
    rest_s, weak_s, full_s : float
        Time at each, and of full effort at one place [s].
    """

    rest_areas: int = 5
    rest_s: float = 1.0
    weak_sites: int = 3
    weak_s: float = 1.0
    full_s: float = 2.0


def _parts(plan: _NeedlePlan) -> tuple[Part, ...]:
    """Return the parts of a recording in order: ``rest``, ``weak`` or ``full``, begin and end [ms]."""
    lengths = [("rest", plan.rest_s)] * plan.rest_areas + [("weak", plan.weak_s)] * plan.weak_sites
    lengths += [("full", plan.full_s)] if plan.full_s > 0.0 else []
    ends = np.cumsum([1000.0 * seconds for _, seconds in lengths])
    return tuple(
        (name, float(end - 1000.0 * seconds), float(end))
        for (name, seconds), end in zip(lengths, ends, strict=True)
    )


def record_needle(
    state: NeedleState, rng: np.random.Generator, plan: _NeedlePlan | None = None
) -> tuple[Trace, tuple[Part, ...]]:
    """Record one muscle with a concentric needle.

    Parameters
    ----------
    state : NeedleState
        The muscle.
    rng : numpy.random.Generator
        Where chance comes from; one seed gives one recording.
    plan : NeedlePlan, optional
        How it is examined; five places at rest, three in weak effort, full effort, ten seconds in all.

    Returns
    -------
    tuple
        The recording at 24 kHz, core minus shaft [uV]; and its parts: name, begin and end [ms].

    Raises
    ------
    InputError
        The plan is empty or holds a negative time or number.
    """
    return _record_with(state, _recipe(state), rng, _NeedlePlan() if plan is None else plan)


def _record_with(
    state: NeedleState, units: _Recipe, rng: np.random.Generator, plan: _NeedlePlan
) -> tuple[Trace, tuple[Part, ...]]:
    """Record one muscle whose motor units are made as told; see `record_needle`."""
    _check(plan)
    chosen = plan
    away = float(rng.choice(part("traces/needle").row("end_plate_mm")))
    pieces = _rest(state, units, chosen, away, rng)
    pieces += [_effort(state, units, ("weak", chosen.weak_s), away, rng) for _ in range(chosen.weak_sites)]
    if chosen.full_s > 0.0:
        pieces.append(_effort(state, units, ("full", chosen.full_s), away, rng))
    raw = np.concatenate(pieces)
    setting = _settings("needle")
    seen = _filtered(Trace(raw, RATE_HZ, 0.0, state.muscle), setting.low_hz, setting.high_hz)
    hiss = _noise(len(raw), RATE_HZ, rng, "needle")
    whole = _digitised(Trace(seen.samples_uv + hiss, RATE_HZ, 0.0, state.muscle), "needle")
    return whole, _parts(chosen)


def _check(plan: _NeedlePlan) -> None:
    times = {"rest_s": plan.rest_s, "weak_s": plan.weak_s, "full_s": plan.full_s}
    counts = {"rest_areas": float(plan.rest_areas), "weak_sites": float(plan.weak_sites)}
    for name, value in (times | counts).items():
        if not value >= 0.0:
            raise InputError(f"plan.{name}", value, "must not be negative", "give 0 to leave this part out")
    if not _parts(plan) or _parts(plan)[-1][2] <= 0.0:
        raise InputError("plan", plan, "holds nothing to record", "give at least one part a time above 0")


def _rest(
    state: NeedleState, units: _Recipe, plan: _NeedlePlan, away: float, rng: np.random.Generator
) -> list[Float64s]:
    """Return the recording at rest, one piece for each place [uV]."""
    p = part("traces/needle")
    samples, places = round(plan.rest_s * RATE_HZ), plan.rest_areas
    trains = _trains_at_places(state.fibrillation, places, rng)
    twitches = _spread(p.value("fasciculations_per_s") * plan.rest_s * state.fasciculations, places, rng)
    groups = _spread(p.table("myokymia")["places"] * state.myokymia, places, rng)
    rings = _spread(p.table("complex_repetitive")["places"] * state.complex_repetitive, places, rng)
    plates = rng.random(places) < p.table("end_plate")["places"]
    pieces = []
    for k in range(places):
        seen = _moved(state, samples, away, rng) + _fibrillations(state, int(trains[k]), samples, away, rng)
        if twitches[k]:
            seen = seen + _fasciculations(units, (samples, away), int(twitches[k]), rng)
        if groups[k]:
            seen = seen + _myokymia(units, (samples, away), rng)
        if rings[k]:
            seen = seen + _complex_repetitive(samples, away, rng)
        pieces.append(seen + _end_plate(samples, rng) if plates[k] else seen)
    return pieces


def _spread(mean: float, places: int, rng: np.random.Generator) -> Float64s:
    """Return whole numbers with that mean, spread evenly over the places in any order, shape (places,)."""
    steps = np.floor(mean * np.arange(places + 1) + rng.random())
    return np.asarray(rng.permutation(np.diff(steps)), float)


def _moved(state: NeedleState, samples: int, away: float, rng: np.random.Generator) -> Float64s:
    """Return the insertional activity of one movement, shape (samples,) [uV]."""
    p = part("traces/needle")
    increased = state.fibrillation >= p.value("increased_from_grade")
    lasts = p.table("insertion")["increased_ms" if increased else "usual_ms"]
    return _insertion(samples, lasts * float(np.exp(0.08 * rng.standard_normal())), away, rng)


def _effort(
    state: NeedleState, units: _Recipe, what: tuple[str, float], away: float, rng: np.random.Generator
) -> Float64s:
    """Return the recording of weak or full effort at one place, shape (samples,) [uV]."""
    name, seconds = what
    p = part("traces/needle")
    samples = round(seconds * RATE_HZ)
    near = _called(state, name, rng)
    when, which = _discharges(near, samples, p.value("ramp_s") if name == "full" else 0.0, rng)
    if not len(when):
        return np.zeros(samples)
    drawn = _draw_units(units, len(near.rate_hz), away, rng, loose=name == "weak" or state.young > 0.0)
    if name == "full":
        grown = np.exp(p.value("size_per_threshold") * near.threshold).astype(np.float32)
        drawn = drawn._replace(
            steady=drawn.steady * grown[:, None, None], loose=drawn.loose * grown[:, None, None, None]
        )
    return _pattern(drawn, when, which, samples, rng)
