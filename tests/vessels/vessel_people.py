"""Single persons and their care, for the tests of vessels."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.model.latents import draw
from garland.model.patient import Person, complete, unknown_person
from garland.model.treatment.schedule import Dose, GlucoseTarget, Treatments, no_care

USUAL = {"diabetes": 1.0, "diabetes_years": 10.0, "hba1c_percent": 9.0, "triglycerides_mg_dl": 150.0}


def someone(**known: float) -> Person:
    """Return one person; whatever is not told is usual."""
    given = {name: jnp.asarray([value]) for name, value in (USUAL | known).items()}
    return complete(unknown_person()._replace(**given), draw(jax.random.key(5), 1), jnp.nan)


def dose(amount: float, start_day: float, stop_day: float) -> Dose:
    """Return a treatment from one day to another."""
    return Dose(jnp.float32(amount), jnp.float32(start_day), jnp.float32(stop_day))


def control(hba1c_percent: float, start_day: float, over_day: float, **doses: Dose) -> Treatments:
    """Return care with a glucose target, and other treatments if told."""
    numbers = (jnp.float32(x) for x in (hba1c_percent, start_day, over_day))
    return no_care()._replace(glucose=GlucoseTarget(*numbers), **doses)
