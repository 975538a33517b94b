"""Glucose and fats: their course under care, and how fast they wear out the small vessels of nerve.

Trusted  HbA1c 4-15 %, triglycerides 30-1000 mg/dL.   Numbers  evidence/parameters/vessels/glycaemia.yaml

HbA1c follows the HbA1c that mean glucose stands for with a first-order memory. Mean glucose moves along
ramps and steps, so its course is a closed form; only the wear over days is a (fixed) quadrature.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.evidence import part
from garland.model.patient import Person
from garland.model.treatment.schedule import Dose, GlucoseTarget, Treatments, given_days
from garland.units import DAYS_PER_YEAR

WINDOW_DAY = 91.0
"""The three months over which a fall of HbA1c is told [d]."""

NODES = 4
"""Points of quadrature between two changes of care [-]."""

_MG_DL_PER_MMOL_L = 18.016
_DAYS_PER_WEEK = 7.0
_SHORTEST_DAY = 1.0
"""A change of control takes at least a day."""


class _Glucose(NamedTuple):
    """Glucose of N patients on one day, each field of shape (N,).

    Attributes
    ----------
    hba1c_percent : jax.Array
        HbA1c, which remembers the last months [%].
    mean_glucose_mg_dl : jax.Array
        Mean glucose of these days [mg/dL].
    fall_percent : jax.Array
        Fall of HbA1c within three months, where it was steepest so far [percentage points].
    """

    hba1c_percent: jax.Array
    mean_glucose_mg_dl: jax.Array
    fall_percent: jax.Array


def wear_rate(person: Person) -> jax.Array:
    """Return how fast vessels wear out relative to a person with HbA1c 7 % and triglycerides 150 mg/dL.

    Relative hazard, shape (N,) [-]. The slope per HbA1c is that of microvascular complications (UKPDS 35).
    """
    return _wear(person.hba1c_percent, person.triglycerides_mg_dl)


def _wear_now(person: Person, treatment: Treatments | None, day: jax.Array | float) -> jax.Array:
    """Return how fast vessels wear out on a day under care, shape (N,) [-]; 0 without diabetes."""
    if treatment is None:
        return jnp.where(person.diabetes > 0.5, wear_rate(person), 0.0)
    worn = _wear(_hba1c(person, treatment, jnp.asarray(day)), _triglycerides(person, treatment, day))
    return jnp.where(person.diabetes > 0.5, worn, 0.0)


def _mean_glucose_of(hba1c_percent: jax.Array) -> jax.Array:
    """Return the mean glucose that a steady HbA1c stands for [mg/dL], same shape (Nathan 2008)."""
    p = part("vessels/glycaemia")
    return p.value("mean_glucose_slope") * hba1c_percent - p.value("mean_glucose_offset")


def _triglycerides(person: Person, treatment: Treatments | None, day: jax.Array | float) -> jax.Array:
    """Return triglycerides on a day, lowered while lipid care is given, shape (N,) [mg/dL]."""
    if treatment is None:
        return person.triglycerides_mg_dl
    return person.triglycerides_mg_dl * _lipid_share(treatment.lipids, jnp.asarray(day))


def glucose(person: Person, treatment: Treatments | None, day: jax.Array | float) -> _Glucose:
    """Return HbA1c and mean glucose on a day.

    Fields (N,). Without diabetes only steroids move glucose. The fall counts the change of control, not the
    end of a steroid.
    """
    before, still = person.hba1c_percent, jnp.zeros_like(person.hba1c_percent)
    if treatment is None:
        return _Glucose(before, _mean_glucose_of(before), still)
    now = jnp.asarray(day)
    pulses, oral = _steroid_rises(person, treatment)
    aim = _aim(person, treatment.glucose)
    way = _since(treatment.glucose, now) / _span(treatment.glucose)
    stands_for = before + aim * jnp.clip(way, 0.0, 1.0)
    stands_for += pulses * _given(treatment.methylprednisolone, now) + oral * _given(
        treatment.prednisone, now
    )
    fall = jnp.maximum(-aim, 0.0) * _steepest_fall(treatment.glucose, now)
    return _Glucose(_hba1c(person, treatment, now), _mean_glucose_of(stands_for), fall)


def worn_years(
    person: Person, treatment: Treatments | None, day: jax.Array | float, nodes: int = NODES
) -> jax.Array:
    """Return the wear of vessels since diabetes began, in years at the reference HbA1c and fats.

    Wear, shape (N,) [a]; 0 without diabetes.
    """
    until, rate = jnp.maximum(jnp.asarray(day), 0.0), wear_rate(person)
    days = rate * until if treatment is None else _worn_days(person, treatment, until, nodes)
    return jnp.where(person.diabetes > 0.5, rate * person.diabetes_years + days / DAYS_PER_YEAR, 0.0)


def _wear(hba1c_percent: jax.Array, triglycerides_mg_dl: jax.Array) -> jax.Array:
    p = part("vessels/glycaemia")
    excess = hba1c_percent - p.value("reference_hba1c_percent")
    sugar = jnp.exp(p.value("hazard_per_hba1c_percent") * excess)
    relative = triglycerides_mg_dl / p.value("reference_triglycerides_mg_dl")
    return sugar * relative ** p.value("triglyceride_exponent")


def _worn_days(person: Person, treatment: Treatments, until: jax.Array, nodes: int) -> jax.Array:
    """Integrate wear from day 0, between the changes of care, on points dense where HbA1c moves."""
    memory = part("vessels/glycaemia").value("memory_day")
    changes = [treatment.glucose.start_day, treatment.glucose.start_day + _span(treatment.glucose)]
    for dose in (treatment.methylprednisolone, treatment.prednisone, treatment.lipids):
        changes += [dose.start_day, dose.stop_day]
    inner = [jnp.clip(change, 0.0, until) for change in changes]
    ends = jnp.sort(jnp.stack(jnp.broadcast_arrays(jnp.zeros_like(until), *inner, until), axis=-1), axis=-1)
    reach = jnp.log1p(jnp.diff(ends, axis=-1) / memory)[..., None]
    places, weights = (np.float32(x) for x in np.polynomial.legendre.leggauss(nodes))
    grown = reach * (places + 1.0) / 2.0
    days = ends[..., :-1, None] + memory * jnp.expm1(grown)
    step = reach * weights / 2.0 * memory * jnp.exp(grown)
    days, step = (x.reshape(*x.shape[:-2], -1) for x in (days, step))
    many = Person(*[field[..., None] for field in person])
    lasting: Treatments = jax.tree.map(lambda x: jnp.asarray(x)[..., None], treatment)
    worn = _wear(_hba1c(many, lasting, days), _triglycerides(many, lasting, days))
    return jnp.sum(worn * step, axis=-1)


def _hba1c(person: Person, treatment: Treatments, day: jax.Array) -> jax.Array:
    pulses, oral = _steroid_rises(person, treatment)
    moved = _aim(person, treatment.glucose) * _remembered_way(
        treatment.glucose, _since(treatment.glucose, day)
    )
    moved += pulses * _remembered(treatment.methylprednisolone, day) + oral * _remembered(
        treatment.prednisone, day
    )
    return person.hba1c_percent + moved


def _aim(person: Person, target: GlucoseTarget) -> jax.Array:
    """Return the whole change of HbA1c that control aims at, 0 if there is nothing to lower [%]."""
    moves = (person.diabetes > 0.5) & (target.hba1c_percent < person.hba1c_percent)
    return jnp.where(moves, target.hba1c_percent - person.hba1c_percent, 0.0)


def _span(target: GlucoseTarget) -> jax.Array:
    return jnp.maximum(target.over_day, _SHORTEST_DAY)


def _since(target: GlucoseTarget, day: jax.Array) -> jax.Array:
    return jnp.maximum(day - target.start_day, 0.0)


def _remembered_way(target: GlucoseTarget, since_day: jax.Array) -> jax.Array:
    """Return which share of the aimed change HbA1c has made: the memory of a ramp, exactly [0..1]."""
    memory, span = part("vessels/glycaemia").value("memory_day"), _span(target)
    ramp = jnp.clip(since_day, 0.0, span)
    after = jnp.maximum(since_day - span, 0.0)
    behind = memory * jnp.exp(-after / memory) * -jnp.expm1(-ramp / memory)
    return (ramp - behind) / span


def _steepest_fall(target: GlucoseTarget, day: jax.Array) -> jax.Array:
    """Return the largest share of the aimed change that fell into one window of three months [0..1].

    The share within the window rises until ``memory ln(exp(span/memory) + exp(window/memory) - 1)`` days
    after the change began, and falls from there.
    """
    memory, span = part("vessels/glycaemia").value("memory_day"), _span(target)
    longer, shorter = jnp.maximum(span, WINDOW_DAY), jnp.minimum(span, WINDOW_DAY)
    overlap = jnp.exp((shorter - longer) / memory) - jnp.exp(-longer / memory)
    worst = longer + memory * jnp.log1p(overlap)
    at = jnp.minimum(_since(target, day), worst)
    return _remembered_way(target, at) - _remembered_way(target, jnp.maximum(at - WINDOW_DAY, 0.0))


def _given(dose: Dose, day: jax.Array) -> jax.Array:
    return ((day >= dose.start_day) & (day < dose.stop_day)).astype(jnp.float32)


def _remembered(dose: Dose, day: jax.Array) -> jax.Array:
    """Return which share of a steady rise HbA1c shows while and after a dose is given, exactly [0..1]."""
    memory = part("vessels/glycaemia").value("memory_day")
    after = jnp.maximum(day - dose.stop_day, 0.0)
    return jnp.exp(-after / memory) * -jnp.expm1(-given_days(dose, day) / memory)


def _lipid_share(lipids: Dose, day: jax.Array) -> jax.Array:
    most = part("vessels/glycaemia").value("lipid_care_most")
    return 1.0 - jnp.clip(lipids.amount, 0.0, most) * _given(lipids, day)


def _steroid_rises(person: Person, treatment: Treatments) -> tuple[jax.Array, jax.Array]:
    """Return the rise of the HbA1c that mean glucose stands for, under weekly pulses and by mouth [%]."""
    p = part("vessels/glycaemia")
    sick = person.diabetes > 0.5
    fasting = p.fasting_share * _mean_glucose_of(person.hba1c_percent) / _MG_DL_PER_MMOL_L
    peak = p.pulse_peak_offset_mmol_l - (1.0 - p.pulse_peak_slope) * fasting
    peak_mg_dl = jnp.where(sick, _MG_DL_PER_MMOL_L * peak, p.pulse_peak_healthy_mg_dl)
    weekly_g = treatment.methylprednisolone.amount
    pulse_days = jnp.where(weekly_g > 0.0, jnp.clip(weekly_g / p.pulse_g, 1.0, _DAYS_PER_WEEK), 0.0)
    pulses = p.pulse_mean_share * jnp.maximum(peak_mg_dl, 0.0) * pulse_days / _DAYS_PER_WEEK
    per_mg = p.oral_mg_dl_per_mg * jnp.where(sick, 1.0, p.oral_share_healthy)
    oral = per_mg * jnp.minimum(treatment.prednisone.amount, p.oral_most_mg)
    return pulses / p.mean_glucose_slope, oral / p.mean_glucose_slope
