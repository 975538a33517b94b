"""Pain, weight and protein of the spinal fluid integrated step by step, beside their closed forms."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from garland._types import Float64s
from garland.evidence import part
from garland.model.clinical_signs.systemic import _lost_kg
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person


def _central_ode(age_day: Float64s, step_day: float = 0.05) -> Float64s:
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


def _drive_ode(day: Float64s, span_day: float, fade_day: float, step_day: float = 0.05) -> Float64s:
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


def _share_ode(day: Float64s, step_day: float) -> Float64s:
    p = part("bedside/weight")
    ill, back = p.value("illness_fade_day"), p.value("return_day")
    times = np.arange(0.0, max(float(day.max()), 10.0 * ill) + step_day, step_day)
    illness, lost = np.ones_like(times), np.zeros_like(times)
    for i in range(1, len(times)):
        half = illness[i - 1] * (1.0 - 0.5 * step_day / ill)
        illness[i] = illness[i - 1] - step_day * half / ill
        middle = lost[i - 1] + 0.5 * step_day * (illness[i - 1] - lost[i - 1] / back)
        lost[i] = lost[i - 1] + step_day * (half - middle / back)
    return np.asarray(np.interp(day, times, lost / lost.max()), np.float64)


def _weight_lost_ode_kg(
    person: Person, latents: Latents, lesion_process: LesionProcess, day: Float64s, step_day: float = 0.05
) -> Float64s:
    """Return the weight lost by one day per patient, integrated step by step; without relapse.

    Shape (N,) [kg].
    """
    course = jnp.asarray(_share_ode(np.asarray(day, np.float64), step_day), jnp.float32)
    return np.asarray(_lost_kg(person, latents, lesion_process, course), np.float64)


def _leak_ode(
    since_day: Float64s, span_day: float, clear_day: float, gradual: float = 0.0, step_day: float = 0.02
) -> Float64s:
    """Return `_leak_share` by integrating dL/dt = damage(t) - L / clear step by step.

    Shape (D,) [0..1].
    """
    times = np.arange(0.0, float(since_day.max()) + 2.0 * step_day, step_day)
    leak = np.zeros_like(times)
    for i in range(1, len(times)):
        y = min((times[i] - 0.5 * step_day) / span_day, 1.0)
        now = (1.0 - y) * (2.0 * (1.0 - gradual) + 6.0 * gradual * y) / span_day
        middle = leak[i - 1] + 0.5 * step_day * (now - leak[i - 1] / clear_day)
        leak[i] = leak[i - 1] + step_day * (now - middle / clear_day)
    return np.asarray(np.interp(since_day, times, leak), np.float64)
