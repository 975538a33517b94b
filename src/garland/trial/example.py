"""One simulated trial in full: who was screened, randomised, lost and analysed, and what it would have
shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from garland.trial.analysis import Curve, _Estimate, _kaplan_meier
from garland.trial.bank import _Bank
from garland.trial.conduct import _conduct, _deal, _Dealt, _visits
from garland.trial.outcomes import _Result, _result, _Seen
from garland.trial.spec import _TrialSpec

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class _Flow:
    """What became of the patients of one arm, each a number of patients [-].

    Attributes
    ----------
    arm : str
        Name of the arm.
    randomised, left, died, seen_last, analysed : int
        Dealt to it; left of their own accord and died before the last visit; seen at the last visit; counted
        in the primary analysis.
    """

    arm: str
    randomised: int
    left: int
    died: int
    seen_last: int
    analysed: int


@dataclass(frozen=True, eq=False)
class _Example:
    """One trial in full.

    Attributes
    ----------
    truth : str
        What treatment truly does in it, by name.
    screened, refused : int, dict of str to int
        Patients screened for this many who enter, and refused by the first reason, on average [-].
    flows : tuple of Flow
        One for each arm.
    curves : dict of str to Curve
        By arm: share with a gain (Kaplan-Meier), or mean of the measure of the outcome at each visit, with
        its 95 % band.
    estimate : Estimate
        The primary analysis.
    rejects : bool
        Whether it finds a difference.
    look : int
        The look at which it ended, from 0.
    """

    truth: str
    screened: int
    refused: dict[str, int]
    flows: tuple[_Flow, ...]
    curves: dict[str, Curve]
    estimate: _Estimate
    rejects: bool
    look: int


def _example(spec: _TrialSpec, bank: _Bank, truth: str, trial: int = 0) -> _Example:
    """Carry out one trial and keep everything that a report of it shows."""
    n = spec.patients
    dealt = _deal(spec, bank, n, trial)
    shown = _visits(bank, truth, dealt)
    found = _result(shown, spec.outcome)
    ended = _conduct(spec, bank, truth, n, trial)
    arms = {arm: dealt.arms == place for place, arm in enumerate(spec.arms)}
    times = n / (bank.screened - sum(bank.refused.values()))
    return _Example(
        truth=truth,
        screened=math.ceil(bank.screened * times),
        refused={reason: round(count * times) for reason, count in bank.refused.items() if count},
        flows=tuple(_flow(arm, at, bank, dealt, found) for arm, at in arms.items()),
        curves={arm: _curve(spec, shown, found, at) for arm, at in arms.items()},
        estimate=ended.estimate,
        rejects=ended.rejects,
        look=ended.look,
    )


def _flow(arm: str, at: Bools, bank: _Bank, dealt: _Dealt, found: _Result) -> _Flow:
    end = bank.days[-1]
    gone = dealt.luck.stays_day[at] < end
    dies = bank.people["death_day"][dealt.rows][at] <= dealt.luck.stays_day[at]
    return _Flow(
        arm=arm,
        randomised=int(at.sum()),
        left=int((gone & ~dies).sum()),
        died=int((gone & dies).sum()),
        seen_last=int(dealt.luck.attends[-1][at].sum()),
        analysed=int(found.known[at].sum()),
    )


def _curve(spec: _TrialSpec, shown: _Seen, found: _Result, at: Bools) -> Curve:
    if spec.outcome.what == "nis-gain":
        return _kaplan_meier(found.value[at], found.event[at])
    measure = {"pain-responder": shown.pain_nrs, "walks-alone": shown.walks, "nis-change": shown.nis}
    values = measure[spec.outcome.what][:, at]
    count = np.maximum(np.isfinite(values).sum(axis=1), 1)
    middle = np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in values])
    spread = np.array([row[np.isfinite(row)].std() for row in values]) / np.sqrt(count)
    return Curve(shown.days, middle, middle - 1.96 * spread, middle + 1.96 * spread)
