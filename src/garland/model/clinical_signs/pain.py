"""Pain: where it hurts, how much and for how long, from injured fibres and the drive of the disease itself.

An injured fibre discharges by itself, most at two weeks, and falls silent within months but for a residue; a
drive that stands (inflammation, pressure) keeps it firing. The spinal cord follows with a delay and forgets
slowly, so that closed forms serve, piece by piece. Trusted for ages of 0 d to 60 years; the shapes are
those of rat nerve, slowed for the central part.
"""

from __future__ import annotations

import functools
import operator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland._types import Float32s, Float64s
from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.paths import product
from garland.model.axons.state import AxonState
from garland.model.diseases.lesion_process import LesionProcess, each
from garland.model.latents import Latents


def _ectopic(age_day: jax.Array) -> jax.Array:
    """Return the discharge of a fibre injured this long ago, relative to its peak, same shape [0..1]."""
    x = jnp.maximum(age_day, 0.0) / part("bedside/pain").value("ectopic_peak_day")
    return x * jnp.exp(1.0 - x)


def _central_shape(age_day: jax.Array | Float64s, peak_day: float, decay_day: float) -> jax.Array:
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


def _nerves_of_regions() -> Float32s:
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
    share = _gain(latents)
    driven, standing = _driven(lesion_process, share, day)
    kept = standing / (standing + p.value("drive_keeps") ** 2)
    ages = fibres.ages_day
    fresh, sensitised = _ectopic(ages), _central(ages)
    lively = _felt(fresh, sensitised, share[:, None, None])
    residue = p.value("ectopic_residue")
    hurt = _hurt(fibres, residue + (1.0 - residue) * lively, kept)
    return p.value("per_injury") * hurt + p.value("per_drive") * driven[..., None]


def _driven(lesion_process: LesionProcess, share: jax.Array, day: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the drive of pain as it is felt on each side, and the square of what stands of it, (N, 2) [-].

    Of two diseases the worse pain is felt.
    """
    felt, standing = [], []
    for own, own_day in each(lesion_process, day):
        now, sensitive = _drive(own, own_day)
        felt.append(own.pain_drive * _felt(now, sensitive, share[:, None]))
        standing.append((own.pain_drive * now) ** 2)
    return functools.reduce(jnp.maximum, felt), functools.reduce(operator.add, standing)


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
    _, sensitive = _drive(lesion_process, day)
    lively, _ = _liveliness(fibres, _central(fibres.ages_day))
    lost = 1.0 - product(fibres.sensory_conducting_small, _ANATOMY.region_weights)
    touch = product(fibres.sensory_conducting, _ANATOMY.region_weights)
    from_injury, from_drive = lively * lost, (lesion_process.pain_drive * sensitive)[..., None]
    cord = 1.0 - jnp.exp(-(from_injury + p.value("allodynia_drive_share") * from_drive))
    return p.value("allodynia_ceiling") * _gain(latents) * (cord * touch).max(axis=(1, 2))
