"""The axons of every path, sorted by how long ago they were cut.

Reads    causes, anatomy, fibres.injury, fibres.degeneration.   Feeds  fibres.muscle, bedside, recordings.

Along a path hazards add up: an axon counts once, wherever it was cut. What is left now and what was lost in each
stretch of the past always add up to one.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import Anatomy, load
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.evidence import part
from garland.fibres.degeneration import cohort_ages, cohort_limits
from garland.fibres.injury import background_hazard, block_course, length_share, progress
from garland.patterns import lognormal
from garland.person import Person

_ANATOMY = load()


class Fibres(NamedTuple):
    """Axons of N patients; axes: patient, side, [cohort], target.

    Attributes
    ----------
    motor_left, skin_left : (N, 2, COHORTS, M or T)
        Share of the axons of each muscle or skin nerve not yet cut that many days ago (cohort limits) [0..1];
        skin counts what lies beyond the ganglion.
    motor_conducting : (N, 2, M)
        Share of the axons both whole and conducting from cord to muscle today [0..1].
    skin_felt, skin_felt_small : (N, 2, Q)
        Share of large and small sensory fibres of each path (skin nerve x root) that reach the cord today [0..1].
    arc_afferent : (N, 2, R)
        Share of the afferents of each reflex that reach the cord today [0..1].
    motor_stump_mm, skin_stump_mm : (N, 2, M or T)
        Mean distance from the cut to the target [mm].
    ages_day : (N, COHORTS)
        Age at which each cohort is looked at [d].
    site_loss_now, site_loss_settled, site_block : (N, 2, S)
        Hazard of axon loss by today and by the day before which muscle responses are gone; block today [-].
    site_slowing : (N, 2, S)
        Relative rise of conduction time over each site today [-].
    distal_slowing, distal_block : (N, 2)
        Slowing and block of the terminals of the longest fibres today [-].
    distal_power : (N,)
        Power of fibre length of the length-dependent process [-].
    """

    motor_left: jax.Array
    skin_left: jax.Array
    motor_conducting: jax.Array
    skin_felt: jax.Array
    skin_felt_small: jax.Array
    arc_afferent: jax.Array
    motor_stump_mm: jax.Array
    skin_stump_mm: jax.Array
    ages_day: jax.Array
    site_loss_now: jax.Array
    site_loss_settled: jax.Array
    site_block: jax.Array
    site_slowing: jax.Array
    distal_slowing: jax.Array
    distal_block: jax.Array
    distal_power: jax.Array


def plexus_shares(table: np.ndarray, plexus_type: jax.Array) -> jax.Array:
    """Return the root shares of each patient and side.

    Parameters
    ----------
    table : ndarray
        Shares of a prefixed, normal and postfixed plexus, shape (3, P) [0..1].
    plexus_type : jax.Array
        Standard normal per side, shape (N, 2); beyond +-1.1 the plexus is pre- or post-fixed (about 27 %) [-].

    Returns
    -------
    jax.Array
        Shape (N, 2, P) [0..1]; a mixture that changes smoothly with `plexus_type`.
    """
    early = jax.nn.sigmoid((-plexus_type - 1.1) / 0.15)[..., None]
    late = jax.nn.sigmoid((plexus_type - 1.1) / 0.15)[..., None]
    return early * table[0] + (1.0 - early - late) * table[1] + late * table[2]


def _sum_to(groups: np.ndarray, n: int) -> jax.Array:
    """Return the 0/1 matrix (P, n) that sums paths into their targets."""
    table = np.zeros((len(groups), n), np.float32)
    table[np.arange(len(groups)), groups] = 1.0
    return jnp.asarray(table)


_MOTOR_SUM = _sum_to(_ANATOMY.motor_muscle, len(_ANATOMY.muscles))
_SKIN_SUM = _sum_to(_ANATOMY.skin_nerve, len(_ANATOMY.skin_nerves))
_ARC_SUM = _sum_to(_ANATOMY.arc_reflex, len(_ANATOMY.reflexes))


class _Process(NamedTuple):
    """Damage on its way: hazards by site and cohort limit, and the length-dependent part."""

    loss: jax.Array  # (N, 2, K, S)
    distal: jax.Array  # (N, 2, K)
    distal_power: jax.Array  # (N,)
    old: jax.Array  # (N,)
    old_power: jax.Array  # (N,)
    height_cm: jax.Array  # (N,)


def _hazard(process: _Process, incidence: np.ndarray, length_mm: np.ndarray) -> jax.Array:
    """Return the hazard of axon loss of each path at each cohort limit, shape (N, 2, K, P) [-]."""
    share = length_share(jnp.asarray(length_mm), process.height_cm, process.distal_power)
    old = process.old[:, None] * length_share(jnp.asarray(length_mm), process.height_cm, process.old_power)
    along = process.loss @ jnp.asarray(incidence)
    return along + process.distal[..., None] * share[:, None, None, :] + old[:, None, None, :]


def _stump_mm(
    anatomy_distance: np.ndarray, incidence: np.ndarray, length_mm: np.ndarray, hazard: jax.Array, loss: jax.Array
) -> jax.Array:
    """Return the mean distance from the cut to the target of each path, shape (N, 2, P) [mm].

    What no site accounts for was lost by length, and is cut in the last quarter of the fibre.
    """
    at_sites = loss @ jnp.asarray(incidence * anatomy_distance)
    by_sites = loss @ jnp.asarray(incidence)
    by_length = jnp.maximum(hazard - by_sites, 0.0) * 0.25 * jnp.asarray(length_mm)
    return (at_sites + by_length) / jnp.maximum(hazard, 1e-6)


def _average(value: jax.Array, weight: jax.Array, total: jax.Array) -> jax.Array:
    """Return the weighted mean of path values per target: (N, 2, P) by (P, T) to (N, 2, T)."""
    return ((value * weight) @ total) / jnp.maximum(weight @ total, 1e-6)


def population(person: Person, chance: Chance, insults: Insults, day: jax.Array) -> Fibres:
    """Return the axons of N patients on a day.

    Parameters
    ----------
    person : Person
        Completed person, fields (N,).
    chance : Chance
        Chance of N patients.
    insults : Insults
        What the cause does.
    day : jax.Array
        Days since the first symptom, shape (N,) [d].

    Returns
    -------
    Fibres
        Shares of axons, in [0, 1]; the loss of one path is the sum over its sites, never more than everything.
    """
    a = _ANATOMY
    limits = cohort_limits(chance)
    when = day[:, None] - limits
    span = jnp.maximum(insults.span_day, 0.5)
    done = progress(when[:, None, :, None], insults.start_day[:, :, None, :], span[:, None, None, None])
    loss = insults.axon_loss[:, :, None, :] * done
    grown = progress(when, jnp.zeros_like(when), span[:, None])
    p = part("fibres/injury")
    process = _Process(
        loss,
        insults.distal_loss[:, :, None] * grown[:, None, :],
        insults.distal_power,
        background_hazard(person, chance),
        lognormal(chance["background_slope"], p, "background_power"),
        person.height_cm,
    )
    now = day[:, None, None]
    standing = block_course(now, insults.start_day, span[:, None, None], insults.block_recovery_day[:, None, None])
    terminal = block_course(day, jnp.zeros_like(day), span, insults.block_recovery_day)
    block = insults.block * standing
    distal_block = insults.distal_block * terminal[:, None]

    hazard = _hazard(process, a.motor_incidence, a.motor_length_mm)
    left = jnp.exp(-hazard)
    share = plexus_shares(a.motor_share, chance["plexus_type"])
    weighted = share[:, :, None, :] * left
    reach = length_share(jnp.asarray(a.motor_length_mm), person.height_cm, insults.distal_power)
    passed = jnp.exp(-(block @ jnp.asarray(a.motor_incidence)) - distal_block[..., None] * reach[:, None, :])
    stump = _stump_mm(a.motor_distance_mm, a.motor_incidence, a.motor_length_mm, hazard[:, :, 0], loss[:, :, 0])

    skin = _skin(process, chance, insults, block, grown[:, 0])
    arcs = _hazard_now(process, a.arc_incidence, a.arc_length_mm) + block @ jnp.asarray(a.arc_incidence)
    arc_share = plexus_shares(a.arc_share, chance["plexus_type"])
    return Fibres(
        motor_left=weighted @ _MOTOR_SUM,
        motor_conducting=(weighted[:, :, 0] * passed) @ _MOTOR_SUM,
        arc_afferent=(arc_share * jnp.exp(-arcs)) @ _ARC_SUM,
        motor_stump_mm=_average(stump, share * (1.0001 - left[:, :, 0]), _MOTOR_SUM),
        ages_day=cohort_ages(limits),
        site_loss_now=loss[:, :, 0],
        site_loss_settled=loss[:, :, 1],
        site_block=block,
        site_slowing=insults.slowing * standing,
        distal_slowing=insults.distal_slowing * terminal[:, None],
        distal_block=distal_block,
        distal_power=insults.distal_power,
        **skin,
    )


def _hazard_now(process: _Process, incidence: np.ndarray, length_mm: np.ndarray) -> jax.Array:
    """Return the hazard of each path today, shape (N, 2, P) [-]."""
    today = process._replace(loss=process.loss[:, :, :1], distal=process.distal[:, :, :1])
    return _hazard(today, incidence, length_mm)[:, :, 0]


def _skin(
    process: _Process, chance: Chance, insults: Insults, block: jax.Array, grown: jax.Array
) -> dict[str, jax.Array]:
    """Return the sensory fields of `Fibres`: beyond the ganglion for SNAPs, to the cord for feeling."""
    a = _ANATOMY
    hazard = _hazard(process, a.skin_incidence_postganglionic, a.skin_length_mm)
    left = jnp.exp(-hazard)
    share = plexus_shares(a.skin_share, chance["plexus_type"])
    before = (process.loss[:, :, 0] + block) @ jnp.asarray(a.skin_incidence_preganglionic)
    blocked = block @ jnp.asarray(a.skin_incidence_postganglionic)
    felt = left[:, :, 0] * jnp.exp(-before - blocked)
    reach = length_share(jnp.asarray(a.skin_length_mm), process.height_cm, process.distal_power)
    small = jnp.exp(-(insults.small_fibre * grown)[:, None] * reach)
    distance = a.skin_distance_mm
    stump = _stump_mm(
        distance, a.skin_incidence_postganglionic, a.skin_length_mm, hazard[:, :, 0], process.loss[:, :, 0]
    )
    return {
        "skin_left": (share[:, :, None, :] * left) @ _SKIN_SUM,
        "skin_felt": felt,
        "skin_felt_small": felt * small[:, None, :],
        "skin_stump_mm": _average(stump, share * (1.0001 - left[:, :, 0]), _SKIN_SUM),
    }


