"""From a plan on paper to the care of patients."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from garland.model.treatment.schedule import FOREVER_DAY, Dose, GlucoseTarget, Treatments, no_care
from garland.records.treatment import Plan, Treatment


def from_plan(plan: Plan) -> Treatments:
    """Return the care that a plan prescribes, fields of shape (); what it leaves out is not given."""
    treatment = no_care()
    for given in plan.treatments:
        if given.what == "glucose":
            treatment = treatment._replace(glucose=_target(given))
        else:
            changed: dict[str, Any] = {given.what.replace("-", "_"): _dose(given)}
            treatment = treatment._replace(**changed)
    return treatment


def _dose(given: Treatment) -> Dose:
    stop = FOREVER_DAY if given.stop_day is None else given.stop_day
    return Dose(jnp.float32(given.amount), jnp.float32(given.start_day), jnp.float32(stop))


def _target(given: Treatment) -> GlucoseTarget:
    over = given.over_day or 1.0
    return GlucoseTarget(jnp.float32(given.amount), jnp.float32(given.start_day), jnp.float32(over))
