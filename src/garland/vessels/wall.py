"""The vessel wall: pericytes lost, basement membrane thickened, capillaries closed, transit made uneven.

Reads    vessels.glycaemia, person.   Feeds  vessels.oxygen.
Trusted  0-60 years of diabetes.   Numbers  evidence/parameters/vessels/wall.yaml
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.person import Person
from garland.vessels.glycaemia import wear_rate


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
    """

    pericytes: jax.Array
    membrane: jax.Array
    open_share: jax.Array
    lumen: jax.Array
    unevenness: jax.Array


def worn_wall(person: Person) -> Wall:
    """Return the capillary wall after this person's years of diabetes.

    Parameters
    ----------
    person : Person
        Completed person, fields (N,).
    """
    p = part("vessels/wall")
    worn_years = jnp.where(person.diabetes > 0.5, wear_rate(person) * person.diabetes_years, 0.0)
    pericytes = jnp.exp(-p.pericyte_loss_per_year * worn_years)
    membrane = 1.0 + (p.membrane_limit - 1.0) * (1.0 - jnp.exp(-p.membrane_growth_per_year * worn_years))
    open_share = 1.0 - p.closing_per_pericyte * (1.0 - pericytes)
    lumen = 1.0 - p.narrowing_per_membrane * (membrane - 1.0)
    unevenness = p.unevenness_healthy + p.unevenness_per_pericyte * (1.0 - pericytes)
    return Wall(pericytes, membrane, open_share, lumen, unevenness)
