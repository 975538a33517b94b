"""The immune attack at one site in closed form: effectors, vessel lesion and damage against time.

Trusted  any time; within 0.015 of the full solution at default rates.

Time x is counted in spans: 0 when the attack arrives at the site, 1 when the vessel lesion there is at its
peak. The full attack has its own day scale; only its shape is taken over, so that a span may be short or
long.

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

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.evidence import part
from garland.model.vessels.immunity_ode import _damage_done, _default_rates, _Rates, _solve, _Steroid


class _Shapes(NamedTuple):
    """Constants of the closed forms [-]; time in spans.

    Attributes
    ----------
    effector_peak : float
        When effectors are at their height.
    effector_rise, effector_rise_power, effector_fall, effector_fall_power : float
        Widths and powers of exp(-(|x - peak| / width)^power) before and after that.
    lesion_early, lesion_late : float
        What u^2 (1 - u)^2 and u^3 (1 - u)^2 add to the smooth step u^2 (3 - 2u) with which the lesion rises.
    lesion_fall : float
        Rate of the hyperbolic secant with which the lesion heals.
    """

    effector_peak: float
    effector_rise: float
    effector_rise_power: float
    effector_fall: float
    effector_fall_power: float
    lesion_early: float
    lesion_late: float
    lesion_fall: float


def _default_shapes() -> _Shapes:
    """Return the constants written in the evidence."""
    p = part("vessels/immunity_shapes")
    return _Shapes(*[p.value(name) for name in _Shapes._fields])


def effector(x: jax.Array) -> jax.Array:
    """Return the activity of effectors: 1 at their peak, which comes before that of the lesion.

    Same shape [0..1]; 0 before arrival, 0.06 on arrival.
    """
    active: jax.Array = _effector(jnp, jnp.asarray(x), _default_shapes())
    return active


def lesion(x: jax.Array) -> jax.Array:
    """Return the share of vessels shut relative to its peak at x = 1.

    Same shape [0..1]; 0 before arrival, one peak, smooth.
    """
    shut: jax.Array = _lesion(jnp, jnp.asarray(x), _default_shapes())
    return shut


def damage(x: jax.Array, begins: jax.Array | float | None = None) -> jax.Array:
    """Return the share of its damage that an attack has done.

    Same shape [0..1]: 0 up to x = 0, 1 from x = 1, never falling, smooth to its first derivative.
    """
    first = part("vessels/immunity").value("damage_begins") if begins is None else begins
    highest = _rise(jnp.clip(x, 0.0, 1.0), _default_shapes())
    return jnp.maximum(0.0, (highest - first) / (1.0 - first)) ** 2


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


def _effector(xp: Any, x: Any, s: _Shapes) -> Any:
    before = xp.maximum(s.effector_peak - x, 0.0) / s.effector_rise
    after = xp.maximum(x - s.effector_peak, 0.0) / s.effector_fall
    active = xp.exp(-(before**s.effector_rise_power) - after**s.effector_fall_power)
    return xp.where(x < 0.0, 0.0, active)


def _rise(u: Any, s: _Shapes) -> Any:
    """Return the lesion before its peak, for u in [0, 1]."""
    left = 1.0 - u
    return u * u * (3.0 - 2.0 * u + left * left * (s.lesion_early + s.lesion_late * u))


def _lesion(xp: Any, x: Any, s: _Shapes) -> Any:
    fading = xp.exp(-s.lesion_fall * xp.maximum(x - 1.0, 0.0))
    return _rise(xp.clip(x, 0.0, 1.0), s) * 2.0 * fading / (1.0 + fading * fading)
