"""How likely the findings of a patient are in virtual patients, the day of the visit among them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cache, lru_cache
from threading import Lock
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from garland._types import Float32s, Float64s
from garland.evidence import part
from garland.evidence.provenance import note_numbers, numbers_given, remembered
from garland.inference.observations import _Arrays
from garland.model.diseases import DISEASES
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import N_LATENTS, OF_A_LESION, Latents, place_of
from garland.model.patient import Person
from garland.model.simulate import COMPILER, expected_findings, lesions_of, state_with_lesions, with_both
from garland.programs import Compiled, Program
from garland.records import Case

PRECISION_LN = {"exact": 0.03, "about": 0.25, "rough": 0.5}
"""Spread of the true day about the recorded one, on the log scale [-]."""
_LATER_SHARE = 0.5
_SOONEST_DAY = 0.5
_ODDEST = 4.0
_LATEST_DAY, _NOBODY = 3650.0, 1e-30
_ROOT_2PI = 2.5066283


class Timing(NamedTuple):
    """When one visit took place.

    Attributes
    ----------
    first_day : float
        Recorded day of the first visit [d], NaN if unknown.
    precision_ln : float
        Spread of the true day about it on the log scale [-].
    later_day : float
        Days from the first visit to this one [d].
    later_share : float
        The same as a share of the first day, where only the order is known [-].
    """

    first_day: float
    precision_ln: float
    later_day: float
    later_share: float


class _Arrival(NamedTuple):
    """How far the day on which a patient comes speaks for a cause.

    Attributes
    ----------
    power : float
        Power of its likelihood [0..1].
    any_day : float
        Share of patients who come on any day from the first to after ten years, whatever they have [0..1].
    """

    power: float = 1.0
    any_day: float = 0.0


_AS_DRAWN = _Arrival()
"""The day of somebody who comes as virtual patients do."""
UNKNOWN = Timing(float("nan"), 1.0, 0.0, 0.0)
"""The first visit of somebody of whom no day is recorded: drawn from how soon patients come."""


class _Presentation(NamedTuple):
    """When patients with each cause first come, every field of shape (C,).

    Median [d], spread [ln], day before which nobody comes [d], and how far a slow illness is seen late
    [0..1].
    """

    median_day: Float32s
    sd_ln: Float32s
    earliest_day: Float32s
    follows: Float32s


@remembered
def _presentation() -> _Presentation:
    rows = [part(f"causes/{cause.evidence}") for cause in DISEASES]
    others = ("presentation_earliest_day", "presentation_follows_progression")
    tables = (
        [row.value("presentation_day") for row in rows],
        [row.spread("presentation_day") for row in rows],
        *([row.value(name) if name in row else 0.0 for row in rows] for name in others),
    )
    return _Presentation(*[np.array(table, np.float32) for table in tables])


def day_of(timing: Timing, cause: jax.Array, latents: Latents) -> jax.Array:
    """Return the day of the visit for N patients.

    Days since the first symptom, shape (N,) [d].
    """
    median, sd, earliest, follows = (jnp.asarray(table)[cause] for table in _presentation())
    z = latents["presentation"]
    slow = follows * latents["progression"] + jnp.sqrt(1.0 - follows**2) * z
    drawn = earliest + (median - earliest) * jnp.exp(sd * slow)
    stated = timing.first_day * jnp.exp(timing.precision_ln * z)
    first = jnp.where(jnp.isnan(timing.first_day), drawn, jnp.nan_to_num(stated))
    return jnp.maximum(first, 0.5) * (1.0 + timing.later_share) + timing.later_day


def _coming(
    timing: Timing, cause: _Hypothesis, vectors: Float32s, arrival: _Arrival = _AS_DRAWN
) -> tuple[Float64s, Float64s]:
    """Return how likely patients of a cause first come on the recorded day, and by how much they miss it."""
    if np.isnan(timing.first_day):
        return np.zeros(len(vectors)), np.zeros(len(vectors))
    median, sd, earliest, follows = (float(table[_presenting(cause)]) for table in _presentation())
    latents = Latents(vectors)  # type: ignore[arg-type]
    progression, stated = np.asarray(latents["progression"]), np.asarray(latents["presentation"])
    day = np.maximum(timing.first_day * np.exp(timing.precision_ln * stated), 0.5)
    since = np.maximum(day - earliest, _SOONEST_DAY)
    own_sd = sd * np.sqrt(1.0 - follows**2)
    away = (np.log(since / (median - earliest)) - sd * follows * progression) / own_sd
    away = np.clip(away, -_ODDEST, _ODDEST)
    usual = np.log1p(-arrival.any_day) - np.log(own_sd * _ROOT_2PI) + np.log(day / since)
    anyhow = np.log(max(arrival.any_day, _NOBODY) / np.log(_LATEST_DAY))
    likelihood = np.logaddexp(usual - 0.5 * away**2, anyhow)
    missed = np.sign(away) * np.sqrt(2.0 * np.maximum(np.logaddexp(usual, anyhow) - likelihood, 0.0))
    return arrival.power * likelihood, np.sqrt(arrival.power) * missed


def _timings(case: Case) -> tuple[Timing, ...]:
    """Return when each visit of a case took place, as far as the record says."""
    days = [visit.day_since_onset for visit in case.visits]
    first = days[0]
    if first is None and case.history.age_at_onset_years is not None and case.person.age_years is not None:
        first = max(365.0 * (case.person.age_years - case.history.age_at_onset_years), 1.0)
    precision = PRECISION_LN.get(case.visits[0].day_precision or "about", 0.15)
    rows: list[Timing] = []
    later, unknown = 0.0, 0
    for day in days:
        if day is not None and first is not None:
            later, unknown = max(float(day - first), later), 0
        elif day is None and rows:
            unknown += 1
        rows.append(
            Timing(float("nan") if first is None else float(first), precision, later, _LATER_SHARE * unknown)
        )
    return tuple(rows)


class _Pair(NamedTuple):
    """Two diseases at once, a hypothesis of its own.

    The chance of a patient who has both is that of two patients side by side, of whom the second lends no
    more than a lesion (`latents.OF_A_LESION`).

    Attributes
    ----------
    first, second : int
        Index of the cause that brings the patient, and of the other one.
    since_long : bool
        Whether the second was there long before; else both began at once.
    """

    first: int
    second: int
    since_long: bool


_Hypothesis = int | _Pair
"""What a patient may have: one cause, by its index, or two."""


def _presenting(hypothesis: _Hypothesis) -> int:
    """Return the index of the cause that brings the patient."""
    return hypothesis.first if isinstance(hypothesis, _Pair) else hypothesis


def _diseases_in(hypothesis: _Hypothesis) -> int:
    """Return how many diseases a patient has, each with its own latents [-]."""
    return 2 if isinstance(hypothesis, _Pair) else 1


_HALF_LOG_2PI = 0.9189385
_FAR = 1e6
_TINY = 1e-9
_ONE_THREAD: dict[str, str | int | bool] = {"xla_cpu_multi_thread_eigen": False}
"""Several causes are worked on at once: products shared out over processors as well make each wait."""


def _by_observation(expected: NDArray[np.floating[Any]], seen: _Arrays) -> Float64s:
    """Return the log likelihood of each observation where this is expected, (N, F) to (N, O)."""
    return _by_entry(np.asarray(expected[:, seen.column], np.float64), seen)


def _by_entry(at: Float64s, seen: _Arrays) -> Float64s:
    """Return the log likelihood of each observation where entries are expected so, (N, E) to (N, O)."""
    each = np.empty(at.shape)
    number = seen.measured
    away = (seen.low[number] - at[:, number]) / seen.sd[number]
    each[:, number] = np.exp(-0.5 * np.minimum(away * away, 160.0) - _HALF_LOG_2PI) / seen.sd[number]
    word, absent = ~number, seen.absent[~number]
    below = (seen.low[word] - at[:, word]) / seen.sd[word]
    above = (seen.high[word] - at[:, word]) / seen.sd[word]
    # The tail is taken on the side where it is exact.
    flip = below > 0.0
    inside = ndtr(np.where(flip, -below, above)) - ndtr(np.where(flip, -above, below))
    each[:, word] = np.maximum(inside, 0.0) * (1.0 - absent) + absent
    return _with_slips(each, seen)


def _with_slips(entries: Float64s, seen: _Arrays) -> Float64s:
    """Return the log likelihood of each observation from that of its entries, (..., E) to (..., O), slips and
    its power counted.
    """
    held = seen.summed(entries * seen.share)
    if len(seen.more):
        together = np.exp(seen.summed(np.log(np.maximum(entries, 1e-12))))
        held = np.where(seen.every, together, held)
    return np.asarray(seen.power * np.log((1.0 - seen.slip) * held + seen.slip * seen.contamination))


def _residuals(at: Float64s, each: Float64s, seen: _Arrays) -> Float64s:
    """Return how far every observation is from its best: the signed root of twice the log likelihood
    missed.
    """
    within = 2.0 * ndtr(0.5 * (seen.high - seen.low) / seen.sd) - 1.0
    peak = np.where(seen.measured, np.exp(-_HALF_LOG_2PI) / seen.sd, within)
    best = _with_slips(peak, seen)
    # A word without an upper end is exceeded by nothing; the centre decides the sign alone.
    low, high = np.clip(seen.low, -_FAR, _FAR), np.clip(seen.high, -_FAR, _FAR)
    side = seen.summed(np.sign(at - 0.5 * (low + high)))
    missed = np.sqrt(2.0 * np.maximum(best - each, 0.0) + _TINY)
    return np.where(side < 0.0, -missed, missed)


def _lesions(person: Person, cause: jax.Array, vector: jax.Array) -> tuple[Person, LesionProcess]:
    """Return N patients of a cause, whole, and what it does to them."""
    return lesions_of(person, cause, Latents(vector))


def _visit(
    person: Person,
    lesion_process: LesionProcess,
    cause: jax.Array,
    vector: jax.Array,
    timing: Timing,
    numbers: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """Return what N patients show at one visit, patients last: expected findings (F, N), and the share of
    axons cut or blocked at each site, (S, 2, N) [0..1]; where numbers in doubt have these values (K,).
    """
    latents = Latents(vector)
    with numbers_given(dict(zip(_in_doubt(), numbers, strict=True))):
        state = state_with_lesions(person, lesion_process, cause, latents, day_of(timing, cause, latents))
        lost = 1.0 - jnp.exp(-(state.fibres.site_loss_now + state.fibres.site_block))
        return expected_findings(state).T, lost.T


@remembered
def _in_doubt() -> tuple[str, ...]:
    """Return where the numbers stand that the program of a visit takes as arguments."""
    return tuple(part("inference/uncertain").table("numbers"))


def _as_now() -> Float32s:
    """Return the values of the numbers in doubt that the evidence has now, (K,)."""
    split = (path.rpartition(".") for path in _in_doubt())
    return np.array([part(where).value(name) for where, _, name in split], np.float32)


@cache
def _compiled() -> tuple[Compiled, Compiled]:
    """Return the compiled `_lesions` and `_visit`: apart, for only the first tells causes apart."""
    options = {**COMPILER, **_ONE_THREAD}
    return (
        Compiled(_lesions, name="causes", compiler_options=options),
        Compiled(_visit, name="visit", compiler_options=options),
    )


@cache
def prepare_programs() -> tuple[Program, Program]:
    """Return the programs of a consult, of causes and of a visit: loaded at once, or compiled where there
    are none yet.
    """
    person = Person(*[np.full((), np.nan, np.float32)] * len(Person._fields))  # type: ignore[arg-type]
    vectors, cause = np.zeros((CHUNK, N_LATENTS), np.float32), np.int32(0)
    # Every cause tells of the same shapes: one of them is traced where all would take a second.
    shapes = jax.eval_shape(lambda *known: _lesions(known[0], 0, known[1]), person, vectors)  # type: ignore[arg-type]
    whole, lesion_process = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), shapes)
    causes, visit = _compiled()
    shown = (whole, lesion_process, cause, vectors, UNKNOWN, _as_now())
    with ThreadPoolExecutor(2) as pool:
        started = (
            pool.submit(copy_context().run, causes.ready, person, cause, vectors),
            pool.submit(copy_context().run, visit.ready, *shown),
        )
        one, other = (job.result() for job in started)
    return one, other


@cache
def prepare_second() -> Program:
    """Return the program of a visit of patients with two diseases, which few records ask for."""
    person = Person(*[np.full((), np.nan, np.float32)] * len(Person._fields))  # type: ignore[arg-type]
    vectors, cause, began = np.zeros((CHUNK, N_LATENTS), np.float32), np.int32(0), jnp.zeros(CHUNK)
    lesions = prepare_programs()[0].run(person, cause, vectors)
    both = with_both(lesions, lesions, (0, 0), began)
    return _compiled()[1].ready(*both, cause, vectors, UNKNOWN, _as_now())


_Shown = list[tuple[jax.Array, jax.Array]]
"""What is shown at each visit: findings (F, N), and what is lost at the sites (S, 2, N)."""
CHUNK = 64
"""Patients evaluated in one call: few enough for the processor's cache, the same for every case [-]."""
_AHEAD = 2
"""Chunks begun before the first of them is read [-]."""


@dataclass
class _Problem:
    """What was found in one patient, ready for the model.

    Attributes
    ----------
    person : Person
        Scalars, NaN where unknown.
    timings : tuple of Timing
        When each visit was.
    seen : tuple of Arrays
        Observations of each visit; visits without any are left out.
    came : Timing
        When the patient first came, which speaks for some causes.
    arrival : _Arrival
        How far that day counts.
    real : bool
        Whether the cause may be none of the list.
    evaluated : int
        Virtual patients evaluated so far [-].
    """

    person: Person
    timings: tuple[Timing, ...]
    seen: tuple[_Arrays, ...]
    came: Timing = UNKNOWN
    arrival: _Arrival = _AS_DRAWN
    real: bool = False
    evaluated: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def log_likelihood(self, cause: _Hypothesis, vectors: Float32s) -> tuple[Float64s, Float64s]:
        """Return the log likelihood of N patients of a cause and the residuals behind it.

        Log likelihood, shape (N,) [nat], and residuals, shape (N, R) [-].
        """
        total, away = _coming(self.came, cause, vectors, self.arrival)
        columns = [away[:, None]]
        wanted = [seen.column for seen in self.seen]
        for at, seen in zip(self._shown(cause, vectors, wanted), self.seen, strict=True):
            each = _by_entry(at, seen)
            total = total + each.sum(axis=1)
            columns.append(_residuals(at, each, seen))
        with self._lock:
            self.evaluated += len(vectors) * max(len(self.seen), 1)
        return total, np.concatenate(columns, axis=1)

    def _shown(
        self, cause: _Hypothesis, vectors: Float32s, wanted: list[NDArray[np.int32]]
    ) -> list[Float64s]:
        """Return some expected findings of N patients, (N, E) for each visit."""
        if not wanted:
            return []
        parts = [
            [found.astype(np.float64).T for found, _ in visits]
            for visits in _in_chunks(self.person, cause, vectors, self.timings, wanted)
        ]
        return [np.concatenate(part) for part in zip(*parts, strict=True)]


def _in_chunks(
    person: Person,
    cause: _Hypothesis,
    vectors: Float32s,
    timings: tuple[Timing, ...],
    wanted: Sequence[NDArray[np.int32] | slice],
) -> Iterator[list[tuple[Float32s, Float32s]]]:
    """Yield what `CHUNK` patients at a time show at each visit, patients last: the findings wanted there,
    and what is lost at the sites.
    """
    begun: deque[tuple[int, list[tuple[jax.Array, jax.Array]]]] = deque()
    begin = _evaluation(person, cause, timings)

    def oldest() -> list[tuple[Float32s, Float32s]]:
        size, shown = begun.popleft()
        return [
            (np.asarray(found)[rows, :size], np.asarray(lost)[..., :size])
            for (found, lost), rows in zip(shown, wanted, strict=True)
        ]

    for start in range(0, len(vectors), CHUNK):
        chunk = vectors[start : start + CHUNK]
        begun.append((len(chunk), begin(chunk)))
        # The next chunk is begun before this one is read: no processor waits for the interpreter.
        if len(begun) == _AHEAD:
            yield oldest()
    while begun:
        yield oldest()


def _evaluation(person: Person, cause: _Hypothesis, timings: tuple[Timing, ...]) -> Callable[..., _Shown]:
    """Return what begins to evaluate up to `CHUNK` patients of a cause, or of two, at every visit, where the
    numbers in doubt have the values of the evidence, or each of some others.
    """
    causes, visit = prepare_programs()
    if isinstance(cause, _Pair):
        visit = prepare_second()
    note_numbers(*causes.paths, *visit.paths)
    known, when = _on_device(*(np.array(fields, np.float32).tobytes() for fields in (person, timings)))
    which = np.asarray(_presenting(cause), np.int32)

    def begin(vectors: Float32s, every: Sequence[Float32s] = (_as_now(),)) -> _Shown:
        filled = np.zeros((CHUNK, vectors.shape[1]), np.float32)
        filled[: len(vectors)] = vectors
        own, other = np.ascontiguousarray(filled[:, :N_LATENTS]), filled[:, N_LATENTS:]
        lesions = causes.run(known, which, own)
        if isinstance(cause, _Pair):
            second = causes.run(known, np.asarray(cause.second, np.int32), _second_alone(filled))
            lesions = with_both(lesions, second, (cause.first, cause.second), _began_day(cause, other))
        return [visit.run(*lesions, which, own, timing, values) for values in every for timing in when]

    return begin


_LENT = np.zeros(N_LATENTS, bool)
for _name in OF_A_LESION:
    _LENT[place_of(_name)] = True


def _second_alone(vectors: Float32s) -> Float32s:
    """Return the chance of patients with two diseases as if they had the second alone, (N, N_LATENTS)."""
    return np.where(_LENT, vectors[:, N_LATENTS:], vectors[:, :N_LATENTS])


def _began_day(pair: _Pair, second: Float32s) -> jax.Array:
    """Return when the second disease began on the clock of the first, (N,) [d]."""
    if not pair.since_long:
        return jnp.zeros(len(second))
    numbers = part("population/two_diseases")
    median, spread = numbers.value("lasting"), numbers.spread("lasting")
    z = np.asarray(Latents(second)["presentation"])  # type: ignore[arg-type]
    return jnp.asarray(-median * np.exp(spread * z), jnp.float32)


@lru_cache(maxsize=16)
def _on_device(person: bytes, timings: bytes) -> tuple[Person, list[Timing]]:
    """Put a person and the days of the visits on the device, once; NaN would be no key of a cache."""
    days = np.frombuffer(timings, np.float32).reshape(-1, len(Timing._fields))
    found: tuple[Person, list[Timing]] = jax.device_put(
        (Person(*np.frombuffer(person, np.float32)), [Timing(*row) for row in days])
    )
    return found


def _seen_in_full(
    problem: _Problem, cause: _Hypothesis, vectors: Float32s
) -> tuple[list[Float64s], list[Float32s], Float32s]:
    """Return what N patients show in full.

    Log likelihood of every observation (N, O) and expected findings (N, F), by visit; share of axons cut or
    blocked at each site at the last visit, (N, 2, S) [0..1].
    """
    expected, lost = _shown_in_full(problem.person, cause, vectors, problem.timings)
    rows = [_by_observation(e, seen) for e, seen in zip(expected, problem.seen, strict=True)]
    return rows, expected, lost


def _shown_in_full(
    person: Person, cause: _Hypothesis, vectors: Float32s, timings: tuple[Timing, ...]
) -> tuple[list[Float32s], Float32s]:
    """Return expected findings (N, F) by visit, and the share lost at each site at the last, (N, 2, S)."""
    every = [slice(None)] * len(timings)
    chunks = list(_in_chunks(person, cause, vectors, timings, every))
    expected = [np.concatenate([visits[v][0].T for visits in chunks]) for v in range(len(timings))]
    lost = np.concatenate([visits[-1][1].T for visits in chunks]) if timings else np.zeros(0, np.float32)
    return expected, lost
