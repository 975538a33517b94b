"""Glucose and fats: how fast they wear out the small vessels of nerve.

Reads    person.   Feeds  vessels.wall.
Trusted  HbA1c 4-15 %, triglycerides 30-1000 mg/dL.   Numbers  evidence/parameters/vessels/glycaemia.yaml
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.person import Person


def wear_rate(person: Person) -> jax.Array:
    """Return how fast vessels wear out relative to a person with HbA1c 7 % and triglycerides 150 mg/dL.

    Parameters
    ----------
    person : Person
        Completed person, fields (N,).

    Returns
    -------
    jax.Array
        Relative hazard, shape (N,) [-]. The slope per HbA1c is that of microvascular complications
        (UKPDS 35).
    """
    p = part("vessels/glycaemia")
    excess = person.hba1c_percent - p.value("reference_hba1c_percent")
    glucose = jnp.exp(p.value("hazard_per_hba1c_percent") * excess)
    relative = person.triglycerides_mg_dl / p.value("reference_triglycerides_mg_dl")
    fats = relative ** p.value("triglyceride_exponent")
    return glucose * fats
