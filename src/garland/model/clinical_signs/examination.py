"""What an examiner finds: strength of movements, tendon reflexes, feeling."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from garland._types import Float32s
from garland.anatomy.tree import load
from garland.evidence import part
from garland.evidence.findings import declared_findings
from garland.model.axons.muscle import Muscle
from garland.model.axons.paths import product
from garland.model.axons.state import AxonState, plexus_shares
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person

_ANATOMY = load()
_PRINTED = declared_findings()["movement_strength"].printed["words"]


def force(muscle: Muscle, lesion_process: LesionProcess) -> jax.Array:
    """Return the force each muscle can be made to give, relative to the person's own, (N, 2, M) [0..1]."""
    reachable = muscle.conducting / jnp.maximum(muscle.axons, 1e-6)
    given = jnp.exp(-lesion_process.effort_loss)[..., None]
    share = muscle.innervated * reachable * (1.0 - muscle.diseased) * given
    # The hand of an examiner is the measure: what it overcomes easily seems to have lost more.
    return share ** _hand_powers()


def _hand_powers() -> Float32s:
    """Return the power with which each muscle's share of force counts against a hand, shape (M,) [-]."""
    table = part("bedside/strength").table("hand_power")
    return np.asarray([table.get(name, 1.0) for name in _ANATOMY.muscles], np.float32)


def mrc_grade(share: jax.Array) -> jax.Array:
    """Return the MRC grade of a force on a continuous scale."""
    limits = part("bedside/strength").table("mrc_force_limits")
    names = ("1", "2", "3", "4-", "4", "4+", "5")
    # A grade begins where the one below it ends on the scale on which strength is recorded.
    grades = [end for _, end in _PRINTED if end is not None]
    at = np.log(np.array([1e-4, *(limits[name] for name in names), 1.0], np.float32))
    rise = np.diff(np.array([0.0, *grades, 5.4], np.float32)) / np.diff(at)
    share_ln = jnp.log(jnp.clip(share, 1e-4, 1.0))
    # One straight piece after the other: a search for the right piece does not vectorise.
    pieces = zip(at[:-1], at[1:], rise, strict=True)
    return sum((slope * (jnp.clip(share_ln, low, high) - low) for low, high, slope in pieces), jnp.zeros(()))


def movement_force(muscle_force: jax.Array) -> jax.Array:
    """Return the force of each movement from its muscles, (N, 2, M) to (N, 2, V) [0..1]."""
    return product(muscle_force, _ANATOMY.movement_weights)


def wasting(muscle: Muscle) -> jax.Array:
    """Return how clearly each muscle looks wasted, in standard deviations of the judgement, (N, 2, M) [-]."""
    p = part("fibres/muscle")
    return (muscle.bulk_lost - p.value("visible_wasting_share")) / p.value("visible_wasting_spread")


def twitching(muscle: Muscle, lesion_process: LesionProcess) -> jax.Array:
    """Return how clearly fasciculation shows in each muscle, as a normal score, shape (N, 2, M) [-]."""
    p = part("bedside/strength")
    sick = jnp.sqrt(jnp.clip(1.0 - muscle.conducting, 0.0, 1.0))
    excitable = p.value("twitching_per_excitability") * lesion_process.fasciculation[:, None, None]
    return p.value("twitching_base") + excitable * sick


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


def _loss(felt: jax.Array) -> jax.Array:
    return -jnp.log(jnp.maximum(felt, 0.02))


def nerve_loss(felt: jax.Array, latents: Latents) -> jax.Array:
    """Return the loss of feeling in each skin nerve's territory, (N, 2, Q) to (N, 2, T) [-]."""
    share = plexus_shares(_ANATOMY.skin_share, latents["plexus_type"])
    total = np.zeros((len(_ANATOMY.skin_nerve), len(_ANATOMY.skin_nerves)), np.float32)
    total[np.arange(len(_ANATOMY.skin_nerve)), _ANATOMY.skin_nerve] = 1.0
    return _loss(product(felt * share, total))


def dermatome_loss(felt: jax.Array) -> jax.Array:
    """Return the loss of feeling in each dermatome, (N, 2, Q) to (N, 2, D) [-]."""
    return _loss(product(felt, _ANATOMY.dermatome_weights))


def region_loss(felt: jax.Array) -> jax.Array:
    """Return the loss of feeling in each region of the body, (N, 2, Q) to (N, 2, G) [-]."""
    return _loss(product(felt, _ANATOMY.region_weights))


def numbness(fibres: AxonState) -> jax.Array:
    """Return how likely each region is called numb or tingling, as a normal score, shape (N, 2, G) [-]."""
    p = part("bedside/sensation")
    felt = jnp.minimum(fibres.sensory_conducting, fibres.sensory_conducting_small)
    hurt = 1.0 - product(felt, _ANATOMY.region_weights)
    return p.value("numbness_base") + p.value("numbness_gain") * jnp.sqrt(jnp.clip(hurt, 0.0, 1.0))
