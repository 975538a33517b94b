"""Motor units about a needle: where their fibres lie, when each fires, and the potential they make together.

A unit has a round territory with its fibres strewn in it among those of others. End plates are scattered
along the fibres and terminal branches differ in length, so that fibres fire one after the other; thickness
changes their velocity. Reinnervated units have more fibres within their territory, and their youngest
branches are slow, unsteady and at times fail. Diseased muscle leaves fewer fibres of uneven thickness. How
many fibres, and how slow, give the amplitude and duration of a muscle was found once by simulation and is
kept as coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from garland._types import Float32s, Float64s, Ints
from garland.anatomy.terminology import terms
from garland.evidence import part
from garland.waveforms.muscle_fibre import FAR_MM, STEP_MS, WINDOW, _bank_rows, _fibre_bank, _velocity_m_s
from garland.waveforms.state import NeedleState

_ROOM = 384
"""Samples by which the fibres of a unit may come later than one from the middle of the end-plate zone."""
LENGTH = WINDOW + _ROOM
"""Samples of a unit potential."""
PHASES = 4
"""Shifts within one sample at which a potential is kept."""
_MIDDLE = 220.0
"""Sample about which a potential is stretched: where most of them have their spike."""
_SERIES = ("posa", "tibialis", "multi", "assumed")
"""Where healthy figures come from, the last for muscles without any."""
_LOOSE = 4
"""Fibres of a unit, the nearest ones, that jitter one by one."""


@dataclass(frozen=True)
class _Recipe:
    """What units of one muscle are made of.

    Attributes
    ----------
    fibres_per_mm2 : float
        Fibres of one unit within its territory [1/mm2].
    slow : float
        How much longer everything lasts than in fibres of usual velocity [-].
    thickness_sd_um : float
        Standard deviation of fibre diameters [um].
    ragged : float
        Share of units whose fibres fire far apart [0..1].
    young : float
        Share of fibres with young endings [0..1].
    """

    fibres_per_mm2: float
    slow: float
    thickness_sd_um: float
    ragged: float
    young: float


class _Units(NamedTuple):
    """Some motor units near one place of the needle.

    Attributes
    ----------
    steady : ndarray
        Potential of the fibres that keep their time, at every shift, shape (U, PHASES, LENGTH) [uV].
    loose : ndarray
        Potential of each of the nearest fibres, shape (U, J, PHASES, LENGTH) [uV]; J may be 0.
    jitter_ms : ndarray
        Standard deviation of their time from discharge to discharge, shape (U, J) [ms].
    blocked : ndarray
        Share of discharges at which they fail, shape (U, J) [0..1].
    """

    steady: Float32s
    loose: Float32s
    jitter_ms: Float64s
    blocked: Float64s


def _healthy_measures(muscle: str, age_years: float) -> tuple[float, float]:
    """Return mean amplitude [uV] and duration [ms] of motor unit potentials of a healthy muscle."""
    p = part("traces/needle")
    name = "paraspinal" if muscle in terms().muscle_groups["paraspinals"] else muscle
    found = []
    for measure in ("amplitude_uv", "duration_ms"):
        known = {k: v for source in _SERIES for k, v in p.table(f"{measure}_{source}").items()}
        found.append(known.get(name, known["other"]))
    older = np.exp(p.value("duration_ln_per_year") * (age_years - p.value("norm_age_years")))
    return found[0], found[1] * float(older)


def _recipe(state: NeedleState) -> _Recipe:
    """Return the units that give this muscle its mean amplitude and duration."""
    p = part("traces/needle")
    amplitude, duration = _healthy_measures(state.muscle, state.age_years)
    ragged = p.table("ragged_share")["polyphasic" if state.polyphasic else "usual"]
    dense, slow = _solved(
        np.log(amplitude / 400.0) + state.amplitude_ln, np.log(duration / 10.0) + state.duration_ln, state
    )
    return _Recipe(float(np.exp(dense)), float(np.exp(slow)), _thickness_spread(state), ragged, state.young)


def _solved(amplitude_ln: float, duration_ln: float, state: NeedleState) -> tuple[float, float]:
    """Return the fibres of a unit and their slowness that are measured as wanted, by Newton's method.

    Log of fibres per mm2 of a unit, and of how much longer it lasts [-]; held in the fitted range.
    """
    p = part("traces/needle")
    fits = np.stack([p.row("amplitude_fit"), p.row("duration_fit")])
    low, high = (np.array(list(p.table(name).values())) for name in ("fit_least", "fit_most"))
    at, wanted = np.array([0.7, 0.0]), np.array([amplitude_ln, duration_ln])
    step = 1e-4
    for _ in range(12):
        tried = (at, at + np.array([step, 0.0]), at + np.array([0.0, step]))
        here, right, up = (fits @ _terms(float(x), float(s), state) for x, s in tried)
        slope = np.stack([right - here, up - here], axis=1) / step
        at = np.clip(at + np.clip(np.linalg.solve(slope, wanted - here), -0.7, 0.7), low, high)
    return float(at[0]), float(at[1])


def _thickness_spread(state: NeedleState) -> float:
    """Return the standard deviation of fibre diameters in this muscle [um]; diseased muscle is uneven."""
    p = part("traces/needle")
    return p.value("thickness_sd_um") * (1.0 + p.value("uneven_per_disease") * state.diseased)


def _terms(dense_ln: float, slow_ln: float, state: NeedleState) -> Float64s:
    """Return what mean amplitude and duration are fitted by, shape (18,) [-]."""
    x, s = dense_ln, slow_ln
    called = float(np.clip(state.recruitment_log2, -4.0, 0.0))
    own = np.array([float(state.polyphasic), state.young, state.diseased, called])
    return np.concatenate(
        [[1.0, x, s, x * x, x * s, s * s, x**3, x * x * s], own, x * own, [float(state.early), called**2]]
    )


class _Fibres(NamedTuple):
    """Fibres of all units in a row: their unit, place [mm], diameter [um], delay [ms] and whether young."""

    unit: Ints
    beside: Float64s
    depth: Float64s
    diameter: Float64s
    delay: Float64s
    young: NDArray[np.bool_]


def _strewn(
    chosen: _Recipe, count: int, near: float, rng: np.random.Generator
) -> tuple[Ints, Float64s, Float64s]:
    """Return the unit and the place of every fibre within reach of the needle, each shape (F,)."""
    p = part("traces/needle")
    low, high = p.table("territory_mm")["least"] / 2.0, p.table("territory_mm")["most"] / 2.0
    radius = low + (high - low) * rng.random(count)
    away = radius * np.sqrt(rng.random(count)) * near
    turn = 2.0 * np.pi * rng.random(count)
    size = np.exp(p.value("size_sd_ln") * rng.standard_normal(count) - p.value("size_sd_ln") ** 2 / 2.0)
    number = rng.poisson(chosen.fibres_per_mm2 * size * np.pi * FAR_MM**2)
    unit = np.repeat(np.arange(count), number)
    spot, angle = FAR_MM * np.sqrt(rng.random(len(unit))), 2.0 * np.pi * rng.random(len(unit))
    x, y = spot * np.cos(angle), spot * np.sin(angle)
    gap = np.hypot(x - (away * np.cos(turn))[unit], y - (away * np.sin(turn))[unit])
    kept = gap < radius[unit]
    behind = np.where(x < 0.0, p.value("body_mm"), 0.0)
    return unit[kept], (np.abs(x) + behind)[kept], y[kept]


def _fibres(chosen: _Recipe, count: int, near: float, rng: np.random.Generator) -> _Fibres:
    """Draw the fibres of some units: place, thickness, and delay from end plate and terminal branch."""
    p = part("traces/needle")
    unit, x, y = _strewn(chosen, count, near, rng)
    n = len(unit)
    young = rng.random(n) < chosen.young
    thick = p.value("thickness_um") + chosen.thickness_sd_um * rng.standard_normal(n)
    thick = np.clip(thick * np.where(young, p.value("young_thickness"), 1.0), 20.0, 90.0)
    ragged = np.where(rng.random(count) < chosen.ragged, p.value("ragged_scatter"), 1.0)
    plate = p.value("scatter_mm") * ragged[unit] * rng.standard_normal(n)
    branch = p.value("branch_delay_ms") * rng.exponential(size=n)
    far = p.table("satellite")
    slow = np.where(rng.random(n) < far["share"], rng.uniform(far["least"], far["most"], n), 0.0)
    late = np.where(young, rng.exponential(p.value("young_delay_ms"), n) + slow, 0.0)
    return _Fibres(unit, x, y, thick, plate / _velocity_m_s(thick) + branch + late, young)


def _summed(waves: Float32s, row: Ints, shift: Ints, weight: tuple[Ints, int]) -> Float32s:
    """Return waves (R, WINDOW) of each row of the bank, moved by `shift`, added up by group, (G, LENGTH)."""
    group, groups = weight
    start = group * LENGTH + shift
    flat = np.bincount(
        (start[:, None] + np.arange(WINDOW)).ravel(), waves[row].ravel(), minlength=groups * LENGTH
    )
    return np.asarray(flat.reshape(groups, LENGTH), np.float32)


_FINE = 4
"""Points per sample at which a potential is drawn out before it is stretched."""


def _phased(waves: Float32s, slow: float = 1.0) -> Float32s:
    """Return potentials stretched in time, at every shift, (..., LENGTH) to (..., PHASES, LENGTH)."""
    if not waves.size:
        return np.zeros((*waves.shape[:-1], PHASES, waves.shape[-1]), np.float32)
    flat = waves.reshape(-1, LENGTH)
    fine = fft.irfft(fft.rfft(flat), _FINE * LENGTH).astype(np.float32) * _FINE
    moments = np.arange(LENGTH)[None, :] - np.arange(PHASES)[:, None] / PHASES
    middle = _MIDDLE * (1.0 - 1.0 / slow)
    place = np.clip((moments / slow + middle) * _FINE, 0.0, _FINE * LENGTH - 2.0)
    low = place.astype(np.int64)
    part_ = (place - low).astype(np.float32)
    out = fine[:, low] * (1.0 - part_) + fine[:, low + 1] * part_
    return np.asarray(out.reshape(*waves.shape[:-1], PHASES, LENGTH), np.float32)


def _draw_units(
    chosen: _Recipe,
    count: int,
    end_plate_mm: float,
    rng: np.random.Generator,
    near: float = 1.0,
    loose: bool = True,
) -> _Units:
    """Draw motor units at one place of the needle."""
    p = part("traces/needle")
    made = _fibres(chosen, count, near, rng)
    waves = _fibre_bank(end_plate_mm).reshape(-1, WINDOW)
    row = _bank_rows(made.beside, made.depth, made.diameter)
    shift = np.clip(np.rint((made.delay + p.value("lead_ms")) / STEP_MS), 0, _ROOM).astype(np.int64)
    apart = _nearest(made, count) if loose else np.zeros((0, _LOOSE), np.int64)
    single = np.unique(apart[apart >= 0])
    others = np.ones(len(row), bool)
    others[single] = False
    steady = _summed(waves, row[others], shift[others], (made.unit[others], count))
    if not loose:
        none = np.zeros((count, 0))
        return _Units(
            _phased(steady, chosen.slow), np.zeros((count, 0, PHASES, LENGTH), np.float32), none, none
        )
    alone = np.zeros((count * _LOOSE, LENGTH), np.float32)
    here = apart.ravel() >= 0
    fibre = apart.ravel()[here]
    alone[here] = _summed(waves, row[fibre], shift[fibre], (np.arange(len(fibre)), len(fibre)))
    fresh = np.zeros(count * _LOOSE, bool)
    fresh[here] = made.young[fibre]
    jitter, blocked = _unsteady(fresh, rng)
    shape = (count, _LOOSE)
    return _Units(
        _phased(steady, chosen.slow),
        _phased(alone.reshape(*shape, LENGTH), chosen.slow),
        jitter.reshape(shape),
        blocked.reshape(shape),
    )


def _nearest(made: _Fibres, count: int) -> Ints:
    """Return the nearest fibres of every unit, -1 where it has no more, shape (U, J)."""
    order = np.lexsort((np.hypot(made.beside, made.depth), made.unit))
    first = np.searchsorted(made.unit[order], np.arange(count))
    last = np.append(first[1:], len(order))
    place = first[:, None] + np.arange(_LOOSE)
    safe = np.minimum(place, max(len(order) - 1, 0))
    found = order[safe] if len(order) else np.zeros_like(safe)
    return np.asarray(np.where(place < last[:, None], found, -1), np.int64)


def _unsteady(young: NDArray[np.bool_], rng: np.random.Generator) -> tuple[Float64s, Float64s]:
    """Return jitter [ms] and share of failures of single fibres, each shape (F,)."""
    p = part("traces/needle")
    pair = p.table("jitter_us")
    usual = pair["usual"] * np.exp(0.2 * rng.standard_normal(len(young)))
    fresh = pair["young"] * np.exp(0.5 * rng.standard_normal(len(young)))
    jitter = np.where(young, fresh, usual) / (1000.0 * 2.0 * np.sqrt(1.0 / np.pi) * np.sqrt(2.0))
    blocked = np.where(
        young & (fresh > pair["blocks_above"]), p.value("blocking") * 2.0 * rng.random(len(young)), 0.0
    )
    return jitter, blocked
