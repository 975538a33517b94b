"""Care that ends what a disease does: an operation, reversal of anticoagulants, immunotherapy where it helps.

How fast it clears block and slowing, eases pain and how far it stops further damage is said by each cause
(`care_heals`, `care_eases`, `care_holds`); where a cause says nothing, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from garland.evidence import part
from garland.model.diseases.course import share_left
from garland.model.diseases.lesion_process import HEALING, LesionProcess, each_done
from garland.model.treatment.schedule import (
    FOREVER_DAY,
    Dose,
    Treatments,
    doses_of_kind,
    given_days,
    saturating,
)


def with_cure(lesion_process: LesionProcess, day: jax.Array, treatment: Treatments) -> LesionProcess:
    """Return the process of N patients as care has left it by a day: never more than it was."""
    days = _days_given(treatment, day)
    return each_done(lesion_process, day, lambda own, _: _cured(own, days))


def _cured(lesion_process: LesionProcess, days: jax.Array) -> LesionProcess:
    """Return what is left of one disease after its treatments were given for some days, (N, H) [d]."""
    healed = jnp.exp(-(lesion_process.care_heals * days).sum(axis=1))
    eased = jnp.exp(-(lesion_process.care_eases * days).sum(axis=1))
    sites, ends = healed[:, None, None], healed[:, None]
    return lesion_process._replace(
        block=lesion_process.block * sites,
        slowing=lesion_process.slowing * sites,
        distal_block=lesion_process.distal_block * ends,
        distal_slowing=lesion_process.distal_slowing * ends,
        muscle_loss=share_left(lesion_process.muscle_loss, healed),
        pain_drive=lesion_process.pain_drive * eased[:, None],
    )


def _days_given(treatment: Treatments, day: jax.Array) -> jax.Array:
    """Return for how many days at the usual dose each of `HEALING` has been given, (N, H) [d]."""
    p = part("care/immunotherapy")
    drugs = doses_of_kind(treatment, "immunotherapy")
    doses = doses_of_kind(treatment, "procedure") | drugs
    columns = []
    for name in HEALING:
        amount = doses[name].amount
        relative = (amount > 0.0) + 0.0 * day
        if name in drugs:
            relative = saturating(amount, p.entry("half_dose", name), p.entry("usual_dose", name))
        columns.append(jnp.broadcast_to(relative * given_days(doses[name], day), day.shape))
    return jnp.stack(columns, axis=1)


def share_held(treatment: Treatments, lesion_process: LesionProcess) -> jax.Array:
    """Return the share of further damage that immunotherapy prevents in this cause, (N,) [0..1]."""
    held = _held(doses_of_kind(treatment, "immunotherapy"), lesion_process)
    return 1.0 - jnp.prod(1.0 - held, axis=0)


def procedure(treatment: Treatments, lesion_process: LesionProcess) -> tuple[jax.Array, jax.Array]:
    """Return from which day a procedure slows further damage, and to which share of its pace, (N,)."""
    doses = doses_of_kind(treatment, "procedure")
    held = _held(doses, lesion_process)
    done = jnp.stack(jnp.broadcast_arrays(*[dose.start_day for dose in doses.values()]))
    day = jnp.where(held > 0.0, done.reshape(len(doses), -1), FOREVER_DAY).min(axis=0)
    return day, jnp.prod(1.0 - held, axis=0)


def _held(doses: Mapping[str, Dose], lesion_process: LesionProcess) -> jax.Array:
    """Return the share of further damage that each treatment prevents by itself, (treatments, N) [0..1]."""
    given = [
        (dose.amount > 0.0) * lesion_process.care_holds[:, HEALING.index(name)]
        for name, dose in doses.items()
    ]
    return jnp.stack(given)
