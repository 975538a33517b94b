"""Muscle: who innervates its fibres now, what they can give, and what they show to the needle."""

from __future__ import annotations

import functools
import operator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.evidence import part
from garland.model.axons.degeneration import _fibrillating_share
from garland.model.axons.paths import materialise
from garland.model.axons.regeneration import _growth, _reach, _ready_share, _regrown_share, _room
from garland.model.axons.state import AxonState
from garland.model.diseases.course import share_left
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents


class Muscle(NamedTuple):
    """Muscles of N patients, every field of shape (N, 2, M).

    Attributes
    ----------
    axons : jax.Array
        Share of axons connected: whole or regrown [0..1].
    conducting : jax.Array
        Share of axons connected and conducting from the cord [0..1].
    innervated : jax.Array
        Share of muscle fibres with a nerve, by their own axon, a regrown one or a sprout [0..1].
    adopted : jax.Array
        Share of muscle fibres carried by sprouts [0..1].
    denervated : jax.Array
        Share of muscle fibres without a nerve [0..1].
    fibrillating : jax.Array
        Share of muscle fibres that fibrillate [0..1].
    young : jax.Array
        Share of muscle fibres reinnervated in the last months [0..1].
    bulk_lost : jax.Array
        Share of bulk lost [0..1].
    diseased : jax.Array
        Share of fibres out of work from disease of muscle itself [0..1].
    """

    axons: jax.Array
    conducting: jax.Array
    innervated: jax.Array
    adopted: jax.Array
    denervated: jax.Array
    fibrillating: jax.Array
    young: jax.Array
    bulk_lost: jax.Array
    diseased: jax.Array


def cohorts_of(left: jax.Array) -> jax.Array:
    """Return the share of axons cut in each cohort, same shape; with what is left now they add up to one."""
    now = left.T
    before = jnp.concatenate([now[:, 1:], jnp.ones_like(now[:, :1])], axis=1)
    return materialise(jnp.maximum(before - now, 0.0))[0].T


def _over_cohorts(by_cohort: jax.Array) -> jax.Array:
    """Return the sum over cohorts, (M, K, 2, N) to (M, 2, N)."""
    return functools.reduce(operator.add, [by_cohort[:, k] for k in range(by_cohort.shape[1])])


def _can_regrow(cut: jax.Array) -> jax.Array:
    """Return the cohorts, (X, COHORTS, 2, N), without the last: what went before the illness stays away."""
    alive = np.arange(cut.shape[1]) < cut.shape[1] - 1
    return jnp.where(alive[:, None, None], cut, 0.0)


def _diseased(lesion_process: LesionProcess, fibres: AxonState) -> tuple[jax.Array, jax.Array]:
    """Return the share of fibres that disease of muscle has put out of work, and of those that fibrillate by
    it, (M, 2, N) [0..1].
    """
    disease = share_left(lesion_process.muscle_loss, fibres.process_done).T
    irritated = 0.3 * lesion_process.muscle_irritation.T * disease
    if lesion_process.beside is None or fibres.beside_done is None:
        return disease, irritated
    other = lesion_process.beside.lesion_process
    second = share_left(other.muscle_loss, fibres.beside_done).T
    irritated = irritated + 0.3 * other.muscle_irritation.T * second
    return 1.0 - (1.0 - disease) * (1.0 - second), irritated


def muscle_state(
    latents: Latents, lesion_process: LesionProcess, fibres: AxonState, day: jax.Array
) -> Muscle:
    """Return the muscles of N patients on a day."""
    p = part("fibres/muscle")
    left, stump = fibres.motor_surviving.T, fibres.motor_stump_mm.T[:, None]
    cut = cohorts_of(fibres.motor_surviving).T
    age = fibres.ages_day.T
    ready, lasting, recent = materialise(
        _ready_share(age),
        1.0 - jnp.exp(-age / p.atrophy_time_constant_day),
        jnp.exp(-(((age - 130.0) / 120.0) ** 2)),
    )
    # An axon that has arrived needs weeks before its fibres are strong.
    strong = age - part("fibres/regrowth").value("maturation_day")
    arrived = _regrown_share(strong, stump, _growth(latents, lesion_process))
    back = materialise(_can_regrow(cut) * arrived)[0]
    regrown = materialise(_over_cohorts(back))[0]
    axons = left[:, 0] + regrown

    orphaned = cut - back
    within_reach = materialise(_reach() * _over_cohorts(orphaned))[0]
    carriers = left[:, 0] + part("fibres/sprouting").value("regrown_capacity") * regrown
    # Where more fibres wait than the axons can carry, all wait equally: the places fill at the sprouts' pace.
    share = _room(carriers.T, latents).T / jnp.maximum(within_reach, 1e-6)
    taken = materialise(jnp.minimum(share, 1.0))[0][:, None]
    adopted = materialise(_over_cohorts(orphaned * ready * taken))[0]
    waiting = materialise(orphaned * (1.0 - ready * taken))[0]

    disease, irritated = _diseased(lesion_process, fibres)
    fibrillating = _over_cohorts(waiting * _fibrillating_share(age, stump / 1000.0)) + irritated
    young = _over_cohorts((back + orphaned * ready * taken) * recent)
    muscle = Muscle(
        axons=axons,
        conducting=fibres.motor_conducting.T + regrown,
        innervated=jnp.minimum(axons + adopted, 1.0),
        adopted=adopted,
        denervated=_over_cohorts(waiting),
        fibrillating=jnp.minimum(fibrillating, 1.0),
        young=young,
        bulk_lost=jnp.minimum(_over_cohorts(waiting * lasting) + 0.7 * disease, 1.0),
        diseased=disease,
    )
    return Muscle(*[field.T for field in materialise(*muscle)])
