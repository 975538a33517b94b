"""Radiculoplexus neuropathy: a microvasculitis that starves roots, plexus and nerves of hip and thigh.

The diabetic form and its non-diabetic twin share the attack; diabetes adds worn vessels and vulnerable
fibres.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from garland.evidence import Part, part
from garland.model.diseases.focal import _stretch_tests
from garland.model.diseases.lesion_process import N_SITES, LesionProcess, _no_damage
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal, second_attack
from garland.model.vessels.inflammation import AFFECTED_SITES, attack
from garland.model.vessels.ischaemia import IschaemicDamage, ischaemic_damage
from garland.model.vessels.oxygen import vulnerability, watershed_weights
from garland.model.vessels.wall import Wall, worn_wall


def _dlrpn(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of diabetic lumbosacral radiculoplexus neuropathy in N patients."""
    return _radiculoplexus(person, latents, part("causes/dlrpn"), "seed_root_diabetic")


def _lrpn(person: Person, latents: Latents) -> LesionProcess:
    """Return the damage of lumbosacral radiculoplexus neuropathy without diabetes in N patients."""
    return _radiculoplexus(person, latents, part("causes/lrpn"), "seed_root_other")


def _radiculoplexus(person: Person, latents: Latents, cause: Part, seed_name: str) -> LesionProcess:
    n = latents.vector.shape[0]
    wall = worn_wall(person)
    wave = attack(latents, cause, seed_name, wall.debris)
    sick = vulnerability(person.hba1c_percent)
    starved = _starved(wall, wave.lesion, sick)
    strength = wave.lesion.max(axis=2)
    clinical = part("causes/radiculoplexus")
    window = clinical.relapse_first_day, clinical.relapse_last_day
    again_day, again_ratio = second_attack(latents, cause.relapse_share, clinical.relapse_ratio, *window)
    return _no_damage(n)._replace(
        axon_loss=starved.cut,
        block=starved.blocked,
        start_day=wave.start_day,
        span_day=wave.span_day,
        gradual=jnp.ones((n,), jnp.float32),
        sensory_ratio=lognormal(latents["sensory"], cause, "sensory_share"),
        regrowth_success=jnp.full((n,), clinical.regrowth_success, jnp.float32),
        fasciculation=jnp.full((n,), clinical.fasciculation, jnp.float32),
        pain_drive=clinical.pain_per_lesion * strength,
        pain_start_day=wave.symptom_day[..., AFFECTED_SITES].min(axis=2),
        pain_span_day=wave.span_day * clinical.pain_spans,
        pain_fade_day=jnp.full((n,), clinical.pain_fade_day, jnp.float32),
        again_day=again_day,
        again_ratio=again_ratio,
        illness=strength.max(axis=1),
        vessels_shut=wave.lesion,
        stretch=_stretch_tests(strength, clinical, clinical.stretch_gain),
    )


def _starved(wall: Wall, lesion: jax.Array, sick: jax.Array) -> IschaemicDamage:
    """Return what the attack does at every site, worked out only where it can strike, fields (N, 2, S)."""
    affected = ischaemic_damage(wall, lesion[..., AFFECTED_SITES], sick, watershed_weights()[AFFECTED_SITES])
    return IschaemicDamage(*[_everywhere(field) for field in affected])


def _everywhere(at_affected: jax.Array) -> jax.Array:
    place = np.full(N_SITES, len(AFFECTED_SITES))
    place[AFFECTED_SITES] = np.arange(len(AFFECTED_SITES))
    return jnp.concatenate([at_affected, jnp.zeros_like(at_affected[..., :1])], axis=-1)[..., place]
