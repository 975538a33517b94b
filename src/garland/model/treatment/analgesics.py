"""Drugs for neuropathic pain: how much of the pain they take away, from whom, and how soon.

Trusted  gabapentin to 3600, pregabalin to 600, duloxetine to 120, amitriptyline to 150 mg/d.

A drug leaves exp(-h) of the pain, with h rising with dose and lognormal between people: most are helped a
little, some a great deal. Drugs together act independently (Bliss), but the weaker ones count in part only.
Whoever takes a drug, or a blinded placebo, has a placebo response as well; it is that of trials, where
time alone is part of it.
All rests on trials in diabetic polyneuropathy or mixed neuropathic pain, less the effect of unpublished ones.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from garland.evidence import Part, part
from garland.model.latents import Latents
from garland.model.treatment.schedule import Dose, Treatments, _acting

DRUGS = ("gabapentin", "pregabalin", "duloxetine", "tricyclic")
"""Drugs in the order of the columns of chance; the last column is the placebo response."""


def _doses(treatment: Treatments) -> tuple[Dose, ...]:
    """Return the doses of the drugs in the order of `DRUGS`, fields of shape () or (N,) [mg/d]."""
    return (treatment.gabapentin, treatment.pregabalin, treatment.duloxetine, treatment.amitriptyline)


def _absorbed_gabapentin_mg(dose_mg: jax.Array) -> jax.Array:
    """Return how much of a daily dose of gabapentin the gut takes up, same shape [mg/d]."""
    p = part("care/analgesics")
    limit, half = p.value("gabapentin_absorbed_limit_mg"), p.value("gabapentin_half_absorbed_mg")
    return limit * dose_mg / (half + dose_mg)


def _potency(drug: str, dose_mg: jax.Array) -> jax.Array:
    """Return the hazard of pain removed in the median person, once the drug has come on.

    Hazard h, same shape [-]: exp(-h) of the pain is left; 0 at dose 0.
    """
    p = part("care/analgesics")
    given = jnp.maximum(jnp.asarray(dose_mg, jnp.float32), 0.0)
    largest = p.value("bias_ratio") * p.value(f"{drug}_potency")
    if drug == "pregabalin":
        full = p.value("pregabalin_full_mg")
        return largest * (jnp.minimum(given, full) / full) ** p.value("pregabalin_power")
    reaching = _absorbed_gabapentin_mg(given) if drug == "gabapentin" else given
    return largest * reaching / (reaching + p.value(f"{drug}_half_effect_mg"))


def _drug_hazard(treatment: Treatments, latents: Latents, day: jax.Array | float) -> jax.Array:
    """Return the hazard of pain removed by all drugs together on a day, without placebo, shape (N,) [-]."""
    p = part("care/analgesics")
    onset, fade = p.table("onset_day"), p.table("fade_day")
    now = jnp.asarray(day, jnp.float32)
    each = []
    for column, (drug, dose) in enumerate(zip(DRUGS, _doses(treatment), strict=True)):
        person = jnp.exp(p.value("response_sd_ln") * latents["analgesic"][:, column])
        share = _acting(dose, now, onset[drug], fade[drug])
        each.append(_potency(drug, dose.amount) * share * person)
    hazards = jnp.stack(each, axis=1)
    strongest = hazards.max(axis=1)
    return strongest + p.value("combination_share") * (hazards.sum(axis=1) - strongest)


def _placebo_relief(treatment: Treatments, latents: Latents, day: jax.Array | float) -> jax.Array:
    """Return the share of pain removed by placebo, blinded or within a drug, shape (N,) [0..1)."""
    p = part("care/analgesics")
    now = jnp.asarray(day, jnp.float32)
    shares = [_acting(dose, now, *_placebo_days(p)) for dose in (*_doses(treatment), treatment.placebo)]
    taking = jnp.stack(jnp.broadcast_arrays(*shares)).max(axis=0)
    person = p.value("placebo_logit") + p.value("placebo_logit_sd") * latents["analgesic"][:, len(DRUGS)]
    return taking * jax.nn.sigmoid(person)


def relief(treatment: Treatments | None, latents: Latents, day: jax.Array | float) -> jax.Array:
    """Return the share of the pain score that analgesics take away on a day.

    Share, shape (N,) [0..1); exactly 0 where nothing is given, and before the first dose.
    """
    if treatment is None:
        return jnp.zeros(latents.vector.shape[0], jnp.float32)
    left = (1.0 - _placebo_relief(treatment, latents, day)) * jnp.exp(-_drug_hazard(treatment, latents, day))
    return 1.0 - left


def _placebo_days(p: Part) -> tuple[float, float]:
    return p.table("onset_day")["placebo"], p.table("fade_day")["placebo"]
