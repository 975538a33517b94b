"""Drugs for neuropathic pain: how much of the pain they take away, from whom, and how soon.

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
from garland.evidence.treatments import treatments_of_kind
from garland.model.latents import Latents
from garland.model.treatment.schedule import Treatments, _acting, doses_of_kind

DRUGS = treatments_of_kind("analgesic")
"""Drugs in the order of their declaration."""


def _absorbed_mg(own: Part, dose_mg: jax.Array) -> jax.Array:
    """Return how much of a daily dose the gut takes up, same shape [mg/d]; all if its part is silent."""
    if "half_absorbed_mg" not in own:
        return dose_mg
    return own.value("absorbed_limit_mg") * dose_mg / (own.value("half_absorbed_mg") + dose_mg)


def _potency(drug: str, dose_mg: jax.Array) -> jax.Array:
    """Return the hazard of pain removed in the median person, once the drug has come on.

    Hazard h, same shape [-]: exp(-h) of the pain is left; 0 at dose 0. It rises as a power of dose if the
    drug's part has one, else it saturates.
    """
    p = part("care/analgesics")
    own = p.group(drug)
    given = jnp.maximum(jnp.asarray(dose_mg, jnp.float32), 0.0)
    largest = p.value("bias_ratio") * own.value("potency")
    if "power" in own:
        full = own.value("full_mg")
        return largest * (jnp.minimum(given, full) / full) ** own.value("power")
    reaching = _absorbed_mg(own, given)
    return largest * reaching / (reaching + own.value("half_effect_mg"))


def _drug_hazard(treatment: Treatments, latents: Latents, day: jax.Array | float) -> jax.Array:
    """Return the hazard of pain removed by all drugs together on a day, without placebo, shape (N,) [-]."""
    p = part("care/analgesics")
    now = jnp.asarray(day, jnp.float32)
    each = []
    for drug, dose in doses_of_kind(treatment, "analgesic").items():
        person = jnp.exp(p.value("response_sd_ln") * latents[drug.replace("-", "_")])
        share = _acting(dose, now, p.entry("onset_day", drug), p.entry("fade_day", drug))
        each.append(_potency(drug, dose.amount) * share * person)
    hazards = jnp.stack(each, axis=1)
    strongest = hazards.max(axis=1)
    return strongest + p.value("combination_share") * (hazards.sum(axis=1) - strongest)


def _placebo_relief(treatment: Treatments, latents: Latents, day: jax.Array | float) -> jax.Array:
    """Return the share of pain removed by placebo, blinded or within a drug, shape (N,) [0..1)."""
    p = part("care/analgesics")
    now = jnp.asarray(day, jnp.float32)
    days = p.entry("onset_day", "placebo"), p.entry("fade_day", "placebo")
    taken = (*doses_of_kind(treatment, "analgesic").values(), treatment.placebo)
    shares = [_acting(dose, now, *days) for dose in taken]
    taking = jnp.stack(jnp.broadcast_arrays(*shares)).max(axis=0)
    person = p.value("placebo_logit") + p.value("placebo_logit_sd") * latents["placebo"]
    return taking * jax.nn.sigmoid(person)


def relief(treatment: Treatments | None, latents: Latents, day: jax.Array | float) -> jax.Array:
    """Return the share of the pain score that analgesics take away on a day.

    Share, shape (N,) [0..1); exactly 0 where nothing is given, and before the first dose.
    """
    if treatment is None:
        return jnp.zeros(latents.vector.shape[0], jnp.float32)
    left = (1.0 - _placebo_relief(treatment, latents, day)) * jnp.exp(-_drug_hazard(treatment, latents, day))
    return 1.0 - left
