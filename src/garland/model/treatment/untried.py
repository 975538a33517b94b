"""Treatments that no trial in this disease supports: immunotherapy, physical and occupational therapy.

No controlled result can be used: the Cochrane review (Chan, CD006521) found one trial and no data in it. The
effect is drawn wide around almost none and may do harm. Nothing here says that immunotherapy works, or not.

There is no trial in radiculoplexus neuropathy; in distal polyneuropathy exercise steadies balance and leaves
the six-minute walk as it was. The gain is drawn wide around almost none, and may be a loss (overwork).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.model.latents import Latents
from garland.model.treatment.schedule import FOREVER_DAY, Treatments, _acting, doses_of_kind, saturating

_IMMUNOTHERAPY = "immunotherapy"


class Hold(NamedTuple):
    """How far treatment holds the attack, and when; fields (N,).

    Attributes
    ----------
    effect : jax.Array
        While held, new damage comes (1 - effect) times as fast [-]; below 1, negative if treatment harms.
    start_day, stop_day : jax.Array
        First and last day of the hold, carry-over included [d].
    """

    effect: jax.Array
    start_day: jax.Array
    stop_day: jax.Array


def hold(treatment: Treatments | None, latents: Latents) -> Hold:
    """Return how far immunotherapy holds the attack.

    Fields (N,). Effects combine as 1 - prod(1 - e); the window runs from the first start to the last stop
    and a carry-over. Effect exactly 0 where nothing is given.
    """
    n = latents.vector.shape[0]
    if treatment is None:
        never = jnp.full((n,), FOREVER_DAY, jnp.float32)
        return Hold(jnp.zeros((n,), jnp.float32), never, never)
    fall = sum(_falls(treatment, latents["immunotherapy"][:, 0], "attack"), jnp.zeros((n,)))
    pairs = [(dose.amount > 0.0, dose) for dose in doses_of_kind(treatment, _IMMUNOTHERAPY).values()]
    starts = jnp.broadcast_arrays(*[jnp.where(on, dose.start_day, FOREVER_DAY) for on, dose in pairs])
    stops = jnp.broadcast_arrays(*[jnp.where(on, dose.stop_day, -FOREVER_DAY) for on, dose in pairs])
    start = jnp.stack(starts).min(axis=0)
    carried = jnp.stack(stops).max(axis=0) + part("care/immunotherapy").value("carry_over_day")
    stop = jnp.maximum(start, jnp.minimum(carried, FOREVER_DAY))
    return Hold(_effect(fall), jnp.broadcast_to(start, (n,)), jnp.broadcast_to(stop, (n,)))


def pain_hold(treatment: Treatments | None, latents: Latents, day: jax.Array | float) -> jax.Array:
    """Return the share of pain that immunotherapy takes away on a day.

    Share, shape (N,) [-]: below 1, negative if treatment makes pain worse; exactly 0 where none is given.
    """
    n = latents.vector.shape[0]
    if treatment is None:
        return jnp.zeros((n,), jnp.float32)
    p = part("care/immunotherapy")
    now = jnp.asarray(day, jnp.float32)
    onset, fade = p.value("pain_onset_day"), p.value("pain_fade_day")
    doses = doses_of_kind(treatment, _IMMUNOTHERAPY).values()
    falls = zip(_falls(treatment, latents["immunotherapy"][:, 1], "pain"), doses, strict=True)
    return _effect(sum((fall * _acting(dose, now, onset, fade) for fall, dose in falls), jnp.zeros((n,))))


def _falls(treatment: Treatments, score: jax.Array, on: str) -> list[jax.Array]:
    """Fall of the log rate by each drug at full effect, shape (N,); one person answers to all alike."""
    p = part("care/immunotherapy")
    return [
        saturating(dose.amount, p.entry("half_dose", drug), p.entry("usual_dose", drug))
        * (p.entry(f"{on}_effect", drug) + p.entry(f"{on}_effect_sd", drug) * score)
        for drug, dose in doses_of_kind(treatment, _IMMUNOTHERAPY).items()
    ]


def _effect(fall: jax.Array) -> jax.Array:
    limit = part("care/immunotherapy").value("log_effect_limit")
    return -jnp.expm1(-limit * jnp.tanh(fall / limit))


def walking_gain(treatment: Treatments | None, latents: Latents, day: jax.Array | float) -> jax.Array:
    """Return what therapy adds to the walking scale on a day, shape (N,) [steps; 1 is from an aid to none].

    Exactly 0 where no therapy is given; negative in a person whom it harms.
    """
    return _gain(treatment, latents, day, "walking_gain")


def chair_gain(treatment: Treatments | None, latents: Latents, day: jax.Array | float) -> jax.Array:
    """Return the knee extension force that therapy adds when rising from a chair, shape (N,) [% body weight].

    Exactly 0 where no therapy is given; negative in a person whom it harms.
    """
    return _gain(treatment, latents, day, "chair_gain")


def _gain(treatment: Treatments | None, latents: Latents, day: jax.Array | float, what: str) -> jax.Array:
    total = jnp.zeros((latents.vector.shape[0],), jnp.float32)
    if treatment is None:
        return total
    p = part("care/therapy")
    half, usual = p.value("half_sessions_per_week"), p.value("usual_sessions_per_week")
    now = jnp.asarray(day, jnp.float32)
    for therapy, dose in doses_of_kind(treatment, "therapy").items():
        share = _acting(dose, now, p.value("onset_day"), p.value("fade_day"))
        full = p.entry(what, therapy) + p.entry(f"{what}_sd", therapy) * latents["therapy"]
        total = total + saturating(dose.amount, half, usual) * share * full
    return total
