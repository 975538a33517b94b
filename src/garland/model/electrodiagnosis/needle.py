"""Needle EMG: what the needle finds in each muscle."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.muscle import Muscle
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.patient import Person

_ANATOMY = load()


class _Needle(NamedTuple):
    """Expected needle examination, every field of shape (N, 2, M).

    Attributes
    ----------
    fibrillation : jax.Array
        Fibrillation and positive waves on the 0-4 scale, continuous; below 0.5 is none [-].
    fasciculation, myokymia : jax.Array
        How surely they are seen, as a normal score [-].
    muap_amplitude, muap_duration : jax.Array
        Log of mean MUAP amplitude and duration relative to health [-].
    polyphasia, early_recruitment : jax.Array
        How surely polyphasia is increased, recruitment early, as a normal score [-].
    recruitment : jax.Array
        Binary logarithm of the share of motor units that can be called on: 0 in health, -1 is half [-].
    """

    fibrillation: jax.Array
    fasciculation: jax.Array
    myokymia: jax.Array
    muap_amplitude: jax.Array
    muap_duration: jax.Array
    polyphasia: jax.Array
    early_recruitment: jax.Array
    recruitment: jax.Array


def needle(person: Person, lesion_process: LesionProcess, muscle: Muscle) -> _Needle:
    """Return the expected needle examination of every muscle of N patients."""
    p = part("recordings/needle")
    paraspinal = jnp.asarray([float(name in _ANATOMY.groups["paraspinals"]) for name in _ANATOMY.muscles])
    silent = person.diabetes[:, None, None] * p.diabetic_paraspinal_share * paraspinal
    source = (muscle.fibrillating + silent) / p.fibrillation_scale
    enlarged = jnp.log(jnp.maximum(muscle.innervated, 1e-3) / jnp.maximum(muscle.axons, 1e-3))
    affected = jnp.sqrt(jnp.clip(1.0 - muscle.conducting, 0.0, 1.0))
    excitable = lesion_process.fasciculation[:, None, None]
    myokymia = jax.scipy.stats.norm.ppf(
        jnp.clip(lesion_process.myokymia[:, None, None] * affected, 0.002, 0.98)
    )
    return _Needle(
        fibrillation=p.fibrillation_zero + p.fibrillation_gain * jnp.log1p(source),
        fasciculation=p.fasciculation_base + p.fasciculation_gain * excitable * affected,
        myokymia=myokymia,
        muap_amplitude=p.amplitude_per_enlargement * enlarged - p.amplitude_per_disease * muscle.diseased,
        muap_duration=p.duration_per_enlargement * enlarged - p.duration_per_disease * muscle.diseased,
        polyphasia=p.polyphasia_base
        + p.polyphasia_per_young * muscle.young
        + p.polyphasia_per_disease * muscle.diseased,
        early_recruitment=p.early_base + p.early_per_disease * muscle.diseased,
        recruitment=jnp.log2(jnp.maximum(muscle.conducting, 1e-3)),
    )
