"""The schedule of care: what is given from which day to which day.

From a plan on paper to the care of patients.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.evidence.treatments import declared_treatments, treatments_of_kind
from garland.records.treatment import Plan, Treatment

_single: Any = np.float32  # JAX would compile a program to make a number

FOREVER_DAY = 1e6
"""A day that never comes [d]."""


class Dose(NamedTuple):
    """One treatment at a steady dose; fields of shape () or (N,).

    Attributes
    ----------
    amount : jax.Array
        Dose in the unit of its treatment; 0 if it is not given.
    start_day, stop_day : jax.Array
        First and last day, counted from the first symptom [d].
    """

    amount: jax.Array
    start_day: jax.Array
    stop_day: jax.Array


class GlucoseTarget(NamedTuple):
    """A change of glucose control; fields of shape () or (N,).

    Attributes
    ----------
    hba1c_percent : jax.Array
        HbA1c aimed at [%]; NaN if control is left as it is.
    start_day, over_day : jax.Array
        Day on which the change begins and how long mean glucose takes to get there [d].
    """

    hba1c_percent: jax.Array
    start_day: jax.Array
    over_day: jax.Array


_namedtuple: Any = namedtuple  # what is declared in data is unknown to a checker of types
_Declared: Any = _namedtuple("_Declared", [one.field_name for one in declared_treatments().values()])


class Treatments(_Declared):  # type: ignore[misc]
    """All treatments of N patients, a field for each that is declared, in its unit (care/treatments.yaml).

    A field is a `Dose`; of a treatment with a target, a `GlucoseTarget`.
    """

    __slots__ = ()


def doses_of_kind(treatment: Treatments, kind: str) -> dict[str, Dose]:
    """Return the doses of all treatments of one kind by name, given or not."""
    every = declared_treatments()
    return {name: getattr(treatment, every[name].field_name) for name in treatments_of_kind(kind)}


def no_care(**given: Dose | GlucoseTarget) -> Treatments:
    """Return the care of a patient to whom nothing is given but this, by field."""
    never = Dose(_single(0.0), _single(FOREVER_DAY), _single(FOREVER_DAY))
    unchanged = GlucoseTarget(_single(np.nan), _single(FOREVER_DAY), _single(1.0))
    every = declared_treatments().values()
    return Treatments(**{one.field_name: unchanged if one.target else never for one in every} | given)


def given_days(dose: Dose, day: jax.Array) -> jax.Array:
    """Return for how many days a treatment has been given by `day`, broadcast [d]; 0 before it starts."""
    return jnp.clip(day, dose.start_day, dose.stop_day) - dose.start_day


def _acting(dose: Dose, day: jax.Array, onset_day: float, fade_day: float) -> jax.Array:
    """Return which share of its full effect a treatment has on a day.

    It builds up from the first dose, lasts, and fades after the last.

    Share, broadcast [0..1]; 0 before the first day and where the dose is 0.
    """
    built = -jnp.expm1(-given_days(dose, day) / onset_day)
    left = jnp.exp(-jnp.maximum(day - dose.stop_day, 0.0) / fade_day)
    return jnp.where(dose.amount > 0.0, built * left, 0.0)


def saturating(amount: jax.Array, half: float, usual: float) -> jax.Array:
    """Return the effect of a dose relative to the usual one: 0 at 0, 1 at `usual`, levelling off above.

    Relative effect, same shape [-], below 1 + half/usual.
    """
    given = jnp.maximum(amount, 0.0)
    return given / (given + half) * (usual + half) / usual


def from_plan(plan: Plan) -> Treatments:
    """Return the care that a plan prescribes, fields of shape (); what it leaves out is not given."""
    fields: dict[str, Dose | GlucoseTarget] = {}
    for given in plan.treatments:
        declared = declared_treatments()[given.what]
        fields[declared.field_name] = _target(given) if declared.target else _dose(given)
    return no_care(**fields)


def _dose(given: Treatment) -> Dose:
    stop = FOREVER_DAY if given.stop_day is None else given.stop_day
    return Dose(_single(given.amount), _single(given.start_day), _single(stop))


def _target(given: Treatment) -> GlucoseTarget:
    over = given.over_day or 1.0
    return GlucoseTarget(_single(given.amount), _single(given.start_day), _single(over))
