"""The immune attack at one site in closed form: effectors, vessel lesion and damage against time.

Trusted  any time; within 0.015 of the full solution at default rates.

Time x is counted in spans: 0 when the attack arrives at the site, 1 when the vessel lesion there is at its
peak. The full attack has its own day scale; only its shape is taken over, so that a span may be short or
long.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from garland.evidence import part


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
