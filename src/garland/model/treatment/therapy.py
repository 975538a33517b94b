"""Physical and occupational therapy: what it may add to walking and to rising from a chair.

There is no trial in radiculoplexus neuropathy; in distal polyneuropathy exercise steadies balance and leaves
the six-minute walk as it was. The gain is drawn wide around almost none, and may be a loss (overwork).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.model.latents import Latents
from garland.model.treatment.schedule import Treatments, _acting, saturating

KINDS = ("physical_therapy", "occupational_therapy")
"""The two kinds of therapy, as fields of `Treatments`."""


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
    mean, sd = p.table(what), p.table(f"{what}_sd")
    now = jnp.asarray(day, jnp.float32)
    for kind, dose in zip(KINDS, (treatment.physical_therapy, treatment.occupational_therapy), strict=True):
        share = _acting(dose, now, p.value("onset_day"), p.value("fade_day"))
        full = mean[kind] + sd[kind] * latents["therapy"]
        total = total + saturating(dose.amount, half, usual) * share * full
    return total
