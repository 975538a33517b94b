"""What a cause does to the nerves, and nothing else: damage per site, side and day.

A hazard of axon loss h leaves exp(-h) of the axons; hazards of sites along one path add up, so that no axon
is lost twice and none comes from nothing. So do those of two diseases at once, each on its own clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from garland.anatomy.tree import load
from garland.evidence import part
from garland.evidence.treatments import treatments_of_kind
from garland.model.treatment.schedule import FOREVER_DAY

_ANATOMY = load()
N_SITES = len(_ANATOMY.sites)
N_MUSCLES = len(_ANATOMY.muscles)
HEALING: tuple[str, ...] = (*treatments_of_kind("procedure"), *treatments_of_kind("immunotherapy"))
"""Treatments that may end what a disease does: procedures, then immunotherapy."""


class Beside(NamedTuple):
    """A second disease in N patients who have a first one.

    Attributes
    ----------
    lesion_process : LesionProcess
        What it does, on its own clock.
    began_day : (N,)
        The day on the clock of the first disease on which that of the second stands at nought [d].
    cause : jax.Array
        Its index among the causes.
    """

    lesion_process: LesionProcess
    began_day: jax.Array
    cause: jax.Array


class LesionProcess(NamedTuple):
    """Damage done by one cause to N patients; axes: patient, side (left, right), then site or muscle.

    Attributes
    ----------
    axon_loss : (N, 2, S)
        Cumulative hazard of axotomy when the process is complete [-].
    block : (N, 2, S)
        Hazard of conduction block at its height [-].
    slowing : (N, 2, S)
        Relative rise of conduction time over this site at its height [-].
    start_day : (N, 2, S)
        When damage begins here, days after the first symptom [d].
    span_day : (N,)
        How long damage takes at one site [d].
    gradual : (N,)
        1 if damage begins slowly and ends slowly, 0 if it is fastest at first [0..1].
    block_recovery_day : (N,)
        Time constant with which block and slowing clear after their height [d].
    onward_per_year : (N,)
        Damage added each year once the process is complete, relative to that done [1/a].
    distal_loss, distal_slowing, distal_block : (N, 2)
        Length-dependent axon loss at the longest fibre, slowing and block of the terminals [-].
    sensory_terminals : (N,)
        Slowing and block of sensory relative to motor terminals [0..1].
    distal_power : (N,)
        Power of fibre length in the length-dependent part [-].
    sensory_ratio : (N,)
        Damage of sensory relative to motor fascicles at the same site [-].
    small_fibre : (N,)
        Loss of small fibres beyond that of large ones at the longest fibre [-].
    muscle_loss : (N, 2, M)
        Share of muscle fibres out of work when the process is complete [0..1].
    muscle_heal_day : (N,)
        Time constant with which diseased muscle heals after its height [d].
    muscle_irritation : (N, 2, M)
        How much fibrillation diseased fibres of each muscle make [-].
    upper_motor : (N,)
        Upper motor neuron involvement [0..1].
    regrowth_success : (N,)
        Share of cut axons that can find their way back [0..1].
    fasciculation : (N,)
        Excitability of sick motor neurons [-].
    pain_drive : (N, 2)
        Pain beyond what injured fibres explain [-].
    effort_loss : (N, 2)
        Strength not given because it hurts, as a hazard [-].
    stretch : (N, 2, 2)
        Probability of a positive straight-leg raise and femoral stretch test [0..1].
    myokymia : (N,)
        Probability of myokymia in affected muscles [0..1].
    pain_start_day : (N, 2)
        Day on which the drive of pain begins on each side [d].
    pain_span_day, pain_fade_day : (N,)
        How long the drive stands at its height, and the time constant with which it then fades [d].
    again_day, again_ratio : (N,)
        Day of a second attack (relapse) [d], and its damage relative to the first, 0 if there is none [-].
    illness : (N,)
        Systemic illness that costs weight, at its height [0..1].
    vessels_shut : (N, 2, S)
        Share of capillaries shut by inflammation at the height of the attack [0..1].
    dying_share, dying_day : (N,)
        Share of patients who die of the disease [0..1], and the day by which half of these have died [d].
    care_heals, care_eases : (N, H)
        Rates at which each of `HEALING` clears block, slowing and disease of muscle, and eases the drive of
        pain [1/d].
    care_holds : (N, H)
        Share of further damage that each of `HEALING` prevents [0..1].
    beside : Beside or None
        A second disease at once.
    """

    axon_loss: jax.Array
    block: jax.Array
    slowing: jax.Array
    start_day: jax.Array
    span_day: jax.Array
    gradual: jax.Array
    block_recovery_day: jax.Array
    onward_per_year: jax.Array
    distal_loss: jax.Array
    distal_slowing: jax.Array
    distal_block: jax.Array
    sensory_terminals: jax.Array
    distal_power: jax.Array
    sensory_ratio: jax.Array
    small_fibre: jax.Array
    muscle_loss: jax.Array
    muscle_heal_day: jax.Array
    muscle_irritation: jax.Array
    upper_motor: jax.Array
    regrowth_success: jax.Array
    fasciculation: jax.Array
    pain_drive: jax.Array
    effort_loss: jax.Array
    stretch: jax.Array
    myokymia: jax.Array
    pain_start_day: jax.Array
    pain_span_day: jax.Array
    pain_fade_day: jax.Array
    again_day: jax.Array
    again_ratio: jax.Array
    illness: jax.Array
    vessels_shut: jax.Array
    dying_share: jax.Array
    dying_day: jax.Array
    care_heals: jax.Array
    care_eases: jax.Array
    care_holds: jax.Array
    beside: Beside | None = None


def each(lesion_process: LesionProcess, day: jax.Array) -> list[tuple[LesionProcess, jax.Array]]:
    """Return every disease of N patients, the first one first, with the day on its own clock (N,) [d]."""
    beside = lesion_process.beside
    if beside is None:
        return [(lesion_process, day)]
    return [(lesion_process, day), (beside.lesion_process, day - beside.began_day)]


def each_done(
    lesion_process: LesionProcess, day: jax.Array, do: Callable[[LesionProcess, jax.Array], LesionProcess]
) -> LesionProcess:
    """Return the diseases of N patients with something done to each, on its own day."""
    done = [do(*one) for one in each(lesion_process, day)]
    beside = lesion_process.beside
    return done[0] if beside is None else done[0]._replace(beside=beside._replace(lesion_process=done[1]))


_ADDED = ("effort_loss",)
_WORSE = ("upper_motor", "fasciculation", "illness")
_LIKELIER = ("stretch", "myokymia")


def as_examined(lesion_process: LesionProcess) -> LesionProcess:
    """Return the diseases of N patients with what an examiner meets of both in the first: what takes
    strength adds up, of signs that are there or not the likelier one counts.
    """
    if lesion_process.beside is None:
        return lesion_process
    other = lesion_process.beside.lesion_process
    fields = {name: getattr(lesion_process, name) + getattr(other, name) for name in _ADDED}
    worse = (*_WORSE, *_LIKELIER)
    fields |= {name: jnp.maximum(getattr(lesion_process, name), getattr(other, name)) for name in worse}
    return lesion_process._replace(**fields)


def _no_damage(n: int) -> LesionProcess:
    """Return the insults of patients in whom nothing is damaged."""

    def zeros(*shape: int) -> jax.Array:
        return jnp.zeros((n, *shape), jnp.float32)

    sites = zeros(2, N_SITES)
    return LesionProcess(
        axon_loss=sites,
        block=sites,
        slowing=sites,
        start_day=sites,
        span_day=zeros() + 1.0,
        gradual=zeros(),
        block_recovery_day=zeros() + part("causes/baseline").value("block_recovery_day"),
        onward_per_year=zeros(),
        distal_loss=zeros(2),
        distal_slowing=zeros(2),
        distal_block=zeros(2),
        sensory_terminals=zeros() + 1.0,
        distal_power=zeros() + 3.0,
        sensory_ratio=zeros() + 1.0,
        small_fibre=zeros(),
        muscle_loss=zeros(2, N_MUSCLES),
        muscle_heal_day=zeros() + FOREVER_DAY,
        muscle_irritation=zeros(2, N_MUSCLES),
        upper_motor=zeros(),
        regrowth_success=zeros() + 0.8,
        fasciculation=zeros(),
        pain_drive=zeros(2),
        effort_loss=zeros(2),
        stretch=zeros(2, 2) + 0.04,
        myokymia=zeros() + 0.005,
        pain_start_day=zeros(2) - 1.0,
        pain_span_day=zeros() + FOREVER_DAY,
        pain_fade_day=zeros() + FOREVER_DAY,
        again_day=zeros() + FOREVER_DAY,
        again_ratio=zeros(),
        illness=zeros(),
        vessels_shut=sites,
        dying_share=zeros(),
        dying_day=zeros() + FOREVER_DAY,
        care_heals=zeros(len(HEALING)),
        care_eases=zeros(len(HEALING)),
        care_holds=zeros(len(HEALING)),
    )
