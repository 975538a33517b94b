"""What a patient lives through, day by day: pain, strength, walking, weight, scales, survival.

The same course that inference explains, told in the quantities a patient or a trial would follow.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.evidence.treatments import declared_treatments
from garland.model.clinical_signs import (
    examination,
    pain,
    scales,
    systemic,
)
from garland.model.diseases.treatment_induced import by_care
from garland.model.electrodiagnosis.laboratory import csf_protein_mg_dl
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.simulate import PatientState, state_on_day
from garland.model.treatment.analgesics import relief
from garland.model.treatment.glucose import TreatmentInduced
from garland.model.treatment.schedule import Dose, Treatments
from garland.model.treatment.untried import chair_gain, hold, pain_hold, walking_gain
from garland.model.vessels.glycaemia import glucose
from garland.model.vessels.immunity import effector, lesion
from garland.model.vessels.oxygen import tissue_oxygen_mmhg, watershed_weights
from garland.model.vessels.wall import worn_wall

_ANATOMY = load()

_MUSCLES_OF = {
    "femoral": ("rectus-femoris", "vastus-lateralis", "vastus-medialis"),
    "obturator": ("adductor-longus", "gracilis"),
    "gluteal": ("gluteus-medius", "gluteus-maximus"),
    "tibial": ("medial-gastrocnemius", "soleus", "abductor-hallucis"),
    "fibular": ("tibialis-anterior", "extensor-digitorum-brevis"),
}
_SKIN_OF = ("saphenous", "sural")
NERVES = (*_MUSCLES_OF, *_SKIN_OF)
"""Nerves whose axons a course follows, in the order of `Lived.nerve_axons`."""
QUADRICEPS = _MUSCLES_OF["femoral"]


class Outcomes(NamedTuple):
    """One day in the lives of N patients; over days, every field has the days as its first axis.

    Attributes
    ----------
    pain_nrs : (N,)
        Worst pain [0..10].
    allodynia, chair_rise, autonomic, alive : (N,)
        Probability of allodynia, of rising from a chair without hands, of autonomic symptoms, of being alive
        [0..1].
    weight_kg, weight_lost_kg : (N,)
        Body weight and what the illness has taken of it [kg].
    movement_grade : (N, 2, V)
        MRC grade of every movement [0..5.4].
    nerve_axons : (N, 2, 7)
        Share of the axons of each of `NERVES` connected to muscle or skin, whole or regrown [0..1].
    walking_score : (N,)
        Walking on one scale: above 2 alone, 1 to 2 with an aid, below 1 not [-].
    walks_alone, walks_with_aid, wheelchair : (N,)
        Probabilities of the three, which add up to one [0..1].
    nis, mrs : (N,)
        Neuropathy Impairment Score [0..244] and modified Rankin scale [0..5].
    knee_jerk : (N, 2)
        Knee jerk [0..4].
    fibrillating_quadriceps, thigh_bulk_lost : (N, 2)
        Share of quadriceps fibres that fibrillate and of its bulk that is lost [0..1].
    twitching : (N, 2)
        How clearly the quadriceps fasciculates, as a normal score [-].
    attack, vessels_shut : (N,)
        Activity of the immune attack relative to its height, and share of capillaries shut at the worst site
        [0..1].
    oxygen_mmhg : (N,)
        Lowest oxygen pressure in any of the nerves [mmHg].
    hba1c_percent, csf_protein_mg_dl : (N,)
        HbA1c [%] and CSF protein [mg/dL].
    """

    pain_nrs: jax.Array
    allodynia: jax.Array
    weight_kg: jax.Array
    weight_lost_kg: jax.Array
    movement_grade: jax.Array
    nerve_axons: jax.Array
    walking_score: jax.Array
    walks_alone: jax.Array
    walks_with_aid: jax.Array
    wheelchair: jax.Array
    chair_rise: jax.Array
    nis: jax.Array
    mrs: jax.Array
    knee_jerk: jax.Array
    fibrillating_quadriceps: jax.Array
    thigh_bulk_lost: jax.Array
    twitching: jax.Array
    attack: jax.Array
    vessels_shut: jax.Array
    oxygen_mmhg: jax.Array
    hba1c_percent: jax.Array
    csf_protein_mg_dl: jax.Array
    autonomic: jax.Array
    alive: jax.Array


def outcomes(c: PatientState) -> Outcomes:
    """Return one day in the lives of N patients."""
    force = examination.force(c.muscle, c.lesion_process)
    moved = examination.movement_force(force)
    grade = examination.mrc_grade(moved)
    jerks = examination.reflex_grade(c.person, c.latents, c.lesion_process, c.fibres, c.muscle)
    feeling = [
        examination.nerve_loss(f, c.latents)
        for f in (c.fibres.sensory_conducting, c.fibres.sensory_conducting_small)
    ]
    impairment = scales.nis(c.person, grade, jerks, *feeling)
    by_glucose = None if c.treatment is None else by_care(c.person, c.latents, c.day, c.treatment)
    hurts, touch = _pain(c, by_glucose)
    score = scales.walking_grade(grade)[:, 0] + walking_gain(c.treatment, c.latents, c.day)
    walks = scales.walking_chances(score)
    knee = moved[:, :, _ANATOMY.movement("knee-extension")]
    lost = systemic.weight_lost_kg(c.person, c.latents, c.lesion_process, c.day)
    vessels = _vessels(c)
    thigh = _muscles(QUADRICEPS)
    return Outcomes(
        pain_nrs=hurts,
        allodynia=touch,
        weight_kg=c.person.weight_kg - lost,
        weight_lost_kg=lost,
        movement_grade=grade,
        nerve_axons=_nerve_axons(c),
        walking_score=score,
        walks_alone=walks.walks_alone,
        walks_with_aid=walks.walks_with_aid,
        wheelchair=walks.wheelchair,
        chair_rise=scales.chair_rise(c.person, knee, chair_gain(c.treatment, c.latents, c.day)),
        nis=impairment.nis,
        mrs=scales.mrs(walks, impairment.weakness_points, hurts),
        knee_jerk=jnp.clip(jerks[:, :, _ANATOMY.reflexes.index("knee")], 0.0, 4.0),
        fibrillating_quadriceps=c.muscle.fibrillating[..., thigh].mean(axis=-1),
        thigh_bulk_lost=c.muscle.bulk_lost[..., thigh].mean(axis=-1),
        twitching=examination.twitching(c.muscle, c.lesion_process)[..., thigh].mean(axis=-1),
        attack=vessels.attack,
        vessels_shut=vessels.shut,
        oxygen_mmhg=vessels.oxygen_mmhg,
        hba1c_percent=glucose(c.person, c.treatment, c.day).hba1c_percent,
        csf_protein_mg_dl=csf_protein_mg_dl(c.person, c.latents, c.lesion_process, c.fibres, c.day),
        autonomic=_autonomic(c, by_glucose),
        alive=systemic.alive(c.person, c.lesion_process, c.day),
    )


def _pain(c: PatientState, by_glucose: TreatmentInduced | None) -> tuple[jax.Array, jax.Array]:
    """Return worst pain [0..10] and the probability of allodynia under care, each (N,)."""
    eased = 1.0 - (1.0 - relief(c.treatment, c.latents, c.day)) * (
        1.0 - pain_hold(c.treatment, c.latents, c.day)
    )
    hurts = pain.pain(c.latents, c.lesion_process, c.fibres, c.day, eased)
    if by_glucose is None:
        return hurts.nrs, hurts.allodynia
    brought = by_glucose.pain * (1.0 - eased)
    return jnp.clip(jnp.maximum(hurts.nrs, brought), 0.0, 10.0), jnp.clip(hurts.allodynia, 0.0, 1.0)


def _autonomic(c: PatientState, by_glucose: TreatmentInduced | None) -> jax.Array:
    own = systemic.autonomic_chance(c.person, c.latents, c.lesion_process, c.fibres)
    if by_glucose is None:
        return own
    return 1.0 - (1.0 - own) * (1.0 - by_glucose.autonomic)


class _Vessels(NamedTuple):
    """The vessels on a day: activity of the attack, capillaries shut, lowest oxygen, each (N,)."""

    attack: jax.Array
    shut: jax.Array
    oxygen_mmhg: jax.Array


def _vessels(c: PatientState) -> _Vessels:
    span = c.lesion_process.span_day[:, None, None]
    since = (c.day[:, None, None] - c.lesion_process.start_day) / span
    again = since - c.lesion_process.again_day[:, None, None] / span
    ratio = c.lesion_process.again_ratio[:, None, None]
    held = jnp.ones_like(c.day)
    if c.treatment is not None:
        by = hold(c.treatment, c.latents)
        held = 1.0 - by.effect * ((c.day > by.start_day) & (c.day < by.stop_day))
    affected = c.lesion_process.vessels_shut
    shut = jnp.minimum(affected * jnp.maximum(lesion(since), ratio * lesion(again)), 1.0)
    active = jnp.maximum(effector(since), ratio * effector(again)) * affected
    relative = active.max(axis=(1, 2)) / jnp.maximum(affected.max(axis=(1, 2)), 1e-6)
    wall = worn_wall(c.person, c.treatment, c.day)
    oxygen = tissue_oxygen_mmhg(wall, shut, watershed_weights())
    attack = jnp.clip(relative * held, 0.0, 1.0)
    return _Vessels(attack, shut.max(axis=(1, 2)), oxygen.min(axis=(1, 2)))


def _nerve_axons(c: PatientState) -> jax.Array:
    """Return the share of axons of each of `NERVES` that are connected, (N, 2, 7) [0..1]."""
    motor = [c.muscle.axons[..., _muscles(names)].mean(axis=-1) for names in _MUSCLES_OF.values()]
    skin = c.fibres.sensory_surviving[:, :, 0] + c.fibres.sensory_regrown
    felt = [skin[..., _ANATOMY.skin_nerves.index(name)] for name in _SKIN_OF]
    return jnp.stack([*motor, *felt], axis=-1)


def _muscles(names: tuple[str, ...]) -> np.ndarray:
    return np.array([_ANATOMY.muscle(name) for name in names])


SYMPTOMATIC = tuple(
    one.field_name
    for one in declared_treatments().values()
    if one.kind in ("analgesic", "placebo", "therapy")
)
"""Treatments that change what is felt and done, and nothing in nerve, muscle or vessel."""


def over_days(
    person: Person,
    cause: jax.Array,
    latents: Latents,
    days: jax.Array,
    treatment: Treatments | None = None,
    beside: dict[str, Dose] | None = None,
    *,
    count: jax.Array | int | None = None,
) -> Outcomes:
    """Return the lives of N patients over D days, or over the first `count` of them with noughts behind.

    With K lots of `SYMPTOMATIC` treatments `beside` the others, (K, N), a life with each: fields (D, K, N).
    """
    n = latents.vector.shape[0]
    when = jnp.broadcast_to(days.reshape(days.shape[0], -1), (days.shape[0], n))

    def on(day: jax.Array) -> Outcomes:
        state = state_on_day(person, cause, latents, day, treatment)
        if treatment is None or beside is None:
            return outcomes(state)
        return jax.vmap(lambda own: outcomes(state._replace(treatment=treatment._replace(**own))))(beside)

    if count is None:
        every: Outcomes = jax.lax.map(on, when)
        return every

    def one_more(at: jax.Array, so_far: Outcomes) -> Outcomes:
        more: Outcomes = jax.tree.map(lambda days, today: days.at[at].set(today), so_far, on(when[at]))
        return more

    shapes = jax.eval_shape(on, when[0])
    empty = jax.tree.map(lambda field: jnp.zeros((len(when), *field.shape), field.dtype), shapes)
    found: Outcomes = jax.lax.fori_loop(0, count, one_more, empty)
    return found
