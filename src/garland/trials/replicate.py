"""A trial carried out many times: randomised, conducted, analysed, kept batch by batch.

Trial k of a size holds the same patients with the same luck under every truth, so that truths are compared
within trials. Patients of one trial are all different; two trials of one bank share some.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s, Ints
from garland.errors import InputError
from garland.evidence import part
from garland.executors import Job, Row, losses_in_words, resume_jobs
from garland.io import plain
from garland.trials.analysis import (
    _analyse,
    _Estimate,
    _Losses,
    _Luck,
    _luck,
    _Result,
    _result,
    _Seen,
    _seen,
    limits,
)
from garland.trials.potential_outcomes import MEASURES, _Bank, _load
from garland.trials.spec import TrialSpec


def _simple(n: int, parts: Sequence[int], rng: np.random.Generator) -> Ints:
    """Return the arm of each of n patients, dealt one by one, (n,)."""
    share = np.asarray(parts, np.float64) / sum(parts)
    return np.asarray(rng.choice(len(parts), n, p=share), np.int64)


def _blocked(n: int, parts: Sequence[int], size: int, rng: np.random.Generator) -> Ints:
    """Return the arm of each of n patients in permuted blocks, (n,): every whole block is exactly
    balanced.
    """
    if size < 1 or size % sum(parts):
        raise ValueError(f"a block of {size} does not divide by {sum(parts)} parts")
    block = np.repeat(np.arange(len(parts)), np.asarray(parts) * (size // sum(parts)))
    dealt = rng.permuted(np.tile(block, (-(-n // size), 1)), axis=1)
    return np.asarray(dealt.reshape(-1)[:n], np.int64)


def _stratified(strata: Ints, parts: Sequence[int], size: int, rng: np.random.Generator) -> Ints:
    """Return the arm of each of n patients in permuted blocks within each stratum, (n,)."""
    arms = np.empty(len(strata), np.int64)
    for stratum in np.unique(strata):
        at = strata == stratum
        arms[at] = _blocked(int(at.sum()), parts, size, rng)
    return arms


def _strata_of(names: Sequence[str], people: Mapping[str, Float64s], entry: Mapping[str, Float64s]) -> Ints:
    """Return the stratum of each patient, (n,): one number for each combination of the strata named."""
    found = np.zeros(len(next(iter(people.values()))), np.int64)
    for name in names:
        found = 2 * found + _CUTS[name](people, entry)
    return found


_Cut = Callable[[Mapping[str, Float64s], Mapping[str, Float64s]], NDArray[np.bool_]]
_CUTS: Mapping[str, _Cut] = {
    "sex": lambda people, entry: people["male"] > 0.5,
    "diabetes": lambda people, entry: people["diabetes"] > 0.5,
    "age": lambda people, entry: people["age_years"] >= part("trial/conduct").value("age_cut_years"),
    "nis": lambda people, entry: entry["nis"] >= part("trial/conduct").value("nis_cut"),
    "walking": lambda people, entry: entry["walks_alone"] > 0.5,
}


class _Dealt(NamedTuple):
    """Who is in a trial: rows of the bank and arms (n,), in the order of coming, and what luck they have."""

    rows: Ints
    arms: Ints
    luck: _Luck


class _Finding(NamedTuple):
    """What a trial finds when it ends.

    Attributes
    ----------
    rejects : bool
        Whether it finds a difference, in either direction.
    look : int
        The look at which it ended, from 0.
    patients : int
        Patients by then [-].
    estimate : Estimate
        The analysis at that look.
    """

    rejects: bool
    look: int
    patients: int
    estimate: _Estimate


def _deal(spec: TrialSpec, bank: _Bank, n: int, trial: int) -> _Dealt:
    """Draw the patients of one trial and deal them to arms."""
    if n > bank.size:
        raise ValueError(f"a bank of {bank.size} patients is too small for a trial of {n}")
    rng = np.random.default_rng([spec.seed, 43, n, trial])
    rows = rng.choice(bank.size, n, replace=False)
    people = {name: field[rows] for name, field in bank.people.items()}
    losses = _Losses(spec.drop_out_per_year, spec.missed_visits)
    happens = _luck(bank.days, people["death_day"], losses, rng)
    return _Dealt(rows, _arms(spec, bank, rows, rng), happens)


def _arms(spec: TrialSpec, bank: _Bank, rows: Ints, rng: np.random.Generator) -> Ints:
    parts, method = list(spec.allocation.values()), spec.randomisation.method
    if method == "simple":
        return _simple(len(rows), parts, rng)
    if method == "blocked":
        return _blocked(len(rows), parts, spec.block_size, rng)
    people = {name: field[rows] for name, field in bank.people.items()}
    entry = {name: bank.lives[name][0, 0, 0, rows] for name in MEASURES}
    strata = _strata_of(spec.randomisation.strata, people, entry)
    return _stratified(strata, parts, spec.block_size, rng)


def _visits(bank: _Bank, truth: str, dealt: _Dealt) -> _Seen:
    """Return what the visits of a trial show, patients in the order of coming."""
    at = bank.truths.index(truth)
    lives = {name: bank.lives[name][at, dealt.arms, :, dealt.rows].T.astype(np.float64) for name in MEASURES}
    return _seen(bank.days, lives, dealt.luck)


def _conduct(
    spec: TrialSpec, bank: _Bank, truth: str, n: int, trial: int, *, estimate: bool = True
) -> _Finding:
    """Carry out one trial."""
    dealt = _deal(spec, bank, n, trial)
    found = _result(_visits(bank, truth, dealt), spec.outcome)
    bounds = limits(spec.looks.fractions, spec.alpha, spec.looks.spending)
    sizes = [math.floor(fraction * n + 0.5) for fraction in spec.looks.fractions]
    for look, (size, bound) in enumerate(zip(sizes[:-1], bounds, strict=False)):
        now = _looked_at(spec, found, dealt, size, estimate)
        if abs(now.z) >= bound:
            return _Finding(True, look, size, now)
    last = _looked_at(spec, found, dealt, n, estimate)
    return _Finding(abs(last.z) >= bounds[-1], len(bounds) - 1, n, last)


def _looked_at(spec: TrialSpec, found: _Result, dealt: _Dealt, size: int, estimate: bool = True) -> _Estimate:
    """Analyse the first patients of a trial, as a look does once they have all finished."""
    names = list(spec.arms)
    arms = dealt.arms[:size]
    treated = arms == names.index(spec.compared_arm)
    both = treated | (arms == names.index(spec.control_arm))
    held = _Result(*[field[:size][both] for field in found])
    return _analyse(held, treated[both], spec.outcome.what, spec.alpha, estimate)


BATCH = 25
"""Trials that are carried out, and kept, together [-]."""
FIELDS = ("rejects", "look", "patients", "z", "effect", "se", "low", "high")


@dataclass(frozen=True)
class _Workshop:
    """Where and how trials are carried out.

    Attributes
    ----------
    spec : TrialSpec
        The trial on paper.
    folder : Path
        Where the bank and finished batches lie.
    workers : int
        Processes [-].
    """

    spec: TrialSpec
    folder: Path
    workers: int = 1

    @property
    def bank_path(self) -> Path:
        """File of the bank."""
        return self.folder / "bank.npz"


@dataclass(frozen=True, eq=False)
class _Trials:
    """What K trials of one size found.

    Attributes
    ----------
    n : int
        Patients of each [-].
    rejects, look, patients, z, effect, se, low, high : (K,)
        As in `garland.trials.replicate.Finding` and `garland.trials.analysis.Estimate`; NaN: no estimate.
    """

    n: int
    rejects: Float64s
    look: Float64s
    patients: Float64s
    z: Float64s
    effect: Float64s
    se: Float64s
    low: Float64s
    high: Float64s


def _repeat(shop: _Workshop, truth: str, n: int, trials: int, *, estimate: bool) -> _Trials:
    """Carry out many trials; what was done before in this folder is not done again."""
    job = partial(_batch_row, str(shop.bank_path), shop.spec, truth, n, estimate)
    name = f"{truth.replace(' ', '_')}-{n}-{'effects' if estimate else 'tests'}"
    batches = range(math.ceil(trials / BATCH))
    title = f"trials of {n:,} patients, truth {truth}"
    rows = _carried_out(shop, name, job, batches, title)
    columns = {key: _column(rows, key)[:trials] for key in FIELDS}
    return _Trials(n, **columns)


def _carried_out(shop: _Workshop, name: str, job: Job, batches: range, title: str) -> list[Row]:
    """Return the rows of all batches; a lost process or a full disk becomes an error that says what to do."""
    try:
        with losses_in_words():
            return resume_jobs(name, job, batches, folder=shop.folder, workers=shop.workers, title=title)
    except OSError as problem:
        rule = f"cannot be written ({problem.strerror})"
        raise InputError("--out", str(shop.folder), rule, "make room, and run it again to go on") from problem


def _column(rows: list[dict[str, Any]], key: str) -> Float64s:
    values = [math.nan if value is None else float(value) for row in rows for value in row[key]]
    return np.array(values, np.float64)


def _batch_row(path: str, spec: TrialSpec, truth: str, n: int, estimate: bool, batch: int) -> dict[str, Any]:
    """Return what the trials of one batch find, as plain values for a line of JSON."""
    bank = _bank(path)
    numbers = range(batch * BATCH, (batch + 1) * BATCH)
    found = [_plain(_conduct(spec, bank, truth, n, number, estimate=estimate)) for number in numbers]
    return {key: [one[key] for one in found] for key in FIELDS}


def _plain(found: _Finding) -> dict[str, float | int | bool | None]:
    numbers = plain({key: float(value) for key, value in found.estimate._asdict().items()})
    return {"rejects": bool(found.rejects), "look": found.look, "patients": found.patients, **numbers}


@lru_cache(maxsize=2)
def _bank(path: str) -> _Bank:
    return _load(Path(path))
