"""The axons of every path, sorted by how long ago they were cut.

Along a path hazards add up: an axon counts once, wherever it was cut. What is left now and what was lost in
each stretch of the past always add up to one.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np

from garland._types import Float32s
from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.axons.degeneration import _cohort_ages, _cohort_limits, _Cutting
from garland.model.axons.injury import (
    _block_course,
    _Clock,
    _clock,
    _share_done,
    background_hazard,
    length_share,
)
from garland.model.axons.paths import _Bundle, _bundle, _by_level, materialise, product
from garland.model.axons.regeneration import _Growth, _growth, _regrown_share
from garland.model.diseases.lesion_process import Beside, LesionProcess, each
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.model.patterns import lognormal
from garland.model.treatment.glucose import pressure_ratio
from garland.model.treatment.schedule import FOREVER_DAY, Treatments
from garland.model.vessels.glycaemia import worn_years

_ANATOMY = load()
T = TypeVar("T")


_LONG_BEFORE_DAY = 60.0
"""A second disease that began longer before the first one than this was there before the illness [d]."""
_LEAST_CUT = 1e-3
"""A hazard below this does not count when it is asked when axons are cut [-]."""


class AxonState(NamedTuple):
    """Axons of N patients; axes: patient, side, [cohort], target.

    Attributes
    ----------
    motor_surviving, sensory_surviving : (N, 2, COHORTS, M or T)
        Share of the axons of each muscle or skin nerve not yet cut that many days ago (cohort limits)
        [0..1]; skin counts what lies beyond the ganglion.
    sensory_regrown : (N, 2, T)
        Share of the axons of each skin nerve that were cut beyond the ganglion and have grown back [0..1].
    motor_conducting : (N, 2, M)
        Share of the axons both whole and conducting from cord to muscle today [0..1].
    sensory_conducting, sensory_conducting_small : (N, 2, Q)
        Share of large and small sensory fibres of each path (skin nerve x root) that reach the cord today
        [0..1].
    reflex_afferent, reflex_afferent_cut : (N, 2, R)
        Share of the afferents of each reflex that reach the cord today, never having been cut; and of those
        cut beyond the ganglion, which may grow back [0..1].
    motor_stump_mm, skin_stump_mm : (N, 2, M or T)
        Mean distance from the cut to the target [mm].
    ages_day : (N, 2, COHORTS)
        Age at which each cohort is looked at [d].
    site_loss_now, site_loss_settled, site_block : (N, 2, S)
        Hazard of axon loss by today and by the day before which muscle responses are gone; block today [-].
    site_slowing : (N, 2, S)
        Relative rise of conduction time over each site today [-].
    distal_slowing, distal_block : (N, 2)
        Slowing and block of the motor terminals of the longest fibres today [-].
    distal_slowing_sensory, distal_block_sensory : (N, 2)
        The same of sensory terminals [-].
    distal_power : (N,)
        Power of fibre length of the length-dependent process [-].
    process_done : (N,)
        How much of what begins on day 0 has been done by today, above 1 where it goes on [0..].
    beside_done : (N,) or None
        The same of a second disease, from its own day 0.
    """

    motor_surviving: jax.Array
    sensory_surviving: jax.Array
    sensory_regrown: jax.Array
    motor_conducting: jax.Array
    sensory_conducting: jax.Array
    sensory_conducting_small: jax.Array
    reflex_afferent: jax.Array
    reflex_afferent_cut: jax.Array
    motor_stump_mm: jax.Array
    skin_stump_mm: jax.Array
    ages_day: jax.Array
    site_loss_now: jax.Array
    site_loss_settled: jax.Array
    site_block: jax.Array
    site_slowing: jax.Array
    distal_slowing: jax.Array
    distal_block: jax.Array
    distal_slowing_sensory: jax.Array
    distal_block_sensory: jax.Array
    distal_power: jax.Array
    process_done: jax.Array
    beside_done: jax.Array | None = None


def plexus_shares(table: Float32s, plexus_type: jax.Array) -> jax.Array:
    """Return the root shares of each patient and side.

    Shape (N, 2, P) [0..1]; a mixture that changes smoothly with `plexus_type`.
    """
    # Three types of plexus, but mixed smoothly: a switch would leave inference without a slope between them.
    early = jax.nn.sigmoid((-plexus_type.T - 1.1) / 0.15)
    late = jax.nn.sigmoid((plexus_type.T - 1.1) / 0.15)
    # Without a barrier XLA works shared values out anew in each loop that reads them; see `paths`.
    early, late = materialise(early, late)
    rows = [jnp.asarray(row)[:, None, None] for row in table]
    return materialise(early * rows[0] + (1.0 - early - late) * rows[1] + late * rows[2])[0].T


def _bundles() -> tuple[_Bundle, ...]:
    a = _ANATOMY
    motor = _bundle(a.motor_muscle, a.motor_share, a.motor_incidence, a.motor_distance_mm, a.motor_length_mm)
    beyond = a.skin_incidence_postganglionic
    skin = _bundle(a.skin_nerve, a.skin_share, beyond, a.skin_distance_mm, a.skin_length_mm)
    to_cord = a.skin_incidence_preganglionic
    before = _bundle(a.skin_nerve, a.skin_share, to_cord, a.skin_distance_mm, a.skin_length_mm)
    felt = _bundle(a.skin_nerve, a.skin_share, beyond + to_cord, a.skin_distance_mm, a.skin_length_mm)
    arc = _bundle(a.arc_reflex, a.arc_share, a.arc_incidence, a.arc_distance_mm, a.arc_length_mm)
    in_canal = np.array([site.startswith(("dorsal-root", "ganglion")) for site in a.sites])
    to_canal = a.arc_incidence * in_canal[:, None]
    arc_before = _bundle(a.arc_reflex, a.arc_share, to_canal, a.arc_distance_mm, a.arc_length_mm)
    return motor, skin, before, felt, arc, arc_before


_MOTOR, _SKIN, _BEFORE, _FELT, _ARC, _ARC_BEFORE = _bundles()


class _Process(NamedTuple):
    """Damage of one disease on its way: hazards by site and cohort limit, and the length-dependent part;
    patients last.
    """

    loss: tuple[jax.Array, ...]  # by level, (S, K, 2, N)
    distal: jax.Array  # (K, 2, N)
    distal_power: jax.Array  # (N,)
    old: jax.Array  # (N,)
    old_power: jax.Array  # (N,)
    height_cm: jax.Array  # (N,)
    sensory_ratio: jax.Array  # (N,)

    def loss_at(self, cohort: int) -> jax.Array:
        """Return the hazard at one cohort limit, (S, 2, N) [-]."""
        return jnp.concatenate([loss[:, cohort] for loss in self.loss])

    def ratio(self, sensory: bool) -> jax.Array | float:
        """Return how much the sites do to sensory or to motor fibres, (N,) [-]."""
        return self.sensory_ratio if sensory else 1.0


_Processes = tuple[_Process, ...]
"""One for every disease that is at work; hazards of all of them add up."""


def _added(processes: Iterable[T], of: Callable[[T], jax.Array]) -> jax.Array:
    """Return the sum of something over diseases."""
    return functools.reduce(operator.add, [of(process) for process in processes])


def _by_length(process: _Process, length_mm: Float32s) -> tuple[jax.Array, jax.Array]:
    """Return how the length-dependent process and the old one strike each path, shapes (P, N) [-]."""
    length = jnp.asarray(length_mm)
    share = length_share(length, process.height_cm, process.distal_power).T
    old = process.old * length_share(length, process.height_cm, process.old_power).T
    share, old = materialise(share, old)
    return share, old


def _left(processes: _Processes, paths: _Bundle, sensory: bool = False) -> jax.Array:
    """Return the share of axons of each path not yet cut at each cohort limit, (P, K, 2, N) [0..1].

    What the sites do to sensory fibres is weighed against what they do to motor ones.
    """

    def hazard(process: _Process) -> jax.Array:
        share, old = _by_length(process, paths.length_mm)
        spread = process.distal * share[:, None, None] + old[:, None, None]
        return paths.along(process.loss) * process.ratio(sensory) + spread

    # Hazards are added along the path and turned into a share once: no product of many small shares.
    return jnp.exp(-_added(processes, hazard))


def _stump_mm(processes: _Processes, paths: _Bundle, sensory: bool = False) -> jax.Array:
    """Return the mean distance from the cut to each target, shape (T, 2, N) [mm].

    Sites count by their hazard; what a length-dependent process takes is cut in the last quarter of the
    fibre. Roots have the shares of a normal plexus.
    """

    def along(process: _Process) -> jax.Array:
        share, old = _by_length(process, paths.length_mm)
        return process.distal[0] * share[:, None] + old[:, None]

    loss = _added(processes, lambda process: process.loss_at(0) * process.ratio(sensory)).T
    spread = _added(processes, along)
    by_length = paths.to_targets(spread * paths.share[1][:, None, None])
    length = _mean_length_mm(paths)[:, None, None]
    at_sites, by_sites = product(loss, paths.distance_mm).T, product(loss, paths.incidence).T
    # Where nothing is cut the distance is of no matter, but it must not be 0/0: its slope would be NaN.
    return (at_sites + 0.25 * length * by_length) / jnp.maximum(by_sites + by_length, 1e-6)


def _mean_length_mm(paths: _Bundle) -> Float32s:
    """Return the mean length of the axons of each target, shape (T,) [mm]."""
    by_path = paths.share[1] * paths.length_mm
    return np.concatenate([by_path[slots].sum(axis=0) for slots in paths.slots])[paths.order]


MOTOR_LENGTH_MM: Float32s = _mean_length_mm(_MOTOR)
"""Mean length of the motor axons of each muscle, shape (M,) [mm]."""
SKIN_LENGTH_MM: Float32s = _mean_length_mm(_SKIN)
"""Mean length of the sensory axons of each skin nerve, shape (T,) [mm]."""


def _process(
    person: Person, latents: Latents, lesion_process: LesionProcess, when: jax.Array, time: _Clock
) -> _Process:
    """Return the damage of N patients at the given days, shape of `when` (N, 2, K)."""
    loss, start, when = materialise(
        lesion_process.axon_loss.T[:, None], lesion_process.start_day.T[:, None], when.T
    )
    at_sites, grown = _done(when, (loss, start), time)
    return _Process(
        materialise(*at_sites),
        materialise(lesion_process.distal_loss.T * grown)[0],
        lesion_process.distal_power,
        jnp.zeros_like(person.height_cm),
        lognormal(latents["background_slope"], part("fibres/injury"), "background_power"),
        person.height_cm,
        lesion_process.sensory_ratio,
    )


def _done(
    when: jax.Array, at_sites: tuple[jax.Array, jax.Array], time: _Clock
) -> tuple[tuple[jax.Array, ...], jax.Array]:
    """Return the hazard done at sites, level by level, and the share done of what is length-dependent.

    `at_sites` holds whole hazard and first day, (S, 1, 2, N). The second attack is worked out only where a
    patient has had one.
    """

    def by(clock_of: _Clock) -> tuple[tuple[jax.Array, ...], jax.Array]:
        levels = zip(*(_by_level(field) for field in at_sites), strict=True)
        grown = _share_done(when, jnp.zeros_like(when), clock_of)
        return tuple(whole * _share_done(when, begin, clock_of) for whole, begin in levels), grown

    if time.again_ratio is None:
        return by(time)
    # A cond, not a where: a second attack costs as much as the first, and few batches hold one.
    earliest = time.again_day + jnp.minimum(at_sites[1].min(), 0.0)
    again = jnp.any((time.again_ratio > 0.0) & (earliest < when.max()))
    return cast(
        "tuple[tuple[jax.Array, ...], jax.Array]",
        jax.lax.cond(again, lambda: by(time), lambda: by(time._replace(again_ratio=None))),
    )


def _time_of_cutting(lesion_process: LesionProcess, time: _Clock) -> _Cutting:
    """Return when axons are cut on each side; what is length-dependent begins on day 0."""
    # A hazard too small to matter must not decide on which day cutting begins.
    affected = lesion_process.axon_loss > _LEAST_CUT
    along = (lesion_process.distal_loss > _LEAST_CUT) | ~affected.any(axis=2)
    first = jnp.where(affected, lesion_process.start_day, jnp.inf).min(axis=2)
    last = jnp.where(affected, lesion_process.start_day, -jnp.inf).max(axis=2)
    first = jnp.where(along, jnp.minimum(first, 0.0), first)
    last = jnp.where(along, jnp.maximum(last, 0.0), last) + time.span_day[:, None]
    last = jnp.where(lesion_process.onward_per_year[:, None] > 0.0, FOREVER_DAY, last)
    ratio = jnp.zeros_like(time.span_day) if time.again_ratio is None else time.again_ratio
    # A far day and not infinity, which would turn into NaN in the differences taken of it.
    later = jnp.where(ratio > 0.0, time.again_day, FOREVER_DAY)[:, None]
    return _Cutting(first, last, jnp.maximum(first, 0.0) + later, last + later)


def _time_of_both(first: _Cutting, second: _Cutting, beside: Beside) -> _Cutting:
    """Return when axons are cut by either of two diseases; the second attack is that of the first one.

    What one that was there long before has cut counts as gone before the illness, and dates no cohort.
    """
    began, own = beside.began_day[:, None], beside.lesion_process
    cuts = (own.axon_loss > _LEAST_CUT).any(axis=2) | (own.distal_loss > _LEAST_CUT)
    new = cuts & (began > -_LONG_BEFORE_DAY)
    begin = jnp.where(new, jnp.minimum(first.begin_day, second.begin_day + began), first.begin_day)
    end = jnp.where(new, jnp.maximum(first.end_day, second.end_day + began), first.end_day)
    return first._replace(begin_day=begin, end_day=end)


def axon_state(
    person: Person,
    latents: Latents,
    lesion_process: LesionProcess,
    day: jax.Array,
    treatment: Treatments | None = None,
) -> AxonState:
    """Return the axons of N patients on a day.

    Shares of axons, in [0, 1]; the loss of one path is the sum over its sites, never more than all.
    """
    diseases = each(lesion_process, day)
    clocks = _clocks(lesion_process, latents, treatment)
    cutting = _time_of_cutting(lesion_process, clocks[0])
    if lesion_process.beside is not None:
        second = _time_of_cutting(diseases[1][0], clocks[1])
        cutting = _time_of_both(cutting, second, lesion_process.beside)
    limits = _cohort_limits(latents, day, cutting)
    old = background_hazard(person, latents, _worn_years(person, latents, day, treatment), day)
    on_their_days = [
        _process(person, latents, own, own_day[:, None, None] - limits, time)
        for (own, own_day), time in zip(diseases, clocks, strict=True)
    ]
    processes = (on_their_days[0]._replace(old=old), *on_their_days[1:])
    ages = _cohort_ages(limits, day, cutting)
    standing = [_standing(*one, time) for one, time in zip(diseases, clocks, strict=True)]
    block = _added(standing, lambda one: one.block)
    motor = plexus_shares(_MOTOR.share, latents["plexus_type"]).T[:, None] * _left(processes, _MOTOR)
    motor = materialise(motor)[0]
    passed = jnp.exp(-(_MOTOR.along(_by_level(block)) + _blocked_ends(processes, standing)))
    # Reflexes and feeling ask for today alone: the other cohorts are not carried through their sums.
    today = tuple(
        process._replace(loss=tuple(loss[:, :1] for loss in process.loss), distal=process.distal[:1])
        for process in processes
    )
    arc, reflex_afferent_cut = _afferents(today, latents, block)
    skin, stump = _skin_left(processes, latents), _stump_mm(processes, _SKIN, sensory=True)
    back = _skin_back(skin, stump, ages, _growth(latents, lesion_process))
    # Guarded for whole nerves; what has grown back is zero there too.
    share_back = materialise(back / jnp.maximum(1.0 - skin[:, 0], 1e-6))[0]
    felt, felt_small = _felt(today, standing, share_back)
    background = _background_slowing(processes[0])
    fields = {
        "motor_surviving": _MOTOR.to_targets(motor),
        "sensory_surviving": skin,
        "sensory_regrown": back,
        "motor_conducting": _MOTOR.to_targets(materialise(motor[:, 0] * passed)[0]),
        "sensory_conducting": felt,
        "sensory_conducting_small": felt_small,
        "reflex_afferent": arc,
        "reflex_afferent_cut": reflex_afferent_cut,
        "motor_stump_mm": _stump_mm(processes, _MOTOR),
        "skin_stump_mm": stump,
        "ages_day": ages.T,
        "site_loss_now": _added(processes, lambda process: process.loss_at(0)),
        "site_loss_settled": _added(processes, lambda process: process.loss_at(1)),
        "site_block": block,
        "site_slowing": _added(standing, lambda one: one.slowing),
        "distal_slowing": _added(standing, lambda one: one.distal_slowing) + background,
        "distal_block": _added(standing, lambda one: one.distal_block),
        "distal_slowing_sensory": _added(standing, lambda one: one.distal_slowing * one.sensory_terminals)
        + background,
        "distal_block_sensory": _added(standing, lambda one: one.distal_block * one.sensory_terminals),
        "distal_power": _power_of_ends(lesion_process),
        "process_done": standing[0].grown,
    }
    # One barrier around all: the fields are read by many stations, and fused into each they would be redone.
    if lesion_process.beside is not None:
        fields["beside_done"] = standing[1].grown
    once = materialise(*fields.values())
    return AxonState(**{name: field.T for name, field in zip(fields, once, strict=True)})


class _Standing(NamedTuple):
    """What one disease does on a day that may pass again, and how far it has come; patients last."""

    block: jax.Array  # (S, 2, N)
    slowing: jax.Array  # (S, 2, N)
    distal_block: jax.Array  # (2, N)
    distal_slowing: jax.Array  # (2, N)
    sensory_terminals: jax.Array  # (N,)
    small_fibre: jax.Array  # (N,)
    grown: jax.Array  # (N,)


def _standing(lesion_process: LesionProcess, day: jax.Array, time: _Clock) -> _Standing:
    """Return what one disease does on a day of its own clock."""
    start, height = materialise(lesion_process.start_day.T, lesion_process.block.T)
    recovery = lesion_process.block_recovery_day
    at_sites = materialise(_block_course(day, start, time, recovery))[0]
    terminal = materialise(_block_course(day, jnp.zeros_like(day), time, recovery))[0]
    block, distal_block = materialise(height * at_sites, lesion_process.distal_block.T * terminal)
    grown = materialise(_share_done(day, jnp.zeros_like(day), time))[0]
    return _Standing(
        block,
        materialise(lesion_process.slowing.T)[0] * at_sites,
        distal_block,
        lesion_process.distal_slowing.T * terminal,
        lesion_process.sensory_terminals,
        lesion_process.small_fibre,
        grown,
    )


def _clocks(
    lesion_process: LesionProcess, latents: Latents, treatment: Treatments | None
) -> tuple[_Clock, ...]:
    """Return the clock of every disease."""
    own = _clock(lesion_process, latents, treatment)
    beside = lesion_process.beside
    if beside is None:
        return (own,)
    return own, _clock(beside.lesion_process, latents, treatment, beside.began_day)


def _blocked_ends(processes: _Processes, standing: Sequence[_Standing]) -> jax.Array:
    """Return the hazard of block at the ends of the motor fibres of each path, (P, 2, N) [-]."""
    pairs = zip(processes, standing, strict=True)

    def of(pair: tuple[_Process, _Standing]) -> jax.Array:
        return pair[1].distal_block * _by_length(pair[0], _MOTOR.length_mm)[0][:, None]

    return _added(pairs, of)


def _power_of_ends(lesion_process: LesionProcess) -> jax.Array:
    """Return the power of fibre length of slowing and block at the ends, (N,) [-]: of two diseases the mean,
    each as far as it does any.
    """
    if lesion_process.beside is None:
        return lesion_process.distal_power
    both = (lesion_process, lesion_process.beside.lesion_process)
    done = [(one.distal_slowing + one.distal_block).sum(axis=1) + 1e-6 for one in both]
    powers = [one.distal_power for one in both]
    return (done[0] * powers[0] + done[1] * powers[1]) / (done[0] + done[1])


def _worn_years(person: Person, latents: Latents, day: jax.Array, treatment: Treatments | None) -> jax.Array:
    """Return the wear of vessels by a day under care of glucose, lipids and pressure, shape (N,) [a]."""
    worn = worn_years(person, treatment, day)
    if treatment is None:
        return worn
    before = worn_years(person, None, jnp.zeros_like(day))
    return before + (worn - before) * pressure_ratio(treatment, latents, day)


def _afferents(today: _Processes, latents: Latents, block: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the share of a reflex's afferents that report, and that cut beyond the ganglion, (R, 2, N)."""
    share = plexus_shares(_ARC.share, latents["plexus_type"]).T
    whole = share * _left(today, _ARC)[:, 0]
    in_canal = _added(today, lambda process: _ARC_BEFORE.along(_by_level(process.loss_at(0))))
    before = share * jnp.exp(-in_canal)
    passed = jnp.exp(-_ARC.along(_by_level(block)))
    whole, cut = materialise(whole * passed, jnp.maximum(before - whole, 0.0) * passed)
    return _ARC.to_targets(whole), _ARC.to_targets(cut)


def _background_slowing(process: _Process) -> jax.Array:
    """Return how much the old loss by diabetes and age has slowed the longest fibres, shape (N,) [-]."""
    return part("fibres/injury").value("background_slowing") * process.old


def _skin_left(processes: _Processes, latents: Latents) -> jax.Array:
    """Return the share of sensory axons beyond the ganglion not yet cut, shape (T, K, 2, N) [0..1]."""
    share = plexus_shares(_SKIN.share, latents["plexus_type"]).T
    return _SKIN.to_targets(materialise(share[:, None] * _left(processes, _SKIN, sensory=True))[0])


def _skin_back(skin: jax.Array, stump: jax.Array, ages: jax.Array, growing: _Growth) -> jax.Array:
    """Return the share of axons of each skin nerve that have grown back, (T, K, 2, N) to (T, 2, N) [0..1]."""
    # Survival never rises, but in single precision the difference of two cohorts may fall below zero.
    cut = jnp.maximum(skin[:, 1:] - skin[:, :-1], 0.0)
    arrived = _regrown_share(ages.T[:-1], stump[:, None], growing)
    # Added one after the other in a vectorised loop; a reduction over so short an axis is not one.
    return functools.reduce(operator.add, [(cut * arrived)[:, k] for k in range(cut.shape[1])])


def _felt(
    today: _Processes, standing: Sequence[_Standing], share_back: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Return the share of large and small fibres of each path that reach the cord, (Q, 2, N).

    What was cut beyond the ganglion and has grown back to the skin, `share_back` (T, 2, N), is felt again;
    what was cut before it never reaches the cord.
    """
    both = list(zip(today, standing, strict=True))

    def cut(process: _Process) -> jax.Array:
        reach, old = _by_length(process, _FELT.length_mm)
        by_length = process.distal[0] * reach[:, None] + old[:, None]
        return _SKIN.along(_by_level(process.loss_at(0))) * process.sensory_ratio + by_length

    def stopped(one: tuple[_Process, _Standing]) -> jax.Array:
        before = _BEFORE.along(_by_level(one[0].loss_at(0))) + _FELT.along(_by_level(one[1].block))
        return before * one[0].sensory_ratio

    def small_lost(one: tuple[_Process, _Standing]) -> jax.Array:
        return (one[1].small_fibre * one[1].grown) * _by_length(one[0], _FELT.length_mm)[0]

    beyond = jnp.exp(-_added(today, cut))
    at_skin = beyond + (1.0 - beyond) * share_back[_ANATOMY.skin_nerve]
    felt, small = at_skin * jnp.exp(-_added(both, stopped)), jnp.exp(-_added(both, small_lost))
    felt, small = materialise(felt, small)
    return felt, felt * small[:, None]
