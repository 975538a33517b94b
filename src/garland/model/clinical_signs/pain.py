"""Where it hurts, how much, and for how long.

Pain follows injured fibres, weighed by how long ago they were cut, and the drive of the disease itself
(inflammation, pressure). A drive that stands keeps injured fibres firing; without it they fall silent within
months but for a residue. Where nothing is injured and nothing drives, nothing hurts.
"""

from __future__ import annotations

import functools
import operator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.pathways import Floats
from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.paths import product
from garland.model.axons.state import AxonState
from garland.model.clinical_signs import sensitisation
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents

_ANATOMY = load()


class _Pain(NamedTuple):
    """Pain of N patients on a day.

    Attributes
    ----------
    score : jax.Array
        How likely each region is called painful, as a normal score, shape (N, 2, G) [-].
    nrs : jax.Array
        Worst pain on the numerical rating scale, shape (N,) [0..10].
    allodynia : jax.Array
        Probability that light touch hurts somewhere, shape (N,) [0..1].
    """

    score: jax.Array
    nrs: jax.Array
    allodynia: jax.Array


def _nerves_of_regions() -> Floats:
    table = np.zeros((len(_ANATOMY.skin_nerves), len(_ANATOMY.regions)), np.float32)
    np.add.at(table, _ANATOMY.skin_nerve, _ANATOMY.region_weights)
    return table


_NERVES_OF_REGIONS = _nerves_of_regions()
"""Share of each skin nerve in each region, shape (T, G) [-]."""


def _weighed(left: jax.Array, weight: jax.Array) -> jax.Array:
    """Return the sum over cohorts of what was cut in each, times its weight, (..., K, 2, N) to (..., 2, N).

    `weight` (K, 2, N). Summed by parts, on what is left at each cohort limit.
    """
    before = jnp.concatenate([jnp.zeros_like(weight[:1]), weight[:-1]])
    steps = before - weight
    every = [left[..., k, :, :] * steps[k] for k in range(weight.shape[0])]
    return functools.reduce(operator.add, every, weight[-1])


def _liveliness(fibres: AxonState, weight: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return how lively injured fibres are on average, by region (N, 2, G) and by side (N, 2) [0..1].

    `weight` (N, 2, K) is the liveliness of fibres of each cohort. A region goes by its own skin nerves and,
    where these are whole beyond the ganglion, by the motor fibres of the side, which share the roots. Blocked
    fibres count as just injured.
    """
    p = part("bedside/pain")
    share = p.value("side_share")
    motor = fibres.motor_surviving.T.mean(axis=0)
    blocked = jnp.maximum(motor[0] - fibres.motor_conducting.T.mean(axis=0), 0.0)
    lively = _weighed(motor, weight.T) + blocked
    injured = 1.0 - motor[0] + blocked
    fresh = p.value("without_age")
    by_side = (share * lively + fresh) / (share * injured + fresh)
    skin = _weighed(fibres.sensory_surviving.T, weight.T).T
    lost = 1.0 - fibres.sensory_surviving[:, :, 0]
    own, every = product(skin, _NERVES_OF_REGIONS), product(lost, _NERVES_OF_REGIONS)
    beside = (share * lively + fresh).T[..., None], (share * injured + fresh).T[..., None]
    return jnp.clip((own + beside[0]) / (every + beside[1]), 0.0, 1.0), by_side.T


def _hurt(fibres: AxonState, weight: jax.Array, kept: jax.Array) -> jax.Array:
    """Return how much injury hurts in each region, shape (N, 2, G) [0..1].

    `weight` (N, 2, K) is the liveliness of each cohort, `kept` (N, 2) the share that a standing drive keeps
    firing.
    """
    region, side = _liveliness(fibres, weight)
    region = region + kept[..., None] * (1.0 - region)
    side = side + kept * (1.0 - side)
    injured = region * (1.0 - product(fibres.sensory_conducting_small, _ANATOMY.region_weights))
    lively = side[..., None] * fibres.site_loss_now + fibres.site_block
    roots = 1.0 - jnp.exp(-product(lively, _ANATOMY.region_site_weights))
    return jnp.sqrt(jnp.clip(jnp.maximum(injured, roots), 0.0, 1.0))


def _level(latents: Latents, lesion_process: LesionProcess, fibres: AxonState, day: jax.Array) -> jax.Array:
    """Return how much more each region hurts than a healthy one, in units of the score, (N, 2, G) [-]."""
    p = part("bedside/pain")
    share = sensitisation._gain(latents)
    now, sensitive = sensitisation._drive(lesion_process, day)
    driven = lesion_process.pain_drive * sensitisation._felt(now, sensitive, share[:, None])
    standing = (lesion_process.pain_drive * now) ** 2
    kept = standing / (standing + p.value("drive_keeps") ** 2)
    ages = fibres.ages_day
    fresh, sensitised = sensitisation._ectopic(ages), sensitisation._central(ages)
    lively = sensitisation._felt(fresh, sensitised, share[:, None, None])
    residue = p.value("ectopic_residue")
    hurt = _hurt(fibres, residue + (1.0 - residue) * lively, kept)
    return p.value("per_injury") * hurt + p.value("per_drive") * driven[..., None]


def _score(latents: Latents, level: jax.Array) -> jax.Array:
    p = part("bedside/pain")
    return p.value("base") + level + (p.value("personal_sd") * latents["pain"])[:, None, None]


def region_pain(
    latents: Latents, lesion_process: LesionProcess, fibres: AxonState, day: jax.Array
) -> jax.Array:
    """Return how likely each region hurts on a day (N,), as a normal score, shape (N, 2, G) [-]."""
    return _score(latents, _level(latents, lesion_process, fibres, day))


def pain(
    latents: Latents,
    lesion_process: LesionProcess,
    fibres: AxonState,
    day: jax.Array,
    relief: jax.Array | float | None = None,
) -> _Pain:
    """Return the pain of N patients on a day."""
    n = latents.vector.shape[0]
    remains = jnp.broadcast_to(1.0 - jnp.asarray(0.0 if relief is None else relief, jnp.float32), (n,))
    level = _level(latents, lesion_process, fibres, day)
    worst = level.max(axis=(1, 2))
    return _Pain(
        score=_score(latents, level * remains[:, None, None]),
        nrs=_rating(latents, worst) * remains,
        allodynia=_allodynia(latents, lesion_process, fibres, day) * remains,
    )


def _rating(latents: Latents, level: jax.Array) -> jax.Array:
    """Return the rating of pain from its level (N,), saturating, shape (N,) [0..10]."""
    p = part("bedside/pain")
    own = jnp.maximum(level, 0.0) * jnp.exp(p.value("rating_sd_ln") * latents["pain"])
    strong = (own / p.value("rating_half")) ** p.value("rating_power")
    return jnp.asarray(10.0 * strong / (1.0 + strong))


def _allodynia(
    latents: Latents, lesion_process: LesionProcess, fibres: AxonState, day: jax.Array
) -> jax.Array:
    """Return the probability that touch hurts, (N,) [0..1]: a sensitive cord that touch still reaches."""
    p = part("bedside/pain")
    _, sensitive = sensitisation._drive(lesion_process, day)
    lively, _ = _liveliness(fibres, sensitisation._central(fibres.ages_day))
    lost = 1.0 - product(fibres.sensory_conducting_small, _ANATOMY.region_weights)
    touch = product(fibres.sensory_conducting, _ANATOMY.region_weights)
    from_injury, from_drive = lively * lost, (lesion_process.pain_drive * sensitive)[..., None]
    cord = 1.0 - jnp.exp(-(from_injury + p.value("allodynia_drive_share") * from_drive))
    return p.value("allodynia_ceiling") * sensitisation._gain(latents) * (cord * touch).max(axis=(1, 2))
