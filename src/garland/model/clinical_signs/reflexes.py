"""Tendon reflexes and the plantar response."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.muscle import Muscle
from garland.model.axons.paths import product
from garland.model.axons.state import AxonState
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person

_ANATOMY = load()


def _efferent(muscle: Muscle) -> jax.Array:
    """Return the share of the motor limb of each reflex that works, shape (N, 2, R) [0..1]."""
    loss = part("bedside/reflexes").value("loss_per_muscle_disease")
    working = jnp.minimum(muscle.conducting + muscle.adopted, 1.0) * (1.0 - loss * muscle.diseased)
    return product(working, _ANATOMY.arc_motor)


def _afferent(fibres: AxonState, muscle: Muscle) -> jax.Array:
    """Return the share of the sensory limb of each reflex that works, shape (N, 2, R) [0..1].

    What was cut beyond the ganglion grows back with the motor axons of the same muscles; what was cut before
    it does not.
    """
    left = fibres.motor_surviving[:, :, 0]
    back = (muscle.axons - left) / jnp.maximum(1.0 - left, 1e-6)
    return fibres.reflex_afferent + fibres.reflex_afferent_cut * product(back, _ANATOMY.arc_motor)


def _loop_slowing(fibres: AxonState) -> jax.Array:
    """Return the mean relative slowing around each reflex loop, shape (N, 2, R) [-].

    Slow loops lose synchrony.
    """
    paths = [_ANATOMY.arc_incidence[:, _ANATOMY.arc_reflex == i] for i in range(len(_ANATOMY.reflexes))]
    table = np.stack([on_path.max(axis=1) for on_path in paths], axis=1)
    return product(fibres.site_slowing, table / np.maximum(table.sum(axis=0), 1.0))


def reflex_grade(
    person: Person, latents: Latents, lesion_process: LesionProcess, fibres: AxonState, muscle: Muscle
) -> jax.Array:
    """Return each reflex on the 0-4 scale, continuous, shape (N, 2, R) [-].

    Halving the loop takes off a fixed step; age weakens the ankle jerk; upper motor neuron disease raises
    all.
    """
    p = part("bedside/reflexes")
    loop = jnp.maximum(_afferent(fibres, muscle) * _efferent(muscle), 1e-3)
    slow = p.loss_per_slowing * _loop_slowing(fibres)
    grade = p.normal_grade + p.step_per_halving * jnp.log2(loop) - slow
    own = p.personal_sd * latents["reflex"] + p.upper_motor_gain * lesion_process.upper_motor
    grade = grade + own[:, None, None]
    ankle = jnp.asarray([float(name == "ankle") for name in _ANATOMY.reflexes])
    decades = jnp.maximum(person.age_years - 50.0, 0.0) / 10.0
    return jnp.maximum(grade - (p.ankle_loss_per_decade * decades)[:, None, None] * ankle, -1.0)


def extensor_plantar(lesion_process: LesionProcess) -> jax.Array:
    """Return how clearly the plantar response is extensor, as a normal score, shape (N, 2, 1) [-]."""
    p = part("bedside/reflexes")
    score = p.value("extensor_base") + p.value("extensor_gain") * lesion_process.upper_motor
    return jnp.broadcast_to(score[:, None, None], (score.shape[0], 2, 1))
