"""One trial: patients drawn from the bank, dealt to arms, seen, analysed at each look.

Trial k of a size holds the same patients with the same luck under every truth, so that truths are compared
within trials. Patients of one trial are all different; two trials of one bank share some.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.trial.analysis import _analyse, _Estimate
from garland.trial.bank import MEASURES, _Bank
from garland.trial.looks import limits
from garland.trial.outcomes import _Losses, _Luck, _luck, _Result, _result, _Seen, _seen
from garland.trial.randomise import _blocked, _simple, _strata_of, _stratified
from garland.trial.spec import _TrialSpec

Integers = NDArray[np.int64]


class _Dealt(NamedTuple):
    """Who is in a trial: rows of the bank and arms (n,), in the order of coming, and what luck they have."""

    rows: Integers
    arms: Integers
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


def _deal(spec: _TrialSpec, bank: _Bank, n: int, trial: int) -> _Dealt:
    """Draw the patients of one trial and deal them to arms."""
    if n > bank.size:
        raise ValueError(f"a bank of {bank.size} patients is too small for a trial of {n}")
    rng = np.random.default_rng([spec.seed, 43, n, trial])
    rows = rng.choice(bank.size, n, replace=False)
    people = {name: field[rows] for name, field in bank.people.items()}
    losses = _Losses(spec.drop_out_per_year, spec.missed_visits)
    happens = _luck(bank.days, people["death_day"], losses, rng)
    return _Dealt(rows, _arms(spec, bank, rows, rng), happens)


def _arms(spec: _TrialSpec, bank: _Bank, rows: Integers, rng: np.random.Generator) -> Integers:
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
    spec: _TrialSpec, bank: _Bank, truth: str, n: int, trial: int, *, estimate: bool = True
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


def _looked_at(
    spec: _TrialSpec, found: _Result, dealt: _Dealt, size: int, estimate: bool = True
) -> _Estimate:
    """Analyse the first patients of a trial, as a look does once they have all finished."""
    names = list(spec.arms)
    arms = dealt.arms[:size]
    treated = arms == names.index(spec.compared_arm)
    both = treated | (arms == names.index(spec.control_arm))
    held = _Result(*[field[:size][both] for field in found])
    return _analyse(held, treated[both], spec.outcome.what, spec.alpha, estimate)
