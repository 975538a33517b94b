"""F waves and the H reflex: the way up to the cord and back.

Trusted  adults of 140-200 cm.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.muscle import Muscle
from garland.model.axons.paths import product
from garland.model.axons.state import AxonState
from garland.model.latents import Latents
from garland.model.patient import Person

_ANATOMY = load()


class _LateResponses(NamedTuple):
    """Expected late responses; F waves (N, 2, F), H reflexes (N, 2, H).

    Attributes
    ----------
    f_latency_ms, f_response : jax.Array
        Shortest F latency [ms], and how surely F waves are obtained, as a normal score [-].
    h_latency_ms, h_response : jax.Array
        H latency [ms], and how surely an H reflex is obtained, as a normal score [-].
    """

    f_latency_ms: jax.Array
    f_response: jax.Array
    h_latency_ms: jax.Array
    h_response: jax.Array


def late_repeat(letter: str, items: tuple[str, ...]) -> np.ndarray:
    """Return the repeat variation of F (`letter` f) or H (h) latencies of the items, (items,) [ln]."""
    limits = part("recordings/reference_limits")
    return np.array([limits.group(f"{letter}-{name}").value("repeat_ln") for name in items], np.float32)


def _own_cv(letter: str, items: tuple[str, ...]) -> np.ndarray:
    """Return the spread of late latencies between people of one height and age, (items,) [1]."""
    limits, p = part("recordings/reference_limits"), part("recordings/conduction")
    own = []
    for name in items:
        group = limits.group(f"{letter}-{name}")
        mean, sd = group.value(f"{letter}_latency_ms"), group.spread(f"{letter}_latency_ms")
        # The published spread of F latencies holds people of all heights.
        height = group.value(f"{letter}_latency_ms_per_cm") * p.value("height_sd_cm") * (letter == "f")
        own.append(max((sd**2 - height**2) / mean**2 - group.value("repeat_ln") ** 2, 0.02**2) ** 0.5)
    return np.array(own, np.float32)


def _mean_slowing(fibres: AxonState, incidence: np.ndarray) -> jax.Array:
    return product(fibres.site_slowing, (incidence / np.maximum(incidence.sum(axis=1, keepdims=True), 1.0)).T)


def late_responses(person: Person, latents: Latents, fibres: AxonState, muscle: Muscle) -> _LateResponses:
    """Return the expected late responses of N patients.

    Latencies [ms] and how surely responses are obtained [-].
    """
    p = part("recordings/conduction")
    a = _ANATOMY
    limits = part("recordings/reference_limits")
    f_mean = jnp.asarray([limits.group(f"f-{name}").f_latency_ms for name in a.f_ids])
    f_slope = jnp.asarray([limits.group(f"f-{name}").f_latency_ms_per_cm for name in a.f_ids])
    f_age = jnp.asarray([limits.group(f"f-{name}").f_latency_ms_per_year for name in a.f_ids])
    taller, older = person.height_cm[:, None] - 170.0, person.age_years[:, None] - 50.0
    own = latents["late_latency"][:, None]
    f_healthy = (f_mean + f_slope * taller + f_age * older) * (1.0 + _own_cv("f", a.f_ids) * own)
    conducting = muscle.conducting[..., jnp.asarray(a.f_muscle)]
    f_slow = _mean_slowing(fibres, a.f_incidence) + 0.3 * fibres.distal_slowing[..., None]
    f_fast = 1.0 - 0.5 * p.fast_fibre_slowing * (1.0 - conducting) ** 2
    h_mean = jnp.asarray([limits.group(f"h-{name}").h_latency_ms for name in a.h_ids])
    h_slope = jnp.asarray([limits.group(f"h-{name}").h_latency_ms_per_cm for name in a.h_ids])
    h_age = jnp.asarray([limits.group(f"h-{name}").h_latency_ms_per_year for name in a.h_ids])
    h_healthy = (h_mean + h_slope * taller + h_age * older) * (1.0 + _own_cv("h", a.h_ids) * own)
    afferent = fibres.reflex_afferent[..., jnp.asarray(a.h_reflex)]
    efferent = muscle.conducting[..., jnp.asarray(a.h_muscle)]
    loop = jnp.maximum(afferent * efferent, 1e-3)
    limbs = (a.h_afferent_incidence, a.h_motor_incidence)
    h_slow = 0.5 * sum((_mean_slowing(fibres, limb) for limb in limbs), jnp.zeros(()))
    beyond = jnp.maximum(person.age_years - 50.0, 0.0) / 10.0
    return _LateResponses(
        f_latency_ms=f_healthy[:, None, :] * (1.0 + f_slow) / f_fast,
        f_response=p.f_base + p.f_per_halving * jnp.log2(jnp.maximum(conducting, 1e-3)),
        h_latency_ms=h_healthy[:, None, :] * (1.0 + h_slow) / (1.0 - 0.06 * (1.0 - loop)),
        h_response=p.h_base
        + p.h_per_halving * jnp.log2(loop)
        - p.h_loss_per_slowing * h_slow
        - (p.h_loss_per_decade * beyond)[:, None, None]
        + 0.5 * latents["h_reflex"][:, None, None],
    )
