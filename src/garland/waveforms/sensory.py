"""A sensory nerve action potential (SNAP), made of its fibres.

Trusted  adults of 18-100 years, 5-70 m/s, skin of 22-38 degrees; nerves of the limbs.

A nerve is stood for by `FIBRES` fibres at the even quantiles of its diameters. Shares are kept to one fibre,
and disease strikes evenly over thick and thin: the random number only says where along the list it begins,
so that a share of the fibres carries that share of the potential.

Two surface electrodes 3 to 4 cm apart lie over the nerve, the active one nearer to the cathode; t = 0 is
the stimulus. The healthy nerve of a person is solved for first: velocity of the fibres, depth and number of
fibres such that the trace without noise, behind the filters and measured like any other, has this person's
velocity and amplitude. A share of the deviation in amplitude is number, the rest depth; where depth would
leave its anatomical limits it stays there, and the number of fibres makes up for it, be it larger or
smaller than is found in people.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.reference_values import REFERENCE_AGE_YEARS
from garland.signals.markers import Response, sensory_response
from garland.signals.trace import Trace
from garland.waveforms.amplifier import _artefact_uv, _averaged, _digitised, _filtered, _settings, _times_ms
from garland.waveforms.axon import _velocity_m_s
from garland.waveforms.compound import _Bundle, _compound_uv, _Electrode
from garland.waveforms.state import SensoryState

FIBRES = 4000
"""Fibres that stand for a nerve."""
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

    diameter_um: Float64s
    fibres: float


class _DiseasedNerve(NamedTuple):
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

    diameter_um: Float64s
    speed: Float64s
    intact: NDArray[np.bool_]
    regrown: NDArray[np.bool_]
    conducting: NDArray[np.bool_]
    slowing: Float64s


def _even_numbers(n: int, start: float, which: int = 0) -> Float64s:
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
def _diameters(age_years: int) -> Float64s:
    """Return the diameters at the even quantiles of both peaks, rising, shape (FIBRES,) [um]."""
    from scipy.special import ndtri

    p = part("traces/nerve")
    large = round(FIBRES * p.value("large_share"))
    mode = p.value("large_mode_um") + p.value("large_mode_um_per_year") * (age_years - REFERENCE_AGE_YEARS)
    peaks = []
    for count, middle, sd in (
        (FIBRES - large, p.value("small_mode_um"), p.value("small_sd_um")),
        (large, mode, p.value("large_sd_um")),
    ):
        peaks.append(middle + sd * ndtri((np.arange(count) + 0.5) / count))
    found = np.sort(np.maximum(np.concatenate(peaks), p.value("thinnest_um")))
    found.setflags(write=False)
    return found


def _healthy_nerve(study: str, age_years: float) -> _Nerve:
    """Return a healthy nerve of usual size."""
    p = part("traces/nerve")
    counts = p.table("fibres")
    if study not in counts:
        raise InputError("study", study, "must be a sensory study", f"choose one of {', '.join(counts)}")
    older = age_years - REFERENCE_AGE_YEARS
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


def _diseased_nerve(
    nerve: _Nerve,
    rng: np.random.Generator,
    *,
    intact: float = 1.0,
    regrown: float = 0.0,
    passed: float = 1.0,
    slowing: float = 0.0,
) -> _DiseasedNerve:
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
    return _DiseasedNerve(
        diameter_um=np.where(back, nerve.diameter_um * p.value("regrown_thinness"), nerve.diameter_um),
        speed=np.where(back, p.value("regrown_velocity"), 1.0),
        intact=whole,
        regrown=back,
        conducting=conducting,
        slowing=slowing * each,
    )


def _threshold(diameter_um: Float64s, rng: np.random.Generator) -> Float64s:
    """Return the stimulus at which each fibre answers, relative to a supramaximal one.

    Shape (F,), at most 1 [-]: thick fibres answer first, and all to a supramaximal stimulus.
    """
    from scipy.special import ndtri

    p = part("traces/nerve")
    place = p.value("threshold_sd_ln") * ndtri(_even_numbers(len(diameter_um), rng.random(), 1))
    thick = (diameter_um / _THRESHOLD_UM) ** p.value("threshold_power")
    return np.asarray(np.minimum(p.value("threshold_share") * np.exp(place) / thick, 1.0), float)


REFERENCE_TEMPERATURE_C = 34.0
"""Skin temperature at which health is calibrated [Cel]."""
_MANY = 10_000.0
"""Fibres of the nerve that is measured during calibration: enough for a clear response."""
_DEPTHS_MM = (1.0, 1.8, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0)
_PROFILE = ("sural", 50, 140.0, 0.8)
"""Study, age [a], distance [mm] and velocity scale of the profile of amplitude over depth."""
_FIXED_MS = 0.25
"""First guess of the part of onset latency that does not shorten with velocity [ms]."""
_THICK_UM = 6.0
"""Fibres from here up settle the velocity: thinner ones shift onset by less than 1 in 10,000 [um]."""
_CLOSE = 2e-5
_ROUNDS = 8
_LEAST_FAST = 0.05
_AFTER_MS = 1.0
"""Fibres that arrive later than this after the end of the sweep are left out [ms]."""


class _Calibration(NamedTuple):
    """What the healthy nerve of one person must be like.

    Attributes
    ----------
    depth_mm : float
        Depth of the nerve below the recording electrodes [mm].
    fibres : float
        Number of myelinated fibres [-].
    scale : float
        Velocity of a fibre relative to that of the axon model [-].
    """

    depth_mm: float
    fibres: float
    scale: float


class _Layout(NamedTuple):
    """Where the electrodes are.

    Attributes
    ----------
    distance_mm : float
        From cathode to active electrode [mm].
    gap_mm : float
        From active to reference electrode, away from the cathode [mm].
    depth_mm : float
        Depth of the nerve below both [mm].
    """

    distance_mm: float
    gap_mm: float
    depth_mm: float


def record_snap(
    state: SensoryState,
    age_years: float,
    rng: np.random.Generator,
    *,
    sweeps: int | None = None,
    noisy: bool = True,
    intensity: float = 1.0,
    orthodromic: bool = False,
) -> Trace:
    """Record the SNAP of one nerve.

    Parameters
    ----------
    state : SensoryState
        The nerve in health and disease.
    age_years : float
        Age [a].
    rng : numpy.random.Generator
        Which fibres are struck, and noise. The same fibres are struck with and without noise.
    sweeps : int or None
        Sweeps averaged; None for the usual number of the laboratory.
    noisy : bool
        Whether noise and stimulus artefact are added and the trace digitised.
    intensity : float
        Stimulus relative to a supramaximal one [-]; below it thick fibres answer first.
    orthodromic : bool
        Whether distal fibres are stimulated and the nerve recorded further up, where it lies deeper.

    Returns
    -------
    Trace
        50 kHz, from the stimulus to 20 ms [uV], behind the filters.

    Raises
    ------
    InputError
        No such study, an amplitude, velocity or distance that is not above zero, a distance too long for the
        sweep, a share outside 0 to 1, or fewer than one sweep.
    """
    times = _times_ms("sensory")
    wave = _potential_uv(state, age_years, rng, intensity=intensity, orthodromic=orthodromic)
    trace = _behind_filters(wave, state.study)
    if not noisy:
        return trace
    chosen = _settings("sensory")
    trace = _averaged(trace, chosen.sweeps if sweeps is None else sweeps, rng, "sensory")
    artefact = _artefact_uv(times, rng, "sensory", intensity)
    return _digitised(replace(trace, samples_uv=trace.samples_uv + artefact), "sensory")


def _potential_uv(
    state: SensoryState,
    age_years: float,
    rng: np.random.Generator,
    *,
    intensity: float = 1.0,
    orthodromic: bool = False,
) -> Float64s:
    """Return the potential between the electrodes, before the amplifier.

    Shape (1000,), every 0.02 ms from the stimulus [uV]; all zero where no fibre answers.
    """
    person = _calibrated(
        state.study, round(age_years), state.distance_mm, state.amplitude_uv, state.velocity_m_s
    )
    nerve = _healthy_nerve(state.study, age_years)
    hit = _diseased_nerve(
        nerve,
        rng,
        intact=state.intact,
        regrown=state.regrown,
        passed=state.passed,
        slowing=state.slowing,
    )
    answering = hit.conducting & (_threshold(hit.diameter_um, rng) <= intensity)
    depth = person.depth_mm * (part("traces/nerve").value("orthodromic_depth") if orthodromic else 1.0)
    layout = _layout(state.study, state.distance_mm, depth)
    bundle = _bundle(nerve, hit, person, state)
    arrival = bundle.start_ms + state.distance_mm / bundle.velocity_m_s
    answering &= arrival < _settings("sensory").sweep_ms + _AFTER_MS
    chosen = _Bundle(*(field[answering] for field in bundle))
    return _compound(chosen, layout, state.temperature_c)


@lru_cache(maxsize=4096)
def _calibrated(
    study: str, age_years: int, distance_mm: float, amplitude_uv: float, velocity_m_s: float
) -> _Calibration:
    """Solve for the healthy nerve of one person."""
    for name, value in (
        ("distance_mm", distance_mm),
        ("amplitude_uv", amplitude_uv),
        ("velocity_m_s", velocity_m_s),
    ):
        if not value > 0.0:
            raise InputError(name, value, "of a healthy nerve is above zero", "give the healthy value")
    usual = _healthy_nerve(study, age_years)
    depth = _depth_mm(study, usual.fibres, amplitude_uv)
    target = distance_mm / velocity_m_s
    layout = _layout(study, distance_mm, depth)
    scale, response = _solved_scale(usual, layout, target)
    thin = math.exp(float(np.interp(math.log(depth), _profile().depth_ln, _profile().thin_ln)))
    return _Calibration(depth, _MANY * amplitude_uv / (response.amplitude_uv * thin), scale)


def _solved_scale(nerve: _Nerve, layout: _Layout, onset_ms: float) -> tuple[float, Response]:
    """Return the velocity scale that gives an onset latency, and the response of the thick fibres with it.

    Onset is a fixed time and one that shortens with velocity: two scales tell both, and predict the next.
    """
    tried: list[tuple[float, float]] = []
    slow, fixed = 1.0 / _PROFILE[3], min(_FIXED_MS, 0.25 * onset_ms)
    for _ in range(_ROUNDS):
        response = _healthy_response(nerve, layout, 1.0 / slow, _THICK_UM)
        found = response.onset_ms
        if abs(found - onset_ms) <= _CLOSE * onset_ms:
            break
        if tried and abs(tried[-1][0] / slow - 1.0) > 1e-6:
            rise = (found - tried[-1][1]) / (slow - tried[-1][0])
        else:
            rise = (found - fixed) / slow
        tried.append((slow, found))
        slow = float(np.clip(slow + (onset_ms - found) / rise, 0.3 * slow, 3.0 * slow))
    return 1.0 / slow, response


def _healthy_response(nerve: _Nerve, layout: _Layout, scale: float, thinnest_um: float = 0.0) -> Response:
    """Measure a healthy nerve of `_MANY` fibres (InputError if it gives no response within the sweep).

    Fibres below `thinnest_um` may be left out: they come later than onset and hardly change it.
    """
    diameter = nerve.diameter_um[nerve.diameter_um >= thinnest_um]
    velocity = _velocity_m_s(diameter, REFERENCE_TEMPERATURE_C) * scale
    start = np.full(len(diameter), part("traces/nerve").value("activation_ms"))
    weight = np.full(len(diameter), _MANY / len(nerve.diameter_um))
    bundle = _Bundle(diameter, velocity, weight, start)
    wave = _compound(bundle, layout, REFERENCE_TEMPERATURE_C)
    response = sensory_response(_behind_filters(wave, "healthy"))
    if response is None:
        rule, remedy = "leaves no response in the sweep", "shorten it, or raise the velocity"
        raise InputError("distance_mm", layout.distance_mm, rule, remedy)
    return response


def _depth_mm(study: str, fibres: float, amplitude_uv: float) -> float:
    """Return the depth at which this amplitude is had: number of fibres explains a share of its deviation."""
    p = part("traces/nerve")
    depths, single_ln, _ = _profile()
    usual = p.table("depth_mm")[study]
    usual_ln = float(np.interp(math.log(usual), depths, single_ln))
    deviation = math.log(amplitude_uv / fibres) - usual_ln
    wanted = usual_ln + (1.0 - p.value("number_share")) * deviation
    found = math.exp(float(np.interp(-wanted, -single_ln, depths)))
    return float(np.clip(found, p.table("depth_least_mm")[study], p.table("depth_most_mm")[study]))


class _Profile(NamedTuple):
    """Log depth [ln(mm)], log amplitude per fibre [ln(uV)], and what thin fibres add to it [ln]."""

    depth_ln: Float64s
    single_ln: Float64s
    thin_ln: Float64s


@lru_cache(maxsize=1)
def _profile() -> _Profile:
    """Return amplitude over depth, every field of shape (D,)."""
    study, age, distance, scale = _PROFILE
    nerve = _healthy_nerve(study, age)
    layouts = [_layout(study, distance, depth) for depth in _DEPTHS_MM]
    whole = np.array([_healthy_response(nerve, layout, scale).amplitude_uv for layout in layouts])
    thick = np.array([_healthy_response(nerve, layout, scale, _THICK_UM).amplitude_uv for layout in layouts])
    return _Profile(np.log(_DEPTHS_MM), np.log(whole / _MANY), np.log(whole / thick))


def _layout(study: str, distance_mm: float, depth_mm: float) -> _Layout:
    return _Layout(distance_mm, part("traces/nerve").table("electrode_gap_mm")[study], depth_mm)


def _bundle(nerve: _Nerve, hit: _DiseasedNerve, person: _Calibration, state: SensoryState) -> _Bundle:
    """Return all fibres of the struck nerve, lost ones included, each with velocity and start.

    The survivors of axon loss are slow partly in proportion and partly by the same delay for all, so that the
    fastest lose most and waves keep about their distance. Demyelination draws them apart.
    """
    count = len(nerve.diameter_um)
    warm = _velocity_m_s(nerve.diameter_um, state.temperature_c)
    cold = _velocity_m_s(nerve.diameter_um, REFERENCE_TEMPERATURE_C) / warm
    slower = 1.0 / max(state.fast, _LEAST_FAST)
    each = slower ** part("traces/nerve").value("survivors_in_proportion")
    own = each / (cold * warm * person.scale * hit.speed) + (slower - each) / state.velocity_m_s
    slowness = own * cold * (1.0 + hit.slowing)
    start = part("traces/nerve").value("activation_ms") * cold * (1.0 + hit.slowing)
    return _Bundle(
        diameter_um=np.maximum(hit.diameter_um, part("traces/nerve").value("thinnest_um")),
        velocity_m_s=1.0 / slowness,
        weight=np.full(count, person.fibres / count),
        start_ms=start,
    )


def _compound(bundle: _Bundle, layout: _Layout, temperature_c: float) -> Float64s:
    """Return the potential between the electrodes over the sweep [uV]."""
    times = _times_ms("sensory")
    if not len(bundle.diameter_um):
        return np.zeros(len(times))
    reference_mm = layout.distance_mm + layout.gap_mm
    electrodes = (
        _Electrode(layout.distance_mm, layout.depth_mm, 1.0),
        _Electrode(reference_mm, layout.depth_mm, -1.0),
    )
    end_mm = reference_mm + part("traces/nerve").value("beyond_mm")
    return _compound_uv(times, bundle, electrodes, end_mm, temperature_c)


def _behind_filters(samples_uv: Float64s, label: str) -> Trace:
    chosen = _settings("sensory")
    return _filtered(Trace(samples_uv, chosen.rate_hz, 0.0, label), chosen.low_hz, chosen.high_hz)
