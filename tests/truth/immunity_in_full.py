"""The immune attack without shortcuts: antigen, effectors, regulators and vessel lesion, solved in time.

Trusted  every rate within 30 % of its default.   Numbers  evidence/parameters/vessels/immunity.yaml

    dA/dt = k_AD E - d_A A + what is carried in                   antigen
    dE/dt = s0 + r E A/(K_A + A) (1 - E) - (d_E + k_S S) E - k_RE R E + what is carried in   effectors
    dR/dt = k_R E - d_R R                                         regulators
    dV/dt = v_on E (1 - V) - d_V V                                share of vessels shut

A trigger adds antigen and a few effectors at the seed; a relapse is another trigger. A site passes on both
antigen and cells: antigen alone starts nothing next door, because effectors are too few there.

What a 12-week course of steroid does to the full attack, written as the constant `effect` of `_held_damage`:
the share of the damage still to come that is held back. Damage begins at half of the peak of the lesion, on
day 72. From `_steroid_effect`:

    effect      started on day    30     45     60
    k_S 0.05/d                    0.92   0.69   0.64
    k_S 0.15/d                    1.00   0.89   0.85
    k_S 0.30/d                    1.00   0.94   0.92

These are properties of the model. No controlled trial has shown that steroid holds back damage.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from garland._types import Float64s
from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.model.vessels.immunity import _effector, _lesion, _Shapes, damage

State = Callable[[ArrayLike], Float64s]
"""Antigen, effectors, regulators, lesion by day: (T,) gives (4, T)."""

_FINEST = 1e-12


class _Rates(NamedTuple):
    """Constants of the attack, named as in the evidence file; unit [1/d] where the name says so, else [-]."""

    antigen_half: float
    growth_per_day: float
    effector_death_per_day: float
    antigen_decay_per_day: float
    antigen_release_per_day: float
    regulator_growth_per_day: float
    regulator_decay_per_day: float
    regulator_kill_per_day: float
    lesion_growth_per_day: float
    lesion_healing_per_day: float
    effector_source_per_day: float
    trigger_antigen: float
    trigger_effector: float
    steroid_kill_per_day: float
    carried_antigen_per_day: float
    carried_effector_per_day: float


class _Steroid(NamedTuple):
    """One course of steroid.

    Attributes
    ----------
    start_day, stop_day : float
        First and last day [d].
    exposure : float
        1 for a full course of weekly pulses [0..1].
    """

    start_day: float
    stop_day: float
    exposure: float = 1.0


class _Compartment(NamedTuple):
    """One stretch of the tree that an attack can reach.

    Attributes
    ----------
    name : str
        Its name, such as ``root-l3``.
    source : str or None
        The compartment it catches the attack from, named earlier; None for the seed.
    delay_day : float
        Days on the way from there [d].
    strength : float
        What is carried, relative to a neighbour [-].
    """

    name: str
    source: str | None = None
    delay_day: float = 0.0
    strength: float = 1.0


class _Solution(NamedTuple):
    """An attack in time.

    Attributes
    ----------
    days : (T,)
        Days after the first trigger's clock [d].
    antigen, effector, regulator, lesion : (K, T)
        State of each compartment [-]; `lesion` is the share of vessels shut [0..1].
    arrival_day : (K,)
        Day on which effectors first reach the level that a trigger starts with [d]; infinite if never.
    """

    days: Float64s
    antigen: Float64s
    effector: Float64s
    regulator: Float64s
    lesion: Float64s
    arrival_day: Float64s


SEED = (_Compartment("seed"),)
"""One site alone."""


def _default_rates() -> _Rates:
    """Return the rates written in the evidence."""
    p = part("vessels/immunity")
    return _Rates(*[p.value(name) for name in _Rates._fields])


def _small_tree() -> tuple[_Compartment, ...]:
    """Return a seed at one root, the way down from it, its neighbour, and the same root of the other side."""
    p = part("vessels/immunity")
    near = p.value("neighbour_delay_day")
    far, weak = p.value("other_side_delay_day"), p.value("other_side_strength")
    return (
        _Compartment("root-l3"),
        _Compartment("root-l4", "root-l3", near),
        _Compartment("lumbar-plexus", "root-l3", near),
        _Compartment("femoral", "lumbar-plexus", near),
        _Compartment("root-l5", "root-l4", near),
        _Compartment("other-root-l3", "root-l3", far, weak),
    )


def _solve(
    days: ArrayLike,
    rates: _Rates | None = None,
    steroid: _Steroid | None = None,
    compartments: tuple[_Compartment, ...] = SEED,
    triggers: tuple[float, ...] = (0.0,),
    rtol: float = 1e-7,
) -> _Solution:
    """Solve the attack."""
    asked = np.asarray(days, np.float64)
    if asked.ndim != 1 or asked.size == 0 or asked[0] < 0 or (np.diff(asked) < 0).any():
        raise InputError("days", days, "must rise from 0 in one row", "give for instance range(0, 365)")
    rates = _default_rates() if rates is None else rates
    found: dict[str, State] = {}
    for site in compartments:
        if site.source is not None and site.source not in found:
            remedy = did_you_mean(site.source, found)
            raise InputError(f"compartments.{site.name}.source", site.source, "must stand before it", remedy)
        incoming = None if site.source is None else _delayed(found[site.source], site)
        strikes = triggers if site.source is None else ()
        found[site.name] = _one(float(asked[-1]), rates, steroid, strikes, incoming, rtol)
    states = np.stack([state(asked) for state in found.values()])
    arrival = [_arrival(state, float(asked[-1]), rates.trigger_effector) for state in found.values()]
    return _Solution(asked, states[:, 0], states[:, 1], states[:, 2], states[:, 3], np.asarray(arrival))


class _Incoming(NamedTuple):
    """What a compartment catches: effectors at its source [-] by day, and the day from which they come."""

    effector: Callable[[float], float]
    from_day: float


def _delayed(source: State, site: _Compartment) -> _Incoming:
    delay, strength = site.delay_day, site.strength
    return _Incoming(lambda day: strength * float(source(day - delay)[1, 0]) if day > delay else 0.0, delay)


def _slope(
    rates: _Rates, dose: float, incoming: _Incoming | None
) -> Callable[[float, Float64s], list[float]]:
    """Return the right-hand side while the exposure to steroid is `dose`."""
    r = rates
    death = r.effector_death_per_day + r.steroid_kill_per_day * dose

    def slope(day: float, state: Float64s) -> list[float]:
        antigen, effector, regulator, shut = state
        caught = incoming.effector(day) if incoming else 0.0
        drive = r.growth_per_day * antigen / (r.antigen_half + antigen) * (1.0 - effector)
        return [
            r.antigen_release_per_day * effector
            - r.antigen_decay_per_day * antigen
            + r.carried_antigen_per_day * caught,
            r.effector_source_per_day
            + (drive - death - r.regulator_kill_per_day * regulator) * effector
            + r.carried_effector_per_day * caught,
            r.regulator_growth_per_day * effector - r.regulator_decay_per_day * regulator,
            r.lesion_growth_per_day * effector * (1.0 - shut) - r.lesion_healing_per_day * shut,
        ]

    return slope


def _one(
    end: float,
    rates: _Rates,
    steroid: _Steroid | None,
    strikes: tuple[float, ...],
    incoming: _Incoming | None,
    rtol: float,
) -> State:
    """Solve one compartment piece by piece between the days on which something changes at once."""
    from scipy.integrate import solve_ivp

    course = steroid or _Steroid(end, end, 0.0)
    changes = {*strikes, course.start_day, course.stop_day, incoming.from_day if incoming else 0.0}
    edges = sorted({0.0, end, *(day for day in changes if 0.0 < day < end)})
    state, pieces = np.zeros(4), []
    for first, last in itertools.pairwise(edges):
        hits = sum(day == first for day in strikes)
        state = state + hits * np.array([rates.trigger_antigen, rates.trigger_effector, 0.0, 0.0])
        dose = course.exposure if course.start_day <= first < course.stop_day else 0.0
        slope = _slope(rates, dose, incoming)
        solved = solve_ivp(
            slope, (first, last), state, "LSODA", dense_output=True, rtol=rtol, atol=rtol * 1e-3 + _FINEST
        )
        pieces.append(solved.sol)
        state = solved.y[:, -1]
    return _joined(np.asarray(edges), pieces)


def _joined(edges: Float64s, pieces: list[Callable[[ArrayLike], Float64s]]) -> State:
    """Return the pieces as one function of the day."""

    def state(days: ArrayLike) -> Float64s:
        when = np.atleast_1d(np.asarray(days, np.float64))
        if not pieces:
            return np.zeros((4, when.size))
        which = np.clip(np.searchsorted(edges, when, side="right") - 1, 0, len(pieces) - 1)
        values = np.empty((4, when.size))
        for number, piece in enumerate(pieces):
            here = which == number
            if here.any():
                values[:, here] = piece(when[here])
        return values

    return state


def _arrival(state: State, end: float, level: float) -> float:
    days = np.arange(0.0, end + 0.25, 0.25)
    there = state(np.minimum(days, end))[1] >= level * (1.0 - 1e-6)
    return float(days[np.argmax(there)]) if there.any() else float("inf")


def _damage_done(lesion: ArrayLike, peak: float, begins: float) -> Float64s:
    """Return the damage that a lesion has done so far, as share of what an untreated attack does.

    Fibres are cut in the order of their resistance as the dose of ischaemia grows. The dose follows the
    present deficit within a day, so what is cut follows the highest lesion so far, and nothing more is cut
    after its peak.

    Same shape, never falling [-]; square of the deficit of oxygen, which is linear in the lesion.
    """
    highest = np.maximum.accumulate(np.asarray(lesion, np.float64), axis=-1) / peak
    return np.maximum(0.0, (highest - begins) / (1.0 - begins)) ** 2


def _held_damage(x: jax.Array, held_from: jax.Array, effect: jax.Array | float) -> jax.Array:
    """Return the share of damage done when treatment holds back a constant share of what is still to come.

    Share of the untreated total [-].
    """
    before = damage(jnp.minimum(x, held_from))
    return before + (1.0 - effect) * (damage(x) - before)


def _fit_shapes(rates: _Rates | None = None) -> _Shapes:
    """Fit the closed forms to the full attack at one site by least squares.

    The constants that `evidence/parameters/vessels/immunity_shapes.yaml` holds, for default rates.
    """
    from scipy.optimize import least_squares

    x, active, shut = _full_course(rates)

    def miss(values: np.ndarray) -> np.ndarray:
        shapes = _Shapes(*values)
        return np.concatenate([_effector(np, x, shapes) - active, _lesion(np, x, shapes) - shut])

    start = (0.67, 0.4, 2.5, 0.55, 2.0, 0.0, 1.0, 1.7)
    return _Shapes(*[float(value) for value in least_squares(miss, start).x])


def _full_course(rates: _Rates | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return time in spans (T,), effectors and lesion of the full attack relative to their peaks (T,) [-]."""
    fine = _solve(np.linspace(0.0, 400.0, 8001), rates)
    peak_day = fine.days[fine.lesion[0].argmax()]
    x = np.linspace(0.0, 4.0, 401)
    active, shut = (np.interp(x * peak_day, fine.days, y[0]) for y in (fine.effector, fine.lesion))
    return x, active / fine.effector.max(), shut / fine.lesion.max()


def _steroid_effect(kill_per_day: float, start_day: float, stop_day: float | None = None) -> float:
    """Return which constant effect gives the same final damage as steroid in the full attack.

    Share of the damage still to come that is held back [0..1]; NaN if nothing was still to come.
    """
    begins = part("vessels/immunity").value("damage_begins")
    rates = _default_rates()._replace(steroid_kill_per_day=kill_per_day)
    days = np.linspace(0.0, 500.0, 2001)
    free = _solve(days, rates).lesion[0]
    course = _Steroid(start_day, start_day + 84.0 if stop_day is None else stop_day)
    treated = _solve(days, rates, course).lesion[0]
    alone = _damage_done(free, free.max(), begins)
    before = float(np.interp(start_day, days, alone))
    if before > 1.0 - 1e-6:
        return float("nan")
    end = float(_damage_done(treated, free.max(), begins)[-1])
    return 1.0 - (end - before) / (1.0 - before)
