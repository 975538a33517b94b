"""The vessel wall: pericytes lost, debris left lying, membrane thickened, capillaries closed, transit uneven.

Trusted  0-60 years of diabetes.   Numbers  evidence/parameters/vessels/wall.yaml
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.model.patient import Person
from garland.model.treatment.schedule import Treatments
from garland.model.vessels.glycaemia import _wear_now, worn_years


class Wall(NamedTuple):
    """State of the endoneurial capillaries of N patients, each field of shape (N,).

    Attributes
    ----------
    pericytes : jax.Array
        Pericyte coverage relative to health [0..1].
    membrane : jax.Array
        Basement membrane area relative to health [1..].
    open_share : jax.Array
        Share of capillaries open [0..1].
    lumen : jax.Array
        Luminal area relative to health [0..1].
    unevenness : jax.Array
        Capillary transit-time heterogeneity over mean transit time [-].
    debris : jax.Array
        What lies uncleared around capillaries, as a share of the most there can be [0..1].
    """

    pericytes: jax.Array
    membrane: jax.Array
    open_share: jax.Array
    lumen: jax.Array
    unevenness: jax.Array
    debris: jax.Array


def worn_wall(
    person: Person, treatment: Treatments | None = None, day: jax.Array | float | None = None
) -> Wall:
    """Return the capillary wall after this person's years of diabetes.

    Fields (N,). Pericytes and membrane follow the wear so far; debris also the wear of that day.
    """
    p = part("vessels/wall")
    when = 0.0 if day is None else day
    worn = worn_years(person, treatment, when)
    pericytes = jnp.exp(-p.pericyte_loss_per_year * worn)
    membrane = 1.0 + (p.membrane_limit - 1.0) * (1.0 - jnp.exp(-p.membrane_growth_per_year * worn))
    debris = _debris(pericytes, _wear_now(person, treatment, when))
    closed = p.closing_per_pericyte * (1.0 - pericytes) + p.closing_per_debris * debris
    lumen = 1.0 - p.narrowing_per_membrane * (membrane - 1.0)
    uneven = p.unevenness_per_pericyte * (1.0 - pericytes) + p.unevenness_per_debris * debris
    return Wall(pericytes, membrane, 1.0 - closed, lumen, p.unevenness_healthy + uneven, debris)


def _debris(pericytes: jax.Array, wear: jax.Array) -> jax.Array:
    """Return debris where making and clearing balance [0..1].

    Made in proportion to wear and pericytes lost on what is still clear, cleared by the pericytes left:
    ``made wear (1 - pericytes) (1 - debris) = pericytes debris``.
    """
    made = part("vessels/wall").value("debris_made") * wear * (1.0 - pericytes)
    return made / (made + jnp.maximum(pericytes, 1e-6))
