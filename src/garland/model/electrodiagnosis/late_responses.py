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
from garland.reference_values import REFERENCE_AGE_YEARS, REFERENCE_HEIGHT_CM, HealthyLate, healthy_late

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


def _own_cv(healthy: HealthyLate) -> np.ndarray:
    """Return the spread of late latencies between people of one height and age, (items,) [1]."""
    own = (healthy.sd_ms / healthy.latency_ms) ** 2 - healthy.repeat_ln**2
    return np.asarray(np.sqrt(np.maximum(own, 0.02**2)), np.float32)


def _mean_slowing(fibres: AxonState, incidence: np.ndarray) -> jax.Array:
    return product(fibres.site_slowing, (incidence / np.maximum(incidence.sum(axis=1, keepdims=True), 1.0)).T)


def late_responses(person: Person, latents: Latents, fibres: AxonState, muscle: Muscle) -> _LateResponses:
    """Return the expected late responses of N patients.

    Latencies [ms] and how surely responses are obtained [-].
    """
    p = part("recordings/conduction")
    a = _ANATOMY
    older = person.age_years[:, None] - REFERENCE_AGE_YEARS
    taller = person.height_cm[:, None] - REFERENCE_HEIGHT_CM
    own = latents["late_latency"][:, None]
    f, h = healthy_late("f"), healthy_late("h")
    f_healthy = jnp.asarray(f.mean_latency_ms(older, taller) * (1.0 + _own_cv(f) * own))
    f_base = jnp.asarray([p.f_base[item] for item in a.late_items("f")])
    conducting = muscle.conducting[..., jnp.asarray(a.f_muscle)]
    f_slow = _mean_slowing(fibres, a.f_incidence) + 0.3 * fibres.distal_slowing[..., None]
    f_fast = 1.0 - 0.5 * p.fast_fibre_slowing * (1.0 - conducting) ** 2
    h_healthy = jnp.asarray(h.mean_latency_ms(older, taller) * (1.0 + _own_cv(h) * own))
    afferent = fibres.reflex_afferent[..., jnp.asarray(a.h_reflex)]
    efferent = muscle.conducting[..., jnp.asarray(a.h_muscle)]
    loop = jnp.maximum(afferent * efferent, 1e-3)
    limbs = (a.h_afferent_incidence, a.h_motor_incidence)
    h_slow = 0.5 * sum((_mean_slowing(fibres, limb) for limb in limbs), jnp.zeros(()))
    beyond = jnp.maximum(person.age_years - REFERENCE_AGE_YEARS, 0.0) / 10.0
    return _LateResponses(
        f_latency_ms=f_healthy[:, None, :] * (1.0 + f_slow) / f_fast,
        f_response=f_base + p.f_per_halving * jnp.log2(jnp.maximum(conducting, 1e-3)),
        h_latency_ms=h_healthy[:, None, :] * (1.0 + h_slow) / (1.0 - p.h_slower_by_loss * (1.0 - loop)),
        h_response=p.h_base
        + p.h_per_halving * jnp.log2(loop)
        - p.h_loss_per_slowing * h_slow
        - (p.h_loss_per_decade * beyond)[:, None, None]
        + 0.5 * latents["h_reflex"][:, None, None],
    )
