"""How long an injury hurts: discharge of injured fibres, and the spinal cord made sensitive by it.

Trusted  ages 0 d to 60 years; the shapes are those of rat nerve, slowed for the central part.

An injured fibre discharges by itself, most at two weeks. The spinal cord follows with a delay and forgets
slowly, so that closed forms serve, piece by piece; `_central_ode` and `_drive_ode` solve the same equations
step by step.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents

Floats = NDArray[np.float64]


def _ectopic(age_day: jax.Array) -> jax.Array:
    """Return the discharge of a fibre injured this long ago, relative to its peak, same shape [0..1]."""
    x = jnp.maximum(age_day, 0.0) / part("bedside/pain").value("ectopic_peak_day")
    return x * jnp.exp(1.0 - x)


def _central_shape(age_day: jax.Array | Floats, peak_day: float, decay_day: float) -> jax.Array:
    rate = 1.0 / peak_day - 1.0 / decay_day
    x = rate * age_day
    gained = 1.0 - jnp.exp(-x) * (1.0 + x)
    return jnp.exp(-age_day / decay_day) * gained / peak_day / rate**2 * jnp.e


@functools.cache
def _central_height(peak_day: float, decay_day: float) -> float:
    days = np.linspace(0.0, 10.0 * decay_day, 4001)
    rate = 1.0 / peak_day - 1.0 / decay_day
    gained = 1.0 - np.exp(-rate * days) * (1.0 + rate * days)
    return float((np.exp(-days / decay_day) * gained).max() / peak_day / rate**2 * np.e)


def _central(age_day: jax.Array) -> jax.Array:
    """Return how sensitive an injury of this age makes the cord, relative to the peak, same shape [0..1].

    The discharge of `_ectopic`, convolved with exponential forgetting.
    """
    p = part("bedside/pain")
    peak, decay = p.value("ectopic_peak_day"), p.value("central_decay_day")
    return _central_shape(jnp.maximum(age_day, 0.0), peak, decay) / _central_height(peak, decay)


def _central_ode(age_day: Floats, step_day: float = 0.05) -> Floats:
    """Return `_central` by integrating dC/dt = ectopic(t) - C / decay step by step.

    Shape (D,) [0..1], relative to the peak over all ages up to ten times the decay.
    """
    p = part("bedside/pain")
    peak, decay = p.value("ectopic_peak_day"), p.value("central_decay_day")
    times = np.arange(0.0, 10.0 * decay, step_day)
    state = np.zeros_like(times)
    for i in range(1, len(times)):
        x = (times[i] - 0.5 * step_day) / peak
        middle = state[i - 1] + 0.5 * step_day * (x * np.exp(1.0 - x) - state[i - 1] / decay)
        state[i] = state[i - 1] + step_day * (x * np.exp(1.0 - x) - middle / decay)
    return np.asarray(np.interp(age_day, times, state / state.max()), np.float64)


def _gain(latents: Latents) -> jax.Array:
    """Return how much of the cord's sensitivity this person feels as pain, shape (N,) [0..1]."""
    p = part("bedside/pain")
    own = p.value("central_gain") * jnp.exp(p.spread("central_gain") * latents["sensitisation"])
    return jnp.minimum(own, 1.0)


def _felt(now: jax.Array, sensitive: jax.Array, share: jax.Array) -> jax.Array:
    """Return what is felt of a drive of 0 to 1 now and of the sensitivity it has left, broadcast [0..1]."""
    return now + share * sensitive * (1.0 - now)


def _drive(lesion_process: LesionProcess, day: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return how far the disease itself drives pain on each side, and how sensitive this has made the cord.

    Course of the drive and of the sensitivity, shapes (N, 2) [0..1]; a relapse counts by its ratio.
    """
    since = day[:, None] - lesion_process.pain_start_day
    span, fade = lesion_process.pain_span_day[:, None], lesion_process.pain_fade_day[:, None]
    first = _one_drive(since, span, fade)
    again = _one_drive(since - lesion_process.again_day[:, None], span, fade)
    ratio = lesion_process.again_ratio[:, None]
    return jnp.minimum(first[0] + ratio * again[0], 1.5), jnp.minimum(first[1] + ratio * again[1], 1.0)


def _one_drive(since: jax.Array, span: jax.Array, fade: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return a drive and the sensitivity to it, in three pieces.

    The drive stands; it fades, but the cord still lags behind and learns; the cord forgets.
    """
    p = part("bedside/pain")
    quick, slow, decay = p.value("drive_rise_day"), p.value("central_rise_day"), p.value("central_decay_day")
    on, after = jnp.clip(since, 0.0, span), jnp.maximum(since - span, 0.0)
    height = 1.0 - jnp.exp(-on / quick)
    learnt = 1.0 - (slow * jnp.exp(-on / slow) - quick * jnp.exp(-on / quick)) / (slow - quick)
    # The two time constants must not meet; half a day apart costs less than 0.005.
    apart = jnp.where(jnp.abs(fade - slow) < 0.5, slow + 0.5, fade)
    part_kept = apart / (apart - slow)
    meet = jnp.log((height * part_kept - learnt) / jnp.maximum(height, 1e-9) * (apart - slow) / slow)
    meet = jnp.maximum(meet / (1.0 / slow - 1.0 / apart), 0.0)
    rising = jnp.minimum(after, jnp.where(height > 0.0, meet, 0.0))
    ease = jnp.exp(-rising / slow)
    caught = learnt * ease + height * part_kept * (jnp.exp(-rising / apart) - ease)
    return height * jnp.exp(-after / fade), _forgotten(caught, height, fade, rising, after, decay)


def _forgotten(
    caught: jax.Array, height: jax.Array, fade: jax.Array, begin: jax.Array, after: jax.Array, decay: float
) -> jax.Array:
    """Return the sensitivity `after` days of fading, if it was `caught` at `begin` and forgets since."""
    since = jnp.maximum(after - begin, 0.0)
    forget = jnp.exp(-since / decay)
    rate = 1.0 / fade - 1.0 / decay
    small = jnp.abs(rate * since) < 1e-2
    gap = (forget - jnp.exp(-since / fade)) / jnp.where(small, 1.0, rate)
    tail = jnp.where(small, since * forget * (1.0 - 0.5 * rate * since), gap) / decay
    return caught * forget + height * jnp.exp(-begin / fade) * tail


def _drive_ode(day: Floats, span_day: float, fade_day: float, step_day: float = 0.05) -> Floats:
    """Return the cord's sensitivity to a drive that begins on day 0, integrated step by step.

    Shape (D,) [0..1]: dC/dt = (drive - C) / tau, with tau short while C rises and long while it falls.
    """
    p = part("bedside/pain")
    quick, slow, decay = p.value("drive_rise_day"), p.value("central_rise_day"), p.value("central_decay_day")
    times = np.arange(0.0, float(np.max(day)) + 2.0 * step_day, step_day)
    state = np.zeros_like(times)
    for i in range(1, len(times)):
        t = times[i] - 0.5 * step_day
        now = (1.0 - np.exp(-min(t, span_day) / quick)) * np.exp(-max(t - span_day, 0.0) / fade_day)
        tau = slow if now > state[i - 1] else decay
        state[i] = state[i - 1] + step_day * (now - state[i - 1]) / tau
    return np.asarray(np.interp(day, times, state), np.float64)
